"""Placebos by their rules: other names in the place of the legs, and other sides (see :mod:`reference.placebo`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from statistics import median, pstdev
from typing import Any

from deepshock.market import Market
from deepshock.plan import beta, volatility
from deepshock.thesis import Thesis

from .placebo_form import Form, Outcome, instant

TRAITS = ("beta", "log_vol", "log_value")

# In space


@dataclass
class Traits:
    """What an instrument is like before the decision."""

    symbol: str
    beta: float
    log_vol: float
    log_value: float


def traits_of(market: Market, symbol: str, benchmark: str, decided: datetime) -> Traits | None:
    """Return the traits of an instrument, None where one of them is not known."""
    slope, vol = beta(market, symbol, benchmark, decided).value, volatility(market, symbol, decided)
    value = value_traded(market, symbol, decided)
    if math.isnan(slope) or not vol > 0.0 or value is None or not value > 0.0:
        return None
    return Traits(symbol, slope, math.log(vol), math.log(value))


def value_traded(market: Market, symbol: str, decided: datetime) -> float | None:
    """Return the median of close x shares traded over the last 60 sessions of which both are known."""
    instrument, series = market.instrument(symbol), market.series(symbol)
    closes = market.sessions(instrument.calendar).closes.tolist()
    values = []
    for ns, price, volume in zip(closes, series.close.tolist(), series.volume.tolist(), strict=True):
        if instant(ns) < decided and not math.isnan(price) and not math.isnan(volume):
            shares = volume / price if instrument.cls == "crypto" else volume
            values.append(price * shares)
    return median(values[-60:]) if len(values) >= 60 else None


def neighbours(form: Form, symbol: str) -> list[str]:
    """Return a leg and the nearest instruments of its kind, other legs among them, the nearest first."""
    thesis, market, at = form.theses[0][0], form.market, form.decided[0]
    own = market.instrument(symbol)
    legs = [leg.symbol for leg in thesis.legs()]
    kept = {str(thesis.benchmark), *([thesis.hedge.beta_to, thesis.hedge.via] if thesis.hedge else [])} - {*legs}
    me = traits_of(market, symbol, str(thesis.benchmark), at)
    if me is None:
        return []
    others = []
    for name in market.symbols():
        one = market.instrument(name)
        same = (one.calendar, one.currency, one.cls) == (own.calendar, own.currency, own.cls)
        if name in kept or not one.tradable or not same:
            continue
        found = traits_of(market, name, str(thesis.benchmark), at)
        if found is not None:
            others.append(found)
    scales = [pstdev([getattr(o, trait) for o in others] or [0.0]) for trait in TRAITS]

    def far(other: Traits) -> float:
        apart = [other.beta - me.beta, other.log_vol - me.log_vol, other.log_value - me.log_value]
        return math.sqrt(sum((d / s) ** 2 for d, s in zip(apart, scales, strict=True) if s > 0.0))

    if sum(other.symbol not in legs for other in others) < 2:
        return []
    return [symbol, *[other.symbol for other in sorted(others, key=far) if other.symbol != symbol][:8]]


def baskets(form: Form) -> list[tuple[str, ...]]:
    """Return every basket: names in the order of the legs, none twice, each set of (name, side, weight) once."""
    legs = form.theses[0][0].legs()
    seen, found = {frozenset((leg.symbol, leg.side, leg.part) for leg in legs)}, []
    for names in product(*(neighbours(form, leg.symbol) for leg in legs)):
        key = frozenset((name, leg.side, leg.part) for name, leg in zip(names, legs, strict=True))
        if len(set(names)) == len(names) and key not in seen:
            seen.add(key)
            found.append(names)
    return found


def basket_words(thesis: Thesis, names: Sequence[str]) -> dict[str, Any]:
    """Return the words that put other names in the place of the legs."""
    legs = thesis.legs()
    named = list(zip(names, legs, strict=True))
    sides = {side: {n: repr(leg.part) for n, leg in named if leg.side == side} for side in (1, -1)}
    tiers = {n: thesis.borrow[leg.symbol] for n, leg in named if leg.symbol in thesis.borrow}
    tiers |= {symbol: tier for symbol, tier in thesis.borrow.items() if symbol not in [leg.symbol for leg in legs]}
    return {"long": sides[1] or None, "short": sides[-1] or None, "versus": None, "borrow": tiers or None}


def scaled(values: Sequence[float]) -> float:
    """Return the root mean square."""
    return math.sqrt(sum(v * v for v in values) / len(values))


# Of sign


def of_sign(form: Form) -> dict[tuple[int, ...], Outcome]:
    """Return what every other choice of sides makes, by the sides of the legs."""
    thesis = form.theses[0][0]
    own = tuple(leg.side for leg in thesis.legs())
    found = {}
    for sides in product((1, -1), repeat=len(own)):
        if sides == own or (thesis.neutral != "none" and len(set(sides)) == 1):
            continue
        words: dict[str, dict[str, str]] = {"long": {}, "short": {}}
        for leg, side in zip(thesis.legs(), sides, strict=True):
            words["long" if side > 0 else "short"][leg.symbol] = repr(leg.part)
        found[sides] = form.run(form.decided, {**{k: v or None for k, v in words.items()}, "versus": None})
    return found

"""Which instruments are like the legs of a thesis: in beta, volatility and size of trading, as known when decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Floats
from deepshock.market import shares_traded
from deepshock.plan import beta, nanoseconds, volatility

if TYPE_CHECKING:
    from deepshock.market import Market

NEAREST = 8
TRADING_DAYS = 60
LEAST_CANDIDATES = 2
FEATURES = ("beta", "volatility", "size of trading")


@dataclass(frozen=True)
class Traits:
    """What an instrument is matched on.

    Parameters
    ----------
    symbol : str
    beta : float
        To the benchmark, from 250 daily returns; see `deepshock.plan.beta`.
    volatility : float
        Standard deviation of 60 daily log returns.
    trading : float
        Median value traded in a session, of the last 60, in its own currency.
    """

    symbol: str
    beta: float
    volatility: float
    trading: float

    @property
    def known(self) -> bool:
        """Whether all three could be computed."""
        return bool(np.isfinite([self.beta, self.volatility, self.trading]).all()) and self.trading > 0.0


@dataclass(frozen=True)
class Pool:
    """The nearest instruments to each leg.

    Parameters
    ----------
    nearest : mapping of str to tuple of Traits
        By leg, the nearest first: the leg itself, then others, among which may be other legs.
    legs : mapping of str to Traits
    candidates : int
        How many instruments there were to choose from.
    """

    nearest: Mapping[str, tuple[Traits, ...]]
    legs: Mapping[str, Traits]
    candidates: int

    def differences(self) -> dict[str, float]:
        """Return how far the neighbours are from their legs: mean difference of beta, median ratios of the others."""
        near = [(self.legs[leg], other) for leg, found in self.nearest.items() for other in found]
        pairs = [(own, other) for own, other in near if other.symbol not in self.legs]
        return {
            "beta": float(np.mean([other.beta - own.beta for own, other in pairs])),
            "volatility": float(np.median([other.volatility / own.volatility for own, other in pairs])),
            "size of trading": float(np.median([other.trading / own.trading for own, other in pairs])),
        }


def traits(market: Market, symbol: str, benchmark: str, at: datetime) -> Traits:
    """Return what an instrument was like, as known at an instant: from closes strictly before it."""
    sessions, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    known = sessions.closes < nanoseconds(at)
    value = (series.close * shares_traded(series, market.instrument(symbol)))[known]
    value = value[np.isfinite(value)][-TRADING_DAYS:]
    traded = float(np.median(value)) if len(value) == TRADING_DAYS else float("nan")
    return Traits(symbol, beta(market, symbol, benchmark, at).value, volatility(market, symbol, at), traded)


def pool(
    market: Market, legs: Sequence[str], taken: Sequence[str], benchmark: str, at: datetime, nearest: int = NEAREST
) -> Pool | str:
    """Find the nearest instruments to each leg.

    Parameters
    ----------
    market : Market
    legs : sequence of str
    taken : sequence of str
        What no placebo may hold: the hedge, the benchmark.
    benchmark : str
    at : datetime
        Nothing after it is looked at.
    nearest : int

    Returns
    -------
    Pool or str
        Why there is none. Candidates trade on the leg's venue in its currency and are of its class (a share is not
        matched with a fund); the distance is Euclidean in beta, log volatility and log trading, each over its standard
        deviation among them.

    Notes
    -----
    The legs are candidates too. That the thesis chose these names of all that are alike is what is judged, and each
    other choice has to be possible, those included that share some names with it: baskets of the others alone would
    have most names in common with each other and none with the legs, so that the legs would stand out too often.
    """
    own = {leg: traits(market, leg, benchmark, at) for leg in legs}
    if unknown := [leg for leg, found in own.items() if not found.known]:
        return f"beta, volatility or trading of {', '.join(unknown)} cannot be computed before the decision"
    names = _candidates(market, own, taken, benchmark, at)
    found = {}
    for leg in legs:
        instrument = market.instrument(leg)
        kind = (instrument.calendar, instrument.currency, instrument.cls)
        others = sum(one.symbol not in own for one in names[kind])
        if others < LEAST_CANDIDATES:
            what = f"{leg} ({', '.join(kind)})"
            return f"the data have {others} other instruments like {what}, and {LEAST_CANDIDATES} are needed"
        found[leg] = _nearest(own[leg], names[kind], nearest)
    return Pool(found, own, sum(map(len, names.values())) - len(own))


def _candidates(
    market: Market, own: Mapping[str, Traits], taken: Sequence[str], benchmark: str, at: datetime
) -> dict[tuple[str, str, str], list[Traits]]:
    """Return the traits of the legs and of all that may be held instead, by venue, currency and class."""
    kinds = {(i.calendar, i.currency, i.cls) for i in map(market.instrument, own)}
    found: dict[tuple[str, str, str], list[Traits]] = {kind: [] for kind in kinds}
    for symbol in sorted({*market.symbols(), *own}):
        instrument = market.instrument(symbol)
        kind = (instrument.calendar, instrument.currency, instrument.cls)
        if kind not in kinds or not instrument.tradable or (symbol in taken and symbol not in own):
            continue
        one = own[symbol] if symbol in own else traits(market, symbol, benchmark, at)
        if one.known:
            found[kind].append(one)
    return found


def _nearest(own: Traits, names: Sequence[Traits], n: int) -> tuple[Traits, ...]:
    """Return a leg, and the nearest ``n`` others."""
    points = np.array([_point(one) for one in names])
    spread = points.std(axis=0)
    away = (points - _point(own)) / np.where(spread > 0.0, spread, 1.0)
    order = np.argsort((away * away).sum(axis=1), kind="stable")
    others = [names[k] for k in order.tolist() if names[k].symbol != own.symbol]
    return (own, *others[:n])


def _point(of: Traits) -> Floats:
    return np.array([of.beta, np.log(of.volatility), np.log(of.trading)])

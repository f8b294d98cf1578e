"""A thesis of ten legs and its placebos in time and space, in three forms; the first of them also as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import deepshock as ds
from common.bars import Bars
from common.charges import plain_costs
from common.clock import once
from common.setting import HOLD
from common.theses import thesis
from deepshock.arrays import Floats, Ints
from deepshock.experiment import Sweep
from deepshock.inference.placebo.dates import dates_of
from deepshock.inference.placebo.form import Form, form_of
from deepshock.inference.placebo.in_space import draw, placebo_in_space, words
from deepshock.inference.placebo.matched import pool
from deepshock.inference.placebo.model import Placebo
from deepshock.plan import nanoseconds

NAMES, YEARS_OF_SESSIONS, WANTED = 40, 756, 100_000
SMALL_SESSIONS, SMALL_WANTED = 220, 300
_AFTER = HOLD + 5  # rows from the event's on
_EVERY = 4  # name is a leg, so that their neighbours differ
_BETAS = 0.6, 1.4

_INSTITUTIONAL: dict[str, Any] = {
    "costs": "institutional", "margin": "reg-t", "fractional": False, "uptick": "passive"
}  # fmt: skip
FORMS = {
    "comparable": "commission and slippage",
    "institutional": "institutional costs with borrow and interest, margin, whole shares, Rule 201",
    "re-derived": "as institutional, with inverse-vol weights and a beta hedge that are found anew at each date",
}


@dataclass(frozen=True, eq=False)
class Trades:
    """Placebos as a peer takes them: each enters at the close of its row and leaves at that of ``HOLD`` rows later.

    Parameters
    ----------
    close : ndarray of shape (n_rows, n_symbols)
    row : ndarray of shape (n,), int64
    column : ndarray of shape (n, n_legs), int64
        Its symbols.
    weight : ndarray of shape (n_legs,)
        Signed, of the value of the account.
    """

    close: Floats
    row: Ints
    column: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.row)

    def some(self, chosen: Ints | slice) -> Trades:
        """Return some of them."""
        return Trades(self.close, self.row[chosen], self.column[chosen], self.weight)

    def save(self, path: Path) -> None:
        """Write them into a file, for another process."""
        np.savez(path, **{name: getattr(self, name) for name in ("close", "row", "column", "weight")})

    @classmethod
    def load(cls, path: str) -> Trades:
        """Read them."""
        with np.load(path) as saved:
            return cls(*(saved[name] for name in ("close", "row", "column", "weight")))


@dataclass(frozen=True, eq=False)
class Scene:
    """A thesis that was run, and how many baskets its placebos take.

    Parameters
    ----------
    bars : Bars
    market : Market
    result : Result
    n_dates, n_baskets : int
        Their product is the number of placebos.
    """

    bars: Bars = field(repr=False)
    market: ds.Market = field(repr=False)
    result: ds.Result = field(repr=False)
    n_dates: int
    n_baskets: int

    @classmethod
    def make(cls, form: str, small: bool) -> Scene:
        """Run the thesis in one of the forms."""
        sessions, wanted = (SMALL_SESSIONS, SMALL_WANTED) if small else (YEARS_OF_SESSIONS, WANTED)
        bars = moved_by_an_index(Bars.make(NAMES + 1, sessions + _AFTER))
        market = bars.market()
        item = thesis("placebo", bars, sessions, _words(bars.symbols, form))
        result = ds.run(item, market, costs=plain_costs() if form == "comparable" else None)
        n_dates = len(dates_of(form_of(result, market), result, market))
        return cls(bars, market, result, n_dates, -(-wanted // n_dates))

    @property
    def n_runs(self) -> int:
        """How many runs there are: the legs themselves and the event are run beside the placebos."""
        return (self.n_dates + 1) * (self.n_baskets + 1)

    def call(self) -> Placebo:
        """Do what a user does."""
        return placebo_in_space(self.result, self.market, baskets=self.n_baskets)

    @cached_property
    def form(self) -> Form:
        """The thesis as it runs at any date."""
        return form_of(self.result, self.market)

    @cached_property
    def baskets(self) -> list[tuple[str, ...]]:
        """The names of each: the thesis's own first."""
        item = self.form.theses[0]
        legs, index = [leg.symbol for leg in item.legs()], str(item.benchmark)
        found = pool(self.market, legs, [index], index, self.form.decided[0])
        if isinstance(found, str):
            raise SystemExit(f"error: {found}")
        return [tuple(legs), *draw(found, legs, item, self.n_baskets, 0)]

    @cached_property
    def over(self) -> dict[Any, list[Any]]:
        """What `call` sweeps: baskets, and when each is decided, at the event first."""
        item, legs = self.form.theses[0], list(self.baskets[0])
        sides = [words(item, legs, names) for names in self.baskets]
        past = dates_of(self.form, self.result, self.market).decided
        at = [self.form.decided[0], *(decided[0] for decided in past)]
        return {("long", "short"): [(one["long"], one["short"]) for one in sides], self.form.paths[0]: at}

    def sweep(self) -> Sweep:
        """Run the same as one sweep, whose rows can be looked at."""
        settings = self.form.settings
        return ds.sweep(self.form.item, self.market, self.over, capital=settings.capital, costs=settings.costs)

    def trades(self) -> Trades:
        """Return the rows of that sweep as arrays."""
        number = {symbol: column for column, symbol in enumerate(self.bars.symbols)}
        column = np.array([[number[name] for name in names] for names in self.baskets])
        known = np.array([nanoseconds(at) for at in self.over[self.form.paths[0]]])
        row = np.searchsorted(self.bars.axis.closes[1:], known, side="right")
        legs = self.form.theses[0].legs()
        weight = np.array([leg.side / len(legs) for leg in legs])  # as long as short
        n_baskets, n_dates = len(column), len(row)
        return Trades(self.bars.close, np.tile(row, n_baskets), np.repeat(column, n_dates, axis=0), weight)


def use(form: str, small: bool) -> float:
    """Make one whole call in a process of its own, and return its seconds, without the thesis's run before it."""
    return once(Scene.make(form, small).call)[0]


def moved_by_an_index(bars: Bars) -> Bars:
    """Return bars of which the first symbol is an index; the others move with it, each with a beta of its own."""
    spans = bars.high / np.maximum(bars.open, bars.close), bars.low / np.minimum(bars.open, bars.close)
    betas = np.append(0.0, np.linspace(*_BETAS, bars.shape[1] - 1))
    open_, close = (prices * (prices[:, :1] / 100.0) ** betas for prices in (bars.open, bars.close))
    return Bars(open_, np.maximum(open_, close) * spans[0], np.minimum(open_, close) * spans[1], close)


def _words(symbols: tuple[str, ...], form: str) -> Mapping[str, Any]:
    """Return five names long and five short, as many as ten."""
    legs = symbols[_EVERY // 2 :: _EVERY]
    found: dict[str, Any] = {
        "long": dict.fromkeys(legs[::2], 1), "short": dict.fromkeys(legs[1::2], 1), "neutral": "dollar",
        "benchmark": symbols[0],
    }  # fmt: skip
    if form != "comparable":
        found |= _INSTITUTIONAL
    if form == "re-derived":
        found |= {"weighting": "inverse-vol", "hedge": {"beta to": symbols[0], "via": symbols[0]}}
    return found

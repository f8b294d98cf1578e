"""The workloads: each as a thesis or book with a grid, and as the plain arrays that a peer takes.

E  event trade: one instrument, 10 events 95 sessions apart, entry lag x hold x stop x target.
B  book: 30 legs, dollar-neutral, cash shared, the same events, weight set x lag x hold x gross.
P  placebo: an entry at each of 1,000 sessions x 200 instruments, hold 20.
S  single: one thesis of 30 legs, one event.

News comes after a close and is traded at the next close: that is the event's row, and ``enter.lag`` counts from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import deepshock as ds
from common import theses
from common.bars import Bars
from common.charges import every_cost, plain_costs
from common.prices import draw_weights
from common.setting import ALL_IN, HOLD, SINGLE_AT
from deepshock.arrays import Floats, Ints
from deepshock.cost import CostSet
from deepshock.experiment.grid import Grid

LAGS, HOLDS = tuple(range(1, 11)), tuple(range(5, 51, 5))
_WIDE = 0.3  # a stop that a few legs in a hundred reach


@dataclass(frozen=True, eq=False)
class Events:
    """E as arrays; lag, hold, stop and target of shape (n_variants,)."""

    bars: Bars
    rows: Ints
    lag: Ints
    hold: Ints
    stop: Floats
    target: Floats


@dataclass(frozen=True, eq=False)
class Baskets:
    """B and S as arrays; weights of shape (n_sets, n_legs), the others of shape (n_variants,)."""

    bars: Bars
    rows: Ints
    weights: Floats
    which: Ints
    lag: Ints
    hold: Ints
    gross: Floats


@dataclass(frozen=True, eq=False)
class Placebo:
    """P as arrays: variant ``symbol * n_sessions + row`` enters at the close of that row."""

    bars: Bars
    hold: int


@dataclass(frozen=True, eq=False)
class Workload:
    """One workload in both forms.

    Parameters
    ----------
    name, title : str
    item : Thesis or Book
    market : Market
    over : mapping
        As of ``deepshock.sweep``; empty for S.
    costs : CostSet
    plain : Events, Baskets or Placebo
        The same variants in the same order.
    sample : int or None
        How many variants are drawn of the grid; None for all.
    """

    name: str
    title: str
    item: ds.Thesis | ds.Book
    market: ds.Market = field(repr=False)
    over: Mapping[Any, Sequence[Any]] = field(repr=False)
    costs: CostSet = field(repr=False)
    plain: Any = field(repr=False)
    sample: int | None = None

    @property
    def grid(self) -> Grid:
        """The variants."""
        return Grid.of(self.over, sample=self.sample)

    @property
    def n_rows(self) -> int:
        """Rows over which a peer takes its Sharpe ratio."""
        return int(self.plain.bars.shape[0])


def event_trade(n_stops: int = 10, n_targets: int = 10, *, n_sessions: int = 1000, all_on: bool = False) -> Workload:
    """Return E: 100 x ``n_stops`` x ``n_targets`` variants, stops up to 10 % and targets up to 20 %."""
    bars = Bars.make(30, n_sessions).column(0)
    over = {
        "enter.lag": LAGS,
        "exit.hold": HOLDS,
        "exit.stop": np.round(np.arange(1, n_stops + 1) * 0.1 / n_stops, 8).tolist(),
        "exit.target": np.round(np.arange(1, n_targets + 1) * 0.2 / n_targets, 8).tolist(),
    }
    rows = _rows(n_sessions)
    grid = Grid.of(over)
    lag, hold, stop, target = _columns(grid)
    words = {"long": {bars.symbols[0]: 1}, "gross": len(rows) * ALL_IN}
    item = theses.account("event", bars, rows, words, all_on=all_on)
    plain = Events(bars, rows, lag.astype(np.int64), hold.astype(np.int64), stop, target)
    title = f"event trade, {len(grid):,} variants"
    return Workload("E", title, item, _market(bars, all_on, 1), over, _costs(all_on), plain)


def book(n_variants: int | None = None, *, n_legs: int = 30, n_sessions: int = 1000, all_on: bool = False) -> Workload:
    """Return B: 10 x 10 x 10 x 10 variants, or some of them."""
    bars = Bars.make(n_legs, n_sessions)
    rows, weights = _rows(n_sessions), draw_weights(n_legs)
    gross = np.arange(1, 11) * 0.1
    over = {
        ("long", "short"): [theses.sides(bars.symbols, signed) for signed in weights],
        "enter.lag": LAGS,
        "exit.hold": HOLDS,
        "gross": (gross * len(rows)).tolist(),
    }
    grid = Grid.of(over, sample=n_variants)
    which, lag, hold, size = (_of_axis(grid, axis) for axis in range(4))
    plain = Baskets(
        bars, rows, weights, which, np.array(LAGS)[lag], np.array(HOLDS)[hold], np.ascontiguousarray(gross[size])
    )
    words = dict(zip(("long", "short"), over["long", "short"][0], strict=True))
    if all_on:
        words["exit"] = {"hold": HOLD, "stop": _WIDE}
    item = theses.account("basket", bars, rows, words, all_on=all_on)
    title = f"book of {n_legs} legs, {len(grid):,} variants"
    return Workload("B", title, item, _market(bars, all_on, 2), over, _costs(all_on), plain, n_variants)


def placebo(n_symbols: int = 200, *, n_sessions: int = 1000, all_on: bool = False) -> Workload:
    """Return P: every session x every instrument."""
    bars = Bars.make(n_symbols, n_sessions)
    over: dict[Any, Sequence[Any]] = {
        "long": [{symbol: 1} for symbol in bars.symbols],
        "source.published": [bars.known_before(row) for row in range(n_sessions)],
    }
    words = {"long": {bars.symbols[0]: 1}, "gross": ALL_IN, "exit": {"hold": HOLD}}
    if all_on:
        words["exit"] = {"hold": HOLD, "stop": _WIDE}
    item = theses.thesis("placebo", bars, 0, words, all_on=all_on)
    title = f"placebo, {n_symbols * n_sessions:,} trades"
    return Workload("P", title, item, _market(bars, all_on, 2), over, _costs(all_on), Placebo(bars, HOLD))


def single() -> Workload:
    """Return S: one variant, of no grid."""
    bars, one = Bars.make(30), np.zeros(1, np.int64)
    plain = Baskets(bars, one + SINGLE_AT, draw_weights(30)[:1], one, one, one + HOLD, np.ones(1))
    title = "one thesis of 30 legs, one event"
    return Workload("S", title, theses.single(bars), bars.market(), {}, plain_costs(), plain)


def _rows(n_sessions: int) -> Ints:
    """Return the rows of the events: ten at most, far enough apart, and from the end, for every trade to be over."""
    return np.arange(50, n_sessions - LAGS[-1] - HOLDS[-1], 95)[:10]


def _of_axis(grid: Grid, axis: int) -> Ints:
    return grid.codes(0, len(grid))[:, axis]


def _columns(grid: Grid) -> list[Floats]:
    """Return the value of each axis for each variant."""
    values = (np.array([value for (value,) in axis.values], np.float64) for axis in grid.axes)
    return [each[_of_axis(grid, axis)] for axis, each in enumerate(values)]


def _market(bars: Bars, all_on: bool, foreign: int) -> ds.Market:
    return bars.market(foreign=foreign, dividends=True) if all_on else bars.market()


def _costs(all_on: bool) -> CostSet:
    return every_cost() if all_on else plain_costs()

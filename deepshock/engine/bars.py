"""One instrument of a run, session by session: its bars, its marks, what borrowing it costs, its ticks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepshock.arrays import BAR, TICK, Floats, Ints, Lendable, Records
from deepshock.cost import CostSet
from deepshock.engine.axes import Axis, Rows
from deepshock.market import TIERS, Ladder, Market, ladders_for


def bars_of(market: Market, axes: Sequence[Axis], rows: Sequence[Rows], row_day: Ints) -> Records:
    """Gather the bars of all instruments; beyond the sessions of one there is no row and no price."""
    bar = np.zeros((len(axes), max(len(axis.days) for axis in axes)), BAR)
    bar["open_row"] = bar["close_row"] = -1
    for name in ("open", "high", "low", "close"):
        bar[name] = np.nan
    for i, axis in enumerate(axes):
        _write_bars(bar[i, : len(axis.days)], market, axis, rows[i], row_day)
    return bar


def _write_bars(bars: Records, market: Market, axis: Axis, rows: Rows, row_day: Ints) -> None:
    """Gather the sessions of one instrument as records; sigma and volume look back beyond the start of the run."""
    series, instrument = market.series(axis.instrument.symbol), axis.instrument
    cut = slice(axis.first, axis.first + len(axis.days))
    known = market.known(instrument.symbol)
    for name in ("open", "high", "low", "close", "later_splits", "halted"):
        bars[name] = getattr(series, name)[cut]
    bars["dividend"] = np.nan_to_num(series.dividend[cut])
    bars["open_row"], bars["close_row"] = rows
    bars["upper"], bars["lower"] = known.upper[cut], known.lower[cut]
    bars["offer_open"] = bars["offer_close"] = -np.inf
    if axis.traded.restricted:
        bars["offer_open"], bars["offer_close"] = known.offer_open[cut], known.offer_close[cut]
    if axis.traded.short:
        bars["lendable"] = _lendable(market, axis)
        bars["recalled"] = market.lending.recalled(instrument.symbol, axis.days)
    bars["final"] = np.nan
    if axis.final is not None:
        last, cash, _ = axis.final
        bars["final"][last] = cash / bars["later_splits"][last]
    bars["sigma"], bars["volume"] = known.sigma[cut], known.volume[cut]
    always = instrument.calendar == "24/7"  # settles on the UTC date of the fill
    bars["settle_open"] = row_day[rows[0]] if always else axis.settle
    bars["settle_close"] = row_day[rows[1]] if always else axis.settle


def _lendable(market: Market, axis: Axis) -> Ints:
    """Say of each session whether files let the instrument be sold short."""
    tier = market.lending.tier(axis.instrument.symbol, axis.days)
    found = np.where(tier < 0, Lendable.UNLISTED, np.where(tier == TIERS.index("none"), Lendable.NO, Lendable.YES))
    if axis.instrument.calendar == "XHKG" and market.lending.has_designated:
        listed = market.lending.designated(axis.instrument.symbol, axis.days)
        found = np.where(listed, found, Lendable.NOT_DESIGNATED)
    return found


def marks(market: Market, axis: Axis, rows: Rows, value_row: Ints) -> Floats:
    """Return the last auction price at or before each valuation row, nan before the first."""
    series, first, n = market.series(axis.instrument.symbol), axis.first, len(axis.days)
    closes = series.close
    opens = np.where(series.halted, np.nan, series.open)  # no auction opened a halted session; its close still marks
    prices, places = np.empty(2 * n), np.empty(2 * n, np.int64)
    prices[0::2], prices[1::2] = opens[first : first + n], closes[first : first + n]
    places[0::2], places[1::2] = rows
    earlier = closes[:first][np.isfinite(closes[:first])]
    seen = np.where(np.isfinite(prices), np.arange(2 * n), -1)
    seen = np.maximum.accumulate(seen)
    filled = np.where(seen >= 0, prices[np.maximum(seen, 0)], earlier[-1] if earlier.size else np.nan)
    at = np.searchsorted(places, value_row, side="right") - 1
    return np.where(at >= 0, filled[np.maximum(at, 0)], earlier[-1] if earlier.size else np.nan)


def borrow_value(market: Market, axis: Axis, days: Ints) -> Floats:
    """Return the value per adjusted share on which each day's borrow is charged.

    It is the last close of a session before the day. In the US, 1.02 x the traded close rounded up to whole dollars;
    elsewhere the close.
    """
    series, sessions = market.series(axis.instrument.symbol), market.sessions(axis.instrument.calendar)
    known = np.isfinite(series.close)
    closes, splits, labels = series.close[known], series.later_splits[known], sessions.days[known]
    if axis.instrument.calendar == "XNYS":
        closes = np.ceil(np.round(1.02 * closes * splits, 9)) / splits
    at = np.searchsorted(labels, days, side="left") - 1
    return np.where(at >= 0, closes[np.maximum(at, 0)], 0.0) if closes.size else np.zeros(len(days))


def borrow_rate(market: Market, axis: Axis, costs: CostSet, days: Ints) -> Floats:
    """Return what a borrow file says that each day's borrow costs a year; nan: nothing, the order's own rate holds.

    A cost set that charges no borrow is not overruled. A tier of none costs an open short what a special does.
    """
    if not axis.traded.short or not any(costs.borrow.values()) or not market.lending.lists(axis.instrument.symbol):
        return np.full(len(days), np.nan)
    rates = np.array([*(costs.borrow["special" if tier == "none" else tier] for tier in TIERS), np.nan])
    named = market.lending.rate(axis.instrument.symbol, days)
    return np.where(np.isnan(named), rates[market.lending.tier(axis.instrument.symbol, days)], named)


def ticks(axes: Sequence[Axis], bar: Records) -> Records:
    """Put all tick ladders into one table and write into each bar which one holds there."""
    ladders: list[Ladder] = []
    for i, axis in enumerate(axes):
        index, mine = ladders_for(axis.instrument, axis.days)
        bar["ladder"][i, : len(axis.days)] = index + len(ladders)
        ladders += mine
    table = np.zeros((len(ladders), max(len(ladder.edges) for ladder in ladders)), TICK)
    table["edge"] = np.inf
    for row, ladder in zip(table, ladders, strict=True):
        row["edge"][: len(ladder.edges)], row["step"][: len(ladder.ticks)] = ladder.edges, ladder.ticks
    return table

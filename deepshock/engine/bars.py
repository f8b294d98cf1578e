"""The instruments of a run, session by session: their bars, their marks, what borrowing them costs, their ticks."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from deepshock.arrays import BAR, TICK, Floats, Ints, Lendable, Records
from deepshock.cost import CostSet
from deepshock.engine.axes import Axis
from deepshock.engine.ground import Ground
from deepshock.market import TIERS, Ladder, Market, ladders_for


def bars_of(market: Market, ground: Ground) -> Records:
    """Gather the bars of all instruments; beyond the sessions of one there is no row and no price."""
    bar = np.take(_shared(ground), ground.place, axis=0)
    for i, axis in enumerate(ground.axes):
        _write_bars(bar[i, : len(axis.days)], market, axis)
    if not np.isfinite(bar["dividend"]).all():
        bar["dividend"] = np.nan_to_num(bar["dividend"])
    return bar


def _shared(ground: Ground) -> Records:
    """Return the bars of each venue, with all that instruments of one venue have in common."""
    bar = np.zeros((len(ground.venues), max(len(venue.days) for venue in ground.venues)), BAR)
    for name in ("open", "high", "low", "close"):
        bar[name] = np.nan
    bar["open_row"] = bar["close_row"] = -1
    for v, (venue, rows) in enumerate(zip(ground.venues, ground.rows, strict=True)):
        bars = bar[v, : len(venue.days)]
        bars["open_row"], bars["close_row"] = rows
        always = venue.calendar == "24/7"  # settles on the UTC date of the fill
        bars["settle_open"], bars["settle_close"] = (
            (ground.row_day[part] if always else venue.settle) for part in rows
        )
        bars["offer_open"] = bars["offer_close"] = -np.inf
        bars["final"] = np.nan
    return bar


def _write_bars(bars: Records, market: Market, axis: Axis) -> None:
    """Gather the sessions of one instrument as records; sigma and volume look back beyond the start of the run."""
    symbol, cut = axis.instrument.symbol, slice(axis.first, axis.first + len(axis.days))
    series, known = market.series(symbol), market.known(symbol)
    for name in ("open", "high", "low", "close", "dividend", "later_splits", "halted"):
        bars[name] = getattr(series, name)[cut]
    for name in ("upper", "lower", "sigma", "volume"):
        bars[name] = getattr(known, name)[cut]
    if axis.traded.restricted:
        bars["offer_open"], bars["offer_close"] = known.offer_open[cut], known.offer_close[cut]
    if axis.traded.short:
        bars["lendable"] = _lendable(market, axis)
        bars["recalled"] = market.lending.recalled(symbol, axis.days)
    if axis.final is not None:
        last, cash, _ = axis.final
        bars["final"][last] = cash / bars["later_splits"][last]


def _lendable(market: Market, axis: Axis) -> Ints:
    """Say of each session whether files let the instrument be sold short."""
    found = np.full(len(axis.days), Lendable.UNLISTED)
    if market.lending.lists(axis.instrument.symbol):
        tier = market.lending.tier(axis.instrument.symbol, axis.days)
        found = np.where(tier < 0, found, np.where(tier == TIERS.index("none"), Lendable.NO, Lendable.YES))
    if axis.instrument.calendar == "XHKG" and market.lending.has_designated:
        listed = market.lending.designated(axis.instrument.symbol, axis.days)
        found = np.where(listed, found, Lendable.NOT_DESIGNATED)
    return found


def marks(market: Market, ground: Ground) -> Floats:
    """Return the last auction price of each instrument at or before each valuation row, nan before the first."""
    at = [np.searchsorted(np.column_stack(rows).ravel(), ground.value_row, side="right") - 1 for rows in ground.rows]
    found = np.empty((len(ground.axes), len(ground.value_row)))
    for i, (axis, v) in enumerate(zip(ground.axes, ground.place, strict=True)):
        found[i] = _marks(market, axis, at[v])
    return found


def _marks(market: Market, axis: Axis, at: Ints) -> Floats:
    """Return the last price at or before some auctions of the run, -1 for the one before the first."""
    begin, end = 2 * axis.first, 2 * (axis.first + len(axis.days))
    prices = market.known(axis.instrument.symbol).auction_price[begin:end]
    there = np.isfinite(prices)
    if there.all() and at[0] >= 0:
        return np.asarray(prices[at])
    closes = market.series(axis.instrument.symbol).close[: axis.first]
    earlier = closes[np.isfinite(closes)]
    seen = np.maximum.accumulate(np.where(there, np.arange(len(prices)), -1))
    last = np.where(at >= 0, seen[np.maximum(at, 0)], -1)
    return np.where(last >= 0, prices[np.maximum(last, 0)], earlier[-1] if earlier.size else np.nan)


def borrow_value(market: Market, ground: Ground) -> Floats:
    """Return the value per adjusted share on which each day's borrow is charged; nil of what is not sold short.

    It is the last close of a session before the day. In the US, 1.02 x the traded close rounded up to whole dollars;
    elsewhere the close.
    """
    before = [
        np.searchsorted(market.sessions(venue.calendar).days, ground.days, side="left") - 1 for venue in ground.venues
    ]
    found = np.zeros((len(ground.axes), len(ground.days)))
    for i, (axis, v) in enumerate(zip(ground.axes, ground.place, strict=True)):
        if axis.traded.short:
            found[i] = _borrow_value(market, axis, before[v])
    return found


def _borrow_value(market: Market, axis: Axis, session: Ints) -> Floats:
    """Return the value of one instrument after each of some sessions of the market's own axis, -1 before the first."""
    series = market.series(axis.instrument.symbol)
    priced = np.maximum.accumulate(np.where(np.isfinite(series.close), np.arange(len(series)), -1))
    last = np.where(session >= 0, priced[np.maximum(session, 0)], -1)
    closes, splits = series.close[np.maximum(last, 0)], series.later_splits[np.maximum(last, 0)]
    if axis.instrument.calendar == "XNYS":
        closes = np.ceil(np.round(1.02 * closes * splits, 9)) / splits
    return np.where(last >= 0, closes, 0.0)


def borrow_rate(market: Market, ground: Ground, costs: CostSet) -> Floats:
    """Return what a borrow file says that each day's borrow costs a year; nan: nothing, the order's own rate holds.

    A cost set that charges no borrow is not overruled. A tier of none costs an open short what a special does.
    """
    found = np.full((len(ground.axes), len(ground.days)), np.nan)
    if not any(costs.borrow.values()):
        return found
    rates = np.array([*(costs.borrow["special" if tier == "none" else tier] for tier in TIERS), np.nan])
    for i, axis in enumerate(ground.axes):
        symbol = axis.instrument.symbol
        if axis.traded.short and market.lending.lists(symbol):
            named = market.lending.rate(symbol, ground.days)
            found[i] = np.where(np.isnan(named), rates[market.lending.tier(symbol, ground.days)], named)
    return found


def ticks(ground: Ground, bar: Records) -> Records:
    """Put all tick ladders into one table and write into each bar which one holds there."""
    ladders: list[Ladder] = []
    placed: dict[Hashable, Ints] = {}
    for i, axis in enumerate(ground.axes):
        one = axis.instrument
        kind = (one.calendar, one.cls, one.band, one.tick)  # those alike have the same ladders
        if kind not in placed:
            index, its = ladders_for(one, axis.days)
            placed[kind] = index + len(ladders)
            ladders += its
        bar["ladder"][i, : len(axis.days)] = placed[kind]
    table = np.zeros((len(ladders), max(len(ladder.edges) for ladder in ladders)), TICK)
    table["edge"] = np.inf
    for row, ladder in zip(table, ladders, strict=True):
        row["edge"][: len(ladder.edges)], row["step"][: len(ladder.ticks)] = ladder.edges, ladder.ticks
    return table

"""The bars of each instrument: paths turned into prices that its venue could have printed."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from deepshock.market.calendar import Days, Floats
from deepshock.market.sample.figures import pins, session_of_event
from deepshock.market.sample.listing import Listing, hours, listings
from deepshock.market.sample.paths import Path, path_of
from deepshock.market.ticks import tick_sizes

_INDEX_TICK = 0.01
_EX_DAY = 8  # dividends go ex on the first session of the month from this day on
_LOT = 100.0  # volumes are whole hundreds


@dataclass(frozen=True, eq=False)
class Table:
    """The bars of one instrument: label dates as days since 1970-01-01, and the numbers of `Bars`.

    All of shape (n_sessions,), read-only.
    """

    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dividend: Floats
    split: Floats

    def __post_init__(self) -> None:
        for column in fields(self):
            getattr(self, column.name).flags.writeable = False


@cache
def bars_of(symbol: str) -> Table:
    """Return all bars of one instrument."""
    listing, path = listings()[symbol], path_of(symbol)
    days = hours(listing.calendar).days
    born = int(np.searchsorted(days, listing.first))
    dividend = _dividends(listing, days)
    dividend[: born + 1] = 0.0
    open_, close = _auctions(listing, path, dividend, born)
    high, low = _extremes(listing, path, open_, close)
    _pin_extremes(listing, open_, high, low, close)
    split = np.where(days == listing.split_day, listing.split, 0.0)
    numbers = (open_, high, low, close, _volume(listing, path), dividend, split)
    return Table(days[born:], *(column[born:] for column in numbers))


def _auctions(listing: Listing, path: Path, dividend: Floats, born: int) -> tuple[Floats, Floats]:
    """Return opens and closes on ticks; before the first session they are the starting level."""
    moves = np.column_stack([path.night, path.day])
    moves[:born] = 0.0
    if listing.instrument.limit_pct:
        return _limited(listing, moves)
    price = listing.level * np.exp(np.cumsum(moves.ravel()).reshape(moves.shape))
    before = np.concatenate([price[:1, 1], price[:-1, 1]])
    price *= np.cumprod(1.0 - dividend / before)[:, None]  # a dividend falls off the price at its ex-date's open
    return _on_tick(listing, price[:, 0]), _on_tick(listing, price[:, 1])


def _limited(listing: Listing, moves: Floats) -> tuple[Floats, Floats]:
    """Return opens and closes inside the daily limits; what lies beyond a limit is lost, not carried over."""
    before, opens, closes = listing.level, [], []
    for night, both in zip(np.exp(moves[:, 0]).tolist(), np.exp(moves.sum(axis=1)).tolist(), strict=True):
        low, high = (_cent(before * (1 + side * listing.instrument.limit_pct)) for side in (-1, 1))
        opens.append(min(max(_cent(before * night), low), high))
        closes.append(min(max(_cent(before * both), low), high))
        before = closes[-1]
    return np.array(opens), np.array(closes)


def _cent(price: float) -> float:
    """Round half up to 0.01, as the exchanges round a limit."""
    return math.floor(price * 100 + 0.5 + 1e-7) / 100


def _on_tick(listing: Listing, price: Floats) -> Floats:
    """Round to what could be traded: the tick is that of the price before later splits."""
    days = hours(listing.calendar).days
    factor = np.where(days < listing.split_day, listing.split, 1.0) if listing.split else np.ones(len(days))
    traded = price * factor
    tick = tick_sizes(listing.instrument, days, traded) if listing.instrument.tradable else _INDEX_TICK
    return np.round(np.floor(traded / tick + 0.5) * tick / factor, 6)


def _extremes(listing: Listing, path: Path, open_: Floats, close: Floats) -> tuple[Floats, Floats]:
    """Return highs and lows: the maximum and the minimum of a Brownian bridge from open to close, drawn by inversion.

    Notes
    -----
    P(maximum > m) = exp(-2 m (m - r) / s^2), with r the log move and s the volatility from open to close; -2 x the log
    of a uniform number is the sum of two squared standard normals.
    """
    move = np.log(close / open_)
    up, down = (np.sum(path.draws[:, pair] ** 2, axis=1) * path.width**2 for pair in ([2, 3], [4, 5]))
    high = _on_tick(listing, open_ * np.exp((move + np.sqrt(move**2 + up)) / 2))
    low = _on_tick(listing, open_ * np.exp((move - np.sqrt(move**2 + down)) / 2))
    if listing.instrument.limit_pct:
        before = [listing.level, *close[:-1].tolist()]
        high = np.minimum(high, [_cent(price * (1 + listing.instrument.limit_pct)) for price in before])
        low = np.maximum(low, [_cent(price * (1 - listing.instrument.limit_pct)) for price in before])
    return np.maximum(high, np.maximum(open_, close)), np.minimum(low, np.minimum(open_, close))


def _pin_extremes(listing: Listing, open_: Floats, high: Floats, low: Floats, close: Floats) -> None:
    """Put the high and the low of 27 January where they are pinned; in place. Opens and closes are there already."""
    k = session_of_event(listing.symbol)
    for pin in pins().get(listing.symbol, ()):
        there = _on_tick(listing, close[k - 1] * (1 + pin.move) * np.ones(len(close)))[k]
        if pin.field == "high":
            for price in (open_, high, low, close):
                price[k] = min(price[k], there)
            high[k] = there
        elif pin.field == "low":
            low[k] = min(low[k], there)


def _dividends(listing: Listing, days: Days) -> Floats:
    """Return what is paid per adjusted share on each ex-date, else 0."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    due = (dates - months).astype(np.int64) + 1 >= _EX_DAY
    first = due & np.concatenate([[False], ~due[:-1]])
    pays = np.isin(months.astype(np.int64) % 12 + 1, sorted(listing.months))
    return np.where(first & pays, listing.dividend, 0.0)


def _volume(listing: Listing, path: Path) -> Floats:
    """Return volumes: a typical day, more in wild sessions, with noise of its own."""
    size = np.abs(path.night + path.day)
    wild = np.minimum(size / np.mean(size), 5.0)
    volume = listing.volume * np.exp(0.25 * path.draws[:, 6] + 0.25 * (wild - 1.0))
    return np.asarray(np.floor(volume / _LOT + 0.5) * _LOT)

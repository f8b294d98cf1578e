"""What a run trades, on which sessions, and how the auctions of all its venues become rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Ints
from deepshock.cost import settle_lag
from deepshock.market import Instrument, Market
from deepshock.plan import Plan, day_number

Rows = tuple[Ints, Ints]
"""The rows of the opens and of the closes of an instrument."""


@dataclass(frozen=True, slots=True)
class Traded:
    """An instrument that a run may trade.

    Parameters
    ----------
    symbol : str
    short : bool
        Whether an order sells it short.
    restricted : bool
        Whether one of these heeds Rule 201.
    """

    symbol: str
    short: bool = False
    restricted: bool = False


@dataclass(frozen=True)
class Axis:
    """The sessions of one instrument that lie in the run, with what the whole series says about each."""

    instrument: Instrument
    days: Ints
    opens: Ints
    closes: Ints
    first: int  # index of the first session on the market's own axis
    settle: Ints  # day on which a trade of each session settles
    traded: Traded
    final: tuple[int, float, str] | None  # session, cash per traded share and kind of a merger or delisting


def traded_by(plan: Plan) -> tuple[Traded, ...]:
    """Return what a plan may trade, in the order of its orders; what is refused is not traded."""
    shorts: dict[str, list[bool]] = {symbol: [] for symbol in plan.symbols}
    for order in plan.orders:
        if order.side < 0 and not order.refused:
            shorts[order.symbol].append(order.uptick != "ignore")
    return tuple(Traded(symbol, bool(heeding), any(heeding)) for symbol, heeding in shorts.items())


def axis_of(market: Market, traded: Traded, start_ns: int) -> Axis:
    """Cut a venue's sessions to those that close after ``start_ns`` and lie within the data."""
    instrument = market.instrument(traded.symbol)
    sessions = market.sessions(instrument.calendar)
    first = int(np.searchsorted(sessions.closes, start_ns, side="right"))
    last = int(np.searchsorted(sessions.days, day_number(market.end), side="right"))
    days = sessions.days
    lags = settle_lag(instrument.calendar, days[first:last], symbol=instrument.symbol)
    return Axis(
        instrument,
        days[first:last],
        sessions.opens[first:last],
        sessions.closes[first:last],
        first,
        days[np.minimum(np.arange(first, last) + lags, len(days) - 1)],
        traded,
        market.actions.final(instrument.symbol, days[first:last]),
    )


def merge(axes: Sequence[Axis]) -> tuple[Ints, list[Rows]]:
    """Merge all auctions into rows keyed (instant, close before open); return the keys and each axis's rows."""
    venues = {axis.instrument.calendar: (axis.opens * 2 + 1, axis.closes * 2) for axis in axes}
    keys = np.unique(np.concatenate([part for venue in venues.values() for part in venue]))
    places = {name: (np.searchsorted(keys, one), np.searchsorted(keys, two)) for name, (one, two) in venues.items()}
    return keys, [places[axis.instrument.calendar] for axis in axes]


def value_rows(axes: Sequence[Axis], rows: Sequence[Rows], row_day: Ints) -> Ints:
    """Return the last row of each UTC date on which a venue other than 24/7 trades; each close where all are 24/7."""
    ordinary = [place for axis, place in zip(axes, rows, strict=True) if axis.instrument.calendar != "24/7"]
    if not ordinary:
        return np.unique(np.concatenate([closes for _, closes in rows]))
    days = np.unique(row_day[np.concatenate([part for place in ordinary for part in place])])
    return np.searchsorted(row_day, days, side="right") - 1


def currencies_of(base: str, instruments: Iterable[Instrument]) -> tuple[str, ...]:
    """Return the currencies of a run, the base currency first."""
    return tuple(dict.fromkeys([base, *(instrument.currency for instrument in instruments)]))

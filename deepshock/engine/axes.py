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
"""The rows of the opens and of the closes of a venue."""


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


@dataclass(frozen=True, eq=False)
class Venue:
    """The sessions of one venue that lie in the run."""

    calendar: str
    days: Ints
    opens: Ints
    closes: Ints
    first: int  # index of the first session on the market's own axis
    settle: Ints  # day on which a trade of each session settles


@dataclass(frozen=True)
class Axis:
    """The sessions of one instrument that lie in the run; those of one venue share them."""

    instrument: Instrument
    venue: Venue
    traded: Traded
    final: tuple[int, float, str] | None  # session, cash per traded share and kind of a merger or delisting

    @property
    def days(self) -> Ints:
        """Label dates of the sessions."""
        return self.venue.days

    @property
    def first(self) -> int:
        """Index of the first session on the market's own axis."""
        return self.venue.first

    @property
    def settle(self) -> Ints:
        """Day on which a trade of each session settles."""
        return self.venue.settle


def traded_by(plan: Plan) -> tuple[Traded, ...]:
    """Return what a plan may trade, in the order of its orders; what is refused is not traded."""
    shorts: dict[str, list[bool]] = {symbol: [] for symbol in plan.symbols}
    for order in plan.orders:
        if order.side < 0 and not order.refused:
            shorts[order.symbol].append(order.uptick != "ignore")
    return tuple(Traded(symbol, bool(heeding), any(heeding)) for symbol, heeding in shorts.items())


def axes_of(market: Market, traded: Sequence[Traded], start_ns: int) -> tuple[Axis, ...]:
    """Cut the sessions of each venue to those that close after ``start_ns`` and lie within the data."""
    venues: dict[str, Venue] = {}
    axes = []
    for one in traded:
        instrument = market.instrument(one.symbol)
        if instrument.calendar not in venues:
            venues[instrument.calendar] = _venue(market, instrument, start_ns)
        venue = venues[instrument.calendar]
        axes.append(Axis(instrument, venue, one, market.actions.final(one.symbol, venue.days)))
    return tuple(axes)


def _venue(market: Market, instrument: Instrument, start_ns: int) -> Venue:
    """Return the sessions of an instrument's venue; the instrument is named where no settlement cycle is known."""
    sessions = market.sessions(instrument.calendar)
    first = int(np.searchsorted(sessions.closes, start_ns, side="right"))
    last = int(np.searchsorted(sessions.days, day_number(market.end), side="right"))
    days = sessions.days
    lags = settle_lag(instrument.calendar, days[first:last], symbol=instrument.symbol)
    settle = days[np.minimum(np.arange(first, last) + lags, len(days) - 1)]
    cut = slice(first, last)
    return Venue(instrument.calendar, days[cut], sessions.opens[cut], sessions.closes[cut], first, settle)


def merge(venues: Sequence[Venue]) -> tuple[Ints, list[Rows]]:
    """Merge all auctions into rows keyed (instant, close before open); return the keys and each venue's rows."""
    auctions = [(venue.opens * 2 + 1, venue.closes * 2) for venue in venues]
    keys = _distinct([part for both in auctions for part in both])
    return keys, [(np.searchsorted(keys, opens), np.searchsorted(keys, closes)) for opens, closes in auctions]


def value_rows(venues: Sequence[Venue], rows: Sequence[Rows], row_day: Ints) -> Ints:
    """Return the last row of each UTC date on which a venue other than 24/7 trades; each close where all are 24/7."""
    ordinary = [place for venue, place in zip(venues, rows, strict=True) if venue.calendar != "24/7"]
    if not ordinary:
        return _distinct([closes for _, closes in rows])
    days = _distinct([row_day[part] for place in ordinary for part in place])
    return np.searchsorted(row_day, days, side="right") - 1


def _distinct(parts: Sequence[Ints]) -> Ints:
    """Return all values of some arrays once, ascending; each of these ascends, so that a merge sorts them."""
    values = np.sort(np.concatenate(parts), kind="stable")
    return np.asarray(values[np.append(True, values[1:] != values[:-1])])


def currencies_of(base: str, instruments: Iterable[Instrument]) -> tuple[str, ...]:
    """Return the currencies of a run, the base currency first."""
    return tuple(dict.fromkeys([base, *(instrument.currency for instrument in instruments)]))

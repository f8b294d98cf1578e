"""At which dates a thesis could have been decided instead: those with a trade of their own, over before the event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.inference.placebo.form import Form
from deepshock.market import day_of, zone_of
from deepshock.plan import BETA_LEAST, CLOSE, LEG, OPEN, Pair, PlannedOrder, first_sessions_after, nanoseconds

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

WARM_UP = 21
"""Closes that an instrument needs before a placebo, so that spread and impact are reckoned as those of the event."""


@dataclass(frozen=True, eq=False)
class Dates:
    """Instants at which placebos are decided.

    Parameters
    ----------
    decided : tuple of tuple of datetime
        For each date, when each thesis is decided, UTC; in the order of time.
    begin, end : ndarray of shape (n,), int64
        First due auction, and last scheduled exit, UTC nanoseconds.
    outside : int
        Dates with a trade of their own that are not over before the event, or lack bars.
    """

    decided: tuple[tuple[datetime, ...], ...]
    begin: Ints
    end: Ints
    outside: int

    def __len__(self) -> int:
        return len(self.decided)

    def apart(self, usable: Flags) -> Flags:
        """Say which dates have holding periods that do not overlap, taken from the last one backwards."""
        chosen = np.zeros(len(self), np.bool_)
        free = np.iinfo(np.int64).max
        for n in np.flatnonzero(usable)[::-1].tolist():
            if self.end[n] <= free:
                chosen[n], free = True, self.begin[n]
        return chosen


def dates_of(form: Form, result: Result, market: Market) -> Dates:
    """Find the dates.

    Each calendar day has its own, at the time of day at which the thesis was decided on the clock of the venue that
    traded first. Of days whose orders are due at the same auctions, the last counts. Every order that filled has bars
    from `WARM_UP` sessions before its due auction on, and the beta of its hedge can be computed when it is decided. The
    last exit is at or before the news, even if every entry waits as long as it may.

    Parameters
    ----------
    form : Form
    result : Result
    market : Market
    """
    legs = _legs(result)
    days = _candidates(form, legs, market)
    due = np.column_stack([_due(form, order, days, market) for order in legs])
    last = np.append((np.diff(due, axis=0) != 0).any(axis=1), True)
    begin, end = (np.zeros((len(days), len(legs)), np.int64) for _ in range(2))
    news = nanoseconds(min(member.news for member in result.plan.members))
    fine = last.copy()
    for j, order in enumerate(legs):
        fine &= _fits(form, order, due[:, j], _decided(order, days), market, news)
        begin[:, j], end[:, j] = _span(form, order, due[:, j], market)
    at = np.flatnonzero(fine)
    outside = int((last & ~fine).sum())
    return Dates(tuple(tuple(days[n]) for n in at), begin[at].min(axis=1), end[at].max(axis=1), outside)


def _legs(result: Result) -> list[PlannedOrder]:
    """Return the legs that filled."""
    filled = {fill.leg for fill in result.ledger.fills}
    return [o for j, o in enumerate(result.plan.orders) if j in filled and o.role == LEG]


def _candidates(form: Form, legs: list[PlannedOrder], market: Market) -> list[tuple[datetime, ...]]:
    """Return the instants of all calendar days before the event, by thesis."""
    first = min(legs, key=lambda order: order.due.at if order.due else datetime.max.replace(tzinfo=UTC))
    zone = zone_of(market.instrument(first.symbol).calendar)
    local = [at.astimezone(zone) for at in form.decided]
    n = (min(local).date() - day_of(_first_day(legs, market))).days
    shifts = (timedelta(days=-k) for k in range(max(n, 0), 0, -1))
    # the clock of the wall is moved, and then read in its zone: summer time comes and goes
    return [tuple((at + shift).astimezone(UTC) for at in local) for shift in shifts]


def _first_day(legs: list[PlannedOrder], market: Market) -> int:
    return min(int(market.sessions(market.instrument(order.symbol).calendar).days[0]) for order in legs)


def _due(form: Form, order: PlannedOrder, days: list[tuple[datetime, ...]], market: Market) -> Ints:
    """Return the session in which an order is due, lag included, on each day."""
    sessions = market.sessions(market.instrument(order.symbol).calendar)
    enter, kind = form.theses[order.group].enter, CLOSE if form.theses[order.group].enter.at == "close" else OPEN
    return first_sessions_after(sessions, _decided(order, days), kind) + enter.lag


def _decided(order: PlannedOrder, days: list[tuple[datetime, ...]]) -> Ints:
    """Return when an order is decided on each day, UTC nanoseconds."""
    return np.array([nanoseconds(at[order.group]) for at in days], np.int64)


def _fits(form: Form, order: PlannedOrder, due: Ints, decided: Ints, market: Market, news: int) -> Flags:
    """Say on which days an order has the bars that it needs, and is over before the news."""
    sessions, series = market.sessions(market.instrument(order.symbol).calendar), market.series(order.symbol)
    priced = np.flatnonzero(np.isfinite(series.close))
    if priced.size <= WARM_UP:
        return np.zeros(len(due), np.bool_)
    thesis = form.theses[order.group]
    last = due + (thesis.enter.within - 1) + form.holds[order.group]
    final = min(int(priced[-1]), int(sessions.closes.searchsorted(news, side="right")) - 1)
    fine = np.asarray((due >= int(priced[WARM_UP])) & (last <= final))
    if thesis.hedge is not None:  # its beta is found at the decision, which a lag puts long before the due auction
        fine &= Pair.of(market, order.symbol, thesis.hedge.beta_to).closes(decided) > BETA_LEAST
    return fine


def _span(form: Form, order: PlannedOrder, due: Ints, market: Market) -> tuple[Ints, Ints]:
    """Return when an order begins and ends on each day, if it fills when it is due."""
    sessions = market.sessions(market.instrument(order.symbol).calendar)
    most = len(sessions.days) - 1
    starts = sessions.closes if form.theses[order.group].enter.at == "close" else sessions.opens
    return starts[np.minimum(due, most)], sessions.closes[np.minimum(due + form.holds[order.group], most)]


def labels(dates: Dates) -> Iterator[str]:
    """Yield the date on which each is decided (UTC; in a book, of the thesis that is decided first)."""
    for decided in dates.decided:
        yield f"{min(decided):%Y-%m-%d}"

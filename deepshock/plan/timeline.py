"""Which auction comes first after an instant, and last before it, on one venue.

All functions take the sessions of a venue (``days``, ``opens``, ``closes``: int64 arrays of shape (n_sessions,),
ascending) and return an ``Auction``, or None where the calendar has none. Nothing here looks at a price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import numpy as np

from deepshock.arrays import Ints

OPEN, CLOSE = 0, 1
EPOCH = date(1970, 1, 1)
EPOCH_AT = datetime(1970, 1, 1, tzinfo=UTC)
NS = 1_000_000_000


class Sessions(Protocol):
    """The sessions of one venue."""

    @property
    def days(self) -> Ints:
        """Date labels, in days since 1970."""

    @property
    def opens(self) -> Ints:
        """Instants of the opens, in UTC nanoseconds."""

    @property
    def closes(self) -> Ints:
        """Instants of the closes, in UTC nanoseconds."""


@dataclass(frozen=True, slots=True)
class Auction:
    """One auction of a venue.

    Parameters
    ----------
    session : int
        Index on the venue's own session axis.
    kind : int
        ``OPEN`` or ``CLOSE``.
    at : datetime
        Instant, UTC.
    """

    session: int
    kind: int
    at: datetime

    @property
    def word(self) -> str:
        """``open`` or ``close``."""
        return "close" if self.kind else "open"


def nanoseconds(at: datetime) -> int:
    """Return an aware datetime as UTC nanoseconds, exactly."""
    delta = at - EPOCH_AT
    return (delta.days * 86_400 + delta.seconds) * NS + delta.microseconds * 1_000


def instant(ns: int) -> datetime:
    """Return UTC nanoseconds as an aware datetime (microseconds; auctions are on whole minutes)."""
    return EPOCH_AT + timedelta(microseconds=int(ns) // 1_000)


def day_number(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


def auction(sessions: Sessions, session: int, kind: int) -> Auction | None:
    """Return one auction by its place, None beyond the calendar."""
    if not 0 <= session < len(sessions.days):
        return None
    return Auction(session, kind, instant(int((sessions.closes if kind else sessions.opens)[session])))


def first_sessions_after(sessions: Sessions, at_ns: Ints, kind: int) -> Ints:
    """Return the sessions of the first opens (or closes) strictly after instants; their number where there is none."""
    return np.searchsorted(sessions.closes if kind else sessions.opens, at_ns, side="right")


def first_session_after(sessions: Sessions, at: datetime, kind: int) -> int:
    """Return the session of the first open (or close) strictly after an instant; their number where there is none."""
    return int(first_sessions_after(sessions, np.array(nanoseconds(at)), kind))


def first_of_any_kind_after(sessions: Sessions, at: datetime) -> Auction | None:
    """Return the first auction of either kind strictly after an instant."""
    found = [auction(sessions, first_session_after(sessions, at, kind), kind) for kind in (OPEN, CLOSE)]
    return min(filter(None, found), key=lambda a: (a.at, -a.kind), default=None)


def last_close_before(sessions: Sessions, at: datetime) -> Auction | None:
    """Return the last close strictly before an instant."""
    return auction(sessions, int(np.searchsorted(sessions.closes, nanoseconds(at), side="left")) - 1, CLOSE)


def session_from(sessions: Sessions, day: date) -> int:
    """Return the index of the first session on or after a date label."""
    return int(np.searchsorted(sessions.days, day_number(day), side="left"))


def last_session_to(sessions: Sessions, day: date) -> int:
    """Return the index of the last session on or before a date label, -1 if none."""
    return int(np.searchsorted(sessions.days, day_number(day), side="right")) - 1

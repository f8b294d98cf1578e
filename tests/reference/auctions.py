"""When venues open and close (rules, section 1).

A row is ``(instant, kind)`` with an aware UTC instant and ``kind`` either ``"close"`` or ``"open"``. Rows compare as
tuples do, and because ``"close" < "open"`` a close comes before an open of the same instant, as the rules ask.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import exchange_calendars

Row = tuple[datetime, str]

NONSTOP = "24/7"
CALENDAR_OF_MIC = {
    "XNAS": "XNYS",
    "ARCX": "XNYS",
    "XASE": "XNYS",
    "BATS": "XNYS",
    "XSHE": "XSHG",
    "24x7": NONSTOP,
}
WITHOUT_AUCTIONS = {"OTC_FX", "FRED", "XCBO"}
CALENDARS_FROM = "2018-01-01"


class Session(NamedTuple):
    """One session: its label date and its two auctions."""

    day: date
    open: datetime
    close: datetime


def calendar_of(mic: str) -> str:
    """Return the calendar of a venue code, or an empty string for one that holds no auctions."""
    return "" if mic in WITHOUT_AUCTIONS else CALENDAR_OF_MIC.get(mic, mic)


@cache
def all_sessions(calendar: str) -> tuple[Session, ...]:
    """Return every session of a calendar from 2018 to as far as the calendar is known."""
    if calendar == NONSTOP:
        first, days = date.fromisoformat(CALENDARS_FROM), 365 * 12
        midnights = [datetime.combine(first + timedelta(n), time(), UTC) for n in range(days + 1)]
        return tuple(Session(a.date(), a, b) for a, b in pairwise(midnights))
    book = exchange_calendars.get_calendar(calendar, start=CALENDARS_FROM)
    return tuple(
        Session(label.date(), book.opens[label].to_pydatetime(), book.closes[label].to_pydatetime())
        for label in book.sessions
    )


class Venue:
    """A venue's sessions from the first to the last day of the data, and a while beyond for settlement.

    Attributes
    ----------
    calendar : str
    sessions : list of Session
        Index 0 is the first session on or after the first day of the data.
    n_traded : int
        Sessions ``0 .. n_traded - 1`` lie within the data; later ones only settle.
    at : dict
        Row -> index of the session within the data that has its open or close there.
    """

    def __init__(self, calendar: str, first: date, last: date) -> None:
        self.calendar = calendar
        self.sessions = [one for one in all_sessions(calendar) if first <= one.day <= last + timedelta(60)]
        self.n_traded = sum(one.day <= last for one in self.sessions)
        self.rows: list[Row] = []
        self.at: dict[Row, int] = {}
        for index, one in enumerate(self.sessions[: self.n_traded]):
            for row in ((one.open, "open"), (one.close, "close")):
                self.rows.append(row)
                self.at[row] = index
        self.index_of_day = {one.day: index for index, one in enumerate(self.sessions)}

    def row(self, index: int, kind: str) -> Row:
        """Return the open or close row of a session."""
        one = self.sessions[index]
        return (one.open if kind == "open" else one.close, kind)

    def next_row(self, row: Row) -> Row | None:
        """Return the venue's first auction strictly after a row of any venue, or None beyond the calendar."""
        ahead = (self.row(index, kind) for index in range(len(self.sessions)) for kind in ("open", "close"))
        return next((one for one in ahead if one > row), None)

    def first_after(self, instant: datetime, kind: str) -> int | None:
        """Return the session whose open (or close) is the first strictly after an instant."""
        for index, one in enumerate(self.sessions):
            if (one.open if kind == "open" else one.close) > instant:
                return index
        return None

    def first_on_or_after(self, day: date) -> int | None:
        """Return the first session with a label on or after a day."""
        for index, one in enumerate(self.sessions):
            if one.day >= day:
                return index
        return None


class Axis:
    """The merged rows of all venues of a run, and those on which money is counted."""

    def __init__(self, venues: list[Venue]) -> None:
        self.rows: list[Row] = sorted({row for venue in venues for row in venue.rows})
        self.number = {row: n for n, row in enumerate(self.rows)}
        exchanges = [venue for venue in venues if venue.calendar != NONSTOP]
        self.all_nonstop = not exchanges
        if self.all_nonstop:
            self.valuation = [row for row in self.rows if row[1] == "close"]
        else:
            days = {one.day for venue in exchanges for one in venue.sessions[: venue.n_traded]}
            last_of_date = {row[0].date(): row for row in self.rows}
            self.valuation = [last_of_date[day] for day in sorted(days)]

    def before(self, row: Row) -> Row | None:
        """Return the row of the run just before another, or None at the start."""
        number = self.number[row]
        return self.rows[number - 1] if number else None

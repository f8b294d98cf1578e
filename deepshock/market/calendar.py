"""When each venue opens and closes: the only importer of `exchange_calendars`.

The package is imported when a calendar is first asked for, and each calendar is built once for whole years (building
costs about 0.1 s whatever its length), so that markets over the same years share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from deepshock.errors import Fault, MarketError
from deepshock.market.venues import CALENDARS, NO_AUCTIONS, ROUND_THE_CLOCK

EPOCH = date(1970, 1, 1)
DAY_NS = 86_400_000_000_000

Days = npt.NDArray[np.int64]
Instants = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sessions:
    """The auctions of one calendar.

    Parameters
    ----------
    calendar : str
        Name in `exchange_calendars`, ``"24/7"``, or empty for series that no auction makes.
    days : ndarray of shape (n_sessions,), int64
        Label dates, days since 1970-01-01, ascending.
    opens, closes : ndarray of shape (n_sessions,), int64
        Nanoseconds since 1970-01-01 UTC. A label date's open may lie on the day before in UTC.
    note : str
        What is not known about the range asked for; usually empty.
    """

    calendar: str
    days: Days
    opens: Instants
    closes: Instants
    note: str = ""

    def __post_init__(self) -> None:
        for values in (self.days, self.opens, self.closes):
            values.flags.writeable = False

    def __len__(self) -> int:
        return self.days.size

    def cut(self, part: slice) -> Sessions:
        """Return a stretch of them."""
        return Sessions(self.calendar, self.days[part], self.opens[part], self.closes[part], self.note)


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=int(number))


def sessions(calendar: str, start: date, end: date) -> Sessions:
    """Return the sessions of a calendar.

    Parameters
    ----------
    calendar : str
        See `deepshock.market.venues.CALENDARS`.
    start, end : date
        First and last label date, both included.

    Returns
    -------
    Sessions
        Clipped, with a note, where `exchange_calendars` knows no holidays so early or so late.

    Notes
    -----
    A 24/7 session of date D opens at D 00:00Z and closes at D+1 00:00Z. A series without auctions has a value
    for each date, known at 12:00Z of the next day, when that date has ended everywhere on earth.

    Raises
    ------
    MarketError
        No calendar has that name.
    """
    first, last = day_number(start), day_number(end)
    if calendar in (NO_AUCTIONS, ROUND_THE_CLOCK):
        days = np.arange(first, last + 1, dtype=np.int64)
        if calendar == ROUND_THE_CLOCK:
            return Sessions(calendar, days, days * DAY_NS, (days + 1) * DAY_NS)
        known = (days + 1) * DAY_NS + DAY_NS // 2
        return Sessions(calendar, days, known, known.copy())
    whole = _years(calendar, start.year, end.year)
    part = slice(*np.searchsorted(whole.days, (first, last + 1)))
    return Sessions(calendar, whole.days[part].copy(), whole.opens[part].copy(), whole.closes[part].copy(), whole.note)


@cache
def zone_of(calendar: str) -> ZoneInfo:
    """Return the time zone by whose clock a calendar opens and closes; UTC where there is no exchange."""
    if calendar in (NO_AUCTIONS, ROUND_THE_CLOCK):
        return ZoneInfo("UTC")
    import exchange_calendars

    found = exchange_calendars.get_calendar(calendar).tz
    return ZoneInfo(str(found))


@cache
def _years(calendar: str, first: int, last: int) -> Sessions:
    """Return all sessions of some calendar years."""
    import exchange_calendars

    if calendar not in exchange_calendars.get_calendar_names():
        allowed = ", ".join(sorted(filter(None, set(CALENDARS.values()))))
        raise MarketError(Fault("calendar", f"{calendar!r} is not known", f"known are {allowed}"))
    start, end, note = date(first, 1, 1), date(last, 12, 31), ""
    build = exchange_calendars.get_calendar
    try:
        found = build(calendar, start=start, end=end)
    except Exception as error:  # it passes on whatever the rules of a calendar raise, beside its own errors
        try:
            start, end, note = _clip(calendar, start, end, build(calendar), error)
            found = build(calendar, start=start, end=end)
        except MarketError:
            raise
        except Exception as again:
            raise MarketError(_not_built(calendar, start, end, again)) from again
    days = found.opens.index.to_numpy("datetime64[D]").astype(np.int64)
    return Sessions(calendar, days, _nanoseconds(found.opens), _nanoseconds(found.closes), note)


def _clip(calendar: str, start: date, end: date, default: Any, why: Exception) -> tuple[date, date, str]:
    """Return the part of a range for which a calendar has holidays, and a note that says so."""
    low, high = default.bound_min(), default.bound_max()
    first = start if low is None else max(start, low.date())
    last = end if high is None else min(end, high.date())
    if (first, last) == (start, end):
        raise MarketError(_not_built(calendar, start, end, why)) from why
    if first >= last:
        problem = f"{calendar} has no sessions from {start} to {end}"
        raise MarketError(Fault("calendar", problem, "take dates that it covers"))
    return first, last, f"{calendar}: holidays are known from {first} to {last} only, and no session is taken beyond"


def _not_built(calendar: str, start: date, end: date, error: Exception) -> Fault:
    """Say in one line that `exchange_calendars` fails, and how."""
    said = (str(error).splitlines() or [""])[0]
    said = f"{said[:120]} ..." if len(said) > 120 else said
    problem = f"exchange_calendars cannot give {calendar} from {start} to {end} ({type(error).__name__}: {said})"
    return Fault("calendar", problem, "take other dates, or another release of exchange_calendars")


def _nanoseconds(stamps: Any) -> Instants:
    return np.asarray(stamps.dt.tz_convert(None).to_numpy("datetime64[ns]").astype(np.int64))

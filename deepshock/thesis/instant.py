"""Dates, instants and zones as people write them, read without guessing.

An instant has a zone or it is refused. A bare date is not an instant: who reads one as knowledge waits for the end of
that date everywhere on earth (12:00 UTC of the next day).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from deepshock.errors import suggest
from deepshock.thesis.scalar import Scalar, UnreadableError, shown

_DAY = r"(\d{4})-(\d{2})-(\d{2})"
_CLOCK = r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?"
_ZONE = r"Z|[+-]\d{2}:?\d{2}|[A-Za-z][\w+/-]*"
_STAMP = re.compile(rf"{_DAY}(?:[T ]{_CLOCK}(?:\s*({_ZONE}))?)?", re.ASCII)
_LENGTH = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# The first and last year whose instants fit into int64 nanoseconds with room for holding periods.
_YEARS = range(1900, 2200)


class Stamp(NamedTuple):
    """A date, perhaps with a time of day, perhaps with a zone, as written."""

    day: date
    clock: time | None
    zone: str | None


@lru_cache(maxsize=1024)
def read_stamp(text: str) -> Stamp:
    """Take a written date or time apart.

    Raises
    ------
    UnreadableError
        Where the text is neither, or names a day or an hour that does not exist.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise UnreadableError(
            f"{shown(text)} is neither a date nor a time", "write for example 2025-01-27T10:57:07Z or 2025-01-27."
        )
    year, month, day, hour, minute, second, micro, zone = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        at = time(int(hour), int(minute), int(second or 0), int((micro or "").ljust(6, "0"))) if hour else None
    except ValueError as error:
        raise UnreadableError(
            f"{shown(text)} does not exist: {error}", "write for example 2025-01-27T10:57:07Z."
        ) from None
    check_year(on)
    return Stamp(on, at, zone)


def check_year(day: date) -> None:
    """Refuse years whose instants do not fit."""
    if day.year not in _YEARS:
        raise UnreadableError(
            f"{shown(str(day))} is out of range", f"allowed are the years {_YEARS[0]} to {_YEARS[-1]}."
        )


def find_zone(name: str) -> timezone | ZoneInfo:
    """Return the zone of a name (``America/New_York``), of ``Z`` or of an offset (``-05:00``)."""
    if name == "Z":
        return UTC
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[-2:])
        if hours > 15 or minutes > 59:
            raise UnreadableError(f"{name!r} is no offset from UTC", "write for example -05:00.")
        return timezone((-1 if name[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = suggest(name, sorted(available_timezones()), most=1)
        raise UnreadableError(
            f"unknown time zone {name!r}", near or "write for example America/New_York, UTC or -05:00."
        ) from None


def resolve(stamp: Stamp, zone: str) -> datetime:
    """Return the instant, in UTC, of a local time in a zone.

    A time that the clocks show twice means the later of the two: nobody is credited with knowing early.

    Raises
    ------
    UnreadableError
        Where the zone is unknown, or its clocks skip that time.
    """
    local = datetime.combine(stamp.day, stamp.clock or time())
    where = find_zone(zone)
    instant = local.replace(tzinfo=where, fold=1).astimezone(UTC)
    if instant.astimezone(where).replace(tzinfo=None, fold=0) != local:
        raise UnreadableError(
            f"{local} does not exist in {zone}: the clocks skip it", "write the time with its offset, such as -05:00."
        )
    return instant.replace(fold=0)


def end_of(day: date) -> datetime:
    """Return when a date has ended everywhere on earth: 12:00 UTC of the next day."""
    return datetime.combine(day + timedelta(days=1), time(12), UTC)


def start_of(when: date | datetime) -> datetime:
    """Return an instant as it is, and a bare date as its 00:00 UTC."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def no_zone(text: str, at: str = "") -> UnreadableError:
    """Return the refusal of a time without a zone, which was written at a word."""
    example = text.strip().replace(" ", "T", 1)
    return UnreadableError(f"{shown(text)} has no time zone", f"write for example {example}-05:00.", at)


def read_when(value: object) -> date | datetime:
    """Read an instant, or a bare date."""
    if isinstance(value, date):
        check_year(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise no_zone(value.isoformat())
        return value.astimezone(UTC)
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise UnreadableError(
            f"{shown(value)} is neither a date nor a time", "write for example 2025-01-27T10:57:07Z or 2025-01-27."
        )
    stamp = read_stamp(value)
    if stamp.clock is None:
        return stamp.day
    if stamp.zone is None:
        raise no_zone(value)
    return resolve(stamp, stamp.zone)


def read_instant(value: object) -> datetime:
    """Read an instant; a bare date is refused."""
    when = read_when(value)
    if not isinstance(when, datetime):
        raise UnreadableError(f"{shown(str(value))} has no time of day", f"write for example {when}T14:30Z.")
    return when


def read_known(value: object) -> datetime:
    """Read when something was known; a bare date counts when it has ended everywhere."""
    when = read_when(value)
    return when if isinstance(when, datetime) else end_of(when)


def read_day(value: object) -> date:
    """Read a bare date."""
    when = read_when(value)
    if isinstance(when, datetime):
        raise UnreadableError(f"{shown(str(value))} is not a bare date", f"write for example {when.date()}.")
    return when


def write_when(value: date | datetime) -> str:
    """Write an instant in UTC, as short as it is exact, or a bare date."""
    if not isinstance(value, datetime):
        return value.isoformat()
    parts = "microseconds" if value.microsecond else "seconds" if value.second else "minutes"
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=parts) + "Z"


def read_length(value: object) -> timedelta:
    """Read a length of time: ``90s``, ``5m``, ``2h``, ``1d``, ``1h30m``."""
    if isinstance(value, str):
        text = value.strip()
        if text != "0" and not _LENGTH.fullmatch(text):
            raise UnreadableError(f"{shown(value)} is not a length of time", "write for example 90s, 5m, 2h or 1d.")
        value = timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in re.findall(r"([\d.]+)([smhd])", text)))
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= timedelta(days=366):
        raise UnreadableError(
            f"{shown(value)} is not a length of time from 0 to 366 days", "write for example 90s, 5m, 2h or 1d."
        )
    return value


def write_length(value: timedelta) -> str:
    """Write a length of time in the largest unit that divides it."""
    seconds = value.total_seconds()
    if not seconds:
        return "0"
    for unit in "dhm":
        if seconds % _SECONDS[unit] == 0:
            return f"{int(seconds) // _SECONDS[unit]}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


_DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME_PATTERN = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE_PATTERN = r"\s*(Z|[+-][0-9]{2}:?[0-9]{2}|[A-Za-z][A-Za-z0-9_+/-]*)"


def _schema(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{pattern}$"}


Instant = Annotated[datetime, Scalar(read_instant, write_when, _schema(_DATE_PATTERN + _TIME_PATTERN + _ZONE_PATTERN))]
When = Annotated[
    date | datetime, Scalar(read_when, write_when, _schema(f"{_DATE_PATTERN}({_TIME_PATTERN}{_ZONE_PATTERN})?"))
]
Known = Annotated[
    datetime, Scalar(read_known, write_when, _schema(f"{_DATE_PATTERN}({_TIME_PATTERN}{_ZONE_PATTERN})?"))
]
Day = Annotated[date, Scalar(read_day, write_when, _schema(_DATE_PATTERN))]
Length = Annotated[
    timedelta, Scalar(read_length, write_length, {"type": "string", "pattern": r"^0$|^([0-9]+(\.[0-9]+)?[smhd])+$"})
]

"""A day of the year, the same in every year: ``31 January``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from deepshock.errors import suggest
from deepshock.thesis.scalar import Scalar, UnreadableError, shown

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LEAP_YEAR, _USUAL_YEAR = 2024, 2025
_WRITTEN = re.compile(r"(\d{1,2})\s+([A-Za-z]+)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day that every year has.

    Parameters
    ----------
    month, day : int
        From 1; never 29 February.

    Examples
    --------
    >>> MonthDay(3, 5).on(2025)
    datetime.date(2025, 3, 5)
    """

    month: int
    day: int

    def on(self, year: int) -> date:
        """Return the date in a year."""
        return date(year, self.month, self.day)

    def __str__(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]}"


def read_month_day(value: object) -> MonthDay:
    """Read ``31 January``; a day that some or all years lack is refused.

    Raises
    ------
    UnreadableError
    """
    if isinstance(value, MonthDay):
        value = str(value)
    match = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UnreadableError(f"{shown(value)} is not a day of the year", "write for example 31 January.")
    day, name = int(match[1]), match[2]
    if name not in MONTHS:
        raise UnreadableError(f"there is no month {shown(name)}", suggest(name, MONTHS, most=1) or _all_months())
    month = MONTHS.index(name) + 1
    if _exists(_USUAL_YEAR, month, day):
        return MonthDay(month, day)
    if _exists(_LEAP_YEAR, month, day):
        raise UnreadableError(f"{shown(value)} is not a day of every year", "write 28 February or 1 March.")
    raise UnreadableError(f"{shown(value)} does not exist", "write for example 31 January.")


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _all_months() -> str:
    return f"allowed are {', '.join(MONTHS)}."


DayOfYear = Annotated[
    MonthDay, Scalar(read_month_day, str, {"type": "string", "pattern": rf"^[0-9]{{1,2}}\s+({'|'.join(MONTHS)})$"})
]

"""From trade to settlement: how many sessions later the money counts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from deepshock.cost.schedules import EPOCH, day_number, read
from deepshock.cost.terms import Days
from deepshock.errors import CostError, Fault, LawError


def settle_lag(
    calendar: str, trade_days: Days, *, first: int = 0, last: int | None = None, symbol: str = ""
) -> npt.NDArray[np.int64]:
    """Return the settlement cycle of each trade date.

    Parameters
    ----------
    calendar : str
        `exchange_calendars` name of the venue: ``XNYS``, ``XHKG``, ``24/7``.
    trade_days : ndarray of shape (n_sessions,), int64
        Label dates of the trades, days since 1970-01-01.
    first, last : int, optional
        The sessions ``first <= k < last`` in which a trade can happen; all of them by default. Outside of them a date
        without a row is given the cycle of the nearest one, and must not be traded.
    symbol : str, optional
        Whose trades they are, for messages.

    Returns
    -------
    ndarray of shape (n_sessions,), int64
        Sessions of the venue from the trade to its settlement; 0 settles on the trade date.

    Raises
    ------
    CostError
        The calendar is not in ``settlement.csv``.
    LawError
        A date within the window comes before the first rule, or in a gap.

    Notes
    -----
    The sources stand in ``schedules/settlement.csv``: for the US, SEC rule 15c6-1 (T+2 from 5 September 2017, T+1 from
    28 May 2024).

    Examples
    --------
    >>> settle_lag("XNYS", np.array([19867, 19871]))  # 24 and 28 May 2024
    array([2, 1])
    """
    where = f"settlement {calendar}" if not symbol else f"{symbol}: settlement {calendar}"
    if calendar not in _calendars():
        allowed = f"known are {', '.join(_calendars())}"
        problem = f"no cycle for calendar {calendar!r}"
        raise CostError(Fault(where, problem, f"take a listing on another venue; {allowed}"))
    starts, ends, lags = _cycles(calendar)
    row = np.maximum(np.searchsorted(starts, trade_days, side="right") - 1, 0)
    covered = (trade_days >= starts[row]) & (trade_days <= ends[row])
    bare = trade_days[first:last][~covered[first:last]]
    if bare.size:
        day, begins = (EPOCH + timedelta(days=int(number)) for number in (bare[0], starts[0]))
        problem = f"no cycle is known for a trade on {day}"
        raise LawError(Fault(where, problem, f"the first row starts on {begins}; take a thesis of later days"))
    return lags[row]


@cache
def _calendars() -> tuple[str, ...]:
    """Return every calendar with a cycle, sorted."""
    return tuple(sorted({name for row in read("settlement.csv") for name in row["calendar"].split("|")}))


@cache
def _cycles(calendar: str) -> tuple[Days, Days, Days]:
    """Return the first day, last day and lag of each row of one calendar, in the order of the dates."""
    cycles = sorted(
        (_day(row["from"]), _day(row["to"] or date.max.isoformat()), int(row["lag"]))
        for row in read("settlement.csv")
        if calendar in row["calendar"].split("|")
    )
    starts, ends, lags = (np.array(column, dtype=np.int64) for column in zip(*cycles, strict=True))
    return starts, ends, lags


def _day(text: str) -> int:
    return day_number(date.fromisoformat(text))

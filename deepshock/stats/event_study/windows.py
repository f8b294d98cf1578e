"""When: the sessions that say what is normal, the sessions of the event, and where both lie on an axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepshock.errors import Fault, StatisticsError, UsageError

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 10


@dataclass(frozen=True)
class Window:
    """Sessions counted from the event's own, which is 0.

    Parameters
    ----------
    first, last : int
        The event window, both ends included; (0, 0) is the event's session alone.
    length : int
        Sessions of the estimation window. 250 is a year; Campbell, Lo and MacKinlay (1997, section 4.3) take 120 or
        more of them before the event window.
    end : int
        Last session of the estimation window. At -11 ten sessions lie between the two windows, so that what leaked
        before the event is not called normal.
    least : int
        Fewest sessions of the estimation window on which a name and what explains it must both be known; a name that
        has fewer is left out, and so is the whole study where the axis has fewer.

    Raises
    ------
    UsageError
        If the windows overlap or are empty; all faults at once.
    """

    first: int = 0
    last: int = 0
    length: int = 250
    end: int = -11
    least: int = 60

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise UsageError(faults)

    @property
    def days(self) -> range:
        """Sessions of the event window, counted from the event."""
        return range(self.first, self.last + 1)

    def _faults(self) -> Iterator[Fault]:
        if self.last < self.first:
            problem = f"the event window ends at {self.last:+d}, before its first session, {self.first:+d}"
            yield Fault("window", problem, "give first <= last")
        if self.end >= 0:
            problem = f"the event lies inside the estimation window, which ends at {self.end:+d}"
            yield Fault("window", problem, "give an end before 0; -11 is usual")
        elif self.end >= self.first:
            problem = f"the estimation window ends at {self.end:+d}, the event window begins at {self.first:+d}"
            yield Fault("window", problem, "let the first end before the second begins")
        if not FEWEST <= self.least <= self.length:
            problem = f"{self.least} of {self.length} sessions are to be known"
            yield Fault("window", problem, f"give {FEWEST} <= least <= length")


@dataclass(frozen=True)
class Rows:
    """Where the windows lie on a session axis.

    Parameters
    ----------
    event : int
        Row of the event's session.
    estimation, days : slice
        Rows of the two windows.
    """

    event: int
    estimation: slice
    days: slice


def place(axis: pd.Index[Any], event: object, window: Window) -> Rows:
    """Find the windows on an axis.

    Parameters
    ----------
    axis : Index
        Session labels, each once, rising.
    event : label
        The event's session; where the axis holds instants, anything that ``pandas.Timestamp`` reads.
    window : Window

    Returns
    -------
    Rows
        An estimation window that begins before the axis does is cut there, down to ``least`` sessions.

    Raises
    ------
    UsageError
        If the event is no session of the axis; names the next one.
    StatisticsError
        If the axis ends before the event window does, or begins too late.
    """
    row = _row(axis, event)
    last, end = row + window.last, row + window.end + 1
    faults = []
    if last >= len(axis):
        problem = f"the returns end {len(axis) - 1 - row} sessions after the event"
        faults.append(Fault("returns", problem, f"the event window needs {window.last}"))
    if row + window.first < 0 or max(end, 0) < window.least:
        problem = f"the returns have {max(end, 0)} sessions up to the end of the estimation window ({window.end:+d})"
        faults.append(Fault("returns", problem, f"at least {window.least} are needed"))
    if faults:
        raise StatisticsError(faults)
    return Rows(row, slice(max(end - window.length, 0), end), slice(row + window.first, last + 1))


def _row(axis: pd.Index[Any], event: object) -> int:
    import pandas as pd

    try:
        label: Any = pd.Timestamp(event) if isinstance(axis, pd.DatetimeIndex) else event  # type: ignore[arg-type]
        later = axis[axis >= label]
        if label in axis:
            return int(axis.get_indexer(pd.Index([label]))[0])
    except (TypeError, ValueError) as error:
        problem = f"{event!r} cannot be compared with the sessions of the returns ({error})"
        raise UsageError(Fault("event", problem, f"give a label like {axis[0]!r}")) from error
    near = f"the next is {later[0]}" if len(later) else f"the last is {axis[-1]}"
    raise UsageError(Fault("event", f"{event} is no session of the returns", near))

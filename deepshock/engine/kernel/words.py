"""Numbers that the kernel has names for."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepshock.arrays import Cause, Component, Lendable, Reason, Status, Uptick

OPEN_KIND, CLOSE_KIND = 0, 1
AS_PLANNED, LATE, AT_LEVEL = 0, 1, 2  # how a leg left: at the auction that its plan names, at another, at a level

# numba reads module-level ints as constants; IntEnum members would each cost a type of their own.
ENTRY, HOLD, DATED, STOP = int(Reason.ENTRY), int(Reason.HOLD), int(Reason.DATED), int(Reason.STOP)
TARGET, TRAILING, DRAWDOWN = int(Reason.TARGET), int(Reason.TRAILING), int(Reason.DRAWDOWN)
HEDGE, HEDGE_EXIT = int(Reason.HEDGE), int(Reason.HEDGE_EXIT)
RECALL, MARGIN_CALL = int(Reason.RECALL), int(Reason.MARGIN_CALL)
MERGER, DELISTING = int(Reason.MERGER), int(Reason.DELISTING)
WAITING, HELD, CLOSED, EXPIRED = int(Status.WAITING), int(Status.OPEN), int(Status.CLOSED), int(Status.EXPIRED)
EXIT_FIRST, ROUNDED_AWAY, CANCELLED = int(Status.EXIT_FIRST), int(Status.ROUNDED_AWAY), int(Status.CANCELLED)
NO_CAPITAL, REFUSED, NO_MARGIN = int(Status.NO_CAPITAL), int(Status.REFUSED), int(Status.NO_MARGIN)
NO_PRICE, HALT, LIMIT, UPTICK = int(Cause.NO_PRICE), int(Cause.HALT), int(Cause.LIMIT), int(Cause.UPTICK)
BORROW, DESIGNATED, PARTICIPATION = int(Cause.BORROW), int(Cause.DESIGNATED), int(Cause.PARTICIPATION)
RESALE, GONE = int(Cause.RESALE), int(Cause.GONE)
UNLISTED, UNLENDABLE, NOT_DESIGNATED = int(Lendable.UNLISTED), int(Lendable.NO), int(Lendable.NOT_DESIGNATED)
WAIT, IGNORE = int(Uptick.WAIT), int(Uptick.IGNORE)
PRICE, FX, DIVIDEND, REBATE = int(Component.PRICE), int(Component.FX), int(Component.DIVIDEND), int(Component.REBATE)

# Constants of a type, not of a value: numba compiles a function anew for each literal that it is handed.
ZERO: Any = np.int64(0)
YES, NO = np.bool_(True), np.bool_(False)
DONE, NOT_YET, STEP_BY_STEP = 0, 1, 2  # how a leap ends
TICK_TOLERANCE = 1e-4  # within which two traded prices are one
SLACK = 1e-9  # relative, of lots and margin


Run = Any  # a RUN record, see engine/memory.py
Flag = bool | None  # None is compiled away
Sums = tuple[float, float, float, float, float, float]  # see rows.sums_of

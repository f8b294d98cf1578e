"""Rows for the kernel: what a cost is, once its name and its law are forgotten.

A fill of value ``v`` (absolute, local currency), ``n`` traded shares and ``s`` adjusted shares, on a tick ``tick``,
with daily volatility ``sigma`` and typical volume ``V`` known before its session, pays by each row that covers it::

    amount = max(of_value v, of_tick tick n, of_sigma sigma v) + per_share n + impact sigma v sqrt(s / V) + fixed
    amount = min(max(amount, min), max), then rounded to round_to

The rounding is up (``round_up``) or half up, and the quotient carries a tolerance of 1e-9, so that 0.07 / 0.01,
which is a hair above 7 in binary, does not become 8 cents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from deepshock.errors import CostError, Fault

Days = npt.NDArray[np.int64]
Side = Literal["buy", "sell", "both"]


@dataclass(frozen=True, slots=True)
class TermRow:
    """One cost on the fills of one instrument over a range of its sessions.

    Parameters
    ----------
    item : str
        The line of the ledger that it is booked on.
    side : {"buy", "sell", "both"}
        The fills that pay it.
    first, last : int
        Sessions ``first <= k < last`` of the instrument's own session axis.
    of_value : float
        Fraction of the value.
    per_share : float
        Local currency per traded share.
    of_tick : float
        Ticks per traded share.
    of_sigma : float
        Fraction of the value per unit of daily volatility.
    impact : float
        The square-root law's factor Y.
    fixed : float
        Local currency per fill.
    min, max : float
        Bounds of the amount, local currency.
    round_to : float
        Step of the rounding in local currency; 0 rounds nothing.
    round_up : bool
        Up to the next step, else half up.
    """

    item: str
    side: Side
    first: int
    last: int
    of_value: float = 0.0
    per_share: float = 0.0
    of_tick: float = 0.0
    of_sigma: float = 0.0
    impact: float = 0.0
    fixed: float = 0.0
    min: float = 0.0
    max: float = math.inf
    round_to: float = 0.0
    round_up: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Inputs:
    """What a cost model may know of an instrument: who it is and when it could trade, never a price.

    Parameters
    ----------
    symbol : str
        For messages.
    venue : str
        Market identifier as in the data: ``XNAS``, ``24x7``.
    calendar : str
        `exchange_calendars` name: ``XNYS``, ``24/7``.
    cls : str
        ``stock``, ``etf``, ``crypto`` ...
    currency : str
        Local currency of the fills.
    trade_days : ndarray of shape (n_sessions,), int64
        Label date of each session, days since 1970-01-01, not falling.
    settle_days : ndarray of shape (n_sessions,), int64
        Settlement date of a trade in each session, not falling.
    first, last : int
        The run may trade in sessions ``first <= k < last``. Law is demanded for these and for no other, and every row
        is clipped to them.

    Raises
    ------
    CostError
        The arrays do not match, fall, or the window leaves them.
    """

    symbol: str
    venue: str
    calendar: str
    cls: str
    currency: str
    trade_days: Days
    settle_days: Days
    first: int
    last: int

    def __post_init__(self) -> None:
        check_axis(self.trade_days, self.settle_days, self.first, self.last, self.symbol)


def check_axis(trade_days: Days, settle_days: Days, first: int, last: int, where: str) -> None:
    """Raise `CostError` unless both day arrays are one axis of sessions that holds the window."""
    faults = []
    if trade_days.ndim != 1 or trade_days.shape != settle_days.shape:
        faults.append(
            Fault(where, f"trade_days {trade_days.shape} and settle_days {settle_days.shape} are not one axis")
        )
    for name, days in (("trade_days", trade_days), ("settle_days", settle_days)):
        if days.dtype.kind not in "iu":
            faults.append(Fault(where, f"{name} has type {days.dtype}", "give int64 days since 1970-01-01"))
        elif days.ndim == 1 and bool((days[1:] < days[:-1]).any()):
            faults.append(Fault(where, f"{name} falls", "sort the sessions"))
    if not 0 <= first <= last <= trade_days.size:
        faults.append(Fault(where, f"the window [{first}, {last}) leaves the {trade_days.size} sessions"))
    if faults:
        raise CostError(faults)

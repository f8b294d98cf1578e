"""The orders of one thesis as records, without the instants and lags that variants move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from deepshock.arrays import ORDER, Records
from deepshock.cost import CostSet, cost_set
from deepshock.engine.orders import draft
from deepshock.errors import DeepshockError
from deepshock.experiment.planning.legs import kind_of, legs_of
from deepshock.experiment.planning.names import ROW, Names
from deepshock.experiment.planning.roles import Member
from deepshock.experiment.planning.rules import Base
from deepshock.plan import LEG, Gate, decided_at, instant, nanoseconds, plan_member
from deepshock.thesis import Thesis

FIRST = instant(-(1 << 61))  # before any source


@dataclass(frozen=True)
class Piece:
    """The orders of one thesis: legs, then hedges.

    Parameters
    ----------
    name : str
        Of the thesis.
    base : Base
        Its rules.
    leg : ndarray of ORDER
        On the calendars of the venues; instrument is the number of a symbol.
    row : ndarray of ROW
        The gate of a hedge has its words alone.
    n_legs : int
        How many of its orders are no hedges.
    hedged : bool
        Whether there are more orders the more of its legs are sent.
    error : str
        Why it can't be planned, empty if it can.
    """

    name: str
    base: Base
    leg: Records
    row: Records
    n_legs: int = 0
    hedged: bool = False
    error: str = ""

    def known(self, name: str, known_ns: int) -> Piece:
        """Return the orders of a thesis that says the same, but has another name and is known at another instant."""
        row = self.row.copy()
        row["decided"] = np.maximum(row["floor"], known_ns)
        return replace(self, name=name, row=row)


def piece_of(member: Member, thesis: Thesis, base: Base, names: Names) -> Piece:
    """Plan one thesis.

    Parameters
    ----------
    member : Member
    thesis : Thesis
        The member as it is under some variant.
    base : Base
        Its rules.
    names : Names
    """
    try:
        found = _hedged(member, thesis, names) if thesis.hedge else legs_of(thesis, member, names)
    except DeepshockError as error:
        return Piece(thesis.name, base, np.zeros(0, ORDER), np.zeros(0, ROW), error=said(error))
    leg, row = found
    row["floor"] = _FIRST_NS if thesis.enter.on is None else nanoseconds(decided_at(thesis, FIRST))
    n_legs = int((leg["parent"] < 0).sum()) if thesis.hedge else len(leg)
    return Piece(thesis.name, base, leg, row, n_legs, thesis.hedge is not None)


def _hedged(member: Member, thesis: Thesis, names: Names) -> tuple[Records, Records]:
    """Lay out legs and hedges, planned one by one: a hedge hangs on what is sent, and on prices."""
    planned, orders, _ = plan_member(thesis, member.share, 0, names.market, _free(), member.source)
    leg, decided, symbols = draft(orders, [planned], names.market)
    kind = kind_of(thesis)
    leg["due_kind"] = np.where(leg["parent"] < 0, kind, 0)
    leg["instrument"] = np.array([names.symbol(symbol) for symbol in symbols])[leg["instrument"]]
    lines = [
        names.line(order.symbol, order.side, order.tier, kind).row
        if order.role == LEG
        else names.row(order.symbol, Gate(order.refused), order.tier, None)
        for order in orders
    ]
    row = np.array([(*line, thesis.enter.lag, 0, 0) for line in lines], ROW)
    row["decided"] = decided
    return leg, row


@cache
def _free() -> CostSet:
    """Return costs to plan with: the fees of shorts are the account's, and are written in with it."""
    return cost_set("none")


_FIRST_NS = nanoseconds(FIRST)


def said(error: DeepshockError) -> str:
    """Return what is wrong as one text: the reason of a variant that can't run."""
    return "; ".join(map(str, error.faults))

"""The orders of one thesis as records, without the instants and lags that variants move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from deepshock.arrays import ORDER, Records
from deepshock.cost import CostSet, cost_set
from deepshock.engine.orders import draft
from deepshock.errors import DeepshockError
from deepshock.experiment.planning.names import Names
from deepshock.experiment.planning.roles import Member
from deepshock.experiment.planning.rules import Base
from deepshock.plan import CLOSE, LEG, OPEN, Gate, decided_at, instant, nanoseconds, plan_member
from deepshock.thesis import Thesis

TIERS = ("general", "special", "none")
FIRST = instant(-(1 << 61))  # before any source

# What an order needs to be moved in time: its gate, its venue and kind of auction, when it is decided.
ROW = np.dtype(
    [
        *((name, np.int64) for name in ("ends", "first", "last")),  # as of a Gate
        *((name, np.int64) for name in ("venue", "clock")),  # numbers of `Names`; clock -1 for a hedge
        *((name, np.int64) for name in ("decided", "floor")),  # UTC ns: as planned, and no earlier than this
        *((name, np.int64) for name in ("tier", "lag")),
        ("never", np.bool_),
    ]
)


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
    gates : tuple of Gate
        Of each order; a hedge's own has its words alone.
    hedged : bool
        Whether there are more orders the more of its legs are sent.
    error : str
        Why it can't be planned, empty if it can.
    """

    name: str
    base: Base
    leg: Records
    row: Records
    gates: tuple[Gate, ...] = ()
    hedged: bool = False
    error: str = ""

    @property
    def n_legs(self) -> int:
        """How many of its orders are no hedges."""
        return int((self.leg["parent"] < 0).sum())


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
    market = names.market
    try:
        planned, orders, _ = plan_member(thesis, member.share, 0, market, _free(), member.source)
    except DeepshockError as error:
        return Piece(thesis.name, base, np.zeros(0, ORDER), np.zeros(0, ROW), error=said(error))
    leg, decided, symbols = draft(orders, [planned], market)
    kind = CLOSE if thesis.enter.at == "close" else OPEN
    leg["due_kind"] = np.where(leg["parent"] < 0, kind, 0)
    leg["instrument"] = np.array([names.symbol(symbol) for symbol in symbols])[leg["instrument"]]
    gates = tuple(names.gate(order, kind) for order in orders)
    row = np.zeros(len(leg), ROW)
    row["decided"], row["lag"] = decided, thesis.enter.lag
    row["floor"] = nanoseconds(decided_at(thesis, FIRST))
    for one, order, gate in zip(row, orders, gates, strict=True):
        one["never"], one["ends"] = bool(gate.never), gate.ends_ns
        one["first"], one["last"], one["tier"] = gate.first, gate.last, TIERS.index(order.tier)
        calendar = market.instrument(order.symbol).calendar
        one["venue"] = names.venue(calendar)
        one["clock"] = names.clock(calendar, kind) if order.role == LEG and not gate.never else -1
    return Piece(thesis.name, base, leg, row, gates, thesis.hedge is not None)


@cache
def _free() -> CostSet:
    """Return costs to plan with: the fees of shorts are the account's, and are written in with it."""
    return cost_set("none")


def said(error: DeepshockError) -> str:
    """Return what is wrong as one text: the reason of a variant that can't run."""
    return "; ".join(map(str, error.faults))

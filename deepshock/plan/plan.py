"""A plan: what will be sent to which auction, decided when, and why. Frozen; no price of the future is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from deepshock.cost import CostSet
from deepshock.plan.timeline import Auction
from deepshock.thesis import Margin, Thesis

LEG: Literal["leg"] = "leg"
HEDGE: Literal["hedge"] = "hedge"
NOTHING_RUNS = "none of its theses can run"


@dataclass(frozen=True)
class PlannedOrder:
    """One order: a leg of a thesis, or the hedge of a leg.

    Parameters
    ----------
    symbol, role : str
        What is traded, and whether as a leg or a hedge.
    group : int
        Index of its thesis in the plan.
    side : int
        +1 buys to open, -1 sells short.
    proxy : bool
        True if we chose the instrument, False if the source named it.
    unit : float
        Signed share of the thesis's NAV before its gross; of a hedge, of the leg's filled notional.
    size : float
        Signed share of the NAV at decision: unit x gross x the thesis's share; of a hedge, the unit.
    decided_at : datetime
        When the entry was decided, UTC.
    due : Auction or None
        First auction that may fill it; None for hedges (their leg's fill decides) and where the calendar has none.
    within : int
        Sessions that it may wait, the due one included.
    hold : int or None
        Sessions from the fill to the exit at the close.
    exit : Auction or None
        The dated exit.
    exit_word : str
        Its words, such as ``before npc opens``.
    exit_known : datetime or None
        Since when the event of the dated exit is known.
    stop, target, trailing : float or None
        Fractions of the entry price.
    parent : int
        Index of the hedged order, -1 for a leg.
    beta : float
        Beta of the hedged leg, nan for a leg.
    borrow : float
        Annual borrow rate if short.
    tier : str
        Borrow tier.
    withholding : float
        Withheld from dividends received.
    fractional : bool
        True: its shares are not rounded to lots.
    uptick : str
        What a short sale does under Rule 201: ``passive``, ``wait`` or ``ignore``.
    refused : str
        Why it will not be sent at all, empty if it will.
    """

    symbol: str
    role: Literal["leg", "hedge"]
    group: int
    side: int
    proxy: bool
    unit: float
    size: float
    decided_at: datetime
    due: Auction | None
    within: int
    hold: int | None = None
    exit: Auction | None = None
    exit_word: str = ""
    exit_known: datetime | None = None
    stop: float | None = None
    target: float | None = None
    trailing: float | None = None
    parent: int = -1
    beta: float = float("nan")
    borrow: float = 0.0
    tier: str = "general"
    withholding: float = 0.0
    fractional: bool = False
    uptick: str = "passive"
    refused: str = ""


@dataclass(frozen=True)
class PlannedThesis:
    """One thesis within a plan: its share of the account and the instants that count."""

    thesis: Thesis
    share: float
    source: str
    known_at: datetime
    news: datetime
    reason: str = ""  # why nothing of it can run, empty if something can


@dataclass(frozen=True)
class Plan:
    """The orders of one account.

    Parameters
    ----------
    name : str
        Of the thesis or the book.
    members : tuple of PlannedThesis
        One, or those of the book.
    orders : tuple of PlannedOrder
        Legs first, then hedges.
    capital : float
        In ``currency``, the base of the account.
    costs : CostSet
        What trading and financing costs.
    warnings : tuple of str
        What the reader must know.
    margin : Margin
        The rule of the whole account.
    """

    name: str
    members: tuple[PlannedThesis, ...]
    orders: tuple[PlannedOrder, ...]
    capital: float
    currency: str
    costs: CostSet
    is_book: bool = False
    warnings: tuple[str, ...] = field(default=())
    margin: Margin = field(default_factory=Margin)

    @property
    def runnable(self) -> bool:
        """Whether any order will be sent."""
        return any(not order.refused for order in self.orders)

    @property
    def reason(self) -> str:
        """Why nothing can run, empty if something can."""
        if self.runnable:
            return ""
        return NOTHING_RUNS if self.is_book else self.members[0].reason

    @property
    def symbols(self) -> tuple[str, ...]:
        """Instruments that may trade, in the order of the orders."""
        return tuple(dict.fromkeys(order.symbol for order in self.orders if not order.refused))

    @property
    def known_at(self) -> datetime:
        """The first instant at which any of its theses is known."""
        return min(member.known_at for member in self.members)

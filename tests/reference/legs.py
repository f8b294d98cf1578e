"""A leg from its order to its last fill: what it is, and the state that it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .auctions import Row, Venue
from .bars import Instrument
from .costs import CostSheet
from .holding import Holding
from .plan import DatedExit, Thesis


@dataclass(eq=False)
class Member:
    """A thesis within an account.

    Attributes
    ----------
    share : float
        Of the account; 1 for a thesis by itself.
    start : datetime
        When its entries are decided.
    highest : float
        Its own value at its highest so far, in base currency.
    decided : bool
        Whether its entries have been sized.
    stopped : bool
        Whether its drawdown has closed it.
    """

    thesis: Thesis
    share: float
    sheet: CostSheet
    start: datetime
    highest: float
    decided: bool = False
    stopped: bool = False


@dataclass
class Exit:
    """An exit that has fired and waits for an auction.

    Attributes
    ----------
    kind : str
        hold, before, on, date, stop, target, trailing, drawdown, recall, margin call or hedge exit.
    after : Row
        It fills on a later row of its venue than this.
    """

    kind: str
    decided_at: datetime
    after: Row


@dataclass
class Order:
    """What a leg has to trade until it stands.

    Attributes
    ----------
    decided_at : datetime
        When it was decided, or the auction that failed it last or left a rest of it.
    first, last : Row
        The next auction at which it may fill, and the last one; a hedge has no last one.
    notional, filled : float
        In base currency, as cut for margin; that of a hedge grows with each fill of its leg.
    live : bool
        Whether it waits or goes on.
    over : bool
        Whether it has ended for good; a hedge that has all its leg has asked for so far is neither live nor over.
    """

    decided_at: datetime
    first: Row | None = None
    last: Row | None = None
    notional: float = 0.0
    filled: float = 0.0
    live: bool = True
    over: bool = False


@dataclass(frozen=True)
class Entry:
    """One fill of an order: adjusted shares without a sign, and their value in base currency."""

    row: Row
    session: int
    shares: float
    price: float
    value: float


@dataclass(eq=False)
class Leg:
    """A leg of a thesis, or the hedge of one.

    Attributes
    ----------
    side : {1, -1}
    weight : float
        Share of the gross; 0 for a hedge.
    word : str
        The thesis's own borrow tier.
    beta : float, optional
        By which it is hedged; None where it is not.
    hedges : Leg, optional
        The leg that a hedge follows.
    hedge : Leg, optional
        The hedge that follows a leg, from its first fill on.
    armed_from : int
        The first session in which its levels are tested.
    best : float
        The best price since entry, the current session excluded.
    planned : DatedExit, optional
        The first of its scheduled exits.
    pending : Exit, optional
        What has fired and not filled, or not altogether.
    exit_row : Row, optional
        Of the fill that closed it.
    exit_price : float, optional
        Of its last exit so far.
    """

    member: Member
    index: int
    instrument: Instrument
    side: int
    weight: float
    order: Order
    word: str = "general"
    beta: float | None = None
    hedges: Leg | None = None
    hedge: Leg | None = None
    # the position
    holding: Holding | None = None
    entries: list[Entry] = field(default_factory=list)
    armed_from: int = -1
    best: float = 0.0
    # the exits
    dated: Sequence[DatedExit] = ()
    planned: DatedExit | None = None
    pending: Exit | None = None
    exit_row: Row | None = None
    exit_price: float | None = None
    exit_on_plan: bool = False

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.instrument.symbol

    @property
    def venue(self) -> Venue:
        """The instrument's venue."""
        return self.instrument.venue

    @property
    def buys(self) -> bool:
        """Whether the entry is a purchase."""
        return self.side > 0

    @property
    def is_open(self) -> bool:
        """Whether there is a position."""
        return self.holding is not None and self.holding.shares != 0

    @property
    def is_closed(self) -> bool:
        """Whether there was a position and is none any more."""
        return self.exit_row is not None

    @property
    def average_price(self) -> float:
        """The price from which stop and target hang: that of the fills, weighted by shares."""
        if len(self.entries) == 1:
            return self.entries[0].price
        return sum(one.shares * one.price for one in self.entries) / sum(one.shares for one in self.entries)

    def filled_before(self, row: Row) -> float:
        """Return what has filled on earlier rows, in base currency."""
        return sum(one.value for one in self.entries if one.row < row)

    def level_reached(self, low: float, high: float) -> tuple[str, float]:
        """Return which level a range of prices has reached, the stops before the target, and the level itself.

        Of stop and trailing stop the tighter counts; where they are equal it is called a stop.
        """
        rules, side, entered = self.member.thesis.exit, self.side, self.average_price
        stops = []
        if rules.stop is not None:
            stops.append(("stop", entered * (1 - side * rules.stop)))
        if rules.trailing is not None:
            stops.append(("trailing", self.best * (1 - side * rules.trailing)))
        if stops:
            kind, level = max(stops, key=lambda one: side * one[1])
            if low <= level if side > 0 else high >= level:
                return kind, level
        if rules.target is not None:
            level = entered * (1 + side * rules.target)
            if high >= level if side > 0 else low <= level:
                return "target", level
        return "", 0.0

    def remember_best(self, index: int) -> None:
        """Take a completed session into the extreme from which a trailing stop hangs; a halt does not count."""
        bar = self.instrument.bars.get(index)
        if not self.is_open or index < self.armed_from or self.instrument.halted(index):
            return
        if self.side > 0:
            self.best = max(self.best, bar.close if bar.high is None else bar.high)
        else:
            self.best = min(self.best, bar.close if bar.low is None else bar.low)

"""A leg from its order to its last fill: what it is, and the state that it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .account import Holding
from .auctions import Row, Venue
from .bars import Instrument
from .costs import CostSheet
from .plan import DatedExit, Thesis


@dataclass
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
    stopped : bool
        Whether its drawdown has closed it.
    """

    thesis: Thesis
    share: float
    sheet: CostSheet
    start: datetime
    highest: float
    stopped: bool = False


@dataclass
class Exit:
    """An exit that has fired and waits for an auction.

    Attributes
    ----------
    kind : str
        hold, before, on, date, stop, target, trailing, drawdown or hedge exit.
    after : Row
        It fills on a later row of its venue than this.
    """

    kind: str
    decided_at: datetime
    after: Row


@dataclass
class Leg:
    """A leg of a thesis, or the hedge of one.

    Attributes
    ----------
    side : {1, -1}
    weight : float
        Share of the gross; 0 for a hedge, which has a ``notional`` in base currency instead.
    state : {"waiting", "open", "closed", "unfilled"}
    first, last : Row
        The auction at which the entry is due, and the last one at which it may fill.
    hedges : Leg, optional
        The leg that a hedge follows.
    armed_from : int
        The first session in which its levels are tested.
    best : float
        The best price since entry, the current session excluded.
    planned : DatedExit, optional
        The first of its scheduled exits.
    pending : Exit, optional
        What has fired and not filled.
    """

    member: Member
    index: int
    instrument: Instrument
    side: int
    weight: float
    state: str = "waiting"
    # the order
    decided_at: datetime | None = None
    first: Row | None = None
    last: Row | None = None
    notional: float = 0.0
    hedges: Leg | None = None
    # the position
    holding: Holding | None = None
    entry_row: Row | None = None
    entry_price: float = 0.0
    entry_session: int = -1
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

    def level_reached(self, low: float, high: float) -> tuple[str, float]:
        """Return which level a range of prices has reached, the stops before the target, and the level itself.

        Of stop and trailing stop the tighter counts; where they are equal it is called a stop.
        """
        rules, side = self.member.thesis.exit, self.side
        stops = []
        if rules.stop is not None:
            stops.append(("stop", self.entry_price * (1 - side * rules.stop)))
        if rules.trailing is not None:
            stops.append(("trailing", self.best * (1 - side * rules.trailing)))
        if stops:
            kind, level = max(stops, key=lambda one: side * one[1])
            if low <= level if side > 0 else high >= level:
                return kind, level
        if rules.target is not None:
            level = self.entry_price * (1 + side * rules.target)
            if high >= level if side > 0 else low <= level:
                return "target", level
        return "", 0.0

    def remember_best(self, index: int) -> None:
        """Take a completed session into the extreme from which a trailing stop hangs; a halt does not count."""
        bar = self.instrument.bars.get(index)
        if self.state != "open" or index < self.armed_from or self.instrument.halted(index):
            return
        if self.side > 0:
            self.best = max(self.best, bar.close if bar.high is None else bar.high)
        else:
            self.best = min(self.best, bar.close if bar.low is None else bar.low)

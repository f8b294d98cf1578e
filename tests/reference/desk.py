"""The desk: what a run owns and knows, and how it trades; when it trades is a matter of the modules beside it."""

from __future__ import annotations

import math
from datetime import datetime

from .account import Account
from .auctions import Axis, Row, Venue
from .bars import Instrument
from .holding import Holding
from .legs import Leg, Member, Order
from .lending import Lending
from .margin import MarginRule
from .outcome import Reference
from .plan import DatedExit, beta, dated_exits, due_session, weights

# Exits that the participation cap does not bind.
UNCAPPED = {"recall", "margin call", "merger", "delisting"}


class Desk:
    """The state of one run.

    Attributes
    ----------
    legs : list of Leg
        The legs of all theses in written order, then each hedge as it is ordered.
    """

    def __init__(
        self,
        market: dict[str, Instrument],
        members: list[Member],
        account: Account,
        lending: Lending,
        margin: MarginRule,
    ) -> None:
        self.market = market
        self.members = members
        self.account = account
        self.lending = lending
        self.margin = margin
        self.out = Reference(account.capital, account.base)
        self.first_row: Row | None = None
        self.legs: list[Leg] = []
        for member in members:
            self.legs += self._legs_of(member)
        self.axis = Axis(self._venues())

    # Plan

    def _legs_of(self, member: Member) -> list[Leg]:
        thesis = member.thesis
        legs = []
        for index, (spec, weight) in enumerate(zip(thesis.legs(), weights(thesis, self.market), strict=True)):
            one = self.market[spec.symbol]
            leg = Leg(member, index, one, spec.side, weight, Order(member.start))
            leg.word = str(thesis.borrow.get(spec.symbol, "general"))
            if thesis.hedge is not None:
                leg.beta = beta(one, self.market[thesis.hedge.beta_to], member.start)
            leg.dated = dated_exits(thesis, leg.venue)
            due = due_session(thesis, leg.venue)
            if due is None or due >= leg.venue.n_traded or self.refused(leg):
                self.end_order(leg)
            else:
                leg.order.first = leg.venue.row(due, thesis.enter.at)
                leg.order.last = leg.venue.row(min(due + thesis.enter.within, len(leg.venue.sessions)) - 1, "close")
            legs.append(leg)
        return legs

    def refused(self, leg: Leg) -> bool:
        """Say whether a leg cannot be had at all: it is gone, or a short of an A share or of what nobody lends."""
        if self._has_ended(leg):
            return True
        if leg.buys:
            return False
        return leg.venue.calendar == "XSHG" or (leg.word == "none" and not self.lending.can_help(leg.symbol))

    def _has_ended(self, leg: Leg) -> bool:
        """Say whether an instrument was gone before its order was decided."""
        ending = leg.instrument.ending
        return ending is not None and leg.venue.row(ending.index, "open")[0] <= leg.member.start

    def _venues(self) -> list[Venue]:
        """Return the venues of all that the run may trade: nothing that is refused, no hedge without a beta."""
        traded = []
        for leg in self.legs:
            if not self.refused(leg):
                traded.append(leg.venue)
                if leg.beta is not None and not self.refused(self.new_hedge(leg)):
                    traded.append(self.market[leg.member.thesis.hedge.via].venue)
        return list({venue.calendar: venue for venue in traded}.values())

    def hedge_side(self, leg: Leg) -> int:
        """Return the side of a leg's hedge."""
        return -leg.side if leg.beta > 0 else leg.side

    def hedge_ratio(self, leg: Leg) -> float:
        """Return how much hedge goes with a leg: its beta without the sign, 0 where there is none to be had."""
        if leg.beta is None:
            return 0.0
        return 0.0 if self.refused(self.new_hedge(leg)) else abs(leg.beta)

    def new_hedge(self, leg: Leg) -> Leg:
        """Return a hedge that has not been ordered yet."""
        thesis = leg.member.thesis
        one = self.market[thesis.hedge.via]
        hedge = Leg(leg.member, len(thesis.legs()) + leg.index, one, self.hedge_side(leg), 0.0, Order(leg.member.start))
        hedge.word = str(thesis.borrow.get(one.symbol, "general"))
        hedge.hedges = leg
        return hedge

    # Trades

    def cap(self, leg: Leg, index: int) -> float:
        """Return the most that a fill of a session takes, in adjusted shares; infinite where nothing binds."""
        share, volume = leg.member.sheet.participation, leg.instrument.typical_volume(index)
        if volume is None or math.isinf(share):
            return math.inf
        most = share * volume
        return most if leg.member.thesis.fractional else leg.instrument.whole_lots(index, most)

    def trade(
        self, leg: Leg, row: Row, index: int, price: float, shares: float, reason: str, decided_at: datetime
    ) -> float:
        """Book a fill of signed shares and put it on record; return its exchange rate."""
        if leg.holding is None:
            thesis, sheet = leg.member.thesis, leg.member.sheet
            leg.holding = Holding(
                thesis.name,
                leg.index,
                leg.instrument,
                sheet,
                thesis.withholding,
                lambda night: self.lending.yearly(leg.symbol, night, leg.word, sheet),
            )
        taxed = reason not in ("merger", "delisting")
        fx, costs = self.account.trade(leg.holding, row, index, price, shares, taxed=taxed)
        self.first_row = self.first_row or row
        self.out.fills.append(
            {
                "symbol": leg.symbol,
                "thesis": leg.member.thesis.name,
                "side": "buy" if shares > 0 else "sell",
                "reason": reason,
                "decided_at": decided_at,
                "fill_at": row[0],
                "shares": shares,
                "price": price,
                "currency": leg.instrument.currency,
                "fx": fx,
                "costs": costs,
            }
        )
        return fx

    def end_order(self, leg: Leg, *, told: bool = True) -> None:
        """End an order for good; what of it has not filled is reported, unless it is less than a lot."""
        order = leg.order
        if order.over:
            return
        # A hedge that rounded to nothing waited for more in vain.
        lacks = order.live or not leg.entries
        order.live, order.over = False, True
        if told and lacks:
            part = 1 - order.filled / order.notional if leg.entries else 1.0
            self.out.unfilled.append((leg.symbol, "entry" if leg.hedges is None else "hedge", part))
            self.note("rest unfilled" if leg.entries else "unfilled")

    def note(self, event: str) -> None:
        """Count something that the rules did."""
        self.out.events[event] += 1

    def plan_exit(self, leg: Leg) -> None:
        """Choose the first of the scheduled exits, once a leg has its first fill."""
        exits = list(leg.dated)
        hold, index = leg.member.thesis.exit.hold, leg.entries[0].session
        if hold is not None and index + hold < len(leg.venue.sessions):
            exits.insert(0, DatedExit(leg.venue.row(index + hold, "close"), "hold", None))
        leg.planned = min(exits, key=lambda one: one.row, default=None)

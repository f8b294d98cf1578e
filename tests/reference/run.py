"""The walk over the auctions (rules, sections 3 to 7 and 15 to 17): what happens on a row, and in which order.

On each row: dividends; mergers and delistings; on a close the rests that a recall ends and the shorts that were offered
all session; exits and entries at the auction; hedges; on a close the stops and targets that its session has reached,
then recalls; and on a valuation row interest and borrow, marks, thesis-level stops, margin. A level that is reached
beats a scheduled exit at the close of its session, so it is looked for before that auction and booked after it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from . import entries, exits, margin
from .account import Account
from .auctions import Row
from .bars import read_market
from .costs import CostSheet
from .desk import Desk
from .fx import Rates
from .legs import Exit, Leg, Member
from .lending import Lending
from .margin import MarginRule, Snapshot
from .outcome import Reference, parts_of
from .plan import start_of


def reference_run(
    thesis_or_members: Any,
    frame: pd.DataFrame,
    fx_frame: pd.DataFrame,
    *,
    costs: Any = None,
    capital: Any = None,
    borrow: pd.DataFrame | None = None,
    recalls: pd.DataFrame | None = None,
    designated: pd.DataFrame | None = None,
    actions: pd.DataFrame | None = None,
) -> Reference:
    """Run a thesis, or several in one account, by the rules.

    Parameters
    ----------
    thesis_or_members : Thesis, Book or list of (Thesis, share)
    frame : DataFrame
        Long bars with the columns of a provider and ``class``, ``lot`` and ``limit_pct``. They begin before the first
        fill and know all symbols of the thesis.
    fx_frame : DataFrame with columns known_at, currency, base, rate
    costs : CostChoice, optional
        In place of the costs of every thesis; by default the book's, else each thesis's own. Interest on the free cash
        of a book follows the first.
    capital : Money, optional
        Of the account; by default the book's, else that of the (first) thesis.
    borrow, recalls, designated : DataFrame, optional
        See :class:`reference.lending.Lending`.
    actions : DataFrame, optional
        Mergers and delistings: symbol, date, kind, cash.

    Returns
    -------
    Reference
    """
    item = thesis_or_members
    pairs = getattr(item, "members", item)
    if not isinstance(pairs, (list, tuple)):
        pairs = [(pairs, 1.0)]
    costs = costs or getattr(item, "costs", None)
    capital = capital or getattr(item, "capital", None) or pairs[0][0].capital
    members = []
    for thesis, share in pairs:
        choice = costs or thesis.costs
        sheet = CostSheet(choice.preset, choice.overrides)
        members.append(Member(thesis, share, sheet, start_of(thesis), share * float(capital.amount)))
    account = Account(capital.currency, float(capital.amount), Rates(fx_frame), members[0].sheet)
    lending = Lending(borrow, recalls, designated)
    rule = MarginRule.of(getattr(item, "margin", None) or pairs[0][0].margin)
    return Run(Desk(read_market(frame, actions), members, account, lending, rule)).walk()


class Run:
    """The walk of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.account = desk.account
        self.out = desk.out
        self.last_row: Row | None = None
        self.snapshot = Snapshot(desk.account.capital)
        self.nights: list[date] = []

    def walk(self) -> Reference:
        """Visit every row until nothing is open or waiting, or the data end."""
        axis = self.desk.axis
        valuation = set(axis.valuation)
        start = min(member.start for member in self.desk.members)
        over = not valuation
        for row in axis.rows:
            if over:
                break
            self._decide(row)
            if row[0] >= start and row <= axis.valuation[-1]:
                self._auction(row)
            if row in valuation:
                over = self._count(row)
        return self._finish()

    def _decide(self, row: Row) -> None:
        """Take the decisions that come before a row, in their order; those of one instant together."""
        due = [member for member in self.desk.members if not member.decided and member.start < row[0]]
        for instant in sorted({member.start for member in due}):
            margin.decide(self.desk, [member for member in due if member.start == instant], self.snapshot)

    def _auction(self, row: Row) -> None:
        """Let everything happen that belongs to one row, but for the counting of money."""
        desk = self.desk
        here = [(leg, leg.venue.at[row]) for leg in desk.legs if row in leg.venue.at]
        for leg, index in here:
            if row[1] == "open":
                if leg.is_open and leg.instrument.dividend(index):
                    self.account.dividend(leg.holding, row, leg.instrument.dividend(index))
                exits.pay_out(desk, leg, row, index)
            elif exits.asked_back(desk, leg, row, index):
                desk.end_order(leg)
            else:
                entries.was_offered(desk, leg, row, index)
        hits = self._fill(row, here)
        for leg, index, hit in hits:
            exits.exit_at_level(desk, leg, row, index, hit)
        if row[1] == "close":
            for leg, index in here:
                exits.recall(desk, leg, row, index)
                leg.remember_best(index)

    def _fill(self, row: Row, here: list[tuple[Leg, int]]) -> list[tuple[Leg, int, exits.Hit]]:
        """Let legs and then their hedges trade at an auction; return the legs whose levels its session has reached."""
        hits = []
        for leg, index in here:
            if leg.hedges is not None:
                continue
            hit = exits.level(leg, index) if row[1] == "close" and leg.is_open else None
            if hit is not None:
                hits.append((leg, index, hit))
                continue
            if leg.is_open:
                exits.act(self.desk, leg, row, index)
            entries.act(self.desk, leg, row, index)
        # A hedge that an entry has just ordered is not among these: it trades on a later row.
        for leg, index in here:
            if leg.hedges is not None:
                if leg.is_open:
                    exits.act_hedge(self.desk, leg, row, index)
                entries.act(self.desk, leg, row, index)
        return hits

    # Money

    def _count(self, row: Row) -> bool:
        """Count the account on a valuation row; say whether the run is over."""
        before, self.last_row = self.last_row, row
        if self.desk.first_row is None:
            self.snapshot = margin.snapshot(self.desk, self.account.capital)
            return not self._alive()
        today = row[0].date()
        first = max(before[0].date(), self.desk.first_row[0].date())
        nights = [first + timedelta(n) for n in range((today - first).days)]
        self.nights += nights
        self.account.interest(row, nights)
        self.account.lending(row, nights)
        self.account.mark(row)
        self.account.book_lines(row)
        self._thesis_stops(row)
        required, called = margin.maintain(self.desk, row, self.account.value(row))
        self.out.margin.append((row[0], required, called))
        over = row == self.desk.axis.valuation[-1] or not self._alive()
        if over:
            self._settle(row)
        value = self.account.value(row)
        if not self.out.nav:
            self.out.nav.append((before[0], self.account.capital))
        self.out.nav.append((row[0], value))
        self.out.cash.append((row[0], self.account.cash()))
        self.snapshot = margin.snapshot(self.desk, value)
        return over

    def _settle(self, row: Row) -> None:
        """Book on the last row what is still lent until the last cover settles."""
        returns = [one.last_return() for one in self.account.holdings]
        today = row[0].date()
        until = max((one for one in returns if one is not None), default=today)
        nights = [today + timedelta(n) for n in range((until - today).days)]
        self.account.lending(row, nights, after_the_end=True)
        self.account.book_lines(row)

    def _alive(self) -> bool:
        return any(leg.is_open or leg.order.live for leg in self.desk.legs)

    def _thesis_stops(self, row: Row) -> None:
        """Judge every thesis's own value against its highest so far."""
        for member in self.desk.members:
            value = self._thesis_value(member)
            self.out.thesis_nav.setdefault(member.thesis.name, []).append((row[0], value))
            member.highest = max(member.highest, value)
            limit = member.thesis.exit.drawdown
            if limit is None or member.stopped or value / member.highest - 1 > -limit:
                continue
            member.stopped = True
            for leg in [leg for leg in self.desk.legs if leg.member is member]:
                self.desk.end_order(leg)
                if leg.is_open and leg.hedges is None and leg.pending is None:
                    leg.pending = Exit("drawdown", row[0], row)

    def _thesis_value(self, member: Member) -> float:
        """Return a thesis's share of the capital and of the cash interest, and the P&L of its own legs."""
        booked = self.account.booked
        return member.share * (self.account.capital + booked.get("", 0.0)) + booked.get(member.thesis.name, 0.0)

    def _finish(self) -> Reference:
        for leg in self.desk.legs:
            self.desk.end_order(leg)
        self.out.lines = self.account.lines
        self.out.legs = [parts_of(leg) for leg in self.desk.legs if leg.hedges is None]
        sheet = self.desk.members[0].sheet
        self.out.summarise(self.nights, interest=sheet.interest, all_nonstop=self.desk.axis.all_nonstop)
        return self.out

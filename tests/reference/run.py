"""The walk over the auctions (rules, sections 3 to 7): what fills, when, and why.

On each row, in this order: dividends; exits and entries at the auction; hedges; on a close the stops and targets that
its session has reached; and on a valuation row interest and borrow, marks, thesis-level stops. A level that is reached
beats a scheduled exit at the close of its session, so it is looked for before that auction and booked after it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from .account import Account, Holding
from .auctions import Axis, Row, Venue
from .bars import read_market
from .costs import CostSheet
from .fx import Rates
from .legs import Exit, Leg, Member
from .outcome import Reference
from .plan import DatedExit, beta, dated_exits, due_session, start_of, weights


def reference_run(
    thesis_or_members: Any,
    frame: pd.DataFrame,
    fx_frame: pd.DataFrame,
    *,
    costs: Any = None,
    capital: Any = None,
) -> Reference:
    """Run a thesis, or several in one account, by the rules.

    Rule 201, margin and participation are not part of it: theses say ``uptick: ignore`` and ``margin: none``.

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

    Returns
    -------
    Reference
    """
    members = getattr(thesis_or_members, "members", thesis_or_members)
    if not isinstance(members, (list, tuple)):
        members = [(members, 1.0)]
    costs = costs or getattr(thesis_or_members, "costs", None)
    capital = capital or getattr(thesis_or_members, "capital", None) or members[0][0].capital
    return Run(list(members), frame, fx_frame, costs, capital).walk()


class Hit(NamedTuple):
    """A level that a session has reached, and its price; None in a bar without range, which shows its close alone."""

    kind: str
    price: float | None


class Run:
    """The state of one run."""

    def __init__(self, members: list, frame: pd.DataFrame, fx_frame: pd.DataFrame, costs: Any, capital: Any) -> None:
        self.market = read_market(frame)
        self.capital = float(capital.amount)
        self.members = []
        for thesis, share in members:
            choice = costs or thesis.costs
            sheet = CostSheet(choice.preset, choice.overrides)
            self.members.append(Member(thesis, share, sheet, start_of(thesis), share * self.capital))
        self.account = Account(capital.currency, self.capital, Rates(fx_frame), self.members[0].sheet)
        self.out = Reference(self.capital, capital.currency)
        self.legs = [leg for member in self.members for leg in self._legs_of(member)]
        self.axis = Axis(self._venues())
        self.values: list[tuple[Row, float]] = []
        self.first_row: Row | None = None
        self.nights: list[date] = []

    # Plan

    def _venues(self) -> list[Venue]:
        """Return the venues of all that the run may trade: no leg that is refused, no hedge without a beta."""
        traded = []
        for leg in self.legs:
            if not self._refused(leg):
                traded.append(leg.venue)
                if self._beta(leg) is not None:
                    traded.append(self.market[leg.member.thesis.hedge.via].venue)
        return list({venue.calendar: venue for venue in traded}.values())

    def _legs_of(self, member: Member) -> list[Leg]:
        thesis = member.thesis
        legs = []
        for index, (spec, weight) in enumerate(zip(thesis.legs(), weights(thesis, self.market), strict=True)):
            leg = Leg(member, index, self.market[spec.symbol], spec.side, weight)
            leg.decided_at = member.start
            leg.dated = dated_exits(thesis, leg.venue)
            due = due_session(thesis, leg.venue)
            if due is None or due >= leg.venue.n_traded or self._refused(leg):
                self._give_up(leg)
            else:
                leg.first = leg.venue.row(due, thesis.enter.at)
                leg.last = leg.venue.row(min(due + thesis.enter.within, len(leg.venue.sessions)) - 1, "close")
            legs.append(leg)
        return legs

    def _refused(self, leg: Leg) -> bool:
        """Say whether a short cannot be had at all: an A share, or nothing to borrow."""
        return not leg.buys and (leg.venue.calendar == "XSHG" or self._borrow_tier(leg) == "none")

    def _borrow_tier(self, leg: Leg) -> str:
        return str(leg.member.thesis.borrow.get(leg.symbol, "general"))

    # Walk

    def walk(self) -> Reference:
        """Visit every row until nothing is open or waiting, or the data end."""
        valuation = set(self.axis.valuation)
        if not valuation:
            return self._finish()
        start = min(member.start for member in self.members)
        over = False
        for row in self.axis.rows:
            if row[0] >= start and row <= self.axis.valuation[-1]:
                self._auction(row)
            if row in valuation:
                over = self._count(row)
            if over:
                break
        return self._finish()

    def _auction(self, row: Row) -> None:
        """Let everything happen that belongs to one row, but for the counting of money."""
        here = [(leg, leg.venue.at[row]) for leg in self.legs if row in leg.venue.at]
        if row[1] == "open":
            for leg, index in here:
                bar = leg.instrument.bars.get(index)
                if leg.state == "open" and bar is not None and bar.dividend:
                    self.account.dividend(leg.holding, row, bar.dividend)
        hits = []
        for leg, index in here:
            if leg.hedges is None:
                hit = self._level(leg, index) if row[1] == "close" and leg.state == "open" else None
                if hit is not None:
                    hits.append((leg, index, hit))
                else:
                    self._act(leg, row, index)
        # A hedge that an entry has just ordered is not among these: it trades on a later row.
        for leg, index in here:
            if leg.hedges is not None:
                self._act_hedge(leg, row, index)
        for leg, index, hit in hits:
            self._exit_at_level(leg, row, index, hit)
        if row[1] == "close":
            for leg, index in here:
                leg.remember_best(index)

    def _act(self, leg: Leg, row: Row, index: int) -> None:
        """Let a leg take part in an auction."""
        if leg.state == "open":
            if leg.pending is None and leg.planned is not None and row >= leg.planned.row:
                usable = leg.planned.usable or leg.entry_row[0]
                leg.pending = Exit(leg.planned.kind, max(leg.entry_row[0], usable), leg.entry_row)
            if leg.pending is not None and row > leg.pending.after:
                self._try_exit(leg, row, index)
        elif leg.state == "waiting":
            self._try_entry(leg, row, index)

    # Entries

    def _try_entry(self, leg: Leg, row: Row, index: int) -> None:
        if row < leg.first:
            return
        if any(row >= one.row for one in leg.dated):
            self._give_up(leg)
            return
        if leg.instrument.refusal(index, row[1], buying=leg.buys):
            leg.decided_at = row[0]
            if row >= leg.last:
                self._give_up(leg)
            return
        notional = leg.weight * leg.member.thesis.gross * leg.member.share * self._nav_at(leg.member.start)
        self._enter(leg, row, index, notional, "entry")

    def _nav_at(self, instant: datetime) -> float:
        """Return the value of the account on the last valuation row at or before an instant."""
        known = [value for row, value in self.values if row[0] <= instant]
        return known[-1] if known else self.capital

    def _enter(self, leg: Leg, row: Row, index: int, notional: float, reason: str) -> None:
        """Turn a notional in base currency into shares, and buy or sell them."""
        thesis = leg.member.thesis
        price = leg.instrument.auction_price(index, row[1])
        fx = self.account.rates.at(leg.instrument.currency, self.account.base, row[0])
        shares = notional / (price * fx)
        if not thesis.fractional:
            shares = leg.instrument.whole_lots(index, shares)
        if not shares:
            self._give_up(leg)
            return
        rate = leg.member.sheet.figure(f"borrow.{self._borrow_tier(leg)}") if leg.side < 0 else 0.0
        holding = Holding(thesis.name, leg.index, leg.instrument, leg.member.sheet, thesis.withholding, rate)
        leg.holding = holding
        paid = self.account.open(holding, row, index, price, leg.side * shares)
        leg.state, leg.entry_row, leg.entry_session, leg.entry_price = "open", row, index, price
        leg.armed_from = index if row[1] == "open" else index + 1
        leg.best = price
        self.first_row = self.first_row or row
        self._record(leg, row, price, leg.side * shares, reason, leg.decided_at, paid)
        if leg.hedges is None:
            self._plan_exit(leg, index)
            self._order_hedge(leg, row, shares * price * paid[0])

    def _plan_exit(self, leg: Leg, index: int) -> None:
        """Choose the first of the scheduled exits."""
        exits = list(leg.dated)
        hold = leg.member.thesis.exit.hold
        if hold is not None and index + hold < len(leg.venue.sessions):
            exits.insert(0, DatedExit(leg.venue.row(index + hold, "close"), "hold", None))
        leg.planned = min(exits, key=lambda one: one.row, default=None)

    # Exits

    def _try_exit(self, leg: Leg, row: Row, index: int) -> None:
        if leg.instrument.refusal(index, row[1], buying=not leg.buys):
            leg.pending = Exit(leg.pending.kind, row[0], row)
            return
        price = leg.instrument.auction_price(index, row[1])
        on_plan = leg.planned is not None and row == leg.planned.row and leg.pending.kind == leg.planned.kind
        self._leave(leg, row, index, price, leg.pending.kind, leg.pending.decided_at, on_plan=on_plan)

    def _leave(
        self, leg: Leg, row: Row, index: int, price: float, reason: str, decided_at: datetime, *, on_plan: bool = False
    ) -> None:
        shares = -leg.holding.shares
        paid = self.account.close(leg.holding, row, index, price)
        leg.state, leg.exit_row, leg.exit_price, leg.exit_on_plan = "closed", row, price, on_plan
        self._record(leg, row, price, shares, reason, decided_at, paid)
        for hedge in self.legs:
            if hedge.hedges is leg and hedge.state == "waiting":
                self._give_up(hedge)

    def _level(self, leg: Leg, index: int) -> Hit | None:
        """Return the level that a session has reached, at its close.

        An exit that was due or carried at the session's open is not tested for levels any more.
        """
        bar = leg.instrument.bars.get(index)
        opening = leg.venue.row(index, "open")
        due = leg.planned is not None and leg.planned.row <= opening
        carried = leg.pending is not None and leg.pending.after <= opening
        if index < leg.armed_from or leg.instrument.halted(index) or due or carried:
            return None
        if bar.high is None or bar.low is None:
            kind, _ = leg.level_reached(bar.close, bar.close)
            return Hit(kind, None) if kind and leg.pending is None else None
        if leg.entry_session < index and bar.open is not None:
            kind, _ = leg.level_reached(bar.open, bar.open)
            if kind:
                return Hit(kind, bar.open)
        kind, level = leg.level_reached(bar.low, bar.high)
        return Hit(kind, level) if kind else None

    def _exit_at_level(self, leg: Leg, row: Row, index: int, hit: Hit) -> None:
        """Fill a level that was reached; where it stands at the limit, go on to this close and to later auctions."""
        if hit.price is None:
            leg.pending = Exit(hit.kind, row[0], row)
        elif leg.instrument.locked(index, hit.price, buying=not leg.buys):
            opening = leg.venue.row(index, "open")
            leg.pending = Exit(hit.kind, opening[0], opening)
            self._try_exit(leg, row, index)
        else:
            before = self.axis.before(leg.venue.row(index, "open"))
            decided_at = leg.entry_row[0] if before is None else max(before[0], leg.entry_row[0])
            self._leave(leg, row, index, hit.price, hit.kind, decided_at)

    # Hedges

    def _order_hedge(self, leg: Leg, row: Row, filled: float) -> None:
        """Order the hedge of a leg that has just filled, for the hedge instrument's next auction."""
        thesis, slope = leg.member.thesis, self._beta(leg)
        if slope is None:
            return
        side = -leg.side if slope > 0 else leg.side
        hedge = Leg(leg.member, len(thesis.legs()) + leg.index, self.market[thesis.hedge.via], side, 0.0)
        hedge.hedges, hedge.decided_at, hedge.first, hedge.notional = leg, row[0], row, filled * abs(slope)
        self.legs.append(hedge)
        if self._refused(hedge):
            self._give_up(hedge)

    def _beta(self, leg: Leg) -> float | None:
        """Return the beta by which a leg is hedged, or None where it is not."""
        hedge = leg.member.thesis.hedge
        return None if hedge is None else beta(leg.instrument, self.market[hedge.beta_to], leg.member.start)

    def _act_hedge(self, hedge: Leg, row: Row, index: int) -> None:
        leg = hedge.hedges
        if hedge.state == "waiting" and row > hedge.first:
            if hedge.instrument.refusal(index, row[1], buying=hedge.buys):
                hedge.decided_at = row[0]
            else:
                self._enter(hedge, row, index, hedge.notional, "hedge")
        elif hedge.state == "open" and leg.state == "closed":
            if hedge.pending is None:
                if row == leg.exit_row and not leg.exit_on_plan:
                    return
                usable = (leg.planned.usable if leg.exit_on_plan else leg.exit_row[0]) or hedge.entry_row[0]
                hedge.pending = Exit("hedge exit", max(usable, hedge.entry_row[0]), hedge.entry_row)
            self._try_exit(hedge, row, index)

    # Money

    def _count(self, row: Row) -> bool:
        """Count the account on a valuation row; say whether the run is over."""
        today = row[0].date()
        if self.first_row is None:
            self.values.append((row, self.capital))
            return not self._alive()
        first = max(self.values[-1][0][0].date(), self.first_row[0].date())
        nights = [first + timedelta(n) for n in range((today - first).days)]
        self.nights += nights
        self.account.interest(row, nights)
        self.account.lending(row, nights)
        self.account.mark(row)
        self.account.book_lines(row)
        self._thesis_stops(row)
        over = row == self.axis.valuation[-1] or not self._alive()
        if over:
            covers = [one.cover_settles for one in self.account.holdings if one.cover_settles is not None]
            until = max(covers, default=today)
            self.account.lending(row, [today + timedelta(n) for n in range((until - today).days)])
            self.account.book_lines(row)
        if not self.out.nav:
            self.out.nav.append((self.values[-1][0][0], self.capital))
        self.values.append((row, self.account.value(row)))
        self.out.nav.append((row[0], self.values[-1][1]))
        return over

    def _alive(self) -> bool:
        return any(leg.state in ("waiting", "open") for leg in self.legs)

    def _thesis_stops(self, row: Row) -> None:
        """Judge every thesis's own value against its highest so far."""
        for member in self.members:
            value = self._thesis_value(member)
            self.out.thesis_nav.setdefault(member.thesis.name, []).append((row[0], value))
            member.highest = max(member.highest, value)
            limit = member.thesis.exit.drawdown
            if limit is None or member.stopped or value / member.highest - 1 > -limit:
                continue
            member.stopped = True
            for leg in self.legs:
                if leg.member is not member:
                    continue
                if leg.state == "waiting":
                    self._give_up(leg)
                elif leg.state == "open" and leg.hedges is None and leg.pending is None:
                    leg.pending = Exit("drawdown", row[0], row)

    def _thesis_value(self, member: Member) -> float:
        """Return a thesis's share of the capital and of the cash interest, and the P&L of its own legs."""
        booked = self.account.booked
        return member.share * (self.capital + booked.get("", 0.0)) + booked.get(member.thesis.name, 0.0)

    # Records

    def _give_up(self, leg: Leg) -> None:
        leg.state = "unfilled"
        self.out.unfilled.append((leg.symbol, "entry" if leg.hedges is None else "hedge"))

    def _record(
        self,
        leg: Leg,
        row: Row,
        price: float,
        shares: float,
        reason: str,
        decided_at: datetime,
        paid: tuple[float, dict[str, float]],
    ) -> None:
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
                "fx": paid[0],
                "costs": paid[1],
            }
        )

    def _finish(self) -> Reference:
        for leg in self.legs:
            if leg.state == "waiting":
                self._give_up(leg)
        self.out.lines = self.account.lines
        self.out.legs = [self._parts(leg) for leg in self.legs if leg.hedges is None]
        sheet = self.members[0].sheet
        self.out.summarise(self.nights, interest=sheet.interest, all_nonstop=self.axis.all_nonstop)
        return self.out

    def _parts(self, leg: Leg) -> dict:
        """Split a leg's move into what was missed, what the gap took and what could be traded."""
        thesis = leg.member.thesis
        before = leg.instrument.price_known_at(thesis.news or thesis.known())
        known = leg.instrument.price_known_at(thesis.known())
        entered = leg.entry_price if leg.state in ("open", "closed") else None
        left = leg.holding.price if leg.state == "open" else leg.exit_price

        def move(start: float | None, end: float | None) -> float | None:
            return None if None in (before, start, end) else leg.side * (end - start) / before

        return {
            "thesis": thesis.name,
            "symbol": leg.symbol,
            "side": leg.side,
            "missed": move(before, known),
            "gap": move(known, entered),
            "tradable": move(entered, left),
        }

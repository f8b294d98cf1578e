"""Margin (rules, section 16): what entries need at their decision, and what positions need on every valuation row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .account import Account
from .auctions import Row
from .holding import Holding
from .legs import Exit, Leg, Member

if TYPE_CHECKING:
    from .desk import Desk

TOLERANCE = 1e-9


@dataclass(frozen=True)
class MarginRule:
    """The rule of an account.

    Attributes
    ----------
    kind : {"reg-t", "own", "none"}
    initial, maintenance : float
        Shares of the value; the maintenance of ``reg-t`` differs by side.
    """

    kind: str
    initial: float = 0.0
    maintenance: float = 0.0

    @classmethod
    def of(cls, words: Any) -> MarginRule:
        """Read the ``margin`` of a thesis or book."""
        if words.rule == "own":
            return cls("own", words.initial, words.maintenance)
        return cls(words.rule, 0.5 if words.rule == "reg-t" else 0.0)

    def requirement(self, one: Holding, account: Account, row: Row) -> float:
        """Return the maintenance of a marked position, in base currency."""
        value = abs(one.shares) * one.price * one.fx
        if self.kind != "reg-t":
            return self.maintenance * value
        if one.shares > 0:
            return 0.25 * value
        begun = [n for n, session in enumerate(one.instrument.venue.sessions) if session.open <= row[0]]
        factor = one.instrument.later_splits[begun[-1]]
        dollars = one.price * factor * account.rates.at(one.instrument.currency, "USD", row[0])
        a_dollar_a_share = abs(one.shares) / factor * account.rates.at("USD", account.base, row[0])
        if dollars >= 5 * (1 - TOLERANCE):
            return max(0.30 * value, 5 * a_dollar_a_share)
        return max(1.00 * value, 2.50 * a_dollar_a_share)


# At the decision


@dataclass
class Snapshot:
    """What the last valuation row has left: the account's value, its positions and what entries still had to fill.

    ``decided_since`` is what entries have to fill that were decided after that row.
    """

    value: float
    positions: float = 0.0
    to_fill: float = 0.0
    decided_since: float = 0.0


def decide(desk: Desk, members: list[Member], last: Snapshot) -> None:
    """Size the entries of theses that are decided at one instant, and cut them to what the margin allows."""
    legs = [leg for leg in desk.legs if leg.member in members and leg.hedges is None and leg.order.live]
    for member in members:
        member.decided = True
    if last.value <= 0:
        for leg in legs:
            desk.end_order(leg)
        return
    exposure = 0.0
    for leg in legs:
        leg.order.notional = leg.weight * leg.member.thesis.gross * leg.member.share * last.value
        exposure += leg.order.notional * (1 + desk.hedge_ratio(leg))
    initial = desk.margin.initial
    available = last.value - initial * (last.positions + last.to_fill + last.decided_since)
    need = initial * exposure
    factor = 1.0
    if need * (1 - TOLERANCE) > available:
        desk.note("cut for margin")
        factor = available / need if available > TOLERANCE * last.value else 0.0
    last.decided_since += factor * exposure
    for leg in legs:
        leg.order.notional *= factor
        if not leg.order.notional:
            desk.end_order(leg)


def snapshot(desk: Desk, value: float) -> Snapshot:
    """Return what a valuation row leaves for decisions to come."""
    held = [leg.holding for leg in desk.legs if leg.is_open]
    positions = sum(abs(one.shares) * one.price * one.fx for one in held)
    return Snapshot(value, positions, sum(_to_fill(desk, leg) for leg in desk.legs))


def _to_fill(desk: Desk, leg: Leg) -> float:
    """Return what the order of a leg and its hedge still have to fill."""
    if leg.hedges is not None or not leg.member.decided:
        return 0.0
    hedged = leg.hedge.order.filled if leg.hedge is not None else 0.0
    if leg.order.live:
        return leg.order.notional * (1 + desk.hedge_ratio(leg)) - leg.order.filled - hedged
    if leg.hedge is not None and leg.hedge.order.live:
        return leg.hedge.order.notional - hedged
    return 0.0


# On valuation rows


def maintain(desk: Desk, row: Row, value: float) -> tuple[float, bool]:
    """Return the requirement of a valuation row, and whether the account was called.

    A call cancels every entry and closes positions until the value of the account covers the rest.
    """
    needs = {
        leg: desk.margin.requirement(leg.holding, desk.account, row) if desk.margin.kind != "none" else 0.0
        for leg in desk.legs
        if leg.is_open
    }
    requirement = sum(needs.values())
    last = row == desk.axis.valuation[-1]
    if desk.margin.kind == "none" or last or requirement == 0 or not value < requirement * (1 - TOLERANCE):
        return requirement, False
    desk.note("margin call")
    for leg in desk.legs:
        if leg.member.decided and leg.order.live:
            desk.note("cancelled by a call")
            desk.end_order(leg)
    staying = {leg: need for leg, need in needs.items() if not _leaves(leg, row)}
    if len(staying) > 1:
        desk.note("called among several")
    while staying and value < sum(staying.values()) * (1 - TOLERANCE):
        worst = min(staying, key=lambda leg: (-staying[leg], leg.symbol, leg.member.thesis.name, leg.index))
        worst.pending = Exit("margin call", row[0], row)
        staying = {leg: need for leg, need in staying.items() if worst not in (leg, leg.hedges)}
    return requirement, True


def _leaves(leg: Leg, row: Row) -> bool:
    """Say whether an exit is due at or before a position's next auction, or has begun; a hedge leaves with its leg."""
    if leg.hedges is not None and (leg.hedges.is_closed or _leaves(leg.hedges, row)):
        return True
    if leg.exit_price is not None:
        return True
    following = leg.venue.next_row(row)
    if following is None:
        return False
    if leg.pending is not None:
        return leg.venue.next_row(leg.pending.after) <= following
    return leg.planned is not None and leg.planned.row <= following

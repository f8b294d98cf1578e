"""Exits: dates, levels, recalls, endings, and the hedges that follow them (rules, sections 4, 6, 7, 15 and 17)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .auctions import Row
from .bars import SHARES_TOLERANCE
from .desk import UNCAPPED, Desk
from .legs import Exit, Leg


class Hit(NamedTuple):
    """A level that a session has reached, and its price; None in a bar without range, which shows its close alone."""

    kind: str
    price: float | None


# At an auction


def act(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Let the scheduled or carried exit of a leg take part in an auction."""
    first, last = leg.entries[0].row, leg.entries[-1].row
    if leg.pending is None and leg.planned is not None and row >= leg.planned.row:
        usable = leg.planned.usable or last[0]
        leg.pending = Exit(leg.planned.kind, max(last[0], usable), first)
    if leg.pending is not None and row > leg.pending.after:
        try_exit(desk, leg, row, index)


def act_hedge(desk: Desk, hedge: Leg, row: Row, index: int) -> None:
    """Let a hedge leave with its leg: at the same row if that left on schedule, else after it."""
    leg = hedge.hedges
    if hedge.pending is None and leg.is_closed and (row > leg.exit_row or leg.exit_on_plan):
        hedge.pending = Exit("hedge exit", max(leg.exit_row, hedge.entries[-1].row)[0], hedge.entries[-1].row)
        if leg.exit_on_plan:
            usable = leg.planned.usable or hedge.entries[-1].row[0]
            hedge.pending.decided_at = max(usable, hedge.entries[-1].row[0])
    if hedge.pending is not None and row > hedge.pending.after:
        try_exit(desk, hedge, row, index)


def try_exit(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Leave at an auction, or carry the exit over to the next one."""
    kind, decided_at = leg.pending.kind, leg.pending.decided_at
    if decided_at >= row[0]:
        return  # too late for an auction of this instant
    if leg.instrument.refusal(index, row[1], buying=not leg.buys) or kept_in(desk, leg, index, kind):
        leg.pending = Exit(kind, row[0], row)
        return
    on_plan = leg.planned is not None and row == leg.planned.row and kind == leg.planned.kind
    price = leg.instrument.auction_price(index, row[1])
    leave(desk, leg, row, index, price, kind, decided_at, on_plan=on_plan)


def kept_in(desk: Desk, leg: Leg, index: int, kind: str) -> bool:
    """Say whether a whole session fails an exit: bought in it where that stays a day, or no room for a lot."""
    if leg.buys and leg.venue.calendar == "XSHG" and leg.entries[-1].session == index:
        desk.note("bought in that session")
        return True
    if kind not in UNCAPPED and not desk.cap(leg, index):
        desk.note("no room for a lot")
        return True
    return False


def leave(
    desk: Desk,
    leg: Leg,
    row: Row,
    index: int,
    price: float,
    kind: str,
    decided_at: datetime,
    *,
    on_plan: bool = False,
) -> None:
    """Close a position, or as much of it as the cap allows; the rest is due at the next session's open."""
    held = abs(leg.holding.shares)
    most = held if kind in UNCAPPED else desk.cap(leg, index)
    whole = most >= held * (1 - SHARES_TOLERANCE)
    desk.trade(leg, row, index, price, -leg.side * (held if whole else most), kind, decided_at)
    leg.exit_price = price
    desk.end_order(leg)
    if not whole:
        desk.note("partial exit")
        leg.pending = Exit(kind, row[0], leg.venue.row(index, "close"))
        return
    leg.exit_row, leg.exit_on_plan = row, on_plan
    if leg.hedge is not None:
        desk.end_order(leg.hedge)


# At a level


def level(leg: Leg, index: int) -> Hit | None:
    """Return the level that a session has reached, at its close.

    An exit that was due or carried at the session's open is not tested for levels any more, nor is what a cut one left.
    """
    bar = leg.instrument.bars.get(index)
    opening = leg.venue.row(index, "open")
    due = leg.planned is not None and leg.planned.row <= opening
    carried = leg.pending is not None and leg.pending.after <= opening
    if index < leg.armed_from or leg.instrument.halted(index) or due or carried or leg.exit_price is not None:
        return None
    if bar.high is None or bar.low is None:
        kind, _ = leg.level_reached(bar.close, bar.close)
        return Hit(kind, None) if kind and leg.pending is None else None
    if leg.entries[-1].session < index and bar.open is not None:
        kind, _ = leg.level_reached(bar.open, bar.open)
        if kind:
            return Hit(kind, bar.open)
    kind, price = leg.level_reached(bar.low, bar.high)
    return Hit(kind, price) if kind else None


def exit_at_level(desk: Desk, leg: Leg, row: Row, index: int, hit: Hit) -> None:
    """Fill a level that was reached; where nothing may fill there, go on to this close and to later auctions."""
    desk.end_order(leg)
    if hit.price is None:
        leg.pending = Exit(hit.kind, row[0], row)
    elif leg.instrument.locked(index, hit.price, buying=not leg.buys) or kept_in(desk, leg, index, hit.kind):
        opening = leg.venue.row(index, "open")
        leg.pending = Exit(hit.kind, opening[0], opening)
        try_exit(desk, leg, row, index)
    else:
        before = desk.axis.before(leg.venue.row(index, "open"))
        entered = leg.entries[-1].row[0]
        decided_at = entered if before is None else max(before[0], entered)
        leave(desk, leg, row, index, hit.price, hit.kind, decided_at)


# By others


def asked_back(desk: Desk, leg: Leg, row: Row, index: int) -> bool:
    """Say whether a lender asks for the shares of a short in a session that ends with a row."""
    if leg.buys or not leg.is_open or leg.entries[0].row >= row:
        return False
    return desk.lending.recalled(leg.instrument, index)


def recall(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Let a lender ask for the shares of a short at a close; they are bought in at the next session's open."""
    if not asked_back(desk, leg, row, index):
        return
    planned = leg.planned is not None and leg.planned.row <= leg.venue.row(index + 1, "open")
    follows = leg.hedges is not None and leg.hedges.is_closed
    if leg.pending is None and not planned and not follows:
        leg.pending = Exit("recall", row[0], row)


def pay_out(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Close a position at what a merger or delisting pays, and end every order in the instrument."""
    ending = leg.instrument.ending
    if ending is None or ending.index != index or row[1] != "open":
        return
    if leg.is_open:
        before = max(one for one in desk.axis.rows if one[0] < row[0])
        leave(desk, leg, row, index, ending.price, ending.kind, max(before[0], leg.entries[-1].row[0]))
    desk.end_order(leg)

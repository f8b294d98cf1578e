"""Entries and hedges: what an auction fills of an order (rules, sections 3, 6, 7 and 15)."""

from __future__ import annotations

from datetime import datetime

from . import uptick
from .auctions import Row
from .desk import Desk
from .legs import Entry, Leg


def act(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Let the order of a leg or hedge take part in an auction."""
    order = leg.order
    if order.live and order.first is not None and row >= order.first:
        if must_end(leg, row, index):
            desk.end_order(leg)
        elif decided(leg, row) >= row[0]:
            pass  # too late for an auction of this instant
        elif obstacle(desk, leg, row, index):
            order.decided_at = row[0]
        else:
            take(desk, leg, row, index, leg.instrument.auction_price(index, row[1]), order.decided_at)
    if order.live and order.last is not None and row >= order.last:
        desk.end_order(leg)


def decided(leg: Leg, row: Row) -> datetime:
    """Return when an order that may fill on a row was decided: a hedge knows the fills of its leg on earlier rows."""
    known = [one.row[0] for one in leg.hedges.entries if one.row < row] if leg.hedges is not None else []
    return max([leg.order.decided_at, *known])


def must_end(leg: Leg, row: Row, index: int) -> bool:
    """Say whether an exit of the leg comes first: due, under way, or its level at or beyond this open."""
    if leg.hedges is not None:
        return False
    planned = [leg.planned] if leg.planned is not None else []
    if leg.pending is not None or any(row >= one.row for one in [*leg.dated, *planned]):
        return True
    price = leg.instrument.auction_price(index, row[1])
    if row[1] == "close" or price is None or not leg.entries:
        return False
    return leg.level_reached(price, price)[0] != ""


def obstacle(desk: Desk, leg: Leg, row: Row, index: int) -> bool:
    """Say whether an auction fails an order."""
    one = leg.instrument
    if one.refusal(index, row[1], buying=leg.buys):
        return True
    if no_room(desk, leg, index):
        return True
    rule = leg.member.thesis.uptick
    if leg.buys or not uptick.restricted(one, index, row[1]):
        return False
    desk.note(f"restricted, {rule}")
    if rule == "ignore" or (rule == "passive" and uptick.auction_meets_offer(one, index, row)):
        return False
    desk.note(f"held up, {rule}")
    return True


def no_room(desk: Desk, leg: Leg, index: int) -> bool:
    """Say whether a whole session fails an order: under a lot of participation, or no short sales."""
    if not desk.cap(leg, index):
        desk.note("no room for a lot")
        return True
    refusal = "" if leg.buys else desk.lending.refusal(leg.instrument, index, leg.word)
    if refusal:
        desk.note(refusal)
    return refusal != ""


def was_offered(desk: Desk, leg: Leg, row: Row, index: int) -> None:
    """Fill a short that was offered since a restricted open, if the session has traded above the offer."""
    order, one, opening = leg.order, leg.instrument, leg.venue.row(index, "open")
    if leg.buys or leg.member.thesis.uptick != "passive" or not order.live:
        return
    if order.first is None or order.first > opening:
        return
    if one.halted(index) or not uptick.restricted(one, index, "open") or must_end(leg, row, index):
        return
    price = uptick.session_meets_offer(one, index)
    if price is None or (leg.is_open and stop_is_met_before(leg, price)):
        return
    if not no_room(desk, leg, index):
        desk.note("filled at the offer")
        take(desk, leg, row, index, price, opening[0])


def stop_is_met_before(leg: Leg, offer: float) -> bool:
    """Say whether a price that rises to an offer meets the stop of the position first."""
    return leg.level_reached(offer, offer)[0] in ("stop", "trailing")


def take(desk: Desk, leg: Leg, row: Row, index: int, price: float, decided_at: datetime) -> None:
    """Fill an order, or as much of it as the participation cap allows; the rest goes on at the next session."""
    order = leg.order
    asked = order.notional if leg.hedges is None else abs(leg.hedges.beta) * leg.hedges.filled_before(row)
    fx = desk.account.rates.at(leg.instrument.currency, desk.account.base, row[0])
    wanted = (asked - order.filled) / (price * fx)
    if not leg.member.thesis.fractional:
        wanted = leg.instrument.whole_lots(index, wanted)
    if wanted <= 0:
        if leg.hedges is None:
            # Nothing at all is unfilled; less than a lot of rest ends without a word.
            desk.end_order(leg, told=not leg.entries)
        else:
            _be_content(leg, row)
        return
    cap = desk.cap(leg, index)
    shares = min(wanted, cap)
    desk.trade(leg, row, index, price, leg.side * shares, "hedge" if leg.hedges else "entry", decided_at)
    leg.entries.append(Entry(row, index, shares, price, shares * price * fx))
    order.filled += leg.entries[-1].value
    if len(leg.entries) == 1:
        _stand(desk, leg, row, index, price)
    _go_on(desk, leg, row, index, capped=wanted > cap)
    if leg.hedges is None:
        _follow(desk, leg, row)


def _stand(desk: Desk, leg: Leg, row: Row, index: int, price: float) -> None:
    """Let a position begin: what its levels hang from, and when it leaves."""
    leg.armed_from = index if row[1] == "open" else index + 1
    leg.best = price
    if leg.hedges is None:
        desk.plan_exit(leg)


def _go_on(desk: Desk, leg: Leg, row: Row, index: int, *, capped: bool) -> None:
    """Let the rest of an order wait for the next session, or be content."""
    order = leg.order
    order.decided_at = row[0]
    if capped:
        desk.note("partial hedge" if leg.hedges else "partial entry")
        order.first = leg.venue.row(index + 1, "open")
    else:
        _be_content(leg, row)


def _be_content(leg: Leg, row: Row) -> None:
    """Let an order rest that has all that was asked for; a hedge is asked for more with each fill of its leg."""
    order = leg.order
    if leg.hedges is None:
        order.live, order.over = False, True
    elif leg.hedges.entries[-1].row >= row:
        # Its leg has filled at this very row: that is for the next auction.
        order.first = leg.venue.next_row(row)
    else:
        order.live = False


def _follow(desk: Desk, leg: Leg, row: Row) -> None:
    """Order the hedge of a leg that has just filled, for the hedge instrument's first auction after."""
    if leg.beta is None:
        return
    if leg.hedge is None:
        leg.hedge = desk.new_hedge(leg)
        leg.hedge.order.live = False
        desk.legs.append(leg.hedge)
        ending = leg.hedge.instrument.ending
        gone = ending is not None and leg.hedge.venue.row(ending.index, "open") <= row
        if desk.refused(leg.hedge) or gone:
            desk.end_order(leg.hedge)
    else:
        desk.note("hedge follows")
    order = leg.hedge.order
    order.notional = abs(leg.beta) * leg.order.filled
    if order.over or order.live:
        return
    order.live, order.decided_at, order.first = True, row[0], leg.hedge.venue.next_row(row)

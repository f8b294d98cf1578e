"""Entries: first fills, rests, and what hangs on them."""

from __future__ import annotations

import math

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import auctions, charges, exits, fills, hedges, status
from deepshock.engine.kernel.words import (
    CANCELLED,
    CLOSE_KIND,
    ENTRY,
    EXIT_FIRST,
    HEDGE,
    HELD,
    HOLD,
    NO_CAPITAL,
    OPEN_KIND,
    PARTICIPATION,
    ROUNDED_AWAY,
    TICK_TOLERANCE,
    WAITING,
    Flag,
    Run,
)


@inner
def _set_levels(x: Run, j: int) -> None:
    """Hang stop and target from the average price of an entry's fills."""
    p = at.positions(x)[j]
    if at.orders(x)[j].parent >= 0:
        return
    side = math.copysign(1.0, p.shares)
    average = p.paid / abs(p.shares)
    rule = auctions.rule_of(x, j)
    p.stop = average * (1.0 - side * rule.stop)
    p.target = average * (1.0 + side * rule.target)


@inner
def _open_position(x: Run, j: int, s: int, price: float) -> None:
    """Note the first fill of an entry, and plan its exit."""
    p = at.positions(x)[j]
    at.outcomes(x)[j].status = HELD
    p.best = price
    if at.orders(x)[j].parent >= 0:
        return
    hold = auctions.rule_of(x, j).hold
    if hold >= 0:
        held = s + hold
        # a dated exit at the very same close is the same exit; the hold names it
        if p.exit_session < 0 or 2 * held + CLOSE_KIND <= 2 * p.exit_session + p.exit_kind:
            p.exit_session, p.exit_kind, p.exit_reason = held, CLOSE_KIND, HOLD


@inner
def _decided(x: Run, full: Flag, j: int, row: int) -> int:
    """Return the row on which an entry at ``row`` was decided, -1 as the plan says; a hedge follows its leg."""
    tried = at.outcomes(x)[j].tried_row
    if full is None:
        return tried
    parent = at.orders(x)[j].parent
    if parent < 0:
        return tried
    return max(
        tried,
        at.positions(x)[parent].added_row
        if at.positions(x)[parent].added_row < row
        else at.positions(x)[parent].before_row,
    )


@inner
def _take(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int, price: float) -> None:
    """Fill an entry, or the rest of one, at a price: as much as was sent and the usual volume allows, in lots."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, first = o.instrument, u.status == WAITING
    row, parent, fx, again = auctions.row_of(x, i, s, kind), o.parent, 1.0, False
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
        again = (
            parent >= 0 and at.positions(x)[parent].added_row >= row
        )  # its leg filled in this very row: more to follow
    left = status.sent_of(x, full, j, row) - abs(p.notional)
    shares = charges.whole_lots(x, j, s, left / (price * fx))
    if not shares > 0.0:
        p.entering = again
        if first and not again:
            nothing = parent < 0 and not u.sent > 0.0
            status.end(x, j, NO_CAPITAL if nothing else ROUNDED_AWAY, k)
        return
    allowed = charges.allowed(x, full, j, s)
    capped = allowed < shares
    if capped and allowed <= 0.0:
        u.cause |= PARTICIPATION
        u.tried_row = row
        return
    reason, decided = HEDGE if parent >= 0 else ENTRY, _decided(x, full, j, row)
    delta = math.copysign(min(shares, allowed), p.weight)
    fills.fill(x, book, full, j, k, s, kind, delta, price, reason, decided)
    if first:
        _open_position(x, j, s, price)
        p.valued = k - 1
    p.added = 2 * s + kind
    p.before_row, p.added_row, p.before = p.added_row, row, p.notional
    p.paid += abs(delta) * price
    p.notional += delta * price * fx
    _set_levels(x, j)
    p.entering = capped or again
    p.ready = 0
    if capped:
        p.ready = 2 * (s + 1) + OPEN_KIND
        u.cause |= PARTICIPATION
        u.tried_row = row
    if full is not None:
        hedges.send_hedge(x, j, row)


@inner
def is_met(x: Run, j: int, i: int, s: int) -> bool:
    """Return whether a short that rests at its offer since the open has been met by its session."""
    if at.positions(x)[j].offered != s:
        return False
    return (at.bars(x)[i, s].high - at.bars(x)[i, s].offer_open) * at.bars(x)[i, s].later_splits > TICK_TOLERANCE


@inner
def enter(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Try to fill an entry, or the rest of one, at one auction."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i = o.instrument
    if p.exit_session >= 0 and 2 * s + kind >= 2 * p.exit_session + p.exit_kind:
        status.end_entry(x, full, j)
        if u.status == WAITING:
            status.end(x, j, CANCELLED if o.parent >= 0 else EXIT_FIRST, k)
        return
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    if kind == CLOSE_KIND and is_met(x, j, i, s):
        price = at.bars(x)[i, s].offer_open
    else:
        row = auctions.row_of(x, i, s, kind)
        if auctions.too_late(x, _decided(x, full, j, row), row):
            return
        cause = auctions.refuses(x, i, s, price, p.weight > 0.0)
        if cause == 0 and p.weight < 0.0:
            cause = auctions.refuses_short(x, j, i, s, kind, price)
        if cause != 0:
            u.cause |= cause
            u.tried_row = row
            return
    _take(x, book, full, j, k, s, kind, price)


@inner
def go_on(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Go on with the rest of an entry whose position is open."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    if kind == OPEN_KIND and not at.bars(x)[o.instrument, s].halted:
        side = 1.0 if p.shares > 0.0 else -1.0
        stop, _ = exits.stop_level(x, j, side)
        first = at.bars(x)[o.instrument, s].open
        if side * first <= side * stop or side * first >= side * p.target:  # never true of nan
            status.end_entry(x, full, j)
            return
    enter(x, book, full, j, k, s, kind)

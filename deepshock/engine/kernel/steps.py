"""One order through one auction after another."""

from __future__ import annotations

import math

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import cash, entries, exits, status
from deepshock.engine.kernel.words import CLOSE_KIND, DIVIDEND, EXPIRED, GONE, HELD, OPEN_KIND, WAITING, ZERO, Flag, Run


@inner
def dividend(x: Run, book: Flag, full: Flag, j: int, k: int, s: int) -> None:
    """Pay the dividend of a position held before the ex-date's open."""
    o = at.orders(x)[j]
    i = o.instrument
    row, fx = at.bars(x)[i, s].open_row, 1.0
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
    amount = at.positions(x)[j].shares * at.bars(x)[i, s].dividend * fx
    if amount > 0.0:
        amount *= 1.0 - o.withholding
    if book is not None:
        at.lines(x)[k, j, DIVIDEND] += amount
    cash.bring(x, full, j, k, amount)
    cash.settle(x, full, amount, at.row_day(x)[row])
    if full is not None:
        cash.convert(x, book, full, j, k, amount, at.row_day(x)[row])


@inner
def _see(x: Run, j: int, k: int, s: int, kind: int) -> None:
    """Note an auction's price, and at an open what the night made of the position."""
    p = at.positions(x)[j]
    i = at.orders(x)[j].instrument
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    if kind == OPEN_KIND and s == at.instruments(x)[i].final_session:
        price = at.bars(x)[i, s].final
    if math.isnan(price) or (kind == OPEN_KIND and at.bars(x)[i, s].halted):
        return
    if kind == OPEN_KIND:
        at.gaps(x)[k, j] += p.shares * (price - p.seen) * p.fx
    p.seen = price


@inner
def _hold(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Let a position live through one auction.

    At an open: dividend, pay-out, exit, the rest of the entry. At a close: stops, exit, recall, rest, the trail.
    """
    p = at.positions(x)[j]
    i, recalled, carried, way = at.orders(x)[j].instrument, False, True, (0.0, 0.0, ZERO, ZERO, ZERO)
    if kind == OPEN_KIND:
        if at.bars(x)[i, s].dividend != 0.0:
            dividend(x, book, full, j, k, s)
        if book is not None:
            _see(x, j, k, s, kind)
        if s >= at.instruments(x)[i].final_session:
            exits.pay_out(x, book, full, j, k, s, kind)
            return
    else:
        carried = p.leaving or (p.exit_session >= 0 and 2 * p.exit_session + p.exit_kind < 2 * s + CLOSE_KIND)
        recalled = at.bars(x)[i, s].recalled and p.shares < 0.0
        if recalled:
            status.end_entry(x, full, j)
        if full is not None:
            if p.entering and not carried and entries.is_met(x, j, i, s):
                stop, _ = exits.stop_level(x, j, -1.0)
                if not stop <= at.bars(x)[i, s].offer_open:  # on its way up the price meets the lower of the two first
                    entries.enter(x, book, full, j, k, s, kind)
        if not at.bars(x)[i, s].halted and not carried:
            way = exits.guard(x, full, j, s)
    if way[0] == 0.0:
        way = exits.due_at(x, full, j, s, kind)
    if way[0] > 0.0:
        exits.leave(x, book, full, j, k, s, kind, way)
        if at.outcomes(x)[j].status != HELD:
            return
    if kind == CLOSE_KIND and recalled:
        exits.buy_in(x, j, s)
    if full is not None:
        if p.entering and 2 * s + kind >= p.ready:
            entries.go_on(x, book, full, j, k, s, kind)
    if kind == CLOSE_KIND:
        if not at.bars(x)[i, s].halted:
            exits.trail(x, j, i, s)
        if book is not None:
            _see(x, j, k, s, kind)


@inner
def _expire(x: Run, full: Flag, j: int, k: int) -> None:
    """End an entry, or the rest of one, whose last session is over."""
    u = at.outcomes(x)[j]
    if u.status == HELD:
        status.end_entry(x, full, j)
    elif u.status == WAITING:
        status.end(x, j, EXPIRED, k)


@inner
def step(x: Run, book: Flag, full: Flag, j: int, k: int) -> None:
    """Let one order live through its next auction."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, s, kind = o.instrument, p.session, p.kind
    if u.status == HELD:
        _hold(x, book, full, j, k, s, kind)
    elif s >= at.instruments(x)[i].final_session:
        status.end(x, j, EXPIRED, k)
        u.cause |= GONE
    else:
        entries.enter(x, book, full, j, k, s, kind)
        if book is not None:
            if kind == CLOSE_KIND and u.status == HELD:
                _see(x, j, k, s, kind)
    # a hedge has its leg's time
    if kind == CLOSE_KIND and s >= p.last_session and o.parent < 0:
        _expire(x, full, j, k)
    p.session, p.kind = (s, CLOSE_KIND) if kind == OPEN_KIND else (s + 1, OPEN_KIND)


@inner
def drop(x: Run, j: int, last_row: int) -> None:
    """End an entry that waits for an instrument that is delisted or taken over before it is due."""
    i = at.orders(x)[j].instrument
    s = at.instruments(x)[i].final_session
    if s < at.instruments(x)[i].n_sessions and at.bars(x)[i, s].open_row <= last_row:
        status.end(x, j, EXPIRED, at.bars(x)[i, s].open_value)
        at.outcomes(x)[j].cause |= GONE

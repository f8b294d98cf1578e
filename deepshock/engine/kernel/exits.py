"""Exits: what is due, levels that are touched, pay-outs, recalls."""

from __future__ import annotations

import math

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import auctions, charges, fills, hedges, status
from deepshock.engine.kernel.words import (
    AS_PLANNED,
    AT_LEVEL,
    CLOSE_KIND,
    CLOSED,
    LATE,
    MARGIN_CALL,
    OPEN_KIND,
    PARTICIPATION,
    RECALL,
    STOP,
    TARGET,
    TRAILING,
    ZERO,
    Flag,
    Run,
)


@inner
def _closable(x: Run, full: Flag, j: int, s: int, reason: int) -> float:
    """Return how many shares of a position one fill may close; whoever is forced takes no heed of the volume."""
    held = abs(at.positions(x)[j].shares)
    if reason in (RECALL, MARGIN_CALL):
        return held
    return min(held, charges.allowed(x, full, j, s))


@inner
def leave(
    x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int, way: tuple[float, float, int, int, int]
) -> None:
    """Close a position, or as much of it as the volume allows; the rest goes on at the next session."""
    p = at.positions(x)[j]
    shares, price, reason, decided, how = way
    held, row = p.shares, auctions.row_of(x, at.orders(x)[j].instrument, s, kind)
    status.end_entry(x, full, j)
    whole = shares >= abs(held)
    delta = -held if whole else math.copysign(shares, -held)
    fills.fill(x, book, full, j, k, s, kind, delta, price, reason, decided)
    if whole:
        p.shares = 0.0
        status.end(x, j, CLOSED, k)
        if full is not None:
            hedges.recall_hedge(x, full, j, row, k, how)
    else:
        at.outcomes(x)[j].exit_cause |= PARTICIPATION
        p.leaving = True
        p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, reason
        p.exit_decided = row


@inner
def due_at(x: Run, full: Flag, j: int, s: int, kind: int) -> tuple[float, float, int, int, int]:
    """Return the exit that is due at this auction or carried to it: shares (0: none), price, reason, decided, how."""
    p = at.positions(x)[j]
    due = 2 * p.exit_session + p.exit_kind
    if p.exit_session < 0 or 2 * s + kind < due:
        return 0.0, 0.0, ZERO, ZERO, ZERO
    i, reason, decided = at.orders(x)[j].instrument, p.exit_reason, p.exit_decided
    status.end_entry(x, full, j)
    if auctions.too_late(x, decided if decided >= 0 else p.added_row, auctions.row_of(x, i, s, kind)):
        return 0.0, 0.0, ZERO, ZERO, ZERO
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    cause = auctions.refuses_exit(x, j, s, price)
    shares = _closable(x, full, j, s, reason)
    if cause == 0 and not shares > 0.0:
        cause = PARTICIPATION
    if cause != 0:
        at.outcomes(x)[j].exit_cause |= cause
        p.exit_decided = auctions.row_of(x, i, s, kind)
        return 0.0, 0.0, ZERO, ZERO, ZERO
    return shares, price, reason, decided, (AS_PLANNED if 2 * s + kind == due and decided < 0 else LATE)


@inner
def stop_level(x: Run, j: int, side: float) -> tuple[float, int]:
    """Return the tighter of the fixed and the trailing stop; nan never triggers, as comparisons with it are false."""
    p = at.positions(x)[j]
    if at.orders(x)[j].parent >= 0:
        return np.nan, TRAILING
    trailing = p.best * (1.0 - side * auctions.rule_of(x, j).trailing)
    if math.isnan(p.stop) or side * trailing > side * p.stop:
        return trailing, TRAILING
    return p.stop, STOP


@inner
def _trigger(x: Run, j: int, s: int) -> tuple[int, float]:
    """Return the reason (-1: none) and the price of a stop or target in a session with high and low.

    The open is tested first, because it comes first; then the stop before the target, because the bar does not say
    which came first.
    """
    p = at.positions(x)[j]
    i, side = at.orders(x)[j].instrument, 1.0 if p.shares > 0.0 else -1.0
    stop, reason = stop_level(x, j, side)
    target = p.target
    first = at.bars(x)[i, s].open
    if not math.isnan(first) and p.added // 2 != s:
        if side * first <= side * stop:
            return reason, first
        if side * first >= side * target:
            return TARGET, first
    worst, best = (
        (at.bars(x)[i, s].low, at.bars(x)[i, s].high) if side > 0.0 else (at.bars(x)[i, s].high, at.bars(x)[i, s].low)
    )
    if side * worst <= side * stop:
        return reason, stop
    if side * best >= side * target:
        return TARGET, target
    return -1, np.nan


@inner
def guard(x: Run, full: Flag, j: int, s: int) -> tuple[float, float, int, int, int]:
    """Test the stops and targets of one session, on its close row; return the exit as ``due_at`` does."""
    p = at.positions(x)[j]
    i, side = at.orders(x)[j].instrument, 1.0 if p.shares > 0.0 else -1.0
    if not (math.isnan(at.bars(x)[i, s].high) or math.isnan(at.bars(x)[i, s].low)):
        reason, price = _trigger(x, j, s)
        if reason < 0:
            return 0.0, 0.0, ZERO, ZERO, ZERO
        cause = auctions.refuses_exit(x, j, s, price)
        shares = _closable(x, full, j, s, reason)
        if cause == 0 and not shares > 0.0:
            cause = PARTICIPATION
        if cause == 0:
            return shares, price, reason, max(at.bars(x)[i, s].open_row - 1, p.added_row), AT_LEVEL
        # locked against it: on to this session's close, and further
        status.end_entry(x, full, j)
        at.outcomes(x)[j].exit_cause |= cause
        p.exit_session, p.exit_kind, p.exit_reason = s, CLOSE_KIND, reason
        p.exit_decided = max(at.bars(x)[i, s].open_row, p.added_row)
        return 0.0, 0.0, ZERO, ZERO, ZERO
    stop, reason = stop_level(x, j, side)
    last = at.bars(x)[i, s].close
    if side * last >= side * p.target:
        reason = TARGET
    elif not side * last <= side * stop:
        return 0.0, 0.0, ZERO, ZERO, ZERO
    status.end_entry(x, full, j)
    p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, reason
    p.exit_decided = at.bars(x)[i, s].close_row
    return 0.0, 0.0, ZERO, ZERO, ZERO


@inner
def trail(x: Run, j: int, i: int, s: int) -> None:
    """Let a completed session move the best price since entry."""
    p = at.positions(x)[j]
    if p.shares > 0.0:
        best = at.bars(x)[i, s].close if math.isnan(at.bars(x)[i, s].high) else at.bars(x)[i, s].high
        if best > p.best:
            p.best = best
    else:
        best = at.bars(x)[i, s].close if math.isnan(at.bars(x)[i, s].low) else at.bars(x)[i, s].low
        if best < p.best:
            p.best = best


@inner
def pay_out(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Close a position whose issuer is delisted or taken over, at what is paid for it."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, held = o.instrument, p.shares
    reason, row = at.instruments(x)[i].final_reason, at.bars(x)[i, s].open_row
    if o.parent >= 0 and p.entering:
        p.entering = False  # a hedge lacks what was due by now, not what its leg fills in this very row
        if p.ready <= 2 * s + kind:
            u.sent = status.sent_of(x, full, j, row)
            u.rest = u.sent - abs(p.notional)
    status.end_entry(x, full, j)
    decided = max(row - 2 if at.row_twin(x)[row] else row - 1, p.added_row)
    price = at.bars(x)[i, s].final
    fills.fill(x, book, full, j, k, s, kind, -held, price, reason, decided)
    p.shares = 0.0
    status.end(x, j, CLOSED, k)
    if full is not None:
        hedges.recall_hedge(x, full, j, row, k, np.int64(LATE))


@inner
def buy_in(x: Run, j: int, s: int) -> None:
    """The lender asks for the shares during a session: they are bought at the next open, unless they leave before."""
    p = at.positions(x)[j]
    due = 2 * (s + 1) + OPEN_KIND
    if p.exit_session >= 0 and 2 * p.exit_session + p.exit_kind <= due:
        return
    p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, RECALL
    p.exit_decided = at.bars(x)[at.orders(x)[j].instrument, s].close_row

"""What is over, and what it came to."""

from __future__ import annotations

from deepshock.arrays import FAR
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import shorts
from deepshock.engine.kernel.words import CLOSED, HELD, NO, WAITING, YES, Flag, Run


@tight
def _is_over(x: Run, full: Flag, j: int) -> bool:
    """Return whether a leg and its hedge have nothing more to do; a hedge that waits will not be sent any more."""
    u = at.outcomes(x)[j]
    if u.status == HELD or u.status == WAITING:
        return False
    if full is None:
        return True
    h = at.orders(x)[j].child
    return h < 0 or at.outcomes(x)[h].status != HELD


@inner
def finished_by(x: Run, full: Flag) -> int:
    """Return the valuation row by which all that was sent is over, a far one if something is not."""
    done = -1
    for a in range(at.accounts(x)[0].n_active):
        j = at.active(x)[a]
        if not _is_over(x, full, j):
            return FAR
        done = max(done, at.positions(x)[j].done)
        if full is not None:
            if at.orders(x)[j].child >= 0 and at.positions(x)[at.orders(x)[j].child].n_fills > 0:
                done = max(done, at.positions(x)[at.orders(x)[j].child].done)
    return done


@inner
def _owes(x: Run, j: int) -> bool:
    """Return whether an order is closed, and nights of it have still to be paid."""
    p = at.positions(x)[j]
    return at.outcomes(x)[j].status == CLOSED and p.sale_settles > 0 and (p.night < p.cover_settles - x.day0)


@inner
def pay_nights(x: Run, book: Flag, full: Flag, last: int, final: bool) -> None:
    """Pay the nights of shorts that are closed but not settled, up to a row; after the final one, all that are left."""
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y < 0 or not _owes(x, y):
                continue
            settles = at.positions(x)[y].cover_settles - x.day0
            k = at.positions(x)[y].done
            while k <= last and at.positions(x)[y].night < settles:
                shorts.nights(x, book, full, y, k, min(at.value_rows(x)[k].day - x.day0, settles), NO)
                k += 1
            if final:
                shorts.nights(x, book, full, y, last, settles, YES)


@tight
def _tally(x: Run, full: Flag, j: int) -> None:
    """Add an order that is over, or the end of the run has come, to the figures."""
    p = at.positions(x)[j]
    if p.n_fills == 0:
        return
    if full is not None:
        at.paid(x)[x.n_M - 2] += p.fee
        at.paid(x)[x.n_M - 1] += p.exchange
    acc, made = at.accounts(x)[0], p.flow
    if at.outcomes(x)[j].status == HELD:
        made += p.shares * at.worth(x)[at.orders(x)[j].instrument, acc.last_value]
        acc.is_open = True
    acc.rebate += p.rebate
    count_leg(x, j, made, p.turnover)
    p.turnover = 0.0


@tight
def count_leg(x: Run, j: int, made: float, turnover: float) -> None:
    """Add what an order made and turned over to the figures."""
    acc = at.accounts(x)[0]
    acc.turnover += turnover
    acc.n_legs += 1
    if made > 0.0:
        acc.n_hits += 1
    if acc.worst < 0 or made < acc.worst_pnl or (made == acc.worst_pnl and j < acc.worst):
        acc.worst, acc.worst_pnl = j, made


@inner
def _count_turnover(x: Run, j: int) -> None:
    """Add the turnover of a leg and its hedge, which are over: sums must not depend on when their nights are paid."""
    p = at.positions(x)[j]
    at.accounts(x)[0].turnover += p.turnover
    p.turnover = 0.0
    h = at.orders(x)[j].child
    if h >= 0 and at.positions(x)[h].n_fills > 0:
        at.accounts(x)[0].turnover += at.positions(x)[h].turnover
        at.positions(x)[h].turnover = 0.0


@tight
def compact(x: Run, full: Flag, at_end: bool) -> None:
    """Take out of the active orders what is over and paid for, and at the end all; add it to the figures."""
    n, leapt = 0, at.accounts(x)[0].n_leapt == at.accounts(x)[0].n_active
    for a in range(at.accounts(x)[0].n_active):
        j = at.active(x)[a]
        keep = not leapt and not _is_over(x, full, j)
        if full is not None:
            if not keep:
                _count_turnover(x, j)
                keep = _owes(x, j) or (at.orders(x)[j].child >= 0 and _owes(x, at.orders(x)[j].child))
        if keep and not at_end:
            at.active(x)[n] = j
            n += 1
            continue
        _tally(x, full, j)
        if full is not None:
            if at.orders(x)[j].child >= 0:
                _tally(x, full, at.orders(x)[j].child)
    at.accounts(x)[0].n_active = n

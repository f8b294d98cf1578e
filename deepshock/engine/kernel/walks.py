"""One leg, with its hedge, up to a valuation row."""

from __future__ import annotations

from deepshock.arrays import FAR
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import auctions, carrying, jumps, leaps, sending, steps, sums
from deepshock.engine.kernel.words import DONE, HELD, NOT_YET, STEP_BY_STEP, WAITING, Flag, Run


@inner
def _next_row(x: Run, swift: Flag, j: int, last: int) -> int:
    """Return the row of an order's next auction at which something may happen, a far one if after a valuation row."""
    p = at.positions(x)[j]
    status = at.outcomes(x)[j].status
    if status != WAITING and status != HELD:
        return FAR
    i = at.orders(x)[j].instrument
    if swift is not None:
        if status == HELD and not (p.entering or p.leaving):
            jumps.jump(x, j, last)
    s = p.session
    if s >= at.instruments(x)[i].n_sessions or auctions.value_of(x, i, s, p.kind) > last:
        return FAR
    return auctions.row_of(x, i, s, p.kind)


@inner
def walk(x: Run, book: Flag, full: Flag, swift: Flag, j: int, last: int) -> None:
    """Let a leg live up to a valuation row, and its hedge beside it in the order of time."""
    if swift is not None:
        if at.positions(x)[j].fresh:
            leapt = STEP_BY_STEP
            if full is None or at.orders(x)[j].child < 0:
                leapt = leaps.leap(x, full, j, last)
            if leapt == NOT_YET:
                steps.drop(x, j, at.value_rows(x)[last].row)
                return
            at.positions(x)[j].fresh = False
            if leapt == DONE:
                return
            if full is None:
                _begin_steps(x, full, j)
    if swift is None:
        at.positions(x)[j].fresh = False
    h = -1
    if full is not None:
        h = at.orders(x)[j].child
    while True:
        y, row = j, _next_row(x, swift, j, last)
        if full is not None:
            if h >= 0:
                its = _next_row(x, swift, h, last)
                if its < row:
                    y, row = h, its
        k = last + 1
        if row != FAR:
            k = auctions.value_of(x, at.orders(x)[y].instrument, at.positions(x)[y].session, at.positions(x)[y].kind)
        if at.outcomes(x)[y].status == HELD and at.positions(x)[y].valued < k - 1:
            carrying.carry(x, book, full, y, at.positions(x)[y].valued + 1, k - 1)
        if row == FAR:
            break
        steps.step(x, book, full, y, k)
    if full is not None:
        if h >= 0 and at.outcomes(x)[h].status == HELD and at.positions(x)[h].valued < last:
            carrying.carry(x, book, full, h, at.positions(x)[h].valued + 1, last)
    if at.outcomes(x)[j].status == WAITING:
        steps.drop(x, j, at.value_rows(x)[last].row)


@inner
def _begin_steps(x: Run, full: Flag, j: int) -> None:
    """Make a leg that can't leap ready for its steps."""
    for side in range(2):  # values are added in the order of the orders
        sums.add_waiting(x, side)
    sent = at.outcomes(x)[j].sent
    sending.clear(x, full, j)
    at.outcomes(x)[j].sent = sent

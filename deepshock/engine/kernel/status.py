"""How far an order is, and how it ends."""

from __future__ import annotations

from deepshock.arrays import FAR
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import CANCELLED, WAITING, Flag, Run


@inner
def sent_of(x: Run, full: Flag, j: int, row: int) -> float:
    """Return the notional of an order in base currency, positive: a hedge follows what its leg filled before a row."""
    u = at.outcomes(x)[j]
    if full is None:
        return u.sent
    parent = at.orders(x)[j].parent
    if parent < 0:
        return u.sent
    filled = (
        at.positions(x)[parent].notional if at.positions(x)[parent].added_row < row else at.positions(x)[parent].before
    )
    return abs(at.positions(x)[j].weight * filled)


@inner
def end_entry(x: Run, full: Flag, j: int) -> None:
    """Give up what an entry has not filled."""
    p = at.positions(x)[j]
    u = at.outcomes(x)[j]
    if p.entering:
        p.entering = False
        u.sent = sent_of(x, full, j, FAR)
        u.rest = u.sent - abs(p.notional)


@tight
def end(x: Run, j: int, status: int, k: int) -> None:
    """Let an order be over by a valuation row."""
    at.outcomes(x)[j].status = status
    at.positions(x)[j].done = k


@inner
def cancel(x: Run, full: Flag, j: int, k: int) -> None:
    """End an entry that waits or goes on."""
    end_entry(x, full, j)
    if at.outcomes(x)[j].status == WAITING:
        end(x, j, CANCELLED, k)

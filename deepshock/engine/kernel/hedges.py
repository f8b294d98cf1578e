"""A hedge follows its leg."""

from __future__ import annotations

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import auctions, status
from deepshock.engine.kernel.words import AS_PLANNED, AT_LEVEL, HEDGE_EXIT, HELD, ROUNDED_AWAY, WAITING, YES, Flag, Run


@inner
def send_hedge(x: Run, j: int, row: int) -> None:
    """A leg filled: its hedge follows at its first auction after that."""
    h = at.orders(x)[j].child
    if h < 0 or at.orders(x)[h].refused:
        return
    code = auctions.next_auction(x, at.orders(x)[h].instrument, row, YES)
    if at.outcomes(x)[h].status == ROUNDED_AWAY:  # what was too little alone may do with what came now
        at.outcomes(x)[h].status = WAITING
    elif at.outcomes(x)[h].status != WAITING and (
        at.outcomes(x)[h].status != HELD or at.positions(x)[h].exit_session >= 0
    ):
        return  # it has left, or is about to
    if not at.positions(x)[h].entering:
        if at.outcomes(x)[h].status == WAITING or 2 * at.positions(x)[h].session + at.positions(x)[h].kind > code:
            at.positions(x)[h].session, at.positions(x)[h].kind = (
                code // 2,
                code % 2,
            )  # what it jumped over since did nothing
        at.positions(x)[h].ready, at.positions(x)[h].entering = code, True
        at.outcomes(x)[h].tried_row = row


@inner
def recall_hedge(x: Run, full: Flag, j: int, row: int, k: int, how: int) -> None:
    """A leg closed: its hedge closes with it, at the same auction if its exit came as scheduled, else at the next."""
    h = at.orders(x)[j].child
    if h < 0:
        return
    if how != AT_LEVEL:  # a level is booked after the auctions of its row, at which the hedge may still fill
        status.cancel(x, full, h, k)
    if at.outcomes(x)[h].status == HELD or (at.outcomes(x)[h].status == WAITING and at.positions(x)[h].entering):
        code = auctions.next_auction(x, at.orders(x)[h].instrument, row, how != AS_PLANNED)
        at.positions(x)[h].exit_session, at.positions(x)[h].exit_kind, at.positions(x)[h].exit_reason = (
            code // 2,
            code % 2,
            HEDGE_EXIT,
        )
        at.positions(x)[h].exit_decided = -1 if how == AS_PLANNED else row
        if at.outcomes(x)[h].status == HELD and 2 * at.positions(x)[h].session + at.positions(x)[h].kind > code:
            at.positions(x)[h].session, at.positions(x)[h].kind = (
                code // 2,
                code % 2,
            )  # what it jumped over since did nothing
    else:
        status.cancel(x, full, h, k)

"""Margin: what positions require, what entries still use, and the call that closes the largest."""

from __future__ import annotations

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import status
from deepshock.engine.kernel.words import HELD, MARGIN_CALL, SLACK, WAITING, Flag, Run


@inner
def _required(x: Run, j: int, k: int) -> float:
    """Return the maintenance margin of a position on a valuation row, in base currency."""
    p = at.positions(x)[j]
    i = at.orders(x)[j].instrument
    if p.shares > 0.0:
        return x.long_upkeep * (p.shares * at.worth(x)[i, k])
    return -p.shares * at.short_needs(x)[i, k]


@inner
def _count_out(x: Run, j: int, k: int, required: float) -> float:
    """Take a position that leaves, and the hedge that leaves after it, off what is required."""
    p = at.positions(x)[j]
    if not p.counted:
        p.counted = True
        required -= _required(x, j, k)
    h = at.orders(x)[j].child
    if h >= 0 and at.outcomes(x)[h].status == HELD and not at.positions(x)[h].counted:
        at.positions(x)[h].counted = True
        required -= _required(x, h, k)
    return required


@inner
def _is_larger(x: Run, j: int, need: float, found: int, most: float) -> bool:
    return found < 0 or need > most or (need == most and at.orders(x)[j].rank < at.orders(x)[found].rank)


@inner
def _largest(x: Run, k: int) -> int:
    """Return the position with the largest requirement that does not leave yet; -1 if all do."""
    found, most = -1, 0.0
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD and not at.positions(x)[y].counted:
                need = _required(x, y, k)
                if _is_larger(x, y, need, found, most):
                    found, most = y, need
    return found


@inner
def call(x: Run, book: Flag, full: Flag, k: int) -> None:
    """Judge the account's maintenance margin; a call closes the largest needs at each one's next auction."""
    acc = at.accounts(x)[0]
    required, nav = 0.0, acc.judged
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD:
                at.positions(x)[y].counted = False
                required += _required(x, y, k)
    if not (required > 0.0 and nav < required * (1.0 - SLACK)) or k == at.value_rows(x).shape[0] - 1:
        return
    acc.n_calls += 1
    if book is not None:
        at.margins(x)[k, 1] = 1.0
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y < 0:
                continue
            if at.orders(x)[y].decided_value < k:
                status.cancel(x, full, y, k)
            due = (
                2 * at.positions(x)[y].exit_session + at.positions(x)[y].exit_kind
                <= 2 * at.positions(x)[y].session + at.positions(x)[y].kind
            )
            if at.outcomes(x)[y].status == HELD and (
                at.positions(x)[y].leaving or (at.positions(x)[y].exit_session >= 0 and due)
            ):
                required = _count_out(x, y, k, required)
    while nav < required * (1.0 - SLACK):
        j = _largest(x, k)
        if j < 0:
            return
        required = _count_out(x, j, k, required)
        at.positions(x)[j].exit_session, at.positions(x)[j].exit_kind = (
            at.positions(x)[j].session,
            at.positions(x)[j].kind,
        )
        at.positions(x)[j].exit_reason, at.positions(x)[j].exit_decided = MARGIN_CALL, at.value_rows(x)[k].row
        at.outcomes(x)[j].called = k
        h = at.orders(x)[j].child
        if h >= 0 and at.outcomes(x)[h].status == HELD:
            at.outcomes(x)[h].called = k


@inner
def hedge_weight(x: Run, j: int) -> float:
    """Return how much hedge goes with one unit of a leg, 0 where none is sent."""
    h = at.orders(x)[j].child
    return 0.0 if h < 0 or at.orders(x)[h].refused else abs(at.orders(x)[h].unit)


@inner
def _pending(x: Run, j: int) -> float:
    """Return what the entry of a leg and of its hedge still have to fill, in base currency, positive."""
    p = at.positions(x)[j]
    u = at.outcomes(x)[j]
    h, hedged, filled = at.orders(x)[j].child, hedge_weight(x, j), abs(p.notional)
    if u.status == WAITING or (u.status == HELD and p.entering):
        return u.sent * (1.0 + hedged) - filled - (abs(at.positions(x)[h].notional) if hedged > 0.0 else 0.0)
    if hedged > 0.0 and u.status == HELD and (at.outcomes(x)[h].status == WAITING or at.positions(x)[h].entering):
        return hedged * filled - abs(at.positions(x)[h].notional)
    return 0.0


@inner
def in_use(x: Run) -> float:
    """Return the value of all positions and of what earlier batches still have to fill, in base currency."""
    used = 0.0
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD:
                used += abs(at.positions(x)[y].shares) * at.positions(x)[y].price * at.positions(x)[y].fx
        used += _pending(x, at.active(x)[a])
    return used

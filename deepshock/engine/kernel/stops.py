"""Stops of whole theses."""

from __future__ import annotations

import math

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import status
from deepshock.engine.kernel.words import DRAWDOWN, HELD, Flag, Run


@inner
def stop_theses(x: Run, full: Flag, k: int) -> None:
    """Close every leg of a thesis whose drawdown reached its limit, at each leg's next auction."""
    for g in range(at.theses(x).shape[0] if at.accounts(x)[0].stops else 0):
        drawdown = at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown
        if at.sleeves(x)[g].stopped or not (at.sleeves(x)[g].own / at.sleeves(x)[g].peak - 1.0 <= -drawdown):
            continue
        at.sleeves(x)[g].stopped = True
        for a in range(at.accounts(x)[0].n_active):
            j = at.active(x)[a]
            if at.orders(x)[j].thesis != g:
                continue
            status.cancel(x, full, j, k)
            if at.orders(x)[j].child >= 0:
                status.cancel(x, full, at.orders(x)[j].child, k)
            overdue = at.positions(x)[j].exit_session >= 0 and (
                2 * at.positions(x)[j].exit_session + at.positions(x)[j].exit_kind
                < 2 * at.positions(x)[j].session + at.positions(x)[j].kind
                or at.positions(x)[j].exit_decided >= 0
            )
            if at.outcomes(x)[j].status == HELD and not overdue:  # a hedge closes with its leg
                at.positions(x)[j].exit_session, at.positions(x)[j].exit_kind = (
                    at.positions(x)[j].session,
                    at.positions(x)[j].kind,
                )
                at.positions(x)[j].exit_reason, at.positions(x)[j].exit_decided = DRAWDOWN, at.value_rows(x)[k].row


@inner
def has_stops(x: Run) -> bool:
    """Return whether some thesis has a stop of its own."""
    for g in range(at.theses(x).shape[0]):
        if not math.isnan(at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown):
            return True
    return False

"""What runs look up to leap and to jump, read off the bars once for all of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deepshock.arrays import Flags, Floats, Lendable, Records
from deepshock.engine.compiled import small, tight

LENT = int(Lendable.YES)


@tight
def _is_rough(b: Any, row_twin: Flags) -> bool:
    """Return whether something other than its range can happen to a position in a session.

    Its range does not hold, an auction is at the very instant of another row, or it is the first row.
    """
    if b.halted or b.recalled or b.open_row <= 0 or b.close_row <= 0:
        return True
    if row_twin[b.open_row] or row_twin[b.close_row]:
        return True
    for price in (b.open, b.high, b.low, b.close):
        if not math.isfinite(price):
            return True
    return b.open < b.low or b.open > b.high or b.close < b.low or b.close > b.high


@small
def lay_shortcuts(
    bar: Records, instrument: Records, row_twin: Flags, brief: Records, low: Floats, high: Floats
) -> None:
    """Write into each bar how far a run may leap from it, and copy what leaps read of it.

    Parameters
    ----------
    bar : ndarray of shape (I, S), BAR
        ``pays``, ``rough`` and ``easy`` are written.
    instrument : ndarray of shape (I,), INSTRUMENT
    row_twin : ndarray of shape (R,), bool
    brief : ndarray of shape (S, I), BRIEF
        Written, as the next two.
    low, high : ndarray of shape (I, S)
    """
    n_instruments, n_sessions = bar.shape
    for i in range(n_instruments):
        over = min(instrument[i].n_sessions, instrument[i].final_session)
        rough, pays = n_sessions, n_sessions
        for s in range(n_sessions - 1, -1, -1):
            b, c = bar[i, s], brief[s, i]
            if b.dividend != 0.0:
                pays = s
            if s >= over or _is_rough(b, row_twin):
                rough = s
            b.pays, b.rough = pays, rough
            b.easy = b.offer_open == -np.inf and b.offer_close == -np.inf and b.lendable <= LENT
            c.open, c.high, c.low, c.close, c.upper, c.lower = b.open, b.high, b.low, b.close, b.upper, b.lower
            c.open_value, c.close_value, c.rough, c.easy = b.open_value, b.close_value, min(rough, pays), b.easy
            low[i, s], high[i, s] = b.low, b.high

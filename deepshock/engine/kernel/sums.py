"""Values of plain trades, added to the valuation rows in few passes."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import WAIT_FOR, Floats, Records
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import Run


@tight
def _add(sums: Floats, worth: Floats, pending: Records, n: int, first: int, end: int) -> None:
    """Add the value of waiting trades to valuation rows, in their order: four in one pass, two, or one."""
    rows, m = end - first, np.uintp(0)
    into = sums[first:end]
    while m + np.uintp(4) <= np.uintp(n):
        a, b, c, d = pending[m], pending[m + np.uintp(1)], pending[m + np.uintp(2)], pending[m + np.uintp(3)]
        of_a, of_b = worth[a.instrument, first:end], worth[b.instrument, first:end]
        of_c, of_d = worth[c.instrument, first:end], worth[d.instrument, first:end]
        q_a, q_b, q_c, q_d = a.shares, b.shares, c.shares, d.shares
        for k in range(rows):
            into[k] = into[k] + q_a * of_a[k] + q_b * of_b[k] + q_c * of_c[k] + q_d * of_d[k]
        m += np.uintp(4)
    if m + np.uintp(2) <= np.uintp(n):
        a, b = pending[m], pending[m + np.uintp(1)]
        of_a, of_b = worth[a.instrument, first:end], worth[b.instrument, first:end]
        q_a, q_b = a.shares, b.shares
        for k in range(rows):
            into[k] = into[k] + q_a * of_a[k] + q_b * of_b[k]
        m += np.uintp(2)
    if m < np.uintp(n):
        each, q = worth[pending[m].instrument, first:end], pending[m].shares
        for k in range(rows):
            into[k] += q * each[k]


@inner
def add_waiting(x: Run, side: int) -> None:
    """Add the longs (side 0) or the shorts (side 1) that wait."""
    wait = at.waits(x)[side]
    _add(at.longs(x) if side == 0 else at.shorts(x), at.worth(x), at.pending(x)[side], wait.n, wait.first, wait.end)
    wait.n = 0


@tight
def wait_for(x: Run, i: int, held: float, k: int, end: int) -> None:
    """Let the value of a plain trade be added to the rows from ``k`` to ``end - 1``, in one pass with others."""
    side = np.uintp(0 if held > 0.0 else 1)
    wait = at.waits(x)[side]
    if wait.n == WAIT_FOR or k != wait.first or end != wait.end:
        if wait.n > 0:
            add_waiting(x, side)
        wait.first, wait.end = k, end
    trade = at.pending(x)[side, np.uintp(wait.n)]
    wait.n += 1
    trade.shares, trade.instrument = abs(held), i

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
def add_longs(x: Run) -> None:
    """Add the longs that wait."""
    acc = at.accounts(x)[0]
    _add(at.longs(x), at.worth(x), at.pending(x)[0], acc.n_long, acc.first_long, acc.end_long)
    acc.n_long = 0


@inner
def add_shorts(x: Run) -> None:
    """Add the shorts that wait."""
    acc = at.accounts(x)[0]
    _add(at.shorts(x), at.worth(x), at.pending(x)[1], acc.n_short, acc.first_short, acc.end_short)
    acc.n_short = 0


@tight
def wait_for(x: Run, i: int, held: float, k: int, end: int) -> None:
    """Let the value of a plain trade be added to the rows from ``k`` to ``end - 1``, in one pass with others."""
    account = at.accounts(x)[0]
    if held > 0.0:
        if account.n_long == WAIT_FOR or k != account.first_long or end != account.end_long:
            if account.n_long > 0:
                add_longs(x)
            account.first_long, account.end_long = k, end
        wait = at.pending(x)[0, np.uintp(account.n_long)]
        account.n_long += 1
        wait.shares, wait.instrument = held, i
    else:
        if account.n_short == WAIT_FOR or k != account.first_short or end != account.end_short:
            if account.n_short > 0:
                add_shorts(x)
            account.first_short, account.end_short = k, end
        wait = at.pending(x)[1, np.uintp(account.n_short)]
        account.n_short += 1
        wait.shares, wait.instrument = -held, i

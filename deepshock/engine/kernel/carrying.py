"""Positions on the valuation rows that pass without a fill."""

from __future__ import annotations

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import cash, shorts
from deepshock.engine.kernel.words import Flag, Run


@inner
def carry(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Value a position on the valuation rows from ``first`` to ``last``, which pass without a fill."""
    p = at.positions(x)[j]
    acc = at.accounts(x)[0]
    i, shares = at.orders(x)[j].instrument, p.shares
    p.valued = last
    acc.low, acc.high = min(acc.low, first), max(acc.high, last)
    if full is not None:
        if shares < 0.0:
            shorts.carry_short(x, book, full, j, first, last)
            return
    n = last + 1 - first
    if n <= 0:
        return
    worth = at.worth(x)[i, first : last + 1]
    if shares > 0.0:
        held = at.longs(x)[first : last + 1]
        for k in range(n):
            held[k] += shares * worth[k]
    else:
        owed = at.shorts(x)[first : last + 1]
        for k in range(n):
            owed[k] -= shares * worth[k]
    if full is not None:
        _carry_beside(x, j, first, last)
    if book is not None:
        _carry_lines(x, book, full, j, first, last)
    p.price, p.fx = at.marks(x)[i, last], at.value_fx(x)[at.instruments(x)[i].currency, last]


@inner
def _carry_beside(x: Run, j: int, first: int, last: int) -> None:
    """Add a long position to its thesis and to what maintenance margin requires."""
    o = at.orders(x)[j]
    i, g, shares = o.instrument, o.thesis, at.positions(x)[j].shares
    if at.accounts(x)[0].stops:
        for k in range(first, last + 1):
            at.sleeve_worth(x)[g, k] += shares * at.worth(x)[i, k]
    if x.has_margin:
        for k in range(first, last + 1):
            at.needs(x)[k] += x.long_upkeep * (shares * at.worth(x)[i, k])


@inner
def _carry_lines(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Write the P&L lines of a position without collateral."""
    i = at.orders(x)[j].instrument
    c = at.instruments(x)[i].currency
    for k in range(first, last + 1):
        cash.mark(x, book, full, j, k, at.marks(x)[i, k], at.value_fx(x)[c, k])

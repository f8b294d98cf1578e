"""The kernel: arrays in, book out. It decides nothing that the plan could decide, raises nothing, allocates nothing.

Shape. Time advances by stretches, from one decision to the next (``stretches``). Within a stretch each leg walks the
auctions of its own venue, alone or with its hedge, as far as it goes (``walks``, ``steps``): legs do not see each other
there, because sizes are fixed at the decision and cash is only counted on valuation rows. A leg jumps over the sessions
in which it is only held (``jumps``), and leaves behind what it brought into the account and what it was worth on each
valuation row (``carrying``, ``shorts``). One pass over these rows then makes interest, NAV and the figures, and skips
at once over quiet ones, on which all is cash that has settled (``rows``). What couples legs (thesis-level stops, margin
calls) is judged in that pass; where it strikes, the stretch is taken back and walked again up to that row.

A trade of which the bars already say that nothing will come between is made in one go (``leaps``), with its rows if it
is alone (``alone``), and so are the plain legs of one instant together; what of these does not hang on hold and size is
found out once for all variants that have it in common (``baskets``).

Many runs and one are the same code. ``book`` is None where no book is kept, ``full`` is None where a run needs none of
what most sweeps go without (see ``needs_full``), ``swift`` is None where nothing may be jumped over: numba compiles
the branches away. What is left out adds exactly nothing, so that figures are equal to the bit.

The rules are in docs/rules.md; the slow twin that checks every line is tests/reference.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from deepshock.arrays import Floats, Records
from deepshock.engine import memory as at
from deepshock.engine.compiled import entry, inner, threaded
from deepshock.engine.kernel import status, stretches
from deepshock.engine.kernel.words import HELD, Flag, Run


@inner
def _conclude(x: Run, out: Any) -> None:
    """Write the figures of a run."""
    acc = at.accounts(x)[0]
    costs = 0.0
    for m in range(at.paid(x).shape[0]):
        costs += at.paid(x)[m]
    n = acc.n_obs
    mean = acc.total / n if n > 0 else np.nan
    spread = (acc.squares - n * mean * mean) / (n - 1) if n > 1 else np.nan
    out.n_fills, out.n_obs, out.n_calls = acc.n_fills, n, acc.n_calls
    out.first_row, out.first_value = acc.first_row, acc.first_value
    out.last_value = acc.last_value
    # rounding makes a spread of returns that are all the same
    out.mean, out.std = mean, (math.sqrt(spread) if spread > 1e-12 * mean * mean else 0.0)
    out.downside = math.sqrt(acc.falls / n) if n > 0 else np.nan
    out.max_drawdown = acc.max_drawdown
    out.exposure = acc.exposure / n if n > 0 else 0.0
    out.net = acc.nav - x.capital
    out.credit, out.debit, out.rebate = acc.credit, acc.debit, acc.rebate
    out.gross = out.net + costs - out.credit - out.debit - out.rebate
    out.turnover, out.n_legs, out.n_hits, out.open_at_end = acc.turnover, acc.n_legs, acc.n_hits, acc.is_open
    out.worst, out.worst_pnl = acc.worst, (acc.worst_pnl if acc.worst >= 0 else np.nan)


@entry
def simulate(runs: Records, book: bool, full: bool, figures: Records) -> None:
    """Run one account through the market, write its book and its figures.

    Parameters
    ----------
    runs : ndarray of shape (1,), RUN
        With a book, fresh from ``empty_book``, and any scratch.
    book, full : bool
        True.
    figures : ndarray of shape (1,), FIGURES
        Written.
    """
    x = runs[0]
    stretches.run(x, book, full, None)
    _conclude(x, figures[0])
    for j in range(x.n_J):
        if at.outcomes(x)[j].status == HELD:
            status.end_entry(x, full, j)
        at.book_outcomes(x)[j] = at.outcomes(x)[j]
    at.sizes(x)[0], at.sizes(x)[1] = at.accounts(x)[0].n_fills, at.accounts(x)[0].first_value
    at.sizes(x)[2] = at.accounts(x)[0].last_value


@inner
def _block(
    x: Run, full: Flag, order: int, start: Any, template: Any, pick: int, v: int, end: int, figures: Any, paid: Any
) -> None:
    """Run some variants, one after another, in one scratch; ``order`` and ``pick`` are where theirs begin."""
    first, base = x.orders, x.picks
    while v < end:
        t = template[v]
        x.orders, x.n_J = first + order * start[t], start[t + 1] - start[t]
        x.picks = base + pick * v
        stretches.run(x, None, full, True)
        _conclude(x, figures[v])
        for m in range(x.n_M):
            paid[v, m] = at.paid(x)[m]
        v += 1
    x.orders, x.picks = first, base


@threaded
def many(runs: Records, full: Flag, start: Any, template: Any, sizes: Any, figures: Records, paid: Floats) -> None:
    """Run variants in blocks, of which each has its own scratch.

    Parameters
    ----------
    runs : ndarray of shape (n_blocks,), RUN
        ``orders`` and ``picks`` are those of the first template and the first variant.
    full : bool or None
        None where no variant needs what it stands for.
    start : ndarray of shape (n_templates + 1,)
        The orders of template t are start[t] to start[t + 1].
    template : ndarray of shape (V,)
    sizes : ndarray of shape (2,)
        Bytes from one order to the next, and from the picks of one variant to those of the next.
    figures : ndarray of shape (V,), FIGURES
        Written.
    paid : ndarray of shape (V, M)
        Written: costs by item, base currency, positive.
    """
    n, n_blocks = template.shape[0], runs.shape[0]
    for b in numba.prange(n_blocks):
        first, end = b * n // n_blocks, (b + 1) * n // n_blocks
        _block(runs[b], full, sizes[0], start, template, sizes[1], first, end, figures, paid)


@entry
def many_one_by_one(
    runs: Records, full: Flag, start: Any, template: Any, sizes: Any, figures: Records, paid: Floats
) -> None:
    """Run variants one after another in the first scratch; everything else is as in ``many``.

    A function of its own: numba keeps what it compiled by name, and would hand out the one for the other.
    """
    _block(runs[0], full, sizes[0], start, template, sizes[1], 0, template.shape[0], figures, paid)

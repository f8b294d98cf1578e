"""The NAV of many runs on one tape, row by row: what a sweep sums up, before it is summed up."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import FIGURES, Floats, Money, Orders, Records, Tape, Terms, Variants, empty_book, empty_states
from deepshock.engine import kernel
from deepshock.engine.accruals import accruals
from deepshock.engine.memory import bind


def equity(tape: Tape, terms: Terms, money: Money, variants: Variants, n_items: int) -> tuple[Records, Floats]:
    """Run variants one after another, and keep the NAV of each.

    All write into one book, of which the NAV alone is read: its lines are left as they were written over, which takes
    less time than wiping them.

    Parameters
    ----------
    tape, terms, money, variants : Tape, Terms, Money, Variants
    n_items : int
        Cost items, the length of the axis M.

    Returns
    -------
    figures : ndarray of shape (V,), FIGURES
        Those of ``run_variants``.
    nav : ndarray of shape (V, K)
        Base currency, on valuation rows from the first fill of each run to its end; nan outside.
    """
    n, n_values = len(variants.template), len(tape.value)
    figures, nav = np.zeros(n, FIGURES), np.full((n, n_values), np.nan)
    if not n:
        return figures, nav
    legs, leg = np.diff(variants.start), np.ascontiguousarray(variants.leg)
    pick = np.ascontiguousarray(variants.pick)
    n_legs = int(legs.max())
    book = empty_book(n_legs, n_values, n_items, len(tape.fx))
    states = empty_states(1, n_legs, len(variants.thesis), n_values, tape.policy.shape[1], n_items)
    orders = Orders(leg, variants.thesis, variants.rule, pick[0])
    accrued = accruals(tape, money, leg)
    run = bind(tape, terms, money, accrued, orders, states, book)
    begin = leg.ctypes.data + leg.itemsize * variants.start
    for v, t in enumerate(variants.template.tolist()):
        run["orders"], run["n_J"] = begin[t], legs[t]
        run["picks"] = pick.ctypes.data + v * pick.strides[0]
        kernel.simulate(run, True, True, figures[v : v + 1])
        lived = slice(int(figures["first_value"][v]), int(figures["last_value"][v]) + 1)
        if figures["n_fills"][v]:
            nav[v, lived] = book.nav[lived]
    return figures, nav

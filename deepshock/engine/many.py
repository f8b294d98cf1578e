"""Many runs on one tape: the kernel over variants, in blocks that threads share."""

from __future__ import annotations

import numba
import numpy as np

from deepshock.arrays import FIGURES, Floats, Money, Orders, Records, Tape, Terms, Variants, empty_states
from deepshock.engine import kernel
from deepshock.engine.accruals import accruals, no_shorts
from deepshock.engine.memory import bind

BLOCK = 64
"""Variants in the smallest block: one is not worth a scratch of its own."""
BLOCKS = 8
"""Blocks of a thread: enough that threads end together; each has a scratch, and touching that costs as well."""
WORTH_THREADS = 2_000
"""Legs from which threads are worth starting (some 20 us on two cores; a leg takes 10 to 100 ns)."""


def needs_full(tape: Tape, terms: Terms, money: Money, variants: Variants) -> bool:
    """Return whether some variant needs what the lean compilation of the kernel leaves out.

    It leaves out what adds nothing where there is one currency, no interest, no cost of borrow, no margin, no hedge,
    no thesis-level stop, no participation cap, and each cost is a share of the value.

    Parameters
    ----------
    tape, terms, money, variants : Tape, Terms, Money, Variants
    """
    row, leg = terms.row, variants.leg
    linear = all(not row[name].any() for name in ("of_tick", "of_sigma", "per_share", "impact", "fixed", "round_to"))
    linear = linear and bool((row["least"] <= 0.0).all() and (row["most"] == np.inf).all())
    borrow = leg["unit"] < 0.0
    free = not (leg["borrow_rate"][borrow] > 0.0).any() and not np.nan_to_num(tape.borrow_rate).any()
    plain = not (leg["child"] >= 0).any() and np.isnan(variants.rule["drawdown"]).all()
    alone = not tape.instrument["currency"].any() and money.participation == np.inf
    return not (linear and free and plain and alone) or money.interest or money.margin


def run_variants(
    tape: Tape, terms: Terms, money: Money, variants: Variants, n_items: int, *, parallel: bool = True
) -> tuple[Records, Floats]:
    """Run many variants.

    Parameters
    ----------
    tape, terms, money, variants : Tape, Terms, Money, Variants
    n_items : int
        Cost items, the length of the axis M.
    parallel : bool
        False runs them one after another. The figures are the same to the bit.

    Returns
    -------
    figures : ndarray of shape (V,), FIGURES
    paid : ndarray of shape (V, M)
        Costs by item, base currency, positive.
    """
    n = len(variants.template)
    figures, paid = np.zeros(n, FIGURES), np.zeros((n, n_items))
    if not n:
        return figures, paid
    full = True if needs_full(tape, terms, money, variants) else None
    legs = np.diff(variants.start)
    threads = parallel and n > 1 and n * float(legs.mean()) >= WORTH_THREADS
    n_blocks = min(-(-n // BLOCK), BLOCKS * numba.get_num_threads()) if threads else 1
    axes = len(variants.thesis), len(tape.value), tape.policy.shape[1], n_items
    states = empty_states(n_blocks, int(legs.max()), *axes)
    leg, pick = np.ascontiguousarray(variants.leg), np.ascontiguousarray(variants.pick)
    accrued = accruals(tape, money, leg) if full else no_shorts(tape, money)
    runs = bind(
        tape, terms, money, accrued, Orders(leg, variants.thesis, variants.rule, pick[0]), states, n_runs=n_blocks
    )
    sizes = np.array([leg.itemsize, pick.strides[0]])
    run = kernel.many if threads else kernel.many_one_by_one
    run(runs, full, variants.start, variants.template, sizes, figures, paid)
    return figures, paid

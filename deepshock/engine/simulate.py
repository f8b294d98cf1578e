"""Plan and market in, ledger out: assemble the arrays, run the kernel, read its book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import FIGURES, Book, empty_book, empty_states
from deepshock.engine import kernel
from deepshock.engine.accruals import accruals
from deepshock.engine.assemble import Assembly, assemble
from deepshock.engine.ledger import Ledger, read, unsent
from deepshock.engine.memory import bind
from deepshock.plan import Plan

if TYPE_CHECKING:
    from deepshock.market import Market


def simulate(plan: Plan, market: Market) -> tuple[Ledger, Assembly | None]:
    """Run a plan on a market.

    Parameters
    ----------
    plan : Plan
    market : Market

    Returns
    -------
    ledger : Ledger
        Empty, with reasons, where nothing of the plan can run.
    assembly : Assembly or None
        The arrays that were run, None where nothing was.

    Raises
    ------
    LawError, MarketError
        See ``assemble``.
    """
    if not plan.runnable:
        return unsent(plan), None
    assembly = assemble(plan, market)
    axes = len(plan.orders), len(assembly.tape.value), len(assembly.items), len(assembly.currencies)
    book = empty_book(*axes)
    figures = _run(assembly, book)
    if (n := int(book.size[0])) > len(book.fill):  # the participation cap cut orders into more fills than usual
        book = empty_book(*axes, n)
        figures = _run(assembly, book)
    return read(book, figures, assembly, plan), assembly


def _run(assembly: Assembly, book: Book) -> np.void:
    """Let the kernel write a book; return its figures."""
    tape, orders = assembly.tape, assembly.orders
    k, n = len(tape.value), tape.policy.shape[1]
    states = empty_states(1, len(orders.leg), len(orders.thesis), k, n, len(assembly.items))
    figures = np.zeros(1, FIGURES)
    accrued = accruals(tape, assembly.money, orders.leg)
    run = bind(tape, assembly.terms, assembly.money, accrued, orders, states, book)
    kernel.simulate(run, True, True, figures)
    made: np.void = figures[0]
    return made

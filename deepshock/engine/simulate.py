"""Plan and market in, ledger out: assemble the arrays, run the kernel, read its book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepshock.arrays import empty_book, empty_state
from deepshock.engine import kernel
from deepshock.engine.assemble import Assembly, assemble
from deepshock.engine.ledger import Ledger, read, unsent
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
    tape = assembly.tape
    axes = len(plan.orders), len(tape.value), len(assembly.items), len(assembly.currencies)
    state = empty_state(len(plan.orders), len(plan.members), tape.policy.shape[1])
    book = empty_book(*axes)
    kernel.simulate(tape, assembly.orders, assembly.terms, assembly.money, state, book)
    if (n := int(book.size[0])) > len(book.fill):  # the participation cap cut orders into more fills than usual
        book = empty_book(*axes, n)
        kernel.simulate(tape, assembly.orders, assembly.terms, assembly.money, state, book)
    return read(book, assembly, plan), assembly

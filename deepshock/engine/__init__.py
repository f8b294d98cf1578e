"""Arrays in, book out: assemble, the kernel, and the ledger that is read from its book."""

from deepshock.engine.assemble import Assembly
from deepshock.engine.equity import equity
from deepshock.engine.ledger import CREDIT, DEBIT, Fill, Ledger, MarginCall, Unfilled
from deepshock.engine.many import run_variants
from deepshock.engine.simulate import simulate

__all__ = [
    "CREDIT",
    "DEBIT",
    "Assembly",
    "Fill",
    "Ledger",
    "MarginCall",
    "Unfilled",
    "equity",
    "run_variants",
    "simulate",
]

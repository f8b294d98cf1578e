"""Arrays in, book out: assemble, the kernel, and the ledger that is read from its book."""

from deepshock.engine.assemble import Assembly
from deepshock.engine.ledger import Fill, Ledger, Unfilled
from deepshock.engine.simulate import simulate

__all__ = ["Assembly", "Fill", "Ledger", "Unfilled", "simulate"]

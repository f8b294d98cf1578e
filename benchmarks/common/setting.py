"""The numbers that all workloads share."""

from __future__ import annotations

FEE, SLIP = 5e-4, 5e-4
"""Commission and slippage, fractions of the value."""
CASH = 100_000.0
ALL_IN = 1.0 / ((1.0 + FEE) * (1.0 + SLIP))
"""The part of the cash that buys shares where the rest pays for buying them."""

HOLD = 20
"""Sessions, of P and S."""
SINGLE_AT = 500
"""The row of the event of S."""

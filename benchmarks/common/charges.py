"""What trading costs in the workloads: as the peers charge it, and with everything on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from common.setting import FEE, SLIP
from deepshock.cost import Commission, CostSet, Financing, Inputs, Slippage, TermRow, Tiers


@dataclass(frozen=True, slots=True)
class CommissionOnSlipped:
    """A commission on the price after slippage, as vectorbt has it.

    ``amount = rate v (1 + slip)`` of a purchase, ``rate v (1 - slip)`` of a sale: together with a slippage of
    ``slip v`` that is a fill at ``price (1 +- slip)`` with the commission on its value.

    Parameters
    ----------
    rate, slip : float
        Fractions of the value.
    item : str
        The line of the ledger.
    """

    rate: float
    slip: float
    item: str = "commission"

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row for each side."""
        span = inputs.first, inputs.last
        return (
            TermRow(self.item, "buy", *span, of_value=self.rate * (1.0 + self.slip)),
            TermRow(self.item, "sell", *span, of_value=self.rate * (1.0 - self.slip)),
        )


def plain_costs() -> CostSet:
    """Return commission and slippage of 5 bps each, and nothing else: no interest, no borrow, no cap on volume."""
    models = (CommissionOnSlipped(FEE, SLIP), Slippage(1e4 * SLIP))
    return CostSet("as the peers charge", models, participation=math.inf)


def every_cost() -> CostSet:
    """Return the same two with a minimum a trade, beside borrow, FX conversion and interest on every balance."""
    return CostSet(
        "everything on",
        (Commission(bps=1e4 * FEE, minimum=1.0), Slippage(1e4 * SLIP)),
        Tiers((("general", 0.003), ("special", 0.05))),
        conversion_bps=1.0,
        financing=Financing(on=True, credit_spread=-0.005, debit_spread=0.01, rebate_spread=-0.005),
    )

"""What to trade where a benchmark is an index, which nobody can."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepshock.market import Market

FUNDS = {"^GSPC": "SPY", "^NDX": "QQQ", "^HSI": "FXI", "^HSTECH": "KWEB"}
"""The fund for an index: of those in New York, the nearest to it. FXI and KWEB follow other indices of Chinese shares
than the two of Hong Kong do."""


def tradable_for(market: Market, benchmark: str) -> tuple[str, str]:
    """Return what stands for a benchmark in a trade, and why nothing does; one of the two is empty."""
    if market.instrument(benchmark).tradable:
        return benchmark, ""
    fund = FUNDS.get(benchmark, "")
    if not fund:
        return "", f"{benchmark} cannot be traded, and no fund is known for it"
    if fund not in market.symbols():
        return "", f"{benchmark} cannot be traded, and its fund, {fund}, is not in the market: load it too"
    return fund, ""

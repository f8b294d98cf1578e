"""Workload S as a whole process: one thesis of 30 legs, one event; return, Sharpe ratio and drawdown.

    python -m common.single deepshock
    python -m common.single vectorbt

Each imports what a user of that library would, and nothing of the other.
"""

from __future__ import annotations

import sys

ROWS = 1000


def deepshock() -> tuple[float, float, float]:
    """Run it here."""
    import deepshock as ds
    from common.bars import Bars
    from common.charges import plain_costs
    from common.theses import single

    bars = Bars.make(30, ROWS)
    made = ds.run(single(bars), bars.market(), costs=plain_costs()).performance
    return made.net_return, made.sharpe, made.max_drawdown


def vectorbt() -> tuple[float, float, float]:
    """Run it there; its Sharpe ratio is over all rows, and so another one."""
    import numpy as np
    import pandas as pd
    import vectorbt as vbt

    from common.prices import draw_prices, draw_weights
    from common.setting import CASH, FEE, HOLD, SINGLE_AT, SLIP

    close = pd.DataFrame(draw_prices(30, ROWS)[3])
    size = np.full(close.shape, np.nan)
    size[SINGLE_AT], size[SINGLE_AT + HOLD] = draw_weights(30)[0], 0.0
    vbt.settings.returns["year_freq"] = "252 days"
    portfolio = vbt.Portfolio.from_orders(
        close, size, size_type="targetpercent", fees=FEE, slippage=SLIP, init_cash=CASH, cash_sharing=True,
        group_by=True, freq="1D",
    )  # fmt: skip
    return float(portfolio.total_return()), float(portfolio.sharpe_ratio()), float(portfolio.max_drawdown())


if __name__ == "__main__":
    print(*{"deepshock": deepshock, "vectorbt": vectorbt}[sys.argv[1]]())

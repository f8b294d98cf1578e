"""B and P in bt: a tree of securities, a run for each variant, quantities ordered at closes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from common.setting import ALL_IN, CASH, FEE, SLIP
from common.workloads import Baskets, Placebo
from deepshock.arrays import Floats, Ints

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import bt


class AtDates(bt.Algo):  # type: ignore[misc]
    """Open a basket on some dates and close it on others."""

    def __init__(self, parts: dict[str, float], entries: Any, exits: Any) -> None:
        super().__init__()
        self.parts, self.entries, self.exits = parts, set(entries), set(exits)

    def __call__(self, target: Any) -> bool:
        """Trade at the close of the date that the tree stands at."""
        if target.now in self.entries:
            value = target.value
            for symbol, part in self.parts.items():
                target.transact(part * value / target.universe.at[target.now, symbol], child=symbol)
        elif target.now in self.exits:
            for child in target.children.values():
                child.transact(-child.position)
        return True


def charge(quantity: float, price: float) -> float:
    """Return what a fill costs: commission on the price after slippage, and the slippage."""
    cross = SLIP * FEE if quantity > 0.0 else -SLIP * FEE
    return abs(quantity) * price * (SLIP + FEE + cross)


def baskets(plain: Baskets, variants: Ints) -> Floats:
    """Return the figures of some variants of B: array of shape (n_variants, 3)."""
    close = pd.DataFrame(plain.bars.close, index=plain.bars.dates, columns=list(plain.bars.symbols))
    found = np.empty((len(variants), 3))
    for place, v in enumerate(variants):
        signed = plain.weights[plain.which[v]] * plain.gross[v]
        parts = dict(zip(plain.bars.symbols, signed.tolist(), strict=True))
        entries = plain.rows + plain.lag[v]
        found[place] = _figures(close, parts, entries, entries + plain.hold[v])
    return found


def placebo(plain: Placebo, variants: Ints) -> Floats:
    """Return the figures of some variants of P."""
    n_rows = plain.bars.shape[0]
    found = np.empty((len(variants), 3))
    for place, v in enumerate(variants):
        symbol, row = divmod(int(v), n_rows)
        name = plain.bars.symbols[symbol]
        close = pd.DataFrame({name: plain.bars.close[:, symbol]}, index=plain.bars.dates)
        leaves = np.array([row + plain.hold] if row + plain.hold < n_rows else [], np.int64)
        found[place] = _figures(close, {name: ALL_IN}, np.array([row]), leaves)
    return found


def _figures(close: pd.DataFrame, parts: dict[str, float], entries: Ints, exits: Ints) -> Floats:
    """Run one variant; bt starts its values a day before the first row, with the cash."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        algo = AtDates(parts, close.index[entries], close.index[exits])
        tree = bt.Strategy("variant", [algo], list(parts))
        test = bt.Backtest(
            tree, close, initial_capital=CASH, commissions=charge, integer_positions=False, progress_bar=False
        )
        test.run()
    value = test.strategy.values.to_numpy()
    returns = value[1:] / value[:-1] - 1.0
    sharpe = returns.mean() / returns.std(ddof=1) * np.sqrt(252.0)
    return np.array([value[-1] / CASH - 1.0, sharpe, (value / np.maximum.accumulate(value) - 1.0).min()])

"""The workloads in vectorbt: signals or target sizes in matrices of rows x variants.

Preparing the matrices and running them are apart, so that both can be timed against the same step of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
from vectorbt._engine import is_rust_available
from vectorbt.portfolio.nb import simulate_from_signals_nb

from common.setting import CASH, FEE, SLIP
from common.workloads import Baskets, Events, Placebo
from deepshock.arrays import Floats

# vectorbt keeps its other kernels on disk, not this one: each process compiled it, and had that in its peak of memory.
simulate_from_signals_nb.enable_caching()

CHARGES = {"fees": FEE, "slippage": SLIP, "init_cash": CASH, "freq": "1D"}


def engines() -> tuple[str, ...]:
    """Return the engines that are installed: the second one is an extra of vectorbt."""
    return ("numba", "rust") if is_rust_available() else ("numba",)


@contextmanager
def engine(name: str) -> Iterator[None]:
    """Run with one engine, and 252 sessions a year."""
    before = vbt.settings["engine"], vbt.settings.returns["year_freq"]
    vbt.settings["engine"], vbt.settings.returns["year_freq"] = name, "252 days"
    try:
        yield
    finally:
        vbt.settings["engine"], vbt.settings.returns["year_freq"] = before


def prepare(plain: Events | Baskets | Placebo) -> tuple[Any, ...]:
    """Build the matrices of a workload."""
    if isinstance(plain, Events):
        return _signals(plain)
    return _sizes(plain) if isinstance(plain, Baskets) else _diagonals(plain)


def figures(plain: Events | Baskets | Placebo, matrices: tuple[Any, ...]) -> Floats:
    """Run a workload on its matrices: array of shape (n_variants, 3)."""
    if isinstance(plain, Events):
        return metrics(_events(plain, matrices))
    return metrics(_baskets(plain, matrices)) if isinstance(plain, Baskets) else _placebo(plain, matrices)


def drawdown_from_cash(plain: Placebo) -> Floats:
    """Return the drawdowns of entries at the first row, from the cash before them: vectorbt starts after the fill."""
    close = plain.bars.close
    entries, exits = (np.repeat(matrix[:, :1], close.shape[1], axis=1) for matrix in _diagonals(plain))
    value = vbt.Portfolio.from_signals(close, entries, exits, **CHARGES).value().to_numpy()
    value = np.vstack([np.full(close.shape[1], CASH), value])
    found: Floats = (value / np.maximum.accumulate(value, axis=0) - 1.0).min(axis=0)
    return found


def _signals(plain: Events) -> tuple[Any, ...]:
    shape = plain.bars.shape[0], len(plain.lag)
    entries, exits, variant = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_), np.arange(shape[1])
    for row in plain.rows:
        entries[row + plain.lag, variant] = True
        exits[row + plain.lag + plain.hold, variant] = True
    return entries, exits


def _events(plain: Events, matrices: tuple[Any, ...]) -> Any:
    open_, high, low, close = plain.bars.prices()
    return vbt.Portfolio.from_signals(
        close, *matrices, open=open_, high=high, low=low, sl_stop=plain.stop, tp_stop=plain.target,
        stop_exit_price="stopmarket", **CHARGES,
    )  # fmt: skip


def _sizes(plain: Baskets) -> tuple[Any, ...]:
    (n_rows, n_legs), n_variants = plain.bars.shape, len(plain.lag)
    size, variant = np.full((n_rows, n_variants, n_legs), np.nan), np.arange(n_variants)
    close = np.empty_like(size)
    close[:] = plain.bars.close[:, None, :]
    for row in plain.rows:
        size[row + plain.lag, variant] = plain.weights[plain.which] * plain.gross[:, None]
        size[row + plain.lag + plain.hold, variant] = 0.0
    return close.reshape(n_rows, -1), size.reshape(n_rows, -1), np.repeat(variant, n_legs)


def _baskets(plain: Baskets, matrices: tuple[Any, ...]) -> Any:
    close, size, group = matrices
    return vbt.Portfolio.from_orders(
        pd.DataFrame(close) if len(plain.lag) == 1 else close, size, size_type="targetpercent", cash_sharing=True,
        group_by=group, max_orders=2 * len(plain.rows) * close.shape[1], **CHARGES,
    )  # fmt: skip


def _diagonals(plain: Placebo) -> tuple[Any, ...]:
    n_rows = plain.bars.shape[0]
    return np.eye(n_rows, dtype=np.bool_), np.eye(n_rows, k=-plain.hold, dtype=np.bool_)


def _placebo(plain: Placebo, matrices: tuple[Any, ...]) -> Floats:
    """Run a portfolio of one column for each entry, symbol by symbol: all at once would take 1.6 GB a matrix."""
    n_rows, n_symbols = plain.bars.shape
    found = np.empty((n_symbols, n_rows, 3))
    for symbol in range(n_symbols):
        close = plain.bars.close[:, [symbol]]
        found[symbol] = metrics(vbt.Portfolio.from_signals(close, *matrices, max_orders=2 * n_rows, **CHARGES))
    return found.reshape(-1, 3)


def metrics(portfolio: Any) -> Floats:
    """Return total return, Sharpe ratio and maximum drawdown: array of shape (n_variants, 3)."""
    columns = (portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown())
    return np.column_stack([np.ravel(column) for column in columns])

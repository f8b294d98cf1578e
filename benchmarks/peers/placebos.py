"""Placebos of baskets in vectorbt: a group of columns with shared cash for each, some groups at a time.

Written in two ways. *All rows*: every group has all rows of the data, as one writes it first. *Windows*: of each group
only the rows from the one before its entry to its exit, side by side, which is what there is to simulate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import vectorbt as vbt

from common.placebos import Trades
from common.setting import HOLD
from deepshock.arrays import Floats
from peers.with_vectorbt import CHARGES, engine, metrics

Matrices = tuple[Floats, Floats]


def all_rows(trades: Trades) -> Matrices:
    """Return closes and target sizes of shape (n_rows, n x n_legs)."""
    n_rows, which = len(trades.close), np.arange(len(trades))
    size = np.full((n_rows, *trades.column.shape), np.nan)
    size[trades.row, which] = trades.weight
    size[trades.row + HOLD, which] = 0.0
    return trades.close[:, trades.column.ravel()], size.reshape(n_rows, -1)


def windows(trades: Trades) -> Matrices:
    """Return the same of shape (HOLD + 2, n x n_legs)."""
    rows = trades.row + np.arange(-1, HOLD + 1)[:, None]
    size = np.full((HOLD + 2, *trades.column.shape), np.nan)
    size[1], size[-1] = trades.weight, 0.0
    return trades.close[rows[:, :, None], trades.column].reshape(HOLD + 2, -1), size.reshape(HOLD + 2, -1)


WAYS: dict[str, tuple[Callable[[Trades], Matrices], int]] = {"all rows": (all_rows, 250), "windows": (windows, 5_000)}
"""How matrices are made, and of how many trades at a time: both keep it under a gigabyte."""


def returns(trades: Trades, way: str) -> Floats:
    """Return the total return of each, array of shape (n,), and nothing else: what a placebo needs."""
    return np.concatenate([np.ravel(made.total_return()) for made in _portfolios(trades, way)])


def figures(trades: Trades, way: str) -> Floats:
    """Return total return, Sharpe ratio and drawdown of each, array of shape (n, 3)."""
    return np.concatenate([metrics(made) for made in _portfolios(trades, way)])


def use(name: str, way: str, file: str) -> float:
    """Find the total returns of trades in a file with one engine, and return the seconds that it took.

    Garbage is collected meanwhile: portfolios are circular, and would all be in the peak of memory.
    """
    trades = Trades.load(file)
    with engine(name):
        start = time.perf_counter()
        returns(trades, way)
        return time.perf_counter() - start


def n_rows(trades: Trades, way: str) -> int:
    """Return the rows over which it takes its Sharpe ratio."""
    return len(trades.close) if way == "all rows" else HOLD + 2


def _portfolios(trades: Trades, way: str) -> Any:
    make, chunk = WAYS[way]
    for start in range(0, len(trades), chunk):
        some = trades.some(slice(start, start + chunk))
        yield vbt.Portfolio.from_orders(
            *make(some), size_type="targetpercent", cash_sharing=True, max_orders=2 * some.column.size,
            group_by=np.repeat(np.arange(len(some)), some.column.shape[1]), **CHARGES,
        )  # fmt: skip

"""A workload through the minimal kernels."""

from __future__ import annotations

import numpy as np

from common import minimal
from common.setting import CASH, FEE, SLIP
from common.workloads import Baskets, Events, Placebo
from deepshock.arrays import Floats

CHARGED = FEE, SLIP, CASH


class Limit:
    """A minimal kernel, its arrays ready.

    Parameters
    ----------
    plain : Events, Baskets or Placebo
    """

    def __init__(self, plain: Events | Baskets | Placebo) -> None:
        self.plain = plain
        n_rows, n_symbols = plain.bars.shape
        self.out = np.empty((n_rows * n_symbols if isinstance(plain, Placebo) else len(plain.lag), 3))
        self.columns = tuple(np.ascontiguousarray(prices[:, 0]) for prices in plain.bars.prices())
        self.by_symbol = np.ascontiguousarray(plain.bars.close.T)

    def run(self, *, tight: bool = False, stop_first: bool = False) -> Floats:
        """Run it; the array that comes back is used again."""
        p = self.plain
        if isinstance(p, Events):
            orders = p.rows, p.lag, p.hold, p.stop, p.target
            minimal.events(self.columns, *orders, *CHARGED, stop_first, tight, self.out)
        elif isinstance(p, Baskets):
            orders_of_all = p.rows, p.weights, p.which, p.lag, p.hold, p.gross
            minimal.books(p.bars.close, *orders_of_all, *CHARGED, tight, self.out)
        else:
            minimal.placebo(self.by_symbol, p.hold, *CHARGED, tight, self.out)
        return self.out

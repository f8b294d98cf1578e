"""E and P in backtesting.py: a class for each strategy, a run for each variant.

It books the costs of an entry at a close on the bar after it, and its Sharpe ratio is another one (annualised
geometrically), so what is compared is the total return. Shares are whole there: the cash is multiplied until rounding
them no longer shows. A spread is paid at entry only; commission and spread are set so that both sides cost what they
cost elsewhere.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from common.setting import CASH, FEE, SLIP
from common.workloads import Events, Placebo
from deepshock.arrays import Floats, Ints

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it announces a plotting backend
    from backtesting import Backtest, Strategy, backtesting

backtesting._tqdm = lambda bars, **_: bars  # a progress bar for each variant would be measured too

SCALE = 1e9
COMMISSION = 1.0 - (1.0 - FEE) * (1.0 - SLIP)
SPREAD = (1.0 + FEE) * (1.0 + SLIP) / (1.0 + COMMISSION) - 1.0


class AtRows(Strategy):  # type: ignore[misc]
    """All cash in at the close of each row given, out at the close ``hold`` rows later, or at a stop or target."""

    rows: tuple[int, ...] = ()
    hold = 0
    stop = math.nan
    target = math.nan

    def init(self) -> None:
        """Nothing to prepare."""

    def next(self) -> None:
        """Order at the close of a row that has just ended."""
        row, close = len(self.data) - 1, float(self.data.Close[-1])
        if self.position and row - self.trades[0].entry_bar == self.hold:
            self.trades[0].close()
        elif not self.position and row in self.rows:
            units = math.floor(self.equity / (close * (1.0 + SPREAD) * (1.0 + COMMISSION))) - 1
            levels = {} if math.isnan(self.stop) else {"sl": close * (1 - self.stop), "tp": close * (1 + self.target)}
            self.buy(size=units, **levels)


def events(plain: Events, variants: Ints) -> Floats:
    """Return the total return of some variants of E."""
    frame = _frame(plain, 0)
    found = np.empty(len(variants))
    for place, v in enumerate(variants):
        rows = tuple((plain.rows + plain.lag[v]).tolist())
        words = {"hold": int(plain.hold[v]), "stop": float(plain.stop[v]), "target": float(plain.target[v])}
        found[place] = _total_return(frame, rows=rows, **words)
    return found


def placebo(plain: Placebo, variants: Ints) -> Floats:
    """Return the total return of some variants of P; none at the first row or the last, where it does not trade."""
    n_rows = plain.bars.shape[0]
    found = np.empty(len(variants))
    for place, v in enumerate(variants):
        symbol, row = divmod(int(v), n_rows)
        found[place] = _total_return(_frame(plain, symbol), rows=(row,), hold=plain.hold)
    return found


def _frame(plain: Events | Placebo, symbol: int) -> pd.DataFrame:
    columns = zip(("Open", "High", "Low", "Close"), plain.bars.prices(), strict=True)
    return pd.DataFrame({name: prices[:, symbol] for name, prices in columns}, index=plain.bars.dates)


def _total_return(frame: pd.DataFrame, **words: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of trades that are open at the end
        test = Backtest(frame, AtRows, cash=SCALE * CASH, spread=SPREAD, commission=COMMISSION, trade_on_close=True)
        made = test.run(**words)
    return float(made["Equity Final [$]"]) / (SCALE * CASH) - 1.0

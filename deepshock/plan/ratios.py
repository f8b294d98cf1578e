"""What a plan needs before it can size an order: beta and volatility, from closes strictly before the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.plan.timeline import nanoseconds

if TYPE_CHECKING:
    from deepshock.market import Market

BETA_WINDOW, BETA_LEAST, VOL_WINDOW = 250, 120, 60


@dataclass(frozen=True, slots=True)
class Beta:
    """Slope of least squares, with the number of daily returns behind it; ``value`` is nan under ``BETA_LEAST``."""

    value: float
    n: int

    @property
    def is_thin(self) -> bool:
        """Whether fewer returns than the full window were there."""
        return self.n < BETA_WINDOW


def _closes_before(market: Market, symbol: str, at: datetime) -> tuple[Ints, Floats]:
    """Return date labels and closes of the sessions that closed strictly before an instant."""
    sessions, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    known = (sessions.closes < nanoseconds(at)) & np.isfinite(series.close)
    return sessions.days[known], series.close[known]


def beta(market: Market, symbol: str, benchmark: str, at: datetime) -> Beta:
    """Return the beta of an instrument to a benchmark, as known at an instant.

    Parameters
    ----------
    market : Market
    symbol, benchmark : str
        Returns are simple, close to close, over the date labels on which both have a close.
    at : datetime
        Only closes strictly before it count.

    Returns
    -------
    Beta
        From the last 250 returns; nan with fewer than 120, or where the benchmark did not move.
    """
    days, closes = _closes_before(market, symbol, at)
    benchmark_days, benchmark_closes = _closes_before(market, benchmark, at)
    _, mine, theirs = np.intersect1d(days, benchmark_days, assume_unique=True, return_indices=True)
    y = np.diff(closes[mine])[-BETA_WINDOW:] / closes[mine][:-1][-BETA_WINDOW:]
    x = np.diff(benchmark_closes[theirs])[-BETA_WINDOW:] / benchmark_closes[theirs][:-1][-BETA_WINDOW:]
    spread = float(np.sum((x - x.mean()) ** 2)) if x.size else 0.0
    if x.size < BETA_LEAST or spread == 0.0:
        return Beta(float("nan"), int(x.size))
    return Beta(float(np.sum((x - x.mean()) * (y - y.mean())) / spread), int(x.size))


def volatility(market: Market, symbol: str, at: datetime) -> float:
    """Return the standard deviation (ddof 1) of the last 60 log returns before an instant; nan with fewer."""
    _, closes = _closes_before(market, symbol, at)
    returns = np.diff(np.log(closes))[-VOL_WINDOW:]
    return float(returns.std(ddof=1)) if returns.size == VOL_WINDOW else float("nan")

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


@dataclass(frozen=True, eq=False)
class Pair:
    """Daily returns of an instrument and a benchmark over the date labels on which both have a close.

    Parameters
    ----------
    known_ns : ndarray of shape (n,), int64
        When both closes of a date are known, UTC nanoseconds.
    own, other : ndarray of shape (n - 1,)
        Simple returns of the instrument and of the benchmark; the i-th is known with the close i + 1.
    """

    known_ns: Ints
    own: Floats
    other: Floats

    @classmethod
    def of(cls, market: Market, symbol: str, benchmark: str) -> Pair:
        """Return the pair of all closes of a market."""
        days, at, closes = _closes(market, symbol)
        benchmark_days, benchmark_at, benchmark_closes = _closes(market, benchmark)
        _, mine, theirs = np.intersect1d(days, benchmark_days, assume_unique=True, return_indices=True)
        mine_, theirs_ = closes[mine], benchmark_closes[theirs]
        own, other = (np.diff(values) / values[:-1] if len(values) else values for values in (mine_, theirs_))
        return cls(np.maximum(at[mine], benchmark_at[theirs]), own, other)

    def closes(self, at_ns: Ints) -> Ints:
        """Return how many closes are known strictly before instants."""
        return self.known_ns.searchsorted(at_ns, side="left")

    def beta(self, closes: int) -> Beta:
        """Return the beta of the last 250 returns of the first ``closes`` closes."""
        last = max(closes - 1, 0)
        y, x = (values[max(last - BETA_WINDOW, 0) : last] for values in (self.own, self.other))
        spread = float(np.sum((x - x.mean()) ** 2)) if x.size else 0.0
        if x.size < BETA_LEAST or spread == 0.0:
            return Beta(float("nan"), int(x.size))
        return Beta(float(np.sum((x - x.mean()) * (y - y.mean())) / spread), int(x.size))


@dataclass(frozen=True, eq=False)
class Swings:
    """Daily log returns of an instrument.

    Parameters
    ----------
    known_ns : ndarray of shape (n,), int64
        When each close is known, UTC nanoseconds.
    returns : ndarray of shape (n - 1,)
    """

    known_ns: Ints
    returns: Floats

    @classmethod
    def of(cls, market: Market, symbol: str) -> Swings:
        """Return those of all closes of a market."""
        _, at, closes = _closes(market, symbol)
        return cls(at, np.diff(np.log(closes)))

    def closes(self, at_ns: Ints) -> Ints:
        """Return how many closes are known strictly before instants."""
        return self.known_ns.searchsorted(at_ns, side="left")

    def volatility(self, closes: int) -> float:
        """Return the standard deviation (ddof 1) of the last 60 returns before some close; nan with fewer."""
        last = max(closes - 1, 0)
        found = self.returns[max(last - VOL_WINDOW, 0) : last]
        return float(found.std(ddof=1)) if found.size == VOL_WINDOW else float("nan")


def _closes(market: Market, symbol: str) -> tuple[Ints, Ints, Floats]:
    """Return date labels, instants and prices of all closes that there are."""
    sessions, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    there = np.isfinite(series.close)
    return sessions.days[there], sessions.closes[there], series.close[there]


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
    found = Pair.of(market, symbol, benchmark)
    return found.beta(int(found.closes(np.array(nanoseconds(at)))))


def volatility(market: Market, symbol: str, at: datetime) -> float:
    """Return the standard deviation (ddof 1) of the last 60 log returns before an instant; nan with fewer."""
    found = Swings.of(market, symbol)
    return found.volatility(int(found.closes(np.array(nanoseconds(at)))))

"""Resampling returns in blocks: how long a block should be, and intervals of any statistic.

The stationary bootstrap (Politis and Romano, Journal of the American Statistical Association 89, 1994) draws blocks of
random length, so that dependence between days survives. The work is done by ``arch.bootstrap``, which is imported when
it is first needed: it takes two seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Floats
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import matrix, series, within

LEAST_RESAMPLES = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A statistic with its bootstrap interval.

    Parameters
    ----------
    estimate : float
        Of the returns as they are; in the unit of the statistic, like ``low`` and ``high``.
    low, high : float
        Quantiles (1 - level) / 2 and (1 + level) / 2 over the resamples.
    level : float
    block_length : int
        Mean length of a block, in observations.
    n_resamples : int
    """

    estimate: float
    low: float
    high: float
    level: float
    block_length: int
    n_resamples: int


def block_length(returns: ArrayLike) -> int:
    """Return the mean block length that suits the dependence in returns.

    Politis and White, Econometric Reviews 23, 2004, with the correction of Patton, Politis and White, Econometric
    Reviews 28, 2009, for the stationary bootstrap. It is the length that is best for the variance of the mean. The lag
    at which dependence ends is one later in ``arch`` than in the paper, so that blocks are a little longer.

    Parameters
    ----------
    returns : array_like of shape (n_obs,) or (n_obs, n_trials)
        20 observations or more. Trials are resampled together and so have one length: the median of theirs.

    Returns
    -------
    int
        Observations, rounded up, 1 or more.

    Raises
    ------
    StatisticsError
        For too few observations, values that are not finite, or returns that do not vary.
    """
    from arch.bootstrap import optimal_block_length

    values = matrix("returns", returns) if np.ndim(returns) == 2 else series("returns", returns)
    with np.errstate(divide="ignore", invalid="ignore"):  # a tail without variance: its correlation is not significant
        lengths = optimal_block_length(values)["stationary"].to_numpy()
    if not np.isfinite(lengths).all():
        raise StatisticsError(Fault("returns", "no block length follows from them", "choose one"))
    return max(1, math.ceil(float(np.median(lengths))))


def bootstrap_interval(
    returns: ArrayLike,
    statistic: Callable[[Floats], float],
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
    block: int | None = None,
) -> Interval:
    """Return a percentile interval of a statistic of returns by the stationary bootstrap.

    Parameters
    ----------
    returns : array_like of shape (n_obs,) or (n_obs, n_series)
        20 observations or more, raw or excess as the statistic wants them. Rows are drawn whole.
    statistic : callable
        Of an array shaped like ``returns``; returns one finite number, whose unit is that of the interval.
    level : float
        Between 0 and 1.
    n_resamples : int
        100 or more.
    seed : int
        The same seed gives the same interval.
    block : int, optional
        Mean block length; by default `block_length`.

    Returns
    -------
    Interval

    Raises
    ------
    StatisticsError
        For returns that cannot carry it, too few resamples, or a statistic that is not a finite number on the returns
        or on some resample.

    Notes
    -----
    A percentile interval covers less than its level where observations are few or the statistic is skewed. It cannot
    know of days that the record lacks, and a block with one crisis in it is one observation.
    """
    from arch.bootstrap import StationaryBootstrap

    values = matrix("returns", returns) if np.ndim(returns) == 2 else series("returns", returns)
    within("level", level, 0.0, 1.0)
    length = settled(values, n_resamples, block)
    drawn = StationaryBootstrap(length, values, seed=np.random.default_rng(seed))
    estimate = _number(statistic, values)
    found = np.array([_number(statistic, np.asarray(data[0])) for data, _ in drawn.bootstrap(n_resamples)])
    bad = int((~np.isfinite(found)).sum())
    if bad or not math.isfinite(estimate):
        problem = f"is not finite on {bad} of {n_resamples} resamples" if bad else f"is {estimate} on the returns"
        raise StatisticsError(Fault("statistic", problem, "give one that is a number whatever days are drawn"))
    low, high = np.quantile(found, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(estimate, float(low), float(high), level, length, n_resamples)


def settled(values: Floats, n_resamples: int, block: int | None) -> int:
    """Return the block length to use; refuse too few resamples, and a length that is none."""
    if n_resamples < LEAST_RESAMPLES:
        raise StatisticsError(Fault("n_resamples", f"{n_resamples} are too few", f"give {LEAST_RESAMPLES} or more"))
    if block is None:
        return block_length(values)
    if not 1 <= block < len(values):
        problem = f"{block} is no length of a block of {len(values)} observations"
        raise StatisticsError(Fault("block", problem, "give 1 or more, and less than there are"))
    return block


def _number(statistic: Callable[[Floats], float], values: Floats) -> float:
    found = np.asarray(statistic(values), np.float64)
    if found.ndim:
        raise StatisticsError(Fault("statistic", f"returns an array of shape {found.shape}", "give one of one number"))
    return float(found)

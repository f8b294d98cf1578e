"""Whether the best of many trials beats a benchmark, given that it is the best of many, and which others do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Floats, Ints
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import matrix, series, within
from deepshock.stats.resample import settled

if TYPE_CHECKING:
    from arch.bootstrap import SPA


@dataclass(frozen=True, slots=True)
class Superiority:
    """Trials against a benchmark.

    Parameters
    ----------
    lower, consistent, upper : float
        p-values of the hypothesis that no trial beats the benchmark (SPA); ``consistent`` is the one to quote.
        ``lower`` sets aside whatever did worse than the benchmark, ``consistent`` what did much worse, ``upper``
        nothing, as White's reality check. Each is (1 + exceedances) / (1 + resamples), so never zero.
    best : int
        Column of the trial with the largest mean over its standard error.
    superior : tuple of int
        Columns that beat the benchmark (StepM). In large samples, the probability that even one of them does not is
        ``level`` or less.
    level : float
    block_length : int
        Mean length of a block, in observations.
    n_resamples : int
    """

    lower: float
    consistent: float
    upper: float
    best: int
    superior: tuple[int, ...]
    level: float
    block_length: int
    n_resamples: int


def superiority(
    trials: ArrayLike,
    benchmark: ArrayLike | None = None,
    *,
    level: float = 0.05,
    n_resamples: int = 1000,
    seed: int = 0,
    block: int | None = None,
) -> Superiority:
    """Test whether any of many trials beats a benchmark, and which do.

    T = max over trials of sqrt(n) mean(d) / omega, d = trial less benchmark, against its distribution over resamples:
    Hansen, "A Test for Superior Predictive Ability", Journal of Business and Economic Statistics 23, 2005.
    Stepwise as in Romano and Wolf, Econometrica 73, 2005, with Hansen's consistent centring, as in Hsu, Hsu and
    Kuan, Journal of Empirical Finance 17, 2010.

    Parameters
    ----------
    trials : array_like of shape (n_obs, n_trials)
        Returns per observation, **not losses**: ``arch`` compares losses and is given their negatives. All that were
        tried, of the same times, 20 rows or more.
    benchmark : array_like of shape (n_obs,), optional
        Returns of the same kind, raw or excess. Zero by default, which is fair to excess returns.
    level : float
        Familywise error of ``superior``.
    n_resamples : int
        100 or more.
    seed : int
        The same seed gives the same result.
    block : int, optional
        Mean block length; by default `deepshock.stats.resample.block_length` of the differences.

    Returns
    -------
    Superiority

    Raises
    ------
    StatisticsError
        For too few rows or resamples, values that are not finite, or a trial that differs from the benchmark by the
        same throughout, as one that never traded does from zero.

    Notes
    -----
    ``arch`` 8.0 takes a flag to studentize, but then compares plain means, among which the most volatile trial decides
    alone. Here the differences are divided by omega before they are handed over, which makes the statistic Hansen's.
    It looks at means: a trial that merely carries less risk is not superior. 1,000 resamples of 1,000 x 2,000 returns
    take some six seconds; memory grows by 24 bytes for each trial and resample.
    """
    from arch.bootstrap import SPA

    over = _over(trials, benchmark)
    within("level", level, 0.0, 1.0)
    length = settled(over, n_resamples, block)
    scaled = over / omega(over, length)
    test = SPA(np.zeros(len(over)), -scaled, length, n_resamples, seed=np.random.default_rng(seed))
    test.compute()
    lower, consistent, upper = (
        (1 + round(float(test.pvalues[name]) * n_resamples)) / (1 + n_resamples)
        for name in ("lower", "consistent", "upper")
    )
    best = int(scaled.mean(axis=0).argmax())
    found = tuple(_stepwise(test, scaled.shape[1], level).tolist())
    return Superiority(lower, consistent, upper, best, found, level, length, n_resamples)


def _over(trials: ArrayLike, benchmark: ArrayLike | None) -> Floats:
    """Return trials less benchmark."""
    values = matrix("trials", trials, idle=True)
    if benchmark is not None:
        against = series("benchmark", benchmark, idle=True)
        if len(against) != len(values):
            problem = f"{len(against)} observations against {len(values)} of the trials"
            raise StatisticsError(Fault("benchmark", problem, "give both of the same times"))
        values = values - against[:, None]
    return matrix("trials less benchmark", values)


def omega(over: Floats, block: int) -> Floats:
    """Return the standard deviation of sqrt(n) times the mean of each column under the stationary bootstrap.

    omega^2 = c_0 + 2 sum over i of k_i c_i, k_i = (n - i) / n (1 - q)^i + i / n (1 - q)^(n - i), with autocovariances
    c_i and q = 1 / block (Politis and Romano 1994). For one series it is exact, without drawing.

    Parameters
    ----------
    over : ndarray of shape (n_obs, n_trials)
    block : int
        Mean length, in observations.
    """
    n = len(over)
    away = np.fft.rfft(over - over.mean(axis=0), 2 * n, axis=0)
    covariance = np.fft.irfft(away * away.conj(), 2 * n, axis=0)[:n] / n
    lag = np.arange(n)
    stay = 1.0 - 1.0 / block
    weight = (n - lag) / n * stay**lag + lag / n * stay ** (n - lag)
    weight[1:] *= 2.0
    variance = weight @ covariance
    if (variance <= 0.0).any():
        raise StatisticsError(
            Fault("block", f"blocks of {block} leave a trial's mean no variance", "give shorter ones")
        )
    return np.asarray(np.sqrt(variance))


def _stepwise(test: SPA, n_trials: int, level: float) -> Ints:
    """Return the columns that are superior: take out those found, and look again until no more are found.

    ``arch.bootstrap.StepM`` does so too, but in 8.0 fails where the last trial is found in a later step.
    """
    left = np.ones(n_trials, np.bool_)
    while left.any():
        test.subset(left)
        test.compute()
        found = test.better_models(level)
        if not len(found):
            break
        left = left.copy()
        left[found] = False
    return np.flatnonzero(~left)

"""How far a Sharpe ratio can be believed: probabilistic, deflated, and the record that it needs.

Throughout, a Sharpe ratio is *per observation* (mean over standard deviation of the returns as they are, of days if
they are daily) and kurtosis is *raw*: 3 for a normal variable. An annual figure is divided by the square root of the
observations a year, the variance of annual figures by their number. Whether returns are over the policy rate is for
the caller to decide, in the same way for an estimate and what it is held against.

The standard error is that of independent returns (Mertens 2002). Where returns are autocorrelated it is wrong, and an
interval of `deepshock.stats.resample` is the better witness.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import series, within
from deepshock.stats.performance import LEAST_OBSERVATIONS

NORMAL = NormalDist()
INCREDIBLE = 20.0  # t-statistic; an honest record of returns has none, an annual ratio called daily soon does
PER_OBSERVATION = "divide an annual Sharpe ratio by the square root of the observations a year, a variance by them"


@dataclass(frozen=True, slots=True)
class SharpeEstimate:
    """A Sharpe ratio with what its error depends on.

    Parameters
    ----------
    sharpe : float
        Per observation, standard deviation with ddof 1.
    n_obs : int
        20 or more.
    skewness, kurtosis : float
        0 and 3 for a normal variable: raw kurtosis. It cannot be less than 1 + skewness squared (Pearson 1916), which
        is how most excess kurtosis given by mistake is found out; one that satisfies this goes unnoticed.

    Raises
    ------
    StatisticsError
        For too few observations, what is not finite, an impossible kurtosis, or a ratio whose t-statistic exceeds 20:
        such a one is annual. Annual figures over a short record go unnoticed.
    """

    sharpe: float
    n_obs: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        if faults := [*self._faults()]:
            raise StatisticsError(faults)

    def _faults(self) -> Iterator[Fault]:
        for name in ("sharpe", "n_obs", "skewness", "kurtosis"):
            if not math.isfinite(getattr(self, name)):
                yield Fault(name, f"{getattr(self, name)!r} is not finite", "give a number")
        if self.n_obs < LEAST_OBSERVATIONS:
            yield Fault("n_obs", f"{self.n_obs} observations are too few", f"give {LEAST_OBSERVATIONS} or more")
        elif (t := abs(self.sharpe) * math.sqrt(self.n_obs)) > INCREDIBLE:
            yield Fault("sharpe", f"{self.sharpe:g} over {self.n_obs} observations is a t of {t:.0f}", PER_OBSERVATION)
        if self.kurtosis < (least := 1.0 + self.skewness**2) * (1.0 - 1e-9):
            problem = f"{self.kurtosis:g} is impossible at a skewness of {self.skewness:g}, which needs {least:g}"
            yield Fault("kurtosis", problem, "give raw kurtosis: add 3 to excess kurtosis")
        elif self.spread <= 0.0:
            yield Fault("skewness", "with this kurtosis and ratio leaves no error at all", "give more observations")

    @property
    def spread(self) -> float:
        """Variance of the estimate times (n - 1): 1 - skewness SR + (kurtosis - 1) / 4 SR^2."""
        return 1.0 - self.skewness * self.sharpe + (self.kurtosis - 1.0) / 4.0 * self.sharpe**2

    @property
    def standard_error(self) -> float:
        """Per observation, of independent returns."""
        return math.sqrt(self.spread / (self.n_obs - 1))


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """How probable it is that the best of many tries is not merely the luckiest.

    Parameters
    ----------
    probability : float
        That the true ratio is above zero, given how many were tried: the deflated Sharpe ratio.
    expected_maximum : float
        Per observation; what the best of as many tries would show if none were any good.
    n_trials : float
        Independent tries.
    """

    probability: float
    expected_maximum: float
    n_trials: float


def estimate_sharpe(returns: ArrayLike) -> SharpeEstimate:
    """Return the Sharpe ratio of returns, with their sample skewness m3 / m2^1.5 and raw kurtosis m4 / m2^2.

    There are 20 returns or more, finite and not all the same.
    """
    values = series("returns", returns)
    away = values - values.mean()
    second, third, fourth = (float(np.mean(away**power)) for power in (2, 3, 4))
    sharpe = float(values.mean() / values.std(ddof=1))
    return SharpeEstimate(sharpe, len(values), third / second**1.5, fourth / second**2)


def probabilistic_sharpe(estimate: SharpeEstimate, benchmark: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio exceeds a benchmark.

    PSR = Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - skewness SR + (kurtosis - 1) / 4 SR^2)): Bailey and Lopez de Prado,
    "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012. It holds for one record that was chosen before
    it was seen; for the best of several see `deflated_sharpe`.

    Its parameters are those of `minimum_track_record`.
    """
    _believable("benchmark", benchmark, estimate.n_obs)
    return NORMAL.cdf((estimate.sharpe - benchmark) / estimate.standard_error)


def minimum_track_record(estimate: SharpeEstimate, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many observations it takes to be confident that a Sharpe ratio exceeds a benchmark.

    MinTRL = 1 + (1 - skewness SR + (kurtosis - 1) / 4 SR^2) (z / (SR - SR*))^2: the same paper, on track records.

    Parameters
    ----------
    estimate : SharpeEstimate
        Its ``n_obs`` does not enter the answer.
    benchmark : float
        Per observation, below the ratio.
    confidence : float
        Above one half.

    Returns
    -------
    float
        Observations; over the observations a year, years.
    """
    _believable("benchmark", benchmark, estimate.n_obs)
    within("confidence", confidence, 0.5, 1.0)
    if estimate.sharpe <= benchmark:
        problem = f"{benchmark:g} is not below the Sharpe ratio of {estimate.sharpe:g}"
        raise StatisticsError(Fault("benchmark", problem, "no record, however long, can show it to be exceeded"))
    return 1.0 + estimate.spread * (NORMAL.inv_cdf(confidence) / (estimate.sharpe - benchmark)) ** 2


def expected_maximum_sharpe(n_trials: float, variance: float) -> float:
    """Return the Sharpe ratio that the best of some trials is expected to show when the true one of all is zero.

    sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = 0.5772...: Bailey and Lopez de Prado, "The Deflated
    Sharpe Ratio", Journal of Portfolio Management 40(5), 2014, equation 1. The formula is for many trials: 8 % low at
    N = 2, then up to 2.6 % high, 1 % at 100. Of one trial it is 0, and it is not let below 0 for fractions above one.

    Parameters
    ----------
    n_trials : float
        Independent ones (`deepshock.stats.trials.effective_trials`); a fraction is allowed.
    variance : float
        Of the Sharpe ratios of the trials, per observation: 1/n for trials without skill over n observations.
    """
    if not 1.0 <= n_trials < math.inf:
        raise StatisticsError(Fault("n_trials", f"{n_trials!r} is no number of trials", "give 1 or more"))
    if not 0.0 <= variance < math.inf:
        raise StatisticsError(Fault("variance", f"{variance!r} is none", "give that of the trials' Sharpe ratios"))
    if n_trials == 1.0:
        return 0.0
    first, second = (NORMAL.inv_cdf(1.0 - 1.0 / (n_trials * scale)) for scale in (1.0, math.e))
    return math.sqrt(variance) * max(0.0, (1.0 - np.euler_gamma) * first + np.euler_gamma * second)


def deflated_sharpe(estimate: SharpeEstimate, n_trials: float, variance: float) -> DeflatedSharpe:
    """Return the probability that the best of many trials has a true Sharpe ratio above zero.

    DSR = PSR against the expected maximum: Bailey and Lopez de Prado 2014, equation 2.

    Parameters
    ----------
    estimate : SharpeEstimate
        Of the trial that was chosen.
    n_trials, variance : float
        As in `expected_maximum_sharpe`: of all that were tried, not only of those that were kept.
    """
    most = expected_maximum_sharpe(n_trials, variance)
    _believable("variance", most, estimate.n_obs)
    return DeflatedSharpe(probabilistic_sharpe(estimate, most), most, n_trials)


def _believable(name: str, value: float, n_obs: int) -> None:
    """Refuse a ratio to compare with that is not finite, or that can only be annual."""
    if not math.isfinite(value) or abs(value) * math.sqrt(n_obs) > INCREDIBLE:
        problem = f"it means a Sharpe ratio of {value:g} per observation, over {n_obs} of them"
        raise StatisticsError(Fault(name, problem, PER_OBSERVATION))

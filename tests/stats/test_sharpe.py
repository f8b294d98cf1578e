"""Sharpe ratios reproduce the published figures, and the usual mistakes are refused or shown for what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from deepshock.errors import StatisticsError
from deepshock.stats.sharpe import (
    SharpeEstimate,
    deflated_sharpe,
    estimate_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)

DAYS = 250  # a year, in the paper of 2014
BEST = 2.5 / math.sqrt(DAYS)
VARIANCE = 0.5 / DAYS
SKEWED = SharpeEstimate(BEST, 1250, skewness=-3.0, kurtosis=10.0)


@pytest.mark.parametrize(
    ("estimate", "n_trials", "printed"),
    [(SKEWED, 100, "0.9004"), (SKEWED, 46, "0.9505"), (SharpeEstimate(BEST, 1250), 88, "0.9505")],
    ids=["100 trials", "46 trials", "88 trials of normal returns"],
)
def test_deflated_sharpe_is_that_of_bailey_and_lopez_de_prado_2014(
    estimate: SharpeEstimate, n_trials: int, printed: str
) -> None:
    assert f"{deflated_sharpe(estimate, n_trials, VARIANCE).probability:.4f}" == printed


def test_the_hurdle_of_100_trials_is_the_published_one() -> None:
    """SR0 = 0.1132 a day in the paper."""
    found = deflated_sharpe(SKEWED, 100, VARIANCE)
    assert f"{found.expected_maximum:.4f}" == "0.1132"
    assert (found.expected_maximum, found.n_trials) == (expected_maximum_sharpe(100, VARIANCE), 100)
    assert found.probability == probabilistic_sharpe(SKEWED, found.expected_maximum)


@pytest.mark.parametrize(("skewness", "kurtosis", "printed"), [(0.0, 3.0, "0.982"), (-2.448, 10.164, "0.913")])
def test_probabilistic_sharpe_is_that_of_bailey_and_lopez_de_prado_2012(
    skewness: float, kurtosis: float, printed: str
) -> None:
    assert f"{probabilistic_sharpe(SharpeEstimate(0.458, 24, skewness, kurtosis)):.3f}" == printed


@pytest.mark.parametrize(("year", "printed"), [(252, "2.73"), (52, "2.83"), (12, "3.24")])
def test_minimum_track_record_is_that_of_bailey_and_lopez_de_prado_2012(year: int, printed: str) -> None:
    """Two a year against one, at 95 %, for normal returns."""
    needed = minimum_track_record(SharpeEstimate(2.0 / math.sqrt(year), year * 10), 1.0 / math.sqrt(year))
    assert f"{needed / year:.2f}" == printed


def test_a_record_of_the_minimum_length_is_just_long_enough() -> None:
    estimate = SharpeEstimate(0.09, 100, -0.7, 6.0)
    needed = minimum_track_record(estimate, 0.02, confidence=0.9)
    long = SharpeEstimate(0.09, needed, -0.7, 6.0)  # type: ignore[arg-type]
    assert probabilistic_sharpe(long, 0.02) == pytest.approx(0.9, rel=1e-12)


@pytest.mark.parametrize("n_trials", [2, 3, 10, 100, 1000])
def test_the_expected_maximum_is_near_that_of_as_many_normal_variables(n_trials: int) -> None:
    def share(x: float) -> float:
        return float(x * n_trials * stats.norm.pdf(x) * stats.norm.cdf(x) ** (n_trials - 1))

    exact = quad(share, -12.0, 12.0, limit=400)[0]
    found = expected_maximum_sharpe(n_trials, 4.0) / 2.0  # of a standard deviation of two
    assert found == pytest.approx(exact, rel=0.08 if n_trials == 2 else 0.026 if n_trials < 100 else 0.01)


def test_one_trial_has_no_hurdle_and_more_trials_a_higher_one() -> None:
    hurdles = [expected_maximum_sharpe(n, VARIANCE) for n in (1.0, 1.1, 1.5, 2, 3, 4.7, 10, 1e3, 1e6)]
    assert hurdles[0] == 0.0
    assert all(np.diff(hurdles) >= 0.0)
    assert expected_maximum_sharpe(100, 0.0) == 0.0
    assert deflated_sharpe(SKEWED, 1, VARIANCE).probability == probabilistic_sharpe(SKEWED)


def test_an_estimate_has_the_moments_of_its_returns() -> None:
    returns = stats.skewnorm.rvs(-4, loc=0.02, scale=0.3, size=300, random_state=1)
    found = estimate_sharpe(returns)
    assert found.n_obs == 300
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)
    assert found.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)


def test_the_standard_error_is_the_spread_of_estimates() -> None:
    """Skewed returns: the error of normal ones, 0.0725, would be too small."""
    draws = (3.0 - np.random.default_rng(3).gamma(2.0, size=(20_000, 200))) / math.sqrt(2.0)
    found = draws.mean(axis=1) / draws.std(axis=1, ddof=1)
    estimate = SharpeEstimate(1.0 / math.sqrt(2.0), 200, skewness=-math.sqrt(2.0), kurtosis=6.0)
    assert estimate.standard_error == pytest.approx(found.std(), rel=0.03)


def test_an_idle_record_with_one_move_is_an_estimate() -> None:
    """Two values only: kurtosis is exactly 1 + skewness squared, the least there is."""
    found = estimate_sharpe([0.0] * 99 + [0.03])
    assert found.kurtosis == pytest.approx(1.0 + found.skewness**2, rel=1e-12)
    assert 0.5 < probabilistic_sharpe(found) < 1.0


# Traps.


def test_an_annual_sharpe_ratio_is_refused_where_a_record_is_long() -> None:
    with pytest.raises(StatisticsError, match=r"sharpe: 2\.5 over 1250 observations is a t of 88; divide an annual"):
        SharpeEstimate(2.5, 1250, -3.0, 10.0)


def test_an_annual_sharpe_ratio_over_a_short_record_makes_anything_certain() -> None:
    """Not detectable: 1.2 a year over 60 days proves nothing, and taken as daily it proves everything."""
    right = probabilistic_sharpe(SharpeEstimate(1.2 / math.sqrt(252), 60))
    wrong = probabilistic_sharpe(SharpeEstimate(1.2, 60))
    assert (f"{right:.2f}", f"{wrong:.6f}") == ("0.72", "1.000000")


def test_annual_figures_make_a_track_record_of_days_instead_of_years() -> None:
    """Not detectable over a short record: nine observations instead of 688."""
    assert round(minimum_track_record(SharpeEstimate(2.0, 24), 1.0)) == 9
    assert round(minimum_track_record(SharpeEstimate(2.0 / math.sqrt(252), 24), 1.0 / math.sqrt(252))) == 688


def test_an_annual_variance_of_trials_is_refused_where_a_record_is_long() -> None:
    with pytest.raises(StatisticsError, match=r"variance: .*1\.78941 per observation, over 1250.*a variance by them"):
        deflated_sharpe(SKEWED, 100, 0.5)


def test_an_annual_variance_of_trials_over_a_short_record_deflates_to_nothing() -> None:
    short = SharpeEstimate(BEST, 60, -3.0, 10.0)
    assert deflated_sharpe(short, 100, 0.5).probability < 1e-6
    assert f"{deflated_sharpe(short, 100, VARIANCE).probability:.3f}" == "0.610"


def test_an_annual_benchmark_is_refused_where_a_record_is_long() -> None:
    with pytest.raises(StatisticsError, match=r"benchmark: it means a Sharpe ratio of 1 per observation"):
        probabilistic_sharpe(SKEWED, 1.0)


@pytest.mark.parametrize(("skewness", "excess"), [(0.0, 0.0), (-3.0, 7.0), (1.0, 1.5)])
def test_excess_kurtosis_is_refused_where_no_variable_has_it(skewness: float, excess: float) -> None:
    with pytest.raises(StatisticsError, match=r"kurtosis: .* is impossible at a skewness of .*add 3 to excess"):
        SharpeEstimate(BEST, 1250, skewness, excess)
    SharpeEstimate(BEST, 1250, skewness, excess + 3.0)


def test_excess_kurtosis_that_a_variable_could_have_gives_too_high_a_probability() -> None:
    """Not detectable: 7.164 is possible at a skewness of -2.448, and gives 0.920 instead of the published 0.913."""
    assert f"{probabilistic_sharpe(SharpeEstimate(0.458, 24, -2.448, 10.164 - 3.0)):.3f}" == "0.920"


# What cannot carry a figure.


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ([0.01, -0.01] * 9, "18 observations are too few; give 20 or more"),
        ([0.1] * 30, "is the same throughout"),
        ([0.0] * 30, "is the same throughout"),
        ([0.01, math.nan] * 20, "20 values are not finite"),
        ([[0.01]] * 30, r"its shape is \(30, 1\)"),
    ],
)
def test_returns_without_a_sharpe_ratio_are_refused(returns: list[float], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^returns: {said}"):
        estimate_sharpe(returns)


def test_all_faults_of_an_estimate_are_named_at_once() -> None:
    with pytest.raises(StatisticsError) as caught:
        SharpeEstimate(math.nan, 5, 0.0, 0.5)
    assert [fault.where for fault in caught.value.faults] == ["sharpe", "n_obs", "kurtosis"]


def test_two_values_whose_error_vanishes_are_refused() -> None:
    """At kurtosis 1 + skewness^2 the variance is (1 - skewness SR / 2)^2."""
    with pytest.raises(StatisticsError, match="leaves no error at all"):
        SharpeEstimate(0.5, 100, 4.0, 17.0)


@pytest.mark.parametrize("n_trials", [0.99, 0, -3, math.nan, math.inf])
def test_no_number_of_trials_is_refused(n_trials: float) -> None:
    with pytest.raises(StatisticsError, match=r"n_trials: .* is no number of trials; give 1 or more"):
        deflated_sharpe(SKEWED, n_trials, VARIANCE)


@pytest.mark.parametrize("variance", [-1e-9, math.nan, math.inf])
def test_no_variance_is_refused(variance: float) -> None:
    with pytest.raises(StatisticsError, match=r"variance: .* is none"):
        expected_maximum_sharpe(10, variance)


@pytest.mark.parametrize("benchmark", [math.nan, math.inf])
def test_no_benchmark_is_refused(benchmark: float) -> None:
    with pytest.raises(StatisticsError, match=r"^benchmark: "):
        probabilistic_sharpe(SKEWED, benchmark)


def test_a_track_record_that_no_length_would_make_is_refused() -> None:
    with pytest.raises(StatisticsError, match=r"benchmark: .* no record, however long"):
        minimum_track_record(SKEWED, BEST)
    with pytest.raises(StatisticsError, match=r"confidence: 0\.5 is not between 0\.5 and 1"):
        minimum_track_record(SKEWED, 0.0, confidence=0.5)


def test_the_probability_is_that_of_a_fair_test() -> None:
    """Under the null it is uniform, so that 5 % of honest failures reach 0.95."""
    draws = np.random.default_rng(7).standard_t(6, size=(4000, 250))
    found = np.sort([probabilistic_sharpe(estimate_sharpe(row)) for row in draws])
    assert stats.kstest(found, "uniform").statistic < 1.63 / math.sqrt(4000)  # 1 %

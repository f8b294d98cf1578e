"""On real returns, holes included, the statistics of many tries are those of scipy, statsmodels, arch, slow loops."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import StationaryBootstrap
from numpy.typing import NDArray
from scipy import stats

from deepshock.errors import StatisticsError
from deepshock.stats.overfitting import overfitting
from deepshock.stats.resample import bootstrap_interval
from deepshock.stats.sharpe import deflated_sharpe, estimate_sharpe, minimum_track_record, probabilistic_sharpe
from deepshock.stats.superiority import superiority
from deepshock.stats.trials import benjamini_hochberg, effective_trials, holm
from stats import test_overfitting, test_superiority

pytestmark = pytest.mark.real_data

Floats = NDArray[np.float64]
NAMES = ("NVDA", "AVGO", "META", "MSFT", "SMCI", "ARM", "GEV", "0700.HK", "300766.SZ", "BTC-USD", "TLT", "GLD")
MARKET = "SPY"


@pytest.fixture(scope="module")
def ragged(panel_path: Path) -> pd.DataFrame:
    """Return daily returns by date label, nan where a name has no bar: other venues, other holidays, late listings."""
    columns, wanted = ["date", "symbol", "close"], [("symbol", "in", [*NAMES, MARKET])]
    bars = pd.read_parquet(panel_path, columns=columns, filters=wanted).astype({"symbol": str})
    closes = bars.pivot(index="date", columns="symbol", values="close").astype(float)
    return closes.loc["2024-03-01":"2025-02-28"].pct_change(fill_method=None).iloc[1:]  # type: ignore[misc]


@pytest.fixture(scope="module")
def whole(ragged: pd.DataFrame) -> pd.DataFrame:
    """Return the dates that all names have."""
    return ragged.dropna()


def test_the_panel_is_ragged_and_refused_by_column(ragged: pd.DataFrame, whole: pd.DataFrame) -> None:
    missing = ragged.isna().sum()
    assert missing["GEV"] > missing[MARKET] > missing["BTC-USD"] == 0
    assert 120 < len(whole) < 0.6 * len(ragged)
    first = ", ".join(str(place) for place, name in enumerate(ragged) if missing[name])[:10]
    for statistic in (effective_trials, lambda given: overfitting(given, 8), lambda given: superiority(given)):
        with pytest.raises(StatisticsError, match=f"trials: {missing.sum()} values of columns {first}"):
            statistic(ragged.to_numpy())
    with pytest.raises(StatisticsError, match=f"returns: {missing['GEV']} values are not finite"):
        estimate_sharpe(ragged["GEV"])


@pytest.mark.parametrize("name", [*NAMES, MARKET])
def test_sharpe_ratios_and_what_they_prove(ragged: pd.DataFrame, name: str) -> None:
    """Each name on its own dates: moments of scipy, probabilities by the papers' formulas."""
    returns = ragged[name].dropna().to_numpy()
    n, sharpe = len(returns), returns.mean() / returns.std(ddof=1)
    skewness, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    spread = 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    estimate = estimate_sharpe(returns)
    found = (estimate.n_obs, estimate.sharpe, estimate.skewness, estimate.kurtosis)
    assert found == (n, pytest.approx(sharpe), pytest.approx(skewness), pytest.approx(kurtosis))
    for benchmark in (0.0, 0.05):
        expected = stats.norm.cdf((sharpe - benchmark) * math.sqrt(n - 1) / math.sqrt(spread))
        assert probabilistic_sharpe(estimate, benchmark) == pytest.approx(expected, rel=1e-10)
    if sharpe > 0.0:
        needed = 1.0 + spread * (stats.norm.ppf(0.95) / sharpe) ** 2
        assert minimum_track_record(estimate) == pytest.approx(needed)
    variance = float((ragged.mean() / ragged.std()).var())  # pandas leaves out what is missing, name by name
    tried = len(ragged.columns)
    hurdle = math.sqrt(variance) * (
        (1.0 - np.euler_gamma) * stats.norm.ppf(1.0 - 1.0 / tried)
        + np.euler_gamma * stats.norm.ppf(1.0 - math.exp(-1.0) / tried)
    )
    deflated = deflated_sharpe(estimate, tried, variance)
    assert deflated.expected_maximum == pytest.approx(hurdle)
    expected = stats.norm.cdf((sharpe - hurdle) * math.sqrt(n - 1) / math.sqrt(spread))
    assert deflated.probability == pytest.approx(expected, rel=1e-10)


def test_effective_trials_are_the_eigenvalues_of_the_correlations(whole: pd.DataFrame) -> None:
    strength = np.linalg.eigvalsh(whole.corr().to_numpy())
    edge = (1.0 + math.sqrt(len(whole.columns) / (len(whole) - 1))) ** 2
    expected = sum(1.0 if value > edge else value for value in strength)
    assert effective_trials(whole) == pytest.approx(expected)
    assert 1.0 < expected < len(whole.columns)


@pytest.mark.parametrize("n_blocks", [2, 6, 10])
def test_overfitting_is_that_of_the_slow_loop(whole: pd.DataFrame, n_blocks: int) -> None:
    found = overfitting(whole.to_numpy(), n_blocks)
    for name, value in test_overfitting.slow(whole.to_numpy(), n_blocks).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("against", [None, MARKET])
def test_superiority_is_that_of_the_slow_test(whole: pd.DataFrame, against: str | None) -> None:
    trials = whole.drop(columns=MARKET)
    benchmark = None if against is None else whole[against].to_numpy()
    found = superiority(trials.to_numpy(), benchmark, n_resamples=200, seed=4, block=3)
    over = trials.to_numpy() - (0.0 if benchmark is None else benchmark[:, None])
    expected = test_superiority.slow(over, 3, 200, 4)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected, abs=1e-12)
    means = over.mean(axis=0) / np.array([resampled_error(over[:, j]) for j in range(over.shape[1])])
    assert found.best == means.argmax()


def resampled_error(values: Floats) -> float:
    """Return the spread of the mean over many resamples, drawn rather than reckoned."""
    drawn = StationaryBootstrap(3, values, seed=np.random.default_rng(0))
    return float(np.std([rows.mean() for (rows,), _ in drawn.bootstrap(2000)]))


@pytest.mark.parametrize("name", ["NVDA", "GEV", "300766.SZ"])
def test_intervals_are_those_of_arch(ragged: pd.DataFrame, name: str) -> None:
    returns = ragged[name].dropna().to_numpy()
    found = bootstrap_interval(returns, np.mean, n_resamples=500, seed=9)  # type: ignore[arg-type]
    drawn = StationaryBootstrap(found.block_length, returns, seed=np.random.default_rng(9))
    low, high = drawn.conf_int(np.mean, 500, method="percentile", size=0.95).ravel()
    assert (found.estimate, found.low, found.high) == pytest.approx((returns.mean(), low, high))


def test_adjusted_p_values_are_those_of_statsmodels(ragged: pd.DataFrame) -> None:
    multiple = pytest.importorskip("statsmodels.stats.multitest")
    p = [float(stats.ttest_1samp(ragged[name].dropna(), 0.0).pvalue) for name in ragged]
    for ours, method in ((benjamini_hochberg, "fdr_bh"), (holm, "holm")):
        assert ours(p) == pytest.approx(multiple.multipletests(p, method=method)[1])

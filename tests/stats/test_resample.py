"""Block lengths follow the dependence, intervals are those of arch and cover what they should."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from numpy.typing import NDArray

from deepshock.errors import StatisticsError
from deepshock.stats.resample import block_length, bootstrap_interval

Floats = NDArray[np.float64]


def autoregressive(n_obs: int, r: float, seed: int, n_series: int = 1) -> Floats:
    noise = np.random.default_rng(seed).standard_normal((n_obs + 50, n_series))
    for at in range(1, len(noise)):
        noise[at] += r * noise[at - 1]
    return noise[50:]


def by_the_paper(x: Floats) -> float:
    """Politis and White 2004 with the correction of 2009, from the formulas; m one lag later, as in arch."""
    n = len(x)
    away = x - x.mean()
    near = max(5, int(math.log10(n)))
    most = math.ceil(math.sqrt(n)) + near
    covariance = [float(away[lag:] @ away[: n - lag]) / n for lag in range(most + 1)]
    band = 2.0 * math.sqrt(math.log10(n) / n)
    ratios = [abs(c) / covariance[0] for c in covariance]
    first = next((m + 1 for m in range(most + 1 - near) if max(ratios[m + 1 : m + near + 1]) < band), None)
    reach = most if first is None else min(2 * max(first, 1), most)
    flat = [1.0 if lag / reach <= 0.5 else 2.0 * (1.0 - lag / reach) for lag in range(1, reach + 1)]
    g = 2.0 * sum(w * lag * covariance[lag] for lag, w in enumerate(flat, 1))
    spread = covariance[0] + 2.0 * sum(w * covariance[lag] for lag, w in enumerate(flat, 1))
    length = (2.0 * g * g / (2.0 * spread**2)) ** (1 / 3) * n ** (1 / 3)
    return min(length, math.ceil(min(3.0 * math.sqrt(n), n / 3.0)))


@pytest.mark.parametrize("r", [-0.3, 0.2, 0.5, 0.7])
def test_the_block_length_is_that_of_politis_and_white(r: float) -> None:
    x = autoregressive(2000, r, seed=1)[:, 0]
    assert block_length(x) == math.ceil(by_the_paper(x))


def test_dependence_lengthens_blocks() -> None:
    lengths = [block_length(autoregressive(3000, r, seed=2)[:, 0]) for r in (0.0, 0.3, 0.6, 0.9)]
    assert lengths == sorted(lengths)
    assert 1 <= lengths[0] <= 5
    assert lengths[-1] > 20


def test_trials_have_the_median_length() -> None:
    parts = [autoregressive(1000, r, seed=3)[:, 0] for r in (0.0, 0.5, 0.9)]
    assert block_length(np.stack(parts, axis=1)) == block_length(parts[1])


def test_the_interval_is_the_percentile_interval_of_arch() -> None:
    x = autoregressive(200, 0.3, seed=4)[:, 0]
    found = bootstrap_interval(x, np.mean, level=0.9, n_resamples=300, seed=5, block=4)  # type: ignore[arg-type]
    drawn = StationaryBootstrap(4, x, seed=np.random.default_rng(5))
    low, high = drawn.conf_int(np.mean, 300, method="percentile", size=0.9).ravel()
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert (found.estimate, found.level, found.block_length, found.n_resamples) == (x.mean(), 0.9, 4, 300)


def test_the_seed_decides() -> None:
    x = autoregressive(100, 0.3, seed=4)[:, 0]

    def made(seed: int) -> tuple[float, float]:
        found = bootstrap_interval(x, np.median, n_resamples=200, seed=seed)  # type: ignore[arg-type]
        return found.low, found.high

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_rows_of_several_series_are_drawn_together() -> None:
    x = np.random.default_rng(6).standard_normal(100)
    both = np.stack([x, 2.0 * x], axis=1)

    def gap(rows: Floats) -> float:
        return float(np.abs(rows[:, 1] - 2.0 * rows[:, 0]).max())

    found = bootstrap_interval(both, gap, n_resamples=100)
    assert (found.estimate, found.low, found.high) == (0.0, 0.0, 0.0)


def test_intervals_cover_in_spite_of_dependence() -> None:
    """The mean of an AR(1) of 0.5: blocks of one day would cover 0 in some 74 % of cases, not 95 %."""
    covered = np.zeros(2)
    for seed in range(150):
        x = autoregressive(300, 0.5, seed=seed)[:, 0]
        for which, block in enumerate((None, 1)):
            found = bootstrap_interval(x, np.mean, n_resamples=120, seed=seed, block=block)  # type: ignore[arg-type]
            covered[which] += found.low <= 0.0 <= found.high
    assert covered[0] / 150 > 0.84
    assert covered[1] / 150 < 0.82


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"level": 1.0}, "level: 1.0 is not between 0 and 1"),
        ({"level": math.nan}, "level: nan is not between"),
        ({"n_resamples": 99}, "n_resamples: 99 are too few; give 100 or more"),
        ({"block": 0}, "block: 0 is no length of a block of 30 observations"),
        ({"block": 30}, "block: 30 is no length"),
        ({"statistic": lambda x: x}, r"statistic: returns an array of shape \(30,\)"),
        ({"statistic": lambda x: math.nan}, "statistic: is not finite on 100 of 100 resamples"),
        (
            {"statistic": lambda x: 1.0 if x[0] != 0.0 else math.inf},
            "statistic: is inf on the returns|is not finite on",
        ),
    ],
)
def test_what_gives_no_interval_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{said}"):
        bootstrap_interval(np.arange(30.0), **{"statistic": np.mean, "n_resamples": 100, **words})  # type: ignore[arg-type]


@pytest.mark.parametrize("returns", [[0.0] * 30, [0.01] * 30, [0.1, -0.1] * 9, [0.1, math.nan] * 15])
def test_returns_that_carry_no_block_length_are_refused(returns: list[float]) -> None:
    with pytest.raises(StatisticsError, match=r"^returns: "):
        block_length(returns)


def test_arch_is_imported_when_it_is_needed() -> None:
    code = (
        "import sys, deepshock.stats.resample, deepshock.stats.superiority, deepshock.stats.trials, "
        "deepshock.stats.sharpe, deepshock.stats.overfitting; print({'arch', 'statsmodels'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("set()\n", "")

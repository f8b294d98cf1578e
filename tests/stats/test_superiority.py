"""Superior predictive ability is that of the slow test and of arch, fair on noise, and finds what is good."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap, StepM
from numpy.typing import NDArray

from deepshock.errors import StatisticsError
from deepshock.stats.superiority import omega, superiority

Floats = NDArray[np.float64]
NOISE = np.random.default_rng(1).normal(0.0, 0.01, (120, 8))


def slow(over: Floats, block: int, n_resamples: int, seed: int) -> dict[str, float]:
    """Hansen 2005, one resample and one trial at a time."""
    n, k = over.shape
    mean, scale = over.mean(axis=0), omega(over, block)
    observed = max(math.sqrt(n) * mean[j] / scale[j] for j in range(k))
    bound = [-scale[j] / math.sqrt(n) * math.sqrt(2.0 * math.log(math.log(n))) for j in range(k)]
    centres = {
        "lower": [max(mean[j], 0.0) for j in range(k)],
        "consistent": [mean[j] if mean[j] >= bound[j] else 0.0 for j in range(k)],
        "upper": list(mean),
    }
    exceeded = dict.fromkeys(centres, 0)
    drawn = StationaryBootstrap(block, over, seed=np.random.default_rng(seed))
    for (rows,), _ in drawn.bootstrap(n_resamples):
        for name, centre in centres.items():
            again = max(math.sqrt(n) * (rows[:, j].mean() - centre[j]) / scale[j] for j in range(k))
            exceeded[name] += again > observed
    return {name: (1 + count) / (1 + n_resamples) for name, count in exceeded.items()}


@pytest.mark.parametrize("with_benchmark", [False, True])
def test_it_is_that_of_the_slow_test(with_benchmark: bool) -> None:
    rng = np.random.default_rng(2)
    trials = rng.normal(0.0005, 0.01, (60, 6)) * np.linspace(0.2, 5.0, 6) - np.linspace(0.0, 0.02, 6)
    benchmark = rng.normal(0.0, 0.005, 60) if with_benchmark else None
    found = superiority(trials, benchmark, n_resamples=150, seed=3, block=2)
    wanted = slow(trials - (0.0 if benchmark is None else benchmark[:, None]), 2, 150, 3)
    assert {name: getattr(found, name) for name in wanted} == pytest.approx(wanted, abs=1e-12)
    assert found.lower <= found.consistent < found.upper
    assert (found.block_length, found.n_resamples, found.level) == (2, 150, 0.05)


def test_omega_is_the_spread_of_the_mean_over_resamples() -> None:
    over = np.random.default_rng(4).normal(0.0, 0.01, (80, 3)).cumsum(axis=0)
    drawn = StationaryBootstrap(5, over, seed=np.random.default_rng(0))
    means = np.array([rows.mean(axis=0) for (rows,), _ in drawn.bootstrap(4000)])
    assert omega(over, 5) == pytest.approx(math.sqrt(80) * means.std(axis=0), rel=0.05)
    assert omega(over, 1) == pytest.approx(over.std(axis=0), rel=1e-12)  # independent draws


def test_arch_on_equal_errors_agrees() -> None:
    """Where all errors are equal, studentizing changes nothing."""
    unit = NOISE / omega(NOISE, 3)
    found = superiority(NOISE, n_resamples=200, seed=5, block=3)
    test = SPA(np.zeros(120), -unit, 3, 200, seed=np.random.default_rng(5))
    test.compute()
    shares = [(value * 201 - 1) / 200 for value in (found.lower, found.consistent, found.upper)]
    assert shares == pytest.approx(test.pvalues.to_list(), abs=1e-12)
    steps = StepM(np.zeros(120), -unit, 0.05, 3, 200, seed=np.random.default_rng(5))
    steps.compute()
    assert list(found.superior) == steps.superior_models


def test_returns_are_not_losses() -> None:
    good = NOISE - NOISE.mean(axis=0)
    good[:, 3] += 0.005
    assert superiority(good, n_resamples=200).consistent < 0.01
    assert superiority(-good, n_resamples=200).consistent > 0.1


def test_a_volatile_trial_does_not_hide_a_good_one() -> None:
    """Plain means see only the one with fifty times the risk."""
    trials = NOISE.copy()
    trials[:, 3] += 0.004
    trials[:, 0] = 50.0 * (trials[:, 0] - trials[:, 0].mean())
    found = superiority(trials, n_resamples=300, block=2)
    assert (found.best, found.superior) == (3, (3,))
    assert found.consistent < 0.02
    plain = SPA(np.zeros(120), -trials, 2, 300, studentize=False, seed=0)
    plain.compute()
    assert plain.pvalues["consistent"] > 0.3


def test_all_that_are_good_are_found_in_steps() -> None:
    """The last is found only once the others are gone, where arch 8.0's own steps fail on what is left: nothing."""
    rng = np.random.default_rng(9)
    trials = rng.normal(0.0, 1.0, (100, 3))
    trials += np.array([2.0, 2.0, 0.0]) - trials.mean(axis=0)
    for last in np.linspace(0.1, 0.3, 41):
        trials[:, 2] += last - trials[:, 2].mean()
        unit = trials / omega(trials, 1)
        test = SPA(np.zeros(100), -unit, 1, 200, seed=np.random.default_rng(0))
        test.compute()
        if list(test.better_models(0.05)) == [0, 1]:
            step = superiority(trials, n_resamples=200, seed=0, block=1).superior
            if step == (0, 1, 2):
                break
    else:
        pytest.fail("no trial is found in the second step")


def test_the_benchmark_is_taken_off() -> None:
    market = np.random.default_rng(10).normal(0.002, 0.01, 120)
    trials = NOISE + market[:, None]
    assert superiority(trials, market, n_resamples=200, block=2) == superiority(NOISE, n_resamples=200, block=2)
    flat = superiority(NOISE, np.full(120, 0.001), n_resamples=200, block=2)
    assert flat == superiority(NOISE - 0.001, n_resamples=200, block=2)


def test_p_values_on_noise_are_nearly_uniform() -> None:
    rng = np.random.default_rng(11)
    draws = [superiority(rng.normal(0.0, 0.01, (60, 5)), n_resamples=100, seed=i, block=1) for i in range(150)]
    found = np.array([draw.consistent for draw in draws])
    assert 0.42 < found.mean() < 0.58
    assert (found <= 0.05).mean() < 0.11
    assert np.mean([bool(draw.superior) for draw in draws]) < 0.11
    assert found.min() >= 1 / 101


def test_the_seed_decides() -> None:
    assert superiority(NOISE, n_resamples=200, seed=1) == superiority(NOISE, n_resamples=200, seed=1)
    assert superiority(NOISE, n_resamples=200, seed=1) != superiority(NOISE, n_resamples=200, seed=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"trials": np.hstack([NOISE, np.zeros((120, 1))])}, "trials less benchmark: column 8 is the same"),
        ({"benchmark": NOISE[:, 2]}, "trials less benchmark: column 2 is the same throughout; leave out what never"),
        ({"benchmark": NOISE[1:, 2]}, "benchmark: 119 observations against 120 of the trials"),
        ({"benchmark": np.full(120, math.nan)}, "benchmark: 120 values are not finite"),
        ({"trials": NOISE[:19]}, "trials: 19 observations are too few"),
        ({"trials": NOISE[:, 0]}, "trials: its shape"),
        ({"level": 0.0}, "level: 0.0 is not between 0 and 1"),
        ({"n_resamples": 10}, "n_resamples: 10 are too few"),
        ({"block": 120}, "block: 120 is no length"),
    ],
)
def test_what_cannot_be_compared_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{said}"):
        superiority(**{"trials": NOISE, "n_resamples": 100, **words})  # type: ignore[arg-type]

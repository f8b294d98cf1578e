"""What the best of many trials has to exceed: the usual figure where they are independent, and enough where not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from deepshock.errors import StatisticsError
from deepshock.stats.hurdle import hurdle
from deepshock.stats.sharpe import expected_maximum_sharpe
from deepshock.stats.trials import effective_trials

Floats = NDArray[np.float64]


def alike(n_obs: int, n_trials: int, r: float, draw: np.random.Generator) -> Floats:
    """Return trials without skill of which each two have a correlation of r."""
    common, own = draw.standard_normal((n_obs, 1)), draw.standard_normal((n_obs, n_trials))
    return math.sqrt(r) * common + math.sqrt(1.0 - r) * own


def ratios(trials: Floats) -> Floats:
    return np.asarray(trials.mean(axis=0) / trials.std(axis=0, ddof=1))


def test_of_independent_trials_it_is_the_usual_one() -> None:
    trials = np.random.default_rng(0).standard_normal((250, 40))
    found = hurdle(trials)
    assert found.variance == pytest.approx(ratios(trials).var(ddof=1), rel=1e-12)
    assert found.effective == pytest.approx(effective_trials(trials), rel=1e-12)
    usual = expected_maximum_sharpe(40.0, max(found.variance, 1 / 249))
    assert found.ratio == pytest.approx(usual, rel=0.01)  # one eigenvalue may stand out by chance


def test_it_is_the_larger_of_two_that_allow_for_likeness_once() -> None:
    trials = alike(250, 60, 0.8, np.random.default_rng(1))
    found, spread = hurdle(trials), ratios(trials).var(ddof=1)
    assert spread < 1 / 249
    of_number = expected_maximum_sharpe(effective_trials(trials), 1 / 249)
    of_spread = expected_maximum_sharpe(60.0, spread)
    assert found.ratio == max(of_number, of_spread)
    both = expected_maximum_sharpe(effective_trials(trials), spread)
    assert both < min(of_number, of_spread)


@pytest.mark.parametrize(("n_trials", "r"), [(4, 0.8), (25, 0.95), (60, 0.9), (30, 0.0)])
def test_the_best_of_what_is_no_good_passes_in_one_world_of_twenty_at_most(n_trials: int, r: float) -> None:
    """A ratio that is above the hurdle by 1.645 standard errors is found; the usual hurdle lets more through."""
    draw, n_obs, worlds = np.random.default_rng(2), 120, 1500
    passed = usual = 0
    for _ in range(worlds):
        trials = alike(n_obs, n_trials, r, draw)
        found = hurdle(trials)
        best, error = ratios(trials).max(), norm.ppf(0.95) / math.sqrt(n_obs - 1)
        passed += best > found.ratio + error
        usual += best > expected_maximum_sharpe(found.effective, found.variance) + error
    assert passed <= usual
    assert passed / worlds < 0.05 + 2.0 * math.sqrt(0.05 * 0.95 / worlds)
    if 0.0 < r < 0.95:
        assert usual / worlds > 0.05 + 2.0 * math.sqrt(0.05 * 0.95 / worlds)


def test_where_ratios_differ_more_than_luck_makes_them_it_is_the_usual_one() -> None:
    trials = alike(250, 40, 0.6, np.random.default_rng(6)) + np.linspace(-0.3, 0.3, 40)
    found = hurdle(trials)
    assert found.variance > 2.0 / 249
    assert found.ratio == expected_maximum_sharpe(found.effective, found.variance)


def test_tries_outside_count_in_full() -> None:
    trials = alike(200, 12, 0.7, np.random.default_rng(3))
    found, more = hurdle(trials), hurdle(trials, n_trials=50)
    assert more.effective == pytest.approx(found.effective + 38.0)
    assert more.ratio > found.ratio
    assert more.variance == found.variance


def test_of_a_sample_the_common_part_stays_and_the_rest_grows() -> None:
    draw = np.random.default_rng(4)
    ideas = draw.standard_normal((300, 3))
    trials = np.repeat(ideas, 400, axis=1) + 0.4 * draw.standard_normal((300, 1200))
    some = draw.choice(1200, 200, replace=False)
    whole, sample = hurdle(trials).effective, hurdle(trials[:, some], drawn_from=1200).effective
    assert sample == pytest.approx(whole, rel=0.1)
    assert hurdle(np.repeat(ideas, 5, axis=1), drawn_from=10_000).effective == pytest.approx(3.0)
    assert hurdle(trials[:, some], n_trials=1300, drawn_from=1200).effective == pytest.approx(sample + 100.0)


def test_what_never_varies_is_a_try_without_a_ratio() -> None:
    trials = alike(100, 6, 0.5, np.random.default_rng(5))
    with_idle = np.hstack([trials, np.zeros((100, 3))])
    found, more = hurdle(trials), hurdle(with_idle)
    assert more.effective == pytest.approx(found.effective + 3.0)
    assert more.variance == found.variance
    one = hurdle(trials[:, :1])
    assert (one.effective, one.ratio) == (pytest.approx(1.0), 0.0)
    assert math.isnan(one.variance)
    assert hurdle(trials[:, :1], n_trials=40).ratio == pytest.approx(expected_maximum_sharpe(40.0, 1 / 99))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"trials": np.zeros((40, 3))}, "trials: no trial varies"),
        ({"trials": np.eye(40)[:19]}, "trials: 19 observations are too few"),
        ({"trials": np.eye(40), "n_trials": 39}, "n_trials: 39 tries, of which 40 are drawn from, and 40 columns"),
        ({"trials": np.eye(40), "drawn_from": 30}, "n_trials: 30 tries, of which 30 are drawn from"),
    ],
)
def test_what_cannot_be_counted_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{said}"):
        hurdle(**words)  # type: ignore[arg-type]

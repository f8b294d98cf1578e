"""Correlated tries count for fewer, and p-values are adjusted as by hand and by others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from deepshock.errors import StatisticsError
from deepshock.stats.sharpe import expected_maximum_sharpe
from deepshock.stats.trials import benjamini_hochberg, effective_trials, holm

Floats = NDArray[np.float64]


def correlated(n_obs: int, n_trials: int, r: float, seed: int = 0) -> Floats:
    """Return trials whose sample correlations are all exactly r."""
    draws = np.random.default_rng(seed).standard_normal((n_obs, n_trials))
    basis = np.linalg.qr(draws - draws.mean(axis=0))[0]
    wanted = np.full((n_trials, n_trials), r) + (1.0 - r) * np.eye(n_trials)
    return 0.01 * basis @ np.linalg.cholesky(wanted).T + 0.001


@pytest.mark.parametrize("r", [0.0, 0.3, 0.6, 0.95])
def test_equal_correlations_give_the_formula_of_bailey_and_lopez_de_prado(r: float) -> None:
    assert effective_trials(correlated(400, 30, r)) == pytest.approx(r + (1.0 - r) * 30, rel=1e-9)


def test_copies_count_once() -> None:
    """Each of three ideas a hundred times, at its own scale; the average correlation would say 201."""
    ideas = np.repeat(correlated(250, 3, 0.0), 100, axis=1) * np.random.default_rng(1).uniform(0.1, 5.0, 300)
    assert effective_trials(ideas) == pytest.approx(3.0, rel=1e-6)


def test_it_does_not_depend_on_order_scale_or_level() -> None:
    draws = correlated(100, 12, 0.4) + np.random.default_rng(2).standard_normal((100, 12)) * 0.01
    other = draws[:, ::-1] * np.linspace(0.1, 7.0, 12) + np.linspace(-1.0, 1.0, 12)
    assert effective_trials(other) == pytest.approx(effective_trials(draws), rel=1e-9)


@pytest.mark.parametrize(("n_obs", "n_trials"), [(1000, 50), (250, 200), (60, 300)])
def test_independent_trials_count_in_full_however_few_the_observations(n_obs: int, n_trials: int) -> None:
    """One eigenvalue may reach over the edge by chance; the participation ratio of the last would be 50."""
    for seed in range(5):
        draws = np.random.default_rng(seed).standard_t(5, size=(n_obs, n_trials))
        assert 0.97 * n_trials < effective_trials(draws) <= n_trials * (1.0 + 1e-9)


def test_noisy_groups_are_found() -> None:
    rng = np.random.default_rng(4)
    ideas = np.repeat(rng.standard_normal((500, 5)), 40, axis=1)
    noise = rng.standard_normal((500, 200))
    assert effective_trials(ideas + 0.2 * noise) == pytest.approx(5 + 195 * 0.04 / 1.04, rel=0.05)


def test_one_trial_is_one() -> None:
    assert effective_trials(np.random.default_rng(0).standard_normal((30, 1))) == pytest.approx(1.0)


def test_a_trial_and_its_opposite_count_once_as_is_documented() -> None:
    one = np.random.default_rng(0).standard_normal((30, 1))
    assert effective_trials(np.hstack([one, -one])) == pytest.approx(1.0)


def test_the_hurdle_of_groups_is_that_of_their_number() -> None:
    """The expected best of eight ideas, 25 variants each, by simulation and by the formula."""
    rng = np.random.default_rng(6)
    best, spread, counted = [], [], []
    for _ in range(60):
        draws = np.repeat(rng.standard_normal((250, 8)), 25, axis=1) + 0.1 * rng.standard_normal((250, 200))
        sharpe = draws.mean(axis=0) / draws.std(axis=0, ddof=1)
        best.append(sharpe.max())
        spread.append(sharpe.var())
        counted.append(effective_trials(draws))
    assert np.mean(counted) == pytest.approx(8 + 192 * 0.01, rel=0.1)
    assert expected_maximum_sharpe(np.mean(counted), np.mean(spread)) == pytest.approx(np.mean(best), rel=0.1)


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        (np.ones((30, 3)) * [0.0, 1.0, 2.0] + np.arange(30)[:, None] * [1, 0, 0], r"columns 1, 2 is the same"),
        (np.eye(30)[:19], "19 observations are too few"),
        (np.where(np.eye(30) > 0, math.nan, 1.0), r"30 values of columns 0, 1, 2, 3, 4 and 25 more are not finite"),
        (np.arange(30.0), r"its shape is \(30,\); give an array of shape \(observations, trials\)"),
        (np.empty((30, 0)), "there is no trial in it"),
    ],
)
def test_trials_that_cannot_be_counted_are_refused(trials: Floats, said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^trials: {said}"):
        effective_trials(trials)


# Benjamini and Hochberg 1995, section 4.1: fifteen p-values, of which Bonferroni and Holm find 3, and FDR control 4.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_example_of_benjamini_and_hochberg() -> None:
    assert int((benjamini_hochberg(PUBLISHED) <= 0.05).sum()) == 4
    assert int((holm(PUBLISHED) <= 0.05).sum()) == 3


def test_adjustment_by_hand() -> None:
    """Holm: 4 x .01, 3 x .02, 2 x .03, 1 x .5, not descending. BH: .04 / 1, .08 / 2, .12 / 3, .5."""
    given = [0.5, 0.01, 0.03, 0.02]
    assert holm(given) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert benjamini_hochberg(given) == pytest.approx([0.5, 0.04, 0.04, 0.04])


def test_ties_stay_tied_and_nothing_exceeds_one() -> None:
    given = [0.3, 0.02, 0.3, 0.02, 0.9, 0.9]
    for adjusted in (holm(given), benjamini_hochberg(given)):
        assert adjusted[0] == adjusted[2]
        assert adjusted[1] == adjusted[3]
        assert adjusted.max() <= 1.0
        assert (adjusted >= given).all()
    assert holm([0.04]) == benjamini_hochberg([0.04]) == 0.04
    assert list(holm([0.0, 1.0])) == [0.0, 1.0]


def test_statsmodels_agrees() -> None:
    tests = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(8)
    for n in (1, 2, 7, 200):
        given = np.round(rng.uniform(size=n) ** 3, 2)  # with ties, zeros and ones
        assert holm(given) == pytest.approx(tests.multipletests(given, method="holm")[1], abs=1e-15)
        assert benjamini_hochberg(given) == pytest.approx(tests.multipletests(given, method="fdr_bh")[1], abs=1e-15)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([0.1, math.nan], "nan at position 1 is no probability"),
        ([-0.1, 1.2], r"-0\.1 at position 0 is no probability \(2 in all\)"),
        ([], "their shape"),
        ([[0.1]], "their shape"),
    ],
)
def test_what_is_no_p_value_is_refused(adjust: object, given: list[float], said: str) -> None:
    assert callable(adjust)
    with pytest.raises(StatisticsError, match=f"^p_values: {said}"):
        adjust(given)

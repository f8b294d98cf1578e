"""The probability of backtest overfitting is that of the slow loop, about one half on noise, and low for real skill."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import linregress, rankdata

from deepshock.errors import StatisticsError
from deepshock.stats.overfitting import overfitting

Floats = NDArray[np.float64]


def slow(trials: Floats, n_blocks: int) -> dict[str, object]:
    """CSCV written down from the paper: one combination and one trial after the other."""
    rows = len(trials) - len(trials) % n_blocks
    blocks = np.split(trials[len(trials) - rows :], n_blocks)
    n_trials = trials.shape[1]
    inside, outside, logits = [], [], []
    for chosen in combinations(range(n_blocks), n_blocks // 2):
        rest = [b for b in range(n_blocks) if b not in chosen]
        ratios = []
        for places in (chosen, rest):
            part = np.concatenate([blocks[b] for b in places])
            ratios.append([ratio(part[:, n]) for n in range(n_trials)])
        best = max(ratios[0])
        ties = [n for n in range(n_trials) if ratios[0][n] == best]
        ranks = rankdata(ratios[1])
        share = np.mean([ranks[n] for n in ties]) / (n_trials + 1)
        inside.append(best)
        outside.append(np.mean([ratios[1][n] for n in ties]))
        logits.append(math.log(share / (1.0 - share)))
    line = linregress(inside, outside)
    return {
        "probability": sum(logit <= 0.0 for logit in logits) / len(logits),
        "loss": sum(made < 0.0 for made in outside) / len(logits),
        "slope": line.slope,
        "intercept": line.intercept,
        "logits": logits,
        "in_sample": inside,
        "out_of_sample": outside,
        "n_rows": rows,
    }


def ratio(returns: Floats) -> float:
    return float(returns.mean() / returns.std(ddof=1)) if returns.any() else 0.0


@pytest.mark.parametrize(("n_obs", "n_trials", "n_blocks"), [(40, 5, 8), (43, 4, 6), (17, 3, 2), (60, 2, 10)])
def test_it_is_that_of_the_slow_loop(n_obs: int, n_trials: int, n_blocks: int) -> None:
    trials = np.random.default_rng(n_obs).standard_t(4, size=(n_obs, n_trials)) * 0.02 + 0.001
    found = overfitting(trials, n_blocks)
    for name, value in slow(trials, n_blocks).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name
    assert len(found.logits) == math.comb(n_blocks, n_blocks // 2)


def test_trades_that_are_idle_in_whole_halves_are_those_of_the_slow_loop() -> None:
    """What did nothing has a ratio of zero, and ties share the choice."""
    rng = np.random.default_rng(12)
    trials = np.zeros((48, 6))
    for n in range(4):  # two never trade
        trials[6 * n : 6 * n + 12, n] = rng.normal(-0.004 if n else 0.003, 0.02, 12)
    found = overfitting(trials, 8)
    for name, value in slow(trials, 8).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name
    assert (np.bincount(np.sign(found.in_sample).astype(int), minlength=2) > 0).all()  # ties at zero did occur


def test_two_trials_and_two_blocks_by_hand() -> None:
    """The first trial wins the first half, the second the other: what was chosen is then the worse of two.

    In sample, mean .02 over deviations of sqrt(.0008 / 3) and sqrt(.0004 / 3): ratios sqrt(3 / 2) and sqrt(3). Out of
    sample, mean 0. Rank 1 of 2 is a share of 1/3, and a logit of ln(1/2).
    """
    first, second, bad = [0.04, 0.02, 0.00, 0.02], [0.03, 0.01, 0.03, 0.01], [0.02, -0.02, 0.02, -0.02]
    found = overfitting(np.array([first + bad, bad + second]).T, 2)
    assert found.in_sample == pytest.approx([math.sqrt(1.5), math.sqrt(3.0)])
    assert list(found.out_of_sample) == [0.0, 0.0]
    assert found.logits == pytest.approx([math.log(0.5)] * 2)
    assert (found.probability, found.loss, found.slope, found.intercept) == (1.0, 0.0, 0.0, 0.0)


def test_noise_is_overfitted_half_of_the_time() -> None:
    rng = np.random.default_rng(3)
    found = [overfitting(rng.standard_normal((160, 20)), 8).probability for _ in range(150)]
    assert np.mean(found) == pytest.approx(0.5, abs=4.0 * np.std(found) / math.sqrt(150))
    assert np.std(found) > 0.1  # one matrix says little


def test_one_good_trial_is_recognised() -> None:
    trials = np.random.default_rng(5).normal(0.0, 0.01, (800, 50))
    trials[:, 17] += 0.002
    found = overfitting(trials, 10)
    assert found.probability < 0.05
    assert found.loss < 0.05
    assert np.median(found.out_of_sample) == pytest.approx(0.2, abs=0.05)


def test_a_choice_that_reverses_is_always_overfitted() -> None:
    """What each trial made in one half of the year it lost in the other: the sum is the same for all."""
    trials = np.random.default_rng(6).normal(0.0, 0.01, (160, 9))
    trials -= trials.mean(axis=0)
    found = overfitting(trials, 8)
    assert found.probability > 0.8
    assert found.loss == 1.0
    assert found.slope == pytest.approx(-1.0, abs=0.1)


def test_scale_order_and_blocks_of_a_trial_do_not_matter() -> None:
    trials = np.random.default_rng(7).normal(0.001, 0.01, (80, 7))
    found = overfitting(trials, 8)
    other = overfitting(trials[:, ::-1] * np.linspace(0.1, 9.0, 7), 8)
    assert other.logits == pytest.approx(found.logits)
    turned = overfitting(np.concatenate(np.split(trials, 8)[::-1]), 8)
    assert np.sort(turned.logits) == pytest.approx(np.sort(found.logits))


def test_the_oldest_rows_over_a_multiple_are_left_out() -> None:
    trials = np.random.default_rng(8).normal(0.0, 0.01, (85, 4))
    found, whole = overfitting(trials, 8), overfitting(trials[5:], 8)
    assert found.n_rows == 80
    assert (found.logits == whole.logits).all()


@pytest.mark.parametrize(
    ("trials", "n_blocks", "said"),
    [
        (np.ones((40, 2)), 7, "n_blocks: 7 is refused; give an even number, 2 to 20"),
        (np.ones((40, 2)), 22, "n_blocks: 22 is refused"),
        (np.ones((15, 2)), 8, "trials: 15 observations are too few; give 16 or more"),
        (np.eye(40)[:, :1], 8, "trials: there is nothing to choose from in one trial"),
        (np.where(np.eye(40) > 0, math.nan, 1.0), 8, "trials: 40 values"),
        (np.full((40, 3), 0.01), 8, "trials: columns 0, 1, 2 is the same, but not zero, in half of the blocks"),
        (np.zeros((40, 3)), 8, "trials: the best in sample is always equally good"),
    ],
)
def test_what_cannot_be_halved_is_refused(trials: Floats, n_blocks: int, said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{said}"):
        overfitting(trials, n_blocks)

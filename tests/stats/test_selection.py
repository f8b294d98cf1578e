"""All that stands beside the best of many trials: as written down plainly, as by arch, and never without a reason."""

from __future__ import annotations

import json
import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from arch.bootstrap import SPA
from numpy.typing import NDArray
from scipy.stats import kurtosis, norm, rankdata, skew

from deepshock.errors import StatisticsError
from deepshock.stats.hurdle import hurdle
from deepshock.stats.overfitting import overfitting
from deepshock.stats.resample import block_length
from deepshock.stats.selection import selection
from deepshock.stats.superiority import omega, superiority
from deepshock.stats.trials import effective_trials

Floats = NDArray[np.float64]


def trades(n_obs: int = 45, n_trials: int = 12, seed: int = 3) -> Floats:
    """Return trials of one market, each held for a part of the time and idle for the rest."""
    draw = np.random.default_rng(seed)
    made = 0.01 * (draw.standard_normal((n_obs, 1)) + 0.8 * draw.standard_t(5, (n_obs, n_trials)))
    for column in range(n_trials):
        made[: column % 5, column] = made[n_obs - column % 7 :, column] = 0.0
    return made


def psr(returns: Floats, benchmark: float) -> float:
    """Bailey and Lopez de Prado 2012, with the moments of scipy."""
    ratio, n = returns.mean() / returns.std(ddof=1), len(returns)
    spread = 1.0 - skew(returns) * ratio + (kurtosis(returns, fisher=False) - 1.0) / 4.0 * ratio**2
    return float(norm.cdf((ratio - benchmark) * math.sqrt((n - 1) / spread)))


def expected_maximum(n: float, variance: float) -> float:
    """Bailey and Lopez de Prado 2014, equation 1."""
    g = 0.5772156649015329
    return math.sqrt(variance) * ((1.0 - g) * norm.ppf(1.0 - 1.0 / n) + g * norm.ppf(1.0 - 1.0 / (n * math.e)))


def slow(trials: Floats, chosen: int, record: Floats, n_blocks: int) -> dict[str, float]:
    """Write everything down from the papers, but for SPA."""
    n_obs, n_trials = trials.shape
    ratios = trials.mean(axis=0) / trials.std(axis=0, ddof=1)
    strength = np.linalg.eigvalsh(np.corrcoef(trials.T))
    edge = (1.0 + math.sqrt(n_trials / (n_obs - 1))) ** 2
    effective = sum(1.0 if one > edge else one for one in strength)
    variance = ratios.var(ddof=1)
    luck = 1 / (n_obs - 1)
    bar = max(expected_maximum(effective, max(variance, luck)), expected_maximum(n_trials, min(variance, luck)))
    mean, error = record.mean() / record.std(ddof=1), 0.0
    error = 1.0 - skew(record) * mean + (kurtosis(record, fisher=False) - 1.0) / 4.0 * mean**2
    lost, rows = 0, n_obs - n_obs % n_blocks
    blocks = np.split(trials[n_obs - rows :], n_blocks)
    halves = list(combinations(range(n_blocks), n_blocks // 2))
    for half in halves:
        inside = np.concatenate([blocks[b] for b in half])
        outside = np.concatenate([blocks[b] for b in range(n_blocks) if b not in half])
        best = int((inside.mean(axis=0) / inside.std(axis=0, ddof=1)).argmax())
        lost += rankdata(outside.mean(axis=0) / outside.std(axis=0, ddof=1))[best] / (n_trials + 1) <= 0.5
    return {
        "sharpe": mean,
        "psr": psr(record, 0.0),
        "min_trl": 1.0 + error * (norm.ppf(0.95) / mean) ** 2,
        "effective": effective,
        "variance": variance,
        "hurdle": bar,
        "dsr": psr(trials[:, chosen], bar),
        "pbo": lost / len(halves),
    }


def test_it_is_what_the_papers_say() -> None:
    trials = trades()
    chosen = int(trials.sum(axis=0).argmax())
    record = trials[3:40, chosen]
    assert record.mean() > 0.0
    found = selection(trials, chosen, record=record)
    expected = slow(trials, chosen, record, 8)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected, rel=1e-9)
    assert (found.n_obs, found.n_rows, found.n_columns, found.drawn_from, found.n_trials) == (37, 45, 12, 12, 12)
    assert (found.n_blocks, found.reasons) == (8, {})


@pytest.mark.parametrize("good", [0.0, 0.012])
def test_superior_ability_is_that_of_arch(good: float) -> None:
    trials = trades(120, 9)
    trials[:, [2, 5]] += good
    found = selection(trials, 2, n_resamples=300, seed=4)
    block = block_length(trials)
    test = SPA(np.zeros(120), -trials / omega(trials, block), block, 300, seed=np.random.default_rng(4))
    test.compute()
    assert (found.spa * 301 - 1) / 300 == pytest.approx(test.pvalues["consistent"], abs=1e-12)
    better = set(test.better_models(0.05))
    assert better == ({2, 5} if good else set())
    assert found.n_superior == len(superiority(trials, n_resamples=300, seed=4).superior) >= len(better)
    assert found.is_superior is bool(good)


@pytest.mark.parametrize(("n_obs", "n_blocks"), [(20, 4), (29, 4), (30, 6), (79, 14), (80, 16), (500, 16)])
def test_blocks_are_as_many_as_leave_each_five_rows(n_obs: int, n_blocks: int) -> None:
    trials = np.random.default_rng(n_obs).standard_normal((n_obs, 3))
    found = selection(trials, 0, n_resamples=100)
    assert found.n_blocks == n_blocks
    assert found.pbo == overfitting(trials, n_blocks).probability


def test_the_record_is_the_column_unless_it_is_given() -> None:
    """Rows on which nothing was held change the ratio of the record, and hardly what it is worth."""
    trials = trades(200, 5)
    trials[60:, 0] = 0.0
    trials[:60, 0] += 0.002
    own, padded = selection(trials, 0, record=trials[:60, 0], n_resamples=100), selection(trials, 0, n_resamples=100)
    assert (own.n_obs, padded.n_obs) == (60, 200)
    assert own.sharpe > 1.5 * padded.sharpe
    assert own.psr == pytest.approx(padded.psr, abs=0.01)
    assert own.dsr == padded.dsr


def test_tries_of_which_nothing_else_is_known_raise_the_count_and_lower_the_ratio() -> None:
    trials = trades(150, 6)
    alone, among = selection(trials, 1, n_resamples=100), selection(trials, 1, n_trials=46, n_resamples=100)
    assert alone.effective == pytest.approx(effective_trials(trials))
    assert among.effective == pytest.approx(alone.effective + 40.0)
    assert among.dsr < alone.dsr < alone.psr
    assert (among.psr, among.pbo, among.spa) == (alone.psr, alone.pbo, alone.spa)


def test_trials_that_never_vary_are_tries_that_a_test_of_means_leaves_out() -> None:
    trials = np.insert(trades(60, 5), 2, 0.0, axis=1)
    moving = np.delete(trials, 2, axis=1)
    found, without = selection(trials, 4, n_resamples=200), selection(moving, 3, n_resamples=200)
    assert (found.n_trials, found.effective) == (6, pytest.approx(without.effective + 1.0))
    assert (found.spa, found.variance) == (without.spa, without.variance)
    assert found.pbo == overfitting(trials, 12).probability
    trials[:, 4] += 0.03
    assert selection(trials, 4, n_resamples=200).is_superior  # columns keep their numbers


def test_the_best_stands_apart_from_a_sample() -> None:
    """Of what the figures rest on, the best is no part: it would win in every half, and be found among so few."""
    trials = trades(100, 40)
    found = selection(trials, 7, drawn_from=5000, n_resamples=200)
    others = np.delete(trials, 7, axis=1)
    bar = hurdle(others, drawn_from=5000)
    assert (found.n_columns, found.drawn_from, found.n_trials) == (39, 5000, 5000)
    assert (found.effective, found.hurdle) == (bar.effective, bar.ratio)
    assert found.pbo == overfitting(others, 16).probability
    assert found.spa == superiority(others, n_resamples=200).consistent
    assert found.is_superior is None
    assert found.dsr == pytest.approx(psr(trials[:, 7], bar.ratio))


def test_the_best_of_twenty_thousand_is_not_found_among_fifty() -> None:
    draw, found = np.random.default_rng(8), []
    for seed in range(12):
        many = draw.standard_normal((40, 20_000)).astype(np.float32)
        best = int((many.mean(axis=0) / many.std(axis=0)).argmax())
        sample = np.delete(np.arange(20_000), best)[:50]
        trials = many[:, [best, *sample]].astype(np.float64)
        assert superiority(trials, n_resamples=100, block=1).consistent < 0.05
        found.append(selection(trials, 0, drawn_from=20_000, n_resamples=100, seed=seed))
    assert sum(one.spa < 0.05 for one in found) <= 3
    assert not any(one.dsr > 0.95 for one in found)
    assert all(one.psr > 0.95 for one in found)


# What cannot be computed


SHORT = "12 observations, and it takes 20"
ONE = trades()[:, :1] + 0.01
WHY: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "few rows": (
        {"trials": trades()[:12]},
        dict.fromkeys(["effective", "variance", "hurdle", "dsr", "pbo", "spa", "sharpe", "psr", "min_trl"], SHORT),
    ),
    "a short record": (
        {"trials": trades(), "record": trades()[:12, 0]},
        dict.fromkeys(["sharpe", "psr", "min_trl", "dsr"], SHORT),
    ),
    "one trial": (
        {"trials": ONE},
        {"variance": "one trial alone has none", "pbo": "fewer than two trials that differ"},
    ),
    "one trial at three sizes": (
        {"trials": ONE * [1.0, 2.0, 3.0]},
        {"pbo": "fewer than two trials that differ"},
    ),
    "a chosen one that never varies": (
        {"trials": np.insert(trades(), 0, 0.0, axis=1)},
        dict.fromkeys(["sharpe", "psr", "min_trl", "dsr"], "its returns are the same throughout"),
    ),
    "nothing that varies": (
        {"trials": np.zeros((40, 2))},
        {
            **dict.fromkeys(["effective", "variance", "hurdle", "spa"], "no trial varies"),
            **dict.fromkeys(["sharpe", "psr", "min_trl", "dsr"], "its returns are the same throughout"),
            "pbo": "fewer than two trials that differ",
        },
    ),
    "a loss": (
        {"trials": -np.abs(trades()), "n_trials": 30},
        {"min_trl": "its Sharpe ratio is not above zero: no record, however long, can show that it is"},
    ),
    "a sample of nothing else": (
        {"trials": ONE, "drawn_from": 9},
        dict.fromkeys(
            ["effective", "variance", "hurdle", "dsr", "pbo", "spa"], "there is no other trial in the sample"
        ),
    ),
}


@pytest.mark.parametrize("case", WHY)
def test_what_is_not_known_has_a_reason_and_what_is_known_has_none(case: str) -> None:
    words, expected = WHY[case]
    found = selection(**{"chosen": 0, "n_resamples": 100, **words})
    assert found.reasons == expected
    for name in ("sharpe", "psr", "min_trl", "effective", "variance", "hurdle", "dsr", "pbo", "spa"):
        assert math.isnan(getattr(found, name)) is (name in found.reasons)
    assert (found.n_blocks == 0) is ("pbo" in found.reasons)


def test_what_a_figure_refuses_is_its_reason() -> None:
    found = selection(np.abs(trades()) + 1.0, 0, n_resamples=100)
    assert {name for name, reason in found.reasons.items() if "is a t of" in reason} >= {"sharpe", "psr", "min_trl"}


def test_doubts_are_in_words_and_end_where_nothing_speaks_against_it() -> None:
    noise = trades(300, 20)
    trials = noise.copy()
    trials[:, 6] += 0.008
    good = selection(trials, 6, n_resamples=300)
    assert (good.dsr > 0.95, good.pbo < 0.5, good.spa < 0.05, good.is_superior) == (True, True, True, True)
    assert good.doubts == ()
    other = selection(trials, 0, n_resamples=300)
    assert other.doubts[-1] == f"StepM finds {other.n_superior} that make something, and not this one"
    many = selection(trials, 6, n_trials=10**12, n_resamples=100)
    (told,) = many.doubts
    worth = 10**12 - 20 + good.effective
    assert told == (
        f"deflated Sharpe ratio {many.dsr:.1%}, not above 95%; tries: 1,000,000,000,000, "
        f"worth {worth:,.1f} independent ones"
    )
    found = selection(noise, 0, n_resamples=100)
    assert found.doubts[-1] == f"SPA p = {found.spa:.3f}: not even one of the trials is shown to make anything"
    turned = noise - noise.mean(axis=0)
    turned[:150] *= -1.0
    turned = np.where(np.arange(300)[:, None] < 150, turned + np.linspace(-1, 1, 20), turned - np.linspace(-1, 1, 20))
    (told,) = (one for one in selection(turned, 0, n_resamples=100).doubts if one.startswith("PBO"))
    assert told.endswith("%: the best in one half is mostly no better than the median in the other")
    assert selection(noise[:12], 0).doubts == (
        f"no effective number of trials, PBO, SPA, PSR, MinTRL, deflated Sharpe ratio: {SHORT}",
    )


def test_a_short_record_is_told_by_what_it_lacks() -> None:
    """A ratio of .3 over 20 observations of nearly normal returns: 1 + (1 + .3^2 (g - 1) / 4) (1.645 / .3)^2."""
    returns = norm.ppf((np.arange(20) + 0.5) / 20)
    trials = np.column_stack([returns / returns.std(ddof=1) + 0.3, np.random.default_rng(0).standard_normal(20)])
    found = selection(trials, 0, n_resamples=100)
    tail = (kurtosis(returns, fisher=False) - 1.0) / 4.0
    assert found.sharpe == pytest.approx(0.3)
    assert found.min_trl == pytest.approx(1.0 + (1.0 + tail * 0.09) * (1.6448536 / 0.3) ** 2)
    assert found.doubts[0] == "20 observations: MinTRL is 33"


def test_the_document_is_json_without_nan() -> None:
    for words in ({}, {"record": trades()[:5, 0]}, {"drawn_from": 50}):
        found = selection(trades(), 0, n_resamples=100, **words)
        document = json.loads(json.dumps(found.document(), allow_nan=False))
        assert document["reasons"] == found.reasons
        assert document["doubts"] == list(found.doubts)
        assert [name for name, value in document.items() if value is None and name not in found.reasons] == (
            ["is_superior"] if "drawn_from" in words else []
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"chosen": 12}, "chosen: column 12 of 12, drawn from 12, of 12 tries"),
        ({"chosen": -1}, "chosen: column -1 of 12"),
        (
            {"drawn_from": 11},
            "chosen: column 0 of 12, drawn from 11, of 11 tries; choose one of the columns, and count",
        ),
        ({"n_trials": 3}, "chosen: column 0 of 12, drawn from 12, of 3 tries"),
        ({"trials": np.full((30, 2), math.nan)}, "trials: 60 values"),
        ({"record": [0.1, math.inf]}, "record: 1 values"),
        ({"trials": np.zeros(30)}, "trials: its shape"),
    ],
)
def test_what_makes_no_sense_is_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(StatisticsError, match=f"^{said}"):
        selection(**{"trials": trades(), "chosen": 0, **words})

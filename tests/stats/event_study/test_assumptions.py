"""What a test assumes is checked by a stated rule, on numbers done by hand."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from deepshock.stats.event_study import assumptions, event_study
from deepshock.stats.event_study.abnormal import Abnormal
from deepshock.stats.event_study.sample import Sample
from stats.event_study import made

DRAW = np.random.default_rng(12)
QUIET = DRAW.normal(size=(200, 3))
SHARED = QUIET + 2.0 * DRAW.normal(size=(200, 1))


def sample(ar: list[float], residual: np.ndarray, sides: list[float]) -> Sample:
    n = len(ar)
    signs = np.array(sides)
    return Sample(
        Abnormal(
            "simple", signs, signs * np.array([ar]), np.zeros((1, n)), residual * signs, np.ones(n), np.full(n, 102), 2,
            np.ones((n, 1, 1)),
        )
    )  # fmt: skip


def test_variances_are_held_against_chi_squared_before_sides() -> None:
    """SCARs of 6, 0 and -6 before sides: squares of 72, the usual being 1.02 (1 - r); two degrees of freedom."""
    given = sample([6.0, 0.0, 6.0], SHARED, [1.0, 1.0, -1.0])
    r = np.corrcoef(SHARED.T)[np.triu_indices(3, 1)].mean()
    assert given.unsigned.mean == pytest.approx(r)
    ratio = 36.0 / (1.02 * (1.0 - r))
    p = exp(-2.0 * ratio / 2.0)  # the upper tail of chi squared with two degrees of freedom is exp(-x / 2)
    found = assumptions.same_variance(given)
    assert not found.holds
    assert found.why == f"variance over the names {ratio:.1f} x the usual, p {p:.2g}"
    small = (1.02 * (1.0 - r) * 2.9) ** 0.5  # 2.9 times the usual: p = exp(-2.9) = 0.055
    assert assumptions.same_variance(sample([small, 0.0, small], SHARED, [1.0, 1.0, -1.0])).holds
    same = sample([3.0, 3.0, -3.0], SHARED, [1.0, 1.0, -1.0])  # all names moved alike: no spread before sides
    assert "0.0 x the usual" in assumptions.same_variance(same).why


@pytest.mark.parametrize(("residual", "independent"), [(QUIET, True), (SHARED, False)])
def test_independence_is_pesarans(residual: np.ndarray, independent: bool) -> None:
    found = assumptions.independent(sample([1.0, 2.0, 3.0], residual, [1.0, 1.0, 1.0]))
    assert found.holds is independent
    assert "over 200 sessions" in found.why


def test_ranks_need_three_names_worth() -> None:
    r = np.corrcoef(SHARED.T)[np.triu_indices(3, 1)].mean()
    found = assumptions.blurred(sample([1.0, 2.0, 3.0], SHARED, [1.0, 1.0, 1.0]))
    assert (found.holds, found.why) == (False, f"it is worth {3 / (1 + 2 * r):.1f} independent ranks")
    hedged = assumptions.blurred(sample([1.0, 2.0, 3.0], SHARED, [1.0, -1.0, 1.0]))
    assert (hedged.holds, hedged.why) == (True, "it is worth 3.0 independent ranks")  # no more than there are


def test_a_count_knows_the_least_p_that_it_could_give() -> None:
    returns, market = made.world(seed=5, names="ABCDE")
    table = event_study(returns, market, made.axis()[made.EVENT]).table
    assert table.loc[["sign", "Wilcoxon signed rank"], "least_p"].tolist() == [2 / 2**5] * 2
    returns.loc[made.axis()[made.EVENT]] += np.array([0.31, 0.32, 0.33, 0.34, 0.35])
    table = event_study(returns, market, made.axis()[made.EVENT]).table
    for test in ("sign", "Wilcoxon signed rank", "Corrado rank Z", "Corrado-Zivney rank Z"):
        assert table.loc[test, "p_value"] == pytest.approx(table.loc[test, "least_p"]), test
    assert table.loc["generalised sign Z", "p_value"] >= table.loc["generalised sign Z", "least_p"] > 0.0
    assert table.loc[["BMP t", "portfolio t"], "least_p"].tolist() == [0.0, 0.0]

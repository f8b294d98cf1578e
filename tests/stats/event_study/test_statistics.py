"""Every statistic against a number done by hand, and a whole study against one in plain loops."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from deepshock.stats.event_study import EventStudy, Window, event_study, parametric, ranks
from deepshock.stats.event_study.correlation import correlation, mean_correlation
from stats.event_study import made


def study(returns: pd.DataFrame, market: pd.Series, days: range, sides: dict[str, int]) -> EventStudy:
    window = Window(days[0], days[-1])
    return event_study(returns, market, made.axis()[made.EVENT], window=window, sides=sides, floor=False)


@pytest.mark.parametrize("days", [range(0, 1), range(-1, 4)], ids=["a day", "five days"])
@pytest.mark.parametrize("sides", [dict.fromkeys(made.NAMES, 1), made.SIDES], ids=["long", "long and short"])
@pytest.mark.parametrize("holes", [False, True], ids=["whole", "ragged"])
def test_a_study_is_the_one_in_plain_loops(days: range, sides: dict[str, int], holes: bool) -> None:
    returns, market = made.world(seed=3)
    returns = made.ragged(returns) if holes else returns
    found, slow = study(returns, market, days, sides), made.slow(returns, market, sides, days)
    assert found.names["car"].tolist() == pytest.approx(slow.car)
    assert found.names["scar"].tolist() == pytest.approx(slow.scar)
    assert found.correlation.mean == pytest.approx(made.mean_correlation(slow))
    assert found.correlation.rows == len(made.whole_rows(slow))
    for name, value in made.statistics(slow).items():
        assert found.table.loc[name, "statistic"] == pytest.approx(value, rel=1e-9), name
    if -1 in sides.values():
        value = made.by_side(slow, [sides[name] for name in returns])
        assert found.table.loc["adjusted BMP t by side", "statistic"] == pytest.approx(value)
    if not holes:
        both = ["Corrado rank Z", "Corrado-Zivney rank Z"]
        assert found.table.loc[both[0], "statistic"] == pytest.approx(found.table.loc[both[1], "statistic"])


def test_p_values_are_those_of_scipy() -> None:
    returns, market = made.world(seed=4)
    table = study(returns, market, range(0, 2), made.SIDES).table
    car = np.array(made.slow(returns, market, made.SIDES, range(0, 2)).car)
    theirs = stats.ttest_1samp(car, 0.0)
    row = table.loc["cross-sectional t"]
    assert (row["statistic"], row["p_value"], row["df"]) == pytest.approx((theirs.statistic, theirs.pvalue, theirs.df))
    z = table.loc["Patell Z"]
    assert z["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z["statistic"])))
    assert table.loc["portfolio t", "df"] == 248
    theirs = stats.wilcoxon(car)
    row = table.loc["Wilcoxon signed rank"]
    assert (row["statistic"], row["p_value"]) == pytest.approx((theirs.statistic, theirs.pvalue))
    row = table.loc["sign"]
    assert row["p_value"] == pytest.approx(stats.binomtest(int(row["statistic"]), 7, 0.5).pvalue)


def test_the_cross_section_by_hand() -> None:
    # mean 2, s 1, n 3
    assert parametric.cross_sectional(np.array([1.0, 2.0, 3.0])) == pytest.approx(2 * sqrt(3))
    assert parametric.bmp(np.array([1.0, 2.0, 3.0])) == pytest.approx(2 * sqrt(3))


def test_patell_by_hand() -> None:
    # 100 - 2 and 50 - 2 degrees of freedom: variances 98/96 and 48/46
    scar, df = np.array([1.0, 2.0]), np.array([98, 48])
    assert parametric.patell(scar, df) == pytest.approx(3.0 / sqrt(98 / 96 + 48 / 46))


def test_kolari_and_pynnonen_by_hand() -> None:
    # four names of correlation 0.2: 1 + 3 x 0.2 = 1.6
    assert parametric.adjusted_patell(np.array(2.0), 0.2, 4) == pytest.approx(2 / sqrt(1.6))
    assert parametric.adjusted_bmp(np.array(2.0), 0.2, 4) == pytest.approx(2 * sqrt(0.8 / 1.6))


def test_the_adjusted_t_by_side_by_hand() -> None:
    # longs 1 and 3, shorts 2 and 0: squares 2 + 2, over (1 - 0.5) + (1 - 0.3); the mean is 1.5, and 1 + 3 x 0.2 = 1.6
    scar, sides = np.array([1.0, 3.0, 2.0, 0.0]), np.array([1.0, 1.0, -1.0, -1.0])
    own = (np.array(0.5), np.array(0.3))
    assert parametric.adjusted_bmp_by_side(scar, sides, own, 0.2) == pytest.approx(1.5 / sqrt(4 / 1.2 * 1.6 / 4))
    theirs = parametric.adjusted_bmp(parametric.bmp(scar), 0.2, 4)  # with one side it is Kolari and Pynnonen's
    assert parametric.adjusted_bmp_by_side(scar, np.ones(4), (np.array(0.2), np.array(0.0)), 0.2) == pytest.approx(
        theirs
    )


def test_the_book_against_its_past_by_hand() -> None:
    residual = np.array([[0.01, 0.03], [-0.01, -0.03], [0.02, 0.0], [-0.02, 0.0]])  # the book: 2, -2, 1, -1 %
    t = parametric.portfolio(np.array([0.03, 0.05]), residual, np.array([1.0, 1.5]), 2)
    assert t == pytest.approx(0.04 / sqrt((4 + 4 + 1 + 1) * 1e-4 / 2 * 1.25))


def test_the_book_against_its_past_is_a_regression_of_the_book() -> None:
    returns, market = made.world(seed=6)
    whole = study(returns, market, range(0, 3), made.SIDES)
    book = (returns * pd.Series(made.SIDES)).mean(axis=1).to_frame("book")
    alone = study(book, market, range(0, 3), {"book": 1})
    assert whole.table.loc["portfolio t", "statistic"] == pytest.approx(alone.table.loc["portfolio t", "statistic"])
    assert alone.table.loc["portfolio t", "statistic"] == pytest.approx(alone.names.loc["book", "scar"])


def test_ranks_by_hand() -> None:
    # ranks 1 3 2 4 5 and 2 1 4 3 5, mean rank less 3: -1.5 -1 0 0.5 2; S^2 = (2.25 + 1 + 0 + 0.25 + 4) / 5
    panel = np.array([[-2.0, -1.0], [0.5, -3.0], [0.1, 2.0], [1.0, 1.0], [3.0, 4.0]])
    ranked = ranks.ranks(panel)
    assert ranked.T.tolist() == [[1, 3, 2, 4, 5], [2, 1, 4, 3, 5]]
    assert ranks.corrado(ranked, 1) == pytest.approx(2.0 / sqrt(1.5))
    assert ranks.corrado(ranked, 2) == pytest.approx(2.5 / sqrt(2 * 1.5))
    assert ranks.corrado_zivney(ranked, 2) == pytest.approx(2.5 / sqrt(2 * 1.5))


def test_ranks_with_a_hole_by_hand() -> None:
    # A has three sessions: U = K/4 - 1/2 = -1/4, 0, 1/4. B has two: K/3 - 1/2 = -1/6, 1/6, on the first and the last.
    ranked = ranks.ranks(np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 6.0]]))
    u = np.array([-(1 / 4 + 1 / 6) / sqrt(2), 0.0, (1 / 4 + 1 / 6) / sqrt(2)])
    assert ranks.corrado_zivney(ranked, 1) == pytest.approx(u[2] / sqrt((u**2).mean()))


def test_signs_by_hand() -> None:
    car = np.array([0.1, 0.2, -0.1, 0.0, 0.3])
    assert [int(count) for count in ranks.positive(car)] == [3, 4]
    # the first name is positive on one of two sessions, the others on one of one, none of one
    residual = np.array([[0.1, 0.1, -0.1], [-0.1, np.nan, np.nan]])
    assert ranks.usual_share(residual) == pytest.approx(0.5)
    assert ranks.generalised_sign(car, 0.4) == pytest.approx((3 - 2.0) / sqrt(5 * 0.4 * 0.6))


def test_the_mean_correlation_is_that_of_all_pairs() -> None:
    draw = np.random.default_rng(2)
    residual = draw.normal(size=(3, 60, 5)) + 0.7 * draw.normal(size=(3, 60, 1))
    expected = [np.corrcoef(one.T)[np.triu_indices(5, 1)].mean() for one in residual]
    assert mean_correlation(residual) == pytest.approx(np.array(expected))
    found = correlation(residual[0])
    assert found.cd == pytest.approx(np.corrcoef(residual[0].T)[np.triu_indices(5, 1)].sum() * sqrt(2 * 60 / (5 * 4)))
    residual[0, :31, 2] = np.nan
    assert correlation(residual[0]).why == "only 29 sessions have all names, 30 are needed"


def test_many_samples_at_once_are_each_by_itself() -> None:
    draw = np.random.default_rng(9)
    car, panel = draw.normal(size=(4, 6)), draw.normal(size=(4, 30, 6))
    df, share = np.full(6, 28), np.full(4, 0.45)
    ranked = ranks.ranks(panel)
    for k in range(4):
        assert parametric.cross_sectional(car)[k] == pytest.approx(parametric.cross_sectional(car[k]))
        assert parametric.patell(car, df)[k] == pytest.approx(parametric.patell(car[k], df))
        one = parametric.portfolio(car[k], panel[k], np.ones(6), 2)
        assert parametric.portfolio(car, panel, np.ones(6), 2)[k] == pytest.approx(one)
        assert ranks.corrado(ranked, 2)[k] == pytest.approx(ranks.corrado(ranks.ranks(panel[k]), 2))
        assert ranks.corrado_zivney(ranked, 2)[k] == pytest.approx(ranks.corrado_zivney(ranked[k], 2))
        assert ranks.generalised_sign(car, share)[k] == pytest.approx(ranks.generalised_sign(car[k], 0.45))
        assert ranks.wilcoxon(car)[1][k] == pytest.approx(ranks.wilcoxon(car[k])[1])

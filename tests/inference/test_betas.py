"""Betas are those of the plan and of statsmodels, with the errors that a regression of each leg and of the book has."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import deepshock as ds
import deepshock.plan
from deepshock.inference.betas import LegBeta, NetBeta, betas, document
from inference.made import BETAS, INDEX, bars, index, market, thesis

STRATEGIES = Path(__file__).parents[2] / "strategies"
MARKET = market()
Returns = dict[tuple[pd.Timestamp, pd.Timestamp], tuple[float, float]]


def found(item: ds.Thesis, at: ds.Market = MARKET, to: str = INDEX) -> tuple[dict[str, LegBeta], NetBeta]:
    legs, net = betas(at, ds.plan.build(item, at), to)
    return {leg.symbol: leg for leg in legs}, net


def returns(at: ds.Market, symbol: str, benchmark: str, known: pd.Timestamp) -> Returns:
    """Return the last 250 pairs of returns by the dates on which they begin and end, put together slowly."""
    closes = {}
    for name in (symbol, benchmark):
        axis, series = at.sessions(at.instrument(name).calendar), at.series(name)
        closes[name] = {
            pd.Timestamp(day, unit="D"): close
            for day, instant, close in zip(axis.days, axis.closes, series.close, strict=True)
            if pd.Timestamp(instant, tz="UTC") < known and not math.isnan(close)
        }
    days = sorted(set(closes[symbol]) & set(closes[benchmark]))
    made = {
        (a, b): (closes[symbol][b] / closes[symbol][a] - 1.0, closes[benchmark][b] / closes[benchmark][a] - 1.0)
        for a, b in pairwise(days)
    }
    return dict(list(made.items())[-250:])


def test_a_beta_is_that_of_the_plan_with_the_error_of_a_regression() -> None:
    sm = pytest.importorskip("statsmodels.api")
    item = thesis(long={"AAA": 2, "BBB": 1, "EEE": 1})
    legs, _ = found(item)
    for symbol, leg in legs.items():
        assert leg.beta == ds.plan.beta(MARKET, symbol, INDEX, item.known()).value
        y, x = np.array(list(returns(MARKET, symbol, INDEX, pd.Timestamp(item.known())).values())).T
        fitted = sm.OLS(y, sm.add_constant(x)).fit()
        line = stats.linregress(x, y)
        assert (leg.beta, leg.se, leg.n) == (pytest.approx(fitted.params[1]), pytest.approx(fitted.bse[1]), 250)
        assert (line.slope, line.stderr) == pytest.approx((leg.beta, leg.se))
    assert [leg.weight for leg in legs.values()] == [0.5, 0.25, 0.25]
    assert legs["AAA"].beta == pytest.approx(BETAS["AAA"], abs=4 * legs["AAA"].se)


def test_the_net_beta_of_legs_with_the_same_dates_is_one_regression_of_the_book() -> None:
    sm = pytest.importorskip("statsmodels.api")
    item = thesis(long={"AAA": 2, "BBB": 1}, versus={"CCC": 1, "DDD": 1}, neutral="dollar")
    legs, net = found(item)
    known = pd.Timestamp(item.known())
    pairs = {symbol: np.array(list(returns(MARKET, symbol, INDEX, known).values())) for symbol in legs}
    book = sum(legs[symbol].weight * pair[:, 0] for symbol, pair in pairs.items())
    fitted = sm.OLS(book, sm.add_constant(pairs["AAA"][:, 1])).fit()
    assert (net.beta, net.se, net.reason) == (pytest.approx(fitted.params[1]), pytest.approx(fitted.bse[1]), "")


def test_legs_with_dates_of_their_own_share_what_begins_and_ends_together() -> None:
    """Hong Kong's holidays and Frankfurt's: the covariance by its formula, return by return."""
    item = thesis(long={"AAA": 1, "EEE": 1, "FFF": 1})
    legs, net = found(item)
    known = pd.Timestamp(item.known())
    pairs = {symbol: returns(MARKET, symbol, INDEX, known) for symbol in legs}
    assert len({tuple(pair) for pair in pairs.values()}) == 3
    fitted = {}
    for symbol, pair in pairs.items():
        y, x = np.array(list(pair.values())).T
        line = stats.linregress(x, y)
        rest = {dates: a - line.intercept - line.slope * b for dates, (a, b) in pair.items()}
        centred = {dates: b - x.mean() for dates, (_, b) in pair.items()}
        fitted[symbol] = (rest, centred, sum(b * b for b in centred.values()))
    variance = 0.0
    for a in legs:
        for b in legs:
            (rest_a, x_a, spread_a), (rest_b, x_b, spread_b) = fitted[a], fitted[b]
            both = [dates for dates in rest_a if dates in rest_b]
            shared = sum(rest_a[d] * rest_b[d] for d in both) / (len(both) - 2)
            cross = sum(x_a[d] * x_b[d] for d in both) / (spread_a * spread_b)
            variance += legs[a].weight * legs[b].weight * shared * cross
    assert net.se == pytest.approx(math.sqrt(variance))
    assert net.beta == pytest.approx(sum(leg.weight * leg.beta for leg in legs.values()))
    assert legs["AAA"].note == ""
    assert legs["FFF"].note.endswith("its beta by date is too small")


def test_a_short_history_is_flagged_and_then_refused() -> None:
    thin = market(AAA=bars("AAA", 1.5).query("date >= '2024-07-01'"))
    legs, net = found(thesis(), thin)
    assert (legs["AAA"].is_thin, legs["BBB"].is_thin, net.reason) == (True, False, "")
    assert 120 <= legs["AAA"].n < 250
    young = market(AAA=bars("AAA", 1.5).query("date >= '2024-10-01'"))
    legs, net = found(thesis(), young)
    assert legs["AAA"].reason.endswith("daily returns beside IDX before the decision, and 120 are needed")
    assert (math.isnan(legs["AAA"].beta), legs["AAA"].is_thin) == (True, False)
    assert net.reason == "the beta of AAA is not known"
    assert math.isnan(net.beta)


def test_a_benchmark_that_does_not_move_has_no_betas() -> None:
    flat = market(IDX=index().assign(open=50.0, high=50.0, low=50.0, close=50.0))
    legs, net = found(thesis(), flat)
    assert {leg.reason for leg in legs.values()} == {"IDX did not move"}
    assert net.reason == "the beta of AAA, BBB, CCC is not known"


def test_hedges_and_refused_legs_do_not_count() -> None:
    hedged = thesis(hedge={"beta to": INDEX, "via": "SPY"})
    assert found(hedged)[1] == found(thesis())[1]
    partly = thesis(long={"AAA": 1, INDEX: 1}, benchmark="SPY")
    assert list(found(partly, to="SPY")[0]) == ["AAA"]
    assert found(thesis(long={INDEX: 1}, benchmark="SPY"), to="SPY")[1].reason == "no leg is sent"


def test_betas_are_a_document() -> None:
    young = market(AAA=bars("AAA", 1.5).query("date >= '2024-10-01'"))
    plan = ds.plan.build(thesis(), young)
    made = document(*betas(young, plan, INDEX))
    assert made["net"] == {"beta": None, "se": None, "reason": "the beta of AAA is not known"}
    assert made["legs"][0]["beta"] is None
    assert made["legs"][1]["beta"] > 0.0
    assert (made["legs"][1]["thin"], made["legs"][1]["reason"]) == (False, None)


@pytest.mark.real_data
def test_betas_of_the_theses_are_those_of_statsmodels(panel_path: Path) -> None:
    """Ragged: 300766.SZ and Hong Kong's names lack dates of their own."""
    sm = pytest.importorskip("statsmodels.api")
    theses = [item for item in ds.load_many(STRATEGIES) if isinstance(item, ds.Thesis)]
    real = ds.market_for(theses, panel_path)
    compared = 0
    for item in theses:
        assert item.benchmark is not None
        legs, net = found(item, real, item.benchmark)
        for symbol, leg in legs.items():
            y, x = np.array(list(returns(real, symbol, item.benchmark, pd.Timestamp(item.known())).values())).T
            assert leg.n == len(x)
            if leg.reason:
                assert symbol == "ENR.DE"
                assert leg.n < 120
                continue
            fitted = sm.OLS(y, sm.add_constant(x)).fit()
            assert (leg.beta, leg.se) == pytest.approx((fitted.params[1], fitted.bse[1]))
            compared += 1
        if not net.reason:
            assert net.beta == pytest.approx(sum(leg.weight * leg.beta for leg in legs.values()))
            assert net.se > 0.0
    assert compared > 25

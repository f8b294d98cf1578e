"""What is left of a run without its beta: parts that sum to the cent, and daily returns done slowly."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap

import deepshock as ds
import deepshock.plan
from deepshock.inference.alpha import alpha_of, document, split_document, split_of
from deepshock.plan import nanoseconds
from deepshock.result import Result
from inference.made import bars, market, thesis

STRATEGIES = Path(__file__).parents[2] / "strategies"
MARKET = market()
DAY_NS = 86_400_000_000_000


def ran(at: ds.Market = MARKET, **words: Any) -> Result:
    return ds.run(thesis(**words), at)


def price_at(at: ds.Market, symbol: str, instant: int) -> float:
    """Return the last auction price at or before an instant, auction by auction."""
    axis, series = at.sessions(at.instrument(symbol).calendar), at.series(symbol)
    known = [
        (when, price)
        for opened, closed, first, last, halted in zip(
            axis.opens, axis.closes, series.open, series.close, series.halted, strict=True
        )
        for when, price in ((opened, math.nan if halted else first), (closed, last))
        if when <= instant and not math.isnan(price)
    ]
    return float(max(known, key=lambda pair: pair[0])[1])


def slow(result: Result, at: ds.Market) -> list[float]:
    """Jensen's alpha of each row, leg by leg: change of NAV, less beta, less what the rest would have earned."""
    ledger, plan, rows = result.ledger, result.plan, result.ledger.value_at.tolist()
    moved, exposed = [0.0] * len(rows), [0.0] * len(rows)
    for j, order in enumerate(plan.orders):
        beta = ds.plan.beta(at, order.symbol, result.benchmark, order.decided_at).value
        fills = {nanoseconds(fill.fill_at): fill for fill in ledger.fills if fill.leg == j}
        points = sorted({*fills, *(row for row in rows if row >= min(fills))})
        values, shares = {}, 0.0
        for point in points:
            if point in fills:
                shares, price, fx = shares + fills[point].shares, fills[point].price, fills[point].fx
            else:
                price, fx = price_at(at, order.symbol, point), float(ledger.fx[rows.index(point), j])
            values[point] = shares * price * fx
            if point in rows:
                k = rows.index(point)
                exposed[k] += beta * shares * price_at(at, order.symbol, point) * float(ledger.fx[k, j])
        for begin, end in pairwise(points):
            change = price_at(at, result.benchmark, end) / price_at(at, result.benchmark, begin) - 1.0
            moved[next(k for k, row in enumerate(rows) if row >= end)] += beta * values[begin] * change
    made, before, held, day = [], ledger.capital, 0.0, nanoseconds(ledger.fills[0].fill_at) // DAY_NS
    for k, row in enumerate(rows):
        earned = sum(policy(night) for night in range(day, row // DAY_NS)) / 360 if plan.costs.financing.on else 0.0
        made.append((ledger.nav[k] - before - moved[k]) / before - earned * (1.0 - held / before))
        before, held, day = ledger.nav[k], exposed[k], row // DAY_NS
    return made


def policy(day: int) -> float:
    from deepshock.cost.rates import policy_rates

    return float(policy_rates("USD", np.array([day]))[0])


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"costs": "none"},
        {"long": {"AAA": 1, "EEE": 1}},
        {"long": {"AAA": 1}, "versus": {"BBB": 1, "DDD": 1}, "neutral": "dollar"},
        {"enter": {"at": "close"}, "exit": {"hold": 25, "stop": "6%"}},
    ],
    ids=["long", "no costs", "two venues", "long and short", "a stop"],
)
def test_daily_alpha_is_that_of_the_slow_loop(words: dict[str, Any]) -> None:
    result = ran(**words)
    assert alpha_of(result, MARKET).returns.tolist() == pytest.approx(slow(result, MARKET), abs=1e-12)


def test_what_is_nothing_but_beta_has_no_alpha() -> None:
    """A share that is one and a half times the market at every auction; one that is the market loses its costs."""
    pure = market(AAA=bars("AAA", 1.5, noise=0.0))
    free = alpha_of(ran(pure, long={"AAA": 1}, costs="none"), pure)
    assert free.returns == pytest.approx(np.zeros(21), abs=1e-4)  # a night and a day compound, and beta adds them
    assert abs(free.mean) < 1e-5
    split = split_of(ran(pure, long={"AAA": 1}, costs="none"))
    assert abs(split.alpha) < 1e-3 * abs(split.beta)
    assert (split.costs, split.fx, split.dividends) == (0.0, 0.0, 0.0)
    charged = ran(long={"SPY": 1})
    night = charged.ledger.interest.sum() / 1e6  # on the capital until the purchase settles
    assert alpha_of(charged, MARKET).mean * 21 == pytest.approx(split_of(charged).costs / 1e6 + night, abs=2e-5)
    # Half of what the capital would have earned is alpha of the other: it is the market one and a half times, and
    # nothing is borrowed for it.
    charged = ran(pure, long={"AAA": 1})
    expected = split_of(charged).costs / 1e6 + night + 0.5 * 0.0433 * 29 / 360
    assert alpha_of(charged, pure).mean * 21 == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("words", [{}, {"costs": "none"}, {"versus": {"DDD": 1}, "neutral": "dollar"}])
def test_the_parts_sum_to_the_excess(words: dict[str, Any]) -> None:
    result = ran(**words)
    made = split_of(result)
    parts = (made.price, made.fx, made.dividends, made.costs, made.financing)
    assert math.fsum(parts) == pytest.approx(made.excess, abs=1e-6)
    assert made.beta + made.alpha == pytest.approx(made.price, abs=1e-6)
    assert made.excess == result.performance.excess_pnl
    assert made.costs == pytest.approx(-result.ledger.costs.sum())
    whole = ds.attribution(result)
    assert (made.beta, made.alpha) == pytest.approx((whole["beta"].sum(), whole["alpha"].sum()))


def test_the_interval_is_that_of_arch() -> None:
    found = alpha_of(ran(), MARKET, level=0.9, n_resamples=300, seed=3)
    drawn = StationaryBootstrap(found.block_length, found.returns, seed=np.random.default_rng(3))
    low, high = drawn.conf_int(np.mean, 300, method="percentile", size=0.9).ravel()
    assert (found.mean, found.low, found.high) == pytest.approx((found.returns.mean(), low, high))
    assert (found.level, found.n_obs, found.reason) == (0.9, 21, "")


def test_fewer_than_twenty_observations_are_a_reason() -> None:
    found = alpha_of(ran(exit={"hold": 10}), MARKET)
    assert (found.n_obs, found.reason) == (11, "11 observations, 20 are needed")
    assert math.isnan(found.mean)
    assert len(found.returns) == 11


def test_a_leg_without_a_beta_is_a_reason() -> None:
    young = market(AAA=bars("AAA", 1.5).query("date >= '2024-10-01'"))
    result = ran(young)
    assert alpha_of(result, young).reason == "the beta of AAA is not known"
    made = split_of(result)
    assert made.reason == "the beta of AAA is not known"
    assert math.isnan(made.beta)
    assert made.price + made.fx + made.dividends + made.costs + made.financing == pytest.approx(made.excess)
    assert split_document(made)["beta"] is None
    assert document(alpha_of(result, young))["mean"] is None


def test_returns_that_do_not_vary_are_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that is nothing but its benchmark, without rounding: no block length follows, and no interval."""
    result = ran(long={"SPY": 1}, benchmark="SPY", costs="none")
    monkeypatch.setattr("deepshock.inference.alpha._returns", lambda *_: np.full(21, 0.001))
    found = alpha_of(result, MARKET)
    assert found.reason == "is the same throughout"
    assert math.isnan(found.low)


def test_alpha_is_a_document() -> None:
    made = document(alpha_of(ran(), MARKET))
    assert list(made) == ["mean", "low", "high", "level", "n_obs", "block_length", "reason"]
    assert made["low"] < made["mean"] < made["high"]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["short-ai-chips", "long-meta-ai-user", "buy-china-before-npc", "bitcoin-overreacted"])
def test_the_alpha_of_the_theses_is_that_of_the_slow_loop(name: str, panel_path: Path) -> None:
    item = ds.load(STRATEGIES / f"{name}.yaml")
    assert isinstance(item, ds.Thesis)
    real = ds.market_for(item, panel_path, start=None)
    result = ds.run(item, real)
    assert alpha_of(result, real).returns.tolist() == pytest.approx(slow(result, real), abs=1e-10)
    made = split_of(result)
    assert math.fsum((made.beta, made.alpha, made.fx, made.dividends, made.costs, made.financing)) == pytest.approx(
        made.excess, abs=1e-9 * result.plan.capital
    )

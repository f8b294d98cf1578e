"""Sizes that rest on prices are found for many instants at once: those of planning each by itself, to the bit."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market.made_up import frame, weekdays
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.arrays import Floats
from deepshock.experiment.planning.priced import Ratios
from deepshock.experiment.planning.structure import Structure
from experiment.alone import check
from experiment.made import assert_is

FIRST, DAYS = "2023-08-01", 430
INDEX, FUND = "^QIX", "QETF"
ENDED = "2024-11-04"
HEDGE = {"beta to": INDEX, "via": FUND}
SHAPES: dict[str, dict[str, Any]] = {
    "inverse-vol": {"weighting": "inverse-vol", "long": ["AAA", "0001.HK"], "short": ["HOLE"]},
    "inverse-vol, dollar": {"weighting": "inverse-vol", "neutral": "dollar", "long": ["AAA", "LATE"], "short": ["BBB"]},
    "beta": {"neutral": "beta", "long": {"AAA": 2, "HOLE": 1}, "short": {"BBB": 1}},
    "beta that changes its sign": {"neutral": "beta", "long": {"FLIP": 1}, "short": {"BBB": 1}},
    "inverse-vol, beta": {"weighting": "inverse-vol", "neutral": "beta", "long": ["AAA"], "short": ["BBB", "LATE"]},
    "hedged": {"hedge": HEDGE, "long": {"AAA": 1, "0001.HK": 1}, "short": {"HOLE": 1}},
    "hedged, then the other way": {"hedge": HEDGE, "long": {"FLIP": 2, "AAA": 1}},
    "hedged, listed late": {"hedge": HEDGE, "long": {"LATE": 1, "AAA": 1}, "enter": {"at": "close", "lag": 2}},
    "hedged, inverse-vol, beta": {
        "hedge": HEDGE, "weighting": "inverse-vol", "neutral": "beta", "long": ["AAA"], "short": ["FLIP"],
    },
}  # fmt: skip


@cache
def bars() -> pd.DataFrame:
    """Return a year and a half: FLIP falls with the index and later rises with it, LATE lists late, HOLE has holes."""
    days, rng = weekdays(FIRST, DAYS), np.random.default_rng(11)
    factor = rng.normal(0.0, 0.01, DAYS)
    half = np.where(np.arange(DAYS) < 150, -1.0, 1.4)
    betas: dict[str, Any] = {"AAA": 1.2, "BBB": 0.7, "FLIP": half, "LATE": 1.5, "HOLE": 0.9, "0001.HK": 0.6, FUND: 1.0}
    made = []
    for symbol, beta in betas.items():
        closes = 40.0 * np.exp(np.cumsum(beta * factor + rng.normal(0.0, 0.004 if symbol == FUND else 0.011, DAYS)))
        venue, cls = "HK" if symbol.endswith("HK") else "US", "etf" if symbol == FUND else "stock"
        rows = frame(symbol, days, list(closes), venue, **{"class": cls, "volume": 5e6, "lot": 1.0})
        made.append(rows.iloc[200:] if symbol == "LATE" else rows)
    hole = made[list(betas).index("HOLE")]
    hole.loc[rng.choice(DAYS, 25, replace=False), "volume"] = 0.0
    made[list(betas).index("HOLE")] = hole.drop(index=rng.choice(DAYS, 40, replace=False))
    level = 4000.0 * np.exp(np.cumsum(factor))
    index = {"class": "index", "price_basis": "index", "volume": np.nan}
    made.append(frame(INDEX, days, list(level), **index).drop(index=[70, 71, 260]))
    return pd.concat(made, ignore_index=True)


@cache
def market(*, ended: bool = False) -> ds.Market:
    """Return the market; if ``ended``, the hedge's fund is wound up in November 2024."""
    if not ended:
        return ds.Market.load(bars())
    end = pd.DataFrame({"symbol": [FUND], "date": [ENDED], "kind": ["delisting"], "cash": [40.0]})
    rows = bars()
    return ds.Market.load(rows[(rows["symbol"] != FUND) | (rows["date"] < ENDED)], actions=end)


def thesis(shape: str, **words: Any) -> ds.Thesis:
    told = {"source": {"publisher": "Wire", "published": "2024-10-01T12:00Z"}, "benchmark": INDEX, "exit": {"hold": 5}}
    return ds.Thesis(name="made-up", **{**told, **SHAPES[shape], **words})


def instants(step: int = 6, hour: int = 12) -> list[str]:
    """Return instants from before the data to after them."""
    first = date.fromisoformat(FIRST) - timedelta(9)
    return [f"{first + timedelta(n)}T{hour:02}:{n % 60:02}Z" for n in range(0, DAYS * 7 // 5 + 40, step)]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the combinations that are planned one by one."""
    counted, plan = [0], Structure.frame_at

    def count(self: Structure, codes: Any, *, lag: bool = False) -> Any:
        counted[0] += 1
        return plan(self, codes, lag=lag)

    monkeypatch.setattr(Structure, "frame_at", count)
    return counted


@pytest.mark.parametrize("shape", SHAPES)
def test_plans_at_many_instants(shape: str, planned: list[int]) -> None:
    over = {"source.published": instants()}
    batches = check(thesis(shape), market(), over)
    ran = sum(len(batch.numbers) for batch in batches if not batch.reason)
    refused = sum(len(batch.numbers) for batch in batches if batch.reason)
    assert ran > 20
    assert refused > 4
    assert planned[0] < refused + 12  # those that run were found a few patterns at a time


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if "hedged" in shape])
def test_hedges_in_a_fund_that_is_wound_up(shape: str, planned: list[int]) -> None:
    batches = check(thesis(shape), market(ended=True), {"source.published": instants(5)})
    refused = sum(len(batch.numbers) for batch in batches if batch.reason)
    assert planned[0] < refused + 20


@pytest.mark.parametrize("shape", ["beta", "hedged", "inverse-vol, dollar"])
def test_legs_and_instants(shape: str, planned: list[int]) -> None:
    """What is bought and when it is known are varied against each other; with a hedge so are the lag and the hold."""
    long = [["AAA"], ["FLIP", "AAA"], ["HOLE"], ["0001.HK", "LATE"], ["BBB"]]
    over: dict[Any, Any] = {("long", "short"): [(each, ["BBB"]) for each in long], "source.published": instants(11)}
    item = thesis(shape) if "inverse" in shape else thesis(shape, long={"AAA": 1}, short={"BBB": 1})
    check(item, market(), over)
    few = planned[0]
    check(
        item, market(), {**over, "enter.lag": [0, 3]} if shape == "hedged" else {**over, "exit.hold": [2, 9]}, chunk=40
    )
    assert few < 300


def test_signs_of_hedges_change() -> None:
    """FLIP falls with the index at first: it is hedged by buying, and later by selling."""
    item = thesis("hedged, then the other way")
    signs = set()
    for at in ("2024-02-20T12:00Z", "2024-10-01T12:00Z"):
        plan = ds.plan.build(item.vary({"source.published": at}), market())
        signs |= {
            order.side for order in plan.orders if order.role == "hedge" and plan.orders[order.parent].symbol == "FLIP"
        }
    assert signs == {1, -1}


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_are_single_runs(shape: str) -> None:
    swept = ds.sweep(thesis(shape), market(ended=True), {"source.published": instants(9, 16), "exit.hold": [4]})
    rows, ran = swept.rows, 0
    for number in rows.index:
        if not rows["reason"][number]:
            assert_is(rows.loc[number], swept.replay(number))
            ran += 1
    assert ran > 15


def test_random_worlds(planned: list[int]) -> None:
    """Theses of random worlds whose sizes rest on prices, known at three dozen instants."""
    found = 0
    for seed in range(40):
        world = make_world(seed)
        words = world.words[0]
        if world.is_book or not ({"hedge"} & {*words} or words.get("weighting") == "inverse-vol"):
            continue
        item, desk = account_of(world.words, world.shares), market_of(world)
        assert isinstance(item, ds.Thesis)
        every = [(item.known() + timedelta(days=9 * n, hours=n)).isoformat() for n in range(-22, 7)]
        if not words.get("claims") and not words["enter"].get("on"):
            check(item, desk, {"source.published": every})
            found += 1
    assert found >= 5


def test_a_wrong_size_is_noticed_and_all_are_planned_one_by_one(
    planned: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"source.published": instants()}
    good = ds.sweep(thesis("hedged"), market(), over).rows
    few, planned[0], find = planned[0], 0, Ratios._units

    def wrong(self: Ratios, *arguments: Any) -> Floats:
        return find(self, *arguments) * (1.0 + 2.0**-52)  # the last bit

    monkeypatch.setattr(Ratios, "_units", wrong)
    again = ds.sweep(thesis("hedged"), market(), over).rows
    pd.testing.assert_frame_equal(again, good, check_exact=True)
    assert planned[0] > len(over["source.published"]) > 4 * few
    check(thesis("hedged"), market(), over)


def test_a_wrong_hedge_is_noticed_too(planned: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    check(thesis("hedged"), market(), {"source.published": instants()})
    few, planned[0], find = planned[0], 0, Ratios._hedges
    monkeypatch.setattr(Ratios, "_hedges", lambda self, *arguments: find(self, *arguments) * (1.0 + 2.0**-52))
    check(thesis("hedged"), market(), {"source.published": instants()})
    assert planned[0] > 50 > 4 * few  # those that are hedged; the others are as they were

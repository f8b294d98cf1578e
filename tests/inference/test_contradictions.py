"""Theses that oppose each other: found by what they hold, or by what they say; side by side and in one book."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from market.made_up import frame, walk, weekdays

import deepshock as ds
from deepshock.inference.contradictions import Contradiction, contradictions
from deepshock.pipeline import conclude
from deepshock.plan import Settings, build
from deepshock.thesis import load_many

STRATEGIES = Path(__file__).parents[2] / "strategies"


@pytest.fixture(scope="module")
def market() -> ds.Market:
    dates = weekdays("2024-12-02", 90)
    made = [
        frame(symbol, dates, walk(90, seed, 40.0), adj_close=walk(90, seed, 40.0), **{"class": "stock"})
        for seed, symbol in enumerate(("AAA", "BBB", "CCC"), start=1)
    ]
    return ds.Market.load(pd.concat(made).assign(volume=1e9))


def thesis(name: str, known: str = "2025-01-28T00:00Z", hold: int = 5, **words: Any) -> ds.Thesis:
    told = {"costs": "none", "fractional": True, "uptick": "ignore", "exit": {"hold": hold}}
    return ds.Thesis(name=name, source={"publisher": "Wire", "published": known}, **{**told, **words})


def only(found: tuple[Contradiction, ...]) -> Contradiction:
    (one,) = found
    return one


def test_the_same_instrument_on_opposite_sides_at_the_same_time(market: ds.Market) -> None:
    """From the open of 31 January, when the second gets in, to the close of 4 February, when the first gets out."""
    one = thesis("one", long={"AAA": 1, "BBB": 1})
    two = thesis("two", "2025-01-31T12:00Z", 10, short={"AAA": 1}, long={"BBB": 1})
    found = only(contradictions([one, two], market))
    assert (found.names, found.declared, found.is_declared_only) == (("one", "two"), False, False)
    (shared,) = found.shared
    assert (shared.symbol, shared.sides, shared.sessions) == ("AAA", ("long", "short"), 3)  # 31 January, 3, 4 February
    assert shared.first == datetime(2025, 1, 31, 14, 30, tzinfo=UTC)
    assert shared.last == datetime(2025, 2, 4, 21, tzinfo=UTC)


def test_one_after_the_other_is_no_contradiction(market: ds.Market) -> None:
    """The first leaves at the close of 4 February; the second sells at the next open, or at that very close."""
    one = thesis("one", long={"AAA": 1})
    assert contradictions([one, thesis("two", "2025-02-04T22:00Z", short={"AAA": 1})], market) == ()
    assert contradictions([one, thesis("two", "2025-02-04T15:00Z", short={"AAA": 1}, enter="next close")], market) == ()
    earlier = thesis("two", "2025-02-04T12:00Z", short={"AAA": 1})
    (shared,) = only(contradictions([one, earlier], market)).shared
    assert shared.sessions == 1


def test_the_same_side_or_another_instrument_is_none(market: ds.Market) -> None:
    one = thesis("one", long={"AAA": 1})
    assert contradictions([one, thesis("two", long={"AAA": 1}), thesis("three", short={"BBB": 1})], market) == ()


def test_a_hedge_is_no_belief() -> None:
    dates = weekdays("2024-01-02", 320)
    long = pd.concat(
        [frame(s, dates, walk(320, n, 40.0), **{"class": "stock"}).assign(volume=1e9) for n, s in enumerate("AB", 1)]
    )
    market = ds.Market.load(long)
    hedged = thesis("one", long={"A": 1}, hedge={"beta to": "B", "via": "B"})
    assert contradictions([hedged, thesis("two", long={"B": 1}), thesis("three", short={"B": 1})], market)[0].names == (
        "two",
        "three",
    )


def test_two_halves_that_oppose_each_other_cancel_in_one_book(market: ds.Market) -> None:
    """Without costs and interest half long and half short make nothing, which falls short of the policy rate."""
    one, two = thesis("one", long={"AAA": 1}), thesis("two", short={"AAA": 1})
    found = only(contradictions([one, two], market))
    alone = [conclude(build(each, market), market).performance for each in (one, two)]
    assert found.excess == tuple(made.excess_return for made in alone)
    assert alone[0].net_return == pytest.approx(-alone[1].net_return)
    assert abs(alone[0].net_return) > 0.001
    foregone = alone[0].net_return - alone[0].excess_return
    assert foregone > 0.0
    assert found.book == pytest.approx(-foregone)
    assert not found.reason


def test_a_declared_contradiction_is_listed_without_a_common_instrument(market: ds.Market) -> None:
    one, two = thesis("one", long={"AAA": 1}, contradicts=["two"]), thesis("two", long={"BBB": 1})
    found = only(contradictions([one, two], market))
    assert (found.declared, found.is_declared_only, found.shared) == (True, True, ())
    assert found.book == pytest.approx(sum(found.excess) / 2)  # without costs a book of two halves is their mean
    back = thesis("two", short={"AAA": 1})
    assert only(contradictions([one, back], market)).declared
    assert not only(contradictions([one, back], market)).is_declared_only


def test_a_contradiction_of_a_thesis_that_is_not_there_is_listed_as_such(market: ds.Market) -> None:
    found = only(contradictions(thesis("one", long={"AAA": 1}, contradicts=["elsewhere"]), market))
    assert found.names == ("one", "elsewhere")
    assert found.reason == "elsewhere is not among the theses that were run"
    assert math.isnan(found.book)
    assert found.document()["excess_return"] == [pytest.approx(found.excess[0]), None]


def test_what_two_theses_do_not_agree_on_is_the_reason_why_there_is_no_book(market: ds.Market) -> None:
    one, two = thesis("one", long={"AAA": 1}), thesis("two", short={"AAA": 1}, costs="retail")
    found = only(contradictions([one, two], market))
    assert math.isnan(found.book)
    assert found.reason.startswith("no book of the two: ")
    assert "the members ask for different costs: none (one), retail (two)" in found.reason
    settled = only(contradictions([one, two], market, Settings(costs=ds.cost_set("institutional"), capital=5e5)))
    assert not settled.reason
    assert settled.book == pytest.approx(sum(settled.excess) / 2, abs=1e-4)
    assert settled.excess[0] < found.excess[0]


def test_what_cannot_be_traded_has_no_figure(market: ds.Market) -> None:
    early = thesis("two", "2023-01-28T00:00Z", short={"AAA": 1}, contradicts=["one"])
    found = only(contradictions([thesis("one", long={"AAA": 1}), early], market))
    assert math.isnan(found.excess[1])
    assert not math.isnan(found.book)  # the other half idles
    both = only(contradictions([early, thesis("one", "2023-01-28T00:00Z", long={"AAA": 1})], market))
    assert (math.isnan(both.book), both.reason) == (True, "none of its theses can run")


def test_results_that_are_there_are_not_run_again(market: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = thesis("one", long={"AAA": 1}), thesis("two", short={"AAA": 1})
    results = [conclude(build(each, market), market) for each in (one, two)]
    expected = contradictions([one, two], market)
    ran = []
    module = sys.modules[contradictions.__module__]
    monkeypatch.setattr(module, "build", lambda thesis, *rest: ran.append(thesis.name) or build(thesis, *rest))
    assert contradictions([one, two], market, results=results) == expected
    assert not ran
    assert contradictions(ds.Book.of("both", [one, two]), market, results=results[:1]) == expected
    assert ran == ["two"]


def test_a_source_counts_for_the_theses_that_have_it(market: ds.Market) -> None:
    sources = {"early": {"published": "2025-01-13T00:00Z"}, "late": {"published": "2025-01-28T00:00Z"}}
    one = thesis("one", long={"AAA": 1}).vary({"sources": sources, "source": "late"})
    two = thesis("two", short={"AAA": 1})
    assert only(contradictions([one, two], market)).shared[0].sessions == 6
    assert contradictions([one, two], market, Settings(source="early")) == ()


def check_articles(market: ds.Market) -> dict[tuple[str, str], Contradiction]:
    theses = [one for one in load_many(STRATEGIES) if isinstance(one, ds.Thesis)]
    found = {one.names: one for one in contradictions(theses, market)}
    assert set(found) == {
        ("calm-down", "short-ai-chips"),
        ("calm-down", "short-ai-power"),
        ("calm-down", "concentration-unwinds"),
    }
    assert all(one.declared for one in found.values())
    assert found["calm-down", "concentration-unwinds"].is_declared_only
    assert [one.symbol for one in found["calm-down", "short-ai-chips"].shared] == ["NVDA"]
    assert [one.symbol for one in found["calm-down", "short-ai-power"].shared] == ["VST", "ENR.DE"]
    assert all(one.sides == ("long", "short") for pair in found.values() for one in pair.shared)
    assert not any(one.reason for one in found.values())
    return found


def needed() -> list[str]:
    theses = [one for one in load_many(STRATEGIES) if isinstance(one, ds.Thesis)]
    return list(dict.fromkeys(s for one in theses for s in (*one.symbols(), one.benchmark) if s))


def test_the_contradictions_of_the_articles() -> None:
    found = check_articles(ds.Market.load("sample", symbols=needed()))
    assert all(one.simulated for one in found.values())


@pytest.mark.real_data
def test_the_contradictions_of_the_articles_on_real_bars(panel_path: Path) -> None:
    """NVDA is bought and sold short at New York's open of 28 January, and both leave at the close of 26 February."""
    found = check_articles(ds.Market.load(panel_path, symbols=needed()))
    (nvidia,) = found["calm-down", "short-ai-chips"].shared
    assert (nvidia.first, nvidia.last) == (
        datetime(2025, 1, 28, 14, 30, tzinfo=UTC),
        datetime(2025, 2, 26, 21, tzinfo=UTC),
    )
    assert nvidia.sessions == 21
    for one in found.values():
        assert one.book == pytest.approx(sum(one.excess) / 2, abs=0.005)

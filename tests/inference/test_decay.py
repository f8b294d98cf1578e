"""What is left of an idea later, elsewhere and cut down: each variant is a run of its own."""

from __future__ import annotations

import math

import pytest

import deepshock as ds
from deepshock.inference.decay import decay

WORDS = {
    "sources": {
        "one": {"publisher": "a", "published": "2025-01-28T00:00Z"},
        "two": {"publisher": "b", "published": "2025-01-30T12:00Z"},
        "three": {"publisher": "c", "published": "2025-01-29T12:00Z"},
        "four": {"publisher": "d", "published": "2025-01-29T12:00Z"},
    },
    "source": {"from": "one"},
    "corroborated by": [{"from": "two"}],
    "counter": [{"from": "three"}],
    "news": "2025-01-27T00:00Z",
    "exit": {"hold": 5},
}


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return ds.Market.load("sample", symbols=["GLD", "SLV", "SPY"])


def thesis(name: str = "metals", **words: object) -> ds.Thesis:
    return ds.Thesis(name=name, **{"long": {"GLD": 1, "SLV": 1}, **WORDS, **words})


def test_each_lag_source_and_cut_is_a_run_of_its_own(market: ds.Market) -> None:
    item = thesis(enter={"lag": 1})
    found = decay(ds.run(item, market), market, latest=3)
    for lag, late in enumerate(found.late):
        again = ds.run(item.vary({"enter.lag": 1 + lag}), market)
        assert late.excess_return == again.performance.excess_return
        assert (late.missed, late.gap, late.tradable) == (again.missed, again.gap, again.tradable)
        assert late.first_fill == again.performance.first_fill
    assert [variant.name for variant in found.late] == [
        "as it is",
        "1 session later",
        "2 sessions later",
        "3 sessions later",
    ]
    assert [variant.name for variant in found.sources] == ["one", "two", "three"]
    for read in found.sources:
        assert read.excess_return == ds.run(item, market, source=read.name).performance.excess_return
    for cut, path in zip(found.without, ("long.GLD", "long.SLV"), strict=True):
        assert cut.excess_return == ds.run(item.vary({path: None}), market).performance.excess_return
    assert len({v.excess_return for v in (*found.late, *found.without)}) == 6


def test_a_result_known_from_another_source_is_delayed_from_there(market: ds.Market) -> None:
    item = thesis()
    found = decay(ds.run(item, market, source="two"), market, latest=0)
    assert found.late[0].known_at == item.known("two")


def test_nothing_is_left_of_a_single_leg_or_of_one_side(market: ds.Market) -> None:
    alone = thesis(long={"GLD": 1})
    assert decay(ds.run(alone, market), market, latest=0).without[0].reason == "nothing would be left on its side"
    pair = thesis(versus={"SPY": 1}, neutral="dollar")
    gold, silver, shares = decay(ds.run(pair, market), market, latest=0).without
    assert not gold.reason
    assert not silver.reason
    assert shares.reason == "nothing would be left on its side"
    assert math.isnan(shares.excess_return)


def test_a_lag_beyond_the_data_says_so(market: ds.Market) -> None:
    item = thesis(exit={"before": "fair"}, events={"fair": {"at": "2025-02-04T12:00Z", "known": "2025-01-01T00:00Z"}})
    late = decay(ds.run(item, market), market, latest=8).late
    assert not late[0].reason
    assert "exit" in late[8].reason
    assert math.isnan(late[8].excess_return)


def test_a_book_loses_each_thesis_in_turn(market: ds.Market) -> None:
    one, two = thesis("gold-and-silver"), thesis("shares", long={"SPY": 1})
    book = ds.Book.of("both", [(one, 2.0), (two, 1.0)], capital="500000 USD")
    found = decay(ds.run(book, market), market, latest=1)
    assert [variant.name for variant in found.without] == ["gold-and-silver", "shares"]
    left = ds.run(ds.Book.of("both", [two], capital="500000 USD"), market)
    assert found.without[0].excess_return == left.performance.excess_return
    late = [(item.vary({"enter.lag": 1}), share) for item, share in ((one, 2.0), (two, 1.0))]
    again = ds.run(ds.Book.of("both", late, capital="500000 USD"), market)
    assert found.late[1].excess_return == pytest.approx(again.performance.excess_return, abs=1e-12)


def test_the_half_life_is_the_first_lag_that_leaves_less_than_half(market: ds.Market) -> None:
    found = decay(ds.run(thesis(), market), market)
    made = [variant.excess_return for variant in found.late]
    if made[0] > 0.0:
        below = [lag for lag, value in enumerate(made) if value < made[0] / 2.0]
        assert found.half_life == (below[0] if below else None)
    else:
        assert found.half_life is None
    turned = decay(ds.run(thesis().vary({"long": None, "short": {"GLD": 1, "SLV": 1}}), market), market)
    assert [found.half_life, turned.half_life].count(None) >= 1


def test_the_document_holds_plain_values(market: ds.Market) -> None:
    document = decay(ds.run(thesis(long={"GLD": 1}), market), market, latest=0).document()
    assert document["late"][0]["first_fill"].startswith("2025-01-28T14:30")
    assert document["without"][0]["excess_return"] is None

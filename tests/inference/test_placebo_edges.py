"""Where there is no placebo it says why, and no placebo knows what came after it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from reference.placebo import in_time
from reference.placebo_form import form_of

import deepshock as ds
from deepshock.inference.placebo.in_space import placebo_in_space
from deepshock.inference.placebo.in_time import placebo_in_time
from deepshock.inference.placebo.matched import Pool, pool
from deepshock.inference.placebo.model import Placebo
from deepshock.inference.placebo.of_sign import placebo_of_sign
from deepshock.inference.placebo.runs import outcomes
from deepshock.plan import nanoseconds
from inference.placebo_world import COIN, FUND, INDEX, KNOWN, bars, market, thesis

EVERY: tuple[Callable[[ds.Result, ds.Market], Placebo], ...] = (placebo_in_time, placebo_in_space, placebo_of_sign)


def told(found: Placebo) -> Placebo:
    """Check that a placebo has all its figures, or says why it has none."""
    assert all(math.isfinite(value) for value in found.values)
    figures = (found.statistic, found.p, found.p_min, found.p_all)
    if found.reason:
        assert math.isnan(found.p)
        assert (found.k, found.k_all, len(found.values), len(found.labels)) == (0, 0, 0, 0)
    else:
        assert all(math.isfinite(value) for value in figures)
        assert 0 < found.k <= found.k_all == len(found.values) == len(found.labels) == len(found.chosen)
    json.dumps(found.document(), allow_nan=False)
    return found


def all_of(item: ds.Thesis | ds.Book, desk: ds.Market) -> tuple[Placebo, Placebo, Placebo]:
    """Return the three placebos of what is run on a market, each checked."""
    result = ds.run(item, desk)
    time, space, sign = (told(one(result, desk)) for one in EVERY)
    return time, space, sign


def later(first: str, **words: object) -> ds.Market:
    return ds.Market.load(bars(), start=first, **words)


# There is none


def test_without_a_past_there_is_no_placebo_in_time() -> None:
    time, space, sign = all_of(thesis(), later("2024-12-02"))
    assert time.reason == ("no such holding period lies between the first bars (2024-12-02) and the news (2025-01-07)")
    assert space.reason == "beta, volatility or trading of AAA, BBB cannot be computed before the decision"
    assert sign.k == 3


def test_what_never_traded_has_none() -> None:
    after = thesis(source={"publisher": "Wire", "published": "2026-01-01T00:00Z"})
    unable = thesis(long={"0003.HK": 1})  # a lot costs more than there is
    for item in (after, unable):
        assert {found.reason for found in all_of(item, market())} == {"nothing was traded"}


def test_one_leg_has_its_neighbours_and_one_other_side() -> None:
    time, space, sign = all_of(thesis(long={"AAA": 1}), market())
    assert (time.reason, space.reason, sign.reason) == ("", "", "")
    assert (sign.k, sign.labels, sign.p_min) == (1, ("-AAA",), 0.5)
    assert set(space.labels) == {"BBB", "CCC", "DDD", "EEE", "FFF", "HOLE"}
    # Costs are paid on both sides, so that the other one made less than the opposite.
    assert sign.statistic + sign.values[0] < 0.0


def test_an_a_share_has_no_other_side() -> None:
    time, space, sign = all_of(thesis(long={"300998.SZ": 1}), market())
    assert time.reason == ""
    assert space.reason == "the data have 0 other instruments like 300998.SZ (XSHG, CNY, stock), and 2 are needed"
    assert sign.reason == "no other sides could be run"
    (why,) = sign.refused
    assert "an offshore trader cannot in practice sell short" in why
    pair = told(placebo_of_sign(ds.run(thesis(long={"300998.SZ": 1, "AAA": 1}), market()), market()))
    assert pair.k == 3  # beside another leg the A share is left out where it would be sold short


def test_space_needs_a_benchmark_and_others_like_the_legs() -> None:
    _, space, _ = all_of(thesis(benchmark=None), market())
    assert space.reason == "the thesis names no benchmark to match betas to"
    _, space, _ = all_of(thesis(long={"AAA": 1, "DDE.DE": 1}), market())
    assert space.reason == "the data have 0 other instruments like DDE.DE (XETR, EUR, stock), and 2 are needed"
    _, space, _ = all_of(thesis(long={COIN: 1}), market())
    assert space.reason == "the data have 0 other instruments like QBT-USD (24/7, USD, crypto), and 2 are needed"
    _, space, _ = all_of(thesis(long=dict.fromkeys(("AAA", "BBB", "CCC", "DDD"), 1)), market())
    assert space.reason == ""
    assert space.k > 0  # few names besides the legs, and baskets may hold some of these


def test_a_book_has_placebos_in_time_alone() -> None:
    time, space, sign = all_of(ds.Book.of("both", [thesis("one"), thesis("two", long={"CCC": 1})]), market())
    assert time.reason == ""
    assert space.reason == sign.reason == "of a book: each of its theses has its own"


def test_placebos_that_are_all_refused_are_counted() -> None:
    """Sixty-one sessions of past are enough for the event, and for nothing before it."""
    item = thesis(long=["AAA", "BBB"], weighting="inverse-vol")
    desk = later("2024-10-09")
    time, _, sign = all_of(item, desk)
    assert sign.reason == ""
    assert time.reason == "no placebo could be run"
    expected = in_time(ds.run(item, desk), desk)
    assert sum(time.refused.values()) == len(expected.admissible) > 10
    assert list(time.refused) == [
        "made-up long[0]: weighting inverse-vol needs 60 returns of AAA before ..., which the data do not have; use "
        "weighting: given, or data that begin earlier"
    ]


def test_reasons_beyond_the_most_frequent_are_counted_together() -> None:
    item = thesis(long=["AAA", "BBB", "HOLE"], short=["CCC"], weighting="inverse-vol", neutral="beta")
    result = ds.run(item, market())
    found, expected = told(placebo_in_time(result, market())), in_time(result, market())
    assert sum(found.refused.values()) == sum(expected.refused.values()) > 20
    words = ["", "a", "a", *"bcdefgh", "needs 60 before 2024-10-09 15:12Z", "needs 60 before 2024-10-10 15:12Z", "", ""]
    n = len(words)
    still = [False] * (n - 1) + [True]
    made = pd.DataFrame({"excess_return": [0.1] * n, "reason": words, "open_at_end": still})
    values, ran, refused = outcomes(made)
    assert np.flatnonzero(ran).tolist() == [0, n - 2]
    assert len(values) == n
    assert (refused["a"], refused["needs 60 before ..."]) == (2, 2)
    assert (refused["other reasons"], sum(refused.values())) == (5, n - 2)
    assert len(refused) == 6


def test_what_is_still_open_is_not_ranked() -> None:
    late = ds.run(thesis(exit={"hold": 40}), market())
    assert late.ledger.open_at_end
    for one in EVERY:
        assert told(one(late, market())).reason == (
            "the thesis itself does not run in this form: open at the end of the data"
        )


def test_with_nothing_but_a_stop_it_holds_as_long_as_it_was_held() -> None:
    result = ds.run(thesis(exit={"stop": "3%"}), market())
    fills = [fill for fill in result.ledger.fills if fill.symbol == "AAA"]
    days = market().sessions("XNYS").closes
    into, out = (int(np.searchsorted(days, nanoseconds(fill.fill_at))) for fill in fills)
    held = out - into
    found = told(placebo_in_time(result, market()))
    assert held > 1
    assert f"the last exit, as none is scheduled, is {held} sessions of XNYS after the fill" in found.notes


def test_an_exit_before_the_first_fill_leaves_nothing_or_the_other_legs() -> None:
    """Known at lunch in Hong Kong, over at eight in the morning there: New York has an open and a close between."""
    words = {
        "source": {"publisher": "Wire", "published": "2025-01-07T05:30Z"},
        "events": {"told": {"at": "2025-01-08T00:30Z", "known": "2024-12-01"}},
        "exit": {"before": "told"},
    }
    alone = all_of(thesis(long={"0001.HK": 1}, **words), market())
    assert {found.reason for found in alone} == {"nothing was traded"}
    both = thesis(long={"0001.HK": 1, "AAA": 1}, **words)
    result = ds.run(both, market())
    assert {fill.symbol for fill in result.ledger.fills} == {"AAA"}
    time, _, _ = all_of(both, market())
    assert time.k > 10
    assert "the exit before told is 1 session of XNYS after the fill" in time.notes


def test_without_a_past_the_scaled_p_is_missed_and_said() -> None:
    """Betas need 120 returns before the decision; the dates before the news are none if it held for long."""
    item = thesis(long={"AAA": 1}, exit={"hold": 25}, news="2024-08-01T00:00Z")
    time, space, _ = all_of(item, later("2024-07-01"))
    assert time.reason.startswith("no such holding period")
    assert space.reason == ""
    assert math.isnan(space.p_scaled)
    assert any("its own past" in note for note in space.notes)


# Nothing after it matters


@pytest.mark.parametrize("item", [
    thesis(exit={"hold": 6, "stop": "5%"}),
    thesis(long={"AAA": 1, "0001.HK": 1}, short={"CCC": 1}, hedge={"beta to": INDEX, "via": FUND}, exit={"hold": 3}),
    thesis(long=["AAA", "BBB", COIN], weighting="inverse-vol"),
])  # fmt: skip
def test_a_placebo_does_not_change_with_what_comes_after_its_exit(item: ds.Thesis) -> None:
    result = ds.run(item, market())
    found, slow = placebo_in_time(result, market()), in_time(result, market())
    over = dict(zip(found.labels, slow.over, strict=True))
    value = dict(zip(found.labels, found.values.tolist(), strict=True))
    compared = changed = 0
    for n in np.linspace(10, len(found.labels) - 20, 6).astype(int).tolist():
        cut = slow.over[n]
        other = placebo_in_time(result, market().scrambled(nanoseconds(cut), n))
        for label, new in zip(other.labels, other.values.tolist(), strict=True):
            if label in value and over[label] <= cut:
                assert new == value[label], label
                compared += 1
            elif label in value:
                changed += new != value[label]
    assert compared > 100
    assert changed > 100


def test_neighbours_do_not_change_with_what_comes_after_the_decision() -> None:
    item = thesis(long={"AAA": 1, "BBB": 1}, short={"CCC": 1})
    result, at = ds.run(item, market()), datetime.fromisoformat(KNOWN.replace("Z", "+00:00")).astimezone(UTC)

    def nearest(desk: ds.Market) -> Pool | str:
        return pool(desk, ["AAA", "BBB", "CCC"], [INDEX], INDEX, at)

    base, drawn = nearest(market()), placebo_in_space(result, market(), baskets=10).labels
    for seed in range(5):
        after = market().scrambled(nanoseconds(at), seed)
        assert nearest(after) == base
        assert set(placebo_in_space(result, after, baskets=10).labels) <= set(drawn)
        assert nearest(market().scrambled(nanoseconds(at) - 40 * 86_400 * 10**9, seed)) != base


def test_sizes_at_a_date_do_not_change_with_what_comes_after_it() -> None:
    """Weights and hedge ratios of the form, planned on a market whose bars after the decision are others."""
    item = thesis(long=["AAA", "BBB"], short=["CCC"], weighting="inverse-vol", neutral="beta",
                  hedge={"beta to": INDEX, "via": FUND})  # fmt: skip
    result = ds.run(item, market())
    form = form_of(result, market())
    for decided in (form.decided[0], datetime(2024, 11, 20, 15, 12, tzinfo=UTC)):
        one = item.vary({"source": {"publisher": "nobody", "published": decided.isoformat()}})
        base = ds.plan.build(one, market())
        for seed in range(3):
            other = ds.plan.build(one, market().scrambled(nanoseconds(decided), seed))
            assert [order.size for order in other.orders] == [order.size for order in base.orders]

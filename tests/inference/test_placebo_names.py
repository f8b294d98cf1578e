"""Placebos in space and of sign are those of the slow reference: each basket and each choice of sides is a run."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference.placebo import admissible, p_of
from reference.placebo_form import Form, form_of
from reference.placebo_names import basket_words, baskets, neighbours, of_sign, scaled

import deepshock as ds
from deepshock.inference.placebo.in_space import placebo_in_space
from deepshock.inference.placebo.matched import pool
from deepshock.inference.placebo.model import Placebo
from deepshock.inference.placebo.of_sign import placebo_of_sign
from inference.placebo_world import COIN, FUND, INDEX, market, thesis

CASES = {
    "two legs": thesis(),
    "equal legs": thesis(long={"AAA": 1, "BBB": 1, "CCC": 1}),
    "long and short": thesis(long={"AAA": 1}, short={"CCC": 1, "DDD": 2}, gross="80%"),
    "hedged": thesis(hedge={"beta to": INDEX, "via": FUND}),
    "beta-neutral": thesis(short={"CCC": 1}, neutral="beta"),
    "inverse-vol": thesis(long=["AAA", "BBB"], short=["CCC"], weighting="inverse-vol"),
    "percentages": thesis(long={"AAA": "70%", "BBB": "30%"}, versus={"CCC": "100%"}, neutral="dollar"),
    "shorts and their other side": thesis(long=None, short={"AAA": 1}, versus={"BBB": 1}, neutral="dollar"),
    "dear to borrow": thesis(long={"AAA": 1}, short={"BBB": 1, "CCC": 1}, borrow={"CCC": "special"}),
    "a stop": thesis(exit={"stop": "2%", "hold": 15}, enter={"at": "close"}),
}


def run(item: ds.Thesis) -> tuple[ds.Result, Form]:
    result = ds.run(item, market())
    return result, form_of(result, market())


def sets(item: ds.Thesis, names: list[tuple[str, ...]]) -> list[frozenset[tuple[str, int, float]]]:
    """Return baskets as sets of names with their sides and weights."""
    legs = item.legs()
    return [frozenset((name, leg.side, leg.part) for name, leg in zip(one, legs, strict=True)) for one in names]


def names_of(found: Placebo) -> list[tuple[str, ...]]:
    return [tuple(label.split()) for label in found.labels]


# In space


@pytest.mark.parametrize("name", CASES)
def test_every_basket_is_a_run_of_its_own(name: str) -> None:
    item = CASES[name]
    result, form = run(item)
    found = placebo_in_space(result, market(), baskets=40, seed=1)
    every = sets(item, baskets(form))
    drawn = sets(item, names_of(found))
    assert found.reason == ""
    assert found.k == found.k_all == len(drawn) == len(set(drawn)) == min(40, len(every))
    assert set(drawn) <= set(every)
    own = form.run(form.decided)
    assert found.statistic == own.value
    for names, value in zip(names_of(found), found.values, strict=True):
        assert form.run(form.decided, basket_words(form.theses[0][0], names)).value == value
    assert found.p == found.p_all == p_of(own.value, found.values.tolist())
    assert found.p_min == 1 / (1 + found.k)


@pytest.mark.parametrize("name", ["two legs", "dear to borrow", "beta-neutral"])
def test_the_scaled_outcomes_are_over_each_baskets_own_past(name: str) -> None:
    result, form = run(CASES[name])
    found = placebo_in_space(result, market(), baskets=4, seed=2)
    dates = admissible(form)
    assert len(dates) > 100

    def over_its_past(value: float, names: tuple[str, ...] | None) -> float:
        words = None if names is None else basket_words(form.theses[0][0], names)
        past = [form.run(decided, words) for decided in dates]
        return value / scaled([one.value for one in past if not one.reason])

    values = [over_its_past(v, names) for v, names in zip(found.values.tolist(), names_of(found), strict=True)]
    assert found.p_scaled == p_of(over_its_past(found.statistic, None), values)


def test_neighbours_are_the_nearest_of_their_kind() -> None:
    for item in (thesis(), thesis(long={"AAA": 1, COIN: 1}), thesis(long={"0001.HK": 1})):
        _, form = run(item)
        legs = [leg.symbol for leg in item.legs()]
        found = pool(market(), legs, [INDEX], INDEX, form.decided[0])
        expected = {leg: neighbours(form, leg) for leg in legs}
        if all(expected.values()):
            assert not isinstance(found, str)
            assert {leg: [one.symbol for one in near] for leg, near in found.nearest.items()} == expected
        else:
            assert isinstance(found, str)
    # itself, the other leg, and of six American shares left all but one, which has too short a past
    assert len(neighbours(run(thesis())[1], "AAA")) == 7


def test_the_traits_of_a_share_by_hand() -> None:
    result, _ = run(thesis())
    at = result.plan.members[0].known_at
    found = pool(market(), ["AAA"], ["BBB"], INDEX, at)
    assert not isinstance(found, str)
    series, known = market().series("AAA"), market().sessions("XNYS").closes < int(at.timestamp()) * 10**9
    value = (series.close * series.volume)[known]
    assert found.legs["AAA"].trading == np.median(value[np.isfinite(value)][-60:])
    closes = series.close[known][np.isfinite(series.close[known])]
    assert found.legs["AAA"].volatility == pytest.approx(np.log(closes[-60:] / closes[-61:-1]).std(ddof=1))


def test_a_basket_pays_for_the_borrow_that_the_leg_pays_for() -> None:
    dear, cheap = (thesis(long=None, short={"AAA": 1}, borrow=b) for b in ({"AAA": "special"}, None))
    made = [placebo_in_space(ds.run(item, market()), market()) for item in (dear, cheap)]
    assert made[0].labels == made[1].labels
    assert made[0].statistic < made[1].statistic
    assert (made[0].values < made[1].values).all()


def test_seeds_and_counts_of_draws() -> None:
    result, _ = run(CASES["long and short"])
    one, again, other = (placebo_in_space(result, market(), baskets=12, seed=seed).labels for seed in (5, 5, 6))
    assert one == again
    assert set(one) != set(other)
    item = CASES["equal legs"]
    every = placebo_in_space(ds.run(item, market()), market())
    assert len(every.labels) == len(baskets(form_of(ds.run(item, market()), market()))) < 200


# Of sign


@pytest.mark.parametrize("name", CASES)
def test_every_choice_of_sides_is_a_run_of_its_own(name: str) -> None:
    item = CASES[name]
    result, form = run(item)
    found, expected = placebo_of_sign(result, market()), of_sign(form)
    assert found.reason == ""
    assert found.statistic == form.run(form.decided).value
    label = {
        " ".join(f"{'+' if side > 0 else '-'}{leg.symbol}" for leg, side in zip(item.legs(), sides, strict=True)): made
        for sides, made in expected.items()
    }
    assert found.labels == tuple(one for one, made in label.items() if not made.reason)
    assert found.values.tolist() == [made.value for made in label.values() if not made.reason]
    assert sum(found.refused.values()) == sum(bool(made.reason) for made in expected.values())
    assert found.p == p_of(found.statistic, found.values.tolist(), one_sided=True)
    assert found.p_min == 1 / (1 + found.k)


def test_how_many_choices_there_are() -> None:
    counts = {name: placebo_of_sign(run(item)[0], market()).k for name, item in CASES.items()}
    assert counts["two legs"] == 3
    assert counts["long and short"] == 7
    assert counts["percentages"] == 2**3 - 2 - 1  # all long and all short are not neutral
    assert counts["shorts and their other side"] == 1
    # beta-neutral: three legs, and one-sided choices are none
    assert counts["beta-neutral"] == 5


def test_of_more_than_ten_legs_some_choices_are_drawn() -> None:
    eleven = {symbol: 1 for symbol in market().symbols() if symbol not in (INDEX, FUND, COIN, "0003.HK", "300998.SZ")}
    result, form = run(thesis(long=eleven))
    found = placebo_of_sign(result, market())
    assert len(eleven) == 11
    assert 2**9 < found.k < 2**10
    assert math.isclose(found.p_min, 1 / (1 + found.k))
    assert found.statistic == form.run(form.decided).value

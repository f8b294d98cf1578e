"""The best of a sweep stands with what chance makes of it, and that rests on the returns of the full runs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.cost import accrued
from deepshock.experiment import Best, Paths, paths
from deepshock.experiment.drawn import drawn
from deepshock.experiment.grid import Grid
from deepshock.stats.selection import selection

from .made import SOURCE, bars, book, market, thesis
from .test_sweep import AXES, BOOKS

DAY_NS = 86_400 * 10**9
OVER: dict[Any, Any] = {"enter.lag": range(6), "exit.hold": [25, 40, None], "exit.stop": [None, "6%"]}


@pytest.fixture(scope="module")
def desk() -> ds.Market:
    return market()


def pair() -> ds.Thesis:
    """Return a thesis that makes money on the market of these tests."""
    return thesis(long={"CCC": 1}, short={"AAA": 2, "BBB": 1})


@pytest.fixture(scope="module")
def made(desk: ds.Market) -> ds.Sweep:
    return ds.sweep(pair(), desk, OVER)


def returns_of(result: ds.Result) -> pd.Series:
    """Return what a full run made over the policy rate on each of its valuation rows, from its ledger."""
    ledger, plan = result.ledger, result.plan
    nav = np.array([plan.capital, *ledger.nav])
    days = np.array([ledger.start_at, *ledger.value_at]) // DAY_NS
    foregone = accrued(plan.currency, days[:-1], days[1:]) if plan.costs.financing.on else 0.0
    return pd.Series(nav[1:] / nav[:-1] - 1.0 - foregone, index=ledger.value_at)


def table_of(results: Iterable[ds.Result]) -> pd.DataFrame:
    """Return the same of several, on all of their rows."""
    return pd.DataFrame(dict(enumerate(map(returns_of, results)))).sort_index().fillna(0.0)


def assert_are(found: Paths, made: ds.Sweep) -> None:
    """Compare paths with their rows in the sweep, and with the runs made again."""
    rows = made.rows
    for column, number in enumerate(found.variants):
        record, row = found.record(column), rows.loc[number]
        if row["reason"]:
            assert not found.values[:, column].any()
            assert not found.live[:, column].any()
            continue
        assert len(record) == row["n_obs"]
        result = made.replay(int(number))
        expected = returns_of(result)
        np.testing.assert_allclose(record, expected, rtol=0.0, atol=1e-13)
        assert found.at[found.live[:, column]].tolist() == expected.index.tolist()
        assert not found.values[~found.live[:, column], column].any()
        venues = {result.market.instrument(symbol).calendar for symbol in result.plan.symbols}
        assert found.year[column] == (365 if venues == {"24/7"} else 252)
        if len(record) >= 20 and not math.isnan(row["sharpe"]):
            ratio = record.mean() / record.std(ddof=1) * math.sqrt(found.year[column])
            assert ratio == pytest.approx(row["sharpe"], rel=1e-12, abs=1e-12)


# Paths


def test_paths_are_those_of_the_rows_and_of_the_full_runs(made: ds.Sweep) -> None:
    found = paths(made)
    assert found.variants.tolist() == list(range(36))
    assert (found.drawn_from, found.values.shape) == (36, found.live.shape)
    assert_are(found, made)
    table = table_of(made.replay(number) for number in range(36))
    np.testing.assert_allclose(found.values, table, rtol=0.0, atol=1e-13)
    np.testing.assert_array_equal(found.at, table.index)
    assert repr(found) == f"<Paths of 36 variants, {len(table)} rows>"


@pytest.mark.parametrize("name", BOOKS)
def test_paths_of_books(desk: ds.Market, name: str) -> None:
    swept = ds.sweep(book(), desk, BOOKS[name])
    assert_are(paths(swept), swept)


@pytest.mark.parametrize("seed", range(8))
def test_paths_of_generated_sweeps(seed: int) -> None:
    """Venues, currencies, hedges, missing bars, recalls, mergers; rows of one venue that another does not have."""
    random, world = Random(100 + seed), make_world(2000 + seed)
    over = {path: AXES[path] for path in random.sample(list(AXES), 4)}
    item = account_of(world.words, world.shares)
    swept = ds.sweep(item, market_of(world), over, sample=min(10, len(Grid.of(over))), seed=seed)
    assert_are(paths(swept, range(len(swept))), swept)


def test_variants_on_different_venues_share_the_union_of_their_rows() -> None:
    shares, coins = bars("AAA"), bars("BTC")
    coins[["mic", "class"]] = "24x7", "crypto"
    desk = ds.Market.load(pd.concat([shares, coins], ignore_index=True))
    swept = ds.sweep(thesis(long={"AAA": 1}, short={}), desk, {"long": [["AAA"], ["BTC"]], "exit.hold": [30]})
    found = paths(swept)
    assert_are(found, swept)
    assert found.year.tolist() == [252, 365]
    assert len(found.at) == len({*found.at[found.live[:, 0]], *found.at[found.live[:, 1]]})
    assert not (found.live[:, 0] & found.live[:, 1]).all()


def test_paths_may_be_named_and_what_cannot_run_made_nothing(desk: ds.Market) -> None:
    swept = ds.sweep(thesis(), desk, {"gross": [1, -1, 0.5], "exit.hold": [30, 35]})
    assert paths(swept).variants.tolist() == [0, 1, 4, 5]
    found = paths(swept, [4, 2, 0, 4])
    assert found.variants.tolist() == [0, 2, 4]
    assert_are(found, swept)
    assert found.year.tolist() == [252, 0, 252]
    nothing = paths(swept, [2, 3])
    assert nothing.values.shape == (0, 2)
    for wrong, told in (([6], r"\[6, 6\] are not there; there are 6, from 0"), ([-1], "not there"), ([], "is none")):
        with pytest.raises(ds.UsageError, match=told):
            paths(swept, wrong)


def test_before_the_first_policy_rate_there_is_no_path() -> None:
    desk = ds.Market.load(bars("AAA", first="2019-11-04", n=160))
    item = thesis(long={"AAA": 1}, short={}, source={**SOURCE, "published": "2020-03-10T00:00Z"}, costs="none")
    swept = ds.sweep(item, desk, {"enter.lag": [0, 10]})
    assert paths(swept, [0, 1]).live.any(axis=0).tolist() == [False, True]


# Samples


def test_a_sample_is_even_and_holds_the_best(made: ds.Sweep) -> None:
    best = int(made.rows["excess_return"].argmax())
    counts = np.zeros(36)
    for seed in range(300):
        sample = drawn(made, "excess_return", 9, seed)
        assert (sample.best, sample.traded, len(sample.numbers)) == (best, 36, 9)
        assert best in sample.numbers
        assert (np.diff(sample.numbers) > 0).all()
        counts[sample.numbers] += 1
    others = np.delete(counts, best)
    assert np.abs(others - others.mean()).max() < 4.0 * math.sqrt(300 * 0.25 * 0.75)
    found = paths(made, most=9, seed=3)
    assert found.variants.tolist() == drawn(made, "excess_return", 9, 3).numbers.tolist()
    assert (found.drawn_from, repr(found)[:44]) == (36, "<Paths of 9 variants, drawn from 36, " + repr(found)[37:44])
    assert_are(found, made)


def test_a_sample_of_a_sample_and_of_a_folder_is_the_same(desk: ds.Market, tmp_path: Path) -> None:
    some = ds.sweep(pair(), desk, OVER, sample=20, seed=5)
    stored = ds.sweep(pair(), desk, OVER, sample=20, seed=5, to=tmp_path / "sweep", chunk=7)
    one, other = paths(some, most=8), paths(stored, most=8)
    assert_are(one, some)
    np.testing.assert_array_equal(one.variants, other.variants)
    np.testing.assert_array_equal(one.values, other.values)


# The best


def test_what_stands_beside_the_best_is_that_of_the_full_runs(made: ds.Sweep) -> None:
    best = made.best()
    rows = made.rows
    assert best.number == int(rows["excess_return"].argmax())
    assert best.row == rows.loc[best.number].to_dict()
    results = [made.replay(number) for number in range(36)]
    expected = selection(table_of(results).to_numpy(), best.number, record=returns_of(results[best.number]).to_numpy())
    found = best.figures
    for name in ("sharpe", "psr", "min_trl", "effective", "variance", "hurdle", "dsr", "pbo", "spa"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-7, nan_ok=True), name
    assert found.doubts == expected.doubts
    assert (found.n_trials, found.n_obs) == (36, rows.loc[best.number, "n_obs"])
    assert found.sharpe * math.sqrt(252) == pytest.approx(rows.loc[best.number, "sharpe"], rel=1e-12)
    assert best.min_trl_years == found.min_trl / 252


def test_its_label_is_that_of_the_variant(made: ds.Sweep) -> None:
    best = made.best("sharpe")
    assert best.number == int(made.rows["sharpe"].argmax())
    assert list(best.label) == ["enter.lag", "exit.hold", "exit.stop"]
    assert made.replay(best.label).performance.sharpe == best.row["sharpe"]


def test_only_variants_that_traded_are_tries(desk: ds.Market) -> None:
    swept = ds.sweep(thesis(), desk, {"gross": [1, -1, 0.5], "exit.hold": [30, 35]})
    found = swept.best().figures
    assert (found.n_trials, found.n_columns, found.drawn_from) == (4, 4, 4)


def test_of_more_than_enough_an_even_sample_stands_for_all(made: ds.Sweep) -> None:
    best, whole = made.best(most=11, seed=2), made.best()
    assert (best.number, best.row) == (whole.number, whole.row)
    found = best.figures
    assert (found.n_columns, found.drawn_from, found.n_trials) == (10, 36, 36)
    assert found.is_superior is None
    assert (found.psr, found.min_trl) == (whole.figures.psr, whole.figures.min_trl)
    assert "by an even sample of 10" in str(best)


def test_a_folder_has_the_same_best(made: ds.Sweep, desk: ds.Market, tmp_path: Path) -> None:
    stored = ds.sweep(pair(), desk, OVER, to=tmp_path / "sweep", chunk=5)
    one, other = made.best(), stored.best()
    assert one.document() == other.document()
    assert stored.row(17) == made.row(17) == made.rows.loc[17].to_dict()
    for swept in (made, stored):
        with pytest.raises(ds.UsageError, match="there are 36, from 0"):
            swept.row(36)


def test_what_does_not_choose_is_refused(made: ds.Sweep, desk: ds.Market) -> None:
    with pytest.raises(ds.UsageError, match=r"by: 'net_return' does not choose a best; give excess_return or sharpe"):
        made.best("net_return")
    with pytest.raises(ds.UsageError, match="most: 0 is no number of variants"):
        made.best(most=0)
    short = ds.sweep(thesis(), desk, {"exit.hold": [3, 4]})
    with pytest.raises(ds.DeepshockError, match="best: none of 2 variants that traded has a sharpe; choose by excess"):
        short.best("sharpe")
    with pytest.raises(ds.DeepshockError, match="best: no variant traded; see the column reason"):
        ds.sweep(thesis(), desk, {"gross": [-1, -2]}).best()


def test_a_trade_of_a_few_days_says_that_nothing_follows(desk: ds.Market) -> None:
    best = ds.sweep(thesis(), desk, {"exit.hold": [3, 4], "enter.lag": range(3)}).best()
    n = best.row["n_obs"]
    assert f"no PSR, MinTRL, deflated Sharpe ratio: {n} observations, and it takes 20" in best.figures.doubts[-1]
    assert str(best).count(f"{n} observations, and it takes 20") >= 4
    document = best.document()
    assert (document["psr"], document["dsr"], document["min_trl_years"]) == (None, None, None)


def test_nobody_gets_it_without_what_stands_beside_it(made: ds.Sweep) -> None:
    best = made.best()
    text = str(best)
    assert f"{best.number} " in text
    assert "The best by excess return" in text
    assert "SIMULATED" not in text
    assert max(map(len, text.splitlines())) <= 120
    for name in ("PSR", "MinTRL", "tries", "deflated Sharpe ratio", "PBO", "SPA p-value", "What speaks against it"):
        assert name in text
    for doubt in best.figures.doubts:
        assert doubt in text
    gold = ds.Thesis(name="gold", source={"published": "2025-01-28T00:00Z", "publisher": "me"}, long={"GLD": 1})
    simulated = ds.sweep(gold, ds.market_for(gold), {"exit.hold": [25, 30]}).best()
    assert "The best by excess return (SIMULATED data)" in str(simulated)


def test_its_document_is_json_and_each_key_is_described(made: ds.Sweep, desk: ds.Market) -> None:
    short = ds.sweep(thesis(), desk, {"exit.hold": [3, 4]}).best()
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
    for best in (made.best(), short):
        document = json.loads(json.dumps(best.document(), allow_nan=False))
        assert [key for key in document if f"`{key}`" not in page] == []
        assert document["row"]["excess_return"] == best.row["excess_return"]
        without = {name for name, value in document.items() if value is None}
        follow = {"n_blocks": "pbo", "n_superior": "spa", "is_superior": "spa", "min_trl_years": "min_trl"}
        unknown = set(best.figures.reasons)
        assert without == unknown | {name for name, cause in follow.items() if cause in unknown}
    assert made.best().figures.reasons == {}


def test_it_says_what_is_being_done(made: ds.Sweep) -> None:
    told: list[str] = []
    assert isinstance(made.best(most=10, progress=told.append), Best)
    assert told == [
        "36 variants: which is the best?",
        "the returns of 10 of 36 variants that traded, row by row",
        "what chance makes of the best of 36 variants",
    ]

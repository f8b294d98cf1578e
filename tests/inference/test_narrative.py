"""Narrative or beta: the hedged run is the run of the hedged thesis, nothing of it is a try, and gaps have reasons."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import compare_strategies
import deepshock as ds
from deepshock.errors import MarketError, UsageError
from deepshock.inference.alpha import alpha_of, split_of
from deepshock.inference.betas import betas
from deepshock.inference.funds import FUNDS, tradable_for
from deepshock.inference.narrative import Narrative, narrative
from inference.made import BETAS, FUND, INDEX, bars, index, market, panel, thesis

STRATEGIES = Path(__file__).parents[2] / "strategies"
BY_NAME = "^GSPC"  # an index with a known fund


@pytest.fixture(scope="module")
def here() -> ds.Market:
    """Return the market with its index under a name for which a fund is known."""
    return ds.Market.load(pd.concat([panel(), index(BY_NAME)], ignore_index=True))


def told(at: ds.Market, item: ds.Thesis | None = None, **words: Any) -> Narrative:
    return narrative(ds.run(item or thesis(benchmark=BY_NAME), at), at, **words)


def test_raw_and_hedged_are_the_runs_of_the_two_theses(here: ds.Market) -> None:
    item = thesis(benchmark=BY_NAME, versus={"DDD": 1}, neutral="dollar")
    found = told(here, item)
    assert (found.via, found.hedged_reason, found.reason) == (FUND, "", "")
    hedged = ds.run(item.vary({"hedge": {"beta to": BY_NAME, "via": FUND}}), here)
    for made, run in ((found.raw, ds.run(item, here)), (found.hedged, hedged)):
        assert made is not None
        of = run.performance
        assert (made.net_pnl, made.net_return, made.excess_pnl, made.excess_return, made.max_drawdown) == (
            of.net_pnl, of.net_return, of.excess_pnl, of.excess_return, of.max_drawdown,
        )  # fmt: skip
        assert made.costs == run.ledger.costs.sum() > 0.0
    assert found.hedged is not None
    assert len(hedged.ledger.legs) == 2 * 4
    assert found.hedged.notes == tuple(said for said in hedged.warnings if said not in ds.run(item, here).warnings)
    assert found.raw is not None
    assert found.raw.notes == ()


def test_parts_are_those_of_the_raw_run(here: ds.Market) -> None:
    found, run = told(here), ds.run(thesis(benchmark=BY_NAME), here)
    assert found.split == split_of(run)
    assert (found.legs, found.net) == betas(here, run.plan, BY_NAME)
    assert found.alpha is not None
    other = alpha_of(run, here)
    assert (found.alpha.mean, found.alpha.low, found.alpha.high) == (other.mean, other.low, other.high)
    wider = told(here, level=0.99, n_resamples=400, seed=8).alpha
    again = alpha_of(run, here, level=0.99, n_resamples=400, seed=8)
    assert wider is not None
    assert (wider.low, wider.high) == (again.low, again.high)


def test_hedging_takes_the_beta_out() -> None:
    """Three shares with betas of 1.5, 0.8 and 1.2 and little else: what is left is small beside what there was."""
    legs = {name: bars(name, BETAS[name], noise=0.001) for name in ("AAA", "BBB", "CCC")}
    found = told(ds.Market.load(pd.concat([panel(**legs), index(BY_NAME)], ignore_index=True)))
    assert found.net is not None
    assert found.net.beta == pytest.approx(3.5 / 3.0, abs=0.02)
    assert found.split is not None
    assert abs(found.split.alpha) < 0.2 * abs(found.split.beta)
    assert found.raw is not None
    assert found.hedged is not None
    assert abs(found.hedged.excess_pnl) < 0.25 * abs(found.raw.excess_pnl)


def test_a_thesis_with_a_hedge_of_its_own_is_run_without_it(here: ds.Market) -> None:
    own = thesis(benchmark=BY_NAME, hedge={"beta to": "SPY", "via": "DDD"})
    found, plain = told(here, own), told(here)
    assert found.raw is not None
    assert plain.raw is not None
    assert found.raw.net_pnl == plain.raw.net_pnl != ds.run(own, here).performance.net_pnl
    assert (found.split, found.net) == (plain.split, plain.net)
    assert found.hedged is not None
    assert plain.hedged is not None
    assert found.hedged.net_pnl == plain.hedged.net_pnl


def test_source_capital_and_costs_are_those_of_the_result(here: ds.Market) -> None:
    words: dict[str, Any] = {
        "sources": {
            "one": {"publisher": "a", "published": "2025-01-28T00:00Z"},
            "two": {"publisher": "b", "published": "2025-01-30T12:00Z"},
        },
        "source": {"from": "one"},
        "corroborated by": [{"from": "two"}],
    }
    item, terms = thesis(benchmark=BY_NAME, **words), {"source": "two", "capital": 250_000.0, "costs": "retail"}
    found = narrative(ds.run(item, here, **terms), here)
    hedged = ds.run(item.vary({"hedge": {"beta to": BY_NAME, "via": FUND}}), here, **terms)
    assert found.hedged is not None
    assert found.hedged.net_pnl == hedged.performance.net_pnl
    assert hedged.plan.known_at == item.known("two")
    elsewhere = narrative(ds.run(item, here, **terms), here, benchmark="SPY")
    assert elsewhere.raw is not None
    assert found.raw is not None
    assert (elsewhere.via, elsewhere.raw.net_pnl) == ("SPY", found.raw.net_pnl)


def test_nothing_of_it_is_a_try(here: ds.Market, tmp_path: Path) -> None:
    registry = ds.Registry(tmp_path / "tries.jsonl")
    result = ds.run(thesis(benchmark=BY_NAME), here, registry=registry)
    before = (tmp_path / "tries.jsonl").read_text("utf-8")
    narrative(result, here)
    assert (tmp_path / "tries.jsonl").read_text("utf-8") == before != ""


def test_a_hedge_that_margin_cuts_says_so(here: ds.Market) -> None:
    """Betas of 2 beside the whole capital: Reg T asks for half of three times it."""
    found = told(here, thesis(benchmark=BY_NAME, long={"AAA": 1}, gross=1.2))
    assert found.hedged is not None
    assert found.raw is not None
    assert found.raw.scale == 1.0
    assert found.hedged.scale < 0.75
    assert any(note.startswith("initial margin (reg-t) left") for note in found.hedged.notes)


def test_what_can_be_traded_for_an_index() -> None:
    plain = market()
    assert tradable_for(plain, FUND) == (FUND, "")
    assert tradable_for(plain, INDEX) == ("", "IDX cannot be traded, and no fund is known for it")
    without = ds.Market.load(pd.concat([panel().query("symbol != 'SPY'"), index(BY_NAME)], ignore_index=True))
    reason = "^GSPC cannot be traded, and its fund, SPY, is not in the market: load it too"
    assert tradable_for(without, BY_NAME) == ("", reason)
    found = told(without)
    assert (found.hedged, found.hedged_reason) == (None, reason)
    assert found.split is not None  # beta is known all the same


def test_the_comparison_of_strategies_holds_the_same_funds() -> None:
    assert compare_strategies.FUNDS is FUNDS


def test_via_may_be_told(here: ds.Market) -> None:
    found = told(market(), thesis(), via=FUND)
    assert (found.via, found.hedged_reason) == (FUND, "")
    wrong = told(here, via="XYZ")
    assert (wrong.hedged, "XYZ" in wrong.hedged_reason) == (None, True)
    refused = told(here, via=INDEX)
    assert refused.hedged is None
    assert refused.hedged_reason.startswith("no leg can be hedged: AAA is not hedged: IDX is an index")


def test_a_leg_whose_beta_is_not_known_stays_unhedged_and_is_told() -> None:
    young = bars("AAA", 1.5).query("date >= '2024-10-01'")
    here = ds.Market.load(pd.concat([panel(AAA=young), index(BY_NAME)], ignore_index=True))
    found = told(here)
    assert found.net is not None
    assert found.net.reason == "the beta of AAA is not known"
    assert found.split is not None
    assert found.alpha is not None
    assert found.split.reason == found.alpha.reason == "the beta of AAA is not known"
    assert found.hedged is not None
    assert any(note.startswith("AAA is not hedged") for note in found.hedged.notes)
    alone = told(here, thesis(benchmark=BY_NAME, long={"AAA": 1}))
    assert (alone.hedged, alone.raw is not None) == (None, True)
    assert alone.hedged_reason.startswith("no leg can be hedged: AAA is not hedged: its beta to ^GSPC has")


def test_what_has_no_answer_says_so(here: ds.Market) -> None:
    assert told(here, thesis(benchmark=None)).reason == "the thesis names no benchmark"
    nothing = told(here, thesis(long={INDEX: 1}, benchmark=BY_NAME))
    assert nothing.reason == "no tradable leg: IDX is an index, not a tradable instrument"
    assert (nothing.raw, nothing.net, nothing.legs) == (None, None, ())
    with pytest.raises(MarketError, match="XYZ: is not in the data"):
        told(here, benchmark="XYZ")
    book = ds.Book.of("both", [(thesis(), 1.0), (thesis(name="other"), 1.0)])
    with pytest.raises(UsageError, match="both: is a book; ask for each of its theses"):
        narrative(ds.run(book, here), here)


def test_a_narrative_is_a_document(here: ds.Market) -> None:
    for item in (thesis(benchmark=BY_NAME), thesis(), thesis(benchmark=None), thesis(long={INDEX: 1}, benchmark="SPY")):
        found = told(here, item)
        made = json.loads(json.dumps(found.document(), allow_nan=False))
        assert (made["reason"] is None) == (found.raw is not None)
        if found.raw is not None:
            assert made["raw"]["excess_pnl"] == made["split"]["excess"]
            assert len(made["betas"]["legs"]) == 3
            assert (made["hedged"] is None) == bool(made["hedged_reason"])


@pytest.mark.real_data
def test_the_twelve(panel_path: Path) -> None:
    theses = {item.name: item for item in ds.load_many(STRATEGIES) if isinstance(item, ds.Thesis)}
    real = ds.market_for(list(theses.values()), panel_path)
    vias = {}
    for name, item in theses.items():
        found = narrative(ds.run(item, real), real, n_resamples=200)
        if name == "fade-the-fear":
            assert found.reason.startswith("no tradable leg")
            continue
        assert found.raw is not None
        assert found.hedged is not None
        assert found.split is not None
        assert found.split.excess == found.raw.excess_pnl
        hedged = item.vary({"hedge": {"beta to": item.benchmark, "via": found.via}})
        assert found.hedged.net_pnl == ds.run(hedged, real).performance.net_pnl
        vias[found.via] = found.benchmark
        if not found.split.reason:
            total = found.split.beta + found.split.alpha
            assert total == pytest.approx(found.split.price, abs=1e-9 * 1e6)
    assert {benchmark: fund for fund, benchmark in vias.items()} == FUNDS
    # The thesis that is on file with this hedge as an alternative is the same run.
    chips = narrative(ds.run(theses["short-ai-chips"], real), real, n_resamples=200)
    filed = theses["short-ai-chips"].vary(theses["short-ai-chips"].alternatives["beta hedge"])
    assert chips.hedged is not None
    assert chips.hedged.excess_return == ds.run(filed, real).performance.excess_return
    assert not math.isnan(chips.hedged.excess_return)

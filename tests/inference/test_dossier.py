"""What is shown and written of evidence is what was found; several theses are adjusted for each other."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

import deepshock as ds
from deepshock.inference.dossier import Dossier, dossier
from deepshock.report.evidence.view import EvidenceView
from deepshock.result import document_of, report_of

from . import made


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return made.market()


@pytest.fixture(scope="module")
def theses() -> list[ds.Thesis]:
    told = {
        "publisher": "Wire",
        "published": "2025-01-28T00:00Z",
        "figures": ["AAA -3%", {"symbol": "ZZZ", "change": "+1%"}],
    }
    short = {"long": None, "short": {"AAA": 1, "DDD": 1}, "contradicts": ["long"]}
    long = {"alternatives": {"hold 5": {"exit": {"hold": 5}}}, "rival": {"from": "31 January", "until": "5 March"}}
    return [made.thesis(name="long", source=told, **long), made.thesis(name="short", **short)]


@pytest.fixture(scope="module")
def results(theses: list[ds.Thesis], market: ds.Market) -> tuple[ds.Result, ...]:
    return ds.compare(theses, market, registry=False)


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(theses: list[ds.Thesis], results: tuple[ds.Result, ...], market: ds.Market, said: list[str]) -> Dossier:
    return dossier(theses, results, market, baskets=5, registry=False, progress=said.append)


@pytest.fixture(scope="module")
def view(found: Dossier) -> EvidenceView:
    return found.found[0].view()


def test_it_says_what_it_does_with_the_name_of_the_thesis(found: Dossier, said: list[str]) -> None:
    assert [text for text in said if text.startswith("long: ")]
    assert [text for text in said if text.startswith("short: ")]
    assert said[-1] == "who opposes whom, and what the sources say"


def test_the_view_has_the_figures_of_the_evidence(found: Dossier, view: EvidenceView) -> None:
    own, time = found.found[0], view.in_time
    assert (time.kind, time.p, time.k, time.p_all) == ("in time", own.in_time.p, own.in_time.k, own.in_time.p_all)
    assert np.array_equal(time.values, own.in_time.values)
    assert sum(time.chosen) == time.k > 5
    assert [v.excess_return for v in view.late] == pytest.approx([v.excess_return for v in own.decay.late], nan_ok=True)
    assert view.held is not None
    assert view.held.p == next(s for s in own.studies if s.kind == "held").headline.p_value  # type: ignore[union-attr]
    assert view.tried.total == own.tries.total == 2
    assert view.rival is not None
    assert view.rival.less_rival == own.rival.less_rival  # type: ignore[union-attr]
    assert view.verdict.word == own.verdict.word
    assert view.verdict.brief in own.verdict.sentences
    assert len(set(view.notes)) == len(view.notes)


def test_the_parts_of_the_excess_sum_to_it(found: Dossier, view: EvidenceView) -> None:
    *parts, (name, whole) = view.narrative.split
    assert name == "excess"
    assert math.fsum(amount for _, amount in parts) == pytest.approx(whole, abs=1e-6)
    assert whole == found.found[0].result.performance.excess_pnl


def test_the_headline_of_a_study_comes_first_and_names_have_what_was_measured(
    found: Dossier, view: EvidenceView
) -> None:
    for shown, study in zip(view.studies, found.found[0].studies, strict=True):
        assert shown.tests[0].name == shown.headline == study.headline.test  # type: ignore[union-attr]
        assert {test.name for test in shown.tests} == {test.test for test in study.outcomes}
        assert study.names is not None
        assert [(name.symbol, name.car) for name in shown.names] == [*study.names["car"].items()]


def test_a_document_of_a_run_has_the_evidence_and_what_is_across(
    found: Dossier, results: tuple[ds.Result, ...], market: ds.Market
) -> None:
    plain = document_of(results, market, version="0", command="c")
    whole = json.loads(json.dumps(found.document(plain), allow_nan=False))
    assert [one["evidence"]["verdict"]["word"] for one in whole["theses"]] == [e.verdict.word for e in found.found]
    assert [one["name"] for one in whole["across"]] == ["long", "short"]
    assert all(one["p"] <= one["bh"] <= one["holm"] for one in whole["across"])
    (pair,) = whole["contradictions"]
    assert (pair["names"], [one["symbol"] for one in pair["shared"]]) == (["long", "short"], ["AAA"])
    assert [(one["symbol"], one["verdict"]) for one in whole["figures"]][1] == ("ZZZ", "cannot tell")
    assert "evidence" not in plain["theses"][0]
    instants = json.dumps(whole["theses"][0]["evidence"])
    assert "+00:00" not in instants


def test_a_report_of_a_run_has_the_same(found: Dossier, results: tuple[ds.Result, ...], market: ds.Market) -> None:
    report = found.view(report_of(results, market, version="0", command="c"))
    assert report.across is not None
    assert all(thesis.evidence is not None for thesis in report.theses)
    adjusted = report.across.of("long")
    assert adjusted is not None
    assert adjusted.p == found.found[0].in_time.p
    assert report.across.of("nobody") is None
    assert report.across.contradictions[0].excess == found.contradictions[0].excess
    assert [figure.says for figure in report.across.figures] == ["-3%", "+1%"]


def test_the_same_seed_gives_the_same_evidence_and_another_one_other_draws(
    theses: list[ds.Thesis], results: tuple[ds.Result, ...], market: ds.Market, found: Dossier
) -> None:
    def again(seed: int) -> str:
        made = dossier(theses, results, market, baskets=5, seed=seed, registry=False)
        return json.dumps([one.document() for one in made.found])

    assert again(0) == json.dumps([one.document() for one in found.found])
    assert again(0) != again(1)


def test_of_a_thesis_that_did_not_trade_everything_has_a_reason(market: ds.Market) -> None:
    idle = made.thesis(name="idle", source={"publisher": "Wire", "published": "2026-01-28T00:00Z"}, news=None)
    result = ds.run(idle, market, registry=False)
    one = ds.evidence(result, market, registry=False)
    view = one.view()
    assert view.verdict.word == "not traded"
    assert view.verdict.brief == view.verdict.sentences[0]
    assert all(placebo.reason for placebo in view.placebos)
    assert view.narrative.reason
    assert view.tried.figures is None
    json.dumps(one.document(), allow_nan=False)


def test_views_hold_plain_values_alone(view: EvidenceView) -> None:
    def plain(value: object) -> bool:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = dataclasses.fields(value)
            return type(value).__name__ == "Selection" or all(plain(getattr(value, field.name)) for field in fields)
        if isinstance(value, tuple):
            return all(map(plain, value))
        return value is None or type(value).__module__ in ("builtins", "datetime")

    assert plain(view)

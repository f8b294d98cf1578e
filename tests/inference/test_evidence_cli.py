"""``deepshock run --evidence``: what it loads, prints and writes, for one thesis and for several."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terminal import STRATEGIES, Ran, call, environ, heed_interrupts, refused

import deepshock as ds
from deepshock.plan import Settings
from deepshock.registry import tries

from . import made

LONG = """\
thesis: long
source:
  publisher: Wire
  published: 2025-01-28T00:00Z
  figures: [AAA -3%, {symbol: FFF, change: higher, of: close}]
benchmark: IDX
fractional: true
long: {AAA: 1, BBB: 1}
exit: {hold: 10}
alternatives: {hold 5: {exit: {hold: 5}}}
contradicts: [short]
"""
SHORT = """\
thesis: short
source: {publisher: Wire, published: 2025-01-28T00:00Z}
benchmark: IDX
fractional: true
short: {AAA: 1}
exit: {hold: 10}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two years of bars and two theses on them."""
    folder = tmp_path_factory.mktemp("desk")
    others = {name: made.bars(name, beta) for name, beta in {"GGG": 1.1, "HHH": 0.9, "III": 1.4, "JJJ": 0.7}.items()}
    made.panel(**others).to_parquet(folder / "bars.parquet")
    (folder / "long.yaml").write_text(LONG, "utf-8")
    (folder / "short.yaml").write_text(SHORT, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _default_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def run(desk: Path, *more: str | Path, theses: tuple[str, ...] = ("long",)) -> Ran:
    files = [desk / f"{name}.yaml" for name in theses]
    return call(*files, "--data", desk / "bars.parquet", "--evidence", "--baskets", "3", *more)


def written(desk: Path, *more: str | Path, **how: Any) -> Any:
    ran = run(desk, "--json", "-", *more, **how)
    assert (ran.status, ran.err) == (0, "")
    return json.loads(ran.out)


@pytest.fixture(scope="module")
def alone(desk: Path) -> Ran:
    return run(desk)


def test_one_thesis_is_shown_with_its_verdict_first_and_all_tables(alone: Ran) -> None:
    assert (alone.status, alone.err) == (0, "")
    said = (
        "Already in the price:",
        "Verdict",
        "\nResult\n",
        "Placebos:",
        "Entered so many sessions late",
        "Event study",
    )
    said += ("Beta to IDX", "Narrative or beta", "After all tries", "What was assumed", "What sources say about prices")
    places = [alone.out.index(words) for words in said]
    assert places == sorted(places)
    assert re.search(r"^in space +\d", alone.out, re.MULTILINE)
    assert max(map(len, alone.out.splitlines())) <= 160


def test_without_the_option_there_is_no_evidence(desk: Path) -> None:
    ran = call(desk / "long.yaml", "--data", desk / "bars.parquet")
    assert "Placebos" not in ran.out
    assert "Already in the price" in ran.out
    document = json.loads(call(desk / "long.yaml", "--data", desk / "bars.parquet", "--json", "-").out)
    assert "evidence" not in document["theses"][0]
    assert not {"across", "contradictions", "figures"} & set(document)


def test_several_theses_have_a_line_each_and_say_who_opposes_whom(desk: Path) -> None:
    ran = run(desk, theses=("long", "short"))
    assert re.search(r"^thesis +missed +excess +p \(K, least\) +BH +Holm +study p", ran.out, re.MULTILINE)
    assert "Verdicts\n" in ran.out
    assert "All of it: run one thesis, or write --report FILE.html or --json FILE." in ran.out
    assert re.search(r"^long +short +AAA ", ran.out, re.MULTILINE)
    assert "Placebos:" not in ran.out


def test_json_has_the_evidence_of_each_and_of_all_together(desk: Path) -> None:
    document = written(desk, theses=("long", "short"))
    for thesis in document["theses"]:
        found = thesis["evidence"]
        assert found["already_in_price"]["missed"] == thesis["missed"]
        assert len(found["already_in_price"]["decay"]["late"]) == 21
        assert found["placebo"]["space"]["k"] == 3
        assert len(found["event_study"]) == 2
    assert [one["name"] for one in document["across"]] == ["long", "short"]
    assert [one["names"] for one in document["contradictions"]] == [["long", "short"]]
    assert [one["symbol"] for one in document["figures"]] == ["AAA", "FFF"]


def test_the_universe_is_all_instruments_or_those_of_the_theses_and_of_figures(desk: Path) -> None:
    whole, own = written(desk), written(desk, "--universe", "theses")
    assert whole["theses"][0]["evidence"]["placebo"]["space"]["k"] == 3
    reason = own["theses"][0]["evidence"]["placebo"]["space"]["reason"]
    assert reason == "the data have 0 other instruments like AAA (XNYS, USD, stock), and 2 are needed"
    assert own["figures"] == whole["figures"]  # of FFF too, which no thesis holds
    assert own["figures"][1]["previous"] is not None
    for key in ("net_pnl", "fills", "sensitivities"):
        assert own["theses"][0][key] == whole["theses"][0][key]


def test_a_seed_chooses_the_draws_and_repeats_them(desk: Path) -> None:
    def drawn(seed: str) -> Any:
        return written(desk, "--seed", seed)["theses"][0]["evidence"]

    assert drawn("7") == drawn("7") != drawn("8")


def test_evidence_is_no_try(desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "trials.jsonl"
    assert run(desk, "--registry", file, "--quiet") == Ran(0, "", "")
    thesis = ds.load(desk / "long.yaml")
    market = ds.market_for(thesis, desk / "bars.parquet")
    count = tries(thesis, market, registry=file)
    assert (count.runs, count.sensitivities, count.total) == (1, 1, 2)
    found = written(desk, "--registry", file)["theses"][0]["evidence"]["tries"]
    assert (found["total"], found["count"]["total"]) == (2, 2)


def test_the_costs_and_the_capital_of_the_run_are_those_of_its_evidence(desk: Path) -> None:
    document = written(desk, "--costs", "none", "--capital", "5000", theses=("long", "short"))
    for thesis in document["theses"]:
        assert thesis["evidence"]["placebo"]["statistic"] == pytest.approx(thesis["excess_return"], abs=1e-12)
        assert thesis["evidence"]["narrative"]["raw"]["net_pnl"] == thesis["net_pnl"]
    (pair,) = document["contradictions"]
    assert pair["excess_return"] == [thesis["excess_return"] for thesis in document["theses"]]
    theses = ds.load_many([desk / "long.yaml", desk / "short.yaml"])
    market = ds.market_for(theses, desk / "bars.parquet")
    (book,) = ds.contradictions(theses, market, Settings(None, 5000.0, ds.cost_set("none")))
    assert pair["book_excess_return"] == book.book


def test_the_report_has_a_section_for_it(desk: Path, tmp_path: Path) -> None:
    assert run(desk, "--report", tmp_path / "r.html", "--quiet") == Ran(0, "", "")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert 'id="thesis-1-evidence"' in page
    assert 'data-chart="thesis-1-placebos"' in page


def test_simulated_evidence_says_so() -> None:
    ran = call(STRATEGIES / "cheap-ai-disinflation.yaml", "--evidence", "--universe", "theses")
    assert "Placebos: the same trade without the narrative (SIMULATED data)" in ran.out
    assert "The simulated market is made from these very figures" in ran.out


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["--universe", "all"], "--universe: is about --evidence, which is not asked for; give --evidence too"),
        (["--baskets", "5"], "--baskets: is about --evidence, which is not asked for; give --evidence too"),
        (["--seed", "5"], "--seed: is about --evidence, which is not asked for; give --evidence too"),
        (["--evidence", "--universe", "some"], "--universe: 'some' is no choice of instruments; give all or theses"),
        (["--evidence", "--baskets", "0"], "--baskets: 0 is no number of baskets; give 1 or more"),
        (["--evidence", "--seed", "-1"], "--seed: -1 is negative; give 0 or more"),
    ],
)
def test_options_that_do_nothing_or_say_nothing_are_refused(args: list[str], error: str) -> None:
    assert refused("run", *args, status=2) == [error]


def test_progress_names_what_is_being_done_and_an_interrupt_ends_quietly(desk: Path, tmp_path: Path) -> None:
    pytest.importorskip("pty")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "deepshock.backtest", "--evidence", "--json", "r.json"]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": theirs, "preexec_fn": heed_interrupts}
    with subprocess.Popen(command, cwd=tmp_path, env=environ({"TERM": "xterm"}), **streams) as running:
        os.close(theirs)
        seen = b""
        while b"at other dates" not in seen:
            seen += os.read(ours, 1024)
        running.send_signal(signal.SIGINT)
        while True:
            try:
                seen += os.read(ours, 1024)
            except OSError:  # the other end is closed
                break
        out = running.communicate(timeout=60)[0]
    os.close(ours)
    assert running.returncode in (130, -signal.SIGINT)
    assert b"how it decays" in seen
    assert (out, b"Traceback" in seen) == (b"", False)
    assert not (tmp_path / "r.json").exists()

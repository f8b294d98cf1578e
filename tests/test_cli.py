"""The command line as its user meets it: what it prints and where, what it writes, and how it ends."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from terminal import ROOT, STRATEGIES, Ran, bars, call, environ, heed_interrupts, process, refused, write_thesis

import deepshock
import deepshock.bridge
import deepshock.experiment
from deepshock.bridge import CrossCheck
from deepshock.experiment import Audit, Leak

NAMES = sorted(path.stem for path in STRATEGIES.glob("*.yaml") if path.stem not in ("book", "deepseek"))


def read_json(text: str) -> Any:
    """Read JSON as the standard has it: without NaN and Infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture(autouse=True)
def _default_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with bars and a thesis on them; tests write elsewhere."""
    folder = tmp_path_factory.mktemp("desk")
    bars().to_parquet(folder / "bars.parquet")
    bars("CCC").to_parquet(folder / "others.parquet")
    bars(n=20).to_parquet(folder / "early.parquet")
    bars(first="2025-03-03").to_parquet(folder / "late.parquet")
    write_thesis(folder)
    return folder


@pytest.fixture
def args(desk: Path) -> list[str]:
    """Return the arguments of a run that is fine."""
    return [str(desk / "t.yaml"), "--data", str(desk / "bars.parquet")]


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return what comes of no arguments, from a folder that has nothing to do with deepshock."""
    return process(cwd=tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def piped(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return what comes of every strategy as JSON on standard output, while vectorbt and the audit run too."""
    return process("--json", "-", "--audit", "--cross-check", cwd=tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def document(piped: Ran) -> dict[str, Any]:
    """Return the JSON of every strategy on the simulated market."""
    return dict(read_json(piped.out))


# What runs


def test_no_arguments_run_every_strategy_on_the_simulated_market(default: Ran) -> None:
    assert (default.status, default.err) == (0, "")
    assert default.out.count("SIMULATED") >= 3
    assert all(re.search(rf"^ *{name}\b", default.out, re.MULTILINE) for name in [*NAMES, "deepseek"])
    assert "11 of 12 theses ran, and a book" in default.out
    assert re.search(r"Not runnable\s+fade-the-fear: no tradable leg: \^VIX", default.out)


def test_run_is_the_default_command_and_repeats_to_the_bit(default: Ran) -> None:
    assert call("run") == Ran(0, default.out, "")
    assert call("run", STRATEGIES, "--data", "sample").out == default.out


def test_a_file_a_folder_and_several_files_run_in_the_order_given(desk: Path, tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_thesis(tmp_path, name)
    data = ["--data", desk / "bars.parquet", "--json", "-"]

    def names(*paths: Path) -> list[str]:
        return [thesis["name"] for thesis in read_json(call(*paths, *data).out)["theses"]]

    assert names(desk / "t.yaml") == ["t"]
    assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path / "b.yaml", desk, tmp_path / "a.yaml") == ["b", "t", "a"]


def test_a_first_word_that_is_a_command_is_one_even_where_a_file_has_its_name(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_thesis(tmp_path).rename("check")
    assert NAMES[0] in call("check").out
    assert call("check", "check").out == "check: t: fine\n"
    for way in (["run", "check"], ["./check"]):
        assert "1 of 1 theses ran" in call(*way, "--data", desk / "bars.parquet").out


def test_a_misspelt_command_is_not_taken_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused("explian", "t.yaml", status=2) == ["explian: is neither a command nor a file; did you mean explain?"]
    write_thesis(tmp_path).rename("explian")
    assert call("explian", "--quiet").errors == [
        "explian:3 long.AAA: AAA is not in sample (SIMULATED); name a symbol that it has",
        "explian:3 long.BBB: BBB is not in sample (SIMULATED); name a symbol that it has",
    ]


@pytest.mark.real_data
def test_real_bars_run_and_are_not_called_simulated(panel_path: Path) -> None:
    ran = call(STRATEGIES, "--data", panel_path)
    assert (ran.status, ran.err) == (0, "")
    assert "11 of 12 theses ran, and a book" in ran.out
    assert "panel.parquet" in ran.out
    assert "SIMULATED" not in ran.out


# Commands that run nothing


def test_help_and_check_import_nothing_heavy() -> None:
    code = """
import sys
from deepshock.backtest import main
statuses = []
for args in (["--help"], ["run", "-h"], ["--version"], ["check"], ["check", "-q"], ["schema"], ["chek"], ["--nope"]):
    try:
        main(args)
    except SystemExit as left:
        statuses.append(left.code)
heavy = {"exchange_calendars", "numba", "numpy", "pandas", "plotly", "pyarrow", "scipy", "vectorbt", "yfinance"}
print(statuses, sorted(heavy & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], env=environ(), capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "[0, 0, 0, 0, 0, 0, 2, 2] []", ran.stderr


def test_help_names_every_command_and_every_option() -> None:
    root = call("--help")
    assert root.status == 0
    assert all(
        command in root.out for command in ("run", "capacity", "check", "explain", "schema", "--version", "SIMULATED")
    )
    options = {"data", "start", "end", "capital", "costs", "source", "json", "report", "audit", "cross-check", "quiet"}
    options |= {"borrow", "recalls", "recall-hazard", "designated", "actions"}
    options |= {"evidence", "universe", "baskets", "seed", "registry"}
    for way in (["run", "--help"], ["thesis.yaml", "-h"]):
        assert options <= set(re.findall(r"--([a-z-]+)", call(*way).out))


def test_version_is_the_package_s() -> None:
    assert call("--version") == Ran(0, f"deepshock {deepshock.__version__}\n", "")


def test_check_says_what_is_fine_and_what_could_not_run(desk: Path) -> None:
    thesis = desk / "t.yaml"
    assert call("check", thesis) == Ran(0, f"{thesis}: t: fine\n", "")
    assert call("check", thesis, "--quiet") == Ran(0, "", "")
    assert call("check", thesis, "--data", desk / "bars.parquet").out == f"{thesis}: t: fine\n"
    early = call("check", thesis, "--data", desk / "early.parquet")
    assert early.status == 0
    assert re.match(rf"{re.escape(str(thesis))}: t: fine, but it cannot run: .* the data end on 2024-12-27", early.out)
    assert [error.split(";")[0] for error in refused("check", thesis, "--data", desk / "others.parquet")] == [
        f"{thesis}:3 long.AAA: AAA is not in others.parquet",
        f"{thesis}:3 long.BBB: BBB is not in others.parquet",
    ]


def test_check_of_the_strategies_names_each(tmp_path: Path) -> None:
    ran = call("check", "--data", "sample")
    assert (ran.status, ran.err) == (0, "")
    assert len(ran.out.splitlines()) == len(NAMES) + 1
    assert [line.split(": ")[1] for line in ran.out.splitlines() if "cannot run" in line] == ["fade-the-fear"]


def test_explain_reads_back_what_was_written_and_what_was_not(args: list[str]) -> None:
    ran = call("explain", *args)
    assert (ran.status, ran.err) == (0, "")
    for word in ("Wire", "28 Jan 2025 00:00Z", "AAA", "BBB", "25.00%", "75.00%", "28 Jan 2025 14:30Z", "institutional"):
        assert word in ran.out
    assert "COSTS (retail)" in call("explain", *args, "--costs", "retail").out
    early = call("explain", *args, "--end", "2025-01-20").out
    assert "not sent: had no auction: the data end on 2025-01-" in early
    late = call("explain", *args, "--start", "2025-02-03").out
    assert "not sent: came before the data begin on 2025-02-03" in late
    assert refused("explain", *args, "--costs", "retial", status=2)
    assert "Mon 27 Jan 2025 10:57Z" in call("explain", STRATEGIES / "short-ai-chips.yaml", "--source", "bloomberg").out


def test_schema_is_json_schema_on_standard_output_or_in_a_file(tmp_path: Path) -> None:
    ran = call("schema")
    assert (ran.status, ran.err) == (0, "")
    assert read_json(ran.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert call("schema", "--to", tmp_path / "thesis.json") == Ran(0, "", "")
    assert (tmp_path / "thesis.json").read_text() == ran.out


# JSON and the report


def test_json_on_standard_output_is_all_that_is_there(piped: Ran, document: dict[str, Any]) -> None:
    assert (piped.status, piped.err) == (0, "")
    assert document["version"] == deepshock.__version__
    assert document["command"] == "python -m deepshock.backtest --json - --audit --cross-check"
    assert document["data"]["simulated"] is True
    assert (document["data"]["from"], document["data"]["to"]) == ("2023-06-01", "2025-06-30")
    assert sorted(thesis["name"] for thesis in document["theses"]) == sorted([*NAMES, "deepseek"])


def test_json_has_the_documented_keys(document: dict[str, Any]) -> None:
    documented = {
        "": "version command data theses",
        "data": "provider simulated from to",
        "theses": "name simulated runnable reason known_at fills unfilled equity gross_pnl net_pnl net_return "
        "excess_return costs interest legs max_drawdown sharpe sharpe_se n_obs sensitivities warnings "
        "liquidated margin_calls margin cut requirement cash attribution",
        "fills": "symbol side reason decided_at fill_at shares price currency fx fx_age_h costs",
        "unfilled": "symbol decided_at reason part",
        "legs": "symbol side missed gap tradable pnl",
        "attribution": "leg thesis symbol price gap tradable beta alpha fx dividend total",
    }  # fmt: skip
    assert set(documented[""].split()) <= set(document)
    assert set(documented["data"].split()) <= set(document["data"])
    found = {"fills": 0, "unfilled": 0, "legs": 0, "attribution": 0}
    for thesis in document["theses"]:
        assert set(documented["theses"].split()) <= set(thesis)
        for part in found:
            found[part] += len(thesis[part])
            assert all(set(documented[part].split()) <= set(entry) for entry in thesis[part])
    assert all(found.values())


def instants(value: Any, key: str = "") -> Iterator[str]:
    """Yield every text that stands where an instant does."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from instants(inner, name)
    elif isinstance(value, list):
        if key == "equity":
            yield from (at for at, _ in value)
        else:
            for inner in value:
                yield from instants(inner, key)
    elif key.endswith("_at") and value is not None:
        yield value


def test_json_times_are_iso_8601_in_utc(document: dict[str, Any]) -> None:
    every = list(instants(document))
    assert len(every) > 300
    for text in every:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text), text
        assert datetime.fromisoformat(text).utcoffset() is not None


def test_json_holds_what_it_says(document: dict[str, Any]) -> None:
    for thesis in document["theses"]:
        assert thesis["simulated"] is True
        assert thesis["runnable"] is (thesis["reason"] is None) is bool(thesis["fills"])
        assert all(fill["decided_at"] < fill["fill_at"] for fill in thesis["fills"])
        assert [at for at, _ in thesis["equity"]] == sorted(at for at, _ in thesis["equity"])
        made = thesis["gross_pnl"] - sum(thesis["costs"].values()) + sum(thesis["interest"].values())
        assert math.isclose(made, thesis["net_pnl"], abs_tol=1e-6)
        attributed = sum(line["total"] for line in thesis["attribution"])
        assert math.isclose(attributed, thesis["net_pnl"], abs_tol=1e-3)
        assert thesis["liquidated"] is bool(thesis["margin_calls"])
        if thesis["runnable"]:
            assert math.isclose(thesis["equity"][-1][1] - 1e6, thesis["net_pnl"], abs_tol=1e-6)
            on_fills = sum(fill["costs"].get("commission", 0.0) for fill in thesis["fills"])
            assert math.isclose(on_fills, thesis["costs"]["commission"], abs_tol=1e-6)


def test_files_hold_the_same_and_the_table_is_still_shown(args: list[str], tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    ran = call(*args, "--json", tmp_path / "r.json", "--report", page)
    assert (ran.status, ran.err) == (0, "")
    assert "1 of 1 theses ran" in ran.out
    found, shown = read_json((tmp_path / "r.json").read_text()), read_json(call(*args, "--json", "-").out)
    assert found["theses"] == shown["theses"]
    assert found["command"].endswith(f"t.yaml --data {args[2]} --json {tmp_path / 'r.json'} --report {page}")
    text = page.read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert "bars.parquet" in text
    assert "SIMULATED" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]


def test_the_report_of_a_simulated_market_says_so(tmp_path: Path) -> None:
    assert call(STRATEGIES / "hard-assets.yaml", "--report", tmp_path / "r.html", "--quiet") == Ran(0, "", "")
    assert "SIMULATED" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_command_can_be_typed_again(desk: Path, tmp_path: Path) -> None:
    thesis = (desk / "t.yaml").read_text()
    (tmp_path / "it's mine.yaml").write_text(thesis)
    first = read_json(call(tmp_path / "it's mine.yaml", "--data", desk / "bars.parquet", "--json", "-").out)
    command = f"{first['command'].replace('python', sys.executable, 1)}"
    again = subprocess.run(command, shell=True, env=environ(), capture_output=True, text=True, check=True)
    assert read_json(again.stdout) == first


def test_quiet_prints_nothing(args: list[str]) -> None:
    assert call(*args, "--quiet") == Ran(0, "", "")
    assert call("-q", *args) == Ran(0, "", "")


# Options


def test_start_and_end_bound_the_data(args: list[str]) -> None:
    document = read_json(call(*args, "--start", "2024-12-10", "--end", "2025-03-12", "--json", "-").out)
    assert (document["data"]["from"], document["data"]["to"]) == ("2024-12-10", "2025-03-12")


@pytest.mark.parametrize(
    ("data", "more", "reason"),
    [
        ("early.parquet", [], "the data end on 2024-12-27"),
        ("bars.parquet", ["--end", "2025-01-24"], "the data end on 2025-01-24"),
        ("late.parquet", [], "the data begin on 2025-03-03"),
        ("bars.parquet", ["--start", "2025-02-04"], "the data begin on 2025-02-04"),
    ],
)
def test_data_beside_the_event_are_no_error_but_a_reason(desk: Path, data: str, more: list[str], reason: str) -> None:
    given = [desk / "t.yaml", "--data", desk / data, *more]
    ran = call(*given)
    assert (ran.status, ran.err) == (0, "")
    assert re.search(rf"t: no tradable leg: AAA, BBB [^;]*{reason}", " ".join(ran.out.split()))
    thesis = read_json(call(*given, "--json", "-").out)["theses"][0]
    assert (thesis["runnable"], thesis["fills"], thesis["net_pnl"], thesis["sharpe"]) == (False, [], 0.0, None)
    assert [unfilled["symbol"] for unfilled in thesis["unfilled"] if reason in unfilled["reason"]] == ["AAA", "BBB"]


def test_capital_and_costs_replace_what_the_thesis_says(args: list[str], tmp_path: Path) -> None:
    mine, whole = tmp_path / "mine.yaml", tmp_path / "whole.yaml"
    mine.write_text("preset: none\nhalf-spread.bps: 7\n")
    whole.write_text("preset: none\nparticipation: none\n")  # the made-up shares trade too little for a million

    def run(*more: str | Path) -> Any:
        return read_json(call(*args, *more, "--json", "-").out)["theses"][0]

    free, small = run("--costs", whole), run("--costs", whole, "--capital", "50000")
    assert not any(free["costs"].values())
    assert not any(run("--costs", "none")["costs"].values())
    assert math.isclose(free["net_pnl"], free["gross_pnl"], abs_tol=1e-6)
    assert (free["capital"], small["capital"]) == (1e6, 5e4)
    assert math.isclose(small["net_return"], free["net_return"], abs_tol=1e-3)
    assert sum(run("--costs", "institutional")["costs"].values()) == sum(run()["costs"].values()) > 0.0
    assert run("--costs", "retail")["costs"] != run()["costs"]
    spread = run("--costs", mine)
    paid = sum(fill["price"] * abs(fill["shares"]) for fill in spread["fills"]) * 7e-4
    assert {name for name, amount in spread["costs"].items() if amount} == {"half-spread"}
    assert math.isclose(spread["costs"]["half-spread"], paid, rel_tol=1e-9)


def test_another_source_moves_what_is_known_and_the_fills() -> None:
    chips = STRATEGIES / "short-ai-chips.yaml"

    def run(*more: str) -> tuple[str, str]:
        thesis = read_json(call(chips, *more, "--json", "-").out)["theses"][0]
        return thesis["known_at"], min(fill["fill_at"] for fill in thesis["fills"])

    assert run() == ("2025-01-28T00:00:00Z", "2025-01-28T14:30:00Z")
    assert run("--source", "bloomberg") == ("2025-01-27T10:57:07Z", "2025-01-27T14:30:00Z")


@pytest.mark.parametrize(
    ("option", "value", "allowed", "status"),
    [
        ("--costs", "nonsense", "known are none, institutional, retail", 2),
        ("--costs", "missing.yaml", "cannot be read", 1),
        ("--source", "nonsense", "declared are forexlive, bloomberg, cryptomacro, xtb, quantblog", 2),
        ("--data", "nonsense", "give sample, yahoo, or a .parquet or .csv file", 2),
        ("--data", "missing.parquet", "there is no such file", 1),
        ("--report", "-", "give the name of a file", 2),
    ],
)
def test_a_choice_that_is_not_there_names_what_is(option: str, value: str, allowed: str, status: int) -> None:
    (error,) = refused(STRATEGIES / "hard-assets.yaml", option, value, status=status)
    assert value in error
    assert allowed in error


# What is known beside the bars


def short_thesis(folder: Path, name: str = "s") -> Path:
    """Write a short thesis whose orders the participation cap does not touch."""
    file = folder / f"{name}.yaml"
    file.write_text(
        f"thesis: {name}\nsource: {{publisher: Wire, published: 2025-01-28T00:00Z}}\nshort: {{AAA: 1}}\n"
        "costs: {preset: none, participation: none}\n"
    )
    return file


def test_tables_beside_the_bars_reach_the_run(desk: Path, tmp_path: Path) -> None:
    """AAA cannot be borrowed before the 30th, is recalled on 4 February, and is taken over on the 6th."""
    thesis = short_thesis(tmp_path)
    borrow, recalls, actions = (tmp_path / f"{name}.csv" for name in ("borrow", "recalls", "actions"))
    borrow.write_text("symbol,from,to,tier\nAAA,2025-01-01,2025-01-29,none\nAAA,2025-01-30,,general\n")
    recalls.write_text("symbol,date\nAAA,2025-02-04\n")
    actions.write_text("symbol,date,kind,cash\nAAA,2025-02-06,merger,50\n")
    given = [thesis, "--data", desk / "bars.parquet", "--borrow", borrow, "--actions", actions]

    def fills(*more: str | Path) -> list[tuple[str, str]]:
        found = read_json(call(*given, *more, "--json", "-").out)["theses"][0]["fills"]
        return [(fill["reason"], fill["fill_at"]) for fill in found]

    entry = ("entry", "2025-01-30T14:30:00Z")
    assert fills() == [entry, ("merger", "2025-02-06T14:30:00Z")]
    assert fills("--recalls", recalls) == [entry, ("recall", "2025-02-05T14:30:00Z")]
    told = call("explain", *given, "--recalls", recalls).out
    assert "cannot be borrowed on Tue 28 Jan 2025 (borrow file)" in told
    assert "recalled during Tue 04 Feb 2025" in told
    assert "merger at the open of Thu 06 Feb 2025" in told


def test_check_goes_by_the_tables_too(desk: Path, tmp_path: Path) -> None:
    thesis = short_thesis(tmp_path)
    thesis.write_text(f"{thesis.read_text()}borrow: {{AAA: none}}\n")
    borrow, actions = tmp_path / "borrow.csv", tmp_path / "actions.csv"
    borrow.write_text("symbol,from,tier\nAAA,2025-01-01,special\n")
    actions.write_text("symbol,date,kind,cash\nAAA,2025-01-15,merger,50\n")
    given = ["check", thesis, "--data", desk / "bars.parquet"]
    cannot = f"{thesis}: s: fine, but it cannot run: no tradable leg: AAA"
    assert call(*given).out == f"{cannot} cannot be borrowed (borrow: none)\n"
    assert call(*given, "--borrow", borrow).out == f"{thesis}: s: fine\n"
    assert call(*given, "--borrow", borrow, "--actions", actions).out.startswith(f"{cannot} was delisted or taken over")
    (error,) = refused(*given, "--recalls", actions, "--designated", desk / "none.csv")
    assert error.startswith(f"{desk / 'none.csv'}: there is no such file")
    tables = ["--borrow", borrow, "--recalls", borrow, "--designated", borrow, "--actions", actions]
    assert refused("check", thesis, *tables, status=2) == [
        f"--{name}: is checked on a market, and none is named; give --data too"
        for name in ("borrow", "recalls", "designated", "actions")
    ]


def test_a_hazard_of_recalls_is_said_to_be_simulated(desk: Path, tmp_path: Path) -> None:
    given = [short_thesis(tmp_path), "--data", desk / "bars.parquet", "--json", "-", "--recall-hazard"]

    def run(hazard: str) -> Any:
        return read_json(call(*given, hazard).out)["theses"][0]

    often = run("500:7")
    assert "recall" in [fill["reason"] for fill in often["fills"]]
    assert "recalls are simulated at 500 recalls a year, seed 7" in often["warnings"]
    assert "recalls are simulated at 0.5 recalls a year, seed 0" in run("50%")["warnings"]
    assert not any("recall" in warning for warning in run("0")["warnings"])


def test_every_fault_of_every_table_comes_at_once(desk: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("symbol,date\nAAA,yesterday\n")
    tables = ["--borrow", tmp_path / "none.csv", "--recalls", bad, "--designated", bad, "--actions", bad]
    errors = refused(short_thesis(tmp_path), "--data", desk / "bars.parquet", *tables)
    assert [error.split(";")[0] for error in errors] == [
        f"{tmp_path / 'none.csv'}: there is no such file",
        "bad.csv date: no date from 1980 to 2099 in row 1 (AAA 'yesterday')",
        "bad.csv from: this column is missing",
        "bad.csv to: this column is missing",
        "bad.csv kind: this column is missing",
        "bad.csv cash: this column is missing",
    ]


@pytest.mark.parametrize("hazard", ["often", "-1", "inf", "0.5:", "0.5:-7", "0.5:7.5", "0.5:7:7"])
def test_a_hazard_that_is_none_is_refused(hazard: str) -> None:
    (error,) = refused("--recall-hazard", hazard, status=2)
    remedy = "give recalls a year, and a seed if you like, such as 0.5 or 0.5:7"
    assert error == f"--recall-hazard: {hazard!r} is no RATE[:SEED]; {remedy}"


def test_capacity_shows_the_curve_and_where_it_ends(args: list[str], desk: Path, tmp_path: Path) -> None:
    shown = call("capacity", *args, "--json", tmp_path / "c.json")
    assert (shown.status, shown.err) == (0, "")
    assert re.search(r"^t$", shown.out, re.MULTILINE)
    assert re.search(r"Crossings\s+edge of the idea: [+-]\d", shown.out)
    document = read_json((tmp_path / "c.json").read_text())
    assert set(document) == {"version", "command", "data", "capacities", "not_measured"}
    (curve,) = document["capacities"]
    assert [point["capital"] for point in curve["points"]][:3] == [1e5, pytest.approx(316_227.766), 1e6]
    assert curve["points"][2]["net_return"] == read_json(call(*args, "--json", "-").out)["theses"][0]["net_return"]
    assert (curve["half"] is None or curve["gone"] is None) is (curve["reason"] is not None)
    assert read_json(call("capacity", *args, "--json", "-").out)["capacities"] == [curve]
    assert call("capacity", *args, "--quiet") == Ran(0, "", "")


def test_capacity_of_what_does_not_trade_is_told(desk: Path) -> None:
    early = ["--data", desk / "early.parquet"]
    (error,) = refused("capacity", desk / "t.yaml", *early)
    assert error.startswith("t: nothing of it trades: no tradable leg: AAA, BBB")
    assert refused("capacity", desk / "t.yaml", "--data", "nonsense", status=2)


# Checks of the result


def test_a_passed_audit_and_cross_check_say_what_they_did(args: list[str], desk: Path) -> None:
    said = " ".join(call(*args, "--audit", "--cross-check").out.split())
    assert "Audit: with the future scrambled after each decision and fill, no decision, fill or ledger row" in said
    assert "Cross-check: the same fills through vectorbt.Portfolio give the same equity (1 of 1)." in said
    nothing = call(desk / "t.yaml", "--data", desk / "early.parquet", "--cross-check").out
    assert "give the same equity (0 of 1)." in nothing
    assert "Not cross-checked: t: no fill." in nothing
    assert "Audit" not in nothing


def test_a_leak_is_an_error_and_nothing_is_shown_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit repeats the run that was asked for, not the thesis's own."""
    seen = []

    def leaky(item: Any, market: Any, *, runner: Any) -> Audit:
        seen.append(runner(item, market))
        at = datetime.fromisoformat("2025-01-28T14:30Z")
        return Audit(item.name, (at,), (Leak(at, "a fill appeared"), Leak(at, "the ledger's nav changed")))

    monkeypatch.setattr(deepshock.experiment, "audit", leaky)
    (tmp_path / "r.json").write_text("kept")
    asked = ["--source", "bloomberg", "--capital", "70000", "--costs", "none", "--json", tmp_path / "r.json"]
    assert refused(STRATEGIES / "short-ai-chips.yaml", "--audit", *asked) == [
        f"short-ai-chips: audit: 2025-01-28 14:30:00Z: {what}; a past that changes with its future has read it"
        for what in ("a fill appeared", "the ledger's nav changed")
    ]
    assert (tmp_path / "r.json").read_text() == "kept"
    assert (seen[0].plan.capital, seen[0].plan.costs.name) == (7e4, "none")
    assert f"{seen[0].plan.known_at:%d %H:%M:%S}" == "27 10:57:07"


def test_an_equity_that_vectorbt_does_not_confirm_is_an_error(args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deepshock.bridge, "cross_check", lambda result: CrossCheck(False, 0.25, ("dividends",)))
    (error,) = refused(*args, "--cross-check")
    assert error.startswith("t: cross-check: largest difference 0.25 of capital; left out: dividends; ")


# Usage


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--nope"], "No such option"),
        (["--data"], "requires an argument"),
        (["schema", "extra"], "unexpected extra argument"),
        (["--start", "2025-13-01"], "'2025-13-01' is no date; write 2025-01-27"),
        (["--end", "yesterday"], "'yesterday' is no date; write 2025-01-27"),
        (["--capital", "much"], "--capital"),
        (["--capital", "-5"], "--capital: -5 is not an amount; give a positive number"),
        (["--capital", "0"], "--capital: 0 is not an amount"),
        (["--capital", "nan"], "--capital: nan is not an amount"),
        (["--capital", "inf"], "--capital: inf is not an amount"),
        (["explain", "--capital", "-5"], "--capital: -5 is not an amount"),
        (["--start", "2025-02-01", "--end", "2025-01-31"], "--start: 2025-02-01 is after --end 2025-01-31"),
        (["--json", "missing/r.json"], "--json: the folder missing is not there"),
        (["--report", "missing/r.html"], "--report: the folder missing is not there"),
        (["schema", "--to", "missing/s.json"], "--to: the folder missing is not there"),
        (["--json", "."], "--json: . is a folder"),
        (["--json", "both", "--report", "both"], "--report: both is written by --json already"),
        (["--json", "pipe"], "--json: pipe is not an ordinary file"),
        (["--report", "pipe"], "--report: pipe is not an ordinary file"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_usage_errors_exit_with_2_before_anything_is_read(
    given: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe stands for all that writing to a new file and moving it there would destroy, such as /dev/null."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    ran = call(*given)
    assert (ran.status, ran.out) == (2, "")
    assert said in " ".join(ran.err.split())
    assert [path.is_fifo() for path in tmp_path.iterdir()] == [True]


def test_all_usage_errors_come_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    dates = ["--start", "2025-02-01", "--end", "2025-01-31"]
    given = ["missing.yaml", "--capital", "-5", *dates, "--json", "no/r.json", "--report", "no/r.html"]
    assert [error.split(":")[0] for error in refused(*given, status=2)] == [
        "--capital", "--start", "--json", "--report",
    ]  # fmt: skip


# Files that are written


def test_what_a_run_reads_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--json t.yaml` is what one types who forgets a word."""
    monkeypatch.chdir(tmp_path)
    write_thesis(tmp_path)
    bars().to_csv("bars.csv")
    Path("mine.yaml").write_text("preset: retail\n")
    Path("link.json").symlink_to("t.yaml")
    Path("recalls.csv").write_text("symbol,date\nAAA,2025-02-04\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for output in ("t.yaml", "./t.yaml", "link.json", "bars.csv", "mine.yaml"):
        for option in ("--json", "--report"):
            assert refused("t.yaml", "--data", "bars.csv", "--costs", "mine.yaml", option, output, status=2) == [
                f"{option}: {output} is read by this run; give another name".replace("./", "")
            ]
    assert refused("t.yaml", "--recalls", "recalls.csv", "--json", "recalls.csv", status=2)
    assert refused("capacity", "t.yaml", "--actions", "recalls.csv", "--json", "recalls.csv", status=2)
    assert refused(".", "--json", "t.yaml", status=2)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_failing_run_leaves_an_older_file_as_it_was(desk: Path, tmp_path: Path) -> None:
    older, bad = tmp_path / "r.json", write_thesis(tmp_path, "bad", "exti: 5\n")
    older.write_text("kept")
    refused(bad, "--json", older)
    refused(desk / "t.yaml", "--data", desk / "others.parquet", "--json", older)
    refused(desk / "t.yaml", "--data", desk / "bars.parquet", "--costs", "nonsense", "--json", older, status=2)
    assert older.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.yaml", "r.json"]


def test_a_write_that_fails_halfway_leaves_the_older_file_and_no_rubbish(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "r.json"
    older.write_text("kept")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert refused(*args, "--json", older, status=2) == [
        f"{older}: cannot be written: No space left on device; choose another place"
    ]
    assert (older.read_text(), list(tmp_path.iterdir())) == ("kept", [older])


def test_a_file_keeps_its_permissions_and_a_link_its_place(args: list[str], tmp_path: Path) -> None:
    kept, link, new = tmp_path / "kept.json", tmp_path / "link.json", tmp_path / "new.json"
    kept.write_text("old")
    kept.chmod(0o600)
    link.symlink_to(kept)
    mask = os.umask(0o027)
    try:
        assert call(*args, "--quiet", "--json", link).status == 0
        assert call(*args, "--quiet", "--json", new).status == 0
    finally:
        os.umask(mask)
    assert link.is_symlink()
    assert read_json(kept.read_text())["theses"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, new)] == [0o600, 0o640]


# Processes and their streams


def test_progress_is_for_a_terminal_and_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    """The interrupt comes while the audit is seen to be under way; standard output stays free of it."""
    pytest.importorskip("pty")
    (tmp_path / "r.json").write_text("kept")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "deepshock.backtest", "--audit", "--json", "r.json"]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": theirs, "preexec_fn": heed_interrupts}
    with subprocess.Popen(command, cwd=tmp_path, env=environ({"TERM": "xterm"}), **streams) as running:
        os.close(theirs)
        seen = b""
        while b"auditing" not in seen:
            seen += os.read(ours, 1024)
        running.send_signal(signal.SIGINT)
        while True:
            try:
                seen += os.read(ours, 1024)
            except OSError:  # the other end is closed
                break
        out = running.communicate(timeout=60)[0]
    os.close(ours)
    # Python ends itself by the signal, which a shell shows as 130 too, where that came inside of exec().
    assert running.returncode in (130, -signal.SIGINT)
    assert b"reading the market" in seen
    assert (out, b"Traceback" in seen) == (b"", False)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.json", "kept")]


def test_a_reader_that_leaves_is_no_fault(args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = process(*args, stdout=writing)
    os.close(writing)
    assert (ran.status, ran.err) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no full device")
@pytest.mark.parametrize("more", [[], ["--json", "-"]], ids=["table", "json"])
def test_a_full_disk_is_told_in_one_line(args: list[str], more: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ran = process(*args, *more, stdout=full)
    assert (ran.status, ran.errors) == (1, ["No space left on device"])


def test_an_old_terminal_gets_question_marks(args: list[str]) -> None:
    ran = process(*args, env={"PYTHONIOENCODING": "ascii"})
    assert (ran.status, ran.err) == (0, "")
    assert "Sharpe ? se" in ran.out
    assert ran.out.isascii()


def test_the_width_follows_the_terminal(args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, call(*args).out.splitlines())) <= 60
    monkeypatch.delenv("COLUMNS")
    assert 100 < max(map(len, call(*args).out.splitlines())) <= 160


def test_the_installed_command_is_this_one() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'deepshock = "deepshock.backtest:main"' in project


# Law


def test_law_shows_what_binds_a_trade_with_its_source() -> None:
    said = " ".join(call("law", "XHKG", "--on", "2025-01-28", "--class", "stock").out.split())
    assert "XHKG, trades of 2025-01-28" in said
    for words in (
        "stamp duty both 0.1 % of value",
        "CCASS settlement fee",
        "2021-01-01 to 2025-06-29",
        "HKEX settlement",
    ):
        assert words in said
    assert "etf" not in said.replace("Inland Revenue: transfers of ETF shares are exempt", "")
    assert "0.13 % of value" in " ".join(call("law", "XHKG", "--on", "2023-11-16", "--class", "stock").out.split())


def test_law_goes_by_settlement_where_the_law_does() -> None:
    """The French tax rose for what settles from 1 April 2025; a trade of 28 March settles on that day."""
    args = ("law", "XPAR", "--on", "2025-03-28", "--class", "stock")
    assert "0.4 % of value" in call(*args).out
    assert "settle on 2025-04-01" in call(*args).out
    assert "0.3 % of value" in call(*args, "--settles", "2025-03-31").out


def test_law_that_is_not_on_file_names_the_nearest() -> None:
    errors = refused("law", "XHKG", "--on", "2019-01-01", "--class", "stock")
    assert all("no row covers a trade on 2019-01-01" in error and "nearest" in error for error in errors)
    (error,) = refused("law", "XXXX", "--on", "2025-01-01")
    assert "no rows for venue 'XXXX'; there are XHKG, US" in error
    (error,) = refused("law", "XHKG", "--on", "2025-01-28", "--class", "bond")
    assert "no rows for class 'bond'; it has etf, stock" in error

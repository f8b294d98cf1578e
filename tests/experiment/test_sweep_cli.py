"""``deepshock sweep``: what it reads, what it prints, how it refuses, and how it goes on after an interrupt."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from terminal import Ran, call, environ, heed_interrupts, refused

import deepshock as ds
from deepshock.experiment.over import read_over

from .made import bars

THESIS = """\
thesis: pair
source: {publisher: Wire, published: 2025-01-28T00:00Z}
long: {AAA: 2, BBB: 1}
short: {CCC: 1}
"""
OVER = ["--over", "exit.hold=5,10,none", "--over", "enter.lag=0:3"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with bars and a thesis on them."""
    folder = tmp_path_factory.mktemp("desk")
    bars("AAA", "BBB", "CCC", "DDD").to_parquet(folder / "bars.parquet")
    (folder / "pair.yaml").write_text(THESIS, "utf-8")
    return folder


@pytest.fixture
def args(desk: Path) -> list[str]:
    return ["sweep", str(desk / "pair.yaml"), "--data", str(desk / "bars.parquet")]


@pytest.fixture
def swept(desk: Path) -> ds.Sweep:
    """Return the sweep of the tests, made in Python."""
    thesis = ds.load(desk / "pair.yaml")
    over: dict[str, Any] = {"exit.hold": [5, 10, None], "enter.lag": range(4)}
    return ds.sweep(thesis, ds.market_for(thesis, desk / "bars.parquet"), over)


# What is varied

READ = {
    "exit.hold=5,10,none": {"exit.hold": [5, 10, None]},
    "enter.lag=0:10": {"enter.lag": list(range(11))},
    "enter.lag=0:10:4": {"enter.lag": [0, 4, 8]},
    "enter.lag=3:1,7": {"enter.lag": [3, 2, 1, 7]},
    "gross=0.1:0.5:0.1": {"gross": [0.1, 0.2, 0.3, 0.4, 0.5]},
    "exit.stop=1%:3%:1%,none": {"exit.stop": ["1%", "2%", "3%", None]},
    "exit.stop,exit.target=5%|10%,none|0.2": {("exit.stop", "exit.target"): [("5%", "10%"), (None, 0.2)]},
    "sources.wire.zones=[UTC],[UTC, Asia/Tokyo]": {"sources.wire.zones": [["UTC"], ["UTC", "Asia/Tokyo"]]},
    "hedge=none,{beta to: SPY, via: SPY}": {"hedge": [None, {"beta to": "SPY", "via": "SPY"}]},
    "note='a, b',c": {"note": ["a, b", "c"]},
    "source.published=2025-01-27 19:00Z,2025-01-28": {"source.published": ["2025-01-27 19:00Z", "2025-01-28"]},
    " exit.hold = 5 , 10 ": {"exit.hold": [5, 10]},
}


@pytest.mark.parametrize("text", READ)
def test_what_is_varied_is_read(text: str) -> None:
    assert read_over([text]) == READ[text]


REFUSED = {
    "exit.hold": "names no values of a path; write for example 'exit.hold=5,10,20', 'enter.lag=0:10' or 'exit.stop,",
    "=5": "names no path; write for example",
    "exit.hold=": "has an empty place among its values; leave out the comma, or write none",
    "exit.hold=5,,6": "has an empty place among its values",
    "a,b=1|2,3": "'3' is not 2 values; give one for each of the 2 tied paths, with | between",
    "a,=1|2": "names no path",
    "a=1:9:0": "'1:9:0' never arrives; give a step",
    "a=1:9:-1": "'1:9:-1' never arrives; write for example 9:1",
    "a=1:9%": "'1:9%' mixes percentages and numbers; write for example 1%:10%:1%",
    "a=0:99999999": "'0:99999999' is 100,000,000 values; give a larger step: 1,000,000 values at most",
    "a=[x, y": "'[x, y' cannot be read; close every bracket and quote",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ds.UsageError) as caught:
        read_over([text])
    (fault,) = caught.value.faults
    assert fault.where == f"--over {text!r}"
    assert f"{fault.problem}; {fault.remedy}".startswith(REFUSED[text])


def test_a_path_stands_once() -> None:
    with pytest.raises(ds.UsageError, match=r"'exit.hold' stands twice; give all its values at one place"):
        read_over(["exit.hold=5", "exit.hold=10"])


# What is printed


def test_the_spread_is_shown_and_the_best_with_what_stands_beside_it(args: list[str], swept: ds.Sweep) -> None:
    ran = call(*args, *OVER, "--executor", "serial")
    assert (ran.status, ran.err) == (0, "")
    net = swept.rows["net_return"]
    gains = f"{(net > 0).mean():.1%}"
    assert f"pair: {len(net)} of 12 variants traded, {gains} of them with a gain" in ran.out
    assert re.search(r"12 run in \d+\.\d s, [\d,]+ a second", ran.out)
    line = next(line for line in ran.out.splitlines() if line.startswith("net return"))
    assert line.split()[2:] == [f"{net.quantile(q):+.2%}" for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    medians = swept.frame["net_return"].groupby("exit.hold").median()
    for label, key in (("5", 5), ("none", "none")):
        assert re.search(rf" {label} +{re.escape(f'{medians[key]:+.2%}')} +4\n", ran.out)
    best = swept.best()
    assert ran.out.count(f"{best.row['net_return']:+.2%}") >= 1
    assert [line.strip() for line in str(best).splitlines() if line.strip() and line.strip() not in ran.out] == []
    assert "never quote the best without what stands beside it" in ran.out
    assert "SIMULATED" not in ran.out


def test_simulated_data_are_called_simulated(tmp_path: Path) -> None:
    (tmp_path / "gold.yaml").write_text(
        "thesis: gold\nsource: {publisher: W, published: 2025-01-28T00:00Z}\nlong: [GLD]\n"
    )
    ran = call("sweep", tmp_path / "gold.yaml", "--over", "exit.hold=5,10")
    assert ran.out.splitlines()[0].count("SIMULATED") == 2
    assert "How the variants are spread (SIMULATED data)" in ran.out


def test_what_did_not_trade_is_counted_by_its_reason(args: list[str]) -> None:
    ran = call(*args, "--over", "gross=1,-1,-2", "--over", "exit.hold=5,10", "--over", "long=[AAA],[DDD],[ZZZ]")
    assert ran.status == 0
    assert "pair: 4 of 18 variants traded" in ran.out
    assert re.search(r"  6 variants: gross: '-1' is out of range", ran.out)
    assert re.search(r"  2 variants: .*ZZZ", ran.out)


def test_many_values_of_a_parameter_are_shown_at_even_distances(args: list[str]) -> None:
    ran = call(*args, "--over", "exit.hold=1:40")
    assert "exit.hold (40 values)" in ran.out
    shown = re.findall(r"^(?:exit\.hold \(40 values\))? +(\d+) +\S+% ", ran.out, re.MULTILINE)
    assert (len(shown), shown[0], shown[-1]) == (14, "1", "40")


def test_json_says_the_same_and_each_key_is_described(args: list[str], swept: ds.Sweep, tmp_path: Path) -> None:
    ran = call(*args, *OVER, "--to", tmp_path / "sweep", "--json", "-")
    document = json.loads(ran.out)
    found = document["sweep"]
    assert (found["name"], found["variants"], found["traded"], found["reasons"]) == ("pair", 12, 12, [])
    assert (found["run"], found["folder"], found["rows_drawn"]) == (12, str(tmp_path / "sweep"), None)
    assert found["quantiles"]["net_return"]["50%"] == swept.rows["net_return"].median()
    medians = swept.frame["net_return"].groupby("enter.lag").median()
    assert [line["net_return"] for line in found["medians"]["enter.lag"]] == medians.tolist()
    assert found["best"] == swept.best().document()
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
    keys = [*document, *found, *found["medians"]["enter.lag"][0], "reason"]
    assert [key for key in keys if f"`{key}`" not in page] == []
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "sweep")[["net_return"]], swept.rows[["net_return"]].reset_index(drop=True)
    )


def test_quiet_prints_nothing_and_looks_for_no_best(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ds.Sweep, "best", lambda *given, **more: pytest.fail("was looked for"))
    assert call(*args, *OVER, "--to", tmp_path / "sweep", "--quiet") == Ran(0, "", "")
    assert len(list(tmp_path.glob("sweep/part-*"))) == 1


def test_a_large_sweep_is_looked_over_by_a_random_part_of_it(swept: ds.Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("deepshock.experiment.overview")
    monkeypatch.setattr(module, "MOST", 6)
    found = module.overview(swept)
    assert 0 < found.drawn < 12
    assert (found.variants, found.traded) == (12, 12)
    assert found.document()["rows_drawn"] == found.drawn


# What is refused


def test_wrong_input_is_one_line_each_and_exit_status_2(args: list[str], desk: Path, tmp_path: Path) -> None:
    assert refused(*args, status=2) == ["--over: nothing is varied; write for example --over 'exit.hold=5,10,20'"]
    assert refused(*args, "--over", "exit.hld=5", status=2) == [
        "over: 'exit.hld' is not a path: there is no word 'hld' there; did you mean exit.hold?"
    ]
    assert refused("sweep", desk, "--resume", "--capital", "-1", status=2) == [
        "--capital: -1 is not an amount; give a positive number, such as 1000000",
        f"{desk}: is a folder; give one thesis or book file",
        "--over: nothing is varied; write for example --over 'exit.hold=5,10,20'",
        "--resume: needs the folder of the sweep; give --to DIR too",
    ]
    assert refused(*args, *OVER, "--executor", "treads", status=2) == [
        "executor: 'treads' is none; did you mean threads?"
    ]
    assert refused(*args, *OVER, "--sample", "13", status=2) == [
        "sample: 13 variants cannot be drawn from 12; give at most 12, or leave it out for all"
    ]
    assert refused(*args, *OVER, "--to", desk, status=2) == [
        f"{desk}: holds bars.parquet, pair.yaml, and no sweep; choose an empty folder, or a new one"
    ]
    assert refused("swep", args[1], status=2) == ["swep: is neither a command nor a file; did you mean sweep?"]
    assert os.listdir(tmp_path) == []


def test_where_nothing_trades_it_says_why(args: list[str]) -> None:
    assert refused(*args, "--over", "exit.hold=five") == [
        "pair: none of 1 variants traded: exit.hold: 'five' is not a whole number from 1 to 10000; "
        "write for example 20 sessions. (1)"
    ]


# What goes on


def test_resume_is_asked_for_and_goes_on(args: list[str], tmp_path: Path) -> None:
    to = ["--to", str(tmp_path / "sweep"), "--chunk", "5"]
    first = call(*args, *OVER, *to)
    told = f"{tmp_path / 'sweep'}: holds this sweep, 3 of 3 parts done; go on with resume=True (--resume), or choose"
    assert refused(*args, *OVER, *to, status=2)[0].startswith(told)
    next(tmp_path.glob("sweep/part-*1.parquet")).unlink()
    again = call(*args, *OVER, *to, "--resume")
    assert "\n5 run in " in again.out
    assert again.out.splitlines()[3:] == first.out.splitlines()[3:]
    assert "\nnone was left to run, in " in call(*args, *OVER, *to, "--resume").out
    assert refused(*args, *OVER, "--over", "gross=1,2", *to, "--resume", status=2)[0].startswith(
        f"{tmp_path / 'sweep'}: holds another sweep: grid is not the same: gross"
    )


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("executor", ["threads", "dask"])
def test_an_interrupt_says_how_to_go_on(args: list[str], tmp_path: Path, executor: str) -> None:
    if executor == "dask":
        pytest.importorskip("distributed")
    to = tmp_path / "sweep"
    given = [*args, "--over", "exit.hold=1:200", "--over", "enter.lag=0:99", "--over", "exit.stop=1%:10%:1%"]
    given += ["--to", str(to), "--chunk", "500", "--executor", executor, "--workers", "1"]
    command = [sys.executable, "-m", "deepshock.backtest", *given]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    streams |= {"start_new_session": True, "preexec_fn": heed_interrupts}
    running = subprocess.Popen(command, env=environ(), **streams)
    limit = time.monotonic() + 120.0
    while len(list(to.glob("part-*"))) < 3 and time.monotonic() < limit and running.poll() is None:
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("interrupted; go on with: python -m deepshock.backtest sweep ")
    assert err.splitlines()[-1].endswith(" --resume")
    assert "Traceback" not in err
    parts = len(list(to.glob("part-*.parquet")))
    assert 3 <= parts < 400


def test_an_interrupt_while_the_best_is_looked_for_says_how_to_go_on(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ds.Sweep, "best", interrupted)
        ran = call(*args, *OVER, "--to", tmp_path / "sweep")
    assert (ran.status, ran.out) == (130, "")
    assert ran.err.startswith("interrupted; go on with: ")
    assert "none was left to run" in call(*args, *OVER, "--to", tmp_path / "sweep", "--resume").out


def test_an_interrupt_without_a_folder_says_that_nothing_is_kept(
    args: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("deepshock.experiment"), "sweep", interrupted)
    ran = call(*args, *OVER)
    assert (ran.status, ran.out) == (130, "")
    assert ran.err == "interrupted; nothing was kept: with --to DIR a sweep can go on where it was\n"

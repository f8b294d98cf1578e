"""Tries are counted: each variant once, from several processes at once, whatever happens to the file."""

from __future__ import annotations

import errno
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from terminal import ROOT, Ran, bars, call, environ, refused, write_thesis

import deepshock as ds
from deepshock.cost import CostSet, Slippage
from deepshock.experiment.pace import Pace
from deepshock.pipeline import conclude
from deepshock.plan import Settings, account_of, build
from deepshock.registry import RUN, SWEEP, Registry, Sharpes, Trial, digest, lines, pooled
from deepshock.registry.variant import RESOLVED, SAID

WIRE = {"publisher": "Wire", "published": "2025-01-28T00:00Z"}
OVER: dict[Any, Any] = {"exit.hold": [21, 25, 30], "enter.lag": range(3)}


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return ds.Market.load(bars())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trials.jsonl"


def thesis(**words: Any) -> ds.Thesis:
    return ds.Thesis(**{"name": "pair", "source": WIRE, "long": {"AAA": 1}, "short": {"BBB": 2}, **words})


def run(item: ds.Thesis | ds.Book, market: ds.Market, file: Path, **how: Any) -> ds.Result:
    return ds.run(item, market, registry=file, **how)


def trial(number: int = 0, **words: Any) -> Trial:
    return Trial(**{"kind": RUN, "name": "x", "market": "m", "simulated": False, "variant": f"{number}", **words})


def total(file: Path) -> int:
    counts, note = Registry(file).counts()
    assert not note
    return sum(count.total for count in counts)


# What is the same try, and what is another one

SOURCES = {"wire": WIRE, "paper": {"publisher": "Paper", "published": "2025-01-27T19:00-05:00"}}
VOTE = {"at": "2025-02-20", "known": "2025-01-02"}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "order of legs": ({"long": {"AAA": 1, "BBB": 3}, "short": {}}, {"long": {"BBB": 3, "AAA": 1}, "short": {}}),
    "parts": ({"long": {"AAA": 2, "BBB": 6}, "short": {}}, {"long": {"AAA": "25%", "BBB": "75%"}, "short": {}}),
    "versus": ({}, {"short": {}, "versus": {"BBB": 2}}),
    "order of words": ({"exit": {"stop": "8%", "hold": 30}}, {"exit": {"hold": "30 sessions", "stop": 0.08}}),
    "what is usual anyway": ({}, {"enter": "next open", "exit": {"hold": 20}, "gross": "100%", "margin": "reg-t"}),
    "quote": ({}, {"source": {**WIRE, "quote": "it will all be different"}}),
    "texts": ({}, {"title": "A pair", "note": "mine", "counter": ["no"], "contradicts": ["other"], "proxy": True}),
    "what proves it wrong": ({}, {"wrong_if": ["drawdown > 8%"]}),
    "benchmark": ({}, {"benchmark": "AAA"}),
    "alternatives": ({}, {"alternatives": {"later": {"enter.lag": 1}}}),
    "news": ({}, {"news": "2025-01-20T00:00Z"}),
    "capital": ({}, {"capital": "50_000 USD"}),
    "costs by another name": ({"costs": {"half-spread.bps": 2}}, {"costs": {"half-spread.bps": "2.0"}}),
    "source of the same instant": (
        {"sources": SOURCES, "source": {"from": "wire"}},
        {"sources": SOURCES, "source": {"from": "paper"}},
    ),
    "event that no rule names": ({}, {"events": {"vote": VOTE}}),
    "what an event is": (
        {"events": {"vote": VOTE}, "exit": {"before": "vote"}},
        {"events": {"vote": {**VOTE, "what": "A vote.", "source": "the press"}}, "exit": {"before": "vote"}},
    ),
}
OTHER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "side": ({"long": {"AAA": 1}, "short": {}}, {"long": {}, "short": {"AAA": 1}}),
    "weight": ({}, {"short": {"BBB": 3}}),
    "leg": ({}, {"short": {}}),
    "hold": ({}, {"exit": {"hold": 21}}),
    "stop": ({}, {"exit": {"hold": 20, "stop": "30%"}}),
    "entry": ({}, {"enter": "next close"}),
    "gross": ({}, {"gross": "99%"}),
    "neutral": ({}, {"neutral": "dollar"}),
    "costs": ({}, {"costs": "retail"}),
    "one figure of costs": ({}, {"costs": {"half-spread.bps": 2}}),
    "margin": ({}, {"margin": "none"}),
    "uptick": ({}, {"uptick": "wait"}),
    "tier": ({}, {"borrow": {"BBB": "special"}}),
    "currency": ({}, {"capital": "1_000_000 EUR"}),
    "fractional": ({}, {"fractional": True}),
    "withholding": ({}, {"withholding": "15%"}),
    "instant": ({}, {"source": {**WIRE, "latency": "1d"}}),
    "event": (
        {"events": {"vote": VOTE}, "exit": {"before": "vote"}},
        {"events": {"vote": {**VOTE, "at": "2025-02-21"}}, "exit": {"before": "vote"}},
    ),
    "trust": (
        {"events": {"vote": VOTE}, "claims": {"vote": "2025-02-24"}, "exit": {"before": "vote"}},
        {"events": {"vote": VOTE}, "claims": {"vote": "2025-02-24"}, "exit": {"before": "vote"}, "trust": "claim"},
    ),
    "benchmark that beta is measured to": (
        {"neutral": "beta", "benchmark": "AAA"},
        {"neutral": "beta", "benchmark": "BBB"},
    ),
}


def variant(words: dict[str, Any]) -> str:
    item = thesis(**words)
    account = account_of(item, Settings())
    return digest([(item, item.known(), 1.0)], account.costs, account.margin, account.currency)


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_what_trades_alike_is_one_try(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = map(variant, pair)
    assert first == second


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER)
def test_what_trades_otherwise_is_another_try(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = map(variant, pair)
    assert first != second


def test_every_word_of_a_thesis_is_known_to_trade_or_not() -> None:
    """A new word has to be put on one side: what is in neither list counts as another try."""
    trades = {
        "weighting",
        "neutral",
        "gross",
        "enter",
        "exit",
        "hedge",
        "uptick",
        "borrow",
        "fractional",
        "withholding",
    }
    assert set(ds.Thesis.model_fields) == trades | SAID | RESOLVED


def test_costs_are_what_they_charge_and_not_what_they_are_called(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("preset: institutional\n")
    same = [thesis(), thesis(costs=str(tmp_path / "mine.yaml"))]
    assert account_of(same[0], Settings()).costs.name != account_of(same[1], Settings()).costs.name
    assert variant({}) == variant({"costs": str(tmp_path / "mine.yaml")})
    (tmp_path / "mine.yaml").write_text("preset: institutional\nslippage.bps: 9\n")
    assert variant({}) != variant({"costs": str(tmp_path / "mine.yaml")})


def test_costs_made_of_lists_are_counted_too(market: ds.Market, file: Path) -> None:
    for bps in (1.0, 2.0, 1.0):
        run(thesis(), market, file, costs=CostSet("mine", [Slippage(bps)]))  # type: ignore[arg-type]
    assert total(file) == 2


# What is counted


def test_distinct_variants_count_once_and_a_process_writes_each_once(market: ds.Market, file: Path) -> None:
    for words in ({}, {"note": "again"}, {"exit": {"hold": 25}}, {"long": {"AAA": 3}}, {}):
        run(thesis(**words), market, file)
    run(thesis(), market, file, capital=5e4)
    run(thesis(), market, file, costs="institutional")
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.sensitivities, found.sweep_variants, found.total) == (3, 0, 0, 3)
    assert (found.name, found.market, found.simulated) == ("pair", market.name, False)
    assert (found.where, found.note) == (str(file), "")
    assert len(file.read_text().splitlines()) == 3
    assert found == ds.tries(thesis(note="whatever"), market, registry=Registry(file))


def test_another_name_or_market_is_counted_by_itself(market: ds.Market, file: Path) -> None:
    sample = ds.Market.load("sample", symbols=["GLD", "NVDA"])
    gold = thesis(long={"GLD": 1}, short={"NVDA": 1})
    for item, where in ((thesis(), market), (thesis(name="other"), market), (gold, sample)):
        run(item, where, file)
    counts, _ = Registry(file).counts()
    told = [(count.name, count.market, count.simulated, count.total) for count in counts]
    assert told == [
        ("other", "DataFrame", False, 1),
        ("pair", "DataFrame", False, 1),
        ("pair", "sample (SIMULATED)", True, 1),
    ]
    assert ds.tries("nobody", market, registry=file).total == 0


def test_a_book_is_what_its_theses_are_together(market: ds.Market, file: Path) -> None:
    late = thesis(name="late", enter={"lag": 3})
    for members in ([(thesis(), 2), (late, 1)], [(late, 1), (thesis(title="A pair"), 2)], [(late, 1), (thesis(), 1)]):
        run(ds.Book.of("both", members), market, file)
    assert ds.tries("both", market, registry=file).runs == 2
    assert total(file) == 2


def test_the_ratio_is_of_one_observation_and_is_known_from_twenty_on(market: ds.Market, file: Path) -> None:
    """Under `none` there is no policy rate to take off: the ratio is that of the changes of NAV."""
    result = run(thesis(exit={"hold": 25}), market, file, costs="none")
    nav = np.array([result.ledger.capital, *result.ledger.nav])
    returns = nav[1:] / nav[:-1] - 1.0
    found = ds.tries("pair", market, registry=file)
    assert found.sharpe_mean == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-9)
    assert (found.n_sharpes, math.isnan(found.sharpe_variance)) == (1, True)
    assert json.loads(file.read_text())["n_obs"] == len(returns) > 20
    run(thesis(exit={"hold": 5}), market, file, costs="none")
    assert ds.tries("pair", market, registry=file).total == 2
    assert ds.tries("pair", market, registry=file).sharpes == found.sharpes


def test_sensitivities_are_a_kind_of_their_own_until_they_are_run(market: ds.Market, file: Path) -> None:
    """Rule 201 is a rule compared: its settings count for nothing."""
    changes = {"longer": {"exit.hold": 25}, "as it is": {"gross": 1}, "impossible": {"long.ZZZ": 1}}
    item = thesis(alternatives=changes)
    (result,) = ds.compare([item], market, registry=file)
    assert [one.group for one in result.sensitivities].count("Rule 201") == 4
    assert [one.reason for one in result.sensitivities].count("") == 6
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.sensitivities, found.n_sharpes) == (1, 1, 2)
    run(thesis(exit={"hold": 25}), market, file)
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.sensitivities, found.n_sharpes) == (2, 0, 2)


def test_nothing_else_counts(market: ds.Market, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSHOCK_REGISTRY", str(file))
    assert ds.audit(thesis(), market).passed
    ds.capacity(thesis(long={"AAA": 1}, short={}), market, grid=[1e5, 1e6])
    conclude(build(thesis(), market), market)
    early = thesis(source={**WIRE, "published": "2026-01-28T00:00Z"})
    assert not ds.run(early, market).ledger.fills  # nothing was tried
    ds.sweep(thesis(), market, OVER, registry=False).replay(0)
    ds.run(thesis(), market, registry="off")
    assert not file.exists()
    ds.run(thesis(), market)
    assert total(file) == 1


# Sweeps


def test_a_sweep_counts_each_variant_that_traded(market: ds.Market, file: Path) -> None:
    """Its ratios are pooled with those of single runs as if all of them stood in one list."""
    made = ds.sweep(thesis(), market, {**OVER, "gross": [1, 2, -1]}, registry=file)
    singles = [run(thesis(enter={"lag": lag}, exit={"hold": 40}), market, file) for lag in (0, 5)]
    ran = [made.replay(number) for number in range(len(made)) if not made.rows["reason"][number]] + singles
    known = [one.performance for one in ran if not math.isnan(one.performance.sharpe)]
    ratios = [one.sharpe / math.sqrt(252.0) for one in known]
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.sweep_variants, found.total) == (2, 18, 20)
    assert found.n_sharpes == len(ratios) == 20
    assert found.sharpe_mean == pytest.approx(np.mean(ratios), rel=1e-12)
    assert found.sharpe_variance == pytest.approx(np.var(ratios, ddof=1), rel=1e-9)


SWEPT: dict[str, tuple[Any, dict[Any, Any], int]] = {
    "again": (thesis(), OVER, 9),
    "in another order": (thesis(), {"enter.lag": [2, 0, 1], "exit.hold": [30, 21, 25]}, 9),
    "of the thesis with another of its values": (thesis(exit={"hold": 25}, enter={"lag": 2}), OVER, 9),
    "of the thesis told otherwise": (thesis(note="again"), OVER, 9),
    "of another thesis": (thesis(gross=0.5), OVER, 18),
    "that overlaps": (thesis(), {**OVER, "enter.lag": range(4)}, 21),
}


@pytest.mark.parametrize("name", SWEPT)
def test_the_same_sweep_counts_once(name: str, market: ds.Market, file: Path) -> None:
    item, over, expected = SWEPT[name]
    ds.sweep(thesis(), market, OVER, registry=file)
    ds.sweep(item, market, over, registry=file)
    assert ds.tries("pair", market, registry=file).sweep_variants == expected


def test_samples_of_one_grid_are_sweeps_of_their_own(market: ds.Market, file: Path) -> None:
    for seed in (1, 2, 1):
        ds.sweep(thesis(), market, OVER, sample=4, seed=seed, registry=file)
    assert total(file) == 8


def test_a_sweep_whose_first_variant_cannot_be_is_known_by_one_that_traded(market: ds.Market, file: Path) -> None:
    for item in (thesis(), thesis(), thesis(exit={"hold": 30})):
        ds.sweep(item, market, {"gross": [-1, 1, 2]}, registry=file)
    assert total(file) == 4


def test_an_interrupted_sweep_counts_what_was_made_and_a_resumed_one_the_whole(
    market: ds.Market, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepshock.experiment.pace.TELL_EVERY", 0.0)

    def stop(pace: Pace) -> None:
        if pace.done >= 5:
            raise KeyboardInterrupt

    how: dict[str, Any] = {"to": tmp_path / "sweep", "chunk": 2, "executor": "serial", "registry": file}
    with pytest.raises(KeyboardInterrupt):
        ds.sweep(thesis(), market, OVER, progress=stop, **how)
    assert ds.tries("pair", market, registry=file).sweep_variants == len(list(tmp_path.glob("sweep/part-*"))) * 2 > 0
    ds.sweep(thesis(), market, OVER, resume=True, **how)
    assert ds.tries("pair", market, registry=file).sweep_variants == 9
    in_memory = tmp_path / "in-memory.jsonl"
    ds.sweep(thesis(), market, OVER, registry=in_memory)
    both = [ds.tries("pair", market, registry=each) for each in (file, in_memory)]
    assert both[0].n_sharpes == both[1].n_sharpes == 9
    assert both[0].sharpes[1:] == pytest.approx(both[1].sharpes[1:], rel=1e-12)


def test_pooling_is_what_one_list_gives() -> None:
    chance = np.random.default_rng(5)
    for _ in range(50):
        parts = [chance.normal(chance.normal(), 2.0, size) for size in chance.integers(0, 6, 5)]
        whole = np.concatenate(parts)
        each = [
            Sharpes(len(p), *((p.mean(),) if len(p) else ()), *((p.var(ddof=1),) if len(p) > 1 else ())) for p in parts
        ]
        n, mean, variance = pooled(each)
        assert n == len(whole)
        if n > 1:
            assert (mean, variance) == pytest.approx((whole.mean(), whole.var(ddof=1)), rel=1e-12)


# Several processes

WRITER = """
import sys
from deepshock.registry import Registry, Trial
file, who = Registry(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    file.record(Trial("run", "x", "m", False, f"{who}-{number}"))
    print(number, flush=True)
"""


def writer(file: Path, who: str, n: int) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a process that writes so many tries; return where it says "ready", and then of each that it is written."""
    said = file.with_name(f"{who}.txt")
    command = [sys.executable, "-c", WRITER, str(file), who, str(n)]
    with said.open("wb") as stream:
        return subprocess.Popen(command, env=environ(), stdout=stream), said


def wait_for(said: Path, n_lines: int) -> None:
    limit = time.monotonic() + 60.0
    while said.read_bytes().count(b"\n") < n_lines:
        assert time.monotonic() < limit
        time.sleep(0.001)


def test_several_processes_lose_nothing(file: Path) -> None:
    running = [writer(file, f"{who}", 300)[0] for who in range(4)]
    assert [one.wait(timeout=120) for one in running] == [0] * 4
    trials, note = Registry(file).read()
    assert note == ""
    assert {one.variant for one in trials} == {f"{who}-{number}" for who in range(4) for number in range(300)}
    assert len(trials) == 1200


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_kill_9_loses_nothing_that_was_written(file: Path) -> None:
    """What a process has said that it wrote is there when it is gone, and the others go on."""
    chance, written = random.Random(7), 0
    steady, _ = writer(file, "steady", 3000)
    for death in range(5):
        doomed, said = writer(file, f"{death}", 1_000_000)
        wait_for(said, 2)
        time.sleep(chance.uniform(0.0, 0.02))
        os.kill(doomed.pid, signal.SIGKILL)
        assert doomed.wait(timeout=60) == -signal.SIGKILL
        written += said.read_bytes().count(b"\n") - 1
    assert steady.wait(timeout=120) == 0
    Registry(file).record(trial())
    trials, note = Registry(file).read()
    assert note == ""
    found = {one.variant for one in trials}
    assert found >= {f"steady-{number}" for number in range(3000)}
    assert 0 <= len(found) - 3000 - 1 - written <= 5  # one of each that it had no time to say


def test_runs_of_several_processes_meet_in_one_count(tmp_path: Path, file: Path) -> None:
    """What one ran by itself, and the other as a sensitivity, is one try."""
    bars().to_parquet(tmp_path / "bars.parquet")
    words = {"five": "exit: {hold: 5}\n", "nine": "exit: {hold: 9}\nalternatives: {five: {exit.hold: 5}}\n"}
    paths = [write_thesis(tmp_path, "t", more).rename(tmp_path / f"{name}.yaml") for name, more in words.items()]
    how = ["--quiet", "--data", str(tmp_path / "bars.parquet"), "--registry", str(file)]
    both = [[sys.executable, "-m", "deepshock.backtest", str(path), *how] for path in paths]
    running = [subprocess.Popen(command, env=environ()) for command in both]
    assert [one.wait(timeout=120) for one in running] == [0, 0]
    (count,), note = Registry(file).counts()
    assert (count.name, count.market, count.runs, count.total, note) == ("t", "bars.parquet", 2, 2, "")
    assert len(file.read_text().splitlines()) == 3


# What may happen to the file

DAMAGED: dict[str, bytes] = {
    "no JSON": b"<<<<<<< mine",
    "half a line": trial(5).line()[:-30],
    "no text": b"\xff\xfe\x00",
    "no mapping": b"[1, 2]",
    "a word is missing": trial(5).line().replace(b"variants", b"varants"),
    "another kind": trial(5, kind="walk").line(),
    "no name": trial(5, name=None).line(),
    "no number": trial(5, variants="1").line(),
    "a negative number": trial(5, n_obs=-1).line(),
    "true is no number": trial(5, kind=SWEEP, variants=True).line(),
    "more than one run": trial(5, variants=2).line(),
    "more ratios than variants": trial(5, sharpes=Sharpes(2, 0.1, 0.1)).line(),
    "a ratio that is none": trial(5, sharpes=Sharpes(1)).line(),
    "a variance that is none": trial(5, kind=SWEEP, variants=3, sharpes=Sharpes(3, 0.1, -0.1)).line(),
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("line", DAMAGED.values(), ids=DAMAGED)
def test_a_line_that_cannot_be_read_is_told_and_the_others_count(line: bytes, file: Path) -> None:
    file.write_bytes(b"\n".join([trial(1).line(), line, b"", trial(2).line(), b""]))
    (count,), note = Registry(file).counts()
    assert count.total == 2
    assert note == count.note == f"1 line of {file} cannot be read, and are not counted"


def test_keys_of_a_later_version_are_left_aside(file: Path) -> None:
    file.write_bytes(json.dumps({**json.loads(trial().line()), "mood": "good"}).encode())
    assert total(file) == 1


def test_a_torn_last_line_costs_itself_and_the_next_begins_a_new_one(market: ds.Market, file: Path) -> None:
    run(thesis(), market, file)
    with file.open("ab") as stream:
        stream.write(trial(5).line()[:40])
    assert ds.tries("pair", market, registry=file).note == f"1 line of {file} cannot be read, and are not counted"
    run(thesis(exit={"hold": 5}), market, file)
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.note) == (2, f"1 line of {file} cannot be read, and are not counted")
    assert [line.count(b"{") for line in file.read_bytes().splitlines()] == [1, 1, 1]


def test_a_whole_last_line_without_its_end_counts(file: Path) -> None:
    file.write_bytes(trial(1).line())
    Registry(file).record(trial(2))
    assert total(file) == 2


def test_a_full_disk_stops_no_run_and_nothing_is_lost_once_there_is_room(
    market: ds.Market, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, data: write(handle, data[:25]))
        for hold in (5, 21):
            assert run(thesis(exit={"hold": hold}), market, file).ledger.fills
        found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.n_sharpes) == (2, 1)
    why = f"2 counted in the memory of this process alone, because {file} cannot be written: No space left on device"
    assert found.note == f"2 lines of {file} cannot be read, and are not counted; {why}"
    run(thesis(exit={"hold": 9}), market, file)
    found = ds.tries("pair", market, registry=file)
    assert (found.runs, found.note) == (3, f"2 lines of {file} cannot be read, and are not counted")


def test_where_nothing_can_be_written_tries_are_counted_in_memory(market: ds.Market, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    file = tmp_path / "no-folder" / "trials.jsonl"
    assert run(thesis(), market, file).ledger.fills
    run(thesis(exit={"hold": 5}), market, file)
    found = ds.tries("pair", market, registry=file)
    assert found.total == 2
    assert f"2 counted in the memory of this process alone, because {file} cannot be written: Not a dir" in found.note
    other = subprocess.run(
        [sys.executable, "-c", f"from deepshock.registry import Registry as R; print(R({str(file)!r}).counts()[0])"],
        env=environ(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert other.stdout == "()\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may do everything can write everywhere")
def test_a_read_only_folder_stops_no_run(market: ds.Market, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert run(thesis(), market, tmp_path / "trials.jsonl").ledger.fills
    finally:
        tmp_path.chmod(0o700)
    found = ds.tries("pair", market, registry=tmp_path / "trials.jsonl")
    assert (found.total, "Permission denied" in found.note) == (1, True)


def test_without_a_home_nothing_is_written_anywhere(
    market: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody knows the user's home, its sign stays what it is: a relative path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEEPSHOCK_REGISTRY")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *name, **more: Path("~/.local/state/deepshock"))
    ds.run(thesis(name="homeless"), market)
    assert "cannot be written: there is no home folder" in ds.tries("homeless", market).note
    assert ds.tries("homeless", market).total == 1
    assert os.listdir(tmp_path) == []


def test_a_lock_that_nobody_gives_back_stops_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PATIENCE", 0.05)
    Registry(file).record(trial(1))
    handle = os.open(file, os.O_RDWR)
    try:
        lines._lock(handle)
        began = time.monotonic()
        Registry(file).record(trial(2))
        assert time.monotonic() - began >= 0.05
        assert total(file) == 2
    finally:
        os.close(handle)


def test_without_the_lock_nobody_is_overwritten(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process writes between the look at the end of the file and the write."""

    def meanwhile(handle: int) -> bool:
        with file.open("ab") as other:
            other.write(trial(1).line() + b"\n")
        return False

    def lock(handle: int) -> None:
        raise OSError(errno.ENOLCK, "this file system has none")

    monkeypatch.setattr(lines, "_is_torn", meanwhile)
    monkeypatch.setattr(lines, "_lock", lock)
    Registry(file).record(trial(2))
    assert total(file) == 2


def test_who_comes_waits_for_who_writes(file: Path) -> None:
    """A writer that holds the lock, and is in the middle of a line, is not taken for a dead one."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    lines._lock(handle)
    os.write(handle, trial(1).line()[:30])
    late, said = writer(file, "late", 1)
    wait_for(said, 1)
    time.sleep(lines.PATIENCE / 5)
    os.write(handle, trial(1).line()[30:] + b"\n")
    lines._unlock(handle)
    os.close(handle)
    assert late.wait(timeout=60) == 0
    assert total(file) == 2


# Where it is


def test_the_default_is_a_file_of_the_user(market: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPSHOCK_REGISTRY")
    monkeypatch.setattr("platformdirs.user_state_path", lambda name, **more: tmp_path / "state" / name)
    ds.run(thesis(), market)
    assert ds.tries("pair", market).where == str(tmp_path / "state" / "deepshock" / "trials.jsonl")
    assert total(tmp_path / "state" / "deepshock" / "trials.jsonl") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_on_linux_the_default_is_where_states_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPSHOCK_REGISTRY")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Registry().path == tmp_path / ".local" / "state" / "deepshock" / "trials.jsonl"


def test_the_environment_and_the_argument_say_where(
    market: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSHOCK_REGISTRY", str(tmp_path / "new" / "env.jsonl"))
    monkeypatch.chdir(tmp_path)
    ds.run(thesis(), market)
    ds.run(thesis(gross=0.5), market, registry="here.jsonl")
    monkeypatch.chdir(ROOT)
    ds.run(thesis(gross=0.7), market, registry=ds.Registry(tmp_path / "here.jsonl"))
    assert (total(tmp_path / "new" / "env.jsonl"), total(tmp_path / "here.jsonl")) == (1, 2)


@pytest.mark.parametrize("how", ["environment", "argument", "false"])
def test_off_counts_nothing_and_says_so(
    how: str, market: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if how == "environment":
        monkeypatch.setenv("DEEPSHOCK_REGISTRY", "off")
    registry: Any = {"environment": None, "argument": "off", "false": False}[how]
    ds.run(thesis(), market, registry=registry)
    ds.sweep(thesis(), market, OVER, registry=registry)
    found = ds.tries("pair", market, registry=registry)
    assert (found.total, found.where, found.note) == (0, "off", "the registry is off, and counts nothing")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("given", [5, True, "", 0.5])
def test_what_is_no_registry_is_refused_before_anything_runs(given: Any, market: ds.Market) -> None:
    for call_it in (
        lambda: ds.run(thesis(), market, registry=given),
        lambda: ds.sweep(thesis(), market, OVER, registry=given),
        lambda: ds.compare([thesis()], market, registry=given),
        lambda: ds.tries("pair", market, registry=given),
    ):
        with pytest.raises(ds.UsageError, match=rf"^registry: {given!r} is no file; give a path, 'off', or None"):
            call_it()


# The command line


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder with bars and two theses."""
    bars().to_parquet(tmp_path / "bars.parquet")
    write_thesis(tmp_path, "t", "alternatives: {longer: {exit.hold: 25}}\n")
    write_thesis(tmp_path, "u")
    return tmp_path


def counted(desk: Path, *args: str | Path) -> Ran:
    return call(*args, "--data", desk / "bars.parquet", "--registry", desk / "trials.jsonl", "--quiet")


def test_the_command_line_counts_and_shows_the_count(desk: Path) -> None:
    file = desk / "trials.jsonl"
    assert counted(desk, desk / "t.yaml", "--audit") == Ran(0, "", "")
    assert counted(desk, "sweep", desk / "t.yaml", "--over", "exit.hold=21,22,23") == Ran(0, "", "")
    assert counted(desk, desk / "t.yaml", "--source", "nobody").status == 2
    ran = call("tries", "--registry", file)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"registry {file}\n")
    assert re.search(r"^t +bars\.parquet +1 +1 +3 +5 +5 +[+-]\d\.\d{3} +\d\.\d{3}$", ran.out, re.MULTILINE)
    assert "Not complete" not in ran.out
    document = json.loads(call("tries", "--registry", file, "--json", "-").out)
    expected = Registry(file).counts()[0][0]
    assert document["tries"] == [expected.document()]
    assert (expected.runs, expected.sensitivities, expected.sweep_variants) == (1, 1, 3)
    assert (document["registry"], document["note"], document["not_tried"]) == (str(file), None, [])
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    one = document["tries"][0]
    assert [key for key in (*document, *one, *one["sharpes"]) if f"`{key}`" not in page] == []


def test_what_is_asked_for_is_shown_and_what_was_never_tried(desk: Path) -> None:
    file = desk / "trials.jsonl"
    counted(desk, desk / "t.yaml")
    Registry(file).record(trial())
    shown = call("tries", desk / "t.yaml", desk / "u.yaml", "--registry", file, "--json", desk / "tries.json")
    assert re.search(r"^t +bars\.parquet ", shown.out, re.MULTILINE)
    assert not re.search(r"^x ", shown.out, re.MULTILINE)
    assert "Not tried\n  u: no variant of it is counted" in shown.out
    document = json.loads((desk / "tries.json").read_text())
    assert ([one["name"] for one in document["tries"]], document["not_tried"]) == (["t"], ["u"])
    assert call("tries", "--registry", file, "--quiet") == Ran(0, "", "")
    assert re.search(r"^x +m +1 +0 +0 +1 +0 +n/a +n/a$", call("tries", "--registry", file).out, re.MULTILINE)


def test_the_table_says_what_it_lacks_and_what_is_simulated(desk: Path) -> None:
    file = desk / "trials.jsonl"
    Registry(file).record(trial(1, market="walks", simulated=True))
    with file.open("ab") as stream:
        stream.write(b"{")
    shown = " ".join(call("tries", "--registry", file).out.split())
    assert "x walks (SIMULATED) 1 0 0 1" in shown
    assert f"Not complete 1 line of {file} cannot be read, and are not counted" in shown
    assert "no tries Not complete the registry is off" in " ".join(call("tries", "--registry", "off").out.split())


def test_off_on_the_command_line_counts_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSHOCK_REGISTRY", str(desk / "trials.jsonl"))
    args = [desk / "t.yaml", "--data", desk / "bars.parquet", "--quiet"]
    assert call(*args, "--registry", "off", "--audit", "--cross-check") == Ran(0, "", "")
    assert call("sweep", *args, "--over", "exit.hold=5,6", "--registry", "off") == Ran(0, "", "")
    assert call("capacity", *args) == Ran(0, "", "")
    assert not (desk / "trials.jsonl").exists()
    assert call(*args) == Ran(0, "", "")
    assert total(desk / "trials.jsonl") == 2


def test_a_file_that_cannot_be_used_is_refused_like_any_other(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    args = [["t.yaml"], ["sweep", "t.yaml", "--over", "exit.hold=5"]]
    for given, said in {
        "missing/r.jsonl": "the folder missing is not there or cannot be written; make it first",
        ".": ". is a folder; give the name of a file in it",
        "t.yaml": "t.yaml is read by this run; give another name",
        "-": "this is not written to standard output; give the name of a file",
    }.items():
        for command in args:
            assert refused(*command, "--data", "bars.parquet", "--registry", given, status=2) == [f"--registry: {said}"]
    assert refused("t.yaml", "--json", "both", "--registry", "both", status=2) == [
        "--registry: both is written by --json already; give another name"
    ]
    assert refused("tries", "--registry", "none.jsonl", status=2) == [
        "--registry: there is no file none.jsonl; name one"
    ]
    Path("r.jsonl").write_bytes(trial().line())
    assert refused("tries", "--registry", "r.jsonl", "--json", "r.jsonl", status=2) == [
        "--json: r.jsonl is read by this run; give another name"
    ]
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: Path(path).name != "r.jsonl" and access(path, mode))
    assert refused("t.yaml", "--data", "bars.parquet", "--registry", "r.jsonl", status=2) == [
        "--registry: r.jsonl cannot be read and written; choose another file"
    ]


def test_no_test_writes_into_the_home() -> None:
    assert Registry().path == Path(os.environ["DEEPSHOCK_REGISTRY"])
    assert "deepshock-tests-" in str(Registry().path)

"""A sweep has a row for every variant, each that of a run to the bit; it survives what kills it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.experiment.columns import NOTHING_FILLED
from deepshock.experiment.grid import Grid
from deepshock.experiment.memory import free_memory
from deepshock.experiment.pace import Pace, Teller
from deepshock.experiment.sizing import measured
from deepshock.experiment.storage import Folder

from .made import SOURCE, assert_is, bars, book, market, thesis

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

OVER: dict[Any, Any] = {
    "enter.lag": range(4),
    ("exit.stop", "exit.target"): [(None, None), ("3%", 0.05)],
    "exit.hold": [5, 21, None],
    "costs.half-spread.bps": [2, 7.5],
}


@pytest.fixture(scope="module")
def desk() -> ds.Market:
    return market()


@pytest.fixture(scope="module")
def made(desk: ds.Market) -> ds.Sweep:
    return ds.sweep(thesis(), desk, OVER)


def faults_of(desk: ds.Market, over: Any = OVER, item: Any = None, **more: Any) -> list[str]:
    with pytest.raises(ds.DeepshockError) as caught:
        ds.sweep(item or thesis(), desk, over, **more)
    return [str(fault) for fault in caught.value.faults]


# Rows


def test_each_row_is_that_of_a_run_to_the_bit(made: ds.Sweep, desk: ds.Market) -> None:
    assert len(made) == len(made.frame) == 48
    for number in range(48):
        assert_is(made.rows.loc[number], ds.run(thesis().vary(made.grid.change(number)), desk))
    assert (made.rows["reason"] == "").all()
    assert made.rows["net_return"].nunique() > 24


BOOKS: dict[str, dict[Any, Any]] = {
    "rules": {"enter.lag": [0, 2], "exit.hold": [3, 30], "gross": [0.5, 1.5]},
    "one": {"late.exit.stop": [None, "2%"], "pair.gross": [0.3, 1], "late.enter.at": ["open", "close"]},
    "account": {"capital": ["10_000 USD", "1_000_000 USD"], "costs": ["none", "retail"], "margin": ["reg-t", "none"]},
}


@pytest.mark.parametrize("name", BOOKS)
def test_each_row_of_a_book_is_that_of_a_run(desk: ds.Market, name: str) -> None:
    swept = ds.sweep(book(), desk, BOOKS[name])
    for number in range(len(swept)):
        assert_is(swept.rows.loc[number], swept.replay(number))


def test_knowledge_and_legs_are_varied_too(desk: ds.Market) -> None:
    wires = {
        "wire": {"publisher": "Wire", "published": "2025-01-27 19:00", "zones": ["UTC"]},
        "paper": {"publisher": "Paper", "published": "2025-02-03T12:00Z"},
    }
    item = thesis(sources=wires, source={"from": "wire"})
    over = {
        "source.from": ["wire", "paper"],
        "sources.wire.zones": [["UTC"], ["UTC", "America/New_York"]],
        "long.AAA": [1, 5],
        "hedge": [None, {"beta to": "BBB", "via": "BBB"}],
    }
    swept = ds.sweep(item, desk, over)
    for number in range(len(swept)):
        assert_is(swept.rows.loc[number], ds.run(item.vary(swept.grid.change(number)), desk))
    late = swept.frame.xs("paper")["net_return"].groupby(["long.AAA", "hedge"]).nunique()
    assert (late == 1).all()  # the zones of another source do not matter


AXES: dict[Any, list[Any]] = {
    "enter.lag": [0, 1, 4],
    "enter.at": ["open", "close"],
    "enter.within": [1, 5],
    "exit.hold": [2, 12, None],
    ("exit.stop", "exit.trailing"): [(None, None), ("4%", None), (None, "6%")],
    "exit.target": [None, "5%"],
    "exit.drawdown": [None, "2%"],
    "gross": [0.4, 1.7],
    "costs": ["none", "retail", "institutional"],
    "costs.participation": ["none", "1%"],
    "margin": ["reg-t", "none"],
    "uptick": ["passive", "wait", "ignore"],
    "capital": ["20_000 EUR", "3_000_000 USD", "-1 USD"],
    "fractional": [True, False],
    "neutral": ["none", "dollar"],
    "weighting": ["equal", "inverse-vol"],
}


@pytest.mark.parametrize("seed", range(16))
def test_generated_sweeps_of_random_worlds_are_runs_of_their_variants(seed: int) -> None:
    """Venues, currencies, hedges, missing bars, recalls, mergers: whatever a world has; some variants cannot be."""
    random, world = Random(seed), make_world(1000 + seed)
    over = {path: AXES[path] for path in random.sample(list(AXES), 4)}
    size = len(Grid.of(over))
    swept = ds.sweep(account_of(world.words, world.shares), market_of(world), over, sample=min(8, size), seed=seed)
    for number, (_, row) in enumerate(swept.frame.iterrows()):
        result, reason = attempted(swept, number)
        assert row["reason"] == reason
        if result is None:
            assert np.isnan(row["net_return"])
        else:
            assert_is(row, result)


def attempted(swept: ds.Sweep, number: int) -> tuple[ds.Result | None, str]:
    """Return the run of a variant, and why it did not trade; None where it cannot run."""
    try:
        result = swept.replay(number)
    except ds.DeepshockError as error:
        return None, "; ".join(map(str, error.faults))
    if result.plan.reason:
        return None, result.plan.reason
    return result, "" if result.ledger.fills else NOTHING_FILLED


def test_settings_hold_for_every_variant(desk: ds.Market) -> None:
    swept = ds.sweep(thesis(), desk, {"exit.hold": [5, 10]}, capital=50_000.0, costs="retail")
    for number, hold in enumerate((5, 10)):
        again = ds.run(thesis().vary({"exit.hold": hold}), desk, capital=50_000.0, costs="retail")
        assert_is(swept.rows.loc[number], again)


def test_the_frame_is_labelled_and_typed(made: ds.Sweep) -> None:
    frame = made.frame
    assert frame.index.names == ["enter.lag", "exit.stop", "exit.target", "exit.hold", "costs.half-spread.bps"]
    assert frame.loc[(1, "3%", 0.05, "none", 7.5), "fills"] == frame.iloc[23]["fills"]
    assert list(frame.columns[:18]) == [
        *("net_return", "gross_return", "excess_return", "sharpe", "sharpe_se", "sortino", "volatility"),
        *("max_drawdown", "exposure", "turnover", "hit_rate", "worst_leg", "worst_leg_return", "n_obs", "fills"),
        *("margin_calls", "open_at_end", "reason"),
    ]
    assert list(frame.columns[18:]) == [
        f"cost: {name}"
        for name in (
            *("commission", "half-spread", "slippage", "impact", "SEC section 31 fee", "FINRA trading activity fee"),
            *("borrow", "FX conversion"),
        )
    ]
    assert set(frame.dtypes.astype(str)) == {"float64", "int64", "bool", "str"}
    assert (made.rows.index == pd.RangeIndex(48)).all()
    assert made.rows.index.name == "variant"


def test_what_is_done_to_a_frame_stays_with_it(made: ds.Sweep) -> None:
    frame = made.frame
    frame["net_return"] = 0.0
    frame.iloc[0, 1] = 5.0
    assert made.rows["net_return"].all()
    assert made.rows["gross_return"][0] != 5.0


def test_variants_that_cannot_be_are_rows_with_a_reason(desk: ds.Market) -> None:
    over = {"gross": [1, -1, 2000], "long": [["AAA"], ["ZZZ"]]}
    rows = ds.sweep(thesis(), desk, over).rows
    assert rows["reason"].str.contains("gross").tolist() == [False, False, True, True, True, True]
    assert rows["reason"][0] == ""
    assert "ZZZ" in rows["reason"][1]
    figures = rows.drop(columns=["reason", "worst_leg", "n_obs", "fills", "margin_calls", "open_at_end"])
    assert figures.loc[0].notna().sum() >= 10
    assert figures.loc[1:].isna().all(axis=None)
    assert (rows.loc[1:, ["n_obs", "fills", "margin_calls"]] == 0).all(axis=None)
    assert (rows.loc[1:, "worst_leg"] == "").all()


def test_a_variant_that_ran_and_filled_nothing_made_nothing(desk: ds.Market) -> None:
    swept = ds.sweep(thesis(), desk, {"capital": ["1 USD", "100_000 USD"]})
    nothing, something = (swept.rows.loc[number] for number in range(2))
    assert (nothing["reason"], something["reason"]) == (NOTHING_FILLED, "")
    assert not nothing[["net_return", "gross_return", "max_drawdown", "cost: commission", "fills"]].any()
    assert np.isnan([nothing["sharpe"], nothing["hit_rate"], nothing["worst_leg_return"]]).all()
    assert nothing["worst_leg"] == ""
    replayed = swept.replay(0)
    assert_is(nothing, replayed)
    assert replayed.ledger.unfilled


def test_before_the_first_policy_rate_there_is_no_excess_return() -> None:
    """The rates on file begin on 16 March 2020; a run refuses what begins before."""
    desk = ds.Market.load(bars("AAA", first="2019-11-04", n=160))
    item = thesis(long={"AAA": 1}, short={}, source={**SOURCE, "published": "2020-03-10T00:00Z"}, costs="none")
    rows = ds.sweep(item, desk, {"enter.lag": [0, 10]}).rows
    assert rows["reason"].tolist() == ["no policy rate of USD is on file for the day of its first fill", ""]
    assert rows["net_return"].isna().tolist() == [True, False]
    with pytest.raises(ds.CostError, match="no rate is known"):
        ds.run(item, desk)


def test_a_sample_is_part_of_the_grid(made: ds.Sweep, desk: ds.Market) -> None:
    some = ds.sweep(thesis(), desk, OVER, sample=11, seed=3)
    pd.testing.assert_frame_equal(some.frame, made.frame.loc[some.frame.index], check_exact=True)
    assert "drawn from 48" in repr(some)


# Replay


def test_replay_takes_a_number_labels_or_values(made: ds.Sweep) -> None:
    label = made.frame.index[23]
    named = {"enter.lag": 1, "exit.stop": "3%", "exit.target": 0.05, "exit.hold": None, "costs.half-spread.bps": 7.5}
    for variant in (23, np.int64(23), label, named):
        assert_is(made.rows.loc[23], made.replay(variant))
    for wrong, told in ((48, "there are 48"), (-1, "there are 48"), ((1, 2), "give its number"), ("x", "give its")):
        with pytest.raises(ds.UsageError, match=told):
            made.replay(wrong)
    with pytest.raises(ds.UsageError, match=r"variant exit.hold: 6 is not varied; there is 5; 21; none"):
        made.replay({**named, "exit.hold": 6})


def test_replay_of_one_that_cannot_run_says_what_its_row_says(desk: ds.Market) -> None:
    swept = ds.sweep(thesis(), desk, {"gross": [1, -1]})
    with pytest.raises(ds.ThesisError) as caught:
        swept.replay(1)
    assert str(caught.value) == swept.rows["reason"][1]


# What is refused


def test_wrong_input_is_told_before_anything_runs(desk: ds.Market, tmp_path: Path) -> None:
    assert faults_of(desk, {"exit.hld": [5]}) == [
        "over: 'exit.hld' is not a path: there is no word 'hld' there; did you mean exit.hold?"
    ]
    assert faults_of(desk, {}) == ["over: {} names nothing to vary; write {'exit.hold': [5, 10]}"]
    assert faults_of(desk, chunk=0) == ["chunk: 0 is no number of variants; give a whole number from 1"]
    assert faults_of(desk, resume=True) == ["resume: needs the folder of the sweep; give to=... as well"]
    assert faults_of(desk, executor="treads", workers=0) == [
        "executor: 'treads' is none; did you mean threads?",
        "workers: 0 is no number of workers; give a whole number from 1",
    ]
    assert faults_of(desk, executor=7)[0].startswith("executor: 7 is none; give 'serial', 'threads', 'dask', or a")
    assert faults_of(desk, executor="serial", workers=2) == ["workers: has no effect with serial; leave it out"]
    assert "NUMBA_NUM_THREADS" in faults_of(desk, workers=4096)[0]
    assert faults_of(desk, capital=1e5, costs="none", over={"capital": ["1 USD"], "costs.impact.y": [1]}) == [
        "over 'capital': capital is given for all variants; leave capital out, or do not vary it",
        "over 'costs.impact.y': costs is given for all variants; leave costs out, or do not vary it",
    ]
    assert os.listdir(tmp_path) == []


def test_what_does_not_fit_says_so_before_it_starts(
    desk: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = {"enter.lag": range(1000), "exit.hold": range(1, 1001), "exit.stop": [n / 1e4 for n in range(1, 9000)]}
    monkeypatch.setattr("deepshock.experiment.memory.free_memory", lambda: 8_000_000_000)
    (told,) = faults_of(desk, huge)
    assert told.startswith("variants: 8,999,000,000 of them need 2,")
    assert told.endswith(
        "GB of memory and 8.0 GB are free; stream them into a folder with to=... (--to), draw a sample, or vary less"
    )
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 2_500_000_000})())
    (told,) = faults_of(desk, huge, to=tmp_path / "sweep")
    assert "GB and the disk has 2.5 GB free; vary less, draw a sample, make room, or choose another disk" in told
    assert os.listdir(tmp_path) == []


def test_free_memory_is_the_least_that_system_or_container_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def says(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(f"{text}\n", "ascii")

    monkeypatch.setattr("deepshock.experiment.memory._MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr("deepshock.experiment.memory._CGROUP", tmp_path)
    says(meminfo="MemTotal:   9000 kB\nMemAvailable:   3000 kB", memory_max="2000000", memory_current="500000")
    assert free_memory() == 1_500_000
    says(memory_current="2000001")  # it was over for a moment
    assert free_memory() == 0
    says(memory_max="max")  # a container without a limit
    assert free_memory() == 3_072_000
    (tmp_path / "meminfo").unlink()
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}.__getitem__)
    assert free_memory() == 4_096_000  # all there is, where nobody says what is available
    monkeypatch.delattr("os.sysconf")
    assert free_memory() is None


# Folders


def test_a_folder_holds_the_same_rows_and_the_values_of_each_path(
    made: ds.Sweep, desk: ds.Market, tmp_path: Path
) -> None:
    told: list[Pace] = []
    swept = ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", chunk=10, progress=told.append)
    pd.testing.assert_frame_equal(swept.frame, made.frame, check_exact=True)
    assert (told[-1].done, told[-1].total, told[-1].resumed) == (48, 48, 0)
    assert told[-1].rate > 0.0
    assert (told[-1].left, told[-1].text()[-6:]) == (0.0, "s left")
    assert [len(part) for part in swept.scan()] == [10, 10, 10, 10, 8]
    pd.testing.assert_frame_equal(pd.concat(swept.scan(["fills"])), made.frame[["fills"]], check_exact=True)
    read = pd.read_parquet(tmp_path / "sweep")
    assert read["exit.stop"].value_counts().to_dict() == {"none": 24, "3%": 24}
    assert read["costs.half-spread.bps"].unique().tolist() == ["2", "7.5"]
    np.testing.assert_array_equal(read["net_return"], made.rows["net_return"])
    assert str(tmp_path) in repr(swept)
    assert_is(swept.rows.loc[31], swept.replay(31))


def test_a_folder_is_read_part_by_part_where_memory_is_short(
    desk: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = ds.sweep(thesis(), desk, {"enter.lag": range(40)}, to=tmp_path / "sweep", chunk=10)
    monkeypatch.setattr("deepshock.experiment.memory.free_memory", lambda: 10_000)
    with pytest.raises(ds.UsageError, match=r"are free; read them part by part with scan\(\)"):
        len(swept.frame)
    assert [len(part) for part in swept.scan(["net_return"])] == [10, 10, 10, 10]
    with pytest.raises(ds.UsageError, match=r"columns: no 'net_retrun'; did you mean net_return or"):
        next(swept.scan(["net_retrun"]))


def test_resume_does_what_is_missing_and_nothing_else(desk: ds.Market, tmp_path: Path) -> None:
    whole = ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", chunk=10)
    assert isinstance(whole.made, Folder)
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("sweep/*") if "000002" not in path.name}
    whole.made.part(2).unlink()
    told: list[Pace] = []
    again = ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", resume=True, progress=told.append)
    pd.testing.assert_frame_equal(again.frame, whole.frame, check_exact=True)
    assert (told[0].resumed, told[-1].done) == (38, 48)
    assert {name: (tmp_path / "sweep" / name).stat().st_mtime_ns for name in kept} == kept
    ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", resume=True, progress=lambda pace: pytest.fail("ran again"))


def test_another_sweep_is_told_by_what_differs(desk: ds.Market, tmp_path: Path) -> None:
    to = tmp_path / "sweep"
    ds.sweep(thesis(), desk, OVER, to=to, chunk=10)
    here = f"{to}: holds another sweep: "
    assert faults_of(desk, to=to) == [
        f"{to}: holds this sweep, 5 of 5 parts done; go on with resume=True (--resume), or choose another folder"
    ]
    assert faults_of(desk, {**OVER, "enter.lag": range(3)}, to=to, resume=True) == [
        f"{here}grid is not the same: enter.lag; choose another folder",
        f"{here}n_variants was 48 and is 36; choose another folder",
    ]
    assert faults_of(market("AAA", "BBB", "CCC", "DDD"), to=to, resume=True)[0].startswith(f"{here}market was ")
    assert faults_of(desk, item=thesis(gross=0.9), to=to, resume=True)[0].startswith(f"{here}thesis was ")
    assert faults_of(desk, to=to, resume=True, capital=5e5) == [
        f"{here}settings is not the same: capital; choose another folder"
    ]
    assert faults_of(desk, to=to, resume=True, chunk=7) == [f"{here}chunk was 10 and is 7; choose another folder"]
    (tmp_path / "mine.txt").write_text("x")
    assert faults_of(desk, to=tmp_path) == [
        f"{tmp_path}: holds mine.txt, sweep, and no sweep; choose an empty folder, or a new one"
    ]


def test_what_a_market_says_is_part_of_it_and_where_it_lies_is_not(tmp_path: Path) -> None:
    from deepshock.market.fingerprint import fingerprint

    frame = bars("AAA", "BBB")
    for name in ("a", "b"):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    first = fingerprint(ds.Market.load(tmp_path / "a.parquet"))
    assert fingerprint(ds.Market.load(tmp_path / "b.parquet")) == first
    frame.loc[7, "close"] *= 1.0 + 1e-12
    lent = pd.DataFrame({"symbol": ["AAA"], "from": ["2025-01-02"], "tier": ["special"]})
    ended = pd.DataFrame({"symbol": ["AAA"], "date": ["2025-03-03"], "kind": ["merger"], "cash": [50.0]})
    others = [
        ds.Market.load(frame),
        ds.Market.load(tmp_path / "a.parquet", symbols=["AAA"]),
        ds.Market.load(tmp_path / "a.parquet", lending=ds.Lending.load(borrow=lent)),
        ds.Market.load(tmp_path / "a.parquet", lending=ds.Lending.load(hazard=ds.Hazard(0.5, 1))),
        ds.Market.load(tmp_path / "a.parquet", actions=ended),
        ds.Market.load(tmp_path / "a.parquet").scrambled(1_738_000_000_000_000_000, 1),
    ]
    assert len({first, *map(fingerprint, others)}) == 7


def test_a_cost_file_that_was_changed_makes_another_sweep(desk: ds.Market, tmp_path: Path) -> None:
    costs = tmp_path / "mine.yaml"
    costs.write_text("preset: retail\nhalf-spread.bps: 2\n")
    over = {"costs": [str(costs), "none"]}
    ds.sweep(thesis(), desk, over, to=tmp_path / "sweep")
    costs.write_text("preset: retail\nhalf-spread.bps: 3\n")
    assert "holds another sweep: thesis was" in faults_of(desk, over, to=tmp_path / "sweep", resume=True)[0]


def test_a_part_takes_a_few_seconds_at_most(desk: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepshock.experiment.sizing._seconds_each", lambda work: work.cost)
    expected = {1e-7: (50_000, 2_000), 1e-3: (5_000, 2_000), 3e-3: (1_000, 1_000), 1.0: (500, 500)}
    for cost, sizes in expected.items():
        work: Any = SimpleNamespace(grid=range(1_000_000), cost=cost)
        assert (measured(work, None), measured(work, 100)) == sizes
    few: Any = SimpleNamespace(grid=range(300), cost=1.0)
    assert measured(few, 4) == 300


# What ends a sweep too early

# Runs the sweep of the tests in a child, which is killed once so many parts are there.
DRIVER = """
import os, random, signal, sys, time
from pathlib import Path
import deepshock as ds
from experiment.made import market, thesis
from experiment.test_sweep import OVER

path, desk = Path(sys.argv[1]), market()
over = {**OVER, "enter.lag": range(25)}

def run():
    return ds.sweep(thesis(), desk, over, to=path, resume=True, chunk=3, executor="serial")

def done():
    return len(list(path.glob("part-*.parquet"))) if path.exists() else 0

ds.sweep(thesis(), desk, over, sample=8, executor="serial")
moments = random.Random(4)
for death in range(10):
    enough = done() + (death and moments.randrange(9))
    pid = os.fork()
    if pid == 0:
        run()
        os._exit(0)
    while done() < enough:
        time.sleep(0.001)
    time.sleep(moments.uniform(0.0, 0.02))
    os.kill(pid, signal.SIGKILL)
    print(os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL, done())
run()
"""


def drive(script: str, *arguments: object) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@needs_fork
def test_kill_9_at_ten_random_moments_loses_and_doubles_nothing(desk: ds.Market, tmp_path: Path) -> None:
    told = drive(DRIVER, tmp_path / "sweep")
    assert [line.split()[0] for line in told] == ["True"] * 10  # each was still at work
    assert 0 < int(told[-1].split()[1]) < 100
    undisturbed = ds.sweep(thesis(), desk, {**OVER, "enter.lag": range(25)})
    left = Folder.open(tmp_path / "sweep")
    rows = left.read([name for name in left.columns if name in undisturbed.rows])
    pd.testing.assert_frame_equal(rows, undisturbed.rows, check_exact=True)
    assert sorted(os.listdir(tmp_path / "sweep")) == ["_manifest.json", *(f"part-{k:06d}.parquet" for k in range(100))]


@pytest.mark.parametrize("executor", ["serial", "threads"])
def test_an_interrupt_leaves_a_folder_that_goes_on(
    made: ds.Sweep, desk: ds.Market, tmp_path: Path, executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepshock.experiment.pace.TELL_EVERY", 0.0)

    def stop(pace: Pace) -> None:
        if pace.done >= 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", chunk=10, executor=executor, progress=stop)
    (told,) = stopped.value.__notes__
    assert told == f"{tmp_path / 'sweep'}: 2 of 5 parts are done; go on with resume=True (--resume)"
    again = ds.sweep(thesis(), desk, OVER, to=tmp_path / "sweep", resume=True, executor=executor)
    pd.testing.assert_frame_equal(again.frame, made.frame, check_exact=True)


def test_pace_is_told_in_words_and_not_too_often() -> None:
    assert Pace(500, 2000, 300, 4.0).text() == "50 a second, 30 s left"
    assert Pace(1000, 10_000_000, 0, 1.0).text() == "1,000 a second, 3 h left"
    assert Pace(1000, 201_000, 0, 1.0).text() == "1,000 a second, 3 min left"
    assert Pace(0, 5, 0, 1.0).text() == Pace(3, 5, 3, 1.0).text() == ""
    told: list[Pace] = []
    tell = Teller(1000, 0, told.append)
    for _ in range(1000):
        tell(1)
    assert told[-1].done == 1000
    assert len(told) < 20

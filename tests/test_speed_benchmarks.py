"""The benchmarks of speed do what they say: workloads, limits, comparisons. Nothing here is timed."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import deepshock as ds
import to_docs
from common import minimal, options, ours, process, report, workloads
from common.agree import agreement
from common.bars import Bars
from common.clock import Times, in_turns
from common.limits import Limit
from common.machine import ROOT, machine, versions
from common.placebos import NAMES, Scene, moved_by_an_index
from common.replay import replay
from common.setting import CASH, FEE, HOLD, SLIP
from common.workloads import Workload
from deepshock.arrays import Floats
from deepshock.experiment.vary import varied
from scale import Model

SMALL: dict[str, Callable[[], Workload]] = {
    "E": lambda: workloads.event_trade(2, 2),
    "B": lambda: workloads.book(40, n_legs=6),
    "P": lambda: workloads.placebo(2, n_sessions=60),
}
SCRIPTS = (
    "vs_vectorbt", "limit", "scaling", "scale", "import_time", "full", "placebo", "sweep_winners", "placebo_uniformity",
)  # fmt: skip


@pytest.fixture(scope="module", params=SMALL)
def work(request: pytest.FixtureRequest) -> Workload:
    return SMALL[request.param]()


def run(work: Workload, variant: int) -> ds.Result:
    """Run one variant by itself."""
    return ds.run(varied(work.item, work.grid.change(variant)), work.market, costs=work.costs)


def figures(result: ds.Result, n_rows: int) -> list[float]:
    """Return what a peer would, from the ledger: returns of nil where nothing was held."""
    nav = np.array([result.ledger.capital, *result.ledger.nav])
    returns = np.zeros(n_rows)
    returns[: len(nav) - 1] = nav[1:] / nav[:-1] - 1.0
    low = (nav / np.maximum.accumulate(nav) - 1.0).min()
    return [nav[-1] / nav[0] - 1.0, returns.mean() / returns.std(ddof=1) * math.sqrt(252.0), low]


def test_single_runs_agree_with_the_minimal_kernel(work: Workload) -> None:
    """The arrays of the peers are the variants of the grid, in its order, and their costs are ours."""
    limit = Limit(work.plain)
    plain, tight = limit.run().copy(), limit.run(tight=True).copy()
    np.testing.assert_allclose(tight, plain, rtol=0.0, atol=1e-12)
    n = len(work.grid)
    assert len(plain) == n
    last = [n - 1, n - 20] if work.name == "P" else [n - 1]  # of P they are open at the end of the data
    for variant in [0, *np.random.default_rng(3).choice(n, 4, replace=False), *last]:
        found = figures(run(work, int(variant)), work.n_rows)
        np.testing.assert_allclose(found, plain[variant], rtol=0.0, atol=1e-11)


def test_with_everything_on_everything_is_on() -> None:
    for work in (workloads.event_trade(2, 2, all_on=True), workloads.placebo(2, n_sessions=60, all_on=True)):
        made = run(work, len(work.grid) // 3)
        assert made.plan.margin.rule == "reg-t"
        assert made.ledger.costs_by_name["commission"] >= len(made.ledger.fills)  # a minimum of 1 USD a fill
        assert made.ledger.costs_by_name["FX conversion"] > 0.0
        assert {fill.currency for fill in made.ledger.fills} == {"EUR"}
        assert sum(map(abs, made.ledger.interest_by_name.values())) > 0.0
    book = run(workloads.book(40, n_legs=6, all_on=True), 0)
    assert book.ledger.costs_by_name["borrow"] > 0.0
    assert {fill.currency for fill in book.ledger.fills} == {"EUR", "USD"}


def test_bars_are_the_same_whoever_draws_them() -> None:
    one, other = Bars.make(3, 90), Bars.make(3, 90)
    for mine, theirs in zip(one.prices(), other.prices(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (one.high >= np.maximum(one.open, one.close)).all()
    assert (one.low <= np.minimum(one.open, one.close)).all()
    market = one.market()
    series = market.series("S0001")
    held = np.isfinite(series.close)
    np.testing.assert_array_equal(series.close[held], one.close[:, 1])
    assert one.dates[0].isoformat() == "2020-04-01T00:00:00"
    assert one.known_before(1).isoformat() == "2020-04-01T20:01:00+00:00"  # New York closes at 20:00Z in summer


def test_the_order_of_stop_and_target_inside_a_bar() -> None:
    """In at 100; the next bar opens at 112, beyond the target of 110, and its low is 80, under the stop of 90."""
    bars = tuple(map(np.array, ([100.0, 112.0, 100.0], [100.0, 115.0, 100.0], [100.0, 80.0, 100.0], [100.0] * 3)))
    orders = np.array([0]), np.array([0]), np.array([2]), np.array([0.1]), np.array([0.1])
    found = {}
    for stop_first in (False, True):
        out = np.empty((1, 3))
        minimal.events(bars, *orders, 0.0, 0.0, CASH, stop_first, False, out)
        found[stop_first] = out[0, 0]
    assert found == {False: pytest.approx(0.12), True: pytest.approx(-0.1)}


def test_a_placebo_pays_both_ways_and_is_marked_where_the_data_end() -> None:
    out = np.empty((3, 3))
    minimal.placebo(np.array([[100.0, 110.0, 121.0]]), 1, FEE, SLIP, CASH, False, out)
    into, back = (1.0 + FEE) * (1.0 + SLIP), (1.0 - FEE) * (1.0 - SLIP)
    assert out[:, 0].tolist() == pytest.approx([1.1 * back / into - 1.0, 1.1 * back / into - 1.0, 1.0 / into - 1.0])
    assert out[2, 2] == pytest.approx(1.0 / into - 1.0)  # the drawdown starts with the cash


def test_a_ratio_over_all_rows_is_that_of_the_returns_with_nil_around_them() -> None:
    rng = np.random.default_rng(5)
    for n_obs, n_rows in ((1, 50), (2, 50), (30, 30), (30, 400)):
        returns = rng.normal(0.001, 0.01, n_obs)
        std = returns.std(ddof=1) if n_obs > 1 else math.nan
        padded = np.concatenate([returns, np.zeros(n_rows - n_obs)])
        expected = padded.mean() / padded.std(ddof=1) * math.sqrt(252.0)
        found = ours.over_all_rows(np.array([n_obs]), np.array([returns.mean()]), np.array([std]), n_rows)
        assert found == pytest.approx([expected], rel=1e-10)


def test_a_difference_is_one_wherever_it_is() -> None:
    same = np.array([[0.1, 1.0, -0.2], [0.2, math.nan, -0.3]])

    def compared(place: tuple[int, int], value: float) -> Any:
        other = np.nan_to_num(same.copy(), nan=7.0)  # where ours is not known, theirs may be anything
        other[place] = value
        return agreement("E", "ours", same, "theirs", other)

    assert compared((1, 1), 8.0).holds
    assert not compared((0, 1), 1.0 + 2e-9).holds
    assert not compared((1, 2), math.nan).holds
    assert compared((0, 0), 0.1 + 5e-10).largest[0] == pytest.approx(5e-10)
    unknown = np.full((2, 3), math.nan)
    assert not agreement("E", "ours", unknown, "theirs", same).holds  # nothing compared is no agreement


def test_tasks_take_turns_and_the_first_turn_does_not_count() -> None:
    calls: list[str] = []
    took = in_turns({name: lambda name=name: calls.append(name) for name in "ab"}, 2)
    assert calls == ["a", "b"] * 3
    assert {name: len(times.seconds) for name, times in took.items()} == {"a": 2, "b": 2}
    assert Times((3.0, 1.0, 2.0)).median == 2.0


def test_a_process_of_its_own_has_its_own_peak() -> None:
    ballast = np.ones(40_000_000)  # 320 MB here, none of it there
    found = process.alone("common.report", "seconds", value=0.25)
    assert found.value == "250 ms"
    assert found.peak_mb < process.peak_mb() - ballast.nbytes / 2**21
    with pytest.raises(SystemExit, match=r"error: .*report.*"):
        process.alone("common.report", "absent")


def test_figures_are_written_with_machine_versions_and_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--json", "a b.json", "--data", "/somewhere/bars.parquet", "--chart=/somewhere/else/c.svg"]
    monkeypatch.setattr(sys, "argv", ["/somewhere/limit.py", *words])
    report.write(tmp_path / "out.json", "limit", {"rounds": 3})
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    told = "python benchmarks/limit.py --json 'a b.json' --data bars.parquet --chart=c.svg"
    assert document["command"] == told  # of paths that only this machine has, the names
    assert document["machine"] == machine()
    assert document["versions"] == versions()
    assert document["versions"]["deepshock"] == ds.__version__
    assert document["results"] == {"rounds": 3}


def test_a_command_line_says_what_is_wrong_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    parser = options.parser("What it is.\n\nMore.", rounds=3)
    parser.add_argument("--only", type=options.some_of("EBP"), default=["E"])
    parser.add_argument("--data", type=options.bars, default="sample")
    given = parser.parse_args([])
    assert (given.rounds, given.small, given.json, given.only, given.data) == (3, False, None, ["E"], "sample")
    given = parser.parse_args(["--only", "b, P", "--rounds", "2", "--data", "bars.csv"])
    assert (given.rounds, given.only, given.data) == (2, ["B", "P"], str(Path.cwd() / "bars.csv"))
    assert "What it is." in parser.format_help()
    for words, said in (("--rounds 0", "0 is not"), ("--rounds x", "x is not"), ("--only E,Q", "Q: there are")):
        with pytest.raises(SystemExit):
            parser.parse_args(words.split())
        assert said in capsys.readouterr().err


def test_the_model_of_a_cluster_goes_through_what_was_measured() -> None:
    model = Model.through(11.0, 6.2, scatter=0.1, chunks=40)
    assert [model.seconds(1), model.seconds(2)] == pytest.approx([11.0, 6.2])
    assert model.work == pytest.approx(9.8)
    assert model.fixed == pytest.approx(1.1)
    assert model.seconds(30) == pytest.approx(1.1 + 3.0 + 9.8 * 2 / 40)  # two of 40 chunks for some of 30 workers
    slower = Model.through(1.0, 3.0, scatter=0.1, chunks=4)  # two workers that hinder each other
    assert slower.work == 0.0


def test_no_time_is_told_where_results_differ(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = pytest.importorskip("vs_vectorbt")
    apart: Floats = np.zeros((4, 3))
    apart[2, 0] = 2e-9
    monkeypatch.setattr(script, "check", lambda work, n: [agreement("E", "engine", apart, "vectorbt numba", 0 * apart)])
    monkeypatch.setattr(script, "measure", lambda *_: pytest.fail("was timed"))
    monkeypatch.setattr(sys, "argv", ["vs_vectorbt.py", "--small", "--only", "E"])
    with pytest.raises(SystemExit) as stopped:
        script.main()
    assert stopped.value.code == 1
    told = capsys.readouterr()
    assert "DIFFERS" in told.out
    assert "whole call" not in told.out
    assert told.err.startswith("error: results differ")


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.make("comparable", small=True)


def test_names_that_move_with_an_index_have_bars_and_their_betas() -> None:
    one = Bars.make(NAMES + 1, 500)
    moved = moved_by_an_index(one)
    np.testing.assert_array_equal(moved.close[:, 0], one.close[:, 0])
    assert (moved.high >= np.maximum(moved.open, moved.close)).all()
    assert (moved.low <= np.minimum(moved.open, moved.close)).all()
    returns = np.diff(np.log(moved.close), axis=0)
    betas = np.cov(returns.T)[0, 1:] / returns[:, 0].var(ddof=1)
    assert np.abs(betas - np.linspace(0.6, 1.4, NAMES)).max() < 0.2
    assert np.corrcoef(betas, np.linspace(0.6, 1.4, NAMES))[0, 1] > 0.95


def test_the_trades_of_the_peers_are_the_placebos(scene: Scene) -> None:
    """Each is five names long and five short, a tenth of the account each, bought and sold at closes with costs."""
    rows, trades = scene.sweep().rows, scene.trades()
    assert len(rows) == len(trades) == scene.n_runs
    assert scene.n_dates * scene.n_baskets >= 300
    assert (np.sort(trades.weight) == [-0.1] * 5 + [0.1] * 5).all()
    assert all(len(set(names)) == 10 for names in scene.baskets)
    moved = [
        trades.close[row + HOLD, columns] / trades.close[row, columns]
        for row, columns in zip(trades.row, trades.column, strict=True)
    ]
    into, out = (1.0 + FEE) * (1.0 + SLIP), (1.0 - FEE) * (1.0 - SLIP)
    long = trades.weight > 0.0
    by_hand = np.where(long, np.array(moved) * out - into, out - np.array(moved) * into).sum(axis=1) * 0.1
    np.testing.assert_allclose(rows["net_return"], by_hand, rtol=0.0, atol=1e-12)
    assert trades.some(slice(3, 5)).row.tolist() == trades.row[3:5].tolist()


def test_placebos_with_other_bits_are_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    placebo = pytest.importorskip("placebo")
    made, swept = scene.call(), scene.sweep()
    assert placebo.check(scene, small=True, beside=False) == (5, [])
    for other, said in (
        (replace(made, values=made.values + 1e-16), "another return"),
        (replace(made, k=made.k - 1, refused={"why": 1}), "cannot run: {'why': 1}"),
    ):
        monkeypatch.setattr(Scene, "call", lambda _, other=other: other)
        with pytest.raises(SystemExit, match=f"error: .*{said}"):
            placebo.check(scene, small=True, beside=False)
    frame = swept.rows.assign(net_return=swept.rows["net_return"] + 1e-16)
    with pytest.raises(SystemExit, match=r"error: variant \d+ by itself has another net_return"):
        replay(swept, frame)


def test_no_time_of_placebos_is_told_where_they_differ(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    placebo = pytest.importorskip("placebo")
    apart = agreement("placebo", "sweep", np.zeros((2, 3)), "vectorbt numba", np.full((2, 3), 2e-9))
    monkeypatch.setattr(Scene, "make", lambda *_: scene)
    monkeypatch.setattr(placebo, "check", lambda *_, beside: (5, [apart] if beside else []))
    monkeypatch.setattr(placebo, "measure", lambda *_: pytest.fail("was timed"))
    monkeypatch.setattr(sys, "argv", ["placebo.py", "--small"])
    with pytest.raises(SystemExit) as stopped:
        placebo.main()
    assert stopped.value.code == 1
    told = capsys.readouterr()
    assert "DIFFERS" in told.out
    assert told.err.startswith("error: results differ")


def test_the_page_shows_what_the_files_hold() -> None:
    text = to_docs.PAGE.read_text("utf-8")
    assert to_docs.page(text) == text
    assert not [script for script in SCRIPTS if f"`benchmarks/{script}.py`" not in text]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_runs_and_writes_what_it_found(script: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed" if script == "scale" else "vectorbt")
    out = tmp_path / "out.json"
    words = ["--small", "--rounds", "1", "--json", str(out)]
    words += ["--data", "sample"] if script == "full" else []
    words += ["--chart", str(tmp_path / "chart.svg")] if script == "scaling" else []
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    text = out.read_text("utf-8")
    assert not [folder for folder in (tmp_path, ROOT, Path.home()) if f"{folder}/" in text]
    document = json.loads(text)
    assert document["benchmark"] == script
    assert f"benchmarks/{script}.py --small" in ran.stdout
    found = SimpleNamespace(**document["results"])
    tables = [line for line in to_docs.section(document).splitlines() if line.startswith("**")]
    assert tables
    assert all(title.strip("*") in ran.stdout for title in tables)
    if script == "vs_vectorbt":
        assert set(found.workloads) == {"E", "B", "P"}
        assert all(one["holds"] for one in found.agreements)
        assert {one["to"] for one in found.agreements} >= {"minimal kernel", "vectorbt numba"}
    if script == "scaling":
        assert (tmp_path / "chart.svg").read_text("utf-8").startswith("<?xml")
    if script == "full":
        assert found.simulated
        assert found.replayed
        assert "SIMULATED" in ran.stdout
    if script == "placebo":
        assert found.simulated
        assert found.replayed == 5
        assert all(one["holds"] for one in found.agreements)
        assert {line["form"] for line in found.measured} == {"comparable", "institutional", "re-derived"}
        assert [line["runs"] for line in found.measured if line["who"] == "vectorbt numba, windows"] == [528]
        assert "SIMULATED" in ran.stdout
    if script == "placebo_uniformity":
        assert found.simulated
        assert [one["design"] for one in found.designs] == ["normal", "clustered", "many"]
        assert "simulated worlds" in ran.stdout
    if script == "scale":
        assert "MODEL" in ran.stdout

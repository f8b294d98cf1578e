"""Whoever does the work of a sweep finds the same rows; what a lost worker was doing is done again."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import re
import runpy
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import deepshock as ds
from deepshock.experiment.executors import Serial, Threads, executor_of
from deepshock.experiment.pace import Pace
from deepshock.experiment.rows import Rows
from deepshock.experiment.work import Tell, Work

from .made import assert_is, book, market, thesis

OVER: dict[Any, Any] = {
    "enter.lag": range(6),
    ("exit.stop", "exit.target"): [(None, None), ("3%", 0.05)],
    "exit.hold": [5, 21, None],
    "costs.half-spread.bps": [2, 7.5],
    "gross": [1, -1],
}
SIZE = 144


@pytest.fixture(scope="module")
def desk() -> ds.Market:
    return market()


@pytest.fixture(scope="module")
def serial(desk: ds.Market) -> pd.DataFrame:
    return ds.sweep(thesis(), desk, OVER, executor="serial").frame


@pytest.fixture
def quiet() -> Iterator[Any]:
    """Return Dask, whose workers may die without a word."""
    distributed = pytest.importorskip("distributed")
    logging.disable(logging.CRITICAL)
    yield distributed
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Return the client of two processes."""
    distributed = pytest.importorskip("distributed")
    words: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "silence_logs": logging.CRITICAL}
    with (
        distributed.LocalCluster(dashboard_address="127.0.0.1:0", **words) as cluster,
        distributed.Client(cluster) as found,
    ):
        yield found


def same(found: ds.Sweep, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found.frame, expected, check_exact=True)


@pytest.mark.parametrize("chunk", [None, 1, 7, SIZE, 1000])
@pytest.mark.parametrize("executor", [None, "serial", "threads"])
def test_threads_and_chunks_change_no_bit(
    desk: ds.Market, serial: pd.DataFrame, executor: str | None, chunk: int | None
) -> None:
    same(ds.sweep(thesis(), desk, OVER, executor=executor, chunk=chunk), serial)


def test_threads_of_a_book_too(desk: ds.Market) -> None:
    over = {"enter.lag": range(40), "exit.hold": range(1, 31), "late.gross": [0.5, 1]}
    one = ds.sweep(book(), desk, over, executor="serial")
    two = ds.sweep(book(), desk, over, workers=1)
    same(ds.sweep(book(), desk, over), one.frame)
    same(two, one.frame)


def test_slices_of_a_batch_are_shown_as_they_are_done(desk: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepshock.experiment.pace.TELL_EVERY", 0.0)
    monkeypatch.setattr("deepshock.experiment.work.FIRST_SLICE", 15)  # of three orders each
    monkeypatch.setattr("deepshock.experiment.work.SLICE_SECONDS", 1e-9)
    told: list[Pace] = []
    over = {"enter.lag": range(4), "exit.hold": [5, 10, 20]}
    swept = ds.sweep(thesis(), desk, over, progress=told.append)
    assert [pace.done for pace in told] == [5, 6, 7, 8, 9, 10, 11, 12]
    same(swept, ds.sweep(thesis(), desk, over).frame)


def test_an_executor_of_ones_own_is_taken(desk: ds.Market, serial: pd.DataFrame) -> None:
    class Backwards:
        workers = None

        def run(self, work: Work, chunks: Any, whole: Rows | None, tell: Tell) -> None:
            for chunk in reversed(chunks):
                rows = pickle.loads(pickle.dumps(work)).do(chunk, parallel=False, tell=tell)
                assert whole is not None
                whole.take(rows)

    same(ds.sweep(thesis(), desk, OVER, executor=Backwards(), chunk=10), serial)


def test_names_of_executors() -> None:
    assert executor_of(None) == Threads()
    assert executor_of("threads", 1) == Threads(1)
    assert executor_of("serial") == Serial()


def test_an_asynchronous_client_is_refused() -> None:
    client = type("Client", (), {"__module__": "distributed.client", "asynchronous": True})()
    with pytest.raises(ds.UsageError, match="is an asynchronous client; give one made without asynchronous=True"):
        executor_of(client)


def test_without_dask_it_says_what_to_install(desk: ds.Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ds.MissingDependency, match=r"Dask is not installed; pip install 'deepshock\[dask\]', or give"):
        ds.sweep(thesis(), desk, OVER, executor="dask", to=tmp_path / "sweep")
    assert os.listdir(tmp_path) == []


# On a cluster


def test_a_cluster_of_processes_changes_no_bit(
    desk: ds.Market, serial: pd.DataFrame, client: Any, tmp_path: Path
) -> None:
    told: list[Pace] = []
    same(ds.sweep(thesis(), desk, OVER, executor=client, progress=told.append), serial)
    assert (told[-1].done, told[-1].total) == (SIZE, SIZE)
    swept = ds.sweep(thesis(), desk, OVER, executor=client, chunk=10, to=tmp_path / "sweep")
    same(swept, serial)
    assert len(list(tmp_path.glob("sweep/part-*.parquet"))) == 15
    next(tmp_path.glob("sweep/part-*7.parquet")).unlink()
    same(ds.sweep(thesis(), desk, OVER, executor=client, to=tmp_path / "sweep", resume=True), serial)
    over = {"late.gross": [0.5, 1], "exit.hold": [3, 30]}
    same(ds.sweep(book(), desk, over, executor=client, chunk=1), ds.sweep(book(), desk, over).frame)
    assert client.scheduler_info()["type"] == "Scheduler"  # it is still there


@pytest.mark.real_data
def test_the_book_of_the_articles_is_the_same_for_everybody(panel_path: Path, client: Any, tmp_path: Path) -> None:
    book = ds.load(Path(__file__).parents[2] / "strategies" / "book.yaml")
    over: dict[Any, Any] = {"enter.lag": range(5), "exit.hold": [5, 20, None], "costs.half-spread.bps": [2, 5]}
    market = ds.market_for(book, panel_path, over=over)
    one = ds.sweep(book, market, over, executor="serial")
    assert (one.rows["reason"] == "").all()
    for number in (0, 13, 29):
        assert_is(one.rows.loc[number], one.replay(number))
    same(ds.sweep(book, market, over), one.frame)
    same(ds.sweep(book, market, over, executor=client, chunk=8), one.frame)
    to = tmp_path / "sweep"
    same(ds.sweep(book, market, over, executor=client, chunk=8, to=to), one.frame)
    next(to.glob("part-*2.parquet")).unlink()
    same(ds.sweep(book, market, over, to=to, resume=True), one.frame)


def test_dask_starts_processes_of_its_own_and_ends_them(desk: ds.Market, serial: pd.DataFrame, quiet: Any) -> None:
    before = set(multiprocessing.active_children())
    same(ds.sweep(thesis(), desk, OVER, executor="dask", workers=1), serial)
    assert set(multiprocessing.active_children()) == before


@pytest.mark.parametrize("to", [None, "sweep"])
def test_a_worker_that_dies_costs_only_what_it_was_doing(
    desk: ds.Market, serial: pd.DataFrame, client: Any, quiet: Any, tmp_path: Path, to: str | None
) -> None:
    killed: list[int] = []

    def kill(pace: Pace) -> None:
        if not killed and pace.done >= 30:
            killed.extend(client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    place = None if to is None else tmp_path / to
    same(ds.sweep(thesis(), desk, OVER, executor=client, chunk=3, to=place, progress=kill), serial)
    assert killed
    if place is not None:
        assert sorted(os.listdir(place)) == ["_manifest.json", *(f"part-{k:06d}.parquet" for k in range(48))]
    client.wait_for_workers(2)


def test_all_workers_may_die(desk: ds.Market, serial: pd.DataFrame, client: Any, quiet: Any) -> None:
    """Then the market is gone from the cluster too, and is sent again."""
    killed: list[int] = []

    def kill(pace: Pace) -> None:
        if not killed and pace.done >= 30:
            killed.extend(client.run(os.getpid).values())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    same(ds.sweep(thesis(), desk, OVER, executor=client, chunk=3, progress=kill), serial)
    assert len(killed) == 2
    client.wait_for_workers(2)


def test_what_goes_wrong_in_a_worker_is_told_as_it_would_be_here(desk: ds.Market, client: Any, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"

    def no_more(pace: Pace) -> None:
        if folder.is_dir():
            folder.rename(tmp_path / "gone")

    with pytest.raises(ds.UsageError) as caught:
        ds.sweep(thesis(), desk, OVER, executor=client, chunk=1, to=folder, progress=no_more)
    assert all(fault.remedy for fault in caught.value.faults)


def test_an_interrupt_calls_off_what_waits(desk: ds.Market, serial: pd.DataFrame, client: Any, tmp_path: Path) -> None:
    def stop(pace: Pace) -> None:
        if pace.done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        ds.sweep(thesis(), desk, OVER, executor=client, chunk=1, to=tmp_path / "sweep", progress=stop)
    assert "go on with resume=True" in stopped.value.__notes__[0]
    time.sleep(0.5)
    assert len(list(tmp_path.glob("sweep/part-*"))) < SIZE
    same(ds.sweep(thesis(), desk, OVER, executor=client, to=tmp_path / "sweep", resume=True), serial)


def test_the_example_loses_a_worker_and_no_row(
    quiet: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Path(__file__).parents[2] / "examples" / "sweep_on_a_cluster.py"
    monkeypatch.setattr(sys, "argv", [str(script)])
    runpy.run_path(str(script), run_name="__main__")
    text = capsys.readouterr().out
    assert re.search(r"killed a worker after [\d,]+ of 1,584 variants", text)
    assert "396 variants: gross: '-1' is out of range" in text
    assert text.endswith("to the bit: True\n")
    headings = re.findall(r"^(?:Net return|Median along|What could not).*$", text, re.MULTILINE)
    assert len(headings) == 4
    assert all(line.endswith("(SIMULATED data)") for line in headings)

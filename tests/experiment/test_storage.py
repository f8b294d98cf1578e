"""A sweep's folder ends with every row once, whoever dies and whoever writes twice; nothing of anybody's is lost."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepshock as ds
from deepshock.experiment.durable import clear_leftovers, is_temporary
from deepshock.experiment.grid import Grid
from deepshock.experiment.storage import Folder, room

COLUMNS = {"net": "float64", "fills": "int64", "liquidated": "bool", "reason": "str"}
MANIFEST = {"thesis": "a" * 64, "market": "b" * 64, "grid": {"axes": []}, "columns": COLUMNS}
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def rows(start: int, stop: int) -> pd.DataFrame:
    """Return made-up rows, some without a number or a reason, as variants of a sweep have them."""
    n = np.arange(start, stop)
    return pd.DataFrame(
        {
            "net": np.where(n % 7 == 3, np.nan, np.sin(n)),
            "fills": n * 3,
            "liquidated": n % 5 == 0,
            "reason": pd.array([f"no bar {i}" if i % 3 == 0 and i > 20 else None for i in n], "str"),
        }
    )


def folder_of(path: Path, n: int = 25, chunk: int = 10, **more: Any) -> Folder:
    return Folder.create(path, MANIFEST, n, chunk, **more)


def filled(path: Path, n: int = 25, chunk: int = 10) -> Folder:
    folder = folder_of(path, n, chunk, resume=True)
    for k in folder.missing():
        folder.write(k, rows(*folder.bounds(k)))
    return folder


def refusal(path: Path, manifest: Any = MANIFEST, n: int = 25, chunk: int = 10, **more: Any) -> list[str]:
    with pytest.raises(ds.UsageError) as caught:
        Folder.create(path, manifest, n, chunk, **more)
    return [str(fault).removeprefix(f"{path}: ") for fault in caught.value.faults]


def test_rows_come_back_in_the_order_of_variants_to_the_bit(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "sweep")
    for k in (2, 0, 1):
        folder.write(k, rows(*folder.bounds(k)))
    expected = rows(0, 25).set_axis(pd.RangeIndex(25, name="variant"))
    pd.testing.assert_frame_equal(folder.read(), expected, check_exact=True)
    assert [len(frame) for frame in Folder.open(folder.path).scan(["fills"])] == [10, 10, 5]
    assert folder.read(["reason", "net"]).columns.tolist() == ["reason", "net"]
    assert folder.missing() == ()
    assert sorted(os.listdir(folder.path)) == ["_manifest.json", *(f"part-00000{k}.parquet" for k in range(3))]


def test_the_manifest_says_what_the_sweep_is(tmp_path: Path) -> None:
    grid = Grid.of({"exit.hold": [5, None], ("a", "b"): [(1, [2])]})
    folder = Folder.create(tmp_path, {**MANIFEST, "grid": grid.document()}, len(grid), 1)
    said = json.loads((tmp_path / "_manifest.json").read_text())
    assert said == {**MANIFEST, "grid": grid.document(), "deepshock": ds.__version__, "n_variants": 2, "chunk": 1}
    assert Folder.open(tmp_path) == folder
    assert pickle.loads(pickle.dumps(folder)) == folder
    assert (folder.n_variants, folder.n_chunks, folder.columns) == (2, 2, COLUMNS)


def test_what_is_missing_is_told_and_may_be_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert folder.read(["net"], partial=True).dtypes.to_dict() == {"net": np.dtype("float64")}
    folder.write(1, rows(10, 20))
    assert folder.missing() == (0, 2)
    with pytest.raises(ds.UsageError, match=r"2 of 3 parts are missing; resume the sweep, or read with partial=True"):
        folder.read()
    assert folder.read(partial=True).index.tolist() == list(range(10, 20))
    with pytest.raises(ds.UsageError, match=r"columns: no 'nett'; did you mean net\?"):
        folder.read(["nett"])


def test_a_part_that_is_not_whole_is_missing_and_replaced(tmp_path: Path) -> None:
    folder = filled(tmp_path / "sweep", 60)
    whole = folder.part(0).read_bytes()
    other = folder_of(tmp_path / "other", 60, 20)
    other.write(1, rows(20, 40))
    folder.part(0).write_bytes(whole[:-20])
    folder.part(1).write_bytes(b"")
    folder.part(2).write_bytes(whole)
    folder.part(3).write_bytes(other.part(1).read_bytes())
    rows(40, 50).to_parquet(folder.part(4))
    folder.part(5).unlink()
    assert folder.missing() == (0, 1, 2, 3, 4, 5)
    filled(folder.path, 60)
    pd.testing.assert_frame_equal(folder.read().reset_index(drop=True), rows(0, 60), check_exact=True)


def test_a_page_that_rotted_is_not_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 4000, 4000)
    folder.write(0, rows(0, 4000))
    content = bytearray(folder.part(0).read_bytes())
    content[5000] ^= 1
    folder.part(0).write_bytes(content)
    with pytest.raises(ds.UsageError, match="delete it and resume the sweep"):
        folder.read()


def test_rows_or_columns_of_another_chunk_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    for chunk, frame in ((2, rows(0, 10)), (0, rows(0, 10)[["fills", "net"]])):
        with pytest.raises(ds.UsageError, match="rows of"):
            folder.write(chunk, frame)
    with pytest.raises(ds.UsageError, match="chunk: 3 is not there; there are 3, from 0"):
        folder.write(3, rows(30, 40))
    assert folder.missing() == (0, 1, 2)
    assert os.listdir(tmp_path) == ["_manifest.json"]


def test_another_sweep_is_not_written_over(tmp_path: Path) -> None:
    grid, wider = Grid.of({"exit.hold": [5, 10], "gross": [1]}), Grid.of({"exit.hold": [5, 20], "gross": [1]})
    mine = {**MANIFEST, "grid": grid.document()}
    Folder.create(tmp_path, mine, 25, 10).write(0, rows(0, 10))
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    assert refusal(tmp_path, mine) == [
        "holds this sweep, 1 of 3 parts done; go on with resume=True (--resume), or choose another folder"
    ]
    assert refusal(tmp_path, MANIFEST) == ["holds another sweep, 1 of 3 parts done; choose another folder"]
    another = {**mine, "thesis": "c" * 64, "grid": wider.document(), "columns": {**COLUMNS, "net": "float32"}}
    assert refusal(tmp_path, another, 30, resume=True) == [
        f"holds another sweep: {one}; choose another folder"
        for one in (
            "thesis was aaaaaaaaaaaa... and is cccccccccccc...",
            "grid is not the same: exit.hold",
            "columns is not the same: net",
            "n_variants was 25 and is 30",
        )
    ]
    turned = {**mine, "grid": Grid.of({"gross": [1], "exit.hold": [5, 10]}).document()}
    assert refusal(tmp_path, turned, resume=True)[0].startswith("holds another sweep: grid is not the same: in another")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before
    assert Folder.create(tmp_path, mine, 25, 10, resume=True).missing() == (1, 2)


def test_another_version_of_deepshock_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path)
    monkeypatch.setattr("deepshock.experiment.storage.__version__", "9.9")
    assert refusal(tmp_path, resume=True) == [
        f"holds another sweep: deepshock was {ds.__version__} and is 9.9; choose another folder"
    ]


def test_what_lies_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.yaml").write_text("mine")
    for resume in (False, True):
        told = refusal(tmp_path, resume=resume)
        assert told == ["holds thesis.yaml, and no sweep; choose an empty folder, or a new one"]
    assert refusal(tmp_path / "thesis.yaml") == ["is not a folder; give the name of a folder"]
    assert "create it, or choose another" in refusal(tmp_path / "no" / "sweep")[0]
    (tmp_path / "_manifest.json").write_text('{"name": "an app"}')
    assert refusal(tmp_path, resume=True)[0].endswith("is no manifest of a sweep; choose another folder")
    assert sorted(os.listdir(tmp_path)) == ["_manifest.json", "thesis.yaml"]
    for path in (tmp_path / "none", tmp_path / "thesis.yaml"):
        with pytest.raises(ds.UsageError, match="there is no such folder; give the folder"):
            Folder.open(path)


def test_a_manifest_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"thesis": "x"}, 0, -1) == [
        "n_variants: 0 is no number of rows; give a whole number from 1",
        "chunk: -1 is no number of rows; give a whole number from 1",
        "columns: None names no columns; give names with pandas dtypes, such as {'net_return': 'float64'}",
    ]
    for odd in (np.int64(3), float("nan"), {1, 2}):
        assert refusal(tmp_path, {**MANIFEST, "market": odd})[0].endswith("give values that JSON has")
    assert os.listdir(tmp_path) == []


def test_a_disk_that_refuses_says_so_without_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "sweep")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(
            ds.UsageError, match=r"part-000000.parquet: cannot be written: No space left on device; make"
        ):
            folder.write(0, rows(0, 10))
        assert "No space left" in refusal(tmp_path / "new")[0]
    assert (os.listdir(folder.path), os.listdir(tmp_path / "new")) == (["_manifest.json"], [])


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that not even root may write to")
def test_a_folder_that_nobody_may_write_to() -> None:
    with pytest.raises(
        ds.UsageError, match=r"/proc/sweep: cannot be written: .*; make room, or choose a place that you"
    ):
        folder_of(Path("/proc/sweep"))


def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 2_500_000_000})())
    room(tmp_path / "not" / "there", 2_500_000_000)
    with pytest.raises(ds.UsageError) as caught:
        room(tmp_path / "not" / "there", 1_234_500_000_000)
    assert str(caught.value).endswith(
        "there: needs 1,234.5 GB and the disk has 2.5 GB free; vary less, draw a sample, make room, or choose another "
        "disk"
    )
    assert os.listdir(tmp_path) == []


@needs_fork
def test_only_what_the_dead_left_is_cleaned(tmp_path: Path) -> None:
    import socket

    host, token = socket.gethostname().replace(".", "-"), "0" * 32
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = {
        "dead": f".part-000001.parquet.{host}.{dead.pid}.{token}.tmp",
        "alive": f".part-000001.parquet.{host}.{os.getpid()}.{token}.tmp",
        "elsewhere": f".part-000001.parquet.other-host.{dead.pid}.{token}.tmp",
        "old": f"._manifest.json.other-host.{dead.pid}.{token}.tmp",
        "foreign": ".mine.tmp",
    }
    assert [is_temporary(name) for name in names.values()] == [True] * 4 + [False]
    for name in names.values():
        (tmp_path / name).touch()
    os.utime(tmp_path / names["old"], (0, 0))
    clear_leftovers(tmp_path)
    assert set(os.listdir(tmp_path)) == {names["alive"], names["elsewhere"], names["foreign"]}


# Forks workers on one folder, each of which writes whatever is missing. Importing once keeps ten deaths short.
DRIVER = """
import os, random, signal, sys, time
from pathlib import Path
import pyarrow.parquet
from experiment.test_storage import filled
from deepshock.experiment import durable

def worker(path, n, before=lambda: None):
    pid = os.fork()
    if pid == 0:
        try:
            before()
            filled(path, n)
            os._exit(0)
        finally:
            os._exit(1)
    return pid

def killed(pid):
    return os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
"""

AT_RANDOM = """
path, n, moments = Path(sys.argv[1]), int(sys.argv[2]), random.Random(4)
done = lambda: len(list(path.glob("part-*.parquet"))) if path.exists() else 0
for death in range(10):
    pid, enough = worker(path, n), done() + (death and moments.randrange(12))
    while done() < enough:
        time.sleep(0.001)
    time.sleep(moments.uniform(0.0, 0.01))
    os.kill(pid, signal.SIGKILL)
    print(killed(pid), done())
"""

AT_EACH_STEP = """
# The worker ends itself at the k-th call that reaches the disk, before or after it.
def die_at(k, after):
    calls = iter(range(k + 1))
    def dying(call):
        def step(*given, **more):
            last = next(calls) == k
            if last and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            made = call(*given, **more)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return made
        return step
    os.fsync, Path.replace, Path.mkdir = dying(os.fsync), dying(Path.replace), dying(Path.mkdir)

for k in range(9):
    for after in (False, True):
        path = Path(sys.argv[1]) / f"{k}-{after}"
        print(killed(worker(path, 25, lambda: die_at(k, after))))
        filled(path)
"""

TWICE = """
path, n = Path(sys.argv[1]), int(sys.argv[2])
print([os.waitpid(pid, 0)[1] for pid in [worker(path, n) for _ in range(4)]])
"""


def drive(script: str, *arguments: object) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    command = [sys.executable, "-W", "ignore", "-c", DRIVER + script, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def assert_undisturbed(path: Path, n: int) -> None:
    """Every row once, in order, as an undisturbed run has them, and nothing else in the folder."""
    folder = Folder.open(path)
    pd.testing.assert_frame_equal(folder.read().reset_index(drop=True), rows(0, n), check_exact=True)
    parts = [folder.part(k).name for k in range(folder.n_chunks)]
    assert sorted(os.listdir(path)) == ["_manifest.json", *parts]


@needs_fork
def test_kill_9_at_ten_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    n = 2500
    told = drive(AT_RANDOM, tmp_path / "killed", n)
    assert [line.split()[0] for line in told] == ["True"] * 10  # each was still at work
    done = [int(line.split()[1]) for line in told]
    assert done == sorted(done)
    assert 0 < done[-1] < n // 10
    filled(tmp_path / "killed", n)
    assert_undisturbed(tmp_path / "killed", n)
    undisturbed = filled(tmp_path / "undisturbed", n)
    pd.testing.assert_frame_equal(Folder.open(tmp_path / "killed").read(), undisturbed.read(), check_exact=True)


@needs_fork
def test_kill_9_around_each_call_that_reaches_the_disk(tmp_path: Path) -> None:
    """One mkdir; fsync, replace, fsync of the manifest, then of three parts: the first nine of thirteen calls."""
    assert drive(AT_EACH_STEP, tmp_path) == ["True"] * 18
    for path in sorted(tmp_path.iterdir()):
        assert_undisturbed(path, 25)


@needs_fork
def test_four_writers_of_the_same_chunks_leave_one_of_each(tmp_path: Path) -> None:
    assert drive(TWICE, tmp_path / "sweep", 300) == ["[0, 0, 0, 0]"]
    assert_undisturbed(tmp_path / "sweep", 300)

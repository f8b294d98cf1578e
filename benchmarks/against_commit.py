"""The speed of a single run against that of another commit, side by side.

    python benchmarks/against_commit.py fa099d2
    python benchmarks/against_commit.py HEAD~1 --data bars.parquet --strategy strategies/short-ai-chips.yaml

Both run the same thesis on the same bars, in processes that take turns, so that what else the machine does falls on
both alike. Each process loads the market, runs once (which compiles, or reads compiled code from the disk), and then
measures two things: ``ds.run`` from thesis to result, and the kernel in it. A round gives the median of its runs; what
is compared are the medians of the rounds. The net return of both is printed, because a faster wrong answer is none.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from common.options import at_least_one, bars

ROOT = Path(__file__).resolve().parents[1]
STRATEGY = ROOT / "strategies" / "short-ai-chips.yaml"

MEASURE = """
import json, statistics, sys, time
root, strategy, data, repeat = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
sys.path.insert(0, root)
import deepshock as ds
from deepshock.engine import kernel
assert ds.__file__.startswith(root), f"{ds.__file__} is not in {root}"
thesis = ds.load(strategy)
market = ds.market_for([thesis], data)
inner, spent = kernel.simulate, []
def timed(*arrays):
    start = time.perf_counter()
    inner(*arrays)
    spent.append(time.perf_counter() - start)
kernel.simulate = timed
result = ds.run(thesis, market)
spent.clear()
whole = []
for _ in range(repeat):
    start = time.perf_counter()
    ds.run(thesis, market)
    whole.append(time.perf_counter() - start)
made = {"run": statistics.median(whole), "kernel": statistics.median(spent)}
print(json.dumps({**made, "net_return": result.performance.net_return}))
"""


@dataclass(frozen=True)
class Measured:
    """What one checkout took, in seconds, as medians over the rounds, and the net return that it found."""

    run: float
    kernel: float
    net_return: float


def measure(root: Path, strategy: Path, data: str, repeat: int) -> dict[str, float]:
    """Measure one checkout in a process of its own."""
    command = [sys.executable, "-c", MEASURE, str(root), str(strategy), data, str(repeat)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"error: {root} does not run: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(roots: Sequence[Path], strategy: Path, data: str, rounds: int, repeat: int) -> list[Measured]:
    """Measure checkouts in turns; the first round only compiles, and does not count."""
    found: list[list[dict[str, float]]] = [[] for _ in roots]
    for turn in range(rounds + 1):
        for root, taken in zip(roots, found, strict=True):
            made = measure(root, strategy, data, repeat if turn else 1)
            if turn:
                taken.append(made)
    names = ("run", "kernel", "net_return")
    return [Measured(*(statistics.median(one[name] for one in taken) for name in names)) for taken in found]


def table(now: Measured, then: Measured, commit: str) -> str:
    """Return both beside each other, in milliseconds, and the ratio of the first to the second."""
    rows = [f"{'milliseconds':<14}{'here':>10}{commit[:12]:>14}{'ratio':>8}"]
    for name in ("run", "kernel"):
        here, there = getattr(now, name) * 1e3, getattr(then, name) * 1e3
        rows.append(f"{'ds.run' if name == 'run' else name:<14}{here:>10.3f}{there:>14.3f}{here / there:>8.2f}")
    return "\n".join([*rows, f"{'net return':<14}{now.net_return:>10.4%}{then.net_return:>14.4%}"])


def checkout(commit: str, folder: Path) -> Path:
    """Put the files of a commit into a folder."""
    done = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"error: {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commit", help="what to compare with, as git names it")
    parser.add_argument("--data", type=bars, default="sample", help="sample (SIMULATED), or a file of bars")
    parser.add_argument("--strategy", type=Path, default=STRATEGY, help="file of one thesis that both can read")
    parser.add_argument("--rounds", type=at_least_one, default=5, help="of both in turn; default 5")
    parser.add_argument("--repeat", type=at_least_one, default=60, help="runs in a round; default 60")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        there = checkout(given.commit, Path(folder).resolve())
        now, then = compare([ROOT, there], given.strategy.resolve(), given.data, given.rounds, given.repeat)
    print(table(now, then, given.commit))


if __name__ == "__main__":
    main()

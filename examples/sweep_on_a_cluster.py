"""A sweep on a cluster of two processes: chunks are tasks, the workers write their own parts, one of them is killed.

    pip install 'deepshock[dask]'
    python examples/sweep_on_a_cluster.py                       on the SIMULATED market
    python examples/sweep_on_a_cluster.py --data bars.parquet   on real daily bars

A real cluster differs in one line: the client is that of its scheduler (docs/sweeps.md has Kubernetes and SLURM).
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import deepshock as ds

THESIS = Path(__file__).resolve().parents[1] / "strategies" / "short-ai-chips.yaml"
OVER: dict[Any, Any] = {
    "enter.lag": range(0, 11),
    "exit.hold": [5, 10, 20, 40],
    ("exit.stop", "exit.target"): [(None, None), ("5%", "10%"), ("10%", "20%")],  # tied: they move together
    "costs.half-spread.bps": [2, 5, 10],
    "gross": [0.5, 1, 2, -1],  # the last one is impossible: a row with a reason
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Sweep a thesis on a cluster of two processes.")
    parser.add_argument("--data", default="sample", help="sample (SIMULATED, the default), yahoo, or a file of bars")
    data = parser.parse_args().data

    thesis = ds.load(THESIS)
    market = ds.market_for(thesis, data, over=OVER)
    with cluster() as client, tempfile.TemporaryDirectory() as folder:
        made = ds.sweep(
            thesis, market, OVER, to=Path(folder) / "sweep", chunk=50, executor=client, progress=killer(client)
        )
        show(made)
        here = ds.sweep(thesis, market, OVER, executor="serial")
        print(f"\nThe same rows as in one thread of this process, to the bit: {here.frame.equals(made.frame)}")


@contextmanager
def cluster() -> Iterator[Any]:
    """Start two processes on this machine, and yield their client."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        sys.exit("Dask is not installed; pip install 'deepshock[dask]'")
    words: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=2, threads_per_worker=1, **words) as processes, Client(processes) as client:
        yield client


def killer(client: Any) -> Any:
    """Return what is told of the progress, and kills a worker halfway: its chunk is done again by another."""
    killed: list[int] = []

    def tell(pace: Any) -> None:
        if not killed and pace.done >= pace.total / 2:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)
            print(f"killed a worker after {pace.done:,} of {pace.total:,} variants; {pace.text()}")

    return tell


def show(made: ds.Sweep) -> None:
    """Print how the variants are spread; a best one is not among it."""
    note = " (SIMULATED data)" if made.market.simulated else ""
    net = made.frame["net_return"]
    print(f"\n{made}")
    print(f"\nNet return of {net.notna().sum():,} variants that could run{note}")
    for level, value in net.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).items():
        print(f"  {level:>4.0%} {value:>+8.2%}")
    for path in ("enter.lag", "exit.hold"):
        medians = net.groupby(path).median()
        print(f"\nMedian along {path}{note}")
        print("  " + "  ".join(f"{label}: {value:+.2%}" for label, value in medians.items()))
    print(f"\nWhat could not run{note}")
    for reason, n in made.frame["reason"][net.isna()].value_counts().items():
        print(f"  {n:,} variants: {reason}")


if __name__ == "__main__":
    try:
        main()
    except ds.DeepshockError as error:
        sys.exit(str(error))

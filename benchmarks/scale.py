"""A sweep on Dask with one worker and with two, and what a model makes of that for more.

    python benchmarks/scale.py
    python benchmarks/scale.py --rounds 5 --json scale.json

A million variants of E go to Parquet through a cluster of processes on this machine, started before the clock is, with
one thread each; the rows are those of a serial sweep, to the bit. Measured are whole calls of one worker and of two, in
turns, and sending the planned work to a worker. The rest is a model and says so:

    T(N) = c + b N + w ceil(m / N) / m

c is what the client does whatever the number of workers is (checking, the tasks, the manifest); b sends market and
thesis to one more worker; w is the work of all m chunks, which are shared out whole. b is measured by itself, c and w
follow from T(1) and T(2). It leaves out what a real cluster adds: a network, a disk that all share, workers that are
not alike. On this machine client, scheduler and workers share the processors, so T(2) is an upper bound.
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import deepshock as ds
from common import options, report
from common.clock import once
from common.report import Sheet
from common.workloads import Workload, event_trade

CHUNKS = 40
MORE = (4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Model:
    """``T(N) = c + b N + w ceil(m / N) / m``, in seconds.

    Parameters
    ----------
    fixed, scatter, work : float
        c, b and w.
    chunks : int
        m.

    Examples
    --------
    >>> Model.through(11.0, 6.2, scatter=0.1, chunks=40).seconds(4)
    3.9...
    """

    fixed: float
    scatter: float
    work: float
    chunks: int

    @classmethod
    def through(cls, one: float, two: float, *, scatter: float, chunks: int) -> Model:
        """Return the model that has T(1) and T(2); where no such c or w is positive, it is nil and T(1) alone holds."""
        half = math.ceil(chunks / 2) / chunks
        work = (one - two + scatter) / (1.0 - half)
        work = min(max(work, 0.0), one - scatter)
        return cls(one - scatter - work, scatter, work, chunks)

    def seconds(self, n: int) -> float:
        """Return T(N)."""
        return self.fixed + self.scatter * n + self.work * math.ceil(self.chunks / n) / self.chunks


@contextmanager
def cluster(n: int) -> Iterator[Any]:
    """Start processes on this machine; yield a client whose workers are all there."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address="127.0.0.1:0") as processes,
        Client(processes) as client,
    ):
        client.wait_for_workers(n)
        yield client


def sweep(work: Workload, to: Path, chunks: int, **words: Any) -> ds.Sweep:
    """Sweep into a folder."""
    chunk = math.ceil(len(work.grid) / chunks)
    return ds.sweep(work.item, work.market, work.over, costs=work.costs, to=to, chunk=chunk, **words)


def with_workers(work: Workload, n: int, chunks: int, serial: Any) -> tuple[float, float]:
    """Return the seconds of a whole call with some workers, and those of sending the work to one of them.

    Raises
    ------
    SystemExit
        The rows are not those of the serial sweep.
    """
    with cluster(n) as client, tempfile.TemporaryDirectory() as folder:
        ds.sweep(work.item, work.market, work.over, costs=work.costs, sample=2 * n, chunk=1, executor=client)
        sent, _ = once(lambda: client.scatter((work.item, work.market), broadcast=True, hash=False))
        seconds, made = once(lambda: sweep(work, Path(folder) / "sweep", chunks, executor=client))
        if not made.rows.equals(serial):
            raise SystemExit(f"error: {n} workers found other rows than one thread did")
        return seconds, sent / n


def measure(work: Workload, chunks: int, rounds: int) -> dict[str, Any]:
    """Measure one worker and two in turns; return plain values."""
    ds.sweep(work.item, work.market, work.over, costs=work.costs, sample=100)  # which compiles
    with tempfile.TemporaryDirectory() as folder:
        serial, made = once(lambda: sweep(work, Path(folder) / "sweep", chunks, executor="serial"))
        rows = made.rows
    taken: dict[int, list[float]] = {1: [], 2: []}
    sent = []
    for _ in range(rounds):
        for n, seconds in taken.items():
            spent, sending = with_workers(work, n, chunks, rows)
            seconds.append(spent)
            sent.append(sending)
    return {
        "variants": len(work.grid), "chunks": chunks, "serial_s": serial, "one_s": taken[1], "two_s": taken[2],
        "scatter_s": statistics.median(sent),
    }  # fmt: skip


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return what was measured, and what the model says."""
    model = Model(**results["model"])
    measured = {1: statistics.median(results["one_s"]), 2: statistics.median(results["two_s"])}
    rows = [["one thread, no cluster", report.seconds(results["serial_s"]), "", "measured"]]
    for n in (*measured, *MORE):
        seconds = measured.get(n, model.seconds(n))
        faster = report.times(measured[1] / seconds)
        rows.append([f"{n} worker{'s' * (n > 1)}", report.seconds(seconds), faster, "measured" if n <= 2 else "MODEL"])
    title = f"{results['variants']:,} variants of E to Parquet, {results['chunks']} chunks"
    terms = f"c = {model.fixed:.3g} s, b = {1e3 * model.scatter:.3g} ms, w = {model.work:.3g} s, m = {model.chunks}"
    notes = (f"MODEL: T(N) = c + b N + w ceil(m / N) / m, {terms}",)
    return [Sheet(title, ("", "whole call", "against one", ""), rows, notes)]


def main() -> None:
    """Measure, fit, say."""
    given = options.parser(__doc__, rounds=3).parse_args()
    report.heading()
    work, chunks = (event_trade(2, 2), 4) if given.small else (event_trade(100, 100), CHUNKS)
    found = measure(work, chunks, given.rounds)
    one, two = (statistics.median(found[name]) for name in ("one_s", "two_s"))
    model = Model.through(one, two, scatter=found["scatter_s"], chunks=chunks)
    predicted = {str(n): model.seconds(n) for n in MORE}
    results = {**found, "model": vars(model), "predicted_s": predicted}
    report.publish("scale", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

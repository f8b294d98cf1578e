"""A sweep on a cluster: chunks are tasks, the market is sent once. The only importer of Dask.

A worker that dies costs what it was doing: its chunks are done again by others. With a folder, workers write their own
parts, and nothing but "done" travels back.
"""

from __future__ import annotations

import logging
import signal
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from deepshock.errors import DeepshockError, Fault, MissingDependency
from deepshock.experiment.rows import Rows
from deepshock.experiment.work import Tell, Work

SENT_AGAIN = 5  # how often the market is sent anew where every worker that held it is gone
DIFFICULT = "it may need more memory than a worker has: give a smaller chunk=..., or larger workers"


@dataclass(frozen=True)
class Local:
    """Processes of this machine, for as long as the sweep takes.

    Parameters
    ----------
    workers : int
    """

    workers: int

    def __post_init__(self) -> None:
        distributed()

    def run(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> None:
        """Start the processes, do the chunks, end the processes; see `Executor`."""
        if chunks:
            with _processes(self.workers) as client:
                Cluster(client).run(work, chunks, whole, tell)


@contextmanager
def _processes(n: int) -> Iterator[Any]:
    """Start processes, and end them; an interrupt of the terminal is this process's to hear, and not theirs."""
    dask, words = distributed(), {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with _deaf():
        cluster = dask.LocalCluster(n_workers=n, silence_logs=logging.CRITICAL, **words)
    with cluster, dask.Client(cluster) as client:
        yield client


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignore interrupts for a while; processes that are started then ignore them for good."""
    if threading.current_thread() is not threading.main_thread():  # whose alone they are
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


@dataclass(frozen=True)
class Cluster:
    """The cluster behind a client; it stays when the sweep has ended.

    Parameters
    ----------
    client : distributed.Client
    """

    client: Any

    @property
    def workers(self) -> int:
        """How many chunks are done at a time: the threads of all workers that are there now."""
        return sum(self.client.nthreads().values()) or 1

    def run(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> None:
        """Wait for a worker, and do the chunks; see `Executor`."""
        left = list(chunks)
        for _ in range(SENT_AGAIN):
            if left:
                self.client.wait_for_workers(1)
                left = self._once(work, left, whole, tell)
        if left:
            problem = f"every worker was lost, {SENT_AGAIN} times over"
            raise DeepshockError(Fault(f"chunks {left[0]} to {left[-1]}", problem, DIFFICULT))

    def _once(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> list[int]:
        """Send the market and do the chunks; return those that could not be, because all who held it are gone."""
        name, lost = uuid.uuid4().hex, []
        shared = self.client.scatter(work, broadcast=True, hash=False)
        tasks = {
            self.client.submit(do, shared, chunk, key=f"deepshock-{name}-{chunk}", pure=False): chunk
            for chunk in chunks
        }
        try:
            for task in distributed().as_completed(list(tasks)):
                chunk = tasks.pop(task)
                try:
                    rows = self._outcome(task, chunk)
                except CancelledError:  # it, or what came of it, was lost with its worker
                    lost.append(chunk)
                    continue
                if whole is not None and rows is not None:
                    whole.take(rows)
                start, stop = work.bounds(chunk)
                tell(stop - start)
        finally:
            self.client.cancel(list(tasks), force=True)
        return sorted(lost)

    def _outcome(self, task: Any, chunk: int) -> Rows | None:
        """Return what a task came to.

        Raises
        ------
        DeepshockError
            It failed as it would have failed here, or it took its workers down.
        """
        try:
            found: Rows | Failure | None = task.result()
        except distributed().KilledWorker as error:
            raise DeepshockError(
                Fault(f"chunk {chunk}", "was lost with each worker that tried it", DIFFICULT)
            ) from error
        if isinstance(found, Failure):
            raise found.kind(found.faults)
        return found


@dataclass(frozen=True)
class Failure:
    """An error raised on purpose, on its way from a worker: an exception would come back without its faults."""

    kind: type[DeepshockError]
    faults: tuple[Fault, ...]


def do(work: Work, chunk: int) -> Rows | Failure | None:
    """Do a chunk in a worker."""
    try:
        return work.do(chunk, parallel=False)
    except DeepshockError as error:
        return Failure(type(error), error.faults)


def distributed() -> Any:
    """Import Dask.

    Raises
    ------
    MissingDependency
        It is not installed.
    """
    try:
        import distributed as found
    except ImportError as error:
        remedy = "pip install 'deepshock[dask]', or give executor='threads'"
        raise MissingDependency(Fault("executor", "Dask is not installed", remedy)) from error
    return found

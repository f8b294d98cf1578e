"""Who does the work of a sweep: this process with one thread or several, or a cluster. All find the same bits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from deepshock.errors import Fault, UsageError, suggest
from deepshock.experiment.rows import Rows
from deepshock.experiment.work import Tell, Work

NAMES = ("serial", "threads", "dask")


@runtime_checkable
class Executor(Protocol):
    """Does the chunks of a sweep."""

    @property
    def workers(self) -> int | None:
        """How many chunks are done at a time; None where each is done by all there is."""

    def run(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> None:
        """Do some chunks, each once.

        Parameters
        ----------
        work : Work
        chunks : sequence of int
        whole : Rows or None
            Where rows go; None where the work has a folder.
        tell : callable
            Called with how many variants are done since the last call.

        Raises
        ------
        KeyboardInterrupt
            After what is under way has been called off.
        """


@dataclass(frozen=True)
class Serial:
    """One thread of this process."""

    workers: int | None = None

    def run(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> None:
        """Do one chunk after the other; see `Executor`."""
        for chunk in chunks:
            work.do(chunk, parallel=False, into=whole, tell=tell)


@dataclass(frozen=True)
class Threads:
    """Threads of this process: the variants of a chunk are shared out among them.

    Parameters
    ----------
    threads : int or None
        None for all that numba has.
    """

    threads: int | None = None
    workers: int | None = None

    def run(self, work: Work, chunks: Sequence[int], whole: Rows | None, tell: Tell) -> None:
        """Do one chunk after the other, each with all threads; see `Executor`."""
        with _threads(self.threads):
            for chunk in chunks:
                work.do(chunk, parallel=True, into=whole, tell=tell)


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    """Let numba use so many threads for a while."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(wanted or before)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _most_threads() -> int:
    import numba

    return int(vars(numba.config)["NUMBA_NUM_THREADS"])  # what the process started with


def executor_of(given: Any, workers: int | None = None) -> Executor:
    """Return the executor that a name or a client stands for.

    Parameters
    ----------
    given : str, distributed.Client, Executor or None
        ``serial``, ``threads`` (the default) or ``dask``, which starts a cluster of processes on this machine.
    workers : int, optional
        Threads, or processes of such a cluster; by default as many as there are processors.

    Raises
    ------
    UsageError
        It is none of these, or the number of workers is none or is not this one's to choose.
    MissingDependency
        Dask is asked for and not installed.
    """
    faults = list(_odd(given, workers))
    if faults:
        raise UsageError(faults)
    if given == "serial":
        return Serial()
    if given is None or given == "threads":
        return Threads(workers)
    if given == "dask":
        from deepshock.experiment.cluster import Local

        return Local(workers or os.cpu_count() or 1)
    if _is_client(given):
        from deepshock.experiment.cluster import Cluster

        return Cluster(given)
    assert isinstance(given, Executor)
    return given


def _odd(given: Any, workers: Any) -> Iterator[Fault]:
    """Yield what is wrong with a choice of executor."""
    allowed = "give 'serial', 'threads', 'dask', or a distributed.Client"
    if isinstance(given, str) and given not in NAMES:
        yield Fault("executor", f"{given!r} is none", suggest(given, NAMES) or allowed)
    elif not (given is None or isinstance(given, str) or _is_client(given) or isinstance(given, Executor)):
        yield Fault("executor", f"{given!r} is none", allowed)
    elif _is_client(given) and given.asynchronous:
        yield Fault("executor", "is an asynchronous client", "give one made without asynchronous=True")
    if workers is None:
        return
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        yield Fault("workers", f"{workers!r} is no number of workers", "give a whole number from 1")
    elif given in (None, "threads") and workers > (most := _most_threads()):
        remedy = f"give at most {most}, or set NUMBA_NUM_THREADS before Python starts"
        yield Fault("workers", f"{workers} threads are more than there are: {most}", remedy)
    elif given == "serial" or not (given is None or isinstance(given, str)):
        whose = "serial" if given == "serial" else "a client or an executor of one's own"
        yield Fault("workers", f"has no effect with {whose}", "leave it out")


def _is_client(given: Any) -> bool:
    """Say whether something is a client of a Dask cluster, without importing Dask."""
    return any(base.__module__.startswith("distributed.") and base.__name__ == "Client" for base in type(given).__mro__)

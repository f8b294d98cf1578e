"""How long each of them takes, in turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from common import ours
from common.clock import Task, Times, in_turns
from common.limits import Limit
from common.workloads import Workload
from peers import with_vectorbt
from peers.installed import OneByOne, one_by_one, sample

OURS_A_ROUND = 5  # ours takes milliseconds where others take seconds


@dataclass(frozen=True)
class Measured:
    """One library on one workload.

    Parameters
    ----------
    who : str
    ready : Times or None
        From arrays that are ready to the three figures.
    whole : Times or None
        From the thesis, or from plain parameters, to the three figures with their labels.
    sampled : int
        Variants that were run where not all were: the times are scaled up from them.
    """

    who: str
    ready: Times | None
    whole: Times | None
    sampled: int = 0

    def document(self) -> dict[str, object]:
        """Return plain values for JSON."""
        times = {"ready": self.ready, "whole": self.whole}
        return {"who": self.who, "sampled": self.sampled, **{n: t.document() if t else None for n, t in times.items()}}


class Vectorbt:
    """One of its engines on one workload; matrices are kept between the two steps."""

    def __init__(self, work: Workload, name: str) -> None:
        self.plain, self.name = work.plain, name
        self.matrices: tuple[Any, ...] = ()

    def prepare(self) -> None:
        """Build the matrices."""
        self.matrices = ()
        self.matrices = with_vectorbt.prepare(self.plain)

    def run(self) -> None:
        """Simulate, and take the three metrics."""
        with with_vectorbt.engine(self.name):
            with_vectorbt.figures(self.plain, self.matrices)


def measure(work: Workload, rounds: int, n_sampled: int) -> list[Measured]:
    """Time deepshock, the minimal kernel and vectorbt in turns, then what runs one variant at a time.

    What compiles has compiled before: `peers.check.check` comes first.
    """
    batches, limit = ours.plan(work), Limit(work.plain)
    theirs = {name: Vectorbt(work, name) for name in with_vectorbt.engines()}
    tasks: dict[str, Task] = {}
    for name, library in theirs.items():
        tasks[f"{name} prepare"], tasks[f"{name} run"] = library.prepare, library.run
    mine: dict[str, Task] = {
        "engine": lambda: ours.run(batches),
        "sweep": lambda: ours.sweep(work),
        "limit": limit.run,
    }
    for turn in range(OURS_A_ROUND):
        tasks |= {f"{name} {turn}": task for name, task in mine.items()}
    took = in_turns(tasks, rounds, warm=False)
    own = {name: _joined([took[f"{name} {turn}"] for turn in range(OURS_A_ROUND)]) for name in mine}
    found = [Measured("deepshock", own["engine"], own["sweep"]), Measured("minimal kernel", own["limit"], None)]
    for name in theirs:
        ready = took[f"{name} run"]
        found.append(Measured(f"vectorbt {name}", ready, _sums(took[f"{name} prepare"], ready)))
    return found + [_one_by_one(work, library, rounds, n_sampled) for library in one_by_one(work)]


def _one_by_one(work: Workload, library: OneByOne, rounds: int, n_sampled: int) -> Measured:
    n = len(work.grid)
    chosen = sample(work, n_sampled, np.zeros(n, np.bool_))
    took = in_turns({library.name: lambda: library.run(work.plain, chosen)}, rounds, warm=False)[library.name]
    scaled = Times(tuple(seconds * n / len(chosen) for seconds in took.seconds))
    return Measured(library.name, None, scaled, len(chosen))


def _joined(times: list[Times]) -> Times:
    return Times(tuple(seconds for one in times for seconds in one.seconds))


def _sums(first: Times, second: Times) -> Times:
    return Times(tuple(a + b for a, b in zip(first.seconds, second.seconds, strict=True)))

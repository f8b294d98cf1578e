"""Timing things that take turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Task = Callable[[], object]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Times:
    """Seconds of some runs of one thing.

    Parameters
    ----------
    seconds : tuple of float
        In the order of the rounds.
    """

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.seconds)

    def document(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {"median_s": self.median, "least_s": min(self.seconds), "all_s": list(self.seconds)}


def in_turns(tasks: Mapping[str, Task], rounds: int, *, warm: bool = True) -> dict[str, Times]:
    """Run tasks one after another, again and again.

    Parameters
    ----------
    tasks : mapping of str to callable
    rounds : int
        How often each is measured.
    warm : bool
        Whether each runs once before, unmeasured: what compiles, compiles then.

    Returns
    -------
    dict of str to Times

    Notes
    -----
    What a run leaves behind is collected before the next one starts, and not while it runs. What was there before is
    frozen: to look through all that the libraries have imported took a quarter of a second each time.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    gc.collect()
    gc.freeze()
    try:
        for turn in range(rounds + warm):
            for name, task in tasks.items():
                seconds = once(task)[0]
                if turn or not warm:
                    taken[name].append(seconds)
    finally:
        gc.unfreeze()
    return {name: Times(tuple(seconds)) for name, seconds in taken.items()}


def once(task: Callable[[], Made]) -> tuple[float, Made]:
    """Run a task; return its seconds and what it returned."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        made = task()
        return time.perf_counter() - start, made
    finally:
        gc.enable()

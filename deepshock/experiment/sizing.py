"""How a sweep is cut into chunks, and whether it fits at all; both are settled before it starts."""

from __future__ import annotations

import time

from deepshock.errors import Fault, UsageError
from deepshock.experiment.columns import COUNTS, MEASURES
from deepshock.experiment.grid import Grid
from deepshock.experiment.memory import room_in_memory
from deepshock.experiment.rows import Rows
from deepshock.experiment.work import Work

IN_MEMORY = 50_000  # variants that are planned at a time where no parts are written
MOST, LEAST = 50_000, 500  # variants of a part
PART_SECONDS = 5.0  # what a part should take at most: so much work is lost with a process
EACH = 4  # chunks for each worker at least, so that none waits long for the last one
_PROBES = (16, 64, 1_024)
_SIZES: tuple[int, ...] = tuple(digit * 10**power for power in range(9) for digit in (1, 2, 5))


def bytes_a_row(n_costs: int, n_paths: int) -> int:
    """Return what a row takes in memory: numbers, texts of their usual length, and its label."""
    return 8 * (len(MEASURES) + n_costs + len(COUNTS)) + 1 + 2 * 4 + 2 * 12 + 2 * n_paths


def bytes_on_disk(n_costs: int, n_paths: int) -> int:
    """Return what a row takes in a part: figures hardly shrink, counts, labels and reasons nearly vanish."""
    return 8 * (len(MEASURES) + n_costs) + 2 * (len(COUNTS) + 2 + n_paths)


def check_memory(grid: Grid, n_costs: int) -> None:
    """Refuse a sweep whose rows do not fit into memory.

    Raises
    ------
    UsageError
        With the estimate and what to do.
    """
    remedy = "stream them into a folder with to=... (--to), draw a sample, or vary less"
    room_in_memory(len(grid), len(grid) * bytes_a_row(n_costs, len(grid.paths)), remedy)


def check_chunk(chunk: object) -> None:
    """Refuse what is no number of variants.

    Raises
    ------
    UsageError
        It is none.
    """
    if chunk is not None and (not isinstance(chunk, int) or isinstance(chunk, bool) or chunk < 1):
        raise UsageError(Fault("chunk", f"{chunk!r} is no number of variants", "give a whole number from 1"))


def measured(work: Work, workers: int | None) -> int:
    """Return the size of a chunk: a round number of variants that take a few seconds, by a short trial.

    Parameters
    ----------
    work : Work
    workers : int or None
        How many chunks are done at a time, None for one.
    """
    n = len(work.grid)
    least = min(LEAST, n)
    if n <= LEAST:
        return n
    wanted = PART_SECONDS / _seconds_each(work)
    shared = MOST if workers is None else max(n // (EACH * workers), 1)
    most = int(min(max(wanted, least), shared, MOST))
    return max(size for size in _SIZES if size <= most)


def _seconds_each(work: Work) -> float:
    """Run a few variants, then some more; what is compiled or read for the first time is not counted."""
    taken = 1.0
    for n in _PROBES:
        rows = Rows.empty(0, min(n, len(work.grid)), work.costs)
        began = time.perf_counter()
        work.fill(rows, parallel=True, tell=lambda more: None)
        taken = (time.perf_counter() - began) / len(rows)
        if n > _PROBES[0] and taken * _PROBES[-1] > 1.0:
            break
    return taken

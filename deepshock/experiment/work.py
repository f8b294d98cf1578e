"""The work of a sweep, chunk by chunk: plan, run, write down. It may be sent to other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from deepshock.engine import run_variants
from deepshock.experiment.columns import texts
from deepshock.experiment.grid import Grid
from deepshock.experiment.rows import Rows
from deepshock.experiment.storage import Folder

if TYPE_CHECKING:
    from pandas.api.extensions import ExtensionArray

    from deepshock.experiment.variants import Batch, Planner

Tell = Callable[[int], object]
FIRST_SLICE = 20_000  # orders that the kernel is given at first
SLICE_SECONDS = 0.25  # how long it should then be away: an interrupt is heard and progress told in between
MOST_SLICE = 65_536  # variants whose figures are held at a time
BLOCK = 8_192  # variants whose figures stay in the processor's cache while they are written down

_planning = Lock()  # a planner keeps what it has found: threads of one process take turns


@dataclass(frozen=True, eq=False)
class Work:
    """All that it takes to make the rows of any chunk of a sweep.

    Parameters
    ----------
    planner : Planner
        Holds thesis, market and settings.
    grid : Grid
    costs : tuple of str
        Names of the columns of costs.
    chunk : int
        Variants of one chunk.
    folder : Folder or None
        Where chunks are written as parts; None where their rows are handed back.
    """

    planner: Planner
    grid: Grid
    costs: tuple[str, ...]
    chunk: int
    folder: Folder | None = None

    @property
    def n_chunks(self) -> int:
        """How many chunks the whole sweep has."""
        return -(-len(self.grid) // self.chunk)

    def bounds(self, chunk: int) -> tuple[int, int]:
        """Return the first variant of a chunk, and the one after its last."""
        return chunk * self.chunk, min((chunk + 1) * self.chunk, len(self.grid))

    def do(self, chunk: int, *, parallel: bool, into: Rows | None = None, tell: Tell | None = None) -> Rows | None:
        """Make the rows of a chunk, and write its part if there is a folder.

        Parameters
        ----------
        chunk : int
        parallel : bool
            Whether the kernel may use several threads.
        into : Rows, optional
            Rows of the whole sweep, to be filled in place.
        tell : callable, optional
            Called with how many variants are done since the last call.

        Returns
        -------
        Rows or None
            None where they were written to the folder.
        """
        bounds = self.bounds(chunk)
        rows = Rows.empty(*bounds, self.costs) if into is None else into.part(*bounds)
        self.fill(rows, parallel=parallel, tell=tell or _nobody)
        if self.folder is None:
            return rows
        self.folder.write(chunk, rows.frame(self._labels(*bounds)))
        return None

    def fill(self, rows: Rows, *, parallel: bool, tell: Tell) -> None:
        """Fill rows, all of them."""
        with _planning:
            batches = self.planner.batches(rows.start, rows.start + len(rows))
        size = 0
        for batch in batches:
            if batch.reason:
                rows.refuse(batch.numbers, batch.reason)
                tell(len(batch.numbers))
            else:
                size = _run(batch, rows, size, parallel, tell)
        assert sum(len(batch.numbers) for batch in batches) == len(rows), "a variant is in no batch, or in two"

    def _labels(self, start: int, stop: int) -> dict[str, ExtensionArray]:
        """Return the values of variants as a thesis would write them, by path: columns for who reads the parts."""
        codes = self.grid.codes(start, stop)
        return {
            path: texts([written[place] for written in axis.texts], codes[:, column])
            for column, axis in enumerate(self.grid.axes)
            for place, path in enumerate(axis.paths)
        }


def _run(batch: Batch, rows: Rows, size: int, parallel: bool, tell: Tell) -> int:
    """Run the variants of a batch slice by slice, the first of a given size; return how many the next should have."""
    assert batch.assembly is not None
    assert batch.variants is not None
    size = size or max(FIRST_SLICE // int(np.diff(batch.variants.start).max()), 1)
    arrays, items = (batch.assembly.tape, batch.assembly.terms, batch.assembly.money), len(batch.assembly.items)
    start, n, named = 0, len(batch.numbers), rows.named(batch)
    while start < n:
        cut = slice(start, start + size)
        chosen = batch.variants._replace(template=batch.variants.template[cut], pick=batch.variants.pick[cut])
        began = time.perf_counter()
        figures, paid = run_variants(*arrays, chosen, items, parallel=parallel)
        numbers = batch.numbers[cut]
        for at in range(0, len(numbers), BLOCK):
            few = slice(at, at + BLOCK)
            rows.fill(batch, named, numbers[few], chosen.template[few], figures[few], paid[few])
        tell(len(numbers))
        start += size
        if len(numbers) == size:
            pace = SLICE_SECONDS / max(time.perf_counter() - began, 1e-6)
            size = min(max(int(size * min(pace, 8.0)), 1), MOST_SLICE)
    return size


def _nobody(more: int) -> None:
    """Be told, and do nothing."""

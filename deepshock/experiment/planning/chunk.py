"""A range of variants on its way to batches: which still can run, and why the others can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.experiment.grid import Grid


class Chunk:
    """Some variants.

    Parameters
    ----------
    grid : Grid
    start, stop : int
    """

    def __init__(self, grid: Grid, start: int, stop: int) -> None:
        self.codes = grid.codes(start, stop)
        self.numbers = np.arange(start, stop, dtype=np.int64)
        self.alive = np.ones(stop - start, np.bool_)
        """Which nothing has been found against yet."""
        self._sizes = [len(axis) for axis in grid.axes]
        self._refused: dict[tuple[int, ...], Flags] = {}
        self._texts: dict[str, int] = {}
        self._reason = np.zeros(stop - start, np.int64)

    def __len__(self) -> int:
        return len(self.numbers)

    def refuse(self, axes: tuple[int, ...], which: Flags) -> None:
        """Note that a thesis refuses variants on account of their positions on some axes."""
        if which.any():
            self._refused[axes] = self._refused[axes] | which if axes in self._refused else which

    def stop(self, which: Flags | Ints, reason: str) -> None:
        """Give some variants that are still alive the reason why they can't run."""
        self._reason[which] = self._texts.setdefault(reason, len(self._texts))
        self.alive[which] = False

    def explain(self, why: Callable[[Mapping[int, int], int], str]) -> None:
        """Stop what was refused.

        Parameters
        ----------
        why : callable
            Given the positions of the axes that are to blame, and the place of a variant that has them, returns what
            its thesis says.
        """
        if not self._refused:
            return
        bad = np.logical_or.reduce(list(self._refused.values()))
        places = np.flatnonzero(bad)
        blamed = np.zeros((len(places), len(self._sizes)), np.bool_)
        for axes, which in self._refused.items():
            blamed[:, axes] |= which[places, None]
        signs = np.where(blamed, self.codes[places] + 1, 0)
        kinds, first, of = np.unique(signs, axis=0, return_index=True, return_inverse=True)
        for kind, (positions, place) in enumerate(zip(kinds.tolist(), places[first].tolist(), strict=True)):
            to_blame = {axis: position - 1 for axis, position in enumerate(positions) if position}
            self.stop(places[of.ravel() == kind], why(to_blame, place))

    def stopped(self) -> Iterator[tuple[Ints, str]]:
        """Yield the numbers of the variants that can't run, reason by reason."""
        dead = np.flatnonzero(~self.alive)
        order = dead[np.argsort(self._reason[dead], kind="stable")]
        cuts = np.searchsorted(self._reason[order], np.arange(1, len(self._texts)))
        for text, places in zip(self._texts, np.split(order, cuts), strict=False):
            if len(places):
                yield self.numbers[places], text

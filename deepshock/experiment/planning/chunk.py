"""A range of variants on its way to batches: which still can run, and why the others can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.digits import Distinct


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
        self._reason[which] = self._number(reason)
        self.alive[which] = False

    def stop_each(self, why: Ints, reasons: Sequence[str]) -> None:
        """Give each variant that is alive one of several reasons, by number; -1 for none."""
        which = np.flatnonzero(self.alive & (why >= 0))
        if len(which):
            numbers = np.array([self._number(reason) for reason in reasons])
            self._reason[which] = numbers[why[which]]
            self.alive[which] = False

    def _number(self, reason: str) -> int:
        return self._texts.setdefault(reason, len(self._texts))

    def explain(self, why: Callable[[Mapping[int, int], int], str]) -> None:
        """Stop what was refused.

        Parameters
        ----------
        why : callable
            Given the positions of the axes that are to blame, and the number of a variant that has them, returns what
            its thesis says.
        """
        if not self._refused:
            return
        places = np.flatnonzero(np.logical_or.reduce(list(self._refused.values())))
        blamed = np.zeros((len(places), self.codes.shape[1]), np.bool_)
        for axes, which in self._refused.items():
            blamed[:, axes] |= which[places, None]
        signs = np.where(blamed, self.codes[places], -1)
        for first, those in _alike(signs):
            to_blame = {axis: at for axis, at in enumerate(signs[first].tolist()) if at >= 0}
            self.stop(places[those], why(to_blame, int(self.numbers[places[first]])))

    def stopped(self) -> Iterator[tuple[Ints, str]]:
        """Yield the numbers of the variants that can't run, reason by reason."""
        dead = np.flatnonzero(~self.alive)
        reasons = Distinct.of(self._reason[dead], len(self._texts))
        texts = list(self._texts)
        for number, places in reasons.groups() if len(dead) else ():
            yield self.numbers[dead[places]], texts[number]


def _alike(rows: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield of equal rows the place of the first, and of all."""
    found = Distinct.of(rows[:, 0] + 1, int(rows[:, 0].max()) + 2)
    for column in rows.T[1:]:
        size = int(column.max()) + 2
        found = Distinct.of(found.place * size + column + 1, len(found.values) * size)
    for n, (_, places) in enumerate(found.groups()):
        yield int(found.first[n]), places

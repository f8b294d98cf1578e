"""Numbers for the combinations of positions on some axes of a grid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deepshock.arrays import Ints, Records
from deepshock.experiment.grid import Grid


@dataclass(frozen=True)
class Digits:
    """Some axes of a grid; each combination of positions on them has a number.

    Parameters
    ----------
    axes : tuple of int
        The last one moves fastest.
    sizes : tuple of int
    """

    axes: tuple[int, ...]
    sizes: tuple[int, ...]

    @classmethod
    def on(cls, axes: Iterable[int], grid: Grid) -> Digits:
        """Return the digits of some axes, in the order of the grid."""
        chosen = tuple(sorted(set(axes)))
        return cls(chosen, tuple(len(grid.axes[axis]) for axis in chosen))

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return math.prod(self.sizes)

    def numbers(self, codes: Ints) -> Ints:
        """Return the number of each row of positions, an ndarray of shape (n, n_axes of the grid)."""
        found = np.zeros(len(codes), np.int64)
        for axis, size in zip(self.axes, self.sizes, strict=True):
            found *= size
            found += codes[:, axis]
        return found

    def positions(self, numbers: Ints) -> dict[int, Ints]:
        """Return the positions of numbered combinations on each of the axes."""
        found = {}
        for axis, size in zip(reversed(self.axes), reversed(self.sizes), strict=True):
            numbers, found[axis] = np.divmod(numbers, size)
        return found

    def position(self, number: int) -> dict[int, int]:
        """Return the positions of one of them."""
        found = {}
        for axis, size in zip(reversed(self.axes), reversed(self.sizes), strict=True):
            number, found[axis] = divmod(number, size)
        return found


def stacked(parts: Sequence[Records]) -> Records:
    """Return records of one type one after another, as the bytes that they are; numpy would go field by field."""
    return np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in parts]).view(parts[0].dtype)


class Distinct(NamedTuple):
    """The values of an array, each once and ascending."""

    values: Ints
    first: Ints  # where each stands first
    place: Ints  # of every element, where its value stands among the values

    def groups(self) -> Iterator[tuple[int, Ints]]:
        """Yield each value with the places of all elements that have it."""
        if len(self.values) == 1:
            yield int(self.values[0]), np.arange(len(self.place))
            return
        cuts = np.cumsum(np.bincount(self.place, minlength=len(self.values)))[:-1]
        if bool((self.place[1:] >= self.place[:-1]).all()):
            yield from zip(self.values.tolist(), np.split(np.arange(len(self.place)), cuts), strict=True)
            return
        few = len(self.values) <= 1 << 16  # which numpy sorts by radix
        order = np.argsort(self.place.astype(np.uint16) if few else self.place, kind="stable")
        yield from zip(self.values.tolist(), np.split(order, cuts), strict=True)

    @classmethod
    def of(cls, numbers: Ints, size: int) -> Distinct:
        """Find the distinct ones of numbers from 0 to ``size`` - 1; without sorting where that range is small."""
        n = len(numbers)
        if size == 1:
            return cls(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(n, np.int64))
        if n and bool((numbers[1:] > numbers[:-1]).all()):
            every = np.arange(n)
            return cls(numbers, every, every)
        if size > max(4 * n, 1024):
            return cls(*np.unique(numbers, return_index=True, return_inverse=True))
        first = np.full(size, -1)
        first[numbers[::-1]] = np.arange(n - 1, -1, -1)
        values = np.flatnonzero(first >= 0)
        place = np.zeros(size, np.int64)
        place[values] = np.arange(len(values))
        return cls(values, first[values], place[numbers])

"""What a sweep varies: axes of values, all their combinations or a random sample of them.

Variants are numbered from 0. Numbers become positions on the axes by arithmetic, in arrays: a grid holds its axes and
never its variants.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.errors import Fault, UsageError, suggest
from deepshock.experiment.axes import Axis, read_axis
from deepshock.experiment.draw import Ints, check_draw, draw
from deepshock.experiment.places import check_paths
from deepshock.thesis.scalar import shown

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.thesis import Book, Thesis

MOST = 2**63 - 1  # what an int64 can number


@dataclass(frozen=True, eq=False)
class Grid:
    """What is varied. `Grid.of` builds one.

    Parameters
    ----------
    axes : tuple of Axis
        The last one moves fastest.
    chosen : ndarray of shape (n_variants,) or None
        Of a random sample, the numbers of its variants in the full product, ascending; None for the full product.
    seed : int or None
        Of the random sample.

    Examples
    --------
    >>> grid = Grid.of({"enter.lag": range(3), ("exit.stop", "exit.target"): [(None, None), (0.05, 0.1)]})
    >>> len(grid), grid.change(3)
    (6, {'enter.lag': 1, 'exit.stop': 0.05, 'exit.target': 0.1})
    >>> grid.variant_of({"enter.lag": 1, "exit.stop": 0.05, "exit.target": 0.1})
    3
    """

    axes: tuple[Axis, ...]
    chosen: Ints | None = field(default=None, repr=False)
    seed: int | None = None

    @classmethod
    def of(cls, over: Mapping[Any, Any], *, sample: int | None = None, seed: int = 0) -> Grid:
        """Build a grid.

        Parameters
        ----------
        over : mapping
            Dotted path to its values (list, tuple, range or array), or a tuple of paths, tied, to tuples of values.
            None as a value removes the word. Whether a thesis takes a value is not asked here.
        sample : int, optional
            How many variants to draw, each at most once; all by default.
        seed : int
            Of the draw.

        Raises
        ------
        UsageError
            With everything that is wrong: no values, a path twice, a sample larger than the product.
        """
        if not isinstance(over, Mapping) or not over:
            raise UsageError(Fault("over", f"{shown(over)} names nothing to vary", "write {'exit.hold': [5, 10]}"))
        faults: list[Fault] = []
        read = [read_axis(key, given, faults) for key, given in over.items()]
        axes = tuple(axis for axis in read if axis is not None)
        _distinct(axes, faults)
        size = math.prod(map(len, axes))
        if size > MOST:
            faults.append(Fault("over", f"{size:.3g} variants are more than can be numbered", "give fewer values"))
        check_draw(sample, seed, None if len(axes) < len(read) else size, faults)
        if faults:
            raise UsageError(faults)
        return cls(axes) if sample is None else cls(axes, draw(size, int(sample), int(seed)), int(seed))

    def check(self, item: Thesis | Book) -> None:
        """Refuse paths that lead nowhere in a thesis or book; of a book, ``NAME.path`` is one thesis's.

        Raises
        ------
        UsageError
            With every wrong path and the nearest right one.
        """
        faults = check_paths(item, self.paths)
        if faults:
            raise UsageError(faults)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path, tied ones one by one."""
        return tuple(path for axis in self.axes for path in axis.paths)

    @property
    def size(self) -> int:
        """How many variants the full product has."""
        return math.prod(map(len, self.axes))

    def __len__(self) -> int:
        return self.size if self.chosen is None else len(self.chosen)

    def codes(self, start: int, stop: int) -> Ints:
        """Return the positions of variants ``start`` up to ``stop`` (excluded): ndarray of shape (n, n_axes)."""
        if not 0 <= start <= stop <= len(self):
            problem = f"{start} up to {stop} are not all there"
            raise UsageError(Fault("variants", problem, f"there are {len(self):,}, from 0"))
        number = np.arange(start, stop, dtype=np.int64) if self.chosen is None else self.chosen[start:stop]
        found = np.empty((len(number), len(self.axes)), np.int64)
        for axis in reversed(range(len(self.axes))):
            number, found[:, axis] = np.divmod(number, len(self.axes[axis]))
        return found

    def change(self, variant: int) -> dict[str, object]:
        """Return what a variant changes, value by path; a path within another comes after it, and so prevails."""
        positions = self.codes(variant, variant + 1)[0]
        rows = zip(self.axes, positions, strict=True)
        made = {path: v for axis, at in rows for path, v in zip(axis.paths, axis.values[at], strict=True)}
        return dict(sorted(made.items(), key=lambda change: len(change[0])))

    def labels(self, start: int, stop: int) -> pd.MultiIndex:
        """Return the labels of variants ``start`` up to ``stop``: a level for each path, named by it.

        None, lists, mappings, dates and the like are shown as a thesis would write them.
        """
        import pandas as pd

        levels: list[Any] = []
        codes = []
        for axis, positions in zip(self.axes, self.codes(start, stop).T, strict=True):
            for level, place in axis.levels:
                levels.append(level)
                codes.append(place[positions])
        return pd.MultiIndex(levels, codes, names=self.paths, verify_integrity=False)

    def variant_of(self, labels: Mapping[str, object]) -> int:
        """Return the number of the variant with these labels, or these values, one for each path.

        Raises
        ------
        UsageError
            A path is missing or unknown, a value is not on its axis, or the variant was not drawn.
        """
        allowed = f"varied are {', '.join(self.paths)}"
        unknown = [path for path in labels if path not in self.paths]
        faults = [Fault(f"variant {path}", "is not varied", suggest(path, self.paths) or allowed) for path in unknown]
        number = 0
        for axis in self.axes:
            number = number * len(axis) + axis.position(labels, faults)
        if faults:
            raise UsageError(faults)
        if self.chosen is None:
            return number
        place = int(np.searchsorted(self.chosen, number))
        if place == len(self) or self.chosen[place] != number:
            raise UsageError(Fault("variant", f"{shown(dict(labels))} was not drawn", "leave out sample, or vary less"))
        return place

    def document(self) -> dict[str, Any]:
        """Return the grid as plain values for JSON; equal grids have equal documents."""
        axes = [
            {
                "paths": list(axis.paths),
                "values": [list(each) for each in axis.trees],
            }
            for axis in self.axes
        ]
        if self.chosen is None:
            return {"axes": axes, "sample": None}
        digest = hashlib.sha256(self.chosen.astype("<i8").tobytes()).hexdigest()
        return {"axes": axes, "sample": {"n": len(self), "of": self.size, "seed": self.seed, "sha256": digest}}

    def hash(self) -> str:
        """Return a SHA-256 of the document, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.document(), separators=(",", ":")).encode("ascii")).hexdigest()


def _distinct(axes: tuple[Axis, ...], faults: list[Fault]) -> None:
    """Refuse a path that stands twice, however it is spelt."""
    seen: set[str] = set()
    for path in (path for axis in axes for path in axis.paths):
        spelt = path.replace("_", " ").replace("-", " ")
        if spelt in seen:
            faults.append(Fault(f"over {path!r}", "stands twice", "give all its values at one place"))
        seen.add(spelt)

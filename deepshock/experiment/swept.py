"""A sweep that was made: its rows, labelled, and the full result of any variant again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

from deepshock.errors import Fault, UsageError, suggest
from deepshock.experiment.columns import COST
from deepshock.experiment.grid import Grid
from deepshock.experiment.memory import room_in_memory
from deepshock.experiment.sizing import bytes_a_row
from deepshock.experiment.storage import Folder
from deepshock.experiment.vary import varied
from deepshock.pipeline import conclude
from deepshock.plan import Settings, build, build_book
from deepshock.result import Result
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.experiment.best import Best
    from deepshock.market import Market


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """The variants of one thesis or book; `sweep` makes it.

    Parameters
    ----------
    item : Thesis or Book
        What was varied.
    market : Market
    grid : Grid
        What of it: axes, and which of their combinations.
    settings : Settings
        Source, capital and costs that all variants share.
    made : DataFrame or Folder
        The rows, or where they are.
    """

    item: Thesis | Book
    market: Market
    grid: Grid
    settings: Settings
    made: pd.DataFrame | Folder

    def __len__(self) -> int:
        return len(self.grid)

    def __repr__(self) -> str:
        axes = ", ".join(f"{' with '.join(axis.paths)} ({len(axis)})" for axis in self.grid.axes)
        drawn = "" if self.grid.chosen is None else f", drawn from {self.grid.size:,}"
        where = f" in {self.made.path}" if isinstance(self.made, Folder) else ""
        data = " on SIMULATED data" if self.market.simulated else ""
        return f"<Sweep of {self.item.name}{data}: {len(self):,} variants of {axes}{drawn}{where}>"

    @property
    def rows(self) -> pd.DataFrame:
        """The rows, indexed by the number of the variant; see `sweep` for the columns.

        Raises
        ------
        UsageError
            They are in a folder and do not fit into memory; `scan` yields them part by part.
        """
        if not isinstance(self.made, Folder):
            return self.made.copy(deep=False)
        names = self._columns()
        n_costs = sum(name.startswith(COST) for name in names)
        n_bytes = 2 * len(self) * bytes_a_row(n_costs, len(self.grid.paths))  # parts, and all of them joined
        room_in_memory(len(self), n_bytes, "read them part by part with scan()")
        return self.made.read(names)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows, labelled: a MultiIndex with one level for each path that was varied."""
        rows = self.rows
        return rows.set_axis(self._labels_of(rows))

    def scan(self, columns: Sequence[str] | None = None, *, labelled: bool = True) -> Iterator[pd.DataFrame]:
        """Yield rows part by part: a sweep in a folder may be larger than memory.

        Parameters
        ----------
        columns : sequence of str, optional
            All by default.
        labelled : bool
            Whether they are indexed as `frame` is, or by the number of the variant, as `rows`.

        Raises
        ------
        UsageError
            No such column, or a part cannot be read.
        """
        self._require(columns or ())
        parts: Iterable[pd.DataFrame]
        if isinstance(self.made, Folder):
            parts = self.made.scan(columns or self._columns())
        else:
            parts = (self.rows if columns is None else self.rows[list(columns)],)
        for part in parts:
            yield part.set_axis(self._labels_of(part)) if labelled else part

    def _require(self, columns: Sequence[str]) -> None:
        allowed = self._columns()
        faults = [
            Fault("columns", f"no {name!r}", suggest(name, allowed) or f"there are {', '.join(allowed)}")
            for name in columns
            if name not in allowed
        ]
        if faults:
            raise UsageError(faults)

    def _labels_of(self, part: pd.DataFrame) -> pd.MultiIndex:
        return self.grid.labels(int(part.index[0]), int(part.index[-1]) + 1)

    def replay(self, variant: int | tuple[object, ...] | Mapping[str, object]) -> Result:
        """Return the full result of one variant; its figures are those of its row, to the bit.

        Parameters
        ----------
        variant : int, tuple or mapping of str to object
            Its number; or its label or value for each path, as in the index of `frame` or by name.

        Raises
        ------
        DeepshockError
            There is no such variant, or it cannot run: its row then has the reason.
        """
        one = varied(self.item, self.grid.change(self._number(variant)))
        if isinstance(one, Book):
            return conclude(build_book(one, self.market, self.settings), self.market)
        return conclude(build(one, self.market, self.settings), self.market)

    def best(
        self,
        by: str = "excess_return",
        *,
        most: int = 1000,
        seed: int = 0,
        progress: Callable[[str], object] | None = None,
    ) -> Best:
        """Return the best variant, beside what says how far it can be told from the luckiest.

        Parameters
        ----------
        by : str
            ``excess_return`` or ``sharpe``: the column whose largest value is chosen.
        most : int
            Variants whose returns are looked at, row by row; of more, an even sample of so many, the best among them.
        seed : int
            Of that sample, and of the resamples of SPA.
        progress : callable, optional
            Told in words what is being done.

        Raises
        ------
        UsageError
            It is another column.
        StatisticsError
            No variant traded, or none has that figure.
        """
        from deepshock.experiment.best import best

        return best(self, by, most=most, seed=seed, progress=progress)

    def row(self, variant: int) -> dict[str, Any]:
        """Return the row of one variant by its number: each column with its value.

        Raises
        ------
        UsageError
            There is no such variant, or its part cannot be read.
        """
        self.grid.codes(variant, variant + 1)
        if not isinstance(self.made, Folder):
            rows = self.made
        else:
            rows = self.made.read_chunk(variant // int(self.made.manifest["chunk"]), self._columns())
        return {name: rows.at[variant, name] for name in self._columns()}

    def _number(self, variant: object) -> int:
        if isinstance(variant, Integral):
            return int(variant)
        paths = self.grid.paths
        if isinstance(variant, tuple) and len(variant) == len(paths):
            return self.grid.variant_of(dict(zip(paths, variant, strict=True)))
        if isinstance(variant, Mapping):
            return self.grid.variant_of(variant)
        remedy = f"give its number, or a tuple or mapping with a label for each of {', '.join(paths)}"
        raise UsageError(Fault("variant", f"{variant!r} names none", remedy))

    def _columns(self) -> list[str]:
        """Return the names of the figures; parts also hold the values of each path, as text."""
        return [name for name in map(str, self.made.columns) if name not in self.grid.paths]

"""The rows of a sweep as arrays: filled batch by batch, shown as a table.

What a row needs is written into arrays that are there from the start; neither filling them nor making a frame of them
goes through the variants one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Flags, Floats, Ints, Records
from deepshock.experiment.columns import COST, COUNTS, MEASURES, NOTHING_FILLED, Codes, Words, columns, texts
from deepshock.stats.summary import measures

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

    from deepshock.experiment.variants import Batch


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of the variants ``start`` up to ``start + n``. `Rows.empty` makes them.

    Parameters
    ----------
    start : int
    costs : tuple of str
    values : ndarray of shape (n_measures + n_costs, n), float64
    counts : ndarray of shape (n_counts, n), int64
    open_at_end : ndarray of shape (n,), bool
    worst, reason : ndarray of shape (n,), int32
        Numbers of ``symbols`` and of ``reasons``.
    symbols, reasons : Words
    """

    start: int
    costs: tuple[str, ...]
    values: Floats
    counts: Ints
    open_at_end: Flags
    worst: Codes
    reason: Codes
    symbols: Words
    reasons: Words

    @classmethod
    def empty(cls, start: int, stop: int, costs: tuple[str, ...]) -> Rows:
        """Return rows in which nothing has been filled yet; what stands there until then has no meaning."""
        n = stop - start
        values, counts = np.empty((len(MEASURES) + len(costs), n)), np.empty((len(COUNTS), n), np.int64)
        worst, reason = np.empty(n, np.int32), np.empty(n, np.int32)
        return cls(start, costs, values, counts, np.empty(n, np.bool_), worst, reason, Words(), Words())

    def __len__(self) -> int:
        return len(self.reason)

    def part(self, start: int, stop: int) -> Rows:
        """Return some of the rows; what is written there is written here."""
        cut = slice(start - self.start, stop - self.start)
        arrays = (self.values[:, cut], self.counts[:, cut], self.open_at_end[cut], self.worst[cut], self.reason[cut])
        return Rows(start, self.costs, *arrays, self.symbols, self.reasons)

    def refuse(self, numbers: Ints, reason: str) -> None:
        """Write down why variants cannot run; their figures stay nan.

        Parameters
        ----------
        numbers : ndarray of shape (n,)
            Of the variants.
        reason : str
        """
        at = self._at(numbers)
        self.values[:, at] = np.nan
        self.counts[:, at] = self.open_at_end[at] = self.worst[at] = 0
        self.reason[at] = self.reasons.number(reason)

    def named(self, batch: Batch) -> Codes:
        """Return the number of the symbol of each order of a batch, as `fill` takes them."""
        assert batch.assembly is not None
        assert batch.variants is not None
        codes = self.symbols.numbers(instrument.symbol for instrument in batch.assembly.instruments)
        return np.asarray(codes[batch.variants.leg["instrument"]])

    def fill(self, batch: Batch, named: Codes, numbers: Ints, templates: Ints, figures: Records, paid: Floats) -> None:
        """Write down what variants of a batch made.

        Parameters
        ----------
        batch : Batch
        named : ndarray of shape (n_orders,)
            The symbols of its orders, see `named`.
        numbers, templates : ndarray of shape (n,)
            Of the variants; those of the batch, or some.
        figures : ndarray of shape (n,), FIGURES
        paid : ndarray of shape (n, n_items)
            Each cost of the batch, base currency, positive.
        """
        assert batch.assembly is not None
        assert batch.variants is not None
        at, ran = self._at(numbers), figures["n_fills"] > 0
        tape = batch.assembly.tape
        made = measures(figures, tape, batch.capital, batch.currency, always_open=batch.always_open)
        for row, name in enumerate(MEASURES):
            self.values[row, at] = made[name]
        self._fill_costs(at, batch.assembly.items, paid / batch.capital)
        for row, name in enumerate(COUNTS.values()):
            self.counts[row, at] = figures[name]
        self.open_at_end[at] = figures["open_at_end"]
        worst = figures["worst"]
        orders = batch.variants.start.take(templates) + worst
        self.worst[at] = np.where(worst >= 0, named.take(orders, mode="clip"), 0)
        self.reason[at] = np.where(ran, 0, self.reasons.number(NOTHING_FILLED))
        unknown = np.isnan(made["excess_return"])
        if unknown.any():
            self.refuse(
                numbers[unknown], f"no policy rate of {batch.currency} is on file for the day of its first fill"
            )

    def take(self, other: Rows) -> None:
        """Copy rows that were filled elsewhere; they lie within these."""
        mine = self.part(other.start, other.start + len(other))
        for name in ("values", "counts", "open_at_end"):
            getattr(mine, name)[...] = getattr(other, name)
        mine.worst[...] = self.symbols.numbers(other.symbols.texts)[other.worst]
        mine.reason[...] = self.reasons.numbers(other.reasons.texts)[other.reason]

    def _at(self, numbers: Ints) -> slice | Ints:
        """Return where variants stand; neighbours in order as a slice, which is quicker to write to."""
        first, n = int(numbers[0]) - self.start, len(numbers)
        if int(numbers[-1]) - int(numbers[0]) == n - 1 and bool((numbers[1:] > numbers[:-1]).all()):
            return slice(first, first + n)
        return numbers - self.start

    def _fill_costs(self, at: slice | Ints, items: Sequence[str], paid: Floats) -> None:
        self.values[len(MEASURES) :, at] = 0.0
        for column, name in enumerate(items):
            if name in self.costs:
                self.values[len(MEASURES) + self.costs.index(name), at] = paid[:, column]
            else:
                assert not paid[:, column].any(), f"{name} was paid and has no column"

    def frame(self, before: Mapping[str, ExtensionArray] | None = None) -> pd.DataFrame:
        """Return the rows as a table, indexed by the number of the variant; arrays are not copied.

        Parameters
        ----------
        before : mapping of str to array, optional
            Columns to put in front.
        """
        import pandas as pd

        found = {**(before or {}), **{name: self._column(name) for name in columns(self.costs)}}
        index = pd.RangeIndex(self.start, self.start + len(self), name="variant")
        return pd.DataFrame(found, index=index, copy=False)

    def _column(self, name: str) -> object:
        if name in MEASURES:
            return self.values[MEASURES.index(name)]
        if name.startswith(COST):
            return self.values[len(MEASURES) + self.costs.index(name.removeprefix(COST))]
        if name in COUNTS:
            return self.counts[list(COUNTS).index(name)]
        if name == "open_at_end":
            return self.open_at_end
        return texts(self.symbols.texts, self.worst) if name == "worst_leg" else texts(self.reasons.texts, self.reason)

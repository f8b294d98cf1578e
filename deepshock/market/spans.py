"""Rows that hold from one label date to another, by symbol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deepshock.market.calendar import Days
from deepshock.market.sheet import Sheet
from deepshock.market.table import Words

NO_END = 2**31
"""The last day of a row without an end: beyond every date that can be read."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Spans:
    """Stretches of label dates, both ends included. Those of one symbol do not overlap.

    Parameters
    ----------
    rows : mapping of str to slice
        The rows of each symbol.
    first, last : ndarray of shape (n_rows,), int64
        Days since 1970-01-01, by symbol and then ascending.
    """

    rows: Mapping[str, slice]
    first: Days
    last: Days

    def row_at(self, symbol: str, days: Days) -> Places:
        """Return the row that covers each day of a symbol, -1 where none does."""
        rows = self.rows.get(symbol)
        if rows is None:
            return np.full(days.shape, -1, dtype=np.int64)
        at = rows.start - 1 + np.searchsorted(self.first[rows], days, side="right")
        return np.where((at >= rows.start) & (days <= self.last[at]), at, -1)


def spans_of(sheet: Sheet) -> tuple[Spans, Places]:
    """Read the columns ``symbol``, ``from`` and ``to`` of a sheet.

    Returns
    -------
    spans : Spans
        Of no use where the sheet has faults.
    order : ndarray of shape (n_rows,), int64
        The sheet's row of each row of the spans.

    Notes
    -----
    Faults go into the sheet: rows that end before they begin, and rows of one symbol that overlap.
    """
    symbol, first, last = sheet.words("symbol"), sheet.days("from"), sheet.days("to", empty=NO_END)
    readable = (symbol.codes >= 0) & (first >= 0) & (last >= 0)
    backward = readable & (last < first)
    sheet.mark(backward, "to", "an end before its beginning", "both dates are included, so write the same for one day")
    order, rows = by_symbol(symbol, first)
    sound = order[(readable & ~backward)[order]]
    # In order of symbols, and with a bound on every date, the furthest end so far is that of the row's own symbol.
    base = symbol.codes[sound] * 2 * NO_END
    furthest = np.maximum.accumulate(base + last[sound])
    again = np.zeros(first.size, dtype=np.bool_)
    again[sound[1:]] = furthest[:-1] >= (base + first[sound])[1:]
    sheet.mark(again, "from", "dates that another row of the symbol has too", "let one row count on each date")
    return Spans(rows, first[order], last[order]), order


def by_symbol(symbol: Words, days: Days) -> tuple[Places, dict[str, slice]]:
    """Return the order of rows by symbol and day, and the place of each symbol in it."""
    order = np.lexsort((days, symbol.codes))
    edges = np.searchsorted(symbol.codes[order], np.arange(len(symbol.labels) + 1)).tolist()
    return order, {label: slice(edges[k], edges[k + 1]) for k, label in enumerate(symbol.labels)}

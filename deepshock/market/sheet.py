"""Small tables that a user brings beside the bars (borrow, recalls, actions): read, and refused with every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from deepshock.errors import Fault, MarketError, suggest
from deepshock.market.calendar import Days, Flags, Floats
from deepshock.market.files import read_file
from deepshock.market.table import Words, label_days, words_of

Table = str | Path | pd.DataFrame
"""A path of a .csv or .parquet file, or a frame."""

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table, and what was found to be wrong with it so far. Build it with `open_sheet`.

    Parameters
    ----------
    name : str
        The file's name, or what the table is about; for messages.
    frame : DataFrame
        The columns that are read, in any order of rows.
    faults : list of Fault
        Grows while columns are read; `finish` raises them together.
    """

    name: str
    frame: pd.DataFrame
    faults: list[Fault] = field(default_factory=list)

    def days(self, column: str, empty: int | None = None) -> Days:
        """Return a column of label dates as days since 1970-01-01.

        Parameters
        ----------
        column : str
        empty : int, optional
            What an empty cell, or a column that is not there, stands for; without it an empty cell is a fault.

        Returns
        -------
        ndarray of shape (n_rows,), int64
            -1 where a fault was found.
        """
        if column not in self.frame:
            return np.full(len(self.frame), empty, dtype=np.int64)
        blank, (days, bad) = self.blank(column), label_days(self.frame[column])
        remedy = "write 2025-01-27" + (", or nothing" if empty is not None else "")
        self.mark(bad & ~blank, column, "no date from 1980 to 2099", remedy)
        if empty is None:
            self.mark(blank, column, "nothing", remedy)
        return np.where(blank, -1 if empty is None else empty, np.where(bad, -1, days))

    def numbers(self, column: str, remedy: str, *, percent: bool = False) -> Floats:
        """Return a column of numbers; NaN where a cell is empty, or where there is no such column.

        Parameters
        ----------
        column : str
        remedy : str
            What to write, said where a cell is no finite number.
        percent : bool
            Whether ``3%`` may stand for 0.03.
        """
        if column not in self.frame:
            return np.full(len(self.frame), np.nan)
        words = words_of(self.frame[column])
        values = np.array([*(_number(label, percent) for label in words.labels), np.nan])[words.codes]
        self.mark(~self.blank(column) & ~np.isfinite(values), column, "no number", remedy)
        return np.asarray(values)

    def words(self, column: str, allowed: Sequence[str] = ()) -> Words:
        """Return a column of text, in which nothing may be empty; ``allowed`` names all that may stand in it."""
        words = words_of(self.frame[column].astype("str").str.strip())
        remedy = f"write {' or '.join(allowed)}" if allowed else "name it in each row"
        self.mark(words.codes < 0, column, "nothing", remedy)
        for code, label in enumerate(words.labels):
            if allowed and label not in allowed:
                self.mark(words.codes == code, column, f"an unknown {column}", suggest(label, allowed) or remedy)
        return words

    def ends(self, column: str, sign: str) -> Flags:
        """Return which cells of a column end in a sign; none where there is no such column."""
        if column not in self.frame:
            return np.zeros(len(self.frame), dtype=np.bool_)
        return np.asarray(self.frame[column].astype("str").str.strip().str.endswith(sign), dtype=np.bool_)

    def blank(self, column: str) -> Flags:
        """Return which cells of a column are empty."""
        given = self.frame[column]
        return np.asarray(given.isna() | (given.astype("str").str.strip() == ""), dtype=np.bool_)

    def mark(self, rows: Flags, column: str, problem: str, remedy: str) -> None:
        """Add a fault for the rows of a mask, by the first few and their number; none if there are none."""
        if not rows.any():
            return
        at, n = np.flatnonzero(rows)[:_SHOWN].tolist(), int(rows.sum())
        shown = [
            f"row {row + 1} ({self._text('symbol', row)} {self._text(column, row)!r})".replace("( ", "(") for row in at
        ]
        more = f" and {n - len(at)} more" if n > len(at) else ""
        self.faults.append(Fault(f"{self.name} {column}", f"{problem} in {', '.join(shown)}{more}", remedy))

    def finish(self) -> None:
        """Raise every fault.

        Raises
        ------
        MarketError
            There is one.
        """
        if self.faults:
            raise MarketError(self.faults)

    def _text(self, column: str, row: int) -> str:
        value = self.frame[column].iloc[row]
        return "" if pd.isna(value) else str(value).strip()


def open_sheet(source: Table, about: str, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """Open a table. Other columns are ignored, unless they look like one of its own.

    Parameters
    ----------
    source : str, Path or DataFrame
        Never written to.
    about : str
        What the table holds, ``"borrow"``.
    required, optional : sequence of str
        Its columns.

    Raises
    ------
    MarketError
        It cannot be read, or lacks columns. A table without rows is one: nothing was recalled, nothing is designated.
    """
    frame, name = (source, about) if isinstance(source, pd.DataFrame) else read_file(source, about)
    names = [str(column).strip() for column in frame.columns]
    faults = _column_faults(name, names, required, optional)
    if faults:
        raise MarketError(faults)
    columns = [column for column in (*required, *optional) if column in names]
    frame = frame.set_axis(names, axis="columns")
    return Sheet(name, frame[columns].reset_index(drop=True))


def _column_faults(name: str, names: list[str], required: Sequence[str], optional: Sequence[str]) -> list[Fault]:
    """Return what is wrong with the columns; an optional one must not be lost because its name is misspelt."""
    columns = (*required, *optional)
    faults = [
        Fault(f"{name} {column}", "there is more than one such column", "keep one")
        for column in columns
        if names.count(column) > 1
    ]
    strange = {column.lower(): column for column in names if column not in columns}
    for column in (word for word in columns if word not in names):
        near = get_close_matches(column, strange, n=1, cutoff=0.8)
        remedy = f"did you mean {strange[near[0]]}?" if near else f"needed are {', '.join(required)}"
        if near or column in required:
            faults.append(Fault(f"{name} {column}", "this column is missing", remedy))
    return faults


def _number(text: str, percent: bool) -> float:
    """Read a number; NaN for what is none. ``3%`` is read as ``3e-2``, so that it is the float 0.03 itself."""
    text = text.strip()
    if percent and text.endswith("%"):
        text = f"{text[:-1].strip()}e-2"
    try:
        return float(text)
    except ValueError:
        return np.nan

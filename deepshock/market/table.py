"""From a provider's frame to plain arrays: columns, dates, numbers and words, of which only the form is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from deepshock.errors import Fault, MarketError, suggest
from deepshock.market.calendar import Days, Flags, Floats, day_of
from deepshock.market.provider import COLUMNS, DESCRIPTIVE, FLOWS, REQUIRED, Bars

PRICES = ("open", "high", "low", "close")
NUMBERS = (*PRICES, "volume", *FLOWS)
WORDS = ("currency", "mic", "price_basis", *DESCRIPTIVE)

_SHOWN = 3
_FIRST, _LAST = (np.datetime64(day, "D").astype(np.int64) for day in ("1980-01-01", "2099-12-31"))


@dataclass(frozen=True, eq=False)
class Words:
    """A column of text: ``labels[codes[k]]`` stands in row k, nothing where the code is -1."""

    codes: npt.NDArray[np.int64]
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rows:
    """Bars as arrays, sorted by symbol and date.

    Parameters
    ----------
    name : str
        Of the source, for messages.
    symbol : Words
    days : ndarray of shape (n_rows,), int64
    numbers : mapping of str to ndarray of shape (n_rows,), float64
        Each of `NUMBERS`; NaN where not given.
    words : mapping of str to Words
        Each of `WORDS` that the frame has.
    absent : tuple of str
        Optional columns of flows that the frame does not have.
    """

    name: str
    symbol: Words
    days: Days
    numbers: Mapping[str, Floats]
    words: Mapping[str, Words]
    absent: tuple[str, ...]

    def take(self, rows: Flags | npt.NDArray[np.int64]) -> Rows:
        """Return some of the rows."""
        return replace(
            self,
            symbol=_take(self.symbol, rows),
            days=self.days[rows],
            numbers={name: values[rows] for name, values in self.numbers.items()},
            words={name: _take(words, rows) for name, words in self.words.items()},
        )

    def fault(self, mask: Flags, column: str, problem: str, remedy: str) -> Fault | None:
        """Describe the rows of a mask as one fault, by the first few and their number; None if there are none."""
        if not mask.any():
            return None
        at = np.flatnonzero(mask)[:_SHOWN]
        shown = [f"{self._text('symbol', row)} {day_of(self.days[row])} {self._text(column, row)}" for row in at]
        return Fault(f"{self.name} {column}", f"{problem} in {_count(mask)}: {', '.join(shown)}", remedy)

    def _text(self, column: str, row: int) -> str:
        if column in self.numbers:
            return f"{self.numbers[column][row]:.10g}"
        words = self.words.get(column, self.symbol)
        return words.labels[words.codes[row]] if words.codes[row] >= 0 else ""


def read(bars: Bars) -> tuple[Rows, list[Fault]]:
    """Read a provider's frame.

    Returns
    -------
    rows : Rows
        Those whose symbol and date could be read.
    faults : list of Fault
        Values of the wrong form.

    Raises
    ------
    MarketError
        Columns are missing or doubled.
    """
    frame, wrong = bars.frame, _columns(bars)
    if wrong:
        raise MarketError(wrong)
    symbol, (days, bad_days) = words_of(frame["symbol"]), label_days(frame["date"])
    faults = [
        _form_fault(bars, "date", bad_days, "no date from 1980 to 2099", "write 2025-01-27"),
        _form_fault(bars, "symbol", symbol.codes < 0, "nothing", "name the symbol in each row"),
    ]
    numbers: dict[str, Floats] = {}
    for name in NUMBERS:
        given = frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index)
        numbers[name], bad = _numbers(given)
        faults.append(_form_fault(bars, name, bad, "no number", "write a plain number, or nothing if it is not known"))
    words = {name: words_of(frame[name]) for name in WORDS if name in frame.columns}
    absent = tuple(name for name in FLOWS if name not in frame.columns)
    rows = Rows(bars.name, symbol, days, numbers, words, absent)
    readable = np.flatnonzero(~bad_days & (symbol.codes >= 0))
    order = readable[np.lexsort((days[readable], symbol.codes[readable]))]
    return rows.take(order), [fault for fault in faults if fault is not None]


def _columns(bars: Bars) -> list[Fault]:
    """Return what is wrong with the columns themselves."""
    names = [str(name) for name in bars.frame.columns]
    faults = []
    for column in (name for name in REQUIRED if name not in names):
        remedy = suggest(column, names) or f"needed are {', '.join(REQUIRED)}"
        faults.append(Fault(f"{bars.name} {column}", "this column is missing", remedy))
    doubled = [name for name in COLUMNS if names.count(name) > 1]
    return faults + [Fault(f"{bars.name} {name}", "there is more than one such column", "keep one") for name in doubled]


def label_days(column: pd.Series) -> tuple[Days, Flags]:
    """Return day numbers, and a mask of what is no date. A zone is dropped: the label date counts."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        stamps = column.dt.tz_localize(None)
    else:
        text = column.astype(str).str.strip()
        short = text.str.fullmatch(r"\d{8}")
        text = text.where(~short, text.str[:4] + "-" + text.str[4:6] + "-" + text.str[6:])
        label = text.str.extract(r"^(\d{4}-\d\d-\d\d)(?:$|[T ])")[0]
        stamps = pd.to_datetime(label, format="%Y-%m-%d", errors="coerce")
    days = stamps.to_numpy("datetime64[D]").astype(np.int64)
    bad = stamps.isna().to_numpy(np.bool_) | (days < _FIRST) | (days > _LAST)
    return days, bad


def _numbers(column: pd.Series) -> tuple[Floats, Flags]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(np.float64, na_value=np.nan), np.zeros(len(column), dtype=np.bool_)
    values = pd.to_numeric(column, errors="coerce")
    bad = values.isna() & column.notna() & (column.astype(str).str.strip() != "")
    return values.to_numpy(np.float64, na_value=np.nan), bad.to_numpy(np.bool_)


def words_of(column: pd.Series) -> Words:
    """Return a column as text; nothing where a cell is empty."""
    codes, found = pd.factorize(column)
    texts = ["" if pd.isna(label) else str(label) for label in found]
    labels = tuple(dict.fromkeys(text for text in texts if text))
    place = {label: k for k, label in enumerate(labels)} | {"": -1}
    lookup = np.array([*(place[text] for text in texts), -1], dtype=np.int64)  # factorize's own -1 finds the last entry
    return Words(lookup[codes], labels)


def _take(words: Words, rows: Flags | npt.NDArray[np.int64]) -> Words:
    return Words(words.codes[rows], words.labels)


def _form_fault(bars: Bars, column: str, mask: Flags, problem: str, remedy: str) -> Fault | None:
    """Describe values that cannot be read, by their place in the frame."""
    if not mask.any():
        return None
    at = np.flatnonzero(mask)[:_SHOWN]
    shown = [f"{bars.frame['symbol'].iloc[row]} row {row + 1} {bars.frame[column].iloc[row]!r}" for row in at]
    return Fault(f"{bars.name} {column}", f"{problem} in {_count(mask)}: {', '.join(shown)}", remedy)


def _count(mask: Flags) -> str:
    n = int(mask.sum())
    return "1 row" if n == 1 else f"{n} rows"

"""Bars from Parquet and CSV files. Only the columns and the symbols that are needed are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from deepshock.errors import Fault, MarketError
from deepshock.market.provider import COLUMNS, Bars

_TEXT = ("date", "symbol", "currency", "mic", "price_basis", "class", "name", "sector")
_NO_NUMBER = ["", "NaN", "nan", "NA", "N/A", "null", "None"]


@dataclass(frozen=True)
class ParquetProvider:
    """A long table of bars in one Parquet file.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Read the bars of some symbols; see `Provider.bars`. The market filters by date."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        _check(self.path)
        try:
            with pq.ParquetFile(self.path) as file:
                columns = [name for name in file.schema_arrow.names if name in COLUMNS]
                table = file.read(columns=columns)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.path, "Parquet", error, "give a whole file; this one may be truncated") from error
        if "symbol" not in columns:
            return Bars(table.to_pandas(), self.path.name)
        column = table.column("symbol").cast(pa.string())
        known = tuple(sorted(filter(None, pc.unique(column).to_pylist())))
        if symbols is not None:
            table = table.filter(pc.is_in(column, value_set=pa.array(list(symbols), pa.string())))
        return Bars(table.to_pandas(), self.path.name, known_symbols=known)


@dataclass(frozen=True)
class CsvProvider:
    """A long table of bars in one CSV file (UTF-8, comma, a header line).

    Parameters
    ----------
    path : Path

    Notes
    -----
    Text stays text: a symbol may be ``NA`` or ``0700``.
    """

    path: Path

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Read the bars of some symbols; see `Provider.bars`."""
        _check(self.path)
        numbers = {name: _NO_NUMBER for name in COLUMNS if name not in _TEXT}
        try:
            frame = pd.read_csv(
                self.path,
                usecols=lambda name: name in COLUMNS,
                dtype=dict.fromkeys(_TEXT, str),
                keep_default_na=False,
                na_values=numbers,
            )
        except (ValueError, OSError) as error:  # pandas' parser errors and UnicodeDecodeError are ValueErrors
            raise _unreadable(self.path, "CSV", error, "give a UTF-8 file with a header line and even lines") from error
        if "symbol" not in frame.columns:
            return Bars(frame, self.path.name)
        known = tuple(sorted(set(frame["symbol"]) - {""}))
        wanted = frame if symbols is None else frame[frame["symbol"].isin(list(symbols))]
        return Bars(wanted, self.path.name, known_symbols=known)


def _check(path: Path) -> None:
    """Refuse a path that is no file with bytes in it."""
    if not path.exists():
        problem, remedy = "there is no such file", "give a .parquet or .csv file, or 'sample' or 'yahoo'"
    elif not path.is_file():
        problem, remedy = "is not a file", "give one .parquet or .csv file"
    elif path.stat().st_size == 0:
        problem, remedy = "is empty", "give a file with bars"
    else:
        return
    raise MarketError(Fault(str(path), problem, remedy))


def _unreadable(path: Path, kind: str, error: Exception, remedy: str) -> MarketError:
    reason = str(error).strip().split("\n")[0]
    return MarketError(Fault(str(path), f"cannot be read as {kind} ({reason})", remedy))

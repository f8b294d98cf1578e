"""Bars, and the small tables beside them, from Parquet and CSV files.

Of bars, only the columns and the symbols that are needed are read.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from deepshock.errors import Fault, MarketError
from deepshock.market.provider import COLUMNS, Bars

_TEXT = ("date", "symbol", "currency", "mic", "price_basis", "class", "name", "sector")
_OTHERS = ", or 'sample' or 'yahoo'"
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

        _check(self.path, "bars", _OTHERS)
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
        _check(self.path, "bars", _OTHERS)
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


def read_file(source: str | Path, about: str) -> tuple[pd.DataFrame, str]:
    """Read any table, a CSV file's cells all as text, so that nothing is guessed.

    Parameters
    ----------
    source : str or Path
        A .csv, .parquet or .pq file.
    about : str
        What the table holds, for messages.

    Returns
    -------
    frame : DataFrame
    name : str
        Of the file.

    Raises
    ------
    MarketError
        It is no such file, or cannot be read.
    """
    allowed = "give a .csv, .parquet or .pq file, or a DataFrame"
    if not isinstance(source, str | Path):
        raise MarketError(Fault(about, f"{source!r} is a {type(source).__name__}", allowed))
    path = Path(source).expanduser()
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet", ".pq"):
        raise MarketError(Fault(about, f"{str(source)!r} is no kind of table", allowed))
    _check(path, about)
    try:
        if kind != ".csv":
            return pd.read_parquet(path), path.name
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # said of rows that are longer than the header
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True, index_col=False)
    except (ValueError, OSError, pd.errors.ParserWarning) as error:  # pyarrow's errors are ValueErrors or OSErrors
        remedy = "give a UTF-8 file with a header line and even lines" if kind == ".csv" else "give a whole file"
        raise _unreadable(path, "CSV" if kind == ".csv" else "Parquet", error, remedy) from error
    return frame, path.name


def _check(path: Path, content: str, others: str = "") -> None:
    """Refuse a path that is no file with bytes in it; ``others`` says what may be given in place of a file."""
    if not path.exists():
        problem, remedy = "there is no such file", f"give a .parquet or .csv file{others}"
    elif not path.is_file():
        problem, remedy = "is not a file", "give one .parquet or .csv file"
    elif path.stat().st_size == 0:
        problem, remedy = "is empty", f"give a file with {content}"
    else:
        return
    raise MarketError(Fault(str(path), problem, remedy))


def _unreadable(path: Path, kind: str, error: Exception, remedy: str) -> MarketError:
    reason = str(error).strip().split("\n")[0]
    return MarketError(Fault(str(path), f"cannot be read as {kind} ({reason})", remedy))

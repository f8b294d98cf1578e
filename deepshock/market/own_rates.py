"""A user's own exchange rates: read from a frame, and refused with every fault at once."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from deepshock.errors import Fault, MarketError
from deepshock.market.calendar import Flags, Instants
from deepshock.market.quote import Quote, quote_of

COLUMNS = ("known_at", "currency", "base", "rate")
_HAS_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


def quotes_from(frame: pd.DataFrame, name: str) -> dict[tuple[str, str], Quote]:
    """Read a table of rates.

    Parameters
    ----------
    frame : DataFrame
        ``known_at`` (instants with a zone), ``currency``, ``base``, ``rate`` (base per unit of the currency).
    name : str
        For messages.

    Raises
    ------
    MarketError
        With everything that is wrong with the table.
    """
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing or frame.empty:
        problem = f"columns {', '.join(missing)} are missing" if missing else "there are no rows"
        raise MarketError(Fault(name, problem, f"give {', '.join(COLUMNS)}"))
    known, unknown = _instants(frame["known_at"])
    rate = pd.to_numeric(frame["rate"], errors="coerce").to_numpy(np.float64)
    currency, base = (frame[column].astype(str).to_numpy(np.str_) for column in ("currency", "base"))
    twice = pd.DataFrame({"known": known, "currency": currency, "base": base}).duplicated().to_numpy(np.bool_)
    checks = (
        (unknown, "known_at is no instant with a zone", "write for example 2025-01-27T16:00:00+01:00"),
        (~(np.isfinite(rate) & (rate > 0)), "rate is not a positive number", "leave out what is not known"),
        (currency == base, "currency and base are the same", "leave the row out"),
        (twice & ~unknown, "the pair is given twice for one instant", "keep one"),
    )
    faults = [_fault(frame, name, mask, problem, remedy) for mask, problem, remedy in checks if mask.any()]
    if faults:
        raise MarketError(faults)
    pairs = dict.fromkeys(zip(currency.tolist(), base.tolist(), strict=True))
    return {pair: quote_of(known, rate, (currency == pair[0]) & (base == pair[1])) for pair in pairs}


def _instants(column: pd.Series) -> tuple[Instants, Flags]:
    """Return nanoseconds UTC, and a mask of those that have no zone or are no instant."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        zoned = np.full(len(column), isinstance(column.dtype, pd.DatetimeTZDtype))
        stamps = pd.to_datetime(column, utc=True)
    else:
        text = column.astype(str)
        zoned = text.str.contains(_HAS_ZONE).to_numpy(np.bool_)
        stamps = pd.to_datetime(text, utc=True, errors="coerce", format="ISO8601")
    known = stamps.dt.tz_convert(None).to_numpy("datetime64[ns]").astype(np.int64)
    return known, ~zoned | stamps.isna().to_numpy(np.bool_)


def _fault(frame: pd.DataFrame, name: str, mask: Flags, problem: str, remedy: str) -> Fault:
    first = int(np.argmax(mask))
    given = " ".join(str(frame[column].iloc[first]) for column in COLUMNS)
    return Fault(f"{name} row {first + 1}", f"{problem}: {given} ({int(mask.sum())} such rows)", remedy)

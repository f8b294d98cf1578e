"""Whether shares can be borrowed and sold short, at what rate, and when their lenders ask for them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from deepshock.errors import Fault, MarketError
from deepshock.market.calendar import Days, Flags, Floats
from deepshock.market.hazard import Hazard
from deepshock.market.sheet import Sheet, Table, open_sheet
from deepshock.market.spans import Spans, by_symbol, spans_of

Tiers = npt.NDArray[np.int8]

TIERS = ("general", "special", "none")
"""In the order of their codes."""

_MOST = 10.0
"""The highest borrow rate that is believed, 1,000 % a year: hard-to-borrow names have cost hundreds of per cent."""

Part = TypeVar("Part")


@dataclass(frozen=True, eq=False)
class _Borrow:
    spans: Spans
    tier: Tiers
    rate: Floats


@dataclass(frozen=True, eq=False)
class Lending:
    """What is known about selling short, beside the words of a thesis. Empty by default; build it with `Lending.load`.

    Notes
    -----
    A list of a date is known before the open of that date's session; a recall at its close.
    """

    hazard: Hazard | None = None
    _borrow: _Borrow | None = field(default=None, repr=False)
    _recalls: Mapping[str, Days] = field(default_factory=dict, repr=False)
    _designated: Spans | None = field(default=None, repr=False)
    tables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and symbols of each table that was given."""

    @classmethod
    def load(
        cls,
        borrow: Table | None = None,
        recalls: Table | None = None,
        designated: Table | None = None,
        hazard: Hazard | None = None,
    ) -> Lending:
        """Read tables, and refuse them with every fault of all of them.

        Parameters
        ----------
        borrow : str, Path or DataFrame, optional
            ``symbol``, ``from``, ``to``, ``tier``, ``rate``, ``source``; a .csv or .parquet file or a frame. Dates are
            label dates, both included; an empty ``to`` has no end. ``tier`` is general, special or none. ``rate`` is a
            year's, ``0.03`` or ``3%``, above 1 with the percent sign only, and may be empty. ``to``, ``rate`` and
            ``source`` may be left out.
        recalls : str, Path or DataFrame, optional
            ``symbol``, ``date``: the lender asks for the shares during that date.
        designated : str, Path or DataFrame, optional
            ``symbol``, ``from``, ``to``: when a Hong Kong security may be sold short; on no other date it may.
        hazard : Hazard, optional
            Simulated recalls, beside those of the table.

        Raises
        ------
        MarketError
            A table cannot be read or used.

        Examples
        --------
        >>> lending = Lending.load(borrow="borrow.csv", hazard=Hazard(0.05, seed=7))  # doctest: +SKIP
        """
        faults: list[Fault] = []
        if not isinstance(hazard, Hazard | None):
            faults.append(Fault("hazard", f"{hazard!r} is a {type(hazard).__name__}", "give Hazard(rate=0.05, seed=7)"))
        tables: list[tuple[str, tuple[str, ...]]] = []

        def read(table: Table | None, reader: Callable[[Table], tuple[str, Mapping[str, object], Part]]) -> Part | None:
            if table is None:
                return None
            try:
                name, symbols, part = reader(table)
            except MarketError as error:
                faults.extend(error.faults)
                return None
            tables.append((name, tuple(symbols)))
            return part

        parts = read(borrow, _read_borrow), read(recalls, _read_recalls), read(designated, _read_designated)
        if faults:
            raise MarketError(faults)
        return cls(hazard, parts[0], parts[1] or {}, parts[2], tuple(tables))

    @property
    def has_designated(self) -> bool:
        """Whether there is a table of designated securities. Without one, every security is taken to be one."""
        return self._designated is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a result that rests on it has to say."""
        return (f"recalls are simulated at {self.hazard}",) if self.hazard is not None and self.hazard.rate else ()

    def lists(self, symbol: str) -> bool:
        """Whether the borrow table has a row of the symbol."""
        return self._borrow is not None and symbol in self._borrow.spans.rows

    def tier(self, symbol: str, days: Days) -> Tiers:
        """Return the tier of each label date, known before its open.

        Returns
        -------
        ndarray of shape (n,), int8
            0 general, 1 special, 2 none; -1 where no row covers the date.
        """
        if self._borrow is None:
            return np.full(days.shape, -1, dtype=np.int8)
        row = self._borrow.spans.row_at(symbol, days)
        found = np.full(days.shape, -1, dtype=np.int8)
        found[row >= 0] = self._borrow.tier[row[row >= 0]]
        return found

    def lends(self, symbol: str, days: Days) -> Flags:
        """Return on which label dates the borrow table lends a symbol, whatever its thesis says of it."""
        return np.asarray(np.isin(self.tier(symbol, days), (TIERS.index("general"), TIERS.index("special"))))

    def rate(self, symbol: str, days: Days) -> Floats:
        """Return the borrow rate of each label date as a fraction a year, known before its open.

        Returns
        -------
        ndarray of shape (n,), float64
            NaN where no row covers the date, or where the row has no rate.
        """
        if self._borrow is None:
            return np.full(days.shape, np.nan)
        row = self._borrow.spans.row_at(symbol, days)
        found = np.full(days.shape, np.nan)
        found[row >= 0] = self._borrow.rate[row[row >= 0]]
        return found

    def recalled(self, symbol: str, days: Days) -> Flags:
        """Return in which sessions a lender asks for the shares; known at the close.

        Parameters
        ----------
        symbol : str
        days : ndarray of shape (n_sessions,), int64
            Label dates of the instrument's sessions, ascending and without a gap. A recall on a date without a session
            belongs to the next one, and one before the first session to none.
        """
        found = np.zeros(days.shape, dtype=np.bool_)
        dates = self._recalls.get(symbol)
        if dates is not None and days.size:
            dates = dates[(dates >= days[0]) & (dates <= days[-1])]
            found[np.searchsorted(days, dates)] = True
        if self.hazard is not None and self.hazard.rate:
            found |= self.hazard.recalls(symbol, days)
        return found

    def designated(self, symbol: str, days: Days) -> Flags:
        """Return on which label dates a Hong Kong security may be sold short, known before the open."""
        if self._designated is None:
            return np.ones(days.shape, dtype=np.bool_)
        return self._designated.row_at(symbol, days) >= 0


def _read_borrow(table: Table) -> tuple[str, Mapping[str, object], _Borrow]:
    sheet = open_sheet(table, "borrow", ("symbol", "from", "tier"), ("to", "rate", "source"))
    spans, order = spans_of(sheet)
    tier = sheet.words("tier", TIERS)
    codes = np.array([*(TIERS.index(label) if label in TIERS else -1 for label in tier.labels), -1], dtype=np.int8)
    rate = _rates(sheet)
    sheet.finish()
    return sheet.name, spans.rows, _Borrow(spans, codes[tier.codes][order], rate[order])


def _rates(sheet: Sheet) -> Floats:
    """Read the rates a year; above 1 only those whose percent sign says that they are meant."""
    remedy = f"write a fraction such as 0.03 or 3%, from 0% to {100 * _MOST:g}% a year, or nothing for the tier's own"
    rate = sheet.numbers("rate", remedy, percent=True)
    unclear = np.isfinite(rate) & (rate > 1) & ~sheet.ends("rate", "%")
    if unclear.any():
        first = rate[unclear][0]
        readings = f"write {first:g}% if {first:g} % a year is meant, {100 * first:g}% if it is {100 * first:g} %"
        sheet.mark(unclear, "rate", "a rate above 1 without a percent sign", readings)
    beyond = np.isfinite(rate) & ~unclear & ((rate < 0) | (rate > _MOST))
    sheet.mark(beyond, "rate", "no rate that can be meant", remedy)
    return rate


def _read_recalls(table: Table) -> tuple[str, Mapping[str, object], Mapping[str, Days]]:
    sheet = open_sheet(table, "recalls", ("symbol", "date"))
    symbol, dates = sheet.words("symbol"), sheet.days("date")
    sheet.finish()
    order, rows = by_symbol(symbol, dates)
    found = {label: dates[order][part] for label, part in rows.items()}
    return sheet.name, found, found


def _read_designated(table: Table) -> tuple[str, Mapping[str, object], Spans]:
    sheet = open_sheet(table, "designated", ("symbol", "from", "to"))
    spans, _ = spans_of(sheet)
    sheet.finish()
    return sheet.name, spans.rows, spans

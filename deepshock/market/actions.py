"""When an instrument ends, and what its last shares are paid: cash mergers and delistings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from deepshock.market.calendar import Days
from deepshock.market.sheet import Table, open_sheet

KINDS = ("merger", "delisting")


class Action(NamedTuple):
    """The end of one instrument.

    Parameters
    ----------
    day : int
        Label date, days since 1970-01-01.
    cash : float
        Local currency per share that is traded on that date.
    kind : str
        ``merger`` or ``delisting``.
    """

    day: int
    cash: float
    kind: str


@dataclass(frozen=True, eq=False)
class Actions:
    """Cash mergers and delistings, one at most for each symbol. Empty by default; build it with `Actions.load`.

    Parameters
    ----------
    name : str
        Of the table, for messages.
    """

    name: str = "actions"
    _by_symbol: Mapping[str, Action] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, source: Table) -> Actions:
        """Read a table, and refuse it with every fault.

        Parameters
        ----------
        source : str, Path or DataFrame
            ``symbol``, ``date``, ``kind`` (merger or delisting), ``cash`` and, if there is one, ``source``; a .csv or
            .parquet file or a frame. ``cash`` is in the instrument's currency per share that is traded on that date;
            a delisting may pay 0.

        Raises
        ------
        MarketError
            It cannot be read or used.

        Examples
        --------
        >>> actions = Actions.load("actions.csv")  # doctest: +SKIP
        """
        sheet = open_sheet(source, "actions", ("symbol", "date", "kind", "cash"), ("source",))
        symbol, days, kind = sheet.words("symbol"), sheet.days("date"), sheet.words("kind", KINDS)
        remedy = "write what a share is paid: above 0 for a merger, from 0 on for a delisting"
        cash = sheet.numbers("cash", remedy)
        sheet.mark(sheet.blank("cash"), "cash", "nothing", remedy)
        merger = np.array([*(label == "merger" for label in kind.labels), False])[kind.codes]
        sheet.mark((cash < 0) | ((cash == 0) & merger), "cash", "no price of a share", remedy)
        _, place, count = np.unique(symbol.codes, return_inverse=True, return_counts=True)
        twice = (symbol.codes >= 0) & (count[place] > 1)
        sheet.mark(twice, "date", "a symbol that ends more than once", "keep one row of each symbol")
        sheet.finish()
        rows = zip(symbol.codes.tolist(), days.tolist(), cash.tolist(), kind.codes.tolist(), strict=True)
        ends = {symbol.labels[code]: Action(day, paid, kind.labels[word]) for code, day, paid, word in rows}
        return cls(sheet.name, ends)

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols that it has a row of."""
        return tuple(self._by_symbol)

    def final(self, symbol: str, days: Days) -> tuple[int, float, str] | None:
        """Return where an instrument ends.

        Parameters
        ----------
        symbol : str
        days : ndarray of shape (n_sessions,), int64
            Label dates of its sessions, ascending.

        Returns
        -------
        session : int
            Index of the first session on or after the date: the action takes effect at its open.
        cash : float
            Local currency per traded share.
        kind : str
            ``merger`` or ``delisting``.
        None
            Instead of them, if there is no row of the symbol, or no session on or after its date.
        """
        action = self._by_symbol.get(symbol)
        if action is None:
            return None
        session = int(np.searchsorted(days, action.day))
        return None if session == days.size else (session, action.cash, action.kind)

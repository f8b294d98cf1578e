"""The one seam to data: a provider delivers daily bars as a long table, and says what they are.

A provider may be a file, a frame, a vendor or a simulation. It delivers what it has and repairs nothing;
`Market.load` checks the rows, puts them on sessions and reports what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pandas as pd

if TYPE_CHECKING:
    from deepshock.market.lending import Lending

REQUIRED = ("date", "symbol", "open", "high", "low", "close", "volume", "currency", "mic", "price_basis")
"""Columns without which no bar can be read."""

FLOWS = ("dividend", "split")
"""Columns whose absence is a warning: no dividend is paid, and no price is traced back to the one that was traded."""

DESCRIPTIVE = ("class", "lot", "limit_pct", "tick", "name", "sector")
"""Columns that describe an instrument which deepshock's own table does not have (or has otherwise)."""

COLUMNS = REQUIRED + FLOWS + DESCRIPTIVE
"""Every column that is read; others are ignored."""


@dataclass(frozen=True)
class Bars:
    """Daily bars as a provider delivers them, unchecked.

    Parameters
    ----------
    frame : DataFrame
        One row per symbol and session date. Columns:

        - ``date``: the session's label date (no time, no zone);
        - ``symbol``;
        - ``open``, ``high``, ``low``, ``close``: local currency per adjusted share; NaN where unknown (``close``
        never);
        - ``volume``: adjusted shares (crypto: quote currency); NaN unknown, 0 a halt;
        - ``dividend``: local currency per adjusted share on its ex-date, else 0 (optional);
        - ``split``: new shares per old one on its ex-date, else 0 (optional);
        - ``currency``: ISO code of the prices;
        - ``mic``: the venue's code;
        - ``price_basis``: what the prices are, see `deepshock.market.basis`;
        - optional, constant per symbol: ``class``, ``lot``, ``limit_pct``, ``tick``, ``name``, ``sector``.
    name : str
        Where the bars come from, for messages: a file's name, ``"sample"``.
    simulated : bool
        True for bars that no market ever printed.
    notes : tuple of str
        What went wrong or was left out on the way, for example a symbol that a vendor did not deliver.
    known_symbols : tuple of str
        Every symbol that the provider could deliver, for suggestions; empty if it cannot tell.
    undelivered : mapping of str to str
        Symbols that were asked for and did not come -> why, in one line, where the provider can tell. `Market.load`
        says it of a symbol that it was to load.
    """

    frame: pd.DataFrame
    name: str
    simulated: bool = False
    notes: tuple[str, ...] = ()
    known_symbols: tuple[str, ...] = ()
    undelivered: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """Anything that delivers daily bars.

    Notes
    -----
    `Market.load` asks without ``end``, because a split after the end of a run still tells at which price a
    share was traded before it; rows after the end are used for nothing else.

    One that is a `Lender` too is asked for what it knows about selling short.
    """

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Deliver the bars of some symbols.

        Parameters
        ----------
        symbols : sequence of str or None
            Those wanted; None for all. One that the provider does not have is left out, not an error;
            why may stand in `Bars.undelivered`.
        start, end : date or None
            First and last session date wanted, both included; None for no bound.

        Returns
        -------
        Bars
            In any order of rows.

        Raises
        ------
        MarketError
            The source cannot be read at all.
        """
        ...


@runtime_checkable
class Lender(Protocol):
    """A provider that also knows which shares could be borrowed: a broker. Having the method is optional."""

    def lending(self, symbols: Sequence[str], start: date, end: date) -> Lending:
        """Deliver borrow, recalls and designated securities. Asked after the bars, and only if the caller gives none.

        Parameters
        ----------
        symbols : sequence of str
            Those that were loaded.
        start, end : date
            Of the first and the last bar that was loaded. Rows of other dates and symbols do no harm.

        Returns
        -------
        Lending
            See `Lending.load`; only what was known before the open of each date may stand in it.

        Raises
        ------
        MarketError
            The source cannot be read.
        """
        ...

"""The embedded market: simulated bars, so that everything runs without a download. No market ever printed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from deepshock.market.calendar import day_number
from deepshock.market.provider import Bars
from deepshock.market.sample.bars import Table, bars_of
from deepshock.market.sample.listing import FIRST, LAST, Listing, listings

NAME = "sample (SIMULATED)"

_NUMBERS = tuple(column.name for column in fields(Table) if column.name != "days")


class SampleProvider:
    """Simulated daily bars of every instrument that the strategies use, from 1 June 2023 to 30 June 2025.

    A factor model with fat tails and clustered volatility on the true sessions of each venue. Prices of 27 January 2025
    are pinned to the figures that the articles of that day report (`deepshock.market.sample.figures` has the rule); an
    instrument without a figure keeps the move that the factors give it. All the rest is made up: levels, volatilities,
    loadings, volumes and dividends are round numbers of ours, and no result on these bars says anything about the
    world.

    Notes
    -----
    Nothing is read from the network and nothing is written. The bars are the same on every machine and in every subset:
    each factor and each instrument has its own stream of random numbers (PCG64, seeded by `factors.SEED` and the CRC-32
    of its name), and rounding to ticks swallows what floating point does differently elsewhere.

    Examples
    --------
    >>> bars = SampleProvider().bars(["NVDA"], date(2025, 1, 24), date(2025, 1, 27))
    >>> bars.simulated, len(bars.frame)
    (True, 2)
    """

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Deliver the bars; see `Provider.bars`.

        Parameters
        ----------
        symbols : sequence of str or None
            Those wanted; None for all. Others are left out.
        start, end : date or None
            First and last session date, both included.

        Returns
        -------
        Bars
            Split-adjusted prices of stocks and funds, ``raw`` ones of bitcoin, ``index`` levels.
        """
        known = listings()
        wanted = list(known) if symbols is None else [symbol for symbol in dict.fromkeys(symbols) if symbol in known]
        frame = _frame([known[symbol] for symbol in wanted], day_number(start or FIRST), day_number(end or LAST))
        return Bars(frame, NAME, simulated=True, known_symbols=tuple(known))


def _frame(wanted: Sequence[Listing], first: int, last: int) -> pd.DataFrame:
    """Return the long table of some instruments between two days, both included."""
    tables = [bars_of(listing.symbol) for listing in wanted]
    parts = [slice(*np.searchsorted(table.days, (first, last + 1))) for table in tables]
    lengths = [part.stop - part.start for part in parts]

    def numbers(name: str) -> npt.NDArray[Any]:
        return np.concatenate([[], *(getattr(table, name)[part] for table, part in zip(tables, parts, strict=True))])

    def words(values: Sequence[str]) -> pd.Categorical[Any]:
        labels = list(dict.fromkeys(values))
        return pd.Categorical(np.repeat(np.array(values, dtype=object), lengths), categories=labels)

    columns: dict[str, Any] = {
        "date": numbers("days").astype("datetime64[D]").astype("datetime64[s]"),
        "symbol": words([listing.symbol for listing in wanted]),
        **{name: numbers(name) for name in _NUMBERS},
        "currency": words([listing.instrument.currency for listing in wanted]),
        "mic": words([listing.instrument.mic for listing in wanted]),
        "price_basis": words([listing.basis for listing in wanted]),
    }
    return pd.DataFrame(columns)

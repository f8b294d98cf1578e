"""Seeded bars on true sessions of New York, as arrays and as the market of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

import deepshock as ds
from common.prices import Floats, draw_prices
from deepshock.market.calendar import Sessions, sessions

VENUE = "XNYS"
START = date(2020, 4, 1)  # the schedule of policy rates begins two weeks earlier
_QUARTER = 63  # sessions between dividends
_YIELD = 0.005  # of a price of 100, a quarter
_MINUTE_NS = 60 * 10**9


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of some instruments on the sessions from `START` on.

    Parameters
    ----------
    open, high, low, close : ndarray of shape (n_sessions, n_symbols)
        By session and symbol.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats

    @classmethod
    def make(cls, n_symbols: int, n_sessions: int = 1000) -> Bars:
        """Draw bars; see `draw_prices`."""
        return cls(*draw_prices(n_symbols, n_sessions))

    @property
    def shape(self) -> tuple[int, int]:
        """Sessions and symbols."""
        n_sessions, n_symbols = self.close.shape
        return n_sessions, n_symbols

    @property
    def symbols(self) -> tuple[str, ...]:
        """One name for each column."""
        return tuple(f"S{number:04d}" for number in range(self.shape[1]))

    @cached_property
    def axis(self) -> Sessions:
        """The sessions of the rows, after one more: what is known before the first row is known after that."""
        n_sessions = self.shape[0]
        end = START + timedelta(days=int(1.6 * n_sessions) + 30)
        axis = sessions(VENUE, START - timedelta(days=10), end)
        first = int(np.searchsorted(axis.days, (START - date(1970, 1, 1)).days))
        return axis.cut(slice(first - 1, first + n_sessions))

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Label dates of the rows."""
        return pd.DatetimeIndex(self.axis.days[1:].astype("datetime64[D]").astype("datetime64[ns]"))

    def known_before(self, row: int) -> datetime:
        """Return an instant a minute after the close of the session before a row: the next close is the row's."""
        stamp = int(self.axis.closes[row]) + _MINUTE_NS
        return datetime.fromtimestamp(stamp // 10**9, UTC)

    def column(self, number: int) -> Bars:
        """Return the bars of one symbol."""
        return Bars(*(np.ascontiguousarray(prices[:, [number]]) for prices in self.prices()))

    def market(self, *, foreign: int = 0, dividends: bool = False) -> ds.Market:
        """Return the bars as a market.

        Parameters
        ----------
        foreign : int
            One symbol in so many is quoted in euros, the first one among them; 0 for none.
        dividends : bool
            Whether each symbol pays 0.50 a quarter, none of them on the day of its neighbour.
        """
        n_sessions, n_symbols = self.shape
        names = dict(zip(("open", "high", "low", "close"), self.prices(), strict=True))
        number = np.repeat(np.arange(n_symbols), n_sessions)
        row = np.tile(np.arange(n_sessions), n_symbols)
        pays = (row + 7 * number) % _QUARTER == _QUARTER - 1
        frame = pd.DataFrame(
            {
                "date": np.tile(self.dates, n_symbols),
                "symbol": np.repeat(self.symbols, n_sessions),
                **{name: prices.T.ravel() for name, prices in names.items()},
                "volume": 1e9,
                "dividend": 100.0 * _YIELD * pays if dividends else 0.0,
                "split": 0.0,
                "currency": np.where(number % foreign == 0, "EUR", "USD") if foreign else "USD",
                "mic": VENUE,
                "price_basis": "split_adj",
                "class": "stock",
            }
        )
        return ds.Market.load(frame)

    def prices(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return open, high, low and close."""
        return self.open, self.high, self.low, self.close

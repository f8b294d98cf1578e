"""The smallest step of a price, by venue, class, date and price.

Sources
-------
US
    Regulation NMS rule 612: USD 0.01, USD 0.0001 under one dollar.
Hong Kong
    HKEX, Rules of the Exchange, second schedule. Shares: phase 1 of the reduction of minimum spreads from 4 August
    2025 (10 to 50 HKD), phase 2 (0.5 to 10 HKD) from 3 August 2026: announced for the middle of 2026, the day is the
    first one with closes on the new steps. Funds: the table for exchange traded products from 1 June 2020, shares'
    table before.
Europe
    Commission Delegated Regulation (EU) 2017/588 (RTS 11), annex, liquidity bands 5 (2,000 to 9,000 trades a day) and
    6 (more). A name whose band is not known is taken to be in band 5; funds are in band 6. The table holds for the
    numbers, whatever the currency. London kept it; that it is applied to prices in pounds there is an assumption.
Mainland China
    Trading rules of the Shanghai and Shenzhen exchanges: CNY 0.01 for A shares, 0.001 for funds.
Crypto
    0.01, an assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deepshock.errors import Fault, MarketError
from deepshock.market.calendar import Days, Floats, day_number
from deepshock.market.instruments import Instrument
from deepshock.market.venues import ROUND_THE_CLOCK

TOLERANCE = 1e-4
"""In price units: how far a stored price may lie from the one that was traded."""

_ALWAYS = date(1970, 1, 1)
_HK_EDGES = (0.25, 0.5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_HK_SHARES = {
    _ALWAYS: (0.001, 0.005, 0.01, 0.02, 0.05, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
    date(2025, 8, 4): (0.001, 0.005, 0.01, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
    date(2026, 8, 3): (0.001, 0.005, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
}
_HK_FUND_EDGES = (1, 5, 10, 20, 100, 200, 500, 1000, 2000)
_HK_FUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
_HK_FUNDS_FROM = date(2020, 6, 1)
_RTS11_EDGES = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_RTS11 = {
    5: (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
    6: (0.0001, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
}
_UNKNOWN_BAND, _FUND_BAND = 5, 6  # the annex puts every exchange-traded fund in the most liquid band
_EUROPE = (
    *("XAMS", "XBRU", "XCSE", "XDUB", "XETR", "XFRA", "XHEL", "XLIS", "XLON", "XMAD", "XMIL", "XOSL", "XPAR", "XSTO"),
    "XWBO",
)


class Ladder(NamedTuple):
    """Tick sizes by traded price.

    Parameters
    ----------
    edges : ndarray of shape (n_steps,), float64
        Ascending, the last one infinite. Step k holds for prices above edge k-1 and up to edge k; the tolerance for
        stored prices is already in them.
    ticks : ndarray of shape (n_steps,), float64
        Local currency.
    """

    edges: Floats
    ticks: Floats

    def at(self, price: Floats) -> Floats:
        """Return the tick at traded prices; NaN where the price is."""
        found = self.ticks[np.searchsorted(self.edges[:-1], price)]
        return np.where(np.isnan(price), np.nan, found)


def ladders_for(instrument: Instrument, days: Days) -> tuple[npt.NDArray[np.int64], tuple[Ladder, ...]]:
    """Return the ladders of an instrument and which of them is in force on each day.

    Parameters
    ----------
    instrument : Instrument
    days : ndarray of shape (n,), int64
        Label dates.

    Returns
    -------
    index : ndarray of shape (n,), int64
        Into ``ladders``.
    ladders : tuple of Ladder
        In order of time.

    Raises
    ------
    MarketError
        The venue's ladder is not known and the data state no tick.
    """
    dated = _dated(instrument.calendar, instrument.cls, instrument.band, instrument.tick)
    if not dated:
        known = ", ".join(("XNYS", "XHKG", "XSHG", "24/7", *_EUROPE))
        remedy = f"state it in a 'tick' column; known are {known}"
        venue = instrument.calendar or instrument.mic
        raise MarketError(Fault(instrument.symbol, f"the tick table of {venue} is not known", remedy))
    starts = np.array([start for start, _ in dated], dtype=np.int64)
    return np.maximum(np.searchsorted(starts, days, side="right") - 1, 0), tuple(ladder for _, ladder in dated)


def tick_sizes(instrument: Instrument, days: Days, prices: Floats) -> Floats:
    """Return the tick of each traded price on its day.

    Parameters
    ----------
    instrument : Instrument
    days : ndarray of shape (n,), int64
    prices : ndarray of shape (n,), float64
        Traded prices (price x F), local currency.

    Returns
    -------
    ndarray of shape (n,), float64
        Local currency; NaN where the price is.
    """
    index, ladders = ladders_for(instrument, days)
    return np.asarray(np.choose(index, [ladder.at(prices) for ladder in ladders]))


def snapped(prices: Floats, ticks: Floats) -> Floats:
    """Return traded prices, and in their place the multiple of the tick that lies within the tolerance of them."""
    on_grid = np.round(prices / ticks) * ticks
    return np.where(np.abs(on_grid - prices) <= TOLERANCE, on_grid, prices)


@cache
def _dated(calendar: str, cls: str, band: int, tick: float) -> tuple[tuple[int, Ladder], ...]:
    """Return (first day, ladder) of a kind of instrument; empty if it is not known."""
    if tick:
        return _flat(tick)
    if calendar == "XNYS":
        return ((0, _up_to_below((1,), (0.0001, 0.01))),)
    if calendar == "XSHG":
        return _flat(0.001 if cls == "etf" else 0.01)
    if calendar == ROUND_THE_CLOCK:
        return _flat(0.01)
    if calendar == "XHKG" and cls == "etf":
        old = (0, _up_to(_HK_EDGES, _HK_SHARES[_ALWAYS]))
        return old, (day_number(_HK_FUNDS_FROM), _up_to(_HK_FUND_EDGES, _HK_FUNDS))
    if calendar == "XHKG":
        return tuple((day_number(start), _up_to(_HK_EDGES, steps)) for start, steps in _HK_SHARES.items())
    if calendar in _EUROPE:
        column = _FUND_BAND if cls == "etf" else 6 if band == 6 else _UNKNOWN_BAND
        return ((0, _up_to_below(_RTS11_EDGES, _RTS11[column])),)
    return ()


def _flat(tick: float) -> tuple[tuple[int, Ladder], ...]:
    return ((0, _ladder(np.empty(0), (tick,))),)


def _up_to(edges: Sequence[float], ticks: Sequence[float]) -> Ladder:
    """Hong Kong writes its bands as "over 10 to 20": an edge belongs to the band below it."""
    return _ladder(np.array(edges, dtype=np.float64) + TOLERANCE, ticks)


def _up_to_below(edges: Sequence[float], ticks: Sequence[float]) -> Ladder:
    """The US and Europe write theirs as "10 <= price < 20": an edge belongs to the band above it."""
    return _ladder(np.array(edges, dtype=np.float64) - TOLERANCE, ticks)


def _ladder(edges: Floats, ticks: Sequence[float]) -> Ladder:
    ladder = Ladder(np.append(edges, np.inf), np.array(ticks, dtype=np.float64))
    for values in ladder:
        values.flags.writeable = False
    return ladder

"""What SEC Rule 201 leaves of a short sale in US shares and funds: which auctions it restricts, and the lowest offer.

Sources
-------
17 CFR 242.201 (Regulation SHO): once a price is 10 % or more below the close of the day before, a short sale has to be
above the national best bid, for the rest of that day and all of the next one. That the last auction price before an
auction stands for the bid, because daily bars have none, is an assumption.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deepshock.market.calendar import Floats
from deepshock.market.instruments import Instrument
from deepshock.market.limits import previous_known
from deepshock.market.series import Series
from deepshock.market.ticks import TOLERANCE, snapped, tick_sizes

_TENTHS = 9
"""What is left of the close before, in tenths, when a session triggers."""

_EXACT = 1e-12
"""Relative. Two prices on the tick that are equal as decimals may differ as floats by less."""

Places = npt.NDArray[np.int64]


def under_rule_201(instrument: Instrument) -> bool:
    """Return whether short sales of an instrument fall under the rule: US shares and funds."""
    return instrument.calendar == "XNYS" and instrument.cls in ("stock", "etf")


def offers(series: Series, instrument: Instrument) -> tuple[Floats, Floats]:
    """Return the lowest price at which a restricted short sale may be offered into each auction.

    A session triggers if its low is 10 % or more below the last close of earlier sessions. The close of that session,
    and the open and the close of the next one, are restricted: a sale is offered one tick above the last auction price
    before.

    Parameters
    ----------
    series : Series
    instrument : Instrument

    Returns
    -------
    at_open, at_close : ndarray of shape (n_sessions,), float64
        Local currency per adjusted share; -inf where the auction is not restricted, which is everywhere but for shares
        and funds of the calendar XNYS. An open's offer is known before it. So is a close's but for whether its own
        session triggers, which its low tells.

    Notes
    -----
    Prices are compared as traded (price x F), and those within 1e-4 of a tick as that tick. Without a known low, the
    lower of open and close counts. A halted session does not trigger and its open is no price; its close is.
    """
    free = np.full(len(series), -np.inf)
    if not under_rule_201(instrument):
        return free, free.copy()
    triggered = _triggered(series, instrument)
    if not triggered.size:
        return free, free.copy()
    after = triggered[triggered < len(series) - 1] + 1
    # Auctions in order of time: the open of session s is number 2s, its close 2s + 1.
    prices = np.empty(2 * len(series))
    prices[0::2], prices[1::2] = np.where(series.halted, np.nan, series.open), series.close
    restricted = np.zeros(prices.size, dtype=np.bool_)
    restricted[2 * after] = restricted[2 * after + 1] = restricted[2 * triggered + 1] = True
    at = np.flatnonzero(restricted)
    both = np.full(prices.size, -np.inf)
    both[at] = _above(series, instrument, at // 2, previous_known(prices)[at])
    return both[0::2].copy(), both[1::2].copy()


def _triggered(series: Series, instrument: Instrument) -> Places:
    """Return the sessions that trigger."""
    low = np.where(np.isfinite(series.low), series.low, np.fmin(series.open, series.close))
    low, close = low * series.later_splits, previous_known(series.close) * series.later_splits
    # Few sessions come near, and only of them the ticks are looked up.
    near = np.flatnonzero((10 * low <= _TENTHS * close + 20 * TOLERANCE) & ~series.halted)
    if not near.size:
        return near
    pairs, _ = _on_tick(instrument, np.tile(series.days[near], 2), np.concatenate([low[near], close[near]]))
    low, close = pairs[: near.size], pairs[near.size :]
    return near[10 * low <= _TENTHS * close * (1 + _EXACT)]


def _above(series: Series, instrument: Instrument, at: Places, prices: Floats) -> Floats:
    """Return what is one tick above adjusted prices, in the traded prices of some sessions."""
    traded, tick = _on_tick(instrument, series.days[at], prices * series.later_splits[at])
    return np.asarray((traded + tick) / series.later_splits[at])


def _on_tick(instrument: Instrument, days: npt.NDArray[np.int64], traded: Floats) -> tuple[Floats, Floats]:
    tick = tick_sizes(instrument, days, traded)
    return snapped(traded, tick), tick

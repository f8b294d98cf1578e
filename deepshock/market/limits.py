"""From which prices on daily price limits lock an auction, by what is known before it opens."""

from __future__ import annotations

import numpy as np

from deepshock.market.calendar import Floats
from deepshock.market.instruments import Instrument
from deepshock.market.series import Series
from deepshock.market.ticks import snapped, tick_sizes


def price_limits(series: Series, instrument: Instrument) -> tuple[Floats, Floats]:
    """Return the prices from which on each session's auctions are locked, known before its open.

    limit = previous known close x (1 +- limit), in traded prices, rounded to the tick half up. At or beyond it, to
    within half a tick, an auction finds nobody on the other side.

    Returns
    -------
    upper, lower : ndarray of shape (n_sessions,), float64
        Local currency per adjusted share, the tolerance included: no buy fills at ``price >= upper``, no sell at
        ``price <= lower``. Infinite where there is no limit, or no earlier close.

    Notes
    -----
    On the ex-date of a split the previous close counts as the exchange restates it, divided by the split. The limit of
    today's class is taken for all dates: ChiNext had 10 % until 21 August 2020, and new listings have none at first.
    """
    if not instrument.limit_pct:
        return np.full(len(series), np.inf), np.full(len(series), -np.inf)
    before = previous_known(series.close) * series.later_splits
    tick = tick_sizes(instrument, series.days, before)
    before = snapped(before, tick)
    upper, lower = (np.floor(before * (1 + side * instrument.limit_pct) / tick + 0.5 + 1e-9) * tick for side in (1, -1))
    return (
        np.nan_to_num((upper - tick / 2) / series.later_splits, nan=np.inf),
        np.nan_to_num((lower + tick / 2) / series.later_splits, nan=-np.inf),
    )


def previous_known(close: Floats) -> Floats:
    """Return the last known close of the sessions before each one."""
    known = np.where(np.isfinite(close), np.arange(close.size), -1)
    last = np.concatenate([[-1], np.maximum.accumulate(known)[:-1]]).astype(np.int64)
    return np.where(last >= 0, close[last], np.nan)

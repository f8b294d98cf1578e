"""What the costs know of an instrument before a session: its volatility and its usual volume.

Both exclude the session they are for, so they are known at its open.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from deepshock.market.calendar import Flags, Floats
from deepshock.market.instruments import Instrument
from deepshock.market.series import Series

WINDOW = 20


def sigma(close: Floats) -> Floats:
    """Return the daily volatility known before each session.

    Standard deviation (ddof 1) of the last 20 log returns between consecutive known closes of earlier sessions. A
    missing close is passed over: the return then spans the gap.

    Parameters
    ----------
    close : ndarray of shape (n_sessions,), float64
        NaN where unknown.

    Returns
    -------
    ndarray of shape (n_sessions,), float64
        As a fraction per session; NaN until 20 returns are known.
    """
    known = np.isfinite(close) & (close > 0)
    returns = np.diff(np.log(close[known]))
    if returns.size < WINDOW:
        return np.full(close.shape, np.nan)
    return _before(known, np.std(sliding_window_view(returns, WINDOW), axis=1, ddof=1), needs=WINDOW + 1)


def typical_volume(volume: Floats) -> Floats:
    """Return the usual volume known before each session: the median of the last 20 known volumes of earlier sessions.

    Parameters
    ----------
    volume : ndarray of shape (n_sessions,), float64
        Adjusted shares, see `shares_traded`; NaN where unknown.

    Returns
    -------
    ndarray of shape (n_sessions,), float64
        Adjusted shares; NaN until 20 volumes are known.
    """
    known = np.isfinite(volume)
    if known.sum() < WINDOW:
        return np.full(volume.shape, np.nan)
    return _before(known, np.median(sliding_window_view(volume[known], WINDOW), axis=1), needs=WINDOW)


def shares_traded(series: Series, instrument: Instrument) -> Floats:
    """Return each session's volume in adjusted shares, known at its close.

    Data give crypto volume in the quote currency; it is divided by that session's close.
    """
    return series.volume / series.close if instrument.cls == "crypto" else series.volume.copy()


def _before(known: Flags, statistic: Floats, needs: int) -> Floats:
    """Spread a statistic of the values up to the k-th known one onto the sessions after it."""
    earlier: npt.NDArray[np.int64] = np.cumsum(known) - known
    padded = np.concatenate([np.full(needs, np.nan), statistic])
    return np.asarray(padded[earlier])

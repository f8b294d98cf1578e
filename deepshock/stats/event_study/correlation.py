"""How much names that share an event date also share a shock: the mean correlation of their residuals."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from deepshock.arrays import Floats

FEWEST_ROWS = 30


@dataclass(frozen=True)
class Correlation:
    """Of the residuals of names in the estimation window.

    Parameters
    ----------
    mean : float
        Mean over all pairs, signed by side as the residuals are; nan where it cannot be known.
    rows : int
        Sessions on which every name is known, of which it is taken.
    cd : float
        Pesaran's (2004) statistic of no dependence, standard normal: sqrt(2 rows / (n (n - 1))) x sum over pairs of r.
    why : str
        Why it cannot be known; else empty.
    """

    mean: float
    rows: int
    cd: float
    why: str = ""


def correlation(residual: Floats) -> Correlation:
    """Measure how residuals move together.

    Parameters
    ----------
    residual : ndarray of shape (n_sessions, n_names)
        Signed by side; nan where missing. Sessions on which any name is missing do not count: correlations of pairs
        over different sessions need not fit together, and their mean could make a variance negative.
    """
    whole = residual[np.isfinite(residual).all(axis=1)]
    rows, n = whole.shape
    if n < 2:
        return Correlation(nan, rows, nan, "fewer than two names have no correlation")
    if rows < FEWEST_ROWS:
        return Correlation(nan, rows, nan, f"only {rows} sessions have all names, {FEWEST_ROWS} are needed")
    if not np.ptp(whole, axis=0).all():
        return Correlation(nan, rows, nan, "a name does not move on the sessions that have all names")
    mean = float(mean_correlation(whole))
    return Correlation(mean, rows, mean * sqrt(rows * n * (n - 1) / 2.0))


def own_correlations(residual: Floats, sides: Floats) -> tuple[Floats, Floats]:
    """Return the mean correlation among the longs, and among the shorts; nil for a side of fewer than two names.

    Parameters
    ----------
    residual : ndarray of shape (..., n_sessions, n_names)
        Nothing missing.
    sides : ndarray of shape (n_names,)
        +1.0 or -1.0.
    """
    longs, shorts = (residual[..., sides == side] for side in (1.0, -1.0))
    nil = np.zeros(residual.shape[:-2])
    return (
        mean_correlation(longs) if longs.shape[-1] > 1 else nil,
        mean_correlation(shorts) if shorts.shape[-1] > 1 else nil,
    )


def mean_correlation(residual: Floats) -> Floats:
    """Return the mean correlation over all pairs of names.

    Parameters
    ----------
    residual : ndarray of shape (..., n_sessions, n_names)
        Nothing missing, at least two names.

    Returns
    -------
    ndarray of shape (...)

    Notes
    -----
    With z standardised over the sessions, sum over t of (sum over i of z_it)^2 / rows is n + n (n - 1) r-bar, so that
    no matrix of pairs is needed.
    """
    centred = residual - residual.mean(axis=-2, keepdims=True)
    n = residual.shape[-1]
    scale = np.sqrt(np.einsum("...tn,...tn->...n", centred, centred))
    together = np.einsum("...tn,...n->...t", centred, 1.0 / scale)
    return np.asarray(((together * together).sum(axis=-1) - n) / (n * (n - 1)))

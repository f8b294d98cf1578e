"""Two-sided p-values, of arrays of statistics at once."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Floats, Ints


def two_sided(statistic: Floats | float, df: int | None) -> Floats:
    """Return how often a t with df degrees of freedom, or a standard normal where df is None, is further from nil."""
    from scipy.special import ndtr, stdtr

    away = -np.abs(statistic)
    return np.asarray(2.0 * (ndtr(away) if df is None else stdtr(df, away)))


def even(up: Ints | int, n: Ints | int) -> Floats:
    """Return how often n tosses of a fair coin are as uneven as ``up`` heads, or more."""
    from scipy.special import bdtr

    fewer = np.minimum(up, np.subtract(n, up))
    return np.asarray(np.minimum(1.0, 2.0 * bdtr(np.asarray(fewer, np.float64), n, 0.5)))

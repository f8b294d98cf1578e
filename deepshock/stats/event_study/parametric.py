"""Tests that lean on variances. Names are on the last axis, so that many samples are tested at once.

Every statistic is of the null hypothesis that the mean abnormal return of the window is nil.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from deepshock.arrays import Floats, Ints


def cross_sectional(car: Floats) -> Floats:
    """Return the t of abnormal returns over the names (Brown and Warner 1980).

    Parameters
    ----------
    car : ndarray of shape (..., n_names)

    Returns
    -------
    ndarray of shape (...)
        mean(CAR) / (s / sqrt(n)), s with n - 1; t with n - 1 degrees of freedom.
    """
    n = car.shape[-1]
    return np.asarray(car.mean(axis=-1) * sqrt(n) / car.std(axis=-1, ddof=1))


def portfolio(car: Floats, residual: Floats, spread: Floats, parameters: int) -> Floats:
    """Return the t of the book's own past (Brown and Warner 1980, "crude dependence adjustment").

    Parameters
    ----------
    car, spread : ndarray of shape (..., n_names)
        `Abnormal.car` and `Abnormal.spread`.
    residual : ndarray of shape (..., n_sessions, n_names)
        Of the sessions on which every name is known.
    parameters : int
        Of the model.

    Returns
    -------
    ndarray of shape (...)
        With p_t the mean residual of the names, sigma^2 = sum of p_t^2 / (n_sessions - parameters):
        mean(CAR) / (sigma sqrt(mean spread)); t with n_sessions - parameters degrees of freedom.

    Notes
    -----
    Whatever the names share is in p_t, so it needs no independence, and works with one name. It is exact for normal
    returns where all names are known on the same sessions and have the same model.
    """
    made = residual.mean(axis=-1)
    variance = (made * made).sum(axis=-1) / (residual.shape[-2] - parameters)
    return np.asarray(car.mean(axis=-1) / np.sqrt(variance * spread.mean(axis=-1)))


def patell(scar: Floats, df: Ints) -> Floats:
    """Return Patell's (1976) Z.

    Parameters
    ----------
    scar : ndarray of shape (..., n_names)
        `Abnormal.scar`.
    df : ndarray of shape (..., n_names)
        Degrees of freedom of each residual variance, above 2.

    Returns
    -------
    ndarray of shape (...)
        sum of SCAR / sqrt(sum of df / (df - 2)); standard normal. With the market model df = n - 2, the paper's
        (T - 2) / (T - 4).
    """
    return np.asarray(scar.sum(axis=-1) / np.sqrt((df / (df - 2.0)).sum(axis=-1)))


def bmp(scar: Floats) -> Floats:
    """Return the standardised cross-sectional t of Boehmer, Musumeci and Poulsen (1991).

    Parameters
    ----------
    scar : ndarray of shape (..., n_names)
        `Abnormal.scar`, whose standard errors hold the error of the forecast.

    Returns
    -------
    ndarray of shape (...)
        mean(SCAR) / (s / sqrt(n)), s with n - 1; t with n - 1 degrees of freedom. The variance is that of the event
        itself, so that an event that raises all variances alike does no harm.
    """
    return cross_sectional(scar)


def adjusted_patell(patell_z: Floats, mean_correlation: Floats | float, n: int) -> Floats:
    """Return Patell's Z corrected for correlation (Kolari and Pynnonen 2010).

    Parameters
    ----------
    patell_z : ndarray of shape (...)
    mean_correlation : ndarray of shape (...)
        Mean correlation of the residuals over all pairs, signed by side.
    n : int
        Names.

    Returns
    -------
    ndarray of shape (...)
        Z / sqrt(1 + (n - 1) r); standard normal.
    """
    return np.asarray(patell_z / np.sqrt(1.0 + (n - 1) * mean_correlation))


def adjusted_bmp_by_side(
    scar: Floats, sides: Floats, own: tuple[Floats, Floats], mean_correlation: Floats | float
) -> Floats:
    """Return the adjusted BMP t of a book that is long and short, its variance taken within each side.

    Parameters
    ----------
    scar : ndarray of shape (..., n_names)
        Signed by side.
    sides : ndarray of shape (n_names,)
        +1.0 or -1.0, both of them there, and at least three names.
    own : pair of ndarray of shape (...)
        `own_correlations`.
    mean_correlation : ndarray of shape (...)
        Over all pairs, signed by side.

    Returns
    -------
    ndarray of shape (...)
        With SS_k the squares of a side's SCARs about their own mean, v = sum of SS_k / sum of (n_k - 1)(1 - r_k):
        mean(SCAR) / sqrt(v (1 + (n - 1) r) / n); t with n - 2 degrees of freedom.

    Notes
    -----
    Ours, after Kolari and Pynnonen (2010), and with one side theirs to the letter. Theirs takes the spread of all
    signed returns; in a book whose sides share a shock that is mostly the shock itself, and no t. About the mean of its
    own side a name has nothing of it, and the square has the expectation sigma^2 (1 - r_k). Exact for normal returns of
    equal correlation.
    """
    squares, below = np.zeros(scar.shape[:-1]), np.zeros(scar.shape[:-1])
    for side, shared in zip((1.0, -1.0), own, strict=True):
        of = scar[..., sides == side]
        if of.shape[-1] > 1:
            squares = squares + of.var(axis=-1) * of.shape[-1]
            below = below + (of.shape[-1] - 1) * (1.0 - shared)
    n = scar.shape[-1]
    return np.asarray(scar.mean(axis=-1) / np.sqrt(squares / below * (1.0 + (n - 1) * mean_correlation) / n))


def adjusted_bmp(bmp_t: Floats, mean_correlation: Floats | float, n: int) -> Floats:
    """Return the BMP t corrected for correlation (Kolari and Pynnonen 2010).

    Parameters
    ----------
    bmp_t : ndarray of shape (...)
    mean_correlation : ndarray of shape (...)
        Mean correlation of the residuals over all pairs, signed by side.
    n : int
        Names.

    Returns
    -------
    ndarray of shape (...)
        t sqrt((1 - r) / (1 + (n - 1) r)); t with n - 1 degrees of freedom. The numerator is there because the spread
        over names misses what they share: the expectation of s^2 is sigma^2 (1 - r).
    """
    return np.asarray(bmp_t * np.sqrt((1.0 - mean_correlation) / (1.0 + (n - 1) * mean_correlation)))

"""Tests that lean on order and sign alone. Names are on the last axis, sessions before them.

Panels hold the estimation window and then the event window, ``days`` rows of it.
"""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Floats, Ints


def ranks(panel: Floats) -> Floats:
    """Rank every name's abnormal returns over its own sessions, from 1; equals share their mean rank.

    Parameters
    ----------
    panel : ndarray of shape (..., n_sessions, n_names)
        nan where missing, and there the rank is nan too.
    """
    from scipy.stats import rankdata

    policy = "omit" if np.isnan(panel).any() else "propagate"
    return np.asarray(rankdata(panel, axis=-2, nan_policy=policy), np.float64)


def corrado(ranked: Floats, days: int) -> Floats:
    """Return Corrado's (1989) rank statistic, over several days as Cowan (1992) sums it.

    Parameters
    ----------
    ranked : ndarray of shape (..., n_sessions, n_names)
        `ranks` of a panel in which nothing is missing.
    days : int
        Rows of the event window, the last ones.

    Returns
    -------
    ndarray of shape (...)
        With k_t the mean rank of the names on a session less (n_sessions + 1) / 2, and S^2 the mean of k_t^2 over all
        sessions: sum of k over the event window / (sqrt(days) S); standard normal.

    Notes
    -----
    S is of the mean over names, so what they share is in it. An event that raises variances sends ranks to both ends,
    and S does not know.
    """
    mean = ranked.mean(axis=-1) - (ranked.shape[-2] + 1) / 2.0
    return _of_days(mean, days)


def corrado_zivney(ranked: Floats, days: int) -> Floats:
    """Return the rank statistic of Corrado and Zivney (1992), for panels with holes.

    Parameters
    ----------
    ranked : ndarray of shape (..., n_sessions, n_names)
        `ranks`; nan where missing.
    days : int
        Rows of the event window, the last ones.

    Returns
    -------
    ndarray of shape (...)
        With U_it = K_it / (1 + n_i) - 1/2, n_i the sessions of a name, and u_t the sum of U over the names there are
        on a session / sqrt(their number): sum of u over the event window / (sqrt(days) S), S^2 the mean of u_t^2 over
        the sessions that have a name, as many of the event window's as have one being its days; standard normal. Where
        nothing is missing this is Corrado's number.
    """
    there = np.isfinite(ranked)
    sessions = there.sum(axis=-2, keepdims=True)
    u = np.where(there, ranked / (1.0 + sessions) - 0.5, 0.0)
    names = there.sum(axis=-1)
    together = u.sum(axis=-1) / np.sqrt(np.maximum(names, 1))
    return _of_days(np.where(names > 0, together, np.nan), days)


def _of_days(values: Floats, days: int) -> Floats:
    scale = np.sqrt(np.nanmean(values * values, axis=-1))
    event = values[..., -days:]
    return np.asarray(np.nansum(event, axis=-1) / (np.sqrt(np.isfinite(event).sum(axis=-1)) * scale))


def positive(car: Floats) -> tuple[Ints, Ints]:
    """Return how many names have a positive CAR, and how many have one that is not nil.

    Parameters
    ----------
    car : ndarray of shape (..., n_names)

    Returns
    -------
    up, n : ndarray of shape (...)
        Of the sign test: ``up`` is binomial with n trials of one half.
    """
    return np.asarray((car > 0.0).sum(axis=-1)), np.asarray((car != 0.0).sum(axis=-1))


def usual_share(residual: Floats) -> Floats:
    """Return the share of positive residuals of the estimation window, the mean of the names' own shares.

    Parameters
    ----------
    residual : ndarray of shape (..., n_sessions, n_names)
        Signed by side; nan where missing.
    """
    known = np.isfinite(residual).sum(axis=-2)
    return np.asarray(((residual > 0.0).sum(axis=-2) / known).mean(axis=-1))


def generalised_sign(car: Floats, share: Floats | float) -> Floats:
    """Return Cowan's (1992) generalised sign statistic.

    Parameters
    ----------
    car : ndarray of shape (..., n_names)
    share : ndarray of shape (...)
        `usual_share`, p, strictly between 0 and 1.

    Returns
    -------
    ndarray of shape (...)
        (number of positive CARs - n p) / sqrt(n p (1 - p)); standard normal.
    """
    n = car.shape[-1]
    return np.asarray(((car > 0.0).sum(axis=-1) - n * share) / np.sqrt(n * share * (1.0 - share)))


def wilcoxon(car: Floats) -> tuple[Floats, Floats]:
    """Return Wilcoxon's (1945) signed rank statistic and its two-sided p-value.

    Parameters
    ----------
    car : ndarray of shape (..., n_names)
        Names with a CAR of nil take no part.

    Returns
    -------
    statistic, p_value : ndarray of shape (...)
        The lesser of the two sums of ranks. Exact up to 50 names, where sizes are equal up to 13; else normal.
    """
    from scipy import stats

    found = stats.wilcoxon(car, axis=-1)
    return np.asarray(found.statistic), np.asarray(found.pvalue)

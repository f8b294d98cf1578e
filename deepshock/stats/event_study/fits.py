"""Least squares over an estimation window, for many names at once, with what a forecast of it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import Floats, Ints

CONSTANT = 1e-20  # residual over total sum of squares: rounding leaves about 1e-32, prices in cents never under 1e-12


@dataclass(frozen=True, eq=False)
class Fit:
    """What was estimated of each name.

    Parameters
    ----------
    coef : ndarray of shape (n_parameters, n_names)
    residual : ndarray of shape (n_sessions, n_names)
        nan on the sessions that a name did not use.
    sigma : ndarray of shape (n_names,)
        sqrt(RSS / df), of one session.
    n, df : ndarray of shape (n_names,)
        Sessions used, and less the parameters.
    inverse : ndarray of shape (n_names, n_parameters, n_parameters)
        (X'X)^-1 over the sessions that a name used.
    why : tuple of str
        What forbids to use a name; empty where nothing does.
    """

    coef: Floats
    residual: Floats
    sigma: Floats
    n: Ints
    df: Ints
    inverse: Floats
    why: tuple[str, ...]


def fit(returns: Floats, columns: Floats, least: int = 1) -> Fit:
    """Regress names on what explains them.

    Parameters
    ----------
    returns : ndarray of shape (n_sessions, n_names)
        Of the estimation window, less the offset; nan where missing.
    columns : ndarray of shape (n_sessions, n_parameters)
        Regressors; no parameters at all is allowed, and then the residual is the return.
    least : int
        Fewest sessions.

    Returns
    -------
    Fit
        Each name on the sessions where it and all regressors are known. Names that are known on the same sessions are
        fitted together.

    Notes
    -----
    sigma^2 = RSS / (n - k), the unbiased estimator of the market model (Campbell, Lo and MacKinlay 1997, section
    4.4.1). With k = 0 it is the mean square, because the model says that the mean is nil.
    """
    n_names, k = returns.shape[1], columns.shape[1]
    known = np.isfinite(returns) & np.asarray(np.isfinite(columns).all(axis=1))[:, None]
    patterns: dict[bytes, list[int]] = {}
    if known.all():
        patterns[b""] = list(range(n_names))
    else:
        for name, pattern in enumerate(known.T):
            patterns.setdefault(pattern.tobytes(), []).append(name)
    made = Fit(
        np.full((k, n_names), np.nan), np.full(returns.shape, np.nan), np.full(n_names, np.nan), known.sum(axis=0),
        known.sum(axis=0) - k, np.full((n_names, k, k), np.nan), (),
    )  # fmt: skip
    why = [""] * n_names
    for names in patterns.values():
        rows = np.flatnonzero(known[:, names[0]])
        if said := _unfit(columns[rows], least):
            for name in names:
                why[name] = said
            continue
        _least_squares(made, returns, columns, rows, names)
        total = (returns[np.ix_(rows, np.array(names))] ** 2).sum(axis=0)
        for place in np.flatnonzero((made.sigma**2 * made.df)[names] <= CONSTANT * total):
            why[names[place]] = "constant: nothing is left unexplained in the estimation window"
    return replace(made, why=tuple(why))


def _unfit(columns: Floats, least: int) -> str:
    n, k = columns.shape
    if n < max(least, k + 3):
        return f"too few sessions: known on {n} of the estimation window, {max(least, k + 3)} are needed"
    if k and np.linalg.matrix_rank(columns) < k:
        return f"collinear: what explains it does not vary enough over its {n} sessions"
    return ""


def _least_squares(made: Fit, returns: Floats, columns: Floats, rows: Ints, names: list[int]) -> None:
    """Fit names that are known on the same rows, by QR: its error does not grow with the square of the condition."""
    cells = np.ix_(rows, np.array(names))
    x, y = columns[rows], returns[cells]
    q, r = np.linalg.qr(x)
    back = np.linalg.inv(r)
    made.coef[:, names] = coef = back @ (q.T @ y)
    residual = y - x @ coef
    made.residual[cells] = residual
    made.sigma[names] = np.sqrt(np.einsum("tn,tn->n", residual, residual) / (len(rows) - x.shape[1]))
    made.inverse[names] = back @ back.T


def forecast_covariance(columns: Floats, inverse: Floats) -> Floats:
    """Return the covariance of forecast errors over the residual variance.

    Parameters
    ----------
    columns : ndarray of shape (n_days, n_parameters)
        Regressors of the event window, X*.
    inverse : ndarray of shape (n_names, n_parameters, n_parameters)
        (X'X)^-1 of the estimation window.

    Returns
    -------
    ndarray of shape (n_names, n_days, n_days)
        I + X* (X'X)^-1 X*'.

    Notes
    -----
    Campbell, Lo and MacKinlay (1997), section 4.4.2. Its diagonal is Patell's (1976) correction of a day, which in the
    market model is 1 + 1/n + (R_m - mean)^2 / sum of squares; the rest is why the abnormal returns of a window are
    correlated even where returns are not: they share the error of the estimates.
    """
    return np.asarray(np.eye(len(columns)) + np.einsum("ak,nkl,bl->nab", columns, inverse, columns, optimize=True))

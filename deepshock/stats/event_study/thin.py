"""Betas where a share and its market are not measured at the same time: thin trading, other time zones.

Two ways, both with lengths that one can choose. Dimson's is a regression on several sessions of the market and needs
nothing but `fits`; its beta is the sum of the slopes, and its abnormal returns allow for what the market did on each of
them, which is what a share in another time zone needs. That of Scholes and Williams corrects the slope itself, and its
abnormal returns look at the market of the same session alone: right over a window of several, too coarse for a day.
Fowler and Rorke (1983) show that Dimson's sum is not consistent where the market is correlated with itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deepshock.arrays import Floats
from deepshock.stats.event_study.fits import Fit, fit
from deepshock.stats.event_study.models import Normal, moved


def scholes_williams(returns: Floats, market: Floats, least: int = 1) -> Fit:
    """Fit the market model with the beta of Scholes and Williams (1977).

    Parameters
    ----------
    returns : ndarray of shape (n_sessions, n_names)
        Of the estimation window; nan where missing.
    market : ndarray of shape (n_sessions, 1 + lags + leads)
        Of the estimation window: the market of the same session, then moved by each of ``Normal.shifts`` but 0.
    least : int
        Fewest sessions.

    Returns
    -------
    Fit
        Each name on the sessions where it and all the market's columns are known.

    Notes
    -----
    With b_k the slope of a regression on the market k sessions before, and rho_k the market's own correlation with
    itself over k sessions,

        beta = sum of b_k / (1 + sum over k != 0 of rho_|k|),   alpha = mean R - beta mean R_m.

    One lag and one lead is the paper's (b_-1 + b_0 + b_+1) / (1 + 2 rho_1); more of them are of Cohen, Hawawini, Maier,
    Schwartz and Whitcomb (1983). b_k and rho_k are taken over the same sessions. sigma^2 = RSS / (n - 2) and the
    forecast errors are reckoned as if the market model had been fitted by least squares: the paper gives none for this
    estimator, and over 250 sessions the difference is of order 1/n.
    """
    gaps = np.asarray(np.isnan(market).any(axis=1))
    y = np.where(gaps[:, None], np.nan, returns)
    x = np.column_stack([np.ones(len(market)), market[:, 0]])
    made = fit(y, x, least)
    coef, residual, sigma = made.coef.copy(), made.residual.copy(), made.sigma.copy()
    why = list(made.why)
    for name, said in enumerate(made.why):
        if said.startswith(("too few", "collinear")):
            continue
        rows = np.isfinite(residual[:, name])
        beta = _beta(y[rows, name], market[rows])
        if not np.isfinite(beta):
            why[name] = "the market's own correlation over sessions leaves no Scholes-Williams beta"
            continue
        coef[:, name] = y[rows, name].mean() - beta * market[rows, 0].mean(), beta
        residual[rows, name] = y[rows, name] - x[rows] @ coef[:, name]
        sigma[name] = np.sqrt(residual[rows, name] @ residual[rows, name] / made.df[name])
    return replace(made, coef=coef, residual=residual, sigma=sigma, why=tuple(why))


def _beta(returns: Floats, market: Floats) -> float:
    """Return the beta over sessions where all is known; nan if the denominator is not positive."""
    centred = market - market.mean(axis=0)
    squares = (centred * centred).sum(axis=0)
    if not (squares > 0.0).all():
        return float("nan")
    slopes = centred.T @ returns / squares
    own = centred[:, 1:].T @ centred[:, 0] / np.sqrt(squares[1:] * squares[0])
    below = 1.0 + own.sum()
    return float(slopes.sum() / below) if below > 0.0 else float("nan")


def around(market: Floats, model: Normal) -> Floats:
    """Return the market of the same session, then moved by each of the model's shifts but 0: columns of a session."""
    return np.column_stack([market, *(moved(market, k) for k in model.shifts if k)])

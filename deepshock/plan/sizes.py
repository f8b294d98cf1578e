"""How large each leg is: weights, and what of them rests on prices before the decision."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Floats
from deepshock.errors import Fault, PlanError
from deepshock.plan.ratios import beta, volatility
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market


def units_of(thesis: Thesis, market: Market, decided: datetime, warnings: list[str]) -> list[float]:
    """Return the signed share of the thesis's NAV of each leg, before gross.

    Parameters
    ----------
    thesis : Thesis
    market : Market
    decided : datetime
        Prices before it may count.
    warnings : list of str
        What the reader must know joins them.

    Raises
    ------
    PlanError
        A ratio that weights need cannot be computed.
    """
    legs, vols = thesis.legs(), None
    if thesis.weighting == "inverse-vol":
        vols = np.array([[_vol(thesis, market, leg.symbol, decided) for leg in legs]])
    if thesis.neutral != "beta":
        return [*map(float, units_by(thesis, vols, None)[0])]
    betas = [beta(market, leg.symbol, str(thesis.benchmark), decided) for leg in legs]
    for leg, found in zip(legs, betas, strict=True):
        if found.is_thin and not math.isnan(found.value):
            warnings.append(f"beta of {leg.symbol} rests on {found.n} returns instead of 250")
    units = units_by(thesis, vols, values := np.array([[found.value for found in betas]]))[0]
    if np.isnan(units).any():
        raise _no_halves(thesis, *(float(side[0]) for side in _betas_of_sides(thesis, _parts(thesis, vols), values)))
    return [*map(float, units)]


def units_by(thesis: Thesis, vols: Floats | None, betas: Floats | None) -> Floats:
    """Return the signed share of the thesis's NAV of each leg, before gross, at some instants.

    Each row is found by itself, and sums go from leg to leg: it has the same bits beside others and alone.

    Parameters
    ----------
    thesis : Thesis
    vols : ndarray of shape (n, n_legs) or None
        Volatility of each leg at each instant, positive; needed for ``weighting: inverse-vol``.
    betas : ndarray of shape (n, n_legs) or None
        Beta of each leg to the benchmark; needed for ``neutral: beta``.

    Returns
    -------
    ndarray of shape (n, n_legs), or (1, n_legs) where neither is given
        Nan where the betas of the two sides are not both positive.
    """
    side, parts = np.array([leg.side for leg in thesis.legs()]), _parts(thesis, vols)
    if thesis.neutral == "none":
        return np.asarray(side * parts / _total(parts)[:, None])
    long, short = side > 0, side < 0
    found = np.where(long, *(_total(parts[:, those])[:, None] for those in (long, short)))
    halves: Floats = np.full((1, len(side)), 0.5)
    if betas is not None:
        of_long, of_short = _betas_of_sides(thesis, parts, betas)
        fine = (of_long > 0.0) & (of_short > 0.0)
        total = np.where(fine, of_long + of_short, np.nan)[:, None]
        halves = np.where(long, of_short[:, None] / total, of_long[:, None] / total)
    return np.asarray(side * parts / found * halves)


def _parts(thesis: Thesis, vols: Floats | None) -> Floats:
    """Return the parts of all legs before they are scaled, of shape (n, n_legs)."""
    parts = np.array([[leg.part for leg in thesis.legs()]])
    if thesis.weighting == "equal":
        return np.ones_like(parts)
    return parts if vols is None else np.asarray(parts / vols)


def _total(values: Floats) -> Floats:
    """Add up each row from its first element to its last, in that order."""
    return np.cumsum(values, axis=1)[:, -1]


def _betas_of_sides(thesis: Thesis, parts: Floats, betas: Floats) -> tuple[Floats, Floats]:
    """Return the betas of the long and of the short side, of shape (n,) each."""
    side = np.array([leg.side for leg in thesis.legs()])
    long, short = (_total(parts[:, s] / _total(parts[:, s])[:, None] * betas[:, s]) for s in (side > 0, side < 0))
    return long, short


def _vol(thesis: Thesis, market: Market, symbol: str, decided: datetime) -> float:
    found = volatility(market, symbol, decided)
    if not found > 0.0:
        raise PlanError(
            Fault(
                thesis.place(symbol),
                f"weighting inverse-vol needs 60 returns of {symbol} before {decided:%Y-%m-%d %H:%MZ}, "
                "which the data do not have",
                "use weighting: given, or data that begin earlier",
            )
        )
    return found


def _no_halves(thesis: Thesis, long: float, short: float) -> PlanError:
    """Say that the betas of two sides cannot cancel."""
    return PlanError(
        Fault(
            thesis.place("neutral"),
            f"neutral: beta needs a positive beta to {thesis.benchmark} on each side, "
            f"found {long:.3f} long and {short:.3f} short",
            "at least 120 common daily returns are needed before the decision; or use neutral: dollar",
        )
    )

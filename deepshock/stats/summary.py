"""Many runs at once: the figures by which variants of a thesis are compared, in arrays.

Each is computed like that of a single run (`Performance`), number by number, so that both agree to the bit.
"""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Floats, Ints, Records, Tape
from deepshock.cost import accrued, first_known
from deepshock.stats.performance import LEAST_OBSERVATIONS, year_of


def measures(figures: Records, tape: Tape, capital: float, currency: str, *, always_open: bool) -> dict[str, Floats]:
    """Measure runs of equal capital on one tape.

    Parameters
    ----------
    figures : ndarray of shape (n_runs,), FIGURES
        Of each run, from the kernel.
    tape : Tape
        What they ran on.
    capital : float
        Base currency.
    currency : str
        Base currency; its policy rate is what the capital could have earned.
    always_open : bool
        Whether all venues are 24/7: a year then has 365 observations, else 252.

    Returns
    -------
    dict of str to ndarray of shape (n_runs,)
        ``net_return``, ``gross_return``, ``excess_return``, ``turnover`` and ``worst_leg_return`` over the capital;
        ``sharpe``, ``sharpe_se``, ``sortino`` and ``volatility``, annual, nan under 20 observations or where their
        denominator is not positive; ``max_drawdown``, ``exposure``, ``hit_rate``. A run without a fill made nothing,
        and has no hit rate and no worst leg. The excess return of a run that begins before the first policy rate on
        file is nan.
    """
    net = figures["net"]
    foregone = capital * _foregone(figures, tape, currency)
    worst = np.where(figures["worst"] >= 0, figures["worst_pnl"], np.nan)
    return {
        "net_return": net / capital,
        "gross_return": figures["gross"] / capital,
        "excess_return": (net - foregone) / capital,
        **_ratios(figures, year_of(always_open)),
        "max_drawdown": figures["max_drawdown"],
        "exposure": figures["exposure"],
        "turnover": figures["turnover"] / capital,
        "hit_rate": _over(figures["n_hits"], figures["n_legs"]),
        "worst_leg_return": worst / capital,
    }


def _ratios(figures: Records, year: int) -> dict[str, Floats]:
    known = figures["n_obs"] >= LEAST_OBSERVATIONS
    annual = np.sqrt(year)
    mean, spread, downside = (np.where(known, figures[name], np.nan) for name in ("mean", "std", "downside"))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(year / figures["n_obs"])
    return {
        "sharpe": _over(mean, spread) * annual,
        "sharpe_se": np.where(spread > 0.0, error, np.nan),
        "sortino": _over(mean, downside) * annual,
        "volatility": np.where(spread > 0.0, spread, np.nan) * annual,
    }


def _over(above: Floats | Ints, below: Floats | Ints) -> Floats:
    """Divide, nan where the denominator is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _foregone(figures: Records, tape: Tape, currency: str) -> Floats:
    """Return what one unit would have earned at the policy rate from the first fill of each run to its end."""
    ran = figures["first_row"] >= 0
    first = tape.row_day[figures["first_row"]]
    known = ran & (first >= first_known(currency))
    made = np.where(ran, np.nan, 0.0)
    made[known] = accrued(currency, first[known], tape.value["day"][figures["last_value"][known]])
    return made

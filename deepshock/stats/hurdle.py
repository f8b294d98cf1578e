"""What the best of many trials would show if none were any good, where the trials are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import flat, matrix
from deepshock.stats.sharpe import expected_maximum_sharpe
from deepshock.stats.trials import ideas_and_rest


@dataclass(frozen=True, slots=True)
class Hurdle:
    """What a Sharpe ratio has to exceed that was chosen for being the largest.

    Parameters
    ----------
    ratio : float
        Per observation: the expected largest of the tries, if the true one of all were zero.
    effective : float
        Independent tries, 1 or more.
    variance : float
        Of the Sharpe ratios of the trials, per observation, as found (ddof 1); nan where fewer than two vary.
    """

    ratio: float
    effective: float
    variance: float


def hurdle(trials: ArrayLike, *, n_trials: int | None = None, drawn_from: int | None = None) -> Hurdle:
    """Return what the best of many trials has to exceed.

    Parameters
    ----------
    trials : array_like of shape (n_obs, n_columns)
        Returns over the policy rate, of the same times in all columns, oldest first; zero while nothing is held. 20
        rows or more. A trial that never varies is a try, and has no ratio.
    n_trials : int, optional
        All tries; ``drawn_from`` by default. Those of which nothing is known count in full, as independent ones.
    drawn_from : int, optional
        Trials of which the columns are an even sample; the columns by default.

    Returns
    -------
    Hurdle

    Raises
    ------
    StatisticsError
        For too few rows, values that are not finite, fewer tries than trials, or trials of which none varies.

    Notes
    -----
    Trials that are alike count for fewer (`effective_trials`), and their Sharpe ratios differ less. A hurdle made of
    both, as is usual, allows for their likeness twice and is too low for variants of one idea: with few of them it is
    nil. Either allows for it once, and the larger is taken: the effective number, with the variance as found, but at
    least that of independent trials without skill, 1 / (n_obs - 1); or the full number, with the variance as found,
    but at most that. For variants of one idea the second is the expected maximum but for what they share, whose luck
    is that of one try and is left to the standard error. Where ratios differ more than luck makes them, as where some
    trials are good, the first is larger, and is the usual one.

    Of a sample, what of the effective number is common stays, and the rest grows with what it was drawn from: that is
    too much for a fine grid, of which a larger sample finds more in common.
    """
    values = matrix("trials", trials, idle=True)
    n_obs, n_columns = values.shape
    stands_for = n_columns if drawn_from is None else drawn_from
    total = stands_for if n_trials is None else n_trials
    if not n_columns <= stands_for <= total:
        problem = f"{total} tries, of which {stands_for} are drawn from, and {n_columns} columns"
        raise StatisticsError(Fault("n_trials", problem, "count all that were tried"))
    moving = values[:, ~flat(values)]
    n_moving = moving.shape[1]
    if not n_moving:
        raise StatisticsError(Fault("trials", "no trial varies", "give returns"))
    common, rest = ideas_and_rest(moving)
    each = stands_for / n_columns
    effective = max(common + each * (rest + n_columns - n_moving) + total - stands_for, 1.0)
    variance = float(np.var(moving.mean(axis=0) / moving.std(axis=0, ddof=1), ddof=1)) if n_moving > 1 else math.nan
    by_luck = 1.0 / (n_obs - 1)
    ratio = expected_maximum_sharpe(effective, np.fmax(variance, by_luck))
    if n_moving > 1:
        ratio = max(ratio, expected_maximum_sharpe(total, min(variance, by_luck)))
    return Hurdle(ratio, effective, variance)

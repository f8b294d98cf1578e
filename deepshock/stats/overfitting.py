"""Whether choosing the best of many trials chooses anything: the probability of backtest overfitting.

Bailey, Borwein, Lopez de Prado and Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance
20(4), 2017, sections 2 and 3: combinatorially symmetric cross-validation (CSCV).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Flags, Floats
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import FLAT, columns, matrix

MOST_BLOCKS = 20  # 184,756 combinations
AT_ONCE = 1 << 17  # Sharpe ratios in memory, 1 MB a matrix: a third faster than 8 MB, which leaves the cache


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What became, out of sample, of the trial that was best in sample, over all ways to halve the blocks.

    Parameters
    ----------
    probability : float
        PBO: share of the combinations whose ``logits`` are zero or less, so that the best in sample did no better
        than the median out of sample. Near one half, the choice is worth nothing; above it, it does harm.
    loss : float
        Share of the combinations in which the chosen trial lost out of sample.
    slope, intercept : float
        Performance degradation: least squares of ``out_of_sample`` on ``in_sample``, per observation.
    logits : ndarray of shape (n_combinations,)
        ln(w / (1 - w)), w = rank of the chosen trial out of sample, from the bottom, over (n_trials + 1).
    in_sample, out_of_sample : ndarray of shape (n_combinations,)
        Sharpe ratio of the chosen trial, per observation.
    n_rows : int
        Observations that were used: a multiple of the number of blocks, the latest.
    """

    probability: float
    loss: float
    slope: float
    intercept: float
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats
    n_rows: int


def overfitting(trials: ArrayLike, n_blocks: int = 16) -> Overfitting:
    """Return the probability of backtest overfitting.

    Parameters
    ----------
    trials : array_like of shape (n_obs, n_trials)
        Returns of all trials over the same times, oldest first; two trials or more. Zero while nothing is held: raw
        rather than over the policy rate, as an idle account would else lose steadily.
    n_blocks : int
        S, even, from 2 to 20; 16 gives 12,870 combinations. There are 2 S rows or more; what is over a multiple of S
        is left out, the oldest first.

    Returns
    -------
    Overfitting

    Raises
    ------
    StatisticsError
        For too few rows or trials, an odd number of blocks, values that are not finite, a trial that is the same but
        not zero in half of the blocks, or trials that are all alike.

    Notes
    -----
    A trial that did nothing in a half has a ratio of zero there. Equals in sample share the choice: their ratios and
    ranks out of sample are averaged; equals out of sample have their mean rank. Blocks keep the order of days within
    them, and a block should be longer than what is held. PBO is of the whole selection, not of the trial chosen, and
    it is low for trials that are all equally good only by chance: it does not say that anything is good.
    """
    if n_blocks not in range(2, MOST_BLOCKS + 1, 2):
        raise StatisticsError(Fault("n_blocks", f"{n_blocks!r} is refused", f"give an even number, 2 to {MOST_BLOCKS}"))
    values = matrix("trials", trials, least=2 * n_blocks, idle=True)
    if values.shape[1] < 2:
        raise StatisticsError(Fault("trials", "there is nothing to choose from in one trial", "give two or more"))
    rows = len(values) // n_blocks * n_blocks
    blocks = values[-rows:].reshape(n_blocks, rows // n_blocks, -1)
    totals = (blocks.sum(axis=1), (blocks * blocks).sum(axis=1))
    halves = _halves(n_blocks)
    step = max(1, AT_ONCE // values.shape[1])
    parts = [_chosen(halves[at : at + step], totals, rows // 2) for at in range(0, len(halves), step)]
    inside, outside, rank = np.concatenate(parts, axis=1)
    share = rank / (values.shape[1] + 1)
    logits = np.log(share / (1.0 - share))
    slope, intercept = _line(inside, outside)
    pbo, loss = float((logits <= 0.0).mean()), float((outside < 0.0).mean())
    return Overfitting(pbo, loss, slope, intercept, logits, inside, outside, rows)


def _halves(n_blocks: int) -> Floats:
    """Return 1 for each block that is in sample, a row for each combination."""
    places = np.array(list(combinations(range(n_blocks), n_blocks // 2)))
    halves = np.zeros((len(places), n_blocks))
    np.put_along_axis(halves, places, 1.0, axis=1)
    return halves


def _chosen(half: Floats, totals: tuple[Floats, Floats], n_obs: int) -> Floats:
    """Return ratio in sample, ratio out of sample and rank out of sample of the best in sample, of each combination."""
    inside, outside = (_sharpe(part @ totals[0], part @ totals[1], n_obs) for part in (half, 1.0 - half))
    best = inside.max(axis=1)
    found = np.empty((3, len(half)))
    found[0] = best
    for c, ordered in enumerate(np.sort(outside, axis=1)):
        got = outside[c, inside[c] == best[c]]
        ranks = (ordered.searchsorted(got, side="left") + ordered.searchsorted(got, side="right") + 1) / 2
        found[1:, c] = got.mean(), ranks.mean()
    return found


def _sharpe(total: Floats, squares: Floats, n_obs: int) -> Floats:
    """Return Sharpe ratios (ddof 1) from sums and sums of squares; zero where nothing happened."""
    mean = total / n_obs
    variance = (squares - n_obs * mean * mean) / (n_obs - 1)
    still: Flags = variance <= FLAT * mean * mean
    if still.any():
        steady = (still & (mean != 0.0)).any(axis=0)
        if steady.any():
            problem = f"{columns(steady)} is the same, but not zero, in half of the blocks"
            raise StatisticsError(Fault("trials", problem, "give returns that are zero while nothing is held"))
        variance[still] = 1.0
    return np.asarray(mean / np.sqrt(variance))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and intercept of y on x."""
    away = x - x.mean()
    spread = float(away @ away)
    if spread <= FLAT * float(x @ x):
        problem = "the best in sample is always equally good"
        raise StatisticsError(Fault("trials", problem, "give trials that differ, and that traded in most blocks"))
    slope = float(away @ y) / spread
    return slope, float(y.mean() - slope * x.mean())

"""Many tries of one idea: how many of them are independent, and p-values that allow for their number."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Floats
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.observed import matrix


def effective_trials(trials: ArrayLike) -> float:
    """Return the number of independent trials that are worth as many tries as some correlated ones.

    With l_i the eigenvalues of the correlations between trials,

        N = #{l_i > edge} + sum of the l_i <= edge,    edge = (1 + sqrt(n_trials / (n_obs - 1)))^2.

    What stands above the edge that pure noise reaches (Marchenko and Pastur 1967; on returns Laloux, Cizeau, Bouchaud
    and Potters, Physical Review Letters 83, 1999) is one idea, however many trials follow it; what does not counts by
    its variance. Where all correlations are the same r, and seen, this is N = r + (1 - r) n_trials of Bailey and Lopez
    de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014, appendix A.3. Their average
    correlation would count a hundred copies of each of three ideas as 201 tries; the eigenvalues count 3. Li and Ji,
    Heredity 95, 2005, count large eigenvalues alike.

    Parameters
    ----------
    trials : array_like of shape (n_obs, n_trials)
        Returns, raw or excess, of the same times in all columns, oldest first; 20 rows or more.

    Returns
    -------
    float
        From 1 to n_trials. Independent trials count in full even where there are more of them than observations, as no
        sample eigenvalue of theirs stands out. (The participation ratio of the eigenvalues would count about half of
        as many trials as there are observations.)

    Raises
    ------
    StatisticsError
        For too few rows, values that are not finite, or a trial that does not vary.

    Notes
    -----
    Its limits. A trial and its opposite count as one, although the better of both can be chosen: give the deflated
    Sharpe ratio twice the number where a search also chose the side. Trials that follow an idea weakly count in full,
    which is the careful error. The dispersion of the trials' Sharpe ratios shrinks with their correlation too, so that
    a hurdle made of both is on the low side for trials of one idea; with n_trials itself it is on the high side: where
    a conclusion depends on which, it is not established. Autocorrelation moves the edge a little.
    """
    return float(sum(ideas_and_rest(trials)))


def ideas_and_rest(trials: ArrayLike) -> tuple[int, float]:
    """Return the two parts of `effective_trials`: how many eigenvalues stand above the edge, and the sum of the others.

    Of an even sample of more trials the first part is that of all of them, and the second grows with their number.
    """
    values = matrix("trials", trials)
    n_obs, n_trials = values.shape
    unit = values - values.mean(axis=0)
    unit /= np.sqrt((unit * unit).sum(axis=0))
    alike = unit @ unit.T if n_trials > n_obs else unit.T @ unit  # the same eigenvalues but for zeros
    strength = np.maximum(np.linalg.eigvalsh(alike), 0.0)
    above = strength > (1.0 + math.sqrt(n_trials / (n_obs - 1))) ** 2
    return int(above.sum()), float(strength[~above].sum())


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted for the false discovery rate.

    The least rate at which each is still found: min over j >= i of p_(j) m / j. Benjamini and Hochberg, Journal of the
    Royal Statistical Society B 57, 1995. Of what is found at a rate q, a share of q or less is false on average, for
    independent tests and for such as are positively dependent (Benjamini and Yekutieli 2001), as variants of a thesis
    are wont to be.

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)
        Of all that was tested, not only of the best.

    Returns
    -------
    ndarray of shape (n_tests,)
        In the same order; equal where they were equal.

    Raises
    ------
    StatisticsError
        For no p-value, or one that is not a number from 0 to 1.
    """
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(_probabilities(p_values), method="bh"), np.float64)


def holm(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted for the familywise error, whatever the dependence.

    Stepping down: max over j <= i of (m - j + 1) p_(j), at most 1. Holm, Scandinavian Journal of Statistics 6, 1979.
    The probability of even one false finding among those at or below a level is at most that level.

    Parameters, what is returned and what raises are those of `benjamini_hochberg`.
    """
    given = _probabilities(p_values)
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _probabilities(p_values: ArrayLike) -> Floats:
    found: Floats = np.asarray(p_values, np.float64)
    if found.ndim != 1 or not found.size:
        raise StatisticsError(Fault("p_values", f"their shape is {found.shape}", "give one row of at least one"))
    bad = np.flatnonzero(~((found >= 0.0) & (found <= 1.0)))
    if bad.size:
        problem = f"{found[bad[0]]:g} at position {bad[0]} is no probability ({bad.size} in all)"
        raise StatisticsError(Fault("p_values", problem, "leave out tests without one, and say how many they were"))
    return found

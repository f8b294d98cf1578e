"""What statistics of many tries are given: series and matrices of returns, refused where they cannot carry a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Flags, Floats
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.performance import LEAST_OBSERVATIONS

FLAT = 1e-12  # of a squared mean: a variance below it is rounding, as in the kernel
NAMED = 5


def series(name: str, values: ArrayLike, least: int = LEAST_OBSERVATIONS, *, idle: bool = False) -> Floats:
    """Return returns as an array.

    Parameters
    ----------
    name : str
        Of the parameter, for errors.
    values : array_like of shape (n_obs,)
        Oldest first.
    least : int
        Observations that the figure needs.
    idle : bool
        Whether they may be the same throughout.

    Returns
    -------
    ndarray of shape (n_obs,), float64

    Raises
    ------
    StatisticsError
        Where a value is not finite, where there are too few, or where all are the same but should not be.
    """
    return _checked(name, values, 1, least, idle=idle)[:, 0]


def matrix(name: str, values: ArrayLike, least: int = LEAST_OBSERVATIONS, *, idle: bool = False) -> Floats:
    """Return the returns of trials as an array, one trial a column.

    Parameters
    ----------
    name : str
        Of the parameter, for errors.
    values : array_like of shape (n_obs, n_trials)
        Oldest first.
    least : int
        Observations that the figure needs.
    idle : bool
        Whether a trial may be the same throughout, as one that never traded is.

    Returns
    -------
    ndarray of shape (n_obs, n_trials), float64

    Raises
    ------
    StatisticsError
        Where a value is not finite, where there are too few rows, or where a trial does not vary but should.
    """
    return _checked(name, values, 2, least, idle=idle)


def _checked(name: str, values: ArrayLike, n_axes: int, least: int, *, idle: bool = False) -> Floats:
    """Return values as a matrix, a series as one column."""
    found: Floats = np.asarray(values, np.float64)
    wanted = "(observations, trials)" if n_axes == 2 else "(observations,)"
    if found.ndim != n_axes:
        raise StatisticsError(Fault(name, f"its shape is {found.shape}", f"give an array of shape {wanted}"))
    if found.shape[0] < least:
        raise StatisticsError(Fault(name, f"{found.shape[0]} observations are too few", f"give {least} or more"))
    found = found.reshape(len(found), -1)
    if not found.shape[1]:
        raise StatisticsError(Fault(name, "there is no trial in it", "give at least one column"))
    bad = ~np.isfinite(found)
    if bad.any():
        which = f" of {columns(np.asarray(bad.any(axis=0)))}" if n_axes == 2 else ""
        remedy = "leave out what is not known, or give zero where nothing was held"
        raise StatisticsError(Fault(name, f"{int(bad.sum())} values{which} are not finite", remedy))
    if not idle and (same := flat(found)).any():
        whose = f"{columns(same)} " if n_axes == 2 else ""
        remedy = (
            "leave out what never traded, but count it among the tries" if n_axes == 2 else "give returns that vary"
        )
        raise StatisticsError(Fault(name, f"{whose}is the same throughout", remedy))
    return found


def flat(values: Floats) -> Flags:
    """Return which columns do not vary, rounding aside."""
    mean = values.mean(axis=0)
    return np.asarray(((values - mean) ** 2).mean(axis=0) <= FLAT * mean * mean)


def columns(which: Flags) -> str:
    """Name the first few columns of which something is true."""
    places: Sequence[int] = np.flatnonzero(which).tolist()
    more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
    return f"column{'s' if len(places) > 1 else ''} {', '.join(map(str, places[:NAMED]))}{more}"


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number that does not lie strictly between two others."""
    if not low < value < high:
        raise StatisticsError(Fault(name, f"{value!r} is not between {low:g} and {high:g}", "both ends are excluded"))

"""Sharpe ratios of many tries by their number, mean and variance, which is all that can be kept of a million."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Sharpes(NamedTuple):
    """Sharpe ratios per observation.

    Parameters
    ----------
    n : int
        How many are known.
    mean : float
        nan where none is.
    variance : float
        With n - 1 in the denominator; nan under two.
    """

    n: int = 0
    mean: float = math.nan
    variance: float = math.nan


UNKNOWN = Sharpes()


def pooled(parts: Iterable[Sharpes]) -> Sharpes:
    """Return what all of several sets of ratios together come to, as if they stood in one.

    The squares about the common mean are those about each mean of its own, and n times the square of the distance
    between the two: Chan, Golub and LeVeque, The American Statistician 37(3), 1983.

    Examples
    --------
    >>> pooled([Sharpes(1, 1.0), Sharpes(2, 3.0, 2.0), Sharpes()])  # of 1, 2 and 4
    Sharpes(n=3, mean=2.3333333333333335, variance=2.3333333333333335)
    """
    known = [part for part in parts if part.n]
    n = sum(part.n for part in known)
    if not n:
        return UNKNOWN
    mean = math.fsum(part.n * part.mean for part in known) / n
    within = (part.variance * (part.n - 1) for part in known if part.n > 1)
    between = (part.n * (part.mean - mean) ** 2 for part in known)
    return Sharpes(n, mean, math.fsum((*within, *between)) / (n - 1) if n > 1 else math.nan)

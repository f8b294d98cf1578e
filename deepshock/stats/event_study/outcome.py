"""What a test says: statistic, p-value, what it takes for granted, or why it cannot be computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from deepshock.stats.event_study.assumptions import Assumption
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.tails import two_sided

T, Z, BINOMIAL, SIGNED_RANK = "t", "normal", "binomial, one half", "signed rank"
FEWEST_NAMES = 2
Check = Callable[[Sample], Assumption]


@dataclass(frozen=True)
class Outcome:
    """One test.

    Parameters
    ----------
    test : str
    statistic, p_value : float
        Two-sided; nan where `reason` says why.
    distribution : str
        Of the statistic if nothing happened.
    df : int or None
        Of a t; the trials of a binomial; else None.
    n : int
        Names.
    least_p : float
        The least p-value that so many names could give; 0 where there is no such bound.
    assumes : tuple of Assumption
    reason : str
        Why it cannot be computed; else empty.
    """

    test: str
    statistic: float
    p_value: float
    distribution: str
    df: int | None
    n: int
    least_p: float
    assumes: tuple[Assumption, ...]
    reason: str = ""

    @property
    def holds(self) -> bool | None:
        """False if anything assumed does not hold, None if nothing of it could be checked or computed."""
        if self.reason:
            return None
        known = [one.holds for one in self.assumes if one.holds is not None]
        return all(known) if known else None


def outcome(
    test: str, sample: Sample, checks: Sequence[Check], why: str, make: Callable[[], object], df: int | None = None
) -> Outcome:
    """Compute a t (with df) or a Z, unless something forbids it."""
    name, assumes = T if df is not None else Z, tuple(check(sample) for check in checks)
    if why:
        return Outcome(test, nan, nan, name, df, sample.n, nan, assumes, why)
    statistic = float(np.asarray(make()))
    return Outcome(test, statistic, float(two_sided(statistic, df)), name, df, sample.n, 0.0, assumes)


def names(sample: Sample) -> str:
    """Return why there is no cross-section, or an empty string."""
    return "" if sample.n >= FEWEST_NAMES else "fewer than two names have no cross-section"

"""What a test takes for granted, in words, and whether the estimation window and the event agree.

Each check has its rule in its docstring; all are at 5 %. A check that passes is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from deepshock.stats.event_study.sample import Sample

LEVEL, TWO_SIDED = 0.05, 1.96
MANY = 20
FEWEST_EFFECTIVE = 3.0


@dataclass(frozen=True)
class Assumption:
    """One thing that a test takes for granted.

    Parameters
    ----------
    words : str
    holds : bool or None
        None where it cannot be checked here.
    why : str
        The figure that says so.
    """

    words: str
    holds: bool | None
    why: str


def independent(sample: Sample) -> Assumption:
    """Judge whether names are independent: Pesaran's CD of the signed residuals within +-1.96."""
    words, found = "abnormal returns of the names are independent", sample.correlation
    if found.why:
        return Assumption(words, None, found.why)
    why = f"mean residual correlation {found.mean:.2f} over {found.rows} sessions, CD {found.cd:.1f}"
    return Assumption(words, abs(found.cd) <= TWO_SIDED, why)


def alike(sample: Sample) -> Assumption:
    """Judge whether all pairs share one correlation: not so in a long and short book of correlated names.

    There the pairs across the book have the sign of the others turned. Whether the event leaves correlations as they
    were cannot be seen from one event.
    """
    words = "all pairs share one correlation, the event leaves it as it was"
    mixed, found = np.ptp(sample.abnormal.sides) > 0.0, sample.unsigned
    if found.why or not mixed or abs(found.cd) <= TWO_SIDED:
        return Assumption(words, None, found.why or "one event cannot show it")
    return Assumption(words, False, f"long and short in names whose mean residual correlation is {found.mean:.2f}")


def alike_by_side(sample: Sample) -> Assumption:
    """Say that pairs of a side share one correlation, which one event cannot show."""
    words = "pairs of a side share one correlation, the event leaves all of them as they were"
    return Assumption(words, None, sample.correlation.why or "one event cannot show it")


def same_variance(sample: Sample) -> Assumption:
    """Judge whether the event raised variances.

    The spread of the SCARs over the names against what it should be, (n - 1) s^2 / ((1 - r) mean of df / (df - 2)),
    in the upper tail of chi squared with n - 1 degrees of freedom; before sides, because what names share drops out of
    the spread only then. For the same reason a shock that moves all names alike is not seen.
    """
    from scipy.special import chdtrc

    words = "the event does not change variances"
    found = sample.unsigned
    if found.why or 1.0 - found.mean < 1e-9:
        return Assumption(words, None, found.why or "the residuals of all names are the same")
    expected = (1.0 - found.mean) * float((sample.df / (sample.df - 2.0)).mean())
    ratio = float((sample.scar * sample.abnormal.sides).var(ddof=1)) / expected
    p = float(chdtrc(sample.n - 1, (sample.n - 1) * ratio))
    return Assumption(words, p >= LEVEL, f"variance over the names {ratio:.1f} x the usual, p {p:.2g}")


def normal(sample: Sample) -> Assumption:
    """Judge whether abnormal returns are normal: Jarque and Bera's (1980) test refuses at most half of the names."""
    from scipy.special import chdtrc

    words, refused = "abnormal returns are normal", 0
    for name in range(sample.n):
        values = sample.residual[np.isfinite(sample.residual[:, name]), name]
        z = (values - values.mean()) / values.std()
        statistic = len(z) / 6.0 * ((z**3).mean() ** 2 + ((z**4).mean() - 3.0) ** 2 / 4.0)
        refused += bool(chdtrc(2, statistic) < LEVEL)
    return Assumption(words, 2 * refused <= sample.n, f"Jarque-Bera refuses {refused} of {sample.n} names")


def symmetric(sample: Sample) -> Assumption:
    """Judge whether as many abnormal returns are positive as negative.

    The share of positive residuals within 1.96 standard errors of one half, each session counted once however many
    names it has.
    """
    words = "half of all abnormal returns are positive"
    rows = int(np.isfinite(sample.residual).any(axis=1).sum())
    away = abs(sample.share - 0.5) * 2.0 * sqrt(rows)
    return Assumption(words, away <= TWO_SIDED, f"{sample.share:.1%} of the residuals are positive")


def unrelated(sample: Sample) -> Assumption:
    """Judge whether sessions are independent, which a window of several needs.

    The correlation of the mean residual with that of the session before within +-1.96 / sqrt(sessions).
    """
    words = "sessions are independent"
    if sample.days == 1:
        return Assumption(words, True, "the event window is one session")
    if len(sample.whole) < 3 or (sample.correlation.why and sample.n > 1):
        return Assumption(words, None, sample.correlation.why or "too few sessions")
    made = sample.whole.mean(axis=1) - sample.whole.mean()
    if not made.any():
        return Assumption(words, None, "the names cancel each other out")
    found = float(made[1:] @ made[:-1] / (made @ made))
    return Assumption(words, abs(found) * sqrt(len(made)) <= TWO_SIDED, f"autocorrelation {found:.2f}")


def many(sample: Sample) -> Assumption:
    """Judge whether a count is near enough to normal: at least 20 names."""
    return Assumption("there are many names", sample.n >= MANY, f"{sample.n} names")


def blurred(sample: Sample) -> Assumption:
    """Judge whether a mean rank is near enough to normal: at least three names' worth, n / (1 + (n - 1) r) a session.

    The rank of one name on one session is uniform, at most 1.73 standard deviations from its mean: it can never be
    significant. A sum of three uniforms is beyond 1.96 in 4.7 % of cases.
    """
    words, found = "the mean rank is made of several independent ones", sample.correlation
    if sample.n > 1 and found.why:
        return Assumption(words, None, found.why)
    effective = 1.0 if sample.n == 1 else sample.n / max(1.0 + (sample.n - 1) * max(found.mean, 0.0), 1.0)
    effective *= sample.days
    return Assumption(words, effective >= FEWEST_EFFECTIVE, f"it is worth {effective:.1f} independent ranks")

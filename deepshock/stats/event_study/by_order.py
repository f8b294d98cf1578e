"""The tests of `ranks`, on one sample: what each needs, what it takes for granted, the least p it could give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import nan, sqrt

import numpy as np

from deepshock.arrays import Floats
from deepshock.stats.event_study import assumptions, ranks
from deepshock.stats.event_study.outcome import BINOMIAL, SIGNED_RANK, Outcome, names, outcome
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.tails import even, two_sided

RANK = (assumptions.blurred, assumptions.same_variance, assumptions.unrelated)


def corrado(sample: Sample) -> Outcome:
    """Test by ranks, where nothing is missing."""
    why = "" if np.isfinite(sample.ranked).all() else "names are missing on some sessions: see Corrado-Zivney"
    return _ranked("Corrado rank Z", sample, why, ranks.corrado)


def corrado_zivney(sample: Sample) -> Outcome:
    """Test by ranks, where names may be missing."""
    return _ranked("Corrado-Zivney rank Z", sample, "", ranks.corrado_zivney)


def _ranked(test: str, sample: Sample, why: str, statistic: Callable[[Floats, int], Floats]) -> Outcome:
    """Compute a rank statistic, and the p-value it would have with every name's best ranks in the event window."""
    why = why or _still(sample)
    made = outcome(test, sample, RANK, why, lambda: statistic(sample.ranked, sample.days))
    if why:
        return made
    best = sample.ranked.copy()
    best[-sample.days :] = np.isfinite(best).sum(axis=0)
    return replace(made, least_p=float(two_sided(float(statistic(best, sample.days)), None)))


def _still(sample: Sample) -> str:
    centred = sample.ranked - np.nanmean(sample.ranked, axis=0)
    return "" if np.nansum(centred, axis=1).any() else "constant: the ranks of the names cancel each other out"


def sign(sample: Sample) -> Outcome:
    """Test by how many names rose, exactly."""
    up, n = (int(count) for count in ranks.positive(sample.car))
    assumes = (assumptions.independent(sample), assumptions.symmetric(sample))
    if why := names(sample) or ("" if n else "constant: no name has an abnormal return"):
        return Outcome("sign", nan, nan, BINOMIAL, n, sample.n, nan, assumes, why)
    return Outcome("sign", float(up), float(even(up, n)), BINOMIAL, n, sample.n, 2.0 ** (1 - n), assumes)


def generalised_sign(sample: Sample) -> Outcome:
    """Test by how many names rose, against how many usually do."""
    why, share = names(sample), sample.share
    if not why and not 0.0 < share < 1.0:
        why = f"{share:.0%} of the residuals are positive"
    checks = (assumptions.independent, assumptions.many)
    made = outcome("generalised sign Z", sample, checks, why, lambda: ranks.generalised_sign(sample.car, share))
    if why:
        return made
    root, n = sqrt(sample.n * share * (1.0 - share)), sample.n
    return replace(made, least_p=float(two_sided(n * max(share, 1.0 - share) / root, None)))


def wilcoxon(sample: Sample) -> Outcome:
    """Test by the ranks of the sizes of CARs."""
    moved = sample.car[sample.car != 0.0]
    assumes = (assumptions.independent(sample), assumptions.symmetric(sample))
    if why := names(sample) or ("" if len(moved) else "constant: no name has an abnormal return"):
        return Outcome("Wilcoxon signed rank", nan, nan, SIGNED_RANK, None, sample.n, nan, assumes, why)
    statistic, p = (float(value) for value in ranks.wilcoxon(moved))
    least = 2.0 ** (1 - len(moved))
    return Outcome("Wilcoxon signed rank", statistic, p, SIGNED_RANK, None, sample.n, least, assumes)

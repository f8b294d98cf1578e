"""The tests of `parametric`, on one sample: what each needs, what it takes for granted."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Floats
from deepshock.stats.event_study import assumptions, parametric
from deepshock.stats.event_study.correlation import FEWEST_ROWS, own_correlations
from deepshock.stats.event_study.outcome import Outcome, names, outcome
from deepshock.stats.event_study.sample import Sample

TINY = 1e-9


def portfolio(sample: Sample) -> Outcome:
    """Test the book against its own past."""
    rows, why = len(sample.whole), ""
    if rows < FEWEST_ROWS:
        why = f"only {rows} sessions have all names, {FEWEST_ROWS} are needed"
    elif np.abs(sample.whole.mean(axis=1)).max() <= 1e-12 * np.abs(sample.whole).max():
        why = "constant: the names cancel each other out"
    checks = (assumptions.normal, assumptions.same_variance, assumptions.unrelated)
    k = sample.abnormal.parameters
    return outcome(
        "portfolio t",
        sample,
        checks,
        why,
        lambda: parametric.portfolio(sample.car, sample.whole, sample.abnormal.spread, k),
        max(rows - k, 0),
    )


def cross_sectional(sample: Sample) -> Outcome:
    """Test by the spread of CARs over names."""
    checks = (assumptions.independent, assumptions.normal)
    why = _spread(sample, sample.car)
    return outcome(
        "cross-sectional t", sample, checks, why, lambda: parametric.cross_sectional(sample.car), sample.n - 1
    )


def patell(sample: Sample) -> Outcome:
    """Test by each name's own past."""
    checks = (assumptions.independent, assumptions.same_variance, assumptions.normal, assumptions.unrelated)
    return outcome("Patell Z", sample, checks, "", lambda: parametric.patell(sample.scar, sample.df))


def adjusted_patell(sample: Sample) -> Outcome:
    """Test by each name's own past and their correlation."""
    checks = (assumptions.same_variance, assumptions.normal, assumptions.unrelated)
    z = parametric.patell(sample.scar, sample.df)
    return outcome(
        "adjusted Patell Z",
        sample,
        checks,
        _shared(sample, sample.shared),
        lambda: parametric.adjusted_patell(z, sample.shared, sample.n),
    )


def bmp(sample: Sample) -> Outcome:
    """Test by the spread of standardised CARs over names."""
    checks = (assumptions.independent, assumptions.normal)
    return outcome(
        "BMP t", sample, checks, _spread(sample, sample.scar), lambda: parametric.bmp(sample.scar), sample.n - 1
    )


def adjusted_bmp(sample: Sample) -> Outcome:
    """Test by the spread of standardised CARs and the correlation of the names."""
    checks = (assumptions.alike, assumptions.normal)
    why = _spread(sample, sample.scar) or _shared(sample, sample.shared)
    return outcome(
        "adjusted BMP t",
        sample,
        checks,
        why,
        lambda: parametric.adjusted_bmp(parametric.bmp(sample.scar), sample.shared, sample.n),
        sample.n - 1,
    )


def adjusted_bmp_by_side(sample: Sample) -> Outcome:
    """Test by the spread of standardised CARs on each side, and the correlation of the names."""
    r = sample.correlation.mean
    why = _one_sided(sample) or _shared(sample, r) or _within(sample)
    return outcome(
        "adjusted BMP t by side",
        sample,
        (assumptions.alike_by_side, assumptions.normal),
        why,
        lambda: parametric.adjusted_bmp_by_side(
            sample.scar, sample.abnormal.sides, own_correlations(sample.whole, sample.abnormal.sides), r
        ),
        max(sample.n - 2, 0),
    )


def _one_sided(sample: Sample) -> str:
    if why := names(sample):
        return why
    sides = [sample.abnormal.sides == side for side in (1.0, -1.0)]
    if not all(side.any() for side in sides):
        return "the book has one side: see adjusted BMP t"
    if sample.n < 3:
        return "fewer than three names have no spread on either side"
    if all(np.ptp(sample.scar[side]) <= TINY * np.abs(sample.scar).max() for side in sides):
        return "constant: the abnormal returns of all names of a side are equal"
    return ""


def _within(sample: Sample) -> str:
    counts = [int((sample.abnormal.sides == side).sum()) for side in (1.0, -1.0)]
    own = own_correlations(sample.whole, sample.abnormal.sides)
    left = sum((count - 1) * (1.0 - float(r)) for count, r in zip(counts, own, strict=True))
    return "" if left > TINY else "the residuals of all names of a side are the same"


def _spread(sample: Sample, values: Floats) -> str:
    if why := names(sample):
        return why
    same = values.std() <= 1e-12 * np.abs(values).max()
    return "constant: the abnormal returns of all names are equal" if same else ""


def _shared(sample: Sample, shared: float) -> str:
    if sample.correlation.why:
        return sample.correlation.why
    if 1.0 + (sample.n - 1) * shared < TINY:
        return f"the names cancel each other out: mean residual correlation {shared:.4f}"
    if 1.0 - shared < TINY:
        return "the residuals of all names are the same"
    return ""

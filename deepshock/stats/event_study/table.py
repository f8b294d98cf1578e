"""All tests of one event, and the table that they make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from deepshock.stats.event_study.by_order import corrado, corrado_zivney, generalised_sign, sign, wilcoxon
from deepshock.stats.event_study.by_variance import (
    adjusted_bmp,
    adjusted_bmp_by_side,
    adjusted_patell,
    bmp,
    cross_sectional,
    patell,
    portfolio,
)
from deepshock.stats.event_study.outcome import Outcome
from deepshock.stats.event_study.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

TESTS = (
    adjusted_bmp, adjusted_bmp_by_side, portfolio, adjusted_patell, corrado_zivney, corrado, bmp, patell,
    cross_sectional, generalised_sign, sign, wilcoxon,
)  # fmt: skip


def outcomes(sample: Sample) -> tuple[Outcome, ...]:
    """Return all tests of a sample; those that allow for what names share come first."""
    return tuple(test(sample) for test in TESTS)


def table(made: Iterable[Outcome]) -> pd.DataFrame:
    """Lay tests out.

    Returns
    -------
    DataFrame
        A line for each test, by its name. ``statistic``; ``p_value``, two-sided; ``distribution`` with its ``df``
        (trials of the binomial; absent for others); ``n`` names; ``least_p``, the least p-value that so many names
        could give; ``assumes``, in words; ``holds``, false if any of it does not, absent if none could be checked;
        ``evidence``, the figures behind it; ``reason``, why statistic and p-values are absent, else empty.
    """
    import pandas as pd

    lines = [
        {
            "test": one.test,
            "statistic": one.statistic,
            "p_value": one.p_value,
            "distribution": one.distribution,
            "df": one.df,
            "n": one.n,
            "least_p": one.least_p,
            "assumes": "; ".join(assumption.words for assumption in one.assumes),
            "holds": one.holds,
            "evidence": "; ".join(_evidence(assumption.why, assumption.holds) for assumption in one.assumes),
            "reason": one.reason,
        }
        for one in made
    ]
    frame = pd.DataFrame(lines).set_index("test")
    return frame.astype({"df": "Int64", "holds": "boolean"})


def _evidence(why: str, holds: bool | None) -> str:
    verdict = {True: "holds", False: "does not hold", None: "not checked"}[holds]
    return f"{why}: {verdict}"

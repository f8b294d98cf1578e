"""What the best of many trials is worth, given that it is the best of many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONFIDENCE = 0.95
COUNTS = ("n_obs", "n_rows", "n_columns", "drawn_from", "n_trials")
FIGURES = ("sharpe", "psr", "min_trl", "effective", "variance", "hurdle", "dsr", "pbo", "spa")
NAMES = {
    "psr": "PSR",
    "min_trl": "MinTRL",
    "effective": "effective number of trials",
    "dsr": "deflated Sharpe ratio",
    "pbo": "PBO",
    "spa": "SPA",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What the best of many trials is worth. A figure that is nan has its reason.

    Parameters
    ----------
    n_obs : int
        Observations of the chosen trial's own record.
    n_rows, n_columns : int
        Of the matrix of trials that the figures below rest on: times, and trials.
    drawn_from : int
        Trials of which the columns are an even sample; as many as these, the chosen one included, where they are all.
    n_trials : int
        All tries, those of which nothing else is known included.
    sharpe : float
        Of the chosen trial over its own record, per observation.
    psr : float
        Probability that its true ratio is above zero, had it been the only try.
    min_trl : float
        Observations that it takes to say so with 95 % confidence.
    effective : float
        Independent tries.
    variance : float
        Of the Sharpe ratios of the trials, per row.
    hurdle : float
        Per row; what the best of so many would show if none were any good.
    dsr : float
        Probability that the true ratio of the chosen trial is above zero, given ``hurdle``: deflated Sharpe ratio.
    pbo : float
        Probability that the best in one half of the times is no better than the median in the other.
    n_blocks : int
        Blocks that the times were cut into for it, 0 where there is no ``pbo``.
    spa : float
        p-value of the hypothesis that no trial makes anything, consistent.
    n_superior : int
        How many of the columns do (StepM); the probability that even one of them does not is 5 %.
    is_superior : bool or None
        Whether the chosen one is among them; None where that is not known.
    reasons : mapping of str to str
        Why a figure is not known, by its name here.
    """

    n_obs: int
    n_rows: int
    n_columns: int
    drawn_from: int
    n_trials: int
    sharpe: float
    psr: float
    min_trl: float
    effective: float
    variance: float
    hurdle: float
    dsr: float
    pbo: float
    n_blocks: int
    spa: float
    n_superior: int
    is_superior: bool | None
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What does not let the chosen trial be told from luck, in words; empty where no figure speaks against it."""
        found = [f"no {', '.join(names)}: {reason}" for reason, names in self._unknown().items()]
        if self.n_obs < self.min_trl:
            found.append(f"{self.n_obs:,} observations: MinTRL is {math.ceil(self.min_trl):,}")
        elif self.dsr <= CONFIDENCE:
            tries = f"tries: {self.n_trials:,}, worth {self.effective:,.1f} independent ones"
            found.append(f"deflated Sharpe ratio {self.dsr:.1%}, not above {CONFIDENCE:.0%}; {tries}")
        if self.pbo >= 0.5:
            found.append(f"PBO {self.pbo:.1%}: the best in one half is mostly no better than the median in the other")
        if self.spa >= 1.0 - CONFIDENCE:
            found.append(f"SPA p = {self.spa:.3f}: not even one of the trials is shown to make anything")
        elif self.is_superior is False:
            found.append(f"StepM finds {self.n_superior:,} that make something, and not this one")
        return tuple(found)

    def _unknown(self) -> dict[str, list[str]]:
        """Return what is not known, by the reason that it has in common."""
        found: dict[str, list[str]] = {}
        for name, reason in self.reasons.items():
            if name in NAMES:
                found.setdefault(reason, []).append(NAMES[name])
        return found

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        made = {name: value if math.isfinite(value := getattr(self, name)) else None for name in FIGURES}
        counts = {name: getattr(self, name) for name in COUNTS}
        tested = self.n_superior if math.isfinite(self.spa) else None
        steps = {"n_superior": tested, "is_superior": self.is_superior}
        words = {"reasons": dict(self.reasons), "doubts": list(self.doubts)}
        return {**counts, **made, "n_blocks": self.n_blocks or None, **steps, **words}

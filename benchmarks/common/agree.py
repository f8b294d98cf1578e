"""Whether two libraries found the same, before anybody is told how long they took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common.report import Sheet
from deepshock.arrays import Floats

TOLERANCE = 1e-9
METRICS = ("return", "Sharpe", "drawdown")


@dataclass(frozen=True)
class Agreement:
    """The largest difference of each figure.

    Parameters
    ----------
    workload, of, to : str
        What was compared with what.
    n : int
        Variants.
    largest : tuple of float
        By figure, as `METRICS`; nan where it was not compared.
    note : str
        What was left out, and why.
    """

    workload: str
    of: str
    to: str
    n: int
    largest: tuple[float, ...]
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether all of them are within the tolerance."""
        compared = [value for value in self.largest if not np.isnan(value)]
        return bool(compared) and max(compared) <= TOLERANCE

    def document(self) -> dict[str, object]:
        """Return plain values for JSON."""
        largest = {name: None if np.isnan(v) else v for name, v in zip(METRICS, self.largest, strict=True)}
        return {
            "workload": self.workload, "of": self.of, "to": self.to, "variants": self.n,
            "largest_difference": largest, "holds": self.holds, "note": self.note,
        }  # fmt: skip


def agreement(workload: str, of: str, ours: Floats, to: str, theirs: Floats, note: str = "") -> Agreement:
    """Compare arrays of shape (n_variants, 3); a figure that is nan in the first is left out, variant by variant.

    One that is nan in the second alone is a difference.
    """
    apart = np.where(np.isnan(ours), 0.0, np.abs(ours - theirs))
    apart = np.where(np.isnan(apart), np.inf, apart)
    largest = np.where(np.isnan(ours).all(axis=0), np.nan, apart.max(axis=0))
    return Agreement(workload, of, to, len(ours), tuple(largest.tolist()), note)


def sheet(found: Sequence[Agreement]) -> Sheet:
    """Return what was compared, and how far apart it is."""
    rows = [
        [
            f"{one.workload}: {one.of} and {one.to}",
            f"{one.n:,}",
            *("" if math.isnan(value) else f"{value:.1e}" for value in one.largest),
            "" if one.holds else "DIFFERS",
        ]
        for one in found
    ]
    notes = dict.fromkeys(f"{one.workload}, {one.to}: {one.note}." for one in found if one.note)
    columns = ("largest difference of", "variants", *METRICS, "")
    return Sheet(f"Results, to {TOLERANCE:g}", columns, rows, tuple(notes))

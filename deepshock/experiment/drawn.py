"""Which variants of a sweep traded, which of them is the best by a column, and an even sample that holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.errors import Fault, StatisticsError, UsageError
from deepshock.experiment.columns import NOTHING_FILLED
from deepshock.experiment.swept import Sweep

BY = ("excess_return", "sharpe")
"""Columns by which a variant can be the best: what it made over the policy rate, and that for its risk."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Variants of a sweep.

    Parameters
    ----------
    numbers : ndarray of shape (n,), int64
        Ascending; the best is among them.
    best : int
        Its number: the first one of equals.
    traded : int
        How many variants filled anything.
    """

    numbers: Ints
    best: int
    traded: int


def drawn(made: Sweep, by: str, most: int, seed: int) -> Drawn:
    """Draw variants of a sweep that traded, each with the same chance but for the best, which is always drawn.

    Parameters
    ----------
    made : Sweep
        Read part by part: what is held does not grow with it.
    by : str
        One of `BY`.
    most, seed : int
        How many at most, and of the draw. It does not hang on parts: a folder's is that of the same sweep in memory.

    Raises
    ------
    UsageError
        It is another column, or no number of variants.
    StatisticsError
        None of its variants traded, or none has that figure.
    """
    check(by, most)
    chance = np.random.default_rng(seed)
    numbers, keys = np.empty(0, np.int64), np.empty(0)
    best, highest, traded = -1, -np.inf, 0
    for part in made.scan([by, "reason"], labelled=False):
        ran, values = (part["reason"] == "").to_numpy(), part[by].to_numpy()
        drawn_keys = chance.random(len(part))[ran]
        there = part.index.to_numpy()[ran]
        traded += len(there)
        known = np.where(np.isnan(values[ran]), -np.inf, values[ran])
        if len(there) and known.max() > highest:
            best, highest = int(there[known.argmax()]), float(known.max())
        numbers, keys = _lowest(np.append(numbers, there), np.append(keys, drawn_keys), most)
    if best < 0:
        raise StatisticsError(_none(traded, by))
    if best not in numbers:
        numbers[keys.argmax()] = best
    return Drawn(np.sort(numbers), best, traded)


def check(by: str, most: int) -> None:
    """Refuse a column that says nothing of skill, and what is no number of variants."""
    faults = []
    if by not in BY:
        remedy = f"give {' or '.join(BY)}: whoever is best by another figure need not have made anything"
        faults.append(Fault("by", f"{by!r} does not choose a best", remedy))
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        faults.append(Fault("most", f"{most!r} is no number of variants", "give a whole number from 1"))
    if faults:
        raise UsageError(faults)


def _lowest(numbers: Ints, keys: Floats, most: int) -> tuple[Ints, Floats]:
    """Return the numbers with the lowest keys, and these keys: of independent keys that is an even sample."""
    if len(numbers) <= most:
        return numbers, keys
    kept = np.argpartition(keys, most - 1)[:most]
    return numbers[kept], keys[kept]


def _none(traded: int, by: str) -> Fault:
    if not traded:
        return Fault("best", "no variant traded", f"see the column reason: {NOTHING_FILLED}")
    return Fault("best", f"none of {traded:,} variants that traded has a {by}", "choose by excess_return")

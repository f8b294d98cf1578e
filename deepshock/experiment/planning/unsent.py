"""Templates of which no order is sent, and what is said of them."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Ints
from deepshock.experiment.planning.cases import Cases
from deepshock.experiment.planning.digits import Distinct
from deepshock.experiment.planning.names import Names
from deepshock.plan import NOTHING_RUNS, Refusal, no_tradable_leg


def unsent(cases: Cases, names: Names, *, is_book: bool) -> tuple[Ints, list[str]]:
    """Say why nothing is sent, where nothing is.

    Parameters
    ----------
    cases : Cases
    names : Names
    is_book : bool

    Returns
    -------
    why : ndarray of shape (n_templates,), int64
        Number of the reason of each template, -1 where something is sent.
    reasons : list of str
    """
    why = np.full(len(cases), -1)
    dead = np.flatnonzero(~cases.any_of(cases.sent))
    if is_book or not len(dead):
        why[dead] = 0
        return why, [NOTHING_RUNS]
    kinds = _kinds(cases, dead)
    why[dead] = kinds.place
    return why, [_why(cases, first, names) for first in dead[kinds.first].tolist()]


def _kinds(cases: Cases, dead: Ints) -> Distinct:
    """Find the different ones of templates: another frame, or other reasons of its orders."""
    width = int(np.diff(cases.start).max())
    size = len(cases.pool.frames)
    number = cases.frame[dead]
    for n in range(width):
        at = cases.start[dead] + n
        there = at < cases.start[dead + 1]
        number = number * len(Refusal) + np.where(there, cases.refusal[np.where(there, at, 0)], 0)
        size *= len(Refusal)
        if size > 1 << 50:
            found = Distinct.of(number, size)
            number, size = found.place, len(found.values)
    return Distinct.of(number, size)


def _why(cases: Cases, case: int, names: Names) -> str:
    frame = cases.pool.frames[int(cases.frame[case])]
    refusals = cases.refusal[cases.start[case] : cases.start[case + 1]].tolist()
    symbols, gates = list(names.symbols), names.gates
    told = zip(frame.leg["instrument"].tolist(), frame.row["gate"].tolist(), refusals, strict=True)
    return no_tradable_leg((symbols[n], gates[g].words(Refusal(refusal), names.market)) for n, g, refusal in told)

"""The templates of a range of variants: one for each design and instant, and for each lag where it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.cases import Cases, lay_cases
from deepshock.experiment.planning.chunk import Chunk
from deepshock.experiment.planning.digits import Digits, Distinct
from deepshock.experiment.planning.frames import Frame
from deepshock.experiment.planning.rules import Column, Rules
from deepshock.experiment.planning.structure import Framed, Structure


class Lags:
    """The lags of all theses, as the grid varies them.

    Parameters
    ----------
    rules : sequence of Rules
        Of each thesis.
    grid : Grid
    """

    def __init__(self, rules: Sequence[Rules], grid: Grid) -> None:
        found = {g: one.lags() for g, one in enumerate(rules)}
        self._columns: dict[int, Column] = {g: column for g, column in found.items() if column is not None}
        self.digits = Digits.on((column.axis for column in self._columns.values()), grid)

    def bounds(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return the least and the greatest lag by thesis."""
        good = {g: c.values[c.good] if c.good.any() else c.values for g, c in self._columns.items()}
        return {g: int(v.min()) for g, v in good.items()}, {g: int(v.max()) for g, v in good.items()}

    def at(self, codes: Ints) -> dict[int, Ints]:
        """Return the lag by thesis in some variants, ndarray of shape (n, n_axes of the grid)."""
        return {g: c.values[codes[:, c.axis]].astype(np.int64) for g, c in self._columns.items()}

    def of_orders(self, cases: Cases, varied: Mapping[int, int] | Mapping[int, Ints]) -> Ints:
        """Return the lag of each order: its thesis's own, or a varied one, for all templates or for each."""
        found, thesis = cases.of("lag"), cases.of("thesis") if varied else None
        for g, lag in varied.items():
            mine = thesis == g
            found[mine] = lag if isinstance(lag, int) else np.repeat(lag, np.diff(cases.start))[mine]
        return found


def templates_of(
    chunk: Chunk, framed: Framed, spot: Ints, structure: Structure, lags: Lags, *, exact: bool
) -> tuple[Cases, Ints] | None:
    """Lay out the templates of the variants that can still run.

    Parameters
    ----------
    chunk : Chunk
        Variants whose orders can't be planned are stopped.
    framed : Framed
    spot : ndarray of shape (n,), int64
        Where each variant stands among the framed combinations.
    structure : Structure
    lags : Lags
    exact : bool
        Whether each lag has a template of its own, even where it refuses nothing.

    Returns
    -------
    cases : Cases
    of : ndarray of shape (n,), int64
        The template of each variant, -1 for those that are stopped.
    None
        Instead of them, if no variant is left.
    """
    planned = np.flatnonzero(framed.frame >= 0)
    if not len(planned) or not chunk.alive.any():
        return None
    known = {g: at[planned] for g, at in framed.known.items()}
    cases = lay_cases(framed.frames, framed.frame[planned], known, structure.names, framed.sizes.of(planned))
    numbers = np.full(len(framed.frame), -1)
    numbers[planned] = np.arange(len(planned))
    of = np.where(chunk.alive, numbers[spot], -1)
    if lags.digits.size == 1:
        return cases.lagging(lags.of_orders(cases, lags.bounds()[0])), of
    least, most = (cases.lagging(lags.of_orders(cases, bound)) for bound in lags.bounds())
    told = least.any_of(least.refusal != most.refusal)
    if exact:
        told[:] = True
    return _split(chunk, framed, spot, structure, lags, least, of, told) if told.any() else (least, of)


def _split(
    chunk: Chunk, framed: Framed, spot: Ints, structure: Structure, lags: Lags, cases: Cases, of: Ints, told: Flags
) -> tuple[Cases, Ints] | None:
    """Give templates whose refusals hang on the lag one for each lag."""
    going = np.flatnonzero(of >= 0)
    if not len(going):
        return None
    lag = lags.digits.numbers(chunk.codes[going])
    size = lags.digits.size
    keys = of[going] * size + np.where(told[of[going]], lag, 0)
    distinct = Distinct.of(keys, len(cases) * size)
    first, frames = going[distinct.first], list(cases.pool.frames)
    frame, sizes = cases.frame[of[first]], framed.sizes.of(spot[first])
    for n in np.flatnonzero(told[of[first]] & np.array([one.hedged for one in frames])[frame]).tolist():
        made: Frame | str = structure.frame_at(chunk.codes[first[n]], lag=True)
        if isinstance(made, str):
            chunk.stop(going[distinct.place == n], made)
        else:
            frame[n] = len(frames)
            frames.append(made)
            if sizes is not None:
                sizes.forget(n)
    known = {g: at[spot[first]] for g, at in framed.known.items()}
    split = lay_cases(frames, frame, known, structure.names, sizes)
    least, exact = lags.bounds()[0], lags.at(chunk.codes[first])
    lagging = {g: np.where(told[of[first]], exact[g], least[g]) for g in exact}
    found = np.full(len(of), -1)
    found[going] = distinct.place
    return split.lagging(lags.of_orders(split, lagging)), np.where(chunk.alive, found, -1)

"""What all variants of a sweep need of a tape, so that it is laid out once and not with every range of them."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Ints
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.cases import Cases, lay_cases
from deepshock.experiment.planning.digits import Digits
from deepshock.experiment.planning.instants import MOST, UNREADABLE
from deepshock.experiment.planning.needs import Need
from deepshock.experiment.planning.structure import Structure
from deepshock.experiment.planning.templates import Lags
from deepshock.plan import Refusal

FAR_NS = np.iinfo(np.int64).max
MOST_DESIGNS = 500
"""Of more than these, ranges of variants are looked at one after another."""


class Foresight:
    """Looks at every design of a sweep, at its earliest instant.

    Parameters
    ----------
    structure : Structure
    lags : Lags
    grid : Grid
    """

    def __init__(self, structure: Structure, lags: Lags, grid: Grid) -> None:
        self._structure, self._lags, self._grid = structure, lags, grid
        self._need: Need | None = None
        self._looked = False

    def within(self, venues: int) -> Need | None:
        """Return what all variants need on some venues, given as bits; None where that would take long to find out."""
        if not self._looked:
            self._need, self._looked = self._look(), True
        if self._need is None:
            return None
        names = self._structure.names
        calendars = [names.market.instrument(symbol).calendar for symbol in names.symbols]
        bits = [venues >> names.venue(calendar) & 1 for calendar in calendars]
        return self._need.within(np.array(bits, np.bool_))

    def _look(self) -> Need | None:
        designs, instants = self._structure.designs, self._structure.instants
        if designs.size > MOST_DESIGNS or instants.size > MOST:
            return None
        codes = self._codes(instants, 0)
        known = self._structure.known(codes)
        late = [np.where(at == UNREADABLE, FAR_NS, at) for at in known.values()]
        if any(int(at.min()) == FAR_NS for at in late):
            return None
        chosen = int(np.argmin(np.max(late, axis=0))) if late else 0
        framed = self._structure.frames(self._codes(designs, chosen))
        planned = np.flatnonzero(framed.frame >= 0)
        if not len(planned):
            return None
        first = {g: np.full(len(planned), at.min()) for g, at in zip(known, late, strict=True)}
        return self._need_of(lay_cases(framed.frames, framed.frame[planned], first, self._structure.names))

    def _codes(self, digits: Digits, instant: int) -> Ints:
        """Return positions of all axes for every combination of some, the others at one combination of instants."""
        codes = np.zeros((digits.size, len(self._grid.axes)), np.int64)
        for axis, position in self._structure.instants.position(instant).items():
            codes[:, axis] = position
        for axis, positions in digits.positions(np.arange(digits.size)).items():
            codes[:, axis] = positions
        return codes

    def _need_of(self, cases: Cases) -> Need:
        """Return what is needed from the earliest instant on: all but what is refused then and ever after."""
        cases = cases.lagging(self._lags.of_orders(cases, self._lags.bounds()[0]))
        rows = np.flatnonzero(np.isin(cases.refusal, (Refusal.NONE, Refusal.EARLY)))
        due = np.maximum(cases.due, cases.of("first"))[rows]
        return Need.of(cases, rows, due, len(self._structure.names.symbols))

"""When a thesis is known under each variant that moves nothing but the instant."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import Ints
from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.digits import Digits, Distinct
from deepshock.experiment.planning.roles import Member
from deepshock.plan import nanoseconds
from deepshock.thesis import Source
from deepshock.thesis.dump import as_tree, words_of
from deepshock.thesis.scalar import UnreadableError

UNREADABLE = np.iinfo(np.int64).min
"""In place of an instant: the source does not take the words."""


class Instants:
    """The instants of one thesis.

    Parameters
    ----------
    member : Member
    grid : Grid
    """

    def __init__(self, member: Member, grid: Grid) -> None:
        self.digits = Digits.on((change.axis for change in member.times), grid)
        self._member = member
        self._grid = grid
        thesis = member.thesis
        self._words = words_of(thesis.all_sources()[member.timed] if member.timed else thesis.source)
        for word in () if member.timed else ("from", "quote"):
            self._words.pop(word, None)
        self._known: dict[int, int] = {}

    def known(self, codes: Ints) -> Ints:
        """Return when the thesis is known under variants, UTC nanoseconds.

        Parameters
        ----------
        codes : ndarray of shape (n, n_axes)
            Positions on the axes of the grid.
        """
        distinct = Distinct.of(self.digits.numbers(codes), self.digits.size)
        for number in distinct.values.tolist():
            if number not in self._known:
                self._known[number] = self._read(number)
        return np.array([self._known[number] for number in distinct.values.tolist()], np.int64)[distinct.place]

    def _read(self, number: int) -> int:
        """Return the instant of one combination, of which the source is read anew."""
        positions = self.digits.positions(np.array(number))
        words = dict(self._words)
        for change in self._member.times:
            value = self._grid.axes[change.axis].values[int(positions[change.axis])][change.column]
            words.pop(change.keys[-1], None)
            if value is not None:
                words[change.keys[-1]] = as_tree(value)
        try:
            return nanoseconds(Source.model_validate(words).known())
        except (DeepshockError, UnreadableError):
            return int(UNREADABLE)

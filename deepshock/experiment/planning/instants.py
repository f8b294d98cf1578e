"""When a thesis is known under each variant that moves nothing but the instant."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

import numpy as np

from deepshock.arrays import Ints
from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.digits import Digits, Distinct
from deepshock.experiment.planning.roles import Member
from deepshock.plan import nanoseconds
from deepshock.thesis import Source
from deepshock.thesis.dump import words_of
from deepshock.thesis.scalar import UnreadableError

UNREADABLE = np.iinfo(np.int64).min
"""In place of an instant: the source does not take the words."""
MOST = 10_000
"""Of more instants than these it is not asked which is the first, or the last."""
_WRONG = (DeepshockError, UnreadableError)


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
        return np.array([self._at(number) for number in distinct.values.tolist()], np.int64)[distinct.place]

    @cached_property
    def latest(self) -> tuple[dict[int, int], int] | None:
        """Positions of the axes that move it at which the thesis is known last, and when; None if that takes long."""
        if self.digits.size > MOST:
            return None
        known = [self._at(number) for number in range(self.digits.size)]
        last = max(range(self.digits.size), key=known.__getitem__)
        return None if known[last] == UNREADABLE else (self.digits.position(last), known[last])

    def _at(self, number: int) -> int:
        if number not in self._known:
            self._known[number] = self._read(number)
        return self._known[number]

    @cached_property
    def _told(self) -> Source | None:
        """The source as it is, where nothing but its publication moves; None where more does, or it is wrong."""
        if {change.keys[-1] for change in self._member.times} != {"published"}:
            return None
        try:
            return Source.model_validate(self._words)
        except _WRONG:
            return None

    @staticmethod
    def _if_published(source: Source, at: object) -> int:
        try:
            return nanoseconds(source.known_if(at))
        except _WRONG:
            return int(UNREADABLE)

    def _read(self, number: int) -> int:
        """Return the instant of one combination, of which the source is read anew where more than one word moves."""
        positions = self.digits.position(number)
        words = dict(self._words)
        for change in self._member.times:
            axis, at = self._grid.axes[change.axis], positions[change.axis]
            value, tree = axis.values[at][change.column], axis.trees[at][change.column]
            if self._told is not None and tree is not None:
                return self._if_published(self._told, value if isinstance(value, datetime) else tree)
            words.pop(change.keys[-1], None)
            if tree is not None:
                words[change.keys[-1]] = tree
        try:
            return nanoseconds(Source.model_validate(words).known())
        except _WRONG:
            return int(UNREADABLE)

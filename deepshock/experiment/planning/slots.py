"""The rules of variants, laid out for the engine: theses that always agree share a slot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepshock.arrays import Ints, Records
from deepshock.experiment.planning.digits import Digits, Distinct, stacked
from deepshock.experiment.planning.rules import KEPT, Base, Rules
from deepshock.thesis import Thesis


class Slots:
    """Which theses of an account share their rules under every variant, and the rules of variants.

    Parameters
    ----------
    rules : sequence of Rules
        Of each thesis.
    theses : sequence of Thesis
        As they are, nothing changed.
    """

    def __init__(self, rules: Sequence[Rules], theses: Sequence[Thesis]) -> None:
        keys = [self._key(g, one, thesis) for g, (one, thesis) in enumerate(zip(rules, theses, strict=True))]
        first = {key: keys.index(key) for key in keys}
        self._rules = [rules[g] for g in first.values()]
        self.first = tuple(first.values())
        """The first thesis of each slot."""
        self.of = np.array([list(first).index(key) for key in keys], np.int64)
        """The slot of each thesis."""

    @staticmethod
    def _key(g: int, rules: Rules, thesis: Thesis) -> object:
        """Return what theses have alike that share a slot; a base that varies is shared with nobody."""
        columns = tuple((field, id(column)) for field, column in rules.columns.items())
        return (columns, rules.base(thesis)) if rules.fixed else g

    def lay(self, codes: Ints, bases: Sequence[tuple[Sequence[Base], Ints]]) -> tuple[Records, Ints]:
        """Return the rules of variants, and which of them each uses.

        Parameters
        ----------
        codes : ndarray of shape (n, n_axes)
            Positions on the axes of the grid.
        bases : sequence of tuple
            Of each slot, the different bases, and the one of every variant (ndarray of shape (n,), or (1,) for all).

        Returns
        -------
        rule : ndarray of RULE
        pick : ndarray of shape (n, n_slots)
        """
        parts: list[Records] = []
        pick = np.empty((len(codes), len(self._rules)), np.int64)
        offset = 0
        for slot, (rules, (known, base)) in enumerate(zip(self._rules, bases, strict=True)):
            number, positions, width = _window(rules.digits, codes)
            np.add(number, offset, out=pick[:, slot])
            if len(known) > 1:
                pick[:, slot] += base * width
            parts += [rules.table(one) if positions is None else rules.records(one, positions, width) for one in known]
            offset += width * len(known)
        return parts[0] if len(parts) == 1 else stacked(parts), pick


def _window(digits: Digits, codes: Ints) -> tuple[Ints, dict[int, Ints] | None, int]:
    """Return the combinations that variants have: where each has its own, their positions, and how many they are.

    The positions are None where these are all combinations there are.
    """
    numbers = digits.numbers(codes)
    if digits.size <= KEPT:
        return numbers, None, digits.size
    if bool((np.diff(numbers) == 1).all()):
        return numbers - numbers[0], {axis: codes[:, axis] for axis in digits.axes}, len(numbers)
    low, high = int(numbers.min()), int(numbers.max()) + 1
    if high - low <= 2 * len(numbers):
        return numbers - low, digits.positions(np.arange(low, high)), high - low
    distinct = Distinct.of(numbers, digits.size)
    return distinct.place, digits.positions(distinct.values), len(distinct.values)

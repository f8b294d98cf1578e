"""Which variants share a tape, and which can't have one: an error belongs to those alone that it hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Ints, Uptick
from deepshock.errors import DeepshockError
from deepshock.experiment.planning.cases import Cases
from deepshock.experiment.planning.designs import said
from deepshock.experiment.planning.needs import Need
from deepshock.experiment.planning.tapes import Laid, Tapes
from deepshock.plan import Account

Fitted = tuple[Ints, Laid | str]
"""Some templates, by their places, and their tape or what is wrong with them."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Templates of one account that trade on the same venues.

    Parameters
    ----------
    tapes : Tapes
    account : Account
    number : int
        Of the account.
    venues : int
    cases : Cases
        Each of which sends something.
    """

    tapes: Tapes
    account: Account
    number: int
    venues: int
    cases: Cases

    def tried(self, whole: Need | None) -> list[Fitted]:
        """Return the templates with their tapes: one for all, or where something is missing, for as many as can be."""
        every = np.arange(len(self.cases))
        try:
            laid = self.tapes.lay(self.account, self.number, self.venues, self._need(every), whole)
        except DeepshockError:
            return self._halves(self._alike())
        return [(every, laid)]

    def _halves(self, alike: list[Ints]) -> list[Fitted]:
        """Halve templates until what is left has a tape, or is alike in all that it needs."""
        if len(alike) > 1:
            middle = len(alike) // 2
            return [fitted for part in (alike[:middle], alike[middle:]) for fitted in self._part(part)]
        return self._part(alike)

    def _part(self, alike: list[Ints]) -> list[Fitted]:
        some = np.concatenate(alike)
        order = self._order(int(some[0])) if len(alike) == 1 else None
        try:
            return [(np.sort(some), self.tapes.exactly(self.account, self.venues, self._need(some), order))]
        except DeepshockError as error:
            return [(np.sort(some), said(error))] if len(alike) == 1 else self._halves(alike)

    def _rows(self, some: Ints) -> Ints:
        """Return the orders of some templates that are sent."""
        chosen = np.zeros(len(self.cases), np.bool_)
        chosen[some] = True
        return np.flatnonzero(np.repeat(chosen, np.diff(self.cases.start)) & self.cases.sent)

    def _need(self, some: Ints) -> Need:
        every = len(some) == len(self.cases)
        rows = np.flatnonzero(self.cases.sent) if every else self._rows(some)
        return Need.of(self.cases, rows, self.cases.due[rows], self.tapes.n_symbols)

    def _order(self, case: int) -> Ints:
        """Return the symbols of a template in the order of its orders."""
        symbols = self.cases.of("instrument")[self._rows(np.array([case]))]
        return symbols[np.sort(np.unique(symbols, return_index=True)[1])]

    def _alike(self) -> list[Ints]:
        """Return templates that need the very same, together; neighbours trade the same, one after another."""
        cases, sent = self.cases, self.cases.sent
        short = ~(cases.of("unit") > 0.0)
        heeds = short & (cases.of("uptick") != Uptick.IGNORE)
        due = np.where(cases.of("parent") >= 0, 0, cases.due)
        what = np.stack([cases.of("instrument"), short, heeds, due], axis=1)
        kinds: dict[tuple[bytes, int, bytes], list[int]] = {}
        for case in range(len(cases)):
            rows = np.arange(cases.start[case], cases.start[case + 1])
            rows = rows[sent[rows]]
            begins = int(cases.decided[rows].min())
            kinds.setdefault((what[rows, :3].tobytes(), begins, what[rows, 3].tobytes()), []).append(case)
        return [np.array(kinds[key]) for key in sorted(kinds)]

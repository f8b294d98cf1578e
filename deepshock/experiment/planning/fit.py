"""Which variants share a tape, and which can't have one: an error belongs to those alone that it hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Ints, Uptick
from deepshock.errors import DeepshockError
from deepshock.experiment.planning.cases import Cases
from deepshock.experiment.planning.digits import Distinct
from deepshock.experiment.planning.needs import Need
from deepshock.experiment.planning.pieces import said
from deepshock.experiment.planning.tapes import Laid, Tapes
from deepshock.plan import Account

Fitted = tuple[Ints, Laid | str]
"""Some templates, by their numbers, and their tape or what is missing."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Templates of one account that trade on the same venues.

    Parameters
    ----------
    tapes : Tapes
    account : Account
    venues : int
        As bits.
    cases : Cases
        Each of which sends something.
    """

    tapes: Tapes
    account: Account
    venues: int
    cases: Cases

    def tried(self, whole: Need | None) -> list[Fitted]:
        """Return the templates with their tapes: one for all, or where something is missing, for as many as can be."""
        every = np.arange(len(self.cases))
        try:
            return [(every, self.tapes.lay(self.account, self.venues, self._need(every), whole))]
        except DeepshockError:
            return self._parted()

    def _parted(self) -> list[Fitted]:
        """Sort out the templates for which something is missing.

        What one of them needs that begins earlier covers what others need that trade the same: of templates in the
        order of time, if some are missing something, it is the first ones.
        """
        what, kinds = self._kinds()
        alike = [places for _, places in kinds.groups()]
        order = kinds.first[np.argsort(self._begins()[kinds.first], kind="stable")]
        cut = self._cut(order)
        good, bad = [order[cut:]], []
        for _, places in Distinct.of(what[order[:cut]], int(what.max()) + 1).groups():
            chain = order[places]
            first = self._cut(chain)
            good.append(chain[first:])
            bad += [(case, self._missing(case)) for case in chain[:first].tolist()]
        found: list[Fitted] = self._laid([part for part in good if len(part)], kinds)
        found += [(alike[int(kinds.place[case])], missing) for case, missing in bad if missing]
        return found + self._laid([np.array([case]) for case, missing in bad if not missing], kinds)

    def _laid(self, parts: list[Ints], kinds: Distinct) -> list[Fitted]:
        """Return tapes for templates that have all they need: one for all of them, or one for each part."""
        for some in ([np.concatenate(parts)] if parts else [], parts):
            try:
                laid = [self.tapes.exactly(self.account, self.venues, self._need(part)) for part in some]
            except DeepshockError:
                continue
            alike = [np.isin(kinds.place, kinds.place[part]) for part in some]
            return [(np.flatnonzero(those), one) for those, one in zip(alike, laid, strict=True)]
        raise AssertionError("templates that were found to have all they need lack something")

    def _cut(self, order: Ints) -> int:
        """Return from where on templates, in the order of time, have together all they need."""
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._missing(*order[middle:].tolist()) else (low, middle)
        return low

    def _missing(self, *some: int) -> str:
        """Return what templates lack, empty if nothing; looked for in the order of the first one's orders."""
        need, rows = self._need(np.array(some)), self._rows(np.array(some))
        symbols = self.cases.pool.leg["instrument"][self.cases.place[rows]]
        order = symbols[np.sort(np.unique(symbols, return_index=True)[1])]
        try:
            self.tapes.probe(self.account, need, order)
        except DeepshockError as error:
            return said(error)
        return ""

    def _need(self, some: Ints) -> Need:
        rows = self._rows(some)
        return Need.of(self.cases, rows, self.cases.due[rows], self.tapes.n_symbols)

    def _rows(self, some: Ints) -> Ints:
        """Return the orders of some templates that are sent."""
        if len(some) == len(self.cases):
            return np.flatnonzero(self.cases.sent)
        start = self.cases.start
        rows = np.concatenate([np.arange(start[case], start[case + 1]) for case in some.tolist()])
        return np.asarray(rows[self.cases.sent[rows]])

    def _begins(self) -> Ints:
        """Return the first decision of each template of which something is sent."""
        decided = np.where(self.cases.sent, self.cases.decided, np.iinfo(np.int64).max)
        return np.asarray(np.minimum.reduceat(decided, self.cases.start[:-1]))

    def _kinds(self) -> tuple[Ints, Distinct]:
        """Return a number of what each template trades, and the different ones that need anything different."""
        cases, start = self.cases, self.cases.start
        short = ~(cases.of("unit") > 0.0)
        heeds = short & (cases.of("uptick") != Uptick.IGNORE)
        what = np.where(cases.sent, 4 * cases.of("instrument") + 2 * short + heeds + 1, 0)
        due = np.where(cases.sent, np.where(cases.of("parent") >= 0, 0, cases.due) + 1, 0)
        traded = Distinct.of(np.zeros(len(cases), np.int64), 1)
        kinds = Distinct.of(*_ranked(self._begins()))
        for n in range(int(np.diff(start).max())):
            at = np.minimum(start[:-1] + n, start[1:] - 1)  # the last order again where there is none
            traded = _joined(traded, what[at])
            kinds = _joined(kinds, due[at])
        return traded.place, _joined(kinds, traded.place)


def _ranked(values: Ints) -> tuple[Ints, int]:
    """Return the rank of each value among the different ones, and how many these are."""
    different, rank = np.unique(values, return_inverse=True)
    return rank, len(different)


def _joined(one: Distinct, other: Ints) -> Distinct:
    """Tell apart what is told apart already, or by other numbers from 0."""
    size = int(other.max()) + 1
    return Distinct.of(one.place * size + other, len(one.values) * size)

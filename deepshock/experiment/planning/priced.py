"""Sizes that rest on prices before the decision: of one design at many instants at once, to the bit of planning each.

Between two closes nothing changes, so ratios are kept by the number of closes that are known. Instants at which the
same orders are sent, and the same hedges bought or sold, differ in sizes alone: one of them is planned, and its sizes
have to be those found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Flags, Floats, Ints
from deepshock.errors import MarketError
from deepshock.experiment.planning.names import Names
from deepshock.market import Market
from deepshock.plan import CLOSE, OPEN, Gate, Pair, Swings, first_sessions_after, refusals, units_by
from deepshock.thesis import Thesis


@dataclass(frozen=True, eq=False)
class Sizes:
    """Sizes of the orders of some cases.

    Parameters
    ----------
    units : ndarray of shape (n_units,)
        Of all orders of one case after another.
    start : ndarray of shape (n_cases,), int64
        Where those of each case begin; -1 where they do not rest on prices.
    """

    units: Floats
    start: Ints

    def write(self, unit: Floats, case: Ints, order: Ints) -> None:
        """Write sizes over those of orders, given the case of each and its number within it."""
        start = self.start.take(case)
        mine = np.flatnonzero(start >= 0)
        unit[mine] = self.units.take(start[mine] + order[mine])

    def forget(self, case: int) -> None:
        """Leave the orders of a case as they are."""
        self.start[case] = -1


class Sizing:
    """Gathers the sizes of orders by case."""

    def __init__(self) -> None:
        self._units: list[Floats] = []
        self._cases: list[Ints] = []
        self._starts: list[Ints] = []
        self._stop = 0

    def add(self, cases: Ints, units: Floats) -> None:
        """Give cases the sizes of all their orders, ndarray of shape (n, n_orders)."""
        self._units.append(units.ravel())
        self._cases.append(cases)
        self._starts.append(self._stop + units.shape[1] * np.arange(len(cases)))
        self._stop += units.size

    def of(self, cases: Ints) -> Sizes | None:
        """Return those of some cases, numbered anew in their order; None where there are none at all."""
        if not self._units:
            return None
        known = np.concatenate(self._cases)
        start = np.full(max(int(known.max()), int(cases.max(initial=0))) + 1, -1)
        start[known] = np.concatenate(self._starts)
        return Sizes(np.concatenate(self._units), start[cases])


class _Kept:
    """A ratio by the number of closes that are known, each computed once."""

    def __init__(self, of: Pair | Swings, find: Callable[[int], float]) -> None:
        self._of, self._find = of, find
        self._values = np.full(len(of.known_ns) + 1, np.nan)
        self._found = np.zeros(len(self._values), np.bool_)

    def at(self, at_ns: Ints) -> Floats:
        """Return it at instants, UTC nanoseconds."""
        closes = self._of.closes(at_ns)
        for count in np.unique(closes[~self._found[closes]]).tolist():
            self._values[count], self._found[count] = self._find(count), True
        return np.asarray(self._values[closes])


class Ratios:
    """Betas and volatilities of a market, each found once.

    Parameters
    ----------
    market : Market
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._pairs: dict[tuple[str, str], _Kept] = {}
        self._swings: dict[str, _Kept] = {}

    def betas(self, symbol: str, benchmark: str, at_ns: Ints) -> Floats:
        """Return the beta of an instrument at instants, UTC nanoseconds; nan where it cannot be computed."""
        if (symbol, benchmark) not in self._pairs:
            pair = Pair.of(self._market, symbol, benchmark)
            self._pairs[symbol, benchmark] = _Kept(pair, lambda closes: pair.beta(closes).value)
        return self._pairs[symbol, benchmark].at(at_ns)

    def volatilities(self, symbol: str, at_ns: Ints) -> Floats:
        """Return the volatility of an instrument at instants, UTC nanoseconds; nan where it cannot be computed."""
        if symbol not in self._swings:
            swings = Swings.of(self._market, symbol)
            self._swings[symbol] = _Kept(swings, swings.volatility)
        return self._swings[symbol].at(at_ns)

    def alike(self, thesis: Thesis, decided: Ints, names: Names) -> tuple[list[tuple[Ints, Floats]], Ints]:
        """Find the sizes of a thesis at instants.

        Parameters
        ----------
        thesis : Thesis
        decided : ndarray of shape (n,), int64
            UTC nanoseconds.
        names : Names

        Returns
        -------
        alike : list of (ndarray of int64, ndarray of shape (n_those, n_orders))
            Which instants differ in nothing else, and their sizes.
        rest : ndarray of int64
            Instants that have to be planned one by one, because something is wrong with them.
        """
        try:
            units = self._units(thesis, decided)
            gates = _gates(thesis, decided, names)
        except MarketError:
            return [], np.arange(len(decided))
        fine = np.asarray(np.isfinite(units).all(axis=1))
        rest = np.flatnonzero(~fine)
        if thesis.hedge is None:
            return ([(np.flatnonzero(fine), units[fine])] if fine.any() else []), rest
        assert gates is not None
        hedges = self._hedges(thesis, decided)
        kind = np.where(gates.sent & np.isfinite(hedges), np.where(hedges > 0.0, 1, 2), 0)
        return list(_split(np.column_stack([kind, gates.ended]), fine, units, hedges)), rest

    def _units(self, thesis: Thesis, decided: Ints) -> Floats:
        """Return the units of all legs, nan where they cannot be computed."""
        legs = thesis.legs()
        vols = betas = None
        if thesis.weighting == "inverse-vol":
            vols = np.column_stack([self.volatilities(leg.symbol, decided) for leg in legs])
            vols = np.where(vols > 0.0, vols, np.nan)
        if thesis.neutral == "beta":
            betas = np.column_stack([self.betas(leg.symbol, str(thesis.benchmark), decided) for leg in legs])
        units = units_by(thesis, vols, betas)
        return np.asarray(np.broadcast_to(units, (len(decided), len(legs))))

    def _hedges(self, thesis: Thesis, decided: Ints) -> Floats:
        """Return the size of the hedge of each leg, over what it fills; nan where it cannot be computed."""
        assert thesis.hedge is not None
        to = thesis.hedge.beta_to
        return np.column_stack([-self.betas(leg.symbol, to, decided) * leg.side for leg in thesis.legs()])


@dataclass(frozen=True, eq=False)
class _Gates:
    """Which legs are sent at each instant, shape (n, n_legs), and whether the hedge's instrument has ended, (n,)."""

    sent: Flags
    ended: Flags


def _gates(thesis: Thesis, decided: Ints, names: Names) -> _Gates | None:
    """Look at the gates of a thesis with a hedge."""
    if thesis.hedge is None:
        return None
    market, kind = names.market, CLOSE if thesis.enter.at == "close" else OPEN
    sent = np.zeros((len(decided), len(thesis.legs())), np.bool_)
    for j, leg in enumerate(thesis.legs()):
        instrument = market.instrument(leg.symbol)
        gate = Gate.of(market, instrument, leg.side, thesis.borrow.get(leg.symbol, "general"), kind)
        if not gate.never:
            due = first_sessions_after(market.sessions(instrument.calendar), decided, kind) + thesis.enter.lag
            parts = (np.array(part) for part in (False, gate.ends_ns, gate.first, gate.last))
            sent[:, j] = refusals(*parts, due, decided) == 0  # type: ignore[call-arg]
    via = Gate.of(market, market.instrument(thesis.hedge.via), 1, "general", None)
    return _Gates(sent, np.asarray(via.ends_ns <= decided))


def _split(patterns: Ints, fine: Flags, units: Floats, hedges: Floats) -> Iterator[tuple[Ints, Floats]]:
    """Yield instants with the same orders, and the sizes of legs and hedges."""
    known = np.flatnonzero(fine)
    if not len(known):
        return
    distinct, which = np.unique(patterns[known], axis=0, return_inverse=True)
    for n, pattern in enumerate(distinct):
        those = known[which.ravel() == n]
        hedged = np.flatnonzero(pattern[:-1])
        yield those, np.hstack([units[those], hedges[np.ix_(those, hedged)]])

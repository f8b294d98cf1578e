"""What some variants need of a tape: which instruments, traded how, from when on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.arrays import FAR, Flags, Ints, Uptick
from deepshock.engine.assemble import LOOK_BACK_NS
from deepshock.experiment.planning.cases import Cases


@dataclass(frozen=True, eq=False)
class Need:
    """What has to be on a tape.

    Parameters
    ----------
    first : ndarray of shape (n_symbols,), int64
        First session of each instrument, on its venue's own calendar, in which it may trade; a far one where it is not
        needed, 0 for all that the tape has.
    short, restricted : ndarray of shape (n_symbols,), bool
        As of `deepshock.engine.axes.Traded`.
    start_ns : int
        The tape begins with the sessions that close after it, UTC nanoseconds.
    """

    first: Ints
    short: Flags
    restricted: Flags
    start_ns: int

    @classmethod
    def of(cls, cases: Cases, rows: Ints, due: Ints, n_symbols: int) -> Need:
        """Return what orders need that are sent.

        Parameters
        ----------
        cases : Cases
        rows : ndarray of int64
            Which of their orders.
        due : ndarray of int64
            Sessions in which these are due, lag included.
        n_symbols : int
        """
        place, leg = cases.place[rows], cases.pool.leg
        symbol = leg["instrument"][place]
        short = ~(leg["unit"] > 0.0)
        heeds = short & (leg["uptick"] != Uptick.IGNORE)
        first = np.full(n_symbols, FAR)
        # a hedge is due when its leg has filled: after the first decision, with which the tape begins
        np.minimum.at(first, symbol, np.where((leg["parent"] >= 0)[place], 0, due))
        sold, heeding = np.zeros(n_symbols, np.bool_), np.zeros(n_symbols, np.bool_)
        sold[symbol[short[place]]] = True
        heeding[symbol[heeds[place]]] = True
        return cls(first, sold, heeding, int(cases.decided[rows].min()) - LOOK_BACK_NS)

    def joined(self, other: Need) -> Need:
        """Return what both need."""
        one, two = (need._long(max(len(self.first), len(other.first))) for need in (self, other))
        return Need(
            np.minimum(one.first, two.first),
            one.short | two.short,
            one.restricted | two.restricted,
            min(one.start_ns, two.start_ns),
        )

    def covers(self, other: Need) -> bool:
        """Say whether a tape for this is one for the other as well."""
        mine = self._long(len(other.first))
        return bool(
            mine.start_ns <= other.start_ns
            and (mine.first[: len(other.first)] <= other.first).all()
            and (mine.short[: len(other.first)] >= other.short).all()
            and (mine.restricted[: len(other.first)] >= other.restricted).all()
        )

    def within(self, symbols: Flags) -> Need:
        """Return the part of it that some symbols have, ndarray of shape (n_symbols,)."""
        return Need(np.where(symbols, self.first, FAR), self.short & symbols, self.restricted & symbols, self.start_ns)

    def _long(self, n: int) -> Need:
        """Return the same with room for more symbols."""
        more = max(n - len(self.first), 0)
        return Need(
            np.append(self.first, np.full(more, FAR)),
            np.append(self.short, np.zeros(more, np.bool_)),
            np.append(self.restricted, np.zeros(more, np.bool_)),
            self.start_ns,
        )

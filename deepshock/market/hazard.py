"""Recalls that no lender made: simulated, for asking what they would do to a short."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from types import UnionType

import numpy as np

from deepshock.errors import Fault, MarketError
from deepshock.market.calendar import Days, Flags

_SESSIONS_A_YEAR = 252


@dataclass(frozen=True)
class Hazard:
    """Simulated recalls: each session of each symbol is one with probability 1 - exp(-rate / 252).

    Parameters
    ----------
    rate : float
        Recalls a year of a short that is always open, 0 or more.
    seed : int
        Equal seeds give equal recalls, symbol by symbol and date by date, whatever the window of a run.

    Raises
    ------
    MarketError
        The rate is negative or infinite, or the seed is no whole number from 0 on.
    """

    rate: float
    seed: int

    def __post_init__(self) -> None:
        faults = []
        if not (_is(self.rate, int | float | np.number) and 0 <= self.rate < np.inf):
            faults.append(Fault("hazard rate", f"is {self.rate!r}", "give recalls a year, such as 0.05"))
        if not (_is(self.seed, int | np.integer) and self.seed >= 0):
            faults.append(Fault("hazard seed", f"is {self.seed!r}", "give a whole number from 0 on"))
        if faults:
            raise MarketError(faults)

    def __str__(self) -> str:
        return f"{self.rate:.6g} recall{'' if self.rate == 1 else 's'} a year, seed {self.seed}"

    def recalls(self, symbol: str, days: Days) -> Flags:
        """Return which of some label dates are recalls; the draws run from 1970-01-01 on, one for each date."""
        rng = np.random.default_rng([int(self.seed), zlib.crc32(f"recalls of {symbol}".encode())])
        draws = rng.random(int(days.max(initial=-1)) + 1)
        return np.asarray(draws[days] < -np.expm1(-self.rate / _SESSIONS_A_YEAR))


def _is(value: object, kind: type | UnionType) -> bool:
    """Return whether a value is of a kind; True is no number here."""
    return isinstance(value, kind) and not isinstance(value, bool)

"""The factors of the simulated world: what moves all prices, on half-hours of UTC.

A factor's path is one function of time, so every venue reads the same world at its own hours: Hong Kong's close of
27 January has seen the world factor up to 08:00Z of that day and nothing later, and its next open finds what New York
did in between.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from deepshock.market.calendar import Days, Floats, Instants

SEED = 43
"""Of several tried, one whose levels stay plausible (each close within a factor of 3.3 of its first); nothing else was
looked at, and no strategy had been run on any of them."""

_STEP_NS = 1_800 * 1_000_000_000
_STEPS_A_DAY = 48
_FIRST_DAY, _LAST_DAY = 19_509, 20_270  # 2023-06-01 and 2025-07-01, days since 1970-01-01
_MONDAY = 4  # 1970-01-05

_HOURS = {"asia": (2, 16), "europe": (16, 27), "america": (27, 42)}  # half-hours from 01:00Z, 08:00Z and 13:30Z on
_WEEKEND = 0.03  # variance of a Saturday over that of a weekday

_STORM_DECAY, _STORM_VOL = 0.97, 0.10  # of the log volatility, daily; its own deviation is then 0.41


@dataclass(frozen=True, slots=True)
class Factor:
    """One source of common moves.

    Parameters
    ----------
    name : str
    vol, drift : float
        Annual, of the logarithm.
    asia, europe, america : float
        Share of a weekday's variance in those hours; the rest falls into the night. All zero: evenly around the clock,
        every day of the week.
    """

    name: str
    vol: float
    drift: float
    asia: float = 0.0
    europe: float = 0.0
    america: float = 0.0


FACTORS = (
    Factor("world", 0.11, 0.04, 0.15, 0.30, 0.45),
    Factor("us", 0.09, 0.04, 0.05, 0.15, 0.70),
    Factor("megacap", 0.10, 0.04, 0.05, 0.15, 0.70),
    Factor("semis", 0.27, 0.04, 0.12, 0.13, 0.65),
    Factor("power", 0.25, 0.10, 0.03, 0.15, 0.75),
    Factor("europe", 0.12, 0.02, 0.05, 0.65, 0.25),
    Factor("china", 0.25, 0.05, 0.60, 0.08, 0.27),
    Factor("mainland", 0.20, 0.05, 0.85, 0.05, 0.05),
    Factor("metals", 0.14, 0.12, 0.20, 0.25, 0.45),
    Factor("rates", 0.14, 0.01, 0.10, 0.20, 0.60),
    Factor("crypto", 0.38, 0.35),
)
NAMES = tuple(factor.name for factor in FACTORS)


@dataclass(frozen=True, eq=False)
class World:
    """The factors over the whole sample.

    Parameters
    ----------
    path : ndarray of shape (n_steps + 1, n_factors)
        Cumulated log moves. Row k is known k half-hours after the start of 2023-06-01 UTC.
    clock : ndarray of shape (n_steps + 1, n_factors)
        Cumulated variance, likewise.
    storm : ndarray of shape (n_days,)
        The volatility of each UTC date over the usual one, for every factor and every instrument.
    """

    path: Floats
    clock: Floats
    storm: Floats

    def row(self, instants: Instants) -> Instants:
        """Return the rows of some instants, ns UTC on half-hours."""
        return instants // _STEP_NS - _FIRST_DAY * _STEPS_A_DAY

    def storm_on(self, days: Days) -> Floats:
        """Return the storm of some dates, days since 1970-01-01."""
        return self.storm[days - _FIRST_DAY]


def stream(name: str) -> np.random.Generator:
    """Return the random numbers of a factor or an instrument.

    They are a function of its name alone, so that nobody's numbers change when another one joins.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((SEED, zlib.crc32(name.encode())))))


@cache
def draw_world() -> World:
    """Draw every factor.

    Notes
    -----
    Draw order: the stream ``"storm"`` gives one standard normal for each day, then each factor's stream (its name) one
    for each half-hour. The variance of a half-hour is the annual one x its share x storm^2. The storm is the
    exponential of an autoregression, with a mean square of one: it makes volatility cluster and daily moves fat-tailed.
    """
    days = np.arange(_FIRST_DAY, _LAST_DAY + 1)
    storm = _storm(len(days))
    moves = np.empty((len(days) * _STEPS_A_DAY, len(FACTORS)))
    variances = np.empty_like(moves)
    for j, factor in enumerate(FACTORS):
        share = _shares(factor, days)
        variances[:, j] = factor.vol**2 * share * np.repeat(storm**2, _STEPS_A_DAY)
        shocks = stream(factor.name).standard_normal(len(moves))
        moves[:, j] = shocks * np.sqrt(variances[:, j]) + factor.drift * share
    return World(_cumulated(moves), _cumulated(variances), storm)


def _storm(n_days: int) -> Floats:
    """Return the common volatility multiplier of each day."""
    level, levels = 0.0, []
    for shock in stream("storm").standard_normal(n_days).tolist():
        level = _STORM_DECAY * level + _STORM_VOL * shock
        levels.append(level)
    return np.exp(np.array(levels) - _STORM_VOL**2 / (1 - _STORM_DECAY**2))


def _shares(factor: Factor, days: Days) -> Floats:
    """Return each half-hour's share of a year's variance."""
    named = {"asia": factor.asia, "europe": factor.europe, "america": factor.america}
    if not any(named.values()):
        return np.full(len(days) * _STEPS_A_DAY, 1 / (365 * _STEPS_A_DAY))
    day = np.zeros(_STEPS_A_DAY)
    for hours, (first, last) in _HOURS.items():
        day[first:last] = named[hours] / (last - first)
    night = day == 0
    day[night] = (1 - sum(named.values())) / np.count_nonzero(night)
    weekday = (days - _MONDAY) % 7 < 5
    return np.outer(np.where(weekday, 1.0, _WEEKEND), day).ravel() / 261


def _cumulated(steps: Floats) -> Floats:
    return np.vstack([np.zeros(steps.shape[1]), np.cumsum(steps, axis=0)])

"""Another future with the same past: for proving that a run reads nothing before it is known.

An open is known at the open, with whether the session is halted at all; high, low, close and volume are known at the
close; a dividend at the open of its ex-date. Splits stay, because they say what was traded, not what will happen.
"""

from __future__ import annotations

import zlib

import numpy as np

from deepshock.market.calendar import Flags, Floats, Sessions
from deepshock.market.series import Series, Track

_STEP, _GAP, _RANGE = 0.03, 0.015, 0.01
"""Volatilities of a session, a night and a wick: wild enough that a leak shows, tame enough to stay plausible."""


def scramble(track: Track, sessions: Sessions, series: Series, after_ns: int, seed: int, last_day: int) -> Series:
    """Replace what is known only after an instant.

    Parameters
    ----------
    track : Track
        Whose bars the series holds.
    sessions : Sessions
    series : Series
    after_ns : int
        The last instant, nanoseconds UTC, of which everything is kept.
    seed : int
        Equal seeds give equal futures, symbol by symbol.
    last_day : int
        No bars appear after this label date.

    Returns
    -------
    Series
        Prices are positive, ``low <= open, close <= high``; bars, opens and volumes also go missing, come up or halt.
    """
    rng = np.random.default_rng([abs(int(seed)), zlib.crc32(track.instrument.symbol.encode())])
    new_open, new_close = sessions.opens > after_ns, sessions.closes > after_ns
    possible = (sessions.days >= track.days[0]) & (sessions.days <= last_day)
    bar = _bars(rng, np.isfinite(series.close), new_open & possible)
    close = _walk(rng, series.close, new_close, track.close)
    night = np.concatenate([close[:1], close[:-1]]) * np.exp(rng.normal(0, _GAP, close.size))
    opens = np.where(new_open, np.where(bar & (rng.random(close.size) > 0.1), night, np.nan), series.open)
    ranged = bar & (np.isfinite(opens) | ~new_open) & (rng.random(close.size) > 0.05)
    wicks = np.exp(np.abs(rng.normal(0, _RANGE, (2, close.size))))
    volume = _volume(rng, series, new_open, bar)
    return Series(
        days=series.days,
        open=opens,
        high=np.where(new_close, np.where(ranged, np.fmax(opens, close) * wicks[0], np.nan), series.high),
        low=np.where(new_close, np.where(ranged, np.fmin(opens, close) / wicks[1], np.nan), series.low),
        close=np.where(new_close, np.where(bar, close, np.nan), series.close),
        volume=np.where(new_close, volume, series.volume),
        dividend=np.where(new_open, np.where(rng.random(close.size) < 0.02, 0.005 * close, 0.0), series.dividend),
        later_splits=series.later_splits.copy(),
        halted=_halts(series, new_open, bar, volume) if track.instrument.tradable else series.halted.copy(),
    )


def _bars(rng: np.random.Generator, known: Flags, new: Flags) -> Flags:
    """Among the sessions that have not opened yet, let one bar in ten vanish, and half of the missing ones come."""
    draw = rng.random(known.size)
    return np.where(new, np.where(known, draw > 0.1, draw > 0.5), known)


def _walk(rng: np.random.Generator, close: Floats, new: Flags, every: Floats) -> Floats:
    """Continue from the last close that is kept, or from a level like the first one where none is."""
    kept = close[~new & np.isfinite(close)]
    level = abs(kept[-1]) if kept.size else every[0] * np.exp(rng.normal(0, 0.3))
    return np.asarray(max(level, 1e-6) * np.exp(np.cumsum(np.where(new, rng.normal(0, _STEP, close.size), 0.0))))


def _volume(rng: np.random.Generator, series: Series, new_open: Flags, bar: Flags) -> Floats:
    """Draw volumes: one in twenty unknown, and one in twenty a halt where the session has not opened yet."""
    known = series.volume[np.isfinite(series.volume) & (series.volume > 0)]
    drawn = (np.median(known) if known.size else 1e6) * np.exp(rng.normal(0, 0.5, bar.size))
    draw = rng.random(bar.size)
    drawn = np.where(draw < 0.05, np.nan, drawn)
    drawn = np.where(new_open, np.where(draw > 0.95, 0.0, drawn), np.where(series.volume == 0, 0.0, drawn))
    return np.where(bar, drawn, np.nan)


def _halts(series: Series, new_open: Flags, bar: Flags, volume: Floats) -> Flags:
    """Halts of sessions that have opened stay; later ones follow from the new bars."""
    halted = ~bar | (volume == 0)
    at = np.flatnonzero(bar)
    if at.size:
        halted[: at[0]] = halted[at[-1] + 1 :] = False
    return np.where(new_open, halted, series.halted)

"""What a run should know about its data before it believes a number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from deepshock.errors import suggest
from deepshock.market.calendar import Days, Sessions, day_of
from deepshock.market.instruments import Instrument
from deepshock.market.series import Series, Track
from deepshock.market.venues import NO_AUCTIONS

TOLERANCE = 1e-4
"""Relative. Vendors store prices as 32-bit floats, which are good to 1e-7; a tick is seldom under 1e-4."""


class Odd(NamedTuple):
    """Sessions of one instrument whose values are odd, but not refused; mostly none.

    Parameters
    ----------
    outside : ndarray of int64
        Opens or closes outside of [low, high] by more than 1e-4.
    absent : ndarray of int64
        Without a bar, of a tradable instrument.
    unknown : ndarray of int64
        With a bar whose volume is not known, of a tradable instrument.
    """

    outside: Days
    absent: Days
    unknown: Days


def odd_values(instrument: Instrument, series: Series) -> Odd:
    """Look for what is odd in each session; none of it depends on another session."""
    low, high = series.low * (1 - TOLERANCE), series.high * (1 + TOLERANCE)
    outside = np.zeros(len(series), dtype=np.bool_)
    for price in (series.open, series.close):
        outside |= (price < low) | (price > high)
    absent = series.halted & np.isnan(series.close)
    unknown = np.isfinite(series.close) & np.isnan(series.volume) & instrument.tradable
    return Odd(*(np.flatnonzero(mask) for mask in (outside, absent, unknown)))


def value_warnings(symbol: str, days: Days, odd: Odd, window: tuple[int, int] | None = None) -> tuple[str, ...]:
    """Return what is odd, but not refused, in a symbol's values.

    Parameters
    ----------
    symbol : str
    days : ndarray of shape (n_sessions,), int64
        Label dates of its sessions.
    odd : Odd
    window : tuple of int, optional
        First and last label date that matter; all by default.
    """
    words = "open or close outside of low and high in", "no bar in", "volume is not known in"
    found = []
    for said, sessions in zip(words, odd, strict=True):
        dates = days[sessions]
        if window is not None and dates.size:
            dates = dates[(dates >= window[0]) & (dates <= window[1])]
        if dates.size:
            found.append(f"{symbol}: {said} {_dated(dates)}")
    return tuple(found)


def table(rows: Iterable[tuple[Track, Sessions, Series, tuple[str, ...]]]) -> pd.DataFrame:
    """Return one line for each symbol.

    Returns
    -------
    DataFrame
        Indexed by symbol: ``first`` and ``last`` (dates), ``bars``, ``close_only`` (bars without high and low),
        ``missing`` (sessions between first and last without a bar), ``halts`` (bars with volume 0), ``basis``,
        ``warnings``.
    """
    lines = [_line(*row) for row in rows]
    names = ("symbol", "first", "last", "bars", "close_only", "missing", "halts", "basis", "warnings")
    return pd.DataFrame(lines, columns=list(names)).set_index("symbol")


def strangers(tables: Iterable[tuple[str, Collection[str]]], known: Collection[str], source: str) -> tuple[str, ...]:
    """Say which tables hold none of the symbols that a market's source knows.

    Parameters
    ----------
    tables : iterable of (str, collection of str)
        Name and symbols of each.
    known : collection of str
    source : str
        The market's name.
    """
    found = []
    for name, symbols in tables:
        if symbols and not set(symbols) & set(known):
            first = sorted(symbols)
            shown = f"{', '.join(first[:3])}{' ...' if len(first) > 3 else ''}"
            near = next(filter(None, (suggest(symbol, sorted(known), most=1) for symbol in first[:3])), "")
            found.append(
                f"{name}: not one of its symbols ({shown}) is among those of {source}{f'; {near}' if near else ''}"
            )
    return tuple(found)


def _line(track: Track, sessions: Sessions, series: Series, warnings: tuple[str, ...]) -> tuple[object, ...]:
    bar = np.isfinite(series.close)
    at = np.flatnonzero(bar)
    span = int(at[-1] - at[0] + 1) if at.size else 0
    return (
        track.instrument.symbol,
        day_of(sessions.days[at[0]]) if at.size else None,
        day_of(sessions.days[at[-1]]) if at.size else None,
        at.size,
        int(np.sum(bar & np.isnan(series.high))),
        span - at.size if track.instrument.calendar != NO_AUCTIONS else 0,
        int(np.sum(bar & (series.volume == 0))) if track.instrument.tradable else 0,
        track.basis,
        "; ".join(warnings),
    )


def _dated(dates: Days) -> str:
    first = day_of(dates[0])
    return f"1 session ({first})" if dates.size == 1 else f"{dates.size} sessions (the first {first})"

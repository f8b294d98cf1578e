"""One symbol's bars: as loaded (`Track`), and laid onto the sessions of its venue (`Series`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.market.calendar import Days, Flags, Floats, Sessions, day_of
from deepshock.market.instruments import Instrument


@dataclass(frozen=True, eq=False)
class Track:
    """The bars of one symbol that a run may use, by date.

    Parameters
    ----------
    instrument : Instrument
    days : ndarray of shape (n_bars,), int64
        Ascending label dates.
    open, high, low, close, volume, dividend : ndarray of shape (n_bars,), float64
    split_days : ndarray of shape (n_splits,), int64
        Ex-dates, also those after the end of the run.
    split_factors : ndarray of shape (n_splits,), float64
    basis : str
        The price bases used, for display.
    warnings : tuple of str
    """

    instrument: Instrument
    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dividend: Floats
    split_days: Days
    split_factors: Floats
    basis: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Series:
    """One symbol's bars on the sessions of its calendar. NaN is a value that nobody has; nothing is filled in.

    Parameters
    ----------
    days : ndarray of shape (n_sessions,), int64
        Label dates of the sessions.
    open : ndarray of shape (n_sessions,), float64
        Local currency per adjusted share; known at the open.
    high, low, close : ndarray of shape (n_sessions,), float64
        Known at the close. ``high`` and ``low`` are known together or not at all.
    volume : ndarray of shape (n_sessions,), float64
        Adjusted shares (crypto: quote currency); known at the close.
    dividend : ndarray of shape (n_sessions,), float64
        Local currency per adjusted share on the ex-date, else 0; known at the open.
    later_splits : ndarray of shape (n_sessions,), float64
        F: the product of the splits with a later ex-date. Traded price = price x F, traded shares = shares / F.
    halted : ndarray of shape (n_sessions,), bool
        A session between the first and the last bar without a bar or with volume 0; known at the open. Sessions
        before the first bar and after the last one have no price, but are not halts.
    """

    days: Days
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    dividend: Floats
    later_splits: Floats
    halted: Flags

    def __post_init__(self) -> None:
        for values in vars(self).values():
            values.flags.writeable = False

    def __len__(self) -> int:
        return self.close.size

    def ended(self, session: int) -> Series:
        """Return the same without the bars of a session and later ones; dividends and splits stay."""
        fields = {name: values.copy() for name, values in vars(self).items()}
        for name in ("open", "high", "low", "close", "volume"):
            fields[name][session:] = np.nan
        fields["halted"][session:] = False
        return Series(**fields)


def align(track: Track, sessions: Sessions) -> tuple[Series, tuple[str, ...]]:
    """Lay a track onto sessions.

    Returns
    -------
    series : Series
    warnings : tuple of str
        About bars on days that are no session, which are dropped.
    """
    place = np.searchsorted(sessions.days, track.days)
    on = np.append(sessions.days, -1)[place] == track.days
    at = place[on]

    def spread(values: Floats, missing: float = np.nan) -> Floats:
        whole = np.full(len(sessions), missing)
        whole[at] = values[on]
        return whole

    halted = np.zeros(len(sessions), dtype=np.bool_)
    if at.size and track.instrument.tradable:
        halted[at[0] : at[-1] + 1] = True
        halted[at] = track.volume[on] == 0
    series = Series(
        days=sessions.days,
        open=spread(track.open),
        high=spread(track.high),
        low=spread(track.low),
        close=spread(track.close),
        volume=spread(track.volume),
        dividend=spread(track.dividend, missing=0.0),
        later_splits=later_splits(sessions.days, track.split_days, track.split_factors),
        halted=halted,
    )
    return series, _dropped(track, ~on)


def later_splits(days: Days, split_days: Days, factors: Floats) -> Floats:
    """Return, for each day, the product of the splits with a later ex-date.

    Examples
    --------
    >>> later_splits(np.array([1, 2, 3]), np.array([2, 3]), np.array([4.0, 10.0]))
    array([40., 10.,  1.])
    """
    still_to_come = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    return np.asarray(still_to_come[np.searchsorted(split_days, days, side="right")])


def _dropped(track: Track, off: Flags) -> tuple[str, ...]:
    if not off.any():
        return ()
    days = [str(day_of(day)) for day in track.days[off]]
    shown = ", ".join(days[:5]) + (" ..." if len(days) > 5 else "")
    lost = f", and with them dividends of {track.dividend[off].sum():g}" if track.dividend[off].any() else ""
    symbol, calendar = track.instrument.symbol, track.instrument.calendar
    return (
        f"{symbol}: dropped {len(days)} of {off.size} bars, on days that are no session of {calendar} ({shown}){lost}",
    )

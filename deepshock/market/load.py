"""From a provider's rows to tracks: every fault of the data at once, or the bars of each symbol that a run may use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.errors import Fault, MarketError
from deepshock.market.basis import FORWARD, family, usable
from deepshock.market.calendar import Days, Floats
from deepshock.market.check import row_faults, split_fault, symbol_faults
from deepshock.market.instruments import Instrument
from deepshock.market.listing import listing_of
from deepshock.market.provider import FLOWS, Bars
from deepshock.market.series import Track
from deepshock.market.table import PRICES, Rows, read

_NOT_GIVEN = {
    "dividend": "there is no 'dividend' column: no dividend is paid",
    "split": "there is no 'split' column: each price is taken for the one that was traded",
}


@dataclass(frozen=True)
class Loaded:
    """The tracks by symbol, and what was noticed about all of them."""

    tracks: dict[str, Track]
    notes: tuple[str, ...]


def tracks_of(bars: Bars, symbols: tuple[str, ...] | None, first: int, last: int) -> Loaded:
    """Check a provider's bars and split them by symbol.

    Parameters
    ----------
    bars : Bars
    symbols : tuple of str or None
        Those wanted, in the order of the result; None for all.
    first, last : int
        Window of label dates, both included. Of later rows only the splits are used.

    Raises
    ------
    MarketError
        With every fault of the rows in the window, of their instruments, and of symbols without bars.
    """
    every, faults = read(bars)
    chosen = np.array([symbols is None or label in symbols for label in every.symbol.labels], dtype=np.bool_)
    every = every.take(chosen[every.symbol.codes] & (every.days >= first))
    rows = every.take(every.days <= last)
    faults += row_faults(rows)
    found = {rows.symbol.labels[code] for code in np.unique(rows.symbol.codes)}
    wanted = tuple(sorted(found)) if symbols is None else symbols
    faults += symbol_faults(wanted, found, bars)
    tracks = {}
    for symbol in (name for name in wanted if name in found):
        track, wrong = _track(symbol, _of(rows, symbol), _of(every, symbol))
        faults += wrong
        if track is not None:
            tracks[symbol] = track
    if not wanted:
        faults.append(Fault(bars.name, "no bars", "give a source with bars, other dates, or name the symbols"))
    if faults:
        raise MarketError(faults)
    return Loaded(tracks, tuple(f"{bars.name}: {_NOT_GIVEN[name]}" for name in FLOWS if name in rows.absent))


def _of(rows: Rows, symbol: str) -> Rows:
    code = rows.symbol.labels.index(symbol)
    return rows.take(np.arange(*np.searchsorted(rows.symbol.codes, (code, code + 1))))


def _track(symbol: str, rows: Rows, every: Rows) -> tuple[Track | None, list[Fault]]:
    """Return the track of one symbol, or what stands against it. Faults of single rows are reported elsewhere."""
    where = f"{rows.name} {symbol}"
    instrument, faults = listing_of(symbol, rows)
    basis = rows.words["price_basis"]
    if np.any(basis.codes < 0) or not all(family(basis.labels[code]) for code in np.unique(basis.codes)):
        return None, faults
    keep, warnings, mixed = usable(symbol, basis.labels, basis.codes)
    if mixed:
        faults.append(Fault(where, mixed, "give one basis, such as split_adj"))
    elif not keep.any():
        faults.append(Fault(where, "not one bar is on a basis that can be used", "give split-adjusted prices"))
    factors = every.numbers["split"]
    ex = (factors > 0) & (factors != 1) & np.isfinite(factors)
    kept = rows.take(keep)
    if np.all(kept.numbers["close"] > 0):
        unadjusted = split_fault(kept.days, kept.numbers["close"], every.days[ex], factors[ex])
        if unadjusted:
            remedy = "give split-adjusted prices: the split column is not applied to positions"
            faults.append(Fault(where, unadjusted, remedy))
    if faults or instrument is None:
        return None, faults
    return _build(instrument, kept, every.days[ex], factors[ex], warnings + instrument.notes), []


def _build(instrument: Instrument, rows: Rows, split_days: Days, factors: Floats, warnings: tuple[str, ...]) -> Track:
    """Put a track together. High and low count together or not; dividends that are in the prices are not paid again."""
    values = {name: rows.numbers[name].copy() for name in PRICES}
    single = np.isnan(values["high"]) != np.isnan(values["low"])
    if single.any():
        values["high"][single] = values["low"][single] = np.nan
        warnings += (
            f"{instrument.symbol}: {single.sum()} of {single.size} bars have only one of high and low: as if neither",
        )
    basis = rows.words["price_basis"]
    used = sorted(basis.labels[code] for code in np.unique(basis.codes))
    paid = np.nan_to_num(rows.numbers["dividend"])
    return Track(
        instrument=instrument,
        days=rows.days,
        **values,
        volume=rows.numbers["volume"],
        dividend=np.zeros_like(paid) if family(used[0]) == FORWARD else paid,
        split_days=split_days,
        split_factors=factors,
        basis=", ".join(used),
        warnings=warnings,
    )

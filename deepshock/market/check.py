"""Which rows no honest run can use. Nothing is repaired; everything that is wrong is said at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from deepshock.errors import Fault, suggest
from deepshock.market.basis import ALLOWED, family
from deepshock.market.calendar import Days, Flags, Floats, day_of
from deepshock.market.instruments import class_of_basis
from deepshock.market.provider import Bars
from deepshock.market.table import PRICES, Rows, Words
from deepshock.market.venues import CALENDARS

_NEAR = 0.2
"""How near, in logs, a move must come to a split's own to be taken for it; real moves by a half or more are rare."""

_OMIT = "leave the value out where it is not known"


def row_faults(rows: Rows) -> list[Fault]:
    """Return what is wrong with single rows: doubled dates, prices, flows, and words that are not known.

    Notes
    -----
    Yields and rates may be zero or negative; they are not prices.
    """
    faults = [
        rows.fault(_repeated(rows), "symbol", "the same symbol and date again", "keep one row for each session"),
        rows.fault(np.isnan(rows.numbers["close"]), "close", "no close", "leave the row out: missing stays missing"),
    ]
    rate_like = _labelled(rows.words["price_basis"], lambda basis: class_of_basis(basis) in ("yield", "rate"))
    for name in PRICES:
        values = rows.numbers[name]
        infinite, low = np.isinf(values), (values <= 0) & ~rate_like
        faults.append(rows.fault(infinite, name, "an infinite price", _OMIT))
        faults.append(rows.fault(low & ~infinite, name, "a price that is not positive", _OMIT))
    for name in ("volume", "dividend", "split"):
        values = rows.numbers[name]
        wrong = (values < 0) | np.isinf(values)
        faults.append(rows.fault(wrong, name, f"a {name} that is negative or infinite", _OMIT))
    return [fault for fault in [*faults, *_word_faults(rows)] if fault is not None]


def split_fault(days: Days, close: Floats, split_days: Days, factors: Floats) -> str:
    """Say where a close moves by a split's own factor on its ex-date: it is not adjusted for it; usually empty."""
    for day, factor in zip(split_days, factors, strict=True):
        at = int(np.searchsorted(days, day))
        if not (0 < at < days.size and days[at] == day and abs(np.log(factor)) > 2 * _NEAR):
            continue
        before, after = close[at - 1], close[at]
        near = min(
            _NEAR, 0.12 * abs(np.log(factor))
        )  # a true fall on the ex-date of a small split must not look like it
        if abs(np.log(after / before * factor)) < near:
            move = f"from {before:g} to {after:g}"
            return f"on the split of {factor:g} on {day_of(day)} the close goes {move}, so it is not adjusted for it"
    return ""


def symbol_faults(wanted: Sequence[str], found: set[str], bars: Bars) -> list[Fault]:
    """Return a fault for each symbol that was asked for and has no bars, in the provider's own words if it has any."""
    known = bars.known_symbols
    shown = f"{', '.join(known[:10])}{' ...' if len(known) > 10 else ''}" or "none"
    faults = []
    for symbol in (name for name in wanted if name not in found):
        if symbol in bars.undelivered:
            problem, remedy = bars.undelivered[symbol], ""
        elif symbol in known:
            problem, remedy = "no bars between the start and the end asked for", "take other dates"
        else:
            problem, remedy = "no bars", suggest(symbol, known) or f"known are {shown}"
        faults.append(Fault(f"{bars.name} {symbol}", problem, remedy))
    return faults


def _word_faults(rows: Rows) -> list[Fault | None]:
    venues = f"known are {', '.join(sorted(CALENDARS))}"
    unknown_venue = _labelled(rows.words["mic"], lambda mic: mic not in CALENDARS)
    unknown_basis = _labelled(rows.words["price_basis"], lambda basis: not family(basis))
    return [
        rows.fault(rows.words["currency"].codes < 0, "currency", "no currency", "give an ISO code such as USD"),
        rows.fault(rows.words["mic"].codes < 0, "mic", "no venue", venues),
        rows.fault(unknown_venue, "mic", "an unknown venue", venues),
        rows.fault(rows.words["price_basis"].codes < 0, "price_basis", "no basis", f"known are {ALLOWED}"),
        rows.fault(unknown_basis, "price_basis", "an unknown basis", f"known are {ALLOWED}"),
    ]


def _repeated(rows: Rows) -> Flags:
    """Mark each row with the symbol and date of the row before it; rows are sorted."""
    same = (np.diff(rows.symbol.codes) == 0) & (np.diff(rows.days) == 0)
    return np.concatenate([np.zeros(min(1, rows.days.size), dtype=np.bool_), same])


def _labelled(words: Words, holds: Callable[[str], bool]) -> Flags:
    """Mark the rows whose label has a property."""
    marks = np.array([*(holds(label) for label in words.labels), False], dtype=np.bool_)
    return np.asarray(marks[words.codes])

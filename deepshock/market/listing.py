"""What the data themselves say about an instrument: columns that have to be the same in each of its rows."""

from __future__ import annotations

import math

from deepshock.errors import Fault
from deepshock.market.instruments import CLASSES, TRADABLE, Instrument, describe
from deepshock.market.provider import DESCRIPTIVE
from deepshock.market.table import Rows
from deepshock.market.venues import CALENDARS

_STATE_CLASS = f"add a 'class' column that says which: {', '.join(CLASSES)}"

_NEVER_TRADED = ", ".join(name for name in CLASSES if name not in TRADABLE)
_ELSEWHERE = f"give the 'mic' of the venue that trades it, or a 'class' that is never traded: {_NEVER_TRADED}"


def listing_of(symbol: str, rows: Rows) -> tuple[Instrument | None, list[Fault]]:
    """Describe a symbol from its rows and from deepshock's own table.

    Parameters
    ----------
    symbol : str
    rows : Rows
        Of this symbol only.

    Returns
    -------
    instrument : Instrument or None
        None where it cannot be described; unknown venues and empty cells are faults of rows, reported elsewhere.
    faults : list of Fault

    Notes
    -----
    A share may move to another venue of the same calendar; the last one counts.
    """
    where = f"{rows.name} {symbol}"
    given, faults = {}, []
    for name in ("mic", "currency", *DESCRIPTIVE):
        labels = _labels(rows, name)
        kinds = {CALENDARS.get(label, label) for label in labels} if name == "mic" else set(labels)
        if len(kinds) > 1:
            problem = f"has several values: {', '.join(labels[:5])}"
            faults.append(Fault(f"{where} {name}", problem, "give each of them a symbol of its own"))
        given[name] = labels[-1] if labels else ""
    faults += [fault for fault in (_lot(where, given), _limit(where, given), _tick(where, given)) if fault is not None]
    if faults or given["mic"] not in CALENDARS or not given["currency"]:
        return None, faults
    bases = _labels(rows, "price_basis")
    described = describe(symbol, given, bases[0] if bases else "")
    if isinstance(described, str):
        return None, [Fault(where, described, _STATE_CLASS)]
    if described.cls in TRADABLE and not described.tradable:
        return None, [Fault(where, f"is a {described.cls} on {described.mic}, where none is traded", _ELSEWHERE)]
    return described, []


def _labels(rows: Rows, name: str) -> list[str]:
    """Return the texts of a column in order of their last row; empty if there is no such column."""
    if name not in rows.words:
        return []
    words = rows.words[name]
    last = {code: row for row, code in enumerate(words.codes.tolist()) if code >= 0}
    return [words.labels[code] for code in sorted(last, key=lambda code: last[code])]


def _lot(where: str, given: dict[str, str]) -> Fault | None:
    value = _number(given["lot"])
    fine = value >= 0 and value == math.floor(value)
    return None if fine else Fault(f"{where} lot", f"is {given['lot']!r}", "give a whole number of shares")


def _limit(where: str, given: dict[str, str]) -> Fault | None:
    fine = 0 <= _number(given["limit_pct"]) < 1
    return None if fine else Fault(f"{where} limit_pct", f"is {given['limit_pct']!r}", "give a fraction such as 0.1")


def _tick(where: str, given: dict[str, str]) -> Fault | None:
    fine = _number(given["tick"]) >= 0
    return None if fine else Fault(f"{where} tick", f"is {given['tick']!r}", "give a price step such as 0.01")


def _number(text: str) -> float:
    """Read a number; 0 for nothing, -1 for what is none."""
    try:
        value = float(text or 0)
    except ValueError:
        return -1.0
    return value if math.isfinite(value) else -1.0

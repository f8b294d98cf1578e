"""Which price each figure of the articles pins: the market of 27 January 2025 as it was reported.

A figure is a percentage against the previous close, and the instant at which it was taken; ``figures.csv`` has both.
The rule:

- A figure is held against the instrument's **own** session of 27 January. Taken at or before that session's open it is
  a pre-market figure and pins the **open**; taken later it pins the **close**. What the article calls it does not
  matter: Bloomberg's -11 % for ASML is of a session under way in Amsterdam, but for the New York line, which is still
  closed at 10:00Z, it says where the same share will open. Siemens Energy's -20 % of that instant is of Xetra's own
  session and pins its close.
- Of several figures for one price the **latest** wins. An article without an instant counts at the latest one that its
  text allows, as everywhere (``docs/rules.md``, section 2): XTB's pre-market figures at 14:30Z, after Bloomberg's of
  10:00Z.
- A bound ("2.5 % and more") gives way to a figure that satisfies it, even to an earlier one.
- "Up as much as" pins the **high**; open and close lie at or below it.
- A daily limit pins the close at that limit, to the tick.
- Words without a number ("opened lower but is now higher") pin the side of the previous close on which a price is; its
  distance stays the one drawn. They displace an earlier number for the same price, but what was quoted in the session
  must then have traded in it: it bounds the low.
- A figure of index futures is one of the index, and of the fund that tracks it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import numpy as np

from deepshock.market.calendar import day_number
from deepshock.market.sample.listing import hours, listings, rows

EVENT_DAY = day_number(date(2025, 1, 27))

_WORDS = {"opened lower": ("open", -1.0), "now higher": ("close", 1.0)}


@dataclass(frozen=True, slots=True)
class Figure:
    """One reported figure.

    Parameters
    ----------
    symbol : str
    move : float
        Against the previous close, a fraction; NaN where the article has words only.
    says : str
        ``at``, ``at least``, ``up to``, ``limit``, ``opened lower`` or ``now higher``.
    source, quantity : str
        Which article, and what it calls the instrument.
    as_of : int
        Latest instant at which it can have been taken, ns UTC.
    """

    symbol: str
    move: float
    says: str
    source: str
    as_of: int
    quantity: str


@dataclass(frozen=True, slots=True)
class Pin:
    """One price of the session of 27 January that a figure decides.

    Parameters
    ----------
    field : str
        ``open``, ``high``, ``low`` or ``close``.
    says : str
        ``at``: the price is the previous close x (1 + move). ``limit``: the daily limit on the side of ``move``.
        ``side``: above the previous close if ``move`` is positive, else below. ``reached``: the low is there or lower.
    move : float
    figure : Figure
        The one that decided.
    """

    field: str
    says: str
    move: float
    figure: Figure


@cache
def figures() -> tuple[Figure, ...]:
    """Return every reported figure, in the order of the file."""
    return tuple(
        Figure(
            symbol=row["symbol"],
            move=float(row["percent"]) / 100 if row["percent"] else math.nan,
            says=row["says"],
            source=row["source"],
            as_of=int(datetime.fromisoformat(row["as_of"]).timestamp()) * 1_000_000_000,
            quantity=row["quantity"],
        )
        for row in rows("figures.csv")
    )


@cache
def pins() -> Mapping[str, tuple[Pin, ...]]:
    """Return what the figures pin, by symbol; of each symbol the open comes first, the close last."""
    chosen: dict[str, dict[str, Pin]] = {}
    for figure in sorted(figures(), key=lambda each: each.as_of):
        mine, pin = chosen.setdefault(figure.symbol, {}), _pin(figure)
        before = mine.get(pin.field)
        if before and figure.says == "at least" and abs(before.move) >= abs(figure.move):
            continue
        if before and pin.says == "side" and pin.field == "close":
            mine["low"] = Pin("low", "reached", before.move, before.figure)
        mine[pin.field] = pin
    order = ("open", "high", "low", "close")
    return {symbol: tuple(mine[name] for name in order if name in mine) for symbol, mine in chosen.items()}


def session_of_event(symbol: str) -> int:
    """Return the index of the session of 27 January 2025 on the instrument's calendar."""
    return int(np.searchsorted(hours(listings()[symbol].calendar).days, EVENT_DAY))


def _pin(figure: Figure) -> Pin:
    """Return what one figure would pin by itself."""
    if figure.says in _WORDS:
        field, side = _WORDS[figure.says]
        return Pin(field, "side", side, figure)
    if figure.says == "up to":
        return Pin("high", "at", figure.move, figure)
    opens = hours(listings()[figure.symbol].calendar).opens[session_of_event(figure.symbol)]
    field = "open" if figure.as_of <= opens else "close"
    return Pin(field, "limit" if figure.says == "limit" else "at", figure.move, figure)

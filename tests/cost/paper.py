"""What a fill pays, worked out slowly from the formula of docs/rules.md section 8."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date

import numpy as np

from deepshock.cost import CostSet, Inputs, TermRow

CALENDARS = {"XNYS": "XNYS", "XNAS": "XNYS", "ARCX": "XNYS", "XSHE": "XSHG", "24x7": "24/7"}


def days(*texts: str) -> np.ndarray:
    """Days since 1970-01-01 of ISO dates."""
    return np.array(texts, dtype="datetime64[D]").astype(np.int64)


def inputs(
    venue: str,
    cls: str,
    trades: str | Iterable[str],
    settles: Iterable[str] | None = None,
    window: tuple[int, int] | None = None,
) -> Inputs:
    """An instrument with one session per trade date."""
    dates = [trades] if isinstance(trades, str) else list(trades)
    axis = days(*dates)
    first, last = window or (0, len(dates))
    settled = axis if settles is None else days(*settles)
    return Inputs("TEST", venue, CALENDARS.get(venue, venue), cls, "XXX", axis, settled, first, last)


def amount(
    row: TermRow,
    price: float,
    shares: float,
    *,
    tick: float = 0.01,
    sigma: float = 0.0,
    volume: float = math.inf,
    splits: float = 1.0,
) -> float:
    """The formula: `price` and `shares` as traded, `volume` in adjusted shares."""
    value = abs(price * shares)
    adjusted = abs(shares) * splits
    paid = max(row.of_value * value, row.of_tick * tick * abs(shares), row.of_sigma * sigma * value)
    paid += row.per_share * abs(shares) + row.impact * sigma * value * math.sqrt(adjusted / volume) + row.fixed
    paid = min(max(paid, row.min), row.max)
    if not row.round_to:
        return paid
    quotient = paid / row.round_to
    steps = math.ceil(quotient - 1e-9) if row.round_up else math.floor(quotient + 0.5 + 1e-9)
    return steps * row.round_to


def charge(
    costs: CostSet, who: Inputs, side: str, price: float, shares: float, *, session: int = 0, **state: float
) -> dict[str, float]:
    """What one fill pays, by item; items that charge nothing are absent."""
    paid: dict[str, float] = {}
    for row in costs.terms(who):
        if row.side in (side, "both") and row.first <= session < row.last:
            paid[row.item] = paid.get(row.item, 0.0) + amount(row, price, shares, **state)
    return paid


def on(text: str) -> date:
    return date.fromisoformat(text)

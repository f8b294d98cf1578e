"""Auctions of one instrument: their rows, and why they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import (
    BORROW,
    CLOSE_KIND,
    DESIGNATED,
    GONE,
    HALT,
    IGNORE,
    LIMIT,
    NO_PRICE,
    NOT_DESIGNATED,
    OPEN_KIND,
    RESALE,
    TICK_TOLERANCE,
    UNLENDABLE,
    UNLISTED,
    UPTICK,
    WAIT,
    Run,
)


@tight
def row_of(x: Run, i: int, s: int, kind: int) -> int:
    """Return the row of an auction."""
    return at.bars(x)[i, s].open_row if kind == OPEN_KIND else at.bars(x)[i, s].close_row


@tight
def value_of(x: Run, i: int, s: int, kind: int) -> int:
    """Return the valuation row that follows an auction."""
    return at.bars(x)[i, s].open_value if kind == OPEN_KIND else at.bars(x)[i, s].close_value


@inner
def too_late(x: Run, decided: int, row: int) -> bool:
    """Return whether a row is at the very instant of the row of a decision, and so can't act on it."""
    return decided == row - 1 and at.row_twin(x)[row]


@tight
def rule_of(x: Run, j: int) -> Any:
    """Return what the thesis of an order says of all its legs."""
    slot = at.theses(x)[np.uintp(at.orders(x)[j].thesis)].slot
    return at.rules(x)[np.uintp(at.picks(x)[np.uintp(slot)])]


@inner
def next_auction(x: Run, i: int, row: int, strict: bool) -> int:
    """Return the first auction of an instrument at or after (strictly after) a row, coded 2 s + kind; 2 n if none."""
    n = at.instruments(x)[i].n_sessions
    low, high = 0, n  # first session whose close comes late enough
    while low < high:
        middle = (low + high) // 2
        late = at.bars(x)[i, middle].close_row > row if strict else at.bars(x)[i, middle].close_row >= row
        if late:
            high = middle
        else:
            low = middle + 1
    if low == n:
        return 2 * n
    first = at.bars(x)[i, low].open_row
    return 2 * low + (OPEN_KIND if (first > row if strict else first >= row) else CLOSE_KIND)


@inner
def refuses(x: Run, i: int, s: int, price: float, buy: bool) -> int:
    """Return why an auction at this price does not fill, 0 if it does."""
    if s >= at.instruments(x)[i].final_session:
        return GONE
    if at.bars(x)[i, s].halted:
        return HALT
    if math.isnan(price):
        return NO_PRICE
    if (buy and price >= at.bars(x)[i, s].upper) or (not buy and price <= at.bars(x)[i, s].lower):
        return LIMIT
    return 0


@inner
def refuses_short(x: Run, j: int, i: int, s: int, kind: int, price: float) -> int:
    """Return what keeps an order from being sold short at an auction with this price, 0 if nothing does.

    A restricted open leaves the order at its offer for the session.
    """
    o = at.orders(x)[j]
    lendable = at.bars(x)[i, s].lendable
    if lendable == NOT_DESIGNATED:
        return DESIGNATED
    if lendable == UNLENDABLE or (lendable == UNLISTED and o.unlendable):
        return BORROW
    offer = at.bars(x)[i, s].offer_open if kind == OPEN_KIND else at.bars(x)[i, s].offer_close
    if o.uptick == IGNORE or offer == -np.inf:
        return 0
    if o.uptick == WAIT:
        return UPTICK
    if (price - offer) * at.bars(x)[i, s].later_splits >= -TICK_TOLERANCE:
        return 0
    if kind == OPEN_KIND:
        at.positions(x)[j].offered = s
    return UPTICK


@inner
def refuses_exit(x: Run, j: int, s: int, price: float) -> int:
    """Return why a position can't be closed at this price, 0 if it can."""
    p = at.positions(x)[j]
    i, buy = at.orders(x)[j].instrument, p.shares < 0.0
    cause = refuses(x, i, s, price, buy)
    if cause == 0 and not buy and at.instruments(x)[i].resale and p.added // 2 == s:
        return RESALE
    return cause

"""What one fill costs, and how much of it there may be."""

from __future__ import annotations

import math

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import SLACK, Flag, Run


@tight
def whole_lots(x: Run, j: int, s: int, shares: float) -> float:
    """Round adjusted shares down to lots of traded shares."""
    o = at.orders(x)[j]
    lot = o.lot
    if lot <= 0.0:
        return shares
    split = at.bars(x)[o.instrument, s].later_splits
    return math.floor(shares / split / lot * (1.0 + SLACK)) * lot * split


@inner
def allowed(x: Run, full: Flag, j: int, s: int) -> float:
    """Return how many shares one fill may take of the usual volume; an unknown volume does not bind."""
    if full is None:
        return np.inf
    if x.participation == np.inf:
        return np.inf
    limit = x.participation * at.bars(x)[at.orders(x)[j].instrument, s].volume
    return np.inf if math.isnan(limit) or limit == np.inf else whole_lots(x, j, s, limit)


@inner
def _tick(x: Run, i: int, s: int, traded_price: float) -> float:
    ladder = at.bars(x)[i, s].ladder
    step = 0
    while traded_price > at.ticks(x)[ladder, step].edge:
        step += 1
    return at.ticks(x)[ladder, step].step


@inner
def _rounded(amount: float, unit: float, up: bool) -> float:
    """Round a tax to its unit; the quotient carries 1e-9 so that float noise never costs a unit."""
    if unit <= 0.0:
        return amount
    n = amount / unit
    return (math.ceil(n - 1e-9) if up else math.floor(n + 0.5 + 1e-9)) * unit


@inner
def _term(
    x: Run, t: int, value: float, shares: float, traded: float, tick: float, sigma: float, volume: float
) -> float:
    """Return one cost term of one fill in local currency; an unknown sigma or volume costs nothing and is warned of."""
    amount = max(at.term_rows(x)[t].of_value * value, at.term_rows(x)[t].of_tick * tick * traded)
    if not math.isnan(sigma):
        amount = max(amount, at.term_rows(x)[t].of_sigma * sigma * value)
        if at.term_rows(x)[t].impact > 0.0 and not math.isnan(volume) and volume > 0.0:
            amount += at.term_rows(x)[t].impact * sigma * value * math.sqrt(shares / volume)
    amount += at.term_rows(x)[t].per_share * traded + at.term_rows(x)[t].fixed
    amount = min(max(amount, at.term_rows(x)[t].least), at.term_rows(x)[t].most)
    return _rounded(amount, at.term_rows(x)[t].round_to, at.term_rows(x)[t].round_up)


@inner
def charge(
    x: Run, book: Flag, full: Flag, f: int, j: int, k: int, i: int, s: int, delta: float, price: float, fx: float
) -> float:
    """Charge the trade costs of fill ``f`` by item and return their sum in base currency."""
    buy, shares = delta > 0.0, abs(delta)
    value, traded, tick = shares * price, 0.0, 0.0
    if full is not None:
        split = at.bars(x)[i, s].later_splits
        traded = shares / split
    total = 0.0
    for t in range(at.term_start(x)[i], at.term_start(x)[i + 1]):
        if at.term_rows(x)[t].first <= s < at.term_rows(x)[t].last and (
            at.term_rows(x)[t].buy if buy else at.term_rows(x)[t].sell
        ):
            if full is None:
                paid = at.term_rows(x)[t].of_value * value
            else:
                bar = at.bars(x)[i, s]
                if at.term_rows(x)[t].of_tick > 0.0 and tick == 0.0:
                    tick = _tick(x, i, s, price * bar.later_splits)
                paid = fx * _term(x, t, value, shares, traded, tick, bar.sigma, bar.volume)
            at.paid(x)[at.term_rows(x)[t].item] += paid
            total += paid
            if book is not None:
                at.line_costs(x)[k, j, at.term_rows(x)[t].item] += paid
                if f < at.fills(x).shape[0]:
                    at.fill_costs(x)[f, at.term_rows(x)[t].item] += paid
    return total


@tight
def linear(x: Run, i: int, s: int, value: float, buy: bool) -> float:
    """Charge a fill where every cost is a share of its value, by item; return the sum."""
    total = 0.0
    rows, paid = at.term_rows(x), at.paid(x)
    start = at.term_start(x)
    for t in range(start[i], start[np.uintp(i + 1)]):
        term = rows[np.uintp(t)]
        if (term.buy if buy else term.sell) and term.first <= s < term.last:
            amount = term.of_value * value
            total += amount
            paid[np.uintp(term.item)] += amount
    return total

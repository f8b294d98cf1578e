"""Shorts on valuation rows: nights, collateral, and what a short that has settled brings in."""

from __future__ import annotations

import math

from deepshock.arrays import RING
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import cash
from deepshock.engine.kernel.words import FX, NO, PRICE, REBATE, SLACK, Flag, Run


@tight
def _night(
    x: Run, book: Flag, j: int, k: int, n: int, settled: float, borrowed: float, fx: float
) -> tuple[float, float]:
    """Return the rebate and borrow fee of an order for the night of day ``n``, base currency, at a row's rate."""
    o = at.orders(x)[j]
    i = o.instrument
    rebate, fee = 0.0, 0.0
    if x.pays_interest and not math.isnan(x.rebate_spread):
        c = at.instruments(x)[i].currency
        rebate = fx * settled * (at.policy(x)[c, n] + x.rebate_spread) / at.day_count(x)[c]
    rate = at.borrow_rate(x)[i, n]
    if math.isnan(rate):
        rate = o.borrow_rate
    if rate > 0.0:
        # dates after the last row are booked on it, and may use no close that it does not know
        known = min(n, at.value_rows(x)[k].day - x.day0 + 1)
        fee = fx * borrowed * at.borrow_value(x)[i, known] * rate / 360.0
    if book is not None:
        at.lines(x)[k, j, REBATE] += rebate
        at.line_costs(x)[k, j, at.line_costs(x).shape[2] - 2] += fee
    return rebate, fee


@inner
def nights(x: Run, book: Flag, full: Flag, j: int, k: int, until: int, late: bool) -> None:
    """Pay the nights before day ``until`` of an order that has owed shares, on a valuation row."""
    p = at.positions(x)[j]
    ring, fx = at.ring(x), at.value_fx(x)[at.instruments(x)[at.orders(x)[j].instrument].currency, k]
    brought, fees = 0.0, 0.0
    for n in range(p.night, until):
        place = n % RING
        p.settled_collateral += ring[j, 0, place]
        p.borrowed += ring[j, 1, place]
        ring[j, 0, place] = ring[j, 1, place] = 0.0
        if p.borrowed > 0.0:
            rebate, fee = _night(x, book, j, k, n, p.settled_collateral, p.borrowed, fx)
            p.rebate += rebate
            fees += fee
            brought += rebate - fee
    p.night = max(p.night, until)
    p.fee += fees
    if late:  # after the last row's work: it adds to its NAV and to nothing that is judged there
        at.accounts(x)[0].late += brought
        p.flow += brought
        return
    at.accounts(x)[0].high = max(at.accounts(x)[0].high, k)
    cash.bring(x, full, j, k, brought)
    cash.settle(x, full, brought, at.value_rows(x)[k].day)


@inner
def _is_settled(x: Run, j: int, k: int) -> bool:
    """Return whether a short is, before a valuation row, as its last marking left it: nothing settles any more."""
    if k == 0:
        return False
    p = at.positions(x)[j]
    i, day = at.orders(x)[j].instrument, at.value_rows(x)[k - 1].day
    if p.night != day - x.day0 or day < p.sale_settles or day < p.cover_settles:
        return False
    if p.price != at.marks(x)[i, k - 1] or p.fx != at.value_fx(x)[at.instruments(x)[i].currency, k - 1]:
        return False  # filled since
    return abs(p.collateral + p.shares * p.price) <= SLACK * p.collateral


@inner
def carry_short(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Value a short on some valuation rows: nights, price and rate, and its collateral set to its value."""
    k = first
    while k <= last and not _is_settled(x, j, k):
        _carry_unsettled(x, book, full, j, k)
        k += 1
    if k <= last:
        _carry_settled(x, book, j, k, last)


@inner
def _carry_unsettled(x: Run, book: Flag, full: Flag, j: int, k: int) -> None:
    """Value a short on one valuation row while its sale, or a part of its cover, has still to settle."""
    p, m = at.positions(x)[j], x.n_M
    i, day = at.orders(x)[j].instrument, at.value_rows(x)[k].day
    c = at.instruments(x)[i].currency
    fx, price = at.value_fx(x)[c, k], at.marks(x)[i, k]
    nights(x, book, full, j, k, day - x.day0, NO)
    cash.mark(x, book, full, j, k, price, fx)
    difference = -p.shares * price - p.collateral
    later = max(day, p.sale_settles)
    cash.pledge(x, j, difference, later)
    cost = at.conversion(x)[c] * abs(difference * fx)
    p.exchange += cost
    cash.bring(x, full, j, k, -cost)
    cash.settle(x, full, -(difference * fx + cost), later)
    if book is not None:
        at.line_costs(x)[k, j, m - 1] += cost
        at.cash(x)[k, 1 + c] += p.collateral
    _add_short(x, j, k, k)


@inner
def _carry_settled(x: Run, book: Flag, j: int, first: int, last: int) -> None:
    """Value a short that has settled: on each row it brings in the same, times its shares."""
    p, o = at.positions(x)[j], at.orders(x)[j]
    i, n, place = o.instrument, last + 1 - first, p.night % RING
    own = o.borrow_rate if o.borrow_rate > 0.0 else 0.0
    shares = -p.shares
    at.ring(x)[j, 0, place] = at.ring(x)[j, 1, place] = 0.0
    flows, per_share = at.flows(x)[first : last + 1], at.short_flows(x)[i, first : last + 1]
    own_fees = at.own_fees(x)[i, first : last + 1]
    for k in range(n):
        flows[k] += shares * (per_share[k] - own * own_fees[k])
    if x.pays_interest:
        settled = at.short_settled(x)[i, first : last + 1]
        for k in range(n):
            at.settling(x)[at.value_rows(x)[first + k].day - x.day0] += shares * (settled[k] - own * own_fees[k])
        at.accounts(x)[0].settle_end = max(at.accounts(x)[0].settle_end, at.value_rows(x)[last].day - x.day0 + 1)
    rebates, fees = at.rebates(x)[i, first : last + 1], at.fees(x)[i, first : last + 1]
    exchanges = at.exchanges(x)[i, first : last + 1]
    flow, rebate, fee, exchange = p.flow, p.rebate, p.fee, p.exchange
    for k in range(n):  # one after another: sums must not depend on where a range begins
        flow += shares * (per_share[k] - own * own_fees[k])
        rebate += shares * rebates[k]
        fee += shares * (fees[k] + own * own_fees[k])
        exchange += shares * exchanges[k]
    p.flow, p.rebate, p.fee, p.exchange = flow, rebate, fee, exchange
    if at.accounts(x)[0].stops:
        for k in range(n):
            at.sleeve_flows(x)[o.thesis, first + k] += shares * (per_share[k] - own * own_fees[k])
    if book is not None:
        _short_lines(x, j, own, first, last)
    _add_short(x, j, first, last)
    p.price, p.fx = at.marks(x)[i, last], at.value_fx(x)[at.instruments(x)[i].currency, last]
    p.collateral = p.settled_collateral = shares * p.price
    p.borrowed, p.night = shares, at.value_rows(x)[last].day - x.day0


@inner
def _add_short(x: Run, j: int, first: int, last: int) -> None:
    """Add a short to what is owed, to its thesis and to what maintenance margin requires."""
    o, shares, n = at.orders(x)[j], -at.positions(x)[j].shares, last + 1 - first
    worth, owed = at.worth(x)[o.instrument, first : last + 1], at.shorts(x)[first : last + 1]
    for k in range(n):
        owed[k] += shares * worth[k]
    if at.accounts(x)[0].stops:
        for k in range(n):
            at.sleeve_worth(x)[o.thesis, first + k] -= shares * worth[k]
    if x.has_margin:
        needs, need = at.needs(x)[first : last + 1], at.short_needs(x)[o.instrument, first : last + 1]
        for k in range(n):
            needs[k] += shares * need[k]


@inner
def _short_lines(x: Run, j: int, own: float, first: int, last: int) -> None:
    """Write the P&L lines of a short that has settled."""
    o, shares, m = at.orders(x)[j], -at.positions(x)[j].shares, x.n_M
    i = o.instrument
    c = at.instruments(x)[i].currency
    for k in range(first, last + 1):
        price, before = at.marks(x)[i, k], at.marks(x)[i, k - 1]
        fx, known = at.value_fx(x)[c, k], at.value_fx(x)[c, k - 1]
        at.lines(x)[k, j, PRICE] -= shares * (price - before) * known
        at.lines(x)[k, j, FX] -= shares * (price - before) * (fx - known)
        at.lines(x)[k, j, REBATE] += shares * at.rebates(x)[i, k]
        at.line_costs(x)[k, j, m - 2] += shares * (at.fees(x)[i, k] + own * at.own_fees(x)[i, k])
        at.line_costs(x)[k, j, m - 1] += shares * at.exchanges(x)[i, k]
        at.cash(x)[k, 1 + c] += shares * price

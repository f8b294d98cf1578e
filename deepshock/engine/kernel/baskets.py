"""The plain legs of one instant in one go."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepshock.arrays import FAR, ITEMS
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import auctions, foresight, leaps, sums
from deepshock.engine.kernel.words import OPEN_KIND, Run


@inner
def plan_basket(x: Run, first: int, end: int) -> bool:
    """Return whether the orders of one instant, at these places of the queue, can be traded as a basket.

    What does not hang on hold and size stays as it is for the next variant that has it in common.
    """
    j = at.queue(x)[first]
    rule, b = auctions.rule_of(x, j), at.baskets(x)[first]
    if b.orders != x.orders or b.leg != j or b.n != end - first or b.lag != rule.lag:
        b.orders, b.leg, b.n, b.lag, b.hold = x.orders, j, end - first, rule.lag, -2
        b.enters = _plan_entries(x, b, first, end, rule.lag)
    if not b.enters or not rule.gross > 0.0:
        return False
    if foresight.has_levels(rule):  # they leave one by one
        return False
    if b.hold != rule.hold:
        b.hold = rule.hold
        b.leaves = _plan_exits(x, b, first, end, rule)
    return b.leaves


@inner
def _plan_entries(x: Run, b: Any, first: int, end: int, lag: int) -> bool:
    """Note how the legs of a basket enter; return whether all plainly do, at auctions before one valuation row."""
    slot = at.theses(x)[at.orders(x)[at.queue(x)[first]].thesis].slot
    for q in range(first, end):
        o, lot = at.orders(x)[at.queue(x)[q]], at.lots(x)[q]
        i, s, share = o.instrument, o.due_session + lag, at.theses(x)[o.thesis].share
        if at.theses(x)[o.thesis].slot != slot or o.lot > 0.0 or o.unit == 0.0 or not share > 0.0:
            return False
        bar = at.briefs(x)[s, i]
        price, k = (bar.open, bar.open_value) if o.due_kind == OPEN_KIND else (bar.close, bar.close_value)
        row = auctions.row_of(x, i, s, o.due_kind)
        if q == first:
            b.k_in, b.row = k, row
        b.row = min(b.row, row)
        buy = o.unit > 0.0
        if k != b.k_in or not foresight.enters(bar, o, s, price, buy, bar.rough):
            return False
        if not _rates(x, q, 0, i, s, buy) or not _rates(x, q, 1, i, s, not buy):
            return False
        lot.unit, lot.share, lot.price_in, lot.instrument = o.unit, share, price, i
    return True


@inner
def _plan_exits(x: Run, b: Any, first: int, end: int, rule: Any) -> bool:
    """Note how the legs of a basket without levels leave; return whether all plainly do, before one valuation row."""
    for q in range(first, end):
        o = at.orders(x)[at.queue(x)[q]]
        s = o.due_session + rule.lag
        reach = at.briefs(x)[s, o.instrument].rough
        k = _plan_exit(x, q, o, rule, s, reach)
        if q == first:
            b.k_out = k
        if k != b.k_out or k <= b.k_in:
            return False
    return True


@tight
def _plan_exit(x: Run, q: int, o: Any, rule: Any, s: int, reach: int) -> int:
    """Note how one leg of a basket leaves; return before which valuation row, -1 if it does not plainly."""
    lot, buy = at.lots(x)[q], o.unit > 0.0
    out, kind, paid = foresight.foresee(x, o, rule, s, o.due_kind, lot.price_in, lot.price_in, buy, reach)
    if out < 0:
        return -1
    if out >= lot.alike:
        lot.alike = -1
        if not _rates(x, q, 1, o.instrument, out, not buy):
            return -1
    lot.price_out = paid
    bar = at.briefs(x)[out, o.instrument]
    k: int = np.int64(bar.open_value if kind == OPEN_KIND else bar.close_value)  # type: ignore[assignment]
    return k


@tight
def _rates(x: Run, q: int, side: int, i: int, s: int, buy: bool) -> bool:
    """Note what a fill of a basket's leg costs by item; return whether there is room, and one term of each at most."""
    rates, before, alike = at.lot_rates(x), -1, FAR
    for item in range(ITEMS):
        rates[q, side, item] = 0.0
    for t in range(at.term_start(x)[i], at.term_start(x)[i + 1]):
        term = at.term_rows(x)[t]
        alike = min(alike, term.first if term.first > s else (term.last if term.last > s else FAR))
        if (term.buy if buy else term.sell) and term.first <= s < term.last:
            if term.item <= before or term.item >= ITEMS:
                return False  # sums would not be in the order of the terms
            before = term.item
            rates[q, side, before] = term.of_value
    if side == 0:
        at.lots(x)[q].alike = alike
    return True


@inner
def trade_basket(x: Run, last: int) -> bool:
    """Trade a basket from entry to exit; return False, with nothing done, if that is not over by a valuation row.

    All is to the bit what its legs would do by themselves.
    """
    acc, first = at.accounts(x)[0], at.accounts(x)[0].basket
    b, rule = at.baskets(x)[first], auctions.rule_of(x, at.queue(x)[first])
    gross, nav, k_in, k_out = rule.gross, acc.nav, b.k_in, b.k_out
    if not nav > 0.0 or k_out > last:
        return False
    leaps.begin_at(x, b.row, k_in)
    acc.n_fills += 2 * b.n
    acc.low, acc.high = min(acc.low, k_in), max(acc.high, k_out)
    acc.leapt = max(acc.leapt, k_out)
    _trade_lots(x, first, b.n, gross, nav, k_in, k_out)
    return True


@tight
def _paid(x: Run, item: int) -> float:
    return at.paid(x)[item] if item < x.n_M else 0.0


@tight
def _trade_lots(x: Run, first: int, n: int, gross: float, nav: float, k_in: int, k_out: int) -> None:
    """Book the legs of a basket and add them to the figures."""
    acc = at.accounts(x)[0]
    in_, out, turnover, hits, worst, worst_pnl = (
        *(at.flows(x)[k_in], at.flows(x)[k_out]),
        *(acc.turnover, acc.n_hits, acc.worst, acc.worst_pnl),
    )
    c0, c1, c2, c3 = _paid(x, 0), _paid(x, 1), _paid(x, 2), _paid(x, 3)
    for q in range(np.uintp(first), np.uintp(first + n)):
        lot, charge_in, charge_out = at.lots(x)[q], at.lot_rates(x)[q, 0], at.lot_rates(x)[q, 1]
        weight = lot.unit * gross * lot.share
        shares = abs(weight) * nav / lot.price_in
        held = shares if weight > 0.0 else -shares
        value, value_out = shares * lot.price_in, shares * lot.price_out
        a0, a1, a2, a3 = charge_in[0] * value, charge_in[1] * value, charge_in[2] * value, charge_in[3] * value
        come = -(held * lot.price_in) - (a0 + a1 + a2 + a3)
        c0, c1, c2, c3 = c0 + a0, c1 + a1, c2 + a2, c3 + a3
        a0, a1 = charge_out[0] * value_out, charge_out[1] * value_out
        a2, a3 = charge_out[2] * value_out, charge_out[3] * value_out
        go = held * lot.price_out - (a0 + a1 + a2 + a3)
        c0, c1, c2, c3 = c0 + a0, c1 + a1, c2 + a2, c3 + a3
        in_ += come
        out += go
        turnover += value + value_out
        made = come + go
        if made > 0.0:
            hits += 1
        if worst < 0 or made < worst_pnl or (made == worst_pnl and at.queue(x)[q] < worst):
            worst, worst_pnl = at.queue(x)[q], made
        sums.wait_for(x, lot.instrument, held, k_in, k_out)
    at.flows(x)[k_in], at.flows(x)[k_out] = in_, out
    acc.turnover, acc.n_hits, acc.worst, acc.worst_pnl = turnover, hits, worst, worst_pnl
    acc.n_legs += n
    for item in range(min(ITEMS, x.n_M)):
        at.paid(x)[item] = c0 if item == 0 else (c1 if item == 1 else (c2 if item == 2 else c3))

"""A plain trade in one go."""

from __future__ import annotations

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import auctions, carrying, charges, fills, foresight, status, steps, sums
from deepshock.engine.kernel.words import CLOSED, DONE, ENTRY, HELD, HOLD, NOT_YET, OPEN_KIND, STEP_BY_STEP, Flag, Run


@inner
def leap(x: Run, full: Flag, j: int, last: int) -> int:
    """Let a leg live through entry, holding and exit in one go; only where all of it is plain and within reach.

    Return DONE, NOT_YET where it is due after the valuation row ``last``, or STEP_BY_STEP where an auction refuses, a
    session is rough or the exit lies beyond: then nothing is written, and ``steps.step`` has the leg from its start.
    What is written is to the bit what ``steps.step`` would write, as far as anything still reads it.
    """
    at_j = np.uintp(j)  # numba then spends nothing on negative indices
    p, o = at.positions(x)[at_j], at.orders(x)[at_j]
    rule, i, kind = auctions.rule_of(x, at_j), np.uintp(o.instrument), o.due_kind
    bars, s = at.briefs(x), o.due_session + rule.lag
    first = bars[np.uintp(s), i]
    k = np.int64(first.open_value if kind == OPEN_KIND else first.close_value)
    if k > last:
        return NOT_YET
    buy, price, rough = p.weight > 0.0, (first.open if kind == OPEN_KIND else first.close), first.rough
    if full is not None:
        rough = at.bars(x)[i, np.uintp(s)].rough
    if not foresight.enters(first, o, s, price, buy, rough):
        return STEP_BY_STEP
    fx = 1.0
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, auctions.row_of(x, i, np.uintp(s), kind)]
    shares = charges.whole_lots(x, at_j, np.uintp(s), at.outcomes(x)[at_j].sent / (price * fx))
    if not shares > 0.0 or charges.allowed(x, full, j, s) < shares:
        return STEP_BY_STEP
    reach = min(rough, at.closed(x)[i, np.uintp(last)])
    q, leaves_kind, paid = foresight.foresee(x, o, rule, s, kind, price, shares * price / shares, buy, reach)
    if q < 0 or charges.allowed(x, full, j, q) < shares:
        return STEP_BY_STEP
    exit_ = bars[np.uintp(q), i]
    k_out = np.int64(exit_.open_value if leaves_kind == OPEN_KIND else exit_.close_value)
    held = shares if buy else -shares
    if full is not None:
        _book_leap(x, full, j, s, kind, k, held, price, q, leaves_kind, k_out, paid)
    if full is None:
        _lean_leap(x, at_j, s, k, held, price, q, k_out, paid)
        if at.accounts(x)[0].first_value >= k or at.accounts(x)[0].first_row < 0:
            begin_at(x, auctions.row_of(x, i, np.uintp(s), kind), k)
    return DONE


@tight
def begin_at(x: Run, row: int, k: int) -> None:
    """Note the first fill of a run; legs do not walk in the order of time."""
    account = at.accounts(x)[0]
    if account.first_row < 0 or row < account.first_row:
        account.first_row, account.first_value = row, k


@tight
def _lean_leap(x: Run, j: int, s: int, k: int, held: float, price: float, out: int, k_out: int, paid: float) -> None:
    """Book a plain trade where costs are shares of its value, and nothing accrues."""
    p, i, account = at.positions(x)[j], at.orders(x)[j].instrument, at.accounts(x)[0]
    buy, value, value_out, flows = held > 0.0, abs(held) * price, abs(held) * paid, at.flows(x)
    come = -(held * price) - charges.linear(x, i, s, value, buy)
    flows[np.uintp(k)] += come
    go = held * paid - charges.linear(x, i, out, value_out, not buy)
    flows[np.uintp(k_out)] += go
    account.n_fills += 2
    account.low, account.high = min(account.low, k), max(account.high, k_out)
    account.n_leapt += 1
    account.leapt = max(account.leapt, k_out)
    p.flow, p.turnover, p.n_fills, p.done = come + go, value + value_out, 2, k_out
    at.outcomes(x)[j].status = CLOSED
    sums.wait_for(x, i, held, k, k_out)


@inner
def _book_leap(
    x: Run,
    full: Flag,
    j: int,
    s: int,
    kind: int,
    k: int,
    held: float,
    price: float,
    out: int,
    out_kind: int,
    k_out: int,
    paid: float,
) -> None:
    """Book a plain trade with all that it costs and earns between entry and exit."""
    p = at.positions(x)[j]
    fills.fill(x, None, full, j, k, s, kind, held, price, ENTRY, -1)
    at.outcomes(x)[j].status = HELD
    i, n, valued = at.orders(x)[j].instrument, at.instruments(x)[at.orders(x)[j].instrument].n_sessions, k
    pays = at.bars(x)[i, s + 1].pays if s + 1 < n else n
    while pays <= out:
        paid_at = at.bars(x)[i, pays].open_value
        if paid_at > valued:
            carrying.carry(x, None, full, j, valued, paid_at - 1)
            valued = paid_at
        steps.dividend(x, None, full, j, paid_at, pays)
        pays = at.bars(x)[i, pays + 1].pays if pays + 1 < n else n
    if k_out > valued:
        carrying.carry(x, None, full, j, valued, k_out - 1)
    fills.fill(x, None, full, j, k_out, out, out_kind, -held, paid, HOLD, -1)
    p.shares = 0.0
    p.entering = False
    status.end(x, j, CLOSED, k_out)
    acc = at.accounts(x)[0]
    acc.n_leapt += 1
    acc.leapt = max(acc.leapt, k_out)

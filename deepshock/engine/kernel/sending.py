"""From decisions to orders: the queue, and what is sent at each instant."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import FAR
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import auctions, baskets, margin, status
from deepshock.engine.kernel.words import DATED, NO_MARGIN, REFUSED, SLACK, WAITING, Flag, Run


@inner
def clear(x: Run, full: Flag, j: int) -> None:
    """Put an order back to before its decision."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    hedge = o.parent >= 0
    rule = auctions.rule_of(x, j)
    u.status = REFUSED if o.refused else WAITING
    u.cause = u.exit_cause = 0
    u.tried_row = u.called = -1
    u.scale, u.rest, u.sent = 1.0, 0.0, np.nan
    p.session = FAR if hedge else o.due_session + rule.lag
    p.kind = o.due_kind
    p.last_session = o.due_session + rule.lag + rule.within - 1
    if hedge:
        p.weight = o.unit
    else:
        p.weight = o.unit * rule.gross * at.theses(x)[o.thesis].share
    p.entering = not hedge and not o.refused
    p.ready = 0
    p.offered = p.added = p.added_row = p.before_row = p.done = -1
    p.exit_session, p.exit_kind = o.exit_session, o.exit_kind
    p.exit_reason, p.exit_decided = DATED, -1
    p.leaving = p.fresh = False
    p.stop = p.target = np.nan
    p.shares = p.paid = p.notional = p.before = 0.0
    p.flow = p.turnover = p.rebate = 0.0
    p.n_fills = 0
    if full is not None:
        p.fee = p.exchange = 0.0
        p.night = -1
        p.sale_settles = p.cover_settles = 0
        p.collateral = p.borrowed = p.settled_collateral = 0.0
        if p.weight < 0.0 or hedge:
            at.ring(x)[j, :, :] = 0.0
    else:
        p.collateral = 0.0


@tight
def _ready(x: Run, j: int) -> None:
    """Put an order back to before its decision as far as a leap wants it; ``clear`` does the rest if it must."""
    at_j = np.uintp(j)
    p, o, u = at.positions(x)[at_j], at.orders(x)[at_j], at.outcomes(x)[at_j]
    u.status, p.done, p.n_fills, p.rebate, p.fresh = WAITING, -1, 0, 0.0, True
    p.weight = o.unit * auctions.rule_of(x, at_j).gross * at.theses(x)[np.uintp(o.thesis)].share


@inner
def send_batch(x: Run, book: Flag, full: Flag, first: int, end: int, k: int, nav: float) -> None:
    """Size the orders of one instant on the NAV at their decision, and cut them to what initial margin leaves."""
    acc = at.accounts(x)[0]
    scale = 1.0
    if full is not None:
        if x.has_margin and nav > 0.0:
            asked = 0.0
            for q in range(first, end):
                j = at.queue(x)[q]
                rule = auctions.rule_of(x, j)
                weight = at.orders(x)[j].unit * rule.gross * at.theses(x)[at.orders(x)[j].thesis].share
                asked += abs(weight) * (1.0 + margin.hedge_weight(x, j))
            need = x.initial * nav * asked
            available = nav - x.initial * margin.in_use(x)
            if need > available * (1.0 + SLACK):
                scale = available / need if available > SLACK * nav else 0.0
    active = acc.n_active
    for q in range(first, end):
        j = at.queue(x)[q]
        if full is None and book is None:
            _ready(x, j)
        else:
            clear(x, full, j)
            at.positions(x)[j].fresh = True
        if full is not None:
            if at.orders(x)[j].child >= 0:
                clear(x, full, at.orders(x)[j].child)
        at.outcomes(x)[j].scale, at.outcomes(x)[j].sent = scale, scale * abs(at.positions(x)[j].weight) * max(nav, 0.0)
        if scale == 0.0:
            status.end(x, j, NO_MARGIN, k + 1)
            at.positions(x)[j].entering = False
        at.active(x)[active] = j
        active += 1
    acc.n_active = active


@inner
def send(x: Run, book: Flag, full: Flag, swift: Flag, k: int) -> None:
    """Send the orders whose decision follows a valuation row, batch by batch in the order of time."""
    acc = at.accounts(x)[0]
    nav = acc.nav
    first, n = acc.n_sent, acc.n_queue
    while first < n and at.orders(x)[at.queue(x)[first]].decided_value == k:
        end, batch = first + 1, at.orders(x)[at.queue(x)[first]].batch
        while end < n and at.orders(x)[at.queue(x)[end]].batch == batch:
            end += 1
        if swift is not None:
            if full is None:
                all_now = end == n or at.orders(x)[at.queue(x)[end]].decided_value != k
                if all_now and acc.n_active == 0 and (end - first == 1 or baskets.plan_basket(x, first, end)):
                    acc.basket, acc.n_sent = first, end
                    return
        send_batch(x, book, full, first, end, k, nav)
        first = end
    acc.n_sent = first


@inner
def _is_queued(x: Run) -> bool:
    """Return whether the queue is that of a run before, of the same orders under the same lags."""
    if at.accounts(x)[0].queued != x.orders:
        return False
    for g in range(at.theses(x).shape[0]):
        if at.sleeves(x)[g].lag != at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].lag:
            return False
    return True


@inner
def _queue_up(x: Run) -> None:
    """Put the legs that are to be sent in the order of their decisions."""
    acc, n = at.accounts(x)[0], 0
    for j in range(at.orders(x).shape[0]):
        if at.orders(x)[j].parent >= 0 or at.orders(x)[j].refused:
            continue
        if (
            at.orders(x)[j].due_session + auctions.rule_of(x, j).lag
            >= at.instruments(x)[at.orders(x)[j].instrument].n_sessions
        ):
            continue
        place = n
        while place > 0 and at.orders(x)[at.queue(x)[place - 1]].batch > at.orders(x)[j].batch:
            at.queue(x)[place] = at.queue(x)[place - 1]
            place -= 1
        at.queue(x)[place] = j
        n += 1
    acc.n_queue, acc.queued = n, x.orders
    for g in range(at.theses(x).shape[0]):
        at.sleeves(x)[g].lag = at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].lag


@inner
def begin(x: Run, book: Flag, full: Flag) -> None:
    """Reset the scratch, and queue the legs."""
    acc = at.accounts(x)[0]
    if book is not None:
        for j in range(at.orders(x).shape[0]):
            clear(x, full, j)
    if not _is_queued(x):
        _queue_up(x)
    for m in range(at.paid(x).shape[0]):
        at.paid(x)[m] = 0.0
    acc.purse = acc.settled = acc.nav = acc.peak = x.capital
    acc.total = acc.squares = acc.falls = acc.exposure = 0.0
    acc.max_drawdown = acc.credit = acc.debit = acc.late = 0.0
    acc.night = acc.first_row = acc.first_value = acc.last_value = -1
    acc.n_obs = acc.n_fills = acc.n_calls = 0
    acc.settle_end = 0
    acc.turnover = acc.rebate = acc.worst_pnl = 0.0
    acc.n_legs = acc.n_hits = 0
    acc.worst, acc.basket, acc.is_open = -1, -1, False
    at.waits(x)[0].n = at.waits(x)[1].n = 0
    acc.n_active = acc.n_sent = 0
    if full is not None:
        for g in range(at.theses(x).shape[0]):
            at.sleeves(x)[g].nav = at.sleeves(x)[g].peak = at.sleeves(x)[g].own = at.theses(x)[g].share * x.capital
            at.sleeves(x)[g].stopped = False

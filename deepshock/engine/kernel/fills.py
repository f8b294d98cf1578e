"""One fill, with all that it books."""

from __future__ import annotations

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner
from deepshock.engine.kernel import auctions, cash, charges
from deepshock.engine.kernel.words import MERGER, OPEN_KIND, Flag, Run


@inner
def fill(
    x: Run,
    book: Flag,
    full: Flag,
    j: int,
    k: int,
    s: int,
    kind: int,
    delta: float,
    price: float,
    reason: int,
    decided: int,
) -> None:
    """Book one fill: the record, its costs, its cash and collateral, and the leg's P&L lines."""
    p = at.positions(x)[j]
    u = at.outcomes(x)[j]
    acc = at.accounts(x)[0]
    i = at.orders(x)[j].instrument
    row, fx, held = auctions.row_of(x, i, s, kind), 1.0, p.shares
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
    f = acc.n_fills
    acc.n_fills = f + 1
    if acc.first_row < 0 or row < acc.first_row:  # legs do not walk in the order of time
        acc.first_row, acc.first_value = row, k
    acc.low, acc.high = min(acc.low, k), max(acc.high, k)
    costs, conversion = 0.0, 0.0
    if reason < MERGER:
        costs = charges.charge(x, book, full, f, j, k, i, s, delta, price, fx)
    if held == 0.0:
        p.price, p.fx = price, fx
    else:
        cash.mark(x, book, full, j, k, price, fx)
    cash.bring(x, full, j, k, -(delta * price * fx) - costs)
    if full is not None:
        settles = np.int64(at.bars(x)[i, s].settle_open if kind == OPEN_KIND else at.bars(x)[i, s].settle_close)
        cash.settle(x, full, -costs, settles)
        if p.night < 0:
            p.night = at.row_day(x)[row] - x.day0
        conversion = cash.secure(x, book, full, j, k, delta, price, fx, settles)
    p.turnover += abs(delta) * price * fx
    p.n_fills += 1
    p.shares = held + delta
    p.seen = price
    if book is not None:
        if f < at.fills(x).shape[0]:
            at.fills(x)[f].order, at.fills(x)[f].reason, at.fills(x)[f].row, at.fills(x)[f].session = j, reason, row, s
            at.fills(x)[f].decided, at.fills(x)[f].shares, at.fills(x)[f].price, at.fills(x)[f].fx = (
                decided,
                delta,
                price,
                fx,
            )
            at.fills(x)[f].cause = u.cause if delta * held >= 0.0 else u.exit_cause
            at.fill_costs(x)[f, at.fill_costs(x).shape[1] - 1] = conversion

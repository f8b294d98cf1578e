"""Money on its way: into the account, onto the collateral, from one currency into another."""

from __future__ import annotations

from deepshock.arrays import RING
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import FX, PRICE, Flag, Run


@tight
def bring(x: Run, full: Flag, j: int, k: int, amount: float) -> None:
    """Book what an order brings into the account (takes out of it, if negative) by a valuation row."""
    at.flows(x)[k] += amount
    at.positions(x)[j].flow += amount
    if full is not None:
        if at.accounts(x)[0].stops:
            at.sleeve_flows(x)[at.orders(x)[j].thesis, k] += amount


@tight
def settle(x: Run, full: Flag, amount: float, day: int) -> None:
    """Let an amount of free cash count for interest from ``day``."""
    if full is not None:
        if x.pays_interest:
            at.settling(x)[day - x.day0] += amount
            at.accounts(x)[0].settle_end = max(at.accounts(x)[0].settle_end, day - x.day0 + 1)


@inner
def pledge(x: Run, j: int, amount: float, day: int) -> None:
    """Move an amount in local currency onto the collateral of a short; it counts from ``day``."""
    at.positions(x)[j].collateral += amount
    at.ring(x)[j, 0, (day - x.day0) % RING] += amount


@inner
def _lend(x: Run, j: int, shares: float, day: int) -> None:
    """Note shares that are on loan from ``day`` (given back, if negative)."""
    at.ring(x)[j, 1, (day - x.day0) % RING] += shares


@inner
def convert(x: Run, book: Flag, full: Flag, j: int, k: int, base: float, day: int) -> float:
    """Charge the exchange of an amount (base currency) between the leg's currency and the base; return the cost."""
    cost = at.conversion(x)[at.instruments(x)[at.orders(x)[j].instrument].currency] * abs(base)
    if cost > 0.0:
        at.paid(x)[at.paid(x).shape[0] - 1] += cost
        if book is not None:
            at.line_costs(x)[k, j, at.line_costs(x).shape[2] - 1] += cost
        bring(x, full, j, k, -cost)
        settle(x, full, -cost, day)
    return cost


@inner
def mark(x: Run, book: Flag, full: Flag, j: int, k: int, price: float, fx: float) -> None:
    """Bring a position to a new price and rate; the rate makes or loses on the collateral, which is in the account."""
    p = at.positions(x)[j]
    if book is not None:
        q = p.shares
        at.lines(x)[k, j, PRICE] += q * (price - p.price) * p.fx
        at.lines(x)[k, j, FX] += (q * price + p.collateral) * (fx - p.fx)
    if full is not None:
        if p.collateral != 0.0:
            bring(x, full, j, k, p.collateral * (fx - p.fx))
    p.price, p.fx = price, fx


@inner
def secure(
    x: Run, book: Flag, full: Flag, j: int, k: int, delta: float, price: float, fx: float, settles: int
) -> float:
    """Book the cash side of a fill: free cash, collateral, shares on loan; return what conversion costs."""
    p = at.positions(x)[j]
    value, held, free = delta * price, p.shares, 0.0
    if delta < 0.0 and held <= 0.0:  # a short sale: the proceeds stay as collateral
        pledge(x, j, -value, settles)
        _lend(x, j, -delta, settles)
        p.sale_settles = max(p.sale_settles, settles)
    elif delta > 0.0 and held < 0.0:  # a cover: paid from its part of the collateral, the rest comes home
        released = p.collateral if delta == -held else p.collateral * (delta / -held)
        free = (released - value) * fx
        pledge(x, j, -released, settles)
        _lend(x, j, -delta, settles)
        p.cover_settles = max(p.cover_settles, settles)
    else:
        free = -value * fx
    settle(x, full, free, settles)
    return convert(x, book, full, j, k, free, settles)

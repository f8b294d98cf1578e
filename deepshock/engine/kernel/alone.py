"""The one plain leg of an instant in one go, with its rows: nothing waits in arrays that only it would read."""

from __future__ import annotations

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import auctions, charges, foresight, leaps, rows, tally
from deepshock.engine.kernel.words import OPEN_KIND, Run


@inner
def trade_alone(x: Run, j: int, last: int) -> bool:
    """Trade a leg from entry to exit; return False, with nothing done, if that is not plain or not over by a row.

    All is to the bit what its steps would do.
    """
    acc, o = at.accounts(x)[0], at.orders(x)[j]
    rule, i, kind = auctions.rule_of(x, j), np.uintp(o.instrument), o.due_kind
    bars, s = at.briefs(x), np.uintp(o.due_session + rule.lag)
    first = bars[s, i]
    price, k_in = (first.open, first.open_value) if kind == OPEN_KIND else (first.close, first.close_value)
    weight = o.unit * rule.gross * at.theses(x)[o.thesis].share
    buy = weight > 0.0
    if o.lot > 0.0 or not acc.nav > 0.0 or not foresight.enters(first, o, s, price, buy, first.rough):
        return False
    shares = abs(weight) * acc.nav / price
    if not shares > 0.0:
        return False
    out, out_kind, paid = foresight.foresee(x, o, rule, s, kind, price, shares * price / shares, buy, first.rough)
    if out < 0:
        return False
    exit_ = bars[np.uintp(out), i]
    k_out = exit_.open_value if out_kind == OPEN_KIND else exit_.close_value
    if k_out <= k_in or k_out > last:
        return False
    held, value, value_out = shares if buy else -shares, shares * price, shares * paid
    come = -(held * price) - charges.linear(x, i, s, value, buy)
    go = held * paid - charges.linear(x, i, out, value_out, not buy)
    if acc.first_row < 0 or k_in <= acc.first_value:
        leaps.begin_at(x, auctions.row_of(x, i, s, kind), k_in)
    acc.n_fills += 2
    acc.leapt = max(acc.leapt, k_out)
    tally.count_leg(x, j, come + go, value + value_out)
    _make_rows(x, i, held, come, go, k_in, k_out)
    return True


@tight
def _make_rows(x: Run, i: int, held: float, come: float, go: float, k_in: int, k_out: int) -> None:
    """Make NAV and figures of the valuation rows from entry to exit."""
    acc, prices = at.accounts(x)[0], at.worth(x)[i]
    shares, sums = abs(held), rows.sums_of(x)
    purse, flow, prev, inverse, of_peak = acc.purse, come, acc.nav, 1.0 / acc.nav, 1.0 / acc.peak
    for k in range(np.uintp(k_in), np.uintp(k_out)):
        value = shares * prices[k]
        nav = purse + flow + (value if held > 0.0 else -value)
        purse, flow = purse + flow, 0.0
        sums, inverse, of_peak = rows.count_row(sums, nav, prev, value, 0.0, inverse, of_peak)
        prev = nav
    nav = purse + go
    sums, inverse, of_peak = rows.count_row(sums, nav, prev, 0.0, 0.0, inverse, of_peak)
    acc.purse, acc.nav = purse + go, nav
    rows.keep_sums(x, sums)

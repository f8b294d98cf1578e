"""The kernel: arrays in, book out. It decides nothing that the plan could decide, raises nothing, allocates nothing.

Shape. Time advances by valuation rows. Between two of them each order walks the auctions of its own venue, alone:
legs do not see each other there, because sizes are fixed at the decision and cash is only counted on valuation rows.
What couples legs (interest on shared cash, collateral, NAV, thesis-level stops) happens on the valuation row, in
``_value``. Hedges stand after their leg, so a walk in order of index sees the leg's fill first. Rows on which nothing
is due and nothing is held are never visited.

Long signatures are deliberate: handing one tuple of everything from function to function reads better, but each look
into it counts the references of all arrays. It made a run of six legs 1.7 times slower and the first compile three
seconds longer.

The rules are in docs/rules.md; the slow twin that checks every line is tests/reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from deepshock.arrays import Book, Cause, Component, Money, Orders, Reason, State, Status, Tape, Terms

FAR = np.int64(1) << 40  # a session or day that never comes
OPEN_KIND, CLOSE_KIND = 0, 1

# numba reads module-level ints as constants; IntEnum members would each cost a type of their own.
ENTRY, HOLD, DATED, STOP = int(Reason.ENTRY), int(Reason.HOLD), int(Reason.DATED), int(Reason.STOP)
TARGET, TRAILING, DRAWDOWN = int(Reason.TARGET), int(Reason.TRAILING), int(Reason.DRAWDOWN)
HEDGE, HEDGE_EXIT = int(Reason.HEDGE), int(Reason.HEDGE_EXIT)
WAITING, HELD, CLOSED, EXPIRED = int(Status.WAITING), int(Status.OPEN), int(Status.CLOSED), int(Status.EXPIRED)
EXIT_FIRST, ROUNDED_AWAY, CANCELLED = int(Status.EXIT_FIRST), int(Status.ROUNDED_AWAY), int(Status.CANCELLED)
NO_CAPITAL, REFUSED = int(Status.NO_CAPITAL), int(Status.REFUSED)
NO_PRICE, HALT, LIMIT = int(Cause.NO_PRICE), int(Cause.HALT), int(Cause.LIMIT)
PRICE, FX, DIVIDEND, REBATE = int(Component.PRICE), int(Component.FX), int(Component.DIVIDEND), int(Component.REBATE)


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    """Compile with the disk cache where the install folder can hold one; a read-only install compiles in memory."""
    try:
        return numba.njit(cache=True, error_model="numpy", **options)(function)
    except RuntimeError:  # "no locator available": nowhere to write
        return numba.njit(error_model="numpy", **options)(function)


def _inner(function: Callable[..., Any]) -> Any:
    """Compile a function that only the kernel calls, without wrappers for Python: they took a third of the time."""
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@_inner
def _row(tape: Tape, i: int, s: int, kind: int) -> int:
    return tape.bar[i, s].open_row if kind == OPEN_KIND else tape.bar[i, s].close_row


@_inner
def _refuses(tape: Tape, i: int, s: int, price: float, buy: bool) -> int:
    """Return why an auction at this price does not fill, 0 if it does."""
    if tape.bar[i, s].halted:
        return HALT
    if math.isnan(price):
        return NO_PRICE
    if (buy and price >= tape.bar[i, s].upper) or (not buy and price <= tape.bar[i, s].lower):
        return LIMIT
    return 0


@_inner
def _tick(tape: Tape, i: int, s: int, traded_price: float) -> float:
    ladder = tape.bar[i, s].ladder
    step = 0
    while traded_price > tape.tick[ladder, step].edge:
        step += 1
    return tape.tick[ladder, step].step


@_inner
def _rounded(amount: float, unit: float, up: bool) -> float:
    """Round a tax to its unit; the quotient carries 1e-9 so that float noise never costs a unit."""
    if unit <= 0.0:
        return amount
    n = amount / unit
    return (math.ceil(n - 1e-9) if up else math.floor(n + 0.5 + 1e-9)) * unit


@_inner
def _term(
    terms: Terms, t: int, value: float, shares: float, traded: float, tick: float, sigma: float, volume: float
) -> float:
    """Return one cost term of one fill in local currency; an unknown sigma or volume costs nothing and is warned of."""
    amount = max(terms.row[t].of_value * value, terms.row[t].of_tick * tick * traded)
    if not math.isnan(sigma):
        amount = max(amount, terms.row[t].of_sigma * sigma * value)
        if terms.row[t].impact > 0.0 and not math.isnan(volume) and volume > 0.0:
            amount += terms.row[t].impact * sigma * value * math.sqrt(shares / volume)
    amount += terms.row[t].per_share * traded + terms.row[t].fixed
    amount = min(max(amount, terms.row[t].least), terms.row[t].most)
    return _rounded(amount, terms.row[t].round_to, terms.row[t].round_up)


@_inner
def _charge(
    tape: Tape, terms: Terms, book: Book, f: int, i: int, s: int, delta: float, price: float, fx: float
) -> float:
    """Write the trade costs of fill ``f`` by item and return their sum in base currency."""
    buy, shares = delta > 0.0, abs(delta)
    split = tape.bar[i, s].later_splits
    traded, value = shares / split, shares * price
    tick = _tick(tape, i, s, price * split)
    total = 0.0
    for t in range(terms.start[i], terms.start[i + 1]):
        if terms.row[t].first <= s < terms.row[t].last and (terms.row[t].buy if buy else terms.row[t].sell):
            paid = fx * _term(terms, t, value, shares, traded, tick, tape.bar[i, s].sigma, tape.bar[i, s].volume)
            book.fill_cost[f, terms.row[t].item] += paid
            total += paid
    return total


@_inner
def _flow(tape: Tape, st: State, amount: float, day: int) -> None:
    """Book an amount of free cash now; it counts for interest from ``day``."""
    st.cash[0] += amount
    st.settling_cash[day - tape.day0] += amount


@_inner
def _pledge(tape: Tape, st: State, j: int, amount: float, day: int) -> None:
    """Move an amount in local currency onto the collateral of a short; it counts from ``day``."""
    st.leg[j].collateral += amount
    st.settling_collateral[j, day - tape.day0] += amount


@_inner
def _convert(
    orders: Orders, money: Money, tape: Tape, book: Book, st: State, j: int, k: int, base: float, day: int
) -> float:
    """Charge the exchange of an amount (base currency) between the leg's currency and the base; return the cost."""
    cost = money.conversion[tape.instrument[orders.leg[j].instrument].currency] * abs(base)
    if cost > 0.0:
        book.line_cost[k, j, book.line_cost.shape[2] - 1] += cost
        _flow(tape, st, -cost, day)
    return cost


@_inner
def _mark(book: Book, st: State, j: int, k: int, price: float, fx: float) -> None:
    """Bring a leg's P&L lines to a new price and rate: the price at the old rate, the rate on all that is held."""
    q = st.leg[j].shares
    book.line[k, j, PRICE] += q * (price - st.leg[j].price) * st.leg[j].fx
    book.line[k, j, FX] += (q * price + st.leg[j].collateral) * (fx - st.leg[j].fx)
    st.leg[j].price, st.leg[j].fx = price, fx


@_inner
def _fill(
    tape: Tape,
    orders: Orders,
    terms: Terms,
    money: Money,
    st: State,
    book: Book,
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
    i = orders.leg[j].instrument
    row = _row(tape, i, s, kind)
    fx = tape.fx[tape.instrument[i].currency, row]
    settles = tape.bar[i, s].settle_open if kind == OPEN_KIND else tape.bar[i, s].settle_close
    f = book.size[0]
    book.size[0] = f + 1
    book.fill[f].order, book.fill[f].reason, book.fill[f].row, book.fill[f].session = j, reason, row, s
    book.fill[f].decided, book.fill[f].shares, book.fill[f].price, book.fill[f].fx = decided, delta, price, fx
    night = tape.row_day[row] - tape.day0
    if st.night[0] < 0 or (book.size[1] < 0 and night < st.night[0]):
        st.night[0] = night  # the first fill of the run starts the interest; legs do not walk in the order of time
    total = _charge(tape, terms, book, f, i, s, delta, price, fx)
    for m in range(book.fill_cost.shape[1]):
        book.line_cost[k, j, m] += book.fill_cost[f, m]
    _flow(tape, st, -total, settles)
    value = delta * price
    opening = st.leg[j].shares == 0.0
    if opening:
        st.leg[j].price, st.leg[j].fx = price, fx
    else:
        _mark(book, st, j, k, price, fx)
    exchanged = 0.0
    if delta < 0.0 and opening:  # a short sale: the proceeds stay as collateral
        _pledge(tape, st, j, -value, settles)
        st.leg[j].borrowed, st.leg[j].sale_settles, st.leg[j].cover_settles = -delta, settles, FAR
    elif delta > 0.0 and not opening:  # a cover: paid from the collateral, the rest comes home
        exchanged = (st.leg[j].collateral - value) * fx
        _pledge(tape, st, j, -st.leg[j].collateral, settles)
        st.leg[j].cover_settles = settles
    else:
        exchanged = -value * fx
    _flow(tape, st, exchanged, settles)
    book.fill_cost[f, book.fill_cost.shape[1] - 1] = _convert(orders, money, tape, book, st, j, k, exchanged, settles)
    st.leg[j].shares += delta


@_inner
def _next_auction(tape: Tape, i: int, row: int, strict: bool) -> int:
    """Return the first auction of an instrument at or after (strictly after) a row, coded 2 s + kind; 2 n if none."""
    n = tape.instrument[i].n_sessions
    low, high = 0, n  # first session whose close comes late enough
    while low < high:
        middle = (low + high) // 2
        late = tape.bar[i, middle].close_row > row if strict else tape.bar[i, middle].close_row >= row
        if late:
            high = middle
        else:
            low = middle + 1
    if low == n:
        return 2 * n
    first = tape.bar[i, low].open_row
    return 2 * low + (OPEN_KIND if (first > row if strict else first >= row) else CLOSE_KIND)


@_inner
def _send_hedges(tape: Tape, orders: Orders, st: State, j: int, row: int) -> None:
    """A leg filled: its hedges become due at their first auction after it."""
    for h in range(j + 1, orders.leg.shape[0]):
        if orders.leg[h].parent == j:
            code = _next_auction(tape, orders.leg[h].instrument, row, True)
            st.leg[h].session, st.leg[h].kind = code // 2, code % 2


@_inner
def _recall_hedges(tape: Tape, orders: Orders, st: State, book: Book, j: int, row: int, planned: bool) -> None:
    """A leg closed: its hedges close with it, at the same auction if its exit came as scheduled, else at the next."""
    for h in range(j + 1, orders.leg.shape[0]):
        if orders.leg[h].parent != j:
            continue
        if book.leg[h].status == HELD or (
            book.leg[h].status == WAITING and st.leg[h].session < tape.instrument[orders.leg[h].instrument].n_sessions
        ):
            code = _next_auction(tape, orders.leg[h].instrument, row, not planned)
            st.leg[h].exit_session, st.leg[h].exit_kind, st.leg[h].exit_reason = code // 2, code % 2, HEDGE_EXIT
            st.leg[h].exit_decided = -1 if planned else row
        elif book.leg[h].status == WAITING:
            book.leg[h].status = CANCELLED


@_inner
def _size(
    tape: Tape, orders: Orders, money: Money, st: State, book: Book, j: int, s: int, price: float, fx: float
) -> float:
    """Return the signed shares of an entry, rounded toward zero to lots of traded shares; nan without capital."""
    i = orders.leg[j].instrument
    if orders.leg[j].parent >= 0:
        notional = orders.leg[j].weight * abs(st.leg[orders.leg[j].parent].notional)
    else:
        k = orders.leg[j].decided_value
        nav = book.nav[k] if k >= 0 else money.capital
        if nav <= 0.0:
            return np.nan
        notional = orders.leg[j].weight * nav
    shares = notional / (price * fx)
    lot, split = orders.leg[j].lot, tape.bar[i, s].later_splits
    if lot > 0.0:
        lots = math.floor(abs(shares) / split / lot * (1.0 + 1e-9))
        shares = math.copysign(lots * lot * split, shares)
    return shares


@_inner
def _enter(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Try to fill an entry at one auction."""
    i = orders.leg[j].instrument
    hedge = orders.leg[j].parent >= 0
    if st.leg[j].exit_session >= 0 and 2 * s + kind >= 2 * st.leg[j].exit_session + st.leg[j].exit_kind:
        book.leg[j].status = CANCELLED if hedge else EXIT_FIRST
        return
    price = tape.bar[i, s].open if kind == OPEN_KIND else tape.bar[i, s].close
    cause = _refuses(tape, i, s, price, orders.leg[j].weight > 0.0)
    row = _row(tape, i, s, kind)
    if cause != 0:
        book.leg[j].cause |= cause
        book.leg[j].tried_row = row
        return
    delta = _size(tape, orders, money, st, book, j, s, price, tape.fx[tape.instrument[i].currency, row])
    if math.isnan(delta) or delta == 0.0:
        book.leg[j].status = NO_CAPITAL if math.isnan(delta) else ROUNDED_AWAY
        return
    decided = book.leg[j].tried_row
    if hedge and decided < 0:
        decided = st.leg[orders.leg[j].parent].entry_row
    _fill(tape, orders, terms, money, st, book, j, k, s, kind, delta, price, HEDGE if hedge else ENTRY, decided)
    book.leg[j].status = HELD
    st.leg[j].entry_session, st.leg[j].entry_kind, st.leg[j].entry_row = s, kind, row
    st.leg[j].notional = delta * price * st.leg[j].fx
    side = math.copysign(1.0, delta)
    st.leg[j].stop = price * (1.0 - side * orders.leg[j].stop)
    st.leg[j].target = price * (1.0 + side * orders.leg[j].target)
    st.leg[j].best = price
    if orders.leg[j].hold >= 0:
        held = s + orders.leg[j].hold
        # a dated exit at the very same close is the same exit; the hold names it
        if st.leg[j].exit_session < 0 or 2 * held + CLOSE_KIND <= 2 * st.leg[j].exit_session + st.leg[j].exit_kind:
            st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = held, CLOSE_KIND, HOLD
    _send_hedges(tape, orders, st, j, row)


@_inner
def _leave(
    tape: Tape,
    orders: Orders,
    terms: Terms,
    money: Money,
    st: State,
    book: Book,
    j: int,
    k: int,
    s: int,
    kind: int,
    price: float,
    reason: int,
    decided: int,
    planned: bool,
) -> None:
    """Close the whole position of an order."""
    _fill(tape, orders, terms, money, st, book, j, k, s, kind, -st.leg[j].shares, price, reason, decided)
    st.leg[j].shares = 0.0
    book.leg[j].status = CLOSED
    _recall_hedges(tape, orders, st, book, j, _row(tape, orders.leg[j].instrument, s, kind), planned)


@_inner
def _leave_if_due(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Try to fill an exit that is due at this auction, or carried to it."""
    due = 2 * st.leg[j].exit_session + st.leg[j].exit_kind
    if st.leg[j].exit_session < 0 or 2 * s + kind < due:
        return
    i = orders.leg[j].instrument
    price = tape.bar[i, s].open if kind == OPEN_KIND else tape.bar[i, s].close
    cause = _refuses(tape, i, s, price, st.leg[j].shares < 0.0)
    if cause != 0:
        book.leg[j].exit_cause |= cause
        st.leg[j].exit_decided = _row(tape, i, s, kind)
        return
    planned = 2 * s + kind == due and st.leg[j].exit_decided < 0
    _leave(
        tape,
        orders,
        terms,
        money,
        st,
        book,
        j,
        k,
        s,
        kind,
        price,
        st.leg[j].exit_reason,
        st.leg[j].exit_decided,
        planned,
    )


@_inner
def _trigger(tape: Tape, orders: Orders, st: State, j: int, s: int) -> tuple[int, float]:
    """Return the reason (-1: none) and the price of a stop or target in a session with high and low.

    The open is tested first, because it comes first; then the stop before the target, because the bar does not say
    which came first.
    """
    i, side = orders.leg[j].instrument, 1.0 if st.leg[j].shares > 0.0 else -1.0
    stop, reason = _stop_level(orders, st, j, side)
    target = st.leg[j].target
    first = tape.bar[i, s].open
    if not math.isnan(first) and not (st.leg[j].entry_session == s and st.leg[j].entry_kind == OPEN_KIND):
        if side * first <= side * stop:
            return reason, first
        if side * first >= side * target:
            return TARGET, first
    worst, best = (tape.bar[i, s].low, tape.bar[i, s].high) if side > 0.0 else (tape.bar[i, s].high, tape.bar[i, s].low)
    if side * worst <= side * stop:
        return reason, stop
    if side * best >= side * target:
        return TARGET, target
    return -1, np.nan


@_inner
def _stop_level(orders: Orders, st: State, j: int, side: float) -> tuple[float, int]:
    """Return the tighter of the fixed and the trailing stop; nan never triggers, as comparisons with it are false."""
    trailing = st.leg[j].best * (1.0 - side * orders.leg[j].trailing)
    if math.isnan(st.leg[j].stop) or side * trailing > side * st.leg[j].stop:
        return trailing, TRAILING
    return st.leg[j].stop, STOP


@_inner
def _guard(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int
) -> None:
    """Test the stops and targets of one session, on its close row."""
    i, side = orders.leg[j].instrument, 1.0 if st.leg[j].shares > 0.0 else -1.0
    if not (math.isnan(tape.bar[i, s].high) or math.isnan(tape.bar[i, s].low)):
        reason, price = _trigger(tape, orders, st, j, s)
        if reason < 0:
            return
        cause = _refuses(tape, i, s, price, side < 0.0)
        if cause == 0:
            decided = max(tape.bar[i, s].open_row - 1, st.leg[j].entry_row)
            _leave(tape, orders, terms, money, st, book, j, k, s, CLOSE_KIND, price, reason, decided, False)
        else:  # locked against it: on to this session's close, and further
            book.leg[j].exit_cause |= cause
            st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = s, CLOSE_KIND, reason
            st.leg[j].exit_decided = max(tape.bar[i, s].open_row, st.leg[j].entry_row)
        return
    stop, reason = _stop_level(orders, st, j, side)
    last = tape.bar[i, s].close
    if side * last >= side * st.leg[j].target:
        reason = TARGET
    elif not side * last <= side * stop:
        return
    st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = s + 1, OPEN_KIND, reason
    st.leg[j].exit_decided = tape.bar[i, s].close_row


@_inner
def _trail(tape: Tape, st: State, j: int, i: int, s: int) -> None:
    """Let a completed session move the best price since entry."""
    if st.leg[j].shares > 0.0:
        best = tape.bar[i, s].close if math.isnan(tape.bar[i, s].high) else tape.bar[i, s].high
        if best > st.leg[j].best:
            st.leg[j].best = best
    else:
        best = tape.bar[i, s].close if math.isnan(tape.bar[i, s].low) else tape.bar[i, s].low
        if best < st.leg[j].best:
            st.leg[j].best = best


@_inner
def _dividend(tape: Tape, orders: Orders, money: Money, st: State, book: Book, j: int, k: int, s: int) -> None:
    """Pay the dividend of a position held before the ex-date's open."""
    i = orders.leg[j].instrument
    if tape.bar[i, s].dividend == 0.0:
        return
    row = tape.bar[i, s].open_row
    amount = st.leg[j].shares * tape.bar[i, s].dividend * tape.fx[tape.instrument[i].currency, row]
    if amount > 0.0:
        amount *= 1.0 - orders.leg[j].withholding
    book.line[k, j, DIVIDEND] += amount
    _flow(tape, st, amount, tape.row_day[row])
    _convert(orders, money, tape, book, st, j, k, amount, tape.row_day[row])


@_inner
def _hold_session(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """One auction of an open position: dividend and exits at the open; stops, exits and the trail at the close."""
    i = orders.leg[j].instrument
    if kind == OPEN_KIND:
        _dividend(tape, orders, money, st, book, j, k, s)
        _leave_if_due(tape, orders, terms, money, st, book, j, k, s, kind)
        return
    carried = st.leg[j].exit_session >= 0 and 2 * st.leg[j].exit_session + st.leg[j].exit_kind < 2 * s + CLOSE_KIND
    if not tape.bar[i, s].halted and not carried:
        _guard(tape, orders, terms, money, st, book, j, k, s)
    if book.leg[j].status == HELD:
        _leave_if_due(tape, orders, terms, money, st, book, j, k, s, kind)
    if book.leg[j].status == HELD and not tape.bar[i, s].halted:
        _trail(tape, st, j, i, s)


@_inner
def _walk(tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int) -> None:
    """Let one order live through the auctions of its instrument up to a valuation row."""
    i, last_row = orders.leg[j].instrument, tape.value[k].row
    while book.leg[j].status == WAITING or book.leg[j].status == HELD:
        s, kind = st.leg[j].session, st.leg[j].kind
        if s >= tape.instrument[i].n_sessions or _row(tape, i, s, kind) > last_row:
            return
        if book.leg[j].status == HELD:
            _hold_session(tape, orders, terms, money, st, book, j, k, s, kind)
        else:
            if s > orders.leg[j].last_session and orders.leg[j].parent < 0:  # a hedge waits as long as its leg is open
                book.leg[j].status = EXPIRED
                return
            _enter(tape, orders, terms, money, st, book, j, k, s, kind)
        st.leg[j].session, st.leg[j].kind = (s, CLOSE_KIND) if kind == OPEN_KIND else (s + 1, OPEN_KIND)


@_inner
def _night(tape: Tape, money: Money, orders: Orders, st: State, book: Book, j: int, k: int, n: int) -> None:
    """Charge one order's borrow and pay its rebate for the night of day ``n``, at the rate of the valuation row."""
    i = orders.leg[j].instrument
    c = tape.instrument[i].currency
    fx = tape.fx[c, tape.value[k].row]
    day = tape.day0 + n
    st.leg[j].settled_collateral += st.settling_collateral[j, n]
    if not st.leg[j].sale_settles <= day < st.leg[j].cover_settles:
        return
    if money.interest and not math.isnan(money.rebate):
        paid = fx * st.leg[j].settled_collateral * (tape.policy[c, n] + money.rebate) / tape.day_count[c]
        book.line[k, j, REBATE] += paid
        _flow(tape, st, paid, tape.value[k].day)
    if orders.leg[j].borrow_rate > 0.0:
        # dates after the last row are booked on it, and may use no close that it does not know
        known = min(n, tape.value[k].day - tape.day0 + 1)
        fee = fx * st.leg[j].borrowed * tape.borrow_value[i, known] * orders.leg[j].borrow_rate / 360.0
        book.line_cost[k, j, book.line_cost.shape[2] - 2] += fee
        _flow(tape, st, -fee, tape.value[k].day)


@_inner
def _nights(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> None:
    """Pay the interest of the nights since the valuation row before, on the balances of each night."""
    for n in range(st.night[0], tape.value[k].day - tape.day0):
        st.cash[1] += st.settling_cash[n]
        balance = st.cash[1]
        if money.interest:
            if balance > 0.0:
                rate = max(tape.policy[0, n] + money.credit, money.credit_floor)
                paid = balance * rate / tape.day_count[0]
                book.interest[k, 0] += paid
            else:
                paid = balance * (tape.policy[0, n] + money.debit) / tape.day_count[0]
                book.interest[k, 1] += paid
            _flow(tape, st, paid, tape.value[k].day)
        for j in range(orders.leg.shape[0]):
            if st.leg[j].borrowed > 0.0:
                _night(tape, money, orders, st, book, j, k, n)
    st.night[0] = max(st.night[0], tape.value[k].day - tape.day0)


@_inner
def _last_nights(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> None:
    """Book what covers that settle after the last valuation row still cost and earn."""
    for j in range(orders.leg.shape[0]):
        if st.leg[j].borrowed > 0.0 and st.leg[j].cover_settles < FAR:
            for n in range(tape.value[k].day - tape.day0, st.leg[j].cover_settles - tape.day0):
                _night(tape, money, orders, st, book, j, k, n)


@_inner
def _true_up(tape: Tape, orders: Orders, money: Money, st: State, book: Book, j: int, k: int) -> None:
    """Set the collateral of a short to the position's value; the difference is exchanged with free cash."""
    difference = -st.leg[j].shares * st.leg[j].price - st.leg[j].collateral
    day = max(tape.value[k].day, st.leg[j].sale_settles)
    _pledge(tape, st, j, difference, day)
    _flow(tape, st, -difference * st.leg[j].fx, day)
    _convert(orders, money, tape, book, st, j, k, difference * st.leg[j].fx, day)


@_inner
def _value(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> None:
    """The work of a valuation row: interest and borrow, marks, collateral, NAV."""
    _nights(tape, orders, money, st, book, k)
    held = 0.0
    for j in range(orders.leg.shape[0]):
        if book.leg[j].status == HELD:
            i = orders.leg[j].instrument
            _mark(book, st, j, k, tape.mark[i, k], tape.fx[tape.instrument[i].currency, tape.value[k].row])
            if st.leg[j].shares < 0.0:
                _true_up(tape, orders, money, st, book, j, k)
            held += (st.leg[j].shares * st.leg[j].price + st.leg[j].collateral) * st.leg[j].fx
    book.nav[k] = st.cash[0] + held


@_inner
def _groups(orders: Orders, st: State, book: Book, k: int) -> None:
    """Bring each thesis's own NAV up to a valuation row: its legs' lines and its share of the account's interest."""
    for g in range(orders.thesis.shape[0]):
        st.thesis[g].nav += orders.thesis[g].share * (book.interest[k, 0] + book.interest[k, 1])
    for j in range(orders.leg.shape[0]):
        for c in range(book.line.shape[2]):
            st.thesis[orders.leg[j].thesis].nav += book.line[k, j, c]
        for m in range(book.line_cost.shape[2]):
            st.thesis[orders.leg[j].thesis].nav -= book.line_cost[k, j, m]


@_inner
def _stop_theses(tape: Tape, orders: Orders, st: State, book: Book, k: int) -> None:
    """Close every leg of a thesis whose drawdown reached its limit, at each leg's next auction."""
    for g in range(orders.thesis.shape[0]):
        st.thesis[g].peak = max(st.thesis[g].peak, st.thesis[g].nav)
        if not st.thesis[g].nav / st.thesis[g].peak - 1.0 <= -orders.thesis[g].drawdown:
            continue
        for j in range(orders.leg.shape[0]):
            if orders.leg[j].thesis != g:
                continue
            if book.leg[j].status == WAITING:
                book.leg[j].status = CANCELLED
            overdue = st.leg[j].exit_session >= 0 and (
                2 * st.leg[j].exit_session + st.leg[j].exit_kind < 2 * st.leg[j].session + st.leg[j].kind
                or st.leg[j].exit_decided >= 0
            )
            if book.leg[j].status == HELD and orders.leg[j].parent < 0 and not overdue:  # a hedge closes with its leg
                st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = (
                    st.leg[j].session,
                    st.leg[j].kind,
                    DRAWDOWN,
                )
                st.leg[j].exit_decided = tape.value[k].row


@_inner
def _begin(tape: Tape, orders: Orders, money: Money, st: State, book: Book) -> int:
    """Reset the scratch and return the first valuation row on which anything can have happened."""
    first_row = FAR
    for j in range(orders.leg.shape[0]):
        i = orders.leg[j].instrument
        hedge = orders.leg[j].parent >= 0
        book.leg[j].status = REFUSED if orders.leg[j].refused else WAITING
        book.leg[j].tried_row = -1
        st.leg[j].session = FAR if hedge else orders.leg[j].due_session
        st.leg[j].kind = orders.leg[j].due_kind
        st.leg[j].exit_session, st.leg[j].exit_kind = orders.leg[j].exit_session, orders.leg[j].exit_kind
        st.leg[j].exit_reason, st.leg[j].exit_decided, st.leg[j].cover_settles = DATED, -1, FAR
        st.leg[j].shares = st.leg[j].collateral = st.leg[j].borrowed = st.leg[j].settled_collateral = 0.0
        st.settling_collateral[j, :] = 0.0
        if not orders.leg[j].refused and not hedge and st.leg[j].session < tape.instrument[i].n_sessions:
            first_row = min(first_row, _row(tape, i, st.leg[j].session, st.leg[j].kind))
    book.size[0], book.size[1], book.size[2] = 0, -1, -1
    for written in (book.fill_cost, book.interest):
        written[:] = 0.0
    for written in (book.line, book.line_cost):
        written[:] = 0.0
    st.settling_cash[:] = 0.0
    st.cash[0] = st.cash[1] = money.capital
    st.night[0] = -1
    for g in range(orders.thesis.shape[0]):
        st.thesis[g].nav = st.thesis[g].peak = orders.thesis[g].share * money.capital
    k = 0
    while k < tape.value.shape[0] and tape.value[k].row < first_row:
        book.nav[k] = money.capital
        k += 1
    return k


@_inner
def _over(orders: Orders, book: Book) -> bool:
    """Return whether nothing is open and no leg waits; a hedge that waits when its leg is gone will not be sent."""
    for j in range(orders.leg.shape[0]):
        if book.leg[j].status == HELD or (book.leg[j].status == WAITING and orders.leg[j].parent < 0):
            return False
    return True


@_compile
def simulate(tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book) -> None:
    """Run one account through the market and write its book.

    Parameters
    ----------
    tape, orders, terms, money : Tape, Orders, Terms, Money
        Read only. Shapes and units stand with each field.
    st : State
        Scratch, any content.
    book : Book
        Written; fresh from ``empty_book``. ``size`` holds the number of fills and the valuation rows of the first
        fill and of the end (-1 if nothing filled).
    """
    k = _begin(tape, orders, money, st, book)
    while k < tape.value.shape[0]:
        book.nav[k] = money.capital
        for j in range(orders.leg.shape[0]):
            _walk(tape, orders, terms, money, st, book, j, k)
        if book.size[0] > 0:
            if book.size[1] < 0:
                book.size[1] = k
            book.size[2] = k
            _value(tape, orders, money, st, book, k)
            _groups(orders, st, book, k)
            _stop_theses(tape, orders, st, book, k)
            over = _over(orders, book)
            if over or k == tape.value.shape[0] - 1:
                before = st.cash[0]
                _last_nights(tape, orders, money, st, book, k)
                book.nav[k] += st.cash[0] - before
            if over:
                return
        elif _over(orders, book):
            return
        k += 1

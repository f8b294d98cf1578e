"""The kernel: arrays in, book out. It decides nothing that the plan could decide, raises nothing, allocates nothing.

Shape. Time advances by valuation rows. Between two of them each leg walks the auctions of its own venue, alone or
with its hedge: legs do not see each other there, because sizes are fixed at the decision and cash is only counted on
valuation rows. What couples legs (interest on shared cash, collateral, NAV, thesis-level stops, margin) happens on the
valuation row, in ``_value`` and after it. Rows on which nothing is due and nothing is held are never visited.

The rules are in docs/rules.md; the slow twin that checks every line is tests/reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from deepshock.arrays import (
    FAR,
    Book,
    Cause,
    Component,
    Lendable,
    Money,
    Orders,
    Reason,
    State,
    Status,
    Tape,
    Terms,
    Uptick,
)

OPEN_KIND, CLOSE_KIND = 0, 1
AS_PLANNED, LATE, AT_LEVEL = 0, 1, 2  # how a leg left: at the auction that its plan names, at another, at a level

# numba reads module-level ints as constants; IntEnum members would each cost a type of their own.
ENTRY, HOLD, DATED, STOP = int(Reason.ENTRY), int(Reason.HOLD), int(Reason.DATED), int(Reason.STOP)
TARGET, TRAILING, DRAWDOWN = int(Reason.TARGET), int(Reason.TRAILING), int(Reason.DRAWDOWN)
HEDGE, HEDGE_EXIT = int(Reason.HEDGE), int(Reason.HEDGE_EXIT)
RECALL, MARGIN_CALL = int(Reason.RECALL), int(Reason.MARGIN_CALL)
MERGER, DELISTING = int(Reason.MERGER), int(Reason.DELISTING)
WAITING, HELD, CLOSED, EXPIRED = int(Status.WAITING), int(Status.OPEN), int(Status.CLOSED), int(Status.EXPIRED)
EXIT_FIRST, ROUNDED_AWAY, CANCELLED = int(Status.EXIT_FIRST), int(Status.ROUNDED_AWAY), int(Status.CANCELLED)
NO_CAPITAL, REFUSED, NO_MARGIN = int(Status.NO_CAPITAL), int(Status.REFUSED), int(Status.NO_MARGIN)
NO_PRICE, HALT, LIMIT, UPTICK = int(Cause.NO_PRICE), int(Cause.HALT), int(Cause.LIMIT), int(Cause.UPTICK)
BORROW, DESIGNATED, PARTICIPATION = int(Cause.BORROW), int(Cause.DESIGNATED), int(Cause.PARTICIPATION)
RESALE, GONE = int(Cause.RESALE), int(Cause.GONE)
UNLISTED, UNLENDABLE, NOT_DESIGNATED = int(Lendable.UNLISTED), int(Lendable.NO), int(Lendable.NOT_DESIGNATED)
WAIT, IGNORE = int(Uptick.WAIT), int(Uptick.IGNORE)
PRICE, FX, DIVIDEND, REBATE = int(Component.PRICE), int(Component.FX), int(Component.DIVIDEND), int(Component.REBATE)

TICK_TOLERANCE = 1e-4  # within which two traded prices are one
SLACK = 1e-9  # relative, of lots and margin


# The kernel allocates nothing, so numba need not count references: counting them on each call took nine tenths of the
# time of a run.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}


def _compile(function: Callable[..., Any], **options: Any) -> Any:
    """Compile with the disk cache where the install folder can hold one; a read-only install compiles in memory."""
    try:
        return numba.njit(cache=True, **OPTIONS, **options)(function)
    except RuntimeError:  # "no locator available": nowhere to write
        return numba.njit(**OPTIONS, **options)(function)


def _inner(function: Callable[..., Any]) -> Any:
    """Compile a function that only the kernel calls, without wrappers for Python: they took a third of the time."""
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@_inner
def _row(tape: Tape, i: int, s: int, kind: int) -> int:
    return tape.bar[i, s].open_row if kind == OPEN_KIND else tape.bar[i, s].close_row


@_inner
def _too_late(tape: Tape, decided: int, row: int) -> bool:
    """Return whether a row is at the very instant of the row of a decision, and so can't act on it."""
    return decided == row - 1 and tape.row_twin[row]


@_inner
def _refuses(tape: Tape, i: int, s: int, price: float, buy: bool) -> int:
    """Return why an auction at this price does not fill, 0 if it does."""
    if s >= tape.instrument[i].final_session:
        return GONE
    if tape.bar[i, s].halted:
        return HALT
    if math.isnan(price):
        return NO_PRICE
    if (buy and price >= tape.bar[i, s].upper) or (not buy and price <= tape.bar[i, s].lower):
        return LIMIT
    return 0


@_inner
def _refuses_short(tape: Tape, orders: Orders, st: State, j: int, i: int, s: int, kind: int, price: float) -> int:
    """Return what keeps an order from being sold short at an auction with this price, 0 if nothing does.

    A restricted open leaves the order at its offer for the session.
    """
    lendable = tape.bar[i, s].lendable
    if lendable == NOT_DESIGNATED:
        return DESIGNATED
    if lendable == UNLENDABLE or (lendable == UNLISTED and orders.leg[j].unlendable):
        return BORROW
    offer = tape.bar[i, s].offer_open if kind == OPEN_KIND else tape.bar[i, s].offer_close
    if orders.leg[j].uptick == IGNORE or offer == -np.inf:
        return 0
    if orders.leg[j].uptick == WAIT:
        return UPTICK
    if (price - offer) * tape.bar[i, s].later_splits >= -TICK_TOLERANCE:
        return 0
    if kind == OPEN_KIND:
        st.leg[j].offered = s
    return UPTICK


@_inner
def _refuses_exit(tape: Tape, orders: Orders, st: State, j: int, s: int, price: float) -> int:
    """Return why a position can't be closed at this price, 0 if it can."""
    i, buy = orders.leg[j].instrument, st.leg[j].shares < 0.0
    cause = _refuses(tape, i, s, price, buy)
    if cause == 0 and not buy and tape.instrument[i].resale and st.leg[j].added // 2 == s:
        return RESALE
    return cause


@_inner
def _whole_lots(tape: Tape, orders: Orders, j: int, s: int, shares: float) -> float:
    """Round adjusted shares down to lots of traded shares."""
    lot, split = orders.leg[j].lot, tape.bar[orders.leg[j].instrument, s].later_splits
    if lot <= 0.0:
        return shares
    return math.floor(shares / split / lot * (1.0 + SLACK)) * lot * split


@_inner
def _allowed(tape: Tape, orders: Orders, money: Money, j: int, s: int) -> float:
    """Return how many shares one fill may take of the usual volume; an unknown volume does not bind."""
    limit = money.participation * tape.bar[orders.leg[j].instrument, s].volume
    return np.inf if math.isnan(limit) or limit == np.inf else _whole_lots(tape, orders, j, s, limit)


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
    tape: Tape, terms: Terms, book: Book, f: int, j: int, k: int, i: int, s: int, delta: float, price: float, fx: float
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
            book.line_cost[k, j, terms.row[t].item] += paid
            if f < book.fill.shape[0]:
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
def _lend(tape: Tape, st: State, j: int, shares: float, day: int) -> None:
    """Note shares that are on loan from ``day`` (given back, if negative)."""
    st.settling_loan[j, day - tape.day0] += shares


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
    night = tape.row_day[row] - tape.day0
    if st.night[0] < 0 or (book.size[1] < 0 and night < st.night[0]):
        st.night[0] = night  # the first fill of the run starts the interest; legs do not walk in the order of time
    if reason not in (MERGER, DELISTING):
        _flow(tape, st, -_charge(tape, terms, book, f, j, k, i, s, delta, price, fx), settles)
    value, held = delta * price, st.leg[j].shares
    if held == 0.0:
        st.leg[j].price, st.leg[j].fx = price, fx
    else:
        _mark(book, st, j, k, price, fx)
    if delta < 0.0 and held <= 0.0:  # a short sale: the proceeds stay as collateral
        exchanged = 0.0
        _pledge(tape, st, j, -value, settles)
        _lend(tape, st, j, -delta, settles)
        st.leg[j].sale_settles = max(st.leg[j].sale_settles, settles)
    elif delta > 0.0 and held < 0.0:  # a cover: paid from its part of the collateral, the rest comes home
        released = st.leg[j].collateral if delta == -held else st.leg[j].collateral * (delta / -held)
        exchanged = (released - value) * fx
        _pledge(tape, st, j, -released, settles)
        _lend(tape, st, j, -delta, settles)
        st.leg[j].cover_settles = max(st.leg[j].cover_settles, settles)
    else:
        exchanged = -value * fx
    _flow(tape, st, exchanged, settles)
    conversion = _convert(orders, money, tape, book, st, j, k, exchanged, settles)
    st.leg[j].shares += delta
    st.leg[j].seen = price
    if f < book.fill.shape[0]:
        book.fill[f].order, book.fill[f].reason, book.fill[f].row, book.fill[f].session = j, reason, row, s
        book.fill[f].decided, book.fill[f].shares, book.fill[f].price, book.fill[f].fx = decided, delta, price, fx
        book.fill[f].cause = book.leg[j].cause if delta * held >= 0.0 else book.leg[j].exit_cause
        book.fill_cost[f, book.fill_cost.shape[1] - 1] = conversion


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
def _send_hedge(tape: Tape, orders: Orders, st: State, book: Book, j: int, row: int) -> None:
    """A leg filled: its hedge follows at its first auction after that."""
    h = orders.leg[j].child
    if h < 0 or orders.leg[h].refused:
        return
    code = _next_auction(tape, orders.leg[h].instrument, row, True)
    if book.leg[h].status == ROUNDED_AWAY:  # what was too little alone may do with what came now
        book.leg[h].status = WAITING
    elif book.leg[h].status != WAITING and (book.leg[h].status != HELD or st.leg[h].exit_session >= 0):
        return  # it has left, or is about to
    if book.leg[h].status == WAITING and not st.leg[h].entering:
        st.leg[h].session, st.leg[h].kind = code // 2, code % 2
    if not st.leg[h].entering:
        st.leg[h].ready, st.leg[h].entering = code, True
        book.leg[h].tried_row = row


@_inner
def _sent(orders: Orders, st: State, book: Book, j: int, row: int) -> float:
    """Return the notional of an order in base currency, positive: a hedge follows what its leg filled before a row."""
    parent = orders.leg[j].parent
    if parent < 0:
        return book.leg[j].sent
    filled = st.leg[parent].notional if st.leg[parent].added_row < row else st.leg[parent].before
    return abs(orders.leg[j].weight * filled)


@_inner
def _end_entry(orders: Orders, st: State, book: Book, j: int) -> None:
    """Give up what an entry has not filled."""
    if st.leg[j].entering:
        st.leg[j].entering = False
        book.leg[j].sent = _sent(orders, st, book, j, FAR)
        book.leg[j].rest = book.leg[j].sent - abs(st.leg[j].notional)


@_inner
def _cancel(orders: Orders, st: State, book: Book, j: int) -> None:
    """End an entry that waits or goes on."""
    _end_entry(orders, st, book, j)
    if book.leg[j].status == WAITING:
        book.leg[j].status = CANCELLED


@_inner
def _recall_hedge(tape: Tape, orders: Orders, st: State, book: Book, j: int, row: int, how: int) -> None:
    """A leg closed: its hedge closes with it, at the same auction if its exit came as scheduled, else at the next."""
    h = orders.leg[j].child
    if h < 0:
        return
    if how != AT_LEVEL:  # a level is booked after the auctions of its row, at which the hedge may still fill
        _cancel(orders, st, book, h)
    if book.leg[h].status == HELD or (book.leg[h].status == WAITING and st.leg[h].entering):
        code = _next_auction(tape, orders.leg[h].instrument, row, how != AS_PLANNED)
        st.leg[h].exit_session, st.leg[h].exit_kind, st.leg[h].exit_reason = code // 2, code % 2, HEDGE_EXIT
        st.leg[h].exit_decided = -1 if how == AS_PLANNED else row
    else:
        _cancel(orders, st, book, h)


@_inner
def _set_levels(orders: Orders, st: State, j: int) -> None:
    """Hang stop and target from the average price of an entry's fills."""
    side = math.copysign(1.0, st.leg[j].shares)
    average = st.leg[j].paid / abs(st.leg[j].shares)
    st.leg[j].stop = average * (1.0 - side * orders.leg[j].stop)
    st.leg[j].target = average * (1.0 + side * orders.leg[j].target)


@_inner
def _open_position(tape: Tape, orders: Orders, st: State, book: Book, j: int, s: int, kind: int, price: float) -> None:
    """Note the first fill of an entry, and plan its exit."""
    book.leg[j].status = HELD
    st.leg[j].best = price
    if orders.leg[j].hold >= 0:
        held = s + orders.leg[j].hold
        # a dated exit at the very same close is the same exit; the hold names it
        if st.leg[j].exit_session < 0 or 2 * held + CLOSE_KIND <= 2 * st.leg[j].exit_session + st.leg[j].exit_kind:
            st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = held, CLOSE_KIND, HOLD


@_inner
def _decided(orders: Orders, st: State, book: Book, j: int, row: int) -> int:
    """Return the row on which an entry at ``row`` was decided, -1 as the plan says; a hedge follows its leg."""
    parent, tried = orders.leg[j].parent, book.leg[j].tried_row
    if parent < 0:
        return tried
    return max(tried, st.leg[parent].added_row if st.leg[parent].added_row < row else st.leg[parent].before_row)


@_inner
def _take(
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
) -> None:
    """Fill an entry, or the rest of one, at a price: as much as was sent and the usual volume allows, in lots."""
    i, first = orders.leg[j].instrument, book.leg[j].status == WAITING
    row, parent = _row(tape, i, s, kind), orders.leg[j].parent
    again = parent >= 0 and st.leg[parent].added_row >= row  # its leg filled in this very row: more to follow
    left = _sent(orders, st, book, j, row) - abs(st.leg[j].notional)
    shares = _whole_lots(tape, orders, j, s, left / (price * tape.fx[tape.instrument[i].currency, row]))
    if not shares > 0.0:
        st.leg[j].entering = again
        if first and not again:
            book.leg[j].status = ROUNDED_AWAY
            if parent < 0 and not book.leg[j].sent > 0.0:
                book.leg[j].status = NO_CAPITAL
        return
    allowed = _allowed(tape, orders, money, j, s)
    capped = allowed < shares
    if capped and allowed <= 0.0:
        book.leg[j].cause |= PARTICIPATION
        book.leg[j].tried_row = row
        return
    reason, decided = HEDGE if parent >= 0 else ENTRY, _decided(orders, st, book, j, row)
    delta = math.copysign(min(shares, allowed), orders.leg[j].weight)
    _fill(tape, orders, terms, money, st, book, j, k, s, kind, delta, price, reason, decided)
    if first:
        _open_position(tape, orders, st, book, j, s, kind, price)
    st.leg[j].added = 2 * s + kind
    st.leg[j].before_row, st.leg[j].added_row, st.leg[j].before = st.leg[j].added_row, row, st.leg[j].notional
    st.leg[j].paid += abs(delta) * price
    st.leg[j].notional += delta * price * st.leg[j].fx
    _set_levels(orders, st, j)
    st.leg[j].entering = capped or again
    st.leg[j].ready = 0
    if capped:
        st.leg[j].ready = 2 * (s + 1) + OPEN_KIND
        book.leg[j].cause |= PARTICIPATION
        book.leg[j].tried_row = row
    _send_hedge(tape, orders, st, book, j, row)


@_inner
def _met(tape: Tape, st: State, j: int, i: int, s: int) -> bool:
    """Return whether a short that rests at its offer since the open has been met by its session."""
    offer = tape.bar[i, s].offer_open
    return st.leg[j].offered == s and (tape.bar[i, s].high - offer) * tape.bar[i, s].later_splits > TICK_TOLERANCE


@_inner
def _enter(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Try to fill an entry, or the rest of one, at one auction."""
    i = orders.leg[j].instrument
    if st.leg[j].exit_session >= 0 and 2 * s + kind >= 2 * st.leg[j].exit_session + st.leg[j].exit_kind:
        _end_entry(orders, st, book, j)
        if book.leg[j].status == WAITING:
            book.leg[j].status = CANCELLED if orders.leg[j].parent >= 0 else EXIT_FIRST
        return
    if kind == CLOSE_KIND and _met(tape, st, j, i, s):
        _take(tape, orders, terms, money, st, book, j, k, s, kind, tape.bar[i, s].offer_open)
        return
    row = _row(tape, i, s, kind)
    if _too_late(tape, _decided(orders, st, book, j, row), row):
        return
    price = tape.bar[i, s].open if kind == OPEN_KIND else tape.bar[i, s].close
    cause = _refuses(tape, i, s, price, orders.leg[j].weight > 0.0)
    if cause == 0 and orders.leg[j].weight < 0.0:
        cause = _refuses_short(tape, orders, st, j, i, s, kind, price)
    if cause != 0:
        book.leg[j].cause |= cause
        book.leg[j].tried_row = row
        return
    _take(tape, orders, terms, money, st, book, j, k, s, kind, price)


@_inner
def _go_on(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Go on with the rest of an entry whose position is open."""
    if kind == OPEN_KIND and not tape.bar[orders.leg[j].instrument, s].halted:
        side = 1.0 if st.leg[j].shares > 0.0 else -1.0
        stop, _ = _stop_level(orders, st, j, side)
        first = tape.bar[orders.leg[j].instrument, s].open
        if side * first <= side * stop or side * first >= side * st.leg[j].target:  # never true of nan
            _end_entry(orders, st, book, j)
            return
    _enter(tape, orders, terms, money, st, book, j, k, s, kind)


@_inner
def _closable(tape: Tape, orders: Orders, money: Money, st: State, j: int, s: int, reason: int) -> float:
    """Return how many shares of a position one fill may close; whoever is forced takes no heed of the volume."""
    held = abs(st.leg[j].shares)
    if reason in (RECALL, MARGIN_CALL):
        return held
    return min(held, _allowed(tape, orders, money, j, s))


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
    shares: float,
    reason: int,
    decided: int,
    how: int,
) -> None:
    """Close a position, or as much of it as the volume allows; the rest goes on at the next session."""
    held, row = st.leg[j].shares, _row(tape, orders.leg[j].instrument, s, kind)
    _end_entry(orders, st, book, j)
    whole = shares >= abs(held)
    delta = -held if whole else math.copysign(shares, -held)
    _fill(tape, orders, terms, money, st, book, j, k, s, kind, delta, price, reason, decided)
    if whole:
        st.leg[j].shares = 0.0
        book.leg[j].status = CLOSED
        _recall_hedge(tape, orders, st, book, j, row, how)
    else:
        book.leg[j].exit_cause |= PARTICIPATION
        st.leg[j].leaving = True
        st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = s + 1, OPEN_KIND, reason
        st.leg[j].exit_decided = row


@_inner
def _leave_if_due(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Try to fill an exit that is due at this auction, or carried to it."""
    due = 2 * st.leg[j].exit_session + st.leg[j].exit_kind
    if st.leg[j].exit_session < 0 or 2 * s + kind < due:
        return
    i, reason, decided = orders.leg[j].instrument, st.leg[j].exit_reason, st.leg[j].exit_decided
    _end_entry(orders, st, book, j)
    if _too_late(tape, decided if decided >= 0 else st.leg[j].added_row, _row(tape, i, s, kind)):
        return
    price = tape.bar[i, s].open if kind == OPEN_KIND else tape.bar[i, s].close
    cause = _refuses_exit(tape, orders, st, j, s, price)
    shares = _closable(tape, orders, money, st, j, s, reason)
    if cause == 0 and not shares > 0.0:
        cause = PARTICIPATION
    if cause != 0:
        book.leg[j].exit_cause |= cause
        st.leg[j].exit_decided = _row(tape, i, s, kind)
        return
    how = AS_PLANNED if 2 * s + kind == due and decided < 0 else LATE
    _leave(tape, orders, terms, money, st, book, j, k, s, kind, price, shares, reason, decided, how)


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
    if not math.isnan(first) and st.leg[j].added // 2 != s:
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
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Test the stops and targets of one session, on its close row."""
    i, side = orders.leg[j].instrument, 1.0 if st.leg[j].shares > 0.0 else -1.0
    if not (math.isnan(tape.bar[i, s].high) or math.isnan(tape.bar[i, s].low)):
        reason, price = _trigger(tape, orders, st, j, s)
        if reason < 0:
            return
        cause = _refuses_exit(tape, orders, st, j, s, price)
        shares = _closable(tape, orders, money, st, j, s, reason)
        if cause == 0 and not shares > 0.0:
            cause = PARTICIPATION
        if cause == 0:
            decided = max(tape.bar[i, s].open_row - 1, st.leg[j].added_row)
            how = np.int64(AT_LEVEL)
            _leave(tape, orders, terms, money, st, book, j, k, s, kind, price, shares, reason, decided, how)
        else:  # locked against it: on to this session's close, and further
            _end_entry(orders, st, book, j)
            book.leg[j].exit_cause |= cause
            st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = s, CLOSE_KIND, reason
            st.leg[j].exit_decided = max(tape.bar[i, s].open_row, st.leg[j].added_row)
        return
    stop, reason = _stop_level(orders, st, j, side)
    last = tape.bar[i, s].close
    if side * last >= side * st.leg[j].target:
        reason = TARGET
    elif not side * last <= side * stop:
        return
    _end_entry(orders, st, book, j)
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
def _see(tape: Tape, orders: Orders, st: State, book: Book, j: int, k: int, s: int, kind: int) -> None:
    """Note an auction's price, and at an open what the night made of the position."""
    i = orders.leg[j].instrument
    price = tape.bar[i, s].open if kind == OPEN_KIND else tape.bar[i, s].close
    if kind == OPEN_KIND and s == tape.instrument[i].final_session:
        price = tape.bar[i, s].final
    if math.isnan(price) or (kind == OPEN_KIND and tape.bar[i, s].halted):
        return
    if kind == OPEN_KIND:
        book.gap[k, j] += st.leg[j].shares * (price - st.leg[j].seen) * st.leg[j].fx
    st.leg[j].seen = price


@_inner
def _pay_out(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """Close a position whose issuer is delisted or taken over, at what is paid for it."""
    i, held = orders.leg[j].instrument, st.leg[j].shares
    reason, row = tape.instrument[i].final_reason, tape.bar[i, s].open_row
    if orders.leg[j].parent >= 0 and st.leg[j].entering:
        st.leg[j].entering = False  # a hedge lacks what was due by now, not what its leg fills in this very row
        if st.leg[j].ready <= 2 * s + kind:
            book.leg[j].sent = _sent(orders, st, book, j, row)
            book.leg[j].rest = book.leg[j].sent - abs(st.leg[j].notional)
    _end_entry(orders, st, book, j)
    decided = max(row - 2 if tape.row_twin[row] else row - 1, st.leg[j].added_row)
    price = tape.bar[i, s].final
    _fill(tape, orders, terms, money, st, book, j, k, s, kind, -held, price, reason, decided)
    st.leg[j].shares = 0.0
    book.leg[j].status = CLOSED
    _recall_hedge(tape, orders, st, book, j, row, np.int64(LATE))


@_inner
def _buy_in(tape: Tape, orders: Orders, st: State, j: int, s: int) -> None:
    """The lender asks for the shares during a session: they are bought at the next open, unless they leave before."""
    due = 2 * (s + 1) + OPEN_KIND
    if st.leg[j].exit_session >= 0 and 2 * st.leg[j].exit_session + st.leg[j].exit_kind <= due:
        return
    st.leg[j].exit_session, st.leg[j].exit_kind, st.leg[j].exit_reason = s + 1, OPEN_KIND, RECALL
    st.leg[j].exit_decided = tape.bar[orders.leg[j].instrument, s].close_row


@_inner
def _hold_open(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """The open of a session with a position: dividend, pay-out, exits, the rest of the entry."""
    _dividend(tape, orders, money, st, book, j, k, s)
    _see(tape, orders, st, book, j, k, s, kind)
    if s >= tape.instrument[orders.leg[j].instrument].final_session:
        _pay_out(tape, orders, terms, money, st, book, j, k, s, kind)
        return
    _leave_if_due(tape, orders, terms, money, st, book, j, k, s, kind)
    if book.leg[j].status == HELD and st.leg[j].entering and 2 * s + OPEN_KIND >= st.leg[j].ready:
        _go_on(tape, orders, terms, money, st, book, j, k, s, kind)


@_inner
def _hold_close(
    tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int, s: int, kind: int
) -> None:
    """The close of a session with a position: stops, exits, recalls, the rest of the entry, the trail."""
    i = orders.leg[j].instrument
    carried = st.leg[j].leaving or (
        st.leg[j].exit_session >= 0 and 2 * st.leg[j].exit_session + st.leg[j].exit_kind < 2 * s + CLOSE_KIND
    )
    recalled = tape.bar[i, s].recalled and st.leg[j].shares < 0.0
    if recalled:
        _end_entry(orders, st, book, j)
    if st.leg[j].entering and not carried and _met(tape, st, j, i, s):
        stop, _ = _stop_level(orders, st, j, -1.0)
        if not stop <= tape.bar[i, s].offer_open:  # on its way up the price meets the lower of the two first
            _enter(tape, orders, terms, money, st, book, j, k, s, kind)
    if not tape.bar[i, s].halted and not carried:
        _guard(tape, orders, terms, money, st, book, j, k, s, kind)
    if book.leg[j].status == HELD:
        _leave_if_due(tape, orders, terms, money, st, book, j, k, s, kind)
    if book.leg[j].status != HELD:
        return
    if recalled:
        _buy_in(tape, orders, st, j, s)
    if st.leg[j].entering and 2 * s + CLOSE_KIND >= st.leg[j].ready:
        _go_on(tape, orders, terms, money, st, book, j, k, s, kind)
    if not tape.bar[i, s].halted:
        _trail(tape, st, j, i, s)
    _see(tape, orders, st, book, j, k, s, kind)


@_inner
def _next_row(tape: Tape, orders: Orders, st: State, book: Book, j: int, last_row: int) -> int:
    """Return the row of an order's next auction, a far one if there is none up to a row."""
    if book.leg[j].status != WAITING and book.leg[j].status != HELD:
        return FAR
    i, s = orders.leg[j].instrument, st.leg[j].session
    if s >= tape.instrument[i].n_sessions:
        return FAR
    row = _row(tape, i, s, st.leg[j].kind)
    return row if row <= last_row else FAR


@_inner
def _expire(orders: Orders, st: State, book: Book, j: int) -> None:
    """End an entry, or the rest of one, whose last session is over."""
    if book.leg[j].status == HELD:
        _end_entry(orders, st, book, j)
    elif book.leg[j].status == WAITING:
        book.leg[j].status = EXPIRED


@_inner
def _step(tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int) -> None:
    """Let one order live through its next auction."""
    i, s, kind = orders.leg[j].instrument, st.leg[j].session, st.leg[j].kind
    if book.leg[j].status == HELD:
        if kind == OPEN_KIND:
            _hold_open(tape, orders, terms, money, st, book, j, k, s, kind)
        else:
            _hold_close(tape, orders, terms, money, st, book, j, k, s, kind)
    elif s >= tape.instrument[i].final_session:
        book.leg[j].status = EXPIRED
        book.leg[j].cause |= GONE
    else:
        _enter(tape, orders, terms, money, st, book, j, k, s, kind)
        if kind == CLOSE_KIND and book.leg[j].status == HELD:
            _see(tape, orders, st, book, j, k, s, kind)
    if (
        kind == CLOSE_KIND and s >= orders.leg[j].last_session and orders.leg[j].parent < 0
    ):  # a hedge has its leg's time
        _expire(orders, st, book, j)
    st.leg[j].session, st.leg[j].kind = (s, CLOSE_KIND) if kind == OPEN_KIND else (s + 1, OPEN_KIND)


@_inner
def _drop(tape: Tape, orders: Orders, book: Book, j: int, last_row: int) -> None:
    """End an entry that waits for an instrument that is delisted or taken over before it is due."""
    i = orders.leg[j].instrument
    s = tape.instrument[i].final_session
    if book.leg[j].status == WAITING and s < tape.instrument[i].n_sessions and tape.bar[i, s].open_row <= last_row:
        book.leg[j].status = EXPIRED
        book.leg[j].cause |= GONE


@_inner
def _walk(tape: Tape, orders: Orders, terms: Terms, money: Money, st: State, book: Book, j: int, k: int) -> None:
    """Let a leg live through its auctions up to a valuation row, and its hedge beside it in the order of time."""
    last_row, h = tape.value[k].row, orders.leg[j].child
    while True:
        mine = _next_row(tape, orders, st, book, j, last_row)
        its = FAR if h < 0 else _next_row(tape, orders, st, book, h, last_row)
        if mine == FAR and its == FAR:
            break
        _step(tape, orders, terms, money, st, book, j if mine <= its else h, k)
    _drop(tape, orders, book, j, last_row)


@_inner
def _night(tape: Tape, money: Money, orders: Orders, st: State, book: Book, j: int, k: int, n: int) -> None:
    """Charge one order's borrow and pay its rebate for the night of day ``n``, at the rate of the valuation row."""
    i = orders.leg[j].instrument
    c = tape.instrument[i].currency
    fx = tape.fx[c, tape.value[k].row]
    st.leg[j].settled_collateral += st.settling_collateral[j, n]
    st.leg[j].borrowed += st.settling_loan[j, n]
    if not st.leg[j].borrowed > 0.0:
        return
    if money.interest and not math.isnan(money.rebate):
        paid = fx * st.leg[j].settled_collateral * (tape.policy[c, n] + money.rebate) / tape.day_count[c]
        book.line[k, j, REBATE] += paid
        _flow(tape, st, paid, tape.value[k].day)
    rate = tape.borrow_rate[i, n]
    if math.isnan(rate):
        rate = orders.leg[j].borrow_rate
    if rate > 0.0:
        # dates after the last row are booked on it, and may use no close that it does not know
        known = min(n, tape.value[k].day - tape.day0 + 1)
        fee = fx * st.leg[j].borrowed * tape.borrow_value[i, known] * rate / 360.0
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
            if st.leg[j].sale_settles > 0:
                _night(tape, money, orders, st, book, j, k, n)
    st.night[0] = max(st.night[0], tape.value[k].day - tape.day0)


@_inner
def _last_nights(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> None:
    """Book what covers that settle after the last valuation row still cost and earn."""
    for j in range(orders.leg.shape[0]):
        if st.leg[j].sale_settles > 0 and book.leg[j].status == CLOSED:
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
            book.cash[k, 1 + tape.instrument[i].currency] += st.leg[j].collateral
    book.nav[k], book.cash[k, 0] = st.cash[0] + held, st.cash[0]


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
            _cancel(orders, st, book, j)
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
def _required(tape: Tape, orders: Orders, money: Money, st: State, j: int, k: int) -> float:
    """Return the maintenance margin of a position on a valuation row, in base currency."""
    value = abs(st.leg[j].shares) * st.leg[j].price * st.leg[j].fx
    if st.leg[j].shares > 0.0:
        return money.long_upkeep * value
    s = st.leg[j].session - 1 if st.leg[j].kind == OPEN_KIND else st.leg[j].session  # the latest that has opened
    dollars = tape.dollar[k] * abs(st.leg[j].shares) / tape.bar[orders.leg[j].instrument, s].later_splits  # one a share
    if value >= money.cheap_under * dollars:
        return max(money.short_upkeep * value, money.floor * dollars)
    return max(money.cheap_upkeep * value, money.cheap_floor * dollars)


@_inner
def _count_out(
    tape: Tape, orders: Orders, money: Money, st: State, book: Book, j: int, k: int, required: float
) -> float:
    """Take a position that leaves, and the hedge that leaves after it, off what is required."""
    if not st.leg[j].counted:
        st.leg[j].counted = True
        required -= _required(tape, orders, money, st, j, k)
    h = orders.leg[j].child
    if h >= 0 and book.leg[h].status == HELD and not st.leg[h].counted:
        st.leg[h].counted = True
        required -= _required(tape, orders, money, st, h, k)
    return required


@_inner
def _largest(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> int:
    """Return the position with the largest requirement that does not leave yet; -1 if all do."""
    found, most = -1, 0.0
    for j in range(orders.leg.shape[0]):
        if book.leg[j].status == HELD and not st.leg[j].counted:
            need = _required(tape, orders, money, st, j, k)
            if found < 0 or need > most or (need == most and orders.leg[j].rank < orders.leg[found].rank):
                found, most = j, need
    return found


@_inner
def _call(tape: Tape, orders: Orders, money: Money, st: State, book: Book, k: int) -> None:
    """Judge the account's maintenance margin; a call closes the largest needs at each one's next auction."""
    required = 0.0
    for j in range(orders.leg.shape[0]):
        st.leg[j].counted = False
        if book.leg[j].status == HELD:
            required += _required(tape, orders, money, st, j, k)
    book.margin[k, 0] = required
    if not (required > 0.0 and book.nav[k] < required * (1.0 - SLACK)) or k == tape.value.shape[0] - 1:
        return
    book.margin[k, 1] = 1.0
    for j in range(orders.leg.shape[0]):
        if orders.leg[j].decided_value < k:
            _cancel(orders, st, book, j)
        due = 2 * st.leg[j].exit_session + st.leg[j].exit_kind <= 2 * st.leg[j].session + st.leg[j].kind
        if book.leg[j].status == HELD and (st.leg[j].leaving or (st.leg[j].exit_session >= 0 and due)):
            required = _count_out(tape, orders, money, st, book, j, k, required)
    while book.nav[k] < required * (1.0 - SLACK):
        j = _largest(tape, orders, money, st, book, k)
        if j < 0:
            return
        required = _count_out(tape, orders, money, st, book, j, k, required)
        st.leg[j].exit_session, st.leg[j].exit_kind = st.leg[j].session, st.leg[j].kind
        st.leg[j].exit_reason, st.leg[j].exit_decided = MARGIN_CALL, tape.value[k].row
        book.leg[j].called = k
        h = orders.leg[j].child
        if h >= 0 and book.leg[h].status == HELD:
            book.leg[h].called = k


@_inner
def _hedge_weight(orders: Orders, j: int) -> float:
    """Return how much hedge goes with one unit of a leg, 0 where none is sent."""
    h = orders.leg[j].child
    return 0.0 if h < 0 or orders.leg[h].refused else abs(orders.leg[h].weight)


@_inner
def _pending(orders: Orders, st: State, book: Book, j: int) -> float:
    """Return what the entry of a leg and of its hedge still have to fill, in base currency, positive."""
    h, hedged, filled = orders.leg[j].child, _hedge_weight(orders, j), abs(st.leg[j].notional)
    if book.leg[j].status == WAITING or (book.leg[j].status == HELD and st.leg[j].entering):
        return book.leg[j].sent * (1.0 + hedged) - filled - (abs(st.leg[h].notional) if hedged > 0.0 else 0.0)
    if hedged > 0.0 and book.leg[j].status == HELD and (book.leg[h].status == WAITING or st.leg[h].entering):
        return hedged * filled - abs(st.leg[h].notional)
    return 0.0


@_inner
def _used(orders: Orders, st: State, book: Book, batch: int) -> float:
    """Return the value of all positions and of what earlier batches still have to fill, in base currency."""
    used = 0.0
    for j in range(orders.leg.shape[0]):
        if book.leg[j].status == HELD:
            used += abs(st.leg[j].shares) * st.leg[j].price * st.leg[j].fx
        if orders.leg[j].parent < 0 and orders.leg[j].batch < batch:
            used += _pending(orders, st, book, j)
    return used


@_inner
def _send_batch(orders: Orders, money: Money, st: State, book: Book, batch: int, nav: float) -> None:
    """Size the orders of one instant on the NAV at their decision, and cut them to what initial margin leaves."""
    asked = 0.0
    for j in range(orders.leg.shape[0]):
        if orders.leg[j].batch == batch and orders.leg[j].parent < 0 and not orders.leg[j].refused:
            asked += abs(orders.leg[j].weight) * (1.0 + _hedge_weight(orders, j))
    scale = 1.0
    if money.margin and nav > 0.0:
        need = money.initial * nav * asked
        available = nav - money.initial * _used(orders, st, book, batch)
        if need > available * (1.0 + SLACK):
            scale = available / need if available > SLACK * nav else 0.0
    for j in range(orders.leg.shape[0]):
        if orders.leg[j].batch == batch and orders.leg[j].parent < 0 and not orders.leg[j].refused:
            book.leg[j].scale, book.leg[j].sent = scale, scale * abs(orders.leg[j].weight) * max(nav, 0.0)
            if scale == 0.0:
                book.leg[j].status = NO_MARGIN
                st.leg[j].entering = False


@_inner
def _send(orders: Orders, money: Money, st: State, book: Book, k: int, nav: float) -> None:
    """Send the orders whose decision follows a valuation row, batch by batch in the order of time."""
    done = -1
    while True:
        batch = FAR
        for j in range(orders.leg.shape[0]):
            due = orders.leg[j].decided_value == k and done < orders.leg[j].batch < batch
            if due and orders.leg[j].parent < 0 and not orders.leg[j].refused:
                batch = orders.leg[j].batch
        if batch == FAR:
            return
        _send_batch(orders, money, st, book, batch, nav)
        done = batch


@_inner
def _clear(orders: Orders, st: State, book: Book, j: int) -> None:
    """Put an order back to before its decision."""
    book.leg[j].status = REFUSED if orders.leg[j].refused else WAITING
    book.leg[j].cause = book.leg[j].exit_cause = 0
    book.leg[j].tried_row = book.leg[j].called = -1
    book.leg[j].scale, book.leg[j].rest, book.leg[j].sent = 1.0, 0.0, np.nan
    hedge = orders.leg[j].parent >= 0
    st.leg[j].session = FAR if hedge else orders.leg[j].due_session
    st.leg[j].kind = orders.leg[j].due_kind
    st.leg[j].entering = not hedge and not orders.leg[j].refused
    st.leg[j].ready = 0
    st.leg[j].offered = st.leg[j].added = st.leg[j].added_row = st.leg[j].before_row = -1
    st.leg[j].exit_session, st.leg[j].exit_kind = orders.leg[j].exit_session, orders.leg[j].exit_kind
    st.leg[j].exit_reason, st.leg[j].exit_decided = DATED, -1
    st.leg[j].sale_settles = st.leg[j].cover_settles = 0
    st.leg[j].leaving = False
    st.leg[j].shares = st.leg[j].collateral = st.leg[j].borrowed = st.leg[j].settled_collateral = 0.0
    st.leg[j].paid = st.leg[j].notional = st.leg[j].before = 0.0
    st.settling_collateral[j, :] = 0.0
    st.settling_loan[j, :] = 0.0


@_inner
def _begin(tape: Tape, orders: Orders, money: Money, st: State, book: Book) -> int:
    """Reset the scratch and return the first valuation row on which anything can have happened."""
    first_row = FAR
    for j in range(orders.leg.shape[0]):
        _clear(orders, st, book, j)
        i = orders.leg[j].instrument
        if st.leg[j].entering and st.leg[j].session < tape.instrument[i].n_sessions:
            first_row = min(first_row, _row(tape, i, st.leg[j].session, st.leg[j].kind))
    book.size[0], book.size[1], book.size[2] = 0, -1, -1
    for written in (book.fill_cost, book.interest, book.gap, book.cash, book.margin):
        written[:] = 0.0
    for written in (book.line, book.line_cost):
        written[:] = 0.0
    st.settling_cash[:] = 0.0
    st.cash[0] = st.cash[1] = money.capital
    st.night[0] = -1
    for g in range(orders.thesis.shape[0]):
        st.thesis[g].nav = st.thesis[g].peak = orders.thesis[g].share * money.capital
    k = 0
    _send(orders, money, st, book, np.int64(-1), money.capital)
    while k < tape.value.shape[0] and tape.value[k].row < first_row:
        book.nav[k] = money.capital
        for j in range(orders.leg.shape[0]):
            _drop(tape, orders, book, j, tape.value[k].row)
        _send(orders, money, st, book, k, money.capital)
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
            if orders.leg[j].parent < 0:
                _walk(tape, orders, terms, money, st, book, j, k)
        if book.size[0] > 0:
            if book.size[1] < 0:
                book.size[1] = k
            book.size[2] = k
            _value(tape, orders, money, st, book, k)
            _groups(orders, st, book, k)
            _stop_theses(tape, orders, st, book, k)
            if money.margin:
                _call(tape, orders, money, st, book, k)
            over = _over(orders, book)
            if over or k == tape.value.shape[0] - 1:
                before = st.cash[0]
                _last_nights(tape, orders, money, st, book, k)
                for j in range(orders.leg.shape[0]):
                    if book.leg[j].status == HELD:
                        _end_entry(orders, st, book, j)
                book.nav[k] += st.cash[0] - before
                book.cash[k, 0] = st.cash[0]
            if over:
                return
        elif _over(orders, book):
            return
        _send(orders, money, st, book, k, book.nav[k])
        k += 1

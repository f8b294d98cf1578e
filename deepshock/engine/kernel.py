"""The kernel: arrays in, book out. It decides nothing that the plan could decide, raises nothing, allocates nothing.

Shape. Time advances by stretches, from one decision to the next. Within a stretch each leg walks the auctions of its
own venue, alone or with its hedge, as far as it goes: legs do not see each other there, because sizes are fixed at the
decision and cash is only counted on valuation rows. A leg jumps over the sessions in which it is only held, and leaves
behind what it brought into the account and what it was worth on each valuation row (``_carry``). One pass over these
rows then makes interest, NAV and the figures (``_rows``). What couples legs (thesis-level stops, margin calls) is
judged in that pass; where it strikes, the stretch is taken back and walked again up to that row. Rows on which nothing
is held are not visited unless they earn interest.

Many runs and one are the same code. ``book`` is None where no book is kept, ``full`` is None where a run needs none of
what most sweeps go without (see ``needs_full``): numba compiles the branches away. What is left out adds exactly
nothing, so that figures are equal to the bit.

The rules are in docs/rules.md; the slow twin that checks every line is tests/reference.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from deepshock.arrays import FAR, RING, WAIT_FOR, Cause, Component, Floats, Lendable, Reason, Records, Status, Uptick
from deepshock.engine import memory as at
from deepshock.engine.compiled import entry, inner, merged, threaded, tight

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

ZERO: Any = np.int64(0)
DONE, NOT_YET, STEP_BY_STEP = 0, 1, 2  # how a leap ends
TICK_TOLERANCE = 1e-4  # within which two traded prices are one
SLACK = 1e-9  # relative, of lots and margin


Run = Any  # a RUN record, see engine/memory.py
Flag = bool | None  # None is compiled away


@tight
def _row(x: Run, i: int, s: int, kind: int) -> int:
    return at.bars(x)[i, s].open_row if kind == OPEN_KIND else at.bars(x)[i, s].close_row


@tight
def _value_of(x: Run, i: int, s: int, kind: int) -> int:
    """Return the valuation row that follows an auction."""
    return at.bars(x)[i, s].open_value if kind == OPEN_KIND else at.bars(x)[i, s].close_value


@inner
def _too_late(x: Run, decided: int, row: int) -> bool:
    """Return whether a row is at the very instant of the row of a decision, and so can't act on it."""
    return decided == row - 1 and at.row_twin(x)[row]


@tight
def _rule(x: Run, j: int) -> Any:
    """Return what the thesis of an order says of all its legs."""
    slot = at.theses(x)[np.uintp(at.orders(x)[j].thesis)].slot
    return at.rules(x)[np.uintp(at.picks(x)[np.uintp(slot)])]


@inner
def _refuses(x: Run, i: int, s: int, price: float, buy: bool) -> int:
    """Return why an auction at this price does not fill, 0 if it does."""
    if s >= at.instruments(x)[i].final_session:
        return GONE
    if at.bars(x)[i, s].halted:
        return HALT
    if math.isnan(price):
        return NO_PRICE
    if (buy and price >= at.bars(x)[i, s].upper) or (not buy and price <= at.bars(x)[i, s].lower):
        return LIMIT
    return 0


@inner
def _refuses_short(x: Run, j: int, i: int, s: int, kind: int, price: float) -> int:
    """Return what keeps an order from being sold short at an auction with this price, 0 if nothing does.

    A restricted open leaves the order at its offer for the session.
    """
    o = at.orders(x)[j]
    lendable = at.bars(x)[i, s].lendable
    if lendable == NOT_DESIGNATED:
        return DESIGNATED
    if lendable == UNLENDABLE or (lendable == UNLISTED and o.unlendable):
        return BORROW
    offer = at.bars(x)[i, s].offer_open if kind == OPEN_KIND else at.bars(x)[i, s].offer_close
    if o.uptick == IGNORE or offer == -np.inf:
        return 0
    if o.uptick == WAIT:
        return UPTICK
    if (price - offer) * at.bars(x)[i, s].later_splits >= -TICK_TOLERANCE:
        return 0
    if kind == OPEN_KIND:
        at.positions(x)[j].offered = s
    return UPTICK


@inner
def _refuses_exit(x: Run, j: int, s: int, price: float) -> int:
    """Return why a position can't be closed at this price, 0 if it can."""
    p = at.positions(x)[j]
    i, buy = at.orders(x)[j].instrument, p.shares < 0.0
    cause = _refuses(x, i, s, price, buy)
    if cause == 0 and not buy and at.instruments(x)[i].resale and p.added // 2 == s:
        return RESALE
    return cause


@tight
def _whole_lots(x: Run, j: int, s: int, shares: float) -> float:
    """Round adjusted shares down to lots of traded shares."""
    o = at.orders(x)[j]
    lot = o.lot
    if lot <= 0.0:
        return shares
    split = at.bars(x)[o.instrument, s].later_splits
    return math.floor(shares / split / lot * (1.0 + SLACK)) * lot * split


@inner
def _allowed(x: Run, full: Flag, j: int, s: int) -> float:
    """Return how many shares one fill may take of the usual volume; an unknown volume does not bind."""
    if full is None:
        return np.inf
    limit = x.participation * at.bars(x)[at.orders(x)[j].instrument, s].volume
    return np.inf if math.isnan(limit) or limit == np.inf else _whole_lots(x, j, s, limit)


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
def _charge(
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
def _bring(x: Run, full: Flag, j: int, k: int, amount: float) -> None:
    """Book what an order brings into the account (takes out of it, if negative) by a valuation row."""
    at.flows(x)[k] += amount
    at.positions(x)[j].flow += amount
    if full is not None:
        if at.accounts(x)[0].stops:
            at.sleeve_flows(x)[at.orders(x)[j].thesis, k] += amount


@tight
def _settle(x: Run, full: Flag, amount: float, day: int) -> None:
    """Let an amount of free cash count for interest from ``day``."""
    if full is not None:
        if x.pays_interest:
            at.settling(x)[day - x.day0] += amount
            at.accounts(x)[0].settle_end = max(at.accounts(x)[0].settle_end, day - x.day0 + 1)


@inner
def _pledge(x: Run, j: int, amount: float, day: int) -> None:
    """Move an amount in local currency onto the collateral of a short; it counts from ``day``."""
    at.positions(x)[j].collateral += amount
    at.ring(x)[j, 0, (day - x.day0) % RING] += amount


@inner
def _lend(x: Run, j: int, shares: float, day: int) -> None:
    """Note shares that are on loan from ``day`` (given back, if negative)."""
    at.ring(x)[j, 1, (day - x.day0) % RING] += shares


@inner
def _convert(x: Run, book: Flag, full: Flag, j: int, k: int, base: float, day: int) -> float:
    """Charge the exchange of an amount (base currency) between the leg's currency and the base; return the cost."""
    cost = at.conversion(x)[at.instruments(x)[at.orders(x)[j].instrument].currency] * abs(base)
    if cost > 0.0:
        at.paid(x)[at.paid(x).shape[0] - 1] += cost
        if book is not None:
            at.line_costs(x)[k, j, at.line_costs(x).shape[2] - 1] += cost
        _bring(x, full, j, k, -cost)
        _settle(x, full, -cost, day)
    return cost


@inner
def _mark(x: Run, book: Flag, full: Flag, j: int, k: int, price: float, fx: float) -> None:
    """Bring a position to a new price and rate; the rate makes or loses on the collateral, which is in the account."""
    p = at.positions(x)[j]
    if book is not None:
        q = p.shares
        at.lines(x)[k, j, PRICE] += q * (price - p.price) * p.fx
        at.lines(x)[k, j, FX] += (q * price + p.collateral) * (fx - p.fx)
    if full is not None:
        if p.collateral != 0.0:
            _bring(x, full, j, k, p.collateral * (fx - p.fx))
    p.price, p.fx = price, fx


@inner
def _secure(
    x: Run, book: Flag, full: Flag, j: int, k: int, delta: float, price: float, fx: float, settles: int
) -> float:
    """Book the cash side of a fill: free cash, collateral, shares on loan; return what conversion costs."""
    p = at.positions(x)[j]
    value, held, free = delta * price, p.shares, 0.0
    if delta < 0.0 and held <= 0.0:  # a short sale: the proceeds stay as collateral
        _pledge(x, j, -value, settles)
        _lend(x, j, -delta, settles)
        p.sale_settles = max(p.sale_settles, settles)
    elif delta > 0.0 and held < 0.0:  # a cover: paid from its part of the collateral, the rest comes home
        released = p.collateral if delta == -held else p.collateral * (delta / -held)
        free = (released - value) * fx
        _pledge(x, j, -released, settles)
        _lend(x, j, -delta, settles)
        p.cover_settles = max(p.cover_settles, settles)
    else:
        free = -value * fx
    _settle(x, full, free, settles)
    return _convert(x, book, full, j, k, free, settles)


@inner
def _fill(
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
    row, fx, held = _row(x, i, s, kind), 1.0, p.shares
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
    f = acc.n_fills
    acc.n_fills = f + 1
    if acc.first_row < 0 or row < acc.first_row:  # legs do not walk in the order of time
        acc.first_row, acc.first_value = row, k
    acc.low, acc.high = min(acc.low, k), max(acc.high, k)
    costs, conversion = 0.0, 0.0
    if reason < MERGER:
        costs = _charge(x, book, full, f, j, k, i, s, delta, price, fx)
    if held == 0.0:
        p.price, p.fx = price, fx
    else:
        _mark(x, book, full, j, k, price, fx)
    _bring(x, full, j, k, -(delta * price * fx) - costs)
    if full is not None:
        settles = at.bars(x)[i, s].settle_open if kind == OPEN_KIND else at.bars(x)[i, s].settle_close
        _settle(x, full, -costs, settles)
        if p.night < 0:
            p.night = at.row_day(x)[row] - x.day0
        conversion = _secure(x, book, full, j, k, delta, price, fx, settles)
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


@inner
def _next_auction(x: Run, i: int, row: int, strict: bool) -> int:
    """Return the first auction of an instrument at or after (strictly after) a row, coded 2 s + kind; 2 n if none."""
    n = at.instruments(x)[i].n_sessions
    low, high = 0, n  # first session whose close comes late enough
    while low < high:
        middle = (low + high) // 2
        late = at.bars(x)[i, middle].close_row > row if strict else at.bars(x)[i, middle].close_row >= row
        if late:
            high = middle
        else:
            low = middle + 1
    if low == n:
        return 2 * n
    first = at.bars(x)[i, low].open_row
    return 2 * low + (OPEN_KIND if (first > row if strict else first >= row) else CLOSE_KIND)


@inner
def _send_hedge(x: Run, j: int, row: int) -> None:
    """A leg filled: its hedge follows at its first auction after that."""
    h = at.orders(x)[j].child
    if h < 0 or at.orders(x)[h].refused:
        return
    code = _next_auction(x, at.orders(x)[h].instrument, row, True)
    if at.outcomes(x)[h].status == ROUNDED_AWAY:  # what was too little alone may do with what came now
        at.outcomes(x)[h].status = WAITING
    elif at.outcomes(x)[h].status != WAITING and (
        at.outcomes(x)[h].status != HELD or at.positions(x)[h].exit_session >= 0
    ):
        return  # it has left, or is about to
    if not at.positions(x)[h].entering:
        if at.outcomes(x)[h].status == WAITING or 2 * at.positions(x)[h].session + at.positions(x)[h].kind > code:
            at.positions(x)[h].session, at.positions(x)[h].kind = (
                code // 2,
                code % 2,
            )  # what it jumped over since did nothing
        at.positions(x)[h].ready, at.positions(x)[h].entering = code, True
        at.outcomes(x)[h].tried_row = row


@inner
def _sent(x: Run, full: Flag, j: int, row: int) -> float:
    """Return the notional of an order in base currency, positive: a hedge follows what its leg filled before a row."""
    u = at.outcomes(x)[j]
    if full is None:
        return u.sent
    parent = at.orders(x)[j].parent
    if parent < 0:
        return u.sent
    filled = (
        at.positions(x)[parent].notional if at.positions(x)[parent].added_row < row else at.positions(x)[parent].before
    )
    return abs(at.positions(x)[j].weight * filled)


@inner
def _end_entry(x: Run, full: Flag, j: int) -> None:
    """Give up what an entry has not filled."""
    p = at.positions(x)[j]
    u = at.outcomes(x)[j]
    if p.entering:
        p.entering = False
        u.sent = _sent(x, full, j, FAR)
        u.rest = u.sent - abs(p.notional)


@tight
def _end(x: Run, j: int, status: int, k: int) -> None:
    """Let an order be over by a valuation row."""
    at.outcomes(x)[j].status = status
    at.positions(x)[j].done = k


@inner
def _cancel(x: Run, full: Flag, j: int, k: int) -> None:
    """End an entry that waits or goes on."""
    _end_entry(x, full, j)
    if at.outcomes(x)[j].status == WAITING:
        _end(x, j, CANCELLED, k)


@inner
def _recall_hedge(x: Run, full: Flag, j: int, row: int, k: int, how: int) -> None:
    """A leg closed: its hedge closes with it, at the same auction if its exit came as scheduled, else at the next."""
    h = at.orders(x)[j].child
    if h < 0:
        return
    if how != AT_LEVEL:  # a level is booked after the auctions of its row, at which the hedge may still fill
        _cancel(x, full, h, k)
    if at.outcomes(x)[h].status == HELD or (at.outcomes(x)[h].status == WAITING and at.positions(x)[h].entering):
        code = _next_auction(x, at.orders(x)[h].instrument, row, how != AS_PLANNED)
        at.positions(x)[h].exit_session, at.positions(x)[h].exit_kind, at.positions(x)[h].exit_reason = (
            code // 2,
            code % 2,
            HEDGE_EXIT,
        )
        at.positions(x)[h].exit_decided = -1 if how == AS_PLANNED else row
        if at.outcomes(x)[h].status == HELD and 2 * at.positions(x)[h].session + at.positions(x)[h].kind > code:
            at.positions(x)[h].session, at.positions(x)[h].kind = (
                code // 2,
                code % 2,
            )  # what it jumped over since did nothing
    else:
        _cancel(x, full, h, k)


@inner
def _set_levels(x: Run, j: int) -> None:
    """Hang stop and target from the average price of an entry's fills."""
    p = at.positions(x)[j]
    if at.orders(x)[j].parent >= 0:
        return
    side = math.copysign(1.0, p.shares)
    average = p.paid / abs(p.shares)
    rule = _rule(x, j)
    p.stop = average * (1.0 - side * rule.stop)
    p.target = average * (1.0 + side * rule.target)


@inner
def _open_position(x: Run, j: int, s: int, price: float) -> None:
    """Note the first fill of an entry, and plan its exit."""
    p = at.positions(x)[j]
    at.outcomes(x)[j].status = HELD
    p.best = price
    if at.orders(x)[j].parent >= 0:
        return
    hold = _rule(x, j).hold
    if hold >= 0:
        held = s + hold
        # a dated exit at the very same close is the same exit; the hold names it
        if p.exit_session < 0 or 2 * held + CLOSE_KIND <= 2 * p.exit_session + p.exit_kind:
            p.exit_session, p.exit_kind, p.exit_reason = held, CLOSE_KIND, HOLD


@inner
def _decided(x: Run, full: Flag, j: int, row: int) -> int:
    """Return the row on which an entry at ``row`` was decided, -1 as the plan says; a hedge follows its leg."""
    tried = at.outcomes(x)[j].tried_row
    if full is None:
        return tried
    parent = at.orders(x)[j].parent
    if parent < 0:
        return tried
    return max(
        tried,
        at.positions(x)[parent].added_row
        if at.positions(x)[parent].added_row < row
        else at.positions(x)[parent].before_row,
    )


@inner
def _take(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int, price: float) -> None:
    """Fill an entry, or the rest of one, at a price: as much as was sent and the usual volume allows, in lots."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, first = o.instrument, u.status == WAITING
    row, parent, fx, again = _row(x, i, s, kind), o.parent, 1.0, False
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
        again = (
            parent >= 0 and at.positions(x)[parent].added_row >= row
        )  # its leg filled in this very row: more to follow
    left = _sent(x, full, j, row) - abs(p.notional)
    shares = _whole_lots(x, j, s, left / (price * fx))
    if not shares > 0.0:
        p.entering = again
        if first and not again:
            nothing = parent < 0 and not u.sent > 0.0
            _end(x, j, NO_CAPITAL if nothing else ROUNDED_AWAY, k)
        return
    allowed = _allowed(x, full, j, s)
    capped = allowed < shares
    if capped and allowed <= 0.0:
        u.cause |= PARTICIPATION
        u.tried_row = row
        return
    reason, decided = HEDGE if parent >= 0 else ENTRY, _decided(x, full, j, row)
    delta = math.copysign(min(shares, allowed), p.weight)
    _fill(x, book, full, j, k, s, kind, delta, price, reason, decided)
    if first:
        _open_position(x, j, s, price)
        p.valued = k - 1
    p.added = 2 * s + kind
    p.before_row, p.added_row, p.before = p.added_row, row, p.notional
    p.paid += abs(delta) * price
    p.notional += delta * price * fx
    _set_levels(x, j)
    p.entering = capped or again
    p.ready = 0
    if capped:
        p.ready = 2 * (s + 1) + OPEN_KIND
        u.cause |= PARTICIPATION
        u.tried_row = row
    if full is not None:
        _send_hedge(x, j, row)


@inner
def _met(x: Run, j: int, i: int, s: int) -> bool:
    """Return whether a short that rests at its offer since the open has been met by its session."""
    if at.positions(x)[j].offered != s:
        return False
    return (at.bars(x)[i, s].high - at.bars(x)[i, s].offer_open) * at.bars(x)[i, s].later_splits > TICK_TOLERANCE


@inner
def _enter(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Try to fill an entry, or the rest of one, at one auction."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i = o.instrument
    if p.exit_session >= 0 and 2 * s + kind >= 2 * p.exit_session + p.exit_kind:
        _end_entry(x, full, j)
        if u.status == WAITING:
            _end(x, j, CANCELLED if o.parent >= 0 else EXIT_FIRST, k)
        return
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    if kind == CLOSE_KIND and _met(x, j, i, s):
        price = at.bars(x)[i, s].offer_open
    else:
        row = _row(x, i, s, kind)
        if _too_late(x, _decided(x, full, j, row), row):
            return
        cause = _refuses(x, i, s, price, p.weight > 0.0)
        if cause == 0 and p.weight < 0.0:
            cause = _refuses_short(x, j, i, s, kind, price)
        if cause != 0:
            u.cause |= cause
            u.tried_row = row
            return
    _take(x, book, full, j, k, s, kind, price)


@inner
def _go_on(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Go on with the rest of an entry whose position is open."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    if kind == OPEN_KIND and not at.bars(x)[o.instrument, s].halted:
        side = 1.0 if p.shares > 0.0 else -1.0
        stop, _ = _stop_level(x, j, side)
        first = at.bars(x)[o.instrument, s].open
        if side * first <= side * stop or side * first >= side * p.target:  # never true of nan
            _end_entry(x, full, j)
            return
    _enter(x, book, full, j, k, s, kind)


@inner
def _closable(x: Run, full: Flag, j: int, s: int, reason: int) -> float:
    """Return how many shares of a position one fill may close; whoever is forced takes no heed of the volume."""
    held = abs(at.positions(x)[j].shares)
    if reason in (RECALL, MARGIN_CALL):
        return held
    return min(held, _allowed(x, full, j, s))


@inner
def _leave(
    x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int, way: tuple[float, float, int, int, int]
) -> None:
    """Close a position, or as much of it as the volume allows; the rest goes on at the next session."""
    p = at.positions(x)[j]
    shares, price, reason, decided, how = way
    held, row = p.shares, _row(x, at.orders(x)[j].instrument, s, kind)
    _end_entry(x, full, j)
    whole = shares >= abs(held)
    delta = -held if whole else math.copysign(shares, -held)
    _fill(x, book, full, j, k, s, kind, delta, price, reason, decided)
    if whole:
        p.shares = 0.0
        _end(x, j, CLOSED, k)
        if full is not None:
            _recall_hedge(x, full, j, row, k, how)
    else:
        at.outcomes(x)[j].exit_cause |= PARTICIPATION
        p.leaving = True
        p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, reason
        p.exit_decided = row


@inner
def _due(x: Run, full: Flag, j: int, s: int, kind: int) -> tuple[float, float, int, int, int]:
    """Return the exit that is due at this auction or carried to it: shares (0: none), price, reason, decided, how."""
    p = at.positions(x)[j]
    due = 2 * p.exit_session + p.exit_kind
    if p.exit_session < 0 or 2 * s + kind < due:
        return 0.0, 0.0, ZERO, ZERO, ZERO
    i, reason, decided = at.orders(x)[j].instrument, p.exit_reason, p.exit_decided
    _end_entry(x, full, j)
    if _too_late(x, decided if decided >= 0 else p.added_row, _row(x, i, s, kind)):
        return 0.0, 0.0, ZERO, ZERO, ZERO
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    cause = _refuses_exit(x, j, s, price)
    shares = _closable(x, full, j, s, reason)
    if cause == 0 and not shares > 0.0:
        cause = PARTICIPATION
    if cause != 0:
        at.outcomes(x)[j].exit_cause |= cause
        p.exit_decided = _row(x, i, s, kind)
        return 0.0, 0.0, ZERO, ZERO, ZERO
    return shares, price, reason, decided, (AS_PLANNED if 2 * s + kind == due and decided < 0 else LATE)


@inner
def _stop_level(x: Run, j: int, side: float) -> tuple[float, int]:
    """Return the tighter of the fixed and the trailing stop; nan never triggers, as comparisons with it are false."""
    p = at.positions(x)[j]
    if at.orders(x)[j].parent >= 0:
        return np.nan, TRAILING
    trailing = p.best * (1.0 - side * _rule(x, j).trailing)
    if math.isnan(p.stop) or side * trailing > side * p.stop:
        return trailing, TRAILING
    return p.stop, STOP


@inner
def _trigger(x: Run, j: int, s: int) -> tuple[int, float]:
    """Return the reason (-1: none) and the price of a stop or target in a session with high and low.

    The open is tested first, because it comes first; then the stop before the target, because the bar does not say
    which came first.
    """
    p = at.positions(x)[j]
    i, side = at.orders(x)[j].instrument, 1.0 if p.shares > 0.0 else -1.0
    stop, reason = _stop_level(x, j, side)
    target = p.target
    first = at.bars(x)[i, s].open
    if not math.isnan(first) and p.added // 2 != s:
        if side * first <= side * stop:
            return reason, first
        if side * first >= side * target:
            return TARGET, first
    worst, best = (
        (at.bars(x)[i, s].low, at.bars(x)[i, s].high) if side > 0.0 else (at.bars(x)[i, s].high, at.bars(x)[i, s].low)
    )
    if side * worst <= side * stop:
        return reason, stop
    if side * best >= side * target:
        return TARGET, target
    return -1, np.nan


@inner
def _guard(x: Run, full: Flag, j: int, s: int) -> tuple[float, float, int, int, int]:
    """Test the stops and targets of one session, on its close row; return the exit as ``_due`` does."""
    p = at.positions(x)[j]
    i, side = at.orders(x)[j].instrument, 1.0 if p.shares > 0.0 else -1.0
    if not (math.isnan(at.bars(x)[i, s].high) or math.isnan(at.bars(x)[i, s].low)):
        reason, price = _trigger(x, j, s)
        if reason < 0:
            return 0.0, 0.0, ZERO, ZERO, ZERO
        cause = _refuses_exit(x, j, s, price)
        shares = _closable(x, full, j, s, reason)
        if cause == 0 and not shares > 0.0:
            cause = PARTICIPATION
        if cause == 0:
            return shares, price, reason, max(at.bars(x)[i, s].open_row - 1, p.added_row), AT_LEVEL
        # locked against it: on to this session's close, and further
        _end_entry(x, full, j)
        at.outcomes(x)[j].exit_cause |= cause
        p.exit_session, p.exit_kind, p.exit_reason = s, CLOSE_KIND, reason
        p.exit_decided = max(at.bars(x)[i, s].open_row, p.added_row)
        return 0.0, 0.0, ZERO, ZERO, ZERO
    stop, reason = _stop_level(x, j, side)
    last = at.bars(x)[i, s].close
    if side * last >= side * p.target:
        reason = TARGET
    elif not side * last <= side * stop:
        return 0.0, 0.0, ZERO, ZERO, ZERO
    _end_entry(x, full, j)
    p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, reason
    p.exit_decided = at.bars(x)[i, s].close_row
    return 0.0, 0.0, ZERO, ZERO, ZERO


@inner
def _trail(x: Run, j: int, i: int, s: int) -> None:
    """Let a completed session move the best price since entry."""
    p = at.positions(x)[j]
    if p.shares > 0.0:
        best = at.bars(x)[i, s].close if math.isnan(at.bars(x)[i, s].high) else at.bars(x)[i, s].high
        if best > p.best:
            p.best = best
    else:
        best = at.bars(x)[i, s].close if math.isnan(at.bars(x)[i, s].low) else at.bars(x)[i, s].low
        if best < p.best:
            p.best = best


@inner
def _dividend(x: Run, book: Flag, full: Flag, j: int, k: int, s: int) -> None:
    """Pay the dividend of a position held before the ex-date's open."""
    o = at.orders(x)[j]
    i = o.instrument
    row, fx = at.bars(x)[i, s].open_row, 1.0
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, row]
    amount = at.positions(x)[j].shares * at.bars(x)[i, s].dividend * fx
    if amount > 0.0:
        amount *= 1.0 - o.withholding
    if book is not None:
        at.lines(x)[k, j, DIVIDEND] += amount
    _bring(x, full, j, k, amount)
    _settle(x, full, amount, at.row_day(x)[row])
    if full is not None:
        _convert(x, book, full, j, k, amount, at.row_day(x)[row])


@inner
def _see(x: Run, book: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Note an auction's price, and at an open what the night made of the position."""
    p = at.positions(x)[j]
    i = at.orders(x)[j].instrument
    price = at.bars(x)[i, s].open if kind == OPEN_KIND else at.bars(x)[i, s].close
    if kind == OPEN_KIND and s == at.instruments(x)[i].final_session:
        price = at.bars(x)[i, s].final
    if math.isnan(price) or (kind == OPEN_KIND and at.bars(x)[i, s].halted):
        return
    if kind == OPEN_KIND:
        at.gaps(x)[k, j] += p.shares * (price - p.seen) * p.fx
    p.seen = price


@inner
def _pay_out(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Close a position whose issuer is delisted or taken over, at what is paid for it."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, held = o.instrument, p.shares
    reason, row = at.instruments(x)[i].final_reason, at.bars(x)[i, s].open_row
    if o.parent >= 0 and p.entering:
        p.entering = False  # a hedge lacks what was due by now, not what its leg fills in this very row
        if p.ready <= 2 * s + kind:
            u.sent = _sent(x, full, j, row)
            u.rest = u.sent - abs(p.notional)
    _end_entry(x, full, j)
    decided = max(row - 2 if at.row_twin(x)[row] else row - 1, p.added_row)
    price = at.bars(x)[i, s].final
    _fill(x, book, full, j, k, s, kind, -held, price, reason, decided)
    p.shares = 0.0
    _end(x, j, CLOSED, k)
    if full is not None:
        _recall_hedge(x, full, j, row, k, np.int64(LATE))


@inner
def _buy_in(x: Run, j: int, s: int) -> None:
    """The lender asks for the shares during a session: they are bought at the next open, unless they leave before."""
    p = at.positions(x)[j]
    due = 2 * (s + 1) + OPEN_KIND
    if p.exit_session >= 0 and 2 * p.exit_session + p.exit_kind <= due:
        return
    p.exit_session, p.exit_kind, p.exit_reason = s + 1, OPEN_KIND, RECALL
    p.exit_decided = at.bars(x)[at.orders(x)[j].instrument, s].close_row


@inner
def _hold(x: Run, book: Flag, full: Flag, j: int, k: int, s: int, kind: int) -> None:
    """Let a position live through one auction.

    At an open: dividend, pay-out, exit, the rest of the entry. At a close: stops, exit, recall, rest, the trail.
    """
    p = at.positions(x)[j]
    i, recalled, carried, way = at.orders(x)[j].instrument, False, True, (0.0, 0.0, ZERO, ZERO, ZERO)
    if kind == OPEN_KIND:
        if at.bars(x)[i, s].dividend != 0.0:
            _dividend(x, book, full, j, k, s)
        if book is not None:
            _see(x, book, j, k, s, kind)
        if s >= at.instruments(x)[i].final_session:
            _pay_out(x, book, full, j, k, s, kind)
            return
    else:
        carried = p.leaving or (p.exit_session >= 0 and 2 * p.exit_session + p.exit_kind < 2 * s + CLOSE_KIND)
        recalled = at.bars(x)[i, s].recalled and p.shares < 0.0
        if recalled:
            _end_entry(x, full, j)
        if full is not None:
            if p.entering and not carried and _met(x, j, i, s):
                stop, _ = _stop_level(x, j, -1.0)
                if not stop <= at.bars(x)[i, s].offer_open:  # on its way up the price meets the lower of the two first
                    _enter(x, book, full, j, k, s, kind)
        if not at.bars(x)[i, s].halted and not carried:
            way = _guard(x, full, j, s)
    if way[0] == 0.0:
        way = _due(x, full, j, s, kind)
    if way[0] > 0.0:
        _leave(x, book, full, j, k, s, kind, way)
        if at.outcomes(x)[j].status != HELD:
            return
    if kind == CLOSE_KIND and recalled:
        _buy_in(x, j, s)
    if full is not None:
        if p.entering and 2 * s + kind >= p.ready:
            _go_on(x, book, full, j, k, s, kind)
    if kind == CLOSE_KIND:
        if not at.bars(x)[i, s].halted:
            _trail(x, j, i, s)
        if book is not None:
            _see(x, book, j, k, s, kind)


@inner
def _expire(x: Run, full: Flag, j: int, k: int) -> None:
    """End an entry, or the rest of one, whose last session is over."""
    u = at.outcomes(x)[j]
    if u.status == HELD:
        _end_entry(x, full, j)
    elif u.status == WAITING:
        _end(x, j, EXPIRED, k)


@inner
def _step(x: Run, book: Flag, full: Flag, j: int, k: int) -> None:
    """Let one order live through its next auction."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    i, s, kind = o.instrument, p.session, p.kind
    if u.status == HELD:
        _hold(x, book, full, j, k, s, kind)
    elif s >= at.instruments(x)[i].final_session:
        _end(x, j, EXPIRED, k)
        u.cause |= GONE
    else:
        _enter(x, book, full, j, k, s, kind)
        if book is not None:
            if kind == CLOSE_KIND and u.status == HELD:
                _see(x, book, j, k, s, kind)
    # a hedge has its leg's time
    if kind == CLOSE_KIND and s >= p.last_session and o.parent < 0:
        _expire(x, full, j, k)
    p.session, p.kind = (s, CLOSE_KIND) if kind == OPEN_KIND else (s + 1, OPEN_KIND)


@inner
def _drop(x: Run, j: int, last_row: int) -> None:
    """End an entry that waits for an instrument that is delisted or taken over before it is due."""
    i = at.orders(x)[j].instrument
    s = at.instruments(x)[i].final_session
    if s < at.instruments(x)[i].n_sessions and at.bars(x)[i, s].open_row <= last_row:
        _end(x, j, EXPIRED, at.bars(x)[i, s].open_value)
        at.outcomes(x)[j].cause |= GONE


@inner
def _jump(x: Run, j: int, last: int) -> None:
    """Jump over sessions in which a position is only held: no exit due, no level touched, nothing out of the way."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    i, s = o.instrument, p.session
    if s >= at.instruments(x)[i].n_sessions:
        return
    leaves = p.exit_session
    stop_at = min(at.bars(x)[i, s].rough, at.closed(x)[i, last])
    if leaves >= 0:
        stop_at = min(stop_at, leaves)
    rule = _rule(x, j)
    if o.parent >= 0 or (math.isnan(rule.stop) and math.isnan(rule.target) and math.isnan(rule.trailing)):
        s = max(s, stop_at)
    elif p.shares > 0.0:
        s = _jump_long(x, j, s, stop_at)
    else:
        s = _jump_short(x, j, s, stop_at)
    if s > p.session:
        p.session, p.kind = s, OPEN_KIND
    # the open of a session out of which nothing sticks does nothing either, unless an exit is due at it
    if p.kind == OPEN_KIND and s < at.instruments(x)[i].n_sessions and at.bars(x)[i, s].rough > s:
        at_open = leaves >= 0 and 2 * leaves + p.exit_kind <= 2 * s + OPEN_KIND
        if not at_open and at.bars(x)[i, s].open_value <= last:
            p.kind = CLOSE_KIND


@inner
def _jump_long(x: Run, j: int, s: int, stop_at: int) -> int:
    """Return the first session before ``stop_at`` in which a long position touches a level."""
    p = at.positions(x)[j]
    i, target, fixed, best = at.orders(x)[j].instrument, p.target, p.stop, p.best
    trailing = 1.0 - _rule(x, j).trailing
    if math.isnan(trailing):
        while s < stop_at and not (at.bars(x)[i, s].low <= fixed or at.bars(x)[i, s].high >= target):
            s += 1
        return s
    while s < stop_at:
        level = best * trailing
        if at.bars(x)[i, s].low <= level or at.bars(x)[i, s].low <= fixed or at.bars(x)[i, s].high >= target:
            break
        best = max(best, at.bars(x)[i, s].high)
        s += 1
    p.best = best
    return s


@inner
def _jump_short(x: Run, j: int, s: int, stop_at: int) -> int:
    """Return the first session before ``stop_at`` in which a short position touches a level."""
    p = at.positions(x)[j]
    i, target, fixed, best = at.orders(x)[j].instrument, p.target, p.stop, p.best
    trailing = 1.0 + _rule(x, j).trailing
    if math.isnan(trailing):
        while s < stop_at and not (at.bars(x)[i, s].high >= fixed or at.bars(x)[i, s].low <= target):
            s += 1
        return s
    while s < stop_at:
        level = best * trailing
        if at.bars(x)[i, s].high >= level or at.bars(x)[i, s].high >= fixed or at.bars(x)[i, s].low <= target:
            break
        best = min(best, at.bars(x)[i, s].low)
        s += 1
    p.best = best
    return s


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
def _nights(x: Run, book: Flag, full: Flag, j: int, k: int, until: int, late: bool) -> None:
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
    at.paid(x)[x.n_M - 2] += fees
    if late:  # after the last row's work: it adds to its NAV and to nothing that is judged there
        at.accounts(x)[0].late += brought
        p.flow += brought
        return
    at.accounts(x)[0].high = max(at.accounts(x)[0].high, k)
    _bring(x, full, j, k, brought)
    _settle(x, full, brought, at.value_rows(x)[k].day)


@inner
def _carry_short(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Value a short on some valuation rows: nights, price and rate, and its collateral set to its value.

    The loop is written out with what it needs at hand: it is where a book of shorts spends its time.
    """
    p, o, ring, values = at.positions(x)[j], at.orders(x)[j], at.ring(x), at.value_rows(x)
    i, g, m = o.instrument, o.thesis, x.n_M
    c = at.instruments(x)[i].currency
    worth, rates, prices, flows, sums = at.worth(x), at.value_fx(x), at.marks(x), at.flows(x), at.shorts(x)
    interest, conversion, stops = x.pays_interest, at.conversion(x)[c], at.accounts(x)[0].stops
    shares, collateral, settled, borrowed, night = p.shares, p.collateral, p.settled_collateral, p.borrowed, p.night
    price_before, fx_before, fees, exchange = p.price, p.fx, 0.0, 0.0
    settle_end = at.accounts(x)[0].settle_end
    for k in range(first, last + 1):
        fx, price, day = rates[c, k], prices[i, k], values[k].day
        brought = 0.0
        while night < day - x.day0:
            place = night % RING
            settled += ring[j, 0, place]
            borrowed += ring[j, 1, place]
            ring[j, 0, place] = ring[j, 1, place] = 0.0
            if borrowed > 0.0:
                rebate, fee = _night(x, book, j, k, night, settled, borrowed, fx)
                p.rebate += rebate
                fees += fee
                brought += rebate - fee
            night += 1
        free = brought
        if book is not None:
            at.lines(x)[k, j, PRICE] += shares * (price - price_before) * fx_before
            at.lines(x)[k, j, FX] += (shares * price + collateral) * (fx - fx_before)
        brought += collateral * (fx - fx_before)
        difference = -shares * price - collateral
        later = max(day, p.sale_settles) - x.day0
        collateral += difference
        ring[j, 0, later % RING] += difference
        cost = conversion * abs(difference * fx)
        exchange += cost
        brought -= cost
        if book is not None:
            at.line_costs(x)[k, j, m - 1] += cost
            at.cash(x)[k, 1 + c] += collateral
        if interest:
            at.settling(x)[day - x.day0] += free
            at.settling(x)[later] -= difference * fx + cost
            settle_end = max(settle_end, later + 1)
        flows[k] += brought
        p.flow += brought
        value = -shares * worth[i, k]
        sums[k] += value
        if stops:
            at.sleeve_flows(x)[g, k] += brought
            at.sleeve_worth(x)[g, k] -= value
        if x.has_margin:
            at.needs(x)[k] += _required(x, j, k)
        price_before, fx_before = price, fx
    p.collateral, p.settled_collateral, p.borrowed, p.night = collateral, settled, borrowed, night
    p.price, p.fx = price_before, fx_before
    at.accounts(x)[0].settle_end = settle_end
    at.paid(x)[m - 2] += fees
    at.paid(x)[m - 1] += exchange


@inner
def _carry(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Value a position on the valuation rows from ``first`` to ``last``, which pass without a fill."""
    p = at.positions(x)[j]
    acc = at.accounts(x)[0]
    i, shares = at.orders(x)[j].instrument, p.shares
    p.valued = last
    acc.low, acc.high = min(acc.low, first), max(acc.high, last)
    if full is not None:
        if shares < 0.0:
            _carry_short(x, book, full, j, first, last)
            return
    n = last + 1 - first
    if n <= 0:
        return
    worth = at.worth(x)[i, first : last + 1]
    if shares > 0.0:
        held = at.longs(x)[first : last + 1]
        for k in range(n):
            held[k] += shares * worth[k]
    else:
        owed = at.shorts(x)[first : last + 1]
        for k in range(n):
            owed[k] -= shares * worth[k]
    if full is not None:
        _carry_beside(x, j, first, last)
    if book is not None:
        _carry_lines(x, book, full, j, first, last)
    p.price, p.fx = at.marks(x)[i, last], at.value_fx(x)[at.instruments(x)[i].currency, last]


@inner
def _carry_beside(x: Run, j: int, first: int, last: int) -> None:
    """Add a long position to its thesis and to what maintenance margin requires."""
    o = at.orders(x)[j]
    i, g, shares = o.instrument, o.thesis, at.positions(x)[j].shares
    if at.accounts(x)[0].stops:
        for k in range(first, last + 1):
            at.sleeve_worth(x)[g, k] += shares * at.worth(x)[i, k]
    if x.has_margin:
        for k in range(first, last + 1):
            at.needs(x)[k] += x.long_upkeep * (shares * at.worth(x)[i, k])


@inner
def _carry_lines(x: Run, book: Flag, full: Flag, j: int, first: int, last: int) -> None:
    """Write the P&L lines of a position without collateral."""
    i = at.orders(x)[j].instrument
    c = at.instruments(x)[i].currency
    for k in range(first, last + 1):
        _mark(x, book, full, j, k, at.marks(x)[i, k], at.value_fx(x)[c, k])


@tight
def _linear(x: Run, i: int, s: int, value: float, buy: bool) -> float:
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


@tight
def _add(sums: Floats, worth: Floats, pending: Records, n: int, first: int, end: int) -> None:
    """Add the value of waiting trades to valuation rows, in their order: four in one pass, or one by one."""
    rows = end - first
    into = sums[first:end]
    if n == WAIT_FOR:
        a, b, c, d = pending[0], pending[1], pending[2], pending[3]
        of_a, of_b = worth[a.instrument, first:end], worth[b.instrument, first:end]
        of_c, of_d = worth[c.instrument, first:end], worth[d.instrument, first:end]
        q_a, q_b, q_c, q_d = a.shares, b.shares, c.shares, d.shares
        for k in range(rows):
            into[k] = into[k] + q_a * of_a[k] + q_b * of_b[k] + q_c * of_c[k] + q_d * of_d[k]
        return
    for m in range(n):
        each, q = worth[pending[m].instrument, first:end], pending[m].shares
        for k in range(rows):
            into[k] += q * each[k]


@inner
def _add_longs(x: Run) -> None:
    acc = at.accounts(x)[0]
    _add(at.longs(x), at.worth(x), at.pending(x)[0], acc.n_long, acc.first_long, acc.end_long)
    acc.n_long = 0


@inner
def _add_shorts(x: Run) -> None:
    acc = at.accounts(x)[0]
    _add(at.shorts(x), at.worth(x), at.pending(x)[1], acc.n_short, acc.first_short, acc.end_short)
    acc.n_short = 0


@inner
def _leap(x: Run, full: Flag, j: int, last: int) -> int:
    """Let a leg live through entry, holding and exit in one go; only where all of it is plain and within reach.

    Return DONE, NOT_YET where it is due after the valuation row ``last``, or STEP_BY_STEP where an auction refuses, a
    session is rough or the exit lies beyond: then nothing is written, and ``_step`` has the leg from its start. What is
    written is to the bit what ``_step`` would write, as far as anything still reads it.
    """
    at_j = np.uintp(j)  # numba then spends nothing on negative indices
    p, o, u = at.positions(x)[at_j], at.orders(x)[at_j], at.outcomes(x)[at_j]
    rule, i, kind = _rule(x, at_j), np.uintp(o.instrument), o.due_kind
    bars, s = at.briefs(x), o.due_session + rule.lag
    first = bars[np.uintp(s), i]
    k = np.int64(first.open_value if kind == OPEN_KIND else first.close_value)
    if k > last:
        return NOT_YET
    buy, price = p.weight > 0.0, (first.open if kind == OPEN_KIND else first.close)
    if first.rough <= s or price >= first.upper or price <= first.lower:
        return STEP_BY_STEP
    if not buy and (o.unlendable or not first.easy):
        return STEP_BY_STEP
    fx = 1.0
    if full is not None:
        fx = at.fx_rates(x)[at.instruments(x)[i].currency, _row(x, i, np.uintp(s), kind)]
    shares = _whole_lots(x, at_j, np.uintp(s), u.sent / (price * fx))
    if not shares > 0.0 or _allowed(x, full, j, s) < shares:
        return STEP_BY_STEP
    leaves, leaves_kind = o.exit_session, o.exit_kind
    if leaves >= 0 and 2 * s + kind >= 2 * leaves + leaves_kind:
        return STEP_BY_STEP
    if rule.hold >= 0 and (leaves < 0 or 2 * (s + rule.hold) + CLOSE_KIND <= 2 * leaves + leaves_kind):
        leaves, leaves_kind = s + rule.hold, CLOSE_KIND
    if leaves >= 0 and 2 * leaves + leaves_kind <= 2 * s + kind:
        return STEP_BY_STEP
    reach = min(first.rough, at.closed(x)[i, np.uintp(last)])
    q, paid = (s if kind == OPEN_KIND else s + 1), 0.0
    if math.isnan(rule.stop) and math.isnan(rule.target) and math.isnan(rule.trailing):
        if leaves < 0 or leaves >= reach:
            return STEP_BY_STEP
        q = leaves
    else:
        average = shares * price / shares
        end = reach if leaves < 0 else (leaves if leaves_kind == OPEN_KIND else leaves + 1)
        end = min(end, reach)
        side = 1.0 if buy else -1.0
        stop, target, trail = average * (1.0 - side * rule.stop), average * (1.0 + side * rule.target), rule.trailing
        if buy:
            q, stop, touched = _seek_long(bars, i, q, end, stop, target, trail, price)
        else:
            q, stop, touched = _seek_short(bars, i, q, end, stop, target, trail, price)
        if touched:
            open_ = bars[np.uintp(q), i].open
            paid = (
                stop
                if side * (bars[np.uintp(q), i].low if buy else bars[np.uintp(q), i].high) <= side * stop
                else target
            )
            if q > s and (side * open_ <= side * stop or side * open_ >= side * target):
                paid = open_
            leaves_kind = CLOSE_KIND
        elif leaves < 0 or leaves >= reach:
            return STEP_BY_STEP
        else:
            q = leaves
    exit_ = bars[np.uintp(q), i]
    if paid == 0.0:
        paid = exit_.open if leaves_kind == OPEN_KIND else exit_.close
    if (q == s and at.instruments(x)[i].resale) or paid >= exit_.upper or paid <= exit_.lower:
        return STEP_BY_STEP
    if _allowed(x, full, j, q) < shares:
        return STEP_BY_STEP
    k_out = np.int64(exit_.open_value if leaves_kind == OPEN_KIND else exit_.close_value)
    held = shares if buy else -shares
    if full is not None:
        _book_leap(x, full, j, s, kind, k, held, price, q, leaves_kind, k_out, paid)
        return DONE
    value, value_out = shares * price, shares * paid
    come = -(held * price) - _linear(x, i, s, value, buy)
    flows = at.flows(x)
    flows[np.uintp(k)] += come
    go = held * paid - _linear(x, i, q, value_out, not buy)
    flows[np.uintp(k_out)] += go
    account = at.accounts(x)[0]
    account.n_fills += 2
    if account.first_row < 0 or k <= account.first_value:
        row = _row(x, i, np.uintp(s), kind)
        if account.first_row < 0 or row < account.first_row:
            account.first_row, account.first_value = row, k
    account.low, account.high = min(account.low, k), max(account.high, k_out)
    account.n_leapt += 1
    account.leapt = max(account.leapt, k_out)
    p.flow, p.turnover, p.n_fills, p.done = come + go, value + value_out, 2, k_out
    u.status = CLOSED
    if buy:
        if account.n_long == WAIT_FOR or k != account.first_long or k_out != account.end_long:
            if account.n_long > 0:
                _add_longs(x)
            account.first_long, account.end_long = k, k_out
        wait = at.pending(x)[0, np.uintp(account.n_long)]
        account.n_long += 1
    else:
        if account.n_short == WAIT_FOR or k != account.first_short or k_out != account.end_short:
            if account.n_short > 0:
                _add_shorts(x)
            account.first_short, account.end_short = k, k_out
        wait = at.pending(x)[1, np.uintp(account.n_short)]
        account.n_short += 1
    wait.shares, wait.instrument = shares, i
    return DONE


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
    _fill(x, None, full, j, k, s, kind, held, price, ENTRY, -1)
    at.outcomes(x)[j].status = HELD
    if k_out > k:
        _carry(x, None, full, j, k, k_out - 1)
    _fill(x, None, full, j, k_out, out, out_kind, -held, paid, HOLD, -1)
    p.shares = 0.0
    p.entering = False
    _end(x, j, CLOSED, k_out)
    acc = at.accounts(x)[0]
    acc.n_leapt += 1
    acc.leapt = max(acc.leapt, k_out)


@tight
def _seek_long(
    bars: Any, i: int, q: int, end: int, stop: float, target: float, trail: float, best: float
) -> tuple[int, float, bool]:
    """Return the first session before ``end`` in which a long touches a level, its stop then, and whether one does."""
    if math.isnan(trail):
        while q < end:
            if bars[np.uintp(q), i].low <= stop or bars[np.uintp(q), i].high >= target:
                return q, stop, True
            q += 1
        return q, stop, False
    fixed = stop
    while q < end:
        level = best * (1.0 - trail)
        stop = level if math.isnan(fixed) or level > fixed else fixed
        if bars[np.uintp(q), i].low <= stop or bars[np.uintp(q), i].high >= target:
            return q, stop, True
        best = max(best, bars[np.uintp(q), i].high)
        q += 1
    return q, stop, False


@tight
def _seek_short(
    bars: Any, i: int, q: int, end: int, stop: float, target: float, trail: float, best: float
) -> tuple[int, float, bool]:
    """Return the first session before ``end`` in which a short touches a level, its stop then, and whether one does."""
    if math.isnan(trail):
        while q < end:
            if bars[np.uintp(q), i].high >= stop or bars[np.uintp(q), i].low <= target:
                return q, stop, True
            q += 1
        return q, stop, False
    fixed = stop
    while q < end:
        level = best * (1.0 + trail)
        stop = level if math.isnan(fixed) or level < fixed else fixed
        if bars[np.uintp(q), i].high >= stop or bars[np.uintp(q), i].low <= target:
            return q, stop, True
        best = min(best, bars[np.uintp(q), i].low)
        q += 1
    return q, stop, False


@inner
def _next_row(x: Run, swift: Flag, j: int, last: int) -> int:
    """Return the row of an order's next auction at which something may happen, a far one if after a valuation row."""
    p = at.positions(x)[j]
    status = at.outcomes(x)[j].status
    if status != WAITING and status != HELD:
        return FAR
    i = at.orders(x)[j].instrument
    if swift is not None:
        if status == HELD and not (p.entering or p.leaving):
            _jump(x, j, last)
    s = p.session
    if s >= at.instruments(x)[i].n_sessions or _value_of(x, i, s, p.kind) > last:
        return FAR
    return _row(x, i, s, p.kind)


@inner
def _begin_steps(x: Run, full: Flag, j: int) -> None:
    """Make a leg that can't leap ready for its steps."""
    _add_longs(x)  # values are added in the order of the orders
    _add_shorts(x)
    sent = at.outcomes(x)[j].sent
    _clear(x, full, j)
    at.outcomes(x)[j].sent = sent


@inner
def _walk(x: Run, book: Flag, full: Flag, swift: Flag, j: int, last: int) -> None:
    """Let a leg live up to a valuation row, and its hedge beside it in the order of time."""
    if swift is not None:
        if at.positions(x)[j].fresh:
            leapt = STEP_BY_STEP
            if full is None or at.orders(x)[j].child < 0:
                leapt = _leap(x, full, j, last)
            if leapt == NOT_YET:
                _drop(x, j, at.value_rows(x)[last].row)
                return
            at.positions(x)[j].fresh = False
            if leapt == DONE:
                return
            if full is None:
                _begin_steps(x, full, j)
    if swift is None:
        at.positions(x)[j].fresh = False
    h = -1
    if full is not None:
        h = at.orders(x)[j].child
    while True:
        y, row = j, _next_row(x, swift, j, last)
        if full is not None:
            if h >= 0:
                its = _next_row(x, swift, h, last)
                if its < row:
                    y, row = h, its
        k = last + 1
        if row != FAR:
            k = _value_of(x, at.orders(x)[y].instrument, at.positions(x)[y].session, at.positions(x)[y].kind)
        if at.outcomes(x)[y].status == HELD and at.positions(x)[y].valued < k - 1:
            _carry(x, book, full, y, at.positions(x)[y].valued + 1, k - 1)
        if row == FAR:
            break
        _step(x, book, full, y, k)
    if full is not None:
        if h >= 0 and at.outcomes(x)[h].status == HELD and at.positions(x)[h].valued < last:
            _carry(x, book, full, h, at.positions(x)[h].valued + 1, last)
    if at.outcomes(x)[j].status == WAITING:
        _drop(x, j, at.value_rows(x)[last].row)


@inner
def _required(x: Run, j: int, k: int) -> float:
    """Return the maintenance margin of a position on a valuation row, in base currency."""
    p = at.positions(x)[j]
    i = at.orders(x)[j].instrument
    value = abs(p.shares) * at.worth(x)[i, k]
    if p.shares > 0.0:
        return x.long_upkeep * value
    dollars = at.dollars(x)[k] * abs(p.shares) / at.splits(x)[i, k]  # one a share
    if value >= x.cheap_under * dollars:
        return max(x.short_upkeep * value, x.floor * dollars)
    return max(x.cheap_upkeep * value, x.cheap_floor * dollars)


@tight
def _account_nights(x: Run, book: Flag, k: int) -> float:
    """Pay the interest of the nights since the valuation row before on each night's free cash; return the sum."""
    acc = at.accounts(x)[0]
    today, credit, debit = at.value_rows(x)[k].day - x.day0, 0.0, 0.0
    settled = acc.settled
    if acc.night < 0:  # the first fill starts the interest
        acc.night = at.row_day(x)[acc.first_row] - x.day0
    for n in range(acc.night, today):
        settled += at.settling(x)[n]
        at.settling(x)[n] = 0.0
        if settled > 0.0:
            rate = max(at.policy(x)[0, n] + x.credit_spread, x.credit_floor)
            paid = settled * rate / at.day_count(x)[0]
            credit += paid
        else:
            paid = settled * (at.policy(x)[0, n] + x.debit_spread) / at.day_count(x)[0]
            debit += paid
    acc.night = max(acc.night, today)
    acc.settled = settled + credit + debit  # it counts from today
    acc.credit += credit
    acc.debit += debit
    if book is not None:
        at.interest(x)[k, 0] += credit
        at.interest(x)[k, 1] += debit
    return credit + debit


@inner
def _judge(x: Run, k: int, nav: float, interest: float, is_last: bool) -> bool:
    """Bring the theses' own NAVs to a valuation row; return whether one must stop, or the account is called."""
    strikes = False
    for g in range(at.theses(x).shape[0] if at.accounts(x)[0].stops else 0):
        at.sleeves(x)[g].nav += at.sleeve_flows(x)[g, k] + at.theses(x)[g].share * interest
        own = at.sleeves(x)[g].nav + at.sleeve_worth(x)[g, k]
        at.sleeves(x)[g].peak = max(at.sleeves(x)[g].peak, own)
        at.sleeves(x)[g].own = own
        drawdown = at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown
        if not at.sleeves(x)[g].stopped and own / at.sleeves(x)[g].peak - 1.0 <= -drawdown:
            strikes = True
    short = at.needs(x)[k] > 0.0 and nav < at.needs(x)[k] * (1.0 - SLACK)
    return strikes or (x.has_margin and short and not is_last)


@inner
def _note(x: Run, book: Flag, k: int, nav: float, purse: float, value_fx: Any) -> None:
    """Write a valuation row of the account."""
    free = purse
    for c in range(value_fx.shape[0]):
        free -= at.cash(x)[k, 1 + c] * value_fx[c, k]
    at.nav(x)[k], at.cash(x)[k, 0], at.margins(x)[k, 0] = nav, free, at.needs(x)[k]


@inner
def _rows(x: Run, book: Flag, full: Flag, first: int, last: int, final: int, judged: bool) -> int:
    """Make NAV and figures of the valuation rows from ``first`` to ``last``; stop before a row that strikes.

    Return that row, -1 if none did. The last row of the run is ``final``.
    """
    acc = at.accounts(x)[0]
    purse, prev, peak = acc.purse, acc.nav, acc.peak
    total, squares, falls = acc.total, acc.squares, acc.falls
    deepest, exposure, struck, end = acc.max_drawdown, acc.exposure, -1, last
    inverse, of_peak = 1.0 / prev, 1.0 / peak
    start, stop = first, last
    if book is None and (full is None or not x.pays_interest):  # nothing moves where nothing is held
        start, stop = max(first, acc.low), min(last, acc.high)
    for k in range(start, stop + 1):
        interest = 0.0
        if full is not None:
            if x.pays_interest:
                interest = _account_nights(x, book, k)
        purse += interest
        long, short = at.longs(x)[k], at.shorts(x)[k]
        nav = purse + at.flows(x)[k] + (long - short)
        if full is not None:
            if judged and (acc.stops or at.needs(x)[k] > 0.0):
                if _judge(x, k, nav, interest, k == at.value_rows(x).shape[0] - 1):
                    acc.judged = nav
                    struck, end = k, k - 1
                    break
        purse += at.flows(x)[k]
        if full is not None:
            if k == final:
                nav += acc.late
                purse += acc.late
        if book is not None:
            _note(x, book, k, nav, purse, at.value_fx(x))
        if full is not None:
            if acc.low <= k <= acc.high:
                _wipe(x, k)
        at.flows(x)[k] = at.longs(x)[k] = at.shorts(x)[k] = 0.0
        change = (nav - prev) * inverse - at.foregone(x)[k]
        total += change
        squares += change * change
        if change < 0.0:
            falls += change * change
        inverse = 1.0 / nav  # one division a row: three of them took half of the time of a short trade
        exposure += (long + short) * inverse
        prev = nav
        if nav > peak:
            peak, of_peak = nav, inverse
        deepest = min(deepest, (nav - peak) * of_peak)
    acc.purse, acc.nav, acc.peak = purse, prev, peak
    acc.total, acc.squares, acc.falls = total, squares, falls
    acc.max_drawdown, acc.exposure = deepest, exposure
    acc.n_obs += end + 1 - first
    acc.last_value = max(acc.last_value, end)
    return struck


@inner
def _wipe(x: Run, k: int) -> None:
    """Leave a valuation row as it was found."""
    at.needs(x)[k] = 0.0
    if at.accounts(x)[0].stops:
        for g in range(at.sleeve_worth(x).shape[0]):
            at.sleeve_worth(x)[g, k] = at.sleeve_flows(x)[g, k] = 0.0


@inner
def _stop_theses(x: Run, full: Flag, k: int) -> None:
    """Close every leg of a thesis whose drawdown reached its limit, at each leg's next auction."""
    for g in range(at.theses(x).shape[0] if at.accounts(x)[0].stops else 0):
        drawdown = at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown
        if at.sleeves(x)[g].stopped or not (at.sleeves(x)[g].own / at.sleeves(x)[g].peak - 1.0 <= -drawdown):
            continue
        at.sleeves(x)[g].stopped = True
        for a in range(at.accounts(x)[0].n_active):
            j = at.active(x)[a]
            if at.orders(x)[j].thesis != g:
                continue
            _cancel(x, full, j, k)
            if at.orders(x)[j].child >= 0:
                _cancel(x, full, at.orders(x)[j].child, k)
            overdue = at.positions(x)[j].exit_session >= 0 and (
                2 * at.positions(x)[j].exit_session + at.positions(x)[j].exit_kind
                < 2 * at.positions(x)[j].session + at.positions(x)[j].kind
                or at.positions(x)[j].exit_decided >= 0
            )
            if at.outcomes(x)[j].status == HELD and not overdue:  # a hedge closes with its leg
                at.positions(x)[j].exit_session, at.positions(x)[j].exit_kind = (
                    at.positions(x)[j].session,
                    at.positions(x)[j].kind,
                )
                at.positions(x)[j].exit_reason, at.positions(x)[j].exit_decided = DRAWDOWN, at.value_rows(x)[k].row


@inner
def _count_out(x: Run, j: int, k: int, required: float) -> float:
    """Take a position that leaves, and the hedge that leaves after it, off what is required."""
    p = at.positions(x)[j]
    if not p.counted:
        p.counted = True
        required -= _required(x, j, k)
    h = at.orders(x)[j].child
    if h >= 0 and at.outcomes(x)[h].status == HELD and not at.positions(x)[h].counted:
        at.positions(x)[h].counted = True
        required -= _required(x, h, k)
    return required


@inner
def _is_larger(x: Run, j: int, need: float, found: int, most: float) -> bool:
    return found < 0 or need > most or (need == most and at.orders(x)[j].rank < at.orders(x)[found].rank)


@inner
def _largest(x: Run, k: int) -> int:
    """Return the position with the largest requirement that does not leave yet; -1 if all do."""
    found, most = -1, 0.0
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD and not at.positions(x)[y].counted:
                need = _required(x, y, k)
                if _is_larger(x, y, need, found, most):
                    found, most = y, need
    return found


@inner
def _call(x: Run, book: Flag, full: Flag, k: int) -> None:
    """Judge the account's maintenance margin; a call closes the largest needs at each one's next auction."""
    acc = at.accounts(x)[0]
    required, nav = 0.0, acc.judged
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD:
                at.positions(x)[y].counted = False
                required += _required(x, y, k)
    if not (required > 0.0 and nav < required * (1.0 - SLACK)) or k == at.value_rows(x).shape[0] - 1:
        return
    acc.n_calls += 1
    if book is not None:
        at.margins(x)[k, 1] = 1.0
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y < 0:
                continue
            if at.orders(x)[y].decided_value < k:
                _cancel(x, full, y, k)
            due = (
                2 * at.positions(x)[y].exit_session + at.positions(x)[y].exit_kind
                <= 2 * at.positions(x)[y].session + at.positions(x)[y].kind
            )
            if at.outcomes(x)[y].status == HELD and (
                at.positions(x)[y].leaving or (at.positions(x)[y].exit_session >= 0 and due)
            ):
                required = _count_out(x, y, k, required)
    while nav < required * (1.0 - SLACK):
        j = _largest(x, k)
        if j < 0:
            return
        required = _count_out(x, j, k, required)
        at.positions(x)[j].exit_session, at.positions(x)[j].exit_kind = (
            at.positions(x)[j].session,
            at.positions(x)[j].kind,
        )
        at.positions(x)[j].exit_reason, at.positions(x)[j].exit_decided = MARGIN_CALL, at.value_rows(x)[k].row
        at.outcomes(x)[j].called = k
        h = at.orders(x)[j].child
        if h >= 0 and at.outcomes(x)[h].status == HELD:
            at.outcomes(x)[h].called = k


@inner
def _hedge_weight(x: Run, j: int) -> float:
    """Return how much hedge goes with one unit of a leg, 0 where none is sent."""
    h = at.orders(x)[j].child
    return 0.0 if h < 0 or at.orders(x)[h].refused else abs(at.orders(x)[h].unit)


@inner
def _pending(x: Run, j: int) -> float:
    """Return what the entry of a leg and of its hedge still have to fill, in base currency, positive."""
    p = at.positions(x)[j]
    u = at.outcomes(x)[j]
    h, hedged, filled = at.orders(x)[j].child, _hedge_weight(x, j), abs(p.notional)
    if u.status == WAITING or (u.status == HELD and p.entering):
        return u.sent * (1.0 + hedged) - filled - (abs(at.positions(x)[h].notional) if hedged > 0.0 else 0.0)
    if hedged > 0.0 and u.status == HELD and (at.outcomes(x)[h].status == WAITING or at.positions(x)[h].entering):
        return hedged * filled - abs(at.positions(x)[h].notional)
    return 0.0


@inner
def _used(x: Run) -> float:
    """Return the value of all positions and of what earlier batches still have to fill, in base currency."""
    used = 0.0
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0 and at.outcomes(x)[y].status == HELD:
                used += abs(at.positions(x)[y].shares) * at.positions(x)[y].price * at.positions(x)[y].fx
        used += _pending(x, at.active(x)[a])
    return used


@inner
def _clear(x: Run, full: Flag, j: int) -> None:
    """Put an order back to before its decision."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    u = at.outcomes(x)[j]
    hedge = o.parent >= 0
    rule = _rule(x, j)
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
        p.night = -1
        p.sale_settles = p.cover_settles = 0
        p.collateral = p.borrowed = p.settled_collateral = 0.0
        if p.weight < 0.0 or hedge:
            at.ring(x)[j, :, :] = 0.0
    else:
        p.collateral = 0.0


@tight
def _ready(x: Run, j: int) -> None:
    """Put an order back to before its decision as far as a leap wants it; ``_clear`` does the rest if it must."""
    at_j = np.uintp(j)
    p, o, u = at.positions(x)[at_j], at.orders(x)[at_j], at.outcomes(x)[at_j]
    u.status, p.done, p.n_fills, p.rebate, p.fresh = WAITING, -1, 0, 0.0, True
    p.weight = o.unit * _rule(x, at_j).gross * at.theses(x)[np.uintp(o.thesis)].share


@inner
def _send_batch(x: Run, book: Flag, full: Flag, first: int, end: int, k: int, nav: float) -> None:
    """Size the orders of one instant on the NAV at their decision, and cut them to what initial margin leaves."""
    acc = at.accounts(x)[0]
    scale = 1.0
    if full is not None:
        if x.has_margin and nav > 0.0:
            asked = 0.0
            for q in range(first, end):
                j = at.queue(x)[q]
                rule = _rule(x, j)
                weight = at.orders(x)[j].unit * rule.gross * at.theses(x)[at.orders(x)[j].thesis].share
                asked += abs(weight) * (1.0 + _hedge_weight(x, j))
            need = x.initial * nav * asked
            available = nav - x.initial * _used(x)
            if need > available * (1.0 + SLACK):
                scale = available / need if available > SLACK * nav else 0.0
    active = acc.n_active
    for q in range(first, end):
        j = at.queue(x)[q]
        if full is None and book is None:
            _ready(x, j)
        else:
            _clear(x, full, j)
            at.positions(x)[j].fresh = True
        if full is not None:
            if at.orders(x)[j].child >= 0:
                _clear(x, full, at.orders(x)[j].child)
        at.outcomes(x)[j].scale, at.outcomes(x)[j].sent = scale, scale * abs(at.positions(x)[j].weight) * max(nav, 0.0)
        if scale == 0.0:
            _end(x, j, NO_MARGIN, k + 1)
            at.positions(x)[j].entering = False
        at.active(x)[active] = j
        active += 1
    acc.n_active = active


@inner
def _send(x: Run, book: Flag, full: Flag, k: int) -> None:
    """Send the orders whose decision follows a valuation row, batch by batch in the order of time."""
    acc = at.accounts(x)[0]
    nav = acc.nav
    first, n = acc.n_sent, acc.n_queue
    while first < n and at.orders(x)[at.queue(x)[first]].decided_value == k:
        end, batch = first + 1, at.orders(x)[at.queue(x)[first]].batch
        while end < n and at.orders(x)[at.queue(x)[end]].batch == batch:
            end += 1
        _send_batch(x, book, full, first, end, k, nav)
        first = end
    acc.n_sent = first


@inner
def _begin(x: Run, book: Flag, full: Flag) -> None:
    """Reset the scratch, and put the legs that are to be sent in the order of their decisions."""
    acc = at.accounts(x)[0]
    n = 0
    for j in range(at.orders(x).shape[0]):
        if book is not None:
            _clear(x, full, j)
        if at.orders(x)[j].parent >= 0 or at.orders(x)[j].refused:
            continue
        if at.orders(x)[j].due_session + _rule(x, j).lag >= at.instruments(x)[at.orders(x)[j].instrument].n_sessions:
            continue
        place = n
        while place > 0 and at.orders(x)[at.queue(x)[place - 1]].batch > at.orders(x)[j].batch:
            at.queue(x)[place] = at.queue(x)[place - 1]
            place -= 1
        at.queue(x)[place] = j
        n += 1
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
    acc.worst, acc.is_open = -1, False
    acc.n_long = acc.n_short = 0
    acc.n_active = acc.n_sent = 0
    acc.n_queue = n
    if full is not None:
        for g in range(at.theses(x).shape[0]):
            at.sleeves(x)[g].nav = at.sleeves(x)[g].peak = at.sleeves(x)[g].own = at.theses(x)[g].share * x.capital
            at.sleeves(x)[g].stopped = False


@tight
def _is_over(x: Run, full: Flag, j: int) -> bool:
    """Return whether a leg and its hedge have nothing more to do; a hedge that waits will not be sent any more."""
    u = at.outcomes(x)[j]
    if u.status == HELD or u.status == WAITING:
        return False
    if full is None:
        return True
    h = at.orders(x)[j].child
    return h < 0 or at.outcomes(x)[h].status != HELD


@inner
def _finish(x: Run, full: Flag) -> int:
    """Return the valuation row by which all that was sent is over, a far one if something is not."""
    done = -1
    for a in range(at.accounts(x)[0].n_active):
        j = at.active(x)[a]
        if not _is_over(x, full, j):
            return FAR
        done = max(done, at.positions(x)[j].done)
        if full is not None:
            if at.orders(x)[j].child >= 0 and at.positions(x)[at.orders(x)[j].child].n_fills > 0:
                done = max(done, at.positions(x)[at.orders(x)[j].child].done)
    return done


@inner
def _owes(x: Run, j: int) -> bool:
    """Return whether an order is closed, and nights of it have still to be paid."""
    p = at.positions(x)[j]
    return at.outcomes(x)[j].status == CLOSED and p.sale_settles > 0 and (p.night < p.cover_settles - x.day0)


@inner
def _pay_nights(x: Run, book: Flag, full: Flag, last: int, final: bool) -> None:
    """Pay the nights of shorts that are closed but not settled, up to a row; after the final one, all that are left."""
    for a in range(at.accounts(x)[0].n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y < 0 or not _owes(x, y):
                continue
            settles = at.positions(x)[y].cover_settles - x.day0
            k = at.positions(x)[y].done
            while k <= last and at.positions(x)[y].night < settles:
                _nights(x, book, full, y, k, min(at.value_rows(x)[k].day - x.day0, settles), False)
                k += 1
            if final:
                _nights(x, book, full, y, last, settles, True)


@tight
def _tally(x: Run, j: int) -> None:
    """Add an order that is over, or the end of the run has come, to the figures."""
    p = at.positions(x)[j]
    if p.n_fills == 0:
        return
    acc, made = at.accounts(x)[0], p.flow
    if at.outcomes(x)[j].status == HELD:
        made += p.shares * at.worth(x)[at.orders(x)[j].instrument, acc.last_value]
        acc.is_open = True
    acc.turnover += p.turnover
    p.turnover = 0.0
    acc.rebate += p.rebate
    acc.n_legs += 1
    if made > 0.0:
        acc.n_hits += 1
    if acc.worst < 0 or made < acc.worst_pnl or (made == acc.worst_pnl and j < acc.worst):
        acc.worst, acc.worst_pnl = j, made


@inner
def _count_turnover(x: Run, j: int) -> None:
    """Add the turnover of a leg and its hedge, which are over: sums must not depend on when their nights are paid."""
    p = at.positions(x)[j]
    at.accounts(x)[0].turnover += p.turnover
    p.turnover = 0.0
    h = at.orders(x)[j].child
    if h >= 0 and at.positions(x)[h].n_fills > 0:
        at.accounts(x)[0].turnover += at.positions(x)[h].turnover
        at.positions(x)[h].turnover = 0.0


@tight
def _compact(x: Run, full: Flag, at_end: bool) -> None:
    """Take out of the active orders what is over and paid for, and at the end all; add it to the figures."""
    n, leapt = 0, at.accounts(x)[0].n_leapt == at.accounts(x)[0].n_active
    for a in range(at.accounts(x)[0].n_active):
        j = at.active(x)[a]
        keep = not leapt and not _is_over(x, full, j)
        if full is not None:
            if not keep:
                _count_turnover(x, j)
                keep = _owes(x, j) or (at.orders(x)[j].child >= 0 and _owes(x, at.orders(x)[j].child))
        if keep and not at_end:
            at.active(x)[n] = j
            n += 1
            continue
        _tally(x, j)
        if full is not None:
            if at.orders(x)[j].child >= 0:
                _tally(x, at.orders(x)[j].child)
    at.accounts(x)[0].n_active = n


@inner
def _copy_ring(source: Floats, to: Floats, j: int) -> None:
    for place in range(RING):
        to[j, 0, place], to[j, 1, place] = source[j, 0, place], source[j, 1, place]


@inner
def _save(x: Run, last: int) -> None:
    """Keep what a stretch up to a valuation row may change, to take it back."""
    acc = at.accounts(x)[0]
    for m in range(at.paid(x).shape[0]):
        at.saved_paid(x)[m] = at.paid(x)[m]
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0:
                at.saved_positions(x)[y], at.saved_outcomes(x)[y] = at.positions(x)[y], at.outcomes(x)[y]
                if not at.positions(x)[y].fresh:  # whose ring is empty
                    _copy_ring(at.ring(x), at.saved_ring(x), y)
    acc.saved_settle_end = acc.settle_end
    for n in range(max(acc.night, 0), acc.settle_end):
        at.saved_settling(x)[n] = at.settling(x)[n]


@inner
def _take_back(x: Run, book: Flag, first: int, last: int) -> None:
    """Bring back what was saved, and wipe the rows of the stretch."""
    acc = at.accounts(x)[0]
    for m in range(at.paid(x).shape[0]):
        at.paid(x)[m] = at.saved_paid(x)[m]
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0:
                at.positions(x)[y], at.outcomes(x)[y] = at.saved_positions(x)[y], at.saved_outcomes(x)[y]
                if at.positions(x)[y].fresh:
                    at.ring(x)[y, :, :] = 0.0
                else:
                    _copy_ring(at.saved_ring(x), at.ring(x), y)
    for n in range(max(acc.night, 0), acc.settle_end):
        at.settling(x)[n] = at.saved_settling(x)[n] if n < acc.saved_settle_end else 0.0
    acc.settle_end = acc.saved_settle_end
    acc.n_fills, acc.late = acc.saved_fills, 0.0
    _wipe_rows(x, first, last)
    if book is not None:
        at.lines(x)[first : last + 1] = 0.0
        at.line_costs(x)[first : last + 1] = 0.0
        at.gaps(x)[first : last + 1] = 0.0
        at.cash(x)[first : last + 1, 1:] = 0.0
        at.fill_costs(x)[acc.n_fills :] = 0.0


@inner
def _wipe_rows(x: Run, first: int, last: int) -> None:
    for k in range(first, last + 1):
        at.flows(x)[k] = at.longs(x)[k] = at.shorts(x)[k] = 0.0
        _wipe(x, k)


@merged
def _stretch(x: Run, book: Flag, full: Flag, swift: Flag, first: int, last: int, judged: bool) -> int:
    """Live from one valuation row to another; return the row that struck, -1 if none did, a far one at the end."""
    acc = at.accounts(x)[0]
    n_values = at.value_rows(x).shape[0]
    acc.low, acc.high = n_values, -1
    acc.n_leapt, acc.leapt = 0, -1
    for a in range(acc.n_active):
        _walk(x, book, full, swift, at.active(x)[a], last)
    if full is None:
        if book is None:
            if acc.n_long > 0:
                _add_longs(x)
            if acc.n_short > 0:
                _add_shorts(x)
    end, final = last, n_values - 1
    if acc.n_sent == acc.n_queue:
        done = acc.leapt if acc.n_leapt == acc.n_active else _finish(x, full)
        if done != FAR:
            end = min(last, max(done, acc.first_value, first))
            final = end
    if acc.n_fills == 0:
        return FAR if end == final else -1
    if full is not None:
        _pay_nights(x, book, full, end, end == final)
    start = max(first, acc.first_value)
    if start <= end:
        struck = _rows(x, book, full, start, end, final, judged)
        if struck >= 0:
            return struck
    _compact(x, full, end == final)
    return FAR if end == final else -1


@merged
def _strike(x: Run, book: Flag, full: Flag, swift: Flag, first: int, last: int, k: int) -> bool:
    """Walk a stretch again up to a row at which theses stop or the account is called, and let them; True at the end."""
    acc = at.accounts(x)[0]
    _take_back(x, book, first, last)
    for a in range(acc.n_active):
        _walk(x, book, full, swift, at.active(x)[a], k)
    _stop_theses(x, full, k)
    if x.has_margin:
        _call(x, book, full, k)
    over = k == at.value_rows(x).shape[0] - 1
    if acc.n_sent == acc.n_queue and _finish(x, full) <= k:
        over = True
    _pay_nights(x, book, full, k, over)
    _wipe_rows(x, first, k - 1)
    for n in range(max(acc.saved_night, 0), acc.night):
        at.settling(x)[n] = 0.0  # these nights are paid
    acc.low = acc.high = k
    acc.n_leapt = -1
    _rows(x, book, full, k, k, k if over else FAR, False)
    _compact(x, full, over)
    return over


@inner
def _has_stops(x: Run) -> bool:
    """Return whether some thesis has a stop of its own."""
    for g in range(at.theses(x).shape[0]):
        if not math.isnan(at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown):
            return True
    return False


@merged
def _run(x: Run, book: Flag, full: Flag, swift: Flag) -> None:
    """Run one account through the market."""
    acc = at.accounts(x)[0]
    _begin(x, book, full)
    judged = False
    if full is not None:
        acc.stops = _has_stops(x)
        judged = x.has_margin or acc.stops
    k, n_values = -1, at.value_rows(x).shape[0]
    while True:
        if acc.n_sent < acc.n_queue:
            _send(x, book, full, k)
        if k == n_values - 1:
            break
        last = n_values - 1
        if acc.n_sent < acc.n_queue:
            last = at.orders(x)[at.queue(x)[acc.n_sent]].decided_value
        if full is not None:
            if judged:
                acc.saved_fills, acc.saved_night = acc.n_fills, acc.night
                _save(x, last)
        struck = _stretch(x, book, full, swift, k + 1, last, judged)
        if struck == FAR:
            break
        if full is not None:
            if struck >= 0:
                if _strike(x, book, full, swift, k + 1, last, struck):
                    break
                last = struck
        k = last
    if full is not None:
        if x.pays_interest:
            for n in range(max(acc.night, 0), acc.settle_end):
                at.settling(x)[n] = 0.0


@inner
def _conclude(x: Run, full: Flag, out: Any) -> None:
    """Write the figures of a run."""
    acc = at.accounts(x)[0]
    costs = 0.0
    for m in range(at.paid(x).shape[0]):
        costs += at.paid(x)[m]
    n = acc.n_obs
    mean = acc.total / n if n > 0 else np.nan
    spread = (acc.squares - n * mean * mean) / (n - 1) if n > 1 else np.nan
    out.n_fills, out.n_obs, out.n_calls = acc.n_fills, n, acc.n_calls
    out.first_row, out.first_value = acc.first_row, acc.first_value
    out.last_value = acc.last_value
    # rounding makes a spread of returns that are all the same
    out.mean, out.std = mean, (math.sqrt(spread) if spread > 1e-12 * mean * mean else 0.0)
    out.downside = math.sqrt(acc.falls / n) if n > 0 else np.nan
    out.max_drawdown = acc.max_drawdown
    out.exposure = acc.exposure / n if n > 0 else 0.0
    out.net = acc.nav - x.capital
    out.credit, out.debit, out.rebate = acc.credit, acc.debit, acc.rebate
    out.gross = out.net + costs - out.credit - out.debit - out.rebate
    out.turnover, out.n_legs, out.n_hits, out.open_at_end = acc.turnover, acc.n_legs, acc.n_hits, acc.is_open
    out.worst, out.worst_pnl = acc.worst, (acc.worst_pnl if acc.worst >= 0 else np.nan)


@entry
def simulate(runs: Records, book: bool, full: bool, figures: Records) -> None:
    """Run one account through the market, write its book and its figures.

    Parameters
    ----------
    runs : ndarray of shape (1,), RUN
        With a book, fresh from ``empty_book``, and any scratch.
    book, full : bool
        True.
    figures : ndarray of shape (1,), FIGURES
        Written.
    """
    x = runs[0]
    _run(x, book, full, None)
    _conclude(x, full, figures[0])
    for j in range(x.n_J):
        if at.outcomes(x)[j].status == HELD:
            _end_entry(x, full, j)
        at.book_outcomes(x)[j] = at.outcomes(x)[j]
    at.sizes(x)[0], at.sizes(x)[1] = at.accounts(x)[0].n_fills, at.accounts(x)[0].first_value
    at.sizes(x)[2] = at.accounts(x)[0].last_value


@inner
def _block(
    x: Run, full: Flag, order: int, start: Any, template: Any, pick: int, v: int, end: int, figures: Any, paid: Any
) -> None:
    """Run some variants, one after another, in one scratch; ``order`` and ``pick`` are where theirs begin."""
    first, base = x.orders, x.picks
    while v < end:
        t = template[v]
        x.orders, x.n_J = first + order * start[t], start[t + 1] - start[t]
        x.picks = base + pick * v
        _run(x, None, full, True)
        _conclude(x, full, figures[v])
        for m in range(x.n_M):
            paid[v, m] = at.paid(x)[m]
        v += 1
    x.orders, x.picks = first, base


@threaded
def many(runs: Records, full: Flag, start: Any, template: Any, sizes: Any, figures: Records, paid: Floats) -> None:
    """Run variants in blocks, of which each has its own scratch.

    Parameters
    ----------
    runs : ndarray of shape (n_blocks,), RUN
        ``orders`` and ``picks`` are those of the first template and the first variant.
    full : bool or None
        None where no variant needs what it stands for.
    start : ndarray of shape (n_templates + 1,)
        The orders of template t are start[t] to start[t + 1].
    template : ndarray of shape (V,)
    sizes : ndarray of shape (2,)
        Bytes from one order to the next, and from the picks of one variant to those of the next.
    figures : ndarray of shape (V,), FIGURES
        Written.
    paid : ndarray of shape (V, M)
        Written: costs by item, base currency, positive.
    """
    n, n_blocks = template.shape[0], runs.shape[0]
    for b in numba.prange(n_blocks):
        first, end = b * n // n_blocks, (b + 1) * n // n_blocks
        _block(runs[b], full, sizes[0], start, template, sizes[1], first, end, figures, paid)


@entry
def many_one_by_one(
    runs: Records, full: Flag, start: Any, template: Any, sizes: Any, figures: Records, paid: Floats
) -> None:
    """Run variants one after another in the first scratch; everything else is as in ``many``.

    A function of its own: numba keeps what it compiled by name, and would hand out the one for the other.
    """
    _block(runs[0], full, sizes[0], start, template, sizes[1], 0, template.shape[0], figures, paid)

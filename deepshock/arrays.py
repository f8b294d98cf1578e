"""All that the kernel knows: tapes of prices, orders, cost terms, and the book that it writes.

Named tuples of few arrays. What belongs to one bar, one order or one fill is one record of a structured array: the
kernel then touches one stretch of memory for it, and numba is handed a dozen arrays instead of a hundred (which cut
its compile time to a third and the cost of a call to a tenth). Axes, everywhere in this order:

    I  instruments, in the order of the run       S  sessions of an instrument's own venue (padded at the end)
    R  rows: auction instants in UTC, all venues   K  valuation rows
    J  orders: one leg of one thesis, or a hedge   G  theses (groups of orders)
    C  currencies, the base currency first         N  calendar days from ``day0``
    T  cost terms                                  F  fills, in the order of booking
    M  cost items (names); the last two are always borrow and FX conversion

Money is in base currency unless a name says local. Prices and shares are split-adjusted; ``later_splits`` gives the
traded ones.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FAR = 1 << 40  # a session, row or day that never comes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Records = NDArray[np.void]


class Reason(IntEnum):
    """Why a fill happened. The kernel writes the number, the ledger the word."""

    ENTRY = 0
    HOLD = 1
    DATED = 2  # before, on or date: the plan knows which
    STOP = 3
    TARGET = 4
    TRAILING = 5
    DRAWDOWN = 6
    HEDGE = 7
    HEDGE_EXIT = 8
    RECALL = 9
    MARGIN_CALL = 10
    MERGER = 11
    DELISTING = 12


class Status(IntEnum):
    """What became of an order."""

    WAITING = 0
    OPEN = 1
    CLOSED = 2
    EXPIRED = 3  # no auction within the allowed sessions would fill it
    EXIT_FIRST = 4  # its own dated exit came before a fill
    ROUNDED_AWAY = 5  # less than one lot
    CANCELLED = 6  # the thesis stopped out, or the hedged leg closed, before it filled
    NO_CAPITAL = 7  # NAV at decision was not positive
    REFUSED = 8  # the plan refuses it: it can't be borrowed, or has no auction
    NO_MARGIN = 9  # the account had no initial margin left at its decision


class Cause(IntEnum):
    """Why an auction did not fill an order; bits, because several may join."""

    NO_PRICE = 1
    HALT = 2
    LIMIT = 4
    UPTICK = 8
    BORROW = 16
    DESIGNATED = 32
    PARTICIPATION = 64
    RESALE = 128
    GONE = 256


class Uptick(IntEnum):
    """What a short sale does under Rule 201."""

    PASSIVE = 0
    WAIT = 1
    IGNORE = 2


class Lendable(IntEnum):
    """Whether a session lets an instrument be sold short, as far as files say."""

    UNLISTED = 0  # the thesis's own word counts
    YES = 1
    NO = 2
    NOT_DESIGNATED = 3


class Component(IntEnum):
    """Lines of profit and loss that are not costs, per leg and valuation row."""

    PRICE = 0
    FX = 1
    DIVIDEND = 2
    REBATE = 3


def _record(**fields: str) -> np.dtype[np.void]:
    """Return an aligned record type; f is a float64, i an int64, n an int32, b a bool."""
    kinds = {"f": np.float64, "i": np.int64, "n": np.int32, "b": np.bool_}
    return np.dtype([(name, kinds[kind]) for name, kind in fields.items()], align=True)


# One session of one instrument. Rows are -1, prices nan beyond the last session. ``sigma`` and ``volume`` are known
# before the session;
# ``upper`` and ``lower`` are the price limits less their tolerance (inf and -inf where there are none). The offers are
# what Rule 201 leaves of a short sale at the auction, -inf where nothing is restricted.
BAR = _record(
    open="f", high="f", low="f", close="f",  # local, nan where there is no print
    upper="f", lower="f",  # local
    open_value="n", close_value="n",  # first valuation row at or after the auction
    rough="n",  # the first session from this one on in which a position may not just be held; see engine/tables.py
    pays="n",  # the first session from this one on that pays a dividend
    halted="b",
    recalled="b",  # the lender asks for the shares during this session
    easy="b",  # nothing keeps a short sale from either auction, whatever the order says
    dividend="f",  # local per adjusted share, on the open row
    later_splits="f",  # traded price = price x this, traded shares = shares / this
    open_row="n", close_row="n",
    volume="f",  # adjusted shares, nan where unknown
    sigma="f",  # per session, nan where unknown
    settle_open="n", settle_close="n",  # day on which a trade at the auction settles
    ladder="n",  # row of Tape.tick
    lendable="n",  # Lendable
    offer_open="f", offer_close="f",  # local
    final="f",  # local, what a merger or delisting pays on the open row; nan
)  # fmt: skip

# What a plain trade reads of a bar, again: one line of the processor's cache instead of three. Dividends are rough.
BRIEF = _record(
    open="f", high="f", low="f", close="f", upper="f", lower="f", open_value="n", close_value="n", rough="n", easy="b"
)

INSTRUMENT = _record(
    n_sessions="i", currency="i",
    final_session="i", final_reason="i",  # delisted or taken over at its open, a far one if never
    resale="b",  # what was bought in a session can't be sold in it
)  # fmt: skip
TICK = _record(edge="f", step="f")  # the step applies up to this traded price, tolerance included
VALUE = _record(row="i", day="i")

# One order: a leg, or the hedge of one. Hedges stand after all legs. What a thesis says of all its legs alike stands
# in its RULE, so that variants of a thesis share their orders.
ORDER = _record(
    instrument="n", thesis="n",
    lot="f",  # traded shares, 0 for no rounding
    # signed share of the thesis's NAV at decision before gross; for a hedge: signed share of the filled notional
    unit="f",
    decided_value="n",  # last valuation row at or before the decision, -1 before any
    due_session="n", due_kind="n",  # without lag; 0 open, 1 close
    exit_session="n", exit_kind="n",  # dated exit, -1 none
    parent="n",  # the hedged order, -1 for a leg
    child="i",  # its hedge, -1 without one
    batch="n",  # orders decided at one instant, in the order of time
    rank="n",  # by symbol, thesis and order: settles which of two equal positions a margin call closes first
    uptick="n",  # Uptick
    borrow_rate="f",  # a year, where no file has one
    withholding="f",  # of dividends received
    refused="b",
    unlendable="b",  # the thesis says that it can't be borrowed; a file may know better
)  # fmt: skip

THESIS = _record(share="f", slot="i")  # share of the capital; which of Orders.pick holds for it

# What a thesis says of all its legs: when they enter and leave, and how large they are.
RULE = _record(
    lag="i",  # sessions after the due one
    within="i",  # sessions that an entry may wait, the first included
    hold="i",  # sessions, -1 none
    stop="f", target="f", trailing="f",  # fraction of the fill price, nan none
    drawdown="f",  # thesis-level stop, nan none
    gross="f",  # an order is unit x gross x share of the NAV at decision
)  # fmt: skip

TERM = _record(
    of_value="f",  # local, as the next ones
    item="n",  # column of Book.fill_cost
    first="n", last="n",  # sessions covered: first <= s < last
    buy="b", sell="b", round_up="b",
    of_tick="f", of_sigma="f", per_share="f", impact="f", fixed="f", least="f", most="f",
    round_to="f",  # 0 for none
)  # fmt: skip

# What became of one order.
OUTCOME = _record(
    status="i",
    sent="f",  # base, positive: what was sent, nan before its decision; of a hedge once its entry has ended
    cause="i", exit_cause="i",  # bits of Cause: why auctions failed the entry, and the exit
    tried_row="i",  # the last auction that failed the entry or left a rest of it, -1 none
    scale="f",  # what initial margin left of the order, 1 for all of it
    called="i",  # the valuation row whose margin call closes it, or the leg that it hedges; -1 none
    rest="f",  # base, positive: what was sent and not filled when the entry ended
)  # fmt: skip

# What one run came to: its row in a sweep, and the figures of its result.
FIGURES = _record(
    n_fills="i",
    first_row="i",  # row of the first fill, -1 without one
    first_value="i", last_value="i",  # valuation rows of the first fill and of the end, -1 without a fill
    n_obs="i",  # returns, from the first to the last of these
    mean="f", std="f",  # of the returns over the policy rate, per valuation row; std with ddof 1
    downside="f",  # root mean square of those below nil
    max_drawdown="f",  # negative or nil
    exposure="f",  # mean value of all positions, long and short, over the NAV
    net="f", gross="f",  # base, signed; gross: price + FX + dividends
    credit="f", debit="f", rebate="f",  # base, signed
    turnover="f",  # base, the value of all fills
    n_legs="i", n_hits="i",  # orders that filled; those whose own net P&L is above nil
    worst="i", worst_pnl="f",  # the order with the lowest, -1 without one; base
    n_calls="i",  # margin calls
    open_at_end="b",
)  # fmt: skip

FILL = _record(
    order="i", reason="i", row="i", session="i",
    decided="i",  # row of the decision, -1: as the plan says
    cause="i",  # bits of Cause: why it is later than it was due
    shares="f",  # signed, adjusted
    price="f",  # local
    fx="f",
)  # fmt: skip

# What the kernel remembers of one order between rows.
POSITION = _record(
    weight="f",  # as ORDER.unit, with gross and share
    done="i",  # the valuation row at which it stopped to wait or to be held, -1 before
    n_fills="i",
    flow="f",  # base: what it brought into the account, costs included
    turnover="f", rebate="f",  # base
    fee="f", exchange="f",  # base, of borrow, and of collateral that was exchanged while it was held
    session="i", kind="i",  # next auction at which something may happen
    valued="i",  # the last valuation row whose work is done
    last_session="i",  # a leg's entry expires after this session's close
    night="i",  # next night to pay borrow for, as an index into N; -1 before a short sale
    ready="i",  # first auction of the entry, or of its rest, coded 2 session + kind
    offered="i",  # session in which a restricted short sale rests at its offer, -1 none
    shares="f",  # signed
    added="i", added_row="i",  # last auction that filled the entry, coded, and its row
    before="f", before_row="i",  # notional before that, and the row of the fill before it
    paid="f",  # local, of all fills of the entry
    notional="f",  # base, signed, as filled
    stop="f", target="f",  # levels, local
    best="f",  # best price since entry, the current session excluded
    exit_session="i", exit_kind="i", exit_reason="i", exit_decided="i",  # the exit that is due, whatever asked for it
    price="f", fx="f",  # where the P&L lines last stood
    seen="f",  # last auction price, local
    collateral="f", settled_collateral="f",  # local
    borrowed="f",  # shares on loan: sales that have settled less covers that have
    sale_settles="i", cover_settles="i",  # days of the last ones, 0 without one
    fresh="b",  # nothing of it has been tried yet
    entering="b",  # the entry waits or goes on
    leaving="b",  # a part of the position has been closed
    counted="b",  # scratch of a margin call
)  # fmt: skip

# A thesis's own account: what it brought in, with its value, at its best.
SLEEVE = _record(nav="f", own="f", peak="f", stopped="b", lag="i")  # the lag is that of the queue as it stands

# A plain trade whose value has still to be added to valuation rows; how many such wait, and from which row up to which.
PENDING = _record(shares="f", instrument="i")
WAIT = _record(n="i", first="i", end="i")
WAIT_FOR = 16  # of them, added in a few passes

# The plain legs of one instant: what variants share that differ in nothing but hold, levels and size.
BASKET = _record(
    orders="i", leg="i", n="i", lag="i",  # of which template, its first leg, how many there are, under which lag
    hold="i",  # for which the exits hold, -2 for none
    enters="b", leaves="b",  # whether all of them plainly can; what they do is of no meaning if not
    row="i",  # the first of their entries
    k_in="i", k_out="i",  # valuation rows of entry and exit
)  # fmt: skip
LOT = _record(  # one of these legs
    unit="f", share="f", price_in="f", price_out="f",
    instrument="i",
    alike="i",  # the first session in which a fill may cost something else
)  # fmt: skip
ITEMS = 4  # cost items that it may have

# What the kernel remembers of the account between rows. The purse is free cash and the collateral of all shorts.
ACCOUNT = _record(
    purse="f",
    settled="f",  # free cash that has settled
    nav="f", peak="f",
    total="f", squares="f", falls="f",  # of returns: sum, sum of squares, sum of squares below nil
    max_drawdown="f",
    exposure="f",  # sum
    credit="f", debit="f",
    late="f",  # what covers that settle after the last valuation row still cost and earn
    judged="f",  # the NAV at which a stop or a call struck
    settle_end="i", saved_settle_end="i",  # after the last day on which something settles, as an index into N
    night="i",  # next night to pay interest for, as an index into N; -1 before the first fill
    first_row="i", first_value="i", last_value="i", n_obs="i",
    n_fills="i", n_calls="i", saved_fills="i", saved_night="i",
    done="i",  # the valuation row by which all that was walked is over, a far one if something is not
    turnover="f", rebate="f", worst_pnl="f",  # of the orders that are over
    n_legs="i", n_hits="i", worst="i", is_open="b",
    stops="b",  # whether some thesis has a stop of its own
    n_active="i",  # orders sent and not over
    n_queue="i", n_sent="i",  # legs to be sent in all; sent so far
    queued="i",  # of which template the queue is, 0 before any
    n_leapt="i", leapt="i",  # plain trades of this stretch, and the valuation row by which they are over
    basket="i",  # where the basket begins in the queue that was sent in one, -1 if none was
    low="i", high="i",  # valuation rows that a position touched since the last decision
)  # fmt: skip


_NOTHING, _NONE, _NO_ROW = np.empty((0, 0)), np.empty((0, 0), np.int64), np.empty(0)
_NO_BRIEF = np.empty((0, 0), BRIEF)


class Tape(NamedTuple):
    """What the market did. Shared by all runs on one market."""

    bar: Records  # (I, S) BAR
    instrument: Records  # (I,) INSTRUMENT
    tick: Records  # (n_ladders, n_steps) TICK
    row_day: Ints  # (R,) UTC date
    row_twin: Flags  # (R,) whether the row before is at the same instant: what was decided there is too late
    fx: Floats  # (C, R) base per unit of local, last known at the row
    value: Records  # (K,) VALUE
    mark: Floats  # (I, K) last auction price at or before the valuation row, nan before the first
    borrow_value: Floats  # (I, N) local value per adjusted share on which a day's borrow is charged
    borrow_rate: Floats  # (I, N) a year, as a file has it; nan: the order's own
    dollar: Floats  # (K,) base per US dollar, for margin floors
    policy: Floats  # (C, N) policy rate of the day, a year
    day_count: Floats  # (C,)
    day0: int
    # What follows from the above; engine/tables.py fills it in, and leaves zeros in
    # closed, brief, low and high where a run keeps a book: it steps, and reads none of them.
    worth: Floats = _NOTHING  # (I, K) mark in base currency
    value_fx: Floats = _NOTHING  # (C, K) base per unit of local, on valuation rows
    split: Floats = _NOTHING  # (I, K) later splits of the latest session that has opened
    closed: Ints = _NONE  # (I, K) the first session that closes after the valuation row
    brief: Records = _NO_BRIEF  # (S, I) BRIEF: a basket enters and leaves along one row
    low: Floats = _NOTHING  # (I, S) of the bars: a search for a level runs along sessions
    high: Floats = _NOTHING  # (I, S)
    foregone: Floats = _NO_ROW  # (K,) what one unit earns at the policy rate since the row before; 0 without interest


class Orders(NamedTuple):
    """What is to be traded in one run."""

    leg: Records  # (J,) ORDER
    thesis: Records  # (G,) THESIS
    rule: Records  # (n_rules,) RULE
    pick: Ints  # (n_slots,) which rule holds in each slot


class Variants(NamedTuple):
    """Many runs on one tape, with equal terms and theses: variant v trades the orders of a template under its rules."""

    leg: Records  # (n,) ORDER, the templates one after another
    start: Ints  # (n_templates + 1,) template t is leg[start[t]:start[t + 1]]
    thesis: Records  # (G,) THESIS
    rule: Records  # (n_rules,) RULE
    template: Ints  # (V,)
    pick: Ints  # (V, n_slots)


class Terms(NamedTuple):
    """Cost rows per fill, grouped by instrument; the formula is in docs/rules.md, section 8."""

    start: Ints  # (I + 1,) rows start[i] to start[i + 1]
    row: Records  # (T,) TERM


class Money(NamedTuple):
    """Capital and the terms of financing."""

    capital: float
    conversion: Floats  # (C,) cost of exchanging one unit of value, 0 for the base currency
    interest: bool  # False: no interest of any kind
    credit: float  # spread over the policy rate
    credit_floor: float  # -inf for none
    debit: float
    rebate: float  # nan: collateral earns nothing
    participation: float  # of the usual volume, what one fill may take; inf for all
    margin: bool  # False: no margin of any kind
    initial: float  # margin at entry, of the value
    long_upkeep: float  # maintenance margin, of the value
    short_upkeep: float
    floor: float  # the least for a share sold short, USD
    cheap_under: float  # USD; shares under it are cheap, and the next two hold for them
    cheap_upkeep: float
    cheap_floor: float  # USD


class Accruals(NamedTuple):
    """What nights earn and cost up to each valuation row, base; engine/accruals.py makes it of tape and money."""

    credit: Floats  # (K,) interest on one unit of free cash in the nights since the row before
    debit: Floats  # (K,) the same on one unit owed
    growth: Floats  # (K,) what one unit has become that lies since the first row
    spread: Floats  # (3, K + 1) of what credit earns over the policy rate: sums before each row, of squares, of falls
    same_sign: Ints  # (K,) the last row up to which credit keeps its sign
    # (I, K) of one share whose short sale has settled before the row:
    rebate: Floats
    fee: Floats  # at the rates of a file
    own_fee: Floats  # at the order's own rate, for a rate of one
    exchange: Floats
    flow: Floats  # what comes into the purse: rebate and exchange rate of the collateral, less fee and exchange
    settled: Floats  # what of it is free cash, less what goes to the collateral
    need: Floats  # maintenance margin


class Book(NamedTuple):
    """What the kernel writes. Allocated by the caller."""

    leg: Records  # (J,) OUTCOME
    fill: Records  # (F,) FILL
    fill_cost: Floats  # (F, M) base, positive; borrow accrues and is no cost of a fill
    nav: Floats  # (K,)
    line: Floats  # (K, J, len(Component)) base, signed: what each leg added to NAV since the row before
    line_cost: Floats  # (K, J, M) base, positive
    interest: Floats  # (K, 2) base, signed: credit, debit
    gap: Floats  # (K, J) base, signed: the part of the price line from the price before a session to its open
    cash: Floats  # (K, 1 + C) free cash in base currency, then the collateral in each currency, local
    margin: Floats  # (K, 2) base: what maintenance requires; 1 where that was a call
    # (3,) number of fills, also of those beyond F; index of the first and of the last valuation row, -1 without a fill
    size: Ints


class State(NamedTuple):
    """Scratch of one run, of no meaning after it. Reusable: a run leaves the arrays over K and N as it found them."""

    leg: Records  # (J,) POSITION
    out: Records  # (J,) OUTCOME
    thesis: Records  # (G,) SLEEVE
    account: Records  # (1,) ACCOUNT
    queue: Ints  # (J,) legs in the order of their decisions
    active: Ints  # (J,) legs that are sent and not over
    paid: Floats  # (M,) costs by item, base
    flow: Floats  # (K,) what comes into the purse between the valuation row before and this one, base
    long: Floats  # (K,) value of what is held, base
    short: Floats  # (K,) value of what is owed, base, positive
    need: Floats  # (K,) maintenance margin, base
    sleeve: Floats  # (G, K) what a thesis's legs bring into the account, base
    worth: Floats  # (G, K) value of its positions, signed, base
    settling: Floats  # (N,) free cash by the day from which it counts
    ring: Floats  # (J, 2, RING) collateral, local, and shares on loan, by the day from which they count, modulo
    pending: Records  # (2, WAIT_FOR) PENDING: longs, shorts
    wait: Records  # (2,) WAIT
    basket: Records  # (J,) BASKET, where each begins in the queue
    lot: Records  # (J,) LOT
    rate: Floats  # (J, 2, ITEMS) what its entry and its exit cost, by item, of the value
    saved_leg: Records  # copies of the above, for a stretch that has to be gone through again
    saved_out: Records
    saved_paid: Floats
    saved_settling: Floats
    saved_ring: Floats


RING = 64  # days: more than any settlement takes
GAP = 128  # bytes: two lines of a processor's cache


def empty_states(n_runs: int, n_orders: int, n_theses: int, n_values: int, n_days: int, n_items: int) -> State:
    """Return scratch space for some runs at a time, as the first axis of every array.

    Parameters
    ----------
    n_runs, n_orders, n_theses, n_values, n_days, n_items : int
        Lengths of that axis and of J, G, K, N and M.
    """
    j, k, g, ring = (n_orders,), (n_values,), (n_theses, n_values), (n_orders, 2, RING)

    def make(shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
        """Return zeros for each run, with a gap between runs: threads that write to one cache line wait for another."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        raw = np.zeros((n_runs, -(-size // GAP) * GAP + GAP), np.uint8)
        return raw[:, :size].view(dtype).reshape(n_runs, *shape)

    return State(
        leg=make(j, POSITION), out=make(j, OUTCOME), thesis=make((n_theses,), SLEEVE), account=make((1,), ACCOUNT),
        queue=make(j, np.int64), active=make(j, np.int64), paid=make((n_items,)), flow=make(k), long=make(k),
        short=make(k), need=make(k), sleeve=make(g), worth=make(g), settling=make((n_days,)), ring=make(ring),
        pending=make((2, WAIT_FOR), PENDING), wait=make((2,), WAIT), basket=make(j, BASKET), lot=make(j, LOT),
        rate=make((n_orders, 2, ITEMS)), saved_leg=make(j, POSITION), saved_out=make(j, OUTCOME),
        saved_paid=make((n_items,)), saved_settling=make((n_days,)), saved_ring=make(ring),
    )  # fmt: skip


def empty_book(n_orders: int, n_values: int, n_items: int, n_currencies: int, n_fills: int | None = None) -> Book:
    """Return a book.

    Parameters
    ----------
    n_orders, n_values, n_items, n_currencies : int
        Lengths of the axes J, K, M and C.
    n_fills : int, optional
        Length of the axis F; by default one entry and one exit of each order. A run that fills more says so in
        ``Book.size``, and has to be repeated with room for them.
    """
    fills = 2 * n_orders if n_fills is None else n_fills
    return Book(
        leg=np.zeros(n_orders, OUTCOME), fill=np.zeros(fills, FILL), fill_cost=np.zeros((fills, n_items)),
        nav=np.zeros(n_values), line=np.zeros((n_values, n_orders, len(Component))),
        line_cost=np.zeros((n_values, n_orders, n_items)), interest=np.zeros((n_values, 2)),
        gap=np.zeros((n_values, n_orders)), cash=np.zeros((n_values, 1 + n_currencies)), margin=np.zeros((n_values, 2)),
        size=np.array([0, -1, -1]),
    )  # fmt: skip

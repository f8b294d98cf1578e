"""Book in, ledger out: every fill, fee, dividend and interest by name, whose sum is the change of NAV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepshock.arrays import FIGURES, Book, Cause, Component, Floats, Ints, Reason, Status
from deepshock.engine.assemble import Assembly
from deepshock.plan import HEDGE, Plan, PlannedOrder, instant

if TYPE_CHECKING:
    import pandas as pd

HOUR_NS = 3_600_000_000_000
CAUSES = {
    Cause.NO_PRICE: "no price",
    Cause.HALT: "halted or no bar",
    Cause.LIMIT: "locked at its price limit",
    Cause.UPTICK: "restricted by Rule 201",
    Cause.BORROW: "could not be borrowed",
    Cause.DESIGNATED: "not designated for short sales",
    Cause.PARTICIPATION: "over the participation cap",
    Cause.RESALE: "bought in that session (T+1)",
    Cause.GONE: "delisted or taken over",
}
COMPONENTS = {
    Component.PRICE: "price",
    Component.FX: "fx",
    Component.DIVIDEND: "dividend",
    Component.REBATE: "short rebate",
}
CREDIT, DEBIT = "credit interest", "debit interest"


@dataclass(frozen=True)
class Fill:
    """One fill.

    Parameters
    ----------
    leg : int
        Index of the order in the plan.
    symbol, venue, thesis, side : str
        Venue is the calendar's name; side is ``buy`` or ``sell``.
    kind : Reason
        Why, as the kernel knows it.
    reason : str
        Why, in words: ``entry``, ``hold 20 sessions``, ``before npc opens``, ``stop`` ...
    note : str
        Why it is later than it was due, empty if it is not.
    decided_at, fill_at : datetime
        UTC; the first is always earlier.
    shares, price : float
        Signed, split-adjusted; local currency.
    currency : str
        Of the price.
    fx, fx_age_h : float
        Base per unit of local, and hours since that rate was known.
    costs : mapping of str to float
        Base currency, positive; only what is not zero.
    row, session : int
        Its place on the run's auction axis, and on the sessions of its instrument in the run.
    """

    leg: int
    symbol: str
    venue: str
    thesis: str
    side: str
    kind: Reason
    reason: str
    note: str
    decided_at: datetime
    fill_at: datetime
    shares: float
    price: float
    currency: str
    fx: float
    fx_age_h: float
    costs: Mapping[str, float]
    row: int
    session: int

    @property
    def opens(self) -> bool:
        """Whether the fill opened a position."""
        return self.kind in (Reason.ENTRY, Reason.HEDGE)


@dataclass(frozen=True)
class Unfilled:
    """An order that never filled, or the part of one that did not, with the reason.

    Parameters
    ----------
    leg : int
        Index of the order in the plan.
    symbol, thesis : str
    decided_at : datetime
        When it was last tried, UTC.
    reason : str
        Words that follow the symbol.
    part : float
        Of what was sent: 1 for an order that never filled.
    """

    leg: int
    symbol: str
    thesis: str
    decided_at: datetime
    reason: str
    part: float = 1.0


@dataclass(frozen=True)
class MarginCall:
    """A valuation row on which the account's equity was below what maintenance requires.

    Parameters
    ----------
    at : datetime
        UTC.
    equity, required : float
        NAV and maintenance margin, base currency.
    closed : tuple of str
        Symbols of the positions that had to close for it, each at the next auction that could; hedges of closed legs
        included.
    """

    at: datetime
    equity: float
    required: float
    closed: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """What happened to one account.

    Parameters
    ----------
    fills : tuple of Fill
        In the order of their auctions.
    unfilled : tuple of Unfilled
    value_at : ndarray of shape (n_rows,)
        Valuation rows from the first fill to the end, UTC nanoseconds.
    start_at : int
        The valuation row before the first fill (or the first of the data), UTC nanoseconds.
    nav : ndarray of shape (n_rows,)
        Base currency, from balances.
    lines : ndarray of shape (n_rows, n_legs, n_components)
        Signed: price, fx, dividend, short rebate of each leg since the row before.
    costs : ndarray of shape (n_rows, n_legs, n_items)
        Positive.
    interest : ndarray of shape (n_rows, 2)
        Signed: credit and debit on the account's free cash.
    items : tuple of str
        Names of the costs.
    legs, theses : tuple of str
        Symbol and thesis of each order.
    marks : ndarray of shape (n_rows, n_legs)
        Last auction price of each leg's instrument at each valuation row, local currency; nan for an order that was
        never sent.
    fx : ndarray of shape (n_rows, n_legs)
        Base per unit of that currency.
    gap : ndarray of shape (n_rows, n_legs)
        The part of each price line that came between sessions: from the last price to an open. Base currency, signed.
    cash : ndarray of shape (n_rows, 1 + n_currencies)
        Free cash in base currency, then the collateral of shorts in each of ``currencies``, in that currency.
    currencies : tuple of str
        The base currency first.
    margin : ndarray of shape (n_rows, 2)
        What maintenance margin requires, base currency; 1 where the NAV was below it and a call was made.
    scales : ndarray of shape (n_legs,)
        What initial margin left of each order, 1 for all of it.
    called : ndarray of shape (n_legs,)
        Index of the valuation row whose margin call closed each order's position; negative for none.
    open_at_end : bool
        Whether a position was still open on the last row, and is marked there.
    figures : FIGURES
        What the run came to, as the kernel sums it up; a sweep has the same of each variant.
    """

    fills: tuple[Fill, ...]
    unfilled: tuple[Unfilled, ...]
    value_at: Ints
    start_at: int
    nav: Floats
    lines: Floats
    costs: Floats
    interest: Floats
    items: tuple[str, ...]
    legs: tuple[str, ...]
    theses: tuple[str, ...]
    marks: Floats
    fx: Floats
    gap: Floats
    cash: Floats
    currencies: tuple[str, ...]
    margin: Floats
    scales: Floats
    called: Ints
    capital: float
    open_at_end: bool
    figures: np.void

    @property
    def gross_pnl(self) -> float:
        """Price + FX + dividends, base currency."""
        return float(self.lines[..., : Component.REBATE].sum())

    @property
    def net_pnl(self) -> float:
        """Change of NAV, base currency."""
        return float(self.nav[-1] - self.capital) if self.nav.size else 0.0

    @cached_property
    def costs_by_name(self) -> dict[str, float]:
        """Each cost that was paid, base currency, positive."""
        sums = self.costs.sum(axis=(0, 1))
        return {item: float(paid) for item, paid in zip(self.items, sums, strict=True) if paid != 0.0}

    @cached_property
    def interest_by_name(self) -> dict[str, float]:
        """Credit, debit and rebate, base currency, signed."""
        credit, debit = self.interest.sum(axis=0) if self.interest.size else (0.0, 0.0)
        return {
            "credit": float(credit),
            "debit": float(debit),
            "rebate": float(self.lines[..., Component.REBATE].sum()),
        }

    @cached_property
    def margin_calls(self) -> tuple[MarginCall, ...]:
        """The margin calls of the run, in the order of time."""
        return tuple(self._margin_call(int(k)) for k in np.flatnonzero(self.margin[:, 1]))

    def _margin_call(self, k: int) -> MarginCall:
        closed = tuple(self.legs[j] for j in np.flatnonzero(self.called == k))
        return MarginCall(instant(int(self.value_at[k])), float(self.nav[k]), float(self.margin[k, 0]), closed)

    def leg_pnl(self) -> Floats:
        """Return each leg's own net P&L: its lines less its costs, shape (n_legs,)."""
        return np.asarray(self.lines.sum(axis=(0, 2)) - self.costs.sum(axis=(0, 2)))

    def rows(self) -> Iterator[tuple[datetime, int, str, str, float]]:
        """Yield (valuation row, leg, symbol, item, signed amount) of each line; leg -1 is the account."""
        for k, at in enumerate(self.value_at):
            when = instant(int(at))
            for j, symbol in enumerate(self.legs):
                for component, name in COMPONENTS.items():
                    if self.lines[k, j, component]:
                        yield when, j, symbol, name, float(self.lines[k, j, component])
                for m, item in enumerate(self.items):
                    if self.costs[k, j, m]:
                        yield when, j, symbol, item, -float(self.costs[k, j, m])
            for name, amount in zip((CREDIT, DEBIT), self.interest[k], strict=True):
                if amount:
                    yield when, -1, "", name, float(amount)

    def frame(self) -> pd.DataFrame:
        """Return the lines as a table with columns at, leg, thesis, symbol, item, amount (base currency, signed)."""
        import pandas as pd

        found = pd.DataFrame(list(self.rows()), columns=["at", "leg", "symbol", "item", "amount"])
        found.insert(2, "thesis", [self.theses[leg] if leg >= 0 else "" for leg in found["leg"]])
        return found


def read(book: Book, figures: np.void, assembly: Assembly, plan: Plan) -> Ledger:
    """Turn what the kernel wrote into a ledger with names and instants."""
    n, first, last = (int(x) for x in book.size)
    window = slice(first, last + 1) if n else slice(0, 0)
    tape, legs = assembly.tape, assembly.orders.leg
    value_at = assembly.row_at[tape.value["row"]]
    return Ledger(
        fills=_fills(book, assembly, plan),
        unfilled=tuple(_unfilled(j, plan.orders[j], book, assembly, plan) for j in _missed(book, plan)),
        value_at=value_at[window],
        start_at=int(value_at[max(first - 1, 0)]) if n else 0,
        nav=book.nav[window].copy(),
        lines=book.line[window].copy(),
        costs=book.line_cost[window].copy(),
        interest=book.interest[window].copy(),
        items=assembly.items,
        legs=tuple(o.symbol for o in plan.orders),
        theses=tuple(plan.members[o.group].thesis.name for o in plan.orders),
        marks=np.where(legs["refused"], np.nan, tape.mark[legs["instrument"]][:, window].T),
        fx=tape.fx[tape.instrument["currency"][legs["instrument"]]][:, tape.value["row"][window]].T,
        gap=book.gap[window].copy(),
        cash=book.cash[window].copy(),
        currencies=assembly.currencies,
        margin=book.margin[window].copy(),
        scales=book.leg["scale"].copy(),
        called=np.where(book.leg["called"] < 0, -1, book.leg["called"] - first),
        capital=plan.capital,
        open_at_end=bool((book.leg["status"] == Status.OPEN).any()),
        figures=figures,
    )


def unsent(plan: Plan) -> Ledger:
    """Return the empty ledger of a plan of which nothing can run."""
    legs, theses = tuple(o.symbol for o in plan.orders), tuple(plan.members[o.group].thesis.name for o in plan.orders)
    n = len(legs)
    return Ledger(
        fills=(),
        unfilled=tuple(Unfilled(j, o.symbol, theses[j], o.decided_at, o.refused) for j, o in enumerate(plan.orders)),
        value_at=np.zeros(0, np.int64),
        start_at=0,
        nav=np.zeros(0),
        lines=np.zeros((0, n, len(Component))),
        costs=np.zeros((0, n, 0)),
        interest=np.zeros((0, 2)),
        items=(),
        legs=legs,
        theses=theses,
        marks=np.zeros((0, n)),
        fx=np.zeros((0, n)),
        gap=np.zeros((0, n)),
        cash=np.zeros((0, 2)),
        currencies=(plan.currency,),
        margin=np.zeros((0, 2)),
        scales=np.ones(n),
        called=np.full(n, -1),
        capital=plan.capital,
        open_at_end=False,
        figures=np.zeros(1, FIGURES)[0],
    )


def _missed(book: Book, plan: Plan) -> Iterator[int]:
    """Yield the orders that were sent and did not fill, or not all of it.

    The hedge of a leg that never filled was never sent.
    """
    status = book.leg["status"]
    filled = ((status == Status.OPEN) | (status == Status.CLOSED)).tolist()
    rests = (book.leg["rest"] > 0.0).tolist()
    for j, order in enumerate(plan.orders):
        if rests[j] if filled[j] else order.parent < 0 or filled[order.parent]:
            yield j


class _Booked(NamedTuple):
    """A record of `FILL`, field by field."""

    order: int
    reason: int
    row: int
    session: int
    decided: int
    cause: int
    shares: float
    price: float
    fx: float


def _fills(book: Book, assembly: Assembly, plan: Plan) -> tuple[Fill, ...]:
    """Return the fills in the order of their auctions."""
    n = int(book.size[0])
    written = book.fill[:n]
    opens = (written["reason"] == Reason.ENTRY) | (written["reason"] == Reason.HEDGE)
    entered = np.full(len(plan.orders), -1)
    np.maximum.at(entered, written["order"][opens], written["row"][opens])
    traded = assembly.orders.leg["instrument"].tolist()
    found = []
    for record, paid in zip(written.tolist(), book.fill_cost[:n].tolist(), strict=True):
        booked = _Booked._make(record)
        found.append(_fill(booked, traded[booked.order], paid, int(entered[booked.order]), assembly, plan))
    return tuple(sorted(found, key=lambda fill: (fill.fill_at, fill.leg)))


def _fill(booked: _Booked, i: int, paid: list[float], entered: int, assembly: Assembly, plan: Plan) -> Fill:
    """Return a fill in instrument ``i``, of an order whose entry filled last in the row ``entered``."""
    order, instrument, kind = plan.orders[booked.order], assembly.instruments[i], Reason(booked.reason)
    c, at = assembly.currencies.index(instrument.currency), int(assembly.row_at[booked.row])
    return Fill(
        leg=booked.order,
        symbol=order.symbol,
        venue=instrument.calendar,
        thesis=plan.members[order.group].thesis.name,
        side="buy" if booked.shares > 0 else "sell",
        kind=kind,
        reason=_words(kind, order, plan),
        note=_note(kind, booked.cause, order),
        decided_at=_decided(booked, entered, order, assembly),
        fill_at=instant(at),
        shares=booked.shares,
        price=booked.price,
        currency=instrument.currency,
        fx=booked.fx,
        fx_age_h=(at - int(assembly.fx_known[c, booked.row])) / HOUR_NS,
        costs={item: amount for item, amount in zip(assembly.items, paid, strict=True) if amount != 0.0},
        row=booked.row,
        session=booked.session,
    )


def _words(kind: Reason, order: PlannedOrder, plan: Plan) -> str:
    """Return the reason of a fill in the words of the thesis."""
    if kind is Reason.HOLD:
        return f"hold {order.hold} session{'' if order.hold == 1 else 's'}"
    if kind is Reason.DATED:
        return order.exit_word
    if kind in (Reason.HEDGE, Reason.HEDGE_EXIT):
        return f"{kind.name.lower().replace('_', ' ')} of {plan.orders[order.parent].symbol}"
    return kind.name.lower().replace("_", " ")


def _causes(bits: int) -> str:
    return " or ".join(word for cause, word in CAUSES.items() if bits & cause)


def _note(kind: Reason, bits: int, order: PlannedOrder) -> str:
    """Say why a fill is later than it was due."""
    opens = kind in (Reason.ENTRY, Reason.HEDGE)
    if not bits:
        return ""
    due = f"due {order.due.at:%Y-%m-%d %H:%MZ} ({order.due.word})" if opens and order.due else "due earlier"
    return f"{due}, carried: {_causes(bits)}"


def _decided(booked: _Booked, entered: int, order: PlannedOrder, assembly: Assembly) -> datetime:
    """Return when a fill was decided: the row the kernel noted, else what the plan says; ``entered`` is a row as well.

    An exit is decided with its entry, but for a dated one whose event was not known by then.
    """
    if booked.decided >= 0:
        return instant(int(assembly.row_at[booked.decided]))
    if booked.reason == Reason.ENTRY:
        return order.decided_at
    at = instant(int(assembly.row_at[entered]))
    if booked.reason == Reason.DATED and order.exit_known is not None:
        return max(at, order.exit_known)
    return at


STATUS_WORDS = {
    Status.EXPIRED: "was filled by no auction within {within} sessions from {due}",
    Status.EXIT_FIRST: "did not fill before its own exit ({exit})",
    Status.ROUNDED_AWAY: "was for less than one lot",
    Status.CANCELLED: "was cancelled before it filled: its thesis stopped out, margin was called or its leg closed",
    Status.NO_CAPITAL: "found no capital left in the account at its decision",
    Status.NO_MARGIN: "found no initial margin left in the account at its decision",
    Status.WAITING: "had not filled when the data end",
}


def _unfilled(j: int, order: PlannedOrder, book: Book, assembly: Assembly, plan: Plan) -> Unfilled:
    status, part = Status(int(book.leg["status"][j])), 1.0
    bits = int(book.leg["cause"][j])
    because = f" ({_causes(bits)})" if bits else ""
    if status in (Status.OPEN, Status.CLOSED):
        part = float(book.leg["rest"][j] / book.leg["sent"][j])
        reason = f"did not fill {part:.1%} of its order{because}"
    elif status is Status.REFUSED:
        reason = order.refused
    elif status is Status.WAITING and order.role == HEDGE:
        reason = STATUS_WORDS[Status.CANCELLED]
    else:
        due = f"{order.due.at:%Y-%m-%d %H:%MZ}" if order.due else "the fill of its leg"
        reason = STATUS_WORDS[status].format(within=order.within, due=due, exit=order.exit_word) + because
    tried = int(book.leg["tried_row"][j])
    decided = instant(int(assembly.row_at[tried])) if tried >= 0 else order.decided_at
    return Unfilled(j, order.symbol, plan.members[order.group].thesis.name, decided, reason, part)

"""One thesis as it is planned for a design: its orders without the instants and lags that variants move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from deepshock.arrays import ORDER, Flags, Ints, Records
from deepshock.cost import cost_set
from deepshock.engine.orders import draft
from deepshock.errors import DeepshockError, ThesisError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.instants import UNREADABLE
from deepshock.experiment.planning.roles import Member, axes_of
from deepshock.experiment.planning.rules import Base, Rules
from deepshock.market import Market
from deepshock.plan import (
    CLOSE,
    LEG,
    OPEN,
    Gate,
    PlannedOrder,
    decided_at,
    instant,
    nanoseconds,
    plan_member,
    rests_on_prices,
)
from deepshock.thesis import Thesis

TIERS = ("general", "special", "none")
FIRST = instant(-(1 << 61))  # before any source
NEVER_NS, ALWAYS_NS = 1 << 62, -(1 << 62)

# What an order needs to be moved in time: its gate, its venue and kind of auction, when it is decided.
ROW = np.dtype(
    [
        *((name, np.int64) for name in ("ends", "first", "last")),  # as of a Gate
        *((name, np.int64) for name in ("venue", "clock")),  # numbers of `Names`; clock -1 for a hedge
        *((name, np.int64) for name in ("decided", "floor")),  # UTC ns: as planned, and no earlier than this
        *((name, np.int64) for name in ("tier", "lag")),
        ("never", np.bool_),
    ]
)


class Names:
    """Numbers for symbols, venues, and kinds of auction, in the order in which they are met."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.symbols: dict[str, int] = {}
        self.venues: dict[str, int] = {}
        self.clocks: dict[tuple[str, int], int] = {}
        self._gates: dict[tuple[str, int, str, int], Gate] = {}

    def symbol(self, symbol: str) -> int:
        """Return the number of a symbol."""
        return self.symbols.setdefault(symbol, len(self.symbols))

    def venue(self, calendar: str) -> int:
        """Return the number of a calendar."""
        return self.venues.setdefault(calendar, len(self.venues))

    def clock(self, calendar: str, kind: int) -> int:
        """Return the number of the opens, or closes, of a calendar."""
        return self.clocks.setdefault((calendar, kind), len(self.clocks))

    def gate(self, order: PlannedOrder, kind: int) -> Gate:
        """Return the gate of an order that is due at opens or closes; a hedge stands as it was planned."""
        if order.role != LEG:
            return Gate(order.refused)
        key = (order.symbol, order.side, order.tier, kind)
        if key not in self._gates:
            self._gates[key] = Gate.of(self.market, self.market.instrument(order.symbol), *key[1:])
        return self._gates[key]


@dataclass(frozen=True)
class Piece:
    """The orders of one thesis: legs, then hedges.

    Parameters
    ----------
    name : str
        Of the thesis.
    base : Base
        Its rules.
    leg : ndarray of ORDER
        On the calendars of the venues; instrument is the number of a symbol.
    row : ndarray of ROW
    gates : tuple of Gate
        Of each order; a hedge's own has its words alone.
    hedged : bool
        Whether there are more orders the more of its legs are sent.
    error : str
        Why it can't be planned, empty if it can.
    """

    name: str
    base: Base
    leg: Records
    row: Records
    gates: tuple[Gate, ...] = ()
    hedged: bool = False
    error: str = ""

    @property
    def n_legs(self) -> int:
        """How many of its orders are no hedges."""
        return int((self.leg["parent"] < 0).sum())


@dataclass
class Design:
    """One thesis at some positions of the axes that change its design, for all instants.

    It is refused from some instant on, if it is refused at all: what is known later can be too late for more.
    """

    positions: dict[int, int] = field(default_factory=dict)  # at which the thesis was built
    thesis: Thesis | None = None
    fine: int = ALWAYS_NS  # the last instant at which it was found to be right, and the first at which not
    wrong: int = NEVER_NS
    piece: Piece | None = None
    refuses_bold: bool | None = None

    @property
    def priced(self) -> bool:
        """Whether its orders hang on prices before its decision, and so on its instant."""
        return self.thesis is not None and rests_on_prices(self.thesis)


class Designs:
    """The designs of one thesis; each is built once.

    Parameters
    ----------
    member : Member
    rules : Rules
    grid : Grid
    names : Names
    """

    def __init__(self, member: Member, rules: Rules, grid: Grid, names: Names) -> None:
        self.member = member
        self.axes = sorted(axes_of(member.designs))
        self._moving = sorted({*self.axes, *axes_of(member.times)})
        self._rules, self._grid, self._names = rules, grid, names
        self._free = cost_set("none")
        self._designs: dict[tuple[int, ...], Design] = {}
        self._pieces: dict[tuple[int, ...], Piece] = {}

    def design(self, codes: Ints) -> Design:
        """Return the design of one combination, ndarray of shape (n_axes,)."""
        return self._designs.setdefault(tuple(codes[self.axes].tolist()), Design())

    def settle(self, codes: Ints, known: Ints) -> tuple[Design, Flags]:
        """Return the one design of some combinations, and which of them it does not refuse.

        Parameters
        ----------
        codes : ndarray of shape (n, n_axes)
            Combinations that differ in nothing but the instant, as far as this thesis is concerned.
        known : ndarray of shape (n,)
            When it is known, UTC nanoseconds; any constant where no instant is varied.
        """
        design = self.design(codes[0])
        while True:
            open_ = np.flatnonzero((known > design.fine) & (known < design.wrong) & (known != UNREADABLE))
            if not len(open_):
                return design, (known <= design.fine) & (known != UNREADABLE)
            order = open_[np.argsort(known[open_], kind="stable")]
            at = order[-1] if design.wrong == NEVER_NS else order[len(order) // 2]
            self._try(design, codes[at], int(known[at]))

    def _try(self, design: Design, codes: Ints, known: int) -> None:
        """Build a design as known at one instant."""
        positions = self._positions(codes, self._moving)
        try:
            thesis = self.member.at(positions, self._grid) if self._moving else self.member.thesis
        except ThesisError:
            design.wrong = known
            return
        design.fine = known
        if design.thesis is None:
            design.thesis, design.positions = thesis, positions

    def _positions(self, codes: Ints, axes: Sequence[int]) -> dict[int, int]:
        """Return positions of axes, with calm ones of those that only hold rules."""
        return {**self._rules.calm, **{axis: int(codes[axis]) for axis in axes}}

    def refuses(self, design: Design, axis: int, position: int) -> bool:
        """Say whether a design refuses a target of 100 % or more, as it stands at a position of an axis."""
        if design.refuses_bold is None:
            design.refuses_bold = self._wrong({**design.positions, axis: position})
        return design.refuses_bold

    def _wrong(self, positions: Mapping[int, int]) -> bool:
        try:
            self.member.at(positions, self._grid)
        except ThesisError:
            return True
        return False

    def piece(self, design: Design) -> Piece:
        """Plan a design; of one that rests on prices, as it is at one of its instants."""
        assert design.thesis is not None, "a design that is refused at every instant is not planned"
        if design.piece is None:
            design.piece = self._plan(design.thesis)
        return design.piece

    def piece_at(self, codes: Ints, *, lag: bool) -> Piece:
        """Plan the thesis as it is under one combination, its instant included, and if need be its lag."""
        lags = self._rules.lags()
        axes = self._moving + ([lags.axis] if lag and lags is not None and lags.axis not in self._moving else [])
        key = (int(lag), *codes[axes].tolist())
        if key not in self._pieces:
            self._pieces[key] = self._plan(self.member.at(self._positions(codes, axes), self._grid))
        return self._pieces[key]

    def _plan(self, thesis: Thesis) -> Piece:
        member, market = self.member, self._names.market
        base = self._rules.base(thesis)
        try:
            # the fees of shorts are the account's, and are written in with it
            planned, orders, _ = plan_member(thesis, member.share, 0, market, self._free, member.source)
        except DeepshockError as error:
            return Piece(thesis.name, base, np.zeros(0, ORDER), np.zeros(0, ROW), error=said(error))
        leg, decided, symbols = draft(orders, [planned], market)
        kind = CLOSE if thesis.enter.at == "close" else OPEN
        leg["due_kind"] = np.where(leg["parent"] < 0, kind, 0)
        leg["instrument"] = np.array([self._names.symbol(symbol) for symbol in symbols])[leg["instrument"]]
        gates = tuple(self._names.gate(order, kind) for order in orders)
        row = np.zeros(len(leg), ROW)
        row["decided"], row["lag"] = decided, thesis.enter.lag
        row["floor"] = nanoseconds(decided_at(thesis, FIRST))
        for one, order, gate in zip(row, orders, gates, strict=True):
            one["never"], one["ends"] = bool(gate.never), gate.ends_ns
            one["first"], one["last"], one["tier"] = gate.first, gate.last, TIERS.index(order.tier)
            calendar = market.instrument(order.symbol).calendar
            one["venue"] = self._names.venue(calendar)
            sent = order.role == LEG and not gate.never
            one["clock"] = self._names.clock(calendar, kind) if sent else -1
        return Piece(thesis.name, base, leg, row, gates, thesis.hedge is not None)


def said(error: DeepshockError) -> str:
    """Return what is wrong as one text: the reason of a variant that can't run."""
    return "; ".join(map(str, error.faults))

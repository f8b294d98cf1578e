"""One thesis at different positions of the axes that change its design, each built once for all instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.errors import ThesisError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.instants import UNREADABLE, Instants
from deepshock.experiment.planning.names import Names
from deepshock.experiment.planning.pieces import Piece, piece_of
from deepshock.experiment.planning.roles import Member, axes_of
from deepshock.experiment.planning.rules import Rules
from deepshock.plan import nanoseconds, rests_on_prices
from deepshock.thesis import Thesis

NEVER_NS, ALWAYS_NS = 1 << 62, -(1 << 62)


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
    instants : Instants or None
        None where the grid moves none.
    """

    def __init__(self, member: Member, rules: Rules, grid: Grid, names: Names, instants: Instants | None) -> None:
        self.member = member
        self._instants = instants
        self.axes = sorted(axes_of(member.designs))
        self._moving = sorted({*self.axes, *axes_of(member.times)})
        self._rules, self._grid, self._names = rules, grid, names
        self._designs: dict[tuple[int, ...], Design] = {}
        self._pieces: dict[tuple[int, ...], Piece] = {}

    @cached_property
    def named(self) -> tuple[str, int]:
        """Name of the thesis as it is, and when it is known as such, UTC nanoseconds."""
        return self.member.thesis.name, nanoseconds(self.member.known(self.member.thesis))

    def design(self, codes: Ints) -> Design:
        """Return the design of one combination, ndarray of shape (n_axes,)."""
        return self._designs.setdefault(tuple(codes[self.axes].tolist()), Design())

    def settle(self, codes: Ints, rows: Ints, known: Ints) -> tuple[Design, Flags | None]:
        """Return the one design of some combinations, and which of them it does not refuse, None for all.

        Parameters
        ----------
        codes : ndarray of shape (n_all, n_axes)
        rows : ndarray of shape (n,)
            Combinations that differ in nothing but the instant, as far as this thesis is concerned.
        known : ndarray of shape (n,), or (1,) for all
            When it is known, UTC nanoseconds; any constant where no instant is varied.
        """
        design = self.design(codes[rows[0]])
        if design.fine == ALWAYS_NS and design.wrong == NEVER_NS and self._instants and self._instants.latest:
            at, latest = self._instants.latest
            self._try(design, self._positions(codes[rows[0]], self.axes) | at, latest)  # if fine then, always fine
        last = int(known.argmax())
        if design.wrong == NEVER_NS and known.min() != UNREADABLE:
            if known[last] > design.fine:
                self._try(design, self._positions(codes[rows[last]], self._moving), int(known[last]))
            if known[last] <= design.fine:
                return design, None
        known = np.broadcast_to(known, len(rows))
        while True:
            open_ = np.flatnonzero((known > design.fine) & (known < design.wrong) & (known != UNREADABLE))
            if not len(open_):
                return design, (known <= design.fine) & (known != UNREADABLE)
            order = open_[np.argsort(known[open_], kind="stable")]
            at = order[-1] if design.wrong == NEVER_NS else order[len(order) // 2]
            self._try(design, self._positions(codes[rows[at]], self._moving), int(known[at]))

    def _try(self, design: Design, positions: dict[int, int], known: int) -> None:
        """Build a design as known at one instant."""
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
            design.refuses_bold = False
            try:
                self.member.at({**design.positions, axis: position}, self._grid)
            except ThesisError:
                design.refuses_bold = True
        return design.refuses_bold

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
        return piece_of(self.member, thesis, self._rules.base(thesis), self._names)

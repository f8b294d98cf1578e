"""From the combinations of designs and instants in a range of variants to the frames of their orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.designs import Design, Designs
from deepshock.experiment.planning.digits import Digits, Distinct
from deepshock.experiment.planning.frames import Frame, frame_of
from deepshock.experiment.planning.instants import Instants
from deepshock.experiment.planning.kin import leads_of
from deepshock.experiment.planning.names import Names
from deepshock.experiment.planning.pieces import Piece
from deepshock.experiment.planning.priced import Ratios, Sizing
from deepshock.experiment.planning.roles import Roles, axes_of
from deepshock.experiment.planning.rules import Rules
from deepshock.market import Market

WORTH_SIZING = 3
"""Instants of one design from which their sizes are found at once; fewer are planned one by one."""


@dataclass
class Framed:
    """What became of some combinations.

    Parameters
    ----------
    known : dict of int to ndarray of shape (n,), int64
        By thesis, when it is known, where the grid moves that.
    frames : list of Frame
    frame : ndarray of shape (n,), int64
        The frame of each; -1 where it can't be planned.
    refused : dict of axes to ndarray of shape (n,), bool
        Which combinations are refused on account of the positions on some axes.
    bold : dict of tuple of int to ndarray of shape (n,), bool
        By thesis and axis, which combinations refuse a target of 100 % or more.
    errors : list of str
        What keeps some from being planned that no thesis refuses.
    error : ndarray of shape (n,), int64
        Number of it, -1 for none.
    sizes : Sizing
        Of the combinations whose sizes rest on prices.
    """

    known: dict[int, Ints]
    frame: Ints
    error: Ints
    frames: list[Frame] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sizes: Sizing = field(default_factory=Sizing)
    refused: dict[tuple[int, ...], Flags] = field(default_factory=dict)
    bold: dict[tuple[int, int], Flags] = field(default_factory=dict)

    def refuse(self, axes: tuple[int, ...], rows: Ints) -> None:
        """Note that some combinations are refused."""
        self.refused.setdefault(axes, np.zeros(len(self.frame), np.bool_))[rows] = True

    def set(self, rows: Ints | int, made: Frame | str) -> None:
        """Give some combinations their frame, or what is wrong with it."""
        if isinstance(made, str):
            self.errors += [] if made in self.errors else [made]
            self.error[rows] = self.errors.index(made)
        else:
            self.frames.append(made)
            self.frame[rows] = len(self.frames) - 1


class Structure:
    """All designs of an account, and the instants at which they are known.

    Parameters
    ----------
    roles : Roles
    rules : sequence of Rules
        Of each thesis.
    grid : Grid
    market : Market
    """

    def __init__(self, roles: Roles, rules: Sequence[Rules], grid: Grid, market: Market) -> None:
        self.names = Names(market)
        self._roles, self._rules = roles, rules
        self._instants = {g: Instants(m, grid) for g, m in enumerate(roles.members) if m.times}
        self._designs = [
            Designs(member, rules[g], grid, self.names, self._instants.get(g)) for g, member in enumerate(roles.members)
        ]
        self._leads = leads_of(roles.members)
        self.designs = Digits.on((a for m in roles.members for a in axes_of(m.designs)), grid)
        self.instants = Digits.on((a for m in roles.members for a in axes_of(m.times)), grid)
        self.digits = Digits.on((a for m in roles.members for a in axes_of((*m.designs, *m.times))), grid)
        self._frames: dict[int, Frame | str] = {}
        self._ratios = Ratios(market)

    def known(self, codes: Ints) -> dict[int, Ints]:
        """Return when each thesis is known of which the grid moves that, UTC nanoseconds."""
        return {g: instants.known(codes) for g, instants in self._instants.items()}

    def frames(self, codes: Ints) -> Framed:
        """Build the frames of different combinations, ndarray of shape (n, n_axes of the grid)."""
        n = len(codes)
        found = Framed(self.known(codes), np.full(n, -1), np.full(n, -1))
        designs = Distinct.of(self.designs.numbers(codes), self.designs.size)
        for number, rows in designs.groups():
            self._frame(found, codes, rows, number)
        return found

    def _frame(self, found: Framed, codes: Ints, rows: Ints, number: int) -> None:
        """Build the frames of combinations of one design of every thesis."""
        settled = self._settle(found, codes, rows)
        if settled is None:
            return
        designs, rows = settled
        if any(design.priced for design in designs):
            for row in self._sized(found, codes, rows, designs).tolist():
                found.set(row, self.frame_at(codes[row]))
            return
        if number not in self._frames:
            self._frames[number] = self._put_together([self._piece(g, design) for g, design in enumerate(designs)])
        found.set(rows, self._frames[number])

    def _sized(self, found: Framed, codes: Ints, rows: Ints, designs: Sequence[Design]) -> Ints:
        """Give combinations of one priced thesis their frames where they differ in sizes alone; return the others."""
        if len(designs) > 1 or 0 not in found.known or len(rows) < WORTH_SIZING:
            return rows
        thesis, lags = designs[0].thesis, self._rules[0].lags()
        assert thesis is not None, "a design that is refused at every instant is not planned"
        if thesis.enter.on is not None or (thesis.hedge is not None and lags is not None):
            return rows
        known = found.known[0][rows]
        alike, rest = self._ratios.alike(thesis, known, self.names)
        left = [rows[rest]]
        for places, units in alike:
            first = int(known[places].argmin())  # as foresight plans it too
            frame = self.frame_at(codes[rows[places[first]]])
            if isinstance(frame, str) or not np.array_equal(frame.leg["unit"], units[first]):
                left.append(rows[places])
                continue
            found.set(rows[places], frame)
            found.sizes.add(rows[places], units)
        return np.concatenate(left)

    def _piece(self, g: int, design: Design) -> Piece:
        """Return the orders of a thesis, its own or those of one that says the same."""
        piece = self._designs[self._leads[g]].piece(design)
        return piece if piece.error or self._leads[g] == g else piece.known(*self._designs[g].named)

    def _settle(self, found: Framed, codes: Ints, rows: Ints) -> tuple[list[Design], Ints] | None:
        """Return the designs of some combinations, and those that no thesis refuses; None where all are."""
        designs, fine = list[Design](), None
        for g, (one, member) in enumerate(zip(self._designs, self._roles.members, strict=True)):
            if self._leads[g] != g and not designs[self._leads[g]].priced:  # it is refused what its lead is
                designs.append(designs[self._leads[g]])
                continue
            design, good = one.settle(codes, rows, found.known[g][rows] if g in found.known else np.zeros(1, np.int64))
            designs.append(design)
            if good is not None and not good.all():
                found.refuse(tuple(sorted(axes_of((*member.designs, *member.times)))), rows[~good])
                self._mind_bold(found, g, None, rows[~good])
                fine = good if fine is None else fine & good
        if fine is not None:
            rows = rows[fine]
        if not len(rows):
            return None
        if len({self._name(g, design) for g, design in enumerate(designs)}) < len(designs):
            found.refuse(self.designs.axes, rows)
            return None
        for g, design in enumerate(designs):
            self._mind_bold(found, g, design, rows)
        return designs, rows

    def _name(self, g: int, design: Design) -> str:
        """Return the name of a thesis; those that follow another one keep their own."""
        assert design.thesis is not None
        return design.thesis.name if self._leads[g] == g else self._roles.members[g].thesis.name

    def _mind_bold(self, found: Framed, g: int, design: Design | None, rows: Ints) -> None:
        """Note whether a design refuses a target of 100 % or more, where the grid has one; one that is refused may."""
        for axis in self._rules[g].digits.axes:
            bold = self._rules[g].bold(axis)
            if bold is not None and (design is None or self._designs[g].refuses(design, axis, int(np.argmax(bold)))):
                found.bold.setdefault((g, axis), np.zeros(len(found.frame), np.bool_))[rows] = True

    def frame_at(self, codes: Ints, *, lag: bool = False) -> Frame | str:
        """Build the frame of one combination with its instants, and if need be its lags; or say what is wrong.

        Parameters
        ----------
        codes : ndarray of shape (n_axes,)
            One that `frames` has seen, and no thesis refuses.
        lag : bool
            Whether which legs are hedged hangs on the lag.
        """
        pieces = []
        for g, one in enumerate(self._designs):
            design = self._designs[self._leads[g]].design(codes)
            pieces.append(one.piece_at(codes, lag=lag) if design.priced else self._piece(g, design))
        return self._put_together(pieces)

    def _put_together(self, pieces: Sequence[Piece]) -> Frame | str:
        wrong = next((piece.error for piece in pieces if piece.error), "")
        return wrong or frame_of(pieces, list(self.names.symbols))

"""The orders of a whole account for one design of each of its theses, before they are moved in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Records
from deepshock.engine.orders import ranks
from deepshock.experiment.planning.digits import stacked
from deepshock.experiment.planning.pieces import Piece
from deepshock.experiment.planning.rules import Base


@dataclass(frozen=True, eq=False)
class Frame:
    """A template of orders: the legs of all theses, then their hedges.

    Parameters
    ----------
    leg : ndarray of ORDER
        Instruments are numbers of symbols, sessions those of the venues' own calendars.
    row : ndarray of ROW
    bases : tuple of Base
        The rules of each thesis.
    hedged : bool
        Whether there are more orders the more legs are sent.
    """

    leg: Records
    row: Records
    bases: tuple[Base, ...]
    hedged: bool


def frame_of(pieces: Sequence[Piece], symbols: Sequence[str]) -> Frame:
    """Put the theses of an account together.

    Parameters
    ----------
    pieces : sequence of Piece
        Of each thesis; each can be planned.
    symbols : sequence of str
        By their numbers.
    """
    bases, hedged = tuple(piece.base for piece in pieces), any(piece.hedged for piece in pieces)
    if len(pieces) == 1:
        return Frame(pieces[0].leg, pieces[0].row, bases, hedged)
    takes = [(g, slice(None, piece.n_legs)) for g, piece in enumerate(pieces)]
    takes += [(g, slice(piece.n_legs, None)) for g, piece in enumerate(pieces) if piece.hedged]
    leg = stacked([pieces[g].leg[cut] for g, cut in takes])
    leg["thesis"] = np.repeat([g for g, _ in takes], [len(pieces[g].leg[cut]) for g, cut in takes])
    row = stacked([pieces[g].row[cut] for g, cut in takes])
    leg["child"] = -1
    if hedged:
        hedges = np.flatnonzero(leg["parent"] >= 0)
        before = np.cumsum([0, *(piece.n_legs for piece in pieces)])
        leg["parent"][hedges] += before[leg["thesis"][hedges]]
        leg["child"][leg["parent"][hedges]] = hedges
    leg["batch"] = np.unique(row["decided"], return_inverse=True)[1]
    said = zip(leg["instrument"].tolist(), leg["thesis"].tolist(), strict=True)
    leg["rank"] = ranks([(symbols[i], pieces[g].name) for i, g in said])
    return Frame(leg, row, bases, hedged)

"""What follows from a tape, looked up by every run on it: rows of auctions, marks in base currency, rough sessions."""

from __future__ import annotations

import math

import numpy as np

from deepshock.arrays import BRIEF, RING, Floats, Ints, Records, Tape
from deepshock.engine.kernel.shortcuts import lay_shortcuts

LINE = 64


def add_tables(tape: Tape, place: Ints | None = None, *, shortcuts: bool = True) -> Tape:
    """Fill in what follows from the other fields of a tape.

    Parameters
    ----------
    tape : Tape
        Its bars are written to: ``open_value`` and ``close_value``; as shortcuts ``pays``, ``rough`` and ``easy``.
    place : ndarray of shape (I,), int64, optional
        Which venue each instrument trades on, counted in the order in which they first occur: those of one venue have
        the same auctions, which are then looked at once. By default each has its own.
    shortcuts : bool
        False leaves out what runs look up to leap and to jump: one that keeps a book steps, and reads none of it.

    Returns
    -------
    Tape
        The same arrays, and the tables.
    """
    place = np.arange(len(tape.bar)) if place is None else place
    value_row, venue = tape.value["row"], tape.bar[np.unique(place, return_index=True)[1]]
    _require_ring(venue, tape.row_day)
    for session, after in (("open_row", "open_value"), ("close_row", "close_value")):
        tape.bar[after] = np.searchsorted(value_row, venue[session])[place]
    value_fx = np.ascontiguousarray(tape.fx[:, value_row])
    latest = np.maximum(_sessions_by(venue["open_row"], value_row) - 1, 0)[place]
    tape = tape._replace(
        worth=tape.mark * value_fx[tape.instrument["currency"]],
        value_fx=value_fx,
        split=np.take_along_axis(tape.bar["later_splits"], latest, axis=1),
        foregone=_foregone(tape),
        closed=np.zeros(tape.mark.shape, np.int64),  # the kernel has one length of each axis: these have their shapes
        low=np.zeros(tape.bar.shape),
        high=np.zeros(tape.bar.shape),
        brief=_aligned(tape.bar.shape[::-1]),
    )
    if shortcuts:
        tape.closed[:] = _sessions_by(venue["close_row"], value_row)[place]
        lay_shortcuts(tape.bar, tape.instrument, tape.row_twin, tape.brief, tape.low, tape.high)
    return tape


def _aligned(shape: tuple[int, ...]) -> Records:
    """Return empty briefs; each begins a line of the processor's cache."""
    size = math.prod(shape) * BRIEF.itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(BRIEF).reshape(shape)


def _sessions_by(auctions: Ints, value_row: Ints) -> Ints:
    """Return how many sessions of each venue have opened (or closed) by each valuation row."""
    return np.stack([np.searchsorted(rows[rows >= 0], value_row, side="right") for rows in auctions])


def _foregone(tape: Tape) -> Floats:
    """Return what one unit of base currency earns at the policy rate in the nights before each valuation row."""
    days = tape.value["day"] - tape.day0
    earned = np.zeros(len(days))
    if len(days) > 1:
        nightly = tape.policy[0] / tape.day_count[0]
        earned[1:] = np.add.reduceat(nightly[: days[-1]], days[:-1])
    return earned


def _require_ring(bar: Records, row_day: Ints) -> None:
    """Settlement dates must lie within the ring that remembers them."""
    for trade, settles in (("open_row", "settle_open"), ("close_row", "settle_close")):
        rows = bar[trade]
        lag = bar[settles] - row_day[np.maximum(rows, 0)]
        assert not (lag[rows >= 0] >= RING).any(), f"a trade settles after {lag.max()} days"

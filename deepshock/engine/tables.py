"""What follows from a tape, looked up by every run on it: rows of auctions, marks in base currency, rough sessions."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import BRIEF, RING, Flags, Floats, Ints, Lendable, Records, Tape

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
        low=np.ascontiguousarray(tape.bar["low"]),
        high=np.ascontiguousarray(tape.bar["high"]),
        foregone=_foregone(tape),
    )
    if not shortcuts:  # the kernel has one length of each axis, so the tables have their shapes
        return tape._replace(closed=np.zeros(tape.mark.shape, np.int64), brief=np.zeros(tape.bar.shape[::-1], BRIEF))
    _write_shortcuts(tape)
    return tape._replace(closed=_sessions_by(venue["close_row"], value_row)[place], brief=_brief(tape.bar))


def _write_shortcuts(tape: Tape) -> None:
    """Write into each bar what tells a run how far it may leap."""
    bar = tape.bar
    bar["pays"] = _next(bar["dividend"] != 0.0)
    bar["rough"] = _next(_rough(bar, tape.instrument) | _twin(tape))
    bar["easy"] = (bar["offer_open"] == -np.inf) & (bar["offer_close"] == -np.inf) & (bar["lendable"] <= Lendable.YES)


def _brief(bar: Records) -> Records:
    """Copy what a plain trade reads of each bar; every record begins a line of the processor's cache."""
    raw = np.zeros(bar.size * BRIEF.itemsize + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    brief = raw[start : start + bar.size * BRIEF.itemsize].view(BRIEF).reshape(bar.shape[::-1])
    for name in BRIEF.names or ():
        brief[name] = bar[name].T
    brief["rough"] = np.minimum(bar["rough"], bar["pays"]).T
    return brief


def _rough(bar: Records, instrument: Records) -> Flags:
    """Say of each session whether something other than its range can happen to a position in it."""
    prices = np.stack([bar[name] for name in ("open", "high", "low", "close")])
    low, high = bar["low"], bar["high"]
    with np.errstate(invalid="ignore"):
        outside = (bar["open"] < low) | (bar["open"] > high) | (bar["close"] < low) | (bar["close"] > high)
    rough = ~np.isfinite(prices).all(axis=0) | outside | bar["halted"] | bar["recalled"]
    sessions = np.arange(bar.shape[1])
    rough |= sessions >= instrument["final_session"][:, None]
    rough |= sessions >= instrument["n_sessions"][:, None]
    return np.asarray(rough)


def _twin(tape: Tape) -> Flags:
    """Say of each session whether one of its auctions is at the very instant of another row, or the first row."""
    rows = np.stack([tape.bar["open_row"], tape.bar["close_row"]])
    return np.asarray((tape.row_twin[np.maximum(rows, 0)] | (rows == 0)).any(axis=0))


def _next(those: Flags) -> Ints:
    """Return of each session the first from it on that is one of those, the number of sessions if none is."""
    n = those.shape[1]
    at = np.where(those, np.arange(n), n)
    return np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1]


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

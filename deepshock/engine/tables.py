"""What follows from a tape, looked up by every run on it: rows of auctions, marks in base currency, rough sessions."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import BRIEF, RING, Flags, Floats, Ints, Lendable, Records, Tape

LINE = 64


def add_tables(tape: Tape) -> Tape:
    """Fill in what follows from the other fields of a tape.

    Parameters
    ----------
    tape : Tape
        Its bars are written to: ``open_value``, ``close_value`` and ``rough``.

    Returns
    -------
    Tape
        The same arrays, and the tables.
    """
    value_row = tape.value["row"]
    for session, after in (("open_row", "open_value"), ("close_row", "close_value")):
        tape.bar[after] = np.searchsorted(value_row, tape.bar[session])
    tape.bar["rough"] = _next_rough(_rough(tape.bar, tape.instrument) | _twin(tape))
    tape.bar["easy"] = (tape.bar["offer_open"] == -np.inf) & (tape.bar["offer_close"] == -np.inf)
    tape.bar["easy"] &= tape.bar["lendable"] <= Lendable.YES
    _require_ring(tape)
    value_fx = np.ascontiguousarray(tape.fx[:, value_row])
    opened, closed = (_sessions_by(tape, name) for name in ("open_row", "close_row"))
    splits = np.take_along_axis(tape.bar["later_splits"], np.maximum(opened - 1, 0), axis=1)
    return tape._replace(
        worth=tape.mark * value_fx[tape.instrument["currency"]],
        value_fx=value_fx,
        split=np.ascontiguousarray(splits),
        closed=closed,
        brief=_brief(tape.bar),
        foregone=_foregone(tape),
    )


def _brief(bar: Records) -> Records:
    """Copy what a plain trade reads of each bar; every record begins a line of the processor's cache."""
    raw = np.zeros(bar.size * BRIEF.itemsize + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    brief = raw[start : start + bar.size * BRIEF.itemsize].view(BRIEF).reshape(bar.shape[::-1])
    for name in BRIEF.names or ():
        brief[name] = bar[name].T
    return brief


def _rough(bar: Records, instrument: Records) -> Flags:
    """Say of each session whether something other than its range can happen to a position in it."""
    prices = np.stack([bar[name] for name in ("open", "high", "low", "close")])
    low, high = bar["low"], bar["high"]
    with np.errstate(invalid="ignore"):
        outside = (bar["open"] < low) | (bar["open"] > high) | (bar["close"] < low) | (bar["close"] > high)
    rough = ~np.isfinite(prices).all(axis=0) | outside | bar["halted"] | bar["recalled"] | (bar["dividend"] != 0.0)
    sessions = np.arange(bar.shape[1])
    rough |= sessions >= instrument["final_session"][:, None]
    rough |= sessions >= instrument["n_sessions"][:, None]
    return np.asarray(rough)


def _twin(tape: Tape) -> Flags:
    """Say of each session whether one of its auctions is at the very instant of another row, or the first row."""
    rows = np.stack([tape.bar["open_row"], tape.bar["close_row"]])
    return np.asarray((tape.row_twin[np.maximum(rows, 0)] | (rows == 0)).any(axis=0))


def _next_rough(rough: Flags) -> Ints:
    """Return of each session the first from it on that is rough, the number of sessions if none is."""
    n = rough.shape[1]
    at = np.where(rough, np.arange(n), n)
    return np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1]


def _sessions_by(tape: Tape, name: str) -> Ints:
    """Return how many sessions of each instrument have opened (or closed) by each valuation row."""
    rows, found = tape.value["row"], np.empty((len(tape.bar), len(tape.value)), np.int64)
    auctions = tape.bar[name]
    for i, n in enumerate(tape.instrument["n_sessions"]):
        alike = i > 0 and np.array_equal(auctions[i], auctions[i - 1])  # of one venue, as a rule
        found[i] = found[i - 1] if alike else np.searchsorted(auctions[i, :n], rows, side="right")
    return found


def _foregone(tape: Tape) -> Floats:
    """Return what one unit of base currency earns at the policy rate in the nights before each valuation row."""
    days = tape.value["day"] - tape.day0
    earned = np.zeros(len(days))
    if len(days) > 1:
        nightly = tape.policy[0] / tape.day_count[0]
        earned[1:] = np.add.reduceat(nightly[: days[-1]], days[:-1])
    return earned


def _require_ring(tape: Tape) -> None:
    """Settlement dates must lie within the ring that remembers them."""
    for trade, settles in (("open_row", "settle_open"), ("close_row", "settle_close")):
        rows = tape.bar[trade]
        lag = tape.bar[settles] - tape.row_day[np.maximum(rows, 0)]
        assert not (lag[rows >= 0] >= RING).any(), f"a trade settles after {lag.max()} days"

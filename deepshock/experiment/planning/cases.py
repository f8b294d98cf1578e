"""Frames moved in time: the orders of each combination of design, instants and lags, with what of them is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from deepshock.arrays import Flags, Floats, Ints, Records
from deepshock.engine.orders import place
from deepshock.engine.tape import Layout
from deepshock.experiment.planning.digits import stacked
from deepshock.experiment.planning.frames import Frame
from deepshock.experiment.planning.names import Names
from deepshock.experiment.planning.priced import Sizes
from deepshock.plan import Refusal, first_sessions_after, refusals


@dataclass(frozen=True, eq=False)
class Pool:
    """The orders of all frames, one after another: what does not move in time.

    Parameters
    ----------
    frames : sequence of Frame
    leg : ndarray of ORDER
        Instruments are numbers of symbols, sessions those of the venues' own calendars.
    row : ndarray of ROW
    """

    frames: Sequence[Frame]
    leg: Records
    row: Records


@dataclass(frozen=True, eq=False)
class Cases:
    """Templates of orders, one after another.

    Parameters
    ----------
    pool : Pool
    frame : ndarray of shape (n,), int64
        The frame of each.
    start : ndarray of shape (n + 1,), int64
        Template t is orders ``start[t]`` up to ``start[t + 1]``.
    place : ndarray of shape (N,), int64
        Where each order stands in the pool.
    decided : ndarray of shape (N,), int64
        UTC nanoseconds.
    batch : ndarray of shape (N,), int64
        How many earlier decisions its template has.
    first : ndarray of shape (N,), int64
        Session of the first auction after the decision, on its venue's own calendar; 0 for a hedge.
    due : ndarray of shape (N,), int64
        Session in which it is due at the earliest, lag included.
    refusal : ndarray of shape (N,), int64
        Why it is not sent, a `Refusal`.
    unit : ndarray of shape (N,)
        Signed share, as of ORDER: that of the pool, unless prices before the decision set it.
    """

    pool: Pool
    frame: Ints
    start: Ints
    place: Ints
    decided: Ints
    batch: Ints
    first: Ints
    due: Ints
    refusal: Ints
    unit: Floats

    def __len__(self) -> int:
        return len(self.frame)

    def of(self, name: str) -> Ints:
        """Return a field of ROW or of ORDER for every order."""
        record = self.pool.row if name in (self.pool.row.dtype.names or ()) else self.pool.leg
        return np.asarray(record[name]).take(self.place)

    @cached_property
    def sent(self) -> Flags:
        """Which orders are not refused."""
        return np.asarray(self.refusal == Refusal.NONE)

    @property
    def venues(self) -> Ints:
        """The venues on which each template sends orders, as bits by their numbers; 0 where it sends none."""
        bits = np.where(self.sent, np.int64(1) << self.of("venue"), 0)
        return bits if self._single else np.asarray(np.bitwise_or.reduceat(bits, self.start[:-1]), np.int64)

    def any_of(self, orders: Flags) -> Flags:
        """Say which templates have any of some orders."""
        return orders if self._single else np.asarray(np.logical_or.reduceat(orders, self.start[:-1]), np.bool_)

    @property
    def _single(self) -> bool:
        """Whether each template has one order."""
        return len(self.place) == len(self)

    def lagging(self, lag: Ints) -> Cases:
        """Return the same with what follows from the lag of each order, ndarray of shape (N,)."""
        due = self.first + lag
        ends, first, last = (self.of(name) for name in ("ends", "first", "last"))
        never = self.of("never").astype(np.bool_)
        return replace(self, due=due, refusal=refusals(never, ends, first, last, due, self.decided))

    def some(self, chosen: Flags) -> Cases:
        """Return some of the templates."""
        count = np.diff(self.start)
        rows = np.flatnonzero(chosen if self._single else np.repeat(chosen, count))
        start = np.concatenate(([0], np.cumsum(count[chosen])))
        moved = {
            name: getattr(self, name)[rows] for name in ("place", "decided", "batch", "first", "due", "refusal", "unit")
        }
        return replace(self, frame=self.frame[chosen], start=start, **moved)

    def legs(self, fees: Floats, at: Ints, layout: Layout) -> Records:
        """Return all orders as ORDER records on a tape.

        Parameters
        ----------
        fees : ndarray of shape (n_tiers,)
            What a short of each tier costs a year.
        at : ndarray of shape (n_symbols,), int64
            Where each symbol stands on the tape, -1 for one that does not; its orders are refused.
        layout : Layout
        """
        leg = self.pool.leg.take(self.place)
        leg["due_session"], leg["batch"], leg["refused"], leg["unit"] = self.first, self.batch, ~self.sent, self.unit
        leg["borrow_rate"] = fees[self.pool.row["tier"]].take(self.place)
        place(leg, self.decided, at, layout)
        return leg


def lay_cases(
    frames: Sequence[Frame], frame: Ints, known: Mapping[int, Ints], names: Names, sizes: Sizes | None = None
) -> Cases:
    """Move frames in time.

    Parameters
    ----------
    frames : sequence of Frame
    frame : ndarray of shape (n,), int64
        The frame of each case.
    known : mapping of int to ndarray of shape (n,), int64
        By thesis, when it is known in each case, UTC nanoseconds; the others are known as planned.
    names : Names
    sizes : Sizes, optional
        Of the cases whose sizes rest on prices.
    """
    pool = Pool(frames, stacked([one.leg for one in frames]), stacked([one.row for one in frames]))
    lengths = np.array([len(one.leg) for one in frames])
    begins, count = np.cumsum(lengths) - lengths, lengths[frame]
    start = np.concatenate(([0], np.cumsum(count)))
    if int(start[-1]) == len(frame):  # one order each
        case, place = np.arange(len(frame)), begins[frame]
    else:
        case = np.repeat(np.arange(len(frame)), count)
        place = np.arange(start[-1]) + (begins[frame] - start[:-1])[case]
    alone = int(pool.leg["thesis"].max()) == 0
    decided = pool.row["decided"].take(place)
    for member, at in known.items():
        if alone:
            np.maximum(at.take(case), pool.row["floor"].take(place), out=decided)
        else:
            mine = pool.leg["thesis"].take(place) == member
            decided[mine] = np.maximum(at[case[mine]], pool.row["floor"][place[mine]])
    batch = pool.leg["batch"].take(place) if alone or not known else _batches(decided, case, start)
    first = _first_sessions(pool.row["clock"], place, decided, names)
    unit = pool.leg["unit"].take(place)
    if sizes is not None:
        sizes.write(unit, case, place - begins[frame].take(case))
    return Cases(pool, frame, start, place, decided, batch, first, first, np.zeros(len(place), np.int64), unit)


def _first_sessions(clock: Ints, place: Ints, decided: Ints, names: Names) -> Ints:
    """Return the session of the first auction after each decision; a hedge has none of its own."""
    there = set(clock.tolist())
    found = [(*key, number) for key, number in names.clocks.items() if number in there]
    if len(there) == len(found) == 1:
        calendar, kind, _ = found[0]
        return first_sessions_after(names.market.sessions(calendar), decided, kind)
    clock, first = clock.take(place), np.zeros(len(place), np.int64)
    for calendar, kind, number in found:
        mine = np.flatnonzero(clock == number)
        first[mine] = first_sessions_after(names.market.sessions(calendar), decided[mine], kind)
    return first


def _batches(decided: Ints, case: Ints, start: Ints) -> Ints:
    """Return of each order how many earlier decisions its template has."""
    order = np.lexsort((decided, case))
    later = np.concatenate(([False], (np.diff(decided[order]) > 0) & (np.diff(case[order]) == 0)))
    steps = np.cumsum(later)
    found = np.empty(len(decided), np.int64)
    found[order] = steps - steps[start[case[order]]]
    return found

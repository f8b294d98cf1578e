"""Returns over the policy rate of the variants of a sweep, row by row, without a result for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import Flags, Floats, Ints
from deepshock.cost import first_known
from deepshock.engine import equity
from deepshock.errors import Fault, UsageError
from deepshock.experiment.drawn import drawn
from deepshock.experiment.grid import Grid
from deepshock.experiment.memory import room_in_memory
from deepshock.experiment.swept import Sweep
from deepshock.experiment.variants import Batch, Planner
from deepshock.stats.performance import year_of

MOST = 2000
AT_ONCE = 1024  # variants whose NAV is held beside their paths


@dataclass(frozen=True, eq=False)
class Paths:
    """Returns of variants; `paths` makes them.

    Parameters
    ----------
    values : ndarray of shape (n_obs, n_variants)
        Over the policy rate, as the Sharpe ratio counts them; zero before the first fill and after the last exit of a
        variant, and throughout for one that did not trade.
    at : ndarray of shape (n_obs,), int64
        UTC nanoseconds: every valuation row on which some of them were in the market.
    variants : ndarray of shape (n_variants,), int64
        Their numbers in the sweep, ascending.
    live : ndarray of shape (n_obs, n_variants), bool
        Which rows are a variant's own: valuation rows of its venues from its first fill to its last exit.
    year : ndarray of shape (n_variants,), int64
        Observations a year: 252, or 365 where all venues are 24/7; 0 for one that cannot run.
    drawn_from : int
        Of how many they are an even sample; as many as there are where none was left out.
    """

    values: Floats
    at: Ints
    variants: Ints
    live: Flags
    year: Ints
    drawn_from: int

    def __repr__(self) -> str:
        n_obs, n = self.values.shape
        sample = f", drawn from {self.drawn_from:,}" if self.drawn_from > n else ""
        return f"<Paths of {n:,} variants{sample}, {n_obs:,} rows>"

    def record(self, column: int) -> Floats:
        """Return the own returns of a variant, of which its row has the Sharpe ratio: ndarray of shape (n_own,)."""
        return np.asarray(self.values[self.live[:, column], column])


def paths(made: Sweep, variants: Sequence[int] | Ints | None = None, *, most: int = MOST, seed: int = 0) -> Paths:
    """Return the returns of variants of a sweep, on the union of their rows.

    Parameters
    ----------
    made : Sweep
    variants : sequence of int, optional
        Their numbers; by default of those that traded, or of an even sample of them.
    most, seed : int
        How many are drawn at most, and of the draw. The one with the highest excess return is always among them.

    Returns
    -------
    Paths
        Ascending, each once.

    Raises
    ------
    UsageError
        There is no such variant, or they do not fit into memory.
    StatisticsError
        None is named, and none traded.
    """
    if variants is None:
        sample = drawn(made, "excess_return", most, seed)
        return replace(_run(made, sample.numbers), drawn_from=sample.traded)
    numbers = np.unique(np.asarray(variants, np.int64))
    if not len(numbers) or numbers[0] < 0 or numbers[-1] >= len(made):
        problem = f"{numbers[[0, -1]].tolist()} are not there" if len(numbers) else "there is none"
        raise UsageError(Fault("variants", problem, f"there are {len(made):,}, from 0"))
    return _run(made, numbers)


@dataclass(frozen=True, eq=False)
class _Piece:
    """Returns of some columns on rows of their own; nan where a variant is not in the market."""

    columns: Ints
    at: Ints
    values: Floats
    year: int


def _run(made: Sweep, numbers: Ints) -> Paths:
    """Run variants by their numbers, ascending."""
    grid = made.grid
    chosen = Grid(grid.axes, numbers if grid.chosen is None else grid.chosen[numbers])
    planner, n = Planner(made.item, made.market, made.settings, chosen), len(numbers)
    pieces = [
        piece
        for start in range(0, n, AT_ONCE)
        for batch in planner.batches(start, min(start + AT_ONCE, n))
        for piece in _pieces(batch)
    ]
    at = np.unique(np.concatenate([np.empty(0, np.int64), *(piece.at for piece in pieces)]))
    room_in_memory(n, 9 * n * len(at), "name fewer, or draw a sample")
    values, live, year = np.zeros((len(at), n)), np.zeros((len(at), n), np.bool_), np.zeros(n, np.int64)
    for piece in pieces:
        place = np.ix_(np.searchsorted(at, piece.at), piece.columns)
        live[place] = there = np.isfinite(piece.values)
        values[place] = np.where(there, piece.values, 0.0)
        year[piece.columns] = piece.year
    return Paths(values, at, numbers, live, year, n)


def _pieces(batch: Batch) -> Iterator[_Piece]:
    """Yield the returns of a batch, if it can run and fills anything."""
    assembly, variants = batch.assembly, batch.variants
    if assembly is None or variants is None:
        return
    tape = assembly.tape
    figures, nav = equity(tape, assembly.terms, assembly.money, variants, len(assembly.items))
    ran = np.flatnonzero(figures["n_fills"] > 0)
    ran = ran[tape.row_day[figures["first_row"][ran]] >= first_known(batch.currency)]
    nav, first = nav[ran], figures["first_value"][ran]
    before = np.roll(nav, 1, axis=1)
    before[np.arange(len(ran)), first] = batch.capital
    values = (nav - before) / before - tape.foregone
    rows = np.flatnonzero(np.isfinite(values).any(axis=0))
    if len(rows):
        at = assembly.row_at[tape.value["row"][rows]]
        yield _Piece(batch.numbers[ran], at, values[:, rows].T, year_of(batch.always_open))

"""Many variants of one thesis or book, run in chunks: into memory, or into a folder that can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepshock.cost import CostSet, as_cost_set
from deepshock.errors import Fault, UsageError
from deepshock.experiment.columns import columns
from deepshock.experiment.counted import count_sweep
from deepshock.experiment.durable import room
from deepshock.experiment.executors import Executor, executor_of
from deepshock.experiment.grid import Grid
from deepshock.experiment.identity import cost_names, manifest_of, over_settings
from deepshock.experiment.manifest import MANIFEST, new_folder, read_manifest
from deepshock.experiment.pace import Pace, Teller
from deepshock.experiment.rows import Rows
from deepshock.experiment.sizing import IN_MEMORY, bytes_on_disk, check_chunk, check_memory, measured
from deepshock.experiment.storage import Folder
from deepshock.experiment.swept import Sweep
from deepshock.experiment.variants import Planner
from deepshock.experiment.work import Work
from deepshock.plan import Settings
from deepshock.registry import Choice, Registry
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market

Progress = Callable[[Pace], object]


def sweep(
    item: Thesis | Book,
    market: Market,
    over: Mapping[Any, Any],
    *,
    sample: int | None = None,
    seed: int = 0,
    source: str | None = None,
    capital: float | None = None,
    costs: str | Path | CostSet | None = None,
    to: str | Path | None = None,
    resume: bool = False,
    executor: Any = None,
    workers: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
    registry: Choice = None,
) -> Sweep:
    """Run many variants of a thesis or book.

    Parameters
    ----------
    item : Thesis or Book
    market : Market
    over : mapping
        Dotted path to its values, or a tuple of tied paths to tuples of values: ``{"exit.hold": [5, 10, 20],
        ("exit.stop", "exit.target"): [(0.05, 0.1), (0.1, 0.2)]}``. None removes the word. Of a book, ``NAME.path`` is
        one thesis's.
    sample, seed : int, optional
        How many variants to draw from all combinations, and the seed of the draw; all of them by default.
    source, capital, costs
        As of ``deepshock.run``, for every variant; what is given here can't be varied.
    to : path, optional
        A folder to stream into: one Parquet part for each chunk, and a manifest.
    resume : bool
        Go on with the same sweep in that folder.
    executor : str, distributed.Client or Executor, optional
        ``threads`` (the default), ``serial``, ``dask`` (processes of this machine) or the client of a cluster. The
        rows are the same, to the bit.
    workers : int, optional
        Threads, or processes of ``dask``; as many as there are processors by default.
    chunk : int, optional
        Variants of a part or task; by default as many as take a few seconds, 50,000 at most.
    progress : callable, optional
        Called with a `Pace` about ten times a second: how many are done, the rate, the time left.
    registry
        As of ``deepshock.run``. Each variant that trades counts as a try; of a sweep that is interrupted, those that
        are in its folder.

    Returns
    -------
    Sweep
        Its rows have ``net_return``, ``gross_return`` and ``excess_return`` (net less the policy rate), over the
        capital; ``sharpe`` with its standard error ``sharpe_se``, ``sortino`` and ``volatility``, annual, nan under 20
        observations; ``max_drawdown`` (negative or nil); ``exposure`` (mean value of all positions over the NAV);
        ``turnover`` (value of all fills over the capital); ``hit_rate`` (of the orders that filled, those that made
        money of their own); ``worst_leg``, the symbol of the one with the lowest P&L, and ``worst_leg_return``, that
        over the capital; ``n_obs``, ``fills`` and ``margin_calls``, counts; ``open_at_end``; ``reason``, empty where
        the variant traded; and ``cost: NAME``, each cost over the capital. A variant that cannot run has a reason and
        nan; one that ran and filled nothing has a reason, and made nothing.

    Raises
    ------
    UsageError
        A path leads nowhere (says which is near), values are missing or stand twice, a folder holds something else,
        or the rows will not fit into memory or on the disk.
    MissingDependency
        Dask is asked for and not installed.
    KeyboardInterrupt
        With the way to go on, where there is a folder: it can be resumed.

    Examples
    --------
    >>> import deepshock as ds
    >>> gold = ds.Thesis(
    ...     name="gold", source={"published": "2025-01-28T00:00Z", "publisher": "me"}, long={"GLD": 1}
    ... )
    >>> made = ds.sweep(gold, ds.market_for(gold), {"enter.lag": range(3), "exit.hold": [5, 10]})
    >>> made
    <Sweep of gold on SIMULATED data: 6 variants of enter.lag (3), exit.hold (2)>
    >>> float(made.frame.loc[(2, 10), "net_return"]) == made.replay((2, 10)).performance.net_return
    True
    """
    settings, counter = Settings(source, capital, as_cost_set(costs)), Registry.of(registry)
    grid = _grid(item, over, sample, seed, settings)
    check_chunk(chunk)
    if resume and to is None:
        raise UsageError(Fault("resume", "needs the folder of the sweep", "give to=... as well"))
    doer = executor_of(executor, workers)
    work = Work(Planner(item, market, settings, grid), grid, cost_names(item, market, settings, grid), chunk or 0)
    task = _Task(work, doer, progress)
    if to is None:
        made = Sweep(item, market, grid, settings, task.in_memory())
        count_sweep(made, counter)
        return made
    folder = task.begun(Path(to).absolute(), resume, manifest_of(item, market, settings, grid))
    made = Sweep(item, market, grid, settings, folder)
    try:
        task.fill(folder)
    finally:
        count_sweep(made, counter)
    return made


def _grid(item: Thesis | Book, over: Mapping[Any, Any], sample: int | None, seed: int, settings: Settings) -> Grid:
    grid = Grid.of(over, sample=sample, seed=seed)
    grid.check(item)
    faults = over_settings(item, grid, settings)
    if faults:
        raise UsageError(faults)
    return grid


@dataclass(frozen=True)
class _Task:
    """Work, who does it, and who is told; a chunk size of 0 has to be chosen."""

    work: Work
    doer: Executor
    progress: Progress | None

    @property
    def n(self) -> int:
        return len(self.work.grid)

    def in_memory(self) -> pd.DataFrame:
        """Return the rows."""
        check_memory(self.work.grid, len(self.work.costs))
        usual = self.work.chunk or (IN_MEMORY if self.doer.workers is None else measured(self.work, self.doer.workers))
        work, whole = replace(self.work, chunk=usual), Rows.empty(0, self.n, self.work.costs)
        self.doer.run(work, range(work.n_chunks), whole, Teller(self.n, 0, self.progress))
        return whole.frame()

    def fill(self, folder: Folder) -> None:
        """Write the parts that are missing in a folder."""
        to, missing = folder.path, folder.missing()
        left = sum(stop - start for start, stop in map(folder.bounds, missing))
        work = replace(self.work, chunk=int(folder.manifest["chunk"]), folder=folder)
        self._room(to, left)
        try:
            self.doer.run(work, missing, None, Teller(self.n, self.n - left, self.progress))
        except KeyboardInterrupt as stopped:
            done = folder.n_chunks - len(folder.missing())
            stopped.add_note(f"{to}: {done:,} of {folder.n_chunks:,} parts are done; go on with resume=True (--resume)")
            raise
        if lost := len(folder.missing()):
            problem = f"{lost:,} of {folder.n_chunks:,} parts were written and are not there"
            raise UsageError(Fault(str(to), problem, "choose a folder that all workers and this process share"))
        Folder.open(to)  # deletes what workers left that died

    def begun(self, to: Path, resume: bool, identity: Mapping[str, Any]) -> Folder:
        """Open the folder of this sweep, or begin it; what is refused is refused before anything runs."""
        there = (to / MANIFEST).is_file()
        if not there:
            self._room(to, self.n)
            new_folder(to)
        size = self.work.chunk or (read_manifest(to)["chunk"] if there else measured(self.work, self.doer.workers))
        labels = dict.fromkeys(self.work.grid.paths, "str")
        manifest = {**identity, "columns": {**labels, **columns(self.work.costs)}}
        return Folder.create(to, manifest, self.n, size, resume=resume)

    def _room(self, to: Path, n: int) -> None:
        room(to, n * bytes_on_disk(len(self.work.costs), len(self.work.grid.paths)))

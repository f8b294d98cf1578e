"""Do all of them find the same? Asked before anything is timed."""

from __future__ import annotations

import numpy as np

from common import ours
from common.agree import Agreement, agreement
from common.limits import Limit
from common.workloads import Placebo, Workload
from deepshock.arrays import Flags, Floats, Ints
from peers import with_vectorbt
from peers.installed import one_by_one, sample

STOP_ORDER = "vectorbt asks for the stop before it asks whether the bar opened beyond the target"
FIRST_ROW = "vectorbt's drawdown starts after the first row, so for entries there it was taken from its values"
SHORT = "a sweep gives no ratio under 20 observations"


def check(work: Workload, n_sampled: int) -> list[Agreement]:
    """Compare deepshock with the minimal kernel, and all others with deepshock.

    Parameters
    ----------
    work : Workload
    n_sampled : int
        Variants for libraries that run one at a time.

    Notes
    -----
    Where the order of stop and target inside a bar matters, deepshock is compared with the minimal kernel in its
    order, and vectorbt with the minimal kernel in vectorbt's.
    """
    limit = Limit(work.plain)
    causal, stop_first = (limit.run(stop_first=order).copy() for order in (False, True))
    unlike = np.abs(causal - stop_first).max(axis=1) > 0.0
    batches = ours.plan(work)
    engine = ours.figures(batches, ours.run(batches), work.n_rows)
    frame = ours.figures_of_frame(ours.sweep(work), work.n_rows)
    found = [
        agreement(work.name, "engine", engine, "minimal kernel", causal),
        agreement(work.name, "sweep", frame, "minimal kernel", causal, _absent(frame)),
    ]
    for name in with_vectorbt.engines():
        found += _vectorbt(work, name, engine, stop_first, unlike)
    return found + _others(work, engine, sample(work, n_sampled, unlike))


def _vectorbt(work: Workload, name: str, engine: Floats, stop_first: Floats, unlike: Flags) -> list[Agreement]:
    """Compare one of its engines with ours where they mean the same, and else with the minimal kernel."""
    with with_vectorbt.engine(name):
        theirs = with_vectorbt.figures(work.plain, with_vectorbt.prepare(work.plain))
        note = ""
        if isinstance(work.plain, Placebo):
            theirs[:: work.n_rows, 2] = with_vectorbt.drawdown_from_cash(work.plain)
            note = FIRST_ROW
    found = [agreement(work.name, "engine", engine[~unlike], f"vectorbt {name}", theirs[~unlike], note)]
    if unlike.any():
        found.append(
            agreement(work.name, "minimal kernel", stop_first[unlike], f"vectorbt {name}", theirs[unlike], STOP_ORDER)
        )
    return found


def _others(work: Workload, engine: Floats, chosen: Ints) -> list[Agreement]:
    """Compare what runs one by one with ours; backtesting.py gives the return only."""
    found = []
    for library in one_by_one(work):
        theirs, own = library.run(work.plain, chosen), engine[chosen]
        if theirs.ndim == 1:
            own = np.column_stack([own[:, 0], np.full((len(own), 2), np.nan)])
            theirs = np.column_stack([theirs, own[:, 1:]])
        found.append(agreement(work.name, "engine", own, library.name, theirs, f"a sample of {len(chosen)}"))
    return found


def _absent(frame: Floats) -> str:
    n = int(np.isnan(frame[:, 1]).sum())
    return f"{SHORT}: {n:,} of {len(frame):,}" if n else ""

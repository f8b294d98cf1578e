"""deepshock's kernel beside kernels that can do nothing else, interleaved in one process.

    python benchmarks/limit.py
    python benchmarks/limit.py --rounds 31 --json limit.json

The minimal kernels of ``benchmarks/common/minimal.py`` do one workload each without any feature: the least time that
the work takes. Ours runs the same variants, once as they are, and once with everything on that a thesis can ask for:
legs in two currencies, dividends, borrow, conversion, interest on every balance, stops on every leg, margin, and a
minimum commission; what it is beside is the same featureless kernel. Engine time on arrays that are ready, of 10,000
variants of E and B and 200,000 of P, with two threads and with one.

*plain* is the minimal kernel as one would write it, *tight* the same without a branch for each new peak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from common import options, ours, report
from common.agree import TOLERANCE, agreement
from common.clock import Task, Times, in_turns
from common.limits import Limit
from common.report import Sheet
from common.workloads import Workload, book, event_trade, placebo

SIZES: dict[str, Callable[[bool, bool], Workload]] = {
    "E": lambda small, all_on: event_trade(*((2, 2) if small else (10, 10)), all_on=all_on),
    "B": lambda small, all_on: book(20 if small else None, all_on=all_on),
    "P": lambda small, all_on: placebo(3 if small else 200, n_sessions=120 if small else 1000, all_on=all_on),
}
FORMS = ("plain", "tight", "as they are", "everything on")


@dataclass(frozen=True)
class Beside:
    """One workload with a number of threads.

    Parameters
    ----------
    name : str
    threads : int
    times : dict of str to Times
        By `FORMS`.
    """

    name: str
    threads: int
    times: dict[str, Times]

    def ratio(self, form: str, limit: str = "plain") -> float:
        """Return what a form of ours takes, over what a minimal kernel does."""
        return self.times[form].median / self.times[limit].median

    def document(self) -> dict[str, object]:
        """Return plain values for JSON."""
        ratios = {f"{form} / {limit}": self.ratio(form, limit) for form in FORMS[2:] for limit in FORMS[:2]}
        times = {form: times.document() for form, times in self.times.items()}
        return {"workload": self.name, "threads": self.threads, "times": times, "ratios": ratios}


def tasks_of(name: str, small: bool) -> dict[str, Task]:
    """Return what is timed, checked against the minimal kernel.

    Raises
    ------
    SystemExit
        Results differ.
    """
    work = SIZES[name](small, False)
    limit, batches, full = Limit(work.plain), ours.plan(work), ours.plan(SIZES[name](small, True))
    found = ours.figures(batches, ours.run(batches), work.n_rows)
    for tight in (False, True):
        same = agreement(name, "engine", found, "minimal kernel", limit.run(tight=tight))
        if not same.holds:
            raise SystemExit(f"error: {name} differs from the minimal kernel by {same.largest}, over {TOLERANCE:g}")
    if any(not np.isfinite(figures["net"]).all() for figures in ours.run(full)):
        raise SystemExit(f"error: {name} with everything on has variants without a result")
    return {
        "plain": limit.run,
        "tight": lambda: limit.run(tight=True),
        "as they are": lambda: ours.run(batches, parallel=numba.get_num_threads() > 1),
        "everything on": lambda: ours.run(full, parallel=numba.get_num_threads() > 1),
    }


def measure(name: str, small: bool, rounds: int, threads: tuple[int, ...]) -> list[Beside]:
    """Time one workload with each number of threads."""
    tasks, before, found = tasks_of(name, small), numba.get_num_threads(), []
    try:
        for n in threads:
            numba.set_num_threads(n)
            found.append(Beside(name, n, in_turns(tasks, rounds)))
    finally:
        numba.set_num_threads(before)
    return found


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return the table of times and ratios."""
    columns = (
        *("", "limit: plain", "tight", "ours: as they are", "everything on"),
        *("as they are / plain", "/ tight", "everything / plain", "/ tight"),
    )
    rows = [
        [
            f"{one['workload']}, {one['threads']} thread{'s' * (one['threads'] > 1)}",
            *(report.seconds(one["times"][form]["median_s"]) for form in FORMS),
            *(report.times(ratio) for ratio in one["ratios"].values()),
        ]
        for one in results["kernels"]
    ]
    return [Sheet("The kernel beside the limit", columns, rows, tuple(gains(results["kernels"])))]


def gains(kernels: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield, for each workload, what the second thread is worth."""
    medians = {(one["workload"], one["threads"]): one["times"]["as they are"]["median_s"] for one in kernels}
    for name, threads in medians:
        if threads > 1 and (name, 1) in medians:
            faster = report.times(medians[name, 1] / medians[name, threads])
            yield f"{name}: {threads} threads are {faster} as fast as one."


def main() -> None:
    """Time all three, with all threads and with one."""
    given = options.parser(__doc__, rounds=15).parse_args()
    report.heading()
    threads = tuple(dict.fromkeys((min(2, numba.get_num_threads()), 1)))
    found = [one for name in SIZES for one in measure(name, given.small, given.rounds, threads)]
    results = {"rounds": given.rounds, "kernels": [one.document() for one in found]}
    report.publish("limit", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

"""How long a process takes from its start: imports, the command line's help, one run.

    python benchmarks/import_time.py
    python benchmarks/import_time.py --rounds 9 --json import_time.json

Processes take turns, and Python's own start is one of them. S is one thesis of 30 legs and one event
(``benchmarks/common/single.py``), in vectorbt the same trade: the whole process with compiled code at hand, and the
first that there ever was, whose caches are empty folders. Last, S in a process that is warm: the engine on its arrays,
and ``ds.run`` from thesis to result.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from common import options, process, report
from common.clock import Task, in_turns, once
from common.report import Sheet

RUNS = ("deepshock", "vectorbt")
CACHES = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "DEEPSHOCK_CACHE_DIR")
WARM = 101


def commands(small: bool) -> dict[str, list[str]]:
    """Return what is started, by name."""
    others = [] if small else [name for name in ("vectorbt", "backtesting", "bt") if find_spec(name)]
    code = {"python, nothing else": "pass", **{f"import {name}": f"import {name}" for name in ("deepshock", *others)}}
    found = {name: [sys.executable, "-W", "ignore", "-c", text] for name, text in code.items()}
    found["deepshock --help"] = [sys.executable, "-m", "deepshock.backtest", "--help"]
    return found | {f"S in {who}": [sys.executable, "-m", "common.single", who] for who in RUNS if find_spec(who)}


def first_ever(command: Sequence[str]) -> float:
    """Return the seconds of a process that finds no compiled code."""
    with tempfile.TemporaryDirectory() as folder:
        return once(lambda: process.run(command, dict.fromkeys(CACHES, folder)))[0]


def warm(runs: int) -> dict[str, float]:
    """Run S again and again, and return medians; this is what a process of its own does."""
    import deepshock as ds
    from common import workloads
    from deepshock.engine import kernel

    work, inner, spent = workloads.single(), kernel.simulate, []

    def timed(*arrays: object) -> None:
        start = time.perf_counter()
        inner(*arrays)
        spent.append(time.perf_counter() - start)

    kernel.simulate = timed
    whole = in_turns({"": partial(ds.run, work.item, work.market, costs=work.costs)}, runs)[""]
    return {"engine_s": statistics.median(spent[1:]), "run_s": whole.median}


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table of whole processes, and one of what a warm one does."""
    took, first, inside = results["processes"], results["first_ever_s"], results["warm"]
    rows = [[name, report.seconds(one["median_s"]), report.seconds(one["least_s"])] for name, one in took.items()]
    rows += [[f"{name}, first ever", report.seconds(seconds), ""] for name, seconds in first.items()]
    warm = [["engine", report.seconds(inside["engine_s"])], ["ds.run", report.seconds(inside["run_s"])]]
    return [
        Sheet("Whole processes", ("", "median", "least"), rows),
        Sheet("S in a warm process", ("", "median"), warm),
    ]


def main() -> None:
    """Start them, and say how long they took."""
    given = options.parser(__doc__, rounds=5, small="once each, no peer's import, no first run ever").parse_args()
    report.heading()
    lines = commands(given.small)
    tasks: dict[str, Task] = {name: partial(process.run, line) for name, line in lines.items()}
    took = in_turns(tasks, given.rounds, warm=not given.small)
    first = {} if given.small else {name: first_ever(line) for name, line in lines.items() if name.startswith("S in")}
    inside = process.alone("import_time", "warm", runs=3 if given.small else WARM).value
    processes = {name: times.document() for name, times in took.items()}
    results = {"processes": processes, "first_ever_s": first, "warm": inside}
    report.publish("import_time", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

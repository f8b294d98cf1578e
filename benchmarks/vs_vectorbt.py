"""deepshock beside vectorbt, backtesting.py and bt: the same work, the same results, then the times.

    python benchmarks/vs_vectorbt.py
    python benchmarks/vs_vectorbt.py --only E,B --rounds 7 --json vs_vectorbt.json

Three workloads (``benchmarks/common/workloads.py``): E, 10,000 variants of an event trade; B, 1,000 variants of a book
of 30 legs; P, 200,000 placebo trades. For each, every library's total return, Sharpe ratio and maximum drawdown of
every variant are compared first, to 1e-9; if one differs, that is printed, no time is, and the exit status is 1. Then
all take turns. *Engine* is from arrays that are ready to the three figures, *whole call* from a thesis (here) or plain
parameters (there) to the same. backtesting.py and bt run one variant at a time: a sample of them is run, and scaled up.
Memory is the peak of a process that does one whole call and nothing else.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from common import options, process, report
from common.agree import sheet
from common.report import Sheet
from common.use import SIZES, build
from peers.check import check
from peers.measure import Measured, measure

SAMPLED = 20


def memory(measured: Sequence[Measured], what: str, small: bool) -> dict[str, float]:
    """Return the peak memory of those that run all variants at once."""
    names = [one.who for one in measured if one.who == "deepshock" or one.who.startswith("vectorbt")]
    return {who: process.alone("common.use", "use", who=who, what=what, small=small).peak_mb for who in names}


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table for each workload; ratios are against the faster engine of vectorbt."""
    columns = ("", "engine", "against vectorbt", "whole call", "against vectorbt", "peak memory", "")
    found = []
    for name, work in results["workloads"].items():
        ready, whole = (
            min(median(one, step) for one in work["libraries"] if one["who"].startswith("vectorbt"))
            for step in ("ready", "whole")
        )
        rows = []
        for one in work["libraries"]:
            mine = {step: median(one, step) for step in ("ready", "whole")}
            figures = (
                *(report.seconds(mine["ready"]), report.times(mine["ready"] and ready / mine["ready"])),
                *(report.seconds(mine["whole"]), report.times(mine["whole"] and whole / mine["whole"])),
            )
            sampled = f"{one['sampled']} variants, scaled up" if one["sampled"] else ""
            rows.append([one["who"], *figures, report.megabytes(one["peak_mb"]), sampled])
        found.append(Sheet(f"{name}: {work['title']}", columns, rows))
    return found


def median(library: Mapping[str, Any], step: str) -> Any:
    """Return the median seconds of a step of one library, None where it has none."""
    return library[step] and library[step]["median_s"]


def parse() -> Namespace:
    """Read the command line."""
    parser = options.parser(__doc__, rounds=5)
    parser.add_argument("--only", type=options.some_of(SIZES), default=[*SIZES], help="workloads, for example E,B")
    return parser.parse_args()


def main() -> None:
    """Compare, then time, then say."""
    given = parse()
    report.heading()
    works = [build(name, given.small) for name in given.only]
    n_sampled = 2 if given.small else SAMPLED
    agreements = [one for work in works for one in check(work, n_sampled)]
    sheet(agreements).show()
    if not all(one.holds for one in agreements):
        print("error: results differ, so no time is told", file=sys.stderr)
        sys.exit(1)
    documents = {}
    weighed = works[:1] if given.small else works  # tiny ones have the peak of their imports, one like the other
    for work in works:
        measured = measure(work, given.rounds, n_sampled)
        peaks = memory(measured, work.name, given.small) if work in weighed else {}
        documents[work.name] = {
            "title": work.title,
            "variants": len(work.grid),
            "libraries": [{**one.document(), "peak_mb": peaks.get(one.who)} for one in measured],
        }
    results = {"rounds": given.rounds, "agreements": [one.document() for one in agreements], "workloads": documents}
    report.publish("vs_vectorbt", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

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

import argparse
import math
import sys
from collections.abc import Sequence

from rich.text import Text

from common import process, report
from common.agree import METRICS, TOLERANCE, Agreement
from common.use import SIZES, build
from common.workloads import Workload
from peers.check import check
from peers.measure import Measured, measure

SAMPLED = 20


def memory(measured: Sequence[Measured], what: str, small: bool) -> dict[str, float]:
    """Return the peak memory of those that run all variants at once."""
    names = [one.who for one in measured if one.who == "deepshock" or one.who.startswith("vectorbt")]
    return {who: process.alone("common.use", "use", who=who, what=what, small=small).peak_mb for who in names}


def fastest(measured: Sequence[Measured]) -> Measured:
    """Return the faster engine of vectorbt."""
    return min((one for one in measured if one.who.startswith("vectorbt")), key=_whole)


def _whole(one: Measured) -> float:
    return one.whole.median if one.whole else math.inf


def show_agreements(found: Sequence[Agreement]) -> None:
    """Print what was compared, and how far apart it is."""
    rows = [
        [
            f"{one.workload}: {one.of} and {one.to}",
            f"{one.n:,}",
            *("" if value != value else f"{value:.1e}" for value in one.largest),
            "" if one.holds else "DIFFERS",
        ]
        for one in found
    ]
    columns = ["largest difference of", "variants", *METRICS, ""]
    terminal = report.console()
    terminal.print(report.table(f"Results, to {TOLERANCE:g}", columns, rows))
    for note in dict.fromkeys(f"{one.workload}, {one.to}: {one.note}." for one in found if one.note):
        terminal.print(Text(f"  {note}", style="dim"))


def show(work: Workload, measured: Sequence[Measured], peaks: dict[str, float]) -> None:
    """Print the times of one workload; ratios are against the faster engine of vectorbt."""
    rival = fastest(measured)
    rows = []
    for one in measured:
        ready, whole = (times.median if times else None for times in (one.ready, one.whole))
        of_engine = rival.ready.median / ready if ready and rival.ready else None
        of_whole = rival.whole.median / whole if whole and rival.whole else None
        sampled = f"{one.sampled} variants, scaled up" if one.sampled else ""
        figures = report.seconds(ready), report.times(of_engine), report.seconds(whole), report.times(of_whole)
        rows.append([one.who, *figures, report.megabytes(peaks.get(one.who)), sampled])
    columns = ["", "engine", "against vectorbt", "whole call", "against vectorbt", "peak memory", ""]
    report.console().print(report.table(f"{work.name}: {work.title}", columns, rows))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="E,B,P", help="workloads, for example E,B")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts; default 5")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see whether it works")
    report.add_json(parser)
    given = parser.parse_args()
    given.only = [name.strip().upper() for name in given.only.split(",")]
    if unknown := [name for name in given.only if name not in SIZES]:
        parser.error(f"--only {', '.join(unknown)}: workloads are {', '.join(SIZES)}")
    if given.rounds < 1:
        parser.error("--rounds is at least 1")
    return given


def main() -> None:
    """Compare, then time, then say."""
    given = parse()
    report.heading(report.console())
    works = [build(name, given.small) for name in given.only]
    n_sampled = 2 if given.small else SAMPLED
    agreements = [one for work in works for one in check(work, n_sampled)]
    show_agreements(agreements)
    if not all(one.holds for one in agreements):
        print("error: results differ, so no time is told", file=sys.stderr)
        sys.exit(1)
    documents = {}
    for work in works:
        measured = measure(work, given.rounds, n_sampled)
        peaks = memory(measured, work.name, given.small)
        show(work, measured, peaks)
        documents[work.name] = {
            "title": work.title,
            "variants": len(work.grid),
            "libraries": [{**one.document(), "peak_mb": peaks.get(one.who)} for one in measured],
        }
    results = {"rounds": given.rounds, "agreements": [one.document() for one in agreements], "workloads": documents}
    report.write(given.json, "vs_vectorbt", results)


if __name__ == "__main__":
    main()

"""Time and peak memory against the number of variants, legs and rows.

    python benchmarks/scaling.py
    python benchmarks/scaling.py --chart docs/scaling.svg --json scaling.json

Each point is a process of its own: one small sweep to load compiled code, then the sweep that counts, and the peak of
the memory at its end. Against variants: E, 1,000 to 1,000,000 of them, streamed to Parquet. Against legs: B, 1,000
variants of 6 to 300 legs. Against rows: P, an entry at each of 250 to 1,500 sessions in 100 instruments.
"""

from __future__ import annotations

import statistics
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import deepshock as ds
from common import options, process, report
from common.clock import once
from common.points import Point
from common.report import Sheet
from common.workloads import Workload, book, event_trade, placebo

VARIANTS = {1_000: (5, 2), 10_000: (10, 10), 100_000: (50, 20), 1_000_000: (100, 100)}
AXES: dict[str, tuple[int, ...]] = {
    "variants": tuple(VARIANTS),
    "legs": (6, 30, 100, 200, 300),
    "rows": (250, 500, 1000, 1500),
}
SMALL: dict[str, tuple[int, ...]] = {"variants": (1_000,), "legs": (6,), "rows": (250,)}
MAKE: dict[str, Callable[[int], Workload]] = {
    "variants": lambda n: event_trade(*VARIANTS[n]),
    "legs": lambda n: book(1000, n_legs=n),
    "rows": lambda n: placebo(100, n_sessions=n),
}


def sweep(axis: str, n: int, rounds: int) -> dict[str, Any]:
    """Sweep one size in this process, and return plain values."""
    work = MAKE[axis](n)
    ds.sweep(work.item, work.market, work.over, costs=work.costs, sample=100)
    taken, size = [], 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            to = Path(folder) / "sweep" if axis == "variants" else None
            call = partial(ds.sweep, work.item, work.market, work.over, costs=work.costs, sample=work.sample, to=to)
            taken.append(once(call)[0])
            size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    return {"variants": len(work.grid), "seconds": statistics.median(taken), "bytes_on_disk": size}


def measure(axis: str, n: int, rounds: int) -> Point:
    """Measure one point in a process of its own."""
    found = process.alone("scaling", "sweep", axis=axis, n=n, rounds=rounds)
    return Point(axis, n, peak_mb=found.peak_mb, **found.value)


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table for each axis."""
    points = [Point(**point) for point in results["points"]]
    columns = ("", "whole call", "a variant", "peak memory", "on disk")
    found = []
    for axis in dict.fromkeys(point.axis for point in points):
        rows = [
            [
                f"{point.n:,} {axis}",
                report.seconds(point.seconds),
                f"{point.microseconds_each:,.2f} us",
                report.megabytes(point.peak_mb),
                report.megabytes(point.bytes_on_disk / 1e6) if point.bytes_on_disk else "",
            ]
            for point in points
            if point.axis == axis
        ]
        found.append(Sheet(f"Against {axis}", columns, rows))
    return found


def parse() -> Namespace:
    """Read the command line."""
    parser = options.parser(__doc__, rounds=3)
    parser.add_argument("--only", type=options.some_of(AXES), default=[*AXES], help="axes, for example variants,legs")
    parser.add_argument("--chart", type=Path, help="draw the points into this SVG")
    return parser.parse_args()


def main() -> None:
    """Measure every point, then show them."""
    given = parse()
    report.heading()
    sizes = SMALL if given.small else AXES
    points = [measure(axis, n, given.rounds) for axis in given.only for n in sizes[axis]]
    results = {"rounds": given.rounds, "points": [vars(point) for point in points]}
    if given.chart:
        from common.chart import draw

        draw(points, given.chart)
    report.publish("scaling", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

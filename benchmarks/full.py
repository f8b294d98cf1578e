"""F: the book of all strategies, every cost on, 100,000 variants of lag, hold, stop and cost.

    python benchmarks/full.py --data bars.parquet
    python benchmarks/full.py                              # on DEEPSHOCK_DATA, else on the simulated market

Institutional costs with the dated law of every venue, borrow, financing, FX and margin, on real bars where there are
some. The sweep is one call in a process of its own, as a user would make it; a few variants, drawn at random, are then
run again by themselves, and have to give the same bits.
"""

from __future__ import annotations

import os
import statistics
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from common import machine, options, process, report
from common.clock import once
from common.replay import replay
from common.report import Sheet

BOOK = machine.ROOT / "strategies" / "book.yaml"


def over(small: bool) -> dict[str, list[object]]:
    """Return what is varied: 10 lags x 20 holds x 50 stops x 10 half-spreads."""
    lags, holds, stops, costs = (2, 2, 2, 2) if small else (10, 20, 50, 10)
    return {
        "costs.half-spread.bps": [0.5 * (n + 1) for n in range(costs)],
        "enter.lag": list(range(lags)),
        "exit.hold": [5 * (n + 1) for n in range(holds)],
        "exit.stop": [None, *(round(0.02 + 0.01 * n, 2) for n in range(stops - 1))],
    }


def full(data: str, small: bool, rounds: int) -> dict[str, Any]:
    """Sweep, in this process; the peak of its memory is the sweep's. Return plain values."""
    import deepshock as ds

    book = ds.load(BOOK)
    market = ds.market_for(book, data)
    taken = []
    for _ in range(rounds):
        seconds, swept = once(lambda: ds.sweep(book, market, over(small)))
        taken.append(seconds)
    frame, peak = swept.frame, process.peak_mb()
    return {
        "data": market.name,
        "simulated": market.simulated,
        "variants": len(frame),
        "seconds": taken,
        "peak_mb": peak,
        "refused": int((frame["reason"] != "").sum()),
        "fills": int(frame["fills"].sum()),
        "margin_calls": int(frame["margin_calls"].sum()),
        "replayed": replay(swept, frame),
    }


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return what came out."""
    median = statistics.median(results["seconds"])
    row = [
        f"{results['variants']:,} variants",
        report.seconds(median),
        f"{results['variants'] / median:,.0f}",
        report.megabytes(results["peak_mb"]),
        *(f"{results[name]:,}" for name in ("fills", "refused", "margin_calls")),
    ]
    columns = ("", "whole call", "a second", "peak memory", "fills", "without a trade", "margin calls")
    on = "SIMULATED data" if results["simulated"] else "real bars"
    note = f"{results['replayed']} variants run by themselves gave the same bits."
    return [Sheet(f"F: the book of all strategies on {on}", columns, [row], (note,))]


def parse() -> Namespace:
    """Read the command line."""
    parser = options.parser(__doc__, rounds=3)
    bars = os.environ.get("DEEPSHOCK_DATA", "sample")
    parser.add_argument("--data", type=options.bars, default=bars, help="bars; default DEEPSHOCK_DATA")
    return parser.parse_args()


def main() -> None:
    """Sweep, and say how long it took."""
    given = parse()
    report.heading()
    found = process.alone("full", "full", data=given.data, small=given.small, rounds=given.rounds).value
    report.publish("full", found, sheets(found), given.json)


if __name__ == "__main__":
    main()

"""100,000 placebo runs of a thesis of ten legs on three years of bars, and the same loop written with vectorbt.

    python benchmarks/placebo.py
    python benchmarks/placebo.py --rounds 7 --json placebo.json

Ten legs, five of them short, held for 20 sessions: at every admissible date of the three years before the event, and
at each of them in as many matched baskets as make 100,000 (``deepshock.inference.placebo.in_space``, a user's call).
Three forms, see ``benchmarks/common/placebos.py``: *comparable* is all that vectorbt can do, *institutional* and
*re-derived* are ours alone. Before a time is told, the values that the call returns have to be the rows of a sweep and
these, a few drawn at random, single runs, all to the bit; and vectorbt has to find the same figures to 1e-9. It is
written in two ways (``benchmarks/peers/placebos.py``): with all rows, of which a sample is timed because 100,000 would
take minutes, and with windows. It is timed to the total returns alone; deepshock finds all its figures. First call and
memory are of processes that make one whole call and nothing else.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from common import options, ours, process, report
from common.agree import Agreement, agreement, sheet
from common.clock import Task, Times, in_turns
from common.placebos import FORMS, Scene, Trades
from common.replay import replay
from common.report import Sheet
from deepshock.arrays import Ints
from peers import placebos, with_vectorbt

OURS, SAMPLED, SMALL_SAMPLED = "deepshock", 1_000, 20
ALL_ROWS = "all rows"
COLUMNS = ("", "runs", "whole call", "a second", "first call", "peak memory")
BESIDE = "With all rows a sample is run, and runs a second are compared; vectorbt finds total returns alone."
WANTED = "Wanted on two cores: under 10 s, under 1,000 MB."
Way = tuple[str, str]  # engine, and how the loop is written
Line = tuple[str, str]  # form, and whose


def ways() -> dict[str, Way]:
    """Return engines of vectorbt that are installed, in each way that the loop is written."""
    return {f"vectorbt {engine}, {way}": (engine, way) for way in placebos.WAYS for engine in with_vectorbt.engines()}


def chosen(trades: Trades, way: str, small: bool) -> Ints:
    """Return which trades vectorbt runs: a sample with all rows, else every one."""
    every = np.arange(len(trades))
    n = min(SMALL_SAMPLED if small else SAMPLED, len(every))
    return np.sort(np.random.default_rng(1).choice(every, n, replace=False)) if way == ALL_ROWS else every


def vectorbt(trades: Trades, way: Way) -> None:
    """Make one whole call there: from rows and names to total returns."""
    with with_vectorbt.engine(way[0]):
        placebos.returns(trades, way[1])


def check(scene: Scene, small: bool, *, beside: bool) -> tuple[int, list[Agreement]]:
    """Compare what the call returns with a sweep, that with single runs, and, if wanted, with vectorbt.

    Returns
    -------
    int
        Variants that were run by themselves.
    list of Agreement
        With vectorbt, of each way.

    Raises
    ------
    SystemExit
        A placebo could not be run, or has other bits in a sweep or by itself.
    """
    made, swept = scene.call(), scene.sweep()
    frame = swept.rows
    at_event = frame["excess_return"].to_numpy()[:: scene.n_dates + 1]
    if made.reason or made.k != scene.n_baskets or (frame["reason"] != "").any() or frame["open_at_end"].any():
        raise SystemExit(f"error: placebos that cannot run: {made.reason or made.refused}")
    if not np.array_equal(np.append(made.statistic, made.values), at_event):
        raise SystemExit("error: placebos have another return in a sweep")
    return replay(swept, frame), _beside(scene, frame, small) if beside else []


def _beside(scene: Scene, frame: Any, small: bool) -> list[Agreement]:
    trades, found = scene.trades(), []
    for name, (engine, way) in ways().items():
        some = chosen(trades, way, small)
        own = ours.figures_of_frame(frame.iloc[some], placebos.n_rows(trades, way))
        with with_vectorbt.engine(engine):
            found.append(agreement("placebo", "sweep", own, name, placebos.figures(trades.some(some), way)))
    return found


def measure(scenes: Mapping[str, Scene], rounds: int, small: bool) -> list[dict[str, Any]]:
    """Time all of them in turns, then each alone; what compiles has compiled before, `check` comes first."""
    form, runs = next(iter(scenes)), {(form, OURS): scene.n_runs for form, scene in scenes.items()}
    tasks: dict[Line, Task] = {(form, OURS): scene.call for form, scene in scenes.items()}
    first: dict[Line, Callable[[], process.Alone]] = {
        line: partial(process.alone, "common.placebos", "use", form=line[0], small=small) for line in tasks
    }
    trades = scenes[form].trades()
    with TemporaryDirectory() as folder:
        for who, (engine, way) in ways().items():
            some, file = trades.some(chosen(trades, way, small)), Path(folder) / f"{way}.npz"
            some.save(file)
            runs[form, who], tasks[form, who] = len(some), partial(vectorbt, some, (engine, way))
            first[form, who] = partial(process.alone, "peers.placebos", "use", name=engine, way=way, file=str(file))
        took = in_turns({" ".join(line): task for line, task in tasks.items()}, rounds, warm=False)
        weighed = [*first][:: len(first) - 1] if small else [*first]  # tiny ones have the peak of their imports
        alone = {line: first[line]() for line in weighed}
    return [_document(line, n, took[" ".join(line)], alone.get(line)) for line, n in runs.items()]


def _document(line: Line, n: int, took: Times, alone: process.Alone | None) -> dict[str, Any]:
    """Return plain values for JSON."""
    first = {"first_call_s": alone and alone.value, "peak_mb": alone and alone.peak_mb}
    return {"form": line[0], "who": line[1], "runs": n, **took.document(), **first}


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return two tables: what vectorbt can do too, and all that deepshock does."""
    lines = results["measured"]
    rate = lines[0]["runs"] / lines[0]["median_s"]
    beside = [
        [*_row(line["who"], line), "" if line["who"] == OURS else report.times(rate * line["median_s"] / line["runs"])]
        for line in lines
        if line["form"] == lines[0]["form"]
    ]
    own = [_row(line["form"], line) for line in lines if line["who"] == OURS]
    scenes = ", ".join(f"{one['dates']:,} x {one['baskets']:,}" for one in results["scenes"])
    notes = (
        *(f"{form}: {what}." for form, what in FORMS.items()),
        f"SIMULATED data; dates x baskets: {scenes}; the legs themselves and the event are run beside them.",
        f"{results['replayed']} of each run by themselves gave the same bits. {WANTED}",
    )
    return [
        Sheet("Placebos of ten legs, beside vectorbt", (*COLUMNS, "deepshock is"), beside, (BESIDE,)),
        Sheet("Placebos of ten legs, in three forms", COLUMNS, own, notes),
    ]


def _row(name: str, line: Mapping[str, Any]) -> list[str]:
    return [
        name,
        f"{line['runs']:,}",
        report.seconds(line["median_s"]),
        f"{line['runs'] / line['median_s']:,.0f}",
        report.seconds(line["first_call_s"]),
        report.megabytes(line["peak_mb"]),
    ]


def parse() -> Namespace:
    """Read the command line."""
    return options.parser(__doc__, rounds=5).parse_args()


def main() -> None:
    """Compare, then time, then say."""
    given = parse()
    report.heading()
    scenes = {form: Scene.make(form, given.small) for form in FORMS}
    checked = {form: check(scene, given.small, beside=form == "comparable") for form, scene in scenes.items()}
    agreements = [one for _, found in checked.values() for one in found]
    sheet(agreements).show()
    if not all(one.holds for one in agreements):
        print("error: results differ, so no time is told", file=sys.stderr)
        sys.exit(1)
    results = {
        "rounds": given.rounds,
        "simulated": True,
        "agreements": [one.document() for one in agreements],
        "replayed": min(n for n, _ in checked.values()),
        "scenes": [{"form": form, "dates": one.n_dates, "baskets": one.n_baskets} for form, one in scenes.items()],
        "measured": measure(scenes, given.rounds, given.small),
    }
    report.publish("placebo", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

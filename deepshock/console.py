"""What the command line writes: tables on a terminal, files whole or not at all, progress for who watches.

Nothing heavy is imported here: ``--help`` has to answer at once.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape

from deepshock.errors import Fault, UsageError
from deepshock.version import __version__

if TYPE_CHECKING:
    from deepshock.experiment import Best, Capacity, Overview, Pace
    from deepshock.inference.dossier import Dossier
    from deepshock.market import Market
    from deepshock.registry import Count
    from deepshock.result import Result


def show_capacities(found: Sequence[Capacity], idle: Sequence[Fault], market: Market) -> None:
    """Print each curve, and why others were not measured."""
    from deepshock.report.capacity import curve
    from deepshock.report.tables import listed
    from deepshock.report.view import CapacityView

    console = terminal()
    for c in found:
        points = tuple(astuple(point) for point in c.points)
        shown = CapacityView(c.name, c.currency, c.edge, points, c.half, c.gone, c.reason, market.simulated)
        console.print(curve(shown, console.width))
    for line in listed("Not measured", [("", str(fault)) for fault in idle]):
        console.print(line)


def show_sweep(found: Overview, best: Best, market: Market, pace: Pace, folder: Path | None) -> None:
    """Print how the figures of a sweep are spread, how each parameter moves them, and what the best is worth."""
    from deepshock.experiment.overview import LEVELS
    from deepshock.report.sweep import spread
    from deepshock.report.view import SweepView

    view = SweepView(
        version=__version__,
        provider=market.name,
        simulated=market.simulated,
        first=f"{market.start}",
        last=f"{market.end}",
        levels=LEVELS,
        made=pace.done - pace.resumed,
        seconds=pace.seconds,
        best=best.view,
        folder=str(folder or ""),
        **vars(found),
    )
    console = terminal()
    console.print(spread(view, console.width))


def show_tries(counts: Sequence[Count], untried: Sequence[str], where: str, note: str) -> None:
    """Print how often each thesis was tried on each market."""
    from deepshock.report.tries import tally
    from deepshock.report.view import TriesView

    shown = tuple(
        TriesView(c.name, c.market, c.simulated, c.runs, c.sensitivities, c.sweep_variants, c.total, *c.sharpes)
        for c in counts
    )
    console = terminal()
    console.print(tally(shown, tuple(untried), where, note, console.width))


def write_results(
    results: Sequence[Result],
    market: Market,
    command: str,
    json_to: str | None,
    report: Path | None,
    found: Dossier | None = None,
) -> None:
    """Write what was asked for, as JSON and as an HTML report, with the evidence if there is any."""
    from deepshock.result import document_of, report_of

    if json_to is not None:
        document = document_of(results, market, version=__version__, command=command)
        write_json(found.document(document) if found else document, json_to)
    if report is not None:
        from deepshock.report.html import write

        shown = report_of(results, market, version=__version__, command=command)
        write(found.view(shown) if found else shown, report)


def write_json(document: Mapping[str, Any], json_to: str) -> None:
    """Write a document to a file, or to standard output where that is a dash."""
    text = json.dumps(document, indent=1, allow_nan=False)
    if json_to == "-":
        typer.echo(text)
    else:
        write_text(Path(json_to), text + "\n")


def show(
    results: Sequence[Result], market: Market, command: str, notes: Sequence[str], found: Dossier | None = None
) -> None:
    """Print the comparison, of one thesis also its detail, the evidence if there is any, and what the checks say."""
    from deepshock.report.evidence.text import beside
    from deepshock.report.text import comparison, detail
    from deepshock.result import report_of

    console = terminal()
    shown = report_of(results, market, version=__version__, command=command)
    shown = found.view(shown) if found else shown
    alone = len(shown.theses) == 1 and shown.theses[0].runnable
    console.print(comparison(shown, console.width, brief=alone))
    if alone:
        console.print()
        console.print(detail(shown.theses[0]))
        console.print(beside(shown))
    for note in notes:
        console.print(note, markup=False, highlight=False)


def terminal() -> Console:
    """Return standard output; where nobody watches, it is wide enough for a table."""
    console = Console()
    if not (console.is_terminal or "COLUMNS" in os.environ):
        console.width = 160
    return console


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that was there keeps its permissions."""
    target = Path(os.path.realpath(path))
    part = target.with_name(f".deepshock-{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        raise UsageError(Fault(str(path), f"cannot be written: {error.strerror}", "choose another place")) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def progress(silent: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error, if somebody watches it."""
    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda what: None
        return
    with console.status("") as status:
        yield lambda what: status.update(escape(what))


@contextmanager
def bar(silent: bool) -> Iterator[Callable[[Pace], None]]:
    """Show how far a sweep is, its rate and the time left on standard error, if somebody watches it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda pace: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", rate="", total=None)
        yield lambda pace: shown.update(task, total=pace.total, completed=pace.done, rate=pace.text())

"""The command ``sweep``: many variants of one thesis, into a table, or into a folder that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deepshock import options as given
from deepshock.console import bar, progress, show_sweep, write_json
from deepshock.errors import DeepshockError, Fault
from deepshock.options import MarketOptions, refuse
from deepshock.reading import load_items, load_market, typed
from deepshock.version import __version__

if TYPE_CHECKING:
    from deepshock.experiment import Best, Overview, Pace, Sweep
    from deepshock.market import Market
    from deepshock.thesis import Book, Thesis

INTERRUPTED = 130
REASONS = 5  # of those for which nothing traded


@given.with_market
def sweep(
    ctx: typer.Context,
    path: given.OnePath,
    over: given.Over = None,
    sample: given.Sample = None,
    seed: given.Seed = 0,
    to: given.SweepTo = None,
    resume: given.Resume = False,
    executor: given.ExecutorName = "threads",
    workers: given.Workers = None,
    chunk: given.Chunk = None,
    *,
    where: MarketOptions,
    capital: given.Capital = None,
    costs: given.Costs = None,
    source: given.SourceId = None,
    json_to: given.Json = None,
    registry: given.RegistryFile = None,
    quiet: given.Quiet = False,
) -> None:
    """Run a thesis or book with many values of its parameters: how fragile is it? Exit status 130: interrupted."""
    odd = given.odd_run([path], where, capital=capital, costs=costs, json_to=json_to, registry=registry)
    refuse([*odd, *_odd(path, over, to, resume)])
    silent = quiet or json_to == "-"
    item, market, varied = _read(path, where, over or [], silent)
    how = {"source": source, "capital": capital, "costs": costs, "to": to, "resume": resume, "executor": executor}
    how |= {"sample": sample, "seed": seed, "workers": workers, "chunk": chunk, "registry": registry}
    try:
        made, pace = _made(item, market, varied, how, silent)
        found = _seen(made)
        best = None if silent and json_to is None else _best(made, silent)
    except KeyboardInterrupt:
        print(_how_to_go_on(typed(ctx), to, resume), file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    if best is None:
        return
    if json_to is not None:
        _write(found, best, market, typed(ctx), pace, to, json_to)
    if not silent:
        show_sweep(found, best, market, pace, to)


def _odd(path: Path, over: list[str] | None, to: Path | None, resume: bool) -> Iterator[Fault]:
    """Yield what is wrong with the options that only a sweep has."""
    if path.is_dir():
        yield Fault(str(path), "is a folder", "give one thesis or book file")
    if not over:
        yield Fault("--over", "nothing is varied", "write for example --over 'exit.hold=5,10,20'")
    if resume and to is None:
        yield Fault("--resume", "needs the folder of the sweep", "give --to DIR too")


def _read(
    path: Path, where: MarketOptions, over: list[str], silent: bool
) -> tuple[Thesis | Book, Market, Mapping[Any, Any]]:
    """Load the thesis, what is varied, and the market that all of it may need."""
    from deepshock.experiment.over import read_over

    varied = read_over(over)
    items = load_items([path])
    with progress(silent) as say:
        say("reading the market")
        return items[0], load_market(items, where, varied), varied


def _made(
    item: Thesis | Book, market: Market, varied: Mapping[Any, Any], how: Mapping[str, Any], silent: bool
) -> tuple[Sweep, Pace]:
    """Run the sweep; return how long it took, too."""
    from deepshock.experiment import Pace
    from deepshock.experiment import sweep as run

    last = [Pace(0, 0, 0, 0.0)]
    with bar(silent) as show:

        def tell(pace: Pace) -> None:
            last[0] = pace
            show(pace)

        return run(item, market, varied, **how, progress=tell), last[0]


def _seen(made: Sweep) -> Overview:
    """Look the sweep over.

    Raises
    ------
    DeepshockError
        None of its variants traded; says why.
    """
    from deepshock.experiment import overview

    found = overview(made)
    if not found.traded:
        raise DeepshockError(
            Fault(f"{found.name}: none of {found.variants:,} variants traded", f"{text} ({n:,})")
            for text, n in found.reasons[:REASONS]
        )
    return found


def _best(made: Sweep, silent: bool) -> Best:
    """Find the best variant, and what chance makes of the best of as many."""
    with progress(silent) as say:
        return made.best(progress=say)


def _how_to_go_on(command: str, to: Path | None, resume: bool) -> str:
    if to is None:
        return "interrupted; nothing was kept: with --to DIR a sweep can go on where it was"
    return f"interrupted; go on with: {command if resume else f'{command} --resume'}"


def _write(
    found: Overview, best: Best, market: Market, command: str, pace: Pace, to: Path | None, json_to: str
) -> None:
    from deepshock.result import heading_of

    ran = {"run": pace.done - pace.resumed, "seconds": pace.seconds, "folder": None if to is None else str(to)}
    swept = {**found.document(), "best": best.document(), **ran}
    write_json({**heading_of(market, version=__version__, command=command), "sweep": swept}, json_to)

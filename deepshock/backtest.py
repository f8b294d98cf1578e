"""The command line: ``python -m deepshock.backtest``, also installed as ``deepshock``.

Nothing heavy is imported before a command needs it, so that ``--help`` and ``check`` answer at once.
Exit status: 0 done, 1 the thesis or the data are wrong, 2 the command line is, 130 a sweep was interrupted.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from deepshock import options as given
from deepshock.console import (
    progress,
    show,
    show_capacities,
    show_tries,
    terminal,
    write_json,
    write_results,
    write_text,
)
from deepshock.errors import DeepshockError, Fault, UsageError, suggest
from deepshock.options import EvidenceOptions, MarketOptions, refuse
from deepshock.reading import load_items, load_market, typed
from deepshock.sweeping import sweep
from deepshock.version import __version__

if TYPE_CHECKING:
    from deepshock.experiment import Capacity
    from deepshock.inference.dossier import Dossier
    from deepshock.market import Market
    from deepshock.result import Result
    from deepshock.thesis import Book, Thesis

HELP = (
    "Backtests of narrative-driven trades: could it have been traded, what did it make after every cost, "
    "how much was already in the price, and was it the narrative, or beta, or luck."
)
EPILOG = (
    "All options of a run: deepshock run --help. Without FILES, the strategies that come with deepshock. "
    "Without --data, a SIMULATED market. "
    "Exit status: 0 done, 1 the thesis or the data are wrong, 2 the command line is."
)


class _RunByDefault(TyperGroup):
    """A first word that is a command is one; anything else is given to ``run``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first in (*self.commands, "--help", "-h", "--version"):
            return super().parse_args(ctx, args)
        near = suggest(first, list(self.commands)) if first.isalpha() and not Path(first).exists() else ""
        if near:
            raise UsageError(Fault(first, "is neither a command nor a file", near))
        return super().parse_args(ctx, ["run", *args])


app = typer.Typer(
    cls=_RunByDefault,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deepshock {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Only --version; the help is that of the app."""


@app.command(epilog=EPILOG)
@given.with_market
@given.with_evidence
def run(
    ctx: typer.Context,
    paths: given.Paths = None,
    *,
    where: MarketOptions,
    capital: given.Capital = None,
    costs: given.Costs = None,
    source: given.SourceId = None,
    json_to: given.Json = None,
    report: given.Report = None,
    audit: given.Audit = False,
    cross_check: given.CrossCheck = False,
    proof: EvidenceOptions,
    registry: given.RegistryFile = None,
    quiet: given.Quiet = False,
) -> None:
    """Run theses on a market (the default command)."""
    odd = given.odd_run(paths, where, capital=capital, costs=costs, json_to=json_to, report=report, registry=registry)
    refuse([*odd, *proof.odd()])
    items = load_items(paths)
    setting = {"source": source, "capital": capital, "costs": costs}
    with progress(quiet or json_to == "-") as say:
        say("reading the market")
        market = load_market(items, where, universe=proof.whole, also=_told_of(items) if proof.evidence else ())
        results = _compare(items, market, {**setting, "registry": registry}, say)
        found = _evidence(items, results, market, {**setting, "registry": registry}, proof, say)
        checks = [_audit(items, market, setting, say)] if audit else []
        checks += [_cross_check(results, say)] if cross_check else []
        faults = [fault for check in checks for fault in check.faults]
        if faults:
            raise DeepshockError(faults)
        say("writing")
        command = typed(ctx)
        write_results(results, market, command, json_to, report, found)
    if not (quiet or json_to == "-"):
        show(results, market, command, [note for check in checks for note in check.notes], found)


@app.command()
@given.with_market
def capacity(
    ctx: typer.Context,
    paths: given.Paths = None,
    *,
    where: MarketOptions,
    costs: given.Costs = None,
    source: given.SourceId = None,
    json_to: given.Json = None,
    quiet: given.Quiet = False,
) -> None:
    """Measure how the edge of theses shrinks with capital, and where half of it and all of it is gone."""
    refuse(given.odd_run(paths, where, costs=costs, json_to=json_to))
    items = load_items(paths)
    with progress(quiet or json_to == "-") as say:
        say("reading the market")
        market = load_market(items, where)
        found, idle = _capacities(items, market, source, costs, say)
    if json_to is not None:
        from deepshock.result import heading_of

        heading = heading_of(market, version=__version__, command=typed(ctx))
        measured = {"capacities": [curve.document() for curve in found], "not_measured": [str(f) for f in idle]}
        write_json({**heading, **measured}, json_to)
    if not (quiet or json_to == "-"):
        show_capacities(found, idle, market)


app.command()(sweep)


@app.command()
def check(
    paths: given.Paths = None,
    data: given.CheckData = None,
    borrow: given.Borrow = None,
    recalls: given.Recalls = None,
    designated: given.Designated = None,
    actions: given.ActionsFile = None,
    quiet: given.Quiet = False,
) -> None:
    """Read theses and report everything that is wrong with them, by file and line."""
    where = MarketOptions(data or "sample", None, None, borrow, recalls, designated, None, actions)
    refuse([*where.odd(), *(where.without_data() if data is None else ())])
    items = load_items(paths)
    _check_accounts(items)
    reasons = _plan(items, where) if data is not None else [""] * len(items)
    if not quiet:
        for item, reason in zip(items, reasons, strict=True):
            typer.echo(f"{item.file}: {item.name}: {f'fine, but it cannot run: {reason}' if reason else 'fine'}")


@app.command()
@given.with_market
def explain(
    paths: given.Paths = None,
    *,
    where: MarketOptions,
    capital: given.Capital = None,
    costs: given.Costs = None,
    source: given.SourceId = None,
) -> None:
    """Read theses back in plain English: resolved times, sessions, rates, and every default."""
    from deepshock.plan import explain as read_back

    refuse(given.odd_run(paths, where, capital=capital, costs=costs))
    items = load_items(paths)
    market = load_market(items, where)
    typer.echo("\n\n".join(read_back(item, market, source=source, capital=capital, costs=costs) for item in items))


@app.command()
def tries(
    ctx: typer.Context,
    paths: given.TriedPaths = None,
    registry: given.RegistryFile = None,
    json_to: given.Json = None,
    quiet: given.Quiet = False,
) -> None:
    """Show how many variants of each thesis were tried on each market, by which the best of them has to be judged."""
    refuse(given.odd_tries(registry, json_to))
    from deepshock.registry import Registry

    counter, names = Registry.of(registry), [item.name for item in load_items(paths)] if paths else None
    counts, note = counter.counts()
    shown = [count for count in counts if names is None or count.name in names]
    untried = [name for name in names or () if all(count.name != name for count in shown)]
    if json_to is not None:
        heading = {"version": __version__, "command": typed(ctx), "registry": counter.where, "note": note or None}
        write_json({**heading, "tries": [count.document() for count in shown], "not_tried": untried}, json_to)
    if not (quiet or json_to == "-"):
        show_tries(shown, untried, counter.where, note)


@app.command()
def schema(to: given.SchemaTo = None) -> None:
    """Write the JSON Schema of a thesis, for editors that check YAML."""
    from deepshock.thesis import json_schema

    text = json.dumps(json_schema(), indent=2)
    if to is None:
        typer.echo(text)
    else:
        refuse(given.odd_outputs({"--to": to}))
        write_text(to, text + "\n")


@app.command()
def law(venue: given.Venue, on: given.On, cls: given.Class = None, settles: given.Settles = None) -> None:
    """Show the taxes and fees that bind a trade on a venue, with their dates and sources."""
    from deepshock.cost import law as rows_of
    from deepshock.cost import law_classes
    from deepshock.plan import settlement_date
    from deepshock.report.law import law_table

    settled = settles or settlement_date(venue, on)
    rows, faults = [], []
    for name in (cls,) if cls else law_classes(venue) or ("stock",):
        try:
            rows += [(name, row) for row in rows_of(venue, name, on, settles=settled)]
        except DeepshockError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise DeepshockError(faults)
    terminal().print(law_table(venue, on, settled, rows))


def _check_accounts(items: Sequence[Thesis | Book]) -> None:
    """Refuse costs and currencies that nobody knows; the usual ones need no look, and no import of numbers."""
    faults: list[Fault] = []
    for item in items:
        usual = item.costs is None or (item.costs.preset in given.PRESETS and not item.costs.overrides)
        if not (usual and item.capital.currency == "USD"):
            from deepshock.plan import account_faults

            faults += account_faults(item)
    if faults:
        raise DeepshockError(faults)


def _plan(items: Sequence[Thesis | Book], where: MarketOptions) -> list[str]:
    """Plan without trading; return why each cannot run, empty where it can."""
    from deepshock.plan import build, build_book
    from deepshock.thesis import Book

    market = load_market(items, where)
    reasons: list[str] = []
    faults: dict[Fault, None] = {}
    for item in items:
        try:
            plan = build_book(item, market) if isinstance(item, Book) else build(item, market)
            reasons.append(plan.reason)
        except DeepshockError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise DeepshockError(faults)
    return reasons


def _compare(
    items: Sequence[Thesis | Book], market: Market, setting: Mapping[str, Any], say: Callable[[str], None]
) -> tuple[Result, ...]:
    from deepshock.experiment import compare

    return compare(items, market, **setting, progress=say)


def _told_of(items: Sequence[Thesis | Book]) -> tuple[str, ...]:
    """Return the instruments of whose prices the sources of theses say something."""
    from deepshock.inference.figures import figure_symbols

    return figure_symbols(items)


def _evidence(
    items: Sequence[Thesis | Book],
    results: Sequence[Result],
    market: Market,
    setting: Mapping[str, Any],
    proof: EvidenceOptions,
    say: Callable[[str], None],
) -> Dossier | None:
    """Gather evidence, if it is asked for."""
    if not proof.evidence:
        return None
    from deepshock.cost import as_cost_set
    from deepshock.inference.dossier import dossier
    from deepshock.inference.placebo.in_space import BASKETS
    from deepshock.plan import Settings

    settings = Settings(setting["source"], setting["capital"], as_cost_set(setting["costs"]))
    how: dict[str, Any] = {"baskets": proof.baskets or BASKETS, "seed": proof.seed or 0}
    return dossier(items, results, market, settings, **how, registry=setting["registry"], progress=say)


def _capacities(
    items: Sequence[Thesis | Book],
    market: Market,
    source: str | None,
    costs: str | None,
    say: Callable[[str], None],
) -> tuple[list[Capacity], list[Fault]]:
    """Measure each; what does not trade is no error where another one does."""
    from deepshock.experiment import capacity as measure

    found: list[Capacity] = []
    idle: list[Fault] = []
    for item in items:
        say(f"measuring {item.name}")
        try:
            found.append(measure(item, market, source=source, costs=costs))
        except UsageError as error:
            idle += error.faults
    if not found:
        raise DeepshockError(idle)
    return found, idle


class _Check(NamedTuple):
    """What a check of the results says where it passes, and what is wrong where it does not."""

    notes: list[str]
    faults: list[Fault]


def _audit(
    items: Sequence[Thesis | Book], market: Market, setting: Mapping[str, Any], say: Callable[[str], None]
) -> _Check:
    from deepshock import pipeline
    from deepshock.experiment import audit

    def again(item: Thesis | Book, market: Market) -> Result:
        return pipeline.run(item, market, **setting, registry=False)

    faults = []
    for item in items:
        say(f"auditing {item.name}")
        leaks = audit(item, market, runner=again).leaks
        remedy = "a past that changes with its future has read it"
        faults += [Fault(f"{item.name}: audit", str(leak), remedy) for leak in leaks]
    passed = "Audit: with the future scrambled after each decision and fill, no decision, fill or ledger row before it"
    return _Check([f"{passed} changed."], faults)


def _cross_check(results: Sequence[Result], say: Callable[[str], None]) -> _Check:
    from deepshock.bridge import cross_check

    notes, faults, agreed = [], [], 0
    for result in results:
        say(f"through vectorbt: {result.name}")
        found = cross_check(result)
        if not found.agrees:
            remedy = "one of the two is wrong; please report it"
            faults.append(Fault(f"{result.name}: cross-check", str(found), remedy))
        elif math.isnan(found.largest):
            notes.append(f"Not cross-checked: {result.name}: {', '.join(found.left_out)}.")
        else:
            agreed += 1
    said = f"Cross-check: the same fills through vectorbt.Portfolio give the same equity ({agreed} of {len(results)})."
    return _Check([said, *notes], faults)


def main(args: Sequence[str] | None = None) -> Any:
    """Run the command line and exit; errors raised on purpose become lines on standard error.

    Parameters
    ----------
    args : sequence of str, optional
        Without the program's name; default those of the process.

    Raises
    ------
    SystemExit
        Always, with the exit status.
    """
    given = sys.argv[1:] if args is None else list(args)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our signs shows ? for them
    try:
        app(args=given, prog_name="deepshock", obj=given)
    except DeepshockError as error:
        for fault in error.faults:
            print("error:", str(fault).replace("\n", " "), file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except OSError as error:  # a full disk behind standard output, a working folder that is gone
        print("error:", ": ".join(str(part) for part in (error.filename, error.strerror) if part), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()

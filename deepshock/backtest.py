"""The command line: ``python -m deepshock.backtest``, also installed as ``deepshock``.

Nothing heavy is imported before a command needs it, so that ``--help`` and ``check`` answer at once.
Exit status: 0 done, 1 the thesis or the data are wrong, 2 the command line is.
"""

from __future__ import annotations

import io
import json
import math
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from deepshock.errors import DeepshockError, Fault, UsageError, suggest

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result
    from deepshock.thesis import Book, Thesis

PRESETS = ("none", "institutional", "retail")
HELP = (
    "Backtests of narrative-driven trades: could it have been traded, what did it make after every cost, "
    "how much was already in the price."
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


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write 2025-01-27") from None


app = typer.Typer(
    cls=_RunByDefault,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILES...]", help="Thesis or book files, or folders of them.", show_default=False),
]
Data = Annotated[
    str,
    typer.Option(
        metavar="sample|yahoo|PATH", help="The simulated market, Yahoo, or a Parquet or CSV file of daily bars."
    ),
]
Start = Annotated[
    date | None,
    typer.Option(parser=_date, metavar="DATE", help="First date of the data to use.", show_default=False),
]
End = Annotated[
    date | None,
    typer.Option(parser=_date, metavar="DATE", help="Last date of the data to use.", show_default=False),
]
Costs = Annotated[
    str | None,
    typer.Option(
        metavar="PRESET|FILE",
        help="none, institutional, retail, or a cost file; default: what each thesis says.",
        show_default=False,
    ),
]
Capital = Annotated[
    float | None,
    typer.Option(
        metavar="AMOUNT", help="In each thesis's own currency; default: what each thesis says.", show_default=False
    ),
]
SourceId = Annotated[
    str | None,
    typer.Option("--source", metavar="ID", help="Run as known from this source of the thesis.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No table and no progress; errors are still shown.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from deepshock import __version__

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
def run(
    ctx: typer.Context,
    paths: Paths = None,
    data: Data = "sample",
    start: Start = None,
    end: End = None,
    capital: Capital = None,
    costs: Costs = None,
    source: SourceId = None,
    json_to: Annotated[
        str | None,
        typer.Option(
            "--json",
            metavar="FILE|-",
            help="Write the results as JSON; - is standard output, without the table.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write one self-contained HTML report.", show_default=False)
    ] = None,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit", help="Repeat each run with the future scrambled after each decision; the past must not change."
        ),
    ] = False,
    cross_check: Annotated[
        bool, typer.Option("--cross-check", help="Put the same fills through vectorbt; its equity must agree.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Run theses on a market (the default command)."""
    outputs = {"--json": None if json_to in (None, "-") else Path(str(json_to)), "--report": report}
    odd = [*_odd_data(data), *_odd_capital(capital), *_odd_window(start, end), *_odd_costs(costs)]
    _refuse([*odd, *_odd_outputs(outputs, _inputs(paths, data, costs))])
    items = _load(paths)
    setting = {"source": source, "capital": capital, "costs": costs}
    with _progress(quiet or json_to == "-") as say:
        say("reading the market")
        market = _market(items, data, start, end)
        results = _compare(items, market, setting, say)
        checks = [_audit(items, market, setting, say)] if audit else []
        checks += [_cross_check(results, say)] if cross_check else []
        faults = [fault for check in checks for fault in check.faults]
        if faults:
            raise DeepshockError(faults)
        say("writing")
        command = shlex.join(["python", "-m", "deepshock.backtest", *(ctx.obj or sys.argv[1:])])
        _write(results, market, command, json_to, report)
    if not (quiet or json_to == "-"):
        _print(results, market, command, [note for check in checks for note in check.notes])


@app.command()
def check(
    paths: Paths = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="sample|yahoo|PATH",
            help="Also check calendars and symbols against this market.",
            show_default=False,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Read theses and report everything that is wrong with them, by file and line."""
    _refuse(_odd_data(data or "sample"))
    items = _load(paths)
    _check_accounts(items)
    reasons = _plan(items, data) if data is not None else [""] * len(items)
    if not quiet:
        for item, reason in zip(items, reasons, strict=True):
            typer.echo(f"{item.file}: {item.name}: {f'fine, but it cannot run: {reason}' if reason else 'fine'}")


@app.command()
def explain(paths: Paths = None, data: Data = "sample", source: SourceId = None, capital: Capital = None) -> None:
    """Read theses back in plain English: resolved times, sessions, rates, and every default."""
    from deepshock.plan import explain as read_back

    _refuse([*_odd_data(data), *_odd_capital(capital)])
    items = _load(paths)
    market = _market(items, data, None, None)
    typer.echo("\n\n".join(read_back(item, market, source=source, capital=capital) for item in items))


@app.command()
def schema(
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write it there instead of to standard output.", show_default=False),
    ] = None,
) -> None:
    """Write the JSON Schema of a thesis, for editors that check YAML."""
    from deepshock.thesis import json_schema

    text = json.dumps(json_schema(), indent=2)
    if to is None:
        typer.echo(text)
    else:
        _refuse(_odd_outputs({"--to": to}))
        _replace(to, text + "\n")


@app.command()
def law(
    venue: Annotated[str, typer.Argument(metavar="VENUE", help="Market identifier, such as XHKG, XNAS or XPAR.")],
    on: Annotated[date, typer.Option(parser=_date, metavar="DATE", help="Trade date.")],
    cls: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="CLASS", help="stock, etf or crypto; default: each that the venue has law for."
        ),
    ] = None,
    settles: Annotated[
        date | None,
        typer.Option(
            parser=_date, metavar="DATE", help="Settlement date; default: the trade date.", show_default=False
        ),
    ] = None,
) -> None:
    """Show the taxes and fees that bind a trade on a venue, with their dates and sources."""
    from deepshock.cost import law as rows_of
    from deepshock.cost import law_classes
    from deepshock.report.law import law_table

    names = (cls,) if cls else law_classes(venue) or ("stock",)
    rows = [(name, row) for name in names for row in rows_of(venue, name, on, settles=settles)]
    _console().print(law_table(venue, on, rows))


def _load(paths: list[Path] | None) -> Sequence[Thesis | Book]:
    from deepshock.thesis import load_many

    if not paths:
        from deepshock.thesis import packaged_strategies

        paths = [packaged_strategies()]
    once = {os.path.realpath(path): path for path in reversed(paths)}
    return load_many([*reversed(once.values())])


def _market(items: Sequence[Thesis | Book], data: str, start: date | None = None, end: date | None = None) -> Market:
    from deepshock.experiment import market_for

    return market_for(items, data, start=start, end=end)


def _check_accounts(items: Sequence[Thesis | Book]) -> None:
    """Refuse costs and currencies that nobody knows; the usual ones need no look, and no import of numbers."""
    faults: list[Fault] = []
    for item in items:
        usual = item.costs is None or (item.costs.preset in PRESETS and not item.costs.overrides)
        if not (usual and item.capital.currency == "USD"):
            from deepshock.plan import account_faults

            faults += account_faults(item)
    if faults:
        raise DeepshockError(faults)


def _plan(items: Sequence[Thesis | Book], data: str) -> list[str]:
    """Plan without trading; return why each cannot run, empty where it can."""
    from deepshock.plan import build, build_book
    from deepshock.thesis import Book

    market = _market(items, data)
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
        return pipeline.run(item, market, **setting)

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


def _write(results: Sequence[Result], market: Market, command: str, json_to: str | None, report: Path | None) -> None:
    from deepshock import __version__
    from deepshock.result import document_of, report_of

    if json_to is not None:
        document = document_of(results, market, version=__version__, command=command)
        text = json.dumps(document, indent=1, allow_nan=False)
        if json_to == "-":
            typer.echo(text)
        else:
            _replace(Path(json_to), text + "\n")
    if report is not None:
        from deepshock.report.html import write

        write(report_of(results, market, version=__version__, command=command), report)


def _print(results: Sequence[Result], market: Market, command: str, notes: Sequence[str]) -> None:
    from deepshock import __version__
    from deepshock.report.text import comparison, detail
    from deepshock.result import report_of

    console = _console()
    shown = report_of(results, market, version=__version__, command=command)
    alone = len(shown.theses) == 1 and shown.theses[0].runnable
    console.print(comparison(shown, console.width, brief=alone))
    if alone:
        console.print()
        console.print(detail(shown.theses[0]))
    for note in notes:
        console.print(note, markup=False, highlight=False)


def _console() -> Console:
    """Return standard output; where nobody watches, it is wide enough for a table."""
    console = Console()
    if not (console.is_terminal or "COLUMNS" in os.environ):
        console.width = 160
    return console


def _refuse(faults: Iterable[Fault]) -> None:
    """Raise what is wrong with the command line, all of it at once, before any work is done."""
    found = tuple(faults)
    if found:
        raise UsageError(found)


def _odd_data(data: str) -> Iterator[Fault]:
    """Yield what makes a source of bars none at all; a file that is not there or not readable is the data's fault."""
    path = Path(data)
    if data not in ("sample", "yahoo") and (path.is_dir() or path.suffix.lower() not in (".parquet", ".pq", ".csv")):
        yield Fault("--data", f"{data!r} is no source of bars", "give sample, yahoo, or a .parquet or .csv file")


def _odd_costs(costs: str | None) -> Iterator[Fault]:
    if costs is not None and costs not in PRESETS and not Path(costs).suffix:  # what is wrong in a file is its fault
        from deepshock.cost import cost_set

        try:
            cost_set(costs)
        except DeepshockError as error:
            yield from (Fault(f"--costs {fault.where}", fault.problem, fault.remedy) for fault in error.faults)


def _odd_capital(capital: float | None) -> Iterator[Fault]:
    if capital is not None and not 0.0 < capital < math.inf:
        yield Fault("--capital", f"{capital:g} is not an amount", "give a positive number, such as 1000000")


def _odd_window(start: date | None, end: date | None) -> Iterator[Fault]:
    if start and end and start > end:
        yield Fault("--start", f"{start} is after --end {end}", "give an earlier one")


def _odd_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path] = ()) -> Iterator[Fault]:
    """Yield what forbids writing; a device or pipe could only be replaced, an input would be lost."""
    taken = {os.path.realpath(path): "is read by this run" for path in inputs}
    for option, path in outputs.items():
        if path is None:
            continue
        target = Path(os.path.realpath(path))
        if target.is_dir():
            yield Fault(option, f"{path} is a folder", "give the name of a file in it")
        elif target.exists() and not target.is_file():
            yield Fault(option, f"{path} is not an ordinary file", "give the name of one")
        elif str(path) == "-":
            yield Fault(option, "a report is not written to standard output", "give the name of a file")
        elif not (target.parent.is_dir() and os.access(target.parent, os.W_OK)):
            yield Fault(option, f"the folder {path.parent} is not there or cannot be written", "make it first")
        elif str(target) in taken:
            yield Fault(option, f"{path} {taken[str(target)]}", "give another name")
        taken[str(target)] = f"is written by {option} already"


def _inputs(paths: Sequence[Path] | None, data: str, costs: str | None) -> list[Path]:
    """Return the files that a run reads, as far as its command line names them."""
    theses = [file for path in paths or () for file in (path.glob("*.y*ml") if path.is_dir() else [path])]
    return [*theses, *(Path(word) for word in (data, costs) if word and Path(word).suffix)]


def _replace(path: Path, text: str) -> None:
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
def _progress(silent: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error, if somebody watches it."""
    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda what: None
        return
    with console.status("") as status:
        yield lambda what: status.update(escape(what))


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

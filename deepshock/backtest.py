"""The command line: ``python -m deepshock.backtest``, also installed as ``deepshock``.

Nothing heavy is imported before a command needs it, so that ``--help`` and ``check`` answer at once.
Exit status: 0 done, 1 the thesis or the data are wrong, 2 the command line is.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from deepshock.errors import DeepshockError, Fault, UsageError

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result
    from deepshock.thesis import Book, Thesis

HELP = (
    "Backtests of narrative-driven trades: could it have been traded, what did it make after every cost, "
    "how much was already in the price."
)
EPILOG = (
    "Without FILES, the strategies that come with deepshock. Without --data, a SIMULATED market. "
    "Exit status: 0 done, 1 the thesis or the data are wrong, 2 the command line is."
)


class _RunByDefault(TyperGroup):
    """A first word that is a command is one; anything else is given to ``run``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help", "-h", "--version"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


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
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First date of the data to use.", show_default=False),
]
End = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Last date of the data to use.", show_default=False),
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
    _require_writable(json_to, report)
    if capital is not None and not 0.0 < capital < float("inf"):
        raise UsageError(Fault("--capital", f"{capital} is not an amount", "give a positive number, such as 1000000"))
    items = _load(paths)
    with _progress(quiet or json_to == "-") as say:
        say("reading the market")
        market = _market(items, data, start, end)
        results = _compare(items, market, source, capital, costs, say)
        faults = _audit(items, market, say) if audit else []
        if cross_check:
            faults += _cross_check(results, say)
        say("writing")
        _write(results, market, json_to, report)
    if not (quiet or json_to == "-"):
        _print(results, market, audit, cross_check)
    if faults:
        raise DeepshockError(faults)


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
    items = _load(paths)
    if data is not None:
        from deepshock.plan import build, build_book
        from deepshock.thesis import Book

        market = _market(items, data, None, None)
        faults: list[Fault] = []
        for item in items:
            try:
                build_book(item, market) if isinstance(item, Book) else build(item, market)
            except DeepshockError as error:
                faults += [fault for fault in error.faults if fault not in faults]
        if faults:
            raise DeepshockError(faults)
    if not quiet:
        for item in items:
            typer.echo(f"{item.file}: {item.name}: fine")


@app.command()
def explain(paths: Paths = None, data: Data = "sample", source: SourceId = None, capital: Capital = None) -> None:
    """Read theses back in plain English: resolved times, sessions, rates, and every default."""
    from deepshock.plan import explain as read_back

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

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    if to is None:
        typer.echo(text)
    else:
        _require_writable(None, to)
        _replace(to, text + "\n")


def _load(paths: list[Path] | None) -> Sequence[Thesis | Book]:
    from deepshock.thesis import load_many

    if not paths:
        from deepshock.thesis import packaged_strategies

        paths = [packaged_strategies()]
    return load_many(paths)


def _market(items: Sequence[Thesis | Book], data: str, start: datetime | None, end: datetime | None) -> Market:
    from deepshock.experiment import market_for

    return market_for(items, data, start=start.date() if start else None, end=end.date() if end else None)


def _compare(
    items: Sequence[Thesis | Book],
    market: Market,
    source: str | None,
    capital: float | None,
    costs: str | None,
    say: Callable[[str], None],
) -> tuple[Result, ...]:
    from deepshock.experiment import compare

    return compare(items, market, source=source, capital=capital, costs=costs, progress=say)


def _audit(items: Sequence[Thesis | Book], market: Market, say: Callable[[str], None]) -> list[Fault]:
    from deepshock.experiment import audit

    faults = []
    for item in items:
        say(f"auditing {item.name}")
        found = audit(item, market)
        faults += [
            Fault(f"{item.name}: audit", str(leak), "a past that changes with its future has read it")
            for leak in found.leaks
        ]
    return faults


def _cross_check(results: Sequence[Result], say: Callable[[str], None]) -> list[Fault]:
    from deepshock.bridge import cross_check

    faults = []
    for result in results:
        if result.ledger.fills:
            say(f"through vectorbt: {result.name}")
            found = cross_check(result)
            if not found.agrees:
                faults.append(
                    Fault(f"{result.name}: cross-check", str(found), "one of the two is wrong; please report it")
                )
    return faults


def _write(results: Sequence[Result], market: Market, json_to: str | None, report: Path | None) -> None:
    from deepshock import __version__
    from deepshock.result import document_of, report_of

    if json_to is not None:
        text = json.dumps(
            document_of(results, market, version=__version__, command=_command()), indent=1, allow_nan=False
        )
        if json_to == "-":
            typer.echo(text)
        else:
            _replace(Path(json_to), text + "\n")
    if report is not None:
        from deepshock.report.html import write

        write(report_of(results, market, version=__version__, command=_command()), report)


def _print(results: Sequence[Result], market: Market, audited: bool, crossed: bool) -> None:
    from deepshock import __version__
    from deepshock.report.text import comparison, detail
    from deepshock.result import report_of

    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)
    shown = report_of(results, market, version=__version__, command=_command())
    console.print(comparison(shown, console.width))
    if len(shown.theses) == 1 and shown.theses[0].runnable:
        console.print(detail(shown.theses[0]))
    if audited:
        console.print(
            "Audit: with the future scrambled after each decision and fill, "
            "no decision, fill or ledger row before it changed."
        )
    if crossed:
        console.print("Cross-check: the same fills through vectorbt.Portfolio give the same equity.")


def _command() -> str:
    """Return the command line as one could type it again."""
    return shlex.join(["python", "-m", "deepshock.backtest", *sys.argv[1:]])


def _require_writable(json_to: str | None, report: Path | None) -> None:
    """Refuse an output that cannot be written, before the work is done."""
    faults = []
    for option, target in (("--json", None if json_to in (None, "-") else Path(str(json_to))), ("--report", report)):
        if target is not None and target.is_dir():
            faults.append(Fault(option, f"{target} is a folder", "give the name of a file in it"))
        elif target is not None and not (target.parent.is_dir() and os.access(target.parent, os.W_OK)):
            faults.append(
                Fault(option, f"the folder {target.parent} is not there or cannot be written", "make it first")
            )
    if faults:
        raise UsageError(faults)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


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
    """Run the command line and exit; errors raised on purpose become lines on standard error."""
    try:
        app(args=list(args) if args is not None else None, prog_name="deepshock")
    except DeepshockError as error:
        for fault in error.faults:
            print(f"error: {fault}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)


if __name__ == "__main__":
    main()

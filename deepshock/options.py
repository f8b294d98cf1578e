"""What the command line accepts: its options with their help, and what is wrong with their values.

Nothing heavy is imported here: ``--help`` has to answer at once.
"""

from __future__ import annotations

import functools
import inspect
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from deepshock.errors import DeepshockError, Fault, UsageError

PRESETS = ("none", "institutional", "retail")
WHOLE, OWN = "all", "theses"  # which instruments are loaded
BARS = (".parquet", ".pq", ".csv")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write 2025-01-27") from None


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILES...]", help="Thesis or book files, or folders of them.", show_default=False),
]
TriedPaths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILES...]", help="Thesis or book files, or folders of them; default: all.", show_default=False
    ),
]
Data = Annotated[
    str,
    typer.Option(
        metavar="sample|yahoo|PATH", help="The simulated market, Yahoo, or a Parquet or CSV file of daily bars."
    ),
]
CheckData = Annotated[
    str | None,
    typer.Option(
        metavar="sample|yahoo|PATH", help="Also check calendars and symbols against this market.", show_default=False
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
Borrow = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What can be borrowed, by date: a CSV or Parquet table of symbol, from, to, tier, rate, source.",
        show_default=False,
    ),
]
Recalls = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="When lenders ask for their shares: a table of symbol, date.", show_default=False
    ),
]
Designated = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What may be sold short in Hong Kong, by date: a table of symbol, from, to. Without it, everything.",
        show_default=False,
    ),
]
RecallHazard = Annotated[
    str | None,
    typer.Option(
        metavar="RATE[:SEED]",
        help="SIMULATED recalls, so many a year for each short, such as 0.5:7; the seed is 0 if left out.",
        show_default=False,
    ),
]
ActionsFile = Annotated[
    Path | None,
    typer.Option(
        "--actions",
        metavar="FILE",
        help="Cash mergers and delistings: a table of symbol, date, kind, cash.",
        show_default=False,
    ),
]
Json = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE|-",
        help="Write the results as JSON (docs/json.md); - is standard output, without the table.",
        show_default=False,
    ),
]
Report = Annotated[
    Path | None, typer.Option(metavar="FILE.html", help="Write one self-contained HTML report.", show_default=False)
]
Audit = Annotated[
    bool,
    typer.Option(
        "--audit", help="Repeat each run with the future scrambled after each decision; the past must not change."
    ),
]
CrossCheck = Annotated[
    bool, typer.Option("--cross-check", help="Put the same fills through vectorbt; its equity must agree.")
]
Evidence = Annotated[
    bool,
    typer.Option(
        "--evidence",
        help="Was it the narrative, or beta, or luck: placebos, event study, hedge, decay, tries, and a verdict.",
    ),
]
Universe = Annotated[
    str | None,
    typer.Option(
        metavar="all|theses",
        help="With --evidence: load all instruments of the data, so that placebos find other names, or those of the "
        "theses alone; default: all, as far as the source has a list of them.",
        show_default=False,
    ),
]
Baskets = Annotated[
    int | None,
    typer.Option(metavar="N", help="With --evidence: placebos in other names; default: 200.", show_default=False),
]
EvidenceSeed = Annotated[
    int | None,
    typer.Option(
        "--seed", metavar="N", help="With --evidence: of draws and resamples; default: 0.", show_default=False
    ),
]
RegistryFile = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="FILE|off",
        help="Where each variant that is run is counted as a try, or off; default: a file of yours.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No table and no progress; errors are still shown.")]
OnePath = Annotated[Path, typer.Argument(metavar="FILE", help="A thesis or book file.", show_default=False)]
Over = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH=VALUES",
        help="What to vary, once for each parameter: exit.hold=5,10,none or enter.lag=0:10 (10 included) or "
        "gross=1:2:0.5; tied: enter.lag,exit.hold=0|5,1|10.",
        show_default=False,
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(metavar="N", help="Draw so many of all combinations; default: all.", show_default=False),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Of the draw.")]
SweepTo = Annotated[
    Path | None,
    typer.Option("--to", metavar="DIR", help="Stream the rows into a folder, in Parquet parts.", show_default=False),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the same sweep in that folder.")]
ExecutorName = Annotated[
    str, typer.Option("--executor", metavar="serial|threads|dask", help="Who does the work; dask: processes.")
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Threads or processes; default: as many as processors.", show_default=False),
]
Chunk = Annotated[
    int | None,
    typer.Option(metavar="N", help="Variants of a part; default: a few seconds' worth.", show_default=False),
]
SchemaTo = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help="Write it there instead of to standard output.", show_default=False),
]
Venue = Annotated[str, typer.Argument(metavar="VENUE", help="Market identifier, such as XHKG, XNAS or XPAR.")]
On = Annotated[date, typer.Option(parser=_date, metavar="DATE", help="Trade date.")]
Class = Annotated[
    str | None,
    typer.Option("--class", metavar="CLASS", help="stock, etf or crypto; default: each that the venue has law for."),
]
Settles = Annotated[
    date | None,
    typer.Option(
        parser=_date, metavar="DATE", help="Settlement date; default: by the cycle of the venue.", show_default=False
    ),
]


class MarketOptions(NamedTuple):
    """Where the market comes from: bars, and what is known about borrowing and about the end of instruments."""

    data: Data = "sample"
    start: Start = None
    end: End = None
    borrow: Borrow = None
    recalls: Recalls = None
    designated: Designated = None
    recall_hazard: RecallHazard = None
    actions: ActionsFile = None

    def files(self) -> list[Path]:
        """Return the files that it names."""
        tables = (self.borrow, self.recalls, self.designated, self.actions)
        return [*([Path(self.data)] if Path(self.data).suffix else []), *(path for path in tables if path is not None)]

    def without_data(self) -> Iterator[Fault]:
        """Yield what has no effect where no market is asked for."""
        tables = {"borrow": self.borrow, "recalls": self.recalls, "designated": self.designated}
        for name, path in {**tables, "actions": self.actions}.items():
            if path is not None:
                yield Fault(f"--{name}", "is checked on a market, and none is named", "give --data too")

    def odd(self) -> Iterator[Fault]:
        """Yield what is wrong with it; a file that is not there or not readable is the data's fault."""
        yield from odd_data(self.data)
        if self.start and self.end and self.start > self.end:
            yield Fault("--start", f"{self.start} is after --end {self.end}", "give an earlier one")
        if self.recall_hazard is not None and hazard_of(self.recall_hazard) is None:
            remedy = "give recalls a year, and a seed if you like, such as 0.5 or 0.5:7"
            yield Fault("--recall-hazard", f"{self.recall_hazard!r} is no RATE[:SEED]", remedy)


class EvidenceOptions(NamedTuple):
    """Whether a run is to gather evidence, and how."""

    evidence: Evidence = False
    universe: Universe = None
    baskets: Baskets = None
    seed: EvidenceSeed = None

    @property
    def whole(self) -> bool:
        """Whether all instruments of the data are wanted, for placebos in other names."""
        return self.evidence and self.universe != OWN

    def odd(self) -> Iterator[Fault]:
        """Yield what is wrong with it."""
        given = {"universe": self.universe, "baskets": self.baskets, "seed": self.seed}
        if not self.evidence:
            for name in (name for name, value in given.items() if value is not None):
                yield Fault(f"--{name}", "is about --evidence, which is not asked for", "give --evidence too")
        if self.universe not in (None, WHOLE, OWN):
            yield Fault("--universe", f"{self.universe!r} is no choice of instruments", f"give {WHOLE} or {OWN}")
        if self.baskets is not None and self.baskets < 1:
            yield Fault("--baskets", f"{self.baskets} is no number of baskets", "give 1 or more")
        if self.seed is not None and self.seed < 0:
            yield Fault("--seed", f"{self.seed} is negative", "give 0 or more")


def with_market(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a market, one by one, in the place of its parameter ``where``.

    Parameters
    ----------
    command : callable
        Has a parameter ``where``, which takes `MarketOptions`.

    Returns
    -------
    callable
        With the signature from which typer makes the options.
    """
    return _one_by_one(command, "where", MarketOptions)


def with_evidence(command: Callable[..., None]) -> Callable[..., None]:
    """Do the same with the options of evidence, in the place of its parameter ``proof``."""
    return _one_by_one(command, "proof", EvidenceOptions)


def _one_by_one(command: Callable[..., None], name: str, group: Any) -> Callable[..., None]:
    """Give a command the fields of a group of options as options of its own, in the place of one parameter."""
    fields, defaults = group._fields, group._field_defaults

    @functools.wraps(command)
    def called(**words: Any) -> None:
        made = group(*map(words.pop, fields))
        command(**words, **{name: made})

    own = inspect.signature(command, eval_str=True)
    offered = [
        inspect.Parameter(field, inspect.Parameter.KEYWORD_ONLY, default=defaults[field], annotation=option)
        for field, option in get_type_hints(group, include_extras=True).items()
    ]
    kept = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.parameters.values()]
    place = [parameter.name for parameter in kept].index(name)
    called.__signature__ = own.replace(parameters=[*kept[:place], *offered, *kept[place + 1 :]])  # type: ignore[attr-defined]
    return called


def hazard_of(text: str) -> tuple[float, int] | None:
    """Read ``0.5``, ``50%`` or ``0.5:7`` as rate and seed; None where it is none of them."""
    rate, colon, seed = text.strip().partition(":")
    try:
        found = float(f"{rate[:-1]}e-2") if rate.endswith("%") else float(rate)
    except ValueError:
        return None
    known = 0.0 <= found < math.inf and (seed.isdecimal() or not colon)
    return (found, int(seed) if seed else 0) if known else None


def refuse(faults: Iterable[Fault]) -> None:
    """Raise what is wrong with the command line, all of it at once, before any work is done."""
    found = tuple(faults)
    if found:
        raise UsageError(found)


def odd_data(data: str) -> Iterator[Fault]:
    """Yield what makes a source of bars none at all."""
    path = Path(data)
    if data not in ("sample", "yahoo") and (path.is_dir() or path.suffix.lower() not in BARS):
        yield Fault("--data", f"{data!r} is no source of bars", "give sample, yahoo, or a .parquet or .csv file")


def odd_costs(costs: str | None) -> Iterator[Fault]:
    """Yield what makes a choice of costs none; what is wrong in a cost file is the file's fault."""
    if costs is not None and costs not in PRESETS and not Path(costs).suffix:
        from deepshock.cost import cost_set

        try:
            cost_set(costs)
        except DeepshockError as error:
            yield from (Fault(f"--costs {fault.where}", fault.problem, fault.remedy) for fault in error.faults)


def odd_capital(capital: float | None) -> Iterator[Fault]:
    """Yield what makes an amount none."""
    if capital is not None and not 0.0 < capital < math.inf:
        yield Fault("--capital", f"{capital:g} is not an amount", "give a positive number, such as 1000000")


def odd_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path] = ()) -> Iterator[Fault]:
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
            yield Fault(option, "this is not written to standard output", "give the name of a file")
        elif not (target.parent.is_dir() and os.access(target.parent, os.W_OK)):
            yield Fault(option, f"the folder {path.parent} is not there or cannot be written", "make it first")
        elif str(target) in taken:
            yield Fault(option, f"{path} {taken[str(target)]}", "give another name")
        taken[str(target)] = f"is written by {option} already"


def odd_registry(registry: str | None) -> Iterator[Fault]:
    """Yield what forbids counting: the file is added to, and read."""
    if registry not in (None, "off"):
        path = Path(str(registry))
        if path.is_file() and not os.access(path, os.R_OK | os.W_OK):
            yield Fault("--registry", f"{path} cannot be read and written", "choose another file")


def odd_tries(registry: str | None, json_to: str | None) -> Iterator[Fault]:
    """Yield what is wrong with the options of the command that reads the registry."""
    named = [Path(str(registry))] if registry not in (None, "off") else []
    yield from (Fault("--registry", f"there is no file {path}", "name one") for path in named if not path.exists())
    yield from odd_outputs({"--json": None if json_to in (None, "-") else Path(str(json_to))}, named)


def odd_run(
    paths: Sequence[Path] | None,
    where: MarketOptions,
    *,
    capital: float | None = None,
    costs: str | None = None,
    json_to: str | None = None,
    report: Path | None = None,
    registry: str | None = None,
) -> Iterator[Fault]:
    """Yield what is wrong with the options of a command that runs theses, or plans them."""
    yield from odd_capital(capital)
    yield from where.odd()
    yield from odd_costs(costs)
    outputs = {"--json": None if json_to in (None, "-") else Path(str(json_to)), "--report": report}
    outputs["--registry"] = None if registry in (None, "off") else Path(str(registry))
    yield from odd_outputs(outputs, inputs_of(paths, where, costs))
    yield from odd_registry(registry)


def inputs_of(paths: Sequence[Path] | None, market: MarketOptions, costs: str | None) -> list[Path]:
    """Return the files that a run reads, as far as its command line names them."""
    theses = [file for path in paths or () for file in (path.glob("*.y*ml") if path.is_dir() else [path])]
    return [*theses, *market.files(), *([Path(costs)] if costs and Path(costs).suffix else [])]

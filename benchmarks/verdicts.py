"""The results table of README: every thesis with its evidence, made by one command.

    python benchmarks/verdicts.py                         # on the simulated market, printed
    python benchmarks/verdicts.py --write README.md       # between the two markers of that page
    python benchmarks/verdicts.py --data bars.parquet     # on bars of your own

Nothing is counted as a try here, and nothing that was counted before: tries are the thesis and the alternatives that it
declares, so that the table is the same on every machine. A test holds README to it.
"""

from __future__ import annotations

import argparse
import math
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import deepshock as ds
from deepshock.errors import Fault
from deepshock.inference.dossier import Dossier, dossier
from deepshock.report.evidence.across import WHOLE
from deepshock.report.evidence.view import MadeView
from deepshock.report.wording import money, p_value, percent, share
from deepshock.thesis import packaged_strategies

BEGIN, END = "<!-- made by benchmarks/verdicts.py -->", "<!-- until here -->"
HEADS = (
    "thesis", "missed", "gap", "tradable", "excess", "p (K)", "BH", "event study p", "beta", "hedged", "tries", "DSR",
    "verdict",
)  # fmt: skip
COMMAND = "python benchmarks/verdicts.py --write README.md"
LEGEND = (
    "missed, gap, tradable: before it could be known, to the first fill, after it. excess: net of every cost and of "
    "the policy rate. p (K): placebo in time, beside K dates that do not overlap. BH: adjusted for all theses. "
    "event study p: its headline test. hedged: excess with beta hedged away, \\* by a part of its orders, as margin "
    "allowed. tries: the thesis and its declared alternatives; no registry is read, so that the table is the same on "
    "every machine. DSR: probability of a Sharpe ratio above nil after all of them. A book has no event study and no "
    "beta of its own."
)
WORDS = 2  # columns of words: the first and the last


def table(items: Sequence[ds.Thesis | ds.Book], data: str = "sample", command: str = COMMAND) -> str:
    """Run theses with their evidence, and return the table in Markdown with what it rests on and how it is made."""
    market = ds.market_for(items, data, universe=True)
    results = ds.compare(items, market, alternatives=False, registry=False)
    found = dossier(items, results, market, registry=False)
    lines = sorted(_lines(found), key=lambda line: (math.isnan(line[0]), -line[0], line[1]))
    rows = [" | ".join(cells) for _, _, cells in lines]
    rule = [":--", *["--:"] * (len(HEADS) - WORDS), ":--"]
    body = [" | ".join(HEADS), " | ".join(rule), *rows]
    return "\n".join([_about(market, command), "", *(f"| {line} |" for line in body), "", LEGEND])


def _about(market: ds.Market, command: str) -> str:
    """Say which data these are, and how the table is made again."""
    said = "**SIMULATED prices**: no line of this says anything about a market" if market.simulated else market.name
    return f"{said}. {market.start} to {market.end}, `{command}`:"


def _lines(found: Dossier) -> list[tuple[float, str, tuple[str, ...]]]:
    """Return excess return, name and cells of each thesis; nan where it did not trade."""
    adjusted = {one.name: one.bh for one in found.across}
    return [_line(one, adjusted.get(one.name, math.nan)) for one in found.found]


def _line(one: ds.Evidence, bh: float) -> tuple[float, str, tuple[str, ...]]:
    result, view = one.result, one.view()
    traded = bool(result.ledger.fills)
    excess = result.performance.excess_return if traded else math.nan
    placebo, narrative = view.in_time, view.narrative
    figures = (
        *(percent(getattr(result, part)) for part in ("missed", "gap", "tradable")),
        percent(excess),
        f"{p_value(placebo.p)} ({placebo.k})" if not placebo.reason else "",
        p_value(bh),
        p_value(view.held.p) if view.held else "",
        money(narrative.net.beta, 2) if narrative.net else "",
        f"{percent(narrative.hedged.excess_return)}{_cut(narrative.hedged)}" if narrative.hedged else "",
        str(view.tried.total) if traded else "",
        share(view.dsr),
    )
    shown = ("" if text == "n/a" else text for text in figures)
    return excess, result.name, (result.name, *shown, view.verdict.word)


def _cut(made: MadeView) -> str:
    return " \\*" if made.scale < WHOLE else ""


def written(page: str, made: str) -> str:
    """Return a page with the table between its markers.

    Raises
    ------
    UsageError
        It does not have them, once each and in this order.
    """
    parts = page.partition(BEGIN)
    rest = parts[2].partition(END)
    if not (parts[1] and rest[1]) or BEGIN in parts[2] or END in parts[0] + rest[2]:
        raise ds.UsageError(Fault("--write", "the page has no place for the table", f"put {BEGIN} and {END} into it"))
    return f"{parts[0]}{BEGIN}\n{made}\n{END}{rest[2]}"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--data", default="sample", help="sample (SIMULATED, the default), yahoo, or a file of bars")
    parser.add_argument("--strategies", type=Path, default=packaged_strategies(), help="a folder, or one file")
    parser.add_argument("--write", type=Path, help="a page with the two markers; else it is printed")
    return parser.parse_args()


def main() -> None:
    args = parse()
    page = args.write.read_text("utf-8") if args.write else ""
    if args.write:
        written(page, "")  # a page without a place is refused before minutes of work
    command = shlex.join(["python", "benchmarks/verdicts.py", *sys.argv[1:]])
    made = table(ds.load_many(args.strategies), args.data, command)
    if args.write:
        args.write.write_text(written(page, made), "utf-8")
    else:
        print(made)


if __name__ == "__main__":
    try:
        main()
    except (ds.DeepshockError, OSError) as error:
        faults = error.faults if isinstance(error, ds.DeepshockError) else [error]
        print("\n".join(f"error: {fault}" for fault in faults), file=sys.stderr)
        sys.exit(2 if isinstance(error, ds.UsageError) else 1)

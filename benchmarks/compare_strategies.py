"""The theses against each other, against a naive rival and against buy-and-hold.

    python benchmarks/compare_strategies.py
    python benchmarks/compare_strategies.py --data bars.parquet --strategies my_theses --costs retail --csv out.csv

All of them go through the same engine, with the same capital and costs. Beside each thesis run

the naive rule
    What the same desk would do without the article: the same instruments at the same sizes, with the same entry, exits
    and hedge, but each leg follows its own momentum. It is bought if its last close before the thesis is known lies
    above the one 20 known closes earlier, else sold short; too short a history counts as bought, and two sides need
    not balance any more. Of the rules that read only prices, this is the plainest that takes a side on its own, so it
    can differ from the article in the one thing that the article is about. What cannot be sold short stays undone.
buy-and-hold
    What the capital would have made in the market: all of it in the fund on the thesis's benchmark
    (``deepshock.inference.funds.FUNDS``), with the same rules of entry and scheduled exit on that fund's own venue,
    through every stop and target.

In a book both take the place of each thesis that can run, with its share. The figures are all that is said: one event
is one observation, and the difference of two results of one event is no more than that.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

import deepshock as ds
from deepshock.errors import Fault
from deepshock.experiment import theses_of
from deepshock.inference.funds import FUNDS
from deepshock.plan import LEG, build, nanoseconds
from deepshock.report import tables
from deepshock.report.tables import Column, Group
from deepshock.report.text import heading
from deepshock.report.wording import percent, sharpe
from deepshock.result import report_of
from deepshock.thesis import packaged_strategies

Item = ds.Thesis | ds.Book

MOMENTUM = 20  # sessions
OTHERWISE = "SPY"
TO_THE_END = 10_000  # sessions, longer than any data
PACKAGES = ("numpy", "pandas", "numba", "exchange_calendars", "CurrencyConverter")


@dataclass(frozen=True)
class Match:
    """A thesis or book beside its two rivals."""

    own: ds.Result
    naive: ds.Result
    held: ds.Result


def momentum_side(symbol: str, market: ds.Market, thesis: ds.Thesis) -> int:
    """Return +1 or -1: the sign of a leg's return over 20 sessions, up to its last close before the thesis is known."""
    sessions, closes = market.sessions(market.instrument(symbol).calendar), market.series(symbol).close
    known = closes[(sessions.closes < nanoseconds(thesis.known())) & np.isfinite(closes)]
    return -1 if known.size > MOMENTUM and known[-1] <= known[-1 - MOMENTUM] else 1


def naive(thesis: ds.Thesis, market: ds.Market) -> ds.Thesis:
    """Return the thesis with its sides set by momentum. The sizes are those that its plan has at the same instant."""
    sizes = {order.symbol: abs(order.size) for order in build(thesis, market).orders if order.role == LEG}
    sides = {symbol: momentum_side(symbol, market, thesis) for symbol in sizes}
    return thesis.vary(
        {
            "thesis": f"{thesis.name}-naive",
            "long": {symbol: size for symbol, size in sizes.items() if sides[symbol] > 0} or None,
            "short": {symbol: size for symbol, size in sizes.items() if sides[symbol] < 0} or None,
            "gross": math.fsum(sizes.values()),
            **dict.fromkeys(("versus", "neutral", "weighting", "wrong if", "alternatives")),
        }
    )


def held(thesis: ds.Thesis) -> ds.Thesis:
    """Return buy-and-hold in the place of a thesis; where that has only stops and targets, to the end of the data."""
    mark, ends = thesis.benchmark, thesis.exit
    fund = FUNDS.get(mark, OTHERWISE if mark.startswith("^") else mark) if mark else OTHERWISE
    scheduled = any(word is not None for word in (ends.hold, ends.before, ends.on, ends.date))
    sides = ("short", "versus", "neutral", "weighting", "gross", "hedge", "borrow", "wrong if", "alternatives")
    levels = ("exit.stop", "exit.target", "exit.trailing", "exit.drawdown")
    return thesis.vary(
        {
            "thesis": f"{thesis.name}-held",
            "long": {fund: 1},
            **dict.fromkeys((*sides, *levels)),
            **({} if scheduled else {"exit.hold": TO_THE_END}),
        }
    )


def instead(item: Item, market: ds.Market, rule: Callable[[ds.Thesis], ds.Thesis]) -> Item:
    """Put a rule in the place of a thesis, or of each one of a book; one that cannot run stays, and its cash idle."""
    if isinstance(item, ds.Book):
        members = [(_instead(thesis, market, rule), share) for thesis, share in item.members]
        return ds.Book.of(item.name, members, capital=item.capital, costs=item.costs, margin=item.margin)
    return _instead(item, market, rule)


def _instead(thesis: ds.Thesis, market: ds.Market, rule: Callable[[ds.Thesis], ds.Thesis]) -> ds.Thesis:
    return rule(thesis) if build(thesis, market).runnable else thesis


def matches(items: Sequence[Item], market: ds.Market, costs: str | None = None) -> list[Match]:
    """Run each thesis with its rivals; the highest excess return first, what did not trade last."""
    own = ds.compare(items, market, costs=costs, alternatives=False)  # first, because it gathers every fault
    rivals = [instead(item, market, lambda thesis: naive(thesis, market)) for item in items]
    holdings = [instead(item, market, held) for item in items]
    how: dict[str, Any] = {"costs": costs, "alternatives": False, "registry": False}  # nobody chooses among rivals
    others = [ds.compare(found, market, **how) for found in (rivals, holdings)]
    found = [Match(*results) for results in zip(own, *others, strict=True)]
    return sorted(found, key=lambda match: (not match.own.ledger.fills, -excess(match.own), match.own.name))


def net(result: ds.Result) -> float:
    """Return the net return; nan where nothing traded, because cash is no rival."""
    return result.performance.net_return if result.ledger.fills else math.nan


def excess(result: ds.Result) -> float:
    """Return the net return over the policy rate; nan where nothing traded."""
    return result.performance.excess_return if result.ledger.fills else math.nan


def why_not(result: ds.Result) -> str:
    """Return why nothing traded, empty if something did."""
    if result.ledger.fills:
        return ""
    return result.plan.reason or "; ".join(f"{left.symbol}: {left.reason}" for left in result.ledger.unfilled)


def traded(result: ds.Result) -> dict[str, list[str]]:
    """Return the legs that opened long and short, each instrument once."""
    opened = [fill for fill in result.ledger.fills if fill.reason == "entry"]
    return {
        word: list(dict.fromkeys(fill.symbol for fill in opened if fill.side == side))
        for word, side in (("long", "buy"), ("short", "sell"))
    }


def layout(ran: Sequence[Match]) -> list[Group]:
    """Lay out the columns of the table, in the order in which they matter."""

    def share(head: str, of: Callable[[Match], float], style: str = "") -> Column:
        return Column(head, tuple(percent(of(match)) for match in ran), signed=True, style=style)

    def points(head: str, rival: Callable[[Match], ds.Result]) -> Column:
        apart = tuple(percent(excess(match.own) - excess(rival(match))).replace("%", " pp") for match in ran)
        return Column(head, apart, signed=True, style="bold")

    own = (
        share("net", lambda m: net(m.own)),
        share("excess", lambda m: excess(m.own), "bold"),
        share("max DD", lambda m: m.own.performance.max_drawdown),
        Column("Sharpe ± se (n)", tuple(sharpe(match.own.view()) for match in ran)),
    )
    sides = [traded(match.naive) for match in ran]
    rival = (
        Column("L/S", tuple(f"{len(side['long'])}/{len(side['short'])}" for side in sides)),
        share("naive net", lambda m: net(m.naive)),
        share("naive excess", lambda m: excess(m.naive)),
        points("less naive", lambda m: m.naive),
    )
    funds = [match.held.plan.symbols for match in ran]
    market = (
        share("hold net", lambda m: net(m.held)),
        share("hold excess", lambda m: excess(m.held)),
        points("less hold", lambda m: m.held),
        Column("held", tuple(fund[0] if len(fund) == 1 else f"{len(fund)} funds" for fund in funds), right=False),
    )
    return [Group("the thesis", own), Group("the naive rule", rival), Group("buy-and-hold", market)]


def show(found: Sequence[Match], market: ds.Market, console: Console) -> None:
    """Print the comparison at any width: columns that do not fit continue in a next table."""
    note = "SIMULATED data" if market.simulated else ""
    ran = [match for match in found if match.own.ledger.fills]
    console.print(heading(report_of([m.own for m in found], market, version=ds.__version__, command=command())))
    console.print(Text(f"{command()}\n{versions()}", style="dim"))
    key = Column("thesis", tuple(match.own.name for match in ran))
    for part in tables.spaced(tables.tables(key, layout(ran), console.width, note=note) if ran else []):
        console.print(part)
    legend = (
        "excess = net less the policy rate on the capital. naive: the same instruments, each on the side of its own "
        f"move over {MOMENTUM} sessions before the thesis was known; L/S: how many of them it opened long and short. "
        "hold: the capital in the fund named, by the same rules of entry and exit. less naive, less hold: the thesis's "
        "excess less that of the rival."
    )
    console.print(Text(f"\n{f'{note}. ' if note else ''}{legend}", style="dim"))
    idle = [(match.own.name, why_not(match.own)) for match in found if match not in ran]
    undone = [(match.naive.name, why_not(match.naive)) for match in ran if not match.naive.ledger.fills]
    for line in [*tables.listed("Theses that did not trade", idle), *tables.listed("Naive rules that did not", undone)]:
        console.print(line)


def as_csv(found: Sequence[Match], market: ds.Market) -> str:
    """Write one line per thesis: returns are fractions, instants UTC, and what is not known is left empty."""
    text = io.StringIO()
    lines = [_line(match, market) for match in found]
    writer = csv.DictWriter(text, fieldnames=list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _line(match: Match, market: ds.Market) -> dict[str, str]:
    made, sides = match.own.performance, traded(match.naive)
    figures = {
        "net_return": net(match.own), "excess_return": excess(match.own),
        "max_drawdown": made.max_drawdown if match.own.ledger.fills else math.nan,
        "sharpe": made.sharpe, "sharpe_se": made.sharpe_se,
        "naive_net_return": net(match.naive), "naive_excess_return": excess(match.naive),
        "hold_net_return": net(match.held), "hold_excess_return": excess(match.held),
        "excess_less_naive": excess(match.own) - excess(match.naive),
        "excess_less_hold": excess(match.own) - excess(match.held),
    }  # fmt: skip
    return {
        "thesis": match.own.name, "simulated": str(match.own.simulated), "data": market.name,
        "costs": match.own.plan.costs.name, "capital": repr(match.own.plan.capital),
        "currency": match.own.plan.currency,
        "known_at": match.own.plan.known_at.isoformat(),
        "first_fill": made.first_fill.isoformat() if made.first_fill else "",
        "last_exit": made.last_exit.isoformat() if made.last_exit else "",
        **{name: "" if math.isnan(value) else repr(value) for name, value in figures.items()},
        "n_obs": str(made.n_obs), "naive_long": " ".join(sides["long"]), "naive_short": " ".join(sides["short"]),
        "held": " ".join(match.held.plan.symbols),
        "not_traded": why_not(match.own), "naive_not_traded": why_not(match.naive),
        "deepshock": ds.__version__, "command": command(),
    }  # fmt: skip


def command() -> str:
    """Return the command line as one could type it again."""
    return shlex.join(["python", "benchmarks/compare_strategies.py", *sys.argv[1:]])


def versions() -> str:
    """Return the versions of all that a figure depends on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"deepshock {ds.__version__}, Python {python_version()}, {packages}"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--data", default="sample", help="sample (SIMULATED, the default), yahoo, or a file of bars")
    parser.add_argument("--strategies", type=Path, default=packaged_strategies(), help="a folder, or one file")
    parser.add_argument("--costs", help="none, institutional, retail or a cost file; default: what each thesis says")
    parser.add_argument("--csv", type=Path, help="write the figures there too")
    return parser.parse_args()


def main() -> None:
    args = parse()
    if args.csv and (args.csv.is_dir() or not os.access(args.csv.parent, os.W_OK)):
        raise ds.UsageError(Fault("--csv", f"{args.csv} cannot be written", "name a file in a folder that can"))
    items = ds.load_many(args.strategies)
    market = ds.market_for([*items, *map(held, theses_of(items))], args.data)
    found = matches(items, market, args.costs)
    if args.csv:
        args.csv.write_text(as_csv(found, market), encoding="utf-8")
    show(found, market, Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160))


if __name__ == "__main__":
    try:
        main()
    except ds.DeepshockError as error:
        print("\n".join(f"error: {fault}" for fault in error.faults), file=sys.stderr)
        sys.exit(2 if isinstance(error, ds.UsageError) else 1)

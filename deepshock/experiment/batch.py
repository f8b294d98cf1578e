"""Several theses and books side by side on one market: what the command line and the benchmarks run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any

from deepshock.cost import CostSet, as_cost_set
from deepshock.errors import DeepshockError, Fault, PlanError, UsageError, suggest
from deepshock.experiment.grid import Grid
from deepshock.experiment.sensitivity import sensitivities
from deepshock.experiment.universe import everything, loaded
from deepshock.experiment.vary import varied
from deepshock.pipeline import run
from deepshock.registry import Choice, Registry
from deepshock.result import Result
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from pathlib import Path

    from deepshock.market import Bars, Lender, Lending, Market

_NAMES_SYMBOLS = re.compile(r"(^|\.)\s*(long|short|versus|hedge|benchmark|include)\b")
"""Paths whose values may name instruments."""
Item = Thesis | Book
Progress = Callable[[str], None]


def theses_of(items: Iterable[Item]) -> tuple[Thesis, ...]:
    """Return every thesis of a list of theses and books, members included, each once."""
    found: list[Thesis] = []
    for item in items:
        found += [thesis for thesis, _ in item.members] if isinstance(item, Book) else [item]
    return tuple({id(thesis): thesis for thesis in found}.values())


def symbols_of(items: Iterable[Item], *, alternatives: bool = True) -> tuple[str, ...]:
    """Return every symbol that theses, their benchmarks and (if asked) alternatives and rivals may need, each once."""
    found: list[str] = []
    for thesis in theses_of(items):
        for variant in (thesis, *(_alternatives(thesis) if alternatives else ())):
            found += variant.symbols()
            found += [variant.hedge.beta_to] if variant.hedge else []
            found += [variant.benchmark] if variant.benchmark else []
        if alternatives and thesis.rival:
            found += [*thesis.rival.long, *thesis.rival.short]
    return tuple(dict.fromkeys(found))


def _alternatives(thesis: Thesis) -> Iterator[Thesis]:
    """Yield the alternatives that can be built; ``sensitivities`` reports the others with their faults."""
    for change in thesis.alternatives.values():
        with suppress(DeepshockError):
            yield thesis.vary(change)


def market_for(
    items: Item | Sequence[Item],
    source: Any = "sample",
    *,
    start: date | None = None,
    end: date | None = None,
    lending: Lending | None = None,
    actions: Any = None,
    over: Mapping[Any, Any] | None = None,
    universe: bool = False,
    also: Sequence[str] = (),
) -> Market:
    """Load from a source what some theses need.

    Parameters
    ----------
    items : Thesis, Book, or sequence of them
    source, start, end, lending, actions
        As of ``Market.load``.
    over : mapping, optional
        As of ``sweep``: what its values name is loaded too, as far as the source has it.
    universe : bool
        Load every other instrument of the source too, in which ``deepshock.evidence`` finds names that look alike. No
        result changes by it. Yahoo has no list of all; then what the theses need is loaded, with a note.
    also : sequence of str
        What else to load, as far as the source has it.

    Raises
    ------
    PlanError
        The source lacks a symbol that a thesis itself needs; with its place in the thesis, and what the source said.
    MarketError
        As of ``Market.load``.
    """
    from deepshock.market import Lender, Market, provider_of

    items = [items] if isinstance(items, Thesis | Book) else items
    provider = provider_of(source)
    wanted = tuple(dict.fromkeys([*symbols_of(items), *(_symbols_over(items, over) if over else ())]))
    named = tuple(dict.fromkeys([*wanted, *also]))
    bars = everything(provider, named, start) if universe else provider.bars(named, start, None)
    found = set(bars.frame["symbol"].unique()) if "symbol" in bars.frame else set()
    faults = [
        Fault(thesis.place(symbol), *_absent(symbol, bars))
        for thesis in theses_of(items)
        for symbol in symbols_of([thesis], alternatives=False)
        if symbol not in found and "symbol" in bars.frame
    ]
    if faults:
        raise PlanError(faults)
    how: dict[str, Any] = {"start": start, "end": end, "lending": lending, "actions": actions}

    def load(bars: Bars, symbols: Sequence[str]) -> Market:
        delivered = _DeliveredLender(bars, provider) if isinstance(provider, Lender) else _Delivered(bars)
        return Market.load(delivered, symbols=list(symbols) or None, **how)

    own = [symbol for symbol in wanted if symbol in found]
    return loaded(load, bars, own, sorted(found - {*own, None, ""}) if universe or also else [])


def _symbols_over(items: Sequence[Item], over: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the symbols of variants of theses; what a thesis refuses is left to the sweep to tell."""
    for axis in Grid.of(over).axes:
        if not any(_NAMES_SYMBOLS.search(path) for path in axis.paths):
            continue
        for item, values in product(items, axis.values):
            with suppress(DeepshockError):
                yield from symbols_of([varied(item, dict(zip(axis.paths, values, strict=True)))], alternatives=False)


def _absent(symbol: str, bars: Bars) -> tuple[str, str]:
    """Say why a symbol has no bars, and what to do: what the source itself says comes first."""
    if symbol in bars.undelivered:
        return f"{bars.name} did not deliver {symbol}: {bars.undelivered[symbol]}", ""
    if symbol in bars.known_symbols:
        return f"{bars.name} has no bars of {symbol} between the dates asked for", "take other dates"
    return f"{symbol} is not in {bars.name}", suggest(symbol, bars.known_symbols) or "name a symbol that it has"


@dataclass(frozen=True)
class _Delivered:
    """A provider of bars that were delivered already."""

    delivered: Bars

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        return self.delivered


@dataclass(frozen=True)
class _DeliveredLender(_Delivered):
    """The same, of a provider that also knows what can be borrowed."""

    lender: Lender

    def lending(self, symbols: Sequence[str], start: date, end: date) -> Lending:
        return self.lender.lending(symbols, start, end)


def compare(
    items: Sequence[Item],
    market: Market,
    *,
    source: str | None = None,
    capital: float | None = None,
    costs: str | Path | CostSet | None = None,
    alternatives: bool = True,
    progress: Progress | None = None,
    registry: Choice = None,
) -> tuple[Result, ...]:
    """Run theses and books side by side.

    Parameters
    ----------
    items : sequence of Thesis or Book
    market : Market
    source, capital, costs, registry
        As of ``deepshock.run``.
    alternatives : bool
        Whether to run the sensitivities of each thesis too; they are part of its result.
    progress : callable, optional
        Called with the name of what is about to run.

    Returns
    -------
    tuple of Result
        In the order given.

    Raises
    ------
    DeepshockError
        With the faults of all of them, where any has one.
    """
    how = {"source": source, "capital": capital, "costs": as_cost_set(costs), "registry": Registry.of(registry)}
    _require_source(items, source)
    results, faults = [], []
    for item in items:
        if progress:
            progress(item.name)
        try:
            results.append(_one(item, market, how, alternatives))
        except DeepshockError as error:
            faults += [f for f in error.faults if f not in faults]
    if faults:
        raise DeepshockError(faults)
    return tuple(results)


def _one(item: Item, market: Market, how: Mapping[str, Any], alternatives: bool) -> Result:
    result = run(item, market, **how)
    if isinstance(item, Book) or not (alternatives and result.runnable):
        return result
    return replace(result, sensitivities=sensitivities(item, market, **how, base=result))


def _require_source(items: Sequence[Item], source: str | None) -> None:
    """Refuse a source that a thesis does not have, before anything runs."""
    without = [thesis for thesis in theses_of(items) if source is not None and source not in thesis.all_sources()]
    if without:
        shared = dict.fromkeys(name for thesis in without for name in thesis.all_sources())
        remedy = f"declared are {', '.join(shared)}" if shared else "declare it under 'sources'"
        names = ", ".join(thesis.name for thesis in without)
        raise UsageError(Fault("source", f"{source!r} is no source of {names}", remedy))

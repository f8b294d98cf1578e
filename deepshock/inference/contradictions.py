"""Theses that oppose each other: found, side by side, and in one book."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.errors import DeepshockError
from deepshock.pipeline import conclude
from deepshock.plan import LEG, Settings, build, build_book, instant, nanoseconds
from deepshock.result import Result
from deepshock.result.document import iso, number
from deepshock.stats.exposure import is_open
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market


@dataclass(frozen=True)
class Shared:
    """An instrument that two theses hold on opposite sides at the same time.

    Parameters
    ----------
    symbol : str
    sides : tuple of str
        ``long`` or ``short``, of the first thesis and of the second.
    first, last : datetime
        Between which both hold it, UTC: from the later first fill to the earlier last exit.
    sessions : int
        Sessions of its venue in which both hold it at some time.
    """

    symbol: str
    sides: tuple[str, str]
    first: datetime
    last: datetime
    sessions: int


@dataclass(frozen=True)
class Contradiction:
    """Two theses that oppose each other.

    Parameters
    ----------
    names : tuple of str
        Of the two.
    shared : tuple of Shared
        Empty where the contradiction is declared only.
    declared : bool
        Whether one of them says that it contradicts the other.
    excess : tuple of float
        Excess return of each by itself, over its own capital; nan where it did not trade.
    book : float
        Excess return of the two as one account, half of it each; nan where it did not trade.
    simulated : bool
    reason : str
        Why a figure is missing, else empty.
    """

    names: tuple[str, str]
    shared: tuple[Shared, ...]
    declared: bool
    excess: tuple[float, float]
    book: float
    simulated: bool
    reason: str = ""

    @property
    def is_declared_only(self) -> bool:
        """Whether they say that they oppose each other, and hold no instrument on opposite sides."""
        return not self.shared

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        return {
            "names": list(self.names),
            "shared": [
                {
                    "symbol": one.symbol,
                    "sides": list(one.sides),
                    "from": iso(one.first),
                    "to": iso(one.last),
                    "sessions": one.sessions,
                }
                for one in self.shared
            ],
            "declared": self.declared,
            "declared_only": self.is_declared_only,
            "excess_return": [number(value) for value in self.excess],
            "book_excess_return": number(self.book),
            "simulated": self.simulated,
            "reason": self.reason or None,
        }


def contradictions(
    items: Thesis | Book | Iterable[Thesis | Book],
    market: Market,
    settings: Settings | None = None,
    *,
    results: Iterable[Result] = (),
) -> tuple[Contradiction, ...]:
    """Find the theses that oppose each other, and run each pair as one book.

    Two theses oppose each other where they hold one instrument on opposite sides at the same time, from first fill to
    last exit, or where one says so. None of these runs counts as a try.

    Parameters
    ----------
    items : Thesis, Book, or iterable of them
        Of a book, its theses.
    market : Market
    settings : Settings, optional
        Capital and costs of each of them, and of the book of two, whose own are otherwise the capital of the first and
        the costs on which they agree; a source counts for the theses that have it.
    results : iterable of Result, optional
        Of the theses by themselves under these settings, as far as there are; the others are run.

    Returns
    -------
    tuple of Contradiction
        In the order of the theses. A declared contradiction of a thesis that is not given is listed as such.

    Raises
    ------
    DeepshockError
        A thesis by itself cannot be planned. What two of them do not agree on is the reason why there is no book.
    """
    settings = settings or Settings()
    theses = _theses(items)
    ran = {result.name: result for result in results}
    alone = {name: ran.get(name) or _alone(thesis, market, settings) for name, thesis in theses.items()}
    found = [_between(theses[a], theses[b], alone, market, settings) for a, b in combinations(theses, 2)]
    return (*filter(None, found), *_absent(theses, alone, market))


def _theses(items: Thesis | Book | Iterable[Thesis | Book]) -> dict[str, Thesis]:
    every: dict[str, Thesis] = {}
    for item in [items] if isinstance(items, Thesis | Book) else items:
        for thesis in (thesis for thesis, _ in item.members) if isinstance(item, Book) else (item,):
            every.setdefault(thesis.name, thesis)
    return every


def _alone(thesis: Thesis, market: Market, settings: Settings) -> Result:
    source = settings.source if settings.source in thesis.all_sources() else None  # as in a book
    return conclude(build(thesis, market, replace(settings, source=source)), market)


def _between(
    a: Thesis, b: Thesis, alone: Mapping[str, Result], market: Market, settings: Settings
) -> Contradiction | None:
    """Return the contradiction of two theses, None where there is none."""
    declared = b.name in a.contradicts or a.name in b.contradicts
    shared = tuple(_shared(alone[a.name], alone[b.name], market))
    if not (shared or declared):
        return None
    book, reason = _as_book(a, b, market, settings)
    names = (a.name, b.name)
    excess = (_excess(alone[a.name]), _excess(alone[b.name]))
    return Contradiction(names, shared, declared, excess, book, market.simulated, reason)


def _as_book(a: Thesis, b: Thesis, market: Market, settings: Settings) -> tuple[float, str]:
    """Return the excess return of two theses in one account, half each, or nan and why there is none."""
    try:
        pair = Book.of("pair", [(a, 1.0), (b, 1.0)], capital=a.capital, costs=a.costs if settings.costs else None)
        made = conclude(build_book(pair, market, settings), market)
    except DeepshockError as error:
        return math.nan, f"no book of the two: {'; '.join(map(str, error.faults))}"
    return _excess(made), made.plan.reason or ("" if made.ledger.fills else "nothing filled")


def _excess(result: Result) -> float:
    return result.performance.excess_return if result.ledger.fills else math.nan


def _absent(theses: Mapping[str, Thesis], alone: Mapping[str, Result], market: Market) -> Iterator[Contradiction]:
    """Yield what is declared against theses that are not given."""
    for thesis in theses.values():
        for name in thesis.contradicts:
            if name not in theses:
                excess = (_excess(alone[thesis.name]), math.nan)
                reason = f"{name} is not among the theses that were run"
                yield Contradiction((thesis.name, name), (), True, excess, math.nan, market.simulated, reason)


def _shared(a: Result, b: Result, market: Market) -> Iterator[Shared]:
    """Yield the instruments that two results hold on opposite sides at the same time."""
    theirs = list(_held(b))
    for symbol, side, first, last in _held(a):
        for other, against, begin, end in theirs:
            start, stop = max(first, begin), min(last, end)
            if other == symbol and against == -side and start < stop:
                words = ("long", "short") if side > 0 else ("short", "long")
                yield Shared(symbol, words, start, stop, _sessions(market, symbol, start, stop))


def _held(result: Result) -> Iterator[tuple[str, int, datetime, datetime]]:
    """Yield (symbol, side, first fill, last exit) of each leg; one that is still open is held to the last row."""
    ledger = result.ledger
    for j, order in enumerate(result.plan.orders):
        fills = [fill for fill in ledger.fills if fill.leg == j]
        if order.role == LEG and fills:
            end = instant(int(ledger.value_at[-1])) if is_open(j, fills) else fills[-1].fill_at
            yield order.symbol, order.side, fills[0].fill_at, end


def _sessions(market: Market, symbol: str, first: datetime, last: datetime) -> int:
    """Return how many sessions of its venue lie at least in part between two instants."""
    sessions = market.sessions(market.instrument(symbol).calendar)
    begun = np.searchsorted(sessions.opens, nanoseconds(last), side="left")  # opened before the end
    over = np.searchsorted(sessions.closes, nanoseconds(first), side="right")  # closed at or before the start
    return int(begun - over)

"""The form in which a thesis can be run at another date: the same trade, with nothing in it that names a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.plan import HEDGE, PlannedOrder, Settings, decided_at, nanoseconds
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

_DATED = ("exit.before", "exit.on", "exit.date", "enter.on", "news")
_SAID = ("corroborated by", "counter", "claims", "alternatives", "contradicts", "wrong if", "note", "trust", "rival")
MOST_NOTED = 3


@dataclass(frozen=True)
class Form:
    """A thesis or book as it can be run at any date.

    Parameters
    ----------
    item : Thesis or Book
        Each thesis rests on a source of its own, whose ``published`` is when it is decided.
    decided : tuple of datetime
        When each thesis was decided, UTC: the placebo that is no placebo.
    holds : tuple of int
        Sessions for which each thesis holds.
    settings : Settings
        The capital of the run, and its costs with the law of ``on``.
    on : date
        The day of the first fill.
    notes : tuple of str
        What had to be changed.
    """

    item: Thesis | Book
    decided: tuple[datetime, ...]
    holds: tuple[int, ...]
    settings: Settings
    on: date
    notes: tuple[str, ...]

    @property
    def theses(self) -> tuple[Thesis, ...]:
        """The thesis, or those of the book."""
        return (self.item,) if isinstance(self.item, Thesis) else tuple(thesis for thesis, _ in self.item.members)

    @property
    def paths(self) -> tuple[str, ...]:
        """The words that move it in time."""
        if isinstance(self.item, Thesis):
            return ("source.published",)
        return tuple(f"{thesis.name}.source.published" for thesis in self.theses)


def form_of(result: Result, market: Market) -> Form:
    """Return the form of what was run.

    An exit at an event or a date becomes the same number of sessions, counted on the venue of the leg that filled
    first. A thesis that waits for an event is decided at that event. Costs are those of the run, with the law of the
    day of its first fill at every date.

    Parameters
    ----------
    result : Result
        One that traded.
    market : Market
    """
    plan = result.plan
    notes: list[str] = []
    holds, formed = [], []
    for group, member in enumerate(plan.members):
        hold = _hold(result, market, group, notes)
        formed.append((_undated(member.thesis, hold), member.share))
        holds.append(hold)
    on = result.ledger.fills[0].fill_at.date()
    notes.insert(0, f"venue law of {on} at every date; policy rates and settlement cycles of each date itself")
    item: Thesis | Book = formed[0][0]
    if plan.is_book:
        item = Book.of(plan.name, formed, margin=plan.margin, capital=f"{plan.capital!r} {plan.currency}", costs="none")
    decided = tuple(decided_at(member.thesis, member.known_at) for member in plan.members)
    settings = Settings(None, plan.capital, plan.costs.as_of(on))
    return Form(item, decided, tuple(holds), settings, on, tuple(notes))


def _undated(thesis: Thesis, hold: int) -> Thesis:
    """Return a thesis without dates; what only a reader reads goes too, because it is checked with every variant."""
    said = {word: None for word in _SAID if word in thesis.tree()}
    source = {"publisher": "placebo", "published": thesis.known()}
    return thesis.vary({**dict.fromkeys(_DATED), **said, "source": source, "exit.hold": hold})


def _hold(result: Result, market: Market, group: int, notes: list[str]) -> int:
    """Return for how many sessions a thesis holds; says where that is not what it says itself."""
    plan = result.plan
    sent = {j: o for j, o in enumerate(plan.orders) if o.group == group and o.role != HEDGE and not o.refused}
    if not sent:
        return plan.members[group].thesis.exit.hold or 1
    filled = {fill.leg for fill in result.ledger.fills}
    order = {j: o for j, o in sent.items() if j in filled} or sent  # of a book one thesis may never have traded
    found = {j: _sessions(result, market, j, one) for j, one in order.items()}
    first = min(found, key=lambda j: (_entry(result, j, order[j]), j))
    held, own = found[first], order[first].hold
    name = f"{plan.members[group].thesis.name}: " if plan.is_book else ""
    if own != held:
        word, many = order[first].exit_word, "s" if held > 1 else ""
        what = f"the exit {word}" if word else "the last exit, as none is scheduled,"
        notes.append(f"{name}{what} is {held} session{many} of {_venue(market, order[first])} after the fill")
    others = [f"{order[j].symbol} {n}" for j, n in found.items() if n != held]
    if others:
        more = f" and {len(others) - MOST_NOTED} more" if len(others) > MOST_NOTED else ""
        notes.append(f"{name}on their own venues it was {', '.join(others[:MOST_NOTED])}{more}")
    return held


def _sessions(result: Result, market: Market, j: int, order: PlannedOrder) -> int:
    """Return how many sessions of its own venue lie between the fill of a leg and its scheduled exit."""
    sessions, entry = market.sessions(_venue(market, order)), _entry(result, j, order)
    start = int(np.searchsorted(sessions.closes, nanoseconds(entry), side="left"))
    if order.due is not None and entry == order.due.at:  # 24/7, an open is the close of the session before
        start = order.due.session
    if order.exit is not None:
        dated = max(order.exit.session - start, 1)
        return dated if order.hold is None else min(dated, order.hold)
    if order.hold is not None:
        return order.hold
    ends = [f.fill_at for f in result.ledger.fills if f.leg == j and not f.opens]
    last = nanoseconds(max(ends)) if ends else int(result.ledger.value_at[-1])
    return max(int(np.searchsorted(sessions.closes, last, side="left")) - start, 1)


def _entry(result: Result, j: int, order: PlannedOrder) -> datetime:
    """Return when a leg filled; when it was due, if it did not."""
    fills = [fill.fill_at for fill in result.ledger.fills if fill.leg == j]
    assert order.due is not None, "an order that was sent has an auction"
    return min(fills, default=order.due.at)


def _venue(market: Market, order: PlannedOrder) -> str:
    return market.instrument(order.symbol).calendar

"""Placebos by their rules: a thesis without dates, and what it makes at an instant (see :mod:`reference.placebo`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deepshock.cost import CostSet
from deepshock.errors import DeepshockError
from deepshock.market import Market
from deepshock.pipeline import conclude
from deepshock.plan import LEG, PlannedOrder, Settings, build, build_book
from deepshock.result import Result
from deepshock.thesis import Book, Thesis

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN_AT_END = "open at the end"
NOTHING = "nothing filled"


@dataclass
class Outcome:
    """What a form made at one instant: its statistic, or why there is none; its last row, and whether it ever rested.

    It rested if all was cash on some row before the last one.
    """

    value: float = math.nan
    reason: str = ""
    rested: bool = False
    over: datetime = EPOCH


@dataclass
class Form:
    """A thesis, or those of a book, without dates.

    Attributes
    ----------
    theses : list of (Thesis, share)
    holds : list of int
        N of each thesis.
    decided : list of datetime
        Of the event.
    legs : list of (thesis number, order)
        Those that filled in the run.
    """

    result: Result
    market: Market
    theses: list[tuple[Thesis, float]]
    holds: list[int]
    decided: list[datetime]
    legs: list[tuple[int, PlannedOrder]]
    costs: CostSet
    capital: float

    def run(self, decided: Sequence[datetime], words: dict[str, Any] | None = None) -> Outcome:
        """Run it with each thesis decided at its instant, and some words changed."""
        settings = Settings(None, self.capital, self.costs)
        try:
            pairs = [
                (thesis.vary({"source": {"publisher": "nobody", "published": stamp(at)}, **(words or {})}), share)
                for (thesis, share), at in zip(self.theses, decided, strict=True)
            ]
            if self.result.plan.is_book:
                money = f"{self.capital!r} {self.result.plan.currency}"
                margin = self.result.plan.margin
                book = Book.of(self.result.name, pairs, costs="none", margin=margin, capital=money)
                plan = build_book(book, self.market, settings)
            else:
                plan = build(pairs[0][0], self.market, settings)
            if not plan.runnable:
                return Outcome(reason=plan.reason)
            made = conclude(plan, self.market)
        except DeepshockError as error:
            return Outcome(reason="; ".join(map(str, error.faults)))
        if not made.ledger.fills:
            return Outcome(reason=NOTHING)
        why = OPEN_AT_END if made.ledger.open_at_end else ""
        return Outcome(made.performance.excess_return, why, rested(made), instant(int(made.ledger.value_at[-1])))


def rested(made: Result) -> bool:
    """Say whether all positions were closed on some valuation row before the last one."""
    for ns in made.ledger.value_at.tolist()[:-1]:
        held: dict[int, float] = {}
        for fill in made.ledger.fills:
            if fill.fill_at <= instant(ns):
                held[fill.leg] = held.get(fill.leg, 0.0) + fill.shares
        if held and all(abs(shares) < 1e-9 for shares in held.values()):
            return True
    return False


def stamp(at: datetime) -> str:
    """Write an instant exactly."""
    return at.astimezone(UTC).isoformat()


def instant(ns: int) -> datetime:
    """Return nanoseconds since 1970 as an instant."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def form_of(result: Result, market: Market) -> Form:
    """Take the dates out of what was run."""
    legs = [(j, order) for j, order in enumerate(result.plan.orders) if order.role == LEG]
    filled = [(order.group, order) for j, order in legs if entry(result, j)]
    theses, holds, decided = [], [], []
    for g, member in enumerate(result.plan.members):
        mine = [j for j, order in legs if order.group == g]
        # of a thesis of which nothing filled the legs stand for when they were due
        went = [j for j in mine if entry(result, j)] or [j for j in mine if not result.plan.orders[j].refused]
        hold = hold_of(result, market, member.thesis, went)
        theses.append((undated(member.thesis, hold), member.share))
        holds.append(hold)
        decided.append(result.plan.orders[mine[0]].decided_at)
    first = min(fill.fill_at for fill in result.ledger.fills)
    costs = result.plan.costs.as_of(first.date())
    return Form(result, market, theses, holds, decided, filled, costs, result.plan.capital)


def undated(thesis: Thesis, hold: int) -> Thesis:
    """Return a thesis that waits for no event and is out after some sessions."""
    changes: dict[str, Any] = {"exit.hold": hold}
    changes |= {f"exit.{word}": None for word in ("before", "on", "date") if getattr(thesis.exit, word) is not None}
    changes |= {"enter.on": None} if thesis.enter.on is not None else {}
    changes |= {"news": None} if thesis.news is not None else {}
    return thesis.vary({**changes, "source": {"publisher": "nobody", "published": "2000-01-03T00:00Z"}})


def entry(result: Result, j: int) -> Any:
    """Return the first fill of an order, None if there is none."""
    return next((fill for fill in result.ledger.fills if fill.leg == j and fill.opens), None)


def entered(result: Result, j: int) -> datetime:
    """Return when an order first filled, or when it was due if it did not."""
    fill, due = entry(result, j), result.plan.orders[j].due
    assert due is not None
    return fill.fill_at if fill else due.at


def hold_of(result: Result, market: Market, thesis: Thesis, went: Sequence[int]) -> int:
    """Return N: the sessions that the leg that filled first was to be held, or was held."""
    if not went:
        return thesis.exit.hold or 1
    j = min(went, key=lambda j: (entered(result, j), j))
    order, into = result.plan.orders[j], session_of(result, market, j)
    scheduled = [] if order.hold is None else [order.hold]
    if order.exit is not None:
        scheduled.append(order.exit.session - into)
    if not scheduled:
        closes = market.sessions(market.instrument(order.symbol).calendar).closes.tolist()
        out = [fill.fill_at for fill in result.ledger.fills if fill.leg == j and not fill.opens]
        over = max(out) if out and not still_open(result, j) else instant(int(result.ledger.value_at[-1]))
        scheduled.append(next(n for n, at in enumerate(closes) if instant(at) >= over) - into)
    return max(min(scheduled), 1)


def still_open(result: Result, j: int) -> bool:
    """Say whether some shares of an order are never sold or covered."""
    return abs(sum(fill.shares for fill in result.ledger.fills if fill.leg == j)) > 1e-9


def session_of(result: Result, market: Market, j: int) -> int:
    """Return the session in which an order first filled."""
    order, at = result.plan.orders[j], entered(result, j)
    assert order.due is not None
    if order.due.at == at:
        return order.due.session
    # What is carried to an instant that is a close and an open fills at the close: section 6 of the rules.
    sessions = market.sessions(market.instrument(order.symbol).calendar)
    for auctions in (sessions.closes, sessions.opens):
        for n, ns in enumerate(auctions.tolist()):
            if instant(ns) == at:
                return n
    raise AssertionError(f"{order.symbol} filled at {at}, which is no auction")

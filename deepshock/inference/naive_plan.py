"""The naive rule of a thesis in one year, as a plan: the calendar is its source, and decides before each fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from deepshock.errors import Fault, PlanError
from deepshock.plan import CLOSE, LEG, Auction, Gate, Plan, PlannedOrder, Settings, auction, build, instant, nanoseconds
from deepshock.plan.timeline import last_session_to
from deepshock.thesis import NaiveRule, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

_SAID = ("corroborated by", "counter", "news", "claims", "trust", "wrong if", "alternatives", "contradicts", "note")
_LONGEST = 64 - len("-rival-2025")  # of a slug, the rest of the name


def plan_year(thesis: Thesis, rule: NaiveRule, year: int, market: Market, settings: Settings) -> Plan:
    """Plan the rule in one year: each leg is due at the close of its own venue's last session up to the first day.

    One instant cannot be followed by that close on every venue, because their holidays differ: New York trades on the
    31 January on which Hong Kong has been closed for days. So the dates are put into the orders.

    Parameters
    ----------
    thesis : Thesis
    rule : NaiveRule
    year : int
        In which it gets in.
    market : Market
    settings : Settings
        Capital and costs; the source is the calendar.

    Raises
    ------
    PlanError
        As of `build`, and where the data begin later.
    """
    first, last = rule.span(year)
    legs = [*rule.long, *rule.short] if rule.has_legs else [leg.symbol for leg in thesis.legs()]
    entries = {symbol: _entry(market, symbol, first) for symbol in legs}
    opens = [_open_of(market, symbol, entry) for symbol, entry in entries.items() if entry is not None]
    known = min(opens, default=datetime.combine(first, time(), UTC))
    plan = build(thesis.vary(_changes(thesis, rule, year, known, last)), market, settings)
    orders = tuple(_due(order, entries.get(order.symbol), market) for order in plan.orders)
    return replace(plan, orders=orders)


def _changes(thesis: Thesis, rule: NaiveRule, year: int, known: datetime, last: date) -> Mapping[str, Any]:
    """Return what makes the rule of one year out of its thesis."""
    changes: dict[str, Any] = {
        **dict.fromkeys((*_SAID, "rival")),
        "thesis": f"{thesis.name[:_LONGEST]}-rival-{year}",
        "source": {"publisher": "the calendar", "published": known},
        "events": {str(rule.until): {"at": last, "known": known}},
        "enter": {"at": "close", "within": thesis.enter.within},
        "exit": {"before": str(rule.until)},
    }
    if rule.has_legs:
        sides = {"long": dict(rule.long) or None, "short": dict(rule.short) or None}
        borrow = {symbol: tier for symbol, tier in thesis.borrow.items() if symbol in {*rule.long, *rule.short}}
        changes |= {**dict.fromkeys(("versus", "neutral", "weighting", "hedge")), **sides, "borrow": borrow or None}
    return changes


def _entry(market: Market, symbol: str, day: date) -> Auction | None:
    """Return the close of the last session on or before a day; None for what is never traded.

    Raises
    ------
    PlanError
        The calendar of the data begins later.
    """
    instrument = market.instrument(symbol)
    if not instrument.tradable:
        return None
    sessions = market.sessions(instrument.calendar)
    found = auction(sessions, last_session_to(sessions, day), CLOSE)
    if found is None:
        raise PlanError(Fault(symbol, f"the data begin on {market.start}, after {day}"))
    return found


def _open_of(market: Market, symbol: str, entry: Auction) -> datetime:
    return instant(int(market.sessions(market.instrument(symbol).calendar).opens[entry.session]))


def _due(order: PlannedOrder, entry: Auction | None, market: Market) -> PlannedOrder:
    """Put the auction of a leg into its order."""
    if entry is None or order.role != LEG:
        return order
    gate = Gate.of(market, market.instrument(order.symbol), order.side, order.tier, CLOSE)
    refused = gate.words(gate.refusal(entry.session, nanoseconds(order.decided_at)), market)
    return replace(order, due=entry, refused=refused)

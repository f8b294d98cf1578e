"""On what terms an order is sent, in plain English: Rule 201, borrow, recalls, the end of its instrument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Ints
from deepshock.plan.plan import Plan, PlannedOrder
from deepshock.plan.timeline import OPEN, day_number, instant
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

DAY_NS = 86_400_000_000_000
RESTRICTED = {
    "passive": "while restricted it is offered one tick above the last price",
    "wait": "while restricted it waits",
    "ignore": "it is sold as if nothing were restricted",
}


def short_lines(order: PlannedOrder, plan: Plan, market: Market) -> Iterator[str]:
    """Yield the terms of a short sale; nothing for an order that buys."""
    if order.side > 0 or order.refused:
        return
    from deepshock.market import under_rule_201  # costs a second, which those who only plan never pay

    instrument = market.instrument(order.symbol)
    if under_rule_201(instrument):
        yield f"Rule 201, uptick {order.uptick}: {RESTRICTED[order.uptick]}{_restricted(order, market)}"
    yield _borrow(order, plan, market)
    if instrument.calendar == "XHKG":
        yield _designated(order, plan, market)
    yield from _recalls(order, plan, market)


def end_lines(order: PlannedOrder, market: Market) -> Iterator[str]:
    """Yield the merger or delisting that is on file for an instrument, if it comes after the decision."""
    days = market.sessions(market.instrument(order.symbol).calendar).days
    final = market.actions.final(order.symbol, days)
    if final is None or days[final[0]] < day_number(order.decided_at.date()):
        return
    session, cash, kind = final
    paid = f"{cash:g} {market.instrument(order.symbol).currency} a share ({market.actions.name})"
    yield f"{kind} at the open of {_day(days[session])}, for {paid}: the position ends there"


def _restricted(order: PlannedOrder, market: Market) -> str:
    """Say whether Rule 201 restricts the auction at which an order is due; a hedge is due with its leg's fill."""
    if order.due is None:
        return ""
    due, known = order.due, market.known(order.symbol)
    at_open, at_close = (float(offer[due.session]) for offer in (known.offer_open, known.offer_close))
    offer = at_open if due.kind == OPEN else at_close
    # A close that the session before did not restrict is restricted by the low of its own session, or not.
    state = "is" if due.kind == OPEN or np.isfinite(at_open) else "as it turned out was"
    when = f"; the {due.word} of {due.at:%a %d %b %Y} {state}"
    if not np.isfinite(offer):
        return f"{when} not restricted"
    traded = offer * float(market.series(order.symbol).later_splits[due.session])
    currency = market.instrument(order.symbol).currency
    return f"{when} restricted{f': offered at {traded:.6g} {currency} or more' if order.uptick == 'passive' else ''}"


def _borrow(order: PlannedOrder, plan: Plan, market: Market) -> str:
    """State tier and rate on the day on which a short sale is due, with where they come from."""
    from deepshock.market import TIERS  # costs a second, which those who only plan never pay

    thesis = _thesis(order, plan)
    word = "the thesis's word" if order.symbol in thesis.borrow else "the default"
    own = f"borrow {order.tier} at {order.borrow:.2%} a year ({word})"
    if not market.lending.lists(order.symbol):
        return own
    if order.tier == "none":
        own = f"it cannot be borrowed ({word}), and what is open pays {order.borrow:.2%} a year"
    day = _due(order, plan, market)
    on, code = _day(day[0]), int(market.lending.tier(order.symbol, day)[0])
    if code < 0 and order.tier == "none":
        return f"cannot be borrowed on {on} ({word}; the borrow file has no row for it): the order waits"
    if code < 0:
        return f"{own}; the borrow file has no row for {on}, and counts on its own dates"
    if TIERS[code] == "none":
        return f"cannot be borrowed on {on} (borrow file): the order waits; on dates without a row, {own}"
    listed = float(market.lending.rate(order.symbol, day)[0])
    free = not any(plan.costs.borrow.values())
    rate = plan.costs.borrow[TIERS[code]] if np.isnan(listed) or free else listed
    by = f"borrow file on {on}{', the rate from the costs' if np.isnan(listed) or free else ''}"
    return f"borrow {TIERS[code]} at {rate:.2%} a year ({by}); on dates without a row, {own}"


def _designated(order: PlannedOrder, plan: Plan, market: Market) -> str:
    if not market.lending.has_designated:
        return "assumed to be designated for short sales in Hong Kong: no list was given"
    day = _due(order, plan, market)
    if market.lending.designated(order.symbol, day)[0]:
        return f"designated for short sales on {_day(day[0])} (list of designated securities)"
    return f"not designated for short sales on {_day(day[0])} (list of designated securities): the order waits"


def _recalls(order: PlannedOrder, plan: Plan, market: Market) -> Iterator[str]:
    """Yield the recalls on file from the due day on, and whether others are simulated."""
    days = market.sessions(market.instrument(order.symbol).calendar).days
    dated = replace(market.lending, hazard=None).recalled(order.symbol, days)
    found = [_day(day) for day in days[dated & (days >= _due(order, plan, market)[0])]]
    if found:
        yield f"recalled during {', '.join(found)} (recalls file): bought in at the next open, if open then"
    yield from market.lending.notes


def _due(order: PlannedOrder, plan: Plan, market: Market) -> Ints:
    """Return the label date of the session in which an order is due, of a hedge that of its leg, as an array of one."""
    leg = order if order.due else plan.orders[order.parent]
    assert leg.due is not None, f"{leg.symbol}: a leg that is sent is due"
    days = market.sessions(market.instrument(leg.symbol).calendar).days
    return days[leg.due.session : leg.due.session + 1]


def _thesis(order: PlannedOrder, plan: Plan) -> Thesis:
    return plan.members[order.group].thesis


def _day(day: int) -> str:
    return f"{instant(int(day) * DAY_NS):%a %d %b %Y}"

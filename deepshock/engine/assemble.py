"""Plan and market in, arrays out: the last place that knows names, dates and currencies by name."""

from __future__ import annotations

from dataclasses import dataclass

from deepshock.arrays import Floats, Ints, Money, Orders, Tape, Terms
from deepshock.engine.axes import traded_by
from deepshock.engine.charges import money_of, terms_of
from deepshock.engine.ground import DAY_NS, survey
from deepshock.engine.orders import first_sessions, orders_of
from deepshock.engine.tape import lay_out
from deepshock.market import Instrument, Market
from deepshock.plan import Plan, nanoseconds

LOOK_BACK_NS = 20 * DAY_NS
"""Rows before the first decision: enough to hold the valuation row before it, over any holiday."""


@dataclass(frozen=True)
class Assembly:
    """The kernel's arrays with the names of their axes."""

    tape: Tape
    orders: Orders
    terms: Terms
    money: Money
    instruments: tuple[Instrument, ...]
    currencies: tuple[str, ...]
    items: tuple[str, ...]
    row_at: Ints  # (R,) UTC nanoseconds
    fx_known: Ints  # (C, R) since when the rate of each row is known
    fx_next: Floats  # (C, R) the rate that became known next


def assemble(plan: Plan, market: Market) -> Assembly:
    """Lay a plan and its market out as arrays.

    Parameters
    ----------
    plan : Plan
        With at least one order that is not refused.
    market : Market

    Returns
    -------
    Assembly

    Raises
    ------
    LawError
        Venue law has no row for a date on which the plan may trade.
    MarketError
        An FX or policy rate is missing.
    """
    decided = min(nanoseconds(order.decided_at) for order in plan.orders if not order.refused)
    ground = survey(market, traded_by(plan), decided - LOOK_BACK_NS, plan.currency, plan.costs, plan.margin)
    layout = lay_out(market, ground, plan.costs, shortcuts=False)
    orders = orders_of(plan, market, layout)
    lag = orders.rule["lag"][orders.leg["thesis"]]
    items, terms = terms_of(plan.costs, layout.axes, first_sessions(orders.leg, lag, len(layout.axes)))
    return Assembly(
        layout.tape,
        orders,
        terms,
        money_of(plan.capital, plan.currency, plan.costs, plan.margin, layout.currencies),
        layout.instruments,
        layout.currencies,
        items,
        layout.row_at,
        layout.fx_known,
        layout.fx_next,
    )

"""What a tape stands on: sessions, rows and rates, and whatever can be missing of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.cost import CostSet, policy_rates
from deepshock.engine.axes import Axis, Rows, Traded, Venue, axes_of, currencies_of, merge, value_rows
from deepshock.errors import MarketError
from deepshock.market import Market
from deepshock.plan import margin_rates
from deepshock.thesis import Margin

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Ground:
    """What a tape stands on: its sessions, rows and rates; whatever can be missing is found out here."""

    axes: tuple[Axis, ...]
    venues: tuple[Venue, ...]
    place: Ints  # (I,) which of the venues each instrument trades on
    rows: tuple[Rows, ...]  # of each venue
    currencies: tuple[str, ...]
    row_at: Ints  # (R,) UTC nanoseconds
    row_day: Ints  # (R,) UTC date
    value_row: Ints  # (K,)
    days: Ints  # (N,)
    fx: Floats  # (C, R)
    fx_known: Ints  # (C, R)
    fx_next: Floats  # (C, R)
    dollar: Floats  # (K,)
    policy: Floats  # (C, N)


def survey(
    market: Market, traded: Sequence[Traded], start_ns: int, base: str, costs: CostSet, margin: Margin
) -> Ground:
    """Find the sessions, rows and rates of what is traded.

    Parameters
    ----------
    market : Market
    traded : sequence of Traded
    start_ns : int
        Sessions that close after it, up to the end of the data.
    base : str
        Currency of the account.
    costs : CostSet
        Says whether there is interest.
    margin : Margin
        Says whether dollars have to be translated.

    Raises
    ------
    LawError, CostError, MarketError
        A settlement cycle, a policy rate or an exchange rate is missing.
    """
    axes = axes_of(market, traded, start_ns)
    number = {venue: v for v, venue in enumerate(dict.fromkeys(axis.venue for axis in axes))}
    venues = tuple(number)
    keys, rows = merge(venues)
    row_at = keys // 2
    row_day = row_at // DAY_NS
    currencies = currencies_of(base, (axis.instrument for axis in axes))
    fx, fx_known, fx_next = _rates(market, currencies, base, row_at)
    value_row = value_rows(venues, rows, row_day)
    days = np.arange(int(row_day[0]) - 1, max(int(row_day[-1]), *(int(venue.settle.max()) for venue in venues)) + 2)
    return Ground(
        axes=axes,
        venues=venues,
        place=np.array([number[axis.venue] for axis in axes]),
        rows=tuple(rows),
        currencies=currencies,
        row_at=row_at,
        row_day=row_day,
        value_row=value_row,
        days=days,
        fx=fx,
        fx_known=fx_known,
        fx_next=fx_next,
        dollar=_dollar(market, traded, base, margin, row_at[value_row]),
        policy=np.vstack([_policy(costs, currency, days) for currency in currencies]),
    )


def _rates(market: Market, currencies: Sequence[str], base: str, row_at: Ints) -> tuple[Floats, Ints, Floats]:
    found = [market.fx.rate(currency, base, row_at) for currency in currencies]
    rate, known, following = (np.ascontiguousarray(np.vstack(part)) for part in zip(*found, strict=True))
    return rate, known, following


def _policy(costs: CostSet, currency: str, days: Ints) -> Floats:
    """Return the policy rates; a run without interest needs none, so a currency without a table may still trade."""
    return policy_rates(currency, days) if costs.financing.on else np.zeros(len(days))


def _dollar(market: Market, traded: Sequence[Traded], base: str, margin: Margin, row_at: Ints) -> Floats:
    """Return base per US dollar on the given rows, where margin floors need it."""
    rates = margin_rates(margin)
    floors = rates is not None and rates.floor > 0.0
    if base == "USD" or not floors or not any(one.short for one in traded):
        return np.ones(len(row_at))
    try:
        return market.fx.rate("USD", base, row_at)[0]
    except MarketError as error:
        why = f"margin {margin.rule} has floors in US dollars for a share sold short, but "
        remedy = "add USD to the rates, or write margin: none, or rates of your own"
        raise MarketError(
            replace(fault, problem=why + fault.problem, remedy=remedy) for fault in error.faults
        ) from error

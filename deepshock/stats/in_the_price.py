"""Already in the price: how much of a leg's move was missed, went by to the first fill, and could be traded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.engine import Fill, Ledger
from deepshock.plan import HEDGE, Plan, instant, nanoseconds
from deepshock.stats.exposure import is_open

if TYPE_CHECKING:
    from deepshock.market import Market


@dataclass(frozen=True)
class PriceSplit:
    """One leg's move, signed by its side (positive is good for the leg), each part over P0.

    Parameters
    ----------
    leg : int
        Index of the order in the plan.
    symbol : str
    side : int
        +1 long, -1 short.
    missed : float
        From the last auction at or before ``news`` to the last at or before ``known``: nobody who waited to know
        could have it.
    gap : float
        From there to the first fill.
    tradable : float
        From the first fill to the last exit, or to the last mark of a position that is still open; nan if nothing
        filled.
    stale : bool
        Whether P0 is not of the venue's latest session.
    """

    leg: int
    symbol: str
    side: int
    missed: float
    gap: float
    tradable: float
    stale: bool


def price_splits(plan: Plan, ledger: Ledger, market: Market) -> tuple[PriceSplit, ...]:
    """Split the move of every leg of a plan that has auctions; hedges are not part of a belief and are left out."""
    fills: dict[int, list[Fill]] = {}
    for fill in ledger.fills:
        fills.setdefault(fill.leg, []).append(fill)
    return tuple(
        _split(j, plan, fills.get(j, []), ledger, market)
        for j, order in enumerate(plan.orders)
        if order.role != HEDGE and market.instrument(order.symbol).tradable
    )


def _split(j: int, plan: Plan, fills: Sequence[Fill], ledger: Ledger, market: Market) -> PriceSplit:
    order = plan.orders[j]
    member = plan.members[order.group]
    at = np.array([nanoseconds(member.news), nanoseconds(member.known_at)])
    prices, ages = last_prices(market, order.symbol, at)
    p0, p1 = prices.tolist()
    nan = math.nan
    p2 = fills[0].price if fills else nan
    p3 = nan
    if fills:
        p3 = fills[-1].price if not is_open(j, fills) else last_price(market, order.symbol, _end(ledger))[0]
    side = order.side
    return PriceSplit(
        j, order.symbol, side, side * (p1 - p0) / p0, side * (p2 - p1) / p0, side * (p3 - p2) / p0, bool(ages[0] > 0)
    )


def benchmark_return(plan: Plan, ledger: Ledger, market: Market) -> float:
    """Return what the price of a thesis's benchmark did over a run's valuation rows (own currency); nan without one."""
    symbol = None if plan.is_book else plan.members[0].thesis.benchmark
    if symbol is None or not ledger.fills:
        return math.nan
    first, _ = last_price(market, symbol, instant(ledger.start_at))
    last, _ = last_price(market, symbol, _end(ledger))
    return last / first - 1.0


def _end(ledger: Ledger) -> datetime:
    return instant(int(ledger.value_at[-1]))


def last_price(market: Market, symbol: str, at: datetime) -> tuple[float, int]:
    """Return the last auction price at or before an instant, and its age in sessions of the venue.

    The age is 0 for a price of the latest session; nan and 0 come back before the first price.
    """
    price, age = last_prices(market, symbol, np.array([nanoseconds(at)]))
    return float(price[0]), int(age[0])


def last_prices(market: Market, symbol: str, at: Ints) -> tuple[Floats, Ints]:
    """Return the last auction price at or before each instant, and its age in sessions of the venue.

    Parameters
    ----------
    market : Market
    symbol : str
    at : ndarray of shape (n,), int64
        Nanoseconds UTC.

    Returns
    -------
    price : ndarray of shape (n,), float64
        Local currency; nan before the first price.
    age : ndarray of shape (n,), int64
        0 for a price of the latest session, and before the first price.
    """
    auctions = market.known(symbol)
    prices, known = auctions.auction_price, auctions.priced
    latest = auctions.auction_at.searchsorted(at, side="right") - 1  # the open of session s is 2 s
    place = known.searchsorted(latest, side="right") - 1
    found = known[np.maximum(place, 0)] if known.size else np.zeros_like(place)
    there = place >= 0
    return np.where(there, prices[found], np.nan), np.where(there, _age(found, latest), 0)


def _age(found: Ints, latest: Ints) -> Ints:
    """Return how many sessions lie between auctions and the latest of their kind."""
    return np.asarray((latest - found) // 2)

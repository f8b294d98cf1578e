"""Already in the price: how much of a leg's move was missed, went by to the first fill, and could be traded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from deepshock.engine import Fill, Ledger
from deepshock.plan import HEDGE, Plan, instant, nanoseconds

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
    return tuple(
        _split(j, plan, ledger, market)
        for j, order in enumerate(plan.orders)
        if order.role != HEDGE and market.instrument(order.symbol).tradable
    )


def _split(j: int, plan: Plan, ledger: Ledger, market: Market) -> PriceSplit:
    order = plan.orders[j]
    member = plan.members[order.group]
    p0, age = last_price(market, order.symbol, member.news)
    p1, _ = last_price(market, order.symbol, member.known_at)
    fills = [fill for fill in ledger.fills if fill.leg == j]
    nan = math.nan
    p2 = fills[0].price if fills else nan
    p3 = nan
    if fills:
        p3 = fills[-1].price if _closed(fills) else last_price(market, order.symbol, _end(ledger))[0]
    side = order.side
    return PriceSplit(
        j, order.symbol, side, side * (p1 - p0) / p0, side * (p2 - p1) / p0, side * (p3 - p2) / p0, age > 0
    )


def _closed(fills: Sequence[Fill]) -> bool:
    """Return whether nothing is left of a position, float noise aside."""
    return abs(sum(fill.shares for fill in fills)) <= 1e-9 * max(abs(fill.shares) for fill in fills)


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
    sessions, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    ns = nanoseconds(at)
    opened = int(np.searchsorted(sessions.opens, ns, side="right"))
    closed = int(np.searchsorted(sessions.closes, ns, side="right"))
    opens = np.where(series.halted, np.nan, series.open)[:opened]  # no auction opened a halted session
    closes = series.close[:closed]
    o = int(np.flatnonzero(np.isfinite(opens))[-1]) if np.isfinite(opens).any() else -1
    c = int(np.flatnonzero(np.isfinite(closes))[-1]) if np.isfinite(closes).any() else -1
    if max(o, c) < 0:
        return math.nan, 0
    if o > c:
        return float(opens[o]), opened - 1 - o
    return float(closes[c]), closed - 1 - c

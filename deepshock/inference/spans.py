"""Which legs of a result count in which window, and from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepshock.arrays import Reason
from deepshock.inference.measured import Leg
from deepshock.inference.returns import Held
from deepshock.plan import HEDGE, instant, nanoseconds
from deepshock.stats.exposure import is_open
from deepshock.stats.in_the_price import last_price

if TYPE_CHECKING:
    from deepshock.engine import Fill
    from deepshock.market import Market
    from deepshock.result import Result

NEWS, HELD = "news", "held"
BY_PRICE = (Reason.STOP, Reason.TARGET, Reason.TRAILING, Reason.DRAWDOWN, Reason.MARGIN_CALL)


@dataclass(frozen=True)
class Span:
    """One window of a thesis.

    Parameters
    ----------
    kind : str
        ``news`` or ``held``.
    words : str
        What it is, in words.
    legs : tuple of Leg
    without : str
        What is said where there are none.
    notes : tuple of str
    """

    kind: str
    words: str
    legs: tuple[Leg, ...]
    without: str
    notes: tuple[str, ...] = ()


def spans(result: Result, market: Market, group: int) -> Iterator[Span]:
    """Yield the two windows of a thesis in a result: what was missed, and what was held.

    Parameters
    ----------
    result : Result
    market : Market
    group : int
        Its number in the plan.
    """
    member = result.plan.members[group]
    orders = {
        j: order
        for j, order in enumerate(result.plan.orders)
        if order.group == group and order.role != HEDGE and market.instrument(order.symbol).tradable
    }
    news, known = member.news, member.known_at
    missed = Held(nanoseconds(news), nanoseconds(known))
    words = (
        f"sessions that ended after the news ({news:%Y-%m-%d %H:%MZ}) and before it was known ({known:%Y-%m-%d %H:%MZ})"
    )
    named = tuple(Leg(order.symbol, order.side, missed) for order in orders.values())
    yield Span(NEWS, words, named, "it has no leg that can be traded")
    fills = {j: [fill for fill in result.ledger.fills if fill.leg == j] for j in orders}
    filled = {j: found for j, found in fills.items() if found}
    legs = tuple(Leg(orders[j].symbol, orders[j].side, _held(result, market, j, filled[j])) for j in filled)
    yield Span(HELD, "from the first fill to the last exit", legs, "nothing was filled", tuple(_ended(filled)))


def _held(result: Result, market: Market, j: int, fills: list[Fill]) -> Held:
    """Return when a leg was held: from its first fill to its last exit, or to the last mark if it is still open."""
    first, last = fills[0], fills[-1]
    if not is_open(j, fills):
        return Held(nanoseconds(first.fill_at), nanoseconds(last.fill_at), (first.price, last.price))
    end = int(result.ledger.value_at[-1])
    return Held(nanoseconds(first.fill_at), end, (first.price, last_price(market, first.symbol, instant(end))[0]))


def _ended(filled: dict[int, list[Fill]]) -> Iterator[str]:
    """Yield what to say of legs that left because of what their own price did."""
    symbols = [fills[-1].symbol for fills in filled.values() if fills[-1].kind in BY_PRICE]
    if symbols:
        yield f"{', '.join(symbols)} left because of its price: a window that ends so has no p-value to speak of"

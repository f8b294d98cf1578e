"""How much money an idea takes: its edge against capital, and the capital at which half of it, or all, is gone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from deepshock.cost import CostSet, as_cost_set
from deepshock.errors import Fault, UsageError
from deepshock.pipeline import run
from deepshock.plan import LEG, costs_of
from deepshock.result import Result
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from deepshock.market import Market

DECADES = tuple(step / 2 for step in range(-2, 11))  # from a tenth of the thesis's own capital to 100,000 times it
FINE = 0.01  # relative, of a crossing


@dataclass(frozen=True)
class CapacityPoint:
    """What a thesis made with one capital.

    Parameters
    ----------
    capital : float
        Base currency.
    net_return, excess_return : float
        Of the capital; excess is net less the policy rate.
    impact : float
        Cost of impact over the capital.
    filled : float
        Value of the entries that filled, over what was to be sent.
    """

    capital: float
    net_return: float
    excess_return: float
    impact: float
    filled: float


@dataclass(frozen=True)
class Capacity:
    """Edge against capital.

    Parameters
    ----------
    name, currency : str
    edge : float
        Of the idea: excess return at its own capital, without impact and without the participation cap.
    points : tuple of CapacityPoint
        By capital, ascending.
    half, gone : float
        Capital at which the excess return is half of ``edge``, and nil; nan where the curve does not cross it.
    reason : str
        Why one of them is not known, empty if both are.
    """

    name: str
    currency: str
    edge: float
    points: tuple[CapacityPoint, ...]
    half: float
    gone: float
    reason: str = ""

    def frame(self) -> pd.DataFrame:
        """Return the curve as a table indexed by capital."""
        import pandas as pd

        return pd.DataFrame([vars(point) for point in self.points]).set_index("capital")

    def document(self) -> dict[str, Any]:
        """Return the curve as plain values for JSON; what is not known is None."""
        return {
            "name": self.name,
            "currency": self.currency,
            "edge": self.edge,
            "half": None if math.isnan(self.half) else self.half,
            "gone": None if math.isnan(self.gone) else self.gone,
            "reason": self.reason or None,
            "points": [vars(point) for point in self.points],
        }


def capacity(
    thesis: Thesis | Book,
    market: Market,
    *,
    grid: Iterable[float] | None = None,
    source: str | None = None,
    costs: str | Path | CostSet | None = None,
) -> Capacity:
    """Measure how the edge of a thesis shrinks with capital.

    Parameters
    ----------
    thesis : Thesis or Book
    market : Market
    grid : sequence or array of float, optional
        Capitals, ascending; by default half decades from a tenth of the thesis's own to 100,000 times it.
    source, costs
        As of ``deepshock.run``. The participation cap is ``costs.participation``; lift it to see what impact alone
        leaves.

    Returns
    -------
    Capacity

    Raises
    ------
    UsageError
        The grid is not ascending or not positive, or the thesis cannot run.
    DeepshockError
        As of ``deepshock.run``.

    Notes
    -----
    None of its runs counts as a try: how much money is in it is nothing that is chosen by what it made. Impact and cap
    rest on the volatility and volume known before each fill: docs/rules.md, section 19.
    """
    chosen = as_cost_set(costs) or costs_of(thesis)
    capitals = _capitals(thesis, grid)
    if len(capitals) < 2 or not all(0.0 < low < high < math.inf for low, high in pairwise(capitals)):
        raise UsageError(Fault("grid", "the capitals are not positive and ascending", "give for example 1e6, 1e7, 1e8"))

    def at(capital: float) -> CapacityPoint:
        return _point(run(thesis, market, source=source, capital=capital, costs=chosen, registry=False))

    free = replace(chosen.without("impact"), participation=math.inf)
    ideal = run(thesis, market, source=source, costs=free, registry=False)
    if not ideal.ledger.fills:
        said = ideal.plan.reason or "; ".join(f"{u.symbol} {u.reason}" for u in ideal.ledger.unfilled)
        raise UsageError(Fault(thesis.name, f"nothing of it trades: {said}", "measure the capacity of one that does"))
    edge = ideal.performance.excess_return
    points = tuple(at(capital) for capital in capitals)
    if not edge > 0.0:
        reason = f"there is no edge to lose: the excess return is {edge:.2%} even without impact"
        return Capacity(thesis.name, ideal.plan.currency, edge, points, math.nan, math.nan, reason)
    half, gone = _crossing(points, edge / 2.0, at), _crossing(points, 0.0, at)
    return Capacity(thesis.name, ideal.plan.currency, edge, points, half, gone, _unknown(points, edge, half, gone))


def _capitals(thesis: Thesis | Book, grid: Iterable[float] | None) -> tuple[float, ...]:
    if grid is None:
        return tuple(thesis.capital.amount * 10.0**step for step in DECADES)
    return tuple(float(capital) for capital in grid)


def _point(result: Result) -> CapacityPoint:
    capital = result.plan.capital
    orders = [order for order in result.plan.orders if order.role == LEG and not order.refused]
    legs = {j for j, order in enumerate(result.plan.orders) if order.role == LEG}
    asked = sum(abs(order.size) for order in orders) * capital
    filled = sum(abs(f.shares) * f.price * f.fx for f in result.ledger.fills if f.opens and f.leg in legs)
    made = result.performance
    paid = result.ledger.costs_by_name.get("impact", 0.0)
    return CapacityPoint(capital, made.net_return, made.excess_return, paid / capital, filled / asked)


def _crossing(points: Sequence[CapacityPoint], level: float, at: Callable[[float], CapacityPoint]) -> float:
    """Return the capital at which the edge first falls to a level, by bisection in its logarithm; nan if it never does.

    Where it is there from the first point on, nobody knows where it crossed.
    """
    if not points[0].excess_return > level:
        return math.nan
    for before, after in pairwise(points):
        if after.excess_return <= level:
            low, high = before.capital, after.capital
            while high / low > 1.0 + FINE:
                middle = math.sqrt(low * high)
                low, high = (middle, high) if at(middle).excess_return > level else (low, middle)
            return high
    return math.nan


def _unknown(points: Sequence[CapacityPoint], edge: float, half: float, gone: float) -> str:
    """Say why a crossing is not known."""
    if not points[0].excess_return > edge / 2.0:
        return f"less than half of the edge is left at {points[0].capital:,.0f} already; begin the grid lower"
    last = points[-1]
    where = f"up to {last.capital:,.0f}, where {last.filled:.1%} of the orders fill"
    if math.isnan(half):
        return f"the edge does not halve {where}"
    return f"the edge is not gone {where}" if math.isnan(gone) else ""

"""Where a result came from: every line of profit and loss by leg, component and day, to the cent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from deepshock.arrays import Component, Floats
from deepshock.engine import CREDIT, DEBIT, Ledger
from deepshock.plan import Plan, beta, nanoseconds
from deepshock.stats.in_the_price import last_prices

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market

ACCOUNT = "account"
SPLITS = ("gap", "tradable", "beta", "alpha")
COLUMNS = {
    Component.PRICE: "price",
    Component.FX: "fx",
    Component.DIVIDEND: "dividend",
    Component.REBATE: "short rebate",
}


class Attributable(Protocol):
    """What a result knows of itself."""

    @property
    def plan(self) -> Plan:
        """What was sent."""

    @property
    def ledger(self) -> Ledger:
        """What happened."""

    @property
    def market(self) -> Market | None:
        """What it happened on."""


def attribution(result: Attributable) -> pd.DataFrame:
    """Attribute the change of NAV to legs, components and days.

    Parameters
    ----------
    result : Result

    Returns
    -------
    DataFrame
        One line per valuation row and leg, and one of the account (its cash interest, leg -1), indexed by
        (at, leg, thesis, symbol); hedges are legs. Base currency, signed, so that costs are negative. The columns:

        price
            Of the position. It is the sum of ``gap`` (from the last price before a session to its open: nobody could
            act on it) and ``tradable`` (the rest), and also of ``beta`` (beta x what the thesis's benchmark did x the
            value held) and ``alpha`` (the rest); these two are nan where there is no benchmark, or no beta.
        fx, dividend, short rebate
        each cost that was paid, by name
        credit interest, debit interest
        total
            The sum of all but the four parts of ``price``; over a row it is the change of NAV.

    Notes
    -----
    The rules are in docs/rules.md, section 18. The beta is that of the 250 returns before the decision. Sums over any
    level of the index are sums of money: ``attribution(result).groupby("symbol").sum(min_count=1)``.
    """
    import pandas as pd

    ledger = result.ledger
    paid = [m for m in range(len(ledger.items)) if ledger.costs[:, :, m].any()]
    names = [*COLUMNS.values(), *(ledger.items[m] for m in paid), CREDIT, DEBIT]
    table = np.zeros((len(ledger.value_at), len(ledger.legs) + 1, len(names)))
    for place, component in enumerate(COLUMNS):
        table[:, :-1, place] = ledger.lines[:, :, component]
    table[:, :-1, len(COLUMNS) : -2] = -ledger.costs[:, :, paid]
    table[:, -1, -2:] = ledger.interest
    frame = pd.DataFrame(table.reshape(-1, len(names)), index=_index(ledger), columns=names)
    for place, (name, values) in enumerate(_parts_of_price(result), start=1):
        frame.insert(place, name, values.ravel())
    frame["total"] = frame[names].sum(axis=1)
    return frame


def _index(ledger: Ledger) -> pd.MultiIndex:
    import pandas as pd

    at = pd.DatetimeIndex(ledger.value_at.astype("datetime64[ns]"), tz="UTC")
    legs = [*((j, ledger.theses[j], symbol) for j, symbol in enumerate(ledger.legs)), (-1, "", ACCOUNT)]
    rows = [(when, *leg) for when in at for leg in legs]
    return pd.MultiIndex.from_tuples(rows, names=["at", "leg", "thesis", "symbol"])


def _parts_of_price(result: Attributable) -> Iterator[tuple[str, Floats]]:
    """Yield the two splits of the price line, each of shape (n_rows, n_legs + 1); the account has no price."""
    ledger = result.ledger
    price = ledger.lines[:, :, Component.PRICE]
    moved = np.zeros_like(price)
    for j in range(len(ledger.legs)):
        moved[:, j] = _beta_pnl(result, j)
    for name, part in zip(SPLITS, (ledger.gap, price - ledger.gap, moved, price - moved), strict=True):
        yield name, np.hstack([part, np.zeros((len(part), 1))])


def _beta_pnl(result: Attributable, j: int) -> Floats:
    """Return what the benchmark's moves made of one leg on each valuation row, at the beta known at its decision."""
    plan, ledger, market = result.plan, result.ledger, result.market
    order = plan.orders[j]
    benchmark = plan.members[order.group].thesis.benchmark
    found = np.zeros(len(ledger.value_at))
    points = _points(ledger, j)
    if not points:
        return found
    if benchmark is None or market is None or math.isnan(slope := _slope(market, order.symbol, benchmark, plan, j)):
        return np.full(len(found), math.nan)
    at, values = zip(*points, strict=True)
    levels, _ = last_prices(market, benchmark, np.array(at, np.int64))
    moves = slope * np.array(values)[:-1] * (levels[1:] / levels[:-1] - 1.0)
    np.add.at(found, np.searchsorted(ledger.value_at, np.array(at[1:], np.int64)), moves)
    return found


def _slope(market: Market, symbol: str, benchmark: str, plan: Plan, j: int) -> float:
    return beta(market, symbol, benchmark, plan.orders[j].decided_at).value


def _points(ledger: Ledger, j: int) -> list[tuple[int, float]]:
    """Return (instant, value held from then on in base currency) at each fill and valuation row of a leg's life."""
    fills = [fill for fill in ledger.fills if fill.leg == j]
    if not fills:
        return []
    steps: list[tuple[int, int, Any]] = [(nanoseconds(fill.fill_at), 0, fill) for fill in fills]
    steps += [(int(at), 1, k) for k, at in enumerate(ledger.value_at) if at >= steps[0][0]]
    held, points = 0.0, []
    for at, kind, what in sorted(steps, key=lambda step: step[:2]):
        held += what.shares if kind == 0 else 0.0
        price, fx = (what.price, what.fx) if kind == 0 else (ledger.marks[what, j], ledger.fx[what, j])
        points.append((at, held * price * fx if held else 0.0))
    return points


def unexplained(result: Attributable) -> Floats:
    """Return, for each valuation row, the change of NAV less the sum of all lines, over the capital.

    Returns
    -------
    ndarray of shape (n_rows,)
        Float noise: the identity holds to 1e-9.
    """
    ledger = result.ledger
    lines = ledger.lines.sum(axis=(1, 2)) - ledger.costs.sum(axis=(1, 2)) + ledger.interest.sum(axis=1)
    return np.asarray((np.diff(ledger.nav, prepend=ledger.capital) - lines) / ledger.capital)

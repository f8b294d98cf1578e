"""How much of the benchmark is in a thesis: beta of each leg with its standard error, and of the whole book."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.inference.returns import model_of
from deepshock.inference.study_document import plain
from deepshock.plan import BETA_LEAST, HEDGE, Beta, Pair, Plan, PlannedOrder, nanoseconds
from deepshock.plan.ratios import BETA_WINDOW
from deepshock.stats.event_study.models import DIMSON

if TYPE_CHECKING:
    from deepshock.market import Market

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class LegBeta:
    """Beta of one leg to the benchmark, as known at its decision.

    Parameters
    ----------
    symbol : str
    weight : float
        Signed share of the NAV, as planned.
    beta, se : float
        Least squares, and its standard error; nan where ``reason`` says why.
    n : int
        Returns behind them.
    note : str
        What is doubtful about it, else empty.
    reason : str
    """

    symbol: str
    weight: float
    beta: float
    se: float
    n: int
    note: str = ""
    reason: str = ""

    @property
    def is_thin(self) -> bool:
        """Whether it rests on fewer returns than the full window."""
        return not self.reason and self.n < BETA_WINDOW


@dataclass(frozen=True)
class NetBeta:
    """Beta of the book: the sum of weight x beta.

    Parameters
    ----------
    beta, se : float
        Of the NAV as planned; nan where ``reason`` says why.
    reason : str
    """

    beta: float
    se: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class _Line:
    """Least squares of one leg: dates of its returns, what is explained and what is left, both about their means."""

    begins: Ints
    ends: Ints
    x: Floats
    rest: Floats

    @property
    def spread(self) -> float:
        return float(self.x @ self.x)


def betas(market: Market, plan: Plan, benchmark: str) -> tuple[tuple[LegBeta, ...], NetBeta]:
    """Return the beta of each leg that is sent, and of all together.

    Parameters
    ----------
    market : Market
    plan : Plan
        Of one thesis; its hedges do not count.
    benchmark : str

    Notes
    -----
    The same 250 returns as `deepshock.plan.beta`, and so the same slope: those that end before the decision. With
    deviations x of the benchmark and residuals e of n returns,

        se^2 = sum e^2 / (n - 2) / sum x^2,
        cov(b_i, b_j) = sum e_i e_j / (m - 2) x sum x_i x_j / (sum x_i^2 sum x_j^2),

    the sums over two legs being of the m returns that begin and end on the same dates. The variance of the net beta is
    w' cov w. Where all legs are known on the same dates that is the regression of the book (Zellner 1962: with equal
    regressors, equations that seem unrelated are fitted one by one).
    """
    orders = [order for order in plan.orders if order.role != HEDGE and not order.refused]
    lines = [_line(market, order, benchmark) for order in orders]
    legs = tuple(_leg(market, order, benchmark, *line) for order, line in zip(orders, lines, strict=True))
    return legs, _net(legs, [line for _, line in lines if line])


def _line(market: Market, order: PlannedOrder, benchmark: str) -> tuple[Beta, _Line | None]:
    """Return the beta of a leg, and what it was fitted to if it could be."""
    pair = Pair.of(market, order.symbol, benchmark)
    closes = int(pair.closes(np.array(nanoseconds(order.decided_at))))
    found = pair.beta(closes)
    if math.isnan(found.value):
        return found, None
    used = slice(max(closes - 1 - BETA_WINDOW, 0), closes - 1)
    y, x = (values[used] - values[used].mean() for values in (pair.own, pair.other))
    dates = (pair.known_ns - 1) // DAY_NS  # a 24/7 session ends as the next date begins
    return found, _Line(dates[used], dates[1:][used], x, y - found.value * x)


def _leg(market: Market, order: PlannedOrder, benchmark: str, found: Beta, line: _Line | None) -> LegBeta:
    if line is None:
        few = f"it has {found.n} daily returns beside {benchmark} before the decision, and {BETA_LEAST} are needed"
        reason = few if found.n < BETA_LEAST else f"{benchmark} did not move"
        return LegBeta(order.symbol, order.size, math.nan, math.nan, found.n, reason=reason)
    model, because = model_of(market, order.symbol, benchmark)
    note = f"it {because}: its beta by date is too small" if model.kind == DIMSON else ""
    se = math.sqrt(float(line.rest @ line.rest) / (found.n - 2) / line.spread)
    return LegBeta(order.symbol, order.size, found.value, se, found.n, note)


def _net(legs: Sequence[LegBeta], lines: Sequence[_Line]) -> NetBeta:
    if not legs:
        return NetBeta(math.nan, math.nan, "no leg is sent")
    if unknown := [leg.symbol for leg in legs if leg.reason]:
        return NetBeta(math.nan, math.nan, f"the beta of {', '.join(unknown)} is not known")
    weights = np.array([leg.weight for leg in legs])
    covariance = np.array([[_covariance(a, b) for b in lines] for a in lines])
    return NetBeta(
        float(weights @ np.array([leg.beta for leg in legs])), math.sqrt(float(weights @ covariance @ weights))
    )


def _covariance(a: _Line, b: _Line) -> float:
    """Return the covariance of two slopes, from the returns that begin and end on the same dates."""
    _, i, j = np.intersect1d(a.ends, b.ends, assume_unique=True, return_indices=True)
    same = a.begins[i] == b.begins[j]
    i, j = i[same], j[same]
    if len(i) < 3:
        return 0.0
    shared = float(a.rest[i] @ b.rest[j]) / (len(i) - 2)
    return shared * float(a.x[i] @ b.x[j]) / (a.spread * b.spread)


def document(legs: Sequence[LegBeta], net: NetBeta) -> dict[str, Any]:
    """Return betas as plain values for JSON; what is not known is None."""
    lines = [{name: plain(value) for name, value in vars(leg).items()} | {"thin": leg.is_thin} for leg in legs]
    return {"legs": lines, "net": {name: plain(value) for name, value in vars(net).items()}}

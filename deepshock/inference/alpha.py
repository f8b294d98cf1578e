"""What a run made beyond the benchmark in it: its excess P&L in parts, and the daily returns that beta leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats
from deepshock.cost import accrued
from deepshock.engine import CREDIT, DEBIT
from deepshock.errors import StatisticsError
from deepshock.inference.study_document import plain
from deepshock.plan import beta, nanoseconds
from deepshock.stats import attribution
from deepshock.stats.performance import LEAST_OBSERVATIONS
from deepshock.stats.resample import bootstrap_interval

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market
    from deepshock.result import Result

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Split:
    """The excess P&L of a run in parts, base currency, signed.

    Parameters
    ----------
    beta : float
        Of the benchmark's moves: beta x move x value held, over all legs; nan where ``reason`` says why.
    alpha : float
        The rest of what prices did; nan likewise.
    price : float
        Of the two together.
    fx, dividends : float
    costs : float
        Negative or nil; borrow and conversion are in it.
    financing : float
        Interest on cash and collateral, less what the capital would have earned at the policy rate.
    excess : float
        The sum of price, fx, dividends, costs and financing.
    reason : str
        Why beta and alpha are not told apart.
    """

    beta: float
    alpha: float
    price: float
    fx: float
    dividends: float
    costs: float
    financing: float
    excess: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Alpha:
    """The daily return that is left when beta is taken off, after all costs.

    Parameters
    ----------
    mean, low, high : float
        Of a valuation row, as fractions of the NAV, with the percentile interval of the stationary bootstrap; nan where
        ``reason`` says why.
    level : float
        Of the interval.
    n_obs : int
        Valuation rows from the first fill to the last exit.
    block_length : int
        Mean length of a block; 0 where there is none.
    returns : ndarray of shape (n_obs,)
    reason : str
    """

    mean: float
    low: float
    high: float
    level: float
    n_obs: int
    block_length: int
    returns: Floats = field(repr=False)
    reason: str = ""


def split_of(result: Result) -> Split:
    """Split the excess P&L of a run; the parts of price are those of `deepshock.attribution`."""
    table = attribution(result)
    sums, made = table.sum(skipna=False), result.performance
    price, fx, dividends, net = (float(sums[name]) for name in ("price", "fx", "dividend", "total"))
    interest = float(sums["short rebate"] + sums[CREDIT] + sums[DEBIT])
    foregone = made.net_pnl - made.excess_pnl
    return Split(
        float(sums["beta"]),
        float(sums["alpha"]),
        price,
        fx,
        dividends,
        net - price - fx - dividends - interest,
        interest - foregone,
        made.excess_pnl,
        unknown(table),
    )


def unknown(table: pd.DataFrame) -> str:
    """Return why an attribution does not tell beta from alpha; empty where it does."""
    missing = table["beta"].isna().groupby(level="symbol").any()
    symbols = ", ".join(map(str, missing.index[missing]))
    return f"the beta of {symbols} is not known" if symbols else ""


def alpha_of(result: Result, market: Market, *, level: float = 0.95, n_resamples: int = 2000, seed: int = 0) -> Alpha:
    """Measure the daily alpha of a run.

    Parameters
    ----------
    result : Result
        With fills, and with the market that it was run on.
    market : Market
    level, n_resamples, seed
        As of `bootstrap_interval`.

    Notes
    -----
    Of each valuation row from the first fill to the last exit, with the NAV before it, B what the benchmark's moves
    made of the positions held (beta x move x value, from each fill on), E the sum of beta x value over that NAV, and r
    what one unit earns at the policy rate over the nights between:

        a = (change of NAV - B) / NAV - r (1 - E).

    For one fixed beta b that is Jensen's (1968) alpha, (R - r) - b (R_m - r). The nights begin with the date of the
    first fill, and r is nil where the costs have no interest. Beta is taken as given: its own error is not in the
    interval.
    """
    table = attribution(result)
    made = _returns(result, market, table)
    n, nan = len(made), math.nan
    if why := unknown(table):
        return Alpha(nan, nan, nan, level, n, 0, made, why)
    if n < LEAST_OBSERVATIONS:
        return Alpha(nan, nan, nan, level, n, 0, made, f"{n} observations, {LEAST_OBSERVATIONS} are needed")
    try:
        found = bootstrap_interval(made, np.mean, level=level, n_resamples=n_resamples, seed=seed)
    except StatisticsError as error:
        return Alpha(nan, nan, nan, level, n, 0, made, error.faults[0].problem)
    return Alpha(found.estimate, found.low, found.high, level, n, found.block_length, made)


def _returns(result: Result, market: Market, table: pd.DataFrame) -> Floats:
    """Return what each valuation row made beyond beta and the policy rate; nan where a beta is not known."""
    ledger = result.ledger
    before = np.concatenate([[ledger.capital], ledger.nav[:-1]])
    moved = table["beta"].to_numpy().reshape(len(ledger.nav), -1).sum(axis=1)
    days = np.append(nanoseconds(ledger.fills[0].fill_at), ledger.value_at) // DAY_NS
    earned = np.zeros(len(moved))
    if result.plan.costs.financing.on:
        earned = accrued(result.plan.currency, days[:-1], days[1:])
    exposed = np.concatenate([[0.0], _beta_value(result, market)[:-1]]) / before
    return np.asarray((ledger.nav - before - moved) / before - earned * (1.0 - exposed))


def _beta_value(result: Result, market: Market) -> Floats:
    """Return the sum of beta x value held of all legs after each valuation row, base currency."""
    ledger, plan = result.ledger, result.plan
    found = np.zeros(len(ledger.value_at))
    for j, order in enumerate(plan.orders):
        fills = [fill for fill in ledger.fills if fill.leg == j]
        if not fills:
            continue
        at = [nanoseconds(fill.fill_at) for fill in fills]
        held = np.array([sum(f.shares for f, t in zip(fills, at, strict=True) if t <= row) for row in ledger.value_at])
        slope = beta(market, order.symbol, result.benchmark, order.decided_at).value
        found += slope * np.where(held, held * ledger.marks[:, j] * ledger.fx[:, j], 0.0)
    return found


def split_document(made: Split) -> dict[str, Any]:
    """Return a split as plain values for JSON; what is not known is None."""
    return {name: plain(value) for name, value in vars(made).items()}


def document(made: Alpha) -> dict[str, Any]:
    """Return alpha as plain values for JSON; what is not known is None."""
    names = ("mean", "low", "high", "level", "n_obs", "block_length", "reason")
    return {name: plain(getattr(made, name)) for name in names}

"""What a run made: profit and loss, excess over the policy rate, drawdown, Sharpe ratio with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.cost import DAY_COUNT, policy_rates
from deepshock.engine import Ledger
from deepshock.plan import nanoseconds

DAY_NS = 86_400_000_000_000
LEAST_OBSERVATIONS = 20
SESSIONS_A_YEAR, DAYS_A_YEAR = 252, 365


@dataclass(frozen=True)
class Performance:
    """Figures of one run; money in base currency, rates as fractions of the capital.

    Parameters
    ----------
    gross_pnl, net_pnl : float
        Price + FX + dividends; after costs and interest.
    net_return : float
        Net P&L over the capital.
    excess_pnl, excess_return : float
        Net less what the capital would have earned at the base currency's policy rate over the same nights.
    max_drawdown : float
        Lowest NAV over its running maximum less one, on valuation rows, the initial NAV included; negative or zero.
    sharpe, sharpe_se : float
        Annual, of returns over the policy rate; nan under 20 observations or without variance. The standard error is
        sqrt(A / n).
    n_obs : int
        Returns from the first fill to the last exit.
    first_fill, last_exit : datetime or None
        UTC; ``last_exit`` is None where a position is open at the end.
    """

    gross_pnl: float
    net_pnl: float
    net_return: float
    excess_pnl: float
    excess_return: float
    max_drawdown: float
    sharpe: float
    sharpe_se: float
    n_obs: int
    first_fill: datetime | None
    last_exit: datetime | None


def performance(ledger: Ledger, currency: str, *, interest: bool, always_open: bool) -> Performance:
    """Measure a ledger.

    Parameters
    ----------
    ledger : Ledger
    currency : str
        Base currency; its policy rate is what the capital could have earned.
    interest : bool
        False under ``costs: none``: the Sharpe ratio then takes no rate off.
    always_open : bool
        Whether all venues are 24/7: a year then has 365 observations, else 252.
    """
    if not ledger.fills:
        nan = math.nan
        return Performance(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, nan, nan, 0, None, None)
    first_day = int(_days(np.array([nanoseconds(ledger.fills[0].fill_at)]))[0])
    foregone = ledger.capital * accrued(currency, first_day, int(_days(ledger.value_at)[-1]))
    net = ledger.net_pnl
    sharpe, error = _sharpe(excess_returns(ledger, currency, interest), year_of(always_open))
    exits = [fill.fill_at for fill in ledger.fills if not fill.opens]
    return Performance(
        ledger.gross_pnl,
        net,
        net / ledger.capital,
        net - foregone,
        (net - foregone) / ledger.capital,
        max_drawdown(ledger.nav, ledger.capital),
        sharpe,
        error,
        len(ledger.nav),
        ledger.fills[0].fill_at,
        None if ledger.open_at_end or not exits else max(exits),
    )


def _days(at: Ints) -> Ints:
    return at // DAY_NS


def accrued(currency: str, first: int, last: int) -> float:
    """Return what one unit earns at the policy rate over the nights of days ``first`` to ``last`` - 1 (simple)."""
    if last <= first:
        return 0.0
    return float(policy_rates(currency, np.arange(first, last, dtype=np.int64)).sum()) / DAY_COUNT[currency]


def max_drawdown(nav: Floats, initial: float) -> float:
    """Return the deepest fall from a running maximum as a negative fraction.

    Parameters
    ----------
    nav : ndarray of shape (n_rows,)
    initial : float
        NAV before the first row.
    """
    path = np.concatenate(([initial], nav))
    return float((path / np.maximum.accumulate(path) - 1.0).min())


def year_of(always_open: bool) -> int:
    """Return how many observations make a year."""
    return DAYS_A_YEAR if always_open else SESSIONS_A_YEAR


def excess_returns(ledger: Ledger, currency: str, interest: bool) -> Floats:
    """Return the arithmetic returns of the valuation rows, less the policy rate over the nights before each.

    Parameters
    ----------
    ledger : Ledger
    currency : str
        Base currency.
    interest : bool
        False takes no rate off.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    path = np.concatenate(([ledger.capital], ledger.nav))
    returns = np.diff(path) / path[:-1]
    if not interest:
        return np.asarray(returns)
    days = _days(np.concatenate(([ledger.start_at], ledger.value_at)))
    nights = np.arange(days[0], days[-1], dtype=np.int64)
    paid = np.concatenate(([0.0], np.cumsum(policy_rates(currency, nights)))) / DAY_COUNT[currency]
    return np.asarray(returns - np.diff(paid[days - days[0]]))


def _sharpe(returns: Floats, year: int) -> tuple[float, float]:
    n = len(returns)
    if n < LEAST_OBSERVATIONS:
        return math.nan, math.nan
    spread = float(returns.std(ddof=1))
    if not spread > 0.0:
        return math.nan, math.nan
    return float(returns.mean()) / spread * math.sqrt(year), math.sqrt(year / n)

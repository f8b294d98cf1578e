"""What a run made: profit and loss, excess over the policy rate, drawdown, Sharpe ratio with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from deepshock.arrays import Ints
from deepshock.cost import accrued
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


def performance(ledger: Ledger, currency: str, *, always_open: bool) -> Performance:
    """Measure a ledger.

    Parameters
    ----------
    ledger : Ledger
    currency : str
        Base currency; its policy rate is what the capital could have earned.
    always_open : bool
        Whether all venues are 24/7: a year then has 365 observations, else 252.
    """
    if not ledger.fills:
        nan = math.nan
        return Performance(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, nan, nan, 0, None, None)
    made, nan = ledger.figures, math.nan
    first_day = _days(np.array([nanoseconds(ledger.fills[0].fill_at)]))
    last_day = _days(ledger.value_at)[-1:]
    foregone = ledger.capital * float(accrued(currency, first_day, last_day)[0])
    net, n = float(made["net"]), int(made["n_obs"])
    known = n >= LEAST_OBSERVATIONS and made["std"] > 0.0
    year = year_of(always_open)
    exits = [fill.fill_at for fill in ledger.fills if not fill.opens]
    return Performance(
        float(made["gross"]),
        net,
        net / ledger.capital,
        net - foregone,
        (net - foregone) / ledger.capital,
        float(made["max_drawdown"]),
        float(made["mean"]) / float(made["std"]) * math.sqrt(year) if known else nan,
        math.sqrt(year / n) if known else nan,
        n,
        ledger.fills[0].fill_at,
        None if ledger.open_at_end or not exits else max(exits),
    )


def _days(at: Ints) -> Ints:
    return at // DAY_NS


def year_of(always_open: bool) -> int:
    """Return how many observations make a year."""
    return DAYS_A_YEAR if always_open else SESSIONS_A_YEAR

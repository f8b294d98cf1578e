"""What money earns: policy rates as dated steps, and the days in a currency's year."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from deepshock.cost.schedules import EPOCH, day_number, read
from deepshock.cost.terms import Days
from deepshock.errors import CostError, Fault

DAY_COUNT = {"USD": 360, "EUR": 360, "CNY": 360, "JPY": 360, "GBP": 365, "HKD": 365}
"""Days in a year of cash and margin interest, by currency (money-market convention)."""


def policy_rates(currency: str, days: Days) -> npt.NDArray[np.float64]:
    """Return the policy rate in force on each day.

    Parameters
    ----------
    currency : str
        ISO code: ``USD``, ``EUR``, ``HKD``, ``CNY``, ``GBP``, ``JPY``.
    days : ndarray of shape (n_days,), int64
        Days since 1970-01-01.

    Returns
    -------
    ndarray of shape (n_days,), float64
        Annual rate as a fraction; a change counts from its first day (included).

    Raises
    ------
    CostError
        The currency is unknown, or a day comes before its first rate.

    Notes
    -----
    A rate is announced before the day from which it counts, so it is known on that day. Sources stand in
    ``schedules/policy_rates.csv``.

    Examples
    --------
    >>> policy_rates("EUR", np.array([20123, 20124]))  # 4 and 5 February 2025
    array([0.03  , 0.0275])
    """
    starts, rates = _steps(currency)
    step = np.searchsorted(starts, days, side="right") - 1
    if step.size and int(step.min()) < 0:
        asked, begins = (EPOCH + timedelta(days=int(day)) for day in (np.min(days), starts[0]))
        raise CostError(
            Fault(
                f"policy rate {currency}",
                f"no rate is known for {asked}",
                f"the first counts from {begins}; start later",
            )
        )
    return rates[step]


def accrued(currency: str, first: Days, last: Days) -> npt.NDArray[np.float64]:
    """Return what one unit earns at the policy rate over the nights of days ``first`` to ``last`` - 1 (simple).

    Parameters
    ----------
    currency : str
    first, last : ndarray of shape (n,), int64
        Days since 1970-01-01. Nothing is earned where the last is not after the first.

    Raises
    ------
    CostError
        As of `policy_rates`.

    Notes
    -----
    The sum over the nights is the difference of two running sums from the first day on file: it depends on nothing but
    the two days, so that one run and many at once find the same, to the bit.

    Examples
    --------
    >>> accrued("EUR", np.array([20123]), np.array([20125])) * 360  # the nights of 4 and 5 February 2025
    array([0.0575])
    """
    if not len(first):
        return np.empty(0)
    day0 = int(first.min())
    earned = _earned(currency, np.arange(day0, max(int(last.max()), int(first.max())) + 1))
    return np.asarray((earned[np.maximum(last, first) - day0] - earned[first - day0]) / day_count(currency))


def _earned(currency: str, days: Days) -> npt.NDArray[np.float64]:
    """Return the sum of the rates of all days on file before each of some days."""
    held = policy_rates(currency, days)
    starts, rates = _steps(currency)
    step = np.searchsorted(starts, days, side="right") - 1
    before = np.concatenate(([0.0], np.cumsum(rates[:-1] * np.diff(starts))))
    return np.asarray(before[step] + held * (days - starts[step]))


def first_known(currency: str) -> int:
    """Return the day from which the first policy rate of a currency counts, days since 1970-01-01."""
    return int(_steps(currency)[0][0])


def day_count(currency: str) -> int:
    """Return the days in a year of interest in `currency`: 360 or 365.

    Raises
    ------
    CostError
        The currency is unknown.
    """
    if currency not in DAY_COUNT:
        raise CostError(_unknown(currency))
    return DAY_COUNT[currency]


@cache
def _steps(currency: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    rows = sorted((row["from"], float(row["rate"])) for row in read("policy_rates.csv") if row["currency"] == currency)
    if not rows:
        raise CostError(_unknown(currency))
    starts = np.array([day_number(date.fromisoformat(start)) for start, _ in rows], dtype=np.int64)
    return starts, np.array([rate for _, rate in rows], dtype=np.float64)


def _unknown(currency: str) -> Fault:
    known = ", ".join(sorted(DAY_COUNT))
    return Fault("policy rate", f"no rates for currency {currency!r}", f"known are {known}; or switch interest off")

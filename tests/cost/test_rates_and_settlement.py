"""Policy rates step on their day, and money counts when it settles."""

from __future__ import annotations

import numpy as np
import pytest

from deepshock.cost import DAY_COUNT, day_count, policy_rates, settle_lag
from deepshock.errors import CostError, LawError

from .paper import days

# Typed from the central banks' announcements: the first day of a rate, the rate of the day before, the rate.
STEPS = [
    ("USD", "2022-03-17", 0.00125, 0.00375),
    ("USD", "2023-07-27", 0.05125, 0.05375),
    ("USD", "2024-09-19", 0.05375, 0.04875),
    ("USD", "2024-12-19", 0.04625, 0.04375),
    ("USD", "2025-09-18", 0.04375, 0.04125),
    ("EUR", "2022-07-27", -0.005, 0.0),
    ("EUR", "2025-02-05", 0.03, 0.0275),
    ("EUR", "2025-03-12", 0.0275, 0.025),
    ("EUR", "2025-06-11", 0.0225, 0.02),
    ("HKD", "2024-12-19", 0.05, 0.0475),
    ("HKD", "2025-09-18", 0.0475, 0.045),
    ("CNY", "2024-09-27", 0.017, 0.015),
    ("CNY", "2025-05-08", 0.015, 0.014),
    ("GBP", "2025-02-06", 0.0475, 0.045),
    ("GBP", "2025-05-08", 0.045, 0.0425),
    ("JPY", "2024-03-21", -0.001, 0.001),
    ("JPY", "2025-01-27", 0.0025, 0.005),
]


@pytest.mark.parametrize(("currency", "first", "before", "after"), STEPS)
def test_a_rate_counts_from_its_first_day(currency, first, before, after):
    (day,) = days(first)
    np.testing.assert_array_equal(policy_rates(currency, np.array([day - 1, day, day + 1])), [before, after, after])


def test_the_order_of_the_days_does_not_matter():
    np.testing.assert_array_equal(policy_rates("EUR", days("2025-06-11", "2021-01-01")), [0.02, -0.005])


def test_no_days_are_no_rates():
    assert policy_rates("USD", np.array([], dtype=np.int64)).shape == (0,)


def test_a_day_before_the_first_rate_names_that_rate():
    with pytest.raises(
        CostError, match="policy rate USD: no rate is known for 2020-03-15; the first counts from 2020-03-16"
    ):
        policy_rates("USD", days("2024-01-01", "2020-03-15"))


@pytest.mark.parametrize("ask", [lambda: policy_rates("SEK", days("2025-01-28")), lambda: day_count("SEK")])
def test_an_unknown_currency_names_the_known_ones(ask):
    with pytest.raises(CostError, match="currency 'SEK'; known are CNY, EUR, GBP, HKD, JPY, USD"):
        ask()


def test_day_counts():
    assert DAY_COUNT == {"USD": 360, "EUR": 360, "CNY": 360, "JPY": 360, "GBP": 365, "HKD": 365}
    assert day_count("HKD") == 365


@pytest.mark.parametrize(
    ("calendar", "day", "lag"),
    [
        ("XNYS", "2017-09-01", 3),
        ("XNYS", "2017-09-05", 2),
        ("XNYS", "2024-05-24", 2),
        ("XNYS", "2024-05-28", 1),
        ("XHKG", "2025-01-28", 2),
        ("XETR", "2014-10-06", 2),
        ("XAMS", "2025-01-28", 2),
        ("XPAR", "2025-03-27", 2),
        ("XLON", "2025-01-28", 2),
        ("XSHG", "2025-02-07", 1),
        ("XMIL", "2014-10-06", 2),
        ("XMAD", "2016-10-03", 2),
        ("XSWX", "2025-01-28", 2),
        ("XTSE", "2024-05-24", 2),
        ("XTSE", "2024-05-27", 1),
        ("XASX", "2016-03-07", 2),
        ("XSES", "2018-12-10", 2),
        ("XTKS", "2019-07-16", 2),
        ("24/7", "2025-01-26", 0),
    ],
)
def test_cycles(calendar, day, lag):
    np.testing.assert_array_equal(settle_lag(calendar, days(day)), [lag])


def test_settlement_never_falls_when_the_cycle_shortens():
    # Friday 24 May 2024 at T+2 and Tuesday the 28th at T+1 (Monday was Memorial Day) both settle on Wednesday the 29th.
    sessions = days("2024-05-23", "2024-05-24", "2024-05-28", "2024-05-29", "2024-05-30", "2024-05-31")
    lags = settle_lag("XNYS", sessions)[:4]
    np.testing.assert_array_equal(lags, [2, 2, 1, 1])
    np.testing.assert_array_equal(np.arange(4) + lags, [2, 3, 3, 4])


def test_a_trade_before_the_first_row_is_an_error_within_the_window_only():
    sessions = days("2014-10-02", "2014-10-06")
    with pytest.raises(LawError, match="settlement XETR: no cycle is known for a trade on 2014-10-02; the first"):
        settle_lag("XETR", sessions)
    np.testing.assert_array_equal(settle_lag("XETR", sessions, first=1), [2, 2])
    np.testing.assert_array_equal(settle_lag("XETR", sessions[:1], first=1, last=1), [2])


def test_an_unknown_calendar_names_the_known_ones():
    with pytest.raises(
        CostError, match=r"ABC: settlement XNAS: no cycle .* on another venue; known are 24/7, XAMS, XASX"
    ):
        settle_lag("XNAS", days("2025-01-28"), symbol="ABC")

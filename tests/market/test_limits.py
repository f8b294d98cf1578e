"""An auction locked at its limit, or halted, refuses orders by what it knows itself: a price of its own, and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deepshock.market import Market, price_limits

from .made_up import day, frame

DATES = ["2025-01-13", "2025-01-14", "2025-01-15", "2025-01-16", "2025-01-17"]


def refused(bars: pd.DataFrame) -> dict[str, str]:
    """Return what each session's auctions refuse: B and S for buys and sells at the open, b and s at the close.

    A halted session refuses everything, which is written ``halt``.
    """
    symbol = str(bars["symbol"].iloc[0])
    market = Market.load(bars)
    series = market.series(symbol)
    upper, lower = price_limits(series, market.instrument(symbol))
    found = {}
    for text in DATES:
        at = int(np.searchsorted(series.days, day(text)))
        first, last = series.open[at], series.close[at]
        locked = {"B": first >= upper[at], "S": first <= lower[at], "b": last >= upper[at], "s": last <= lower[at]}
        found[text] = "halt" if series.halted[at] else "".join(word for word, holds in locked.items() if holds)
    return found


def test_the_limit_is_rounded_half_up_and_each_auction_is_judged_by_its_own_price() -> None:
    """20.08 x 1.2 = 24.096 -> 24.10, x 1.2 = 28.92, x 0.8 = 23.136 -> 23.14, x 0.8 = 18.512 -> 18.51."""
    bars = frame("300766.SZ", DATES, [20.08, 24.10, 28.92, 23.14, 20.0], "CN")
    bars["open"], bars["low"] = [20.0, 24.0, 28.92, 28.0, 18.51], 18.0
    bars["high"] = 29.0
    assert refused(bars) == dict(zip(DATES, ["", "b", "Bb", "s", "S"], strict=True))


def test_a_half_is_rounded_up() -> None:
    """10.05 x 1.1 = 11.055 -> 11.06, so 11.05 is a price like any other; 10.05 x 0.9 = 9.045 -> 9.05."""
    bars = frame("002230.SZ", DATES, [10.05, 11.05, 10.05, 11.06, 10.05], "CN")
    assert [refused(bars)[DATES[k]] for k in (1, 3)] == ["", "b"]
    bars = frame("002230.SZ", DATES, [10.05, 9.05, 10.05, 9.06, 10.05], "CN")
    assert ["s" in refused(bars)[DATES[k]] for k in (1, 3)] == [True, False]


def test_limits_are_those_of_the_prices_that_were_traded() -> None:
    """Before a split of 2, 10.02 was traded at 20.04: x 1.2 = 24.048 -> 24.05, which is 12.025 in adjusted prices."""
    bars = frame("300766.SZ", DATES, [10.02, 11.0, 11.0, 11.0, 11.0], "CN", split=[0.0, 0.0, 2.0, 0.0, 0.0])
    market = Market.load(bars)
    series = market.series("300766.SZ")
    upper, _ = price_limits(series, market.instrument("300766.SZ"))
    assert upper[np.searchsorted(series.days, day(DATES[1]))] == pytest.approx((24.05 - 0.005) / 2)


def test_half_a_tick_is_tolerated_and_a_whole_one_is_not() -> None:
    bars = frame("300766.SZ", DATES, [20.08, 24.096, 20.08, 24.09, 20.0], "CN")
    assert refused(bars)[DATES[1]] == "b"
    assert refused(bars)[DATES[3]] == ""


def test_the_previous_known_close_counts_across_missing_sessions() -> None:
    bars = frame("300766.SZ", DATES, [20.08, 21.0, 21.0, 24.10, 21.0], "CN").drop([1, 2])
    assert refused(bars) == dict(zip(DATES, ["", "halt", "halt", "b", ""], strict=True))


def test_on_the_ex_date_of_a_split_the_close_is_restated() -> None:
    """Adjusted closes 10.04 and 12.05 around a split of 2: traded 20.08, restated 10.04, x 1.2 = 12.048 -> 12.05."""
    bars = frame("300766.SZ", DATES, [10.04, 12.05, 12.0, 12.0, 12.0], "CN", split=[0.0, 2.0, 0.0, 0.0, 0.0])
    assert refused(bars)[DATES[1]] == "b"
    market = Market.load(bars)
    upper, lower = price_limits(market.series("300766.SZ"), market.instrument("300766.SZ"))
    at = np.searchsorted(market.series("300766.SZ").days, day(DATES[1]))
    assert upper[at] == pytest.approx(12.05 - 0.005)
    assert lower[at] == pytest.approx(8.03 + 0.005)


def test_without_a_limit_only_halts_are_refused() -> None:
    bars = frame("NVDA", DATES, [100.0, 150.0, 60.0, 60.0, 60.0], volume=[5.0, 5.0, 0.0, np.nan, 5.0])
    assert refused(bars) == dict(zip(DATES, ["", "", "halt", "", ""], strict=True))


def test_there_is_no_limit_before_the_first_close() -> None:
    market = Market.load(frame("300766.SZ", DATES, [20.0] * 5, "CN"))
    series, instrument = market.series("300766.SZ"), market.instrument("300766.SZ")
    upper, lower = price_limits(series, instrument)
    first = int(np.searchsorted(series.days, day(DATES[0])))
    assert np.isinf(upper[: first + 1]).all()
    assert np.isinf(lower[: first + 1]).all()
    assert upper[first + 1] == pytest.approx(23.995)
    free = price_limits(series, replace(instrument, limit_pct=0.0))
    assert np.isinf(free).all()

"""Prices are used on one basis, or not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market import Market
from deepshock.market.basis import family

from .made_up import day, frame, walk, weekdays

DAYS = weekdays("2024-07-08", 20)  # no holiday in New York or Shenzhen


def one(**columns: object) -> pd.DataFrame:
    return frame("NVDA", DAYS, walk(20), **columns)


@pytest.mark.parametrize(
    ("basis", "kind"),
    [
        ("split_adj", "shares"), ("split_adj_regrid", "shares"), ("split_adj_close_only", "shares"),
        ("close_only", "shares"), ("close_only_regrid", "shares"), ("raw", "shares"),
        ("as_delivered_eastmoney", "shares"),
        ("qfq_asof_2025-11-21", "forward-adjusted"), ("qfq_asof_2024-05", "forward-adjusted"),
        ("div_adj_asof_2025-05-13", "dividend-adjusted"), ("index", "reference"), ("index_close_only", "reference"),
        ("yield_pct", "reference"), ("rate_pct", "reference"), ("fx_yahoo_close_is_start_of_day", "reference"),
        ("qfq", ""), ("split_adjusted", ""), ("indexed", ""), ("", ""),
    ],
)  # fmt: skip
def test_each_basis_has_a_kind(basis: str, kind: str) -> None:
    assert family(basis) == kind


def test_of_forward_adjusted_bars_only_the_latest_as_of_date_in_the_window_counts() -> None:
    basis = ["qfq_asof_2024-05"] * 12 + ["qfq_asof_2025-11-21"] * 8
    bars = frame("300766.SZ", DAYS, walk(20), "CN", price_basis=basis, dividend=[0.1] * 20)
    market = Market.load(bars)
    assert market.start.isoformat() == DAYS[12]
    assert market.warnings("300766.SZ") == (
        "300766.SZ: prices are forward-adjusted (qfq_asof_2025-11-21): dividends are in them, not paid again",
        "300766.SZ: 12 of 20 bars have an older as-of date: as if missing",
    )
    assert not market.series("300766.SZ").dividend.any()
    earlier = Market.load(bars, end=DAYS[11])
    assert earlier.start.isoformat() == DAYS[0]
    assert np.isfinite(earlier.series("300766.SZ").close).sum() == 12


def test_dividend_adjusted_bars_are_as_if_missing() -> None:
    market = Market.load(one(price_basis=["div_adj_asof_2025-05-13"] * 6 + ["split_adj_regrid"] * 14))
    assert np.isfinite(market.series("NVDA").close).sum() == 14
    assert market.warnings("NVDA") == ("NVDA: 6 of 20 bars are dividend-adjusted: as if missing",)
    with pytest.raises(MarketError, match="not one bar is on a basis that can be used"):
        Market.load(one(price_basis="div_adj_asof_2025-05-13"))


def test_bases_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(MarketError, match="bases that do not go together: qfq_asof_2024-05, split_adj"):
        Market.load(one(price_basis=["qfq_asof_2024-05"] * 10 + ["split_adj"] * 10))


def test_splits_trace_prices_back_to_those_that_were_traded_also_from_beyond_the_end() -> None:
    split = np.zeros(20)
    split[5], split[15] = 4.0, 10.0
    bars = one(split=split)
    series = Market.load(bars, end=DAYS[10]).series("NVDA")
    by_day = dict(zip(series.days.tolist(), series.later_splits.tolist(), strict=True))
    assert [by_day[day(DAYS[k])] for k in (4, 5, 10, 14, 15)] == [40.0, 10.0, 10.0, 10.0, 1.0]
    assert np.nanmax(series.days[np.isfinite(series.close)]) == day(DAYS[10])


def test_prices_that_are_not_adjusted_for_a_split_are_refused() -> None:
    closes = np.array(walk(20, level=1000.0))
    closes[8:] /= 10
    with pytest.raises(MarketError, match=r"on the split of 10 on 2024-07-18 the close goes from .* not adjusted"):
        Market.load(frame("NVDA", DAYS, list(closes), split=[0.0] * 8 + [10.0] + [0.0] * 11))


def test_yields_and_rates_may_be_zero_or_negative_but_nothing_else() -> None:
    closes = [0.01, -0.02, 0.0]
    bars = frame("^IRX", DAYS[:3], closes, mic="XNYS", currency="pct", price_basis="yield_pct")
    assert Market.load(bars).instrument("^IRX").cls == "yield"
    with pytest.raises(MarketError, match="a price that is not positive in 2 rows"):
        Market.load(bars.assign(price_basis="index"))

"""The real bars: known facts of the DeepSeek shock, and speed."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from deepshock.market import Market, Series, price_limits, tick_sizes
from deepshock.market.instruments import describe, table

from .made_up import day

pytestmark = pytest.mark.real_data

THESES = [
    *("NVDA", "AVGO", "AMD", "QCOM", "ASML", "VST", "ENR.DE", "META", "MSFT", "GOOGL", "AMZN", "0700.HK", "9988.HK"),
    *("3690.HK", "1810.HK", "9618.HK", "0981.HK", "300766.SZ", "GLD", "SLV", "GDX", "TLT", "SHY", "RSP", "SPY", "AAPL"),
    *("BTC-USD", "^HSI", "^HSTECH", "^GSPC", "KWEB", "FXI", "TSM", "MRVL", "MU", "SMCI", "CEG", "GEV", "VRT", "ETN"),
]


@pytest.fixture(scope="module")
def market(panel_path: Path) -> Market:
    return Market.load(panel_path, symbols=THESES)


def on(series: Series, text: str) -> int:
    return int(np.searchsorted(series.days, day(text)))


def test_forty_symbols_are_read_quickly(panel_path: Path, market: Market) -> None:
    started = time.perf_counter()
    Market.load(panel_path, symbols=THESES)
    assert time.perf_counter() - started < 1.0  # 0.06 s on two idle cores


def test_every_symbol_of_the_panel_is_in_the_table(panel_path: Path) -> None:
    market = Market.load(panel_path)
    assert len(market.symbols()) == 131
    for symbol in market.symbols():
        found = market.instrument(symbol)
        row = table()[symbol]
        assert (row["mic"], row["currency"]) == (found.mic, found.currency)
        assert describe(symbol, {"mic": found.mic, "currency": found.currency}, "split_adj") == found
    assert market.quality()["bars"].min() > 200


def test_300766_is_locked_from_27_january_to_6_february_and_open_on_the_7th(market: Market) -> None:
    series = market.series("300766.SZ")
    upper, lower = price_limits(series, market.instrument("300766.SZ"))
    at = [on(series, text) for text in ("2025-01-24", "2025-01-27", "2025-02-05", "2025-02-06", "2025-02-07")]
    locked = [False, True, True, True, False]
    assert (series.open[at] >= upper[at]).tolist() == (series.close[at] >= upper[at]).tolist() == locked
    assert np.all(np.minimum(series.open[at], series.close[at]) > lower[at])
    assert not series.halted[at].any()
    assert series.open[on(series, "2025-02-07")] == 36.39


def test_forward_adjusted_bars_before_the_switch_of_2024_are_as_if_missing(market: Market, panel_path: Path) -> None:
    assert "300766.SZ: 727 of 1184 bars have an older as-of date: as if missing" in market.warnings("300766.SZ")
    earlier = Market.load(panel_path, symbols=["300766.SZ"], end="2023-12-29")
    assert np.isfinite(earlier.series("300766.SZ").close).sum() == 727


def test_nvidia_fell_17_per_cent_and_was_split_twice(market: Market) -> None:
    series = market.series("NVDA")
    at = on(series, "2025-01-27")
    assert series.close[at] / series.close[at - 1] - 1 == pytest.approx(-0.1697, abs=1e-4)
    assert series.later_splits[on(series, "2021-07-19")] == 40.0
    assert series.later_splits[on(series, "2024-06-07")] == 10.0
    assert series.later_splits[on(series, "2024-06-10")] == 1.0


def test_the_half_day_in_hong_kong_has_a_close_and_no_open_and_is_no_halt(market: Market) -> None:
    series = market.series("0700.HK")
    at = on(series, "2025-01-28")
    assert np.isnan(series.open[at])
    assert np.isfinite(series.close[at])
    assert not series.halted[at]


def test_siemens_energy_was_not_traded_on_24_january(market: Market) -> None:
    series = market.series("ENR.DE")
    assert series.halted[on(series, "2025-01-24")]


@pytest.mark.parametrize("symbol", ["0700.HK", "1810.HK", "0981.HK", "ENR.DE", "NVDA", "SPY"])
def test_closes_stand_on_their_ladder(market: Market, symbol: str) -> None:
    """The ladder is right where prices are its multiples, and not too fine where odd multiples occur."""
    series, instrument = market.series(symbol), market.instrument(symbol)
    known = np.isfinite(series.close) & (series.days > day("2024-06-10")) & (series.days < day("2025-10-01"))
    traded = (series.close * series.later_splits)[known]
    steps = traded / tick_sizes(instrument, series.days[known], traded)
    assert np.mean(np.abs(steps - np.round(steps)) < 0.02) > 0.99
    assert np.mean(np.round(steps) % 2 == 1) > 0.3

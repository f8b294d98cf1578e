"""Ticks by venue, class, date and price. Expected values are the exchanges' own tables, read off by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepshock.errors import MarketError
from deepshock.market import Instrument, ladders_for, tick_sizes

from .made_up import day

STOCK = Instrument("X", "X", "XNAS", "XNYS", "USD", "stock", 1, 0.0, "", True)


def tick(calendar: str, price: float, on: str = "2025-01-28", **changes: object) -> float:
    instrument = replace(STOCK, calendar=calendar, **changes)  # type: ignore[arg-type]
    return float(tick_sizes(instrument, np.array([day(on)]), np.array([price]))[0])


@pytest.mark.parametrize(
    ("price", "expected"),
    [(0.5, 0.0001), (0.9999, 0.0001), (0.99995, 0.01), (1.0, 0.01), (142.62, 0.01), (99_999.0, 0.01)],
)
def test_the_us(price: float, expected: float) -> None:
    assert tick("XNYS", price) == expected


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (0.25, 0.001), (0.2502, 0.005), (0.5, 0.005), (0.51, 0.01), (10.0, 0.01), (10.00005, 0.01), (10.02, 0.02),
        (20.0, 0.02), (20.05, 0.05), (50.0, 0.05), (100.0, 0.05), (100.1, 0.1), (200.0, 0.1), (200.2, 0.2),
        (391.6, 0.2), (500.5, 0.5), (1001.0, 1.0),
    ],
)  # fmt: skip
def test_hong_kong_shares_until_august_2025(price: float, expected: float) -> None:
    assert tick("XHKG", price) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-08-03", [0.01, 0.02, 0.05, 0.05]),
        ("2025-08-04", [0.01, 0.01, 0.02, 0.05]),
        ("2026-08-02", [0.01, 0.01, 0.02, 0.05]),
        ("2026-08-03", [0.005, 0.01, 0.02, 0.05]),
    ],
)
def test_hong_kong_reduces_its_spreads_in_two_phases(on: str, expected: list[float]) -> None:
    assert [tick("XHKG", price, on) for price in (5.0, 15.0, 30.0, 70.0)] == expected


def test_hong_kong_funds_have_a_table_of_their_own() -> None:
    assert tick("XHKG", 4.5, cls="etf") == 0.002
    assert tick("XHKG", 4.5, "2020-05-29", cls="etf") == 0.01
    assert tick("XHKG", 24.0, "2025-08-04", cls="etf") == 0.02


@pytest.mark.parametrize(
    ("price", "band", "expected"),
    [
        (49.99, 5, 0.01), (50.0, 5, 0.02), (58.8, 5, 0.02), (100.0, 5, 0.05), (199.95, 5, 0.05), (200.0, 5, 0.1),
        (19.995, 0, 0.005), (20.0, 0, 0.01), (130.0, 6, 0.02), (260.0, 6, 0.05), (700.0, 6, 0.1), (1200.0, 6, 0.2),
    ],
)  # fmt: skip
def test_europe_by_liquidity_band(price: float, band: int, expected: float) -> None:
    assert tick("XETR", price, band=band) == expected
    assert tick("XAMS", price, band=band) == expected


def test_funds_in_europe_are_in_the_most_liquid_band() -> None:
    assert tick("XPAR", 30.0, cls="etf") == 0.005


def test_mainland_crypto_and_own_ticks() -> None:
    assert tick("XSHG", 24.1) == 0.01
    assert tick("XSHG", 0.7, cls="etf") == 0.001
    assert tick("24/7", 98_000.0) == 0.01
    assert tick("XTKS", 3000.0, tick=0.5) == 0.5
    with pytest.raises(MarketError, match="X: the tick table of XTKS is not known; state it in a 'tick' column"):
        tick("XTKS", 3000.0)


def test_a_missing_price_has_no_tick() -> None:
    assert np.isnan(tick("XHKG", np.nan))


def test_ladders_are_ascending_end_in_infinity_and_are_chosen_by_day() -> None:
    index, ladders = ladders_for(replace(STOCK, calendar="XHKG"), np.array([day("2025-08-01"), day("2025-08-04")]))
    assert index.tolist() == [0, 1]
    for edges, ticks in ladders:
        assert np.all(np.diff(edges) > 0)
        assert edges[-1] == np.inf
        assert edges.shape == ticks.shape

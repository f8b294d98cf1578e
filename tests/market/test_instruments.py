"""What a symbol is comes from the table, the data or a rule, and never from a guess that is not told."""

from __future__ import annotations

import pytest

from deepshock.errors import MarketError
from deepshock.market import Instrument, Market
from deepshock.market.instruments import CLASSES, class_of_basis, limit_of, table
from deepshock.market.venues import CALENDARS

from .made_up import frame

TWO = ["2025-01-23", "2025-01-24"]


def loaded(symbol: str, venue: str = "US", **columns: object) -> Instrument:
    return Market.load(frame(symbol, TWO, [10.0, 11.0], venue, **columns)).instrument(symbol)


def test_the_table_is_well_formed() -> None:
    for symbol, row in table().items():
        assert row["mic"] in CALENDARS, symbol
        assert row["class"] in CLASSES, symbol
        assert int(row["lot"]) >= 0, symbol
        assert row["name"], symbol
        assert row["band"] in ("", "5", "6"), symbol


@pytest.mark.parametrize(
    ("symbol", "lot"),
    [("0700.HK", 100), ("9988.HK", 100), ("3690.HK", 100), ("1810.HK", 200), ("9618.HK", 50), ("0981.HK", 500)],
)
def test_board_lots_of_the_theses(symbol: str, lot: int) -> None:
    assert int(table()[symbol]["lot"]) == lot


@pytest.mark.parametrize(
    ("symbol", "cls", "limit"),
    [
        ("300766.SZ", "stock", 0.2), ("301236.SZ", "stock", 0.2), ("688256.SS", "stock", 0.2),
        ("002230.SZ", "stock", 0.1), ("601138.SS", "stock", 0.1),
        ("510300.SS", "etf", 0.1), ("588000.SS", "etf", 0.2), ("000300.SS", "index", 0.0),
    ],
)  # fmt: skip
def test_daily_limits_of_the_mainland_by_rule(symbol: str, cls: str, limit: float) -> None:
    assert limit_of(symbol, "XSHG", cls) == limit
    assert limit_of(symbol, "XHKG", cls) == 0.0


def test_a_known_symbol_needs_no_words() -> None:
    nvidia = Instrument("NVDA", "Nvidia", "XNAS", "XNYS", "USD", "stock", 1, 0.0, "semiconductors", True)
    assert loaded("NVDA") == nvidia
    assert loaded("BTC-USD", "24").lot == 0
    assert loaded("ENR.DE", "DE").band == 5


def test_an_unknown_symbol_is_described_by_its_own_columns() -> None:
    words = {"class": "etf", "lot": 25, "limit_pct": 0.05, "tick": 0.005, "name": "A fund", "sector": "gold"}
    assert loaded("7777.HK", "HK", **words) == Instrument(
        "7777.HK", "A fund", "XHKG", "XHKG", "HKD", "etf", 25, 0.05, "gold", True, tick=0.005
    )


def test_an_unknown_symbol_without_a_class_is_refused_with_the_remedy() -> None:
    with pytest.raises(MarketError, match=r"ZZZ: its class is not known .*; add a 'class' column"):
        loaded("ZZZ")


@pytest.mark.parametrize(
    ("basis", "cls"),
    [("index_close_only", "index"), ("yield_pct", "yield"), ("rate_pct", "rate"), ("fx_x", "fx"), ("raw", "")],
)
def test_some_bases_imply_a_class(basis: str, cls: str) -> None:
    assert class_of_basis(basis) == cls


def test_what_nobody_can_buy_is_not_tradable() -> None:
    assert not loaded("^ABC", price_basis="index").tradable
    assert not loaded("XY=F", **{"class": "future", "mic": "XCME"}).tradable


@pytest.mark.parametrize("mic", ["XCME", "OTC_FX", "XCBO"])
def test_a_share_on_a_venue_that_trades_none_is_refused(mic: str) -> None:
    told = f"ABC: is a stock on {mic}, where none is traded; give the 'mic' of the venue that trades it, or a 'class'"
    with pytest.raises(MarketError, match=told):
        loaded("ABC", **{"class": "stock", "mic": mic})


def test_a_known_symbol_on_another_calendar_has_to_state_its_class() -> None:
    with pytest.raises(MarketError, match="the one that deepshock knows is Nvidia, on XNAS in USD"):
        loaded("NVDA", "DE")
    assert loaded("NVDA", "DE", **{"class": "stock"}).name == "NVDA"


def test_an_assumed_board_lot_is_told_and_a_stated_one_is_not() -> None:
    note = "7777.HK: board lot assumed to be 100; state it in a 'lot' column"
    market = Market.load(frame("7777.HK", TWO, [10.0, 11.0], "HK", **{"class": "stock"}))
    assert market.warnings("7777.HK") == (note,)
    assert loaded("7777.HK", "HK", **{"class": "stock", "lot": 100}).notes == ()


def test_a_share_that_moves_within_one_calendar_keeps_its_last_venue_and_no_other_move_is_allowed() -> None:
    assert loaded("PLTR", mic=["XNYS", "XNAS"]).mic == "XNAS"
    with pytest.raises(MarketError, match="PLTR mic: has several values: XNYS, XETR"):
        loaded("PLTR", mic=["XNYS", "XETR"])
    with pytest.raises(MarketError, match="PLTR currency: has several values"):
        loaded("PLTR", currency=["USD", "EUR"])

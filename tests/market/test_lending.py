"""Borrow, recalls and designated securities by date; simulated recalls; and tables that are refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market import TIERS, Bars, Hazard, Lending, Market
from deepshock.market.calendar import Days, sessions

from .made_up import day, frame, ns, walk, weekdays

JANUARY = np.arange(day("2025-01-20"), day("2025-02-08"))
BORROW = [
    ("NVDA", "2025-01-28", "2025-01-28", "none", "45%", "broker"),
    ("VST", "2025-01-02", "", "special", "", "broker"),
    ("NVDA", "2025-01-22", "2025-01-27", "special", "3%", "broker"),
    ("NVDA", "2025-01-30", "", "general", "0.0025", "broker"),
]


def borrow(rows: Sequence[tuple[object, ...]] = BORROW) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["symbol", "from", "to", "tier", "rate", "source"])


def days(*texts: str) -> Days:
    return np.array([day(text) for text in texts], dtype=np.int64)


def faults(**tables: object) -> list[str]:
    with pytest.raises(MarketError) as caught:
        Lending.load(**tables)  # type: ignore[arg-type]
    return [str(fault) for fault in caught.value.faults]


def test_nothing_is_known_without_tables() -> None:
    empty = Lending()
    assert empty.tier("NVDA", JANUARY).tolist() == [-1] * JANUARY.size
    assert np.isnan(empty.rate("NVDA", JANUARY)).all()
    assert not empty.lists("NVDA")
    assert not empty.recalled("NVDA", JANUARY).any()
    assert empty.designated("0700.HK", JANUARY).all()
    assert (empty.has_designated, empty.notes, empty.tables) == (False, (), ())


def test_a_row_holds_from_its_first_to_its_last_date_and_an_empty_end_is_none() -> None:
    lending = Lending.load(borrow=borrow())
    asked = days("2025-01-21", "2025-01-22", "2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2031-06-02")
    names = ["" if code < 0 else TIERS[code] for code in lending.tier("NVDA", asked)]
    assert names == ["", "special", "special", "none", "", "general", "general"]
    np.testing.assert_array_equal(
        lending.rate("NVDA", asked), [np.nan, 0.03, 0.03, 0.45, np.nan, 0.0025, 0.0025], strict=True
    )
    assert lending.tier("VST", days("2025-01-01", "2025-01-02")).tolist() == [-1, 1]
    assert np.isnan(lending.rate("VST", asked)).all()
    assert [lending.lists(symbol) for symbol in ("NVDA", "VST", "AVGO")] == [True, True, False]
    assert lending.tier("AVGO", asked).tolist() == [-1] * 7
    assert lending.tier("NVDA", asked).dtype == np.int8


def test_a_csv_a_parquet_file_and_a_frame_give_the_same(tmp_path: Path) -> None:
    table = borrow()
    table.to_csv(tmp_path / "borrow.csv", index=False)
    table.assign(**{"from": pd.to_datetime(table["from"]), "to": pd.to_datetime(table["to"])}).to_parquet(
        tmp_path / "borrow.parquet"
    )
    with_gaps = table.replace("", None)
    for source in (str(tmp_path / "borrow.csv"), tmp_path / "borrow.parquet", with_gaps):
        lending = Lending.load(borrow=source)
        for symbol in ("NVDA", "VST"):
            np.testing.assert_array_equal(lending.tier(symbol, JANUARY), Lending.load(table).tier(symbol, JANUARY))
            np.testing.assert_array_equal(lending.rate(symbol, JANUARY), Lending.load(table).rate(symbol, JANUARY))
    assert Lending.load(borrow=tmp_path / "borrow.csv").tables == (("borrow.csv", ("NVDA", "VST")),)


def test_a_user_may_leave_out_what_is_optional_and_bring_more() -> None:
    table = borrow()[["symbol", "from", "tier"]].iloc[1:3].assign(broker="X", date="2025-01-01")
    lending = Lending.load(borrow=table)
    assert lending.tier("NVDA", days("2030-01-02")).tolist() == [1]
    assert np.isnan(lending.rate("NVDA", JANUARY)).all()


@pytest.mark.parametrize(
    ("rate", "value"),
    [("3%", 0.03), ("0.7 %", 0.007), (0.0, 0.0), ("1000%", 10.0), (np.nan, None), (" ", None), (1, 1.0), ("300%", 3.0)],
)
def test_a_rate_is_a_fraction_or_a_percentage(rate: object, value: float | None) -> None:
    found = Lending.load(borrow=borrow([("A", "2025-01-02", None, "special", rate, "")])).rate("A", JANUARY)[0]
    assert np.isnan(found) if value is None else found == value


@pytest.mark.parametrize("rate", [3, "3", 3.0])
def test_a_rate_above_1_needs_its_percent_sign(rate: object) -> None:
    rows = [("A", "2025-01-02", None, "special", rate, ""), ("B", "2025-01-02", None, "special", "300%", "")]
    assert faults(borrow=borrow(rows)) == [
        f"borrow rate: a rate above 1 without a percent sign in row 1 (A '{rate}'); "
        "write 3% if 3 % a year is meant, 300% if it is 300 %"
    ]


def test_a_table_lends_on_the_dates_of_its_general_and_special_rows() -> None:
    asked = days("2025-01-21", "2025-01-22", "2025-01-28", "2025-01-30")
    assert Lending.load(borrow=borrow()).lends("NVDA", asked).tolist() == [False, True, False, True]
    assert not Lending().lends("NVDA", asked).any()


def test_every_fault_of_every_table_comes_at_once_with_its_rows() -> None:
    rows = [
        ("NVDA", "2025-01-02", "2025-03-31", "general", "0.3%", ""),
        ("NVDA", "2025-01-10", "2025-01-12", "special", "-1%", ""),  # inside the first
        ("NVDA", "2025-03-31", "", "specal", "12", ""),  # shares one day with the first
        ("AMD", "27/01/2025", "", "general", "cheap", ""),
        ("AMD", "2025-02-03", "2025-02-02", "", "inf", ""),
        (None, "", "2025-02-02", "easy", "", ""),
    ]
    recalls = pd.DataFrame({"symbol": ["NVDA", ""], "date": ["soon", "2025-01-28"]})
    found = faults(borrow=borrow(rows), recalls=recalls, designated=7)
    expected = [
        "borrow symbol: nothing in row 6 (''); name it in each row",
        "borrow from: no date from 1980 to 2099 in row 4 (AMD '27/01/2025'); write 2025-01-27",
        "borrow from: nothing in row 6 (''); write 2025-01-27",
        "borrow to: an end before its beginning in row 5 (AMD '2025-02-02'); both dates are included",
        "borrow from: dates that another row of the symbol has too in row 2 (NVDA '2025-01-10'), row 3 (NVDA",
        "borrow tier: nothing in row 5 (AMD ''); write general or special or none",
        "borrow tier: an unknown tier in row 3 (NVDA 'specal'); did you mean special?",
        "borrow tier: an unknown tier in row 6 ('easy'); write general or special or none",
        "borrow rate: no number in row 4 (AMD 'cheap'), row 5 (AMD 'inf'); write a fraction such as 0.03 or 3%",
        "borrow rate: no rate that can be meant in row 2 (NVDA '-1%'); write a fraction",
        "borrow rate: a rate above 1 without a percent sign in row 3 (NVDA '12'); write 12% if 12 % a year is meant",
        "recalls symbol: nothing in row 2 ('')",
        "recalls date: no date from 1980 to 2099 in row 1 (NVDA 'soon')",
        "designated: 7 is a int; give a .csv, .parquet or .pq file, or a DataFrame",
    ]
    for part in expected:
        assert any(fault.startswith(part) for fault in found), (part, found)
    assert len(found) == len(expected)


def test_many_wrong_rows_are_counted() -> None:
    rows = [(f"S{k}", "2025-01-02", "", "hard", "", "") for k in range(8)]
    assert "row 5 (S4 'hard') and 3 more" in faults(borrow=borrow(rows))[0]


def test_rows_that_touch_or_belong_to_other_symbols_do_not_overlap() -> None:
    rows = [("A", "2025-01-02", "", "special", "", ""), ("B", "2025-01-01", "2025-01-05", "none", "", "")]
    rows += [("B", "2025-01-06", "", "general", "", ""), ("AB", "2025-01-03", "2025-01-03", "none", "", "")]
    assert Lending.load(borrow=borrow(rows)).tier("B", days("2025-01-05", "2025-01-06")).tolist() == [2, 0]


def test_columns_that_are_missing_doubled_or_misspelt_are_named(tmp_path: Path) -> None:
    table = borrow()
    assert faults(borrow=table.drop(columns=["from", "tier"])) == [
        "borrow from: this column is missing; needed are symbol, from, tier",
        "borrow tier: this column is missing; needed are symbol, from, tier",
    ]
    wrong = table.rename(columns={"rate": "Rate", "tier": "tiers"})
    assert [fault.partition("; ")[2] for fault in faults(borrow=wrong)] == ["did you mean tiers?", "did you mean Rate?"]
    assert "more than one such column" in faults(borrow=pd.concat([table, table[["to"]]], axis=1))[0]
    assert not Lending.load(borrow=table.iloc[:0]).lists("AAA")
    assert "designated to: this column is missing" in faults(designated=table[["symbol", "from"]])[0]
    (tmp_path / "borrow.csv").write_text("symbol,from,tier\nNVDA,2025-01-02,none,\n")
    assert "cannot be read as CSV" in faults(borrow=tmp_path / "borrow.csv")[0]
    (tmp_path / "borrow.parquet").write_bytes(b"PAR1 and then nothing")
    assert "cannot be read as Parquet" in faults(borrow=tmp_path / "borrow.parquet")[0]
    assert "there is no such file" in faults(recalls=tmp_path / "recalls.csv")[0]
    assert "is no kind of table" in faults(recalls="recalls.xlsx")[0]


def test_a_recall_belongs_to_the_session_of_its_date_or_the_next_one() -> None:
    """2025-02-01 is a Saturday, and Hong Kong is closed from 29 to 31 January."""
    table = pd.DataFrame(
        {"symbol": "X", "date": ["2025-01-28", "2025-01-30", "2025-02-01", "2025-02-05", "2025-02-05"]}
    )
    lending = Lending.load(recalls=table)
    for calendar, expected in (("XNYS", ["01-28", "01-30", "02-03", "02-05"]), ("XHKG", ["01-28", "02-03", "02-05"])):
        axis = sessions(calendar, date(2025, 1, 20), date(2025, 2, 28)).days
        assert axis[lending.recalled("X", axis)].tolist() == [day(f"2025-{text}") for text in expected]
        assert not lending.recalled("Y", axis).any()
    assert not lending.recalled("X", days("2025-02-10", "2025-02-11")).any()  # those of the past are over
    assert not lending.recalled("X", days("2025-01-24", "2025-01-27")).any()
    assert not lending.recalled("X", days()).any()


def test_a_hazard_draws_at_its_rate_by_seed_symbol_and_date_alone() -> None:
    axis = np.arange(day("1980-01-01"), day("2080-01-01"))
    lending = Lending.load(hazard=Hazard(25.2, seed=7))
    drawn = lending.recalled("NVDA", axis)
    expected = 1 - np.exp(-0.1)
    assert drawn.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / axis.size))
    for part in (slice(100, 400), slice(17_000, None, 3)):
        np.testing.assert_array_equal(lending.recalled("NVDA", axis[part]), drawn[part])
    for other in (lending.recalled("AMD", axis), Lending(Hazard(25.2, seed=8)).recalled("NVDA", axis)):
        assert np.mean(other & drawn) == pytest.approx(expected**2, abs=0.003)
    more = Lending(Hazard(50.0, seed=7)).recalled("NVDA", axis)
    assert np.all(more | ~drawn)  # a higher rate recalls on the same dates, and on others
    assert lending.notes == ("recalls are simulated at 25.2 recalls a year, seed 7",)
    assert Lending(Hazard(0.05, 7)).notes == ("recalls are simulated at 0.05 recalls a year, seed 7",)
    assert Lending(Hazard(1, 7)).notes == ("recalls are simulated at 1 recall a year, seed 7",)
    assert Lending(Hazard(0.0, 7)).notes == ()


def test_simulated_recalls_come_beside_those_of_the_table() -> None:
    table = pd.DataFrame({"symbol": ["NVDA"], "date": ["2025-01-28"]})
    both = Lending.load(recalls=table, hazard=Hazard(30.0, 3)).recalled("NVDA", JANUARY)
    drawn = Lending(Hazard(30.0, 3)).recalled("NVDA", JANUARY)
    assert not drawn[day("2025-01-28") == JANUARY].any()
    np.testing.assert_array_equal(both, drawn | (day("2025-01-28") == JANUARY))


@pytest.mark.parametrize(
    ("rate", "seed", "part"),
    [
        (-0.1, 1, "hazard rate: is -0.1"),
        (np.nan, 1, "rate"),
        (np.inf, 1, "rate"),
        ("5%", 1, "rate"),
        (True, 1, "hazard rate: is True"),
        (0.1, -1, "seed"),
        (0.1, False, "hazard seed: is False"),
    ],
)
def test_a_hazard_that_is_none_is_refused(rate: object, seed: int, part: str) -> None:
    with pytest.raises(MarketError, match=part):
        Hazard(rate, seed)  # type: ignore[arg-type]
    assert "hazard: 0.05 is a float; give Hazard(rate=0.05, seed=7)" in faults(hazard=0.05)


def test_with_a_table_only_what_it_names_is_designated() -> None:
    rows = [("0700.HK", "2025-01-22", "2025-01-27"), ("0700.HK", "2025-02-05", ""), ("9988.HK", "2025-01-02", "")]
    lending = Lending.load(designated=pd.DataFrame(rows, columns=["symbol", "from", "to"]))
    asked = days("2025-01-21", "2025-01-22", "2025-01-27", "2025-01-28", "2025-02-05")
    assert lending.has_designated
    assert lending.designated("0700.HK", asked).tolist() == [False, True, True, False, True]
    assert lending.designated("3690.HK", asked).tolist() == [False] * 5


BARS = frame("NVDA", weekdays("2025-01-13", 15)[:5], walk(5))


def test_a_market_keeps_what_it_is_given_also_with_another_future() -> None:
    lending = Lending.load(borrow=borrow())
    market = Market.load(BARS, lending=lending)
    assert market.lending is lending
    assert market.scrambled(ns("2025-01-14T12:00Z"), 3).lending is lending
    assert not Market.load(BARS).lending.lists("NVDA")
    assert market.notes == ()
    with pytest.raises(MarketError, match=r"lending: 'borrow.csv' is a str; give Lending\.load"):
        Market.load(BARS, lending="borrow.csv")  # type: ignore[arg-type]


def test_a_table_without_a_symbol_of_the_source_is_noted() -> None:
    recalls = pd.DataFrame({"symbol": ["NVDA.O", "AMD.O"], "date": "2025-01-28"})
    both = pd.concat([BARS, frame("AMD", ["2025-01-13"], [120.0])])
    market = Market.load(both, symbols=["AMD"], lending=Lending.load(borrow=borrow(), recalls=recalls))
    assert market.notes == (
        "recalls: not one of its symbols (AMD.O, NVDA.O) is among those of DataFrame; did you mean AMD?",
    )


def test_a_provider_that_lends_is_asked_unless_the_caller_knows_better() -> None:
    class Broker:
        def bars(self, symbols: object, start: object, end: object) -> Bars:
            return Bars(BARS, "broker", known_symbols=("NVDA",))

        def lending(self, symbols: tuple[str, ...], start: date, end: date) -> Lending:
            assert (symbols, start.isoformat(), end.isoformat()) == (("NVDA",), "2025-01-13", "2025-01-17")
            return Lending.load(borrow=borrow())

    assert Market.load(Broker()).lending.lists("NVDA")
    assert not Market.load(Broker(), lending=Lending()).lending.lists("NVDA")

"""Bars are read as they are, and everything that is wrong with them is said at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market import Bars, Market

from .made_up import day, frame, walk, weekdays

JANUARY = weekdays("2025-01-13", 15)  # XNYS is closed on Monday the 20th


def good() -> pd.DataFrame:
    return frame("NVDA", ["2025-01-24", "2025-01-27", "2025-01-28"], [142.62, 118.42, 128.99])


def faults(source: object, **options: object) -> list[str]:
    with pytest.raises(MarketError) as caught:
        Market.load(source, **options)  # type: ignore[arg-type]
    return [str(fault) for fault in caught.value.faults]


def test_a_frame_a_parquet_and_a_csv_file_give_the_same_market(tmp_path: Path) -> None:
    bars = pd.concat([good(), frame("0700.HK", ["2025-01-24", "2025-01-27"], [390.4, 391.6], "HK")])
    bars.to_parquet(tmp_path / "bars.parquet")
    bars.to_csv(tmp_path / "bars.csv", index=False)
    markets = [Market.load(source) for source in (bars, tmp_path / "bars.parquet", str(tmp_path / "bars.csv"))]
    assert [market.name for market in markets] == ["DataFrame", "bars.parquet", "bars.csv"]
    for market in markets:
        assert market.symbols() == ("0700.HK", "NVDA")
        for symbol in market.symbols():
            for name, values in vars(market.series(symbol)).items():
                np.testing.assert_array_equal(values, getattr(markets[0].series(symbol), name))


def test_bars_stand_on_the_sessions_of_their_own_venue() -> None:
    market = Market.load(pd.concat([good(), frame("0700.HK", ["2025-01-27", "2025-01-28"], [391.6, 394.0], "HK")]))
    hong_kong = market.sessions("XHKG")
    at = int(np.searchsorted(hong_kong.days, day("2025-01-28")))
    assert market.series("0700.HK").close[at] == 394.0
    assert pd.Timestamp(hong_kong.closes[at], tz="UTC") == pd.Timestamp("2025-01-28T04:00Z")  # half day
    assert hong_kong.days[at + 1] == day("2025-02-03")
    assert hong_kong.days[-1] > day("2025-03-25")  # 60 days beyond the end


def test_arrays_are_read_only() -> None:
    market = Market.load(good())
    with pytest.raises(ValueError, match="read-only"):
        market.series("NVDA").close[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        market.sessions("XNYS").opens[0] = 1


def test_every_fault_of_a_frame_comes_at_once_with_symbol_date_value_and_remedy() -> None:
    bars = pd.concat([good(), good().iloc[[1]]], ignore_index=True)
    bars.loc[0, "open"] = -3.0
    bars.loc[2, "high"] = np.inf
    bars.loc[2, "close"] = np.nan
    bars.loc[0, "volume"] = -5.0
    bars["split"] = [0.0, 0.0, -2.0, 0.0]
    found = faults(bars)
    for part in (
        "open: a price that is not positive in 1 row: NVDA 2025-01-24 -3",
        "high: an infinite price in 1 row: NVDA 2025-01-28 inf",
        "close: no close in 1 row: NVDA 2025-01-28",
        "volume: a volume that is negative or infinite in 1 row: NVDA 2025-01-24 -5",
        "split: a split that is negative or infinite",
        "symbol: the same symbol and date again in 1 row: NVDA 2025-01-27",
    ):
        assert any(part in fault and "; " in fault for fault in found), part
    assert len(found) == 6


@pytest.mark.parametrize(
    ("column", "value", "part"),
    [
        ("mic", "XNAZ", "mic: an unknown venue in 3 rows: NVDA 2025-01-24 XNAZ"),
        ("price_basis", "adjusted", "price_basis: an unknown basis in 3 rows: NVDA 2025-01-24 adjusted"),
        ("currency", None, "currency: no currency in 3 rows"),
        ("currency", "", "currency: no currency in 3 rows"),
        ("mic", ["XNAS", "", None], "mic: no venue in 2 rows: NVDA 2025-01-27"),
        ("date", "27/01/2025", "date: no date from 1980 to 2099 in 3 rows: NVDA row 1 '27/01/2025'"),
        ("open", "n/a?", "open: no number in 3 rows: NVDA row 1 'n/a?'"),
        ("lot", 1.5, "NVDA lot: is '1.5'; give a whole number"),
        ("limit_pct", 20, "NVDA limit_pct: is '20'; give a fraction"),
        ("tick", "big", "NVDA tick: is 'big'; give a price step"),
        ("class", "share", "its class is 'share'; add a 'class' column that says which: stock, etf"),
    ],
)
def test_a_wrong_word_is_named_with_what_is_allowed(column: str, value: object, part: str) -> None:
    assert any(part in fault for fault in faults(good().assign(**{column: value})))


def test_missing_columns_are_all_named() -> None:
    found = faults(good().drop(columns=["volume", "mic"]).rename(columns={"close": "clsoe"}))
    assert [fault.split(";")[0] for fault in found] == [
        "DataFrame close: this column is missing",
        "DataFrame volume: this column is missing",
        "DataFrame mic: this column is missing",
    ]
    assert "did you mean clsoe?" in found[0]


def test_flows_may_be_missing_with_a_note() -> None:
    market = Market.load(good().drop(columns=["dividend", "split"]))
    assert market.notes == (
        "DataFrame: there is no 'dividend' column: no dividend is paid",
        "DataFrame: there is no 'split' column: each price is taken for the one that was traded",
    )
    assert not market.series("NVDA").dividend.any()


def test_only_the_rows_that_are_read_are_checked() -> None:
    bars = pd.concat([good(), frame("AMD", ["2025-01-24"], [-1.0])])
    assert Market.load(bars, symbols=["NVDA"]).symbols() == ("NVDA",)
    bars = good().assign(open=[-1.0, 120.0, 121.0])
    assert Market.load(bars, start="2025-01-27").start.isoformat() == "2025-01-27"


def test_symbols_keep_the_order_asked_for_and_unknown_ones_get_a_suggestion() -> None:
    bars = pd.concat([good(), frame("AMD", ["2025-01-24"], [122.0]), frame("AVGO", ["2025-01-24"], [244.0])])
    assert Market.load(bars, symbols=["NVDA", "AMD", "NVDA"]).symbols() == ("NVDA", "AMD")
    assert "did you mean NVDA?" in faults(bars, symbols=["NVDIA", "AMD"])[0]
    assert "no bars between the start and the end asked for" in faults(bars, symbols=["AMD"], start="2025-01-27")[0]


def test_a_symbol_that_was_not_loaded_is_told_from_one_that_is_not_there() -> None:
    market = Market.load(pd.concat([good(), frame("AMD", ["2025-01-24"], [122.0])]), symbols=["NVDA"])
    with pytest.raises(MarketError, match="AMD: is in the data but was not loaded; name it in symbols"):
        market.series("AMD")
    with pytest.raises(MarketError, match=r"NVDAA: is not in the data; did you mean NVDA\?"):
        market.instrument("NVDAA")


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"", "is empty"), (b"PAR1 and then nothing", "cannot be read as Parquet"), (None, "there is no such file")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None, part: str) -> None:
    path = tmp_path / "bars.parquet"
    if content is not None:
        path.write_bytes(content)
    assert part in faults(path)[0]
    assert str(path) in faults(path)[0]


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    good().to_parquet(tmp_path / "bars.parquet")
    whole = (tmp_path / "bars.parquet").read_bytes()
    (tmp_path / "bars.parquet").write_bytes(whole[: len(whole) // 2])
    assert "may be truncated" in faults(tmp_path / "bars.parquet")[0]


@pytest.mark.parametrize("text", ["", "date,symbol\n1,2,3\n\x00", "a;b\n1;2\n"])
def test_a_csv_file_that_is_no_table_of_bars_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bars.csv").write_text(text)
    assert faults(tmp_path / "bars.csv")


def test_a_csv_file_keeps_text_as_text(tmp_path: Path) -> None:
    bars = good().assign(symbol="NA", **{"class": "stock"})
    bars.loc[1, "volume"] = np.nan
    bars.to_csv(tmp_path / "bars.csv", index=False)
    market = Market.load(tmp_path / "bars.csv", symbols=["NA"])
    assert market.instrument("NA").cls == "stock"
    assert "NA: volume is not known in 1 session (2025-01-27)" in market.warnings("NA")


def test_a_source_that_is_none_says_what_is_allowed(tmp_path: Path) -> None:
    assert "give 'sample', 'yahoo', a .parquet or .csv file" in faults("smaple")[0]
    assert "is a int" in faults(3)[0]
    assert "is not a file" in faults(_folder(tmp_path))[0]
    assert "'NVDA' is one text" in faults(good(), symbols="NVDA")[0]
    assert "'27 January' is no date" in faults(good(), start="27 January")[0]
    assert "is after the end" in faults(good(), start="2025-02-01", end="2025-01-01")[0]


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bars.parquet"
    folder.mkdir(exist_ok=True)
    return folder


def test_no_bars_at_all_are_refused() -> None:
    assert "no bars" in faults(good().iloc[:0])[0]
    assert "no bars" in faults(good(), symbols=[])[0]
    assert "no bars" in faults(good(), start="2025-02-01")[0]


def test_any_object_with_bars_is_a_provider() -> None:
    class Mine:
        def bars(self, symbols: object, start: object, end: object) -> Bars:
            return Bars(good(), "mine", simulated=True, notes=("AMD was not delivered",), known_symbols=("NVDA",))

    market = Market.load(Mine())
    assert (market.name, market.simulated, market.notes) == ("mine", True, ("AMD was not delivered",))


@pytest.mark.parametrize(
    "dates",
    [
        ["20250124", "20250127", "20250128"],
        [20250124, 20250127, 20250128],
        pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-28"]),
        pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-28"]).tz_localize("America/New_York"),
        [stamp.date() for stamp in pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-28"])],
        ["2025-01-24 00:00:00", "2025-01-27 00:00:00", "2025-01-28 00:00:00"],
    ],
)
def test_dates_are_label_dates_however_they_are_written(dates: object) -> None:
    market = Market.load(good().assign(date=dates))
    assert (market.start.isoformat(), market.end.isoformat()) == ("2025-01-24", "2025-01-28")


def test_bars_on_days_without_a_session_are_dropped_with_a_warning() -> None:
    bars = frame("NVDA", JANUARY, walk(15), dividend=[0.0] * 5 + [0.07] + [0.0] * 9)
    market = Market.load(bars)
    assert np.isfinite(market.series("NVDA").close).sum() == 14
    assert market.warnings("NVDA") == (
        "NVDA: dropped 1 of 15 bars, on days that are no session of XNYS (2025-01-20), and with them dividends of 0.07",
    )


def test_a_halt_is_volume_zero_or_a_session_without_a_bar_between_the_first_and_the_last() -> None:
    dates = ["2025-01-22", "2025-01-23", "2025-01-27"]  # none on the 24th
    series = Market.load(frame("NVDA", dates, [140.0, 147.0, 118.0], volume=[7.0, 0.0, np.nan])).series("NVDA")
    halted = {int(number) for number in series.days[series.halted]}
    assert halted == {day("2025-01-23"), day("2025-01-24")}


def test_odd_values_are_warned_about_and_kept() -> None:
    bars = good().assign(open=[142.0, 130.0, 128.0], volume=[1.0, np.nan, 2.0], high=[150.0, 120.0, np.nan])
    market = Market.load(bars)
    assert market.warnings("NVDA") == (
        "NVDA: 1 of 3 bars have only one of high and low: as if neither",
        "NVDA: open or close outside of low and high in 1 session (2025-01-27)",
        "NVDA: volume is not known in 1 session (2025-01-27)",
    )
    line = market.quality().loc["NVDA"]
    assert (line["bars"], line["close_only"], line["missing"], line["halts"]) == (3, 1, 0, 0)


def test_missing_sessions_stay_missing_and_are_counted() -> None:
    line = Market.load(frame("NVDA", ["2025-01-22", "2025-01-27"], [147.0, 118.0])).quality().loc["NVDA"]
    assert (str(line["first"]), str(line["last"]), line["missing"]) == ("2025-01-22", "2025-01-27", 2)

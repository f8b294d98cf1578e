"""The end of an instrument: where it takes effect, and tables that are refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market import Actions, Market

from .made_up import day, frame, ns, walk, weekdays

ROWS = [
    ("ANSS", "2025-01-17", "merger", 197.0, "company"),
    ("GONE", "2025-01-18", "delisting", 0.0, "exchange"),
    ("PAID", "2025-01-20", "delisting", 1.25, "exchange"),
]
SESSIONS = np.array([day(text) for text in weekdays("2025-01-15", 6) if text != "2025-01-20"], dtype=np.int64)


def table(rows: Sequence[tuple[object, ...]] = ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["symbol", "date", "kind", "cash", "source"])


def faults(given: object) -> list[str]:
    with pytest.raises(MarketError) as caught:
        Actions.load(given)  # type: ignore[arg-type]
    return [str(fault) for fault in caught.value.faults]


def test_it_takes_effect_in_the_first_session_on_or_after_its_date() -> None:
    """The 18th and 19th are a weekend, and the 20th is a holiday in New York: sessions are 15, 16, 17, 21, 22."""
    actions = Actions.load(table())
    assert actions.final("ANSS", SESSIONS) == (2, 197.0, "merger")
    assert actions.final("GONE", SESSIONS) == (3, 0.0, "delisting")
    assert actions.final("PAID", SESSIONS) == (3, 1.25, "delisting")
    assert actions.final("NVDA", SESSIONS) is None


def test_one_that_is_past_rules_every_session_and_one_to_come_rules_none() -> None:
    actions = Actions.load(table())
    assert actions.final("ANSS", SESSIONS[3:]) == (0, 197.0, "merger")
    assert actions.final("ANSS", SESSIONS[:2]) is None
    assert actions.final("ANSS", SESSIONS[:0]) is None


def test_there_are_none_by_default() -> None:
    assert Actions().final("ANSS", SESSIONS) is None
    assert Actions().symbols() == ()


def test_a_csv_a_parquet_file_and_a_frame_give_the_same(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "actions.csv", index=False)
    table().assign(date=pd.to_datetime(table()["date"])).to_parquet(tmp_path / "actions.parquet")
    for source in (tmp_path / "actions.csv", str(tmp_path / "actions.parquet"), table().drop(columns="source")):
        actions = Actions.load(source)
        assert actions.symbols() == ("ANSS", "GONE", "PAID")
        for symbol in actions.symbols():
            assert actions.final(symbol, SESSIONS) == Actions.load(table()).final(symbol, SESSIONS)


def test_every_fault_comes_at_once_with_its_rows() -> None:
    rows: list[tuple[object, ...]] = [
        ("ANSS", "2025-01-17", "merger", 0.0, ""),
        ("GONE", "18 January", "delisted", -1.0, ""),
        ("ANSS", "2025-02-17", "takeover", None, ""),
        ("", None, "", "197 USD", ""),
    ]
    found = faults(table(rows))
    expected = [
        "actions symbol: nothing in row 4 (''); name it in each row",
        "actions date: no date from 1980 to 2099 in row 2 (GONE '18 January'); write 2025-01-27",
        "actions date: nothing in row 4",
        "actions kind: an unknown kind in row 2 (GONE 'delisted'); did you mean delisting?",
        "actions kind: an unknown kind in row 3 (ANSS 'takeover'); write merger or delisting",
        "actions kind: nothing in row 4",
        "actions cash: no number in row 4 ('197 USD'); write what a share is paid",
        "actions cash: nothing in row 3",
        "actions cash: no price of a share in row 1 (ANSS '0.0'), row 2 (GONE '-1.0')",
        "actions date: a symbol that ends more than once in row 1 (ANSS '2025-01-17'), row 3 (ANSS '2025-02-17')",
    ]
    for part in expected:
        assert any(fault.startswith(part) for fault in found), (part, found)
    assert len(found) == len(expected)


def test_a_table_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    assert "cash: this column is missing" in faults(table().drop(columns="cash"))[0]
    assert Actions.load(table().iloc[:0]).symbols() == ()
    assert "there is no such file" in faults(tmp_path / "actions.csv")[0]
    assert "is a list" in faults([1, 2])[0]


def test_a_market_keeps_them_and_notes_a_table_about_others() -> None:
    bars = frame("NVDA", weekdays("2025-01-13", 5), walk(5))
    market = Market.load(bars, actions=table([("NVDA", "2025-01-16", "merger", 140.0, "made up")]))
    series = market.series("NVDA")
    found = market.actions.final("NVDA", series.days)
    assert found is not None
    assert (series.days[found[0]], found[1:]) == (day("2025-01-16"), (140.0, "merger"))
    assert market.scrambled(ns("2025-01-14T12:00Z"), 3).actions is market.actions
    assert market.notes == ()
    other = Market.load(bars, actions=Actions.load(table()))
    assert other.notes == ("actions: not one of its symbols (ANSS, GONE, PAID) is among those of DataFrame",)
    assert Market.load(bars).actions.symbols() == ()
    with pytest.raises(MarketError, match="kind: an unknown kind"):
        Market.load(bars, actions=table([("NVDA", "2025-01-16", "split", 4.0, "")]))

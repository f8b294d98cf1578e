"""Corners of the engine that random worlds seldom reach, each worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

import deepshock as ds
from deepshock.arrays import Reason
from deepshock.engine.assemble import assemble
from deepshock.market import Bars


def bars(closes: list[float], volumes: list[float] | None = None, start: str = "2025-02-03") -> pd.DataFrame:
    """Return bars of one New York stock with open = close and a range of one dollar around it, on weekdays."""
    days = [date.fromisoformat(start) + timedelta(days=n) for n in range(2 * len(closes) + 7)]
    weekdays = [day for day in days if day.weekday() < 5 and day != date(2025, 2, 17)][: len(closes)]
    frame = pd.DataFrame({"date": weekdays, "close": closes, "volume": volumes or [1e6] * len(closes)})
    return frame.assign(
        symbol="QQX", open=frame["close"], high=frame["close"] + 1, low=frame["close"] - 1, dividend=0.0, split=0.0,
        currency="USD", mic="XNYS", price_basis="split_adj", **{"class": "stock"},
    )  # fmt: skip


def run(frame: pd.DataFrame, **words: Any) -> ds.Result:
    thesis = ds.Thesis(
        name="corner", source={"publisher": "me", "published": "2025-02-03T22:00Z"}, **{"long": {"QQX": 1}, **words}
    )
    return ds.run(thesis, ds.Market.load(frame))


def test_a_halted_session_does_not_move_the_trailing_stop() -> None:
    """Filled at 100 on the 4th, 10 % trailing; the 6th is halted at 130, which would lift the stop above the 7th."""
    result = run(bars([100, 100, 100, 130, 105, 104, 103], [1e6, 1e6, 1e6, 0, 1e6, 1e6, 1e6]), exit={"trailing": "10%"})
    assert [fill.kind for fill in result.ledger.fills] == [Reason.ENTRY]
    trading = run(bars([100, 100, 100, 130, 105, 104, 103]), exit={"trailing": "10%"})
    # best is the 6th's high of 131, the level 117.9; the 7th opens beyond it, at 105
    assert [(fill.kind, fill.price) for fill in trading.ledger.fills][1:] == [(Reason.TRAILING, 105.0)]


def test_free_cash_never_earns_less_than_the_floor() -> None:
    """The policy rate of 4.375 % less 6 % is negative; with a floor of zero nothing is charged on free cash."""
    costs = {"preset": "none", "interest": "on", "financing.credit": -0.06}
    charged = run(bars([100] * 8), exit={"hold": 3}, gross="50%", costs=costs)
    floored = run(bars([100] * 8), exit={"hold": 3}, gross="50%", costs={**costs, "financing.credit-floor": 0})
    # filled on Tuesday the 4th, out at the close of Friday the 7th: the nights of the 4th, 5th and 6th; the purchase
    # settles on the 5th, and what a night was charged is missing in the next
    rate = (0.04375 - 0.06) / 360
    first = 1_000_000 * rate
    second = (500_000 + first) * rate
    third = (500_000 + first + second) * rate
    assert charged.ledger.interest_by_name["credit"] == pytest.approx(first + second + third, abs=1e-9)
    assert floored.ledger.interest_by_name["credit"] == 0.0


def test_an_order_for_less_than_a_lot_is_told() -> None:
    result = run(bars([2_000_000.0] * 6))
    assert not result.ledger.fills
    assert [u.reason for u in result.ledger.unfilled] == ["was for less than one lot"]


def test_an_exit_that_comes_first_is_told() -> None:
    """No auction can fill on the 4th or 5th; the thesis is out by the 6th, so nothing is bought."""
    volumes = [1e6, 0, 0, 1e6, 1e6, 1e6]
    result = run(bars([100] * 6, volumes), exit={"date": "2025-02-05"})
    assert [u.reason for u in result.ledger.unfilled] == [
        "did not fill before its own exit (date 2025-02-05) (halted or no bar)"
    ]


def test_what_is_open_at_the_end_is_marked_and_told() -> None:
    result = run(bars([100, 100, 101, 102, 103]), costs="none")
    assert result.ledger.open_at_end
    assert result.performance.last_exit is None
    assert result.performance.net_pnl == pytest.approx(10_000 * 3)
    assert any("open at the end of the data" in warning for warning in result.warnings)


def test_a_stop_beats_the_scheduled_exit_of_its_session() -> None:
    """Held one session: the 5th ends it at the close of 97, but its low of 96 is under the stop of 98."""
    result = run(bars([100, 100, 97, 100, 100]), exit={"hold": 1, "stop": "2%"}, costs="none")
    last = result.ledger.fills[-1]
    assert (last.kind, last.price) == (Reason.STOP, 97.0)  # it opens beyond the stop, at 97


def test_stop_and_target_of_the_session_of_the_fill() -> None:
    """Filled at the open of 100; the session's low of 99 reaches the stop, its high the target: the stop counts."""
    result = run(bars([100, 100, 100, 100]), exit={"stop": "0.5%", "target": "0.5%"}, costs="none")
    assert [(fill.kind, fill.price) for fill in result.ledger.fills][1:] == [(Reason.STOP, 99.5)]
    at_close = run(bars([100, 100, 100, 100]), enter="next close", exit={"target": "0.5%"}, costs="none")
    assert at_close.ledger.fills[1].fill_at.day == 5  # armed for the session after


def test_what_the_data_lack_is_told_with_each_result() -> None:
    result = run(bars([100] * 6).drop(columns=["dividend", "split"]), exit={"hold": 2})
    assert any("no 'dividend' column: no dividend is paid" in warning for warning in result.warnings)
    assert any("no 'split' column" in warning for warning in result.warnings)


def test_a_neutral_thesis_with_one_side_says_so() -> None:
    both = pd.concat([bars([100] * 6), bars([50] * 6).assign(symbol="QQY")])
    result = run(both, versus={"QQY": 1}, neutral="dollar", borrow={"QQY": "none"}, exit={"hold": 2})
    assert "not traded: QQY cannot be borrowed (borrow: none)" in result.warnings
    assert "corner asks for neutral: dollar, but only its long side traded" in result.warnings


@pytest.mark.parametrize("capital", [0, -5, float("nan"), float("inf")])
def test_a_capital_that_is_no_amount_is_refused(capital: float) -> None:
    market = ds.Market.load(bars([100] * 6))
    thesis = ds.Thesis(name="t", source={"publisher": "me", "published": "2025-02-03T22:00Z"}, long={"QQX": 1})
    with pytest.raises(ds.UsageError, match="is not an amount"):
        ds.run(thesis, market, capital=capital)


def test_the_benchmark_stands_beside_the_result() -> None:
    """From the close of the 3rd, the row before the first fill, to that of the 6th: 100 to 110."""
    index = bars([100, 102, 105, 110, 90, 90]).assign(symbol="^QIX", **{"class": "index"}, price_basis="index")
    result = run(pd.concat([bars([50] * 6), index]), exit={"hold": 2}, benchmark="^QIX")
    assert result.benchmark_return == pytest.approx(0.10)


def test_what_a_source_says_of_a_missing_symbol_is_told() -> None:
    """A rate limit must not read like a wrong symbol."""

    class Feed:
        def bars(self, symbols: object, start: object, end: object) -> Bars:
            frame = bars([100] * 6)
            return Bars(frame, "feed", undelivered={"QQY": "HTTP 429 after 4 attempts; try again later"})

    thesis = ds.Thesis(
        name="t", source={"publisher": "me", "published": "2025-02-03T22:00Z"}, long=["QQX", "QQY", "QQZ"]
    )
    with pytest.raises(ds.PlanError) as caught:
        ds.market_for(thesis, Feed())
    told = [str(fault) for fault in caught.value.faults]
    assert told[0].endswith("feed did not deliver QQY: HTTP 429 after 4 attempts; try again later")
    assert told[1].endswith("QQZ is not in feed; name a symbol that it has")


def test_a_round_the_clock_fill_is_measured_by_its_own_session() -> None:
    """The close of one day and the open of the next are one instant, but two rows of two sessions."""
    days = pd.date_range("2025-01-01", periods=50)
    coin = pd.DataFrame({"date": days.date, "close": 100.0, "volume": 1e9}).assign(
        symbol="QBT", open=100.0, high=101.0, low=99.0, dividend=0.0, split=0.0, currency="USD", mic="24x7",
        price_basis="raw", **{"class": "crypto"},
    )  # fmt: skip
    result = run(coin, long={"QBT": 1}, exit={"hold": 2})
    entry = result.ledger.fills[0]
    opened = pd.Timestamp(entry.fill_at)
    assembly = assemble(result.plan, ds.Market.load(coin))
    assert pd.Timestamp(int(assembly.row_at[entry.row]), tz="UTC") == opened
    assert assembly.tape.bar["open_row"][0, entry.session] == entry.row

"""What a venue, a lender and a broker allow, each rule worked by hand through the whole pipeline."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepshock as ds
from deepshock.arrays import Reason
from deepshock.bridge import cross_check, to_vectorbt
from deepshock.errors import PlanError, UsageError
from deepshock.stats import unexplained

START = date(2025, 2, 3)  # a Monday; New York is closed on the 17th
HOLIDAYS = {date(2025, 2, 17)}
KNOWN = "2025-02-03T22:00Z"  # after Monday's close: the first fill is Tuesday's open


def weekdays(n: int, start: date = START) -> list[date]:
    days = [start + timedelta(days=k) for k in range(2 * n + 10)]
    return [day for day in days if day.weekday() < 5 and day not in HOLIDAYS][:n]


def bars(closes: list[float], symbol: str = "QQX", start: date = START, **columns: Any) -> pd.DataFrame:
    """Return bars of one New York stock that opens and closes at one price and moves nothing in between."""
    frame = pd.DataFrame({"date": weekdays(len(closes), start), "close": np.array(closes, dtype=float)})
    frame = frame.assign(
        symbol=symbol, open=frame["close"], high=frame["close"], low=frame["close"], volume=1e9, dividend=0.0,
        split=0.0, currency="USD", mic="XNYS", price_basis="split_adj", **{"class": "stock"},
    )  # fmt: skip
    return frame.assign(**columns)


def run(frame: pd.DataFrame, *, market: dict[str, Any] | None = None, **words: Any) -> ds.Result:
    given = {"long": {"QQX": 1}, "costs": "none", "fractional": True, **words}
    thesis = ds.Thesis(name="rules", source={"publisher": "me", "published": KNOWN}, **given)
    return ds.run(thesis, ds.Market.load(frame, **(market or {})))


def told(result: ds.Result) -> list[tuple[str, str, float]]:
    """Return (reason, day and hour, price) of each fill."""
    return [(f.reason, f"{f.fill_at:%d %H:%M}", f.price) for f in result.ledger.fills]


SHORT = {"long": {}, "short": {"QQX": 1}}


# --- Rule 201


def shock(last: list[tuple[float, float, float, float]]) -> pd.DataFrame:
    """Return three quiet days at 100, then sessions of given (open, high, low, close)."""
    frame = bars([100.0] * 3 + [close for *_, close in last])
    frame.loc[3:, ["open", "high", "low", "close"]] = last
    return frame


FALL = [(95.0, 95.0, 88.0, 92.0), (91.0, 92.5, 90.0, 91.5), (93.0, 94.0, 92.0, 93.0), (93.0, 94.0, 92.0, 93.0)]


def sold_on_thursday(**words: Any) -> ds.Result:
    """The thesis is known on Wednesday night; Thursday the 6th falls 12 %, Friday is restricted, Monday is free."""
    frame = shock(FALL)
    thesis = {"source": {"publisher": "me", "published": "2025-02-05T22:00Z"}, "exit": {"hold": 1}, **SHORT}
    thesis |= {"costs": "none", "fractional": True, **words}
    return ds.run(ds.Thesis(name="rules", **thesis), ds.Market.load(frame))


def test_an_open_is_never_restricted_by_its_own_session() -> None:
    assert told(sold_on_thursday())[0] == ("entry", "06 14:30", 95.0)


def test_a_close_is_restricted_by_its_own_session() -> None:
    """Thursday's close of 92 is under the offer of 95.01; Friday opens under 92.01 and trades up to 92.50."""
    assert told(sold_on_thursday(enter="next close"))[0] == ("entry", "07 21:00", 92.01)
    assert told(sold_on_thursday(enter="next close", uptick="wait"))[0] == ("entry", "10 14:30", 93.0)
    assert told(sold_on_thursday(enter="next close", uptick="ignore"))[0] == ("entry", "06 21:00", 92.0)


def test_a_short_at_its_offer_is_decided_at_the_open_that_failed_it() -> None:
    fill = sold_on_thursday(enter="next close").ledger.fills[0]
    assert f"{fill.decided_at:%d %H:%M}" == "07 14:30"
    assert fill.note == "due 2025-02-06 21:00Z (close), carried: restricted by Rule 201"


def test_a_restricted_auction_above_the_offer_fills_at_its_price() -> None:
    frame = shock([FALL[0], (92.5, 93.0, 90.0, 91.5), *FALL[2:]])
    thesis = {"enter": "next close", "exit": {"hold": 1}, "costs": "none", "fractional": True, **SHORT}
    thesis["source"] = {"publisher": "me", "published": "2025-02-05T22:00Z"}
    result = ds.run(ds.Thesis(name="rules", **thesis), ds.Market.load(frame))
    assert told(result)[0] == ("entry", "07 14:30", 92.5)


def test_a_purchase_and_another_venue_know_no_rule_201() -> None:
    assert told(sold_on_thursday(enter="next close", long={"QQX": 1}, short={}))[0][1] == "06 21:00"


def test_the_three_settings_stand_beside_a_short_thesis() -> None:
    frame = shock([*FALL, (93.0, 97.0, 93.0, 96.0), (90.0, 91.0, 89.0, 90.0)])
    thesis = ds.Thesis(
        name="rules", source={"publisher": "me", "published": "2025-02-05T22:00Z"}, enter="next close",
        exit={"hold": 1}, costs="none", fractional=True, **SHORT,
    )  # fmt: skip
    found = {s.name: s for s in ds.sensitivities(thesis, ds.Market.load(frame))}
    assert found["uptick: passive, as run"].net_return == pytest.approx(
        1 - 93 / 92.01
    )  # 92.01 on the 7th, 93 on the 10th
    assert found["uptick: ignore"].net_return == pytest.approx(1 - 91.5 / 92)  # 92 on the 6th, out at 91.50 on the 7th
    assert found["uptick: wait"].net_return == pytest.approx(0.0)  # 93 on the 10th, out at 93 on the 11th
    assert found["uptick: wait, exit of passive"].net_return == pytest.approx(0.0)  # in and out on the 10th
    assert found["uptick: wait, exit of passive"].last_exit < found["uptick: wait"].last_exit


# --- Borrow, recalls, designation


def lending(**tables: Any) -> dict[str, Any]:
    frames = {name: pd.DataFrame(rows) if isinstance(rows, list) else rows for name, rows in tables.items()}
    return {"lending": ds.Lending.load(**frames)}


def test_the_borrow_fee_follows_the_file_day_by_day() -> None:
    """Sold on Tuesday the 4th at 100, settled on the 5th; covered on Friday the 7th, settled on Monday the 10th.

    Five nights on ceil(1.02 x 100) = 102 dollars: general until the 6th, then special, then a rate of its own.
    """
    rows = [
        {"symbol": "QQX", "from": "2025-01-01", "to": "2025-02-06", "tier": "general", "rate": ""},
        {"symbol": "QQX", "from": "2025-02-07", "to": "2025-02-08", "tier": "special", "rate": ""},
        {"symbol": "QQX", "from": "2025-02-09", "to": "", "tier": "special", "rate": "36%"},
    ]
    costs = {"preset": "none", "borrow.general": 0.01, "borrow.special": 0.05}
    result = run(bars([100] * 8), market=lending(borrow=rows), exit={"hold": 3}, costs=costs, **SHORT)
    shares = 10_000
    expected = 102 * shares / 360 * (2 * 0.01 + 2 * 0.05 + 1 * 0.36)
    assert result.ledger.costs_by_name == {"borrow": pytest.approx(expected)}


def test_a_file_is_not_heeded_where_no_borrow_is_charged() -> None:
    rows = [{"symbol": "QQX", "from": "2025-01-01", "tier": "special", "rate": "36%"}]
    assert run(bars([100] * 8), market=lending(borrow=rows), exit={"hold": 3}, **SHORT).ledger.costs_by_name == {}


def test_what_cannot_be_borrowed_on_a_day_is_sold_short_on_the_next() -> None:
    rows = [{"symbol": "QQX", "from": "2025-02-03", "to": "2025-02-05", "tier": "none"}]
    result = run(bars([100, 101, 102, 103, 104, 105]), market=lending(borrow=rows), exit={"hold": 1}, **SHORT)
    assert told(result)[0] == ("entry", "06 14:30", 103.0)
    assert "could not be borrowed" in result.ledger.fills[0].note


def test_a_file_knows_better_than_the_thesis_on_its_days() -> None:
    rows = [{"symbol": "QQX", "from": "2025-02-05", "to": "2025-02-28", "tier": "special"}]
    words = {**SHORT, "borrow": {"QQX": "none"}, "exit": {"hold": 1}}
    assert not run(bars([100.0] * 6), **words).runnable
    assert told(run(bars([100, 101, 102, 103, 104, 105]), market=lending(borrow=rows), **words))[0][1] == "05 14:30"


def test_a_recalled_short_is_bought_in_at_the_next_open() -> None:
    frame = bars([100, 100, 101, 102, 103, 104])
    recalled = lending(recalls=[{"symbol": "QQX", "date": "2025-02-06"}])
    result = run(frame, market=recalled, exit={"hold": 20}, **SHORT)
    assert told(result) == [("entry", "04 14:30", 100.0), ("recall", "07 14:30", 103.0)]
    assert f"{result.ledger.fills[1].decided_at:%d %H:%M}" == "06 21:00"
    assert [f.reason for f in run(frame, market=recalled, exit={"hold": 2}).ledger.fills] == [
        "entry",
        "hold 2 sessions",
    ]


def test_an_exit_before_the_buy_in_stays_what_it_is() -> None:
    recalled = lending(recalls=[{"symbol": "QQX", "date": "2025-02-06"}])
    result = run(bars([100, 100, 101, 102, 103, 104]), market=recalled, exit={"hold": 2}, **SHORT)
    assert told(result)[1] == ("hold 2 sessions", "06 21:00", 102.0)


def test_simulated_recalls_say_so_and_come_as_often_as_asked() -> None:
    found = lending(hazard=ds.Hazard(252.0, 7))  # certain enough: 1 - exp(-1) a session
    result = run(bars([100.0] * 12), market=found, exit={"hold": 9}, **SHORT)
    assert result.ledger.fills[1].kind is Reason.RECALL
    assert any("recalls are simulated" in warning for warning in result.warnings)


def test_hong_kong_lends_designated_securities_only() -> None:
    days = [date(2025, 2, 3) + timedelta(days=k) for k in (0, 1, 2, 3, 4, 7, 8)]
    frame = bars([100.0] * 7, currency="HKD", mic="XHKG").assign(date=days)
    listed = lending(designated=[{"symbol": "QQX", "from": "2025-02-06", "to": ""}])
    assert told(run(frame, market=listed, exit={"hold": 1}, **SHORT))[0][1] == "06 01:30"
    assumed = run(frame, exit={"hold": 1}, **SHORT)
    assert told(assumed)[0][1] == "04 01:30"
    assert "assumed to be designated for short sales in Hong Kong, no list was given: QQX" in assumed.warnings


# --- Participation and T+1


def thin(closes: list[float], volume: float = 100_000.0) -> pd.DataFrame:
    """Return 25 sessions before the story at the first price, then the closes."""
    start = date(2024, 12, 30)
    days = [d for d in weekdays(60, start) if d not in {date(2025, 1, 1), date(2025, 1, 9), date(2025, 1, 20)}]
    before = [d for d in days if d <= START]
    frame = bars([closes[0]] * len(before) + closes[1:])
    return frame.assign(date=days[: len(frame)], volume=volume)


def test_a_large_order_goes_on_at_the_next_sessions() -> None:
    """5,000 shares are sent into 2 % of 100,000: 2,000 a session; the rest takes the price of its own open."""
    result = run(thin([100, 100, 125, 100, 100, 100, 100, 100]), exit={"hold": 4}, capital="500000 USD")
    bought = [(f"{f.fill_at:%d %H:%M}", f.shares) for f in result.ledger.fills if f.opens]
    # 500,000 less 200,000 and 250,000 leaves 50,000: 500 shares at 100
    assert bought == [("04 14:30", 2000.0), ("05 14:30", 2000.0), ("06 14:30", 500.0)]
    sold = [(f"{f.fill_at:%d %H:%M}", f.shares, f.reason) for f in result.ledger.fills if not f.opens]
    assert sold[:2] == [("10 21:00", -2000.0, "hold 4 sessions"), ("11 14:30", -2000.0, "hold 4 sessions")]
    assert result.ledger.fills[1].note == "due 2025-02-04 14:30Z (open), carried: over the participation cap"


def test_what_never_fills_of_an_order_is_told() -> None:
    result = run(thin([100.0] * 8), exit={"hold": 6}, enter={"at": "open", "within": 2}, capital="1000000 USD")
    (rest,) = result.ledger.unfilled
    assert rest.part == pytest.approx(0.6)
    assert rest.reason == "did not fill 60.0% of its order (over the participation cap)"


def test_half_a_neutral_pair_is_shown_as_unhedged() -> None:
    liquid = thin([100.0] * 8, volume=1e9)
    pair = pd.concat([liquid, thin([100.0] * 8).assign(symbol="QQY")])
    words = {"long": {"QQX": 1}, "short": {"QQY": 1}, "neutral": "dollar", "exit": {"hold": 5}}
    result = run(pair, **words, enter={"at": "open", "within": 1}, capital="2000000 USD")
    # 1,000,000 long, 200,000 short
    half = "rules asks for neutral: dollar, but QQY filled only in part: +40.0% of the capital stays unhedged"
    assert half in result.warnings
    assert "traded in part: QQY did not fill 80.0% of its order (over the participation cap)" in result.warnings
    assert not any(warning.startswith("not traded") for warning in result.warnings)


def test_a_neutral_thesis_without_one_of_its_legs_is_shown_as_unhedged() -> None:
    """Half is long, a quarter is short in BBX; CCX never opens."""
    frame = pd.concat([bars([100.0] * 8, symbol) for symbol in ("AAX", "BBX", "CCX")])
    frame["volume"] = frame["volume"].where(frame["symbol"] != "CCX", 0.0)
    words = {"long": {"AAX": 1}, "short": {"BBX": 1, "CCX": 1}, "neutral": "dollar", "exit": {"hold": 2}}
    result = run(frame, **words)
    net = "rules asks for neutral: dollar, but CCX did not fill: +25.0% of the capital stays unhedged"
    assert net in result.warnings
    refused = run(frame, borrow={"BBX": "none"}, **words)
    both = "rules asks for neutral: dollar, but BBX, CCX did not fill: +50.0% of the capital stays unhedged"
    assert both in refused.warnings


def test_what_a_beta_neutral_thesis_lacks_is_told_in_money() -> None:
    """A long of beta 1 takes two thirds, two shorts of beta 2 a sixth each; one of them never opens."""
    frame = with_index(related(QQX=1, QQY=2, QQZ=2, QIX=1))
    gone = (frame["symbol"] == "QQZ") & (pd.to_datetime(frame["date"]) > pd.Timestamp(START))
    frame["volume"] = frame["volume"].mask(gone, 0.0)
    words = {"long": {"QQX": 1}, "short": {"QQY": 1, "QQZ": 1}, "neutral": "beta", "benchmark": "QIX"}
    result = run(frame, exit={"hold": 2}, **words)
    net = "but QQZ did not fill: +50.0% of the capital stays unhedged, in money and not in beta"
    assert f"rules asks for neutral: beta, {net}" in result.warnings


def test_one_leg_in_parts_is_not_legs_at_different_instants() -> None:
    result = run(thin([100.0] * 12), exit={"hold": 8}, capital="1000000 USD")
    assert len({fill.fill_at for fill in result.ledger.fills if fill.opens}) == 5
    assert not any("different instants" in warning for warning in result.warnings)


def test_legs_are_compared_by_their_first_fills() -> None:
    """QQX fills in parts from the 4th on, QQY is halted on that day and opens on the 5th."""
    frame = pd.concat([thin([100.0] * 10), thin([100.0] * 10, volume=1e9).assign(symbol="QQY")], ignore_index=True)
    halted = (frame["symbol"] == "QQY") & (pd.to_datetime(frame["date"]) == pd.Timestamp("2025-02-04"))
    frame["volume"] = frame["volume"].mask(halted, 0.0)
    result = run(frame, long={"QQX": 1, "QQY": 1}, exit={"hold": 5}, capital="1000000 USD")
    apart = "20% gross and +20% net from 2025-02-04 14:30Z; all from 2025-02-05 14:30Z"
    assert f"legs fill at different instants: {apart}" in result.warnings


def test_capacity_takes_an_array_and_refuses_an_empty_grid() -> None:
    thesis = ds.Thesis(name="rules", source={"publisher": "me", "published": KNOWN}, long={"QQX": 1}, exit={"hold": 2})
    market = ds.Market.load(thin([100.0, 100.0, 102.0, 104.0, 104.0]))
    grid = np.geomspace(1e5, 1e8, 4)
    found = ds.capacity(thesis, market, grid=grid)
    assert [point.capital for point in found.points] == grid.tolist()
    assert found.document() == ds.capacity(thesis, market, grid=grid.tolist()).document()
    with pytest.raises(UsageError, match="grid: the capitals are not positive and ascending"):
        ds.capacity(thesis, market, grid=[])


def test_a_cost_file_may_be_a_path_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("preset: retail\nhalf-spread.bps: 7\n")
    source = {"publisher": "me", "published": KNOWN}
    thesis = ds.Thesis(name="rules", source=source, exit={"hold": 2}, alternatives={"h": {"exit.hold": 1}}, **SHORT)
    market = ds.Market.load(thin([100.0, 100.0, 98.0, 96.0, 96.0]))
    assert ds.capacity(thesis, market, grid=[1e5, 1e6], costs=file) == ds.capacity(
        thesis, market, grid=[1e5, 1e6], costs=str(file)
    )
    assert ds.sensitivities(thesis, market, costs=file) == ds.sensitivities(thesis, market, costs=str(file))
    assert ds.compare([thesis], market, costs=file)[0].plan.costs == ds.run(thesis, market, costs=file).plan.costs
    assert "own.yaml" in ds.explain(thesis, market, costs=file)


def test_the_cap_can_be_lifted() -> None:
    costs = {"preset": "none", "participation": "none"}
    result = run(thin([100.0] * 8), exit={"hold": 2}, capital="500000 USD", costs=costs)
    assert [f.shares for f in result.ledger.fills] == [5000.0, -5000.0]


def test_levels_hang_from_the_average_price() -> None:
    """2,000 at 100 and 2,000 at 110: the average is 105, the target of 10 % stands at 115.50."""
    frame = thin([100, 100, 110, 112, 116, 116, 116])
    result = run(frame, exit={"target": "10%"}, capital="420000 USD", enter={"at": "open", "within": 2})
    assert told(result)[2] == ("target", "07 21:00", 116.0)
    assert result.ledger.fills[1].shares == pytest.approx(2000)


def test_an_a_share_is_not_sold_in_the_session_that_bought_it() -> None:
    days = [date(2025, 2, 5), date(2025, 2, 6), date(2025, 2, 7), date(2025, 2, 10)]
    frame = bars([100.0, 89.0, 88.0, 90.0], currency="CNY", mic="XSHE", open=[100.0, 100.0, 87.0, 90.0]).assign(
        date=days, high=[100.0, 100.0, 88.5, 90.0], low=[100.0, 88.0, 86.0, 90.0], limit_pct=0.2
    )
    thesis = {"source": {"publisher": "me", "published": "2025-02-05T08:00Z"}, "long": {"QQX": 1}, "costs": "none"}
    result = ds.run(ds.Thesis(name="rules", exit={"stop": "8%"}, **thesis), ds.Market.load(frame))
    assert told(result) == [("entry", "06 01:30", 100.0), ("stop", "07 01:30", 87.0)]
    assert "bought in that session (T+1)" in result.ledger.fills[1].note


# --- Margin


def price_path(level: float, tick: float) -> list[float]:
    """Return closes that end one tick short of a level, and then one tick beyond it."""
    return [100.0, 100.0, 100.0, level - tick, level + tick, 100.0, 100.0]


@pytest.mark.parametrize(
    ("side", "margin", "initial", "maintenance"),
    [
        ("short", "reg-t", 0.5, 0.3),
        ("long", "reg-t", 0.5, 0.25),
        ("short", "own", 0.4, 0.35),
        ("long", "own", 0.4, 0.35),
    ],
)
def test_the_price_that_calls_is_found_to_a_tick(side: str, margin: str, initial: float, maintenance: float) -> None:
    """An account at its initial margin: P0 (1 + im) / (1 + mm) for shorts, P0 (1 - im) / (1 - mm) for longs."""
    sign = -1.0 if side == "long" else 1.0
    called = 100.0 * (1 + sign * initial) / (1 + sign * maintenance)
    rule = {"initial": f"{initial:.0%}", "maintenance": f"{maintenance:.0%}"} if margin == "own" else margin
    legs = {"long": {"QQX": 1}, "short": {}} if side == "long" else SHORT
    words = {"gross": f"{100 / initial:.10g}%", "margin": rule, "exit": {"hold": 20}, "uptick": "ignore", **legs}
    path = price_path(called, sign * 0.01)
    result = run(bars(path), **words)
    (call,) = result.ledger.margin_calls
    assert call.at.date() == weekdays(7)[4]
    assert result.liquidated
    assert result.warnings[0].startswith("LIQUIDATED: margin call at 2025-02-07 21:00Z, equity ")
    assert [f.reason for f in result.ledger.fills] == ["entry", "margin call"]
    assert f"{result.ledger.fills[1].fill_at:%d %H:%M}" == "10 14:30"
    short_of_it = run(bars([*path[:4], path[3], path[3], path[3]]), **words)
    assert not short_of_it.liquidated


def test_cheap_shorts_are_asked_for_so_much_a_share() -> None:
    """At 6 USD a short needs 5 USD a share instead of 30 %; at 4 USD its whole value; at 2 USD 2.50."""
    for price, need in ((6.0, 5.0), (4.0, 4.0), (2.0, 2.5), (20.0, 6.0), (5.0, 5.0)):
        result = run(bars([price] * 8), exit={"hold": 3}, **SHORT)
        assert result.ledger.margin[0, 0] == pytest.approx(1_000_000 / price * need)


def test_floors_are_dollars_in_any_account() -> None:
    """A share of 4 EUR at 1.5 USD is one of 6 USD: 5 USD a share are asked, which is 10/3 EUR."""
    rates = {"known_at": ["2025-01-01T00:00Z"] * 2, "currency": ["USD", "EUR"], "base": ["EUR", "USD"]}
    fx = pd.DataFrame({**rates, "rate": [1 / 1.5, 1.5]})
    frame = bars([4.0] * 8, currency="EUR", mic="XETR")
    result = run(frame, market={"fx": fx}, exit={"hold": 2}, capital="1000000 EUR", **SHORT)
    assert result.ledger.margin[0, 0] == pytest.approx(250_000 * 10 / 3)


def test_floors_without_a_dollar_rate_say_why_one_is_needed() -> None:
    fx = pd.DataFrame({"known_at": ["2025-01-01T00:00Z"], "currency": ["HKD"], "base": ["EUR"], "rate": [0.12]})
    frame, words = bars([4.0] * 8, currency="EUR", mic="XETR"), {"exit": {"hold": 2}, "capital": "1000000 EUR", **SHORT}
    with pytest.raises(ds.MarketError, match=r"margin reg-t has floors in US dollars .* write margin: none"):
        run(frame, market={"fx": fx}, **words)
    own = {"initial": "50%", "maintenance": "30%"}
    assert run(frame, market={"fx": fx}, margin=own, **words).ledger.margin[0, 0] == pytest.approx(300_000)


def test_orders_are_cut_to_what_initial_margin_leaves() -> None:
    result = run(bars([100.0] * 8), exit={"hold": 2}, gross="300%")
    assert result.ledger.fills[0].shares == pytest.approx(20_000)
    assert "initial margin (reg-t) left 66.7% of the orders for QQX" in result.warnings
    assert run(bars([100.0] * 8), exit={"hold": 2}, gross="300%", margin="none").ledger.fills[0].shares == 30_000


def test_a_squeeze_liquidates_once_and_the_largest_need_first() -> None:
    """Shorts of 80,000 A, 60,000 B and 40,000 C against 100,000: B doubles, and B alone has to go."""
    quiet, squeezed = [100.0] * 8, [100.0, 100.0, 100.0, 190.0, 185.0, 180.0, 180.0, 180.0]
    frame = pd.concat([bars(quiet, "AAX"), bars(squeezed, "BBX"), bars(quiet, "CCX")])
    words = {"long": {}, "short": {"AAX": 4, "BBX": 3, "CCX": 2}, "gross": "180%", "uptick": "ignore"}
    result = run(frame, capital="100000 USD", exit={"hold": 4}, **words)
    (call,) = result.ledger.margin_calls
    # equity 100,000 - 600 x 90 = 46,000; needed 30 % of 80,000 + 114,000 + 40,000 = 70,200; without B 36,000
    assert (call.equity, call.required, call.closed) == (pytest.approx(46_000), pytest.approx(70_200), ("BBX",))
    closed = [f for f in result.ledger.fills if f.kind is Reason.MARGIN_CALL]
    assert [(f.symbol, f"{f.fill_at:%d %H:%M}", f.price) for f in closed] == [("BBX", "07 14:30", 185.0)]
    assert np.abs(unexplained(result)).max() < 1e-9


def test_a_call_goes_on_to_the_next_largest_need_and_cancels_what_waits() -> None:
    both = [100.0, 100.0, 100.0, 170.0, 170.0, 170.0, 170.0, 170.0]
    frame = pd.concat([bars(both, "AAX"), bars(both, "BBX"), bars([100.0] * 8, "CCX")])
    words = {"long": {}, "short": {"AAX": 5, "BBX": 4, "CCX": 1}, "gross": "140%", "uptick": "ignore"}
    result = run(frame, capital="100000 USD", exit={"hold": 4}, **words)
    (call,) = result.ledger.margin_calls
    # equity 100,000 - 1,260 x 70 = 11,800; A needs 35,700, B 28,560, C 4,200: A and B go, C's 4,200 is covered
    assert call.equity == pytest.approx(11_800)
    assert set(call.closed) == {"AAX", "BBX"}


@pytest.mark.parametrize("reason", ["margin call", "recall"])
def test_a_leg_that_loses_its_hedge_is_named(reason: str) -> None:
    """Three times the capital, the hedge twice its leg: 1 % of the walk later 33 % of it is more than the equity."""
    words: dict[str, Any] = {"hedge": {"beta to": "QQH", "via": "QQH"}, "exit": {"hold": 6}, "uptick": "ignore"}
    if reason == "margin call":
        result = run(related(QQX=2, QQH=1), margin={"initial": "33.4%", "maintenance": "33.2%"}, **words)
    else:
        recalled = lending(recalls=[{"symbol": "QQH", "date": "2025-02-05"}])
        result = run(related(QQX=2, QQH=1), market=recalled, margin="none", **words)
    gone = "QQX is no longer hedged from 2025-02-06 14:30Z on: its hedge QQH was closed by a"
    assert f"{gone} {reason}" in result.warnings
    whole = run(related(QQX=2, QQH=1), margin="none", **words)
    assert not any("no longer hedged" in warning for warning in whole.warnings)


def test_margin_none_calls_nothing() -> None:
    result = run(
        bars([100.0, 100.0, 100.0, 190.0, 190.0, 190.0]), gross="200%", margin="none", exit={"hold": 9}, **SHORT
    )
    assert not result.liquidated
    assert not result.ledger.margin.any()


# --- Corporate actions


def actions(**row: Any) -> dict[str, Any]:
    return {"actions": pd.DataFrame([{"symbol": "QQX", **row}])}


def test_a_merger_pays_out_at_the_open_and_costs_nothing() -> None:
    gone = actions(date="2025-02-07", kind="merger", cash=120)
    frame = bars([100.0, 100.0, 110.0, 115.0])  # no bar from the day of the merger on
    frame = pd.concat([frame, bars([50.0] * 10, "QQZ")])
    result = run(frame, market=gone, exit={"hold": 20}, costs="institutional")
    merger = result.ledger.fills[1]
    assert (merger.reason, f"{merger.fill_at:%d %H:%M}", merger.price, merger.costs) == (
        "merger",
        "07 14:30",
        120.0,
        {},
    )
    assert result.ledger.gross_pnl == pytest.approx(200_000)
    assert np.abs(unexplained(result)).max() < 1e-9


def test_a_delisting_may_pay_nothing_and_frees_the_short() -> None:
    gone = actions(date="2025-02-07", kind="delisting", cash=0)
    frame = pd.concat([bars([100.0, 100.0, 50.0, 2.0]), bars([50.0] * 10, "QQZ")])
    result = run(frame, market=gone, exit={"hold": 20}, uptick="ignore", **SHORT)
    assert [f.reason for f in result.ledger.fills] == ["entry", "delisting"]
    assert result.ledger.net_pnl == pytest.approx(1_000_000)
    left_out = cross_check(result)
    assert (left_out.agrees, left_out.left_out) == (True, ("fill at a price of 0: QQX (delisting)",))
    assert math.isnan(left_out.largest)
    with pytest.raises(PlanError, match=r"a fill at a price of 0, which vectorbt refuses: QQX \(delisting\)"):
        to_vectorbt(result)


def test_nothing_is_bought_after_the_end() -> None:
    result = run(bars([100.0] * 8), market=actions(date="2025-02-04", kind="merger", cash=120), exit={"hold": 2})
    assert not result.ledger.fills
    assert "delisted or taken over" in result.ledger.unfilled[0].reason


def test_bars_that_end_while_held_ask_for_the_file() -> None:
    frame = pd.concat([bars([100.0] * 5), bars([50.0] * 25, "QQZ")])
    result = run(frame, exit={"hold": 15})
    assert any("QQX has no bars after 2025-02-07 while it is held" in warning for warning in result.warnings)


def test_two_legs_that_cancel_are_two_positions_in_what_ended() -> None:
    source = {"publisher": "me", "published": KNOWN}
    sides = {"a": {"long": {"QQX": 1}}, "b": {"short": {"QQX": 1}}}
    members = [ds.Thesis(name=n, source=source, exit={"hold": 15}, costs="none", **s) for n, s in sides.items()]
    frame = pd.concat([bars([100.0] * 5), bars([50.0] * 25, "QQZ")])
    result = ds.run(ds.Book.of("both", members), ds.Market.load(frame))
    assert sum(fill.shares for fill in result.ledger.fills) == 0.0
    assert any("QQX has no bars after 2025-02-07 while it is held" in warning for warning in result.warnings)


# --- Attribution and cash by currency


def test_the_attribution_splits_price_into_night_and_day_and_into_beta_and_alpha() -> None:
    """10,000 shares from 100 at Tuesday's open: day 100 to 104, night to 106, day to 103; the benchmark rose by 1 %."""
    frame = bars([100, 104, 103, 103, 103]).assign(open=[100.0, 100.0, 106.0, 103.0, 103.0])
    frame["high"], frame["low"] = frame[["open", "close"]].max(axis=1), frame[["open", "close"]].min(axis=1)
    result = run(frame, exit={"hold": 1})
    table = ds.attribution(result)
    day, night = table.iloc[0], table.iloc[2]
    assert (day["price"], day["gap"], day["tradable"]) == (pytest.approx(40_000), 0.0, pytest.approx(40_000))
    assert (night["price"], night["gap"], night["tradable"]) == pytest.approx((-10_000, 20_000, -30_000))
    assert table["beta"].isna().sum() == 2  # no benchmark: not known, of the leg on both rows
    assert table.groupby("at")["total"].sum().tolist() == pytest.approx(np.diff([1e6, *result.ledger.nav]).tolist())


INDEX = {"class": "index", "price_basis": "index"}


def related(**times: float) -> pd.DataFrame:
    """Return fourteen months of bars to 14 February 2025, of symbols that move so many times one random walk.

    From 4 February on the walk rises by 1 % a session.
    """
    days = [d for d in weekdays(330, date(2023, 12, 11)) if d <= date(2025, 2, 14)]
    sessions = set(ds.Market.load(bars([1.0] * 300, start=days[0])).sessions("XNYS").days.tolist())
    days = [d for d in days if (d - date(1970, 1, 1)).days in sessions]
    moves = np.where(np.array(days) <= START, np.random.default_rng(3).normal(0, 0.01, len(days)), 0.01)
    made = []
    for symbol, multiple in times.items():
        close = 50 * np.cumprod(1 + multiple * moves)
        made.append(bars([1.0] * len(days), symbol).assign(date=days, close=close, open=close, high=close, low=close))
    return pd.concat(made, ignore_index=True)


def with_index(frame: pd.DataFrame, symbol: str = "QIX") -> pd.DataFrame:
    """Make one of the symbols a benchmark that cannot be traded."""
    return frame.assign(**{word: frame[word].mask(frame["symbol"] == symbol, kind) for word, kind in INDEX.items()})


def test_beta_and_alpha_sum_to_price() -> None:
    """The share moves twice its benchmark: all of its price is beta."""
    result = run(with_index(related(QQX=2, QIX=1)), exit={"hold": 3}, benchmark="QIX")
    legs = ds.attribution(result).xs(0, level="leg")
    assert legs["price"].abs().max() > 1_000
    assert legs["alpha"].to_numpy() == pytest.approx(0.0, abs=1e-6)


def test_cash_stands_by_currency() -> None:
    fx = pd.DataFrame({"known_at": ["2025-01-01T00:00Z"], "currency": ["EUR"], "base": ["USD"], "rate": [2.0]})
    result = run(bars([100.0] * 8, currency="EUR", mic="XETR"), market={"fx": fx}, exit={"hold": 2}, **SHORT)
    cash = result.cash()
    assert list(cash.columns) == ["free", "collateral USD", "collateral EUR"]
    assert cash.iloc[0].tolist() == pytest.approx([1_000_000, 0, 500_000])
    assert math.isclose(cash.iloc[-1]["collateral EUR"], 0.0, abs_tol=1e-6)


# --- What a rest, an instant and an empty account do


def test_a_rest_that_is_offered_below_the_stop_fills_before_it() -> None:
    """2,000 at 95; offered at 92.01 while restricted, met on the way to 110: the average is 93.505, the stop 100.99."""
    frame = thin([100.0] * 9)
    sessions = [(95.0, 95.0, 88.0, 92.0), (91.0, 110.0, 90.0, 105.0), (105.0,) * 4, (105.0,) * 4]
    frame.loc[frame.index[-6:-2], ["open", "high", "low", "close"]] = sessions
    words = {**SHORT, "exit": {"stop": "8%"}, "capital": "500000 USD", "costs": "none", "fractional": True}
    words["source"] = {"publisher": "me", "published": "2025-02-05T22:00Z"}
    result = ds.run(ds.Thesis(name="rules", **words), ds.Market.load(frame))
    assert [(f.reason, f"{f.fill_at:%d %H}", round(f.shares)) for f in result.ledger.fills] == [
        ("entry", "06 14", -2000), ("entry", "07 21", -2000), ("stop", "07 21", 2000), ("stop", "10 14", 2000),
    ]  # fmt: skip
    assert result.ledger.fills[2].price == pytest.approx(1.08 * (95 + 92.01) / 2)


def test_a_stop_below_the_offer_comes_first() -> None:
    """A stop of 0.5 % stands at 91.5555, under the offer of 91.56: a rising price meets it first."""
    frame = thin([100.0] * 9)
    sessions = [(91.1, 91.55, 88.0, 91.55), (90.0, 110.0, 89.9, 105.0), (105.0,) * 4, (105.0,) * 4]
    frame.loc[frame.index[-6:-2], ["open", "high", "low", "close"]] = sessions
    frame.loc[frame.index[-7], ["open", "high", "low", "close"]] = (100.0, 100.0, 100.0, 101.5)
    words = {**SHORT, "exit": {"stop": "0.5%"}, "capital": "500000 USD", "costs": "none", "fractional": True}
    words["source"] = {"publisher": "me", "published": "2025-02-05T22:00Z"}
    result = ds.run(ds.Thesis(name="rules", **words), ds.Market.load(frame))
    assert [f.reason for f in result.ledger.fills][:2] == ["entry", "stop"]
    assert result.ledger.unfilled[0].part > 0.5


def test_what_the_close_leaves_of_a_coin_is_not_sold_at_the_open_of_the_same_instant() -> None:
    days = [date(2025, 1, 1) + timedelta(days=k) for k in range(50)]
    frame = bars([100.0] * 50, currency="USD", mic="24x7").assign(
        date=days, volume=10_000_000.0, **{"class": "crypto"}
    )  # volume in dollars: 100,000 coins, of which 2,000 are taken at once
    result = run(frame, exit={"hold": 3}, capital="350000 USD")
    sold = [
        (f"{f.decided_at:%d %H}", f"{f.fill_at:%d %H}", round(f.shares)) for f in result.ledger.fills if f.shares < 0
    ]
    assert sold == [("05 00", "08 00", -2000), ("08 00", "09 00", -1500)]


def test_a_carried_margin_call_is_told_once_and_names_what_it_closes() -> None:
    frame = bars([100.0, 100.0, 100.0, 170.0, 171.0, 172.0, 172.0, 172.0])
    frame.loc[4, "volume"] = 0.0  # the session after the call is halted
    result = run(frame, gross="150%", exit={"hold": 20}, uptick="ignore", **SHORT)
    first = result.ledger.margin_calls[0]
    assert (first.at.day, first.closed) == (6, ("QQX",))
    assert all(call.closed == () for call in result.ledger.margin_calls[1:])
    assert told(result)[1] == ("margin call", "10 14:30", 172.0)


def test_an_account_without_positions_is_not_called() -> None:
    """A short that loses more than everything on its own exit is a loss, not a liquidation."""
    result = run(bars([100.0, 100.0, 100.0, 100.0, 400.0, 400.0]), exit={"hold": 3}, uptick="ignore", **SHORT)
    assert result.ledger.nav[-1] < 0
    assert [f.reason for f in result.ledger.fills] == ["entry", "hold 3 sessions"]
    assert not result.liquidated

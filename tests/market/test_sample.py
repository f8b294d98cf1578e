"""The simulated market: what is pinned, what is causal, and that the rest looks like a market."""

from __future__ import annotations

import hashlib
import math
import socket
import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from deepshock.market.calendar import sessions
from deepshock.market.instruments import describe, table
from deepshock.market.panel import Market
from deepshock.market.sample import SampleProvider, bars, factors, figures, listing, paths
from deepshock.market.ticks import tick_sizes

EVENT = pd.Timestamp("2025-01-27")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return SampleProvider().bars(None, None, None).frame


@pytest.fixture(scope="module")
def closes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.pivot(index="date", columns="symbol", values="close")


def around(frame: pd.DataFrame, symbol: str) -> tuple[pd.Series, pd.Series]:
    """Return the bars of 27 January 2025 and of the session before it."""
    mine = frame[frame["symbol"] == symbol].set_index("date")
    return mine.loc[EVENT], mine[mine.index < EVENT].iloc[-1]


def returns(closes: pd.DataFrame, symbol: str) -> pd.Series:
    return np.log(closes[symbol].dropna()).diff().dropna()


# ---------------------------------------------------------------- the figures of the articles

PINNED = [
    # pre-market, against the previous close: the open
    ("NVDA", "open", -6.5),  # xtb, by 14:30Z; bloomberg's -10 % is of 10:00Z
    ("^NDX", "open", -3.4),  # bloomberg's futures; xtb's "2.5 % and more" holds too
    ("QQQ", "open", -3.4),
    ("^GSPC", "open", -2.0),
    ("SPY", "open", -2.0),
    ("ASML", "open", -11.0),  # bloomberg, Amsterdam at 10:00Z, before New York's open
    ("MSFT", "open", -3.3),  # xtb
    ("^VIX", "open", 9.0),  # xtb
    # in the session: the close
    ("NVDA", "close", -11.0),  # quantblog, and so are those to AAPL
    ("ASML", "close", -6.2),
    ("AVGO", "close", -12.0),
    ("QCOM", "close", -1.4),
    ("AMD", "close", -4.5),
    ("MSFT", "close", -3.2),
    ("GOOGL", "close", -3.0),
    ("AMZN", "close", -2.4),
    ("TSLA", "close", -0.61),
    ("AAPL", "close", 1.2),
    ("VST", "close", -27.0),  # forexlive
    ("ENR.DE", "close", -20.0),  # bloomberg at 10:00Z, two hours into Xetra's session
    ("BTC-USD", "close", -5.4),  # xtb, within the UTC day
    ("^HSTECH", "high", 2.0),  # bloomberg, "up as much as"
    ("3033.HK", "high", 2.0),
]
TICKS = {"ENR.DE": 0.01, "3033.HK": 0.002}  # by the European table for 20 to 50 EUR, Hong Kong's for funds under 5 HKD


@pytest.mark.parametrize(("symbol", "field", "percent"), PINNED)
def test_the_market_does_what_the_articles_report(frame: pd.DataFrame, symbol: str, field: str, percent: float) -> None:
    today, before = around(frame, symbol)
    reported = before["close"] * (1 + percent / 100)
    # the previous close and the price are each rounded to a tick
    assert today[field] == pytest.approx(reported, abs=1.01 * TICKS.get(symbol, 0.01))
    assert round(100 * (today[field] / before["close"] - 1), 1) == pytest.approx(percent, abs=0.1)


def test_nothing_else_is_pinned() -> None:
    decided = {(symbol, pin.field) for symbol, mine in figures.pins().items() for pin in mine}
    words = {("META", "open"), ("META", "low"), ("META", "close"), ("300766.SZ", "close")}
    assert decided == {(symbol, field) for symbol, field, _ in PINNED} | words


def test_merit_interactive_closes_at_its_daily_limit(frame: pd.DataFrame) -> None:
    today, before = around(frame, "300766.SZ")
    limit = math.floor(before["close"] * 120 + 0.5) / 100
    assert today["close"] == today["high"] == limit
    assert today["open"] < limit
    path, k = paths.path_of("300766.SZ"), figures.session_of_event("300766.SZ")
    assert path.night[k] + path.day[k] > math.log(1.21)  # so the limit is what stops it, whatever it rounds to


def test_meta_opened_lower_and_closed_higher(frame: pd.DataFrame) -> None:
    """forexlive's words displace quantblog's -1.4 %, which then must have traded."""
    today, before = around(frame, "META")
    assert today["open"] < before["close"] < today["close"]
    assert today["low"] <= before["close"] * (1 - 0.014) + 0.01


@pytest.mark.parametrize("symbol", ["^HSTECH", "3033.HK"])
def test_up_as_much_as_is_the_high(frame: pd.DataFrame, symbol: str) -> None:
    today, _ = around(frame, symbol)
    assert today["high"] >= max(today["open"], today["close"])


def test_every_figure_of_the_table_is_used_or_displaced() -> None:
    used = {pin.figure for mine in figures.pins().values() for pin in mine}
    unused = [(each.symbol, each.source, each.says) for each in figures.figures() if each not in used]
    bounds = [("^NDX", "xtb", "at least"), ("QQQ", "xtb", "at least")]
    assert sorted(unused) == sorted([("NVDA", "bloomberg", "at"), *bounds])


def test_names_without_a_figure_move_with_the_pinned_ones(frame: pd.DataFrame) -> None:
    def move(symbol: str) -> float:
        today, before = around(frame, symbol)
        return today["close"] / before["close"] - 1

    assert all(-0.10 < move(chip) < -0.03 for chip in ("TSM", "MRVL", "MU", "SMCI"))
    assert all(-0.15 < move(power) < -0.03 for power in ("CEG", "GEV", "VRT"))
    assert all(abs(move(far)) < 0.025 for far in ("GLD", "0700.HK", "TLT", "688256.SS"))
    assert move("QQQ") < move("SPY") < move("RSP") < 0


# ---------------------------------------------------------------- causality across time zones


def test_asia_has_seen_the_world_up_to_its_own_close_only() -> None:
    drawn, moved = factors.draw_world(), paths.world()
    eight = int(pd.Timestamp("2025-01-27T08:00Z").value)
    row = int(drawn.row(np.array([eight]))[0])
    assert np.array_equal(drawn.path[: row + 1], moved.path[: row + 1])
    assert not np.array_equal(drawn.path[row + 1], moved.path[row + 1])
    for symbol in ("0700.HK", "9988.HK", "688256.SS"):
        mine, k = listing.listings()[symbol], figures.session_of_event(symbol)
        without, with_pins = paths._drawn(mine, drawn), paths.path_of(symbol)
        assert np.array_equal(without.night[: k + 1], with_pins.night[: k + 1])
        assert np.array_equal(without.day[: k + 1], with_pins.day[: k + 1])
        assert with_pins.night[k + 1] < without.night[k + 1]  # the next open knows what New York did


def test_a_shock_reaches_each_venue_at_its_next_auction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump of the world at 18:00Z on 14 March 2024: in New York's day, in Europe's and Asia's next night."""
    drawn = factors.draw_world()
    row = int(drawn.row(np.array([pd.Timestamp("2024-03-14T18:00Z").value]))[0])
    shocked = factors.World(drawn.path.copy(), drawn.clock, drawn.storm)
    shocked.path[row:, factors.NAMES.index("world")] += 1.0
    for symbol, field, day in (
        ("SPY", "day", 14),
        ("ENR.DE", "night", 15),
        ("9988.HK", "night", 15),
        ("BTC-USD", "day", 14),
    ):
        mine = listing.listings()["^GSPC" if symbol == "SPY" else symbol]
        k = (
            listing.hours(mine.calendar)
            .days.tolist()
            .index(date(2024, 3, day).toordinal() - date(1970, 1, 1).toordinal())
        )
        before, after = paths._drawn(mine, drawn), paths._drawn(mine, shocked)
        for name in ("night", "day"):
            change = getattr(after, name) - getattr(before, name)
            expected = np.zeros(len(change))
            expected[k] = mine.loads[factors.NAMES.index("world")] * (name == field)
            assert change == pytest.approx(expected, abs=1e-12)


def test_hong_kong_follows_new_york_by_a_day(closes: pd.DataFrame) -> None:
    hk, spy = returns(closes, "^HSI"), returns(closes, "SPY")
    late = spy.copy()
    late.index = late.index + pd.tseries.offsets.BDay(1)
    early = spy.copy()
    early.index = early.index - pd.tseries.offsets.BDay(1)
    assert hk.corr(late) > 0.12
    assert abs(hk.corr(early)) < 0.12


# ---------------------------------------------------------------- sessions, ticks, limits, actions


def test_bars_stand_on_every_session_of_their_venue(frame: pd.DataFrame) -> None:
    for symbol, mine in frame.groupby("symbol", observed=True):
        calendar = listing.listings()[str(symbol)].calendar
        first = date(2024, 4, 2) if symbol == "GEV" else date(2023, 6, 1)
        expected = sessions(calendar, first, date(2025, 6, 30)).days
        assert mine["date"].to_numpy("datetime64[D]").astype(int).tolist() == expected.tolist(), symbol


@pytest.mark.parametrize(
    ("symbol", "day", "is_session"),
    [
        ("NVDA", "2025-01-20", False),  # Martin Luther King day
        ("0700.HK", "2025-01-28", True),  # half a day
        ("0700.HK", "2025-01-29", False),
        ("0700.HK", "2025-02-03", True),
        ("300766.SZ", "2025-01-27", True),
        ("300766.SZ", "2025-01-28", False),
        ("300766.SZ", "2025-02-05", True),
        ("ENR.DE", "2025-01-20", True),
        ("BTC-USD", "2025-01-26", True),  # a Sunday
        ("^VIX", "2025-01-27", True),
    ],
)
def test_holidays_are_those_of_the_venue(frame: pd.DataFrame, symbol: str, day: str, is_session: bool) -> None:
    assert ((frame["symbol"] == symbol) & (frame["date"] == day)).any() == is_session


def test_bars_are_whole_and_consistent(frame: pd.DataFrame) -> None:
    prices = frame[["open", "high", "low", "close"]]
    assert (prices > 0).all(axis=None)
    assert (frame["high"] == prices.max(axis=1)).all()
    assert (frame["low"] == prices.min(axis=1)).all()
    assert not frame.isna().any(axis=None)
    assert not frame.duplicated(["symbol", "date"]).any()
    assert (frame.loc[frame["symbol"] != "^VIX", "volume"] > 0).all()
    assert (frame["volume"] % 100 == 0).all()


def test_prices_are_on_the_ticks_of_their_venue(frame: pd.DataFrame) -> None:
    for symbol, mine in frame.groupby("symbol", observed=True):
        facts = table()[str(symbol)]
        days = mine["date"].to_numpy("datetime64[D]").astype(np.int64)
        factor = np.where(mine["date"] < "2024-06-10", 10.0, 1.0) if symbol == "NVDA" else 1.0
        instrument = describe(str(symbol), {"mic": facts["mic"], "currency": facts["currency"]}, "split_adj")
        for name in ("open", "high", "low", "close"):
            traded = mine[name].to_numpy() * factor
            tick = tick_sizes(instrument, days, traded) if instrument.tradable else 0.01
            steps = traded / tick
            assert np.allclose(steps, np.round(steps), atol=1e-5), (symbol, name)


@pytest.mark.parametrize(("symbol", "low", "high", "tick"), [("0700.HK", 200, 500, 0.2), ("3690.HK", 100, 200, 0.1)])
def test_hong_kongs_spreads_by_hand(frame: pd.DataFrame, symbol: str, low: int, high: int, tick: float) -> None:
    prices = frame.loc[frame["symbol"] == symbol, "close"]
    prices = prices[(prices > low) & (prices < high)]
    assert len(prices) > 100
    assert (np.round(prices / tick, 6) % 1 == 0).all()


@pytest.mark.parametrize("symbol", ["300766.SZ", "688256.SS"])
def test_a_shares_stay_inside_twenty_per_cent(frame: pd.DataFrame, symbol: str) -> None:
    mine = frame[frame["symbol"] == symbol]
    before = mine["close"].shift().iloc[1:]
    assert (mine["high"].iloc[1:] <= np.floor(before * 120 + 0.5 + 1e-6) / 100 + 1e-9).all()
    assert (mine["low"].iloc[1:] >= np.floor(before * 80 + 0.5 + 1e-6) / 100 - 1e-9).all()


def test_one_split_that_prices_know_of(frame: pd.DataFrame) -> None:
    splits = frame[frame["split"] != 0]
    assert splits[["symbol", "date", "split"]].to_numpy().tolist() == [["NVDA", pd.Timestamp("2024-06-10"), 10.0]]
    nvda = frame[frame["symbol"] == "NVDA"].set_index("date")["close"]
    assert abs(nvda["2024-06-10"] / nvda["2024-06-07"] - 1) < 0.1


def test_dividends_are_paid_and_fall_off_the_price(frame: pd.DataFrame) -> None:
    paid = frame[frame["dividend"] > 0]
    counts = paid.groupby("symbol", observed=True).size()
    assert counts["MSFT"] == 8  # February, May, August, November from August 2023 to May 2025
    assert counts["TLT"] == 25  # each month
    assert counts["GEV"] == 5
    assert "AMZN" not in counts
    assert "BTC-USD" not in counts
    assert (paid["date"].dt.day >= 8).all()
    assert not (paid["date"] == EVENT).any()
    # a bond fund's price falls at the open by what it pays: 0.30 of about 100, twenty times the noise of the mean
    tlt = frame[frame["symbol"] == "TLT"].set_index("date")
    night = tlt["open"] - tlt["close"].shift()
    assert night[tlt["dividend"] > 0].mean() - night[tlt["dividend"] == 0].mean() == pytest.approx(-0.30, abs=0.25)


def test_a_dividend_moves_the_price_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, path = listing.listings()["SPY"], paths.path_of("SPY")
    nothing = np.zeros(len(path.night))
    once = nothing.copy()
    once[100] = 2.0
    plain, paid = (bars._auctions(mine, path, dividend, 0) for dividend in (nothing, once))
    assert np.array_equal(plain[1][:100], paid[1][:100])
    assert plain[0][100] - paid[0][100] == pytest.approx(2.0, rel=0.02)


# ---------------------------------------------------------------- it looks like a market

ANNUAL_VOLS = {
    "SPY": (0.09, 0.25),
    "QQQ": (0.12, 0.30),
    "NVDA": (0.30, 0.65),
    "SMCI": (0.45, 1.10),
    "VST": (0.30, 0.80),
    "MSFT": (0.13, 0.32),
    "ENR.DE": (0.30, 0.70),
    "9988.HK": (0.25, 0.55),
    "^HSTECH": (0.20, 0.45),
    "300766.SZ": (0.40, 0.85),
    "GLD": (0.09, 0.22),
    "TLT": (0.10, 0.22),
    "SHY": (0.008, 0.03),
    "BTC-USD": (0.20, 0.60),
    "^VIX": (0.7, 1.6),
}
CORRELATIONS = [
    ("NVDA", "AMD", 0.45, 0.85),
    ("SPY", "QQQ", 0.85, 0.98),
    ("SPY", "RSP", 0.80, 0.98),
    ("SPY", "^GSPC", 0.99, 1.0),
    ("3033.HK", "^HSTECH", 0.99, 1.0),
    ("9988.HK", "0700.HK", 0.40, 0.85),
    ("VST", "CEG", 0.30, 0.80),
    ("GLD", "GDX", 0.60, 0.95),
    ("TLT", "SHY", 0.50, 0.95),
    ("SPY", "^VIX", -0.92, -0.55),
    ("300766.SZ", "SPY", -0.15, 0.30),
]


@pytest.mark.parametrize("symbol", ANNUAL_VOLS)
def test_volatilities_are_plausible(closes: pd.DataFrame, symbol: str) -> None:
    low, high = ANNUAL_VOLS[symbol]
    assert low < returns(closes, symbol).std() * math.sqrt(252) < high


@pytest.mark.parametrize(("one", "other", "low", "high"), CORRELATIONS)
def test_correlations_are_plausible(closes: pd.DataFrame, one: str, other: str, low: float, high: float) -> None:
    assert low < returns(closes, one).corr(returns(closes, other)) < high


def test_tails_are_fat_and_volatility_clusters(closes: pd.DataFrame) -> None:
    moves = [returns(closes, symbol) for symbol in closes]
    # normal returns have an excess kurtosis of 0, give or take 0.2
    assert np.median([move.kurt() for move in moves]) > 1.5
    # independent ones have a mean autocorrelation of 0, give or take 0.02
    assert np.median([np.mean([move.abs().autocorr(lag) for lag in range(1, 6)]) for move in moves]) > 0.06


def test_no_move_and_no_level_is_absurd(closes: pd.DataFrame) -> None:
    for symbol in closes:
        moves = returns(closes, symbol)
        assert moves.abs().max() < 0.40, symbol
        assert moves.abs().max() < 20 * moves.std(), symbol
        level = closes[symbol].dropna() / closes[symbol].dropna().iloc[0]
        assert 0.25 < level.min() <= level.max() < 4, symbol


def test_nights_and_days_share_the_variance(frame: pd.DataFrame) -> None:
    for symbol, mine in frame.groupby("symbol", observed=True):
        night = np.log(mine["open"] / mine["close"].shift()).var()
        both = np.log(mine["close"] / mine["close"].shift()).var()
        spread = np.log(mine["high"] / mine["low"]).mean() / math.sqrt(both)
        if symbol == "BTC-USD":
            assert night == pytest.approx(0, abs=1e-12)
        else:
            assert 0.2 < night / both < 0.85, symbol
        assert 0.6 < spread < 1.8, symbol


# ---------------------------------------------------------------- the provider


def test_it_says_that_it_is_simulated() -> None:
    delivered = SampleProvider().bars(["NVDA", "^VIX", "BTC-USD"], None, None)
    assert (delivered.simulated, delivered.name) == (True, "sample (SIMULATED)")
    basis = delivered.frame.groupby("symbol", observed=True)["price_basis"].first()
    assert basis.to_dict() == {"NVDA": "split_adj", "^VIX": "index", "BTC-USD": "raw"}


LEGS = """
    NVDA AVGO AMD QCOM ASML TSM MRVL MU SMCI VST ENR.DE CEG GEV VRT ETN META MSFT GOOGL AMZN AAPL TSLA
    0700.HK 9988.HK 3690.HK 1810.HK 9618.HK 0981.HK 3033.HK KWEB FXI 300766.SZ 688256.SS
    GLD SLV GDX TLT SHY RSP SPY QQQ BTC-USD ^GSPC ^NDX ^HSI ^HSTECH ^VIX
"""


def test_every_instrument_of_the_strategies_is_there() -> None:
    assert set(LEGS.split()) == set(SampleProvider().bars([], None, None).known_symbols)


def test_a_symbols_bars_do_not_depend_on_what_else_is_asked_for(frame: pd.DataFrame) -> None:
    for cached in (factors.draw_world, paths.world, paths.path_of, bars.bars_of):
        cached.cache_clear()
    some = SampleProvider().bars(["QQQ", "NO SUCH", "0700.HK", "QQQ"], date(2024, 12, 30), date(2025, 1, 27)).frame
    assert some["symbol"].astype(str).unique().tolist() == ["QQQ", "0700.HK"]
    for symbol, mine in some.groupby("symbol", observed=True):
        window = frame[(frame["symbol"] == symbol) & frame["date"].between("2024-12-30", "2025-01-27")]
        pd.testing.assert_frame_equal(
            mine.reset_index(drop=True).astype({"symbol": str}).drop(columns=["currency", "mic", "price_basis"]),
            window.reset_index(drop=True).astype({"symbol": str}).drop(columns=["currency", "mic", "price_basis"]),
        )
    assert len(SampleProvider().bars([], None, None).frame) == 0
    assert len(SampleProvider().bars(["NVDA"], date(2025, 2, 1), date(2025, 2, 2)).frame) == 0


def test_what_is_delivered_can_be_changed_without_harm() -> None:
    first = SampleProvider().bars(["NVDA"], None, None).frame
    kept = first.copy(deep=True)
    first.loc[:, "close"] = 1.0
    pd.testing.assert_frame_equal(SampleProvider().bars(["NVDA"], None, None).frame, kept)


def test_the_bars_are_these_to_the_bit(frame: pd.DataFrame) -> None:
    """Prices are whole ticks, so that an ulp of another machine's exp does not show.

    Every number that deepshock prints on the sample moves with these bars: a change belongs into the changelog, under
    Results.
    """
    digest = hashlib.sha256()
    for symbol, mine in frame.groupby("symbol", observed=True, sort=True):
        digest.update(str(symbol).encode())
        digest.update(mine["date"].to_numpy("datetime64[D]").astype(np.int64).tobytes())
        for name in ("open", "high", "low", "close", "volume", "dividend", "split"):
            digest.update(np.round(mine[name].to_numpy() * 1e4).astype(np.int64).tobytes())
    assert digest.hexdigest() == "42e7e6e02e4cf89b722779892761e51a3b7725d749a42d5a32487b4359f9dd66"


def test_it_is_fast_and_touches_neither_network_nor_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no network")

    monkeypatch.setattr(socket, "socket", refuse)
    for cached in (factors.draw_world, paths.world, paths.path_of, bars.bars_of, listing.listings, listing.hours):
        cached.cache_clear()
    started = time.process_time()
    SampleProvider().bars(None, None, None)
    assert time.process_time() - started < 0.6


def test_the_market_takes_it_without_a_complaint() -> None:
    market = Market.load("sample", symbols=["NVDA", "0700.HK", "BTC-USD", "^VIX", "ENR.DE"])
    assert (market.simulated, market.notes) == (True, ())
    assert market.series("NVDA").later_splits[10] == 10.0

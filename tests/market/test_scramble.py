"""A scrambled market has the same past, bit by bit, and another plausible future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deepshock.market import Market, Series
from deepshock.market.calendar import Sessions

from .made_up import frame, ns, walk, weekdays

DAYS = weekdays("2024-11-04", 60)
AT_THE_CLOSE = ("high", "low", "close", "volume")


@pytest.fixture(scope="module")
def market() -> Market:
    holes = [5, 17, 40]
    volume = np.linspace(1e5, 2e5, 60)
    volume[[9, 30]] = 0.0
    split = np.zeros(60)
    split[50] = 3.0
    dividend = [0.3 if k % 20 == 19 else 0.0 for k in range(60)]
    shares = frame("NVDA", DAYS, walk(60), volume=volume, split=split, dividend=dividend)
    shares.loc[[12, 33], ["open", "high", "low"]] = np.nan
    index = frame("^HSI", DAYS, walk(60, 2, 20_000.0), "HK", price_basis="index")
    crypto = frame("BTC-USD", DAYS, walk(60, 3, 90_000.0), "24", volume=1e9)
    return Market.load(pd.concat([shares.drop(holes), index, crypto]))


def same(was: np.ndarray, now: np.ndarray, mask: np.ndarray) -> bool:
    return was[mask].tobytes() == now[mask].tobytes()


def instants(axis: Sessions) -> list[int]:
    """Opens, closes, and the nanosecond before them."""
    picked = (
        axis.opens[20],
        axis.closes[20],
        axis.opens[31],
        axis.closes[16] - 1,
        axis.opens[19] - 1,
        axis.opens[0] - 1,
    )
    return [int(value) for value in picked]


@pytest.mark.parametrize("symbol", ["NVDA", "^HSI", "BTC-USD"])
def test_what_is_known_stays_bit_by_bit_and_the_rest_changes(market: Market, symbol: str) -> None:
    axis, was = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    for after in instants(axis):
        now = market.scrambled(after, seed=5).series(symbol)
        opened, closed = axis.opens <= after, axis.closes <= after
        for name in ("open", "dividend", "halted"):
            assert same(getattr(was, name), getattr(now, name), opened), name
        for name in AT_THE_CLOSE:
            assert same(getattr(was, name), getattr(now, name), closed), name
        assert same(was.later_splits, now.later_splits, np.ones_like(opened))
        both = np.isfinite(was.close) & np.isfinite(now.close) & ~closed
        assert np.all(was.close[both] != now.close[both])
        both = np.isfinite(was.open) & np.isfinite(now.open) & ~opened
        assert np.all(was.open[both] != now.open[both])


def test_at_the_open_nothing_of_the_session_but_its_open_is_known(market: Market) -> None:
    axis, was = market.sessions("XNYS"), market.series("NVDA")
    at = int(np.flatnonzero(np.isfinite(was.high))[20])
    now = [market.scrambled(int(axis.opens[at]), seed).series("NVDA") for seed in range(4)]
    for name in AT_THE_CLOSE:
        assert {getattr(series, name)[at] for series in now}.isdisjoint({getattr(was, name)[at]}), name
        assert len({getattr(series, name)[at] for series in now}) == 4, name
    assert {series.open[at] for series in now} == {was.open[at]}


def plausible(series: Series) -> bool:
    ranged = np.isfinite(series.high)
    high, low = series.high[ranged], series.low[ranged]
    inside = all(
        np.all((price[ranged] <= high) & (price[ranged] >= low) | np.isnan(price[ranged]))
        for price in (series.open, series.close)
    )
    prices = np.concatenate([series.open, series.high, series.low, series.close])
    positive = np.all(prices[np.isfinite(prices)] > 0)
    return bool(inside and positive) and np.array_equal(np.isnan(series.high), np.isnan(series.low))


def test_the_other_future_is_plausible_and_has_bars_that_come_and_go(market: Market) -> None:
    was, axis = market.series("NVDA"), market.sessions("XNYS")
    came = went = halts = 0
    for seed in range(20):
        now = market.scrambled(ns("2024-11-20"), seed).series("NVDA")
        assert plausible(now)
        came += int(np.sum(np.isnan(was.close) & np.isfinite(now.close)))
        went += int(np.sum(np.isfinite(was.close) & np.isnan(now.close)))
        halts += int(np.sum(now.halted & (axis.opens > ns("2024-11-20"))))
        assert not np.isfinite(now.close[axis.days > axis.days[np.isfinite(was.close)][-1] + 3]).any()
    assert min(came, went, halts) > 0


def test_a_halt_of_an_open_session_stays_one_at_its_close(market: Market) -> None:
    axis, was = market.sessions("XNYS"), market.series("NVDA")
    for at in np.flatnonzero(was.halted):
        now = market.scrambled(int(axis.opens[at]), seed=1).series("NVDA")
        assert now.halted[at]


def test_a_session_after_the_last_bar_does_not_become_a_halt_because_bars_come_later() -> None:
    ended, going = frame("AMD", DAYS[:20], walk(20)), frame("NVDA", DAYS, walk(60))
    market = Market.load(pd.concat([ended, going]))
    after, axis = ns("2024-12-16T22:00"), market.sessions("XNYS")
    revived = 0
    for seed in range(5):
        now = market.scrambled(after, seed).series("AMD")
        assert same(market.series("AMD").halted, now.halted, axis.opens <= after)
        revived += int(np.isfinite(now.close[axis.opens > after]).sum())
    assert revived > 0


def test_seeds_decide_and_symbols_differ(market: Market) -> None:
    after = ns("2024-12-02")
    one, again, other = (market.scrambled(after, seed).series("NVDA").close for seed in (1, 1, 2))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()
    assert market.scrambled(after, 1).series("NVDA").close.tobytes() == one.tobytes()


def test_scrambling_twice_keeps_what_both_keep(market: Market) -> None:
    early, late = ns("2024-11-20"), ns("2024-12-20")
    axis = market.sessions("XNYS")
    once = market.scrambled(early, 1)
    twice = once.scrambled(late, 2)
    kept = axis.closes <= late
    assert same(once.series("NVDA").close, twice.series("NVDA").close, kept)
    assert not same(once.series("NVDA").close, twice.series("NVDA").close, ~kept)
    assert market.series("NVDA").close.tobytes() != once.series("NVDA").close.tobytes()


def test_exchange_rates_after_the_instant_change_too(market: Market) -> None:
    after = ns("2024-12-02T12:00")
    now = market.scrambled(after, 1)
    at = np.array([after, ns("2024-12-02T15:00")])
    was_rate, now_rate = market.fx.rate("HKD", "USD", at)[0], now.fx.rate("HKD", "USD", at)[0]
    assert was_rate[0] == now_rate[0]
    assert was_rate[1] != now_rate[1]

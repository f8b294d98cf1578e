"""Rule 201: which auctions it restricts and at which offer, by hand, by a slow twin, and on real bars."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from deepshock.market import Instrument, Market, Series, offers
from deepshock.market.instruments import describe

from .made_up import day

NAN, FREE = np.nan, -np.inf
FIRST_DAY = 20_000


def listed(mic: str = "XNAS", currency: str = "USD", cls: str = "stock") -> Instrument:
    found = describe("MADE-UP", {"mic": mic, "currency": currency, "class": cls}, "split_adj")
    assert isinstance(found, Instrument)
    return found


def bars(*rows: tuple[float, float, float], splits: object = 1.0, halted: tuple[int, ...] = ()) -> Series:
    """Sessions of (open, low, close), adjusted."""
    opens, low, close = np.array(rows, dtype=np.float64).T
    n = close.size
    factor = np.broadcast_to(np.asarray(splits, dtype=np.float64), n).copy()
    days, halts = np.arange(FIRST_DAY, FIRST_DAY + n), np.isin(np.arange(n), halted)
    return Series(days, opens, close * 1.1, low, close, np.full(n, 1e6), np.zeros(n), factor, halts)


def offered(*rows: tuple[float, float, float], **options: object) -> tuple[list[float], list[float]]:
    at_open, at_close = offers(bars(*rows, **options), listed())  # type: ignore[arg-type]
    return np.round(at_open, 8).tolist(), np.round(at_close, 8).tolist()


BEFORE, CALM = (99.0, 98.0, 100.0), (95.0, 94.0, 96.0)


def test_the_day_of_the_fall_restricts_its_close_and_the_day_after_both_auctions() -> None:
    """The fall is from 100.00 to a low of 90.00, and the offers are one cent above 95.00, 93.10 and 95.00."""
    at_open, at_close = offered(BEFORE, (95.0, 90.0, 93.1), CALM, CALM)
    assert at_open == [FREE, FREE, 93.11, FREE]
    assert at_close == [FREE, 95.01, 95.01, FREE]


def test_an_open_is_never_restricted_by_its_own_price() -> None:
    at_open, at_close = offered(BEFORE, (80.0, 79.0, 93.1))
    assert at_open == [FREE, FREE]
    assert at_close == [FREE, 80.01]


def test_a_second_fall_restricts_another_day() -> None:
    at_open, at_close = offered(BEFORE, (95.0, 90.0, 93.1), (90.0, 83.79, 84.0), (84.5, 84.0, 85.0), CALM)
    assert at_open == [FREE, FREE, 93.11, 84.01, FREE]
    assert at_close == [FREE, 95.01, 90.01, 84.51, FREE]


def test_a_fall_on_the_last_session_restricts_what_there_is() -> None:
    assert offered(BEFORE, (95.0, 90.0, 93.1)) == ([FREE, FREE], [FREE, 95.01])


@pytest.mark.parametrize("close", [100.0, 10.1, 142.62, 33.33, 7.0, 1234.5])
def test_nine_tenths_are_exact_to_the_cent(close: float) -> None:
    """Floats would call 9.09 more than nine tenths of 10.10, or less, as it happens."""
    edge = 9 * round(close * 100) // 10
    for cents, falls in ((edge, True), (edge + 1, False)):
        low = cents / 100
        at_close = offered((close, close, close), (close, low, close))[1]
        assert np.isfinite(at_close[1]) == falls, (close, low)


@pytest.mark.parametrize(("low", "falls"), [(90.00009, True), (90.0002, False), (89.9999, True)])
def test_prices_within_the_tolerance_of_a_tick_are_that_tick(low: float, falls: bool) -> None:
    assert np.isfinite(offered(BEFORE, (95.0, low, 93.0))[1][1]) == falls
    # The close before likewise: nine tenths of 100.00 are 90.00, which a stored 99.99995 would miss.
    assert np.isfinite(offered((99.0, 98.0, 99.99995), (95.0, low, 93.0))[1][1]) == falls


def test_an_offer_stands_above_the_tick_that_a_stored_price_means() -> None:
    """118.420003 is 118.42, and 118.424 is none of the ticks and stays."""
    fall = (120.0, 110.0, 118.420003)
    assert offered((142.0, 141.0, 142.62), fall, CALM)[0][2] == 118.43
    assert offered((142.0, 141.0, 142.62), (*fall[:2], 118.424), CALM)[0][2] == 118.434


@pytest.mark.parametrize(("price", "offer"), [(0.85, 0.8501), (0.9998, 0.9999), (1.0, 1.01), (1.04, 1.05)])
def test_the_tick_is_that_of_the_price_below_the_offer(price: float, offer: float) -> None:
    assert offered((1.2, 1.19, 1.2), (price, 0.8, 0.9), CALM)[1][1] == offer


def test_without_a_low_the_lower_of_open_and_close_counts() -> None:
    assert offered(BEFORE, (95.0, NAN, 90.0))[1][1] == 95.01
    assert offered(BEFORE, (90.0, NAN, 95.0))[1][1] == 90.01
    assert offered(BEFORE, (NAN, NAN, 90.0))[1][1] == 100.01
    assert offered(BEFORE, (90.01, NAN, 90.01))[1][1] == FREE


def test_without_an_open_the_offer_stands_above_the_close_before() -> None:
    at_open, at_close = offered(BEFORE, (95.0, 90.0, 93.1), (NAN, 94.0, 96.0))
    assert (at_open[2], at_close[2]) == (93.11, 93.11)


def test_a_halted_session_does_not_trigger_but_its_close_is_a_price() -> None:
    """The fall to 80 is halted. Nine tenths of 80 are 72, and 72.00 triggers."""
    at_open, at_close = offered(BEFORE, (85.0, 70.0, 80.0), (81.0, 72.0, 75.0), CALM, halted=(1,))
    assert at_open == [FREE, FREE, FREE, 75.01]
    assert at_close == [FREE, FREE, 81.01, 95.01]


def test_the_open_of_a_halted_session_is_no_price() -> None:
    at_close = offered(BEFORE, (95.0, 90.0, 93.1), (60.0, 94.0, 96.0), halted=(2,))[1]
    assert at_close[2] == 93.11


def test_the_session_before_counts_even_if_it_has_no_bar() -> None:
    missing = (NAN, NAN, NAN)
    at_open, at_close = offered(BEFORE, (95.0, 90.0, 93.1), missing, CALM, (86.0, 83.0, 84.0))
    assert at_open == [FREE, FREE, 93.11, FREE, FREE]
    assert at_close == [FREE, 95.01, 93.11, FREE, 86.01]  # 83 is under nine tenths of 96
    # The last known close, before the missing session, is what a fall is measured by.
    assert offered(BEFORE, missing, (95.0, 90.0, 93.1))[1] == [FREE, FREE, 95.01]


def test_prices_are_those_that_were_traded() -> None:
    """A split of 10: 100.00 is stored as 10.00, and one cent above 95.00 as 9.501; on the ex-date 9.31 is 9.31."""
    rows = (9.9, 9.8, 10.0), (9.5, 9.0, 9.31), (9.5, 9.4, 9.6)
    at_open, at_close = offered(*rows, splits=[10.0, 10.0, 1.0])
    assert at_close == [FREE, 9.501, 9.51]
    assert at_open == [FREE, FREE, 9.32]
    # Traded 90.0013 against 90.00: not within the tolerance, though 9.00013 would be but for the split.
    assert offered(rows[0], (9.5, 9.00013, 9.31), splits=10.0)[1] == [FREE, FREE]


def test_only_us_shares_and_funds_are_restricted() -> None:
    fall = bars(BEFORE, (95.0, 80.0, 93.1), CALM)
    others = [("XHKG", "HKD", "stock"), ("XETR", "EUR", "stock"), ("XSHE", "CNY", "stock"), ("24x7", "USD", "crypto")]
    for mic, currency, cls in [*others, ("XNYS", "USD", "index")]:
        for offer in offers(fall, listed(mic, currency, cls)):
            assert np.all(offer == FREE)
    for cls in ("stock", "etf"):
        assert np.isfinite(offers(fall, listed("ARCX", cls=cls))[1][1])


def wild(seed: int, n: int = 120) -> Series:
    """Sessions that often fall by a tenth, with halts, holes and two splits."""
    rng = np.random.default_rng(seed)
    close = 4000 * np.exp(np.cumsum(rng.normal(0, 0.06, n)))
    opens, low = close * np.exp(rng.normal(0, 0.04, n)), close * np.exp(-np.abs(rng.normal(0, 0.06, n)))
    factor = np.where(np.arange(n) < n // 3, 12.0, np.where(np.arange(n) < n // 2, 4.0, 1.0))
    cents = [np.round(values) for values in (opens, np.minimum(low, np.minimum(opens, close)), close)]
    rows = np.array(cents).T / 100 / factor[:, None]
    rows[rng.random(n) < 0.1, 0] = NAN
    rows[rng.random(n) < 0.1, 1] = NAN
    rows[rng.random(n) < 0.05] = NAN
    halted = tuple(np.flatnonzero(rng.random(n) < 0.1).tolist())
    return bars(*rows.tolist(), splits=factor, halted=halted)


def twin(series: Series) -> tuple[list[float], list[float]]:
    """The rule as it is written, session by session, in whole cents. Adjusted cents may be fractions after a split."""
    found: tuple[list[float], list[float]] = ([], [])
    close, last, fell = None, None, False  # adjusted: last close, last auction price; the session before triggered
    for s in range(len(series)):
        factor = int(series.later_splits[s])
        traded = {name: price_of(getattr(series, name)[s] * factor) for name in ("open", "low", "close")}

        def offer(price: float | None, restricted: bool, factor: int = factor) -> float:
            return float((price_of(price * factor) + Fraction(1, 100)) / factor) if restricted and price else FREE  # type: ignore[operator]

        found[0].append(offer(last, fell))
        prices = [price for price in (traded["open"], traded["close"]) if price is not None]
        low = traded["low"] if traded["low"] is not None else min(prices, default=None)
        falls = not series.halted[s] and low is not None and close is not None
        falls = falls and low <= price_of(close * factor) * Fraction(9, 10)  # type: ignore[operator]
        if traded["open"] is not None and not series.halted[s]:
            last = series.open[s]
        found[1].append(offer(last, fell or falls))
        if traded["close"] is not None:
            close = last = series.close[s]
        fell = falls
    return found


def price_of(traded: float) -> Fraction | None:
    """Return a traded price, as whole cents if it is near them."""
    if np.isnan(traded):
        return None
    cents = Fraction(round(float(traded) * 100), 100)
    return cents if abs(cents - Fraction(float(traded))) <= Fraction(1, 10_000) else Fraction(float(traded))


@pytest.mark.parametrize("seed", range(6))
def test_a_slow_twin_that_counts_in_cents_agrees(seed: int) -> None:
    series = wild(seed)
    at_open, at_close = offers(series, listed())
    slow = twin(series)
    np.testing.assert_allclose(at_open, slow[0], rtol=1e-12)
    np.testing.assert_allclose(at_close, slow[1], rtol=1e-12)
    assert np.isfinite(at_open).sum() > 5


def other_future(series: Series, seed: int, kept: dict[str, int]) -> Series:
    """Replace each value from a session on by that of another series; splits stay."""
    other = wild(seed)
    changed = {}
    for name, first in kept.items():
        values = getattr(series, name).copy()
        values[first:] = getattr(other, name)[first:]
        changed[name] = values
    return replace(series, **changed)


@pytest.mark.parametrize("s", [7, 45, 61, 90])
def test_an_offer_knows_nothing_of_the_future(s: int) -> None:
    series = wild(1)
    was = offers(series, listed())
    names = ("open", "high", "low", "close", "volume", "halted")
    at_open, _ = offers(other_future(series, 2, dict.fromkeys(names, s)), listed())
    assert at_open[: s + 1].tobytes() == was[0][: s + 1].tobytes()  # nothing of its own session
    assert np.isfinite(series.low[s])
    own = dict.fromkeys(("open", "low", "halted"), s + 1) | dict.fromkeys(("high", "close", "volume"), s)
    now = offers(other_future(series, 2, own), listed())
    assert now[1][: s + 1].tobytes() == was[1][: s + 1].tobytes()  # of its own session the open and the low
    assert now[1].tobytes() != was[1].tobytes()


@pytest.mark.real_data
@pytest.mark.parametrize(("symbol", "close"), [("NVDA", 118.42), ("AVGO", None), ("VST", None)])
def test_the_deepseek_shock_restricted_the_close_of_the_27th_and_all_of_the_28th(
    panel_path: Path, symbol: str, close: float | None
) -> None:
    market = Market.load(panel_path, symbols=[symbol], start="2025-01-02", end="2025-02-14")
    series = market.series(symbol)
    at_open, at_close = offers(series, market.instrument(symbol))
    at = [int(np.searchsorted(series.days, day(f"2025-01-{number}"))) for number in (24, 27, 28, 29)]
    assert np.isfinite(at_open[at]).tolist() == [False, False, True, False]
    assert np.isfinite(at_close[at]).tolist() == [False, True, True, False]
    expected = round(float(series.close[at[1]]), 2) if close is None else close
    assert at_open[at[2]] == pytest.approx(expected + 0.01, abs=1e-9)
    assert at_close[at[1]] == pytest.approx(round(float(series.open[at[1]]), 2) + 0.01, abs=1e-9)

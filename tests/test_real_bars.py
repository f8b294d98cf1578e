"""What the theses must do on real bars. Expected prices are those of the bars, instants those of the exchanges'
calendars.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

import deepshock as ds
import deepshock.plan
from deepshock.bridge import cross_check
from deepshock.engine import Fill
from deepshock.result import Result

pytestmark = pytest.mark.real_data

STRATEGIES = Path(__file__).parent.parent / "strategies"
HONG_KONG = ("0700.HK", "9988.HK", "3690.HK", "1810.HK", "9618.HK", "0981.HK")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def theses() -> dict[str, ds.Thesis]:
    return {item.name: item for item in ds.load_many([STRATEGIES]) if isinstance(item, ds.Thesis)}


@pytest.fixture(scope="module")
def market(panel_path: Path, theses: dict[str, ds.Thesis]) -> ds.Market:
    return ds.market_for([*theses.values(), one_leg("long", "^HSTECH")], panel_path)


def one_leg(side: str, symbol: str, **words: object) -> ds.Thesis:
    """Return a thesis of one leg with forexlive's knowledge time."""
    return ds.Thesis(
        name="one-leg",
        source={"publisher": "forexlive", "published": "2025-01-27 19:00", "zones": ["UTC", "America/New_York"]},
        news="2025-01-27T00:00Z",
        events={"npc opens": {"at": "2025-03-05T01:00Z", "known": "2024-12-25T01:44Z"}},
        costs="none",
        **{side: {symbol: 1}, **words},
    )


def entry(result: Result, symbol: str) -> Fill:
    return next(fill for fill in result.ledger.fills if fill.symbol == symbol and fill.opens)


def exit_of(result: Result, symbol: str) -> Fill:
    return next(fill for fill in result.ledger.fills if fill.symbol == symbol and not fill.opens)


def on_notional(result: Result) -> float:
    """Return gross P&L over the filled notional of a one-leg run."""
    fill = result.ledger.fills[0]
    return result.ledger.gross_pnl / (abs(fill.shares) * fill.price * fill.fx)


def test_forexlive_fills_in_hong_kong_at_the_close_of_the_half_day(
    theses: dict[str, ds.Thesis], market: ds.Market
) -> None:
    result = ds.run(theses["buy-china-before-npc"], market)
    for symbol in HONG_KONG:
        fill = entry(result, symbol)
        assert fill.fill_at == at("2025-01-28T04:00")
        assert fill.decided_at == at("2025-01-28T01:30")
        assert fill.note == "due 2025-01-28 01:30Z (open), carried: no price"
        assert exit_of(result, symbol).fill_at == at("2025-03-04T08:00")
    # closes of 28 January and 4 March, from the bars
    assert entry(result, "0700.HK").price == pytest.approx(402.0, abs=1e-3)
    assert exit_of(result, "0700.HK").price == pytest.approx(491.0, abs=1e-3)


def test_forexlive_fills_in_new_york_and_on_xetra_on_the_28th(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    chips, power = ds.run(theses["short-ai-chips"], market), ds.run(theses["short-ai-power"], market)
    assert {fill.fill_at for fill in chips.ledger.fills if fill.opens} == {at("2025-01-28T14:30")}
    assert entry(power, "ENR.DE").fill_at == at("2025-01-28T08:00")
    assert entry(power, "ENR.DE").price == 50.5
    assert entry(power, "VST").fill_at == at("2025-01-28T14:30")


def test_cryptomacro_fills_in_new_york_on_the_28th_and_on_xetra_on_the_29th(
    theses: dict[str, ds.Thesis], market: ds.Market
) -> None:
    calm = ds.run(theses["calm-down"], market)
    assert entry(calm, "NVDA").fill_at == at("2025-01-28T14:30")
    assert entry(calm, "ENR.DE").fill_at == at("2025-01-29T08:00")


def test_merit_is_locked_until_the_7th(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    result = ds.run(theses["china-ai-adopters"], market)
    fill = entry(result, "300766.SZ")
    assert result.plan.orders[0].due is not None
    assert result.plan.orders[0].due.at == at("2025-02-05T01:30")
    assert (fill.fill_at, fill.price) == (at("2025-02-07T01:30"), 36.39)
    # the last auction that failed it is the close of 6 February
    assert fill.decided_at == at("2025-02-06T07:00")
    assert "locked at its price limit" in fill.note


def test_bloomberg_fills_the_chips_a_session_earlier(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    result = ds.run(theses["short-ai-chips"], market, source="bloomberg")
    assert {fill.fill_at for fill in result.ledger.fills if fill.opens} == {at("2025-01-27T14:30")}


def test_los_angeles_time_moves_hong_kong_beyond_the_holiday(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    moved = theses["buy-china-before-npc"].vary({"sources.forexlive.zones": ["America/Los_Angeles"]})
    assert moved.known() == at("2025-01-28T03:00")
    assert {fill.fill_at for fill in ds.run(moved, market).ledger.fills if fill.opens} == {at("2025-02-03T01:30")}


def test_before_the_congress_is_the_last_close_of_each_venue(market: ds.Market) -> None:
    for symbol, close in (("0700.HK", "2025-03-04T08:00"), ("NVDA", "2025-03-04T21:00")):
        result = ds.run(one_leg("long", symbol, exit={"before": "npc opens"}), market)
        assert exit_of(result, symbol).fill_at == at(close)


def test_the_claim_stands_beside_the_result_and_flatters(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    thesis = theses["buy-china-before-npc"]
    base = ds.run(thesis, market, costs="none")
    claim = next(s for s in ds.sensitivities(thesis, market, costs="none") if s.name == "the claim: npc opens")
    assert claim.last_exit == at("2025-03-06T08:00")
    assert claim.net_return > base.performance.net_return

    def names(day: str) -> float:
        closes = [(price_on(market, s, "2025-01-28"), price_on(market, s, day)) for s in HONG_KONG]
        return sum(last / first - 1 for first, last in closes) / len(closes)

    assert names("2025-03-04") == pytest.approx(0.242, abs=5e-4)
    assert names("2025-03-06") == pytest.approx(0.370, abs=5e-4)
    start = price_on(market, "^HSTECH", "2025-01-28")
    assert price_on(market, "^HSTECH", "2025-03-04") / start - 1 == pytest.approx(0.172, abs=5e-4)
    assert price_on(market, "^HSTECH", "2025-03-06") / start - 1 == pytest.approx(0.285, abs=5e-4)


def price_on(market: ds.Market, symbol: str, day: str) -> float:
    """Return the close of a session by its date label."""
    sessions = market.sessions(market.instrument(symbol).calendar)
    index = list(sessions.days).index((date.fromisoformat(day) - date(1970, 1, 1)).days)
    return float(market.series(symbol).close[index])


@pytest.mark.parametrize(
    ("side", "symbol", "exit_word", "expected"),
    [
        ("short", "NVDA", {"hold": 20}, -0.0777),  # 121.81 to 131.28 on 26 February
        ("long", "KWEB", {"before": "npc opens"}, 0.1052),
        ("long", "GLD", {"hold": 60}, 0.2118),
    ],
)
def test_on_fill_notional_without_costs(
    side: str, symbol: str, exit_word: dict[str, object], expected: float, market: ds.Market
) -> None:
    assert on_notional(ds.run(one_leg(side, symbol, exit=exit_word), market)) == pytest.approx(expected, abs=5e-5)


def test_short_nvda_fills_at_the_bars_prices(market: ds.Market) -> None:
    result = ds.run(one_leg("short", "NVDA"), market)
    assert entry(result, "NVDA").price == pytest.approx(121.81, abs=5e-5)
    assert exit_of(result, "NVDA").price == pytest.approx(131.28, abs=5e-5)
    assert exit_of(result, "NVDA").fill_at == at("2025-02-26T21:00")


@pytest.mark.parametrize(
    ("source", "missed", "gap", "tradable"), [(None, 0.1697, -0.0238, -0.0664), ("bloomberg", 0.0, 0.1249, -0.0128)]
)
def test_what_a_short_of_nvda_missed(
    source: str | None, missed: float, gap: float, tradable: float, theses: dict[str, ds.Thesis], market: ds.Market
) -> None:
    split = next(s for s in ds.run(theses["short-ai-chips"], market, source=source).splits if s.symbol == "NVDA")
    assert (split.missed, split.gap, split.tradable) == pytest.approx((missed, gap, tradable), abs=5e-5)


@pytest.mark.parametrize("symbol", ["NVDA", "0700.HK", "BTC-USD", "ENR.DE", "300766.SZ"])
def test_one_leg_without_costs_by_hand(symbol: str, market: ds.Market) -> None:
    """P&L = shares x (exit FX x exit price - entry FX x entry price), plus dividends at the FX of their ex-date's
    open row.
    """
    result = ds.run(one_leg("long", symbol), market)
    first, last = result.ledger.fills
    by_hand = first.shares * (last.price * last.fx - first.price * first.fx)
    calendar, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
    for opened, amount in zip(calendar.opens, series.dividend, strict=True):
        if amount > 0 and first.fill_at < ds.plan.instant(int(opened)) <= last.fill_at:
            rate = market.fx.rate(first.currency, "USD", np.array([opened]))[0][0]
            by_hand += first.shares * amount * rate
    assert result.performance.net_pnl == pytest.approx(by_hand, abs=1e-9 * 1e6)
    assert result.ledger.costs_by_name == {}


ITEMS = ("commission", "half-spread", "slippage", "impact", "taxes", "borrow", "conversion")


@pytest.mark.parametrize("name", ["short-ai-power", "buy-china-before-npc", "china-ai-adopters", "bitcoin-overreacted"])
def test_each_cost_alone_is_its_lines(name: str, theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    free = ds.run(theses[name], market, costs="none")
    every = ds.cost_set("institutional")
    charged = 0
    for item in ITEMS:
        alone = ds.run(theses[name], market, costs=every.only(item))
        paid = sum(alone.ledger.costs_by_name.values())
        assert free.performance.net_pnl - alone.performance.net_pnl == pytest.approx(paid, abs=1e-9 * 1e6)
        charged += paid > 0
    assert charged >= 4


def test_the_lines_of_every_strategy_sum_to_the_change_of_nav(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    for thesis in theses.values():
        for source in (None, "bloomberg"):
            result = ds.run(thesis, market, source=source)
            if result.runnable:
                assert result.lines()["amount"].sum() == pytest.approx(result.performance.net_pnl, abs=1e-9 * 1e6)
                rows = np.diff(np.concatenate(([1e6], result.ledger.nav)))
                sums = result.lines().groupby("at")["amount"].sum()
                np.testing.assert_allclose(sums.to_numpy(), rows, rtol=0, atol=1e-9 * 1e6)


def test_no_strategy_reads_the_future(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    for thesis in theses.values():
        found = ds.audit(thesis, market)
        assert found.passed, found.leaks[:3]


def test_vectorbt_agrees_where_it_can_express_the_run(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    compared = 0
    for thesis in theses.values():
        result = ds.run(thesis, market)
        if result.ledger.fills:
            found = cross_check(result)
            assert found.agrees, str(found)
            compared += not np.isnan(found.largest)
    assert compared >= 10  # all that trade but the short in euros


def test_what_cannot_run_says_why(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    result = ds.run(theses["fade-the-fear"], market)
    assert not result.runnable
    assert "^VIX is an index" in result.plan.reason


@pytest.mark.parametrize("symbol", ["NVDA", "AVGO", "VST"])
def test_the_shock_restricts_short_sales_until_the_end_of_the_28th(symbol: str, market: ds.Market) -> None:
    """12.5, 12.8 and 19.4 % down at the opening print, which was still free; from then on to the close of the 28th."""
    sessions, known = market.sessions("XNYS"), market.known(symbol)
    first = list(sessions.days).index((date(2025, 1, 27) - date(1970, 1, 1)).days)
    restricted = np.isfinite(np.column_stack([known.offer_open, known.offer_close])[first - 1 : first + 3])
    assert restricted.tolist() == [[False, False], [False, True], [True, True], [False, False]]
    fell = market.series(symbol).open[first] / market.series(symbol).close[first - 1] - 1
    assert fell == pytest.approx({"NVDA": -0.125, "AVGO": -0.128, "VST": -0.194}[symbol], abs=5e-4)


def test_a_short_at_the_open_of_the_crash_is_free(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    result = ds.run(theses["short-ai-chips"], market, source="bloomberg")
    assert {fill.fill_at for fill in result.ledger.fills if fill.opens} == {at("2025-01-27T14:30")}
    waiting = ds.run(theses["short-ai-chips"].vary({"uptick": "wait"}), market, source="bloomberg")
    assert entry(waiting, "NVDA").fill_at == at("2025-01-27T14:30")


def test_what_rule_201_does_to_a_short_of_nvda(market: ds.Market) -> None:
    thesis = one_leg("short", "NVDA", fractional=True)
    for setting, price, day in (("passive", 121.81, 28), ("wait", 126.50, 29), ("ignore", 121.81, 28)):
        fill = entry(ds.run(thesis.vary({"uptick": setting}), market), "NVDA")
        assert (fill.price, fill.fill_at.day) == (pytest.approx(price, abs=5e-5), day)
    found = {s.name: s for s in ds.sensitivities(thesis, market)}
    assert found["uptick: passive, as run"].net_return == pytest.approx(-0.078, abs=5e-4)
    assert found["uptick: wait, exit of passive"].net_return == pytest.approx(-0.038, abs=5e-4)
    assert found["uptick: wait"].net_return == pytest.approx(0.050, abs=5e-4)  # the hold slides past the results
    assert found["uptick: wait"].last_exit == at("2025-02-27T21:00")


def test_every_short_of_us_shares_stands_under_all_three_settings(
    theses: dict[str, ds.Thesis], market: ds.Market
) -> None:
    shorts = {"short-ai-chips", "short-ai-power", "long-meta-ai-user", "megacap-capex-loses"}
    shorts |= {"cheap-ai-disinflation", "concentration-unwinds"}
    for thesis in theses.values():
        found = [s for s in ds.sensitivities(thesis, market) if s.name.startswith("uptick")]
        assert len(found) == (4 if thesis.name in shorts else 0), thesis.name
        assert all(np.isfinite(s.net_return) for s in found)


def test_a_split_while_held_scales_shares_and_levels(market: ds.Market) -> None:
    """NVDA split 10 for 1 on 10 June 2024: 907 traded shares become 9,070, and the stop stays where it was."""
    words = {"source": {"publisher": "me", "published": "2024-05-28T00:00Z"}, "long": {"NVDA": 1}}
    result = ds.run(ds.Thesis(name="split", exit={"hold": 20, "stop": "20%"}, **words), market)
    bought, sold = result.ledger.fills
    assert (bought.shares, sold.shares) == (9070.0, -9070.0)
    assert bought.costs["commission"] == pytest.approx(907 * 0.002)
    assert sold.costs["commission"] == pytest.approx(9070 * 0.002)
    assert sold.reason == "hold 20 sessions"


def test_the_attribution_of_every_strategy_closes(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    for thesis in theses.values():
        result = ds.run(thesis, market)
        if not result.runnable:
            continue
        table = ds.attribution(result)
        change = np.diff([1e6, *result.ledger.nav])
        np.testing.assert_allclose(table.groupby("at")["total"].sum().to_numpy(), change, rtol=0, atol=1e-9 * 1e6)


def test_the_night_of_nvda_by_hand(market: ds.Market) -> None:
    """The gap is the sum over the sessions held of (open - close before) x shares, from the bars."""
    result = ds.run(one_leg("long", "NVDA"), market)
    bought, sold = result.ledger.fills
    sessions, series = market.sessions("XNYS"), market.series("NVDA")
    first, last = (int(np.searchsorted(sessions.closes, ds.plan.nanoseconds(f.fill_at))) for f in (bought, sold))
    nights = series.open[first + 1 : last + 1] - series.close[first:last]
    table = ds.attribution(result)
    assert table["gap"].sum() == pytest.approx(bought.shares * nights.sum(), abs=1e-6)
    days = series.close[first : last + 1] - series.open[first : last + 1]
    assert table["tradable"].sum() == pytest.approx(bought.shares * days.sum(), abs=1e-6)


def test_the_capacity_of_a_thin_share_is_found(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    found = ds.capacity(theses["china-ai-adopters"], market, grid=[1e6, 1e7, 1e8, 1e9, 1e10, 1e11])
    assert 1e7 < found.half < 1e8 < found.gone < 1e11
    halved = ds.run(theses["china-ai-adopters"], market, capital=found.half).performance.excess_return
    assert halved == pytest.approx(found.edge / 2, rel=0.05)
    assert found.frame()["filled"].iloc[-1] < 0.01


def test_without_an_edge_there_is_no_capacity(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    found = ds.capacity(theses["short-ai-chips"], market, grid=[1e6, 1e8])
    assert np.isnan(found.half)
    assert found.reason.startswith("there is no edge to lose")

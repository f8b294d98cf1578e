"""The naive rule that a thesis declares: in and out on the days that it names, in every year, without reading ahead."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from market.made_up import frame

import deepshock as ds
from deepshock.cost import cost_set
from deepshock.errors import UsageError
from deepshock.inference.naive_plan import plan_year
from deepshock.inference.rival import BEFORE, EVENT, LATER, rival
from deepshock.plan import Settings, build
from deepshock.thesis import load

STRATEGIES = Path(__file__).parents[2] / "strategies"
# The close of every session is 100 but for these; New York trades on each of the days.
EXITS = {"2022-03-04": 110.0, "2023-03-03": 95.0, "2024-03-04": 104.0, "2025-03-04": 120.0, "2026-03-04": 50.0}


def bars(symbol: str, venue: str = "US", first: str = "2022-01-03", last: str = "2026-06-30") -> pd.DataFrame:
    dates = [day.date().isoformat() for day in pd.bdate_range(first, last)]
    closes = [EXITS.get(day, 100.0) for day in dates]
    return frame(symbol, dates, closes, venue, adj_close=closes, **{"class": "stock"}).assign(volume=1e9)


def thesis(**words: Any) -> ds.Thesis:
    told = {
        "name": "buy-early",
        "source": {"publisher": "Wire", "published": "2025-01-28T00:00Z"},
        "long": {"AAA": 1},
        "fractional": True,
        "costs": "none",
        "exit": {"hold": 5, "stop": "1%"},
        "rival": {"from": "31 January", "until": "5 March"},
    }
    return ds.Thesis(**{**told, **words})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return ds.Market.load(bars("AAA"))


def test_each_year_gets_in_and_out_at_the_closes_that_the_rule_names(market: ds.Market) -> None:
    """5 March is a Saturday in 2022 and a Sunday in 2023: out on the Friday before; else the day before it."""
    found = rival(thesis(), market)
    assert [(year.year, year.when, year.first_fill, year.last_exit) for year in found.years] == [
        (2022, BEFORE, utc("2022-01-31T21:00"), utc("2022-03-04T21:00")),
        (2023, BEFORE, utc("2023-01-31T21:00"), utc("2023-03-03T21:00")),
        (2024, BEFORE, utc("2024-01-31T21:00"), utc("2024-03-04T21:00")),
        (2025, EVENT, utc("2025-01-31T21:00"), utc("2025-03-04T21:00")),
        (2026, LATER, utc("2026-01-30T21:00"), utc("2026-03-04T21:00")),
    ]
    # Bought at 100 and sold at the close of the last day, with no costs; the stop of the thesis is not the rule's.
    assert [year.net_return for year in found.years] == pytest.approx([0.10, -0.05, 0.04, 0.20, -0.50])
    assert not any(year.reason for year in found.years)


def test_the_mean_is_of_the_years_that_were_over_when_the_thesis_was_known(market: ds.Market) -> None:
    found = rival(thesis(), market)
    assert [year.year for year in found.before] == [2022, 2023, 2024]
    assert found.mean_net_return == pytest.approx((0.10 - 0.05 + 0.04) / 3)
    assert found.mean_excess_return == pytest.approx(sum(year.excess_return for year in found.before) / 3)
    assert found.mean_excess_return < found.mean_net_return
    assert found.event is not None
    assert found.less_rival == pytest.approx(found.excess_return - found.event.excess_return)
    own = ds.pipeline.conclude(build(thesis(), market), market)
    assert found.net_return == own.performance.net_return
    assert rival(thesis(), market, own=own) == found
    late = thesis(source={"publisher": "Wire", "published": "2025-03-05T00:00Z"})
    assert [year.when for year in rival(late, market).years] == [BEFORE] * 4 + [EVENT]


def test_a_span_over_new_year_ends_in_the_next(market: ds.Market) -> None:
    """The rule that is on when the thesis is known, from December to January, is the one of the event."""
    words = {"rival": {"from": "25 December", "until": "10 January"}}
    known = {"publisher": "Wire", "published": "2025-01-03T00:00Z"}
    found = rival(thesis(source=known, **words), market)
    assert [(y.year, y.when) for y in found.years if not y.reason] == [
        *((2022, BEFORE), (2023, BEFORE), (2024, EVENT), (2025, LATER)),
    ]
    # New York closes at 13:00 on Christmas Eve of 2024, and not at all on 25 December or 9 January.
    assert found.event is not None
    assert (found.event.first_fill, found.event.last_exit) == (utc("2024-12-24T18:00"), utc("2025-01-08T21:00"))
    assert (found.years[0].year, found.years[0].reason) == (2021, "AAA: the data begin on 2022-01-03, after 2021-12-25")
    near = rival(thesis(source=known, rival={"from": "31 December", "until": "10 January"}), market).years[0]
    assert near.reason == "no tradable leg: AAA came before the data begin on 2022-01-03"


def test_every_leg_is_due_at_the_close_of_its_own_venue(market: ds.Market) -> None:
    """Hong Kong trades half a day on 28 January 2025 and then not before 3 February; both are decided before."""
    both = ds.Market.load(pd.concat([bars("AAA"), bars("0001.HK", "HK")]))
    one = thesis(long={"AAA": 1}, short={"0001.HK": 3})
    assert one.rival is not None
    plan = plan_year(one, one.rival, 2025, both, Settings())
    assert [(order.symbol, order.side, order.due.at, order.exit.at) for order in plan.orders] == [  # type: ignore[union-attr]
        ("AAA", 1, utc("2025-01-31T21:00"), utc("2025-03-04T21:00")),
        ("0001.HK", -1, utc("2025-01-28T04:00"), utc("2025-03-04T08:00")),
    ]
    assert [order.size for order in plan.orders] == [0.25, -0.75]
    assert {order.decided_at for order in plan.orders} == {utc("2025-01-28T01:30")}
    assert plan.members[0].thesis.exit.stop is None
    year = rival(one, both).event
    assert year is not None
    assert year.first_fill == utc("2025-01-28T04:00")


def test_a_rule_may_have_legs_of_its_own() -> None:
    two = ds.Market.load(pd.concat([bars("AAA"), bars("BBB").assign(close=lambda f: f["close"] * 2)]))
    words = {"from": "31 January", "until": "5 March", "short": {"BBB": 1}}
    pair = {"long": {"AAA": 1}, "short": {"CCC": 1}, "neutral": "dollar", "borrow": {"CCC": "special"}}
    one = thesis(rival=words, **{**pair, "short": {"BBB": 1}, "borrow": {"BBB": "special"}})
    assert one.rival is not None
    (order,) = plan_year(one, one.rival, 2024, two, Settings()).orders
    assert (order.symbol, order.size, order.tier) == ("BBB", -1.0, "special")
    # What the market lacks is the reason of each year, not an error of the thesis.
    far = rival(thesis(rival={**words, "short": {"ZZZ": 1}}), two)
    assert {year.reason for year in far.years} == {
        "DataFrame ZZZ: is not in the data; loaded are AAA, BBB",
    }
    assert math.isnan(far.mean_net_return)
    assert math.isnan(far.less_rival)
    assert far.document()["mean_net_return"] is None


def test_years_that_the_data_cut_short_do_not_count() -> None:
    """The first has no bar at the entry, the last none at the exit; what was made until then is shown."""
    short = ds.Market.load(bars("AAA", first="2023-02-10", last="2025-02-14"))
    found = rival(thesis(), short)
    assert [(year.year, bool(year.reason)) for year in found.years] == [(2023, True), (2024, False), (2025, True)]
    assert "2023-02-10" in found.years[0].reason
    assert found.years[2].reason == "still open when the data end on 2025-02-14"
    assert found.years[2].last_exit is None
    assert found.mean_net_return == pytest.approx(0.04)
    assert math.isnan(found.less_rival)


def test_a_year_in_which_a_leg_did_not_open_does_not_count() -> None:
    late = bars("BBB").query("date > '2024-01-01'")
    found = rival(thesis(long={"AAA": 1, "BBB": 1}), ds.Market.load(pd.concat([bars("AAA"), late])))
    told = {year.year: year.reason for year in found.years}
    assert told[2022].startswith("BBB ")
    assert told[2023].startswith("BBB ")
    assert not told[2024]
    assert found.years[0].net_return == pytest.approx(0.05)  # half of the capital in AAA
    assert [year.year for year in found.before] == [2024]


def test_what_cannot_be_traded_has_its_reason_in_every_year() -> None:
    index = bars("^X").assign(**{"class": "index"})
    found = rival(thesis(long={}, short={"^X": 1}), ds.Market.load(index))
    assert {year.reason for year in found.years} == {"no tradable leg: ^X is an index, not a tradable instrument"}
    assert math.isnan(found.net_return)


def test_years_before_the_event_pay_the_law_of_the_event() -> None:
    """Hong Kong's stamp duty was 0.13 % in 2022 and 0.10 % in 2025, on the purchase and on the sale."""
    market = ds.Market.load(bars("0001.HK", "HK").assign(open=100.0, high=130.0, low=40.0, close=100.0))
    one = thesis(long={"0001.HK": 1}, exit={"hold": 5})
    free = rival(one, market).years[0].net_return
    duty = Settings(costs=cost_set("institutional").only("stamp duty"))
    found = rival(one, market, duty)
    assert free - found.years[0].net_return == pytest.approx(2 * 0.0010, rel=0.01)
    assert found.law == date(2025, 1, 28)
    assert "venue law of 2025-01-28" in found.notes[0]
    assert one.rival is not None
    own = ds.pipeline.conclude(plan_year(one, one.rival, 2022, market, duty), market)
    assert free - own.performance.net_return == pytest.approx(2 * 0.0013, rel=0.01)


def test_a_year_knows_nothing_of_what_comes_after_it(market: ds.Market) -> None:
    noon = int(utc("2024-03-05T12:00").timestamp()) * 1_000_000_000
    other = market.scrambled(noon, seed=3)
    mine, theirs = rival(thesis(), market), rival(thesis(), other)
    assert mine.years[:3] == theirs.years[:3]
    assert mine.years[3] != theirs.years[3]
    one = thesis()
    assert one.rival is not None
    for year in range(2022, 2027):
        for order in plan_year(one, one.rival, year, market, Settings()).orders:
            assert order.due is not None
            assert order.decided_at < order.due.at


def test_the_document_is_plain(market: ds.Market) -> None:
    told = rival(thesis(rival={"what": "buy early", "from": "31 January", "until": "5 March"}), market).document()
    assert told["what"] == "buy early"
    assert told["n_before"] == 3
    assert told["years"][0] == {
        "year": 2022,
        "when": "before",
        "first_fill": "2022-01-31T21:00:00Z",
        "last_exit": "2022-03-04T21:00:00Z",
        "net_return": pytest.approx(0.10),
        "excess_return": pytest.approx(told["years"][0]["excess_return"]),
        "reason": None,
    }


def test_a_thesis_without_a_rival_is_refused(market: ds.Market) -> None:
    with pytest.raises(UsageError, match="declares no naive rule"):
        rival(thesis(rival=None), market)


@pytest.mark.real_data
def test_buying_china_before_the_congress_was_the_naive_rule_itself(panel_path: Path) -> None:
    """In 2025 Hong Kong's last session of January is the 28th, whose only price is its close: there both get in."""
    one = load(STRATEGIES / "buy-china-before-npc.yaml")
    assert isinstance(one, ds.Thesis)
    market = ds.Market.load(panel_path, symbols=[*one.symbols(), "^HSI"])
    found = rival(one, market)
    assert [year.year for year in found.before] == [2021, 2022, 2023, 2024]
    assert found.event is not None
    assert found.event.first_fill == utc("2025-01-28T04:00")
    assert found.less_rival == pytest.approx(0.0, abs=1e-12)
    panel = pd.read_parquet(panel_path, columns=["date", "symbol", "close"])
    closes = panel[panel["symbol"].isin(one.long)].pivot(index="date", columns="symbol", values="close")
    for year in found.before:
        assert year.first_fill is not None
        assert year.last_exit is not None
        first, last = (closes.loc[pd.Timestamp(at.date())] for at in (year.first_fill, year.last_exit))
        # Dividends of a month are small, and two trades cost some 0.6 % (stamp duty, spread, conversion).
        assert year.net_return == pytest.approx(float((last / first - 1).mean()) - 0.005, abs=0.004)
    assert found.mean_excess_return < 0

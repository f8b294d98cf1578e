"""The event study of a result: its windows, its models, its headline, and why there is none."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepshock as ds
from deepshock.errors import MarketError, UsageError
from deepshock.inference.measured import Estimation
from deepshock.inference.study import Study, studies
from deepshock.plan import nanoseconds
from deepshock.stats.event_study import Window, event_study
from inference.made import DAYS, INDEX, bars, index, market, panel, thesis

MARKET = market()
FIRST, LAST = date(2025, 1, 28), date(2025, 2, 26)


def both(item: ds.Thesis | None = None, at: ds.Market = MARKET, **words: Any) -> tuple[Study, Study]:
    news, held = studies(ds.run(item or thesis(), at), at, **words)
    return news, held


def changed(symbol: str, beta: float, **values: float) -> ds.Market:
    """Return the market with some closes of a name replaced, by date; nan removes the bar."""
    made = bars(symbol, beta).set_index("date")
    for day, value in ((day.replace("_", "-").removeprefix("d"), value) for day, value in values.items()):
        made = made.drop(day) if np.isnan(value) else made.assign(close=made["close"].mask(made.index == day, value))
    return market(**{symbol: made.reset_index()})


def test_the_news_are_the_sessions_that_were_missed() -> None:
    """27 January, close to close: the study of the same returns."""
    news, held = both()
    assert (news.kind, held.kind, news.event, news.window) == (
        "news",
        "held",
        date(2025, 1, 27),
        (date(2025, 1, 27),) * 2,
    )
    closes = panel().pivot(index="date", columns="symbol", values="close")
    closes.index = pd.DatetimeIndex(closes.index)
    axis = closes.loc[[pd.Timestamp(day) in sessions() for day in closes.index]]
    returns = axis.pct_change(fill_method=None)
    own = event_study(returns[["AAA", "BBB", "CCC"]], returns[INDEX], "2025-01-27", window=Window())
    pd.testing.assert_frame_equal(news.table, own.table)
    assert news.caar == pytest.approx(own.caar)
    for column in ("n", "df", "alpha", "beta", "sigma", "se", "car", "scar", "bhar"):
        assert news.names[column].tolist() == pytest.approx(own.names[column].tolist()), column
    assert news.words == (
        "sessions that ended after the news (2025-01-27 00:00Z) and before it was known (2025-01-28 00:00Z)"
    )


def sessions() -> set[pd.Timestamp]:
    return set(pd.to_datetime(MARKET.sessions("XNYS").days, unit="D"))


def test_what_was_held_runs_from_the_fill_to_the_exit() -> None:
    """The first session is open to close on both sides, and its estimation window is that of the news."""
    news, held = both()
    assert (held.event, held.window, held.words) == (FIRST, (FIRST, LAST), "from the first fill to the last exit")
    assert held.names["days"].tolist() == [21] * 3
    for column in ("n", "df", "alpha", "beta", "sigma"):
        assert held.names[column].tolist() == news.names[column].tolist(), column
    made = panel().query("'2025-01-28' <= date <= '2025-02-26'").pivot(index="date", columns="symbol")
    on = [pd.Timestamp(day) in sessions() for day in made.index]
    opened, closed = (made[name].loc[on] for name in ("open", "close"))
    returns = closed / closed.shift().fillna(opened) - 1.0
    line = held.names.loc["AAA"]
    expected = (returns["AAA"] - line["alpha"] - line["beta"] * returns[INDEX]).sum()
    assert line["car"] == pytest.approx(expected)
    assert held.caar == pytest.approx(held.names["car"].mean())


def test_an_entry_at_a_close_begins_with_the_next_session() -> None:
    held = both(thesis(enter={"at": "close"}))[1]
    assert held.window == (date(2025, 1, 29), LAST)
    assert held.names["days"].tolist() == [20] * 3


def test_shorts_are_signed_and_two_sides_have_a_test_of_their_own() -> None:
    held = both(thesis(versus={"DDD": 1}, neutral="dollar"))[1]
    assert held.names["side"].tolist() == [1, 1, 1, -1]
    assert held.headline.test == "adjusted BMP t by side"
    short = both(thesis(long=None, short={"AAA": 1, "BBB": 1, "CCC": 1}))[1]
    long = both()[1]
    assert short.names["car"].tolist() == pytest.approx((-long.names["car"]).tolist())
    assert (long.headline.test, short.headline.test) == ("adjusted BMP t",) * 2
    assert short.headline.p_value == pytest.approx(long.headline.p_value)


@pytest.mark.parametrize(
    ("words", "n", "test"),
    [
        ({"long": {"AAA": 1}}, 1, "portfolio t"),
        ({"long": {"AAA": 1}, "versus": {"BBB": 1}, "neutral": "dollar"}, 2, "portfolio t"),
        ({"long": {"AAA": 1, "BBB": 1}}, 2, "adjusted BMP t"),
    ],
)
def test_few_names_have_what_is_left(words: dict[str, Any], n: int, test: str) -> None:
    """One name, and a pair, against their own past; two names on a side by one degree of freedom."""
    held = both(thesis(**words))[1]
    assert (held.headline.test, held.headline.n, held.headline.reason) == (test, n, "")
    assert 0.0 < held.headline.p_value < 1.0
    if test == "portfolio t":
        assert "an event that raises the variance is taken for an effect" in held.notes[-1]
        assert held.table.loc["adjusted BMP t by side", "reason"]
    else:
        assert held.notes[-1] == (
            "2 names leave a t with 1 degree of freedom: p is below 5 % only where |t| is above 12.7"
        )
    if n == 1:
        assert held.table.loc["BMP t", "reason"] == "fewer than two names have no cross-section"


def test_the_headline_is_never_one_that_is_blind_to_what_names_share() -> None:
    for words in ({}, {"versus": {"DDD": 1}, "neutral": "dollar"}, {"long": {"AAA": 1}}):
        for study in both(thesis(**words)):
            assert study.headline.test not in ("Patell Z", "cross-sectional t", "BMP t", "sign")


def test_venues_that_close_first_have_a_lag_and_sessions_of_their_own() -> None:
    """Hong Kong is closed from 29 to 31 January, and Frankfurt is not on Presidents' Day."""
    item = thesis(long={"AAA": 1, "EEE": 1, "FFF": 1})
    news, held = both(item)
    assert held.names["model"].tolist() == ["market", *["dimson, lags 1, leads 0"] * 2]
    assert held.names["because"].tolist() == [
        "closes with IDX",
        "closes 4.5 h before IDX, and answers to it a session late",
        "closes 12 h before IDX, and answers to it a session late",
    ]
    result = ds.run(item, MARKET)
    for symbol, line in held.names.iterrows():
        fills = [fill for fill in result.ledger.fills if fill.symbol == symbol]
        axis = MARKET.sessions(MARKET.instrument(symbol).calendar)
        start, end = (nanoseconds(fill.fill_at) for fill in (fills[0], fills[-1]))
        own = set(axis.days[(axis.closes > start) & (axis.closes <= end)])
        assert line["days"] == len(own & set(MARKET.sessions("XNYS").days)), symbol
        assert line["reason"] == ""
    assert held.table.loc["Corrado rank Z", "reason"].startswith("names are missing on some sessions")
    assert held.table.loc["Corrado-Zivney rank Z", "reason"] == ""
    assert news.names["days"].tolist() == [1, 1, 1]


def test_nothing_before_the_estimation_window_or_after_the_window_is_read() -> None:
    """Between the two, and after what was known, prices may be anything."""
    plain, held = both()
    draw = np.random.default_rng(3)
    wild = panel().copy()
    between = wild["date"].between("2025-01-13", "2025-01-23") | (wild["date"] > "2025-02-26")
    for column in ("open", "high", "low", "close"):
        wild.loc[between, column] *= np.exp(draw.normal(0.0, 0.3, int(between.sum())))
    wild["high"], wild["low"] = (wild[["open", "high", "low", "close"]].agg(how, axis=1) for how in ("max", "min"))
    other = both(at=ds.Market.load(wild))
    for one, two in zip((plain, held), other, strict=True):
        assert one.names["sigma"].tolist() == two.names["sigma"].tolist()
        pd.testing.assert_frame_equal(one.table, two.table)
    after = MARKET.scrambled(nanoseconds(plan_known()), seed=4)
    pd.testing.assert_frame_equal(both(at=after)[0].table, plain.table)


def plan_known() -> Any:
    return thesis().known()


def test_the_window_of_estimation_is_counted_from_the_news() -> None:
    """Were it counted from the fill, what the news did would be called normal for the hold."""
    early = both(thesis(news="2025-01-06T00:00Z"))
    late = both()
    assert early[0].window[0] == date(2025, 1, 6)
    assert early[0].names["sigma"].tolist() == early[1].names["sigma"].tolist()
    assert early[1].names["sigma"].tolist() != late[1].names["sigma"].tolist()
    assert early[1].window == late[1].window


def test_settings_are_what_they_say() -> None:
    short = both(window=Estimation(length=100, end=-21, least=80))[1]
    assert short.names["n"].tolist() == [100] * 3
    log = both(kind="log")[1]
    assert log.names["car"].tolist() != both()[1].names["car"].tolist()
    assert log.names["car"].tolist() == pytest.approx(both()[1].names["car"].tolist(), abs=0.02)
    other = both(benchmark="SPY")[1]
    assert (other.benchmark, other.names["beta"].tolist()) == ("SPY", pytest.approx(both()[1].names["beta"].tolist()))
    with pytest.raises(UsageError, match="kind: 'logs' is no kind of return"):
        both(kind="logs")
    with pytest.raises(MarketError, match="XYZ: is not in the data"):
        both(benchmark="XYZ")


def test_an_event_inside_the_estimation_window_is_refused() -> None:
    with pytest.raises(UsageError, match="the event lies inside the estimation window"):
        Estimation(end=0)
    with pytest.raises(UsageError, match="60 of 40 sessions"):
        Estimation(length=40)


def test_too_few_sessions_are_a_reason() -> None:
    young = market(AAA=bars("AAA", 1.5).query("date >= '2024-12-02'"))
    held = both(at=young)[1]
    assert held.names.loc["AAA", "reason"].startswith("too few sessions: known on 25 of the estimation window")
    assert held.notes[0].startswith("AAA is left out: too few sessions")
    assert held.headline.n == 2
    alone = both(thesis(long={"AAA": 1}), at=young)[1]
    assert alone.reason.startswith("no name can be measured: AAA too few sessions")
    assert (alone.headline, alone.outcomes, alone.table.empty) == (None, (), True)
    begins = ds.Market.load(panel().query("date >= '2024-12-20'"))
    assert both(at=begins)[1].reason.startswith("IDX has ")
    assert both(at=begins)[1].reason.endswith("up to the end of the estimation window, 60 are needed")


def test_a_constant_series_is_a_reason() -> None:
    still = bars("AAA", 1.5).assign(open=50.0, high=50.0, low=50.0, close=50.0)
    held = both(at=market(AAA=still))[1]
    assert held.names.loc["AAA", "reason"] == "constant: nothing is left unexplained in the estimation window"
    flat = index().assign(open=50.0, high=50.0, low=50.0, close=50.0)
    assert "what explains it does not vary enough" in both(at=market(IDX=flat))[1].reason
    itself = both(thesis(long={"SPY": 1}), benchmark="SPY")[1]
    assert itself.reason.startswith("no name can be measured: SPY constant")


def test_a_missing_bar_leaves_its_name_out_and_a_missing_benchmark_all() -> None:
    held = both(at=changed("AAA", 1.5, d2025_02_05=np.nan))[1]
    assert held.names.loc["AAA", "reason"] == "missing on 2 of the 21 sessions of the event window"
    assert held.names.loc["BBB", "reason"] == ""
    hole = market(IDX=index().query("date != '2025-02-05'"))
    assert "what explains returns is missing at +6 of the event window" in both(at=hole)[1].reason


def test_what_has_no_window_says_so() -> None:
    assert [one.reason for one in both(thesis(benchmark=None))] == ["the thesis names no benchmark"] * 2
    at_once = both(thesis(news="2025-01-28T00:00Z"))
    assert at_once[0].reason == "no session of IDX that a name shares lies in it"
    assert at_once[1].reason == ""
    nothing = both(thesis(long={INDEX: 1}, benchmark="SPY"))
    assert [one.reason for one in nothing] == ["it has no leg that can be traded", "nothing was filled"]
    late = thesis(source={"publisher": "Wire", "published": "2025-04-30T21:00Z"}, news="2025-04-28T00:00Z")
    assert both(late)[1].reason == "nothing was filled"


def test_a_window_that_its_own_price_ended_says_so() -> None:
    held = both(thesis(exit={"hold": 20, "stop": "1%"}))[1]
    assert "left because of its price" in held.notes[0]
    assert held.window[1] < LAST or held.names["days"].min() < 21
    assert both()[1].notes == (
        "3 names leave a t with 2 degrees of freedom: p is below 5 % only where |t| is above 4.3",
    )


def test_a_position_that_is_open_at_the_end_is_held_to_the_last_mark() -> None:
    held = both(thesis(exit={"hold": 500}))[1]
    assert held.window == (FIRST, date.fromisoformat(DAYS[-1]))


def test_a_book_has_two_studies_of_each_thesis() -> None:
    two = thesis(name="other", long={"DDD": 1}, benchmark="SPY")
    book = ds.Book.of("both", [(thesis(), 1.0), (two, 1.0)])
    found = studies(ds.run(book, MARKET), MARKET)
    assert [(one.thesis, one.kind, one.benchmark) for one in found] == [
        ("made-up", "news", INDEX), ("made-up", "held", INDEX), ("other", "news", "SPY"), ("other", "held", "SPY"),
    ]  # fmt: skip
    pd.testing.assert_frame_equal(found[1].table, both()[1].table)


def test_hedges_are_no_names() -> None:
    held = both(thesis(hedge={"beta to": INDEX, "via": "SPY"}))[1]
    assert held.names.index.tolist() == ["AAA", "BBB", "CCC"]


def test_a_study_is_a_document() -> None:
    for item in (thesis(), thesis(benchmark=None), thesis(news="2025-01-28T00:00Z"), thesis(long={"AAA": 1, "FFF": 1})):
        for study in both(item):
            document = json.loads(json.dumps(study.document(), allow_nan=False))
            assert bool(document["reason"]) == (study.headline is None)
            if study.headline is not None:
                assert document["headline"] == study.headline.test
                tests = {one["test"]: one for one in document["tests"]}
                assert tests[study.headline.test]["p_value"] == study.headline.p_value
                assert all((one["p_value"] is None) == bool(one["reason"]) for one in tests.values())
                assert [line["name"] for line in document["names"]] == study.names.index.tolist()
                assert isinstance(document["names"][0]["n"], int)

"""Figures of a text against daily bars: what they can tell at the instant of each, and what they cannot."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from market.made_up import frame, ns

import deepshock as ds
from deepshock.inference.figures import CANNOT_TELL, CONFLICTS, MATCHES, Checked, check_figures, figure_symbols
from deepshock.thesis import Change, Source, load_many
from deepshock.thesis.figure import read_change

STRATEGIES = Path(__file__).parents[2] / "strategies"
DAYS = ["2025-01-22", "2025-01-23", "2025-01-24", "2025-01-27", "2025-01-28"]
# The close before is 100 in all of them.
OPEN, HIGH, LOW, CLOSE = 90.0, 95.0, 80.0, 85.0


def bars(symbol: str, venue: str = "US", days: list[str] = DAYS, **more: Any) -> pd.DataFrame:
    """Bars of which that of 27 January is as above, and those before it close at 50, 80 and 100."""
    told = {"2025-01-22": 50.0, "2025-01-23": 80.0, "2025-01-24": 100.0, "2025-01-27": CLOSE, "2025-01-28": 60.0}
    made = frame(symbol, days, [told[day] for day in days], venue, **{"class": "stock", **more})
    event = made["date"] == "2025-01-27"
    for name, price in (("open", OPEN), ("high", HIGH), ("low", LOW)):
        made[name] = made[name].where(~event, price)
    return made


@pytest.fixture(scope="module")
def market() -> ds.Market:
    locked = bars("LOCK", "CN").assign(open=120.0, high=120.0, low=120.0)
    locked["close"] = locked["close"].where(locked["date"] != "2025-01-27", 120.0)
    locked.loc[locked["date"] == "2025-01-24", ["open", "high", "low"]] = 100.0
    thin = bars("THIN", "HK", **{"class": "index"}).assign(open=math.nan, high=math.nan, low=math.nan)
    return ds.Market.load(
        pd.concat(
            [
                bars("AAA"),
                locked,
                thin,
                bars("HOLE", "DE", [day for day in DAYS if day != "2025-01-24"]),
                bars("GONE", "US", DAYS[:3]),
                bars("FUT", mic="XCME", **{"class": "future"}),
                bars("^FEAR", mic="XCBO", **{"class": "index"}),
                bars("COIN", "24", ["2025-01-24", "2025-01-27"], **{"class": "crypto"}),
                bars("ROUND", "24", **{"class": "crypto"}).assign(
                    date=["2025-01-23", "2025-01-24", "2025-01-25", "2025-01-26", "2025-01-27"]
                ),
            ]
        )
    )


def check(market: ds.Market, change: str, at: str, of: str = "last", symbol: str = "AAA", **more: Any) -> Checked:
    when = {"at": at} if not at.startswith("before ") else {"before": at.removeprefix("before ")}
    figure = {"symbol": symbol, "change": change, "of": of, **when, **more}
    source = Source(published="2025-01-29T00:00Z", figures=[figure])
    (found,) = check_figures({"wire": source}, market)
    return found


WITHIN, OVER, OPENING, EARLY = "2025-01-27T16:00Z", "2025-01-27T21:00Z", "2025-01-27T14:30Z", "2025-01-27T14:29Z"
CASES = [
    # After the close the close tells it, until the day of the next session begins in New York (05:00Z).
    ("-15%", OVER, "last", MATCHES),
    ("-15.0%", "2025-01-28T04:59Z", "last", MATCHES),
    ("-14%", OVER, "last", CONFLICTS),
    ("-15.4%", OVER, "last", CONFLICTS),
    ("-15%", "2025-01-28T05:00Z", "last", CANNOT_TELL),
    ("-14.5%", OVER, "last", CONFLICTS),  # half a unit of its last digit is 0.05 points
    # Within the session the price lies between 80 and 95.
    ("-12%", WITHIN, "last", CANNOT_TELL),
    ("-25%", WITHIN, "last", CONFLICTS),
    ("-21%", WITHIN, "last", CONFLICTS),
    ("-20%", WITHIN, "last", CANNOT_TELL),
    ("-5%", WITHIN, "last", CANNOT_TELL),
    ("-4%", WITHIN, "last", CONFLICTS),
    ("+15%", WITHIN, "last", CONFLICTS),
    ("lower", WITHIN, "last", MATCHES),
    ("higher", WITHIN, "last", CONFLICTS),
    ("-4% or more", WITHIN, "last", MATCHES),
    ("-10% or more", WITHIN, "last", CANNOT_TELL),
    ("-30% or more", WITHIN, "last", CONFLICTS),
    ("-12%", f"before {OVER}", "last", CANNOT_TELL),  # a second before the close is within
    # At the opening instant the open, whatever is asked for.
    ("-10%", OPENING, "last", MATCHES),
    ("-10%", OPENING, "high", MATCHES),
    ("-12%", OPENING, "last", CONFLICTS),
    # Before it nothing, and before the opening instant is before it.
    ("-10%", EARLY, "last", CANNOT_TELL),
    ("-10%", f"before {OPENING}", "last", CANNOT_TELL),
    ("-10%", EARLY, "open", CANNOT_TELL),
    # The open is known from then on.
    ("-10%", WITHIN, "open", MATCHES),
    ("lower", WITHIN, "open", MATCHES),
    ("higher", OVER, "open", CONFLICTS),
    # The high so far lies between the open and the high of the day, the low so far between the low and the open.
    ("-7%", WITHIN, "high", CANNOT_TELL),
    ("-3%", WITHIN, "high", CONFLICTS),
    ("-12%", WITHIN, "high", CONFLICTS),
    ("-5%", OVER, "high", MATCHES),
    ("-7%", OVER, "high", CONFLICTS),
    ("-15%", WITHIN, "low", CANNOT_TELL),
    ("-9%", WITHIN, "low", CONFLICTS),
    ("-20%", OVER, "low", MATCHES),
    # The close is that of the last session that is over: on 24 January 100 after 80.
    ("+25%", WITHIN, "close", MATCHES),
    ("+25%", EARLY, "close", MATCHES),
    ("-15%", OVER, "close", MATCHES),
    ("-15%", WITHIN, "close", CONFLICTS),
    # On the weekend the last price is Friday's.
    ("+25%", "2025-01-25T12:00Z", "last", MATCHES),
]


@pytest.mark.parametrize(("change", "at", "of", "verdict"), CASES)
def test_a_figure_is_held_against_what_was_known_at_its_instant(
    market: ds.Market, change: str, at: str, of: str, verdict: str
) -> None:
    assert check(market, change, at, of).verdict == verdict


def test_the_numbers_stand_beside_the_verdict(market: ds.Market) -> None:
    within = check(market, "-12%", WITHIN)
    assert within.reason == "between the low and the high of 2025-01-27: -20.00% to -5.00%"
    assert (within.previous, within.low, within.high) == (100.0, pytest.approx(-0.2), pytest.approx(-0.05))
    over = check(market, "-15%", OVER)
    assert over.reason == "the close of 2025-01-27: -15.00%"
    assert over.low == over.high == pytest.approx(-0.15)
    early = check(market, "-10%", EARLY)
    assert early.reason == "it is before the open of 2025-01-27 (14:30Z)"
    assert math.isnan(early.low)


def test_what_the_whole_day_shows_stands_apart_and_only_where_it_came_later(market: ds.Market) -> None:
    for at in (EARLY, OPENING, WITHIN):
        later = check(market, "-12%", at).later
        assert later is not None
        assert later.day.isoformat() == "2025-01-27"
        assert [later.open, later.high, later.low, later.close] == pytest.approx([-0.1, -0.05, -0.2, -0.15])
    assert check(market, "-12%", OVER).later is None


@pytest.mark.parametrize(
    ("symbol", "change", "at", "of", "verdict", "reason"),
    [
        # A session that is locked at its limit tells the price while it lasts: Shenzhen trades from 01:30Z to 07:00Z.
        ("LOCK", "+20%", "2025-01-27T03:00Z", "last", MATCHES, "the only price of 2025-01-27: +20.00%"),
        ("LOCK", "+10%", "2025-01-27T03:00Z", "last", CONFLICTS, "+20.00%"),
        ("LOCK", "+20%", "2025-01-27T07:00Z", "last", MATCHES, "the close of 2025-01-27: +20.00%"),
        # A bar with nothing but a close bounds its high from below once it is over: Hong Kong closes at 08:00Z.
        ("THIN", "+2%", "2025-01-27T10:00Z", "high", CANNOT_TELL, "no high in the bar, only the close of 2025-01-27"),
        ("THIN", "-17%", "2025-01-27T10:00Z", "high", CONFLICTS, "-15.00% or more"),
        ("THIN", "-10%", "2025-01-27T10:00Z", "low", CONFLICTS, "-15.00% or less"),
        ("THIN", "-17%", "2025-01-27T05:00Z", "last", CANNOT_TELL, "no high and low in the bar of 2025-01-27"),
        ("THIN", "-17%", "2025-01-27T05:00Z", "open", CANNOT_TELL, "no open in the bar of 2025-01-27"),
        ("THIN", "-15%", "2025-01-27T10:00Z", "last", MATCHES, "the close of 2025-01-27: -15.00%"),
        ("HOLE", "-20%", "2025-01-27T10:00Z", "last", CANNOT_TELL, "no bar of 2025-01-24, the session before"),
        ("GONE", "-20%", WITHIN, "last", CANNOT_TELL, "no bar of 2025-01-27"),
        ("FUT", "-3%", "2025-01-27T10:00Z", "last", CANNOT_TELL, "a continuous future trades around the clock"),
        ("^FEAR", "+9%", "2025-01-27T10:00Z", "last", CANNOT_TELL, "no auction makes it"),
        ("ZZZ", "+9%", WITHIN, "last", CANNOT_TELL, "ZZZ is not in the data"),
        ("AAA", "+9%", "2024-01-27T10:00Z", "last", CANNOT_TELL, "the data begin on 2025-01-22"),
        ("COIN", "+9%", "2025-01-27T10:00Z", "last", CANNOT_TELL, "no bar of 2025-01-26, the session before"),
    ],
)
def test_where_bars_are_silent_they_say_why(
    market: ds.Market, symbol: str, change: str, at: str, of: str, verdict: str, reason: str
) -> None:
    found = check(market, change, at, of, symbol)
    assert (found.verdict, reason in found.reason) == (verdict, True), found.reason


def test_a_market_that_never_closes_is_quoted_over_24_hours(market: ds.Market) -> None:
    """Between 80 and 95 on 26 January, which ends at 85, after 98 to 102 on the 25th, which ends at 100."""
    within = check(market, "-12%", "2025-01-26T10:00Z", symbol="ROUND")
    assert (within.low, within.high) == (pytest.approx(80 / 102 - 1), pytest.approx(95 / 98 - 1))
    assert (within.verdict, within.previous) == (CANNOT_TELL, 100.0)
    assert check(market, "+1%", "2025-01-26T10:00Z", symbol="ROUND").verdict == CONFLICTS
    assert check(market, "-15%", "2025-01-27T00:00Z", symbol="ROUND").verdict == MATCHES  # the close itself
    assert check(market, "-15%", "2025-01-26T10:00Z", "high", symbol="ROUND").verdict == CANNOT_TELL


def test_the_day_of_a_future_and_of_an_index_without_auctions_is_shown_as_later(market: ds.Market) -> None:
    for symbol in ("FUT", "^FEAR"):
        later = check(market, "-3%", "2025-01-27T10:00Z", symbol=symbol).later
        assert later is not None
        assert (later.day.isoformat(), later.close) == ("2025-01-27", pytest.approx(-0.15))


def test_no_verdict_changes_with_what_comes_later(market: ds.Market) -> None:
    other = market.scrambled(ns(OVER), seed=5)
    for change, at, of, verdict in CASES:
        if not at.startswith("2025-01-28"):
            assert check(other, change, at, of).verdict == verdict


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("-10%", -0.105, -0.095),
        ("-10.0%", -0.1005, -0.0995),
        ("+1.2%", 0.0115, 0.0125),
        ("20 %", 0.195, 0.205),
        ("-0.61%", -0.00615, -0.00605),
        ("-2.5% or more", -1.0, -0.0245),
        ("2% or more", 0.015, math.inf),
    ],
)
def test_a_figure_is_rounded_to_the_digits_with_which_it_is_written(text: str, low: float, high: float) -> None:
    assert read_change(text).bounds() == (pytest.approx(low), pytest.approx(high))


def test_higher_and_lower_leave_out_what_is_unchanged() -> None:
    assert Change("", "lower").bounds()[1] < 0.0 < Change("", "higher").bounds()[0]


def test_the_instant_of_a_figure_is_its_own_or_that_of_its_source() -> None:
    """By its earliest reading, and without latency; a bare date tells nothing but that it was before `seen by`."""

    def instant(figure: dict[str, str], **words: Any) -> str:
        source = Source(**words, figures=[{"symbol": "X", "change": "1%", **figure}])
        told = source.instant_of(source.figures[0])
        return f"{'before ' * told[1]}{told[0]:%d %H:%M}" if told else ""

    stamp = {"published": "2025-01-27 19:00", "zones": ["America/New_York", "UTC"], "latency": "2h"}
    assert instant({}, **stamp) == "27 19:00"
    assert instant({"at": "2025-01-27T15:00Z"}, **stamp) == "27 15:00"
    assert instant({"before": "2025-01-27T15:00Z"}, **stamp) == "before 27 15:00"
    assert instant({}, published="2025-01-27", **{"seen by": "2025-01-27T14:30Z"}) == "before 27 14:30"
    assert instant({}, published="2025-01-27") == ""


def test_a_figure_without_an_instant_cannot_be_told(market: ds.Market) -> None:
    (found,) = check_figures({"wire": Source(published="2025-01-27", figures=["AAA -15%"])}, market)
    assert (found.at, found.verdict) == (None, CANNOT_TELL)
    assert "no time of day" in found.reason
    assert found.document()["at"] is None


def test_of_theses_the_sources_count_that_they_cite(market: ds.Market) -> None:
    def thesis(name: str, change: str) -> ds.Thesis:
        wire = {"published": "2025-01-29T00:00Z", "figures": [{"symbol": "AAA", "change": change, "at": OVER}]}
        sources = {"wire": wire, "other": {**wire, "figures": ["BBB 1%"]}, "third": {**wire, "figures": ["CCC 1%"]}}
        return ds.Thesis(name=name, sources=sources, source="wire", counter=[{"from": "third"}], long={"AAA": 1})

    one, two = thesis("one", "-15%"), thesis("two", "-20%")
    assert [found.source for found in check_figures(one, market)] == ["wire", "third"]
    assert figure_symbols(one) == ("AAA", "CCC")
    book = ds.Book.of("both", [one, two])
    assert [(found.source, found.verdict) for found in check_figures(book, market)] == [
        ("wire", MATCHES),
        ("third", CANNOT_TELL),
        ("two: wire", CONFLICTS),
    ]
    inline = ds.Thesis(
        name="three", source={"published": OVER, "publisher": "Wire", "figures": ["AAA -15%"]}, long=["AAA"]
    )
    (found,) = check_figures([inline], market)
    assert (found.source, found.verdict) == ("Wire", MATCHES)
    assert found.document() == {
        **{"source": "Wire", "symbol": "AAA", "change": "-15%", "of": "last", "what": None},
        **{"at": "2025-01-27T21:00:00Z", "before": False, "verdict": "matches", "later": None},
        **{"reason": "the close of 2025-01-27: -15.00%", "previous": 100.0},
        **{"low": pytest.approx(-0.15), "high": pytest.approx(-0.15)},
    }


@pytest.mark.real_data
def test_the_figures_of_the_articles_on_real_bars(panel_path: Path) -> None:
    """Most were taken within a session, of which a daily bar says too little; nothing that can be told is wrong."""
    theses = [one for one in load_many(STRATEGIES) if isinstance(one, ds.Thesis)]
    market = ds.Market.load(panel_path, symbols=figure_symbols(theses))
    found = {(one.source, str(one.figure)): one for one in check_figures(theses, market)}
    assert len(found) == 26
    told = {key: one.verdict for key, one in found.items() if one.verdict != CANNOT_TELL}
    assert told == {("forexlive", "META (open) lower"): MATCHES, ("bloomberg", "300766.SZ +20%"): MATCHES}
    assert found["bloomberg", "300766.SZ +20%"].reason == "the close of 2025-01-27: +20.02%"
    assert found["forexlive", "META (open) lower"].reason == "the open of 2025-01-27: -3.22%"
    assert found["quantblog", "AVGO -12%"].reason == "between the low and the high of 2025-01-27: -19.81% to -10.74%"
    assert found["forexlive", "VST -27%"].reason == "between the low and the high of 2025-01-27: -30.62% to -17.88%"
    later = found["forexlive", "VST -27%"].later
    assert later is not None
    assert later.close == pytest.approx(-0.2827, abs=1e-4)
    assert found["bloomberg", "ENR.DE -20%"].reason == "no bar of 2025-01-24, the session before"
    assert "+0.64% or more" in found["bloomberg", "^HSTECH (high) +2%"].reason
    assert found["xtb", "NVDA -6.5%"].reason == "it is before the open of 2025-01-27 (14:30Z)"


def test_the_simulated_market_is_pinned_to_the_figures_that_it_can_be_pinned_to() -> None:
    """It takes figures within the session for the close, so only what is told by an open or a close can be compared."""
    theses = [one for one in load_many(STRATEGIES) if isinstance(one, ds.Thesis)]
    known = [symbol for symbol in figure_symbols(theses) if symbol not in ("NQ=F", "ES=F", "ASML.AS")]
    found = check_figures(theses, ds.Market.load("sample", symbols=known))
    assert all(one.verdict != CONFLICTS for one in found)
    assert {str(one.figure) for one in found if one.verdict == MATCHES} >= {"300766.SZ +20%", "META (open) lower"}

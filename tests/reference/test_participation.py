"""Orders that the participation cap cuts, and A shares that may not be sold in the session of their purchase."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from reference import Reference, reference_run
from reference.auctions import all_sessions
from reference.by_hand import NO_RATES, bars, instant, quiet, thesis

EXACT = 1e-9
# Of a typical volume of 10,000 shares a fill takes 2 %: 200.
DAYS = {
    "2025-01-27": (100.0, 101.0, 99.0, 100.0),
    "2025-01-28": (110.0, 111.0, 109.0, 110.0),
    "2025-01-29": (120.0, 121.0, 119.0, 120.0),
    "2025-01-30": (115.0, 116.0, 114.0, 115.0),
    "2025-01-31": (118.0, 119.0, 117.0, 118.0),
    "2025-02-03": (119.0, 120.0, 118.0, 119.0),
    "2025-02-04": (121.0, 122.0, 120.0, 121.0),
}


def run(days: dict[str, tuple] = DAYS, volume: float = 10_000.0, **words: object) -> Reference:
    """Buy for 50,000 USD from the open of 27 January on."""
    rows = bars("QAAA", "XNAS", "USD", {**quiet("XNYS", "2025-01-27", 100.0), **days}, volume=volume)
    words = {"published": "2025-01-25T12:00Z", "costs": "none", "capital": "50_000 USD", **words}
    return reference_run(thesis(**{"long": {"QAAA": "1"}, **words}), pd.DataFrame(rows), NO_RATES)


def told(outcome: Reference) -> list[tuple]:
    """Return reason, instant, shares and price of all fills."""
    return [(one["reason"], f"{one['fill_at']:%m-%dT%H:%M}", one["shares"], one["price"]) for one in outcome.fills]


def test_an_order_above_the_cap_goes_on_at_the_next_opens_and_leaves_in_parts() -> None:
    outcome = run(exit={"hold": "3 sessions"})
    # 50,000 - 200 x 100 = 30,000 at 110 are 272 shares, of which 200; 8,000 at 120 are 66. The third session after the
    # 27th, that of the first fill, is the 30th.
    assert told(outcome) == [
        ("entry", "01-27T14:30", 200.0, 100.0),
        ("entry", "01-28T14:30", 200.0, 110.0),
        ("entry", "01-29T14:30", 66.0, 120.0),
        ("hold", "01-30T21:00", -200.0, 115.0),
        ("hold", "01-31T14:30", -200.0, 118.0),
        ("hold", "02-03T14:30", -66.0, 119.0),
    ]
    # A rest is decided by the fill that left it, the scheduled exit by the last fill of the entry.
    decided = [f"{one['decided_at']:%m-%dT%H:%M}" for one in outcome.fills]
    assert decided == ["01-25T12:00", "01-27T14:30", "01-28T14:30", "01-29T14:30", "01-30T21:00", "01-31T14:30"]
    # 80 USD are less than a share: nothing is unfilled. Paid 20,000 + 22,000 + 7,920, received 23,000 + 23,600 + 7,854.
    assert outcome.unfilled == []
    assert outcome.net == pytest.approx(54_454 - 49_920, abs=EXACT)
    # P2 is the first fill, P3 the last exit, over the last price before the news.
    assert outcome.legs[0]["tradable"] == pytest.approx((119 - 100) / 100, abs=EXACT)


def test_no_cap_lifts_it_and_an_unknown_volume_does_not_bind() -> None:
    uncapped = {"preset": "none", "participation": "none"}
    assert told(run(costs=uncapped, exit={"hold": "1 sessions"}))[0][2] == 500.0
    wider = {"preset": "none", "participation": "4%"}
    assert told(run(costs=wider, exit={"hold": "1 sessions"}))[0][2] == 400.0
    assert told(run(volume=float("nan"), exit={"hold": "1 sessions"}))[0][2] == 500.0


def test_levels_hang_from_the_average_price_and_are_capped_too() -> None:
    days = {**DAYS, "2025-01-29": (108.0, 109.0, 99.0, 104.0)}
    outcome = run(days, exit={"stop": "5%"})
    # 400 shares at 105 on average, then 8,000 at 108: 74. (42,000 + 7,992) / 474 x 0.95 = 100.19..., reached by 99.
    stop = 49_992 / 474 * 0.95
    assert told(outcome)[3:] == [
        ("stop", "01-29T21:00", -200.0, pytest.approx(stop, abs=EXACT)),
        ("stop", "01-30T14:30", -200.0, 115.0),
        ("stop", "01-31T14:30", -74.0, 118.0),
    ]
    # Decided by the fill at the open of that session, which the level hangs from.
    assert outcome.fills[3]["decided_at"] == instant("2025-01-29T14:30Z")


def test_a_rest_ends_when_it_expires_or_an_open_is_at_the_stop_or_an_exit_is_due() -> None:
    # Two sessions take 42,000 of 50,000: 16 % are left.
    expired = run(enter={"at": "open", "within": "2"}, exit={"hold": "3 sessions"})
    assert expired.unfilled == [("QAAA", "entry", pytest.approx(0.16, abs=EXACT))]
    # The open of the 28th is below 95: nothing more is bought, and the stop fills there.
    stopped = run({**DAYS, "2025-01-28": (94.0, 96.0, 93.0, 95.0)}, exit={"stop": "5%"})
    assert told(stopped) == [("entry", "01-27T14:30", 200.0, 100.0), ("stop", "01-28T21:00", -200.0, 94.0)]
    assert stopped.unfilled == [("QAAA", "entry", pytest.approx(0.6, abs=EXACT))]
    # `on` the morning of the 28th: the exit at that open comes before the rest.
    event = {"opens": {"at": "2025-01-28T14:00Z", "known": "2025-01-20T00:00Z"}}
    left = run(events=event, exit={"on": "opens"})
    assert told(left)[1:] == [("on", "01-28T14:30", -200.0, 110.0)]
    assert left.unfilled == [("QAAA", "entry", pytest.approx(0.6, abs=EXACT))]


def test_a_cap_of_less_than_a_lot_fails_both_auctions() -> None:
    rows = bars("0098.HK", "XHKG", "HKD", {**quiet("XHKG", "2025-01-27", 10.0), "2025-01-27": (10.0,) * 4}, lot=500)
    for row in rows:
        row["volume"] = 20_000.0
    words = {"published": "2025-01-25T12:00Z", "long": {"0098.HK": "1"}, "costs": "none", "capital": "50_000 HKD"}
    # 2 % of 20,000 are 400 shares, and a lot is 500.
    outcome = reference_run(thesis(**words), pd.DataFrame(rows), NO_RATES)
    assert (outcome.fills, outcome.unfilled) == ([], [("0098.HK", "entry", 1.0)])


def test_a_hedge_follows_each_fill_of_its_leg() -> None:
    days = [one.day for one in all_sessions("XNYS") if date(2024, 7, 1) <= one.day <= date(2025, 1, 31)]
    leg, index, fund = [], [], []
    price = level = 100.0
    for n, day in enumerate(days):
        # Twice as far as the index, as in a beta of 2.
        move = 0.01 if n % 2 else -0.01
        price, level = price * (1 + 2 * move), level * (1 + move)
        shown = 100.0 if day >= date(2025, 1, 28) else price
        leg += bars("QAAA", "XNAS", "USD", {str(day): (shown,) * 4}, volume=10_000.0)
        index += bars("^QIX", "XNYS", "USD", {str(day): (level,) * 4}, **{"class": "index"})
        fund += bars("QETF", "ARCX", "USD", {str(day): (40.0,) * 4}, **{"class": "etf"}, volume=60_000.0)
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            long={"QAAA": "1"},
            exit={"hold": "2 sessions"},
            hedge={"beta to": "^QIX", "via": "QETF"},
            costs="none",
            capital="30_000 USD",
            fractional="true",
        ),
        pd.DataFrame(leg + index + fund),
        NO_RATES,
    )
    # 200 shares on the 28th and 100 on the 29th, each 100 USD; hedged by twice as much at the close after each.
    assert [(one["symbol"], one["reason"], f"{one['fill_at']:%dT%H}") for one in outcome.fills] == [
        ("QAAA", "entry", "28T14"), ("QETF", "hedge", "28T21"), ("QAAA", "entry", "29T14"), ("QETF", "hedge", "29T21"),
        ("QAAA", "hold", "30T21"), ("QAAA", "hold", "31T14"), ("QETF", "hedge exit", "31T21"),
    ]  # fmt: skip
    shares = [one["shares"] for one in outcome.fills]
    assert shares[:4] == pytest.approx([200, -1_000, 100, -500], rel=1e-6)
    # The hedge stays until all of its leg has left, then closes within its cap of 1,200; the data end before the rest.
    assert shares[4:] == pytest.approx([-200, -100, 1_200], rel=1e-6)


def test_an_a_share_is_not_sold_in_the_session_that_bought_it() -> None:
    days = {
        "2025-02-06": (10.0, 10.1, 9.9, 10.0),
        "2025-02-07": (10.0, 10.1, 9.4, 9.6),
        "2025-02-10": (9.7, 9.8, 9.6, 9.7),
    }
    outcome = reference_run(
        thesis(
            published="2025-02-06T12:00Z",
            long={"300998.SZ": "1"},
            exit={"hold": "20 sessions", "stop": "5%"},
            costs="none",
            capital="100_000 CNY",
        ),
        pd.DataFrame(bars("300998.SZ", "XSHE", "CNY", days, lot=100, limit_pct=0.1)),
        NO_RATES,
    )
    # The low of 9.40 is below 9.50, but what was bought on the 7th leaves on the 10th at the earliest.
    left = outcome.fills[1]
    assert (left["reason"], left["price"]) == ("stop", 9.7)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-02-07T07:00Z"), instant("2025-02-10T01:30Z"))

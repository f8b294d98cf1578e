"""The reference against ledgers that were worked out by hand.

Every expected number is derived in the comment beside it from the rules and from facts (rates, duties, calendars),
never by running code. Expected sums are written as arithmetic on those numbers so that the last digits need no
calculator.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import pytest

from reference import reference_run
from reference.auctions import NONSTOP, Axis, Venue, all_sessions
from reference.by_hand import BARE, NO_RATES, bars, instant, rates, thesis, total
from reference.costs import law_amount
from reference.ticks import round_half_up, tick_of

EXACT = 1e-9


def test_one_long_leg_pays_its_commission_and_nothing_else() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-24": (97.0, 99.0, 96.0, 98.0),
                "2025-01-27": (99.0, 101.0, 98.0, 100.0),
                "2025-01-28": (102.0, 104.0, 101.0, 103.0),
                "2025-01-29": (104.0, 106.0, 103.0, 105.0),
                "2025-01-30": (106.0, 107.0, 104.0, 106.5),
                "2025-01-31": (107.0, 108.0, 105.0, 107.0),
            },
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            news="2025-01-27T00:00Z",
            long={"QAAA": "1"},
            gross="50%",
            exit={"hold": "2 sessions"},
            costs={"preset": "none", "commission.us.per-share": "0.005"},
            capital="100_000 USD",
        ),
        frame,
        NO_RATES,
    )
    bought, sold = outcome.fills
    # 50,000 / 102 = 490.19..., so 490 whole shares, each at 0.005: 2.45.
    assert (bought["shares"], bought["price"], bought["fx"]) == (490.0, 102.0, 1.0)
    assert bought["costs"]["commission"] == pytest.approx(2.45, abs=EXACT)
    assert (bought["decided_at"], bought["fill_at"]) == (instant("2025-01-27T22:00Z"), instant("2025-01-28T14:30Z"))
    # The second session after that of the fill is the 30th.
    assert (sold["reason"], sold["shares"], sold["price"]) == ("hold", -490.0, 106.5)
    assert (sold["decided_at"], sold["fill_at"]) == (instant("2025-01-28T14:30Z"), instant("2025-01-30T21:00Z"))
    assert outcome.nav == [
        (instant("2025-01-27T21:00Z"), 100_000.0),
        # 490 x (103 - 102) - 2.45 = 487.55
        (instant("2025-01-28T21:00Z"), pytest.approx(100_487.55, abs=EXACT)),
        # 490 x (105 - 102) - 2.45 = 1,467.55
        (instant("2025-01-29T21:00Z"), pytest.approx(101_467.55, abs=EXACT)),
        # 490 x (106.50 - 102) - 4.90 = 2,205 - 4.90 = 2,200.10
        (instant("2025-01-30T21:00Z"), pytest.approx(102_200.10, abs=EXACT)),
    ]
    assert outcome.gross == pytest.approx(2_205.0, abs=EXACT)
    assert outcome.net == pytest.approx(2_200.10, abs=EXACT)
    # Two nights, the 28th and the 29th, at 4.375 % over 360.
    assert outcome.excess == pytest.approx(2_200.10 - 100_000 * 2 * 0.04375 / 360, abs=EXACT)
    assert outcome.interest == {"credit": 0.0, "debit": 0.0, "rebate": 0.0}
    assert (outcome.max_drawdown, outcome.sharpe, outcome.n_obs) == (0.0, None, 3)
    # P0 = 98 (24 January), P1 = 100 (27 January), P2 = 102, P3 = 106.50.
    (leg,) = outcome.legs
    assert leg["missed"] == pytest.approx(2 / 98, abs=EXACT)
    assert leg["gap"] == pytest.approx(2 / 98, abs=EXACT)
    assert leg["tradable"] == pytest.approx(4.5 / 98, abs=EXACT)


def test_a_short_trues_up_its_collateral_and_pays_borrow_over_the_weekend() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-29": (49.0, 50.0, 48.0, 49.5),
                "2025-01-30": (49.5, 51.0, 49.0, 50.0),
                "2025-01-31": (50.5, 53.0, 50.0, 52.0),
                "2025-02-03": (52.5, 53.0, 50.0, 51.0),
                "2025-02-04": (51.0, 52.0, 50.0, 51.0),
            },
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-29T22:00Z",
            short={"QAAA": "1"},
            gross="50%",
            enter="next close",
            exit={"hold": "2 sessions"},
            costs=BARE,
            capital="100_000 USD",
        ),
        frame,
        NO_RATES,
    )
    sold, covered = outcome.fills
    assert (sold["shares"], sold["price"], covered["shares"], covered["price"]) == (-1000.0, 50.0, 1000.0, 51.0)
    # SEC: 50,000 x 0.0000278 = 1.39, a whole number of cents. FINRA: 1,000 x 0.000166 = 0.166, up to 0.17.
    # A cover pays neither.
    assert sold["costs"]["SEC section 31 fee"] == pytest.approx(1.39, abs=EXACT)
    assert sold["costs"]["FINRA trading activity fee"] == pytest.approx(0.17, abs=EXACT)
    assert sum(covered["costs"].values()) == 0.0
    # The sale of Thursday the 30th settles on Friday the 31st, the cover of Monday the 3rd on Tuesday the 4th.
    # Credit at 4.375 - 0.5 = 3.875 %. Night of the 30th: the whole capital, as nothing has settled.
    first_night = 100_000 * 0.03875 / 360
    # Nights of 31 January, 1 and 2 February: less the fees and the 2,000 by which the collateral rose on the 31st, plus
    # that first interest.
    free = 100_000 - 1.56 - 2_000 + first_night
    weekend = free * 0.03875 / 360 * 3
    # Collateral 50,000 + 2,000 on the nights of 31 January, 1, 2 and 3 February at 4.375 %.
    rebate = 52_000 * 0.04375 / 360 * 4
    # Borrow on the same nights: on the close of the 30th ceil(51.00) = 51 dollars, then three times on that of the 31st
    # ceil(53.04) = 54: 1,000 x 0.3 % / 360 x (51 + 3 x 54) = 1,000 x 0.003 / 360 x 213 = 1.775.
    borrow = 1.775
    assert outcome.interest["credit"] == pytest.approx(first_night + weekend, abs=EXACT)
    assert outcome.interest["debit"] == 0.0
    assert outcome.interest["rebate"] == pytest.approx(rebate, abs=EXACT)
    assert outcome.costs["borrow"] == pytest.approx(borrow, abs=EXACT)
    assert [at for at, _ in outcome.nav] == [
        instant(f"2025-{day}T21:00Z") for day in ("01-29", "01-30", "01-31", "02-03")
    ]
    assert [value for _, value in outcome.nav] == pytest.approx(
        [
            100_000.0,
            100_000 - 1.56,
            free,
            # Covered at 51: 1,000 lost since the sale. The night of the 3rd is booked on the last row with the rest.
            100_000 - 1.56 - 1_000 + first_night + weekend + rebate - borrow,
        ],
        abs=EXACT,
    )
    assert outcome.gross == pytest.approx(-1_000.0, abs=EXACT)
    # The lowest value is that of the 31st, the highest the capital.
    assert outcome.max_drawdown == pytest.approx(free / 100_000 - 1, abs=1e-12)


def test_a_hong_kong_long_pays_duty_and_conversion_and_carries_its_currency() -> None:
    frame = pd.DataFrame(
        bars(
            "0098.HK", "XHKG", "HKD",
            {
                "2025-02-03": (395.0, 399.0, 394.0, 398.0),
                "2025-02-04": (400.0, 408.0, 398.0, 405.0),
                "2025-02-05": (406.0, 413.0, 404.0, 412.0),
                "2025-02-06": (410.0, 413.0, 404.0, 411.0),
            },
            lot=100,
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-02-03T12:00Z",
            long={"0098.HK": "1"},
            gross="30%",
            exit={"hold": "1 sessions"},
            costs=BARE,
            capital="1_000_000 USD",
        ),
        frame,
        rates("HKD", "USD", {"2025-01-31T15:00Z": 0.1280, "2025-02-04T15:00Z": 0.1285}),
    )
    bought, sold = outcome.fills
    # 300,000 / (400 x 0.128) = 5,859.375, so 58 lots of 100: HKD 2,320,000.
    assert (bought["shares"], bought["fx"], bought["fill_at"]) == (5800.0, 0.1280, instant("2025-02-04T01:30Z"))
    paid = {
        "stamp duty": 2_320.0,  # 0.1 %
        "SFC transaction levy": 62.64,  # 0.0027 %
        "AFRC transaction levy": 3.48,  # 0.00015 %
        "HKEX trading fee": 131.08,  # 0.00565 %
        "CCASS settlement fee": 46.40,  # 0.002 %, between 2 and 100
        "conversion": 116.0,  # half a basis point
    }
    for item, amount in paid.items():
        assert bought["costs"][item] == pytest.approx(amount * 0.1280, abs=EXACT), item
    # HKD 2,389,600 at 412; the rate of 4 February is known by then.
    assert (sold["shares"], sold["price"], sold["fx"]) == (-5800.0, 412.0, 0.1285)
    paid = {
        "stamp duty": 2_390.0,  # 2,389.60, up to a dollar
        "SFC transaction levy": 64.52,  # 64.5192
        "AFRC transaction levy": 3.58,  # 3.5844
        "HKEX trading fee": 135.01,  # 135.0124
        "CCASS settlement fee": 47.79,  # 47.792
        "conversion": 119.48,
    }
    for item, amount in paid.items():
        assert sold["costs"][item] == pytest.approx(amount * 0.1285, abs=EXACT), item
    # Price at the old rate: 5,800 x 5 x 0.128 = 3,712 and 5,800 x 7 x 0.128 = 5,196.80.
    # FX: 5,800 x 412 x 0.0005 = 1,194.80.
    assert total(outcome, "price") == pytest.approx(8_908.80, abs=EXACT)
    assert total(outcome, "FX") == pytest.approx(1_194.80, abs=EXACT)
    # One night, the 4th, on the whole capital: the purchase settles on the 6th.
    credit = 1_000_000 * 0.03875 / 360
    assert outcome.interest["credit"] == pytest.approx(credit, abs=EXACT)
    # HKD 2,563.60 + 116 at 0.128 = 342.9888; HKD 2,640.90 + 119.48 at 0.1285 = 354.70883.
    assert outcome.net == pytest.approx(10_103.60 - 342.9888 - 354.70883 + credit, abs=EXACT)
    assert outcome.nav[1][1] == pytest.approx(1_000_000 + 3_712 - 342.9888, abs=1e-8)
    assert outcome.nav[-1][1] == pytest.approx(1_000_000 + outcome.net, abs=1e-8)


def test_a_stop_triggers_in_the_session_of_the_fill_and_fills_at_its_level() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-27": (101.0, 102.0, 99.0, 101.0),
                "2025-01-28": (100.0, 101.0, 94.0, 99.0),
                "2025-01-29": (99.0, 101.0, 98.0, 100.0),
            },
        )
        + bars("QXE.DE", "XETR", "EUR", {"2025-01-28": (9.0, 9.0, 9.0, 9.0), "2025-01-29": (9.0, 9.0, 9.0, 9.0)})
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-28T00:00Z",
            long={"QAAA": "1"},
            exit={"hold": "20 sessions", "stop": "5%"},
            costs="none",
            capital="10_000 USD",
        ),
        frame,
        NO_RATES,
    )
    stopped = outcome.fills[1]
    # 100 x 0.95 = 95, reached by the low of 94; booked on the close, decided when the position was bought at the open.
    assert (stopped["reason"], stopped["price"], stopped["shares"]) == ("stop", 95.0, -100.0)
    assert (stopped["decided_at"], stopped["fill_at"]) == (instant("2025-01-28T14:30Z"), instant("2025-01-28T21:00Z"))
    assert outcome.nav == [
        (instant("2025-01-27T21:00Z"), 10_000.0),
        (instant("2025-01-28T21:00Z"), pytest.approx(9_500.0)),
    ]
    assert outcome.max_drawdown == pytest.approx(-0.05, abs=1e-12)
    assert outcome.unfilled == []


def test_a_stop_that_the_open_has_passed_fills_at_the_open_and_was_decided_on_the_row_before() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-27": (101.0, 102.0, 99.0, 101.0),
                "2025-01-28": (100.0, 101.0, 97.0, 99.0),
                "2025-01-29": (92.0, 96.0, 90.0, 91.0),
            },
        )
        + bars(
            "QXE.DE", "XETR", "EUR",
            {f"2025-01-{day}": (9.0, 9.0, 9.0, 9.0) for day in (27, 28, 29)},
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-28T00:00Z",
            long={"QAAA": "1", "QXE.DE": "1"},
            exit={"hold": "20 sessions", "stop": "5%"},
            costs="none",
            capital="20_000 USD",
        ),
        frame,
        rates("EUR", "USD", {"2025-01-24T15:00Z": 1.04}),
    )
    (stopped,) = [one for one in outcome.fills if one["reason"] == "stop"]
    # The open of 92 lies beyond 95. The row before New York's open of the 29th is Frankfurt's open of that day.
    assert stopped["price"] == 92.0
    assert (stopped["decided_at"], stopped["fill_at"]) == (instant("2025-01-29T08:00Z"), instant("2025-01-29T21:00Z"))


def test_a_locked_a_share_carries_over_to_the_first_auction_that_has_an_offer() -> None:
    frame = pd.DataFrame(
        bars(
            "300998.SZ", "XSHE", "CNY",
            {
                "2025-01-24": (19.0, 20.5, 19.0, 20.0),
                "2025-01-27": (20.1, 20.3, 19.9, 20.05),
                # The exchange is closed until 5 February. 20.05 x 1.1 = 22.055, half up 22.06.
                "2025-02-05": (22.06, 22.06, 22.06, 22.06),
                # 22.06 x 1.1 = 24.266, so 24.27: opened and closed there.
                "2025-02-06": (24.27, 24.27, 23.00, 24.27),
                "2025-02-07": (25.00, 25.60, 24.80, 25.20),
                "2025-02-10": (25.20, 25.60, 24.80, 25.50),
            },
            lot=100,
            limit_pct=0.1,
        )
    )  # fmt: skip
    words = {
        "published": "2025-01-27T10:57:07Z",
        "long": {"300998.SZ": "1"},
        "exit": {"hold": "1 sessions"},
        "costs": "none",
        "capital": "1_000_000 CNY",
    }
    outcome = reference_run(thesis(**words), frame, NO_RATES)
    bought, sold = outcome.fills
    # 1,000,000 / 25 = 40,000 shares; the closing auction of the 6th was the last to fail.
    assert (bought["fill_at"], bought["price"], bought["shares"]) == (instant("2025-02-07T01:30Z"), 25.0, 40_000.0)
    assert bought["decided_at"] == instant("2025-02-06T07:00Z")
    assert (sold["fill_at"], sold["price"]) == (instant("2025-02-10T07:00Z"), 25.5)
    assert outcome.nav[0] == (instant("2025-02-06T07:00Z"), 1_000_000.0)
    # 5 and 6 February are the two sessions within which it may fill: it expires.
    expired = reference_run(thesis(enter={"at": "open", "within": "2"}, **words), frame, NO_RATES)
    assert (expired.fills, expired.unfilled, expired.nav) == ([], [("300998.SZ", "entry", 1.0)], [])


def test_dividends_reach_a_long_less_withholding_and_a_short_pays_them_in_full() -> None:
    days = {
        "2025-01-27": (50.0, 51.0, 49.0, 50.0),
        "2025-01-28": (50.0, 51.0, 49.0, 50.0),
        "2025-01-29": (50.0, 51.0, 49.0, 50.0),
        "2025-01-30": (50.0, 51.0, 49.0, 50.0),
    }
    long, short = bars("QAAA", "XNAS", "USD", days), bars("QBBB", "XNYS", "USD", days)
    # On the day of the purchase (not held before that open), the day after, and the day of the sale.
    for row, paid in zip(long, (0.0, 9.0, 0.70, 0.10), strict=True):
        row["dividend"] = paid
    for row, paid in zip(short, (0.0, 9.0, 0.40, 0.0), strict=True):
        row["dividend"] = paid
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            long={"QAAA": "3"},
            short={"QBBB": "1"},
            exit={"hold": "2 sessions"},
            costs={"preset": "none", "conversion.bps": "10"},
            capital="100_000 EUR",
            withholding="15%",
        ),
        pd.DataFrame(long + short),
        rates("EUR", "USD", {"2025-01-24T15:00Z": 1.25}),
    )
    # USD 0.80 in EUR. Three quarters of 100,000 EUR at 50 x 0.8 = 40 EUR are 1,875 shares; one quarter is 625.
    assert [one["shares"] for one in outcome.fills[:2]] == [1875.0, -625.0]
    # (0.70 + 0.10) x 1,875 x 85 % = 1,275 USD; 0.40 x 625 = 250 USD to pay.
    by_symbol = {
        symbol: sum(line[-1] for line in outcome.lines if line[2] == symbol and line[-2] == "dividends")
        for symbol in ("QAAA", "QBBB")
    }
    assert by_symbol == pytest.approx({"QAAA": 1275 * 0.8, "QBBB": -250 * 0.8}, abs=EXACT)
    # Ten basis points of what is exchanged: 93,750 USD bought and sold, 1,275 received, 250 paid. The short's cover
    # costs what its sale brought, so nothing of it is exchanged.
    assert outcome.costs["conversion"] == pytest.approx(0.001 * (2 * 93_750 + 1_275 + 250) * 0.8, abs=EXACT)
    assert outcome.net == pytest.approx(0.8 * (1275 - 250) - outcome.costs["conversion"], abs=EXACT)


def test_interest_follows_the_policy_rate_and_turns_to_debit_when_cash_is_borrowed() -> None:
    frame = pd.DataFrame(
        bars(
            "QXE.DE", "XETR", "EUR",
            {f"2025-02-{day:02}": (100.0, 100.0, 100.0, 100.0) for day in (3, 4, 5, 6, 7, 10)},
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-02-03T12:00Z",
            long={"QXE.DE": "1"},
            gross="150%",
            enter="next open",
            exit={"hold": "3 sessions"},
            costs=BARE,
            capital="100_000 EUR",
        ),
        frame,
        NO_RATES,
    )
    # Bought on Tuesday the 4th, settles on Thursday the 6th; sold at the close of Friday the 7th.
    # The deposit facility rate is 3 % until the 4th and 2.75 % from the 5th. Credit at half a percent less.
    fourth = 100_000 * (0.03 - 0.005) / 360
    fifth = (100_000 + fourth) * (0.0275 - 0.005) / 360
    # From the 6th 50,000 are borrowed, at 0.75 % more.
    sixth = (100_000 + fourth + fifth - 150_000) * (0.0275 + 0.0075) / 360
    assert outcome.interest["credit"] == pytest.approx(fourth + fifth, abs=EXACT)
    assert outcome.interest["debit"] == pytest.approx(sixth, abs=EXACT)
    assert [value - 100_000 for _, value in outcome.nav] == pytest.approx(
        [0.0, 0.0, fourth, fourth + fifth, fourth + fifth + sixth], abs=EXACT
    )
    # What the capital would have earned at the policy rate itself.
    policy = 100_000 * (0.03 + 0.0275 + 0.0275) / 360
    assert outcome.excess == pytest.approx(fourth + fifth + sixth - policy, abs=EXACT)


def test_a_trailing_stop_excludes_the_current_session_and_names_itself_when_it_is_the_tighter() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-27": (100.0, 100.0, 100.0, 100.0),
                "2025-01-28": (100.0, 110.0, 99.0, 109.0),
                # 110 x 0.9 = 99 is above the stop of 95; this session's own high of 120 (108) does not count yet.
                "2025-01-29": (109.0, 120.0, 101.0, 118.0),
                "2025-01-30": (118.0, 119.0, 107.0, 110.0),
            },
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-28T00:00Z",
            long={"QAAA": "1"},
            exit={"stop": "5%", "trailing": "10%"},
            costs="none",
            capital="10_000 USD",
        ),
        frame,
        NO_RATES,
    )
    left = outcome.fills[1]
    assert (left["reason"], left["price"], left["fill_at"]) == ("trailing", 108.0, instant("2025-01-30T21:00Z"))


def test_a_thesis_level_stop_closes_at_the_next_auction_of_each_venue() -> None:
    frame = pd.DataFrame(
        bars(
            "QAAA", "XNAS", "USD",
            {
                "2025-01-27": (100.0, 100.0, 100.0, 100.0),
                "2025-01-28": (100.0, 101.0, 90.0, 91.0),
                "2025-01-29": (92.0, 93.0, 90.0, 91.0),
            },
        )
        + bars(
            "0098.HK", "XHKG", "HKD",
            # The 28th is a half day, then the venue rests until 3 February, which the data do not reach.
            {"2025-01-27": (8.0, 8.0, 8.0, 8.0), "2025-01-28": (8.0,)},
            lot=100,
        )
    )  # fmt: skip
    outcome = reference_run(
        thesis(
            published="2025-01-28T00:00Z",
            long={"QAAA": "1", "0098.HK": "1"},
            exit={"drawdown": "4%"},
            costs="none",
            capital="20_000 USD",
        ),
        frame,
        rates("HKD", "USD", {"2025-01-24T15:00Z": 0.125}),
    )
    # The open of the half day has no price, so Hong Kong fills at its close at 04:00Z, decided when the open failed.
    hong_kong = outcome.fills[0]
    assert (hong_kong["decided_at"], hong_kong["fill_at"]) == (
        instant("2025-01-28T01:30Z"),
        instant("2025-01-28T04:00Z"),
    )
    # 10,000 USD / (8 x 0.125) = 10,000 shares. New York loses 9 on 100 shares: 900 of 20,000 is 4.5 %.
    left = outcome.fills[2]
    assert (left["symbol"], left["reason"], left["price"]) == ("QAAA", "drawdown", 92.0)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-01-28T21:00Z"), instant("2025-01-29T14:30Z"))
    assert len(outcome.fills) == 3
    assert outcome.nav[-1] == (instant("2025-01-29T21:00Z"), pytest.approx(20_000 - 800, abs=EXACT))


def test_a_level_reached_by_a_bar_without_range_fills_at_the_next_auction() -> None:
    frame = pd.DataFrame(
        bars(
            "0098.HK",
            "XHKG",
            "HKD",
            {
                "2025-01-24": (10.0, 10.0, 10.0, 10.0),
                "2025-01-27": (10.0, 10.2, 9.9, 10.0),
                # A half day with a close only; the venue opens again on 3 February.
                "2025-01-28": (9.0,),
                "2025-02-03": (9.5, 9.6, 9.4, 9.5),
            },
            lot=100,
        )
    )
    outcome = reference_run(
        thesis(
            published="2025-01-26T12:00Z",
            long={"0098.HK": "1"},
            exit={"hold": "1 sessions", "stop": "5%"},
            costs="none",
            capital="100_000 HKD",
        ),
        frame,
        NO_RATES,
    )
    left = outcome.fills[1]
    assert (left["reason"], left["price"]) == ("stop", 9.5)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-01-28T04:00Z"), instant("2025-02-03T01:30Z"))


def test_a_stop_at_the_lower_limit_waits_for_an_auction_with_a_bid() -> None:
    frame = pd.DataFrame(
        bars(
            "300998.SZ",
            "XSHE",
            "CNY",
            {
                "2025-02-06": (10.0, 10.1, 9.9, 10.0),
                "2025-02-07": (10.0, 10.1, 9.9, 10.0),
                # Opens at 10 x 0.9 = 9.00 and stays there, below the stop of 9.50; the next limit is 8.10.
                "2025-02-10": (9.0, 9.0, 9.0, 9.0),
                "2025-02-11": (8.1, 8.8, 8.1, 8.7),
                "2025-02-12": (8.6, 8.8, 8.5, 8.7),
            },
            lot=100,
            limit_pct=0.1,
        )
    )
    outcome = reference_run(
        thesis(
            published="2025-02-06T12:00Z",
            long={"300998.SZ": "1"},
            exit={"hold": "20 sessions", "stop": "5%"},
            costs="none",
            capital="100_000 CNY",
        ),
        frame,
        NO_RATES,
    )
    left = outcome.fills[1]
    # Locked on the 10th, and at the opening auction of the 11th; its close has left the limit.
    assert (left["reason"], left["price"]) == ("stop", 8.7)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-02-11T01:30Z"), instant("2025-02-11T07:00Z"))


def test_a_stop_at_the_lower_limit_takes_the_close_of_its_session_if_that_has_a_bid() -> None:
    frame = pd.DataFrame(
        bars(
            "300998.SZ",
            "XSHE",
            "CNY",
            {
                "2025-02-06": (10.0, 10.1, 9.9, 10.0),
                "2025-02-07": (10.0, 10.1, 9.9, 10.0),
                # Opens at the limit of 9.00, beyond the stop of 9.50, and leaves it before the close.
                "2025-02-10": (9.0, 9.3, 9.0, 9.2),
                "2025-02-11": (9.2, 9.3, 9.1, 9.2),
            },
            lot=100,
            limit_pct=0.1,
        )
    )
    outcome = reference_run(
        thesis(
            published="2025-02-06T12:00Z",
            long={"300998.SZ": "1"},
            exit={"hold": "20 sessions", "stop": "5%"},
            costs="none",
            capital="100_000 CNY",
        ),
        frame,
        NO_RATES,
    )
    left = outcome.fills[1]
    assert (left["reason"], left["price"]) == ("stop", 9.2)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-02-10T01:30Z"), instant("2025-02-10T07:00Z"))


def test_the_open_comes_before_the_range_and_in_the_range_the_stop_before_the_target() -> None:
    days = {
        "2025-01-27": (100.0, 100.0, 100.0, 100.0),
        "2025-01-28": (100.0, 101.0, 99.0, 100.0),
        # Opens beyond the target of 105, then falls through the stop of 95.
        "2025-01-29": (106.0, 107.0, 94.0, 95.0),
    }
    words = {
        "published": "2025-01-28T00:00Z",
        "long": {"QAAA": "1"},
        "exit": {"stop": "5%", "target": "5%"},
        "costs": "none",
        "capital": "10_000 USD",
    }
    outcome = reference_run(thesis(**words), pd.DataFrame(bars("QAAA", "XNAS", "USD", days)), NO_RATES)
    assert (outcome.fills[1]["reason"], outcome.fills[1]["price"]) == ("target", 106.0)
    # With an open in between, a daily bar does not say which came first: the stop.
    days["2025-01-29"] = (101.0, 107.0, 94.0, 95.0)
    outcome = reference_run(thesis(**words), pd.DataFrame(bars("QAAA", "XNAS", "USD", days)), NO_RATES)
    assert (outcome.fills[1]["reason"], outcome.fills[1]["price"]) == ("stop", 95.0)


def test_rules_of_the_traded_price_see_a_split_that_comes_later() -> None:
    rows = bars(
        "QAAA",
        "XNAS",
        "USD",
        {
            "2025-01-27": (25.0, 25.0, 25.0, 25.0),
            "2025-01-28": (25.0, 25.0, 25.0, 25.0),
            "2025-01-29": (25.0, 25.0, 25.0, 25.0),
            "2025-01-30": (25.0, 25.0, 25.0, 25.0),
            "2025-01-31": (25.0, 25.0, 25.0, 25.0),
        },
    )
    rows[-1]["split"] = 4.0
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            short={"QAAA": "1"},
            exit={"hold": "2 sessions"},
            costs={**BARE, "commission.us.per-share": "0.01"},
            capital="10_050 USD",
        ),
        pd.DataFrame(rows),
        NO_RATES,
    )
    sold, covered = outcome.fills
    # Traded at 100 USD: 100.5 shares, so 100, which are 400 of today's. A cent each: 1 USD, and on the cover again.
    assert (sold["shares"], sold["price"]) == (-400.0, 25.0)
    assert sold["costs"]["commission"] == pytest.approx(1.0, abs=EXACT)
    # FINRA: 100 x 0.000166 = 0.0166, up to 0.02.
    assert sold["costs"]["FINRA trading activity fee"] == pytest.approx(0.02, abs=EXACT)
    assert covered["costs"]["commission"] == pytest.approx(1.0, abs=EXACT)
    # Sold on the 28th, settles on the 29th; covered on the 30th, settles on the 31st: two nights on ceil(102.00) = 102
    # dollars, 100 shares: 100 x 102 x 0.003 / 360 x 2 = 0.17.
    assert outcome.costs["borrow"] == pytest.approx(0.17, abs=EXACT)


def test_a_hedge_follows_its_leg_by_beta() -> None:
    days = [one.day for one in all_sessions("XNYS") if date(2024, 7, 1) <= one.day <= date(2025, 1, 31)]
    leg, index, fund = [], [], []
    price = level = 100.0
    for n, day in enumerate(days):
        # The index goes up and down by 1 %, the leg by twice that.
        move = 0.01 if n % 2 else -0.01
        price, level = price * (1 + 2 * move), level * (1 + move)
        leg += bars("QAAA", "XNAS", "USD", {str(day): (price, price, price, price)})
        index += bars("^QIX", "XNYS", "USD", {str(day): (level, level, level, level)}, **{"class": "index"})
        fund += bars("QETF", "ARCX", "USD", {str(day): (40.0, 40.0, 40.0, 40.0)}, **{"class": "etf"})
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            long={"QAAA": "1"},
            exit={"hold": "1 sessions"},
            hedge={"beta to": "^QIX", "via": "QETF"},
            costs="none",
            capital="100_000 USD",
            fractional="true",
        ),
        pd.DataFrame(leg + index + fund),
        NO_RATES,
    )
    # Bought on the open of the 28th for 100,000; hedged with -200,000 at the next auction, the close of the 28th: 5,000
    # at 40. The leg leaves on schedule at the close of the 29th, and the hedge with it.
    assert [(one["symbol"], one["reason"], f"{one['fill_at']:%dT%H}") for one in outcome.fills] == [
        ("QAAA", "entry", "28T14"),
        ("QETF", "hedge", "28T21"),
        ("QAAA", "hold", "29T21"),
        ("QETF", "hedge exit", "29T21"),
    ]
    assert outcome.fills[1]["shares"] == pytest.approx(-5_000.0, rel=EXACT)


def test_money_is_counted_on_the_last_auction_of_a_date_and_crypto_alone_on_its_closes() -> None:
    first, last = date(2025, 1, 24), date(2025, 1, 29)
    new_york, hong_kong, coins = (Venue(one, first, last) for one in ("XNYS", "XHKG", NONSTOP))
    mixed = Axis([new_york, hong_kong, coins])
    # Hong Kong is closed on the 29th, but New York is not; the weekend of the 25th has no row.
    assert [row[0] for row in mixed.valuation] == [instant(f"2025-01-{day}T21:00Z") for day in (24, 27, 28, 29)]
    alone = Axis([hong_kong, coins])
    # The last auction of the date is Hong Kong's close, at 04:00Z on the half day of the 28th.
    assert [row[0] for row in alone.valuation] == [instant(f"2025-01-{day}:00Z") for day in ("24T08", "27T08", "28T04")]
    midnights = [datetime.combine(first + timedelta(n + 1), time(), UTC) for n in range(6)]
    assert Axis([coins]).valuation == [(one, "close") for one in midnights]


def test_a_tax_on_its_step_is_not_rounded_past_it() -> None:
    row = {"rate": "0.001", "unit": "of value", "min": "", "max": "", "rounding": "up to USD 0.01"}
    # 70 x 0.001 = 0.07, seven cents; 70.01 x 0.001 = 0.07001, up to eight.
    assert law_amount(row, 70.0, 1.0) == pytest.approx(0.07, abs=EXACT)
    assert law_amount(row, 70.01, 1.0) == pytest.approx(0.08, abs=EXACT)
    # 1,005 x 0.001 = 1.005: half a cent goes up. Bounds come before the rounding.
    assert law_amount({**row, "rounding": "to USD 0.01"}, 1_005.0, 1.0) == pytest.approx(1.01, abs=EXACT)
    assert law_amount({**row, "max": "0.0342"}, 70.0, 1.0) == pytest.approx(0.04, abs=EXACT)


def test_ladders_have_the_ticks_of_their_venue_and_day() -> None:
    now, then = date(2025, 1, 28), date(2025, 8, 4)
    # Over 0.50 to 10, over 10 to 20, over 20 to 100, and so on: an edge belongs to the band below.
    hong_kong = {0.5: 0.005, 0.51: 0.01, 10: 0.01, 10.02: 0.02, 20: 0.02, 20.05: 0.05, 100: 0.05, 200: 0.1, 1000: 0.5}
    assert {price: tick_of("XHKG", "stock", now, price) for price in hong_kong} == hong_kong
    # From August 2025 0.01 up to 20 and 0.02 up to 50.
    assert [tick_of("XHKG", "stock", then, price) for price in (15, 30, 60)] == [0.01, 0.02, 0.05]
    assert [tick_of("XHKG", "etf", now, price) for price in (0.9, 4.0, 8.0, 20.0, 50.0)] == [
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
    ]
    europe = {19.99: 0.005, 20: 0.01, 49.99: 0.01, 50: 0.02, 100: 0.05, 199.95: 0.05, 200: 0.1}
    assert {price: tick_of("XETR", "stock", now, price) for price in europe} == europe
    assert [tick_of("XNYS", "stock", now, price) for price in (0.9998, 1.0, 400.0)] == [0.0001, 0.01, 0.01]
    assert [tick_of("XSHG", cls, now, 0.7) for cls in ("stock", "etf")] == [0.01, 0.001]
    assert tick_of(NONSTOP, "crypto", now, 100_000.0) == 0.01
    assert round_half_up(22.055, 0.01) == pytest.approx(22.06)

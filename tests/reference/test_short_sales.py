"""Borrow by date, recalls, designated securities, Rule 201, and what ends an instrument."""

from __future__ import annotations

import pandas as pd
import pytest

from reference import Reference, reference_run
from reference.by_hand import BARE, NO_RATES, bars, instant, quiet, rates, thesis, total

EXACT = 1e-9
FLAT = {f"2025-01-{day}": (50.0, 50.0, 50.0, 50.0) for day in (24, 27, 28, 29, 30, 31)}
FLAT |= {f"2025-02-0{day}": (50.0, 50.0, 50.0, 50.0) for day in (3, 4, 5, 6, 7)}


def run(days: dict[str, tuple] = FLAT, tables: dict[str, pd.DataFrame] | None = None, **words: object) -> Reference:
    """Sell 1,000 shares at 50 from the open of 28 January on."""
    words = {"published": "2025-01-27T22:00Z", "costs": "none", "capital": "50_000 USD", **words}
    one = thesis(**{"short": {"QAAA": "1"}, **words})
    return reference_run(one, pd.DataFrame(bars("QAAA", "XNAS", "USD", days)), NO_RATES, **(tables or {}))


def table(columns: str, *rows: tuple) -> pd.DataFrame:
    """Write a table."""
    return pd.DataFrame(rows, columns=columns.split())


def borrow(*rows: tuple) -> dict[str, pd.DataFrame]:
    """Write a borrow table of QAAA."""
    return {"borrow": table("symbol from to tier rate", *(("QAAA", *row) for row in rows))}


def told(outcome: Reference) -> list[tuple]:
    """Return reason, decision, instant and price of all fills."""
    return [
        (one["reason"], f"{one['decided_at']:%dT%H:%M}", f"{one['fill_at']:%dT%H:%M}", one["price"])
        for one in outcome.fills
    ]


def test_the_fee_of_a_date_is_that_of_the_row_that_covers_it() -> None:
    lists = borrow(
        ("2025-01-20", "2025-01-29", "special", None),
        ("2025-01-30", "2025-01-31", "general", 0.36),
        ("2025-02-02", None, "none", None),
    )
    outcome = run(tables=lists, exit={"hold": "4 sessions"}, costs=BARE)
    # Sold on the 28th, settled on the 29th; covered on 3 February, settled on the 4th. 1,000 shares at ceil(51.00) are
    # 51,000 USD a night: special at 5 % on the 29th, 36 % on the 30th and 31st, general at 0.3 % on 1 February, and
    # special on the 2nd and 3rd, when nothing new could be borrowed.
    assert outcome.costs["borrow"] == pytest.approx(51_000 / 360 * (0.05 + 2 * 0.36 + 0.003 + 2 * 0.05), abs=EXACT)
    # A cost set without any fee charges none, whatever the list says.
    assert run(tables=lists, exit={"hold": "4 sessions"}).costs.get("borrow", 0.0) == 0.0


def test_a_date_of_tier_none_fails_both_auctions_and_a_list_may_lend_what_the_thesis_could_not() -> None:
    barred = run(tables=borrow(("2025-01-28", "2025-01-28", "none", None)), exit={"hold": "2 sessions"})
    assert told(barred)[0] == ("entry", "28T21:00", "29T14:30", 50.0)
    refused = run(borrow={"QAAA": "none"})
    assert (refused.fills, refused.unfilled) == ([], [("QAAA", "entry", 1.0)])
    lent = run(tables=borrow(("2025-01-29", "2025-01-30", "special", None)), borrow={"QAAA": "none"})
    assert told(lent)[0] == ("entry", "28T21:00", "29T14:30", 50.0)


def test_hong_kong_sells_only_designated_securities_short() -> None:
    days = {f"2025-02-0{day}": (10.0, 10.0, 10.0, 10.0) for day in (3, 4, 5, 6, 7)}
    one = thesis(published="2025-02-03T12:00Z", short={"0098.HK": "1"}, costs="none", capital="50_000 HKD")
    frame = pd.DataFrame(bars("0098.HK", "XHKG", "HKD", days, lot=100))
    named = table("symbol from to", ("0098.HK", "2025-02-05", None))
    assert reference_run(one, frame, NO_RATES, designated=named).fills[0]["fill_at"] == instant("2025-02-05T01:30Z")
    others = table("symbol from to", ("0099.HK", "2025-02-03", None))
    assert reference_run(one, frame, NO_RATES, designated=others).fills == []
    assert reference_run(one, frame, NO_RATES).fills[0]["fill_at"] == instant("2025-02-04T01:30Z")


def test_a_recall_is_bought_in_at_the_next_open_unless_an_exit_is_due_by_then() -> None:
    recalled = {"recalls": table("symbol date", ("QAAA", "2025-02-01"))}
    # The 1st is a Saturday: the recall belongs to Monday the 3rd, and the shares go back on the 4th.
    assert told(run(tables=recalled, exit={"hold": "20 sessions"}))[1] == ("recall", "03T21:00", "04T14:30", 50.0)
    assert told(run(tables=recalled, exit={"hold": "4 sessions"}))[1] == ("hold", "28T14:30", "03T21:00", 50.0)
    # A short that was opened at the close of the 3rd is not asked for.
    at_close = run(tables=recalled, published="2025-02-03T15:00Z", enter={"at": "close"}, exit={"hold": "2 sessions"})
    assert [one["reason"] for one in at_close.fills] == ["entry", "hold"]


def test_a_recall_ends_the_rest_of_an_entry_before_it_fills_in_that_session() -> None:
    days = quiet("XNYS", "2025-01-27", 100.0)
    # Restricted from the 27th on; offered at 91.01 on the 28th, which trades above it.
    days |= {"2025-01-27": (99.0, 99.0, 89.0, 91.0), "2025-01-28": (90.5, 93.0, 90.0, 91.5)}
    days |= {"2025-01-29": (92.0, 93.0, 91.0, 92.5)}
    words = {"published": "2025-01-25T12:00Z", "short": {"QAAA": "1"}, "uptick": "passive", "costs": "none"}
    one = thesis(**words, capital="50_000 USD", exit={"hold": "20 sessions"})
    frame = pd.DataFrame(bars("QAAA", "XNAS", "USD", days, volume=10_000.0))
    outcome = reference_run(one, frame, NO_RATES, recalls=table("symbol date", ("QAAA", "2025-01-28")))
    # 2 % of 10,000 are 200 shares, 19,800 of 50,000 USD.
    assert [(one["reason"], one["shares"]) for one in outcome.fills] == [("entry", -200.0), ("recall", 200.0)]
    assert outcome.unfilled == [("QAAA", "entry", pytest.approx(0.604, abs=EXACT))]
    assert reference_run(one, frame, NO_RATES).fills[1]["price"] == pytest.approx(91.01, abs=EXACT)


FALLEN = {
    "2025-01-24": (100.0, 100.0, 100.0, 100.0),
    # 90 is a tenth below 100: the 27th triggers, and restricts itself and the 28th.
    "2025-01-27": (95.0, 96.0, 90.0, 91.0),
    "2025-01-28": (90.5, 92.0, 90.0, 91.5),
    "2025-01-29": (92.0, 93.0, 91.0, 92.5),
    "2025-01-30": (93.0, 94.0, 92.0, 93.5),
}


def sell(days: dict[str, tuple], uptick: str, published: str = "2025-01-27T22:00Z") -> tuple:
    """Return the first fill under a rule."""
    return told(run(days, uptick=uptick, published=published, exit={"hold": "1 sessions"}))[0]


def test_a_restricted_short_waits_or_is_offered_one_tick_above_the_last_price() -> None:
    # The open of 90.50 is below the offer of 91.01, which the high of 92 is above.
    assert sell(FALLEN, "passive") == ("entry", "28T14:30", "28T21:00", pytest.approx(91.01, abs=EXACT))
    assert sell(FALLEN, "wait") == ("entry", "28T21:00", "29T14:30", 92.0)
    assert sell(FALLEN, "ignore") == ("entry", "27T22:00", "28T14:30", 90.5)
    # At 91.01 the opening auction itself is good enough.
    above = {**FALLEN, "2025-01-28": (91.01, 92.0, 90.0, 91.5)}
    assert sell(above, "passive") == ("entry", "27T22:00", "28T14:30", 91.01)
    # A high at the offer is not above it: the close is next, at an offer above the open of 90.50.
    touched = {**FALLEN, "2025-01-28": (90.5, 91.01, 90.0, 90.51)}
    assert sell(touched, "passive") == ("entry", "28T14:30", "28T21:00", 90.51)
    # A close is restricted by its own session: 91 is below 95.01. Its open, before the fall was known, was not.
    assert sell(FALLEN, "wait", "2025-01-27T15:00Z")[2] == "29T14:30"
    assert sell(FALLEN, "passive", "2025-01-27T12:00Z") == ("entry", "27T12:00", "27T14:30", 95.0)
    # A halt triggers nothing, and 90.01 is not a fall of a tenth.
    spared = {**FALLEN, "2025-01-27": (95.0, 96.0, 90.01, 91.0)}
    assert sell(spared, "wait")[2] == "28T14:30"


def test_a_position_that_was_offered_all_session_is_armed_for_the_next_one() -> None:
    # Sold at 91.01 on the 28th; the stop of 91.9201 was touched that day by the high of 92, and again on the 29th.
    outcome = run(FALLEN, uptick="passive", exit={"stop": "1%"})
    assert told(outcome)[1] == ("stop", "28T21:00", "29T21:00", 92.0)


def test_part_of_a_short_is_paid_from_the_same_part_of_its_collateral() -> None:
    days = {**quiet("XNYS", "2025-01-28", 50.0), "2025-01-28": (50.0, 51.0, 49.0, 50.0)}
    days |= {"2025-01-29": (52.0, 53.0, 51.0, 52.0), "2025-01-30": (50.0, 51.0, 49.0, 50.0)}
    days |= {"2025-01-31": (50.0, 51.0, 49.0, 50.0)}
    rows = bars("QAAA", "XNAS", "USD", days, volume=10_000.0)
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            short={"QAAA": "1"},
            exit={"hold": "1 sessions"},
            costs={"preset": "none", "conversion.bps": "10", "participation": "4%"},
            capital="16_000 EUR",
        ),
        pd.DataFrame(rows),
        rates("EUR", "USD", {"2025-01-24T15:00Z": 1.25}),
    )
    # 0.80 EUR a dollar. 400 shares at 50, the cap, are all that 16,000 EUR ask for; all covered on the 29th at 52.
    sold, covered = outcome.fills
    assert (sold["shares"], covered["shares"], covered["price"]) == (-400.0, 400.0, 52.0)
    # Collateral of 20,000 lacks 800 of the cover's 20,800: only these are exchanged.
    assert covered["costs"]["conversion"] == pytest.approx(800 * 0.8 * 0.001, abs=EXACT)
    assert outcome.cash[0] == (instant("2025-01-28T21:00Z"), {"free": 16_000.0, "USD": 20_000.0})
    free = 16_000 - 640 - 0.64
    assert outcome.cash[-1][1] == {"free": pytest.approx(free, abs=EXACT), "USD": pytest.approx(0.0, abs=EXACT)}


def test_several_sales_and_covers_borrow_what_is_lent_on_each_date() -> None:
    days = {**quiet("XNYS", "2025-01-28", 50.0), **{day: one for day, one in FLAT.items() if day >= "2025-01-28"}}
    rows = bars("QAAA", "XNAS", "USD", days, volume=10_000.0)
    outcome = reference_run(
        thesis(
            published="2025-01-27T22:00Z",
            short={"QAAA": "1"},
            exit={"hold": "2 sessions"},
            costs=BARE,
            capital="15_000 USD",
        ),
        pd.DataFrame(rows),
        NO_RATES,
    )
    # Sold 200 on the 28th and 100 on the 29th; covered 200 at the close of the 30th and 100 on the 31st. All settle a
    # session later, the last on Monday 3 February: lent are 200 on the 29th, 300 on the 30th, 100 from the 31st to the
    # 2nd.
    assert [one["shares"] for one in outcome.fills] == [-200.0, -100.0, 200.0, 100.0]
    assert outcome.costs["borrow"] == pytest.approx(51 * (200 + 300 + 3 * 100) * 0.003 / 360, abs=EXACT)


def test_a_merger_pays_cash_after_the_dividend_and_a_delisting_may_pay_nothing() -> None:
    rows = bars("0098.HK", "XHKG", "HKD", {f"2025-02-{day:02}": (10.0,) * 4 for day in (3, 4, 5, 6, 7, 10)}, lot=100)
    rows[4]["dividend"] = 0.5
    one = thesis(
        published="2025-02-03T12:00Z",
        long={"0098.HK": "1"},
        costs={"preset": "institutional", "conversion.bps": "10", "interest": "0"},
        capital="12_500 USD",
    )
    fx = rates("HKD", "USD", {"2025-01-31T15:00Z": 0.125})
    taken = table("symbol date kind cash", ("0098.HK", "2025-02-07", "merger", 12.0))
    outcome = reference_run(one, pd.DataFrame(rows), fx, actions=taken)
    left = outcome.fills[-1]
    # 10,000 shares, bought on the 4th, bring 12 each at the open of the 7th. The row before is the close of the 6th.
    assert (left["reason"], left["price"], left["shares"]) == ("merger", 12.0, -10_000.0)
    assert (left["decided_at"], left["fill_at"]) == (instant("2025-02-06T08:00Z"), instant("2025-02-07T01:30Z"))
    assert left["costs"] == {"conversion": pytest.approx(120_000 * 0.125 * 0.001, abs=EXACT)}
    assert total(outcome, "dividends") == pytest.approx(5_000 * 0.125, abs=EXACT)
    # On a Saturday it is the next session's open; what has not filled by then never does.
    gone = table("symbol date kind cash", ("0098.HK", "2025-02-01", "delisting", 0.0))
    assert reference_run(one, pd.DataFrame(rows), fx, actions=gone).unfilled == [("0098.HK", "entry", 1.0)]
    worthless = table("symbol date kind cash", ("0098.HK", "2025-02-08", "delisting", 0.0))
    outcome = reference_run(one, pd.DataFrame(rows), fx, actions=worthless)
    assert (outcome.fills[-1]["reason"], outcome.fills[-1]["price"]) == ("delisting", 0.0)
    assert outcome.legs[0]["tradable"] == pytest.approx(-1.0, abs=EXACT)

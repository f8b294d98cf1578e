"""Returns of a leg and its benchmark, done by hand: fills, dividends, venues, what came before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from market.made_up import day, frame, ns

import deepshock as ds
from deepshock.inference.returns import Held, Paired, model_of, paired, without_open
from deepshock.stats.event_study import Normal

DATES = ["2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31"]
NEW_YORK, XETRA, HONG_KONG = "US", "DE", "HK"
NORMAL_TO = day("2025-01-27")


def market(leg: pd.DataFrame, index: pd.DataFrame | None = None) -> ds.Market:
    made = frame("IDX", DATES, [200.0, 202.0, 204.02, 206.0, 203.0], open=[199.0, 201.0, 203.0, 205.0, 204.0])
    made = made.assign(**{"class": "index", "price_basis": "index", "high": 300.0, "low": 100.0})
    return ds.Market.load(pd.concat([leg, made if index is None else index], ignore_index=True))


def share(venue: str = NEW_YORK, **columns: object) -> pd.DataFrame:
    opened = [99.0, 100.0, 103.0, 104.0, 108.0]
    made = frame("AAA", DATES, [100.0, 102.0, 105.0, 104.0, 110.0], venue, open=opened, **{"class": "stock"})
    return made.assign(high=200.0, low=50.0, **columns)


def of(found: Paired, date: str) -> tuple[float, float, bool]:
    place = int(np.searchsorted(found.days, day(date)))
    assert found.days[place] == day(date)
    return float(found.leg[place]), float(found.benchmark[place]), bool(found.held[place])


def held(start: str, end: str, *prices: float) -> Held:
    return Held(ns(start), ns(end), (prices[0], prices[1]) if prices else None)


def test_whole_sessions_are_close_to_close_and_end_in_time() -> None:
    found = paired(market(share()), "AAA", "IDX", held("2025-01-28T00:00Z", "2025-01-29T21:00Z"), NORMAL_TO, "simple")
    assert of(found, "2025-01-28") == (pytest.approx(0.02), pytest.approx(0.01), True)
    assert of(found, "2025-01-29") == (pytest.approx(105 / 102 - 1), pytest.approx(0.01), True)
    assert of(found, "2025-01-30")[2] is False
    log = paired(market(share()), "AAA", "IDX", held("2025-01-28T00:00Z", "2025-01-29T21:00Z"), NORMAL_TO, "log")
    assert of(log, "2025-01-28")[:2] == (pytest.approx(np.log(1.02)), pytest.approx(np.log(1.01)))


def test_a_whole_session_ends_in_time_on_both_venues() -> None:
    """At noon of the 28th Hong Kong's half day is over; New York's session of that date is to come, and is not read."""
    span = held("2025-01-27T00:00Z", "2025-01-28T12:00Z")
    found = paired(market(share(HONG_KONG).iloc[:2]), "AAA", "IDX", span, NORMAL_TO, "simple")
    assert [of(found, date)[2] for date in DATES[:2]] == [True, False]
    late = held("2025-01-27T12:00Z", "2025-01-28T22:00Z")  # Hong Kong's close of the 27th came before the news
    found = paired(market(share(HONG_KONG).iloc[:2]), "AAA", "IDX", late, NORMAL_TO, "simple")
    assert [of(found, date)[2] for date in DATES[:2]] == [False, True]


def test_a_fill_at_an_open_begins_there_on_both_sides() -> None:
    """Bought at 100.5 at New York's open of the 28th, where the index stood at 201; sold at the close of the 30th."""
    span = held("2025-01-28T14:30Z", "2025-01-30T21:00Z", 100.5, 104.0)
    found = paired(market(share()), "AAA", "IDX", span, NORMAL_TO, "simple")
    assert of(found, "2025-01-28") == (pytest.approx(102 / 100.5 - 1), pytest.approx(202 / 201 - 1), True)
    assert of(found, "2025-01-29")[2] is of(found, "2025-01-30")[2] is True
    assert of(found, "2025-01-30")[0] == pytest.approx(104 / 105 - 1)
    assert of(found, "2025-01-31")[2] is False


def test_a_fill_at_a_close_begins_with_the_next_session() -> None:
    span = held("2025-01-28T21:00Z", "2025-01-30T21:00Z", 102.0, 104.0)
    found = paired(market(share()), "AAA", "IDX", span, NORMAL_TO, "simple")
    assert of(found, "2025-01-28") == (0.0, pytest.approx(0.01), False)
    assert of(found, "2025-01-29") == (pytest.approx(105 / 102 - 1), pytest.approx(0.01), True)


def test_an_exit_at_an_open_ends_there_on_both_sides() -> None:
    """Sold at 107.5 at the open of the 31st, where the index stood at 204."""
    span = held("2025-01-28T14:30Z", "2025-01-31T14:30Z", 100.5, 107.5)
    found = paired(market(share()), "AAA", "IDX", span, NORMAL_TO, "simple")
    assert of(found, "2025-01-31") == (pytest.approx(107.5 / 104 - 1), pytest.approx(204 / 206 - 1), True)


def test_what_a_venue_in_the_east_had_before_its_fill_counts_for_nothing() -> None:
    """Frankfurt opens at 08:00Z: New York's close of the 27th is in that price, its session of the 28th is to come."""
    span = held("2025-01-28T08:00Z", "2025-01-30T16:30Z", 100.5, 104.0)
    found = paired(market(share(XETRA)), "AAA", "IDX", span, day("2025-01-26"), "simple")
    assert of(found, "2025-01-27") == (0.0, 0.0, False)
    assert of(found, "2025-01-28") == (pytest.approx(102 / 100.5 - 1), pytest.approx(0.01), True)
    # Sold at its close, the session of the 30th is a whole one, and has New York's whole session as all others have.
    assert of(found, "2025-01-30") == (pytest.approx(104 / 105 - 1), pytest.approx(206 / 204.02 - 1), True)
    # Sold at its open of the 31st, it ends with New York's close of the 30th.
    span = held("2025-01-28T08:00Z", "2025-01-31T08:00Z", 100.5, 107.5)
    found = paired(market(share(XETRA)), "AAA", "IDX", span, day("2025-01-26"), "simple")
    assert of(found, "2025-01-31") == (pytest.approx(107.5 / 104 - 1), 0.0, True)


def test_up_to_the_estimation_windows_end_nothing_is_cut() -> None:
    span = held("2025-01-30T14:30Z", "2025-01-31T21:00Z", 104.5, 110.0)
    found = paired(market(share()), "AAA", "IDX", span, day("2025-01-28"), "simple")
    assert of(found, "2025-01-28")[:2] == (pytest.approx(0.02), pytest.approx(0.01))
    assert of(found, "2025-01-29") == (0.0, 0.0, False)


def test_a_dividend_is_his_who_held_before_the_open() -> None:
    paid = share(dividend=[0.0, 0.0, 1.0, 0.0, 0.0])
    whole = held("2025-01-28T00:00Z", "2025-01-31T21:00Z")
    assert of(paired(market(paid), "AAA", "IDX", whole, NORMAL_TO, "simple"), "2025-01-29")[0] == pytest.approx(
        106 / 102 - 1
    )
    at_open = held("2025-01-29T14:30Z", "2025-01-31T21:00Z", 103.0, 110.0)
    assert of(paired(market(paid), "AAA", "IDX", at_open, NORMAL_TO, "simple"), "2025-01-29")[0] == pytest.approx(
        105 / 103 - 1
    )
    at_close = held("2025-01-28T21:00Z", "2025-01-31T21:00Z", 102.0, 110.0)
    assert of(paired(market(paid), "AAA", "IDX", at_close, NORMAL_TO, "simple"), "2025-01-29")[0] == pytest.approx(
        106 / 102 - 1
    )
    out = held("2025-01-28T14:30Z", "2025-01-29T14:30Z", 100.0, 103.0)  # sold at the open before which it went ex
    assert of(paired(market(paid), "AAA", "IDX", out, NORMAL_TO, "simple"), "2025-01-29")[0] == pytest.approx(
        104 / 102 - 1
    )


def test_a_missing_bar_stays_missing_and_a_holiday_is_passed_over() -> None:
    """A hole costs both returns that it touches; where a venue is closed, its next return is of two sessions."""
    hole = share().drop(index=2)
    span = held("2025-01-28T00:00Z", "2025-01-31T21:00Z")
    found = paired(market(hole), "AAA", "IDX", span, NORMAL_TO, "simple")
    assert [np.isnan(of(found, date)[0]) for date in DATES] == [True, False, True, True, False]
    # Hong Kong is closed from 29 to 31 January, and New York is not.
    dates = [*DATES, "2025-02-03"]
    asian = frame("AAA", dates, [100.0, 102.0, 9.0, 9.0, 9.0, 103.0], HONG_KONG, **{"class": "stock"})
    index = frame("IDX", dates, [200.0, 202.0, 204.0, 206.0, 203.0, 207.0]).assign(
        **{"class": "index", "price_basis": "index"}
    )
    found = paired(
        market(asian, index), "AAA", "IDX", held("2025-01-27T22:00Z", "2025-02-04T00:00Z"), NORMAL_TO, "simple"
    )
    assert day("2025-01-30") not in found.days
    assert of(found, "2025-02-03") == (pytest.approx(103 / 102 - 1), pytest.approx(207 / 202 - 1), True)


@pytest.mark.parametrize(
    ("venue", "model", "words"),
    [
        (NEW_YORK, Normal(), "closes with IDX"),
        (XETRA, Normal("dimson", lags=1, leads=0), "closes 4.5 h before IDX, and answers to it a session late"),
        (HONG_KONG, Normal("dimson", lags=1, leads=0), "closes 13 h before IDX, and answers to it a session late"),
        ("24", Normal(), "closes 3 h after IDX"),
    ],
)
def test_who_closes_first_has_a_lag(venue: str, model: Normal, words: str) -> None:
    assert model_of(market(share(venue).iloc[:2]), "AAA", "IDX") == (model, words)


def test_an_index_without_opens_is_told() -> None:
    opened = market(share())
    assert not without_open(opened, "IDX", ns("2025-01-28T14:30Z"))
    closes = frame("IDX", DATES, [200.0, 202.0, 204.0, 206.0, 203.0]).assign(open=np.nan, high=np.nan, low=np.nan)
    bare = market(share(), closes.assign(**{"class": "index", "price_basis": "index_close_only"}))
    assert without_open(bare, "IDX", ns("2025-01-28T14:30Z"))
    assert not without_open(bare, "IDX", ns("2025-01-28T13:00Z"))  # its venue is closed: the close before is its price
    assert not without_open(bare, "IDX", ns("2025-01-28T21:00Z"))
    span = held("2025-01-28T14:30Z", "2025-01-30T21:00Z", 100.5, 104.0)
    assert of(paired(bare, "AAA", "IDX", span, NORMAL_TO, "simple"), "2025-01-28")[1] == pytest.approx(0.01)

"""Sessions are label dates with an open and a close in UTC."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market.calendar import day_of, sessions
from deepshock.market.venues import CALENDARS

from .made_up import day, ns


def stamps(values: np.ndarray) -> list[str]:
    return [pd.Timestamp(int(value)).strftime("%m-%d %H:%M") for value in values]


def test_new_york_keeps_its_hours_through_the_change_of_clocks() -> None:
    found = sessions("XNYS", date(2025, 3, 7), date(2025, 3, 10))
    assert [day_of(number).isoformat() for number in found.days] == ["2025-03-07", "2025-03-10"]
    assert stamps(found.opens) == ["03-07 14:30", "03-10 13:30"]
    assert stamps(found.closes) == ["03-07 21:00", "03-10 20:00"]


def test_hong_kong_has_a_half_day_before_the_lunar_new_year_and_the_mainland_none() -> None:
    hong_kong = sessions("XHKG", date(2025, 1, 27), date(2025, 2, 3))
    assert stamps(hong_kong.closes) == ["01-27 08:00", "01-28 04:00", "02-03 08:00"]
    mainland = sessions("XSHG", date(2025, 1, 27), date(2025, 2, 5))
    assert stamps(mainland.opens) == ["01-27 01:30", "02-05 01:30"]


def test_a_session_round_the_clock_is_a_utc_day() -> None:
    found = sessions("24/7", date(2025, 1, 25), date(2025, 1, 26))
    assert found.opens.tolist() == [ns("2025-01-25"), ns("2025-01-26")]
    assert found.closes.tolist() == [ns("2025-01-26"), ns("2025-01-27")]


def test_a_value_without_an_auction_is_known_when_its_date_has_ended_everywhere() -> None:
    found = sessions("", date(2025, 1, 25), date(2025, 1, 25))
    assert found.days.tolist() == [day("2025-01-25")]
    assert found.closes.tolist() == [ns("2025-01-26T12:00")]


def test_a_range_is_clipped_to_what_is_known_and_says_so() -> None:
    found = sessions("XTKS", date(1995, 1, 1), date(1997, 1, 31))
    assert day_of(found.days[0]) >= date(1997, 1, 1)
    assert "holidays are known from 1997-01-01 to 1997-12-31 only" in found.note
    assert not sessions("XNYS", date(2025, 1, 1), date(2025, 1, 31)).note


@pytest.mark.parametrize(
    ("mic", "calendar"),
    [("XNAS", "XNYS"), ("ARCX", "XNYS"), ("XSHE", "XSHG"), ("24x7", "24/7"), ("OTC_FX", ""), ("XLON", "XLON")],
)
def test_venue_codes_map_to_calendars(mic: str, calendar: str) -> None:
    assert CALENDARS[mic] == calendar


def test_unknown_names_are_refused_with_those_that_are_known() -> None:
    with pytest.raises(MarketError, match="'XXXX' is not known"):
        sessions("XXXX", date(2025, 1, 1), date(2025, 1, 2))
    with pytest.raises(MarketError, match="XTKS has no sessions from 1990-01-01"):
        sessions("XTKS", date(1990, 1, 1), date(1990, 2, 1))


def test_every_calendar_of_the_table_exists() -> None:
    from exchange_calendars import get_calendar_names

    assert set(CALENDARS.values()) - {""} <= set(get_calendar_names())


def test_whatever_the_calendars_raise_is_told_in_one_line() -> None:
    """Two calendars of exchange_calendars cannot be built; none of them is a venue of ours."""
    for calendar, error in (("ASEX", "NotImplementedError"), ("XTAE", "ValueError")):
        assert calendar not in CALENDARS
        with pytest.raises(MarketError) as told:
            sessions(calendar, date(2025, 1, 1), date(2025, 1, 31))
        text = str(told.value)
        assert text.startswith(f"calendar: exchange_calendars cannot give {calendar} from 2025-01-01 to 2025-12-31")
        assert f"({error}: " in text
        assert text.endswith("; take other dates, or another release of exchange_calendars")
        assert "\n" not in text

"""The estimation window ends before the event window begins, and both lie on the axis."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from deepshock.errors import StatisticsError, UsageError
from deepshock.stats.event_study.windows import Window, place

AXIS = pd.bdate_range("2024-01-01", periods=300)


def test_the_usual_window_is_250_sessions_that_end_11_before_the_event() -> None:
    rows = place(AXIS, AXIS[290], Window(-1, 3))
    assert (rows.event, rows.estimation, rows.days) == (290, slice(30, 280), slice(289, 294))
    assert AXIS[rows.estimation][-1] == AXIS[290 - 11]


def test_a_short_history_shortens_the_estimation_window_down_to_a_stated_least() -> None:
    assert place(AXIS, AXIS[70], Window()).estimation == slice(0, 60)
    with pytest.raises(StatisticsError, match=r"returns: the returns have 59 sessions up to .*\(-11\); at least 60"):
        place(AXIS, AXIS[69], Window())


def test_the_event_window_must_be_on_the_axis() -> None:
    assert place(AXIS, AXIS[297], Window(0, 2)).days == slice(297, 300)
    with pytest.raises(StatisticsError, match="the returns end 2 sessions after the event; the event window needs 3"):
        place(AXIS, AXIS[297], Window(0, 3))
    with pytest.raises(StatisticsError, match=r"end 2 sessions(.|\n)*have 287 sessions"):  # both faults at once
        place(AXIS, AXIS[297], Window(0, 3, length=290, least=290))


@pytest.mark.parametrize("event", ["2024-03-01", pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-01").date()])
def test_an_event_is_anything_that_names_a_session(event: object) -> None:
    assert AXIS[place(AXIS, event, Window(length=20, least=20)).event] == pd.Timestamp("2024-03-01")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("2024-03-02", "event: 2024-03-02 is no session of the returns; the next is 2024-03-04"),
        ("2030-01-01", "the last is 2025-02-21"),
        ("2024-03-01T00:00Z", "cannot be compared with the sessions of the returns"),
        ("soon", "'soon' cannot be compared"),
    ],
)
def test_an_event_that_is_no_session_is_refused(event: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        place(AXIS, event, Window())


def test_any_axis_that_rises_will_do() -> None:
    assert place(pd.RangeIndex(100), 90, Window()).estimation == slice(0, 80)
    with pytest.raises(UsageError, match=r"7\.5 is no session of the returns; the next is 8"):
        place(pd.RangeIndex(100), 7.5, Window())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"first": 2, "last": 1}, r"the event window ends at \+1, before its first session, \+2"),
        ({"end": 0}, r"the event lies inside the estimation window, which ends at \+0"),
        ({"first": -20}, "the estimation window ends at -11, the event window begins at -20"),
        ({"length": 40}, "60 of 40 sessions are to be known; give 10 <= least <= length"),
        ({"least": 5}, "5 of 250 sessions"),
        ({"end": 3, "least": 5}, r"window: the event lies(.|\n)*window: 5 of 250"),
    ],
)
def test_windows_that_overlap_or_are_empty_are_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Window(**words)

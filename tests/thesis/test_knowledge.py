"""When something could be known: the five articles, zones, bare dates, bounds, latency, claims and facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepshock.errors import ThesisError
from deepshock.thesis import Event, Source, Thesis, load
from deepshock.thesis.instant import read_known, read_length, read_when, write_length, write_when

STRATEGIES = Path(__file__).parents[2] / "strategies"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.fixture(scope="module")
def china() -> Thesis:
    thesis = load(STRATEGIES / "buy-china-before-npc.yaml")
    assert isinstance(thesis, Thesis)
    return thesis


@pytest.mark.parametrize(
    ("source", "known"),
    [
        # A stamp of 19:00 in UTC or in New York: the later of 19:00Z and 00:00Z of the next day.
        ("forexlive", "2025-01-28T00:00+00:00"),
        ("bloomberg", "2025-01-27T10:57:07+00:00"),
        # Bare dates: 12:00 UTC of the next day, when the date has ended in every zone (the last one is UTC-12).
        ("cryptomacro", "2025-01-28T12:00+00:00"),
        ("quantblog", "2025-01-28T12:00+00:00"),
        # A bare date too, but its text proves that it was out before New York opened.
        ("xtb", "2025-01-27T14:30+00:00"),
    ],
)
def test_the_five_articles_are_known_when_their_facts_say(china: Thesis, source: str, known: str) -> None:
    assert china.known(source) == at(known)


def test_a_thesis_is_known_with_its_own_source_alone(china: Thesis) -> None:
    """Bloomberg corroborates it thirteen hours earlier; that changes nothing."""
    assert china.known() == china.known("forexlive") > china.known("bloomberg")
    assert china.vary({"source.from": "bloomberg"}).known() == at("2025-01-27T10:57:07+00:00")


def test_readings_list_every_plausible_zone(china: Thesis) -> None:
    assert china.cited().readings() == {
        "UTC": at("2025-01-27T19:00+00:00"),
        "America/New_York": at("2025-01-28T00:00+00:00"),
    }
    assert china.find_source("xtb").readings() == {"as published": at("2025-01-27T14:30+00:00")}
    west = china.vary({"sources.forexlive.zones": ["America/Los_Angeles"]})
    assert west.known() == at("2025-01-28T03:00+00:00")
    assert west.find_source("forexlive").author == "Adam Button"
    assert china.vary({"sources.forexlive.zones": ["UTC"]}).known() == at("2025-01-27T19:00+00:00")


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ({"published": "2025-01-27 19:00 America/New_York"}, "2025-01-28T00:00+00:00"),
        ({"published": "2025-07-27 19:00 America/New_York"}, "2025-07-27T23:00+00:00"),
        ({"published": "2025-01-27T19:00:05.5+08:00"}, "2025-01-27T11:00:05.5+00:00"),
        ({"published": "2025-01-27T19:00+0530"}, "2025-01-27T13:30+00:00"),
        # The clocks show 01:30 twice on 2 November; the later one counts, at UTC-5.
        ({"published": "2025-11-02 01:30 America/New_York"}, "2025-11-02T06:30+00:00"),
        ({"published": "2025-01-27", "latency": "90s"}, "2025-01-28T12:01:30+00:00"),
        # Latency comes last: it is added to the bound as well.
        ({"published": "2025-01-27", "seen by": "2025-01-27T14:30Z", "latency": "1h30m"}, "2025-01-27T16:00+00:00"),
        ({"published": "2025-01-27", "seen by": "2025-01-29T00:00Z"}, "2025-01-28T12:00+00:00"),
        # A date begins at 10:00Z of the day before, at UTC+14; a bound later than that is possible.
        ({"published": "2025-01-27", "seen by": "2025-01-26T10:00Z"}, "2025-01-26T10:00+00:00"),
        (
            {"published": "2025-01-27 19:00", "zones": ["Asia/Tokyo", "UTC"], "seen by": "2025-01-27T12:00Z"},
            "2025-01-27T12:00+00:00",
        ),
    ],
)
def test_sources_are_known_at_the_latest_plausible_instant(words: dict[str, str], known: str) -> None:
    assert Source.model_validate(words).known() == at(known)


@pytest.mark.parametrize("seen", ["2025-01-26T09:59Z", "2025-01-01T00:00Z"])
def test_a_bound_before_the_date_began_is_refused(seen: str) -> None:
    with pytest.raises(ThesisError, match="before it can have been published"):
        Source(published="2025-01-27", seen_by=seen)


ZONES = st.sampled_from(["UTC", "+05:45", "-03:00", "Asia/Kolkata", "Asia/Shanghai", "Z"])


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1)),
    st.lists(ZONES, min_size=1, unique=True),
    st.integers(0, 10**6),
)
def test_more_doubt_never_makes_a_source_known_earlier(stamp: datetime, zones: list[str], delay: int) -> None:
    text = stamp.strftime("%Y-%m-%d %H:%M")
    sure = [Source(published=text, zones=[zone], latency=f"{delay}s").known() for zone in zones]
    doubtful = Source(published=text, zones=zones, latency=f"{delay}s")
    bare = Source(published=text[:10], latency=f"{delay}s")
    assert doubtful.known() == max(sure)
    assert bare.known() >= doubtful.known() - timedelta(hours=12)


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2199, 12, 30), timezones=st.just(UTC)))
def test_instants_are_written_exactly(when: datetime) -> None:
    assert read_when(write_when(when)) == when
    assert read_when(write_when(when.date())) == when.date()
    assert read_known(when.date()) - read_when(when) > timedelta(hours=12)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=366)))
def test_lengths_of_time_are_written_exactly(length: timedelta) -> None:
    assert read_length(write_length(length)) == length


def test_an_event_given_as_a_date_keeps_it(china: Thesis) -> None:
    closes = china.find_event("npc closes")
    assert closes.at == date(2025, 3, 11)
    assert closes.instant() == at("2025-03-11T00:00+00:00")
    assert closes.known == at("2025-03-05T12:00+00:00")
    assert Event(at="2025-03-05 09:00 Asia/Shanghai", known=None) == Event(at="2025-03-05T01:00Z")


def test_a_claim_is_shown_and_not_traded_on_unless_trusted(china: Thesis) -> None:
    assert china.claims == {"npc opens": date(2025, 3, 7)}
    assert china.find_event("npc opens").at == at("2025-03-05T01:00+00:00")
    assert china.find_event("npc opens").known == at("2024-12-25T01:44+00:00")
    trusting = china.vary({"trust": "claim"}).find_event("npc opens")
    assert trusting.at == at("2025-03-07T01:00+00:00")
    assert trusting.known == china.known()


def test_a_trusted_claim_needs_no_fact() -> None:
    thesis = Thesis(
        name="t", source={"published": "2025-01-27"}, long=["X"], claims={"launch": "2025-02-10"}, trust="claim",
        exit={"before": "launch"},
    )  # fmt: skip
    assert thesis.find_event("launch").at == date(2025, 2, 10)
    with pytest.raises(ThesisError, match="unknown event 'launch'"):
        thesis.vary({"trust": "fact"})


@pytest.mark.parametrize(
    ("rule", "fine"),
    [
        ({"exit": {"before": "surprise"}}, False),
        ({"exit": {"on": "surprise"}}, True),
        ({"enter": {"on": "surprise"}}, True),
        ({"exit": {"date": "2025-01-28"}}, True),
        ({"exit": {"date": "2025-01-27"}}, False),
        ({"exit": {"on": "same instant"}}, False),
        ({"enter": {"on": "same instant"}}, True),
        ({"enter": {"on": "surprise"}, "exit": {"date": "2025-02-02"}}, False),
        ({"enter": {"on": "surprise"}, "exit": {"date": "2025-02-03"}}, True),
    ],
)
def test_rules_use_an_event_only_when_it_can_be_known(rule: dict[str, dict[str, str]], fine: bool) -> None:
    """What is announced as it happens can be traded after it, not before it."""
    words = {
        "name": "t",
        "source": {"published": "2025-01-28T12:00Z"},
        "long": ["X"],
        "events": {
            "surprise": {"at": "2025-02-03T12:00Z", "known": "2025-02-03T12:00Z"},
            "same instant": {"at": "2025-01-28T12:00Z", "known": "2025-01-01T00:00Z"},
        },
        **rule,
    }
    if fine:
        assert Thesis(**words).known() == at("2025-01-28T12:00+00:00")
    else:
        with pytest.raises(ThesisError):
            Thesis(**words)

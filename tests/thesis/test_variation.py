"""Variations of a thesis are what `vary` makes, word by word, and are refused in the same words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from deepshock.errors import ThesisError
from deepshock.thesis import Source, Thesis, load, packaged_strategies
from deepshock.thesis.scalar import UnreadableError
from deepshock.thesis.variation import Variations

FILES = sorted(path for path in packaged_strategies().glob("*.yaml") if path.name not in ("deepseek.yaml", "book.yaml"))
PAIR = Thesis(
    name="pair",
    source={"publisher": "me", "published": "2025-01-28T00:00Z"},
    long={"NVDA": 1, "AMD": 2},
    short={"0700.HK": "3"},
    events={"e": {"at": "2025-02-05T12:00Z", "known": "2025-01-01"}},
    borrow={"0700.HK": "special"},
)
VALUES: dict[str, list[Any]] = {
    "long": [
        {"NVDA": 1},
        {"AMD": "60%", "NVDA": "40%"},
        {"AMD": "60%", "NVDA": 1},
        ["GLD"],
        {"X": -1},
        None,
        "GLD",
        {},
    ],
    "short": [{"0700.HK": 1}, {"NVDA": 2}, None, {"0700.HK": {"weight": 2, "proxy": "true"}}],
    "long.NVDA": [3, "25%", None, "x"],
    "versus": [{"SPY": 1}],
    "weighting": ["equal", "given", "odd"],
    "neutral": ["dollar", "beta", "none"],
    "gross": [2, "50%", 11],
    "benchmark": ["^GSPC", "none", None],
    "enter": ["next close", {"on": "e"}, {"on": "nowhere"}, None],
    "enter.lag": [3, -1],
    "exit": [{"stop": "8%"}, None, {"before": "e"}],
    "exit.hold": [5, None, "x"],
    "exit.target": [0.5, 1.5],
    "exit.on": ["e", None],
    "source": [{"published": "2025-03-01"}, "unknown"],
    "source.published": ["2025-01-29T00:00Z", "2025-02-09T00:00Z", "junk", datetime(2025, 1, 3, tzinfo=UTC), None],
    "source.latency": ["2h", "x"],
    "source.quote": ["so it goes"],
    "source.from": ["forexlive", None],
    "sources.forexlive.published": ["2025-01-02T00:00Z"],
    "borrow.0700.HK": ["none", "x"],
    "borrow.GLD": ["general"],
    "thesis": ["another", "Not A Slug"],
    "contradicts": [["pair"], ["another"]],
    "costs.half-spread.bps": [3, None],
    "nothing.such": [1],
}


def outcome(vary: Any, change: dict[str, Any]) -> tuple[Any, ...]:
    try:
        made = vary(change)
    except ThesisError as error:
        return (str(error),)
    return made, made.tree(), list(made.long), made.legs(), made.known(), made.place("exit.hold"), made.defaults()


@pytest.mark.parametrize("thesis", [PAIR, *map(load, FILES)], ids=lambda thesis: thesis.name)
def test_variations_are_what_vary_makes(thesis: Thesis) -> None:
    random, variations, right = Random(1), Variations(thesis), 0
    for _ in range(150):
        paths = random.sample(sorted(VALUES), random.choice([1, 1, 2, 3]))
        change = {path: random.choice(VALUES[path]) for path in paths}
        expected = outcome(thesis.vary, change)
        assert outcome(variations.vary, change) == expected, change
        right += len(expected) > 1
    assert right > 20


def test_a_thesis_that_was_never_checked_is_checked() -> None:
    wrong = PAIR.model_copy(update={"gross": 99.0, "name": "Not A Slug"})
    for change in ({"exit.hold": 5}, {"gross": 1.0}, {"gross": 1.0, "thesis": "fine"}):
        assert outcome(Variations(wrong).vary, change) == outcome(wrong.vary, change)


def test_a_changed_copy_has_its_own_words_and_legs() -> None:
    assert PAIR.tree()["long"] == {"NVDA": "1", "AMD": "2"}
    assert len(PAIR.legs()) == 3
    copy = PAIR.model_copy(update={"short": {}})
    assert "short" not in copy.tree() or copy.tree()["short"] == []
    assert [leg.symbol for leg in copy.legs()] == ["NVDA", "AMD"]


@pytest.mark.parametrize(
    "words",
    [{}, {"latency": "90s"}, {"seen by": "2025-01-28T00:00Z"}, {"zones": ["UTC", "America/New_York"]}],
    ids=str,
)
def test_when_a_source_would_be_known(words: dict[str, Any]) -> None:
    stamp = "2025-01-20 10:00" if "zones" in words else "2025-01-20T10:00Z"
    source = Source.model_validate({"published": stamp, **words})
    far = timezone(-timedelta(hours=5))
    for at in [
        *("2025-01-27", "2025-01-27 19:00", "2025-01-27T19:00:01.5Z", "2025-02-27T19:00+02:00", "junk", "1850-01-01"),
        *(datetime(2025, 1, 27, 3, 4, 5, 678, tzinfo=UTC), datetime(2025, 1, 27, 22, tzinfo=far)),
        *(datetime(1899, 12, 31, 23, tzinfo=far), datetime(2199, 12, 31, 23, tzinfo=far)),
    ]:
        told = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(at, datetime) else at  # UTC's year counts
        try:
            expected: Any = Source.model_validate({"published": told, **words}).known()
        except ThesisError:
            expected = None
        try:
            found: Any = source.known_if(at)
        except UnreadableError:
            found = None
        assert found == expected, at

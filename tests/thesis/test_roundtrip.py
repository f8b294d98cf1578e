"""What is written is read as written, and written again as it was."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepshock.errors import ThesisError
from deepshock.thesis import Thesis, load, loads
from deepshock.thesis.compose import read_text
from deepshock.thesis.number import Percent, read_percent, write_percent

STRATEGIES = Path(__file__).parents[2] / "strategies"
FILES = sorted(path for path in STRATEGIES.glob("*.yaml") if path.name != "deepseek.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_yaml_to_thesis_to_yaml_is_the_identity(path: Path) -> None:
    """Same words, same spellings, same order; only comments and layout are not kept."""
    one = load(path)
    again = read_text(one.to_yaml(), "again").tree
    assert json.dumps(again) == json.dumps(read_text(path.read_text(), path.name).tree)
    assert loads(one.to_yaml(), folder=STRATEGIES) == one


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_changed_thesis_changes_only_what_was_changed(path: Path) -> None:
    thesis = load(path)
    if isinstance(thesis, Thesis):
        varied = thesis.vary({"exit.stop": "8%", "costs.half-spread.bps": 3})
        expected = {**thesis.tree(), "exit": {**thesis.tree()["exit"], "stop": "8%"}, "costs": {"half-spread.bps": "3"}}
        assert varied.tree() == expected
        assert varied.vary({"exit.stop": None, "costs": None}) == thesis
        assert varied.model_copy(update={"gross": 2.0}).to_yaml().count("gross: 200%") == 1


UTC_TIMES = st.datetimes(datetime(2024, 6, 1), datetime(2024, 12, 31), timezones=st.just(UTC))
# All of Unicode but half characters, control characters and breaks of lines; prose has these last as well.
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
LINES = st.text(LETTERS, min_size=1, max_size=40).map(str.strip).filter(bool)
PROSE = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
NAMES = LINES
COUNTS = st.integers(1, 9)
NONE = st.just("none")
SYMBOLS = st.from_regex(r"[A-Z0-9^][A-Z0-9.^=-]{0,8}", fullmatch=True)
SHARES = st.floats(0.001, 0.999)
PARTS = st.one_of(st.integers(1, 9), st.floats(0.001, 1e5))
DAYS_OF_THE_YEAR = st.builds(lambda day: f"{day.day} {day:%B}", st.dates(date(2025, 1, 1), date(2025, 12, 31)))
CHANGES = st.one_of(
    st.sampled_from(["higher", "lower", "-2.5% or more", "+10 %"]),
    st.decimals(-99, 9999, places=2).map(lambda change: f"{change}%"),
)
MEASURES = st.sampled_from(["last", "open", "high", "low", "close"])
CLOCKS = st.one_of(UTC_TIMES, st.dates(date(2024, 6, 1), date(2024, 12, 31)))


@st.composite
def figures(draw: st.DrawFn) -> Any:
    words = {"symbol": draw(SYMBOLS), "change": draw(CHANGES)}
    more = draw(st.fixed_dictionaries({}, optional={"of": MEASURES, "what": LINES}))
    when = draw(st.sampled_from([{}, {"at": draw(UTC_TIMES)}, {"before": draw(UTC_TIMES)}]))
    return {**words, **more, **when} if more or when or draw(st.booleans()) else f"{words['symbol']} {words['change']}"


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    stamp = draw(UTC_TIMES)
    local = stamp.strftime("%Y-%m-%d %H:%M:%S")
    time = draw(
        st.sampled_from(
            [
                {"published": stamp},
                {"published": stamp.date()},
                {"published": f"{local} Asia/Shanghai"},
                {"published": local, "zones": ["UTC", "Asia/Tokyo"]},
                {"published": stamp.date(), "seen by": stamp + timedelta(hours=1)},
            ]
        )
    )
    more = {
        "publisher": LINES,
        "author": LINES,
        "note": PROSE,
        "latency": st.timedeltas(timedelta(0), timedelta(days=2)),
        "figures": st.lists(figures(), max_size=3),
    }
    return {**time, **draw(st.fixed_dictionaries({}, optional=more))}


@st.composite
def legs(draw: st.DrawFn) -> dict[str, Any]:
    symbols = draw(st.lists(SYMBOLS, min_size=2, max_size=6, unique=True))
    first = draw(st.integers(1, len(symbols) - 1))
    words = draw(st.sampled_from([("long", "short"), ("long", "versus"), ("short", "versus")]))
    weighting = draw(st.sampled_from(["given", "equal", "inverse-vol"]))
    parts = PARTS if weighting == "given" else st.just(2)
    weight = st.one_of(parts, st.fixed_dictionaries({"weight": parts, "proxy": st.booleans()}))
    sides = [{symbol: draw(weight) for symbol in side} for side in (symbols[:first], symbols[first:])]
    if draw(st.booleans()):
        sides = [dict.fromkeys(side, Percent(1 / len(side))) for side in sides]
        return {**dict(zip(words, sides, strict=True)), "neutral": "dollar", "weighting": weighting}
    borrow = {symbols[0]: draw(st.sampled_from(["special", "none"]))}
    return {**dict(zip(words, sides, strict=True)), "borrow": borrow, "weighting": weighting}


RULES: dict[str, st.SearchStrategy[Any]] = {
    "title": LINES,
    "note": PROSE,
    "news": UTC_TIMES,
    "claims": st.dictionaries(NAMES, CLOCKS, max_size=2),
    "counter": st.lists(PROSE, max_size=2),
    "trust": st.sampled_from(["fact", "claim"]),
    "proxy": st.booleans(),
    "gross": st.floats(0.01, 10),
    "enter": st.one_of(
        st.just("next close"),
        st.fixed_dictionaries({}, optional={"at": st.just("close"), "lag": COUNTS, "within": COUNTS}),
    ),
    "exit": st.fixed_dictionaries(
        {},
        optional={
            "hold": st.integers(1, 500),
            "date": st.dates(date(2025, 6, 1), date(2026, 1, 1)),
            "stop": SHARES, "target": SHARES, "trailing": SHARES, "drawdown": SHARES,
        },
    ),
    "hedge": st.fixed_dictionaries({"beta to": SYMBOLS, "via": SYMBOLS}),
    "wrong if": st.lists(st.one_of(st.just("drawdown > 8%"), st.just("net return <= -1.5%"), LINES), max_size=3),
    "uptick": st.sampled_from(["ignore", "wait", "passive"]),
    "margin": st.one_of(
        st.sampled_from(["reg-t", "none"]), st.fixed_dictionaries({"initial": SHARES, "maintenance": SHARES})
    ),
    "costs": st.one_of(
        st.sampled_from(["none", "retail", "mine.yaml"]),
        st.fixed_dictionaries({"half-spread.bps": PARTS, "taxes": st.just("off")}, optional={"preset": NONE}),
    ),
    "capital": st.builds("{} {}".format, PARTS, st.sampled_from(["USD", "HKD"])),
    "fractional": st.booleans(),
    "benchmark": SYMBOLS,
    "withholding": st.floats(0, 0.99),
    "alternatives": st.dictionaries(LINES, st.just({"exit.hold": 5, "exit.stop": 0.08, "benchmark": "^X"}), max_size=2),
    "rival": st.fixed_dictionaries(
        {"from": DAYS_OF_THE_YEAR, "until": DAYS_OF_THE_YEAR},
        optional={"what": LINES, "long": st.dictionaries(SYMBOLS, PARTS, min_size=1, max_size=2)},
    ).filter(lambda rule: rule["from"] != rule["until"]),
    "contradicts": st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True), max_size=2),
    "events": st.dictionaries(
        NAMES, st.fixed_dictionaries({"at": CLOCKS}, optional={"known": CLOCKS, "what": PROSE}), max_size=2
    ),
}  # fmt: skip


@st.composite
def theses(draw: st.DrawFn) -> Thesis:
    words = {**draw(st.fixed_dictionaries({}, optional=RULES)), **draw(legs())}
    if draw(st.booleans()):
        words |= {"sources": {"one": draw(sources())}, "source": draw(st.sampled_from(["one", {"from": "one"}]))}
    else:
        words["source"] = draw(sources())
    return Thesis(name="made-up", **words)


@settings(max_examples=100, deadline=None)
@given(theses())
def test_thesis_to_yaml_to_thesis_is_the_identity(thesis: Thesis) -> None:
    text = thesis.to_yaml()
    again = loads(text)
    assert isinstance(again, Thesis)
    assert again == thesis
    assert again.to_yaml() == text
    assert again.known() == thesis.known()
    assert again.legs() == thesis.legs()
    assert loads(again.vary({"exit.hold": 3}).to_yaml()).exit.hold == 3


def test_what_is_built_in_python_is_written_as_a_person_would() -> None:
    thesis = Thesis(
        name="plain",
        sources={"a": {"published": "2025-01-27", "latency": timedelta(0)}},
        source="a",
        counter=["It may rise.", {"from": "a", "quote": "so they say"}],
        long=["NVDA", "AMD"],
        short={"SPY": 2},
        costs={"half-spread.bps": 2},
    )
    assert thesis.to_yaml() == (
        "thesis: plain\n"
        "sources:\n  a: {published: 2025-01-27, latency: 0}\n"
        "source: {from: a}\n"
        "counter:\n- It may rise.\n- {from: a, quote: so they say}\n"
        "long: [NVDA, AMD]\nshort: {SPY: 2}\ncosts: {half-spread.bps: 2}\n"
    )
    assert loads(thesis.to_yaml()) == thesis
    assert [leg.part for leg in thesis.vary({"long.AMD": 3}).legs()] == [1, 3, 2]


@given(st.floats(1e-12, 1e6))
def test_percentages_are_written_exactly(value: float) -> None:
    assert read_percent(write_percent(value)) == value


@given(st.integers(1, 10**6))
def test_a_percentage_is_the_nearest_fraction(points: int) -> None:
    """8.25% is the float nearest to 0.0825; dividing 8.25 by 100 in floating point would sometimes miss it."""
    assert read_percent(f"{points / 100:.2f}%") == float(f"{points}e-4")


def test_an_instant_without_a_zone_is_refused_and_not_read_in_that_of_the_machine() -> None:
    thesis = Thesis.from_yaml(
        "{thesis: gold, source: {published: 2025-01-28T00:00Z, publisher: me}, long: {GLD: 1}}", where="gold"
    )
    with pytest.raises(ThesisError, match=r"has no zone; give an aware datetime"):
        thesis.vary({"news": datetime(2025, 1, 27, 12)})
    assert thesis.vary({"news": datetime(2025, 1, 27, 12, tzinfo=UTC)}).news == datetime(2025, 1, 27, 12, tzinfo=UTC)

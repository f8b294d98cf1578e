"""Files, folders, includes and books are read as written, and quickly."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from deepshock.errors import ThesisError
from deepshock.thesis import (
    Book,
    Condition,
    Exit,
    Hedge,
    Leg,
    Money,
    Source,
    Thesis,
    json_schema,
    load,
    load_many,
    loads,
)
from deepshock.thesis.compose import read_text

STRATEGIES = Path(__file__).parents[2] / "strategies"
NAMES = (
    "bitcoin-overreacted",
    "buy-china-before-npc",
    "calm-down",
    "cheap-ai-disinflation",
    "china-ai-adopters",
    "concentration-unwinds",
    "fade-the-fear",
    "hard-assets",
    "long-meta-ai-user",
    "megacap-capex-loses",
    "short-ai-chips",
    "short-ai-power",
)
SPEC_EXAMPLE = """
thesis: buy-china-before-npc
sources:
  forexlive: {published: 2025-01-27 19:00, zones: [UTC, America/New_York]}
  bloomberg: {published: 2025-01-27T10:57:07Z}
events: {npc opens: {at: 2025-03-05T01:00Z, known: 2024-12-25T01:44Z}}
source: {from: forexlive, quote: "there is still time to front-run the front-run"}
corroborated by: [{from: bloomberg, quote: "..."}]
counter: [{from: bloomberg}, "plain text: with a colon"]
news: 2025-01-27T00:00Z
claims: {npc opens: 2025-03-07}
long: {0700.HK: 1, 9988.HK: 1}
versus: {SPY: 1}
gross: 100%
neutral: none
weighting: given
enter: {at: open, lag: 0, within: 5 sessions}
exit: {hold: 20 sessions, before: npc opens, stop: 8%, target: 20%, trailing: 10%, drawdown: 12%}
hedge: {beta to: ^HSI, via: FXI}
wrong if: [drawdown > 8%, "capex guidance is raised"]
uptick: wait
margin: {initial: 50%, maintenance: 25%}
borrow: {SPY: special}
costs: {preset: retail, half-spread.bps: 2}
capital: 1_000_000 USD
fractional: false
benchmark: ^HSI
"""


@pytest.fixture(scope="module")
def theses() -> dict[str, Thesis]:
    return {one.name: one for one in load_many(STRATEGIES) if isinstance(one, Thesis)}


def test_strategies_are_the_twelve_and_their_book(theses: dict[str, Thesis]) -> None:
    assert tuple(theses) == NAMES
    book = load(STRATEGIES / "book.yaml")
    assert isinstance(book, Book)
    assert sorted(thesis.name for thesis, _ in book.members) == list(NAMES)
    assert sum(share for _, share in book.members) == pytest.approx(1)
    assert all(theses[thesis.name] == thesis for thesis, _ in book.members)


@pytest.mark.parametrize(
    ("name", "source", "long", "short", "neutral"),
    [
        ("short-ai-chips", "forexlive", "", "NVDA AVGO AMD QCOM ASML", "none"),
        ("short-ai-power", "forexlive", "", "VST ENR.DE", "none"),
        ("long-meta-ai-user", "forexlive", "META", "MSFT GOOGL AMZN", "dollar"),
        ("buy-china-before-npc", "forexlive", "0700.HK 9988.HK 3690.HK 1810.HK 9618.HK 0981.HK", "", "none"),
        ("china-ai-adopters", "bloomberg", "300766.SZ", "", "none"),
        ("hard-assets", "forexlive", "GLD SLV GDX", "", "none"),
        ("cheap-ai-disinflation", "forexlive", "TLT", "SHY", "dollar"),
        ("concentration-unwinds", "cryptomacro", "RSP", "SPY", "dollar"),
        ("calm-down", "cryptomacro", "NVDA VST ENR.DE", "", "none"),
        ("megacap-capex-loses", "quantblog", "AAPL", "MSFT GOOGL AMZN", "dollar"),
        ("fade-the-fear", "xtb", "", "^VIX", "none"),
        ("bitcoin-overreacted", "xtb", "BTC-USD", "", "none"),
    ],
)  # fmt: skip
def test_strategies_are_the_theses_fixed_beforehand(
    theses: dict[str, Thesis], name: str, source: str, long: str, short: str, neutral: str
) -> None:
    thesis = theses[name]
    assert thesis.source.from_ == source
    assert " ".join(leg.symbol for leg in thesis.legs() if leg.side > 0) == long
    assert " ".join(leg.symbol for leg in thesis.legs() if leg.side < 0) == short
    assert thesis.neutral == neutral
    assert len({leg.part for leg in thesis.legs()}) == 1
    assert (thesis.gross, thesis.hedge, thesis.exit.stop, thesis.enter.within) == (1.0, None, None, 5)
    assert thesis.news == datetime(2025, 1, 27, tzinfo=UTC)
    hold = {"buy-china-before-npc": None, "fade-the-fear": 5}.get(name, 20)
    assert thesis.exit.hold == hold
    assert thesis.exit.before == ("npc opens" if name == "buy-china-before-npc" else None)


def test_legs_named_by_a_source_and_proxies_are_told_apart(theses: dict[str, Thesis]) -> None:
    proxies = {leg.symbol for leg in theses["long-meta-ai-user"].legs() if leg.proxy}
    assert proxies == {"MSFT", "GOOGL", "AMZN"}
    assert all(leg.proxy for leg in theses["buy-china-before-npc"].legs())
    assert not any(leg.proxy for leg in theses["megacap-capex-loses"].legs())


def test_alternatives_of_the_strategies_can_all_be_built(theses: dict[str, Thesis]) -> None:
    for thesis in theses.values():
        for changes in thesis.alternatives.values():
            assert thesis.vary(changes) != thesis
    assert theses["buy-china-before-npc"].vary({"long": {"KWEB": 1}}).symbols() == ("KWEB",)


def test_every_word_of_the_specification_is_read() -> None:
    thesis = loads(SPEC_EXAMPLE)
    assert isinstance(thesis, Thesis)
    assert [(leg.symbol, leg.side, leg.group) for leg in thesis.legs()] == [
        ("0700.HK", 1, "long"),
        ("9988.HK", 1, "long"),
        ("SPY", -1, "short"),
    ]
    assert thesis.exit == Exit(hold=20, before="npc opens", stop=0.08, target=0.2, trailing=0.1, drawdown=0.12)
    assert thesis.hedge == Hedge(beta_to="^HSI", via="FXI")
    assert thesis.symbols() == ("0700.HK", "9988.HK", "SPY", "FXI")
    assert thesis.wrong_if == (Condition("drawdown > 8%", "drawdown", ">", 0.08), Condition("capex guidance is raised"))
    assert thesis.human_checks() == ("capex guidance is raised",)
    assert (thesis.margin.rule, thesis.margin.initial, thesis.margin.maintenance) == ("own", 0.5, 0.25)
    assert (thesis.costs.preset, dict(thesis.costs.overrides)) == ("retail", {"half-spread.bps": 2.0})
    assert thesis.capital == Money(1e6, "USD")
    assert thesis.counter[1].note == "plain text: with a colon"
    assert thesis.claims == {"npc opens": date(2025, 3, 7)}


def test_scalars_stay_what_the_author_wrote() -> None:
    """YAML 1.1 would read ON and NO as booleans, 0700 as octal, 16:30 as 990."""
    thesis = loads(
        "thesis: odd\nsource: {published: 2025-01-27 16:30 UTC, publisher: NO}\n"
        "long: {ON: 1, NO: 1e-4, 0700: 0_2}\nnote: 0x10"
    )
    assert isinstance(thesis, Thesis)
    assert [(leg.symbol, leg.part) for leg in thesis.legs()] == [("ON", 1.0), ("NO", 1e-4), ("0700", 2.0)]
    assert thesis.source.publisher == "NO"
    assert thesis.note == "0x10"
    assert thesis.known() == datetime(2025, 1, 27, 16, 30, tzinfo=UTC)


def test_python_takes_names_words_and_spellings_alike() -> None:
    source = Source(published="2025-01-27T10:57:07Z", publisher="Bloomberg")
    plain = Thesis(name="a", sources={"b": source}, source="b", long={"NVDA": 1}, wrong_if=["drawdown > 8%"])
    words = Thesis(
        **{
            "thesis": "a",
            "sources": {"b": {"published": datetime(2025, 1, 27, 10, 57, 7, tzinfo=UTC), "publisher": "Bloomberg"}},
            "source": {"from": "b"},
            "long": {"NVDA": Leg(weight="1")},
            "wrong if": [Condition("drawdown > 8%")],
            "exit": Exit(hold="20 sessions"),
        }
    )
    assert plain == words
    assert hash(plain) == hash(words)
    assert plain != plain.vary({"gross": "50%"})


def test_lists_are_legs_of_one_part_each() -> None:
    thesis = Thesis(name="a", source={"published": "2025-01-27"}, long=["NVDA", "AMD"])
    assert [(leg.symbol, leg.part) for leg in thesis.legs()] == [("NVDA", 1.0), ("AMD", 1.0)]
    assert [leg.part for leg in thesis.vary({"long.NVDA": 3}).legs()] == [3.0, 1.0]


def test_exit_defaults_to_twenty_sessions_only_where_nothing_is_given() -> None:
    assert Exit().hold == 20
    assert Exit(hold=None).hold == 20
    assert Exit(stop="8%").hold is None
    assert Exit(stop="none", before=None).hold == 20


def test_defaults_say_what_holds_where_nothing_was_written() -> None:
    thesis = Thesis(name="a", source={"published": "2025-01-27"}, long={"NVDA": 1}, enter={"lag": 2}, hedge="none")
    told = thesis.defaults()
    assert told["exit.hold"] == "20 sessions"
    assert told["enter.at"] == "open"
    assert told["news"] == "when the source is known, 2025-01-28T12:00Z"
    assert told["costs"] == "institutional"
    assert told["capital"] == "1_000_000 USD"
    assert not {"enter.lag", "long", "thesis", "source"} & set(told)
    assert told["source.latency"] == "0"
    assert (told["exit.stop"], told["exit.before"], told["enter.on"]) == ("none", "none", "none")
    left = {"trust", "proxy", "withholding", "source.latency", "enter.on", "exit.on", "exit.date"}
    assert set(loads(SPEC_EXAMPLE).defaults()) == left


def test_defaults_say_what_holds_beside_half_a_setting() -> None:
    written = "thesis: a\nsource: {published: 2025-01-27, latency: 5m}\nlong: [X]\n"
    half = "short: {A: 1, B: 1}\nborrow: {A: special}\ncosts: {half-spread.bps: 2}\nexit: {stop: none, target: 20%}"
    told = loads(written + half).defaults()
    assert (told["borrow.B"], told["costs.preset"], told["exit.hold"]) == ("general", "institutional", "none")
    assert told["long.X"] == "1"
    assert not {"source.latency", "borrow", "borrow.A", "exit.stop", "exit.target", "costs"} & set(told)


def test_another_source_is_not_credited_with_the_quote_of_the_old_one() -> None:
    thesis = loads(SPEC_EXAMPLE)
    assert isinstance(thesis, Thesis)
    varied = thesis.vary({"source.from": "bloomberg"})
    assert (varied.source.from_, varied.source.quote) == ("bloomberg", None)
    assert thesis.vary({"source.from": "forexlive"}) == thesis
    for changes in ({"source.quote": "new", "source.from": "bloomberg"}, {"source": {"from": "a", "quote": "new"}}):
        kept = thesis.vary({"sources.a": {"published": "2025-01-27"}, **changes})
        assert kept.source.quote == "new"


def test_vary_takes_dotted_paths_in_any_spelling() -> None:
    thesis = load(STRATEGIES / "buy-china-before-npc.yaml")
    assert isinstance(thesis, Thesis)
    varied = thesis.vary(
        {
            "exit.hold": 5,
            "exit.stop": 0.08,
            "enter.lag": 2,
            "costs.half-spread.bps": 3,
            "hedge": {"beta to": "^HSI", "via": "FXI"},
            "long.0700.HK": 2,
            "long.9988.HK.proxy": False,
            "wrong_if": ["drawdown > 5%"],
            "events.npc opens.at": "2025-03-06T01:00Z",
        }
    )
    assert (varied.exit.hold, varied.exit.stop, varied.exit.before) == (5, 0.08, "npc opens")
    assert (varied.enter.at, varied.enter.lag) == ("open", 2)
    assert dict(varied.costs.overrides) == {"half-spread.bps": 3.0}
    assert [leg.part for leg in varied.legs()] == [2, 1, 1, 1, 1, 1]
    assert [leg.proxy for leg in varied.legs()] == [True, False, True, True, True, True]
    assert varied.wrong_if[0].level == 0.05
    assert varied.find_event("npc opens").at == datetime(2025, 3, 6, 1, tzinfo=UTC)
    assert thesis.vary({"exit.before": None, "exit.hold": "7 sessions"}).exit == Exit(hold=7)
    assert thesis.vary({}) == thesis
    assert thesis.exit == Exit(before="npc opens")


def test_place_points_into_the_file() -> None:
    thesis = load(STRATEGIES / "buy-china-before-npc.yaml")
    assert isinstance(thesis, Thesis)
    lines = (STRATEGIES / "buy-china-before-npc.yaml").read_text().splitlines()
    at = next(number for number, line in enumerate(lines, 1) if line.startswith("long:"))
    assert thesis.place("0700.HK") == f"{thesis.file}:{at} long.0700.HK"
    assert thesis.vary({"exit.hold": 3}).place("^HSI").endswith(" benchmark")
    assert Thesis(name="a", source={"published": "2025-01-27"}, long=["X"]).place("X") == "a long.X"


def test_own_sources_hide_included_ones(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("sources: {a: {published: 2025-01-01}, b: {published: 2025-01-02}}")
    (tmp_path / "outer.yaml").write_text("include: inner.yaml\nsources: {a: {published: 2025-01-05}}")
    (tmp_path / "t.yaml").write_text("thesis: t\ninclude: outer.yaml\nsource: {from: a}\nlong: {X: 1}")
    thesis = load(tmp_path / "t.yaml")
    assert isinstance(thesis, Thesis)
    assert thesis.known() == datetime(2025, 1, 6, 12, tzinfo=UTC)
    assert thesis.known("b") == datetime(2025, 1, 3, 12, tzinfo=UTC)
    assert set(thesis.all_sources()) == {"a", "b"}


def test_books_hold_theses_with_shares(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"thesis: {name}\nsource: {{published: 2025-01-27}}\nlong: {{X: 1}}")
    (tmp_path / "book.yaml").write_text("book: both\ntheses: {a: 3, b.yaml: 1}\ncapital: 5_000 EUR\ncosts: retail")
    book = load(tmp_path / "book.yaml")
    assert isinstance(book, Book)
    assert [(thesis.name, share) for thesis, share in book.members] == [("a", 0.75), ("b", 0.25)]
    assert book.capital == Money(5000, "EUR")
    assert book.costs is not None
    assert book.costs.preset == "retail"
    built = Book.of("both", [(thesis, share) for thesis, share in book.members], capital="5_000 EUR", costs="retail")
    assert [thesis.name for thesis, _ in built.members] == ["a", "b"]
    assert [one.name for one in load_many([tmp_path, tmp_path / "a.yaml"])] == ["a", "b", "both", "a"]


def test_a_book_needs_costs_where_its_theses_differ(tmp_path: Path) -> None:
    for name, costs in (("a", "retail"), ("b", "none"), ("c", "{preset: retail}"), ("d", "{half-spread.bps: 2}")):
        (tmp_path / f"{name}.yaml").write_text(
            f"thesis: {name}\nsource: {{published: 2025-01-27}}\nlong: [X]\ncosts: {costs}"
        )
    file = tmp_path / "book.yaml"
    file.write_text("# two accounts\nbook: mixed\ntheses: [a.yaml, b, c, d]")
    with pytest.raises(ThesisError) as caught:
        load(file)
    said = "the members ask for different costs: retail (a.yaml, c), none (b), "
    said += (
        "{preset: institutional, half-spread.bps: 2} (d); write 'costs: ...' in the book, such as costs: institutional."
    )
    assert str(caught.value) == f"{file}:2 book: {said}"
    file.write_text("book: mixed\ntheses: [a, b]\ncosts: retail plus")
    with pytest.raises(ThesisError) as caught:
        load(file)
    assert [fault.where for fault in caught.value.faults] == [f"{file}:3 costs.preset"]
    file.write_text("book: same\ntheses: [a, c]")
    same = load(file)
    assert isinstance(same, Book)
    assert same.costs is None
    assert (same.account_costs()[0].preset, same.account_costs()[1]) == ("retail", tmp_path)
    members = [load(tmp_path / f"{name}.yaml") for name in "ab"]
    with pytest.raises(ThesisError, match=r"different costs: retail \(a\), none \(b\)"):
        Book.of("mixed", members)
    assert Book.of("mixed", members, costs="none").account_costs()[0].preset == "none"


def test_a_book_needs_a_margin_where_its_theses_differ(tmp_path: Path) -> None:
    own = "{initial: 50%, maintenance: 25%}"
    for name, margin in (("a", "reg-t"), ("b", own), ("c", "{maintenance: 0.25, initial: 0.5}"), ("d", "none")):
        (tmp_path / f"{name}.yaml").write_text(
            f"thesis: {name}\nsource: {{published: 2025-01-27}}\nlong: [X]\nmargin: {margin}"
        )
    (tmp_path / "e.yaml").write_text("thesis: e\nsource: {published: 2025-01-27}\nlong: [X]")
    file = tmp_path / "book.yaml"
    file.write_text("# one account\nbook: mixed\ntheses: [a, b.yaml, c, d, e]")
    with pytest.raises(ThesisError) as caught:
        load(file)
    said = f"the members ask for different margin rules: reg-t (a, e), {own} (b.yaml, c), none (d); "
    said += "write 'margin: ...' in the book, such as margin: reg-t."
    assert str(caught.value) == f"{file}:2 book: {said}"
    file.write_text("book: same\ntheses: [b, c]")
    same = load(file)
    assert isinstance(same, Book)
    assert same.margin is None
    assert (same.account_margin().initial, same.account_margin().maintenance) == (0.5, 0.25)
    file.write_text(f"book: named\ntheses: [a, d]\nmargin: {own}")
    named = load(file)
    assert isinstance(named, Book)
    assert named.account_margin().rule == "own"
    assert named.account_faults() == ()
    members = [load(tmp_path / f"{name}.yaml") for name in "ad"]
    with pytest.raises(ThesisError, match=r"different margin rules: reg-t \(a\), none \(d\)"):
        Book.of("mixed", members)
    assert Book.of("mixed", members, margin="none").account_margin().rule == "none"
    assert Book.of("usual", [members[0], load(tmp_path / "e.yaml")]).account_margin().rule == "reg-t"


def test_a_book_is_told_of_costs_and_margin_at_once(tmp_path: Path) -> None:
    for name, words in (("a", "costs: retail\nmargin: none"), ("b", "")):
        (tmp_path / f"{name}.yaml").write_text(f"thesis: {name}\nsource: {{published: 2025-01-27}}\nlong: [X]\n{words}")
    (tmp_path / "book.yaml").write_text("book: both\ntheses: [a, b]")
    with pytest.raises(ThesisError) as caught:
        load(tmp_path / "book.yaml")
    assert [fault.problem.partition(":")[0] for fault in caught.value.faults] == [
        "the members ask for different costs",
        "the members ask for different margin rules",
    ]


def test_a_book_that_lost_its_margin_does_not_choose_one() -> None:
    source = {"published": "2025-01-27"}
    members = [Thesis(name=name, source=source, long=["X"], margin=name) for name in ("reg-t", "none")]
    book = Book.of("both", members, margin="reg-t").model_copy(update={"margin": None})
    with pytest.raises(ThesisError, match=r"reg-t \(reg-t\), none \(none\); write 'margin: \.\.\.' in the book"):
        book.account_margin()
    assert [str(fault).partition(":")[0] for fault in book.account_faults()] == ["book"]


@pytest.mark.parametrize(
    ("margin", "problem"),
    [
        ("regt", "margin: 'regt' is not a margin rule; write reg-t, none or {initial: 50%, maintenance: 25%}."),
        ("{initial: 50%}", "margin: needs both rates; write {initial: 50%, maintenance: 25%}."),
        ("{intial: 50%, maintenance: 25%}", "margin.intial: "),
    ],
)
def test_a_books_margin_is_read_like_that_of_a_thesis(margin: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("thesis: a\nsource: {published: 2025-01-27}\nlong: [X]")
    (tmp_path / "book.yaml").write_text(f"book: b\ntheses: [a]\nmargin: {margin}")
    with pytest.raises(ThesisError) as caught:
        load(tmp_path / "book.yaml")
    assert str(caught.value.faults[0]).startswith(f"{tmp_path}/book.yaml:3 {problem}")


@pytest.mark.parametrize("margin", ["reg-t", "none", "{initial: 60%, maintenance: 35%}"])
def test_a_books_margin_is_written_as_it_is_read(margin: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("thesis: a\nsource: {published: 2025-01-27}\nlong: [X]")
    (tmp_path / "book.yaml").write_text(f"book: b\ntheses: [a]\nmargin: {margin}")
    book = load(tmp_path / "book.yaml")
    assert isinstance(book, Book)
    built = Book.of("b", [thesis for thesis, _ in book.members], margin=book.margin)
    for one in (book, built):
        assert f"margin: {margin}\n" in one.to_yaml()
        (tmp_path / "again.yaml").write_text(one.to_yaml())
        again = load(tmp_path / "again.yaml")
        assert isinstance(again, Book)
        assert again == one
        assert again.account_margin() == book.account_margin()


def test_one_relative_cost_file_in_two_folders_is_two(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.yaml").write_text(
            f"thesis: {folder}\nsource: {{published: 2025-01-27}}\nlong: [X]\ncosts: mine.yaml"
        )
    (tmp_path / "book.yaml").write_text("book: both\ntheses: [one/one, two/two]")
    with pytest.raises(ThesisError, match=r"one/mine.yaml \(one/one\), .*two/mine.yaml \(two/two\)"):
        load(tmp_path / "book.yaml")


def test_theses_and_books_travel_between_processes() -> None:
    for one in load_many(STRATEGIES):
        again = pickle.loads(pickle.dumps(one))
        assert again == one
        assert again.to_yaml() == one.to_yaml()


def test_schema_accepts_every_strategy_typed_or_as_text() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(STRATEGIES.glob("*.yaml")):
        assert not list(validator.iter_errors(read_text(path.read_text(), path.name).tree)), path
        typed = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=lambda day: day.isoformat()))
        assert not list(validator.iter_errors(typed)), path
    typed = {"thesis": "a", "source": {"published": "2025-01-27"}, "long": {"X": 1}}
    assert not list(
        validator.iter_errors({**typed, "fractional": True, "exit": {"hold": 20, "stop": "8%"}, "gross": 0.5})
    )
    assert not list(validator.iter_errors(read_text(SPEC_EXAMPLE, "spec").tree))
    rival = {"from": "31 January", "until": "5 March", "short": ["X"]}
    assert not list(validator.iter_errors({**typed, "rival": rival}))
    assert not list(validator.iter_errors({**typed, "rival": "none"}))
    for wrong in (
        {"exti": 1},
        {"exit": {"hodl": 1}},
        {"neutral": "dolar"},
        {"long": {"X": {"wieght": 1}}},
        {"gross": "x"},
        {"rival": {"from": "31 January"}},
        {"rival": {"from": "31 Jan", "until": "5 March"}},
        {"source": {"published": "2025-01-27", "figures": ["NVDA"]}},
        {"source": {"published": "2025-01-27", "figures": [{"symbol": "NVDA", "change": "-10"}]}},
    ):
        assert list(validator.iter_errors({**typed, **wrong})), wrong
    book = {"book": "b", "theses": ["a"]}
    for right in ({}, {"margin": "none"}, {"margin": {"initial": "50%", "maintenance": 0.25}}):
        assert not list(validator.iter_errors({**book, **right})), right
    assert list(validator.iter_errors({**book, "margin": "regt"}))
    assert all("description" in word or "$ref" in word for word in schema["$defs"]["Thesis"]["properties"].values())
    assert schema["$defs"]["Thesis"]["properties"]["neutral"]["enum"] == ["none", "dollar", "beta"]


def test_reading_needs_no_numbers_machinery() -> None:
    """The check of a thesis starts nothing heavy: neither numpy nor pandas nor numba is imported."""
    code = (
        "import sys, deepshock.thesis as t; found = t.load_many(sys.argv[1]); t.json_schema();"
        "print(len(found), [m for m in ('numpy', 'pandas', 'numba', 'pyarrow') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(STRATEGIES)], capture_output=True, text=True, check=True, cwd=STRATEGIES.parent
    )
    assert ran.stdout.split("\n")[0] == "13 []"


def test_unknown_names_are_refused_with_the_nearest() -> None:
    thesis = load(STRATEGIES / "short-ai-chips.yaml")
    assert isinstance(thesis, Thesis)
    with pytest.raises(ThesisError, match="unknown source 'bloomburg'; did you mean bloomberg"):
        thesis.known("bloomburg")
    with pytest.raises(ThesisError, match="unknown event 'npc open'; did you mean npc opens"):
        thesis.find_event("npc open")

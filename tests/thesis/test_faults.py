"""Every fault of a file is told at once, with its place, what was given and what to do."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepshock.errors import ThesisError
from deepshock.thesis import Book, Event, Exit, Source, Thesis, load, load_many, loads
from deepshock.thesis import compose as yaml_reader

# A thesis known at 2025-01-28T00:00Z. Ten lines, so that what a test adds begins in line 11.
GOOD = """\
thesis: t
sources:
  forexlive: {published: 2025-01-28T00:00Z}
events:
  npc opens: {at: 2025-03-05T01:00Z, known: 2024-12-25T01:44Z}
  past: {at: 2025-01-20T12:00Z, known: 2025-01-01T00:00Z}
  told late: {at: 2025-02-05T01:00Z, known: 2025-02-06T01:00Z}
  untold: {at: 2025-02-05T01:00Z}
source: {from: forexlive}
long: {NVDA: 1, AMD: 1}
"""


def faults(text: str, where: str = "t.yaml", folder: str | Path = ".") -> list[str]:
    with pytest.raises(ThesisError) as caught:
        loads(text, where, folder)
    return [str(fault) for fault in caught.value.faults]


def outcome(text: str) -> Thesis | Book | ThesisError:
    try:
        return loads(text, "t.yaml")
    except ThesisError as error:
        return error


def cases(name: str) -> list[tuple[str, list[str]]]:
    """Read cases: what is written, and after ``>`` the faults that are told."""
    blocks = Path(__file__).with_name(name).read_text().split("\n\n")[1:]
    split = [(block.split("\n> ")[0], block.rstrip("\n").split("\n> ")[1:]) for block in blocks]
    assert all(told for _, told in split)
    return split


def test_the_good_one_is_good() -> None:
    assert loads(GOOD).name == "t"


@pytest.mark.parametrize(("added", "told"), cases("faults_added.txt"))
def test_a_fault_has_its_line_what_was_given_and_a_remedy(added: str, told: list[str]) -> None:
    assert faults(GOOD + added) == told


@pytest.mark.parametrize(("text", "told"), cases("faults_alone.txt"))
def test_sources_and_weights_that_do_not_hold_are_refused(text: str, told: list[str]) -> None:
    assert faults(text) == told


def test_required_words_are_asked_for_with_an_example() -> None:
    assert faults("title: nothing else\nnews: 2025-01-27T00:00Z\nlong: [X]") == [
        "t.yaml:1 thesis: is missing; write for example 'thesis: buy-china-before-npc'.",
        "t.yaml:1 source: is missing; write for example 'source: {from: forexlive}'.",
    ]
    assert faults("thesis: Buy China\nsource: {published: 2025-01-27}") == [
        "t.yaml:1 thesis: 'Buy China' is not a slug of small letters, digits and hyphens; "
        "write for example buy-china-before-npc.",
        "t.yaml:1: no leg: neither 'long' nor 'short' is given; write for example 'short: {NVDA: 1}'.",
    ]


@pytest.mark.parametrize(
    "legs",
    [
        "long: {A: 33.3%, B: 33.3%, C: 33.4%}",
        "long: {A: 100%}\nversus: {B: 60%, C: 40%}\nneutral: dollar",
        "long: {A: 2, B: 3}",
    ],
)  # fmt: skip
def test_weights_that_add_up_are_taken(legs: str) -> None:
    assert loads(f"thesis: t\nsource: {{published: 2025-01-27}}\n{legs}").name == "t"


def test_all_faults_of_a_file_come_at_once_in_its_order() -> None:
    """Faults of form, of single words and between words; none hides another, and none causes a second one."""
    text = """\
thesis: t
source: {from: forxlive, quote: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen
  fifteen sixteen seventeen eighteen nineteen twenty and a few more of them"}
sources: {forexlive: {published: 2025-01-27 19:00}, other: {published: 2025-01-27}}
counter: [{from: forexlive}]
long: {A: 60%, B: 30%}
long: {C: 1}
exit: {hold: 0, before: npc opens}
gross: nan
exti: {}
"""
    found = faults(text)
    assert [line.split(";")[0] for line in found] == [
        "t.yaml:2 source.quote: the quote has 26 words",
        "t.yaml:2 source.from: unknown source 'forxlive'",
        "t.yaml:4 sources.forexlive.published: '2025-01-27 19:00' has no time zone",
        "t.yaml:6 long: the weights sum to 90%",
        "t.yaml:7 long: is written twice (first in line 6)",
        "t.yaml:8 exit.hold: '0' is not a whole number from 1 to 10000",
        "t.yaml:8 exit.before: unknown event 'npc opens'",
        "t.yaml:9 gross: 'nan' is not a finite number",
        "t.yaml:10 exti: unknown word 'exti'",
    ]


def test_the_fault_of_the_style_guide_is_told_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "buy_china.yaml"
    file.write_text(
        "\n" * 4 + "thesis: t\nlong: [X]\nsource: {from: a}\nsources:\n  a: {published: '2025-01-27 19:00:00'}\n"
    )
    with pytest.raises(ThesisError) as caught:
        load(file)
    assert str(caught.value) == (
        f"{file}:9 sources.a.published: '2025-01-27 19:00:00' has no time zone; "
        "write for example 2025-01-27T19:00:00-05:00."
    )


DEEP = "is nested deeper than 16 levels; a thesis needs four."
EMPTY = "is empty; start with 'thesis: a-slug'."
# libyaml and PyYAML's own parser word their reasons differently, so what is compared is the place and what to do.
CHECK = "check indentation, brackets, quotes and colons in this line and above it."


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "t.yaml:1", EMPTY),
        ("# only a comment\n", "t.yaml:1", EMPTY),
        ("---\n", "t.yaml:1", EMPTY),
        ("just text", "t.yaml:1", "is not a mapping of words to values; start with 'thesis: a-slug'."),
        ("thesis: a\n---\nthesis: b", "t.yaml:3", "write one thesis or book in a file, without '---' between."),
        ("thesis: a\n\ttitle: b", "t.yaml:2", "indent with spaces, not with tabs."),
        ("thesis: [a", "t.yaml:1", CHECK),
        ("thesis: a\ntitle: *b", "t.yaml:2", CHECK),
        ("a: b\nc: \x00", "t.yaml:2", CHECK),
        ("thesis: &a [*a]", "t.yaml:1", "an alias contains itself; write the values out, without aliases."),
        ("a: b\nc: \ud800", "t.yaml:2", "holds half a character (a surrogate); write plain text."),
        ("[" * 100_000, "t.yaml:1", DEEP),
        ("\na: " + "{a: " * 20 + "}" * 20, "t.yaml:2", DEEP),
        ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 500)), "t.yaml:1", DEEP),
        ("a: " + "x" * 300_000, "t.yaml", "is larger than 256 KB; a thesis is a page of text; split the file."),
        ("title: no thesis", "t.yaml:1", "start it with 'thesis: a-slug', or include it from one."),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_not_a_page_of_yaml_is_refused(text: str, place: str, message: str) -> None:
    (found,) = faults(text)
    assert found.startswith(f"{place}: ")
    assert found.endswith(message)


SIGNS = st.text(st.sampled_from(list("{}[]:,&*!|>'\"%@`#-? \n\t0aZ\x85\u2028\ufeffé")), max_size=6)
WORDS = st.sampled_from(
    ["none", "nan", "-1", "{}", "[]", "[[]]", "{a: {b: c}}", "2025-13-01", "100%", "long", "null", "~"]
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.one_of(SIGNS, WORDS))
def test_nothing_but_a_thesis_error_is_ever_raised(at: int, cut: int, put: str) -> None:
    """A good file with a piece replaced by signs and odd values is read, or refused with a place and a remedy."""
    told = outcome(GOOD[:at] + put + GOOD[at + cut :])
    if isinstance(told, ThesisError):
        assert told.faults
        assert all(fault.where.startswith("t.yaml:") and fault.problem and fault.remedy for fault in told.faults)
    else:
        assert isinstance(told, Thesis)


@pytest.mark.parametrize("loader", ["CBaseLoader", "BaseLoader"])
def test_aliases_that_multiply_are_refused_by_either_parser(loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "_LOADER", getattr(yaml_reader.yaml, loader))
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    (found,) = faults(bomb)
    assert found.endswith("aliases expand to more than 20000 values; write the values out, without aliases.")
    assert loads("thesis: t\nsource: &s {published: 2025-01-27}\ncounter: [*s]\nlong: [X]").name == "t"


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"thesis: t\ntitle: caf\xe9\n")
    with pytest.raises(ThesisError) as caught:
        load_many([latin, tmp_path / "none.yaml"])
    assert [str(fault) for fault in caught.value.faults] == [
        f"{latin}:2: is not UTF-8 (byte 0xe9); save the file as UTF-8.",
        f"{tmp_path / 'none.yaml'}: cannot be read: No such file or directory; give the path of a YAML file.",
    ]
    with pytest.raises(ThesisError, match="holds no YAML file"):
        load_many([Path(tmp_path, "empty").mkdir() or tmp_path / "empty"])


def test_faults_of_all_files_come_at_once_each_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").write_text(
        "sources:\n  a: {published: 2025-01-27 19:00}\n  b: {published: 2025-01-27}\nevnts: {}\n"
    )
    (tmp_path / "one.yaml").write_text("thesis: one\ninclude: shared.yaml\nsource: {from: a}\nlong: [X]\ngross: 0\n")
    (tmp_path / "two.yaml").write_text("thesis: two\ninclude: shared.yaml\nsource: {from: c}\nlong: [X]\n")
    with pytest.raises(ThesisError) as caught:
        load_many(tmp_path)
    assert [str(fault).removeprefix(f"{tmp_path}/").split(";")[0] for fault in caught.value.faults] == [
        "shared.yaml:2 sources.a.published: '2025-01-27 19:00' has no time zone",
        "shared.yaml:4 evnts: unknown word 'evnts'",
        "one.yaml:5 gross: '0' is out of range",
        "two.yaml:3 source.from: unknown source 'c'",
    ]


def test_includes_that_go_in_circles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("thesis: t\ninclude: a.yaml\nsource: {published: 2025-01-27}\nlong: [X]\n")
    (tmp_path / "a.yaml").write_text("include: sub/b.yaml\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.yaml").write_text("title: inner\ninclude: ../a.yaml\n")
    with pytest.raises(ThesisError) as caught:
        load(tmp_path / "t.yaml")
    assert str(caught.value) == (
        f"{tmp_path}/sub/b.yaml:2 include: '../a.yaml' includes itself (a.yaml -> b.yaml -> a.yaml); "
        "remove one of these includes."
    )


def test_a_missing_include_does_not_make_its_names_unknown(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("thesis: t\ninclude: gone.yaml\nsource: {from: a}\nlong: [X]\nexit: {before: b}\n")
    with pytest.raises(ThesisError) as caught:
        load(tmp_path / "t.yaml")
    assert [fault.where for fault in caught.value.faults] == [f"{tmp_path}/t.yaml:2 include"]


def test_books_name_what_they_cannot_hold(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("thesis: good\nsource: {published: 2025-01-27}\nlong: [X]\n")
    (tmp_path / "bad.yaml").write_text("thesis: bad\nsource: {published: 2025-01-27}\nlong: [X]\ngross: 0\n")
    (tmp_path / "book.yaml").write_text(
        "book: b\ntheses:\n  good: 60%\n  goood: 30%\n  bad: 5%\n  book: 5%\n  good.yaml: 1%\n"
    )
    with pytest.raises(ThesisError) as caught:
        load(tmp_path / "book.yaml")
    assert [str(fault).replace(f"{tmp_path}/", "").split("; ") for fault in caught.value.faults] == [
        ["bad.yaml:4 gross: '0' is out of range", "allowed is above 0% and up to 1000%, for example 100%."],
        ["book.yaml:1: the shares sum to 101%", "percentages must sum to 100%", "or write parts, such as 1."],
        ["book.yaml:4 theses.goood: there is no file goood.yaml", "did you mean good.yaml?"],
        ["book.yaml:6 theses.book: book.yaml is a book", "name theses only."],
        ["book.yaml:7 theses.good.yaml: stands twice in the book", "keep one of them."],
    ]
    with pytest.raises(ThesisError, match="no thesis is given"):
        loads("book: b\ntheses: {}")
    with pytest.raises(ThesisError, match=r"build it with Book\.of, or load it"):
        len(Book(name="b", theses={"good": 1}).members)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("thesis: same\nsource: {published: 2025-01-27}\nlong: [X]\n")
    with pytest.raises(ThesisError, match=r"b.yaml:1 thesis: 'same' is also the name of .*a.yaml; give each"):
        load_many(tmp_path)


def test_a_thesis_without_its_first_word_is_not_passed_over(tmp_path: Path) -> None:
    """A folder's shared files are skipped; one that has words of a thesis is a thesis with a fault."""
    (tmp_path / "shared.yaml").write_text("sources: {a: {published: 2025-01-27}}")
    (tmp_path / "costs.yaml").write_text("preset: retail\nhalf-spread.bps: 2")
    assert load_many(tmp_path) == []
    (tmp_path / "typo.yaml").write_text("theis: t\nsource: {published: 2025-01-27}\nlong: [X]")
    with pytest.raises(ThesisError, match="unknown word 'theis'; did you mean thesis") as caught:
        load_many(tmp_path)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Exit(hold=0, stop=2), "hold: 0 is not a whole"),
        (lambda: Exit(**{"hodl": 3}), "hodl: unknown word 'hodl'; did you mean hold?"),
        (lambda: Source(published=datetime(2025, 1, 27)), "published: '2025-01-27T00:00:00' has no time zone"),
        (lambda: Source(published="2025-01-27 19:00"), "'2025-01-27 19:00' has no time zone"),
        (lambda: Event(at="2025-02-30", known=None), "at: '2025-02-30' does not exist"),
        (lambda: Thesis(name="t", source="a", long=["X"]), "source.from: unknown source 'a'"),
        (lambda: loads(GOOD).vary({"gross": math.nan}), "gross: 'nan' is not a finite number"),
        (lambda: Thesis(name="t", source="a", long=["X"], gross=math.nan), "gross: nan is not a finite number"),
        (lambda: Thesis.model_validate(5), "5 is not a mapping of words"),
    ],
)  # fmt: skip
def test_python_raises_the_same_errors(build: Any, message: str) -> None:
    with pytest.raises(ThesisError) as caught:
        build()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exit.hodl": 3}, "'exit.hodl' is not a path: there is no word 'hodl' there; did you mean exit.hold?"),
        ({"exti.hold": 3}, "'exti.hold' is not a path: there is no word 'exti' there; did you mean exit?"),
        ({"gross.x": 3}, "'gross.x': 'gross' has no words within; did you mean gross?"),
        ({"": 3}, "an empty path; write for example exit.hold."),
        ({"exit.hold": object}, "cannot be written; give text, a number, a date, a list or a mapping."),
        ({"exit.hold": True}, "exit.hold: 'true' is not a whole number"),
        ({"exit.stop": math.inf}, "exit.stop: 'inf' is not a finite number"),
        ({"source": None}, "source: is missing"),
        ({"sources.forexlive.zones": ["Mars"]}, "sources.forexlive.zones[0]: unknown time zone 'Mars'"),
    ],
)  # fmt: skip
def test_vary_refuses_wrong_paths_and_values(changes: dict[str, Any], message: str) -> None:
    thesis = loads(GOOD)
    assert isinstance(thesis, Thesis)
    with pytest.raises(ThesisError) as caught:
        thesis.vary(changes)
    assert message in str(caught.value)
    with pytest.raises(ThesisError) as caught:
        thesis.vary({"exit.hodl": 1, "gros": 2})
    assert len(caught.value.faults) == 2

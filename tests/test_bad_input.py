"""Whatever is wrong with theses and data is told at once, by file and line, in one line each, with exit status 1."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from terminal import bars, call, refused, write_thesis

# Nine lines; what a test adds begins in line 10. Known on 28 January at midnight UTC.
SOUND = """\
thesis: t
sources:
  wire: {publisher: Wire, published: 2025-01-28T00:00Z}
events:
  congress: {at: 2025-03-05T01:00Z, known: 2024-12-25T01:44Z}
  past: {at: 2025-01-20T12:00Z, known: 2025-01-01T00:00Z}
  told late: {at: 2025-02-05T01:00Z, known: 2025-02-06T01:00Z}
source: {from: wire}
benchmark: AAA
"""
LEGS = "long: {AAA: 1, BBB: 1}\n"
LONG_QUOTE = " ".join(f"word{n}" for n in range(26))
# Each of the nine lists holds the one before ten times: a billion words from a page of text.
BOMB = "thesis: t\nz: &z [boom]\n" + "".join(
    f"{here}: &{here} [{', '.join([f'*{above}'] * 10)}]\n" for above, here in zip("zabcdefgh", "abcdefghi", strict=True)
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "t.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def place_and_problem(error: str) -> tuple[str, str]:
    """Split an error before its remedy; there has to be one."""
    told, remedy = error.split("; ", 1)
    assert remedy
    where, problem = told.split(": ", 1)
    return where, problem


# Theses


THESES = {
    "no zone": (
        SOUND.replace("2025-01-28T00:00Z", "2025-01-27 19:00") + LEGS,
        "t.yaml:3 sources.wire.published: '2025-01-27 19:00' has no time zone; write for example",
    ),
    "unknown word": (SOUND + LEGS + "exti: {hold: 5}\n", "t.yaml:11 exti: unknown word 'exti'; did you mean exit?"),
    "long quote": (
        SOUND + LEGS + f"counter:\n  - {{from: wire, quote: {LONG_QUOTE}}}\n",
        "t.yaml:12 counter[0].quote: the quote has 26 words; quote at most 25 words",
    ),
    "entry before known": (
        SOUND + LEGS + "enter: {on: past}\n",
        "t.yaml:11 enter.on: 'past' is at 2025-01-20T12:00Z, before the thesis is known (2025-01-28T00:00Z)",
    ),
    "exit before entry, by event": (
        SOUND + LEGS + "exit: {before: past}\n",
        "t.yaml:11 exit.before: 'past' is at 2025-01-20T12:00Z, but no entry is possible before 2025-01-28T00:00Z",
    ),
    "exit before entry, by date": (
        SOUND + LEGS + "exit: {date: 2025-01-24}\n",
        "t.yaml:11 exit.date: 2025-01-24 is over, but no entry is possible before 2025-01-28T00:00Z",
    ),
    "event before it was known": (
        SOUND + LEGS + "exit:\n  hold: 9 sessions\n  before: told late\n",
        "t.yaml:13 exit.before: 'told late' at 2025-02-05T01:00Z is known only from 2025-02-06T01:00Z",
    ),
    "weights that do not sum": (
        SOUND + "long:\n  AAA: 60%\n  BBB: 30%\n",
        "t.yaml:10 long: the weights sum to 90%; percentages must sum to 100%",
    ),
    "duplicate key": (
        SOUND + LEGS + "long: {AAA: 1}\n",
        "t.yaml:11 long: is written twice (first in line 10); keep one",
    ),
    "bomb": (BOMB, "t.yaml:2: aliases expand to more than 20000 values; write the values out"),
    "empty": ("", "t.yaml:1: is empty; start with 'thesis: a-slug'"),
    "only a comment": ("# later\n\n", "t.yaml:1: is empty; start with 'thesis: a-slug'"),
}


@pytest.mark.parametrize("command", ["check", "run", "explain"])
@pytest.mark.parametrize("kind", THESES)
def test_a_thesis_that_is_wrong(kind: str, command: str) -> None:
    text, told = THESES[kind]
    (error,) = refused(command, write(text))
    assert error.startswith(told)


def test_all_faults_of_a_file_come_in_the_order_of_its_lines() -> None:
    text = SOUND.replace("thesis: t", "thesis: Not A Slug") + "long: {AAA: 60%, BBB: 30%}\nenter: {on: past}\n"
    text += f"exti: 5\nexit: {{hold: 0, before: told late}}\ncounter: [{{from: wrie, quote: {LONG_QUOTE}}}]\nexti: 6\n"
    errors = refused("check", write(text))
    assert [place_and_problem(error)[0] for error in errors] == [
        "t.yaml:1 thesis",
        "t.yaml:10 long",
        "t.yaml:11 enter.on",
        "t.yaml:12 exti",
        "t.yaml:13 exit.hold",
        "t.yaml:13 exit.before",
        "t.yaml:14 counter[0].quote",
        "t.yaml:15 exti",
    ]


def test_faults_of_several_files_come_together() -> None:
    """A book's members, what they include, and a folder's other files are all read before anything is said."""
    Path("desk").mkdir()
    write("sources: {wire: {published: 2025-01-27 19:00}}\n", "desk/shared.yaml")
    write("thesis: a\ninclude: shared.yaml\nsource: {from: wire}\nlong: {AAA: 1}\nexti: 5\n", "desk/a.yaml")
    write("thesis: b\nsource: {published: 2025-01-28T00:00Z}\nshort: {AAA: 1, AAA: 2}\n", "desk/b.yaml")
    write("book: all\ntheses: [a, c]\ncosts: retail\n", "desk/book.yaml")
    write("", "desk/empty.yaml")
    assert sorted(place_and_problem(error)[0] for error in refused("check", "desk", "missing.yaml")) == [
        "desk/a.yaml:5 exti",
        "desk/b.yaml:3 short.AAA",
        "desk/book.yaml:2 theses[1]",
        "desk/empty.yaml:1",
        "desk/shared.yaml:1 sources.wire.published",
        "missing.yaml",
    ]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (bytes(range(256)), "t.yaml:2: is not UTF-8 (byte 0x80); save the file as UTF-8"),
        ("thesis: t\ntitle: café\n".encode("latin-1"), "t.yaml:2: is not UTF-8 (byte 0xe9)"),
        ("thesis: t\n".encode("utf-16"), "t.yaml:1: is not UTF-8 (byte 0xff)"),
        (b"thesis: t\x00\n", "t.yaml:1: is not YAML: "),
        (b"thesis: t\nlong:\n\tAAA: 1\n", "t.yaml:3: is not YAML: "),
        (b"thesis: t\nlong: {AAA: 1\n", "t.yaml:2: is not YAML: "),
        (b"thesis: t\n---\nthesis: u\n", "t.yaml:3: a second document starts here"),
        (b"- thesis\n", "t.yaml:1: is not a mapping of words to values"),
        (b"[" * 5000, "t.yaml:1: is nested deeper than 16 levels"),
        (b"note: " + b"x" * 300_000, "t.yaml: is larger than 256 KB"),
        (b"sources: {}\n", "t.yaml:1: holds neither a thesis nor a book"),
    ],
    ids=["binary", "latin-1", "utf-16", "nul", "tab", "open", "two", "list", "deep", "large", "shared"],
)
def test_a_file_that_is_no_thesis(raw: bytes, told: str) -> None:
    Path("t.yaml").write_bytes(raw)
    (error,) = refused("t.yaml")
    assert error.startswith(told)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.yaml", "missing.yaml: cannot be read: No such file or directory; give the path of a YAML file"),
        ("nothing", "nothing: holds no YAML file; give a file, or a folder of theses"),
        ("a" * 300, f"{'a' * 300}: File name too long"),
    ],
    ids=["missing", "empty folder", "long name"],
)
def test_a_path_that_leads_to_no_thesis(name: str, told: str) -> None:
    Path("nothing").mkdir()
    (error,) = refused(name)
    assert error.startswith(told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read() -> None:
    for path in (write_thesis(Path()), Path("bars.csv")):
        path.touch()
        path.chmod(0)
    assert refused("t.yaml")[0].startswith("t.yaml: cannot be read: Permission denied")
    assert refused(write_thesis(Path(), "u"), "--data", "bars.csv")[0].startswith("bars.csv: cannot be read")


def test_an_unknown_symbol_is_told_at_its_line() -> None:
    write("thesis: t\nsource: {published: 2025-01-28T00:00Z}\nlong:\n  AAA: 1\n  BBBB: 1\nbenchmark: CCC\n")
    hedge = "hedge:\n  beta to: EEE\n  via: BBB\n"
    write(f"thesis: u\nsource: {{published: 2025-01-28T00:00Z}}\nshort: {{AAA: 1,\n  DDD: 1}}\n{hedge}", "u.yaml")
    bars().to_parquet("bars.parquet")
    for command in ("run", "check"):
        assert refused(command, "t.yaml", "u.yaml", "--data", "bars.parquet") == [
            "t.yaml:5 long.BBBB: BBBB is not in bars.parquet; did you mean BBB?",
            "t.yaml:6 benchmark: CCC is not in bars.parquet; name a symbol that it has",
            "u.yaml:4 short.DDD: DDD is not in bars.parquet; name a symbol that it has",
            "u.yaml:6 hedge.beta to: EEE is not in bars.parquet; name a symbol that it has",
        ]


def test_an_unknown_symbol_of_a_list_is_told_at_its_line() -> None:
    write("thesis: t\nsource: {published: 2025-01-28T00:00Z}\nlong:\n- AAA\n- DDD\n")
    bars().to_parquet("bars.parquet")
    (error,) = refused("t.yaml", "--data", "bars.parquet")
    assert error.startswith("t.yaml:5 long")


@pytest.mark.parametrize(
    "text",
    [
        "thesis: t\ninclude: loop.yaml\nsource: {from: wire}\nlong: {AAA: 1}\n",
        "book: b\ntheses: [loop]\n",
        'book: b\ntheses: ["a\\0b"]\n',
    ],
    ids=["include", "book", "nul"],
)
def test_a_name_that_leads_nowhere(text: str) -> None:
    Path("loop.yaml").symlink_to("loop.yaml")
    errors = refused("check", write(text))
    assert errors
    assert all(error.startswith("t.yaml:2 ") for error in errors)


# Data


def spoiled(column: str, *values: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what sets a column of the first rows to some values."""

    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{column: [*values, *frame[column].iloc[len(values) :]]})

    return spoil


ROWS = {
    "missing columns": (
        lambda frame: frame.drop(columns=["high", "mic"]),
        ["high: this column is missing", "mic: this column is missing"],
    ),
    "duplicated rows": (
        lambda frame: pd.concat([frame, frame.iloc[[7]]]),
        ["symbol: the same symbol and date again in 1 row: AAA 2024-12-11"],
    ),
    "negative prices": (
        spoiled("low", -1.0, 0.0),
        ["low: a price that is not positive in 2 rows: AAA 2024-12-02 -1, AAA 2024-12-03 0"],
    ),
    "infinite prices": (
        spoiled("high", np.inf, -np.inf),
        ["high: an infinite price in 2 rows: AAA 2024-12-02 inf, AAA 2024-12-03 -inf"],
    ),
    "no close": (spoiled("close", np.nan), ["close: no close in 1 row: AAA 2024-12-02"]),
    "unknown venue": (
        lambda frame: frame.assign(mic=frame["mic"].where(frame["symbol"] == "AAA", "XXXX")),
        ["mic: an unknown venue in 100 rows: BBB 2024-12-02 XXXX, BBB 2024-12-03 XXXX"],
    ),
    "unknown basis": (
        spoiled("price_basis", "as if"),
        ["price_basis: an unknown basis in 1 row: AAA 2024-12-02 as if"],
    ),
    "negative volume": (spoiled("volume", -3.0), ["volume: a volume that is negative or infinite in 1 row: AAA"]),
    "no date": (
        lambda frame: frame.assign(date=["2025-02-30", *frame["date"].astype(str).iloc[1:]]),
        ["date: no date from 1980 to 2099 in 1 row: AAA row 1 '2025-02-30'"],
    ),
    "all at once": (
        lambda frame: pd.concat([frame, frame.iloc[[150]]]).pipe(spoiled("open", -1.0)).pipe(spoiled("close", np.inf)),
        [
            "symbol: the same symbol and date again in 1 row: BBB",
            "open: a price that is not positive in 1 row: AAA",
            "close: an infinite price in 1 row: AAA",
        ],
    ),
}


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("kind", ROWS)
def test_data_that_are_wrong(kind: str, suffix: str) -> None:
    spoil, told = ROWS[kind]
    frame, name = spoil(bars()), f"bars{suffix}"
    frame.to_parquet(name) if suffix == ".parquet" else frame.to_csv(name, index=False)
    errors = refused(write_thesis(Path()), "--data", name)
    assert len(errors) == len(told)
    for error, start in zip(errors, told, strict=True):
        assert error.startswith(f"{name} {start}")
        assert place_and_problem(error)


def test_data_of_other_symbols_are_not_looked_at() -> None:
    pd.concat([bars(), spoiled("close", -1.0)(bars("CCC"))]).to_parquet("bars.parquet")
    assert call(write_thesis(Path()), "--data", "bars.parquet", "-q").status == 0


def test_symbols_without_rows_are_not_in_the_data() -> None:
    bars()[:0].to_parquet("bars.parquet")
    errors = refused(write_thesis(Path()), "--data", "bars.parquet")
    assert [place_and_problem(error)[0] for error in errors] == ["t.yaml:3 long.AAA", "t.yaml:3 long.BBB"]


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("bars.parquet", b"", "bars.parquet: is empty; give a file with bars"),
        ("bars.csv", b"", "bars.csv: is empty; give a file with bars"),
        ("bars.parquet", b"date,symbol\n" * 99, "bars.parquet: cannot be read as Parquet ("),
        ("bars.csv", bytes(range(128, 256)) * 9, "bars.csv: cannot be read as CSV ("),
        ("bars.csv", b'date,symbol,"open\n2025-01-27,AAA', "bars.csv: cannot be read as CSV ("),
        ("bars.xlsx", b"PK", "--data: 'bars.xlsx' is no source of bars; give "),
        ("folder.parquet", None, "--data: 'folder.parquet' is no source of bars; give "),
        ("missing.csv", None, "missing.csv: there is no such file; give "),
        (".", None, "--data: '.' is no source of bars; give "),
        ("", None, "--data: '' is no source of bars; give "),
    ],
    ids=[
        "empty parquet",
        "empty csv",
        "text",
        "binary",
        "open quote",
        "suffix",
        "folder",
        "missing",
        "here",
        "no name",
    ],
)
def test_a_file_that_holds_no_bars(name: str, raw: bytes | None, told: str) -> None:
    Path("folder.parquet").mkdir()
    if raw is not None:
        Path(name).write_bytes(raw)
    (error,) = refused(write_thesis(Path()), "--data", name, status=2 if told.startswith("--data") else 1)
    assert error.startswith(told)
    assert "\n" not in error


def test_a_truncated_file_is_refused() -> None:
    bars().to_parquet("bars.parquet")
    whole = Path("bars.parquet").read_bytes()
    for size in (4, len(whole) // 2, len(whole) - 1):
        Path("bars.parquet").write_bytes(whole[:size])
        assert refused(write_thesis(Path()), "--data", "bars.parquet")[0].startswith("bars.parquet: cannot be read")


def test_a_window_without_a_bar_is_refused() -> None:
    bars().to_parquet("bars.parquet")
    for window in (["--end", "2024-11-29"], ["--start", "2026-01-01"]):
        errors = refused(write_thesis(Path()), "--data", "bars.parquet", *window)
        assert [place_and_problem(error) for error in errors] == [
            (f"bars.parquet {symbol}", "no bars between the start and the end asked for") for symbol in ("AAA", "BBB")
        ]


# Costs


def test_all_faults_of_a_cost_file_come_at_once() -> None:
    bars().to_parquet("bars.parquet")
    write("preset: retial\nhalf-spraed.bps: 2\nborrow.general: much\nlaw: missing.csv\n", "costs.yaml")
    errors = refused(write_thesis(Path()), "--data", "bars.parquet", "--costs", "costs.yaml")
    places = [re.split(": | ", error)[0] for error in errors]
    assert sorted(places) == ["costs.yaml:1", "costs.yaml:2", "costs.yaml:3", "missing.csv"]

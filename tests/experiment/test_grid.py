"""A grid numbers its variants: numbers, positions, labels and changes say the same, and wrong ones are refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deepshock as ds
from deepshock.experiment.draw import draw
from deepshock.experiment.grid import Grid
from deepshock.experiment.places import Place, places
from deepshock.thesis.number import Percent

SOURCE = {"publisher": "forexlive", "published": "2025-01-27 19:00 America/New_York"}


def thesis(name: str = "short-chips", **words: Any) -> ds.Thesis:
    declared = {"sources": {"forexlive": SOURCE, "bloomberg": SOURCE}, "source": {"from": "forexlive"}}
    return ds.Thesis(name=name, **{**declared, "short": {"NVDA": 1, "AMD": 1}, **words})


def faults_of(over: Any, **more: Any) -> list[str]:
    with pytest.raises(ds.UsageError) as caught:
        Grid.of(over, **more)
    return [str(fault) for fault in caught.value.faults]


def wrong_paths(item: ds.Thesis | ds.Book, *paths: str) -> list[str]:
    with pytest.raises(ds.UsageError) as caught:
        Grid.of({path: [1] for path in paths}).check(item)
    return [str(fault) for fault in caught.value.faults]


def test_by_hand_the_last_axis_is_the_fastest() -> None:
    grid = Grid.of(
        {"enter.lag": range(2), ("exit.stop", "exit.target"): [(None, None), (0.05, 0.1)], "exit.hold": [5, 10]}
    )
    assert (len(grid), grid.paths) == (8, ("enter.lag", "exit.stop", "exit.target", "exit.hold"))
    assert grid.codes(0, 8).tolist() == [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    assert grid.codes(0, 8).dtype == np.int64
    assert grid.change(0) == {"enter.lag": 0, "exit.stop": None, "exit.target": None, "exit.hold": 5}
    assert grid.change(7) == {"enter.lag": 1, "exit.stop": 0.05, "exit.target": 0.1, "exit.hold": 10}
    assert list(grid.labels(2, 5)) == [(0, 0.05, 0.1, 5), (0, 0.05, 0.1, 10), (1, "none", "none", 5)]


def test_what_varies_is_taken_by_a_thesis() -> None:
    grid = Grid.of({"exit.hold": np.array([5, 10]), "sources.forexlive.zones": [["UTC"], ["UTC", "Asia/Tokyo"]]})
    grid.check(thesis())
    varied = thesis(sources={"forexlive": {**SOURCE, "published": "2025-01-27 19:00", "zones": ["UTC"]}}).vary(
        grid.change(3)
    )
    assert varied.exit.hold == 10
    assert varied.find_source("forexlive").zones == ("UTC", "Asia/Tokyo")


def test_a_path_within_another_prevails() -> None:
    grid = Grid.of({"costs.half-spread.bps": [2], "costs": ["retail"]})
    assert list(grid.change(0)) == ["costs", "costs.half-spread.bps"]
    assert thesis().vary(grid.change(0)).costs.preset == "retail"
    assert thesis().vary(grid.change(0)).costs.overrides == {"half-spread.bps": 2.0}


SHOWN = [
    ([None, 0.05], ["none", 0.05]),
    ([float("nan"), 1.5], ["nan", 1.5]),
    ([["UTC"], ["UTC", "Asia/Tokyo"]], ["[UTC]", "[UTC, Asia/Tokyo]"]),
    ([{"via": "SPY", "beta to": "SPY"}, None], ["{via: SPY, beta to: SPY}", "none"]),
    ([date(2025, 1, 27), datetime(2025, 1, 27, 19, tzinfo=UTC)], ["2025-01-27", "2025-01-27T19:00Z"]),
    ([True, False], [True, False]),
    ([True, 1, "1x"], ["true", "1", "1x"]),
    ([Percent(0.08), 0.05], ["8%", 0.05]),
    ([2**53 + 1, 0.5], ["9007199254740993", "0.5"]),
    (np.array(["2025-01-27", "2025-01-28"], "M8[D]"), ["2025-01-27", "2025-01-28"]),
    (np.array([90, 120], "m8[s]"), ["90s", "2m"]),
    (pd.Index(["a", "b"]), ["a", "b"]),
]


@pytest.mark.parametrize(("values", "shown"), SHOWN, ids=str)
def test_labels_are_what_a_thesis_would_write(values: Any, shown: list[object]) -> None:
    grid = Grid.of({"exit.stop": values, "gross": [0.5, 1]})
    index = grid.labels(0, len(grid))
    assert index.names == ["exit.stop", "gross"]
    assert list(index.get_level_values(0)) == [one for one in shown for _ in (0, 1)]
    assert [type(one) for one in index.levels[0].tolist()] == [type(one) for one in shown]
    assert [grid.variant_of(dict(zip(index.names, label, strict=True))) for label in index] == list(range(len(grid)))


def test_labels_of_a_part_are_part_of_the_labels() -> None:
    grid = Grid.of({"enter.lag": range(3), ("a", "b"): [(1, None), (1, "x"), (2, "x")]}, sample=7, seed=3)
    pd.testing.assert_index_equal(grid.labels(2, 6), grid.labels(0, 7)[2:6])
    assert len(grid.labels(4, 4)) == 0


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3), st.dates(),
    st.lists(st.text("ab", max_size=2), max_size=2),
)  # fmt: skip


@st.composite
def grids(draw_: st.DrawFn) -> Grid:
    """Draw grids of one to four axes of anything, some tied, some sampled."""
    from deepshock.experiment.axes import written

    over: dict[Any, Any] = {}
    for n in range(draw_(st.integers(1, 4))):
        tied = draw_(st.integers(1, 3))
        row = st.tuples(*[SCALARS] * tied)
        rows = draw_(st.lists(row, min_size=1, max_size=5, unique_by=lambda row: tuple(map(written, row))))
        over[tuple(f"p{n}.{k}" for k in range(tied))] = rows
    size = len(Grid.of(over))
    sample = draw_(st.one_of(st.none(), st.integers(1, size)))
    return Grid.of(over, sample=sample, seed=draw_(st.integers(0, 2**32)))


@settings(max_examples=150, deadline=None)
@given(grids(), st.data())
def test_number_codes_labels_and_change_are_one(grid: Grid, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(grid) - 1))
    stop = data.draw(st.integers(start, len(grid)))
    codes, labels = grid.codes(start, stop), grid.labels(start, stop)
    assert codes.shape == (stop - start, len(grid.axes))
    assert len(labels) == stop - start
    assert (codes == grid.codes(0, len(grid))[start:stop]).all()
    assert len({tuple(row) for row in codes.tolist()}) == stop - start
    for variant, row, label in zip(range(start, stop), codes, labels, strict=True):
        assert grid.variant_of(dict(zip(labels.names, label, strict=True))) == variant
        change = grid.change(variant)
        assert grid.variant_of(change) == variant
        values = [axis.values[at] for axis, at in zip(grid.axes, row, strict=True)]
        held = {
            path: v
            for axis, each in zip(grid.axes, values, strict=True)
            for path, v in zip(axis.paths, each, strict=True)
        }
        assert all(change[path] is value for path, value in held.items())
        assert len(change) == len(held) == len(labels.names)


def test_a_sample_is_distinct_and_ascending_and_the_seed_decides() -> None:
    over = {"a": range(50), "b": range(40)}
    first = Grid.of(over, sample=1500, seed=7)
    assert first.chosen is not None
    assert len(first) == 1500
    assert (np.diff(first.chosen) > 0).all()
    assert 0 <= first.chosen[0] <= first.chosen[-1] < 2000
    assert (Grid.of(over, sample=1500, seed=7).chosen == first.chosen).all()
    assert (Grid.of(over, sample=1500, seed=8).chosen != first.chosen).any()
    assert (Grid.of(over, sample=2000).codes(0, 2000) == Grid.of(over).codes(0, 2000)).all()


@pytest.mark.parametrize("n", [1, 3, 5, 6])
def test_every_number_is_as_likely_to_be_drawn(n: int) -> None:
    """Of 6 numbers, n are drawn 6,000 times: each is in 1,000 n draws, give or take five standard deviations."""
    counts = np.zeros(6)
    for seed in range(6000):
        counts[draw(6, n, seed)] += 1
    assert np.abs(counts - 1000 * n).max() <= 5 * np.sqrt(6000 * n / 6 * (1 - n / 6))


def test_a_product_far_larger_than_memory_is_sampled() -> None:
    grid = Grid.of({f"p{n}": range(1000) for n in range(6)}, sample=1000)
    assert grid.size == 10**18
    assert (grid.variant_of(grid.change(613)), grid.codes(0, 1000).shape) == (613, (1000, 6))
    assert grid.chosen is not None
    assert not grid.chosen.flags.writeable


def test_document_and_hash_tell_grids_apart() -> None:
    over = {"exit.hold": [5, None], ("a", "b"): [(1, [2]), (0.5, {"c": 3})]}
    grid = Grid.of(over)
    assert grid.document() == {
        "axes": [
            {"paths": ["exit.hold"], "values": [["5"], [None]]},
            {"paths": ["a", "b"], "values": [["1", ["2"]], ["0.5", {"c": "3"}]]},
        ],
        "sample": None,
    }
    others = [Grid.of({**over, "exit.hold": [5, "none"]}), Grid.of(dict(reversed(over.items()))),
              Grid.of(over, sample=2), Grid.of(over, sample=2, seed=5), Grid.of(over, sample=3)]  # fmt: skip
    assert len({grid.hash(), *(other.hash() for other in others)}) == 6
    assert Grid.of({key: list(value) for key, value in over.items()}).hash() == grid.hash()
    assert others[2].document()["sample"]["of"] == 4


def test_everything_that_is_wrong_with_values_is_told_at_once() -> None:
    over = {"a": "5,10", "b": [], "c": 5, "d": {1, 2}, "e": [5, "5"], "f": [len], ("g", "h"): [(1, 2), 3], "": [1],
            7: [1], "exit.hold": [1], "exit.hold ": [2], "i": [datetime(2025, 1, 1)], "j": (n for n in [1]),
            "k": np.array(["NaT", "2025-01-27"], "M8[D]")}  # fmt: skip
    told = faults_of(over, sample=0, seed=-1)
    assert told[:6] == [
        "over 'a': '5,10' is no list of values; write ['5,10']",
        "over 'b': has no values; give at least one, or leave the path out",
        "over 'c': 5 is no list of values; write [5]",
        "over 'd': {1, 2} is no list of values; give a list, a range or an array",
        "over 'e': 5 stands twice; give every value once",
        "over 'f': <built-in function len> cannot be written; give text, a number, a date, a list or a mapping.",
    ]
    assert told[6:9] == [
        "over ('g', 'h'): 3 is no tuple of 2 values; give one value for each tied path",
        "over '': is no path and no tuple of paths; write for example exit.hold, or (enter.lag, exit.hold) as a tuple "
        "of two",
        "over 7: is no path and no tuple of paths; write for example exit.hold, or (enter.lag, exit.hold) as a tuple "
        "of two",
    ]
    assert "has no time zone" in told[9]
    assert "generator" in told[10]
    assert told[11].endswith("is no date and no length of time; give None to remove a word")
    assert told[12:] == [
        "over 'exit.hold': stands twice; give all its values at one place",
        "sample: 0 is no number of variants; give a whole number from 1",
        "seed: -1 is no seed; give a whole number from 0",
    ]


def test_other_things_that_are_no_grid() -> None:
    assert faults_of({}) == ["over: {} names nothing to vary; write {'exit.hold': [5, 10]}"]
    assert faults_of({"a": [1, 2, 3]}, sample=4) == [
        "sample: 4 variants cannot be drawn from 3; give at most 3, or leave it out for all"
    ]
    assert faults_of({("a_b", "c"): [(1, 2)], "a b": [3]}) == [
        "over 'a b': stands twice; give all its values at one place"
    ]
    assert "more than can be numbered" in faults_of({f"p{n}": range(100) for n in range(10)}, sample=5)[0]
    assert len(faults_of({"a": [1]}, sample=True)) == len(faults_of({"a": [1]}, sample=2.0)) == 1


def test_every_wrong_path_is_told_with_the_nearest_right_one() -> None:
    told = wrong_paths(
        thesis(), "exit.hld", "enter.lag", "costs.half-spred.bps", "costs.half-spread.us.bps", "source.from",
        "sources.forxlive.zones", "events.npc.at", "costs.preset", "long.AAPL", "exit.hold.days",
    )  # fmt: skip
    assert told == [
        "over: 'exit.hld' is not a path: there is no word 'hld' there; did you mean exit.hold?",
        "over: 'costs.half-spred.bps': no such cost setting; did you mean costs.half-spread.bps?",
        "over: 'sources.forxlive.zones': the thesis declares no source 'forxlive'; did you mean sources.forexlive?",
        "over: 'events.npc.at': the thesis declares no event 'npc'; declared are: none",
        "over: 'exit.hold.days': 'exit.hold' has no words within; did you mean exit.hold?",
    ]


def test_paths_of_a_book_are_of_all_its_theses_or_of_one() -> None:
    longs = thesis("long-meta", long=["META"], short={"TSLA": 1}, sources={"own": SOURCE}, source={"from": "own"})
    book = ds.Book.of("both", [thesis(), longs])
    right = {
        "exit.hold": (Place("short-chips", "exit.hold"), Place("long-meta", "exit.hold")),
        "long-meta.exit.hold": (Place("long-meta", "exit.hold"),),
        "short.NVDA": (Place("short-chips", "short.NVDA"),),
        "borrow.TSLA": (Place("long-meta", "borrow.TSLA"),),
        "sources.own.latency": (Place("long-meta", "sources.own.latency"),),
        "costs.impact.y": (Place("", "costs.impact.y"),),
        "capital": (Place("", "capital"),),
    }
    Grid.of({path: [1] for path in right}).check(book)
    assert {path: places(book, path) for path in right} == right
    assert wrong_paths(
        book, "exit.hld", "long-meta.exit.hld", "long-metta.exit.hold", "short.NVDAA", "costs.impact.z",
        "long-meta.capital", "sources.onw.latency",
    ) == [
        "over: 'exit.hld' is not a path: there is no word 'hld' there; did you mean exit.hold?",
        "over: 'exit.hld' is not a path: there is no word 'hld' there; did you mean long-meta.exit.hold?",
        "over: 'long-metta.exit.hold' is not a path: there is no word 'long metta' there; "
        "did you mean long-meta.exit.hold?",
        "over: 'short.NVDAA': no thesis of the book has 'NVDAA' under 'short'; did you mean short.NVDA?",
        "over: 'costs.impact.z': no such cost setting; did you mean costs.impact.y?",
        "over: 'long-meta.capital': in a book, 'capital' is the account's; write capital",
        "over: 'sources.onw.latency': no thesis of the book has 'onw' under 'sources'; did you mean sources.own?",
    ]  # fmt: skip


def test_a_variant_that_is_not_there() -> None:
    grid = Grid.of({"exit.hold": [5, 10], ("a", "b"): [(1, 2), (3, 4)]}, sample=3, seed=1)
    drawn = [grid.variant_of(grid.change(n)) for n in range(3)]
    assert drawn == [0, 1, 2]
    with pytest.raises(ds.UsageError) as caught:
        grid.variant_of({"exit.hld": 5, "exit.hold": 7, "a": 1})
    assert [str(fault) for fault in caught.value.faults] == [
        "variant exit.hld: is not varied; did you mean exit.hold?",
        "variant exit.hold: 7 is not varied; there is 5; 10",
        "variant b: is not given; give a value for every path",
    ]
    full = Grid.of({"exit.hold": [5, 10], ("a", "b"): [(1, 2), (3, 4)]})
    left = next(n for n in range(4) if n not in (grid.chosen if grid.chosen is not None else ()))
    with pytest.raises(ds.UsageError, match="was not drawn"):
        grid.variant_of(full.change(left))
    with pytest.raises(ds.UsageError, match="not all there; there are 3"):
        grid.codes(0, 4)
    with pytest.raises(ds.UsageError, match="cannot be written"):
        grid.variant_of({"exit.hold": lambda: 0, "a": 1, "b": 2})


def test_nothing_of_it_imports_pandas_by_itself() -> None:
    """The package around it may; its own modules ask for pandas when a label is wanted."""
    code = (
        "import ast, sys; from pathlib import Path; import deepshock; home = Path(deepshock.__file__).parent\n"
        "for name in ('axes', 'draw', 'grid', 'places', 'storage', 'durable', 'manifest', 'part'):\n"
        "    tree = ast.parse((home / 'experiment' / f'{name}.py').read_text())\n"
        "    print([n.names[0].name for n in tree.body if isinstance(n, ast.Import) "
        "if n.names[0].name in ('pandas', 'pyarrow')])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert set(ran.stdout.split("\n")) == {"[]", ""}

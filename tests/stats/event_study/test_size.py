"""The benchmark of sizes runs, writes what it found, and finds what theory says. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import event_study_size as size
import to_docs
from common.machine import ROOT
from deepshock.stats.event_study import Window, event_study


def test_it_runs_and_writes_what_it_found(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ["--small", "--rounds", "1", "--shocks", "t", "--json", str(out)]
    command = [sys.executable, str(ROOT / "benchmarks" / "event_study_size.py"), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    document = json.loads(out.read_text("utf-8"))
    assert document["benchmark"] == "event_study_size"
    found = SimpleNamespace(**document["results"])
    assert (found.events, {line["shocks"] for line in found.lines}) == (40, {"t"})
    tests = {line["names"]: set(line["refused"]) for line in found.lines if line["book"] == "long"}
    assert tests[6] == set(size.TESTS) - {"adjusted BMP t by side"}
    assert tests[1] == {"portfolio t", "Patell Z", "Corrado rank Z"}  # all that one name has
    tables = [line for line in to_docs.section(document).splitlines() if line.startswith("**")]
    books = ("long", "long and short", "long one, short the rest")
    assert tables == [f"**Refused, {book}, t shocks**" for book in books]
    assert all(title.strip("*") in ran.stdout for title in tables)


def test_tests_refuse_as_often_as_theory_says() -> None:
    lines = size.measure((1, 6), (0.6, 0.0), 1, 1000, "normal")
    assert {line["correlation"] for line in lines if line["names"] == 1} == {0.0}
    one = {line["variance"]: line["refused"]["portfolio t"] / 1000 for line in lines if line["names"] == 1}
    assert one[1] == pytest.approx(0.05, abs=0.025)
    assert one[4] == pytest.approx(0.327, abs=0.06)
    rate = {
        (line["book"], line["variance"], test): count / 1000
        for line in lines
        if (line["names"], line["correlation"]) == (6, 0.6)
        for test, count in line["refused"].items()
    }
    right = pytest.approx(0.05, abs=0.025)  # 3.6 standard errors
    for variance in size.VARIANCES:
        assert rate["long", variance, "adjusted BMP t"] == right
        for book in size.BOOKS[1:]:
            assert rate[book, variance, "adjusted BMP t by side"] == right
        assert rate["long", variance, "BMP t"] > 0.3  # blind to what the names share
    assert rate["long", 1, "portfolio t"] == rate["long", 1, "adjusted Patell Z"] == right
    # an event of four times the variance, held against a normal of the usual one: P(|z| > 1.96 / 2) = 0.327
    for book in size.BOOKS:
        assert rate[book, 4, "portfolio t"] == pytest.approx(0.327, abs=0.06)


def test_a_cell_is_the_least_and_the_most() -> None:
    lines = [{"names": 6, "variance": 1, "refused": {"A": count}} for count in (510, 444, 3270)]
    assert size._cell(lines, "A", 6, 1, 10_000) == "4.4-33"
    assert size._cell(lines[:1], "A", 6, 1, 10_000) == "5.1"
    assert size._cell(lines, "B", 6, 1, 10_000) == ""


@pytest.mark.parametrize("n", [1, 2, 6])
def test_its_p_values_are_those_of_a_study(n: int) -> None:
    """What the benchmark puts together from arrays is what a user gets of one call."""
    draw = np.random.default_rng(12)
    sessions = size.SESSIONS + 1
    market = pd.Series(0.01 * draw.normal(size=sessions))
    returns = pd.DataFrame(0.01 * draw.normal(size=(sessions, n)) + market.to_numpy()[:, None], columns=[*"ABCDEF"][:n])
    sides = dict(zip(returns, (1, -1, 1, -1, 1, -1)[:n], strict=True))
    # the benchmark draws no sessions between the two windows: let the first end at -1
    window = Window(end=-1)
    for floor, suffix in ((True, ""), (False, ", no floor")):
        found = event_study(returns, market, sessions - 1, window=window, sides=sides, floor=floor)
        made = found.sample.abnormal
        ranked, sigma = found.sample.ranked[None], made.sigma[None]
        p = size.p_values(made.car[None], made.residual[None], sigma, made.spread[None], ranked, made.sides)
        there = found.table.index[found.table["reason"] == ""].drop("Corrado-Zivney rank Z")
        assert set(there) == {name.removesuffix(", no floor") for name in p}
        for test in there:
            ours = p[test + suffix if "adjusted" in test and "side" not in test else test]
            assert found.table.loc[test, "p_value"] == pytest.approx(float(ours[0])), test

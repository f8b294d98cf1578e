"""The benchmark of winners draws worlds in which nothing is, and counts what the statistics say of them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import deepshock as ds
import sweep_winners as bench
from common import theses
from common.machine import ROOT
from deepshock.experiment import paths

DESIGN = bench.SMALL[0]


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("fat", [False, True])
def test_worlds_have_no_drift_but_the_one_that_is_given(fat: bool) -> None:
    long = replace(DESIGN, lags=(40_000,), fat=fat)
    closes = bench.world(long, 4.0, draw()).close
    returns = closes[1:] / closes[:-1] - 1.0
    error = bench.SIGMA / math.sqrt(len(returns))
    assert np.abs(returns[:, 1:].mean(axis=0)).max() < 4.0 * error
    assert returns[:, 0].mean() == pytest.approx(bench.SIGMA * 4.0 / math.sqrt(252), abs=4.0 * error)
    assert returns.std(axis=0) == pytest.approx(bench.SIGMA, rel=0.05)
    assert np.corrcoef(returns.T)[np.triu_indices(3, 1)] == pytest.approx(bench.CORRELATION, abs=0.03)


def test_a_variant_makes_what_its_closes_make_and_a_stop_fills_at_a_close_that_nobody_knew() -> None:
    bars = bench.world(replace(DESIGN, stops=(None, 0.01)), 0.0, draw(1))
    thesis = theses.thesis("winner", bars, bench.EVENT, {"long": {bars.symbols[0]: 1}})
    made = ds.sweep(thesis, bars.market(), DESIGN.over(bars.symbols) | {"exit.stop": (None, 0.01)})
    found = paths(made)
    moves = bars.close[1:] / bars.close[:-1] - 1.0
    stopped = 0
    for column, label in enumerate(made.frame.index):
        symbol, lag, hold, stop = bars.symbols.index(str(label[0])[1:6]), *label[1:]
        record, start = found.record(column), bench.EVENT + lag
        assert record[0] == 0.0  # bought at a close
        level = bars.close[start, symbol] * 0.99
        under = np.flatnonzero(bars.close[start + 1 : start + hold + 1, symbol] <= level)
        out = hold if stop == "none" or not len(under) else min(under[0] + 2, hold)
        stopped += out < hold
        np.testing.assert_allclose(record[1:], moves[start : start + out, symbol], rtol=0.0, atol=1e-9)
    assert stopped > 0


def test_it_runs_and_counts(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ["--small", "--rounds", "2", "--json", str(out)]
    command = [sys.executable, str(ROOT / "benchmarks" / "sweep_winners.py"), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    document = json.loads(out.read_text("utf-8"))
    assert document["benchmark"] == "sweep_winners"
    results = document["results"]
    assert {line["by"] for line in results["lines"]} == set(bench.GOOD_IF)
    assert {line["edge"] for line in results["lines"]} == {0.0, *bench.EDGES}
    for line in results["lines"]:
        assert (line["variants"], line["rows"]) == (24.0, 36.0)
        assert 0.0 <= line["dsr"] <= line["psr"] <= 1.0
    for sheet in bench.sheets(results):
        assert sheet.title in ran.stdout
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)

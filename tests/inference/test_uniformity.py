"""The benchmark of placebos where nothing is: its worlds are what it says, and so are its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import placebo_uniformity as bench
from deepshock.inference.placebo.in_time import placebo_in_time

HOLD = bench.HOLD


@pytest.mark.parametrize("design", ["normal", "clustered"])
def test_the_deviation_of_a_trade_is_that_of_its_placebos(design: str) -> None:
    ratios = []
    for number in range(6):
        world = bench.World(bench.DESIGNS[design], number)
        found = placebo_in_time(*world.run())
        assert found.reason == ""
        ratios.append(float(np.std(found.values)) / world.deviation)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.15)


def test_clustered_shocks_have_unit_variance_fat_tails_and_clusters() -> None:
    shocks = np.concatenate([bench._clustered(np.random.default_rng(seed), (660, 60)) for seed in range(6)], axis=1)
    assert shocks.var() == pytest.approx(1.0, abs=0.1)
    assert np.mean(np.abs(shocks) > 4.0) > 20 * 6.3e-5  # that of normal ones
    squares = np.minimum(shocks**2, 9.0)
    today, tomorrow = squares[:-1].ravel(), squares[1:].ravel()
    assert np.corrcoef(today, tomorrow)[0, 1] > 0.05


def test_an_edge_moves_the_trade_by_so_many_deviations_and_nothing_before_it() -> None:
    world = bench.World(bench.DESIGNS["normal"], 3)
    base = placebo_in_time(*world.run())
    for edge in bench.EDGES:
        made = placebo_in_time(*world.run(edge))
        moved = made.statistic - base.statistic
        assert moved == pytest.approx(edge * world.deviation, rel=0.2)  # returns are simple, the drift is in logs
        assert made.labels == base.labels
        np.testing.assert_allclose(made.values, base.values, rtol=0.0, atol=1e-12)


def test_a_world_is_its_seed() -> None:
    (one, again), other = (bench.world("many", 4) for _ in range(2)), bench.world("many", 5)
    assert one == again
    assert one != other
    assert set(one["found"][0]) == {bench.SPACE, bench.SCALED}


def of(p: list[float], k: int) -> dict[str, Any]:
    """Return the figures of worlds with some p-values of so many placebos."""
    ties = np.random.default_rng(1).random(len(p))
    kind = bench.SCALED
    made = [{"found": [{kind: (one, k)}], "ties": [tie]} for one, tie in zip(p, ties, strict=True)]
    return bench.line(kind, 0, made)


def test_figures_of_p_values_that_are_uniform_and_of_some_that_are_not() -> None:
    steps = [(1 + n % 20) / 20 for n in range(2_000)]
    fine = of(steps, 19)
    assert fine["ks_p"] > 0.5
    assert fine["shares"] == pytest.approx([0.05, 0.0])
    assert fine["allowed"] == pytest.approx([0.05, 0.0])
    low = of([1 / 20] * 300 + steps, 19)
    assert low["ks_p"] < 1e-6
    assert low["shares"][0] == pytest.approx(400 / 2_300)
    few = of([1 / 26] * 10, 25)
    assert few["allowed"] == pytest.approx([1 / 26, 0.0])
    assert few["distance"] > 0.9

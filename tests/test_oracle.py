"""On random worlds the engine agrees, to 1e-12 of the capital, with a reference written from the rules alone."""

from __future__ import annotations

import pytest
from reference import reference_run
from reference.compare import assert_agrees
from reference.worlds import make_world

import deepshock

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_engine_agrees_with_the_reference(seed: int) -> None:
    world = make_world(seed)
    market = deepshock.Market.load(world.frame, fx=world.fx_frame)
    item = world.book if world.is_book else world.thesis
    result = deepshock.run(item, market)
    reference = reference_run(item, world.frame, world.fx_frame)
    assert_agrees(result, reference, reference.capital)

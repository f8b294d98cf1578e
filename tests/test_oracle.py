"""On random worlds the engine agrees, to 1e-12 of the capital, with a reference written from the rules alone."""

from __future__ import annotations

import pytest
from reference.compare import assert_agrees
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_engine_agrees_with_the_reference(seed: int) -> None:
    world = make_world(seed)
    result = deepshock.run(account_of(world.words, world.shares), market_of(world))
    reference = world.reference()
    assert_agrees(result, reference, reference.capital)
    assert all(fill.decided_at < fill.fill_at for fill in result.ledger.fills)

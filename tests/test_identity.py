"""Every change of NAV is some line's, whatever legs, venue, lender and broker do; in a thousand books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.plan import costs_of
from deepshock.stats import unexplained

BATCH = 50


def permuted(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thesis with its legs in the opposite order."""
    sides = {side: words[side] for side in ("long", "short", "versus") if side in words}
    return {**words, **{side: _backwards(legs) for side, legs in sides.items()}}


def _backwards(legs: Any) -> Any:
    return dict(reversed(legs.items())) if isinstance(legs, dict) else list(legs)[::-1]


def amounts(result: ds.Result) -> pd.Series:
    return result.lines().groupby(["at", "thesis", "symbol", "item"])["amount"].sum()


@pytest.mark.parametrize("batch", range(1000 // BATCH))
def test_every_change_of_nav_is_explained_in_any_order_of_the_legs(batch: int) -> None:
    refused = 0
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        world = make_world(seed)
        market = market_of(world)
        try:
            result = ds.run(account_of(world.words, world.shares), market)
        except ds.PlanError:  # a side whose beta is not positive can't be made neutral
            refused += 1
            continue
        table = ds.attribution(result)
        if not result.ledger.fills:
            assert table.empty, seed
            continue
        assert np.abs(unexplained(result)).max() < 1e-9, seed
        change = np.diff([result.ledger.capital, *result.ledger.nav])
        attributed = table.groupby("at")["total"].sum().to_numpy()
        assert np.abs(attributed - change).max() < 1e-9 * result.ledger.capital, seed
        other = ds.run(account_of([permuted(one) for one in world.words[::-1]], world.shares[::-1]), market)
        differences = amounts(result).sub(amounts(other), fill_value=0.0).abs()
        assert (differences <= 1e-12 * result.ledger.capital).all(), seed
    assert refused <= 1


def test_a_cost_that_is_set_to_zero_changes_net_by_its_column() -> None:
    """Without interest, margin and stops on NAV no cost moves a fill, so each is worth exactly what its column says."""
    tried = 0
    for seed in range(120):
        world = make_world(seed)
        words = {**world.words[0], "margin": "none", "exit": {**world.words[0].get("exit", {}), "drawdown": None}}
        words["exit"] = {word: value for word, value in words["exit"].items() if value is not None} or {"hold": 5}
        thesis = ds.Thesis.model_validate(words)
        market, costs = market_of(world), costs_of(thesis).without("interest")
        whole = ds.run(thesis, market, costs=costs)
        for item, paid in whole.ledger.costs_by_name.items():
            less = ds.run(thesis, market, costs=costs.without(item))
            gained = less.ledger.net_pnl - whole.ledger.net_pnl
            assert gained == pytest.approx(paid, abs=1e-9 * whole.ledger.capital), (seed, item)
            tried += 1
    assert tried > 300

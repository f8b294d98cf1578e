"""Random worlds: the reference keeps its own books, and every rule has its turn."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from reference import Reference
from reference.worlds import World, make_world

SEEDS = range(200)
AT_LEAST = len(SEEDS) // 20

# What the rules did, by the reference's own count, and the reasons of fills.
EVENTS = {
    "partial entry", "partial exit", "rest unfilled", "no room for a lot", "hedge follows", "partial hedge",
    "bought in that session", "not to be borrowed", "not designated", "recall",
    "restricted, passive", "restricted, wait", "restricted, ignore", "held up, passive", "held up, wait",
    "filled at the offer", "cut for margin", "margin call", "cancelled by a call", "called among several",
    "merger", "delisting",
    "stop", "target", "trailing", "drawdown", "hold", "before", "on", "date", "hedge", "hedge exit",
}  # fmt: skip
CONTENTS = {"a book", "margin reg-t", "margin none", "own margin", "a dated fee"}


@cache
def outcomes() -> tuple[tuple[World, Reference], ...]:
    """Run every world once."""
    worlds = [make_world(seed) for seed in SEEDS]
    return tuple((world, world.reference()) for world in worlds)


def seen(world: World, outcome: Reference) -> set[str]:
    """Return what happened in a world."""
    margin = world.words[0]["margin"]
    found = {"own margin" if isinstance(margin, dict) else f"margin {margin}"}
    found |= set(outcome.events) | {one["reason"] for one in outcome.fills}
    if world.is_book:
        found.add("a book")
    shorted = {one["symbol"] for one in outcome.fills if one["reason"] == "entry" and one["side"] == "sell"}
    if world.borrow is not None and shorted & set(world.borrow["symbol"]) and outcome.costs.get("borrow"):
        found.add("a dated fee")
    return found


def test_every_rule_has_its_turn_in_at_least_one_world_of_twenty() -> None:
    counted = Counter(event for world, outcome in outcomes() for event in seen(world, outcome))
    assert {event: counted[event] for event in EVENTS | CONTENTS if counted[event] < AT_LEAST} == {}


def test_lines_add_up_to_the_change_of_the_account() -> None:
    for _, outcome in outcomes():
        booked: Counter[object] = Counter()
        for line in outcome.lines:
            booked[line[0]] += line[-1]
        for (_, before), (at, after) in zip(outcome.nav, outcome.nav[1:], strict=False):
            assert after - before == pytest.approx(booked[at], abs=1e-9 * outcome.capital)
        change = outcome.nav[-1][1] - outcome.capital if outcome.nav else 0.0
        assert outcome.net == pytest.approx(change, abs=1e-6)
        assert len(outcome.cash) == len(outcome.margin) == max(len(outcome.nav) - 1, 0)


def test_nothing_is_decided_after_it_fills_and_no_order_takes_more_than_its_notional() -> None:
    for world, outcome in outcomes():
        assert all(one["decided_at"] <= one["fill_at"] for one in outcome.fills), world.seed
        assert all(0 < part <= 1 for _, _, part in outcome.unfilled), world.seed

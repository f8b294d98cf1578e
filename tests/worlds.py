"""The library's own objects for the random worlds of the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reference.worlds import World

import deepshock as ds


def market_of(world: World) -> ds.Market:
    """Return the market of a world, with its tables."""
    tables = world.tables
    lending = ds.Lending.load(borrow=tables.borrow, recalls=tables.recalls, designated=tables.designated)
    return ds.Market.load(world.frame, fx=world.fx_frame, lending=lending, actions=tables.actions)


def account_of(words: Sequence[Mapping[str, Any]], shares: Sequence[float]) -> ds.Thesis | ds.Book:
    """Return a thesis, or a book of several with capital, costs and margin of the first by name."""
    theses = [ds.Thesis.model_validate(one) for one in words]
    if len(theses) == 1:
        return theses[0]
    first = min(words, key=lambda one: str(one["thesis"]))
    account = {word: first[word] for word in ("capital", "costs", "margin") if word in first}
    return ds.Book.of("book", zip(theses, shares, strict=True), **account)

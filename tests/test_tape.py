"""A tape is the same however its tables are made: venue by venue or instrument by instrument, for one run or many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import deepshock as ds
from deepshock.arrays import Tape
from deepshock.cost import cost_set
from deepshock.engine.assemble import LOOK_BACK_NS, traded_by
from deepshock.engine.ground import Ground, survey
from deepshock.engine.tables import add_tables
from deepshock.engine.tape import lay_out
from deepshock.plan import build, nanoseconds

SYMBOLS = ["NVDA", "BTC-USD", "0700.HK", "META", "ENR.DE", "9988.HK"]
SHORTCUTS = {"pays", "rough", "easy"}


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return ds.Market.load("sample", symbols=SYMBOLS)


@pytest.fixture(scope="module")
def ground(market: ds.Market) -> Ground:
    words: Any = {"source": {"publisher": "me", "published": "2025-01-28T00:00Z"}, "costs": "none"}
    plan = build(ds.Thesis(name="t", long=SYMBOLS[1:], short=SYMBOLS[:1], **words), market)
    start = nanoseconds(plan.orders[0].decided_at) - LOOK_BACK_NS
    return survey(market, traded_by(plan), start, plan.currency, plan.costs, plan.margin)


def bare(tape: Tape) -> Tape:
    """Return a tape without its tables."""
    made = tape._replace(bar=tape.bar.copy(), **{name: Tape._field_defaults[name] for name in Tape._field_defaults})
    for name in ("open_value", "close_value", "pays", "rough", "easy"):
        made.bar[name] = 0
    return made


def test_what_a_venue_shares_is_what_each_of_its_instruments_has(market: ds.Market, ground: Ground) -> None:
    tape = lay_out(market, ground, cost_set("none")).tape
    assert [axis.instrument.calendar for axis in ground.axes] == [ground.venues[v].calendar for v in ground.place]
    alone = add_tables(bare(tape))
    assert len(ground.venues) == 4
    for name, shared in tape._asdict().items():
        one = getattr(alone, name)
        for field in getattr(one, "dtype", np.dtype(float)).names or [...]:
            mine, its = np.asarray(one)[field], np.asarray(shared)[field]
            assert np.array_equal(mine, its, equal_nan=mine.dtype.kind == "f"), (name, field)


def test_without_shortcuts_all_else_is_the_same(market: ds.Market, ground: Ground) -> None:
    whole, lean = (lay_out(market, ground, cost_set("none"), shortcuts=on).tape for on in (True, False))
    for name in set(Tape._fields) - {"bar", "brief", "closed", "low", "high"}:
        assert np.asarray(getattr(whole, name)).tobytes() == np.asarray(getattr(lean, name)).tobytes(), name
    for field in set(whole.bar.dtype.names or ()) - SHORTCUTS:
        assert whole.bar[field].tobytes() == lean.bar[field].tobytes(), field
    assert (lean.brief.shape, lean.closed.shape) == (whole.brief.shape, whole.closed.shape)

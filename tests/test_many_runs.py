"""Many runs on one tape: a leg that leaps, a leg that steps and a run with its book are the same, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from reference.worlds import make_world
from worlds import market_of

import deepshock as ds
from deepshock.arrays import (
    BAR,
    FAR,
    FIGURES,
    INSTRUMENT,
    ORDER,
    RULE,
    TERM,
    THESIS,
    TICK,
    VALUE,
    Floats,
    Money,
    Orders,
    Records,
    Tape,
    Terms,
    Variants,
    empty_book,
    empty_states,
)
from deepshock.engine import kernel, many, run_variants
from deepshock.engine.accruals import accruals
from deepshock.engine.memory import bind
from deepshock.engine.tables import add_tables
from deepshock.experiment.grid import Grid
from deepshock.experiment.variants import Planner
from deepshock.experiment.vary import varied
from deepshock.plan import Settings

SESSIONS, EVENTS = 400, np.arange(20, 380, 40)
PLACES = {"first_row", "first_value", "last_value", "worst"}  # on a tape of its own a run counts from elsewhere


def made_up_tape(rng: np.random.Generator, trouble: float) -> Tape:
    """Two instruments of one venue; some sessions are halted, locked, without a range, restricted or pay a dividend."""
    n, t = 2, SESSIONS
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (n, t)), axis=1))
    first = close * np.exp(rng.normal(0.0, 0.01, (n, t)))
    bar = np.zeros((n, t), BAR)
    bar["open"], bar["close"] = first, close
    bar["high"] = np.maximum(first, close) * np.exp(np.abs(rng.normal(0.0, 0.01, (n, t))))
    bar["low"] = np.minimum(first, close) * np.exp(-np.abs(rng.normal(0.0, 0.01, (n, t))))
    bar["open_row"], bar["close_row"] = 2 * np.arange(t), 2 * np.arange(t) + 1
    bar["upper"], bar["lower"], bar["final"], bar["later_splits"] = np.inf, -np.inf, np.nan, 1.0
    bar["offer_open"] = bar["offer_close"] = -np.inf
    bar["sigma"] = bar["volume"] = np.nan
    bar["settle_open"] = bar["settle_close"] = 18_001 + np.arange(t)

    def some() -> Records:
        return rng.random((n, t)) < trouble

    for field, value in (("halted", True), ("dividend", 0.5), ("high", np.nan), ("recalled", True)):
        bar[field][some()] = value
    for field, price in (("upper", bar["close"]), ("lower", bar["low"] * 1.001), ("offer_close", bar["close"] + 0.5)):
        there = some()
        bar[field][there] = price[there]
    instrument, tick, value = np.zeros(n, INSTRUMENT), np.zeros((1, 1), TICK), np.zeros(t, VALUE)
    instrument["n_sessions"], instrument["final_session"] = t, FAR
    tick["edge"], tick["step"] = np.inf, 0.01
    value["row"], value["day"] = 2 * np.arange(t) + 1, 18_000 + np.arange(t)
    nights = t + 10
    return add_tables(
        Tape(
            bar=bar,
            instrument=instrument,
            tick=tick,
            row_day=np.repeat(value["day"], 2),
            row_twin=np.zeros(2 * t, bool),
            fx=np.ones((1, 2 * t)),
            value=value,
            mark=bar["close"].copy(),
            borrow_value=np.zeros((n, nights)),
            borrow_rate=np.full((n, nights), np.nan),
            dollar=np.ones(t),
            policy=np.zeros((1, nights)),
            day_count=np.array([360.0]),
            day0=17_999,
        )
    )


def made_up_variants(rng: np.random.Generator, n: int, kind: int) -> Variants:
    """Ten events, two legs each, that may overlap; rules of every kind."""
    leg = np.zeros(2 * len(EVENTS), ORDER)
    leg["instrument"] = np.tile([0, 1], len(EVENTS))
    leg["unit"] = np.tile([0.5, -0.3], len(EVENTS))
    leg["decided_value"], leg["due_session"] = np.repeat(EVENTS - 1, 2), np.repeat(EVENTS, 2)
    leg["batch"], leg["rank"] = np.repeat(np.arange(len(EVENTS)), 2), np.arange(len(leg))
    leg["due_kind"], leg["exit_session"], leg["parent"], leg["child"] = kind, -1, -1, -1
    leg["lot"] = rng.choice([0.0, 1.0, 100.0], len(leg))
    dated = rng.random(len(leg)) < 0.2
    leg["exit_session"][dated], leg["exit_kind"] = leg["due_session"][dated] + 7, rng.integers(0, 2, len(leg))
    rule = np.zeros(n, RULE)
    rule["lag"], rule["hold"], rule["within"] = rng.integers(0, 45, n), rng.integers(-1, 50, n), rng.integers(1, 6, n)
    for level, most in (("stop", 0.15), ("target", 0.2), ("trailing", 0.15)):
        rule[level] = np.where(rng.random(n) < 0.5, np.nan, 0.003 + most * rng.random(n))
    rule["drawdown"], rule["gross"] = np.nan, rng.random(n) + 0.1
    thesis = np.zeros(1, THESIS)
    thesis["share"] = 1.0
    return Variants(leg, np.array([0, len(leg)]), thesis, rule, np.zeros(n, np.int64), np.arange(n)[:, None].copy())


def shares_of_value() -> Terms:
    row = np.zeros(4, TERM)
    row["item"], row["last"], row["most"], row["of_value"] = [0, 1, 0, 1], 10**6, np.inf, [5e-4, 2e-4, 7e-4, 1e-4]
    row["buy"], row["sell"] = [True, True, True, False], [True, False, True, True]
    return Terms(np.array([0, 2, 4]), row)


MONEY = Money(
    100_000.0, np.zeros(1), False, 0.0, -np.inf, 0.0, np.nan, np.inf, False, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
)


def alone(tape: Tape, terms: Terms, variants: Variants, v: int) -> tuple[Records, Floats]:
    """Run one variant with its book, which never leaps."""
    orders = Orders(variants.leg, variants.thesis, variants.rule, np.ascontiguousarray(variants.pick[v]))
    j, k, n = len(variants.leg), len(tape.value), tape.policy.shape[1]
    states, book = empty_states(1, j, 1, k, n, 4), empty_book(j, k, 4, 1, 6 * j)
    figures = np.zeros(1, FIGURES)
    accrued = accruals(tape, MONEY, variants.leg)
    kernel.simulate(bind(tape, terms, MONEY, accrued, orders, states, book), True, True, figures)
    return figures[0], states.paid[0]


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("trouble", [0.0, 0.01, 0.1])
def test_leaps_lean_and_full_and_steps_agree_to_the_bit(
    trouble: float, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(int(1000 * trouble) + kind)
    tape, variants, terms = made_up_tape(rng, trouble), made_up_variants(rng, 300, kind), shares_of_value()
    assert not many.needs_full(tape, terms, MONEY, variants)
    lean, paid = run_variants(tape, terms, MONEY, variants, 4, parallel=False)
    threads, _ = run_variants(tape, terms, MONEY, variants, 4)
    assert lean.tobytes() == threads.tobytes()
    monkeypatch.setattr(many, "needs_full", lambda *_: True)
    full, paid_full = run_variants(tape, terms, MONEY, variants, 4)
    assert lean.tobytes() == full.tobytes()
    assert paid.tobytes() == paid_full.tobytes()
    for v in range(0, 300, 10):
        figures, cost = alone(tape, terms, variants, v)
        assert figures.tobytes() == lean[v].tobytes()
        assert cost.tobytes() == paid[v].tobytes()
    assert (lean["n_fills"] > 10).mean() > 0.5


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("levels", [False, True])
@pytest.mark.parametrize("trouble", [0.0, 0.01])
def test_what_is_traded_in_one_go_agrees_to_the_bit(trouble: float, levels: bool, kind: int) -> None:
    """Neighbours share lag and hold, so that what a basket keeps from one variant to the next is used and renewed."""
    rng = np.random.default_rng(int(1000 * trouble) + 2 * kind + levels)
    tape, variants, terms = made_up_tape(rng, trouble), made_up_variants(rng, 240, kind), shares_of_value()
    terms.row["first"][1], terms.row["last"][2] = 100, 200  # of which one begins and one ends on the way
    leg, start, rule = variants.leg, variants.start, variants.rule
    leg["lot"], leg["exit_session"] = 0.0, -1
    if levels:  # legs with levels leave one by one, so that only one at a time is traded in one go with its rows
        leg, start = leg[::2].copy(), start // 2
    n = np.arange(240)
    rule["lag"], rule["hold"], rule["within"] = n // 60, 3 + n // 12 % 5, 2
    for level, most in (("stop", 0.15), ("target", 0.2), ("trailing", 0.15)):
        rule[level] = np.where(rng.random(240) < 0.4, np.nan, 0.003 + most * rng.random(240)) if levels else np.nan
    variants = variants._replace(leg=leg, start=start)
    assert not many.needs_full(tape, terms, MONEY, variants)
    lean, paid = run_variants(tape, terms, MONEY, variants, 4, parallel=False)
    for v in range(0, 240, 5):
        figures, cost = alone(tape, terms, variants, v)
        assert figures.tobytes() == lean[v].tobytes()
        assert cost.tobytes() == paid[v].tobytes()
    if not levels:
        assert traded_in_baskets(tape, terms, variants) > (0.9 if trouble == 0.0 else 0.3) * len(EVENTS)


def traded_in_baskets(tape: Tape, terms: Terms, variants: Variants) -> int:
    """Return how many instants of the last variant a basket can trade."""
    orders = Orders(variants.leg, variants.thesis, variants.rule, variants.pick[0])
    states = empty_states(1, len(variants.leg), 1, len(tape.value), tape.policy.shape[1], 4)
    runs = bind(tape, terms, MONEY, accruals(tape, MONEY, variants.leg), orders, states)
    sizes = np.array([variants.leg.itemsize, variants.pick.strides[0]])
    figures, paid = np.zeros(len(variants.template), FIGURES), np.zeros((len(variants.template), 4))
    kernel.many_one_by_one(runs, None, variants.start, variants.template, sizes, figures, paid)
    basket = states.basket[0]
    return int((basket["enters"] & basket["leaves"]).sum())


@pytest.mark.parametrize("seed", range(12))
def test_variants_of_worlds_with_everything_on_are_runs_with_their_book(seed: int) -> None:
    world = make_world(seed)
    market, item = market_of(world), world.book if world.is_book else world.thesis
    over = {
        "enter.lag": [0, 1, 3], "exit.hold": [1, 4, 9], "exit.stop": [None, 0.02, 0.06], "exit.target": [None, 0.05],
        "exit.trailing": [None, 0.03],
    }  # fmt: skip
    grid = Grid.of(over, sample=10, seed=seed)
    for batch in Planner(item, market, Settings(), grid).batches(0, len(grid)):
        assert batch.assembly is not None
        assert batch.variants is not None
        assembly = batch.assembly
        arrays = assembly.tape, assembly.terms, assembly.money, batch.variants
        figures, _ = run_variants(*arrays, len(assembly.items))
        for number, found in zip(batch.numbers, figures, strict=True):
            ledger = ds.run(varied(item, grid.change(int(number))), market).ledger
            if not ledger.fills:
                assert found["n_fills"] == 0
                continue
            for name in set(FIGURES.names or ()) - PLACES:
                assert np.array_equal(found[name], ledger.figures[name], equal_nan=True), (number, name)


def test_no_two_entries_are_kept_under_one_name() -> None:
    entries = [kernel.simulate, kernel.many, kernel.many_one_by_one]
    names = {(entry.py_func.__qualname__, entry.py_func.__code__.co_firstlineno) for entry in entries}
    assert len(names) == len(entries)  # numba would load what another one compiled

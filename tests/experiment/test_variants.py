"""Planning many variants at once is planning each by itself: orders, rules, tapes, costs, and what is refused."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.errors import UsageError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning import designs, structure
from deepshock.experiment.variants import Batch, Planner
from deepshock.plan import Settings
from deepshock.thesis import Source, load, packaged_strategies
from experiment.alone import check

SAMPLE = ds.Market.load("sample")
KNOWN = "2025-01-28T00:00Z"


def thesis(name: str = "gold", **words: Any) -> ds.Thesis:
    given = {"source": {"publisher": "me", "published": KNOWN}, "exit": {"hold": 5}, **words}
    return ds.Thesis(name=name, **(given if {"long", "short"} & set(given) else {**given, "long": {"GLD": 1}}))


def reasons(batches: list[Batch]) -> Counter[str]:
    return Counter({batch.reason: len(batch.numbers) for batch in batches})


def test_rules_of_every_kind() -> None:
    """None removes a word; without any exit the default hold comes back."""
    over = {
        ("enter.lag", "enter.within"): [(0, 5), ("3", "2 sessions")],
        "exit.hold": [None, "3 sessions", 10],
        "exit.stop": [None, "8%", 0.05],
        "exit.target": [None, 0.1],
        "exit.drawdown": [None, "20%"],
        "gross": ["50%", 2],
    }
    (batch,) = check(thesis(), SAMPLE, over)
    assert batch.variants is not None
    assert len(batch.variants.start) == 2  # one template for all
    rules = batch.variants.rule[batch.variants.pick[:, 0]]
    assert set(rules["hold"].tolist()) == {-1, 3, 10, 20}
    check(thesis(exit={"date": "2025-02-20"}), SAMPLE, {"exit.hold": [None, 3], "exit.stop": [None, 0.1]})
    check(
        thesis(exit={"stop": "8%"}), SAMPLE, {"exit": [None, {"target": "5%"}, {"hold": 9}], "exit.stop": [None, 0.1]}
    )
    check(thesis(), SAMPLE, {"enter": ["next close", {"lag": 2}], "enter.lag": [1, 4]})


def test_values_that_no_thesis_takes_are_told_as_to_one() -> None:
    over = {"exit.hold": [None, 3, -1], "exit.stop": ["8%", 1.5], "gross": [0.5, "x", 20], "enter.lag": [0, "none"]}
    batches = check(thesis(), SAMPLE, over)
    assert sum(len(batch.numbers) for batch in batches if not batch.reason) == 2
    sides = {
        "long": [{"NVDA": 1}, {"AMD": 1, "NVDA": 2}, {"NOPE": 1}, {"AMD": "40%", "NVDA": "20%"}],
        "short": [None, {"MSFT": 1}],
        "exit.target": [0.1, 1.5, "12%"],
    }
    assert any("a short cannot gain" in reason for reason in reasons(check(thesis(), SAMPLE, sides)))
    bold = thesis(exit={"target": 1.5})
    check(bold, SAMPLE, {"short": [None, {"MSFT": 1}], "exit.target": [0.1, 2.0]})
    check(bold, SAMPLE, {"short": [None, {"MSFT": 1}], "gross": [0.1, 0.2]})


def test_books() -> None:
    book = ds.Book.of("both", [thesis("one"), (thesis("two", long={"SPY": 1}, enter={"lag": 2}), 2.0)])
    check(book, SAMPLE, {"exit.hold": [2, None], "two.exit.hold": [7, 9], "one.gross": [0.5, 1]})
    check(book, SAMPLE, {"one.exit": [{"stop": "5%"}, None], "exit.stop": [None, 0.2], "capital": ["5_000 EUR", "z"]})
    check(book, SAMPLE, {"two.thesis": ["one", "three"], "exit.hold": [0, 4]})
    late = {"one.source.published": ["2025-01-29T00:00Z", "2025-06-25T00:00Z", "x"], "source.latency": ["0", "3d"]}
    assert "none of its theses can run" in reasons(check(book, SAMPLE, {**late, "enter.lag": [0, 200]}))


def test_instants_in_and_outside_the_data() -> None:
    instants = ["2020-01-01", "2023-05-25T00:00Z", "2023-06-01T00:00Z", "2024-05-05T12:00Z", "2025-06-20T00:00Z"]
    over = {"source.published": [*instants, "2025-07-20", "junk", "2025-03-03 12:00"], "enter.lag": [0, 1, 5, 200]}
    batches = check(thesis(long={"GLD": 1, "0700.HK": 2, "BTC-USD": 1}), SAMPLE, over)
    assert any("the data end on" in reason for reason in reasons(batches))
    assert any("before the data begin" in reason for reason in reasons(batches))
    check(thesis(), SAMPLE, over, chunk=5)
    zones = {"publisher": "me", "published": "2025-01-27 19:00", "zones": ["UTC", "America/New_York"]}
    told = {"events": {"e": {"at": "2025-02-05T12:00Z", "known": "2025-01-01"}}, "exit": {"before": "e"}}
    dated = thesis(sources={"s": zones}, source={"from": "s"}, **told)
    late = ["2025-01-28 09:00", "2025-02-05 06:00", "2025-02-05 11:00", "2025-02-09 00:00"]
    check(dated, SAMPLE, {"sources.s.published": late, "sources.s.zones": [["UTC"], ["UTC", "Asia/Tokyo"]]})
    check(dated, SAMPLE, {"sources.s.published": late, "exit.date": [None, "2025-02-03"]}, Settings(source="s"))
    check(dated, SAMPLE, {"exit.hold": [1, 2]}, Settings(source="t"))


def test_hedges_follow_the_legs_that_are_sent() -> None:
    hedged = thesis(long={"NVDA": 1, "0700.HK": 1}, hedge={"beta to": "^GSPC", "via": "SPY"})
    near = ["2025-06-13T00:00Z", "2025-06-25T15:00Z", "2025-01-28T00:00Z"]
    over = {"source.published": near, "enter.lag": [0, 2, 7, 20], "hedge": [None, dict(hedge())]}
    orders = [batch.variants.leg for batch in check(hedged, SAMPLE, over) if batch.variants is not None]
    assert any((leg["parent"] >= 0).any() for leg in orders)  # there are hedges among what was compared
    weighted = {"weighting": ["given", "inverse-vol"], "neutral": ["none", "dollar", "beta"]}
    pair = thesis(long={"NVDA": 1}, short={"MSFT": 1}, benchmark="^GSPC")
    check(pair, SAMPLE, {**weighted, "source.published": [*near, "2023-07-03T00:00Z"]})


def hedge() -> dict[str, str]:
    return {"beta to": "^GSPC", "via": "QQQ"}


def test_accounts() -> None:
    over = {
        "capital": ["1_000 USD", "5e6 EUR", "1 XXX", "z"],
        "costs": ["none", "retail", "bad"],
        "costs.half-spread.bps": [1, 2, "zz"],
    }
    batches = check(thesis(short={"NVDA": 1}, long={}, borrow={"NVDA": "special"}), SAMPLE, over)
    assert {batch.currency for batch in batches if not batch.reason} == {"USD", "EUR"}
    margin = {"margin": ["none", "reg-t", {"initial": "60%"}], "costs.borrow.special": [0.1, 0.3]}
    check(thesis(short={"NVDA": 1}, long={}, borrow={"NVDA": "special"}), SAMPLE, margin, Settings(capital=5.0))


@pytest.mark.parametrize("seed", range(60))
def test_random_grids_on_random_worlds(seed: int) -> None:
    random = Random(seed)
    world = make_world(seed)
    lent = None if world.borrow is None or world.borrow.empty else world.borrow
    world = replace(world, tables=replace(world.tables, borrow=lent))
    market, item = market_of(world), account_of(world.words, world.shares)
    grid: dict[Any, Any] = {}
    while not grid:
        grid = random_grid(random, item, market)
    check(item, market, grid, chunk=random.choice([None, 7, 23]))


def random_grid(random: Random, item: Any, market: ds.Market) -> dict[Any, Any]:
    """Draw axes of anything that a thesis says, right and wrong values, some of them tied; empty if they clash."""
    one = random.choice([thesis for thesis, _ in item.members]) if isinstance(item, ds.Book) else item
    values = axes(random, one, [symbol for symbol in market.symbols() if market.instrument(symbol).tradable])
    over: dict[Any, list[Any]] = {}
    for path in random.sample(sorted(values), random.choice([1, 2, 2, 3, 3, 4])):
        if len(values[path]) * np.prod([1, *map(len, over.values())]) <= 24:
            own = isinstance(item, ds.Book) and path.partition(".")[0] not in ("capital", "costs", "margin")
            over[f"{one.name}.{path}" if own and random.random() < 0.5 else path] = values[path]
    if len(over) > 1 and random.random() < 0.4:
        first, second = random.sample(sorted(over), 2)
        over[first, second] = list(zip(over.pop(first), over.pop(second), strict=False))
    try:
        Grid.of(over).check(item)
    except UsageError:
        return {}
    return over


def axes(random: Random, one: ds.Thesis, tradable: list[str]) -> dict[str, list[Any]]:
    """Return values of many paths; some of them no thesis takes, or not this one."""

    def when(hours: float) -> str:
        return (one.known() + timedelta(hours=hours)).isoformat()

    def day(days: int) -> str:
        return (one.known() + timedelta(days=days)).date().isoformat()

    def legs() -> dict[str, object]:
        return {symbol: random.choice([1, 2, "1.5"]) for symbol in random.sample(tradable, random.randint(1, 3))}

    return {
        "enter.lag": random.choice([[0, 1, 3], [0, 2, 45, 400], ["1", "x"]]),
        "enter.within": [1, "2 sessions", 0],
        "exit.hold": random.choice([[None, 3, "7 sessions"], [5, -1]]),
        "exit.stop": [None, "8%", 2],
        "exit.target": random.choice([[None, "12%"], [1.5, 0.2]]),
        "exit.trailing": [0.05, None],
        "exit.drawdown": [None, "3%", "200%"],
        "gross": [0.5, "150%", "-1"],
        "exit": [{"hold": 4}, {"stop": "5%"}, None],
        "enter": ["next close", "next open", {"at": "close", "lag": 2}],
        "source.published": [*map(when, (-4800, -70, 0, 30, 720, 1900)), "nonsense"],
        "source.latency": ["0", "3h", "10d"],
        "exit.date": [None, day(20), day(-3)],
        "long": [legs(), legs(), None],
        "short": [legs(), None],
        "weighting": ["given", "equal", "inverse-vol"],
        "neutral": ["none", "dollar", "beta"],
        "uptick": ["passive", "ignore"],
        "fractional": [True, False],
        "withholding": [0.1, 0.2],
        "capital": ["1_000_000 USD", "50_000 EUR", "3_000 KRW"],
        "costs": ["none", "retail", "institutional"],
        "costs.participation": ["2%", "none"],
        "costs.borrow.special": [0.1, 0.2, "q"],
        "margin": ["none", "reg-t"],
        "hedge": [None, {"beta to": "^QIX", "via": random.choice(tradable)}],
    }


def old_bars(*symbols: tuple[str, str, str]) -> pd.DataFrame:
    """Return bars of 2019 to 2021, of symbols with their venue and currency."""
    days = pd.bdate_range("2019-10-01", "2021-06-30").date
    flat = {"open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0, "volume": 1e6, "dividend": 0.0, "split": 0.0}
    words = {"price_basis": "split_adj", "class": "stock"}
    parts = [
        pd.DataFrame({"date": days, "symbol": s, "mic": mic, "currency": c, **flat, **words}) for s, mic, c in symbols
    ]
    return pd.concat(parts, ignore_index=True)


def test_law_and_rates_that_are_missing_hit_those_alone_that_need_them() -> None:
    """Policy rates of the US begin in March 2020, some of its fees in 2021."""
    frame = old_bars(("UA", "XNYS", "USD"), ("UB", "XNAS", "USD"), ("HK", "XHKG", "HKD"), ("DE", "XETR", "EUR"))
    market = ds.Market.load(frame)
    days = [f"{day.date()}T12:00Z" for day in pd.date_range("2019-10-10", "2021-05-30", freq="40D")]
    baskets = [{"UA": 1}, {"UB": 1, "UA": 1}, {"HK": 1}, {"DE": 1, "UA": 2}]
    one = thesis(long={"UA": 1})
    found = check(one, market, {"source.published": days, "long": baskets, "costs": ["none", "institutional"]})
    assert {True, False} == {bool(batch.reason) for batch in found}
    turn = ["2020-12-21T12:00Z", "2020-12-28T12:00Z", "2021-01-02"]
    check(one, market, {"source.published": turn, "enter.lag": [0, 1, 2, 3, 6], "enter.within": [1, 2]})
    rates = {"known_at": pd.to_datetime(["2020-06-01T00:00Z", "2020-09-01T00:00Z"]), "currency": "EUR", "base": "USD"}
    thin = ds.Market.load(frame, fx=pd.DataFrame({**rates, "rate": [1.1, 1.2]}))
    check(thesis(long={"UA": 1}, costs="none"), thin, {"long": baskets, "source.published": days})
    short = thesis(short={"UA": 1}, capital="1e6 EUR", costs="none")
    check(short, thin, {"short": [{"UA": 1}, {"DE": 1}], "margin": ["none", "reg-t"], "source.published": days})


def test_packaged_strategies() -> None:
    book = load(packaged_strategies() / "book.yaml")
    over = {"enter.lag": [0, 2], "exit.hold": [None, 5], "buy-china-before-npc.exit.stop": [None, "10%"]}
    over |= {"costs.half-spread.bps": [1, 3], "trust": ["fact", "claim"]}
    assert {batch.reason for batch in check(book, SAMPLE, over, sample=12)} == {""}
    for one, _ in book.members:
        check(one, SAMPLE, {"exit.hold": [None, 9], "source.from": list(one.all_sources())[:3], "enter.lag": [1, 30]})


def test_a_large_grid_of_rules_is_planned_without_looking_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    vary, plan = ds.Thesis.vary, designs.piece_of
    monkeypatch.setattr(ds.Thesis, "vary", lambda *given: (calls.update(["vary"]), vary(*given))[1])
    monkeypatch.setattr(designs, "piece_of", lambda *given: (calls.update(["plan"]), plan(*given))[1])
    tens = [(n + 1) / 100 for n in range(10)]
    over = {"enter.lag": range(10), "exit.hold": range(1, 11), "exit.stop": tens, "exit.target": tens}
    symbols = ["GLD", "SPY", "QQQ", "NVDA", "AMD"]
    book = ds.Book.of("ten", [thesis(f"t{n}", long={symbol: 1}) for n, symbol in enumerate(symbols)])
    grid = Grid.of(over)
    planner = Planner(book, SAMPLE, Settings(), grid)
    batches = [batch for start in range(0, len(grid), 2_500) for batch in planner.batches(start, start + 2_500)]
    assert [len(batch.numbers) for batch in batches] == [2_500] * 4
    assert calls["vary"] <= 5
    assert calls["plan"] == len(symbols)
    assert len({id(batch.assembly.tape.bar) for batch in batches if batch.assembly}) == 1


def test_many_instants_cost_one_plan_for_each_design(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    plan, known = structure.Designs._plan, Source.known
    monkeypatch.setattr(structure.Designs, "_plan", lambda *given: (calls.update(["plan"]), plan(*given))[1])
    monkeypatch.setattr(Source, "known", lambda source: (calls.update(["known"]), known(source))[1])
    instants = [(datetime(2023, 9, 1) + timedelta(hours=11 * n)).isoformat() + "Z" for n in range(300)]
    over = {"source.published": instants, "long": [{"GLD": 1}, {"NVDA": 1}, {"0700.HK": 1}]}
    batches = Planner(thesis(), SAMPLE, Settings(), Grid.of(over)).batches(0, 900)
    assert sum(len(batch.numbers) for batch in batches) == 900
    assert calls["plan"] == 3
    assert calls["known"] < 400
    check(thesis(), SAMPLE, over, sample=40, seed=1)


def test_theses_that_say_the_same_are_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for their names and sources: weights are refused, and orders sized, for all of them alike."""
    calls: Counter[str] = Counter()
    plan = designs.piece_of
    monkeypatch.setattr(designs, "piece_of", lambda *given: (calls.update(["plan"]), plan(*given))[1])
    days = ["2025-06-13T00:00Z", "2025-06-25T15:00Z", "2025-01-28T00:00Z", "2025-03-03"]
    words: dict[str, Any] = {"long": {"NVDA": 1}, "short": {"MSFT": 1}, "enter": {"at": "close"}}
    events = [thesis(f"t{n}", source={"publisher": "me", "published": day}, **words) for n, day in enumerate(days)]
    over = {
        ("long", "short"): [
            ({"NVDA": 1}, {"MSFT": 1}),
            ({"AMD": "60%", "GLD": "40%"}, None),
            ({"X": 1}, None),
            ([], {}),
        ],
        "exit.target": [0.1, 1.5, None],
        "enter.lag": [0, 5],
    }
    check(ds.Book.of("alike", events), SAMPLE, over)
    assert calls["plan"] == 3  # one of the four is refused
    late = thesis("late", source={"publisher": "me", "published": "2025-06-27T15:00Z"}, **words)
    other = thesis("other", **{**words, "gross": 0.5})
    mixed = ds.Book.of("mixed", [other, *events[1:], (late, 2.0)])
    check(mixed, SAMPLE, {**over, "t2.exit.hold": [3, 4]}, sample=30)
    weights = {"neutral": ["none", "dollar"], "weighting": ["given", "inverse-vol"], "uptick": ["wait", "ignore"]}
    check(mixed, SAMPLE, weights)
    check(mixed, SAMPLE, {"long": [{"NVDA": 1}, {"NOPE": 1}], "short": [{"MSFT": 1}], "t1.thesis": ["t1", "t2"]})


def test_a_thesis_that_is_wrong_is_nobodys_kin() -> None:
    """One whose name does not go with what it says, which nobody has checked since it was copied."""
    fine = thesis("fine", contradicts=["odd"])
    odd = fine.model_copy(update={"name": "odd"})
    book = ds.Book.of("two", [fine, odd])
    found = check(book, SAMPLE, {"long": [{"GLD": 1}, {"GLD": 2}]})
    assert all("contradicts itself" in batch.reason for batch in found)


def test_a_copy_in_another_process_plans_the_same() -> None:
    over = {"long": [{"GLD": 1}, {"NVDA": 2, "AMD": 1}], "exit.hold": [2, -1], "enter.lag": range(3)}
    planner = Planner(thesis(), SAMPLE, Settings(), Grid.of(over))
    first = planner.batches(0, 12)
    again = pickle.loads(pickle.dumps(planner)).batches(0, 12)
    assert [batch.reason for batch in first] == [batch.reason for batch in again]
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one.numbers, two.numbers)
        if one.variants is not None and two.variants is not None:
            assert all(
                np.array_equal(a, b) for a, b in zip(one.variants, two.variants, strict=True) if a.dtype.names is None
            )
            assert one.variants.leg.tobytes() == two.variants.leg.tobytes()


def test_no_variants_are_no_batches() -> None:
    assert Planner(thesis(), SAMPLE, Settings(), Grid.of({"exit.hold": [1]})).batches(0, 0) == []

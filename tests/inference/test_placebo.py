"""Placebos in time are those of the slow reference: the same dates, the same outcomes, the same p-values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reference.placebo import InTime, in_time, p_of
from reference.worlds import make_world
from worlds import account_of, market_of

import deepshock as ds
from deepshock.inference.placebo.in_time import placebo_in_time
from deepshock.inference.placebo.model import Placebo
from inference.placebo_world import COIN, FUND, INDEX, market, thesis

STRATEGIES = Path(__file__).resolve().parents[2] / "strategies"
LAST_BITS = 1e-14
HEDGE = {"beta to": INDEX, "via": FUND}
EVENTS = {
    "begins": {"at": "2025-01-09T12:00Z", "known": "2024-12-01"},
    "ends": {"at": "2025-02-04T02:00Z", "known": "2024-12-01"},
    "day": {"at": "2025-01-24", "known": "2024-12-01"},
}
CASES = {
    "one venue": thesis(),
    "other holidays": thesis(long={"AAA": 1, "0001.HK": 1}, exit={"hold": 9}),
    "three venues": thesis(long={"DDE.DE": 1, "0002.HK": 2}, short={"CCC": 1}),
    "a coin": thesis(long={COIN: 1}),
    "a coin beside a share": thesis(long={COIN: 1, "BBB": 1}, short={"0002.HK": 1}),
    "a coin, out on a date": thesis(long={COIN: 1}, exit={"date": "2025-01-13"}),
    "hedged": thesis(long={"AAA": 1, "0001.HK": 1}, hedge=HEDGE, exit={"hold": 3}),
    "hedged, late": thesis(hedge=HEDGE, enter={"lag": 5}, exit={"hold": 3}),
    "inverse-vol": thesis(long=["AAA", "BBB", "CCC"], weighting="inverse-vol"),
    "beta-neutral": thesis(short={"CCC": 1}, neutral="beta"),
    "percentages": thesis(long={"AAA": "70%", "BBB": "30%"}, versus={"CCC": "100%"}, neutral="dollar"),
    "out before an event": thesis(long={"AAA": 1, "0001.HK": 1}, events=EVENTS, exit={"before": "ends"}),
    "out on a day": thesis(events=EVENTS, exit={"on": "day", "hold": 30, "stop": "9%"}),
    "in on an event": thesis(events=EVENTS, enter={"on": "begins"}, exit={"before": "ends"}),
    "at the close": thesis(enter={"at": "close", "lag": 2, "within": 1}),
    "out at a stop": thesis(exit={"stop": "3%"}),
    "listed late": thesis(long={"LATE": 1, "AAA": 1}, exit={"hold": 4}),
    "full of holes": thesis(long={"HOLE": 1}, exit={"hold": 4}),
    "mainland": thesis(long={"300998.SZ": 1}, short={"AAA": 1}, borrow={"AAA": "special"}),
    "a leg that never fills": thesis(long={"AAA": 1, "0003.HK": 1}, exit={"date": "2025-02-03"}),
    "a book": ds.Book.of("both", [
        (thesis("early", long={"0001.HK": 1}, exit={"hold": 4}), 2.0),
        (thesis("late", source={"publisher": "Wire", "published": "2025-01-08T22:00Z"}, events=EVENTS,
                exit={"before": "day"}, short={"CCC": 1}), 1.0),
    ]),
}  # fmt: skip
WORLDS = (3, 6, 12, 16, 21, 36, 37, 51, 64)


def same(found: Placebo, expected: InTime) -> None:
    """Compare a placebo in time with the reference."""
    assert found.statistic == pytest.approx(expected.statistic, abs=LAST_BITS)
    assert list(found.labels) == [str(day) for day in expected.days]
    for day, value, other, rested in zip(expected.days, found.values, expected.values, expected.rested, strict=True):
        # A row on which all is cash earns by a product that begins with the tape, which differs in its last bits.
        assert value == other or (rested and abs(value - other) < LAST_BITS), f"{day}: {value!r} and not {other!r}"
    assert found.chosen.tolist() == expected.chosen
    assert (found.k, found.k_all) == (len(expected.picked), len(expected.values))
    assert sum(found.refused.values()) == sum(expected.refused.values())
    assert found.p == p_of(expected.statistic, expected.picked)
    assert found.p_min == 1 / (1 + len(expected.picked))
    assert found.p_all == p_of(expected.statistic, expected.values)
    if len(expected.values) >= 19:
        usual = sorted(map(abs, expected.values))[-(-95 * (len(expected.values) - 1) // 100)]
        assert found.variance_multiple == pytest.approx((expected.statistic / usual) ** 2)


@pytest.mark.parametrize("name", CASES)
def test_every_date_is_a_run_of_its_own(name: str) -> None:
    result = ds.run(CASES[name], market())
    found = placebo_in_time(result, market())
    assert found.reason == ""
    assert found.k >= 3
    same(found, in_time(result, market()))


@pytest.mark.parametrize("seed", WORLDS)
def test_random_worlds(seed: int) -> None:
    world = make_world(seed)
    desk = market_of(world)
    result = ds.run(account_of(world.words, world.shares), desk)
    found, expected = placebo_in_time(result, desk), in_time(result, desk)
    if expected.values:
        assert found.reason == ""
        same(found, expected)
    else:
        assert found.reason == "no placebo could be run"
        assert sum(found.refused.values()) == len(expected.admissible)


def test_the_sample_market() -> None:
    item = ds.load(STRATEGIES / "buy-china-before-npc.yaml")
    desk = ds.market_for(item, "sample")
    result = ds.run(item, desk)
    found = placebo_in_time(result, desk)
    same(found, in_time(result, desk))
    (told,) = [note for note in found.notes if "npc opens" in note]
    assert told == "the exit before npc opens is 22 sessions of XHKG after the fill"


def test_a_dated_exit_becomes_the_sessions_of_the_leg_that_filled_first() -> None:
    """From the calendars: New York has 17 sessions from 8 January to 3 February 2025, Hong Kong one less."""
    found = placebo_in_time(ds.run(CASES["a leg that never fills"], market()), market())
    assert "the exit date 2025-02-03 is 16 sessions of XNYS after the fill" in found.notes
    coin = placebo_in_time(ds.run(CASES["a coin, out on a date"], market()), market())
    # Bought at the open of the 8th, which is the close of the 7th, and out at the close of the 13th.
    assert "the exit date 2025-01-13 is 5 sessions of 24/7 after the fill" in coin.notes


def test_placebos_that_do_not_overlap_by_hand() -> None:
    """Six sessions of holding, in at an open and out at a close: a trade every seventh session of New York."""
    found = placebo_in_time(ds.run(thesis(), market()), market())
    sessions = market().sessions("XNYS").days
    due = np.searchsorted(sessions, np.array(found.labels, "datetime64[D]").astype(int), side="right")
    assert set(np.diff(due)) == {1}  # one for each session
    assert set(np.diff(due[found.chosen]).tolist()) == {7}
    # The last one may wait four sessions and then holds for six: up to the last close before it was known on 7 January.
    assert str(np.datetime64("1970-01-01") + sessions[due[-1] + 4 + 6]) == "2025-01-06"
    assert found.chosen[-1]


def test_nothing_of_it_counts_as_a_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = ds.run(thesis(), market(), registry=False)
    monkeypatch.setenv("DEEPSHOCK_REGISTRY", str(tmp_path / "tries.jsonl"))
    placebo_in_time(result, market())
    assert not (tmp_path / "tries.jsonl").exists()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["short-ai-power", "china-ai-adopters", "bitcoin-overreacted"])
def test_real_bars(name: str, panel_path: Path) -> None:
    item = ds.load(STRATEGIES / f"{name}.yaml")
    desk = ds.market_for(item, panel_path)
    if name == "bitcoin-overreacted":  # four years of days would take the reference half a minute
        desk = ds.Market.load(panel_path, symbols=desk.symbols(), start="2024-07-01")
    result = ds.run(item, desk)
    found = placebo_in_time(result, desk)
    assert found.reason == ""
    same(found, in_time(result, desk))

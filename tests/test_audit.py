"""The audit passes where nothing reads the future, and catches each leak that is planted here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import deepshock as ds
from deepshock.engine import bars as sessions
from deepshock.engine import ground, tape
from deepshock.plan import nanoseconds, ratios

SYMBOLS = ["NVDA", "0700.HK", "ENR.DE", "BTC-USD", "^GSPC"]


@pytest.fixture(scope="module")
def market() -> ds.Market:
    return ds.Market.load("sample", symbols=SYMBOLS)


def thesis(**words: Any) -> ds.Thesis:
    return ds.Thesis(
        name="audited",
        source={"publisher": "somebody", "published": "2025-01-28T00:00Z"},
        **{"long": {"0700.HK": 1, "ENR.DE": 1, "BTC-USD": 1}, "short": {"NVDA": 1}, **words},
    )


WORDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "stops": {"exit": {"hold": 15, "stop": "2%", "target": "4%", "trailing": "3%"}},
    "drawdown": {"exit": {"drawdown": "1%"}},
    "inverse-vol": {"weighting": "inverse-vol"},
    "hedged": {"hedge": {"beta to": "^GSPC", "via": "NVDA"}, "short": {}},
    "at the close": {"enter": {"at": "close", "lag": 1}},
    "waiting": {"uptick": "wait", "enter": {"at": "close"}},
    "thin": {"costs": {"preset": "institutional", "participation": 2e-4}, "exit": {"hold": 4, "stop": "3%"}},
    "geared": {"gross": "250%", "margin": {"initial": "40%", "maintenance": "40%"}},
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_nothing_reads_the_future(words: dict[str, Any], market: ds.Market) -> None:
    found = ds.audit(thesis(**words), market, seeds=(1, 2))
    assert found.passed, [str(leak) for leak in found.leaks[:3]]
    assert len(found.cuts) >= 4


def test_a_rule_that_peeks_one_row_is_caught(market: ds.Market) -> None:
    """It buys what will open higher than it closed: the row after the decision."""

    def peeking(written: ds.Thesis, on: ds.Market) -> ds.Result:
        at = int(np.searchsorted(on.sessions("XNYS").opens, nanoseconds(written.known()), side="right"))
        series = on.series("NVDA")
        side = "long" if series.open[at] > series.close[at - 1] else "short"
        return ds.run(written.vary({"long": None, "short": None, side: {"NVDA": 1}}), on)

    sides = {ds.audit(thesis(), market, seeds=(seed,), runner=peeking).passed for seed in range(6)}
    assert False in sides  # a coin decides the scrambled side; six in a row on the true one are unlikely
    assert any(
        "the order in NVDA was" in leak.what
        for leak in ds.audit(thesis(), market, seeds=tuple(range(6)), runner=peeking).leaks
    )


def planted_bars(change: Callable[[Any], None]) -> Callable[..., Any]:
    honest = sessions._write_bars

    def bars(found: Any, *args: Any) -> None:
        honest(found, *args)
        change(found)

    return bars


def read_own_low(bars: Any) -> None:
    """An opening auction that fills near the low of the session it opens."""
    bars["open"] = np.where(np.isfinite(bars["low"]), bars["low"] * 1.001, bars["open"])


def read_own_close(bars: Any) -> None:
    """A volatility that includes the session it is for."""
    bars["sigma"][:-1] = bars["sigma"][1:]


def read_own_volume(bars: Any) -> None:
    """A typical volume that includes the session it is for."""
    bars["volume"][:-1] = bars["volume"][1:]


def halt_by_own_volume(bars: Any) -> None:
    """An open that does not fill because the session will close lower."""
    bars["halted"] |= bars["close"] < bars["open"]


def restrict_by_own_low(bars: Any) -> None:
    """An open that may not be sold short because of what its session will fall to."""
    bars["offer_open"] = np.where(bars["low"] < 0.995 * bars["open"], np.inf, bars["offer_open"])


@pytest.mark.parametrize(
    "leak", [read_own_low, read_own_close, read_own_volume, halt_by_own_volume, restrict_by_own_low]
)
def test_a_planted_leak_in_the_bars_is_caught(
    leak: Callable[[Any], None], market: ds.Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_write_bars", planted_bars(leak))
    assert not ds.audit(thesis(), market, seeds=(1, 2)).passed


def test_the_rules_under_audit_do_something(market: ds.Market) -> None:
    assert len(ds.run(thesis(**WORDS["thin"]), market).ledger.fills) > 8
    assert ds.run(thesis(**WORDS["geared"]), market).liquidated


def test_a_mark_from_tomorrow_is_caught(market: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tape.marks

    def marks(*args: Any) -> Any:
        return np.roll(honest(*args), -1, axis=1)

    monkeypatch.setattr(tape, "marks", marks)
    found = ds.audit(thesis(), market)
    assert any("the ledger's nav changed" in leak.what for leak in found.leaks)


@pytest.mark.parametrize("name", ["nav", "lines", "costs", "interest", "gap", "cash", "margin"])
def test_no_part_of_the_ledger_may_change(name: str, market: ds.Market) -> None:
    def leaky(written: ds.Thesis, on: ds.Market) -> ds.Result:
        result = ds.run(written, on)
        if on is market:
            return result
        return replace(result, ledger=replace(result.ledger, **{name: getattr(result.ledger, name) + 1.0}))

    found = ds.audit(thesis(), market, runner=leaky)
    assert {leak.what for leak in found.leaks} == {f"the ledger's {name} changed"}


def test_a_rate_from_tomorrow_is_caught(market: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ground._rates

    def fx(*args: Any) -> Any:
        rate, known, following = honest(*args)
        return np.where(np.isfinite(following), following, rate), known, following

    monkeypatch.setattr(ground, "_rates", fx)
    assert not ds.audit(thesis(), market).passed


def test_a_beta_that_ends_after_the_decision_is_caught(market: ds.Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratios, "nanoseconds", lambda at: nanoseconds(at) + 5 * 86_400_000_000_000)
    assert not ds.audit(thesis(**WORDS["inverse-vol"]), market).passed
    assert not ds.audit(thesis(**WORDS["hedged"]), market).passed

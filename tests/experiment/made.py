"""Theses and markets of the tests of sweeps, and what a row has to say of a run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market.made_up import frame, walk, weekdays

import deepshock as ds

SOURCE = {"publisher": "Wire", "published": "2025-01-28T00:00Z"}


def bars(*symbols: str, first: str = "2024-09-02", n: int = 160) -> pd.DataFrame:
    """Return daily bars of made-up American shares."""
    made = []
    for seed, symbol in enumerate(symbols):
        closes = walk(n, seed + 1, 41.0 + 7.0 * seed)
        made.append(frame(symbol, weekdays(first, n), closes, adj_close=closes, **{"class": "stock"}))
    return pd.concat(made, ignore_index=True)


def market(*symbols: str) -> ds.Market:
    return ds.Market.load(bars(*(symbols or ("AAA", "BBB", "CCC"))))


def thesis(name: str = "pair", **words: Any) -> ds.Thesis:
    return ds.Thesis(name=name, **{"source": SOURCE, "long": {"AAA": 2, "BBB": 1}, "short": {"CCC": 1}, **words})


def book() -> ds.Book:
    late = thesis("late", enter={"lag": 3}, exit={"hold": 8, "stop": "4%"}, short={}, long={"CCC": 1})
    return ds.Book.of("both", [(thesis(), 2.0), (late, 1.0)])


def row_of(result: ds.Result) -> dict[str, object]:
    """Return what the row of a variant has to hold: the figures of the full run."""
    made, ledger, capital = result.performance, result.ledger, result.plan.capital
    found = {name: ledger.figures[name].item() for name in ledger.figures.dtype.names}
    ran, known = found["n_fills"] > 0, found["n_obs"] >= 20
    year = 365 if {result.market.instrument(symbol).calendar for symbol in result.plan.symbols} == {"24/7"} else 252
    mean, spread, downside = (found[name] if known else math.nan for name in ("mean", "std", "downside"))
    return {
        "net_return": made.net_return,
        "gross_return": made.gross_pnl / capital,
        "excess_return": made.excess_return,
        "sharpe": made.sharpe,
        "sharpe_se": made.sharpe_se,
        "sortino": mean / downside * math.sqrt(year) if downside > 0.0 else math.nan,
        "volatility": spread * math.sqrt(year) if spread > 0.0 else math.nan,
        "max_drawdown": made.max_drawdown,
        "exposure": found["exposure"],
        "turnover": found["turnover"] / capital,
        "hit_rate": found["n_hits"] / found["n_legs"] if ran else math.nan,
        "worst_leg": ledger.legs[found["worst"]] if ran else "",
        "worst_leg_return": found["worst_pnl"] / capital if ran else math.nan,
        "n_obs": made.n_obs,
        "fills": len(ledger.fills),
        "margin_calls": len(ledger.margin_calls),
        "open_at_end": ledger.open_at_end,
    }


def assert_is(row: pd.Series, result: ds.Result) -> None:
    """Compare a row with a run, to the bit; and with what the ledger of the run sums up by itself."""
    for name, value in row_of(result).items():
        found = row[name]
        same = found == value or (isinstance(value, float) and math.isnan(value) and np.isnan(found))
        assert same, f"{name}: {found!r} in the sweep, {value!r} in the run"
    ledger, capital = result.ledger, result.plan.capital
    if ledger.fills:
        assert row["net_return"] == pytest.approx(ledger.nav[-1] / capital - 1.0, abs=1e-12)
        assert row["n_obs"] == len(ledger.nav)
    assert row["gross_return"] == pytest.approx(ledger.gross_pnl / capital, abs=1e-12)
    costs = {f"cost: {name}": amount / capital for name, amount in ledger.costs_by_name.items()}
    assert row[list(costs)].to_dict() == pytest.approx(costs, abs=1e-12)
    unpaid = [name for name in row.index if name.startswith("cost: ") and name not in costs]
    assert not row[unpaid].any()
    value = sum(abs(fill.shares) * fill.price * fill.fx for fill in ledger.fills)
    assert row["turnover"] == pytest.approx(value / capital, rel=1e-12)
    if ledger.fills:
        pnl = ledger.leg_pnl()[sorted({fill.leg for fill in ledger.fills})]
        assert row["worst_leg_return"] == pytest.approx(pnl.min() / capital, abs=1e-12)
        assert row["hit_rate"] == pytest.approx((pnl > 0.0).mean())

"""Whatever is listed on an accepted venue can be traded to the end, or is refused when it is loaded."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

import deepshock
from deepshock.cost import settle_lag
from deepshock.errors import CostError, MarketError
from deepshock.market import Market
from deepshock.market.calendar import sessions
from deepshock.market.ticks import ladders_for
from deepshock.market.venues import CALENDARS, UNTRADED

from .made_up import EPOCH, walk

TRADED = sorted(mic for mic, calendar in CALENDARS.items() if calendar not in UNTRADED)
NO_RATE = {"XTAI": "TWD"}
"""The European Central Bank has no rate of these currencies: the user's own are needed."""


def listed(mic: str, **columns: object) -> pd.DataFrame:
    """Return bars of forty sessions of a share that deepshock does not know."""
    days = sessions(CALENDARS[mic], date(2025, 1, 6), date(2025, 3, 31)).days[:40]
    close = pd.Series(walk(len(days)))
    made = {
        **{"date": [EPOCH + timedelta(days=int(day)) for day in days], "symbol": "ABC", "mic": mic},
        **{"currency": NO_RATE.get(mic, "EUR"), "price_basis": "split_adj", "class": "stock"},
        **{"open": close * 0.99, "high": close * 1.02, "low": close * 0.97, "close": close, "volume": 9e6},
        **{"dividend": 0.0, "split": 0.0, "lot": 1},
    }
    return pd.DataFrame({**made, **columns})


def thesis(mic: str, costs: str) -> deepshock.Thesis:
    return deepshock.Thesis(
        name="t",
        source={"publisher": "Wire", "published": "2025-01-28T00:00Z"},
        long={"ABC": 1},
        exit={"hold": 5},
        capital="100000 USD",
        costs=costs,
    )


@pytest.mark.parametrize("mic", TRADED)
def test_a_share_of_each_venue_is_bought_and_sold(mic: str) -> None:
    own = {"known_at": ["2025-01-01T00:00Z"], "currency": ["TWD"], "base": ["USD"], "rate": [0.031]}
    market = Market.load(listed(mic, tick=0.01), fx=pd.DataFrame(own) if mic in NO_RATE else None)
    result = deepshock.run(thesis(mic, "none"), market)
    assert result.runnable
    assert len(result.fills()) == 2


def test_every_venue_has_a_settlement_cycle_or_trades_nothing() -> None:
    for mic in TRADED:
        assert settle_lag(CALENDARS[mic], sessions(CALENDARS[mic], date(2025, 1, 6), date(2025, 1, 31)).days).max() <= 2


@pytest.mark.parametrize("mic", ["XMIL", "XSTO", "XTSE"])
def test_a_market_without_costs_names_the_symbol_and_the_cost_file(mic: str) -> None:
    market = Market.load(listed(mic, tick=0.01))
    with pytest.raises(CostError) as told:
        deepshock.run(thesis(mic, "institutional"), market)
    told_of = {fault.where.split(" of ")[0]: fault.remedy for fault in told.value.faults}
    remedy = f"in a cost file write markets: {{{mic}: NAME}}"
    assert set(told_of) == {"ABC: commission", "ABC: half-spread", "ABC: law"}
    assert all(told_of[f"ABC: {item}"].startswith(remedy) for item in ("commission", "half-spread"))
    assert told_of["ABC: law"].endswith("give rows of your own in a cost file (law: rows.csv)")


def test_a_day_before_the_first_settlement_cycle_names_the_symbol() -> None:
    with pytest.raises(CostError, match="ABC: settlement XSES: no cycle is known for a trade on 2015-01-02; the first"):
        settle_lag("XSES", sessions("XSES", date(2015, 1, 1), date(2015, 1, 9)).days, symbol="ABC")


def test_a_venue_without_a_tick_table_asks_for_a_column() -> None:
    instrument = Market.load(listed("XSWX")).instrument("ABC")
    with pytest.raises(MarketError, match="ABC: the tick table of XSWX is not known; state it in a 'tick' column"):
        ladders_for(instrument, sessions("XSWX", date(2025, 1, 6), date(2025, 1, 9)).days)


@pytest.mark.parametrize("mic", ["XTAE", "ASEX", "XWAR", "NASDAQ"])
def test_a_venue_that_cannot_trade_to_the_end_is_refused_with_those_that_can(mic: str) -> None:
    bars = listed("XNYS").assign(mic=mic)
    with pytest.raises(MarketError, match=r"an unknown venue.*; known are 24/7, 24x7, ARCX, BATS, FRED, OTC_FX, XAMS"):
        Market.load(bars)

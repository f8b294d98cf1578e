"""A rate is used from when it was published, never before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import MarketError
from deepshock.market import FxTable, Market, fx

from .made_up import frame, ns

ECB = FxTable.ecb()


def rate(table: FxTable, currency: str, base: str, instant: str) -> tuple[float, str, float]:
    value, known, following = table.rate(currency, base, np.array([ns(instant)]))
    return float(value[0]), pd.Timestamp(int(known[0])).strftime("%Y-%m-%d %H:%M"), float(following[0])


def test_the_banks_rate_of_a_day_is_known_from_16_00_in_frankfurt() -> None:
    """The bank published 1.0472 USD per EUR on Friday 24 January 2025 and 1.0530 on Monday the 27th."""
    assert rate(ECB, "EUR", "USD", "2025-01-27T14:59:59") == (1.0472, "2025-01-24 15:00", 1.053)
    assert rate(ECB, "EUR", "USD", "2025-01-27T15:00:00")[:2] == (1.053, "2025-01-27 15:00")
    assert rate(ECB, "EUR", "USD", "2025-07-01T14:00:00")[1] == "2025-07-01 14:00"  # summer time


def test_crosses_are_divisions_and_inverses_are_inverses() -> None:
    at = "2025-01-28T01:30"
    usd, hkd = rate(ECB, "EUR", "USD", at)[0], rate(ECB, "EUR", "HKD", at)[0]
    assert rate(ECB, "HKD", "USD", at)[0] == usd / hkd
    assert rate(ECB, "USD", "HKD", at)[0] == hkd / usd
    assert rate(ECB, "USD", "EUR", at)[0] == 1 / usd


def test_a_currency_in_itself_is_one_and_known_at_once() -> None:
    assert rate(ECB, "XYZ", "XYZ", "1950-01-01") == (1.0, "1950-01-01 00:00", 1.0)


def test_the_last_rate_has_no_next_one() -> None:
    assert np.isnan(rate(ECB, "EUR", "USD", "2099-01-01")[2])


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(MarketError, match="no rate is known at 1998-06-01"):
        rate(ECB, "USD", "EUR", "1998-06-01")
    with pytest.raises(MarketError, match=r"have no rate for USDT; .*known are AUD, BGN"):
        rate(ECB, "USDT", "USD", "2025-01-27")
    with pytest.raises(MarketError, match="give prices in GBP"):
        rate(ECB, "GBX", "USD", "2025-01-27")


def own(**changes: object) -> pd.DataFrame:
    made = {
        "known_at": ["2025-01-27T08:00:00+08:00", "2025-01-27T17:00:00Z", "2025-01-27T09:00:00Z"],
        "currency": ["USD", "USD", "EUR"],
        "base": ["HKD", "HKD", "HKD"],
        "rate": [7.79, 7.80, 8.15],
    }
    return pd.DataFrame({**made, **changes})


def test_own_rates_replace_the_banks() -> None:
    table = FxTable.from_frame(own())
    assert table.currencies() == ("EUR", "HKD", "USD")
    assert rate(table, "USD", "HKD", "2025-01-27T16:59") == (7.79, "2025-01-27 00:00", 7.80)
    assert rate(table, "HKD", "USD", "2025-01-27T17:00")[0] == 1 / 7.80
    # EUR in USD over HKD: from the first instant at which both are known; as old as the older of the two.
    value, known, following = rate(table, "EUR", "USD", "2025-01-27T10:00")
    assert (value, known, following) == (pytest.approx(8.15 / 7.79), "2025-01-27 00:00", pytest.approx(8.15 / 7.80))
    with pytest.raises(MarketError, match="your own rates start at 2025-01-27 09:00"):
        rate(table, "EUR", "USD", "2025-01-27T08:59")
    with pytest.raises(MarketError, match="have no rate for CNY"):
        rate(table, "CNY", "USD", "2025-01-28")


def test_own_rates_come_with_the_market() -> None:
    market = Market.load(frame("NVDA", ["2025-01-27"], [118.42]), fx=own())
    assert market.fx.name == "your own rates"


def test_every_fault_of_own_rates_comes_at_once() -> None:
    wrong = own(known_at=["2025-01-27 08:00", "2025-01-27T17:00:00Z", "2025-01-27T17:00:00Z"], rate=[7.79, -1.0, 8.1])
    wrong = pd.concat([wrong.assign(base=["HKD", "HKD", "EUR"]), wrong.iloc[[1]]], ignore_index=True)
    with pytest.raises(MarketError) as caught:
        FxTable.from_frame(wrong)
    assert [fault.problem.split(":")[0] for fault in caught.value.faults] == [
        "known_at is no instant with a zone",
        "rate is not a positive number",
        "currency and base are the same",
        "the pair is given twice for one instant",
    ]
    with pytest.raises(MarketError, match="columns base are missing"):
        FxTable.from_frame(own().drop(columns="base"))
    with pytest.raises(MarketError, match="there are no rows"):
        FxTable.from_frame(own().iloc[:0])


def test_scrambled_rates_keep_what_is_known() -> None:
    after = ns("2025-01-27T15:00")
    table = ECB.scrambled(after, seed=3)
    instants = np.array([ns("2025-01-24T15:00"), after, ns("2025-01-28T15:00")])
    was, now = (each.rate("HKD", "USD", instants)[0] for each in (ECB, table))
    assert was[:2].tolist() == now[:2].tolist()
    assert was[2] != now[2]
    assert abs(now[2] / was[2] - 1) < 0.5


def test_a_run_in_one_currency_never_reads_the_banks_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread() -> None:
        raise AssertionError("read")

    monkeypatch.setattr(fx, "_ecb", unread)
    table = FxTable.ecb()
    assert table.rate("USD", "USD", np.array([0]))[0] == 1.0
    with pytest.raises(AssertionError, match="read"):
        table.rate("EUR", "USD", np.array([0]))

"""Every dated boundary of the law: what a trade pays on the last session before it, and on the first one of it.

The tables are typed by hand, dates, settlements and amounts. The boundaries are read from the schedules, so that a new
one without a pair fails. That the rates are those of the sources is the matter of `test_law`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import deepshock as ds
from deepshock.cost import CostSet, Inputs, VenueLaw, settle_lag
from deepshock.cost.schedules import day_number, read
from deepshock.errors import LawError
from deepshock.market.calendar import day_of, sessions

from .paper import CALENDARS, charge, on

SIDES = {"both": ("buy", "sell"), "buy": ("buy",), "sell": ("sell",)}
NO_LAW = None  # an error that names the item, and never the rate of the nearest row


class Pair(NamedTuple):
    """A boundary with the trades on both sides of it."""

    venue: str
    cls: str
    item: str
    side: str
    boundary: str
    eve: str  # trade date of the last session before
    before: float | None  # what it pays, local currency
    first: str  # trade date of the first session of the new row
    after: float
    size: tuple[float, float] | None = None  # price and shares, where not those of `SIZES`

    def __str__(self) -> str:
        return f"{self.venue} {self.cls} {self.item} {self.boundary}"


# Price and traded shares of the trade on each venue, and its value.
SIZES = {
    "XHKG": (388.0, 300),  # 116,400 HKD
    "US": (121.81, 1000),  # 121,810 USD
    "XSHG": (36.39, 300),  # 10,917 CNY
    "XSHE": (36.39, 300),
    "XLON": (12.35, 777),  # 9,595.95 GBP
    "XPAR": (625.3, 17),  # 10,630.10 EUR
    "XETR": (45.7, 100),
    "XAMS": (45.7, 100),
    "24/7": (99_000.0, 0.5),
}
SMALL, LARGE, MANY = (0.5, 100_000), (9.0, 1_000_000), (50.0, 60_000)  # 50,000; 9,000,000; 60,000 shares
STAMP, SFC, AFRC = "stamp duty", "SFC transaction levy", "AFRC transaction levy"
FEE, TARIFF, CCASS = "HKEX trading fee", "HKEX trading tariff", "CCASS settlement fee"
SEC, FINRA = "SEC section 31 fee", "FINRA trading activity fee"
HANDLING, CSRC, TRANSFER = "handling fee", "CSRC levy", "transfer fee"
UK, FRANCE = "stamp duty reserve tax", "financial transaction tax"


def mainland(venue: str) -> list[Pair]:
    return [
        Pair(venue, "stock", STAMP, "sell", "2008-09-19", "2008-09-18", NO_LAW, "2008-09-19", 10.92),  # 10.917
        Pair(venue, "stock", STAMP, "sell", "2023-08-28", "2023-08-25", 10.92, "2023-08-28", 5.46),  # 5.4585
        Pair(venue, "etf", STAMP, "sell", "2008-09-19", "2008-09-18", NO_LAW, "2008-09-19", 0),
        Pair(venue, "stock", HANDLING, "both", "2015-08-01", "2015-07-31", NO_LAW, "2015-08-03", 0.53),  # 0.5316579
        Pair(venue, "stock", HANDLING, "both", "2023-08-28", "2023-08-25", 0.53, "2023-08-28", 0.37),  # 0.3722697
        Pair(venue, "etf", HANDLING, "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 0.44),  # 0.43668
        Pair(venue, "stock", CSRC, "both", "2012-09-01", "2012-08-31", NO_LAW, "2012-09-03", 0.22),  # 0.21834
        Pair(venue, "etf", CSRC, "both", "2012-09-01", "2012-08-31", NO_LAW, "2012-09-03", 0),
        Pair(venue, "stock", TRANSFER, "both", "2015-08-01", "2015-07-31", NO_LAW, "2015-08-03", 0.22),  # 0.21834
        Pair(venue, "stock", TRANSFER, "both", "2022-04-29", "2022-04-28", 0.22, "2022-04-29", 0.11),  # 0.10917
        Pair(venue, "etf", TRANSFER, "both", "2015-08-01", "2015-07-31", NO_LAW, "2015-08-03", 0),
    ]


BY_TRADE_DATE = [
    # 0.1 % of 116,400 is 116.40, 0.13 % is 151.32: both up to the dollar.
    Pair("XHKG", "stock", STAMP, "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 117),
    Pair("XHKG", "stock", STAMP, "both", "2021-08-01", "2021-07-30", 117, "2021-08-02", 152),
    Pair("XHKG", "stock", STAMP, "both", "2023-11-17", "2023-11-16", 152, "2023-11-17", 117),
    Pair("XHKG", "etf", STAMP, "both", "2015-02-13", "2015-02-12", NO_LAW, "2015-02-13", 0),
    Pair("XHKG", "any", SFC, "both", "2014-11-01", "2014-10-31", NO_LAW, "2014-11-03", 3.14),  # 3.1428
    Pair("XHKG", "any", AFRC, "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 0),
    Pair("XHKG", "any", AFRC, "both", "2022-01-01", "2021-12-31", 0, "2022-01-03", 0.17),  # 0.1746
    Pair("XHKG", "any", FEE, "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 5.82),
    Pair("XHKG", "any", FEE, "both", "2023-01-01", "2022-12-30", 5.82, "2023-01-03", 6.58),  # 6.5766
    Pair("XHKG", "any", TARIFF, "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 0.50),
    Pair("XHKG", "any", TARIFF, "both", "2023-01-01", "2022-12-30", 0.50, "2023-01-03", 0),
    # 121,810 USD times 22.1, 5.1, 22.9, 8.0, 27.8, nil and 20.6 per million, up to the cent.
    Pair("US", "any", SEC, "sell", "2020-02-18", "2020-02-14", NO_LAW, "2020-02-18", 2.70),  # 2.692001
    Pair("US", "any", SEC, "sell", "2021-02-25", "2021-02-24", 2.70, "2021-02-25", 0.63),  # 0.621231
    Pair("US", "any", SEC, "sell", "2022-05-14", "2022-05-13", 0.63, "2022-05-16", 2.79),  # 2.789449
    Pair("US", "any", SEC, "sell", "2023-02-27", "2023-02-24", 2.79, "2023-02-27", 0.98),  # 0.97448
    Pair("US", "any", SEC, "sell", "2024-05-22", "2024-05-21", 0.98, "2024-05-22", 3.39),  # 3.386318
    Pair("US", "any", SEC, "sell", "2025-05-14", "2025-05-13", 3.39, "2025-05-14", 0),
    Pair("US", "any", SEC, "sell", "2026-04-04", "2026-04-02", 0, "2026-04-06", 2.51),  # 2.509286; the 3rd: Good Friday
    # 1,000 shares, up to the cent.
    Pair("US", "any", FINRA, "sell", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 0.12),  # 0.119
    Pair("US", "any", FINRA, "sell", "2022-01-01", "2021-12-31", 0.12, "2022-01-03", 0.13),
    Pair("US", "any", FINRA, "sell", "2023-01-01", "2022-12-30", 0.13, "2023-01-03", 0.15),  # 0.145
    Pair("US", "any", FINRA, "sell", "2024-01-01", "2023-12-29", 0.15, "2024-01-02", 0.17),  # 0.166
    Pair("US", "any", FINRA, "sell", "2026-01-01", "2025-12-31", 0.17, "2026-01-02", 0.20),  # 0.195
    # 60,000 shares would pay 7.14, 7.80, 8.70, 9.96 and 11.70, but for the most that is due.
    Pair("US", "any", FINRA, "sell", "2022-01-01", "2021-12-31", 5.95, "2022-01-03", 6.49, MANY),
    Pair("US", "any", FINRA, "sell", "2023-01-01", "2022-12-30", 6.49, "2023-01-03", 7.27, MANY),
    Pair("US", "any", FINRA, "sell", "2024-01-01", "2023-12-29", 7.27, "2024-01-02", 8.30, MANY),
    Pair("US", "any", FINRA, "sell", "2026-01-01", "2025-12-31", 8.30, "2026-01-02", 9.79, MANY),
    *mainland("XSHG"),
    *mainland("XSHE"),
    Pair("XLON", "stock", UK, "buy", "1986-10-27", "1986-10-24", NO_LAW, "1986-10-27", 47.98),  # 47.97975
    Pair("XETR", "any", "transfer tax", "both", "2021-01-01", "2020-12-30", NO_LAW, "2021-01-04", 0),
    Pair("XAMS", "any", "transfer tax", "both", "2021-01-01", "2020-12-31", NO_LAW, "2021-01-04", 0),
    Pair("24/7", "crypto", "none", "both", "2010-01-01", "2009-12-31", NO_LAW, "2010-01-01", 0),
]
BY_SETTLEMENT = [
    # Tuesday 29 December 2020 settles on Thursday the 31st, Wednesday the 30th on Monday 4 January.
    Pair("XHKG", "any", CCASS, "both", "2021-01-01", "2020-12-29", NO_LAW, "2020-12-30", 2.33),  # 2.328
    # Wednesday 25 June 2025 settles on Friday the 27th, Thursday the 26th on Monday the 30th.
    Pair("XHKG", "any", CCASS, "both", "2025-06-30", "2025-06-25", 2.33, "2025-06-26", 4.89),  # 2.328; 4.8888
    Pair("XHKG", "any", CCASS, "both", "2025-06-30", "2025-06-25", 2.00, "2025-06-26", 2.10, SMALL),  # 1, at least 2
    Pair("XHKG", "any", CCASS, "both", "2025-06-30", "2025-06-25", 100, "2025-06-26", 378, LARGE),  # 180, at most 100
    # Wednesday 28 December 2016 settles on Friday the 30th, Thursday the 29th on Monday 2 January.
    Pair("XPAR", "stock", FRANCE, "buy", "2017-01-01", "2016-12-28", NO_LAW, "2016-12-29", 31.89),  # 31.8903
    # Thursday 27 March 2025 settles on Monday the 31st, Friday the 28th on Tuesday 1 April.
    Pair("XPAR", "stock", FRANCE, "buy", "2025-04-01", "2025-03-27", 31.89, "2025-03-28", 42.52),  # 42.5204
]
PAIRS = BY_TRADE_DATE + BY_SETTLEMENT

# Calendar, boundary; the last session before and its settlement; the first session of the new row and its settlement.
SETTLEMENTS = [
    ("XNYS", "1995-06-07", "1995-06-06", NO_LAW, "1995-06-07", "1995-06-12"),  # T+3: Thursday, Friday, Monday
    ("XNYS", "2017-09-05", "2017-09-01", "2017-09-07", "2017-09-05", "2017-09-07"),  # the 4th is Labor Day
    ("XNYS", "2024-05-28", "2024-05-24", "2024-05-29", "2024-05-28", "2024-05-29"),  # the 27th is Memorial Day
    ("XHKG", "1992-10-05", "1992-10-02", NO_LAW, "1992-10-06", "1992-10-08"),
    *(
        (calendar, "2014-10-06", "2014-10-03", NO_LAW, "2014-10-06", "2014-10-08")
        for calendar in (
            "XAMS", "XPAR", "XBRU", "XLIS", "XMIL", "XDUB", "XWBO", "XSTO", "XHEL", "XCSE", "XOSL", "XSWX", "XLON",
        )
    ),
    *((calendar, "2014-10-06", "2014-10-02", NO_LAW, "2014-10-06", "2014-10-08") for calendar in ("XETR", "XFRA")),
    ("XMAD", "2016-10-03", "2016-09-30", NO_LAW, "2016-10-03", "2016-10-05"),
    ("XSHG", "1995-01-01", "1994-12-30", NO_LAW, "1995-01-03", "1995-01-04"),
    ("XTKS", "2019-07-16", "2019-07-12", NO_LAW, "2019-07-16", "2019-07-18"),  # the 15th is Marine Day
    ("XTSE", "2017-09-05", "2017-09-01", NO_LAW, "2017-09-05", "2017-09-07"),
    ("XTSE", "2024-05-27", "2024-05-24", "2024-05-28", "2024-05-27", "2024-05-28"),
    ("XKRX", "2005-01-27", "2005-01-26", NO_LAW, "2005-01-27", "2005-01-31"),
    ("XTAI", "2009-02-02", "2009-01-21", NO_LAW, "2009-02-02", "2009-02-04"),  # the Lunar New Year lies between
    ("XASX", "2016-03-07", "2016-03-04", NO_LAW, "2016-03-07", "2016-03-09"),
    ("XSES", "2018-12-10", "2018-12-07", NO_LAW, "2018-12-10", "2018-12-12"),
    ("24/7", "2009-01-03", "2009-01-02", NO_LAW, "2009-01-03", "2009-01-03"),
]  # fmt: skip


def boundaries(name: str, places: str, *words: str) -> set[tuple[str, ...]]:
    """Read every first day of a row, and every day after the last one, with what the row is about."""
    found = set()
    for row in read(name):
        ends = [on(row["to"]) + timedelta(days=1)] if row["to"] else []
        for place in row[places].split("|"):
            found |= {(place, *(row[word] for word in words), str(day)) for day in (on(row["from"]), *ends)}
    return found


def days_around(calendar: str, boundary: str) -> np.ndarray:
    middle = on(boundary)
    return sessions(calendar, middle - timedelta(days=40), middle + timedelta(days=40)).days


def settled(calendar: str, days: np.ndarray) -> np.ndarray:
    """The day on which a trade of each session settles, the last few left out; before the first cycle, as by it."""
    places = np.arange(days.size) + settle_lag(calendar, days, last=0)
    return days[places[places < days.size]]


def test_every_boundary_of_the_law_has_a_pair():
    typed = {(pair.venue, pair.cls, pair.item, pair.side, pair.boundary) for pair in PAIRS}
    assert boundaries("law.csv", "venue", "item", "class", "side") == {
        (venue, item, cls, side, day) for venue, cls, item, side, day in typed
    }


def test_every_boundary_of_settlement_has_a_pair():
    assert boundaries("settlement.csv", "calendar") == {(calendar, day) for calendar, day, *_ in SETTLEMENTS}


def instrument(pair: Pair, cls: str) -> Inputs:
    """An instrument of the venue over the sessions around the boundary, settled as a run settles it."""
    calendar = "XNYS" if pair.venue == "US" else CALENDARS.get(pair.venue, pair.venue)
    days = days_around(calendar, pair.boundary)
    settles = settled(calendar, days)
    days = days[: settles.size]
    return Inputs("TEST", pair.venue, calendar, cls, "XXX", days, settles, 0, days.size)


def paid(pair: Pair, who: Inputs, session: int, side: str) -> float:
    """What the item charges a trade in one session, as the only one in which the run may trade."""
    law = CostSet("one item", (VenueLaw(kept=(pair.item,)),))
    price, shares = pair.size or SIZES[pair.venue]
    alone = replace(who, first=session, last=session + 1)
    return charge(law, alone, side, price, shares, session=session).get(pair.item, 0.0)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_trade_pays_by_the_row_of_its_day(pair):
    for cls in ("stock", "etf") if pair.cls == "any" else (pair.cls,):
        who = instrument(pair, cls)
        decisive = who.settle_days if pair in BY_SETTLEMENT else who.trade_days
        first = int(np.searchsorted(decisive, day_number(on(pair.boundary))))
        assert [str(day_of(day)) for day in who.trade_days[first - 1 : first + 1]] == [pair.eve, pair.first]
        for side in ("buy", "sell"):
            if pair.before is NO_LAW:
                with pytest.raises(LawError, match=f"{pair.item}.*no row covers a trade on {pair.eve}"):
                    paid(pair, who, first - 1, side)
            elif side in SIDES[pair.side]:
                assert paid(pair, who, first - 1, side) == pytest.approx(pair.before, abs=1e-9)
            else:
                assert paid(pair, who, first - 1, side) == 0.0
            due = pair.after if side in SIDES[pair.side] else 0.0
            assert paid(pair, who, first, side) == pytest.approx(due, abs=1e-9)


@pytest.mark.parametrize(("calendar", "boundary", "eve", "eve_settles", "first", "first_settles"), SETTLEMENTS)
def test_a_trade_settles_by_the_cycle_of_its_day(calendar, boundary, eve, eve_settles, first, first_settles):
    days = days_around(calendar, boundary)
    place = int(np.searchsorted(days, day_number(on(boundary))))
    assert [str(day_of(day)) for day in days[place - 1 : place + 1]] == [eve, first]
    settles = settled(calendar, days)
    assert str(day_of(settles[place])) == first_settles
    if eve_settles is NO_LAW:
        with pytest.raises(LawError, match=f"settlement {calendar}: no cycle is known for a trade on {eve}"):
            settle_lag(calendar, days[place - 1 : place])
    else:
        assert str(day_of(settles[place - 1])) == eve_settles


# The same through a run, from bars to the ledger.


def bars(symbol: str, venue: tuple[str, str, str], cls: str, price: float, lot: int, around: str) -> pd.DataFrame:
    """Bars without a move around a date, and too deep for any order to show."""
    mic, calendar, currency = venue
    dates = days_around(calendar, around).astype("datetime64[D]").astype(str)
    return pd.DataFrame(
        {
            "date": dates, "symbol": symbol, "open": price, "high": price, "low": price, "close": price,
            "volume": 1e9, "dividend": 0.0, "split": 0.0, "currency": currency, "mic": mic,
            "price_basis": "split_adj", "class": cls, "lot": lot,
        }
    )  # fmt: skip


HONG_KONG, NASDAQ, SHENZHEN, PARIS = (
    ("XHKG", "XHKG", "HKD"), ("XNAS", "XNYS", "USD"), ("XSHE", "XSHG", "CNY"), ("XPAR", "XPAR", "EUR"),
)  # fmt: skip


def run(frame: pd.DataFrame, enter: str, leave: str, capital: str, **words: object) -> ds.Result:
    """Buy at the open of one session, sell at the close of another (or the same)."""
    (symbol,) = frame["symbol"].unique()
    source = {"publisher": "a test", "published": f"{enter}T00:01Z"}  # before any venue here opens
    thesis = ds.Thesis(name="one", source=source, long={symbol: 1}, exit={"date": leave}, capital=capital, **words)
    return ds.run(thesis, ds.Market.load(frame))


def local(result: ds.Result, fill: int) -> dict[str, float]:
    """Costs of a fill in the currency of the law."""
    found = result.ledger.fills[fill]
    return {item: amount / found.fx for item, amount in found.costs.items()}


@pytest.mark.parametrize(
    ("venue", "around", "trades", "item", "amounts"),
    [
        # The purchase is the trade of the first date, the sale that of the second; the amounts are those of the table.
        (HONG_KONG, "2023-11-17", ("2023-11-16", "2023-11-17"), STAMP, (152, 117)),
        (HONG_KONG, "2025-06-30", ("2025-06-25", "2025-06-26"), CCASS, (2.33, 4.89)),
        (NASDAQ, "2024-05-22", ("2024-05-20", "2024-05-21"), SEC, (0, 0.98)),
        (NASDAQ, "2024-05-22", ("2024-05-21", "2024-05-22"), SEC, (0, 3.39)),
        (NASDAQ, "2025-05-14", ("2025-05-12", "2025-05-13"), SEC, (0, 3.39)),
        (NASDAQ, "2025-05-14", ("2025-05-13", "2025-05-14"), SEC, (0, 0)),
        (SHENZHEN, "2023-08-28", ("2023-08-24", "2023-08-25"), STAMP, (0, 10.92)),
        (SHENZHEN, "2023-08-28", ("2023-08-25", "2023-08-28"), STAMP, (0, 5.46)),
        (PARIS, "2025-04-01", ("2025-03-27", "2025-03-28"), FRANCE, (31.89, 0)),
        (PARIS, "2025-04-01", ("2025-03-28", "2025-03-31"), FRANCE, (42.52, 0)),
    ],
)
def test_a_run_charges_what_the_law_says(venue, around, trades, item, amounts):
    price, shares = SIZES["US" if venue is NASDAQ else venue[0]]
    # The base is another currency than the stock's, and the capital is worth between one and two lots.
    capital = {HONG_KONG: "20_000 USD", NASDAQ: "150_000 EUR", SHENZHEN: "2_000 USD", PARIS: "16_000 USD"}[venue]
    result = run(
        bars("ONE", venue, "stock", price, int(shares), around),
        *trades,
        capital,
        costs={"preset": "none", "taxes": "on"},
    )
    assert [str(fill.fill_at.date()) for fill in result.ledger.fills] == list(trades)
    assert [fill.shares for fill in result.ledger.fills] == [shares, -shares]
    assert [local(result, fill).get(item, 0.0) for fill in (0, 1)] == pytest.approx(amounts, abs=1e-9)


@pytest.mark.parametrize(
    ("enter", "nights"),
    [
        # Friday 24 May 2024 settles on Wednesday the 29th: the nights from Friday to Monday are booked on Tuesday.
        ("2024-05-24", [4, 1, 0, 0]),
        # Tuesday 28 May settles on Wednesday the 29th as well.
        ("2024-05-28", [1, 0, 0]),
    ],
)
def test_us_money_is_there_one_session_longer_before_t_plus_one(enter, nights):
    frame = bars("ONE", NASDAQ, "stock", 100.0, 1, enter)
    costs = {"preset": "none", "interest": "on", "participation": "none"}
    result = run(frame, enter, "2024-05-31", "1_000_000 USD", costs=costs)
    # 10,000 shares at 100 take the whole capital once they settle; until then it earns the policy rate of 5.375 % on
    # 360 days. What was earned earns as well, from the row on which it is booked.
    night, earned = 0.05375 / 360, 0.0
    for free in nights:
        earned += (1_000_000 * free + earned) * night
    assert result.ledger.interest_by_name["credit"] == pytest.approx(earned, abs=1e-6)


def test_a_round_trip_in_a_hong_kong_stock_and_in_an_etf_differs_by_the_stamp_duty():
    """Bought at the open and sold at the close of 28 January 2025, the half day before the Lunar New Year."""
    results = {}
    for cls in ("stock", "etf"):
        frame = bars("ONE", HONG_KONG, cls, 388.0, 300, "2025-01-28")
        frame.loc[frame["date"] == "2025-01-28", ["high", "close"]] = 401.4
        frame["volume"] = 2e6 + 1e3 * np.arange(len(frame))
        results[cls] = run(frame, "2025-01-28", "2025-01-28", "20_000 USD", costs="retail")
    stock, etf = results["stock"].ledger, results["etf"].ledger
    assert [fill.shares for fill in stock.fills] == [fill.shares for fill in etf.fills] == [300, -300]
    duty = 0.0
    # 116,400 x 0.1 % = 116.40, up to 117; 401.4 x 300 = 120,420, 120.42 up to 121
    for bought, sold, amount in zip(stock.fills, etf.fills, (117, 121), strict=True):
        charged = dict(bought.costs)
        assert charged["stamp duty"] == pytest.approx(amount * bought.fx, abs=1e-9)
        duty += charged.pop("stamp duty")
        assert charged == dict(sold.costs)
        assert {"commission", "half-spread", "slippage", "CCASS settlement fee"} <= set(charged)
    net = [results[cls].performance.net_pnl for cls in ("etf", "stock")]
    assert net[0] - net[1] == pytest.approx(duty, abs=1e-9)
    assert duty > 0

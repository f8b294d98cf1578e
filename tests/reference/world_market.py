"""The market of a random world: listings, bars on true sessions, exchange rates.

Half days and the Lunar New Year are where they were. Prices are on the venue's tick as traded; the splits that come
later are then divided out, as in the data that the library reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from .auctions import Session, all_sessions, calendar_of
from .ticks import round_half_up, tick_of

FRANKFURT = ZoneInfo("Europe/Berlin")
SPLITS = (2.0, 3.0, 1.5, 10.0, 0.2)
KINDS = ("us", "us", "us2", "us2", "hk", "hk", "hk2", "de", "pa", "sz", "sz", "ss", "coin", "penny")


@dataclass(frozen=True)
class Listing:
    """What a symbol is, and how it likes to move.

    ``depth`` is the logarithm of its usual volume; from ``squeeze`` on it moves one way for two days.
    """

    symbol: str
    mic: str
    currency: str
    cls: str
    price: float
    lot: float = 1
    limit: float = 0.0
    volatility: float = 0.025
    beta: float = 1.0
    depth: float = 13.0
    squeeze: date | None = None

    @property
    def calendar(self) -> str:
        """The calendar of its venue."""
        return calendar_of(self.mic)


class MarketMaker:
    """Draws the listings of a market, then their bars and rates.

    Parameters
    ----------
    random : Random
        The order in which it is drawn from is part of the seed.
    story : date
        The day around which prices jump.
    first, last : date
        Of the bars.
    """

    def __init__(self, random: Random, story: date, first: date, last: date) -> None:
        self.random = random
        self.story, self.first, self.last = story, first, last
        self.crash = self.chance(0.6)
        if self.chance(0.06):
            kinds = ["coin", "coin2", "coin3"]
        else:
            kinds = [*dict.fromkeys(random.sample(KINDS, random.randint(3, 6))), "us-etf", "hk-etf"]
        self.listings = [self._listing(kind) for kind in kinds] + [self._index()]

    def chance(self, probability: float) -> bool:
        """Flip a coin."""
        return self.random.random() < probability

    # Listings

    def _listing(self, kind: str) -> Listing:
        pick, between = self.random.choice, self.random.uniform
        steps = (0.6, 9.0, 18.0, 70.0, 180.0, 420.0)
        kinds: dict[str, tuple[Any, ...]] = {
            "us": ("QUAX", "XNAS", "USD", "stock", between(15, 300)),
            "us2": ("QUBX", "XNYS", "USD", "stock", between(15, 300)),
            "penny": ("QPNY", "XNAS", "USD", "stock", between(0.7, 1.4)),
            "us-etf": ("QETF", "ARCX", "USD", "etf", between(20, 90)),
            "hk": ("0098.HK", "XHKG", "HKD", "stock", pick(steps), pick((50, 100, 200, 500, 2000))),
            "hk2": ("0099.HK", "XHKG", "HKD", "stock", between(5, 120), 100),
            "hk-etf": ("3099.HK", "XHKG", "HKD", "etf", between(4, 30), 200),
            "de": ("QXE.DE", "XETR", "EUR", "stock", pick((6.0, 19.0, 48.0, 95.0, 190.0))),
            "pa": ("QXP.PA", "XPAR", "EUR", "stock", between(10, 200)),
            "sz": ("300998.SZ", "XSHE", "CNY", "stock", between(8, 60), 100, pick((0.2, 0.1))),
            "ss": ("600998.SS", "XSHG", "CNY", pick(("stock", "etf")), between(4, 30), 100, pick((0.1, 0.05))),
            "coin": ("QBT-USD", "24x7", "USD", "crypto", between(30_000, 90_000), 0),
            "coin2": ("QET-USD", "24x7", "USD", "crypto", between(1_000, 4_000), 0),
            "coin3": ("QDG-USD", "24x7", "USD", "crypto", between(0.2, 3.0), 0),
        }
        volatility = 0.004 if kind.endswith("etf") else between(0.015, 0.05)
        named = dict(zip(("symbol", "mic", "currency", "cls", "price", "lot", "limit"), kinds[kind], strict=False))
        depth, squeeze = between(12, 18) if self.chance(0.6) and not kind.endswith("etf") else between(8, 12), None
        if self.chance(0.65):
            squeeze = self.story + timedelta(days=self.random.randint(2, 8))
        return Listing(**named, volatility=volatility, beta=between(0.4, 1.9), depth=depth, squeeze=squeeze)

    def _index(self) -> Listing:
        mic, currency = self.random.choice([("XHKG", "HKD"), ("XNYS", "USD"), ("XETR", "EUR")])
        return Listing("^QIX", mic, currency, "index", 4000.0, volatility=0.001)

    # Bars

    def frame(self) -> pd.DataFrame:
        """Return the bars of all listings, which share one factor by date."""
        days = (self.last - self.first).days + 1
        factor = {self.first + timedelta(n): self.random.gauss(0.0005, 0.011) for n in range(days)}
        for n in range(3):
            factor[self.story + timedelta(n)] = self.random.uniform(-0.05, 0.05)
        return pd.DataFrame([row for one in self.listings for row in self._bars(one, factor)])

    def _bars(self, one: Listing, factor: dict[date, float]) -> list[dict[str, Any]]:
        """Walk one price through its sessions, as traded; some bars get lost, but never that of a split."""
        sessions = [session for session in all_sessions(one.calendar) if self.first <= session.day <= self.last]
        splits = self._splits(one, len(sessions))
        later = math.prod(splits.values())
        last = one.price
        rows = []
        for index, session in enumerate(sessions):
            ratio = splits.get(index, 1.0)
            later /= ratio
            last /= ratio
            # On the day of a split the price stays near: a jump would look as if the data were not adjusted for it.
            move = (
                self._move(one, session.day, factor[session.day]) if ratio == 1.0 else self.random.uniform(0.98, 1.02)
            )
            row = self._bar(one, session, last, move, later)
            if ratio == 1.0 and index and self.chance(0.02):
                continue
            last = row["close"] * later
            row["split"] = ratio if ratio != 1.0 else self.random.choice((1.0, 0.0, math.nan))
            rows.append(row)
        self._put_on_another_basis(one, rows)
        return rows

    def _splits(self, one: Listing, n: int) -> dict[int, float]:
        """Choose a session for a split, mostly after the story."""
        if one.cls not in ("stock", "etf") or self.chance(0.4):
            return {}
        return {self.random.randrange(n - 40, n): self.random.choice(SPLITS)}

    def _put_on_another_basis(self, one: Listing, rows: list[dict[str, Any]]) -> None:
        """Give the first bars a basis on which they count as missing."""
        older = rows[: self.random.randrange(1, 20)]
        if one.calendar == "XETR" and self.chance(0.5):
            for row in older:
                row["price_basis"] = "div_adj_asof_2026-01-05"
        if one.calendar == "XSHG" and self.chance(0.5):
            # Their dividends are in the prices already.
            for row in rows:
                row.update(price_basis="qfq_asof_2026-01-05", dividend=0.0)
            for row in older:
                row["price_basis"] = "qfq_asof_2024-03-01"

    def _bar(self, one: Listing, session: Session, last: float, move: float, later: float) -> dict[str, Any]:
        """Draw a bar from the last close, as traded, and the move; ``later`` is the product of the splits to come."""
        random = self.random
        step = tick_of(one.calendar, one.cls, session.day, last)
        upper, lower = (round_half_up(last * (1 + way * one.limit), step) for way in (1, -1))

        def on_tick(price: float) -> float:
            if one.limit:
                price = min(max(price, lower), upper)
            tick = tick_of(one.calendar, one.cls, session.day, price)
            return max(round(round_half_up(price, tick), 6), tick)

        opened = on_tick(last * move ** random.choice((0.0, 0.3, 0.6, 1.0)))
        closed = on_tick(last * move)
        reach = random.uniform(0, one.volatility * (3 if self._fear(session.day) > 0.1 else 1))
        high, low = on_tick(max(opened, closed) * (1 + reach)), on_tick(min(opened, closed) * (1 - reach))
        volume: float = round(random.lognormvariate(one.depth, 0.5)) * (closed if one.cls == "crypto" else later)
        if one.cls == "index" or self.chance(0.03):
            volume = math.nan
        elif self.chance(0.035):
            # A halt; at times with a range, in which nothing may trigger.
            volume = 0.0
            if self.chance(0.6):
                opened = high = low = closed = on_tick(last)
        half_day = one.calendar == "XHKG" and session.close.time() < time(6)
        if half_day or self.chance(0.03):
            opened = high = low = math.nan
            volume = volume if volume == 0 else math.nan
        pays = one.cls in ("stock", "etf") and self.chance(0.03)
        return {
            "date": pd.Timestamp(session.day),
            "symbol": one.symbol,
            "open": opened / later,
            "high": high / later,
            "low": low / later,
            "close": closed / later,
            "volume": volume,
            "dividend": round(closed * random.uniform(0.004, 0.03), 2) / later if pays else 0.0,
            "currency": one.currency,
            "mic": one.mic,
            "price_basis": {"index": "index", "crypto": "raw"}.get(one.cls, "split_adj"),
            "class": one.cls,
            "lot": one.lot,
            "limit_pct": one.limit,
        }

    def _move(self, one: Listing, day: date, common: float) -> float:
        """Return the day's close over the last one, before ticks and limits."""
        near = abs((day - self.story).days) <= 6
        if one.squeeze is not None and 0 <= (day - one.squeeze).days <= 1:
            # The same way on both days.
            way = 1 if one.squeeze.toordinal() % 3 else -1
            return math.exp(way * self.random.uniform(0.1, 0.45))
        if one.calendar == "XNYS" and one.cls != "index" and self.chance(self._fear(day)):
            return self.random.uniform(0.8, 0.91)
        shock = self.random.gauss(0, one.volatility)
        if self.chance(0.06) or (near and self.chance(0.2)):
            shock *= 3
        if one.limit and self.chance(0.45 if near else 0.12):
            shock = self.random.choice((1, -1)) * one.limit * 1.3
        return math.exp(one.beta * common + shock)

    def _fear(self, day: date) -> float:
        """Return how likely New York falls by a tenth in a session."""
        after = (day - self.story).days
        return (0.6 if self.crash else 0.2) if -1 <= after <= 3 else 0.01

    # Rates

    def fx_frame(self) -> pd.DataFrame:
        """Return euro rates of most weekdays, known at 16:00 in Frankfurt, or just when its exchange closes."""
        stamp = self.random.choice((time(16), time(16), time(17, 30)))
        level = {"USD": 0.95, "HKD": 0.122, "CNY": 0.131}
        rows = []
        day = self.first - timedelta(days=8)
        while day <= self.last:
            known = datetime.combine(day, stamp, FRANKFURT).astimezone(UTC)
            holiday = day > self.first and self.chance(0.04)
            for currency in level:
                level[currency] *= math.exp(self.random.gauss(0, 0.006))
                if day.weekday() < 5 and not holiday:
                    rows.append({"known_at": known, "currency": currency, "base": "EUR", "rate": level[currency]})
            day += timedelta(days=1)
        return pd.DataFrame(rows)

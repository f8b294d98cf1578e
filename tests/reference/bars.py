"""Prices and what an auction allows (rules, section 5).

All prices and share counts are adjusted for splits; rules that see the traded price multiply by the session's
``later_splits``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median, stdev

import pandas as pd

from .auctions import NONSTOP, Row, Session, Venue, calendar_of
from .ticks import round_half_up, tick_of

UNTRADED_CLASSES = {"index", "rate", "yield", "fx"}
# Adjusted share counts are sums and quotients: a whole position within this of a cap is within it.
SHARES_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Bar:
    """One session's numbers; None where the data have none."""

    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: float | None
    dividend: float


@dataclass(frozen=True)
class Ending:
    """A merger or delisting: it pays every position at the open row of a session, in adjusted prices.

    The dividend of that session is still paid; nothing else of it or of later sessions counts.
    """

    index: int
    kind: str
    price: float
    dividend: float


class Instrument:
    """One symbol: its venue, its rules and its bars by session index."""

    def __init__(self, symbol: str, venue: Venue, rows: list[dict], actions: Sequence[dict] = ()) -> None:
        last = rows[-1]
        self.symbol = symbol
        self.venue = venue
        self.mic: str = last["mic"]
        self.currency: str = last["currency"]
        self.cls: str = last["class"]
        self.lot: float = last["lot"]
        self.limit: float = last["limit_pct"]
        self.bars: dict[int, Bar] = {}
        splits: dict[int, float] = {}
        for one in rows:
            index = venue.index_of_day.get(as_day(one["date"]))
            if index is None:
                continue
            self.bars[index] = Bar(
                number(one["open"]), number(one["high"]), number(one["low"]), float(one["close"]),
                number(one["volume"]), number(one["dividend"]) or 0.0,
            )  # fmt: skip
            splits[index] = number(one["split"]) or 1.0
        # A session's factor is the product of the splits of later sessions.
        self.later_splits = [1.0] * len(venue.sessions)
        for index in range(len(venue.sessions) - 2, -1, -1):
            self.later_splits[index] = self.later_splits[index + 1] * splits.get(index + 1, 1.0)
        self.ending = self._end(actions)
        self.prints = self._prints()
        self.printed_at = [row for row, _ in self.prints]

    def _end(self, actions: Sequence[dict]) -> Ending | None:
        """Drop the bars from the first merger or delisting on, and return it; None where there is none."""
        for one in sorted(actions, key=lambda one: as_day(one["date"])):
            index = self.venue.first_on_or_after(as_day(one["date"]))
            if index is None or index >= self.venue.n_traded:
                continue
            last = self.bars.get(index)
            self.bars = {i: bar for i, bar in self.bars.items() if i < index}
            price = float(one["cash"]) / self.later_splits[index]
            return Ending(index, one["kind"], price, last.dividend if last else 0.0)
        return None

    def dividend(self, index: int) -> float:
        """Return what a session's open row pays for an adjusted share."""
        if self.ending is not None and self.ending.index == index:
            return self.ending.dividend
        return self.bars[index].dividend if index in self.bars else 0.0

    def _prints(self) -> list[tuple[Row, float]]:
        """Return every auction price with its row, in order; of a halted session only the close."""
        found = []
        for index, bar in sorted(self.bars.items()):
            if bar.open is not None and not self.halted(index):
                found.append((self.venue.row(index, "open"), bar.open))
            found.append((self.venue.row(index, "close"), bar.close))
        return found

    # What the tape shows

    def halted(self, index: int) -> bool:
        """Say whether a session is a halt: no bar, or a volume of zero."""
        bar = self.bars.get(index)
        return bar is None or bar.volume == 0

    def auction_price(self, index: int, kind: str) -> float | None:
        """Return the price of an auction at which one may trade, or None."""
        if self.halted(index) or self.cls in UNTRADED_CLASSES:
            return None
        return self.bars[index].open if kind == "open" else self.bars[index].close

    def last_price(self, row: Row) -> float | None:
        """Return the last auction price at or before a row."""
        place = bisect_right(self.printed_at, row)
        return self.prints[place - 1][1] if place else None

    def price_known_at(self, instant: datetime) -> float | None:
        """Return the last auction price at or before an instant, an open at that instant included."""
        return self.last_price((instant, "open"))

    def closes_before(self, index: int) -> list[tuple[Session, float]]:
        """Return sessions and known closes of earlier sessions, oldest first."""
        return [(self.venue.sessions[i], self.bars[i].close) for i in sorted(self.bars) if i < index]

    def previous_close(self, index: int) -> float | None:
        """Return the last known close of an earlier session."""
        for i in range(index - 1, -1, -1):
            if i in self.bars:
                return self.bars[i].close
        return None

    # What trails

    def sigma(self, index: int) -> float | None:
        """Return the standard deviation of the last 20 log returns that end before a session, or None."""
        closes = [close for _, close in self.closes_before(index)][-21:]
        if len(closes) < 21:
            return None
        return stdev(math.log(b / a) for a, b in pairwise(closes))

    def typical_volume(self, index: int) -> float | None:
        """Return the median of the last 20 known volumes, in adjusted shares, of earlier sessions, or None."""
        volumes = []
        for i in sorted(i for i in self.bars if i < index):
            bar = self.bars[i]
            if bar.volume is not None:
                volumes.append(bar.volume / bar.close if self.cls == "crypto" else bar.volume)
        return median(volumes[-20:]) if len(volumes) >= 20 else None

    # What the venue allows

    def tick(self, index: int, price: float) -> float:
        """Return the tick of an adjusted price, in traded prices."""
        day = self.venue.sessions[index].day
        return tick_of(self.venue.calendar, self.cls, day, price * self.later_splits[index])

    def locked(self, index: int, price: float, *, buying: bool) -> bool:
        """Say whether a price stands at the daily limit against an order."""
        previous = self.previous_close(index)
        if not self.limit or previous is None:
            return False
        # Both in the shares of this session, so that a split between the two closes moves no limit.
        factor = self.later_splits[index]
        way = 1 + self.limit if buying else 1 - self.limit
        reference = previous * factor * way
        tick = self.tick(index, previous * way)
        limit = round_half_up(reference, tick)
        traded = price * factor
        return traded >= limit - tick / 2 if buying else traded <= limit + tick / 2

    def refusal(self, index: int, kind: str, *, buying: bool) -> str:
        """Return why an auction does not fill an order, or an empty string."""
        if self.halted(index):
            return "halted"
        price = self.auction_price(index, kind)
        if price is None:
            return "no price"
        return "locked at the limit" if self.locked(index, price, buying=buying) else ""

    def whole_lots(self, index: int, shares: float) -> float:
        """Round adjusted shares toward zero to lots of traded shares."""
        factor = self.later_splits[index]
        unit = 1e-8 if self.venue.calendar == NONSTOP else self.lot
        return math.floor(shares / factor / unit * (1 + 1e-9)) * unit * factor


def number(value: object) -> float | None:
    """Return a float, or None for what is missing."""
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]


def as_day(value: object) -> date:
    """Return the date of a timestamp, a date or a text."""
    return pd.Timestamp(value).date()  # type: ignore[arg-type]


def records(frame: pd.DataFrame | None) -> list[dict]:
    """Return the rows of a table that may not be there."""
    return [] if frame is None else frame.to_dict("records")


def read_market(frame: pd.DataFrame, actions: pd.DataFrame | None = None) -> dict[str, Instrument]:
    """Return all instruments of a long frame of bars, with their mergers and delistings."""
    ordered = frame.sort_values("date")
    first, last = as_day(ordered["date"].iloc[0]), as_day(ordered["date"].iloc[-1])
    by_symbol: dict[str, list[dict]] = {}
    for one in ordered.to_dict("records"):
        by_symbol.setdefault(one["symbol"], []).append(one)
    venues: dict[str, Venue] = {}
    market = {}
    for symbol, rows in by_symbol.items():
        calendar = calendar_of(rows[-1]["mic"])
        if calendar not in venues:
            venues[calendar] = Venue(calendar, first, last)
        own = [one for one in records(actions) if one["symbol"] == symbol]
        market[symbol] = Instrument(symbol, venues[calendar], on_one_basis(rows), own)
    return market


def on_one_basis(rows: list[dict]) -> list[dict]:
    """Leave out the bars that are adjusted for dividends, or for more or fewer of them than the latest are."""
    latest = max((one["price_basis"] for one in rows if one["price_basis"].startswith("qfq_asof_")), default="")
    return [
        one
        for one in rows
        if not one["price_basis"].startswith("div_adj_")
        and (not one["price_basis"].startswith("qfq_asof_") or one["price_basis"] == latest)
    ]

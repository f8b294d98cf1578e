"""The tables of a random world: what may be borrowed and sold short, what is called back, what ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pandas as pd

from .bars import number
from .world_market import Listing


@dataclass(frozen=True)
class Tables:
    """The tables of a world, each of which may be missing.

    Attributes
    ----------
    borrow : DataFrame, optional
        symbol, from, to, tier, rate.
    recalls : DataFrame, optional
        symbol, date.
    designated : DataFrame, optional
        symbol, from, to.
    actions : DataFrame, optional
        symbol, date, kind, cash.
    """

    borrow: pd.DataFrame | None
    recalls: pd.DataFrame | None
    designated: pd.DataFrame | None
    actions: pd.DataFrame | None


class TableMaker:
    """Draws tables that concern what the theses of a world trade.

    Parameters
    ----------
    random : Random
        The order in which it is drawn from is part of the seed.
    story : date
    listings : sequence of Listing
    words : list of dict
        The theses, in their YAML words.
    """

    def __init__(
        self, random: Random, story: date, listings: Sequence[Listing], words: Sequence[dict[str, Any]]
    ) -> None:
        self.random = random
        self.story = story
        self.listings = listings
        hedges = {one["hedge"]["via"] for one in words if "hedge" in one}
        self.traded = sorted({s for one in words for side in ("long", "short", "versus") for s in one.get(side, ())})
        self.traded += sorted(hedges)
        self.shorts = sorted({s for one in words for s in self._shorts(one)} | hedges)

    def _shorts(self, words: dict[str, Any]) -> list[str]:
        return [symbol for side in ("short", "versus") for symbol in words.get(side, ())]

    def chance(self, probability: float) -> bool:
        """Flip a coin."""
        return self.random.random() < probability

    def tables(self, frame: pd.DataFrame) -> tuple[Tables, pd.DataFrame]:
        """Return the tables, and the bars, which may end with what they belong to."""
        borrow = self._borrow() if self.chance(0.5) else None
        recalls = self._recalls() if self.chance(0.6) else None
        designated = self._designated() if self.chance(0.6) else None
        actions = None
        if self.chance(0.6):
            actions, frame = self._actions(frame)
        return Tables(borrow, recalls, designated, actions), frame

    def _day(self, least: int, most: int) -> pd.Timestamp:
        return pd.Timestamp(self.story + timedelta(days=self.random.randint(least, most)))

    def _borrow(self) -> pd.DataFrame:
        """Write spans of tiers around the story, with gaps between them in which the thesis's own word counts."""
        random = self.random
        rows = []
        for symbol in self.shorts:
            begins, spans = self._day(-12, 3), random.randint(1, 3)
            for n in range(spans):
                ends = begins + timedelta(days=random.randint(1, 14))
                tier = random.choice(("general", "special", "special", "none"))
                rate = round(random.uniform(0.02, 0.6), 4) if self.chance(0.5) else float("nan")
                endless = n == spans - 1 and tier != "none" and self.chance(0.4)
                rows.append((symbol, begins, pd.NaT if endless else ends, tier, rate))
                begins = ends + timedelta(days=random.randint(1, 4))
        return pd.DataFrame(rows, columns=["symbol", "from", "to", "tier", "rate"])

    def _recalls(self) -> pd.DataFrame:
        rows = [(s, self._day(1, 20)) for s in self.shorts for _ in range(self.random.randint(0, 2))]
        return pd.DataFrame(rows, columns=["symbol", "date"])

    def _designated(self) -> pd.DataFrame:
        """Name most securities of Hong Kong, mostly from a day around the story on."""
        rows = []
        for one in self.listings:
            if one.calendar == "XHKG" and self.chance(0.8):
                begins = self._day(-9, 7)
                rows.append((one.symbol, begins, pd.NaT if self.chance(0.5) else begins + timedelta(days=30)))
        return pd.DataFrame(rows, columns=["symbol", "from", "to"])

    def _actions(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """End one or two instruments, whose bars mostly end with them."""
        random = self.random
        cls = {one.symbol: one.cls for one in self.listings}
        candidates = [symbol for symbol in dict.fromkeys(self.traded) if cls[symbol] != "crypto"]
        rows = []
        for symbol in random.sample(candidates, min(len(candidates), random.randint(1, 2))):
            day, kind = self._day(1, 20), random.choice(("merger", "delisting"))
            own = frame[frame["symbol"] == symbol]
            if self.chance(0.7):
                frame = frame[(frame["symbol"] != symbol) | (frame["date"] < day)].reset_index(drop=True)
                own = own[own["date"] < day]
            last = own[own["date"] < day].iloc[-1]
            traded = last["close"]
            for split in own["split"][own["date"] >= day]:
                traded *= number(split) or 1.0
            cash = traded * random.uniform(0.6, 1.5) if kind == "merger" else traded * random.choice((0, 0, 0.3))
            rows.append((symbol, day, kind, round(cash, 2)))
        return pd.DataFrame(rows, columns=["symbol", "date", "kind", "cash"]), frame

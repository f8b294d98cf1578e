"""Random but valid worlds: a market of several venues and currencies, and a thesis (or a book) on it.

``make_world(seed)`` draws everything away from its neutral value: exchange rates are not 1, splits and dividends
happen, bars are missing, halted, without range or locked at the limit, shorts pay a special fee, weights do not sum to
one before they are scaled, volumes are too small for the order, shares are called back, margin is called. A failing
seed can be read: ``print(make_world(seed).thesis.to_yaml())``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

import pandas as pd

from deepshock.thesis import Book, Thesis

from .bars import read_market
from .outcome import Reference
from .plan import beta, start_of
from .run import reference_run
from .world_market import MarketMaker
from .world_rules import TableMaker, Tables
from .world_theses import ThesisMaker


@dataclass(frozen=True)
class World:
    """A market and what is to be traded on it.

    Attributes
    ----------
    words : list of dict
        Each thesis in its YAML words.
    shares : list of float
        Each thesis's share of the account.
    frame : DataFrame
        Bars, with the columns of a provider and ``class``, ``lot`` and ``limit_pct``.
    fx_frame : DataFrame
        known_at, currency, base, rate (base per unit of currency).
    tables : Tables
        borrow, recalls, designated and actions, each of which may be None; also attributes of the world.
    """

    seed: int
    words: list[dict[str, Any]]
    shares: list[float]
    frame: pd.DataFrame
    fx_frame: pd.DataFrame
    tables: Tables

    @property
    def borrow(self) -> pd.DataFrame | None:
        """symbol, from, to, tier, rate."""
        return self.tables.borrow

    @property
    def recalls(self) -> pd.DataFrame | None:
        """symbol, date."""
        return self.tables.recalls

    @property
    def designated(self) -> pd.DataFrame | None:
        """symbol, from, to."""
        return self.tables.designated

    @property
    def actions(self) -> pd.DataFrame | None:
        """symbol, date, kind, cash."""
        return self.tables.actions

    @property
    def is_book(self) -> bool:
        """Whether several theses share one account."""
        return len(self.words) > 1

    @cached_property
    def theses(self) -> list[Thesis]:
        """The theses as the library's own objects."""
        return [Thesis.model_validate(words) for words in self.words]

    @property
    def thesis(self) -> Thesis:
        """The only thesis."""
        (one,) = self.theses
        return one

    @cached_property
    def book(self) -> Book:
        """The theses in one account, under the costs and with the capital of the first."""
        account = {name: self.words[0][name] for name in ("capital", "costs")}
        return Book.of(f"world-{self.seed}", zip(self.theses, self.shares, strict=True), **account)

    def reference(self) -> Reference:
        """Run it by the rules."""
        item = self.book if self.is_book else self.thesis
        return reference_run(item, self.frame, self.fx_frame, **vars(self.tables))


def make_world(seed: int) -> World:
    """Return the world of a seed, the same on every machine."""
    random = Random(seed)
    story = story_day(random)
    history = random.choice((90, 90, 90, 165, 240, 320))
    first = story - timedelta(days=math.ceil(history * 7 / 5) + 25)
    last = story + timedelta(days=random.choice((35, 60, 75)))
    market = MarketMaker(random, story, first, last)
    theses = ThesisMaker(random, story, market.listings, enough_for_beta=history > 150)
    frame, fx_frame = market.frame(), market.fx_frame()
    n = random.choice((1, 1, 1, 1, 1, 1, 2, 3))
    words = [theses.words(f"world-{seed}-{index}", days=random.randrange(3) if index else 0) for index in range(n)]
    words = [one if has_betas(one, frame) else {**one, "neutral": "dollar"} for one in words]
    shares = [random.uniform(0.5, 2) for _ in range(n)]
    tables, frame = TableMaker(random, story, market.listings, words).tables(frame)
    return World(seed, words, shares, frame, fx_frame, tables)


def has_betas(words: dict[str, Any], frame: pd.DataFrame) -> bool:
    """Say whether weights by beta can be had where a thesis asks for them: each side moves with the benchmark."""
    if words.get("neutral") != "beta":
        return True
    thesis, market = Thesis.model_validate(words), read_market(frame)
    moves = {1: 0.0, -1: 0.0}
    for leg in thesis.legs():
        slope = beta(market[leg.symbol], market["^QIX"], start_of(thesis))
        if slope is None:
            return False
        moves[leg.side] += slope * leg.part
    return min(moves.values()) > 0


def story_day(random: Random) -> date:
    """Return when the story breaks: mostly near the Lunar New Year, at times near a change of law or of settlement."""
    starts = {
        date(2025, 1, 20): 0.6,
        date(2024, 5, 13): 0.1,  # New York settles on T+1 from 28 May, the SEC's fee changes on the 22nd
        date(2025, 3, 20): 0.1,  # France's tax on transactions rises with what settles from 1 April
        date(
            2025, 6, 16
        ): 0.1,  # Hong Kong's settlement fee changes with what settles from 30 June, its ticks in August
        date(2024, 12, 2): 0.1,
    }
    (start,) = random.choices(list(starts), list(starts.values()))
    return start + timedelta(days=random.randrange(14))

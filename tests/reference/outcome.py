"""What a run leaves behind, and its statistics (rules, sections 10 and 11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import fmean, stdev

from .account import Line
from .cash import nightly
from .legs import Leg

GROSS = ("price", "FX", "dividends")
INTEREST = ("credit", "debit", "rebate")


@dataclass
class Reference:
    """The outcome of one run, in base currency.

    Attributes
    ----------
    fills : list of dict
        symbol, thesis, side, reason, decided_at, fill_at, shares, price, currency, fx, costs, in the order of the rows.
    unfilled : list of (symbol, reason, part)
        Orders that did not fill altogether, with the reason that they had (``entry`` or ``hedge``) and the part of
        their notional that did not fill: 1 for an order that never did.
    nav : list of (instant, value)
        On valuation rows, from the one before the first fill (the capital) to the last.
    cash : list of (instant, {currency: amount})
        On valuation rows from the first fill on: free cash as ``free`` in base currency, and the collateral of shorts
        under each currency, in that currency; whether it has settled or not.
    margin : list of (instant, requirement, called)
        On the same rows; the requirement in base currency.
    events : Counter of str
        How often the rules did something that a test of random worlds wants to have seen.
    lines : list of (instant, thesis, symbol, leg, item, amount)
        Signed as changes of the value of the account; interest on free cash has no symbol and leg -1.
    legs : list of dict
        thesis, symbol, side, missed, gap, tradable; None where there is no such price.
    """

    capital: float
    base: str
    fills: list[dict] = field(default_factory=list)
    unfilled: list[tuple[str, str, float]] = field(default_factory=list)
    nav: list[tuple[datetime, float]] = field(default_factory=list)
    thesis_nav: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)
    cash: list[tuple[datetime, dict[str, float]]] = field(default_factory=list)
    margin: list[tuple[datetime, float, bool]] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    legs: list[dict] = field(default_factory=list)
    interest: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    gross: float = 0.0
    net: float = 0.0
    excess: float = 0.0
    max_drawdown: float = 0.0
    sharpe: float | None = None
    sharpe_se: float | None = None
    n_obs: int = 0

    def summarise(self, nights: list[date], *, interest: bool, all_nonstop: bool) -> None:
        """Fill in what follows from the value of the account, its lines and the nights of its interest."""
        total: dict[str, float] = {}
        for *_, item, amount in self.lines:
            total[item] = total.get(item, 0.0) + amount
        self.gross = sum(total.get(item, 0.0) for item in GROSS)
        self.interest = {item: total.get(item, 0.0) for item in INTEREST}
        self.costs = {item: -amount for item, amount in total.items() if item not in GROSS + INTEREST}
        self.net = self.gross - sum(self.costs.values()) + sum(self.interest.values())
        self.excess = self.net - self.capital * sum(nightly(self.base, night) for night in nights)
        highest = self.capital
        for _, value in self.nav:
            highest = max(highest, value)
            self.max_drawdown = min(self.max_drawdown, value / highest - 1)
        self._sharpe(interest=interest, days_a_year=365 if all_nonstop else 252)

    def _sharpe(self, *, interest: bool, days_a_year: int) -> None:
        excess = []
        for (before, old), (now, new) in zip(self.nav, self.nav[1:], strict=False):
            days = (now.date() - before.date()).days
            nights = [before.date() + timedelta(n) for n in range(days)]
            free = sum(nightly(self.base, night) for night in nights) if interest else 0.0
            excess.append(new / old - 1 - free)
        self.n_obs = len(excess)
        if self.n_obs >= 20 and stdev(excess) > 0:
            self.sharpe = fmean(excess) / stdev(excess) * sqrt(days_a_year)
            self.sharpe_se = sqrt(days_a_year / self.n_obs)


def parts_of(leg: Leg) -> dict:
    """Split a leg's move into what was missed, what the gap took and what could be traded."""
    thesis = leg.member.thesis
    before = leg.instrument.price_known_at(thesis.news or thesis.known())
    known = leg.instrument.price_known_at(thesis.known())
    entered = leg.entries[0].price if leg.entries else None
    left = leg.holding.price if leg.is_open else leg.exit_price

    def move(start: float | None, end: float | None) -> float | None:
        return None if None in (before, start, end) else leg.side * (end - start) / before

    return {
        "thesis": thesis.name,
        "symbol": leg.symbol,
        "side": leg.side,
        "missed": move(before, known),
        "gap": move(known, entered),
        "tradable": move(entered, left),
    }

"""What an event study is given: returns of a leg and of its benchmark, on the sessions that both venues have.

A date label is not an instant. Returns are paired by label, and the model of a leg says what the label hides: see
`model_of`. Where a leg was bought or sold between two closes, its return is from or to the fill, and that of the
benchmark from or to its own last price at that instant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Flags, Floats, Ints
from deepshock.stats.event_study import Normal
from deepshock.stats.event_study.abnormal import LOG
from deepshock.stats.event_study.models import DIMSON, MARKET
from deepshock.stats.in_the_price import last_prices

if TYPE_CHECKING:
    from deepshock.market import Market

HALF_HOUR_NS = 1_800_000_000_000
NEVER = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Held:
    """From when to when a leg counts.

    Parameters
    ----------
    start, end : int
        UTC nanoseconds. A session counts whose close lies after the start, and which begins, with the close before,
        before the end.
    prices : tuple of float, optional
        What it was bought and sold at, local currency. Without them whole sessions count, close to close, and those
        alone that end after the start and by the end, on its venue and on the benchmark's.
    """

    start: int
    end: int
    prices: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Paired:
    """Returns of a leg beside those of its benchmark.

    Parameters
    ----------
    days : ndarray of shape (n_sessions,), int64
        Date labels that both venues have; days since 1970.
    leg, benchmark : ndarray of shape (n_sessions,)
        In their own currencies, dividends included; nan where a bar is missing at either end.
    held : ndarray of shape (n_sessions,), bool
        Which sessions count.
    """

    days: Ints
    leg: Floats
    benchmark: Floats
    held: Flags


@dataclass(frozen=True, eq=False)
class _Line:
    """One instrument: its prices at some instants, and what it had paid by any instant."""

    at: Ints
    price: Floats
    paid_at: Ints
    paid: Floats

    @classmethod
    def of(cls, market: Market, symbol: str, days: Ints) -> _Line:
        """Return the closes of some of its sessions."""
        axis, series = market.sessions(market.instrument(symbol).calendar), market.series(symbol)
        places = np.searchsorted(axis.days, days)
        return cls(axis.closes[places], series.close[places], axis.opens, np.append(0.0, np.cumsum(series.dividend)))

    def cut(self, start: int, end: int, prices: tuple[float, float]) -> _Line:
        """Return the same with every instant moved into a stretch, at whose ends it has other prices."""
        price = np.where(self.at <= start, prices[0], np.where(self.at >= end, prices[1], self.price))
        return replace(self, at=np.clip(self.at, start, end), price=price)

    def returns(self, kind: str) -> Floats:
        """Return what it made from each instant to the next; a dividend belongs to who held it before its open."""
        by = self.paid[np.searchsorted(self.paid_at, self.at, side="right")]
        made = (self.price[1:] + np.diff(by)) / self.price[:-1]
        return np.append(np.nan, np.log(made) if kind == LOG else made - 1.0)


def paired(market: Market, symbol: str, benchmark: str, held: Held, normal_to: int, kind: str) -> Paired:
    """Return what a leg and its benchmark did from one session that both venues have to the next.

    Parameters
    ----------
    market : Market
    symbol, benchmark : str
    held : Held
        Where it has prices, returns after ``normal_to`` are cut to it. A session of the leg that is cut, because it was
        bought or sold at an open, is cut for the benchmark too: what that did before the fill or after the exit counts
        for nothing. Whole sessions of the leg go with whole ones of the benchmark, as in the estimation window.
    normal_to : int
        Last label of the estimation window, up to which nothing is cut.
    kind : str
        ``simple`` or ``log``.
    """
    mine, theirs = (market.sessions(market.instrument(each).calendar).days for each in (symbol, benchmark))
    days = np.intersect1d(mine, theirs, assume_unique=True)
    leg, other = (_Line.of(market, each, days) for each in (symbol, benchmark))
    after_start = leg.at > held.start
    if held.prices is None:
        within = [(line.at > held.start) & (line.at <= held.end) for line in (leg, other)]
        return Paired(days, leg.returns(kind), other.returns(kind), within[0] & within[1])
    start, end = held.start, held.end
    known, _ = last_prices(market, benchmark, np.array([start, end]))
    edges = NEVER[0] if start in leg.at else start, NEVER[1] if end in leg.at else end
    cuts = leg.cut(start, end, held.prices), other.cut(*edges, (float(known[0]), float(known[1])))
    made = [
        np.where(days > normal_to, cut.returns(kind), whole.returns(kind))
        for cut, whole in zip(cuts, (leg, other), strict=True)
    ]
    begins_before_end = np.append(True, leg.at[:-1] < end)
    return Paired(days, made[0], made[1], after_start & begins_before_end)


def model_of(market: Market, symbol: str, benchmark: str) -> tuple[Normal, str]:
    """Return the model of a leg's normal returns, and why it is that one.

    Notes
    -----
    On one date label a venue in the east closes first, so that its share answers to the benchmark a session late:
    Dimson's (1979) model with one lag, whose abnormal returns allow for what the market did on either session. It is
    judged by the usual distance of the two closes, so that a half day changes nothing.
    """
    mine, theirs = (market.sessions(market.instrument(each).calendar) for each in (symbol, benchmark))
    _, own, other = np.intersect1d(mine.days, theirs.days, assume_unique=True, return_indices=True)
    later = float(np.median(mine.closes[own] - theirs.closes[other])) if own.size else 0.0
    hours = f"{round(abs(later) / HALF_HOUR_NS) / 2:g} h"
    if later < 0.0:
        return Normal(DIMSON, lags=1, leads=0), f"closes {hours} before {benchmark}, and answers to it a session late"
    return Normal(MARKET), f"closes {hours} after {benchmark}" if later else f"closes with {benchmark}"


def without_open(market: Market, benchmark: str, at: int) -> bool:
    """Whether a venue had opened at an instant but the benchmark on it has no price of that open."""
    axis, series = market.sessions(market.instrument(benchmark).calendar), market.series(benchmark)
    s = int(np.searchsorted(axis.opens, at, side="right")) - 1
    return s >= 0 and at < int(axis.closes[s]) and bool(np.isnan(series.open[s]))

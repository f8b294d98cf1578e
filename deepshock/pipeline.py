"""The whole flow on one screen: thesis + market -> plan -> arrays -> kernel -> ledger -> statistics -> result."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from deepshock.cost import CostSet, as_cost_set
from deepshock.engine import Ledger, simulate
from deepshock.plan import Plan, Settings, build, build_book, instant, nanoseconds
from deepshock.registry import RUN, Choice, Registry, trial_of
from deepshock.result import Result, VenueSession
from deepshock.stats import benchmark_return, check_wrong_if, performance, price_splits, warn
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from pathlib import Path

    from deepshock.market import Market


def run(
    thesis: Thesis | Book,
    market: Market,
    *,
    source: str | None = None,
    capital: float | None = None,
    costs: str | Path | CostSet | None = None,
    registry: Choice = None,
) -> Result:
    """Run one thesis, or a book of several in one account, on one market.

    Parameters
    ----------
    thesis : Thesis or Book
    market : Market
    source : str, optional
        Id of the source that sets when the thesis is known; default its own. In a book it counts for the theses that
        have it.
    capital : float, optional
        In the thesis's currency; default its own.
    costs : str, Path or CostSet, optional
        Preset name, cost file, or a cost set; default the thesis's choice.
    registry : Registry, str, Path or False, optional
        Where the run is counted as a try (docs/rules.md, section 20); default the user's own file, as of
        ``deepshock.Registry``. False or ``off`` does not count it.

    Returns
    -------
    Result
        Also where nothing can run: it then says why.

    Raises
    ------
    UsageError
        The capital is not a positive amount, or what is given as registry is none.
    PlanError, MarketError, CostError
        All faults of one stage at once, each with where, what and what to do.

    Examples
    --------
    >>> import deepshock as ds
    >>> market = ds.Market.load("sample", symbols=["GLD"])
    >>> gold = ds.Thesis(
    ...     name="gold", source={"published": "2025-01-28T00:00Z", "publisher": "me"}, long={"GLD": 1}
    ... )
    >>> ds.run(gold, market, costs="none").ledger.fills[0].fill_at.isoformat()
    '2025-01-28T14:30:00+00:00'
    """
    settings, counter = Settings(source, capital, as_cost_set(costs)), Registry.of(registry)
    plan = build_book(thesis, market, settings) if isinstance(thesis, Book) else build(thesis, market, settings)
    return attempt(plan, market, RUN, counter)


def attempt(plan: Plan, market: Market, kind: str, registry: Registry) -> Result:
    """Trade a plan, measure it, and count it as a try of that kind; where nothing filled, nothing was tried."""
    result = conclude(plan, market)
    if registry.on and result.ledger.fills:
        registry.record(trial_of(kind, plan, market, result.performance))
    return result


def conclude(plan: Plan, market: Market) -> Result:
    """Trade a plan and measure what came of it; it counts as no try."""
    ledger, assembly = simulate(plan, market)
    calendars = {market.instrument(symbol).calendar for symbol in plan.symbols}
    made = performance(ledger, plan.currency, always_open=calendars == {"24/7"})
    splits = price_splits(plan, ledger, market)
    return Result(
        plan,
        ledger,
        made,
        splits,
        market.simulated,
        check_wrong_if(plan, made),
        warn(plan, ledger, assembly, splits, market),
        benchmark_return(plan, ledger, market),
        _timeline(plan, ledger, market),
        market=market,
    )


def _timeline(plan: Plan, ledger: Ledger, market: Market) -> tuple[VenueSession, ...]:
    """Return the sessions of the plan's venues from a few days before the news to a few after the end."""
    if not ledger.fills:
        return ()
    margin = timedelta(days=4)
    first = nanoseconds(min(m.news for m in plan.members) - margin)
    last = int(ledger.value_at[-1]) + nanoseconds(instant(0) + margin)
    venues = dict.fromkeys(market.instrument(symbol).calendar for symbol in plan.symbols)
    found = []
    for venue in venues:
        sessions = market.sessions(venue)
        shown = np.flatnonzero((sessions.closes >= first) & (sessions.opens <= last))
        found += [VenueSession(venue, instant(int(sessions.opens[s])), instant(int(sessions.closes[s]))) for s in shown]
    return tuple(found)

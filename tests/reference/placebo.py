"""Placebos by their rules in plain loops: every date, every basket and every choice of sides is a run of its own.

Written without sight of the library's placebos. What a run makes is taken from the pipeline, which has a reference of
its own. Here are those in time; :mod:`reference.placebo_names` has the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars

from deepshock.market import Market
from deepshock.plan import PlannedOrder
from deepshock.result import Result

from .placebo_form import Form, form_of, instant

NONSTOP = "24/7"
CLOSES_BEFORE, COMMON_BEFORE = 22, 121


@dataclass
class InTime:
    """Placebos in time; ``rested`` says which were all cash on some row in between, ``over`` when each was over."""

    statistic: float
    reason: str = ""
    days: list[date] = field(default_factory=list)
    rested: list[bool] = field(default_factory=list)
    over: list[datetime] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    chosen: list[bool] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    admissible: list[tuple[datetime, ...]] = field(default_factory=list)

    @property
    def picked(self) -> list[float]:
        """Values of those that do not overlap."""
        return [value for value, one in zip(self.values, self.chosen, strict=True) if one]


def p_of(statistic: float, values: Sequence[float], *, one_sided: bool = False) -> float:
    """Return the p-value of a statistic among placebos."""
    extreme = [v for v in values if (v >= statistic if one_sided else abs(v) >= abs(statistic))]
    return (1 + len(extreme)) / (1 + len(values))


def in_time(result: Result, market: Market) -> InTime:
    """Run the form at every admissible date."""
    form = form_of(result, market)
    own = form.run(form.decided)
    found = InTime(own.value, own.reason)
    runs: list[tuple[datetime, datetime]] = []  # when each is due, and out at the latest
    for decided in admissible(form):
        found.admissible.append(decided)
        made = form.run(decided)
        if made.reason:
            found.refused[made.reason] = found.refused.get(made.reason, 0) + 1
            continue
        found.days.append(min(decided).date())
        found.values.append(made.value)
        found.rested.append(made.rested)
        found.over.append(made.over)
        runs.append(span(form, decided))
    found.chosen = [False] * len(runs)
    earliest: datetime | None = None
    for n in reversed(range(len(runs))):
        due, out = runs[n]
        if earliest is None or out <= earliest:
            found.chosen[n], earliest = True, due
    return found


def admissible(form: Form) -> list[tuple[datetime, ...]]:
    """Return the decisions of all dates that fit into the data and come before the news, the first one first."""
    known: dict[tuple[int, ...], tuple[datetime, ...]] = {}
    for decided in candidates(form):
        due = tuple(due_session(form, g, order, decided[g]) for g, order in form.legs)
        known.setdefault(due, decided)  # they come from the last to the first
    return [decided for due, decided in reversed(known.items()) if fits(form, due, decided)]


def candidates(form: Form) -> Iterator[tuple[datetime, ...]]:
    """Yield the decisions moved by one day, two days, and so on back to where the data begin."""
    _, first = min(form.legs, key=lambda leg: leg[1].due.at)  # type: ignore[union-attr]
    zone = zone_of(form.market.instrument(first.symbol).calendar)
    for days in range(1, 100_000):
        moved = tuple(
            (at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)
            for at in form.decided
        )
        if max(moved).date() < form.market.start - timedelta(days=30):
            return
        yield moved


def zone_of(calendar: str) -> ZoneInfo:
    """Return the zone of an exchange."""
    return ZoneInfo("UTC" if calendar == NONSTOP else str(exchange_calendars.get_calendar(calendar).tz))


def due_session(form: Form, g: int, order: PlannedOrder, decided: datetime) -> int:
    """Return the session in which a leg is due."""
    enter = form.theses[g][0].enter
    sessions = form.market.sessions(form.market.instrument(order.symbol).calendar)
    auctions = (sessions.closes if enter.at == "close" else sessions.opens).tolist()
    return next((n for n, ns in enumerate(auctions) if instant(ns) > decided), len(auctions)) + enter.lag


def fits(form: Form, due: Sequence[int], decided: Sequence[datetime]) -> bool:
    """Say whether every leg has a past to be sized by, and is over before the news."""
    news = min(member.news for member in form.result.plan.members)
    for (g, order), n in zip(form.legs, due, strict=True):
        thesis = form.theses[g][0]
        sessions = form.market.sessions(form.market.instrument(order.symbol).calendar)
        closes, series = sessions.closes.tolist(), form.market.series(order.symbol).close.tolist()
        there = [k for k, price in enumerate(series) if not math.isnan(price)]
        if len(there) < CLOSES_BEFORE or n < there[CLOSES_BEFORE - 1]:
            return False
        before = [k for k, ns in enumerate(closes) if instant(ns) <= news]
        if not before or n + thesis.enter.within - 1 + form.holds[g] > min(there[-1], before[-1]):
            return False
        if thesis.hedge is not None and not hedged_by(form, order.symbol, thesis.hedge.beta_to, decided[g]):
            return False
    return True


def hedged_by(form: Form, symbol: str, index: str, decided: datetime) -> bool:
    """Say whether there are 121 closes common to two symbols before an instant."""
    return len(common_closes(form.market, symbol, index, decided)) >= COMMON_BEFORE


def common_closes(market: Market, symbol: str, index: str, before: datetime) -> set[int]:
    """Return the dates on which two symbols have a close that is known before an instant."""
    return set(known_days(market, symbol, before)) & set(known_days(market, index, before))


def known_days(market: Market, symbol: str, before: datetime) -> list[int]:
    """Return the dates of the closes of a symbol that are known strictly before an instant."""
    sessions, closes = market.sessions(market.instrument(symbol).calendar), market.series(symbol).close.tolist()
    triples = zip(sessions.days.tolist(), sessions.closes.tolist(), closes, strict=True)
    return [day for day, ns, price in triples if instant(ns) < before and not math.isnan(price)]


def span(form: Form, decided: Sequence[datetime]) -> tuple[datetime, datetime]:
    """Return the first auction at which any leg is due, and the last close at which any is to be out."""
    due, out = [], []
    for g, order in form.legs:
        sessions = form.market.sessions(form.market.instrument(order.symbol).calendar)
        n = due_session(form, g, order, decided[g])
        auctions = sessions.closes if form.theses[g][0].enter.at == "close" else sessions.opens
        due.append(instant(int(auctions[n])))
        out.append(instant(int(sessions.closes[n + form.holds[g]])))
    return min(due), max(out)

"""The naive rule that a thesis declares, run in every year of the market: what the calendar made without an article."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from deepshock.errors import DeepshockError, Fault, UsageError
from deepshock.inference.naive_plan import plan_year
from deepshock.pipeline import conclude
from deepshock.plan import LEG, Settings, build
from deepshock.result import Result
from deepshock.result.document import iso, number
from deepshock.thesis import NaiveRule, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

BEFORE, EVENT, LATER = "before", "event", "later"


@dataclass(frozen=True)
class RivalYear:
    """The naive rule in one year.

    Parameters
    ----------
    year : int
        In which it gets in.
    when : {"before", "event", "later"}
        ``event`` is the first year in which the rule is not over yet when the thesis is known.
    first_fill, last_exit : datetime or None
        UTC.
    net_return, excess_return : float
        Over the capital; nan where nothing was traded.
    reason : str
        Why the year does not count, empty if it does.
    """

    year: int
    when: str
    first_fill: datetime | None = None
    last_exit: datetime | None = None
    net_return: float = math.nan
    excess_return: float = math.nan
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        return {
            "year": self.year,
            "when": self.when,
            "first_fill": iso(self.first_fill),
            "last_exit": iso(self.last_exit),
            "net_return": number(self.net_return),
            "excess_return": number(self.excess_return),
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Rival:
    """A thesis beside its naive rule.

    Parameters
    ----------
    thesis : str
    what : str
        The rule in the words of the thesis.
    rule : str
        When it is in and out.
    net_return, excess_return : float
        Of the thesis itself; nan where it did not trade.
    years : tuple of RivalYear
        Every year in which the market has bars of the time from `from` to `until`, in order.
    law : date
        Whose venue law the years before the event pay.
    simulated : bool
    notes : tuple of str
        What was assumed.
    """

    thesis: str
    what: str
    rule: str
    net_return: float
    excess_return: float
    years: tuple[RivalYear, ...]
    law: date
    simulated: bool
    notes: tuple[str, ...]

    @property
    def before(self) -> tuple[RivalYear, ...]:
        """The years that count and were over when the thesis was known: what could be known of the rule by then."""
        return tuple(year for year in self.years if year.when == BEFORE and not year.reason)

    @property
    def event(self) -> RivalYear | None:
        """The rule in the event's own year; None where the market has no such year."""
        return next((year for year in self.years if year.when == EVENT), None)

    @property
    def mean_net_return(self) -> float:
        """Mean over the years before the event; nan without one."""
        return _mean([year.net_return for year in self.before])

    @property
    def mean_excess_return(self) -> float:
        """Mean over the years before the event; nan without one."""
        return _mean([year.excess_return for year in self.before])

    @property
    def less_rival(self) -> float:
        """Excess return of the thesis less that of its rule in the event's own year; nan if either is not known."""
        if self.event is None or self.event.reason:
            return math.nan
        return self.excess_return - self.event.excess_return

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        return {
            "what": self.what,
            "rule": self.rule,
            "simulated": self.simulated,
            "net_return": number(self.net_return),
            "excess_return": number(self.excess_return),
            "years": [year.document() for year in self.years],
            "n_before": len(self.before),
            "mean_net_return": number(self.mean_net_return),
            "mean_excess_return": number(self.mean_excess_return),
            "less_rival": number(self.less_rival),
            "law": self.law.isoformat(),
            "notes": list(self.notes),
        }


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def rival(thesis: Thesis, market: Market, settings: Settings | None = None, *, own: Result | None = None) -> Rival:
    """Run the naive rule of a thesis in every year for which the market has bars.

    Each year is a thesis of its own, known at the open of the session at whose close the first of its legs gets in,
    with the sizes, capital and costs of the thesis and none of its stops. A year that lies before the event pays the
    venue law of the event's date. None of these runs counts as a try: the rule was declared with the thesis.

    Parameters
    ----------
    thesis : Thesis
        One with a ``rival``.
    market : Market
    settings : Settings, optional
        As of the run that it stands beside.
    own : Result, optional
        Of the thesis itself under these settings, if there is one already.

    Raises
    ------
    UsageError
        The thesis declares no rival.
    DeepshockError
        The thesis itself cannot be planned. Whatever keeps the rule from a year is that year's reason.
    """
    rule = thesis.rival
    if rule is None:
        remedy = "write for example rival: {from: 31 January, until: 5 March}"
        raise UsageError(Fault("rival", f"{thesis.name} declares no naive rule", remedy))
    own = own or conclude(build(thesis, market, settings), market)
    made = own.performance
    known = own.plan.known_at
    law = (made.first_fill or known).date()
    years = tuple(_year(thesis, rule, year, own, law, market) for year in _years(rule, market))
    traded = bool(own.ledger.fills)
    return Rival(
        thesis.name,
        rule.what or str(rule),
        str(rule),
        made.net_return if traded else math.nan,
        made.excess_return if traded else math.nan,
        years,
        law,
        market.simulated,
        (f"venue law of {law} in the years before the event; policy rates, FX and settlement of each year itself",),
    )


def _years(rule: NaiveRule, market: Market) -> Iterator[int]:
    """Yield the years in which the rule is in at a time of which the market has bars."""
    for year in range(market.start.year - 1, market.end.year + 1):
        first, last = rule.span(year)
        if first <= market.end and last > market.start:
            yield year


def _year(thesis: Thesis, rule: NaiveRule, year: int, own: Result, law: date, market: Market) -> RivalYear:
    known = own.plan.known_at.date()
    over, over_before = (rule.span(each)[1] <= known for each in (year, year - 1))
    when = BEFORE if over else EVENT if over_before else LATER
    costs = own.plan.costs.as_of(law) if over else own.plan.costs
    try:
        plan = plan_year(thesis, rule, year, market, Settings(None, own.plan.capital, costs))
        result = conclude(plan, market)
    except DeepshockError as error:
        return RivalYear(year, when, reason="; ".join(map(str, error.faults)))
    reason = _reason(result, market)
    if not result.ledger.fills:
        return RivalYear(year, when, reason=reason)
    made = result.performance
    return RivalYear(year, when, made.first_fill, made.last_exit, made.net_return, made.excess_return, reason)


def _reason(result: Result, market: Market) -> str:
    """Return why a year does not count: a leg that never opened, or a position that never closed."""
    ledger, plan = result.ledger, result.plan
    opened = {fill.leg for fill in ledger.fills if fill.opens}
    missing = {j for j, order in enumerate(plan.orders) if order.role == LEG and j not in opened}
    if missing:
        told = dict.fromkeys(f"{left.symbol} {left.reason}" for left in ledger.unfilled if left.leg in missing)
        return plan.reason or "; ".join(told)
    return f"still open when the data end on {market.end}" if ledger.open_at_end else ""

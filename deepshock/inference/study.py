"""The event study of a result: what its names did beyond the market, before it was known and while it was held."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.errors import Fault, UsageError
from deepshock.inference.measured import Estimation, Measured, measured
from deepshock.inference.spans import Span, spans
from deepshock.plan import nanoseconds
from deepshock.stats.event_study.abnormal import LOG, SIMPLE
from deepshock.stats.event_study.outcome import Outcome
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.table import outcomes, table

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market
    from deepshock.result import Result

OWN_PAST, ONE_SIDE, BY_SIDE = "portfolio t", "adjusted BMP t", "adjusted BMP t by side"
FEW_DF = 4


@dataclass(frozen=True, eq=False)
class Study:
    """One window of one thesis. What is abnormal is signed by side: positive is good for the thesis.

    Parameters
    ----------
    thesis : str
    kind : str
        ``news``: what was missed. ``held``: what was held.
    benchmark : str
        Empty where the thesis has none.
    words : str
        The window, in words.
    window : tuple of date
        First and last session, on the benchmark's axis; empty where there is none.
    names : DataFrame or None
        See `Measured`.
    outcomes : tuple of Outcome
        All tests; empty where nothing can be measured.
    headline : Outcome or None
        The one to quote, chosen by `headline_of` from the number of names and their sides alone.
    caar : float
        Mean CAR of the names, each of equal weight.
    notes : tuple of str
        What the reader must know.
    reason : str
        Why there is nothing, else empty.
    """

    thesis: str
    kind: str
    benchmark: str
    words: str
    window: tuple[date, ...] = ()
    names: pd.DataFrame | None = field(default=None, repr=False)
    outcomes: tuple[Outcome, ...] = field(default=(), repr=False)
    headline: Outcome | None = None
    caar: float = math.nan
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def event(self) -> date | None:
        """The first session of the window."""
        return self.window[0] if self.window else None

    @property
    def table(self) -> pd.DataFrame:
        """The tests, a line each; see `deepshock.stats.event_study.table.table`. Empty where there are none."""
        import pandas as pd

        return table(self.outcomes) if self.outcomes else pd.DataFrame()

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        from deepshock.inference.study_document import document

        return document(self)


def studies(
    result: Result,
    market: Market,
    *,
    benchmark: str | None = None,
    window: Estimation | None = None,
    kind: str = SIMPLE,
) -> tuple[Study, ...]:
    """Study what a result's theses say, before each was known and while it was held.

    Parameters
    ----------
    result : Result
        Of a thesis or a book.
    market : Market
        That it was run on.
    benchmark : str, optional
        Instead of that of each thesis.
    window : Estimation, optional
        What is normal; by default 250 sessions that end 11 before that of the news, at least 60 of them known.
    kind : str
        ``simple`` or ``log`` returns.

    Returns
    -------
    tuple of Study
        Two of each thesis: ``news`` and ``held``. One that cannot be computed says why.

    Raises
    ------
    UsageError
        The kind is none.
    MarketError
        The market does not have the benchmark.

    Notes
    -----
    The rules are in docs/rules.md, "Event studies".

    Examples
    --------
    >>> news, held = studies(deepshock.run(thesis, market), market)  # doctest: +SKIP
    >>> held.headline.test, held.headline.p_value, held.names["car"]  # doctest: +SKIP
    """
    if kind not in (SIMPLE, LOG):
        raise UsageError(Fault("kind", f"{kind!r} is no kind of return", f"there are {SIMPLE} and {LOG}"))
    estimation, found = window or Estimation(), []
    for group, member in enumerate(result.plan.members):
        symbol, news = benchmark or member.thesis.benchmark or "", nanoseconds(member.news)
        for span in spans(result, market, group):
            study = Study(member.thesis.name, span.kind, symbol, span.words, notes=span.notes)
            found.append(_made(study, span, market, news, estimation, kind))
    return tuple(found)


def headline_of(sample: Sample) -> str:
    """Return the test to quote, whatever it says.

    With one side the adjusted BMP t, with two the one by side: of the tests here they alone hold their size both where
    names share a shock and where the event raises variances (docs/benchmarks.md, event_study_size). Neither exists for
    one name, nor for one long against one short; there it is the portfolio t, which takes the variance of the event
    for the usual one.
    """
    n, mixed = sample.n, np.ptp(sample.abnormal.sides) > 0.0
    if n == 1 or (mixed and n == 2):
        return OWN_PAST
    return BY_SIDE if mixed else ONE_SIDE


def _made(study: Study, span: Span, market: Market, news: int, estimation: Estimation, kind: str) -> Study:
    """Complete a study, or say why it cannot be."""
    if not study.benchmark:
        return replace(study, reason="the thesis names no benchmark")
    if not span.legs:
        return replace(study, reason=span.without)
    found = measured(market, study.benchmark, span.legs, news, estimation, kind)
    study = replace(study, window=found.window, names=found.names, reason=found.reason)
    study = replace(study, notes=(*study.notes, *_left_out(found)))
    if found.sample is None:
        return study
    tests = outcomes(found.sample)
    best = next(one for one in tests if one.test == headline_of(found.sample))
    caar = float(found.sample.abnormal.caar[-1])
    return replace(study, outcomes=tests, headline=best, caar=caar, notes=(*study.notes, *_caveats(best)))


def _left_out(found: Measured) -> Iterator[str]:
    for name, reason in found.names["reason"].items():
        if reason and not found.reason:
            yield f"{name} is left out: {reason}"


def _caveats(headline: Outcome) -> Iterator[str]:
    """Yield what the number of names means for the headline."""
    from scipy.special import stdtrit

    if headline.test == OWN_PAST:
        yield "too few names for a cross-section: an event that raises the variance is taken for an effect"
    elif headline.df is not None and headline.df <= FEW_DF:
        freedom = f"{headline.df} degree{'s' if headline.df > 1 else ''} of freedom"
        limit = float(stdtrit(headline.df, 0.975))
        yield f"{headline.n} names leave a t with {freedom}: p is below 5 % only where |t| is above {limit:.1f}"

"""All evidence on one result: whether it was the narrative, or beta, or luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deepshock.inference.decay import Decay, decay, plan_theses
from deepshock.inference.findings import findings_of
from deepshock.inference.narrative import Narrative, narrative
from deepshock.inference.placebo import Placebo, form_of, placebo_in_space, placebo_in_time, placebo_of_sign
from deepshock.inference.placebo.in_space import BASKETS
from deepshock.inference.rival import Rival, rival
from deepshock.inference.study import Study, studies
from deepshock.inference.tries import Tries, tries_of
from deepshock.inference.verdict import Findings, Verdict, verdict
from deepshock.registry import Registry
from deepshock.stats.trials import benjamini_hochberg, holm

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.registry import Choice
    from deepshock.report.evidence.view import EvidenceView
    from deepshock.result import Result

Say = Callable[[str], object]
OF_A_BOOK = "of a book: each of its theses has its own"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one result can show, and what it cannot.

    Parameters
    ----------
    result : Result
    decay : Decay
        Later, from other sources, without each leg.
    in_time, in_space, of_sign : Placebo
    studies : tuple of Study
        Event studies of what was missed and of what was held; of a book, those of each thesis.
    narrative : Narrative
        How much was beta.
    rival : Rival or None
        The naive rule; None where the thesis declares none.
    tries : Tries
    confounders : tuple of str
        Declared events between the news and the last exit.
    findings : Findings
        The figures that the verdict rests on.
    verdict : Verdict
    """

    result: Result
    decay: Decay
    in_time: Placebo
    in_space: Placebo
    of_sign: Placebo
    studies: tuple[Study, ...]
    narrative: Narrative
    rival: Rival | None
    tries: Tries
    confounders: tuple[str, ...]
    findings: Findings
    verdict: Verdict
    market: Market = field(repr=False)

    @property
    def name(self) -> str:
        """Of the thesis or book."""
        return self.result.name

    def __repr__(self) -> str:
        data = " on SIMULATED data" if self.result.simulated else ""
        return f"<Evidence on {self.name}{data}: {self.verdict.word}>"

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON: what is not known is None, with its reason beside it."""
        from deepshock.inference.document import document

        return document(self)

    def view(self) -> EvidenceView:
        """Return what the reports show of it."""
        from deepshock.inference.view import view

        return view(self)


def evidence(
    result: Result,
    market: Market,
    *,
    baskets: int = BASKETS,
    n_resamples: int = 1000,
    seed: int = 0,
    registry: Choice = None,
    progress: Say | None = None,
) -> Evidence:
    """Gather all evidence on a result.

    Parameters
    ----------
    result : Result
        Of a thesis or book, as of ``deepshock.run``.
    market : Market
        That it was run on. The longer its past, the more placebo dates; the more instruments it has, the better the
        placebos in space match.
    baskets : int
        How many placebos in space at most.
    n_resamples, seed : int
        Of bootstraps and draws; the same seed gives the same evidence.
    registry
        Where the tries are counted, as of ``deepshock.run``. Nothing here counts as one.
    progress : callable, optional
        Called with what is being done.

    Returns
    -------
    Evidence
        What cannot be computed says why.

    Examples
    --------
    >>> import deepshock as ds
    >>> market = ds.Market.load("sample")
    >>> thesis = ds.Thesis(
    ...     name="gold", source={"published": "2025-01-28T00:00Z", "publisher": "me"}, long={"GLD": 1}, exit={"hold": 5}
    ... )
    >>> found = ds.evidence(ds.run(thesis, market), market, baskets=20)
    >>> found.in_time.p >= found.in_time.p_min > 0
    True
    """
    say = progress or _nobody
    thesis = None if result.plan.is_book else result.plan.members[0].thesis
    count = Registry.of(registry).tries(result.name, market)
    say(f"{result.name}: how it decays")
    later = decay(result, market)
    form = form_of(result, market) if result.ledger.fills else None
    say(f"{result.name}: at other dates")
    in_time = placebo_in_time(result, market, form=form)
    say(f"{result.name}: in other names")
    in_space = placebo_in_space(result, market, form=form, baskets=baskets, seed=seed)
    say(f"{result.name}: with other sides")
    of_sign = placebo_of_sign(result, market, form=form, seed=seed)
    say(f"{result.name}: the event study")
    studied = studies(result, market)
    say(f"{result.name}: narrative or beta")
    explained = _narrative(result, market, n_resamples, seed)
    say(f"{result.name}: against its naive rule, and after all tries")
    rule = rival(thesis, market, own=result) if thesis and thesis.rival and result.ledger.fills else None
    tried = tries_of(result, market, count, n_resamples=n_resamples, seed=seed)
    around = tuple(confounders(result))
    parts = (later, in_time, in_space, of_sign, studied, explained, rule, tried, around)
    found = findings_of(result, in_time, in_space, of_sign, studied, explained, rule, tried, around)
    return Evidence(result, *parts, found, verdict(found), market)


def _narrative(result: Result, market: Market, n_resamples: int, seed: int) -> Narrative:
    if result.plan.is_book:
        return Narrative(result.name, "", reason=OF_A_BOOK)
    if not result.ledger.fills:
        return Narrative(result.name, result.benchmark, reason="nothing was traded")
    return narrative(result, market, n_resamples=n_resamples, seed=seed)


def confounders(result: Result) -> Iterator[str]:
    """Yield the declared events between the news and the last exit, but for those at which a thesis gets in or out."""
    points = result.equity_points()
    if not points:
        return
    plan, last = result.plan, result.performance.last_exit or points[-1][0]
    found = {}
    for thesis, member in zip(plan_theses(result), plan.members, strict=True):
        own = {thesis.exit.before, thesis.exit.on, thesis.enter.on}
        for name, event in thesis.all_events().items():
            if name not in own and member.news <= event.instant() <= last:
                found[name] = event.instant()
    for name, at in sorted(found.items(), key=lambda one: (one[1], one[0])):
        yield f"{name} ({at:%-d %B})"


@dataclass(frozen=True)
class Adjusted:
    """The p-value of one thesis among several that were looked at together.

    Parameters
    ----------
    name : str
    p, bh, holm : float
        Of the placebo in time; adjusted for the false discovery rate (Benjamini-Hochberg), and for the familywise error
        (Holm).
    """

    name: str
    p: float
    bh: float
    holm: float


def across(found: Sequence[Evidence]) -> tuple[Adjusted, ...]:
    """Adjust p-values across theses that were looked at together; those without one are left out.

    A book is left out as well: it is its theses once more.
    """
    known = [e for e in found if not math.isnan(e.in_time.p) and not e.result.plan.is_book]
    if not known:
        return ()
    p = [e.in_time.p for e in known]
    rows = zip(known, p, benjamini_hochberg(p).tolist(), holm(p).tolist(), strict=True)
    return tuple(Adjusted(e.name, *figures) for e, *figures in rows)


def _nobody(what: str) -> None:
    """Be told, and do nothing."""

"""Event studies, betas and hedged runs as the reports show them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from deepshock.report.evidence.view import (
    AlphaView,
    BetaView,
    MadeView,
    NameView,
    NarrativeView,
    OutcomeView,
    StudyView,
)

if TYPE_CHECKING:
    from deepshock.inference.alpha import Alpha, Split
    from deepshock.inference.betas import LegBeta, NetBeta
    from deepshock.inference.narrative import Made, Narrative
    from deepshock.inference.study import Study
    from deepshock.stats.event_study.outcome import Outcome

NET = "all together"


def study_view(found: Study) -> StudyView:
    """Return an event study, its headline first."""
    headline = found.headline.test if found.headline else ""
    tests = sorted(found.outcomes, key=lambda test: test.test != headline)
    return StudyView(
        found.thesis,
        found.kind,
        found.words,
        found.benchmark,
        found.window,
        found.caar,
        headline,
        tuple(map(_test, tests)),
        tuple(_names(found)),
        found.reason,
    )


def _test(found: Outcome) -> OutcomeView:
    assumes = tuple((one.words, one.holds, one.why) for one in found.assumes)
    return OutcomeView(found.test, found.statistic, found.p_value, found.least_p, found.holds, assumes, found.reason)


def _names(found: Study) -> Iterator[NameView]:
    """Yield the names of a study that could be measured or say why they could not; none where there is no window."""
    if found.names is None or not found.window:
        return
    for symbol, line in found.names.iterrows():
        side = "long" if line["side"] > 0 else "short"
        beta, car, se = (_number(line, name) for name in ("beta", "car", "se"))
        model, reason = str(line.get("model") or ""), str(line["reason"] or "")
        yield NameView(str(symbol), side, beta, car, se, model, reason)


def _number(line: Any, name: str) -> float:
    value = line.get(name)
    return math.nan if value is None else float(value)


def narrative_view(found: Narrative) -> NarrativeView:
    """Return how much of a result was beta."""
    return NarrativeView(
        benchmark=found.benchmark,
        legs=tuple(map(_beta, found.legs)),
        net=_net(found.net) if found.net else None,
        raw=_made(found.raw) if found.raw else None,
        hedged=_made(found.hedged) if found.hedged else None,
        via=found.via,
        hedged_reason=found.hedged_reason,
        split=tuple(_parts(found.split)) if found.split else (),
        split_reason=found.split.reason if found.split else "",
        alpha=_alpha(found.alpha) if found.alpha else None,
        reason=found.reason,
    )


def _beta(found: LegBeta) -> BetaView:
    thin = f"of {found.n} returns only" if found.is_thin else ""
    note = "; ".join(filter(None, (thin, found.note)))
    return BetaView(found.symbol, found.weight, found.beta, found.se, found.n, note, found.reason)


def _net(found: NetBeta) -> BetaView:
    return BetaView(NET, math.nan, found.beta, found.se, 0, "", found.reason)


def _made(found: Made) -> MadeView:
    figures = (found.net_return, found.excess_return, found.max_drawdown, found.costs, found.scale)
    return MadeView(*figures, found.notes)


def _parts(found: Split) -> Iterator[tuple[str, float]]:
    """Yield the parts of the excess P&L, then their sum."""
    yield from [("price", found.price)] if found.reason else [("beta", found.beta), ("beyond beta", found.alpha)]
    yield from (("FX", found.fx), ("dividends", found.dividends), ("costs", found.costs))
    yield from (("interest over the policy rate", found.financing), ("excess", found.excess))


def _alpha(found: Alpha) -> AlphaView:
    return AlphaView(found.mean, found.low, found.high, found.level, found.n_obs, found.reason)

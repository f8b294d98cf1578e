"""Evidence as the reports show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deepshock.inference.verdict import brief
from deepshock.inference.view_measured import narrative_view, study_view
from deepshock.report.evidence.view import (
    EvidenceView,
    PlaceboView,
    RivalView,
    TriedView,
    VariantView,
    VerdictView,
    YearView,
)

if TYPE_CHECKING:
    from deepshock.inference.decay import Variant
    from deepshock.inference.evidence import Evidence
    from deepshock.inference.placebo import Placebo
    from deepshock.inference.rival import Rival
    from deepshock.inference.tries import Tries

KINDS = {"time": "in time", "space": "in space", "sign": "of sign"}


def view(found: Evidence) -> EvidenceView:
    """Gather all that a report shows of the evidence on one result."""
    later = found.decay
    return EvidenceView(
        verdict=VerdictView(found.verdict.word, found.verdict.sentences, brief(found.findings)),
        placebos=tuple(map(_placebo, (found.in_time, found.in_space, found.of_sign))),
        late=tuple(map(_variant, later.late)),
        sources=tuple(map(_variant, later.sources)),
        without=tuple(map(_variant, later.without)),
        half_life=later.half_life,
        studies=tuple(map(study_view, found.studies)),
        narrative=narrative_view(found.narrative),
        rival=_rival(found.rival) if found.rival else None,
        tried=_tried(found.tries),
        confounders=found.confounders,
        notes=tuple(dict.fromkeys(_notes(found))),
    )


def _placebo(found: Placebo) -> PlaceboView:
    kind = KINDS[found.kind]
    return PlaceboView(
        kind,
        found.statistic,
        found.p,
        found.p_min,
        found.k,
        found.p_all,
        found.k_all,
        found.p_scaled,
        tuple(map(float, found.values)),
        found.labels,
        tuple(map(bool, found.chosen)),
        tuple(found.refused.items()),
        found.variance_multiple,
        found.reason,
    )


def _variant(found: Variant) -> VariantView:
    return VariantView(**vars(found))


def _rival(found: Rival) -> RivalView:
    years = tuple(YearView(**vars(year)) for year in found.years)
    means = (found.mean_net_return, found.mean_excess_return)
    return RivalView(found.what, found.rule, years, len(found.before), *means, found.less_rival)


def _tried(found: Tries) -> TriedView:
    count = found.count
    counted = (count.runs, count.sensitivities, count.sweep_variants)
    return TriedView(found.total, *counted, found.columns, found.figures)


def _notes(found: Evidence) -> Iterator[str]:
    """Yield what was assumed, and what else has to be known."""
    yield from found.in_time.notes
    for one in (found.in_space, found.of_sign):  # what they share with those in time is said
        yield from (f"placebos {KINDS[one.kind]}: {note}" for note in one.notes if note not in found.in_time.notes)
    for study in found.studies:
        which = f"{study.thesis}, " if found.result.plan.is_book else ""
        yield from (f"{which}event study: {note}" for note in study.notes)
    yield from found.rival.notes if found.rival else ()
    yield from [found.tries.count.note] if found.tries.count.note else []

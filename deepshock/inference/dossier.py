"""The evidence on several theses that were run together, for the reports and for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepshock.inference.contradictions import Contradiction, contradictions
from deepshock.inference.evidence import Adjusted, Evidence, Say, across, evidence
from deepshock.inference.figures import Checked, check_figures
from deepshock.inference.placebo.in_space import BASKETS
from deepshock.report.evidence.view import AcrossView, AdjustedView, ContradictionView, FigureView, SharedView
from deepshock.report.wording import percent

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.plan import Settings
    from deepshock.registry import Choice
    from deepshock.report.view import ReportView
    from deepshock.result import Result
    from deepshock.thesis import Book, Thesis


@dataclass(frozen=True, eq=False)
class Dossier:
    """All evidence on several theses.

    Parameters
    ----------
    found : tuple of Evidence
        Of each result, in their order.
    across : tuple of Adjusted
        Their p-values, adjusted for each other.
    contradictions : tuple of Contradiction
    figures : tuple of Checked
        What the sources say about prices.
    """

    found: tuple[Evidence, ...]
    across: tuple[Adjusted, ...]
    contradictions: tuple[Contradiction, ...]
    figures: tuple[Checked, ...]

    def document(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON document of a run with its evidence: in each thesis, and of all together."""
        theses = [{**thesis, "evidence": one.document()} for thesis, one in zip(run["theses"], self.found, strict=True)]
        return {
            **run,
            "theses": theses,
            "across": [{**vars(adjusted)} for adjusted in self.across],
            "contradictions": [one.document() for one in self.contradictions],
            "figures": [one.document() for one in self.figures],
        }

    def view(self, report: ReportView) -> ReportView:
        """Return what the reports show of a run, with its evidence."""
        theses = tuple(replace(view, evidence=one.view()) for view, one in zip(report.theses, self.found, strict=True))
        together = AcrossView(
            tuple(AdjustedView(**vars(adjusted)) for adjusted in self.across),
            tuple(map(_contradiction, self.contradictions)),
            tuple(map(_figure, self.figures)),
        )
        return replace(report, theses=theses, across=together)


def dossier(
    items: Sequence[Thesis | Book],
    results: Sequence[Result],
    market: Market,
    settings: Settings | None = None,
    *,
    baskets: int = BASKETS,
    seed: int = 0,
    registry: Choice = None,
    progress: Say | None = None,
) -> Dossier:
    """Gather the evidence on several theses that were run together.

    Parameters
    ----------
    items : sequence of Thesis or Book
    results : sequence of Result
        Of each of them.
    market : Market
        That they were run on.
    settings : Settings, optional
        That they were run with.
    baskets, seed, registry, progress
        As of ``deepshock.evidence``.
    """
    found = tuple(
        evidence(result, market, baskets=baskets, seed=seed, registry=registry, progress=progress) for result in results
    )
    if progress:
        progress("who opposes whom, and what the sources say")
    opposed = contradictions(items, market, settings, results=results)
    return Dossier(found, across(found), opposed, check_figures(items, market))


def _contradiction(found: Contradiction) -> ContradictionView:
    shared = tuple(SharedView(**vars(one)) for one in found.shared)
    return ContradictionView(found.names, shared, found.declared, found.excess, found.book, found.reason)


def _figure(found: Checked) -> FigureView:
    figure = found.figure
    of = "" if figure.of == "last" else f" ({figure.of})"
    what = f", {figure.what}" if figure.what else ""
    return FigureView(
        found.source,
        figure.symbol,
        f"{figure.change}{of}{what}",
        found.at,
        found.is_before,
        found.verdict,
        found.reason,
        _later(found),
    )


def _later(found: Checked) -> str:
    """Say what the session came to, which nobody knew at that instant."""
    day = found.later
    if day is None:
        return ""
    return f"close {percent(day.close)}"

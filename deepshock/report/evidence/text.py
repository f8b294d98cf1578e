"""Evidence in a terminal: of one thesis all of it, of several a line and a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from deepshock.report.evidence import across, beta, chance, decay, study
from deepshock.report.evidence.sheet import Sheet
from deepshock.report.evidence.view import EvidenceView
from deepshock.report.tables import Fitted, listed
from deepshock.report.view import ReportView, ThesisView
from deepshock.report.wording import clean

HEADING = "Evidence: was it the narrative, or beta, or luck"


def verdict(view: EvidenceView) -> list[RenderableType]:
    """Write the verdict as a paragraph, its word in bold."""
    said = view.verdict
    line = Text.assemble((clean(across.sentence_case(said.word)), "bold"), " ", clean(" ".join(said.sentences)))
    return [Text("\nVerdict", style="bold"), Padding(line, (0, 0, 0, 2), expand=False)]


def sections(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    """Lay out all evidence on one thesis, after its verdict."""
    found = view.evidence
    if found is None:
        return []
    parts: list[RenderableType] = [Text(f"\n{HEADING}", style="bold underline")]
    for sheet in sheets(view, found):
        parts += sheet.laid(width, note)
    around = [("", ", ".join(found.confounders))] if found.confounders else []
    parts += listed("Also between the news and the exit", around)
    return [*parts, *listed("What was assumed", [("", text) for text in found.notes])]


def sheets(view: ThesisView, found: EvidenceView) -> Iterator[Sheet]:
    """Yield the tables of one thesis that have anything to say, in reading order."""
    every = [chance.placebos(found), decay.late(found), decay.sources(found), decay.without(found)]
    every += [study.summary(found.studies)]
    if not view.is_book:
        every += [study.tests(found.studies), study.names(found.studies)]
    narrative = found.narrative
    every += [beta.betas(narrative), beta.runs(narrative, view.currency)]
    every += [beta.split(narrative, view.capital, view.currency)]
    every += [chance.rival(found.rival)] if found.rival else []
    every += [chance.tries(found.tried)]
    yield from (sheet for sheet in every if sheet.key.cells or sheet.below)


def together(report: ReportView, width: int, note: str, ranked: tuple[ThesisView, ...]) -> list[RenderableType]:
    """Compare the evidence on several theses, and give the verdict of each."""
    found = report.across
    if found is None:
        return []
    parts = across.evidence(ranked, found).laid(width, note)
    rows = [Text.assemble((f"{name}: ", ""), (f"{word} ", "bold"), brief) for name, word, brief in _verdicts(ranked)]
    parts += [Text(f"\nVerdicts{f' ({note})' if note else ''}", style="bold")]
    parts += [Padding(row, (0, 0, 0, 2), expand=False) for row in rows]
    return [*parts, Padding(Text(across.HOW_TO_SEE_ALL, style="dim"), (0, 0, 0, 2), expand=False)]


def _verdicts(theses: tuple[ThesisView, ...]) -> Iterator[tuple[str, ...]]:
    yield from (tuple(map(clean, row)) for row in across.verdicts(theses))


def beside(report: ReportView, width: int | None = None) -> RenderableType:
    """Show who opposes whom, and what sources say about prices beside the bars.

    Parameters
    ----------
    report : ReportView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: opposed(report, room), width)


def opposed(report: ReportView, width: int) -> list[RenderableType]:
    """Lay out contradictions and figures of the sources, where there are any."""
    found = report.across
    if found is None:
        return []
    simulated = report.simulated or any(thesis.simulated for thesis in report.theses)
    note = "SIMULATED data" if simulated else ""
    told = across.told(found.figures, simulated=simulated, whole=len(report.theses) == 1)
    every = (across.contradictions(found.contradictions), told)
    return [part for sheet in every if sheet.key.cells or sheet.below for part in sheet.laid(width, note)]

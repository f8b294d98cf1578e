"""Evidence on several theses: one line each, what they are adjusted for, who opposes whom, and what sources say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deepshock.report.evidence.sheet import Line, Sheet, figures, simple, words
from deepshock.report.evidence.view import AcrossView, ContradictionView, EvidenceView, FigureView, SharedView
from deepshock.report.tables import Column, Group
from deepshock.report.view import ThesisView
from deepshock.report.wording import instant, money, p_value, percent, share

WHAT_IS_P = (
    "p: of the placebos in time, with K dates that do not overlap and the least p that so many can give. "
    "BH, Holm: adjusted for all theses here. study: the headline of the event study of what was held. "
    "hedged: the excess return with beta hedged away, * by a part of the orders, as margin allowed. "
    "DSR: probability of a Sharpe ratio above nil after all tries. A book is its theses once more, and adjusts nothing."
)
HOW_TO_SEE_ALL = "All of it: run one thesis, or write --report FILE.html or --json FILE."
WHOLE = 1.0 - 1e-9
UNTOLD = "cannot tell"
SIMULATED = "The simulated market is made from these very figures: on it, verdicts say nothing about a text."


def evidence(theses: Sequence[ThesisView], across: AcrossView) -> Sheet:
    """Lay out the evidence on each thesis that has any, a line each."""
    found = [(thesis, thesis.evidence) for thesis in theses if thesis.evidence]
    views = [view for _, view in found]
    adjusted = [across.of(thesis.name) for thesis, _ in found]
    luck = (
        figures([t for t, _ in found], "missed", lambda t: percent(t.missed)),
        figures([t for t, _ in found], "excess", lambda t: percent(t.excess_return)),
        Column("p (K, least)", tuple(map(_p, views)), style="bold"),
        Column("BH", tuple(p_value(a.bh) if a else "" for a in adjusted)),
        Column("Holm", tuple(p_value(a.holm) if a else "" for a in adjusted)),
        Column("study p", tuple(p_value(v.held.p) if v.held else "n/a" for v in views)),
    )
    rest = (
        figures(views, "beta", lambda v: money(v.narrative.net.beta, 2) if v.narrative.net else "n/a"),
        figures(views, "hedged", _hedged),
        Column("tries", tuple(f"{v.tried.total:,}" for v in views)),
        Column("DSR", tuple(share(v.dsr) for v in views)),
        words(views, "verdict", lambda v: v.verdict.word),
    )
    groups = (Group("Evidence: was it luck", luck), Group("was it beta, and after how many tries", rest))
    key = Column("thesis", tuple(thesis.name for thesis, _ in found))
    return Sheet("The evidence on each thesis", key, groups, (("", WHAT_IS_P),))


def _p(view: EvidenceView) -> str:
    placebo = view.in_time
    return "n/a" if placebo.reason else f"{p_value(placebo.p)} ({placebo.k:,}, {p_value(placebo.p_min)})"


def _hedged(view: EvidenceView) -> str:
    """Write the excess of the hedged run; marked where margin left only a part of its orders."""
    made = view.narrative.hedged
    return "n/a" if made is None else f"{percent(made.excess_return)}{' *' if made.scale < WHOLE else ''}"


def verdicts(theses: Sequence[ThesisView]) -> list[tuple[str, str, str]]:
    """Return the name, the word and the sentence on what was unusual, of each thesis."""
    found = [(thesis.name, thesis.evidence.verdict) for thesis in theses if thesis.evidence]
    return [(name, sentence_case(verdict.word), verdict.brief) for name, verdict in found]


def sentence_case(word: str) -> str:
    """Write the word of a verdict as a sentence of its own."""
    return f"{word[:1].upper()}{word[1:]}."


def contradictions(found: Sequence[ContradictionView]) -> Sheet:
    """Lay out the theses that oppose each other, side by side and as one book."""
    columns = (
        words(found, "against", lambda c: c.names[1]),
        words(found, "in", lambda c: ", ".join(one.symbol for one in c.shared) or "declared only"),
        figures(found, "excess", lambda c: percent(c.excess[0])),
        figures(found, "of the other", lambda c: percent(c.excess[1])),
        figures(found, "as one book", lambda c: percent(c.book)),
    )
    below = [line for c in found for line in _remarks(c)]
    return simple("Theses that oppose each other", Column("thesis", tuple(c.names[0] for c in found)), columns, below)


def _remarks(found: ContradictionView) -> Iterator[Line]:
    pair = " and ".join(found.names)
    for one in found.shared:
        yield f"{pair}, {one.symbol}", _held(one)
    if found.reason:
        yield pair, found.reason


def _held(one: SharedView) -> str:
    sessions = f"{one.sessions} session{'' if one.sessions == 1 else 's'}"
    return f"{one.sides[0]} against {one.sides[1]}, {instant(one.first)} to {instant(one.last)} UTC, {sessions}"


def told(found: Sequence[FigureView], *, simulated: bool, whole: bool) -> Sheet:
    """Lay out what the sources say about prices, beside the bars of that instant.

    Parameters
    ----------
    found : sequence of FigureView
    simulated : bool
    whole : bool
        Also those that daily bars cannot tell; else they are counted.
    """
    shown = [f for f in found if whole or f.verdict != UNTOLD]
    columns = (
        words(shown, "says", lambda f: f.says),
        words(shown, "as of (UTC)", lambda f: f"{'before ' if f.is_before else ''}{instant(f.at, 'not known')}"),
        words(shown, "the bars", lambda f: f.verdict),
        words(shown, "because", lambda f: f"{f.reason} (later: {f.later})" if f.later else f.reason),
    )
    left = len(found) - len(shown)
    below = [("", f"Daily bars cannot tell {left} more. {HOW_TO_SEE_ALL}")] if left else []
    below += [("", SIMULATED)] if simulated and found else []
    key = Column("source", tuple(f"{f.source} {f.symbol}" for f in shown))
    return simple("What sources say about prices", key, columns, below)

"""The event studies: what was abnormal while the idea was missed, and while it was held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from deepshock.report.evidence.sheet import Line, Sheet, figures, simple, words
from deepshock.report.evidence.view import NameView, OutcomeView, StudyView
from deepshock.report.tables import Column, Group
from deepshock.report.wording import NOT_KNOWN, money, p_value, percent

WINDOWS = {"news": "while it was missed", "held": "while it was held"}
SHORT = {"news": "missed", "held": "held"}
HOLDS = {True: "yes", False: "no", None: "unknown"}
SAID = {True: "holds", False: "does not hold", None: "cannot be checked"}

WHAT_IS_SHOWN = (
    "Statistic and two-sided p; holds: whether what the test assumes holds here, by the numbers below. "
    "* the headline, chosen by the number of names and their sides alone."
)


def summary(studies: Sequence[StudyView]) -> Sheet:
    """Lay out the headline of each study, a line for each window."""
    several = len({study.thesis for study in studies}) > 1
    shown = [study for study in studies if study.headline]
    head = [study.tests[0] for study in shown]
    columns = (
        *((words(shown, "while", lambda s: SHORT[s.kind]),) if several else ()),
        words(shown, "sessions", lambda s: _days(s.window)),
        *((words(shown, "beside", lambda s: s.benchmark),) if several else ()),
        figures(shown, "mean", lambda s: percent(s.caar)),
        words(head, "headline", lambda t: t.name),
        Column("p", tuple(p_value(t.p) for t in head), style="bold"),
    )
    key = Column("thesis" if several else "event study", tuple(s.thesis if several else WINDOWS[s.kind] for s in shown))
    below = [(f"{f'{s.thesis}, ' if several else ''}{WINDOWS[s.kind]}", s.reason) for s in studies if s.reason]
    beside = f" beside {studies[0].benchmark}" if shown and not several else ""
    return simple(f"Event study{beside}: mean abnormal return, signed by side", key, columns, below)


def _days(window: tuple[date, ...]) -> str:
    first, last = window[0], window[-1]
    if first.year != last.year:
        return f"{first} to {last}"
    return f"{first}" if first == last else f"{first} to {last:%m-%d}"


def tests(studies: Sequence[StudyView]) -> Sheet:
    """Lay out the tests of both windows of a thesis, the headline of what was held first; some can have no figure."""
    known = [study for study in sorted(studies, key=lambda study: study.kind) if study.tests]  # held, then news
    names = tuple(dict.fromkeys(test.name for study in known for test in study.tests if not test.reason))
    numbers = _numbered(known)
    groups = tuple(
        Group(f"tests {WINDOWS[study.kind]}", tuple(_columns(SHORT[study.kind], [_of(study, name) for name in names])))
        for study in known
    )
    refer = Column("assumes", tuple(_refer(known, name, numbers) for name in names), right=False)
    key = Column("test", tuple(f"{name}{' *' if known and name == known[0].headline else ''}" for name in names))
    below = [("", WHAT_IS_SHOWN), *_assumed(known, numbers)] if known else []
    return Sheet("All tests", key, (*groups, Group("assumptions", (refer,))), (*below, *_reasons(known)))


def _of(study: StudyView, name: str) -> OutcomeView | None:
    return next((test for test in study.tests if test.name == name), None)


def _columns(head: str, found: Sequence[OutcomeView | None]) -> Iterator[Column]:
    yield figures(found, head, lambda t: money(t.statistic, 2) if t else NOT_KNOWN)
    yield Column("p", tuple(p_value(t.p) if t else NOT_KNOWN for t in found))
    yield words(found, "holds", lambda t: HOLDS[t.holds] if t and not t.reason else "")


def _numbered(studies: Sequence[StudyView]) -> dict[str, int]:
    """Number everything that the tests with a figure assume, in the order in which it comes up."""
    shown = (test for study in studies for test in study.tests if not test.reason)
    assumed = dict.fromkeys(words for test in shown for words, _, _ in test.assumes)
    return {words: n for n, words in enumerate(assumed, start=1)}


def _refer(studies: Sequence[StudyView], name: str, numbers: dict[str, int]) -> str:
    mine = (test for study in studies for test in study.tests if test.name == name)
    found = {numbers[words] for test in mine for words, _, _ in test.assumes}
    return ", ".join(map(str, sorted(found)))


def _assumed(studies: Sequence[StudyView], numbers: dict[str, int]) -> Iterator[Line]:
    """Yield each assumption with what speaks for or against it, by window; said once where it is the same in all."""
    for assumed, n in numbers.items():
        said = {}
        for study in studies:
            found = next((a for test in study.tests for a in test.assumes if a[0] == assumed), None)
            if found:
                said[WINDOWS[study.kind]] = f"{SAID[found[1]]} ({found[2]})"
        same = len(set(said.values())) == 1
        told = next(iter(said.values())) if same else "; ".join(f"{when} it {text}" for when, text in said.items())
        yield f"{n}", f"{assumed}: {told}"


def _reasons(studies: Sequence[StudyView]) -> Iterator[Line]:
    """Yield why tests cannot be computed, each reason once."""
    told: dict[str, dict[str, None]] = {}
    for study in studies:
        for test in study.tests:
            if test.reason:
                told.setdefault(test.reason, {})[test.name] = None
    yield from ((", ".join(tests), reason) for reason, tests in told.items())


def names(studies: Sequence[StudyView]) -> Sheet:
    """Lay out the abnormal return of each name, by window."""
    known = [study for study in studies if study.names]
    symbols = tuple(dict.fromkeys(name.symbol for study in known for name in study.names))
    first = [_name(known, symbol) for symbol in symbols]
    about = (words(first, "side", lambda name: name.side), words(first, "normal return", lambda name: name.model))
    groups = [Group("abnormal return of each name", about)]
    for study in known:
        found = [next((name for name in study.names if name.symbol == symbol), None) for symbol in symbols]
        columns = (
            figures(found, SHORT[study.kind], lambda name: percent(name.car) if name else NOT_KNOWN),
            Column("± se", tuple(percent(name.se).removeprefix("+") if name else NOT_KNOWN for name in found)),
        )
        groups.append(Group(WINDOWS[study.kind], columns))
    below = dict.fromkeys((name.symbol, name.reason) for study in known for name in study.names if name.reason)
    return Sheet("Names", Column("name", symbols), tuple(groups), tuple(below))


def _name(studies: Sequence[StudyView], symbol: str) -> NameView:
    return next(name for study in studies for name in study.names if name.symbol == symbol)

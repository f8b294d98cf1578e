"""What stands where in a report: ranking, the way from gross to net, warnings said once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from deepshock.report.view import AttributionView, ReportView, SensitivityView, ThesisView
from deepshock.report.wording import account

AS_RUN = ", as run"
SHOWN = 5e-5  # a difference of returns that the printed digits would show

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One step from gross to net: ``kind`` is ``gross``, ``cost`` (negative), ``interest`` (signed) or ``net``."""

    name: str
    amount: float
    kind: str


@dataclass(frozen=True)
class Warned:
    """A warning with the theses that it applies to; ``alike`` further ones differ only in symbols and numbers."""

    text: str
    theses: tuple[str, ...]
    alike: int = 0


@dataclass(frozen=True)
class Alternative:
    """A sensitivity beside its base; ``difference`` is its excess return less that of the base."""

    thesis: ThesisView
    view: SensitivityView
    difference: float


def is_simulated(report: ReportView) -> bool:
    """Tell whether anything in the report rests on simulated data; one simulated thesis is enough."""
    return report.simulated or any(thesis.simulated for thesis in report.theses)


def ranked(report: ReportView) -> tuple[ThesisView, ...]:
    """Return the theses that ran, by excess return, the highest first; an unknown one comes last."""
    ran = [thesis for thesis in report.theses if thesis.runnable]
    return tuple(sorted(ran, key=lambda t: (math.isnan(t.excess_return), -t.excess_return, t.name)))


def stopped(report: ReportView) -> tuple[ThesisView, ...]:
    """Return the theses that could not run."""
    return tuple(thesis for thesis in report.theses if not thesis.runnable)


def total(amounts: Mapping[str, float]) -> float:
    """Return the exact sum of named amounts."""
    return math.fsum(amounts.values())


def count(report: ReportView) -> str:
    """Say how many theses ran; a book is not one of them."""
    theses = [thesis for thesis in report.theses if not thesis.is_book]
    books = sum(thesis.is_book and thesis.runnable for thesis in report.theses)
    ran = f"{sum(thesis.runnable for thesis in theses)} of {len(theses)} theses ran" if theses else ""
    book = f"{books} books" if books > 1 else "a book" if books else ""
    return ", and ".join(filter(None, (ran, book)))


def steps(view: ThesisView) -> tuple[Step, ...]:
    """Return the way from gross to net, in account currency; costs come in as negative amounts."""
    return (
        Step("gross", view.gross_pnl, "gross"),
        *(Step(name, -amount, "cost") for name, amount in view.costs.items()),
        *(Step(name, amount, "interest") for name, amount in view.interest.items()),
        Step("net", view.net_pnl, "net"),
    )


def currencies(report: ReportView) -> tuple[str, ...]:
    """Return the account currencies in use, in order of appearance."""
    return tuple(dict.fromkeys(thesis.currency for thesis in report.theses))


def capital(report: ReportView) -> str:
    """Describe the capital: one amount where all theses have the same, else that it differs."""
    amounts = dict.fromkeys(account(thesis) for thesis in report.theses)
    return " or ".join(amounts) + (" each" if len(report.theses) > 1 and len(amounts) == 1 else "")


def alternatives(theses: Sequence[ThesisView]) -> tuple[Alternative, ...]:
    """Return every sensitivity beside its base, in the order of the theses; those of Rule 201 stand apart."""
    return tuple(_beside(thesis, view) for thesis in theses for view in thesis.sensitivities)


def uptick(theses: Sequence[ThesisView]) -> tuple[Alternative, ...]:
    """Return the settings of Rule 201 beside their base, in the order of the theses."""
    return tuple(_beside(thesis, view) for thesis in theses for view in thesis.uptick)


def _beside(thesis: ThesisView, view: SensitivityView) -> Alternative:
    return Alternative(thesis, view, view.excess_return - thesis.excess_return)


def setting_names(theses: Sequence[ThesisView]) -> tuple[str, ...]:
    """Return the settings of Rule 201, without saying which of them ran."""
    return tuple(dict.fromkeys(s.name.removesuffix(AS_RUN) for thesis in theses for s in thesis.uptick))


def setting(view: ThesisView, name: str) -> SensitivityView:
    """Return a thesis under a setting of Rule 201; the one that ran says so in its name."""
    return next(s for s in view.uptick if s.name.removesuffix(AS_RUN) == name)


def only_of(found: Sequence[SensitivityView]) -> tuple[Warned, ...]:
    """Return the warnings that only alternatives have, each once, with the names of those that have it."""
    groups: dict[str, dict[str, None]] = {}
    for view in found:
        for text in view.warnings:
            groups.setdefault(text, {})[view.name] = None
    return tuple(Warned(text, tuple(names)) for text, names in groups.items())


def is_restricted(view: ThesisView) -> bool:
    """Tell whether Rule 201 makes a difference that the printed digits show."""
    found = [setting.excess_return for setting in view.uptick]
    return not all(abs(other - found[0]) <= SHOWN for other in found[1:])


def liquidated(theses: Sequence[ThesisView]) -> tuple[ThesisView, ...]:
    """Return the theses that a margin call closed, or should have."""
    return tuple(thesis for thesis in theses if thesis.liquidated)


def sampled(rows: Sequence[T], most: int) -> list[T]:
    """Return at most so many rows, the first and the last among them, at even distances."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def cost_names(found: Sequence[AttributionView]) -> tuple[str, ...]:
    """Return the names of all costs that any leg paid, in order of appearance."""
    return tuple(dict.fromkeys(name for leg in found for name in leg.costs))


def summed(found: Sequence[AttributionView]) -> AttributionView:
    """Return the sum of all legs and the account; a part that is not known of one is not known of all."""

    def over(name: str) -> float:
        return math.fsum(getattr(leg, name) for leg in found)

    costs = {name: math.fsum(leg.costs.get(name, 0.0) for leg in found) for name in cost_names(found)}
    names = ("price", "gap", "tradable", "beta", "alpha", "fx", "dividends", "interest", "total")
    return AttributionView(symbol="all", costs=costs, **{name: over(name) for name in names})


def warned(theses: Sequence[ThesisView], *, merge: bool = True) -> tuple[Warned, ...]:
    """Return the warnings, each once, with the theses that have it.

    Parameters
    ----------
    theses : sequence of ThesisView
        In the order in which they are to be named.
    merge : bool
        Put warnings together that differ only in symbols, names in capitals and numbers; the first one stands for all.
    """
    groups: dict[str, tuple[str, dict[str, None], set[str]]] = {}
    for thesis in theses:
        for text in thesis.warnings:
            key = _shape(text) if merge else text
            _, names, texts = groups.setdefault(key, (text, {}, set()))
            names[thesis.name] = None
            texts.add(text)
    return tuple(Warned(text, tuple(names), len(texts) - 1) for text, names, texts in groups.values())


def whose(names: Sequence[str], everyone: Sequence[str]) -> str:
    """Name those concerned, in as few words as that takes."""
    others = [name for name in everyone if name not in names]
    if len(names) > 1 and not others:
        return f"all {len(names)} theses"
    if len(names) > 4 and len(others) <= 2:
        return f"all but {' and '.join(others)}"
    return ", ".join(names)


def idle(found: Sequence[Alternative]) -> tuple[Warned, ...]:
    """Return the alternatives that could not run, each reason once."""
    groups: dict[str, dict[str, None]] = {}
    for alternative in found:
        if alternative.view.reason:
            reason = f"{alternative.view.name}: {alternative.view.reason}"
            groups.setdefault(reason, {})[alternative.thesis.name] = None
    return tuple(Warned(reason, tuple(names)) for reason, names in groups.items())


def _shape(text: str) -> str:
    """Return a warning without what is particular: words with a digit and words in capitals."""
    return " ".join("*" if re.search(r"\d|^\W*[A-Z][A-Z.\-=^]+\W*$", word) else word for word in text.split())

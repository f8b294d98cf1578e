"""Evidence with all that can go wrong on a page: reasons instead of figures, hostile words, one date, many dates."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import date, timedelta

from deepshock.report.evidence.view import (
    AcrossView,
    AdjustedView,
    AlphaView,
    BetaView,
    ContradictionView,
    EvidenceView,
    FigureView,
    MadeView,
    NameView,
    NarrativeView,
    OutcomeView,
    PlaceboView,
    RivalView,
    SharedView,
    StudyView,
    TriedView,
    VariantView,
    VerdictView,
    YearView,
)
from deepshock.report.view import ReportView, ThesisView
from deepshock.stats.selected import Selection

from . import factory
from .factory import HOSTILE, KNOWN

NAN = math.nan
INDEPENDENT = ("abnormal returns of the names are independent", False, "CD 15.1")
NORMAL = ("abnormal returns are normal", None, "one event cannot show it")


def placebo(
    kind: str = "in time", n: int = 200, every: int = 20, statistic: float = 0.0643, **more: object
) -> PlaceboView:
    draw = random.Random(kind)
    values = tuple(draw.gauss(0.0, 0.04) for _ in range(n))
    chosen = tuple(k % every == 0 for k in range(n))
    k = sum(chosen)
    made = PlaceboView(
        kind, statistic, 0.0909, 1 / (1 + k), k, 0.0751, n, NAN, values,
        tuple(f"2024-{1 + k % 12:02}-{1 + k % 28:02}" for k in range(n)), chosen, (),
    )  # fmt: skip
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def none(kind: str, reason: str) -> PlaceboView:
    return PlaceboView(kind, NAN, NAN, NAN, 0, NAN, 0, NAN, (), (), (), (), NAN, reason)


def variant(name: str, n: int, excess: float, reason: str = "") -> VariantView:
    if reason:
        return VariantView(name, None, None, NAN, NAN, NAN, NAN, NAN, reason)
    fill = KNOWN + timedelta(days=n, hours=14, minutes=30)
    return VariantView(name, KNOWN, fill, 0.0111, 0.0222, excess + 0.001, excess + 0.0035, excess)


def study(kind: str, holds: str) -> StudyView:
    first = date(2025, 1, 27)
    tests = (
        OutcomeView("adjusted BMP t", 2.345, 0.0432, 0.0, False, (NORMAL,)),
        OutcomeView("Patell Z", -4.567, 0.0000052, 0.0, False, ((*INDEPENDENT[:2], holds), NORMAL)),
        OutcomeView("BMP t by side", NAN, NAN, NAN, None, (NORMAL,), "the book has one side"),
    )
    names = (
        NameView("NVDA", "short", 2.13, 0.1086, 0.023, "market"),
        NameView("ENR.DE", "short", NAN, NAN, NAN, "dimson", f"too few sessions {HOSTILE}"),
    )
    return StudyView(
        "t", kind, "a window", "^NDX", (first, first + timedelta(days=29)), 0.0392, tests[0].name, tests, names
    )


def narrative() -> NarrativeView:
    legs = (
        BetaView("NVDA", -0.5, 2.13, 0.11, 250, f"it closes late {HOSTILE}"),
        BetaView("ENR.DE", -0.5, NAN, NAN, 48, "", "it has 48 daily returns"),
    )
    parts = (("beta", 12_345.0), ("beyond beta", 51_655.0), ("FX", 0.0), ("costs", -1_000.0), ("excess", 63_000.0))
    return NarrativeView(
        "^NDX", legs, BetaView("all together", NAN, -1.84, 0.07, 0),
        MadeView(0.0678, 0.0643, -0.0301, 1_234.0, 1.0),
        MadeView(0.0312, 0.0276, -0.0102, 1_708.0, 0.819, ("legs fill at different instants",)),
        "QQQ", "", parts, "", AlphaView(0.0031, -0.0006, 0.0061, 0.95, 21),
    )  # fmt: skip


def rival() -> RivalView:
    years = (
        YearView(2023, "before", KNOWN - timedelta(days=730), KNOWN - timedelta(days=700), 0.0456, 0.0412),
        YearView(2024, "before", None, None, NAN, NAN, "still open when the data end"),
        YearView(2025, "event", KNOWN, KNOWN + timedelta(days=30), 0.0789, 0.0765),
    )
    return RivalView("long every spring", "from 31 January to 5 March", years, 1, 0.0456, 0.0412, -0.0122)


def selection(**more: object) -> Selection:
    made = Selection(
        n_obs=21, n_rows=21, n_columns=7, drawn_from=7, n_trials=9, sharpe=0.2, psr=0.876, min_trl=46.2, effective=3.0,
        variance=0.01, hurdle=0.1, dsr=0.642, pbo=NAN, n_blocks=0, spa=0.0004, n_superior=0, is_superior=False,
        reasons={"pbo": f"fewer than two trials that differ {HOSTILE}"},
    )  # fmt: skip
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def evidence(**more: object) -> EvidenceView:
    brief = "Beside 10 earlier dates this may or may not be unusual: p = 0.091, and could not have been under 0.091."
    late = (variant(f"{n} late", n, 0.0643 - 0.004 * n) for n in range(20))
    said = ("It made +6.43% over cash.", brief, f"A person has to judge: {HOSTILE}.")
    made = EvidenceView(
        VerdictView("cannot be told", said, brief),
        (
            placebo(refused=((f"no borrow {HOSTILE}", 3),), multiple=1.26),
            placebo("in space", 80, 1, p_scaled=0.0123),
            none("of sign", "no other choice of sides keeps the thesis neutral"),
        ),
        (*late, variant("20 late", 20, NAN, "the data end")),
        (variant("forexlive", 0, 0.0643), variant("xtb", -1, 0.0712), variant("blog", 0, NAN, f"no time {HOSTILE}")),
        (variant("NVDA", 0, 0.0512), variant("AMD", 0, NAN, "nothing would be left on its side")),
        9,
        (study("news", "CD 1.1"), study("held", "CD 15.1")),
        narrative(),
        rival(),
        TriedView(9, 2, 6, 1, ("as it is", "hold 5"), selection()),
        ("fed decision (29 January)", f"results {HOSTILE}"),
        (f"venue law of 2025-01-28 at every date {HOSTILE}", "200 baskets of 18 names"),
    )  # fmt: skip
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def silent() -> EvidenceView:
    """Return evidence of which nothing can be computed."""
    return EvidenceView(
        VerdictView("not traded", ("Nothing was traded: no leg.",), "Nothing was traded: no leg."),
        tuple(none(kind, "nothing was traded") for kind in ("in time", "in space", "of sign")),
        (variant("as it is", 0, NAN, "no leg"),), (), (), None,
        (StudyView("t", "held", "a window", "", (), NAN, "", (), (), "the thesis names no benchmark"),),
        NarrativeView("", reason="the thesis names no benchmark"), None,
        TriedView(1, 1, 0, 0, (), None), (), (),
    )  # fmt: skip


def across(names: list[str]) -> AcrossView:
    adjusted = tuple(AdjustedView(name, 0.0909, 0.1818 + n / 1000, 0.909) for n, name in enumerate(names))
    shared = (SharedView("NVDA", ("short", "long"), KNOWN, KNOWN + timedelta(days=29), 21),)
    opposed = (
        ContradictionView(("short-ai-chips", "calm-down"), shared, True, (-0.0114, 0.0481), 0.0187),
        ContradictionView(
            ("short-ai-chips", "absent"), (), True, (-0.0114, NAN), NAN, f"absent is not there {HOSTILE}"
        ),
    )
    told = (
        FigureView("xtb", "NVDA", "-6.5%", KNOWN, True, "cannot tell", "it is before the open", "close -16.97%"),
        FigureView("forexlive", "META", f"lower {HOSTILE}", KNOWN, False, "matches", "the open: -3.22%", ""),
    )
    return AcrossView(adjusted, opposed, told)


def thesis(name: str = "short-ai-chips", *, simulated: bool = True) -> ThesisView:
    number = [*factory.LEGS].index(name)
    plain = factory.thesis(name, factory.LEGS[name], simulated=simulated, number=number)
    return dataclasses.replace(plain, evidence=evidence())


def report(*, simulated: bool = True) -> ReportView:
    """Return the report of the factory, with evidence on each thesis: a book, one without any figure, others."""
    plain = factory.report(simulated=simulated)
    found = {"china-ai-adopters": silent(), "fade-the-fear": silent()}
    theses = tuple(dataclasses.replace(t, evidence=found.get(t.name, evidence())) for t in plain.theses)
    names = [t.name for t in theses if t.name not in found and not t.is_book]
    return dataclasses.replace(plain, theses=theses, across=across(names))

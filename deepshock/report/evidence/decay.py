"""How an idea decays: entered later, as known from each source, and without each of its legs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deepshock.report.evidence.sheet import Line, Sheet, figures, simple, words
from deepshock.report.evidence.view import EvidenceView, VariantView
from deepshock.report.tables import Column, Group
from deepshock.report.wording import instant, percent

LATE, SOURCES, WITHOUT = "Entered so many sessions late", "As known from each source", "Without each part"


def late(view: EvidenceView) -> Sheet:
    """Lay out what is left after each session, sessions side by side."""
    found = view.late
    columns = tuple(
        Column(str(n), (instant(v.first_fill)[5:10], *(percent(value, 1) for value in _parts(v))), signed=True)
        for n, v in enumerate(found)
    )
    key = Column("sessions", ("first fill", "gap", "tradable", "excess") if found else ())
    below = _reasons(found)
    if view.half_life is not None:
        below.insert(0, ("", f"half of the excess return is gone {_sessions(view.half_life)} late"))
    return Sheet(LATE, key, (Group(LATE, columns),), tuple(below), even=True)


def _parts(found: VariantView) -> tuple[float, float, float]:
    return found.gap, found.tradable, found.excess_return


def _sessions(n: int) -> str:
    return f"{n} session{'' if n == 1 else 's'}"


def sources(view: EvidenceView) -> Sheet:
    """Lay out the idea as known from each source that it cites."""
    found = [v for v in view.sources if not v.reason]
    columns = (
        words(found, "known (UTC)", lambda v: instant(v.known_at)[:16]),
        words(found, "first fill", lambda v: instant(v.first_fill)[5:16]),
        figures(found, "missed", lambda v: percent(v.missed)),
        figures(found, "gap", lambda v: percent(v.gap)),
        figures(found, "tradable", lambda v: percent(v.tradable)),
        figures(found, "excess", lambda v: percent(v.excess_return)),
    )
    return simple(SOURCES, Column("source", tuple(v.name for v in found)), columns, _reasons(view.sources))


def without(view: EvidenceView) -> Sheet:
    """Lay out the idea without each leg, or a book without each thesis, beside what it is with all."""
    found, base = [v for v in view.without if not v.reason], view.late[0].excess_return if view.late else math.nan
    columns = (
        figures(found, "missed", lambda v: percent(v.missed)),
        figures(found, "tradable", lambda v: percent(v.tradable)),
        figures(found, "excess", lambda v: percent(v.excess_return)),
        figures(found, "against all", lambda v: percent(v.excess_return - base).replace("%", " pp")),
    )
    return simple(WITHOUT, Column("without", tuple(v.name for v in found)), columns, _reasons(view.without))


def _reasons(found: Sequence[VariantView]) -> list[Line]:
    """Return why variants did not trade, each reason once."""
    told: dict[str, list[str]] = {}
    for variant in found:
        if variant.reason:
            told.setdefault(variant.reason, []).append(variant.name)
    return [(", ".join(names), reason) for reason, names in told.items()]

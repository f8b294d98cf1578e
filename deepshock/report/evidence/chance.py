"""Was it luck: the placebos, the naive rule in every year, and what is left of the Sharpe ratio after all tries."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import quantiles

from deepshock.report.evidence.sheet import Line, Sheet, figures, simple, words
from deepshock.report.evidence.view import EvidenceView, PlaceboView, RivalView, TriedView
from deepshock.report.tables import Column
from deepshock.report.wording import NOT_KNOWN, instant, money, p_value, percent, share
from deepshock.stats.selected import Selection

TIME, SPACE, SIGN = "in time", "in space", "of sign"
PLACEBOS = "Placebos: the same trade without the narrative"
WHAT_COUNTS = (
    "in time: earlier dates whose holding periods do not overlap; in space: names that look alike; of sign: other "
    "sides. p: the share of them, the thesis among them, that is as far from nil (of sign: made as much); it could not "
    "be less than 1 / (1 + K)."
)
QUANTILES = (("5% made", 0.05), ("median", 0.5), ("95%", 0.95))
Way = tuple[str, float, int, Sequence[float]]
WHEN = {"before": "before it", "event": "the year of the event", "later": "later, not counted"}


def placebos(view: EvidenceView) -> Sheet:
    """Lay out the placebos, a line for each way of counting them."""
    rows = [row for found in view.placebos if not found.reason for row in _ways(found)]
    columns = (
        Column("p", tuple(p_value(p) for _, p, _, _ in rows), style="bold"),
        Column("least p", tuple(p_value(1.0 / (1 + k)) for _, _, k, _ in rows)),
        Column("K", tuple(f"{k:,}" for _, _, k, _ in rows)),
        *(_spread(rows, head, at) for head, at in QUANTILES),
    )
    below = [*([("", WHAT_COUNTS)] if rows else []), *_variance(view.in_time), *_missing(view.placebos)]
    return simple(PLACEBOS, Column("placebo", tuple(row[0] for row in rows)), columns, below)


def _spread(rows: Sequence[Way], head: str, at: float) -> Column:
    return figures(rows, head, lambda row: percent(_quantile(row[3], at)) if row[3] else "")


def _ways(found: PlaceboView) -> Iterator[Way]:
    """Yield name, p, number and outcomes of each way in which placebos of one kind are counted."""
    counted = [value for value, chosen in zip(found.values, found.chosen, strict=True) if chosen]
    yield found.kind, found.p, found.k, counted
    if found.kind == TIME:
        yield "in time, overlapping", found.p_all, found.k_all, found.values
    elif not math.isnan(found.p_scaled):
        yield "in space, over its past", found.p_scaled, found.k, ()


def _quantile(values: Sequence[float], at: float) -> float:
    """Return a quantile, nan where there are no values; linear between order statistics."""
    if len(values) < 2:
        return values[0] if values else math.nan
    return quantiles(values, n=100, method="inclusive")[round(100 * at) - 1]


def _variance(found: PlaceboView) -> Iterator[Line]:
    """Yield how much larger the event's variance may have been; an event is no ordinary date."""
    if found.multiple >= 1.0:
        said = f"outside of 95 % of all dates for up to {found.multiple:.1f} times their variance"
        yield "variance of the event", f"{said}, and an event may well have more"


def _missing(found: Sequence[PlaceboView]) -> Iterator[Line]:
    """Yield why there are no placebos of a kind, and why some of them could not be run."""
    for one in found:
        if one.reason:
            yield f"none {one.kind}", one.reason
        for reason, n in one.refused:
            yield f"{one.kind}, {n:,} could not be run", reason


def rival(found: RivalView) -> Sheet:
    """Lay out the naive rule, a line for each year."""
    years = found.years
    columns = (
        words(years, "", lambda year: WHEN[year.when]),
        words(years, "first fill (UTC)", lambda year: instant(year.first_fill, "no fill")),
        words(years, "last exit (UTC)", lambda year: instant(year.last_exit)),
        figures(years, "net", lambda year: percent(year.net_return)),
        figures(years, "excess", lambda year: percent(year.excess_return)),
    )
    n = found.n_before
    below = [("the rule", f"{found.what}; {found.rule}")] if found.what != found.rule else [("the rule", found.rule)]
    if n:
        mean = f"{percent(found.mean_net_return)} net, {percent(found.mean_excess_return)} excess"
        below.append((f"mean of {n} year{'s' if n > 1 else ''} before it", mean))
    if not math.isnan(found.less_rival):
        below.append(("the thesis less the rule, same year", percent(found.less_rival).replace("%", " pp")))
    below += [(f"{year.year} does not count", year.reason) for year in years if year.reason]
    return simple(
        "The naive rule, without an article", Column("year", tuple(str(year.year) for year in years)), columns, below
    )


def tries(found: TriedView) -> Sheet:
    """Lay out what the number of tries leaves of the Sharpe ratio, a line for each figure with what it says."""
    lines = [("tries", f"{found.total:,}", _counted(found)), *(_judged(found.figures) if found.figures else ())]
    columns = (
        Column("value", tuple(value for _, value, _ in lines)),
        Column("what it says", tuple(said for _, _, said in lines), right=False),
    )
    known = [("returns are known of", ", ".join(found.columns))] if found.columns else []
    return simple("After all tries", Column("figure", tuple(name for name, _, _ in lines)), columns, known)


def _counted(found: TriedView) -> str:
    parts = ((found.runs, "run by itself"), (found.sensitivities, "as sensitivities"), (found.sweep_variants, "swept"))
    told = ", ".join(f"{n:,} {how}" for n, how in parts if n) or "none by the registry"
    return f"variants of it on these data; counted: {told}"


def _judged(made: Selection) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each figure, the figure, and what it says or why it is not known."""

    def said(name: str, meaning: str) -> str:
        return made.reasons.get(name, meaning)

    n = made.n_obs
    yield "PSR", share(made.psr), said("psr", "probability that the true Sharpe ratio is above nil, for one try")
    longest = money(math.ceil(made.min_trl), sign=False) if math.isfinite(made.min_trl) else NOT_KNOWN
    yield "MinTRL", longest, said("min_trl", f"observations that it takes to say so; there are {n:,}")
    yield "deflated Sharpe ratio", share(made.dsr), said("dsr", "the same probability after all tries")
    halves = "probability that the best in one half is below the median in the other"
    yield "PBO", share(made.pbo), said("pbo", halves)
    yield "SPA p-value", p_value(made.spa), said("spa", "if none of the variants made anything")

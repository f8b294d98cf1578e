"""Charts of evidence: the placebos in time with the thesis among them, and what is left of an idea that comes late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from deepshock.report.evidence.view import PlaceboView, VariantView
from deepshock.report.theme import AMBER, INK, MUTED, NAVY, STEEL, TOP, figure, plain, stamp
from deepshock.report.view import ThesisView
from deepshock.report.wording import p_value, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

BINS = 36
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
RUG = -0.06  # where the dates that count are marked, over the height of the tallest bar


def placebos(view: ThesisView) -> go.Figure:
    """Draw how the outcomes of the placebos in time are spread: all as light bars, those that count as marks below."""
    assert view.evidence is not None, "drawn where there is evidence"
    found = view.evidence.in_time
    counted = [row for row in zip(found.labels, found.values, found.chosen, strict=True) if row[2]]
    starts, width, shares = histogram(found.values, (found.statistic, -found.statistic, 0.0))
    top = max(shares)
    told = f"p = {p_value(found.p)}, K = {found.k:,}; of all {found.k_all:,} dates, {p_value(found.p_all)}"
    drawn = figure(
        f"Placebos in time: p = {p_value(found.p)} (K = {found.k:,})",
        view.name,
        f"Histogram of the excess return of {view.name} at {found.k_all:,} earlier dates, most of which overlap. "
        f"{found.k:,} of them do not overlap and are marked. The thesis made {percent(found.statistic)}: {told}.",
        simulated=view.simulated,
        height=TOP + 318,
        margin={"l": 8, "r": 14, "t": TOP + 22, "b": 104},
        bargap=0.06,
        xaxis={"tickformat": "+.2~%", "automargin": False, "zeroline": True, "title": {"text": "excess return"}},
        yaxis={"tickformat": ".0%", "range": [1.8 * RUG * top, 1.06 * top], "zeroline": False, "nticks": 5},
    )
    drawn.add_bar(
        name=f"all {found.k_all:,} dates, overlapping",
        x=[start + width / 2 for start in starts],
        y=shares,
        width=width,
        marker={"color": STEEL},
        opacity=0.55,
        customdata=[f"{percent(start)} to {percent(start + width)}" for start in starts],
        hovertemplate="%{customdata}: %{y:.1%} of all dates<extra></extra>",
    )
    drawn.add_scatter(
        name=f"{found.k:,} date{'' if found.k == 1 else 's'} that do{'es' if found.k == 1 else ''} not overlap",
        x=[value for _, value, _ in counted],
        y=[RUG * top] * len(counted),
        mode="markers",
        marker={"symbol": "line-ns-open", "color": NAVY, "size": 12, "line": {"width": 1.6}},
        customdata=[f"{label}: {percent(value)}" for label, value, _ in counted],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _mark(drawn, found, top)
    return drawn


def histogram(values: Sequence[float], also: Sequence[float]) -> tuple[list[float], float, list[float]]:
    """Return where bins start, how wide they are, and the share of values in each; they reach to other points too.

    Bins are of a round width, and one of them begins at nil.
    """
    low, high = min(*values, *also), max(*values, *also)
    raw = (high - low) / BINS or 0.001
    scale = 10.0 ** math.floor(math.log10(raw))
    width = next(step for step in NICE if step * scale >= raw * (1 - 1e-9)) * scale
    first, last = math.floor(low / width), math.floor(high / width)
    counts = [0] * (last - first + 1)
    for value in values:
        counts[math.floor(value / width) - first] += 1
    return [width * n for n in range(first, last + 1)], width, [count / len(values) for count in counts]


def _mark(drawn: go.Figure, found: PlaceboView, top: float) -> None:
    """Mark where the thesis stands, and the same distance from nil on the other side."""
    sides = {"as far from nil": -found.statistic, "the thesis": found.statistic}
    for name, x in sides.items():
        own = x == found.statistic
        drawn.add_scatter(
            name=name,
            x=[x, x],
            y=[1.8 * RUG * top, 1.06 * top],
            mode="lines",
            line={"color": AMBER if own else MUTED, "width": 2.5 if own else 1, "dash": "solid" if own else "dot"},
            showlegend=not own,
            hovertemplate=f"{name}: {percent(x)}<extra></extra>",
        )
    drawn.add_annotation(
        x=found.statistic,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if found.statistic >= 0.0 else "left",
        text=f"<b>the thesis {percent(found.statistic)}</b>",
        showarrow=False,
        font={"size": 11, "color": INK},
    )


def decay(view: ThesisView) -> go.Figure:
    """Draw the excess return by the session of the first fill, and where each source would have put it."""
    assert view.evidence is not None, "drawn where there is evidence"
    late = [(n, variant) for n, variant in enumerate(view.evidence.late) if variant.first_fill]
    told = "; ".join(f"{n} late {percent(v.excess_return)}" for n, v in late if n in (0, 1, 5, 10, 20))
    drawn = figure(
        "Excess return, if the idea comes late",
        view.name,
        f"Line chart of the excess return of {view.name} when it is entered later, by its first fill: {told}. "
        f"Diamonds: as known from each of its sources.",
        simulated=view.simulated,
        height=TOP + 318,
        margin={"l": 8, "r": 14, "t": TOP, "b": 78},
        xaxis={"type": "date", "automargin": False, "title": {"text": "first fill, UTC: a point for each session"}},
        yaxis={"tickformat": "+.2~%", "zeroline": True},
    )
    drawn.add_scatter(
        name="entered later",
        x=[stamp(v.first_fill) for _, v in late if v.first_fill],
        y=[v.excess_return for _, v in late],
        mode="lines+markers",
        line={"color": NAVY, "width": 2},
        marker={"size": 5},
        customdata=[[f"{n} session{'' if n == 1 else 's'} late", percent(v.excess_return)] for n, v in late],
        hovertemplate="%{customdata[0]}, %{x|%Y-%m-%d %H:%M}<br>%{customdata[1]}<extra></extra>",
    )
    _sources(drawn, [source for source in view.evidence.sources if source.first_fill])
    return drawn


def _sources(drawn: go.Figure, found: Sequence[VariantView]) -> None:
    """Add a diamond for each place that sources lead to, with the names of those that do."""

    def place(source: VariantView) -> tuple[str, float]:
        return (stamp(source.first_fill) if source.first_fill else "", source.excess_return)

    groups = [(at, [s.name for s in some]) for at, some in groupby(sorted(found, key=place), key=place)]
    drawn.add_scatter(
        name="as known from a source",
        x=[at for (at, _), _ in groups],
        y=[made for (_, made), _ in groups],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 12, "color": AMBER, "line": {"width": 2}},
        customdata=[[plain(", ".join(names)), percent(made)] for (_, made), names in groups],
        hovertemplate="as known from %{customdata[0]}, %{x|%Y-%m-%d %H:%M}<br>%{customdata[1]}<extra></extra>",
    )


def can_draw_placebos(view: ThesisView) -> bool:
    """Tell whether there are placebos in time to draw."""
    return view.evidence is not None and not view.evidence.in_time.reason


def can_draw_decay(view: ThesisView) -> bool:
    """Tell whether the idea traded at any lag."""
    return view.evidence is not None and any(variant.first_fill for variant in view.evidence.late)

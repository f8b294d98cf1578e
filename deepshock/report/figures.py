"""Charts of a run, as plotly figures; plotly is imported when the first one is drawn.

Each function takes the frozen view and returns a figure; ``layout.meta.alt`` says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deepshock.report import arrange
from deepshock.report.theme import (
    AMBER,
    GREEN,
    INK,
    MUTED,
    NAVY,
    RED,
    STEEL,
    TOP,
    figure,
    lanes,
    plain,
    stamp,
    wrapped,
)
from deepshock.report.timeline import timeline
from deepshock.report.view import ReportView, ThesisView
from deepshock.report.wording import instant, money, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["attribution", "comparison", "nav", "parts", "timeline", "waterfall"]

BEFORE = timedelta(days=3)  # how far before its first value the chart may begin, to show when the thesis was known
ROW = 26  # pixels for one bar
LANE = 15  # pixels for one line of labels
NARROW = 300  # pixels of a chart on a telephone, for which labels are kept apart
LETTER = 6.2  # pixels of one letter at the size of labels


def nav(view: ThesisView) -> go.Figure:
    """Draw the net asset value on valuation rows, with the events between its ends marked and named."""
    at = [when for when, _ in view.equity]
    first = max(min(view.known_at, *at[:1]), at[0] - BEFORE) if at else view.known_at
    last = at[-1] if at else first
    marks = _labels([(when, text) for when, text in sorted(view.events) if first <= when <= last], first, last)
    n_lanes = max((lane for *_, lane in marks), default=-1) + 1
    ends = f" to {money(view.equity[-1][1], sign=False)} {view.currency} on {instant(last)} UTC" if at else ""
    drawn = figure(
        f"Net asset value, {view.currency}",
        view.name,
        f"Line chart of the net asset value of {view.name}, from {money(view.capital, sign=False)}{ends}.",
        simulated=view.simulated,
        height=320 + LANE * n_lanes,
        margin={"l": 8, "r": 14, "t": TOP + LANE * n_lanes, "b": 44},
        xaxis={"type": "date", "range": [stamp(first), stamp(last)], "title": {"text": "valuation rows, UTC"}},
        yaxis={"tickformat": ",.0f"},
        showlegend=False,
    )
    drawn.add_scatter(
        x=[stamp(when) for when in at],
        y=[value for _, value in view.equity],
        mode="lines+markers" if len(at) < 3 else "lines",
        line={"color": NAVY, "width": 2},
        hovertemplate="%{x|%Y-%m-%d %H:%M} UTC<br>%{y:,.2f}<extra></extra>",
    )
    drawn.add_hline(y=view.capital, line={"color": MUTED, "width": 1, "dash": "dot"})
    for when, text, anchor, lane in marks:
        drawn.add_vline(x=stamp(when), line={"color": AMBER, "width": 1})
        drawn.add_annotation(
            x=stamp(when),
            y=1,
            yref="paper",
            yshift=4 + LANE * lane,
            yanchor="bottom",
            xanchor=anchor,
            text=plain(text),
            showarrow=False,
            font={"size": 11, "color": INK},
        )
    return drawn


def waterfall(view: ThesisView) -> go.Figure:
    """Draw the way from gross P&L through each cost and interest line to net P&L, in account currency."""
    steps = arrange.steps(view)
    starts, level = [], 0.0
    for step in steps:
        whole = step.kind in ("gross", "net")
        starts.append(0.0 if whole else level)
        level = step.amount if whole else level + step.amount
    words = [f"{money(step.amount)} ({percent(step.amount / view.capital)})" for step in steps]
    told = "; ".join(f"{step.name} {word}" for step, word in zip(steps, words, strict=True))
    drawn = figure(
        f"From gross to net, {view.currency}",
        view.name,
        f"Waterfall from gross to net P&L of {view.name} in {view.currency}: {told}.",
        simulated=view.simulated,
        height=TOP + 40 + ROW * len(steps),
        xaxis={"tickformat": ",.0f", "zeroline": True, "nticks": 5, "range": _roomy(starts, [s.amount for s in steps])},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
        showlegend=False,
    )
    drawn.add_bar(
        orientation="h",
        y=[plain(step.name) for step in steps],
        x=[step.amount for step in steps],
        base=starts,
        marker={"color": [_tint(step) for step in steps]},
        text=words,
        textposition="none",
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    for step, start, word in zip(steps, starts, words, strict=True):
        drawn.add_annotation(
            x=max(start, start + step.amount, 0.0),
            y=plain(step.name),
            text=word,
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": 11, "color": INK},
        )
    return drawn


def parts(view: ThesisView) -> go.Figure:
    """Draw each leg's move as missed, gap and tradable, signed by side, over the price at the news."""
    legs = [leg for leg in view.legs if any(map(math.isfinite, (leg.missed, leg.gap, leg.tradable)))]
    rows: list[tuple[str, float, float, float]] = [("all, by weight", view.missed, view.gap, view.tradable)]
    rows += [
        (f"{leg.symbol} {leg.side}{' (proxy)' if leg.proxy else ''}", leg.missed, leg.gap, leg.tradable) for leg in legs
    ]
    told = "; ".join(f"{name}: {percent(m)}, {percent(g)}, {percent(t)}" for name, m, g, t in rows)
    drawn = figure(
        "Missed, gap and tradable",
        view.name,
        f"Stacked bars of the move of each leg of {view.name}, as missed, gap and tradable. {told}.",
        simulated=view.simulated,
        height=TOP + 76 + ROW * len(rows),
        margin={"l": 8, "r": 8, "t": TOP, "b": 62},
        barmode="relative",
        xaxis={"tickformat": "+.2~%", "zeroline": True},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )
    for column, (name, color) in enumerate((("missed", STEEL), ("gap", AMBER), ("tradable", NAVY)), start=1):
        values = [float(row[column]) for row in rows]
        drawn.add_bar(
            orientation="h",
            name=name,
            y=[wrapped(row[0]) for row in rows],
            x=[value if math.isfinite(value) else None for value in values],
            customdata=[percent(value) for value in values],
            marker={"color": color},
            hovertemplate=f"%{{y}}<br>{name} %{{customdata}}<extra></extra>",
        )
    return drawn


def attribution(view: ThesisView) -> go.Figure:
    """Draw where each leg's result came from, as one stacked bar of its components, in account currency."""
    rows = view.attribution
    told = "; ".join(f"{row.symbol} {money(row.total)}" for row in rows)
    components: tuple[tuple[str, str, list[float]], ...] = (
        ("price, gap", AMBER, [row.gap for row in rows]),
        ("price, tradable", NAVY, [row.tradable for row in rows]),
        ("FX", STEEL, [row.fx for row in rows]),
        ("dividends", GREEN, [row.dividends for row in rows]),
        ("costs", RED, [arrange.total(row.costs) for row in rows]),
        ("interest", MUTED, [row.interest for row in rows]),
    )
    drawn = figure(
        f"Components of the result, {view.currency}",
        view.name,
        f"Stacked bars of what made the result of each leg of {view.name}, in {view.currency}. Totals: {told}.",
        simulated=view.simulated,
        height=TOP + 92 + ROW * len(rows),
        margin={"l": 8, "r": 8, "t": TOP, "b": 78},
        barmode="relative",
        xaxis={"tickformat": ",.0f", "zeroline": True, "nticks": 5},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )
    for name, color, values in components:
        if any(values):
            drawn.add_bar(
                orientation="h",
                name=name,
                y=[wrapped(row.symbol) for row in rows],
                x=values,
                customdata=[money(value) for value in values],
                marker={"color": color},
                hovertemplate=f"%{{y}}<br>{name} %{{customdata}}<extra></extra>",
            )
    return drawn


def comparison(report: ReportView) -> go.Figure:
    """Draw net and excess return of every thesis that ran, the best excess on top."""
    ran = arrange.ranked(report)
    told = "; ".join(f"{t.name} {percent(t.excess_return)}" for t in ran)
    drawn = figure(
        "Net and excess return on capital",
        "",
        f"Bars of the return of each thesis. Excess: {told}.",
        simulated=arrange.is_simulated(report),
        height=TOP + 76 + 38 * max(len(ran), 1),
        margin={"l": 8, "r": 8, "t": TOP, "b": 62},
        barmode="group",
        bargap=0.3,
        xaxis={"tickformat": "+.2~%", "zeroline": True},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
    )
    for name, color, values in (
        ("excess", NAVY, [t.excess_return for t in ran]),
        ("net", STEEL, [t.net_return for t in ran]),
    ):
        drawn.add_bar(
            orientation="h",
            name=name,
            y=[wrapped(t.name, 24) for t in ran],
            x=[value if math.isfinite(value) else None for value in values],
            customdata=[percent(value) for value in values],
            marker={"color": color},
            hovertemplate=f"%{{y}}<br>{name} %{{customdata}}<extra></extra>",
        )
    return drawn


def _labels(
    events: Sequence[tuple[datetime, str]], first: datetime, last: datetime
) -> list[tuple[datetime, str, str, int]]:
    """Place the labels of events: which way each runs from its line, and in which lane it touches no other."""
    span = max(last - first, timedelta(minutes=1))
    placed = []
    for when, text in events:
        x = NARROW * ((when - first) / span)
        wide = LETTER * len(text) + 8
        right = x + wide > NARROW
        placed.append((x - wide if right else x, x if right else x + wide, when, text, "right" if right else "left"))
    placed.sort(key=lambda label: label[0])
    taken = lanes([(start, end) for start, end, *_ in placed])
    return [(when, text, anchor, lane) for (_, _, when, text, anchor), lane in zip(placed, taken, strict=True)]


def _tint(step: arrange.Step) -> str:
    if step.kind in ("gross", "net"):
        return NAVY if step.kind == "net" else STEEL
    return GREEN if step.amount > 0 else RED


def _roomy(starts: Sequence[float], amounts: Sequence[float]) -> list[Any]:
    """Return a range that holds all bars and leaves room for the words at their right."""
    ends = [start + amount for start, amount in zip(starts, amounts, strict=True)]
    known = [value for value in (0.0, *starts, *ends) if math.isfinite(value)]
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    return [low - 0.03 * span, high + 0.55 * span]

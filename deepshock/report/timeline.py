"""The timeline: which venue was open when, what was known when, and where the orders filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from deepshock.report.theme import AMBER, GREEN, INK, RED, RULE, SHADE, STEEL, TOP, figure, plain, stamp
from deepshock.report.view import FillView, ThesisView
from deepshock.report.wording import instant

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 44  # pixels for one venue
CLOSED_DAY = timedelta(hours=30)  # a longer gap between two sessions holds a day on which the venue does not open
AHEAD = timedelta(days=8)
BEHIND = timedelta(days=3)
PAD = timedelta(hours=12)


@dataclass(frozen=True)
class Panel:
    """A stretch of time that is drawn by itself."""

    title: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Mark:
    """All fills of one venue, instant and side: one triangle."""

    row: int
    at: datetime
    side: str
    fills: tuple[FillView, ...]


def timeline(view: ThesisView) -> go.Figure:
    """Draw the venues' sessions around the time at which the thesis was known, and around its exits.

    Bars are sessions, from open to close; shaded stretches hold days on which the venue does not open; lines stand at
    the news and where the thesis was known; triangles are fills, upwards to buy and downwards to sell.
    """
    venues = list(dict.fromkeys(session.venue for session in view.sessions)) or [""]
    marks = _marks(view, venues)
    panels = _panels(view)
    told = "; ".join(f"{m.side} {_symbols(m)} on {venues[m.row]} {instant(m.at)}" for m in marks) or "no fill"
    height = 94 + len(panels) * (ROW * len(venues) + 72)
    drawn = figure(
        "Sessions and fills, UTC",
        view.name,
        f"Timeline of {view.name}: news {instant(view.news)}, known {instant(view.known_at)} UTC; fills: {told}.",
        simulated=view.simulated,
        height=height,
        margin={"l": 8, "r": 14, "t": TOP + 12, "b": 72},
        barmode="overlay",
    )
    gap = 92 / (height - TOP - 84)  # between two panels, as a share of the plot
    share = (1 - gap * (len(panels) - 1)) / len(panels)
    for number, panel in enumerate(panels):
        top = 1 - number * (share + gap)
        _draw(drawn, view, panel, venues, marks, number, (max(top - share, 0.0), top))
    return drawn


def _panels(view: ThesisView) -> list[Panel]:
    """Choose the stretches: entries around ``known``, and the exits too where they are later."""
    firsts: dict[str, datetime] = {}
    for fill in view.fills:
        firsts[fill.symbol] = min(fill.fill_at, firsts.get(fill.symbol, fill.fill_at))
    start = max(min(view.news, view.known_at), view.known_at - BEHIND) - PAD
    late = max(firsts.values(), default=view.known_at)
    end = max(view.known_at + AHEAD, min(late + PAD, view.known_at + 3 * AHEAD))
    panels = [Panel("Entries", start, end)]
    if rest := [fill.fill_at for fill in view.fills if fill.fill_at > end]:
        last = max(rest)
        panels.append(Panel("Exits", max(min(rest) - 2 * PAD, last - 2 * AHEAD), last + 2 * PAD))
    return panels


def _marks(view: ThesisView, venues: Sequence[str]) -> list[Mark]:
    opened = {(s.venue, at) for s in view.sessions for at in (s.open_at, s.close_at)}
    found: dict[tuple[int, datetime, str], list[FillView]] = {}
    for fill in view.fills:
        guess = next((venue for venue in venues if (venue, fill.fill_at) in opened), venues[0])
        row = venues.index(fill.venue if fill.venue in venues else guess)
        found.setdefault((row, fill.fill_at, fill.side), []).append(fill)
    return [Mark(row, at, side, tuple(fills)) for (row, at, side), fills in found.items()]


def _symbols(mark: Mark) -> str:
    return ", ".join(fill.symbol for fill in mark.fills)


def _draw(
    drawn: go.Figure,
    view: ThesisView,
    panel: Panel,
    venues: Sequence[str],
    marks: Sequence[Mark],
    number: int,
    domain: tuple[float, float],
) -> None:
    """Draw one panel on axes of its own."""
    suffix = str(number + 1) if number else ""
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    drawn.update_layout(
        {
            f"xaxis{suffix}": {
                "type": "date",
                "range": [stamp(panel.start), stamp(panel.end)],
                "anchor": f"y{suffix}",
                "gridcolor": RULE,
                "linecolor": RULE,
                "tickformat": "%a<br>%d",
                "dtick": _days(panel) * 86_400_000,
                "tick0": "2000-01-01",
                "tickangle": 0,
                "title": {"text": _months(panel), "standoff": 4, "font": {"size": 11}},
                "hoverformat": "%Y-%m-%d %H:%M",
            },
            f"yaxis{suffix}": {
                "domain": list(domain),
                "anchor": f"x{suffix}",
                "range": [len(venues) - 0.5, -0.5],
                "showgrid": False,
                "tickvals": list(range(len(venues))),
                "ticktext": [plain(venue) for venue in venues],
                "automargin": True,
                "fixedrange": True,
                "zeroline": False,
                "tickfont": {"color": INK},
            },
        }
    )
    for row, venue in enumerate(venues):
        for trace in _bars(view, panel, venue, row):
            drawn.add_bar(**trace, **axes, legendgroup=trace["name"], showlegend=number == 0 and row == 0)
    for side in ("buy", "sell"):
        drawn.add_scatter(**_triangles(marks, side, panel), **axes, legendgroup=side, showlegend=number == 0)
    for at, text, anchor in _lines(view, panel):
        drawn.add_shape(
            type="line",
            x0=stamp(at),
            x1=stamp(at),
            y0=0,
            y1=1,
            xref=axes["xaxis"],
            yref=f"{axes['yaxis']} domain",
            line={"color": AMBER, "width": 1.5},
        )
        drawn.add_annotation(
            x=stamp(at),
            y=1,
            xref=axes["xaxis"],
            yref=f"{axes['yaxis']} domain",
            yanchor="bottom",
            xanchor=anchor,
            text=text,
            showarrow=False,
            font={"size": 11, "color": INK},
        )
    if number:
        drawn.add_annotation(
            x=0,
            y=1,
            xref=f"{axes['xaxis']} domain",
            yref=f"{axes['yaxis']} domain",
            yanchor="bottom",
            xanchor="left",
            text=panel.title,
            showarrow=False,
            font={"size": 12, "color": INK},
        )


def _days(panel: Panel) -> int:
    """Return the days from tick to tick: their labels must not touch on a narrow screen."""
    return 1 + (panel.end - panel.start) // timedelta(days=10)


def _months(panel: Panel) -> str:
    return " to ".join(dict.fromkeys(at.strftime("%B %Y") for at in (panel.start, panel.end)))


def _bars(view: ThesisView, panel: Panel, venue: str, row: int) -> list[dict[str, Any]]:
    """Return the sessions of a venue, and the stretches in which it does not open for a day or more."""
    held = sorted((s.open_at, s.close_at) for s in view.sessions if s.venue == venue)
    held = [(a, b) for a, b in held if a <= panel.end + AHEAD and b >= panel.start - AHEAD]
    shut = [(b, c) for (_, b), (c, _) in pairwise(held) if c - b >= CLOSED_DAY]
    return [
        _stretch("no session", shut, row, 0.82, SHADE, f"{venue} closed"),
        _stretch("session", held, row, 0.42, STEEL, venue),
    ]


def _stretch(
    name: str, spans: Sequence[tuple[datetime, datetime]], row: int, width: float, color: str, told: str
) -> dict[str, Any]:
    return {
        "name": name,
        "orientation": "h",
        "y": [row] * len(spans),
        "width": width,
        "base": [stamp(a) for a, _ in spans],
        "x": [(b - a) / timedelta(milliseconds=1) for a, b in spans],
        "marker": {"color": color, "line": {"width": 0}},
        "customdata": [f"{plain(told)}<br>{instant(a)} to {instant(b)} UTC" for a, b in spans],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _triangles(marks: Sequence[Mark], side: str, panel: Panel) -> dict[str, Any]:
    here = [mark for mark in marks if mark.side == side and panel.start <= mark.at <= panel.end]
    shift = 0.3 if side == "buy" else -0.3  # rows count downwards: a buy stands below its session, a sale above it
    return {
        "name": side,
        "mode": "markers",
        "x": [stamp(mark.at) for mark in here] or [None],  # an empty trace would not be in the legend
        "y": [mark.row + shift for mark in here] or [None],
        "marker": {
            "symbol": "triangle-up" if side == "buy" else "triangle-down",
            "size": 12,
            "color": GREEN if side == "buy" else RED,
            "line": {"width": 0},
        },
        "customdata": [f"{side} {plain(_symbols(mark))}<br>{instant(mark.at)} UTC" for mark in here],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _lines(view: ThesisView, panel: Panel) -> list[tuple[datetime, str, str]]:
    """Return the lines to draw, with their words and the side on which those stand."""
    if view.news == view.known_at:
        pairs = [(view.news, "news, known", "left")]
    else:
        early, late = ("news", "known") if view.news < view.known_at else ("known", "news")
        first, second = sorted((view.news, view.known_at))
        pairs = [(first, early, "right"), (second, late, "left")]
    return [pair for pair in pairs if panel.start <= pair[0] <= panel.end]

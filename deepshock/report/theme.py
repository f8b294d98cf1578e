"""The palette and the layout that all charts share.

Colours are named once, for light and for dark; a figure is built in the light ones, and the page swaps each for its
twin where the reader's system asks for dark. Only ``scatter`` and ``bar`` traces are used: they are in plotly's basic
bundle.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from deepshock.report.wording import clean

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, MUTED, RULE, SHADE = "#1b2431", "#5a6677", "#d4dae2", "#e9edf1"
NAVY, STEEL, GREEN, RED, AMBER = "#1f4068", "#7d98b8", "#2e7d5b", "#b23b3b", "#b9791a"

# Each light colour with its twin on a dark ground, chosen for a contrast of at least 4.5 to 1 where it carries words.
DARK = {
    INK: "#e3e8ee",
    MUTED: "#9ca8b8",
    RULE: "#36414f",
    SHADE: "#242d38",
    NAVY: "#86b0e3",
    STEEL: "#51719b",
    GREEN: "#5fbd92",
    RED: "#e58080",
    AMBER: "#dba64b",
}

TOP = 58  # pixels for the two lines of the title
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def figure(title: str, name: str, alt: str, *, simulated: bool, height: int, **layout: Any) -> go.Figure:
    """Return an empty figure in house style.

    Parameters
    ----------
    title : str
        What it shows.
    name : str
        Of what thesis; stands below the title, with ``SIMULATED data`` where that is so.
    alt : str
        What the chart shows, in words, for who cannot see it; kept in ``layout.meta.alt``.
    simulated : bool
        Whether it rests on simulated data.
    height : int
        Pixels.
    **layout
        Passed to the layout, over the defaults.
    """
    import plotly.graph_objects as go

    below = [plain(name)] if name else []
    below += ["<b>SIMULATED data</b>"] if simulated else []
    words = "<br>".join([f"<b>{plain(title)}</b>", " · ".join(below)])
    axis = {
        "gridcolor": RULE,
        "linecolor": RULE,
        "zerolinecolor": MUTED,
        "automargin": True,
        "title": {"font": {"size": 11}},
    }
    style: dict[str, Any] = {
        "title": {
            "text": words,
            "font": {"size": 12, "color": INK},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
        },
        "font": {"family": FONT, "size": 11, "color": MUTED},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": TOP, "b": 36},
        "height": height,
        "xaxis": axis,
        "yaxis": axis,
        "legend": {"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom", "x": 0, "xref": "container"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED, "activecolor": INK},
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "meta": {"alt": f"{clean(alt)}{' SIMULATED data.' if simulated else ''}"},
    }
    style["title"] |= {"yanchor": "top", "pad": {"t": 16, "l": 0}}
    drawn = go.Figure(layout=go.Layout(template={}, **style))
    drawn.update_layout(**layout)
    return drawn


def plain(text: str) -> str:
    """Make words safe for a label: plotly reads a little HTML in them."""
    return html.escape(clean(text), quote=False)


def wrapped(text: str, width: int = 18) -> str:
    """Break a label over lines, at hyphens and spaces where it has any; nothing is lost."""
    return "<br>".join(plain(line) for line in textwrap.wrap(clean(text), width)) or " "


def stamp(at: datetime) -> str:
    """Write an instant for a date axis, which knows no zones: all of them are in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Give each span, from left to right, the lowest lane in which it does not touch another.

    Parameters
    ----------
    spans : sequence of (float, float)
        Start and end of each label, sorted by start, in any one unit.
    """
    ends: list[float] = []
    taken = []
    for start, end in spans:
        lane = next((i for i, last in enumerate(ends) if last <= start), len(ends))
        ends[lane : lane + 1] = [end]
        taken.append(lane)
    return taken

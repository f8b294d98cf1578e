"""Points of `scaling.py` as a chart: time of a variant and peak memory, against each axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from common.points import Point

INK, LINE = "#333333", "#2b6cb0"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "deepshock",
    "font.family": "sans-serif",
    "font.size": 9.0,
}


def draw(points: Sequence[Point], to: Path) -> None:
    """Write an SVG whose text is text, the same for the same points."""
    axes = list(dict.fromkeys(point.axis for point in points))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.2 * len(axes), 4.6), layout="constrained")
        panels = figure.subplots(2, len(axes), squeeze=False, sharex="col")
        for column, axis in enumerate(axes):
            found = [point for point in points if point.axis == axis]
            _line(panels[0][column], found, [point.microseconds_each for point in found], "microseconds a variant")
            _line(panels[1][column], found, [point.peak_mb for point in found], "peak memory, MB")
            panels[1][column].set_xlabel(axis)
        figure.savefig(to, format="svg", metadata={"Date": None})


def _line(panel: Any, points: Sequence[Point], values: Sequence[float], title: str) -> None:
    """Draw one panel, values from nil; sizes that grow by tens stand on a logarithmic axis."""
    sizes = [point.n for point in points]
    panel.plot(sizes, values, marker="o", markersize=4.0, color=LINE)
    if sizes[-1] >= 1000 * sizes[0]:
        panel.set_xscale("log")
    panel.set_xticks(sizes, [f"{n:,}" for n in sizes], fontsize=8.0)
    panel.minorticks_off()
    panel.set_ylim(0.0, 1.25 * max(values))
    panel.set_title(title, fontsize=9.0, color=INK, loc="left")
    panel.grid(visible=True, color="#dddddd", linewidth=0.6)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)

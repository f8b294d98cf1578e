"""plotly.js for a page that has to work offline."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def plotly_js() -> str:
    """Return the source of plotly.js that the installed plotly package ships, so that figures and script always fit.

    The charts need ``scatter`` and ``bar`` only, which plotly.js's basic bundle has in a quarter of the size; no
    package on PyPI ships it, and a copy of somebody's minified code is not kept here.
    """
    return (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")

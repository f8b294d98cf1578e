"""How much money an idea takes, in a terminal: the curve, and where it crosses half of the edge and nil."""

from __future__ import annotations

import math
from collections.abc import Callable

from rich.console import RenderableType
from rich.text import Text

from deepshock.report.tables import Column, Fitted, Group, listed, spaced, tables
from deepshock.report.view import CapacityView
from deepshock.report.wording import clean, money, percent, share

SIMULATED = "SIMULATED data"
WHAT_IS_EDGE = (
    "excess: net return less the policy rate; edge: the excess at the thesis's own capital, without impact and "
    "without the participation cap; filled: of the entries that were to be sent."
)


def curve(view: CapacityView, width: int | None = None) -> RenderableType:
    """Show the edge of a thesis against capital.

    Parameters
    ----------
    view : CapacityView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: _sections(view, room), width)


def _sections(view: CapacityView, width: int) -> list[RenderableType]:
    note = SIMULATED if view.simulated else ""
    heading = Text(clean(view.name), style="bold")
    if note:
        heading.append(f"  {note}", style="bold yellow")

    def column(head: str, place: int, write: Callable[[float], str]) -> Column:
        return Column(head, tuple(write(point[place]) for point in view.points), signed=True)

    columns = (
        column("net", 1, percent),
        column("excess", 2, percent),
        column("impact", 3, lambda paid: percent(-paid)),
        column("filled", 4, share),
    )
    key = Column(f"capital {view.currency}", tuple(money(point[0], sign=False) for point in view.points))
    laid = tables(key, [Group("Capacity", columns)], width, note=note)
    return [heading, *spaced(laid), *listed("Crossings", _crossings(view)), Text(f"\n{WHAT_IS_EDGE}\n", style="dim")]


def _crossings(view: CapacityView) -> list[tuple[str, str]]:
    def at(capital: float) -> str:
        return "not known" if math.isnan(capital) else f"{money(capital, sign=False)} {view.currency}"

    rows = [
        ("edge of the idea", percent(view.edge)),
        ("half of it is gone at", at(view.half)),
        ("all of it is gone at", at(view.gone)),
    ]
    return [*rows, *([("because", view.reason)] if view.reason else [])]

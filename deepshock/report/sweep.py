"""A sweep in a terminal: how its figures are spread, how each parameter moves them, and what did not trade."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import RenderableType
from rich.text import Text

from deepshock.report.best import beside
from deepshock.report.tables import Column, Fitted, Group, listed, spaced, tables
from deepshock.report.view import SweepView
from deepshock.report.wording import NOT_KNOWN, clean, money, percent, share

SIMULATED = "SIMULATED data"
WHAT_IS_SHOWN = (
    "Quantiles and medians over the variants that traded; a median along one parameter is over all values of the "
    "others. The highest of many trials is luck until it has been corrected for: never quote the best without what "
    "stands beside it."
)
MOST = 14  # lines of one parameter
NAMES = {"net_return": "net return", "sharpe": "Sharpe", "max_drawdown": "max drawdown"}


def spread(view: SweepView, width: int | None = None) -> RenderableType:
    """Show a sweep.

    Parameters
    ----------
    view : SweepView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: _sections(view, room), width)


def _sections(view: SweepView, width: int) -> list[RenderableType]:
    note = SIMULATED if view.simulated else ""
    parts: list[RenderableType] = [_heading(view)]
    if view.traded:
        parts += spaced(_quantiles(view, width, note))
        parts += spaced(_medians(view, width, note))
        parts += spaced([beside(view.best, width)])
    parts += listed("Did not trade", [(_count(n), text) for text, n in view.reasons])
    return [*parts, Text(f"\n{WHAT_IS_SHOWN}", style="dim")]


def _heading(view: SweepView) -> Text:
    """Say what was run, on which data, what came of it, and how long it took."""
    data = f"{SIMULATED}: {view.provider}" if view.simulated else f"data {view.provider}"
    line = Text(f"deepshock {view.version}", style="bold")
    line.append(f"  {data}, {view.first} to {view.last}", style="bold yellow" if view.simulated else "")
    said = f"{clean(view.name)}: {view.traded:,} of {_count(view.variants)} traded"
    said += f", {share(view.positive)} of them with a gain" if view.traded else ""
    line.append(f"\n{said}")
    if view.called:
        line.append(f"; {view.called:,} met a margin call", style="bold red")
    rate = f", {view.made / view.seconds:,.0f} a second" if view.seconds > 0.0 else ""
    line.append(f"\n{view.made:,} run in {view.seconds:,.1f} s{rate}" if view.made else "\nnone was left to run")
    line.append(f", in {clean(view.folder)}" if view.folder else "")
    if view.drawn:
        line.append(f"\nquantiles and medians of {view.drawn:,} rows, drawn at random")
    return line


def _count(n: int) -> str:
    return f"{n:,} variant{'' if n == 1 else 's'}"


def _quantiles(view: SweepView, width: int, note: str) -> list[RenderableType]:
    """Lay out a line for each figure, a column for each level."""
    write: dict[str, Callable[[float], str]] = {"sharpe": _ratio}

    def column(place: int, level: float) -> Column:
        head = "median" if level == 0.5 else f"{level:.0%}"
        cells = tuple(write.get(name, percent)(values[place]) for name, values in view.quantiles.items())
        return Column(head, cells, signed=True, style="bold" if level == 0.5 else "")

    columns = tuple(column(place, level) for place, level in enumerate(view.levels))
    key = Column("figure", tuple(NAMES[name] for name in view.quantiles))
    return [*tables(key, [Group("How the variants are spread", columns)], width, note=note)]


def _ratio(value: float) -> str:
    return money(value, 1)


def _medians(view: SweepView, width: int, note: str) -> list[RenderableType]:
    """Lay out the values of each parameter below one another, of many some at even distances."""
    names: list[str] = []
    lines: list[tuple[str, int, float]] = []
    for name, given in view.medians.items():
        shown = _some(given)
        head = name if len(shown) == len(given) else f"{name} ({len(given):,} values)"
        names += [head, *[""] * (len(shown) - 1)]
        lines += shown
    columns = (
        Column("value", tuple(value for value, _, _ in lines), right=False),
        Column(
            "net return", tuple(percent(middle) if traded else NOT_KNOWN for _, traded, middle in lines), signed=True
        ),
        Column("traded", tuple(f"{traded:,}" for _, traded, _ in lines)),
    )
    return [*tables(Column("parameter", tuple(names)), [Group("Medians", columns)], width, note=note)]


def _some(lines: tuple[tuple[str, int, float], ...]) -> tuple[tuple[str, int, float], ...]:
    n = len(lines)
    return lines if n <= MOST else tuple(lines[round(place * (n - 1) / (MOST - 1))] for place in range(MOST))

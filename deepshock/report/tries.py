"""How often theses were tried, in a terminal: by thesis and market, with the Sharpe ratios of the tries."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from deepshock.report.tables import Column, Fitted, Group, listed, tables
from deepshock.report.view import TriesView
from deepshock.report.wording import clean, money

SIMULATED = "SIMULATED"
WHAT_IS_A_TRY = (
    "A try is a variant that filled anything: each once, however often it was run; sweeps that overlap count in full. "
    "Sharpe: known ratios per observation, their mean and standard deviation."
)


def tally(
    views: tuple[TriesView, ...], untried: tuple[str, ...], where: str, note: str, width: int | None = None
) -> RenderableType:
    """Show how often theses were tried.

    Parameters
    ----------
    views : tuple of TriesView
        What to show.
    untried : tuple of str
        Theses that were asked for and never tried.
    where, note : str
        The registry, and what it may lack.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: _sections(views, untried, where, note, room), width)


def _sections(
    views: tuple[TriesView, ...], untried: tuple[str, ...], where: str, note: str, width: int
) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(f"registry {clean(where)}")]
    if views:
        parts += [Text(""), *tables(Column("thesis", tuple(view.name for view in views)), _groups(views), width)]
    else:
        parts.append(Text("no tries"))
    parts += listed("Not tried", [(name, "no variant of it is counted") for name in untried])
    parts += listed("Not complete", [("", note)] if note else [])
    return [*parts, Text(f"\n{WHAT_IS_A_TRY}", style="dim")]


def _groups(views: tuple[TriesView, ...]) -> list[Group]:
    markets = Column("market", tuple(map(_market, views)), right=False)
    counts = (
        Column("runs", tuple(f"{view.runs:,}" for view in views)),
        Column("sensitivities", tuple(f"{view.sensitivities:,}" for view in views)),
        Column("of sweeps", tuple(f"{view.sweep_variants:,}" for view in views)),
        Column("all", tuple(f"{view.total:,}" for view in views), style="bold"),
    )
    ratios = (
        Column("Sharpe known", tuple(f"{view.n_sharpes:,}" for view in views)),
        Column("mean", tuple(money(view.mean, 3) for view in views), signed=True),
        Column("deviation", tuple(money(math.sqrt(view.variance), 3, sign=False) for view in views)),
    )
    return [Group("tries", (markets, *counts)), Group("their Sharpe ratios", ratios)]


def _market(view: TriesView) -> str:
    return f"{view.market} ({SIMULATED})" if view.simulated and SIMULATED not in view.market else view.market

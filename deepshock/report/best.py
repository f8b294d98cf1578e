"""The best of many variants in a terminal: never without what chance makes of the best of as many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from deepshock.report.tables import Fitted, listed
from deepshock.report.view import BestView
from deepshock.report.wording import NOT_KNOWN, clean, money, percent, share

if TYPE_CHECKING:
    from deepshock.stats.selected import Selection

SIMULATED = "SIMULATED data"
NAMES = {"excess_return": "excess return", "sharpe": "Sharpe ratio"}
CLEAR = "none of these figures speaks against it"


def beside(view: BestView, width: int | None = None) -> RenderableType:
    """Show the best variant.

    Parameters
    ----------
    view : BestView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: _sections(view), width)


def _sections(view: BestView) -> list[RenderableType]:
    doubts = view.figures.doubts or (CLEAR,)
    return [_table(view), *listed("What speaks against it", [("", doubt) for doubt in doubts])]


def _table(view: BestView) -> Table:
    """Lay out a line for each figure; words are broken where there is no room."""
    title = f"The best by {NAMES[view.by]}" + (f" ({SIMULATED})" if view.simulated else "")
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, show_header=False, pad_edge=False)
    table.padding = (0, 2, 0, 0)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for name, value, said in _lines(view):
        table.add_row(Text(name), Text(value, style="red" if value.startswith("-") else ""), Text(clean(said)))
    return table


def _lines(view: BestView) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each figure, the figure, and what it says or why it is not known."""
    made = view.figures

    def said(name: str, words: str) -> str:
        return made.reasons.get(name, words)

    yield "variant", f"{view.variant:,}", ", ".join(f"{path} {value}" for path, value in view.label.items())
    yield "net return", percent(view.net_return), f"{percent(view.excess_return)} over the policy rate"
    error = f"± {money(view.sharpe_se, 1, sign=False)} a year, {made.n_obs:,} observations"
    yield "Sharpe ratio", money(view.sharpe, 1), said("sharpe", error)
    alone = "probability that the true Sharpe ratio is above zero, had this been the only try"
    yield "PSR", share(made.psr), said("psr", alone)
    years = (
        f"observations ({made.min_trl / view.year:,.1f} years) it takes to be 95 % sure of it; there are {made.n_obs:,}"
    )
    yield "MinTRL", money(_up(made.min_trl), sign=False), said("min_trl", years)
    yield "tries", f"{made.n_trials:,}", said("effective", _worth(made))
    luck = (
        f"the same, given that the luckiest of as many would show {money(_annual(view), 1)} a year over the same rows"
    )
    yield "deflated Sharpe ratio", share(made.dsr), said("dsr", luck)
    halves = f"probability that the best in one half is no better than the median in the other ({made.n_blocks} blocks)"
    yield "PBO", share(made.pbo), said("pbo", halves)
    yield "SPA p-value", NOT_KNOWN if math.isnan(made.spa) else f"{made.spa:.3f}", said("spa", _found(made))


def _up(value: float) -> float:
    return value if math.isnan(value) else math.ceil(value)


def _annual(view: BestView) -> float:
    return view.figures.hurdle * math.sqrt(view.year)


def _worth(made: Selection) -> str:
    """Say how many independent tries there are, and by what."""
    sample = f"; by an even sample of {made.n_columns:,}" if made.n_columns < made.drawn_from else ""
    return f"worth {made.effective:,.1f} independent ones{sample}"


def _found(made: Selection) -> str:
    this = "" if made.is_superior is None else f", this one {'' if made.is_superior else 'not '}among them"
    steps = f"StepM finds {made.n_superior:,} of {made.n_columns:,} that do{this if made.n_superior else ''}"
    return f"if none of them made anything; {steps}"

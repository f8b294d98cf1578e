"""The best variant of a sweep, which stands nowhere without what says how far it can be told from the luckiest."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepshock.experiment.drawn import drawn
from deepshock.experiment.paths import paths
from deepshock.experiment.swept import Sweep
from deepshock.report.view import BestView
from deepshock.stats.selected import Selection
from deepshock.stats.selection import selection

Say = Callable[[str], object]
WIDTH = 120  # characters of its text


@dataclass(frozen=True, eq=False)
class Best:
    """The best variant of a sweep; `Sweep.best` makes it.

    Parameters
    ----------
    name : str
        Of the thesis or book.
    simulated : bool
        Whether prices are.
    by : str
        The column that it is the best by.
    number : int
        Of the variant in the sweep, as `Sweep.replay` takes it.
    label : mapping of str to str
        Each path that was varied, and its value as a thesis would write it.
    row : mapping of str to object
        Its row in the sweep, by column.
    year : int
        Observations a year: 252, or 365 where all venues are 24/7.
    figures : Selection
        What the best of as many variants is worth. Its trials are the variants that traded; its columns those whose
        returns were looked at, an even sample where they are fewer.
    """

    name: str
    simulated: bool
    by: str
    number: int
    label: Mapping[str, str]
    row: Mapping[str, Any]
    year: int
    figures: Selection

    @property
    def min_trl_years(self) -> float:
        """MinTRL in years; nan where it is not known."""
        return self.figures.min_trl / self.year

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        head = {"by": self.by, "variant": self.number, "label": dict(self.label)}
        row = {name: _plain(value) for name, value in self.row.items()}
        return {**head, "row": row, **self.figures.document(), "min_trl_years": _plain(self.min_trl_years)}

    @property
    def view(self) -> BestView:
        """What a report shows of it."""
        named = ("net_return", "excess_return", "sharpe", "sharpe_se")
        shown = {name: float(self.row[name]) for name in named}
        return BestView(self.name, self.simulated, self.by, self.number, self.label, self.year, self.figures, **shown)

    def __str__(self) -> str:
        from rich.console import Console

        from deepshock.report.best import beside

        console = Console(file=io.StringIO(), width=WIDTH)
        console.print(beside(self.view))
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().strip()


def best(made: Sweep, by: str, *, most: int, seed: int, progress: Say | None) -> Best:
    """Return the best variant of a sweep with all that stands beside it; see `Sweep.best`."""
    say = progress or _nobody
    say(f"{len(made):,} variants: which is the best?")
    sample = drawn(made, by, most, seed)
    say(f"the returns of {len(sample.numbers):,} of {sample.traded:,} variants that traded, row by row")
    walked = paths(made, sample.numbers)
    column = int(np.searchsorted(sample.numbers, sample.best))
    record = walked.record(column)
    say(f"what chance makes of the best of {sample.traded:,} variants")
    figures = selection(walked.values, column, record=record, drawn_from=sample.traded, seed=seed)
    label, row = _label(made, sample.best), made.row(sample.best)
    words = (made.item.name, made.market.simulated, by, sample.best, label, row)
    return Best(*words, year=int(walked.year[column]), figures=figures)


def _label(made: Sweep, number: int) -> dict[str, str]:
    """Return the values of a variant as a thesis would write them, by path."""
    rows = zip(made.grid.axes, made.grid.codes(number, number + 1)[0], strict=True)
    return {path: text for axis, at in rows for path, text in zip(axis.paths, axis.texts[at], strict=True)}


def _plain(value: Any) -> Any:
    """Return Python's own number, flag or text, None for nan."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _nobody(what: str) -> None:
    """Be told, and do nothing."""

"""What a benchmark says: tables on the terminal, and the same as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from common import machine


def console() -> Console:
    """Return the terminal; a file gets wide lines."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140)


def heading() -> None:
    """Say what was run, and where."""
    console().print(Text(f"{machine.command()}\n{machine.told()}", style="dim"))


@dataclass(frozen=True)
class Sheet:
    """A table whose first column is a name and whose others are figures.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : sequence of sequence of str
    notes : tuple of str
        Sentences under it.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    notes: tuple[str, ...] = ()

    def show(self) -> None:
        """Print it."""
        to = console()
        to.print(self._table())
        for note in self.notes:
            to.print(Text(f"  {note}", style="dim"))

    def _table(self) -> Table:
        made = Table(
            title=self.title, title_justify="left", title_style="bold", pad_edge=False, box=None,
            min_width=len(self.title),
        )  # fmt: skip
        for number, column in enumerate(self.columns):
            made.add_column(column, justify="right" if number else "left", no_wrap=True)
        for row in self.rows:
            made.add_row(*row)
        return made

    def markdown(self) -> str:
        """Return it for a page."""
        lines = [self.columns, ["---", *["--:"] * (len(self.columns) - 1)], *self.rows]
        notes = [f"\n{note}\n" for note in self.notes]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines), *notes])


def seconds(value: float | None) -> str:
    """Write a duration in the unit that suits it."""
    if value is None:
        return ""
    if value < 1e-3:
        return f"{1e6 * value:.0f} us"
    return f"{1e3 * value:.3g} ms" if value < 1.0 else f"{value:.3g} s"


def times(value: float | None) -> str:
    """Write a ratio: 1,234x, 1.38x."""
    return "" if value is None else f"{value:,.0f}x" if value >= 100 else f"{value:.3g}x"


def megabytes(value: float | None) -> str:
    """Write memory."""
    return "" if value is None else f"{value:,.0f} MB"


def publish(benchmark: str, results: Mapping[str, Any], sheets: Iterable[Sheet], path: Path | None) -> None:
    """Show the tables, and write the figures behind them."""
    for sheet in sheets:
        sheet.show()
    write(path, benchmark, results)


def write(path: Path | None, benchmark: str, results: Mapping[str, Any]) -> None:
    """Write the figures with machine, versions and command, if there is where to."""
    if path is None:
        return
    document = {
        "benchmark": benchmark,
        "command": machine.command(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.machine(),
        "versions": machine.versions(),
        "results": results,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

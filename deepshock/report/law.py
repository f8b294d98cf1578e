"""Venue law in a terminal: what binds a trade of one day, with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from deepshock.report.wording import clean

if TYPE_CHECKING:
    from deepshock.cost import LawRow


def law_table(venue: str, on: date, settles: date, rows: Sequence[tuple[str, LawRow]]) -> Table:
    """Lay out rows of law; the class they were asked for stands in front, cells are wrapped rather than cut.

    Parameters
    ----------
    venue : str
        As asked for.
    on : date
        Trade date.
    settles : date
        Settlement date.
    rows : sequence of (str, LawRow)
        Class of instrument, and a row that binds it.
    """
    table = Table(
        title=f"{venue}, trades of {on} that settle on {settles}", title_justify="left", box=box.SIMPLE, pad_edge=False
    )
    for head in ("class", "item", "side", "amount", "by", "in force", "confidence", "source"):
        table.add_column(head, overflow="fold")
    for cls, row in rows:
        cells = (cls, row.item, row.side, row.amount(), f"{row.basis} date", row.span(), row.confidence, row.source)
        table.add_row(*map(clean, cells))
    return table

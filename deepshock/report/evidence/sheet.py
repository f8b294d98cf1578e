"""A table as text and page both show it: cells are words already, the medium only sets them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from deepshock.report.tables import GAP, WIDEST_KEY, Column, Group, listed, tables
from deepshock.report.wording import clean

T = TypeVar("T")
Line = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table with what stands below it.

    Parameters
    ----------
    title : str
    key : Column
        Names the rows; without rows there is no table.
    groups : tuple of Group
    below : tuple of (str, str)
        Lines under it, each with a name that may be empty.
    even : bool
        Whether columns that do not fit into one table are shared out evenly.
    """

    title: str
    key: Column
    groups: tuple[Group, ...]
    below: tuple[Line, ...] = ()
    even: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns beside the key."""
        return tuple(column for group in self.groups for column in group.columns)

    @property
    def rows(self) -> tuple[tuple[str, tuple[tuple[Column, str], ...]], ...]:
        """The name of each row, and its cells with their columns."""
        cells = [tuple((column, column.cells[row]) for column in self.columns) for row in range(len(self.key.cells))]
        return tuple(zip(self.key.cells, cells, strict=True))

    def laid(self, width: int, note: str = "") -> list[RenderableType]:
        """Lay it out for a terminal, an empty line before each table."""
        if not self.key.cells:
            return listed(self.title, self.below)
        groups, told = _without_long(self, width)
        pages = [[group] for group in _shared(self, width)] if self.even else [groups]
        parts: list[RenderableType] = []
        for table in (table for page in pages for table in tables(self.key, page, width, note=note)):
            parts += [Text(""), table]
        return [*parts, *(Padding(_line(*line), (0, 0, 0, 2), expand=False) for line in (*told, *self.below))]


def _without_long(sheet: Sheet, width: int) -> tuple[list[Group], list[Line]]:
    """Return the groups without words that fit beside no key, and these as lines by the name of their row."""
    room = width - min(sheet.key.width, WIDEST_KEY) - GAP
    long = [column for column in sheet.columns if not column.right and column.width > room]
    groups = [Group(g.title, tuple(column for column in g.columns if column not in long)) for g in sheet.groups]
    told = [(name, column.cells[row]) for column in long for row, name in enumerate(sheet.key.cells)]
    return groups, [line for line in told if line[1]]


def _shared(sheet: Sheet, width: int) -> list[Group]:
    """Share the columns out over as few tables as there have to be, in each as many."""
    columns, room = sheet.columns, width - sheet.key.width
    for n in range(1, len(columns) + 1):
        most = math.ceil(len(columns) / n)
        parts = [columns[start : start + most] for start in range(0, len(columns), most)]
        if all(sum(column.width + GAP for column in part) <= room for part in parts):
            break
    return [Group(sheet.title, part) for part in parts]


def _line(name: str, text: str) -> Text:
    return Text(clean(f"{name}: {text}" if name else text), style="dim")


def simple(title: str, key: Column, columns: Sequence[Column], below: Iterable[Line] = ()) -> Sheet:
    """Return a table of one group."""
    return Sheet(title, key, (Group(title, tuple(columns)),), tuple(below))


def figures(rows: Sequence[T], head: str, write: Callable[[T], str]) -> Column:
    """Return a column of signed figures, negative ones in red."""
    return Column(head, tuple(map(write, rows)), signed=True)


def words(rows: Sequence[T], head: str, write: Callable[[T], str]) -> Column:
    """Return a column of words."""
    return Column(head, tuple(map(write, rows)), right=False)

"""Terminal tables that never cut anything off: where columns do not fit side by side, they continue in a next table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Stack
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from deepshock.report.wording import clean

GAP = 2  # characters between two columns
NARROWEST_KEY = 16  # a name is broken over lines before it gets narrower than that
WIDEST_KEY = 36


@dataclass(frozen=True)
class Column:
    """One column of figures or words, with a cell per row.

    Parameters
    ----------
    head : str
        Its heading.
    cells : tuple of str
        One per row.
    right : bool
        Right-aligned, as figures are.
    style : str
        A rich style for the whole column.
    signed : bool
        Show negative cells in red.
    place : int
        Where it stands among the columns that share its table; equal places keep their order.
    """

    head: str
    cells: tuple[str, ...]
    right: bool = True
    style: str = ""
    signed: bool = False
    place: int = 0

    @property
    def width(self) -> int:
        """The characters that it needs."""
        return max(len(self.head), *(len(cell) for cell in self.cells), 1)


@dataclass(frozen=True)
class Group:
    """Columns that belong together, with the title that they have when they stand alone."""

    title: str
    columns: tuple[Column, ...]


def tables(key: Column, groups: Sequence[Group], width: int, *, note: str = "") -> list[Table]:
    """Lay out groups of columns in as few tables as the width allows, each with the key column in front.

    Groups stay whole where they fit; a group that is too wide by itself is split between columns.

    Parameters
    ----------
    key : Column
        Names the rows; repeated in each table, broken at hyphens and spaces where it has to be.
    groups : sequence of Group
        By importance: what comes first is in the first table.
    width : int
        Characters available.
    note : str
        Set after each title.
    """
    widest = min(key.width, WIDEST_KEY)
    plans = (_pages(groups, width - room) for room in range(widest, min(widest, NARROWEST_KEY) - 1, -1))
    pages = min(plans, key=len)
    return [_table(key, max(min(widest, width - _widest(page.columns)), 1), page, note) for page in pages]


def _pages(groups: Sequence[Group], room: int) -> list[Group]:
    """Join neighbouring groups for as long as they fit beside the key."""
    pages: list[Group] = []
    for group in _split(groups, room):
        joined = Group(f"{pages[-1].title}; {group.title}", pages[-1].columns + group.columns) if pages else group
        if pages and _widest(joined.columns) <= room:
            pages[-1] = joined
        else:
            pages.append(group)
    return pages


def _widest(columns: Sequence[Column]) -> int:
    return sum(column.width + GAP for column in columns)


def _split(groups: Sequence[Group], room: int) -> list[Group]:
    """Break up the groups that do not fit by themselves."""
    pieces: list[Group] = []
    for group in groups:
        piece: tuple[Column, ...] = ()
        for column in group.columns:
            if piece and _widest((*piece, column)) > room:
                pieces.append(Group(group.title, piece))
                piece = ()
            piece = (*piece, column)
        if piece:
            pieces.append(Group(group.title, piece))
    return pieces


def _table(key: Column, narrow: int, page: Group, note: str) -> Table:
    words = page.title[:1].upper() + page.title[1:]
    title = Text(f"{words} ({note})" if note else words, style="bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.padding = (0, 1, 0, 0)
    columns = sorted(page.columns, key=lambda column: column.place)
    table.add_column(Text(key.head), style=key.style, overflow="fold")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(Text(column.head), justify=justify, style=column.style, overflow="fold")
    for row, name in enumerate(key.cells):
        table.add_row(Text("\n".join(broken(name, narrow))), *(_cell(column, row) for column in columns))
    return table


def broken(name: str, width: int) -> list[str]:
    """Break a name into lines, at hyphens and spaces where there are any; nothing is lost."""
    return textwrap.wrap(clean(name), width, break_on_hyphens=True, break_long_words=True) or [""]


def _cell(column: Column, row: int) -> Text:
    text = clean(column.cells[row])
    return Text(text, style="red" if column.signed and text.startswith("-") else "")


def listed(title: str, rows: Sequence[tuple[str, str]]) -> list[RenderableType]:
    """Write a titled list of ``name: text``; nothing at all if there is no row."""
    if not rows:
        return []
    lines = [Text.assemble((f"{clean(name)}: " if name else "", "bold"), clean(text)) for name, text in rows]
    return [Text(f"\n{title}", style="bold"), *(Padding(line, (0, 0, 0, 2), expand=False) for line in lines)]


def spaced(found: Sequence[RenderableType]) -> list[RenderableType]:
    """Put an empty line before each of some renderables."""
    return [Stack(Text(""), table) for table in found]


@dataclass(frozen=True)
class Fitted:
    """Something that is laid out when it is printed, for the width that there is then."""

    build: Callable[[int], Sequence[RenderableType]]
    width: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay out for the given width, or for that of the console."""
        yield from self.build(min(self.width or options.max_width, options.max_width))

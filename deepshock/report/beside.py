"""What stands beside a result in a terminal: the settings of Rule 201, and the sensitivities of a thesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import RenderableType
from rich.text import Text

from deepshock.report import arrange
from deepshock.report.tables import GAP, Column, Group, listed, tables
from deepshock.report.view import SensitivityView, ThesisView
from deepshock.report.wording import clean, instant, percent

RULE_201 = "What Rule 201 does to it"


def uptick(found: Sequence[arrange.Alternative], width: int, note: str = "") -> list[RenderableType]:
    """Lay out one thesis under each setting of Rule 201."""

    def told(of: Callable[[SensitivityView], str], instead: str = "") -> tuple[str, ...]:
        return tuple(instead if a.view.reason else of(a.view) for a in found)

    figures = (
        Column("net", told(lambda v: percent(v.net_return), "did not run"), signed=True),
        Column("excess", told(lambda v: percent(v.excess_return)), signed=True),
        Column("last exit (UTC)", told(lambda v: instant(v.last_exit, "open at end")), right=False),
    )
    why = Column("a short sale is", tuple(a.view.reason or a.view.what for a in found), right=False)
    key = Column("setting", tuple(a.view.name + (" *" if a.view.warnings else "") for a in found))
    needed = sum(column.width + GAP for column in (*figures, why)) + key.width
    if needed <= width:
        return [*tables(key, [Group(RULE_201, (*figures, why))], width, note=note)]
    idle = [(a.view.name, a.view.reason) for a in found if a.view.reason]
    return [*tables(key, [Group(RULE_201, figures)], width, note=note), *listed("Did not run", idle)]


def upticks(theses: Sequence[ThesisView], width: int, note: str = "") -> list[RenderableType]:
    """Lay out the excess return of several theses under each setting, those on which the rule bites."""
    sold = [thesis for thesis in theses if thesis.uptick]
    bitten = [thesis for thesis in sold if arrange.is_restricted(thesis)]
    parts: list[RenderableType] = []
    if bitten:
        names = arrange.setting_names(bitten)
        columns = tuple(Column(name, tuple(_excess(t, name) for t in bitten), signed=True) for name in names)
        key = Column("thesis", tuple(thesis.name for thesis in bitten))
        title = "Excess return under Rule 201, * as run"
        parts += tables(key, [Group(title, columns)], width, note=note)
    if free := [thesis.name for thesis in sold if thesis not in bitten]:
        parts.append(Text(clean(f"Rule 201 changes nothing for {', '.join(free)}."), style="dim"))
    return parts


def _excess(thesis: ThesisView, name: str) -> str:
    """Write the excess return under a setting, marked if the thesis ran with it."""
    found = arrange.setting(thesis, name)
    mark = " *" if found.name != name else "  "
    return ("did not run" if found.reason else percent(found.excess_return)) + mark


def sensitivities(found: Sequence[arrange.Alternative], width: int, note: str = "") -> list[RenderableType]:
    """Lay out alternatives beside their base; the difference is that of the excess, in percentage points."""
    owners = [a.thesis.name for a in found]
    names = tuple(name if i == 0 or owners[i - 1] != name else "" for i, name in enumerate(owners))

    def told(of: Callable[[arrange.Alternative], str], instead: str = "") -> tuple[str, ...]:
        return tuple(instead if a.view.reason else of(a) for a in found)

    figures: tuple[Column, ...] = (
        Column("alternative", tuple(a.view.name + (" *" if a.view.warnings else "") for a in found), right=False),
        Column("net", told(lambda a: percent(a.view.net_return)), signed=True),
        Column("excess", told(lambda a: percent(a.view.excess_return)), signed=True),
        Column("against base", told(lambda a: points(a.difference), "did not run"), signed=True),
    )
    if any(abs(a.view.missed - a.thesis.missed) > arrange.SHOWN for a in found):
        figures += (Column("missed", told(lambda a: percent(a.view.missed)), signed=True),)
    more = (
        Column("last exit (UTC)", told(lambda a: instant(a.view.last_exit)), right=False),
        Column("what is different", tuple(a.view.what for a in found), right=False),
    )
    needed = sum(column.width + GAP for column in (*figures, *more)) + max(map(len, owners))
    groups = [Group("Sensitivities", (*figures, *more) if needed <= width else figures)]
    return [*tables(Column("thesis", names), groups, width, note=note)]


def caveats(found: Sequence[arrange.Alternative], title: str = "* Only of an alternative") -> list[RenderableType]:
    """List the warnings that only alternatives have, each once."""
    told: dict[str, list[str]] = {}
    for a in found:
        for text in a.view.warnings:
            told.setdefault(text, []).append(f"{a.thesis.name}: {a.view.name}")
    return listed(title, [("", f"{text} ({', '.join(whose)})") for text, whose in told.items()])


def points(difference: float) -> str:
    """Write a difference of returns in percentage points."""
    return percent(difference).replace("%", " pp")

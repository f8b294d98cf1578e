"""The report in a terminal: a comparison of theses, and the detail of one.

Both print at any width and without a terminal: nothing is cut off, columns that do not fit continue in a next table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import RenderableType
from rich.text import Text

from deepshock.report import arrange, tables
from deepshock.report.beside import caveats, sensitivities, upticks
from deepshock.report.detail import SIMULATED, sections
from deepshock.report.evidence.text import opposed, together
from deepshock.report.holdings import liquidated
from deepshock.report.tables import Column, Fitted, listed, spaced
from deepshock.report.view import ReportView, ThesisView
from deepshock.report.wording import clean, instant, money, percent, sharpe
from deepshock.stats import LIQUIDATED

WHAT_IS_NET = "net = gross - costs + interest; excess = net less the policy rate on the capital."
WHAT_IS_MISSED = (
    "missed: the move before it could be known; gap: to the first fill; tradable: after it; "
    "over the price at the news, signed by side."
)


def detail(view: ThesisView, width: int | None = None) -> RenderableType:
    """Show all of one thesis: what is believed, its fills and orders, every cost, and what became of ``wrong if``.

    Parameters
    ----------
    view : ThesisView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    """
    return Fitted(lambda room: sections(view, room), width)


def comparison(report: ReportView, width: int | None = None, *, brief: bool = False) -> RenderableType:
    """Compare the theses of a report, ranked by excess return.

    Parameters
    ----------
    report : ReportView
        What to show.
    width : int or None
        Columns of text to use; None takes the console's, which is the most in any case.
    brief : bool
        Leave out sensitivities and warnings, because ``detail`` will show them.

    Returns
    -------
    rich renderable
        Print it with ``rich.console.Console().print(comparison(report))``.
    """
    return Fitted(lambda room: _comparison(report, room, brief), width)


def heading(report: ReportView) -> Text:
    """Say what was run, on which data, with which costs and capital."""
    simulated = arrange.is_simulated(report)
    data = f"{SIMULATED}: {report.provider}" if simulated else f"data {report.provider}"
    ran = arrange.count(report)
    line = Text(f"deepshock {report.version}", style="bold")
    line.append(f"  {data}, {report.first} to {report.last}", style="bold yellow" if simulated else "")
    line.append(f"\ncosts {report.costs}, capital {arrange.capital(report)}; {ran}")
    return line


def _comparison(report: ReportView, width: int, brief: bool) -> list[RenderableType]:
    ran, names = arrange.ranked(report), [thesis.name for thesis in report.theses]
    note = SIMULATED if arrange.is_simulated(report) else ""
    parts: list[RenderableType] = [heading(report), *liquidated(report.theses)]
    if ran:
        parts += [*spaced(_results(ran, width, note, arrange.currencies(report))), _caption(ran, note)]
    parts += listed("Not runnable", [(t.name, t.reason) for t in arrange.stopped(report)])
    if brief:
        return [*parts, *listed("Notes on the data", [("", text) for text in report.notes])]
    parts += together(report, width, note, ran)
    parts += spaced(upticks(ran, width, note))
    if found := arrange.alternatives(ran):
        parts += [*spaced(sensitivities(found, width, note)), *caveats(found)]
        parts += listed("Did not run", [_told(group, names) for group in arrange.idle(found)])
    parts += opposed(report, width)
    parts += listed("Warnings", [_told(group, names) for group in arrange.warned(report.theses)])
    parts += listed("Notes on the data", [("", text) for text in report.notes])
    return parts


def _results(ran: Sequence[ThesisView], width: int, note: str, currencies: tuple[str, ...]) -> list[RenderableType]:
    """Lay out what came of each thesis; in one table if there is room, else in several."""
    single = currencies[0] if len(currencies) == 1 else ""

    def cash(head: str, of: Callable[[ThesisView], float], place: int, *, sign: bool = True) -> Column:
        cells = tuple(money(of(t), sign=sign) + ("" if single else f" {t.currency}") for t in ran)
        return Column(head, cells, signed=sign, place=place)

    def share(head: str, of: Callable[[ThesisView], float], place: int, style: str = "") -> Column:
        return Column(head, tuple(percent(of(t)) for t in ran), signed=True, place=place, style=style)

    marks = tuple(LIQUIDATED if t.liquidated else "" for t in ran)
    result = (
        *([Column("", marks, right=False, place=-1, style="bold red")] if any(marks) else []),
        cash("net P&L", lambda t: t.net_pnl, 7),
        share("excess", lambda t: t.excess_return, 9, "bold"),
        share("max DD", lambda t: t.max_drawdown, 10),
        Column("Sharpe ± se (n)", tuple(map(sharpe, ran)), place=11),
        Column("warn", tuple(str(len(t.warnings)) if t.warnings else "" for t in ran), place=15),
    )
    bridge = (
        cash("gross", lambda t: t.gross_pnl, 4),
        cash("costs", lambda t: arrange.total(t.costs), 5, sign=False),
        cash("interest", lambda t: arrange.total(t.interest), 6),
        share("net", lambda t: t.net_return, 8),
    )
    parts = (
        share("missed", lambda t: t.missed, 12),
        share("gap", lambda t: t.gap, 13),
        share("tradable", lambda t: t.tradable, 14),
    )
    when = (
        Column("known", tuple(instant(t.known_at) for t in ran), right=False, place=1),
        Column("first fill", tuple(instant(t.first_fill, "no fill") for t in ran), right=False, place=2),
        Column("last exit", tuple(map(_end, ran)), right=False, place=3),
    )
    of = f" in {single}" if single else ""
    groups = [
        tables.Group("Result, ranked by excess return", result),
        tables.Group(f"from gross to net{of}", bridge),
        tables.Group("what was left to trade", parts),
        tables.Group("when, in UTC", when),
    ]
    return [*tables.tables(Column("thesis", tuple(t.name for t in ran)), groups, width, note=note)]


def _end(view: ThesisView) -> str:
    return "open at end" if view.open_at_end else instant(view.last_exit)


def _caption(ran: Sequence[ThesisView], note: str) -> RenderableType:
    """Explain what the columns do not say themselves."""
    lines = [f"{note}." if note else "", WHAT_IS_NET, WHAT_IS_MISSED]
    if still := [t.name for t in ran if t.open_at_end]:
        lines.append(f"Open at the end of the data, and marked there: {', '.join(still)}.")
    return Text("\n" + clean(" ".join(filter(None, lines))), style="dim")


def _told(group: arrange.Warned, everyone: Sequence[str]) -> tuple[str, str]:
    alike = f", and {group.alike} alike" if group.alike else ""
    return "", f"{group.text} ({arrange.whose(group.theses, everyone)}{alike})"

"""The account of a run in a terminal: margin, what did not fill, where the result came from, cash by currency."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from deepshock.report import arrange
from deepshock.report.tables import Column, Group, listed, spaced, tables
from deepshock.report.view import AttributionView, ThesisView, UnfilledView
from deepshock.report.wording import WHAT_IS_GAP, clean, instant, money, percent, share
from deepshock.stats import LIQUIDATED

MOST_ROWS = 8  # of cash; the JSON document and the HTML report have all of them


def liquidated(theses: Sequence[ThesisView], *, every: bool = False) -> list[RenderableType]:
    """Say before all else which results are those of a liquidation, by the first or by every margin call."""
    parts: list[RenderableType] = []
    for thesis in arrange.liquidated(theses):
        calls = thesis.margin_calls
        told = calls if every else [f"{thesis.name}: {calls[0]}{f'; and {len(calls) - 1} more' if calls[1:] else ''}"]
        for words in told:
            line = Text.assemble((LIQUIDATED, "bold red"), "  ", clean(words))
            parts.append(Padding(line, (0, 0, 0, 2), expand=False))
    return parts


def cut(view: ThesisView) -> list[RenderableType]:
    """List the orders that initial margin cut."""
    rows = [(c.symbol, f"{share(c.left)} of the order was left") for c in view.cut]
    return listed(f"Cut by initial margin ({view.margin_rule})", rows)


def unfilled(view: ThesisView) -> list[RenderableType]:
    """List what did not fill; where that is a part of an order, also what the thesis is exposed to without it."""
    rows = [(u.symbol, f"{_left(view, u)} (decided {instant(u.decided_at)})") for u in view.unfilled]
    if any(u.part < 1.0 for u in view.unfilled):
        gross, net = view.exposure
        rows.append(("what filled", f"{share(gross)} of the capital gross, {percent(net, 1)} net"))
    return listed("Unfilled", rows)


def _left(view: ThesisView, found: UnfilledView) -> str:
    amount = "" if math.isnan(found.amount) else f": {money(found.amount, sign=False)} {view.currency}"
    return f"{found.reason}{amount}"


def attribution(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    """Lay out what each leg's components add up to; costs also by name."""
    found = view.attribution
    rows = (*found, arrange.summed(found)) if len(found) > 1 else found

    def column(head: str, name: str) -> Column:
        return Column(head, tuple(money(getattr(row, name)) for row in rows), signed=True)

    def paid(row: AttributionView) -> float:
        return math.fsum(row.costs.values())

    whole = (
        column("price", "price"),
        column("FX", "fx"),
        column("dividends", "dividends"),
        Column("costs", tuple(money(paid(row)) for row in rows), signed=True),
        column("interest", "interest"),
        column("total", "total"),
    )
    parts = (column("gap", "gap"), column("tradable", "tradable"), column("beta", "beta"), column("alpha", "alpha"))
    groups = [
        Group(f"where it came from, {view.currency}", whole),
        Group("price is gap + tradable, and beta + alpha", parts),
    ]
    laid = tables(Column("leg", tuple(row.symbol for row in rows)), groups, width, note=note)
    return [*spaced(laid), *spaced(_costs(rows, width, note)), Text(f"\n{WHAT_IS_GAP}", style="dim")]


def _costs(rows: Sequence[AttributionView], width: int, note: str) -> list[RenderableType]:
    """Lay out the costs of the legs that paid any, by name."""
    paid = [row for row in rows if row.costs]
    named = tuple(
        Column(name, tuple(money(row.costs.get(name, 0.0), 2) for row in paid), signed=True)
        for name in arrange.cost_names(paid)
    )
    key = Column("leg", tuple(row.symbol for row in paid))
    return [*tables(key, [Group("Costs by name", named)], width, note=note)] if paid else []


def cash(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    """Lay out free cash and collateral on some valuation rows."""
    every = view.cash.rows
    shown = arrange.sampled(every, MOST_ROWS)
    heads = (f"free {view.currency}", *(f"collateral {currency}" for currency in view.cash.currencies))
    columns = tuple(
        Column(head, tuple(money(amounts[place], sign=False) for _, amounts in shown), signed=True)
        for place, head in enumerate(heads)
    )
    some = f", {len(shown)} of {len(every)} valuation rows" if len(shown) < len(every) else ""
    key = Column("at (UTC)", tuple(instant(at) for at, _ in shown))
    return [*tables(key, [Group(f"Cash by currency{some}", columns)], width, note=note)]

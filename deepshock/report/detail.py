"""One thesis in a terminal: what is believed, what was done about it, what it cost and what became of it."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from deepshock.report import arrange, holdings
from deepshock.report.beside import caveats, sensitivities, uptick
from deepshock.report.evidence import text as evidence
from deepshock.report.tables import Column, Group, listed, spaced, tables
from deepshock.report.view import SourceView, ThesisView
from deepshock.report.wording import account, clean, instant, money, percent, price, quantity, sharpe

SIMULATED = "SIMULATED data"


def sections(view: ThesisView, width: int) -> list[RenderableType]:
    """Return all that there is to say of one thesis, in reading order."""
    note = SIMULATED if view.simulated else ""
    parts = [_heading(view), *holdings.liquidated([view], every=True), _already(view)]
    parts += evidence.verdict(view.evidence) if view.evidence else []
    parts += _belief(view)
    if not view.runnable:
        return [*parts, *_warnings(view)]
    parts += listed("Result", _result(view))
    if view.fills:
        parts += spaced(_fills(view, width, note))
        parts += listed("* Not where it was due", _notes(view))
    parts += [*holdings.cut(view), *holdings.unfilled(view)]
    parts += spaced(_bridge(view, width, note))
    if view.legs:
        parts += spaced(_legs(view, width, note))
    if view.attribution:
        parts += holdings.attribution(view, width, note)
    if any(currency != view.currency for currency in view.cash.currencies):
        parts += spaced(holdings.cash(view, width, note))
    if settings := arrange.uptick([view]):
        parts += [*spaced(uptick(settings, width, note)), *caveats(settings, "* Only of a setting")]
    if found := arrange.alternatives([view]):
        parts += [*spaced(sensitivities(found, width, note)), *caveats(found)]
        parts += listed("Did not run", [("", group.text) for group in arrange.idle(found)])
    parts += evidence.sections(view, width, note)
    parts += listed("Wrong if", [(check.text, check.state) for check in view.checks])
    return [*parts, *_warnings(view)]


def _warnings(view: ThesisView) -> list[RenderableType]:
    return listed("Warnings", [("", text) for text in view.warnings])


def _heading(view: ThesisView) -> Text:
    line = Text(clean(view.name), style="bold")
    if view.simulated:
        line.append(f"  {SIMULATED}", style="bold yellow")
    if view.title:
        line.append(f"\n{clean(view.title)}", style="not bold")
    return line


def _already(view: ThesisView) -> RenderableType:
    """Say first of all what was gone before it could be traded; of what could not run, why."""
    if not view.runnable:
        return _indented(Text.assemble(("Not runnable: ", "bold"), clean(view.reason)))
    parts = f"missed {percent(view.missed)}, gap {percent(view.gap)}, tradable {percent(view.tradable)}"
    told = f"{parts}, over the price at the news of {instant(view.news)} UTC"
    return _indented(Text.assemble(("Already in the price: ", "bold"), told))


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2), expand=False)


def _belief(view: ThesisView) -> list[RenderableType]:
    """Say who said what, when it could be known, and what speaks against it."""
    claims = [(c.name, f"the source says {c.claimed}; {c.fact or 'no fact is on file'}") for c in view.claims]
    return [
        *listed("Source", [("", _cited(view.source).plain)]),
        *listed("Corroborated by", [("", _cited(source).plain) for source in view.corroboration]),
        *listed("Against it", [("", _cited(source).plain) for source in view.counter]),
        *listed("Claims and facts", claims),
        *listed("Contradicts", [("", name) for name in view.contradicts]),
        *listed("Note", [("", view.note)] if view.note else []),
    ]


def _cited(source: SourceView) -> Text:
    by = ", ".join(filter(None, (source.publisher, source.author)))
    stamp = f"published {source.stamp}" if source.stamp else ""
    known = f"known {instant(source.known_at)} UTC" if source.known_at else ""
    told = "; ".join(filter(None, (by, stamp, known)))
    quote = f'"{source.quote}"' if source.quote else ""
    return Text(clean(" - ".join(filter(None, (quote, source.note, told)))))


def _result(view: ThesisView) -> list[tuple[str, str]]:
    last = "open at the end of the data, marked there" if view.open_at_end else instant(view.last_exit, "none")
    return [
        ("known", f"{instant(view.known_at)} UTC"),
        ("first fill, last exit (UTC)", f"{instant(view.first_fill, 'no fill')}, {last}"),
        ("net P&L", f"{money(view.net_pnl, 2)} {view.currency} on {account(view)}: {percent(view.net_return)}"),
        ("excess over the policy rate", percent(view.excess_return)),
        ("max drawdown, Sharpe ± se (n)", f"{percent(view.max_drawdown)}, {sharpe(view)}"),
        *([(f"{view.benchmark} over the same rows", percent(view.benchmark_return))] if view.benchmark else []),
    ]


def _fills(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    """Lay out the fills; those with a note are marked."""
    fills = view.fills
    traded = (
        Column("side", tuple(f.side for f in fills), right=False, place=1),
        Column("shares", tuple(quantity(abs(f.shares)) for f in fills), place=4),
        Column("price", tuple(price(f.price) for f in fills), place=5),
        Column("", tuple(f.currency for f in fills), right=False, place=5),
        Column(f"costs {view.currency}", tuple(money(arrange.total(f.costs), 2, sign=False) for f in fills), place=8),
    )
    when = (
        Column("decided (UTC)", tuple(instant(f.decided_at) for f in fills), right=False, place=2),
        Column("filled (UTC)", tuple(instant(f.fill_at) for f in fills), right=False, place=3),
        Column("reason", tuple(f.reason + (" *" if f.note else "") for f in fills), right=False, place=9),
    )
    rate = (
        Column("FX", tuple(quantity(f.fx, 6) for f in fills), place=6),
        Column("age h", tuple(f"{f.fx_age_h:.1f}" for f in fills), place=7),
    )
    groups = [Group("Fills", traded), Group("when and why", when), Group("rate of exchange", rate)]
    return [*tables(Column("symbol", tuple(f.symbol for f in fills)), groups, width, note=note)]


def _notes(view: ThesisView) -> list[tuple[str, str]]:
    """Return why fills are late, each reason once, with the fills that it holds for."""
    held: dict[str, list[str]] = {}
    for fill in view.fills:
        if fill.note:
            held.setdefault(fill.note, []).append(f"{fill.symbol} {instant(fill.fill_at)}")
    return [("", f"{note} ({', '.join(fills)})") for note, fills in held.items()]


def _bridge(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    """Lay out the way from gross to net, line by line, to the cent."""
    steps = arrange.steps(view)
    columns = (
        Column(view.currency, tuple(money(step.amount, 2) for step in steps), signed=True),
        Column("of capital", tuple(percent(step.amount / view.capital, 3) for step in steps), signed=True),
    )
    key = Column("line", tuple(step.name for step in steps))
    return [*tables(key, [Group("From gross to net", columns)], width, note=note)]


def _legs(view: ThesisView, width: int, note: str) -> list[RenderableType]:
    legs = view.legs
    columns = (
        Column("side", tuple(f"{leg.side}{' (proxy)' if leg.proxy else ''}" for leg in legs), right=False),
        Column("missed", tuple(percent(leg.missed) for leg in legs), signed=True),
        Column("gap", tuple(percent(leg.gap) for leg in legs), signed=True),
        Column("tradable", tuple(percent(leg.tradable) for leg in legs), signed=True),
        Column(f"P&L {view.currency}", tuple(money(leg.pnl, 2) for leg in legs), signed=True),
    )
    key = Column("leg", tuple(leg.symbol for leg in legs))
    return [*tables(key, [Group("Legs, net of their own costs", columns)], width, note=note)]

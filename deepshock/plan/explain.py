"""A thesis read back in plain English, with resolved times, sessions and rates, and the reason for every default."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from deepshock.cost import describe
from deepshock.plan.build import Settings, build, build_book
from deepshock.plan.plan import HEDGE, Plan, PlannedOrder, PlannedThesis
from deepshock.plan.timeline import auction
from deepshock.thesis import Book, Citation, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

CONVENTIONS = (
    "A notional order becomes shares at the price and FX rate of the auction that fills it: "
    "a convention, since the price is not known when the order is sent.",
    "Costs are lines of the ledger; a fill keeps the price of the bar.",
    "Dividends are cash on the ex-date; prices are never dividend-adjusted.",
)


def explain(thesis: Thesis | Book, market: Market, *, source: str | None = None, capital: float | None = None) -> str:
    """Read a thesis or book back.

    Parameters
    ----------
    thesis : Thesis or Book
    market : Market
        Resolves sessions; no price of it is shown.
    source, capital
        As of ``deepshock.run``.

    Returns
    -------
    str
        Plain text with a heading per part.

    Raises
    ------
    PlanError, MarketError
        As of ``deepshock.run``.
    """
    settings = Settings(source, capital)
    if isinstance(thesis, Book):
        plan = build_book(thesis, market, settings)
        lines = [
            plan.name.upper(),
            f"{len(plan.members)} theses share one account of {plan.capital:,.0f} {plan.currency}",
            "",
        ]
    else:
        plan, lines = build(thesis, market, settings), []
    for group, member in enumerate(plan.members):
        lines += [*_member(plan, group, member, market), ""]
    lines += [f"COSTS ({plan.costs.name})", *(f"  {line}" for line in describe(plan.costs)), ""]
    lines += ["CONVENTIONS", *(f"  {line}" for line in CONVENTIONS)]
    if plan.warnings:
        lines += ["", "WARNINGS", *(f"  {line}" for line in plan.warnings)]
    if market.simulated:
        lines += ["", f"The market is SIMULATED ({market.name}); its sessions are true."]
    return "\n".join(lines)


def _member(plan: Plan, group: int, member: PlannedThesis, market: Market) -> Iterator[str]:
    thesis = member.thesis
    yield f"{thesis.name.upper()}{f': {thesis.title}' if thesis.title else ''}"
    if plan.is_book:
        yield f"  takes {member.share:.1%} of the NAV at its decision"
    yield from _beliefs(thesis, member)
    yield from _claims(thesis)
    yield "LEGS"
    for order in (o for o in plan.orders if o.group == group):
        yield from _order(order, plan, market)
    if member.reason:
        yield f"  NOT RUNNABLE: {member.reason}"
    yield from _wrong_if(thesis)
    yield "LEFT TO DEFAULTS"
    for word, stated in thesis.defaults().items():
        yield f"  {word}: {stated}"


def _beliefs(thesis: Thesis, member: PlannedThesis) -> Iterator[str]:
    yield "BELIEF"
    yield f"  {_cited(thesis, thesis.source)}"
    yield f"  known {_at(member.known_at)} (source {member.source or 'written here'})"
    yield f"  the market could first know {_at(member.news)}"
    found = thesis.find_source(member.source) if member.source else thesis.cited()
    readings = found.readings()
    if len(readings) > 1:
        said = ", ".join(f"{_at(at)} read as {zone}" for zone, at in readings.items())
        yield f"  the zone of its stamp is not known: {said}; the latest counts"
    for citation in thesis.corroborated_by:
        yield f"  corroborated by {_cited(thesis, citation)}"
    for counter in thesis.counter:
        yield f"  against it: {_cited(thesis, counter)}"


def _cited(thesis: Thesis, citation: Citation) -> str:
    found = thesis.find_source(citation.from_) if citation.from_ else citation.inline()
    who = (found.publisher if found else None) or citation.from_ or ""
    what = f'"{citation.quote}"' if citation.quote else (citation.note or "")
    return ": ".join(part for part in (who, what) if part)


def _claims(thesis: Thesis) -> Iterator[str]:
    events = thesis.all_events()
    for name, claimed in thesis.claims.items():
        so = f"; the fact on file is {_when(events[name].at)}" if name in events and thesis.trust == "fact" else ""
        used = "traded on (trust: claim)" if thesis.trust == "claim" else "shown, never traded on"
        yield f"  claims that {name} is {_when(claimed)}: {used}{so}"


def _order(order: PlannedOrder, plan: Plan, market: Market) -> Iterator[str]:
    instrument = market.instrument(order.symbol)
    verb = "buy" if order.side > 0 else "sell short"
    if order.role == HEDGE:
        leg = plan.orders[order.parent].symbol
        yield f"  {verb} {order.symbol} as the hedge of {leg}: beta {order.beta:.3f}"
        yield "    at the first auction after each fill of it"
        return
    chosen = "our proxy" if order.proxy else "named by the source"
    yield f"  {verb} {order.symbol} ({instrument.name}, {chosen}) for {abs(order.size):.2%} of NAV"
    yield f"    on {instrument.mic} in {instrument.currency}"
    if order.refused:
        yield f"    not sent: {order.refused}"
        return
    assert order.due is not None
    last = auction(market.sessions(instrument.calendar), order.due.session + order.within - 1, 1)
    until = f", at the latest {_at(last.at)}" if last else ""
    yield f"    decided {_at(order.decided_at)}; first auction the {order.due.word} of {_at(order.due.at)}{until}"
    yield f"    out: {_exits(order)}"
    lot = "any fraction" if plan.fractional else (f"lots of {instrument.lot}" if instrument.lot else "steps of 1e-8")
    yield f"    {lot}{''.join(f'; {note}' for note in instrument.notes)}"
    if order.side < 0:
        yield f"    borrow {order.tier} at {order.borrow:.2%} a year"


def _exits(order: PlannedOrder) -> str:
    ways = []
    if order.hold is not None:
        ways.append(f"the close of session {order.hold} after that of the fill")
    if order.exit is not None:
        since = f" (known {_at(order.exit_known)})" if order.exit_known else ""
        ways.append(f"{order.exit_word}{since}: the {order.exit.word} of {_at(order.exit.at)}")
    for word, level in (("stop", order.stop), ("target", order.target), ("trailing stop", order.trailing)):
        if level is not None and not math.isnan(level):
            ways.append(f"{word} {level:.1%} from {'the best price' if word.startswith('trailing') else 'the fill'}")
    return "; ".join(ways) + ("; the first to fire" if len(ways) > 1 else "") if ways else "held to the end of the data"


def _wrong_if(thesis: Thesis) -> Iterator[str]:
    if thesis.exit.drawdown is not None:
        yield "THESIS STOP"
        yield f"  all legs close when NAV is {thesis.exit.drawdown:.1%} under its maximum on a valuation row"
    if thesis.wrong_if:
        yield "WRONG IF"
        for condition in thesis.wrong_if:
            yield f"  {condition.text} ({'for a human' if condition.kind == 'human' else 'checked'})"


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %Y %H:%M}Z"


def _when(when: datetime | date) -> str:
    return _at(when) if isinstance(when, datetime) else f"{when:%a %d %b %Y}"

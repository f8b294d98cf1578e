"""A thesis read back in plain English, with resolved times, sessions and rates, and the reason for every default."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from deepshock.cost import DAY_COUNT, CostSet, VenueLaw, as_cost_set, describe, law, law_venue, policy_rates
from deepshock.plan.account import Settings
from deepshock.plan.build import build, build_book
from deepshock.plan.conditions import end_lines, short_lines
from deepshock.plan.margin import margin_lines
from deepshock.plan.plan import HEDGE, Plan, PlannedOrder, PlannedThesis
from deepshock.plan.settlement import settlement_date
from deepshock.plan.timeline import EPOCH, auction, day_number
from deepshock.thesis import Book, Citation, Source, Thesis

if TYPE_CHECKING:
    from pathlib import Path

    from deepshock.market import Market

# Why a word that is left out means what it means; by its first part where all its parts share the reason.
REASONS = {
    "news": "nothing then counts as missed",
    "source.latency": "whoever reads it at once can act at once",
    "hedge": "the thesis is judged as written; a hedged run belongs among the alternatives",
    "benchmark": "there is nothing that the result is shown beside",
    "borrow": "most of the market can be borrowed at general collateral rates",
    "trust": "a date that a source claims may be wrong, one that was announced can be checked",
    "proxy": "the source names its instruments unless the thesis says otherwise",
    "weighting": "the author's weights",
    "neutral": "one side needs no other",
    "gross": "the whole capital, no leverage",
    "enter.at": "the first auction at which the news could be traded",
    "enter.lag": "no waiting beyond that",
    "enter.within": "an order that waits for more than a week is another trade",
    "enter.on": "no event is waited for",
    "exit": "nothing else ends the trade",
    "exit.hold": "about a month, fixed before any result was seen",
    "uptick": "what a careful desk does: a restricted short sale may be offered above the last price",
    "margin": "what a US account has to keep; a broker may ask for more",
    "costs": "an institution's costs are the ones that a thesis has to beat",
    "capital": "large enough for lots, small enough for little impact",
    "fractional": "exchanges trade whole lots",
    "withholding": "it depends on the holder; zero is stated rather than guessed",
}

WIDTH = 110

CONVENTIONS = (
    "A notional order becomes shares at the price and FX rate of the auction that fills it: "
    "a convention, since the price is not known when the order is sent.",
    "Costs are lines of the ledger; a fill keeps the price of the bar.",
    "Dividends are cash on the ex-date; prices are never dividend-adjusted.",
)


def explain(
    thesis: Thesis | Book,
    market: Market,
    *,
    source: str | None = None,
    capital: float | None = None,
    costs: str | Path | CostSet | None = None,
) -> str:
    """Read a thesis or book back.

    Parameters
    ----------
    thesis : Thesis or Book
    market : Market
        Resolves sessions. Of its prices only what Rule 201 makes of them is shown: whether a short sale is
        restricted, and its offer.
    source, capital, costs
        As of ``deepshock.run``.

    Returns
    -------
    str
        Plain text with a heading per part.

    Raises
    ------
    PlanError, MarketError, CostError
        As of ``deepshock.run``.
    """
    settings = Settings(source, capital, as_cost_set(costs))
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
    lines += [f"COSTS ({plan.costs.name})", *(f"  {line}" for line in describe(plan.costs))]
    lines += [*_taxes(plan, market), *_rates(plan, market), ""]
    lines += [f"MARGIN ({plan.margin.rule})", *(f"  {line}" for line in margin_lines(plan.margin)), ""]
    lines += ["CONVENTIONS", *(f"  {line}" for line in CONVENTIONS)]
    if plan.warnings:
        lines += ["", "WARNINGS", *(f"  {line}" for line in plan.warnings)]
    if market.simulated:
        lines.insert(
            0, f"The market is SIMULATED ({market.name}): betas come from simulated prices, sessions are true."
        )
    return "\n".join(piece for line in "\n".join(lines).split("\n") for piece in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """Break a long line, the rest indented under it."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def _member(plan: Plan, group: int, member: PlannedThesis, market: Market) -> Iterator[str]:
    thesis = member.thesis
    yield f"{thesis.name.upper()}{f': {thesis.title}' if thesis.title else ''}"
    if plan.is_book:
        yield f"  takes {member.share:.1%} of the book's NAV at its decision; capital and costs are the book's"
    yield from _beliefs(thesis, member)
    yield from _claims(thesis)
    yield "LEGS"
    for order in (o for o in plan.orders if o.group == group):
        yield from _order(order, plan, market)
    yield from _events(thesis)
    if member.reason:
        yield f"  NOT RUNNABLE: {member.reason}"
    yield from _wrong_if(thesis)
    yield from _rival(thesis)
    yield "LEFT TO DEFAULTS"
    for word, stated in thesis.defaults().items():
        reason = REASONS.get(word) or REASONS.get(word.partition(".")[0])
        yield f"  {word}: {stated}{f' ({reason})' if reason else ''}"


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
    yield from _figures(found)
    for citation in thesis.corroborated_by:
        yield f"  corroborated by {_cited(thesis, citation)}"
    for counter in thesis.counter:
        yield f"  against it: {_cited(thesis, counter)}"
    if thesis.contradicts:
        yield f"  contradicts {', '.join(thesis.contradicts)}"
    if thesis.note:
        yield f"  note: {thesis.note}"


def _figures(source: Source) -> Iterator[str]:
    """Read back what the source says about prices, as of when."""
    dated: dict[str, list[str]] = {}
    for figure in source.figures:
        told = source.instant_of(figure)
        when = f"{'before' if told[1] else 'at'} {_at(told[0])}" if told else "at no known instant"
        dated.setdefault(when, []).append(str(figure))
    for when, figures in dated.items():
        yield f"  its figures {when}: {', '.join(figures)}"


def _taxes(plan: Plan, market: Market) -> Iterator[str]:
    """State the venue law of each kind of instrument on the day on which its first order is due."""
    rows = [row for model in plan.costs.models if isinstance(model, VenueLaw) for row in model.rows]
    if not rows:
        return
    seen = set()
    for order in plan.orders:
        if order.refused or order.due is None:
            continue
        instrument = market.instrument(order.symbol)
        day = EPOCH + timedelta(days=int(market.sessions(instrument.calendar).days[order.due.session]))
        settles = settlement_date(instrument.mic, day)
        kind = (law_venue(instrument.mic), instrument.cls, day)
        if kind not in seen:
            seen.add(kind)
            yield f"  on {day}, settled on {settles}, {instrument.cls} on {kind[0]}:"
            bound = law(instrument.mic, instrument.cls, day, settles=settles, rows=rows)
            yield from (f"    {row.describe()}" for row in bound)


def _rates(plan: Plan, market: Market) -> Iterator[str]:
    """State the policy rates that interest is reckoned from, as of the first decision."""
    if not plan.costs.financing.on or not plan.symbols:
        return
    day = np.array([day_number(plan.known_at.date())])
    for currency in dict.fromkeys([plan.currency, *(market.instrument(s).currency for s in plan.symbols)]):
        rate = float(policy_rates(currency, day)[0])
        yield f"  policy rate of {currency} on {plan.known_at:%Y-%m-%d}: {rate:.3%}, over {DAY_COUNT[currency]} days"


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


def _events(thesis: Thesis) -> Iterator[str]:
    """Read back the events that rules use."""
    used = dict.fromkeys(filter(None, (thesis.enter.on, thesis.exit.before, thesis.exit.on)))
    if used:
        yield "EVENTS THAT RULES USE"
    for name in used:
        event = thesis.find_event(name)
        since = f", known {_at(event.known)}" if event.known else ""
        yield f"  {name}: {_when(event.at)}{since}{f' ({event.what})' if event.what else ''}"


def _order(order: PlannedOrder, plan: Plan, market: Market) -> Iterator[str]:
    instrument = market.instrument(order.symbol)
    verb = "buy" if order.side > 0 else "sell short"
    if order.role == HEDGE:
        leg = plan.orders[order.parent].symbol
        yield f"  {verb} {order.symbol} as the hedge of {leg}: beta {order.beta:.3f}"
        yield "    at the first auction after each fill of it"
        if order.refused:
            yield f"    not sent: {order.refused}"
        yield from (f"    {line}" for line in _terms(order, plan, market))
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
    lot = "any fraction" if order.fractional else (f"lots of {instrument.lot}" if instrument.lot else "steps of 1e-8")
    yield f"    {lot}{''.join(f'; {note}' for note in instrument.notes)}"
    yield from (f"    {line}" for line in _terms(order, plan, market))


def _terms(order: PlannedOrder, plan: Plan, market: Market) -> Iterator[str]:
    yield from short_lines(order, plan, market)
    if not order.refused:
        yield from end_lines(order, market)


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


def _rival(thesis: Thesis) -> Iterator[str]:
    """Read back the naive rule that the thesis has to beat."""
    rule = thesis.rival
    if rule is None:
        return
    sides = [f"{word} {', '.join(legs)}" for word, legs in (("long", rule.long), ("short", rule.short)) if legs]
    yield "RIVAL"
    yield f"  {rule.what or 'a naive rule that needs no article'}"
    yield f"  {rule}: {' and '.join(sides) or 'the legs of the thesis'}"


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %Y %H:%M}Z"


def _when(when: datetime | date) -> str:
    return _at(when) if isinstance(when, datetime) else f"{when:%a %d %b %Y}"

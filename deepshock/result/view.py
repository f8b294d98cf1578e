"""A result as the reports show it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from deepshock.engine import CREDIT, DEBIT
from deepshock.plan import HEDGE, PlannedThesis
from deepshock.report.view import (
    AttributionView,
    CashView,
    CheckView,
    ClaimView,
    CutView,
    FillView,
    LegView,
    SensitivityView,
    SessionView,
    SourceView,
    ThesisView,
    UnfilledView,
)
from deepshock.result import account
from deepshock.result.model import Result, Sensitivity
from deepshock.stats import parted

if TYPE_CHECKING:
    from deepshock.thesis import Citation, Source, Thesis


def view(result: Result) -> ThesisView:
    """Gather all that a report shows of one result."""
    plan, made, ledger = result.plan, result.performance, result.ledger
    member = plan.members[0]
    thesis = member.thesis
    single = not plan.is_book
    calls, warnings = parted(result.warnings)
    return ThesisView(
        name=plan.name,
        title=(thesis.title or "") if single else f"{len(plan.members)} theses in one account",
        simulated=result.simulated,
        runnable=result.runnable,
        reason=plan.reason,
        source=_main_source(member) if single else SourceView(plan.name, "", "", "", "", plan.known_at),
        corroboration=tuple(_source(thesis, c) for c in thesis.corroborated_by) if single else (),
        counter=tuple(_source(thesis, c) for c in thesis.counter) if single else (),
        claims=_claims(thesis) if single else (),
        news=min(m.news for m in plan.members),
        known_at=plan.known_at,
        capital=plan.capital,
        currency=plan.currency,
        is_book=plan.is_book,
        first_fill=made.first_fill,
        last_exit=made.last_exit,
        open_at_end=ledger.open_at_end,
        fills=_fills(result),
        unfilled=tuple(
            UnfilledView(
                _label(result, u.thesis, u.symbol), u.decided_at, u.reason, u.part, account.not_filled(result, u)
            )
            for u in ledger.unfilled
        ),
        equity=result.equity_points(),
        events=_events(result),
        sessions=tuple(SessionView(s.venue, s.open_at, s.close_at) for s in result.timeline),
        gross_pnl=made.gross_pnl,
        net_pnl=made.net_pnl,
        net_return=made.net_return,
        excess_return=made.excess_return,
        costs=ledger.costs_by_name,
        interest=ledger.interest_by_name,
        legs=_legs(result),
        missed=result.missed,
        gap=result.gap,
        tradable=result.tradable,
        max_drawdown=made.max_drawdown,
        sharpe=made.sharpe,
        sharpe_se=made.sharpe_se,
        n_obs=made.n_obs,
        benchmark=result.benchmark,
        benchmark_return=result.benchmark_return,
        note=(thesis.note or "") if single else "",
        contradicts=thesis.contradicts if single else (),
        checks=tuple(CheckView(c.text, c.state) for c in result.checks),
        sensitivities=tuple(_beside(s) for s in result.sensitivities if not s.group),
        uptick=tuple(_beside(s) for s in result.sensitivities if s.group),
        margin_calls=calls,
        margin_rule=plan.margin.rule,
        cut=tuple(CutView(_label(result, c.thesis, c.symbol), c.left) for c in account.cuts(result)),
        exposure=account.exposure(result),
        attribution=tuple(_attributed(result)),
        cash=CashView(account.collateral_in(result), tuple(account.balances(result))),
        warnings=warnings,
    )


def _label(result: Result, thesis: str, symbol: str) -> str:
    """In a book, legs carry the name of their thesis."""
    return f"{thesis}: {symbol}" if result.plan.is_book else symbol


def _beside(found: Sensitivity) -> SensitivityView:
    """Return a sensitivity; a setting of Rule 201 is called by what is set."""
    name = found.name.removeprefix("uptick: ") if found.group else found.name
    figures = (found.net_return, found.excess_return, found.last_exit, found.reason, found.missed)
    return SensitivityView(name, found.what, *figures, found.warnings)


def _attributed(result: Result) -> Iterator[AttributionView]:
    """Yield the attribution of each leg that traded, of each hedge, and of the account."""
    traded = {fill.leg for fill in result.ledger.fills}
    for found in account.sums(result):
        if found.leg != account.ACCOUNT and found.leg not in traded:
            continue
        lines = dict(found.lines)
        parts = {name: lines.pop(name) for name in ("price", "gap", "tradable", "beta", "alpha", "fx", "total")}
        dividends = lines.pop("dividend")
        interest = sum(lines.pop(name) for name in ("short rebate", CREDIT, DEBIT))
        costs = {name: amount for name, amount in lines.items() if amount}
        if found.leg == account.ACCOUNT:
            label = found.symbol
        else:
            order = result.plan.orders[found.leg]
            hedge = f", hedge of {result.plan.orders[order.parent].symbol}" if order.role == HEDGE else ""
            label = _label(result, found.thesis, f"{found.symbol}{hedge}")
        yield AttributionView(symbol=label, dividends=dividends, costs=costs, interest=interest, **parts)


def _fills(result: Result) -> tuple[FillView, ...]:
    return tuple(
        FillView(
            _label(result, f.thesis, f.symbol),
            f.side,
            f.reason,
            f.note,
            f.decided_at,
            f.fill_at,
            f.shares,
            f.price,
            f.currency,
            f.fx,
            f.fx_age_h,
            f.costs,
            f.venue,
        )
        for f in result.ledger.fills
    )


def _legs(result: Result) -> tuple[LegView, ...]:
    """Return the legs, then the hedges, which believe in nothing and so missed nothing."""
    pnl, plan, nan = result.ledger.leg_pnl(), result.plan, math.nan

    def label(j: int, words: str) -> str:
        return _label(result, plan.members[plan.orders[j].group].thesis.name, words)

    legs = [
        LegView(
            label(s.leg, s.symbol),
            _side(s.side),
            plan.orders[s.leg].proxy,
            s.missed,
            s.gap,
            s.tradable,
            float(pnl[s.leg]),
        )
        for s in result.splits
    ]
    hedges = [
        LegView(
            label(j, f"{o.symbol}, hedge of {plan.orders[o.parent].symbol}"),
            _side(o.side),
            True,
            nan,
            nan,
            nan,
            float(pnl[j]),
        )
        for j, o in enumerate(plan.orders)
        if o.role == HEDGE and not o.refused
    ]
    return (*legs, *hedges)


def _side(side: int) -> str:
    return "long" if side > 0 else "short"


def _main_source(member: PlannedThesis) -> SourceView:
    """Return the source that set ``known``, with the quote that the thesis takes from it."""
    thesis = member.thesis
    cited = [c for c in (thesis.source, *thesis.corroborated_by) if c.from_ == member.source]
    found = thesis.find_source(member.source) if member.source in thesis.all_sources() else thesis.source.inline()
    quote = (cited[0].quote if cited else thesis.source.quote) or ""
    return _described(member.source, found, quote, member.known_at)


def _source(thesis: Thesis, citation: Citation) -> SourceView:
    found = thesis.find_source(citation.from_) if citation.from_ else citation.inline()
    described = _described(citation.from_ or "", found, citation.quote or "", found.known() if found else None)
    return replace(described, note=citation.note or "")


def _described(name: str, source: Source | None, quote: str, known_at: datetime | None) -> SourceView:
    if source is None:
        return SourceView(name, "", "", quote, "", known_at)
    zones = f" (zone unknown; plausible: {', '.join(source.zones)})" if source.zones else ""
    return SourceView(name, source.publisher or "", source.author or "", quote, f"{source.published}{zones}", known_at)


def _claims(thesis: Thesis) -> tuple[ClaimView, ...]:
    events = thesis.all_events()
    return tuple(
        ClaimView(name, _moment(claimed), _moment(events[name].at) if name in events else "")
        for name, claimed in thesis.claims.items()
    )


def _moment(when: datetime | date) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%MZ}" if isinstance(when, datetime) else str(when)


def _events(result: Result) -> tuple[tuple[datetime, str], ...]:
    """Return the declared events that lie between the first known instant and the end of the run."""
    points = result.equity_points()
    if not points:
        return ()
    first, last = points[0][0], points[-1][0]
    found = {
        (event.instant(), name)
        for member in result.plan.members
        for name, event in member.thesis.all_events().items()
        if first <= event.instant() <= last
    }
    return tuple(sorted(found))

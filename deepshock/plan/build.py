"""Thesis and market in, plan out: what is sent to which auction, and what is refused before it is sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from deepshock.cost import CostSet
from deepshock.errors import Fault, MarketError, PlanError
from deepshock.plan.account import Settings, account_of, fee_of
from deepshock.plan.plan import HEDGE, LEG, Plan, PlannedOrder, PlannedThesis
from deepshock.plan.ratios import beta
from deepshock.plan.refusal import Gate
from deepshock.plan.sizes import units_of
from deepshock.plan.timeline import (
    CLOSE,
    OPEN,
    Auction,
    Sessions,
    auction,
    first_of_any_kind_after,
    first_session_after,
    last_close_before,
    last_session_to,
    nanoseconds,
    session_from,
)
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.thesis import LegSpec


def build(thesis: Thesis, market: Market, settings: Settings | None = None) -> Plan:
    """Plan one thesis on one market.

    Parameters
    ----------
    thesis : Thesis
    market : Market
    settings : Settings, optional

    Returns
    -------
    Plan
        Also for a thesis that cannot run: its orders are then refused, with the reason.

    Raises
    ------
    PlanError
        Symbols that the market does not have, all at once; a currency without policy rate; a ratio that weights need
        and that cannot be computed.
    CostError
        The costs that it asks for.
    """
    settings = settings or Settings()
    account = account_of(thesis, settings)
    member, orders, warnings = plan_member(thesis, 1.0, 0, market, account.costs, settings.source)
    return Plan(
        thesis.name,
        (member,),
        _parents_after(orders),
        account.capital,
        account.currency,
        account.costs,
        False,
        tuple(warnings),
        account.margin,
    )


def build_book(book: Book, market: Market, settings: Settings | None = None) -> Plan:
    """Plan several theses as one account; shares are parts of its NAV. See ``build``."""
    settings = settings or Settings()
    account = account_of(book, settings)
    members: list[PlannedThesis] = []
    legs: list[PlannedOrder] = []
    warnings: list[str] = []
    for group, (thesis, share) in enumerate(shares_of(book)):
        source = settings.source_of(book, thesis)
        member, orders, said = plan_member(thesis, share, group, market, account.costs, source)
        offset = len(legs)
        legs += [replace(o, parent=o.parent + offset) if o.parent >= 0 else o for o in orders]
        members.append(member)
        warnings += said
    return Plan(
        book.name,
        tuple(members),
        _parents_after(legs),
        account.capital,
        account.currency,
        account.costs,
        True,
        tuple(dict.fromkeys(warnings)),
        account.margin,
    )


def shares_of(item: Thesis | Book) -> tuple[tuple[Thesis, float], ...]:
    """Return the theses of an account with their shares of its NAV."""
    if isinstance(item, Thesis):
        return ((item, 1.0),)
    total = sum(share for _, share in item.members)
    return tuple((thesis, share / total) for thesis, share in item.members)


def _parents_after(orders: Sequence[PlannedOrder]) -> tuple[PlannedOrder, ...]:
    """Return legs first, then hedges, with parents renumbered: the kernel walks them in this order."""
    order = sorted(range(len(orders)), key=lambda j: orders[j].role == HEDGE)
    place = {old: new for new, old in enumerate(order)}
    walked = (orders[j] for j in order)
    return tuple(replace(o, parent=place[o.parent]) if o.parent >= 0 else o for o in walked)


def plan_member(
    thesis: Thesis, share: float, group: int, market: Market, costs: CostSet, source: str | None
) -> tuple[PlannedThesis, list[PlannedOrder], list[str]]:
    """Plan one thesis of an account.

    Parameters
    ----------
    thesis : Thesis
    share : float
        Of the account's NAV.
    group : int
        Its number in the plan.
    market : Market
    costs : CostSet
        For the fee of a short.
    source : str or None
        Id of the source that sets when it is known; None for its own.

    Returns
    -------
    planned : PlannedThesis
    orders : list of PlannedOrder
        Legs, then hedges.
    warnings : list of str

    Raises
    ------
    PlanError, ThesisError
        See ``build``.
    """
    require_symbols(thesis, market)
    known = thesis.known(source)
    decided = decided_at(thesis, known)
    warnings: list[str] = []
    units = units_of(thesis, market, decided, warnings)
    orders = [
        _leg(thesis, leg, unit, share, group, market, costs, decided)
        for leg, unit in zip(thesis.legs(), units, strict=True)
    ]
    if thesis.hedge:
        orders += _hedges(thesis, orders, market, costs, decided, warnings)
    warnings = [*_assumed(orders, market), *warnings]
    sent = any(not order.refused for order in orders)
    reason = "" if sent else no_tradable_leg((order.symbol, order.refused) for order in orders)
    planned = PlannedThesis(thesis, share, source or thesis.source.from_ or "", known, thesis.news or known, reason)
    return planned, orders, warnings


def no_tradable_leg(refused: Iterable[tuple[str, str]]) -> str:
    """Tell why nothing of a thesis can run: of all its orders symbol and reason, each reason once."""
    symbols: dict[str, dict[str, None]] = {}
    for symbol, reason in refused:
        symbols.setdefault(reason, {})[symbol] = None
    told = "; ".join(f"{', '.join(names)} {reason}" for reason, names in symbols.items())
    return f"no tradable leg: {told}"


def require_symbols(thesis: Thesis, market: Market) -> None:
    """Refuse a thesis with symbols that the market does not know, all at once.

    Raises
    ------
    PlanError
    """
    wanted = [*thesis.symbols(), *([thesis.hedge.beta_to] if thesis.hedge else [])]
    wanted += [thesis.benchmark] if thesis.benchmark else []
    faults = []
    for symbol in dict.fromkeys(wanted):
        try:
            market.instrument(symbol)
        except MarketError as error:
            said = error.faults[0]
            faults.append(Fault(thesis.place(symbol), f"{said.where} {said.problem}", said.remedy))
    if faults:
        raise PlanError(faults)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _when(thesis: Thesis, event: str) -> tuple[datetime | date, datetime]:
    """Return when an event is (or, if the thesis trusts the claim, is claimed to be), and since when that is known."""
    found = thesis.find_event(event)
    assert found.known is not None, f"{event}: a thesis that uses an event without `known` is refused when it is read"
    return found.at, found.known


def rests_on_prices(thesis: Thesis) -> bool:
    """Say whether what a thesis orders hangs on prices before its decision: ratios for weights or hedges."""
    return thesis.hedge is not None or thesis.weighting == "inverse-vol" or thesis.neutral == "beta"


def decided_at(thesis: Thesis, known: datetime) -> datetime:
    """Return when the entry of a thesis is decided: as it is known, or with an event that it waits for."""
    if thesis.enter.on is None:
        return known
    at, _ = _when(thesis, thesis.enter.on)
    return max(known, at if isinstance(at, datetime) else _midnight(at))


def _assumed(orders: Sequence[PlannedOrder], market: Market) -> list[str]:
    """Say what is taken for granted of the short sales that are sent."""
    shorts = [order.symbol for order in orders if order.side < 0 and not order.refused]
    local = list(dict.fromkeys(s for s in shorts if market.instrument(s).calendar == "XHKG"))
    if not local or market.lending.has_designated:
        return []
    return [f"assumed to be designated for short sales in Hong Kong, no list was given: {', '.join(local)}"]


def _leg(
    thesis: Thesis,
    leg: LegSpec,
    unit: float,
    share: float,
    group: int,
    market: Market,
    costs: CostSet,
    decided: datetime,
) -> PlannedOrder:
    instrument = market.instrument(leg.symbol)
    enter, exits = thesis.enter, thesis.exit
    due, due_session, dated = None, 0, None
    kind = CLOSE if enter.at == "close" else OPEN
    if instrument.tradable:
        sessions = market.sessions(instrument.calendar)
        due_session = first_session_after(sessions, decided, kind) + enter.lag
        due = auction(sessions, due_session, kind)
        dated = dated_exit(thesis, sessions)
    tier = thesis.borrow.get(leg.symbol, "general")
    gate = Gate.of(market, instrument, leg.side, tier, kind)
    return PlannedOrder(
        leg.symbol,
        LEG,
        group,
        leg.side,
        leg.proxy,
        unit,
        unit * thesis.gross * share,
        decided,
        due,
        enter.within,
        exits.hold,
        dated[0] if dated else None,
        dated[1] if dated else "",
        dated[2] if dated else None,
        exits.stop,
        exits.target,
        exits.trailing,
        borrow=fee_of(costs, tier),
        tier=tier,
        withholding=thesis.withholding,
        fractional=thesis.fractional,
        uptick=thesis.uptick,
        refused=gate.words(gate.refusal(due_session, nanoseconds(decided)), market),
    )


def dated_exit(thesis: Thesis, sessions: Sessions) -> tuple[Auction, str, datetime | None] | None:
    """Return the earliest of a leg's dated exits, its words, and since when its event is known."""
    found: list[tuple[Auction | None, str, datetime | None]] = []
    exits = thesis.exit
    if exits.before is not None:
        at, since = _when(thesis, exits.before)
        if isinstance(at, datetime):
            last = last_close_before(sessions, at)
        else:
            last = auction(sessions, session_from(sessions, at) - 1, CLOSE)
        found.append((last, f"before {exits.before}", since))
    if exits.on is not None:
        at, since = _when(thesis, exits.on)
        if isinstance(at, datetime):
            first = first_of_any_kind_after(sessions, at)
        else:
            first = auction(sessions, session_from(sessions, at), CLOSE)
        found.append((first, f"on {exits.on}", since))
    if exits.date is not None:
        found.append((auction(sessions, last_session_to(sessions, exits.date), CLOSE), f"date {exits.date}", None))
    dated = [(a, word, since) for a, word, since in found if a is not None]
    return min(dated, key=lambda d: (d[0].at, -d[0].kind), default=None)


def _hedges(
    thesis: Thesis, legs: Sequence[PlannedOrder], market: Market, costs: CostSet, decided: datetime, warnings: list[str]
) -> list[PlannedOrder]:
    """Return one hedge order per leg whose beta can be computed."""
    assert thesis.hedge is not None
    via, to = thesis.hedge.via, thesis.hedge.beta_to
    instrument = market.instrument(via)
    orders = []
    for j, leg in enumerate(legs):
        if leg.refused:
            continue
        found = beta(market, leg.symbol, to, decided)
        if math.isnan(found.value):
            warnings.append(f"{leg.symbol} is not hedged: its beta to {to} has {found.n} returns, fewer than 120")
            continue
        if found.is_thin:
            warnings.append(f"beta of {leg.symbol} to {to} rests on {found.n} returns instead of 250")
        size = -found.value * leg.side
        side = 1 if size > 0.0 else -1
        tier = thesis.borrow.get(via, "general")
        gate = Gate.of(market, instrument, side, tier, None)
        refused = gate.words(gate.refusal(0, nanoseconds(decided)), market)
        if refused:
            warnings.append(f"{leg.symbol} is not hedged: {via} {refused}")
        orders.append(
            PlannedOrder(
                via,
                HEDGE,
                leg.group,
                side,
                True,
                size,
                size,
                decided,
                None,
                leg.within,
                parent=j,
                beta=found.value,
                borrow=fee_of(costs, tier),
                tier=tier,
                withholding=thesis.withholding,
                fractional=thesis.fractional,
                uptick=thesis.uptick,
                refused=refused,
            )
        )
    return orders

"""Plan and market in, arrays out: the last place that knows names, dates and currencies by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import (
    BAR,
    FAR,
    INSTRUMENT,
    ORDER,
    TERM,
    THESIS,
    TICK,
    VALUE,
    Floats,
    Ints,
    Lendable,
    Money,
    Orders,
    Reason,
    Records,
    Tape,
    Terms,
    Uptick,
)
from deepshock.cost import DAY_COUNT, CostSet, Inputs, policy_rates, settle_lag
from deepshock.errors import MarketError
from deepshock.market import TIERS, Instrument, Ladder, Market, ladders_for
from deepshock.plan import MAINLAND, MarginRates, Plan, PlannedOrder, day_number, margin_rates, nanoseconds

DAY_NS = 86_400_000_000_000
LOOK_BACK_NS = (
    20 * DAY_NS
)  # rows before the first decision: enough to hold the valuation row before it, over any holiday
SMALLEST_CRYPTO = 1e-8
BORROW, CONVERSION = "borrow", "FX conversion"
UPTICK = {"passive": Uptick.PASSIVE, "wait": Uptick.WAIT, "ignore": Uptick.IGNORE}


@dataclass(frozen=True)
class Assembly:
    """The kernel's arrays with the names of their axes."""

    tape: Tape
    orders: Orders
    terms: Terms
    money: Money
    instruments: tuple[Instrument, ...]
    currencies: tuple[str, ...]
    items: tuple[str, ...]
    row_at: Ints  # (R,) UTC nanoseconds
    fx_known: Ints  # (C, R) since when the rate of each row is known
    fx_next: Floats  # (C, R) the rate that became known next


@dataclass(frozen=True)
class _Axis:
    """The sessions of one instrument that lie in the run, with what the whole series says about each."""

    instrument: Instrument
    days: Ints
    opens: Ints
    closes: Ints
    first: int  # index of the first session on the market's own axis
    settle: Ints  # day on which a trade of each session settles
    short: bool  # whether an order sells it short
    restricted: bool  # whether one of these heeds Rule 201
    final: tuple[int, float, str] | None  # session, cash per traded share and kind of a merger or delisting


def assemble(plan: Plan, market: Market) -> Assembly:
    """Lay a plan and its market out as arrays.

    Parameters
    ----------
    plan : Plan
        With at least one order that is not refused.
    market : Market

    Returns
    -------
    Assembly

    Raises
    ------
    LawError
        Venue law has no row for a date on which the plan may trade.
    MarketError
        An FX or policy rate is missing.
    """
    instruments = tuple(market.instrument(symbol) for symbol in plan.symbols)
    decided = min(nanoseconds(order.decided_at) for order in plan.orders if not order.refused)
    axes = [_axis(market, plan, instrument, decided - LOOK_BACK_NS) for instrument in instruments]
    keys, rows = _rows(axes)
    row_at = keys // 2
    row_day = row_at // DAY_NS
    currencies = tuple(dict.fromkeys([plan.currency, *(i.currency for i in instruments)]))
    fx, fx_known, fx_next = _fx(market, currencies, plan.currency, row_at)
    value_row = _value_rows(axes, rows, row_day)
    tape = _tape(market, plan, axes, rows, currencies, row_at, value_row, fx)
    orders = _orders(plan, axes, row_at[value_row])
    items, terms = _terms(plan, axes, orders)
    return Assembly(
        tape,
        orders,
        terms,
        _money(plan.costs, plan, currencies),
        instruments,
        currencies,
        items,
        row_at,
        fx_known,
        fx_next,
    )


def _axis(market: Market, plan: Plan, instrument: Instrument, start_ns: int) -> _Axis:
    """Cut a venue's sessions to those that close after ``start_ns`` and lie within the data."""
    sessions = market.sessions(instrument.calendar)
    first = int(np.searchsorted(sessions.closes, start_ns, side="right"))
    last = int(np.searchsorted(sessions.days, day_number(market.end), side="right"))
    days = sessions.days
    lags = settle_lag(instrument.calendar, days[first:last], symbol=instrument.symbol)
    settle = days[np.minimum(np.arange(first, last) + lags, len(days) - 1)]
    shorts = [o for o in plan.orders if o.symbol == instrument.symbol and o.side < 0 and not o.refused]
    return _Axis(
        instrument,
        days[first:last],
        sessions.opens[first:last],
        sessions.closes[first:last],
        first,
        settle,
        bool(shorts),
        any(order.uptick != "ignore" for order in shorts),
        market.actions.final(instrument.symbol, days[first:last]),
    )


def _rows(axes: Sequence[_Axis]) -> tuple[Ints, list[tuple[Ints, Ints]]]:
    """Merge all auctions into rows keyed (instant, close before open); return the keys and each axis's rows."""
    opens, closes = [axis.opens * 2 + 1 for axis in axes], [axis.closes * 2 for axis in axes]
    keys = np.unique(np.concatenate(opens + closes))
    places = [(np.searchsorted(keys, o), np.searchsorted(keys, c)) for o, c in zip(opens, closes, strict=True)]
    return keys, places


def _value_rows(axes: Sequence[_Axis], rows: Sequence[tuple[Ints, Ints]], row_day: Ints) -> Ints:
    """Return the last row of each UTC date on which a venue other than 24/7 trades; each close where all are 24/7."""
    ordinary = [place for axis, place in zip(axes, rows, strict=True) if axis.instrument.calendar != "24/7"]
    if not ordinary:
        return np.unique(np.concatenate([closes for _, closes in rows]))
    days = np.unique(row_day[np.concatenate([part for place in ordinary for part in place])])
    return np.searchsorted(row_day, days, side="right") - 1


def _fx(market: Market, currencies: Sequence[str], base: str, row_at: Ints) -> tuple[Floats, Ints, Floats]:
    found = [market.fx.rate(currency, base, row_at) for currency in currencies]
    rate, known, following = (np.ascontiguousarray(np.vstack(part)) for part in zip(*found, strict=True))
    return rate, known, following


def _bars(market: Market, axis: _Axis, rows: tuple[Ints, Ints], row_day: Ints) -> Records:
    """Gather the sessions of one instrument as records; sigma and volume look back beyond the start of the run."""
    series, instrument = market.series(axis.instrument.symbol), axis.instrument
    cut = slice(axis.first, axis.first + len(axis.days))
    known = market.known(instrument.symbol)
    bars = np.zeros(len(axis.days), BAR)
    for name in ("open", "high", "low", "close", "later_splits", "halted"):
        bars[name] = getattr(series, name)[cut]
    bars["dividend"] = np.nan_to_num(series.dividend[cut])
    bars["open_row"], bars["close_row"] = rows
    bars["upper"], bars["lower"] = known.upper[cut], known.lower[cut]
    bars["offer_open"] = bars["offer_close"] = -np.inf
    if axis.restricted:
        bars["offer_open"], bars["offer_close"] = known.offer_open[cut], known.offer_close[cut]
    if axis.short:
        bars["lendable"] = _lendable(market, axis)
        bars["recalled"] = market.lending.recalled(instrument.symbol, axis.days)
    bars["final"] = np.nan
    if axis.final is not None:
        last, cash, _ = axis.final
        bars["final"][last] = cash / bars["later_splits"][last]
    bars["sigma"], bars["volume"] = known.sigma[cut], known.volume[cut]
    always = instrument.calendar == "24/7"  # settles on the UTC date of the fill
    bars["settle_open"] = row_day[rows[0]] if always else axis.settle
    bars["settle_close"] = row_day[rows[1]] if always else axis.settle
    return bars


def _lendable(market: Market, axis: _Axis) -> Ints:
    """Say of each session whether files let the instrument be sold short."""
    tier = market.lending.tier(axis.instrument.symbol, axis.days)
    found = np.where(tier < 0, Lendable.UNLISTED, np.where(tier == TIERS.index("none"), Lendable.NO, Lendable.YES))
    if axis.instrument.calendar == "XHKG" and market.lending.has_designated:
        listed = market.lending.designated(axis.instrument.symbol, axis.days)
        found = np.where(listed, found, Lendable.NOT_DESIGNATED)
    return found


def _borrow_rate(market: Market, axis: _Axis, costs: CostSet, days: Ints) -> Floats:
    """Return what a borrow file says that each day's borrow costs a year; nan: nothing, the order's own rate holds.

    A cost set that charges no borrow is not overruled. A tier of none costs an open short what a special does.
    """
    if not axis.short or not any(costs.borrow.values()) or not market.lending.lists(axis.instrument.symbol):
        return np.full(len(days), np.nan)
    rates = np.array([*(costs.borrow["special" if tier == "none" else tier] for tier in TIERS), np.nan])
    named = market.lending.rate(axis.instrument.symbol, days)
    return np.where(np.isnan(named), rates[market.lending.tier(axis.instrument.symbol, days)], named)


def _dollar(market: Market, plan: Plan, row_at: Ints) -> Floats:
    """Return base per US dollar on the given rows, where margin floors need it."""
    rates = margin_rates(plan.margin)
    floors = rates is not None and rates.floor > 0.0
    if plan.currency == "USD" or not floors or not any(o.side < 0 and not o.refused for o in plan.orders):
        return np.ones(len(row_at))
    try:
        return market.fx.rate("USD", plan.currency, row_at)[0]
    except MarketError as error:
        why = f"margin {plan.margin.rule} has floors in US dollars for a share sold short, but "
        remedy = "add USD to the rates, or write margin: none, or rates of your own"
        raise MarketError(
            replace(fault, problem=why + fault.problem, remedy=remedy) for fault in error.faults
        ) from error


def _marks(market: Market, axis: _Axis, rows: tuple[Ints, Ints], value_row: Ints) -> Floats:
    """Return the last auction price at or before each valuation row, nan before the first."""
    series, first, n = market.series(axis.instrument.symbol), axis.first, len(axis.days)
    closes = series.close
    opens = np.where(series.halted, np.nan, series.open)  # no auction opened a halted session; its close still marks
    prices, places = np.empty(2 * n), np.empty(2 * n, np.int64)
    prices[0::2], prices[1::2] = opens[first : first + n], closes[first : first + n]
    places[0::2], places[1::2] = rows
    earlier = closes[:first][np.isfinite(closes[:first])]
    seen = np.where(np.isfinite(prices), np.arange(2 * n), -1)
    seen = np.maximum.accumulate(seen)
    filled = np.where(seen >= 0, prices[np.maximum(seen, 0)], earlier[-1] if earlier.size else np.nan)
    at = np.searchsorted(places, value_row, side="right") - 1
    return np.where(at >= 0, filled[np.maximum(at, 0)], earlier[-1] if earlier.size else np.nan)


def _tape(
    market: Market,
    plan: Plan,
    axes: Sequence[_Axis],
    rows: Sequence[tuple[Ints, Ints]],
    currencies: Sequence[str],
    row_at: Ints,
    value_row: Ints,
    fx: Floats,
) -> Tape:
    """Lay the market out over the rows of a run."""
    row_day = row_at // DAY_NS
    bar = np.zeros((len(axes), max(len(axis.days) for axis in axes)), BAR)
    bar["open_row"] = bar["close_row"] = -1
    for name in ("open", "high", "low", "close"):
        bar[name] = np.nan
    for i, axis in enumerate(axes):
        bar[i, : len(axis.days)] = _bars(market, axis, rows[i], row_day)
    value = np.zeros(len(value_row), VALUE)
    value["row"], value["day"] = value_row, row_day[value_row]
    days = np.arange(int(row_day[0]) - 1, max(int(row_day[-1]), *(int(axis.settle.max()) for axis in axes)) + 2)
    return Tape(
        bar=bar,
        instrument=_instruments(axes, currencies),
        tick=_ticks(axes, bar),
        row_day=row_day,
        row_twin=np.concatenate(([False], row_at[1:] == row_at[:-1])),
        fx=fx,
        value=value,
        mark=np.vstack([_marks(market, axis, rows[i], value_row) for i, axis in enumerate(axes)]),
        borrow_value=np.vstack([_borrow_value(market, axis, days) for axis in axes]),
        borrow_rate=np.vstack([_borrow_rate(market, axis, plan.costs, days) for axis in axes]),
        dollar=_dollar(market, plan, row_at[value_row]),
        policy=np.vstack([_policy(plan.costs, currency, days) for currency in currencies]),
        day_count=np.array([float(DAY_COUNT.get(currency, 360)) for currency in currencies]),
        day0=int(days[0]),
    )


def _instruments(axes: Sequence[_Axis], currencies: Sequence[str]) -> Records:
    records = np.zeros(len(axes), INSTRUMENT)
    for record, axis in zip(records, axes, strict=True):
        record["n_sessions"] = len(axis.days)
        record["currency"] = currencies.index(axis.instrument.currency)
        record["final_session"] = FAR if axis.final is None else axis.final[0]
        record["final_reason"] = Reason.DELISTING if axis.final and axis.final[2] == "delisting" else Reason.MERGER
        record["resale"] = axis.instrument.mic in MAINLAND
    return records


def _ticks(axes: Sequence[_Axis], bar: Records) -> Records:
    """Put all tick ladders into one table and write into each bar which one holds there."""
    ladders: list[Ladder] = []
    for i, axis in enumerate(axes):
        index, mine = ladders_for(axis.instrument, axis.days)
        bar["ladder"][i, : len(axis.days)] = index + len(ladders)
        ladders += mine
    table = np.zeros((len(ladders), max(len(ladder.edges) for ladder in ladders)), TICK)
    table["edge"] = np.inf
    for row, ladder in zip(table, ladders, strict=True):
        row["edge"][: len(ladder.edges)], row["step"][: len(ladder.ticks)] = ladder.edges, ladder.ticks
    return table


def _policy(costs: CostSet, currency: str, days: Ints) -> Floats:
    """Return the policy rates; a run without interest needs none, so a currency without a table may still trade."""
    return policy_rates(currency, days) if costs.financing.on else np.zeros(len(days))


def _borrow_value(market: Market, axis: _Axis, days: Ints) -> Floats:
    """Return the value per adjusted share on which each day's borrow is charged.

    It is the last close of a session before the day. In the US, 1.02 x the traded close rounded up to whole dollars;
    elsewhere the close.
    """
    series, sessions = market.series(axis.instrument.symbol), market.sessions(axis.instrument.calendar)
    known = np.isfinite(series.close)
    closes, splits, labels = series.close[known], series.later_splits[known], sessions.days[known]
    if axis.instrument.calendar == "XNYS":
        closes = np.ceil(np.round(1.02 * closes * splits, 9)) / splits
    at = np.searchsorted(labels, days, side="left") - 1
    return np.where(at >= 0, closes[np.maximum(at, 0)], 0.0) if closes.size else np.zeros(len(days))


def _orders(plan: Plan, axes: Sequence[_Axis], value_at: Ints) -> Orders:
    """Lay the orders of a plan out on the sessions of the run."""
    place = {axis.instrument.symbol: i for i, axis in enumerate(axes)}
    legs = np.zeros(len(plan.orders), ORDER)
    for leg, order in zip(legs, plan.orders, strict=True):
        _write_order(leg, order, place, axes)
        leg["decided_value"] = np.searchsorted(value_at, nanoseconds(order.decided_at), side="right") - 1
    legs["child"] = -1
    for j, order in enumerate(plan.orders):
        if order.parent >= 0:
            legs["child"][order.parent] = j
    instants = sorted({order.decided_at for order in plan.orders})
    legs["batch"] = [instants.index(order.decided_at) for order in plan.orders]
    names = [(order.symbol, plan.members[order.group].thesis.name, j) for j, order in enumerate(plan.orders)]
    legs["rank"][[j for _, _, j in sorted(names)]] = range(len(names))
    theses = np.zeros(len(plan.members), THESIS)
    theses["share"] = [member.share for member in plan.members]
    theses["drawdown"] = [_or_nan(member.thesis.exit.drawdown) for member in plan.members]
    return Orders(legs, theses)


def _write_order(leg: np.void, order: PlannedOrder, place: Mapping[str, int], axes: Sequence[_Axis]) -> None:
    i = place.get(order.symbol, 0)
    leg["instrument"], leg["thesis"], leg["weight"] = i, order.group, order.size
    leg["lot"] = 0.0 if order.fractional else (axes[i].instrument.lot or SMALLEST_CRYPTO)
    leg["refused"], leg["parent"] = bool(order.refused), order.parent
    leg["hold"] = -1 if order.hold is None else order.hold
    leg["exit_session"] = -1
    if order.due is not None and not order.refused:
        leg["due_session"], leg["due_kind"] = order.due.session - axes[i].first, order.due.kind
        leg["last_session"] = leg["due_session"] + order.within - 1
    if order.exit is not None and not order.refused:
        leg["exit_session"], leg["exit_kind"] = order.exit.session - axes[i].first, order.exit.kind
    leg["stop"], leg["target"], leg["trailing"] = _or_nan(order.stop), _or_nan(order.target), _or_nan(order.trailing)
    leg["borrow_rate"], leg["withholding"] = order.borrow, order.withholding
    leg["uptick"], leg["unlendable"] = UPTICK[order.uptick], order.tier == "none"


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _terms(plan: Plan, axes: Sequence[_Axis], orders: Orders) -> tuple[tuple[str, ...], Terms]:
    """Stack the cost rows of all instruments; the last two items are borrow and FX conversion."""
    parts = [plan.costs.terms(_inputs(axis, orders, i)) for i, axis in enumerate(axes)]
    flat = [row for part in parts for row in part]
    names = dict.fromkeys([*plan.costs.items(), *(row.item for row in flat)])
    items = (*(name for name in names if name not in (BORROW, CONVERSION)), BORROW, CONVERSION)
    records = np.zeros(len(flat), TERM)
    for record, row in zip(records, flat, strict=True):
        record["item"], record["first"], record["last"] = items.index(row.item), row.first, row.last
        for name in ("of_value", "of_tick", "of_sigma", "per_share", "impact", "fixed", "round_to", "round_up"):
            record[name] = getattr(row, name)
        record["least"], record["most"] = row.min, row.max
        record["buy"], record["sell"] = row.side != "sell", row.side != "buy"
    return items, Terms(np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64), records)


def _inputs(axis: _Axis, orders: Orders, i: int) -> Inputs:
    """Return what the cost models may know of an instrument: its names and dates, no price."""
    mine = orders.leg[(orders.leg["instrument"] == i) & ~orders.leg["refused"]]
    # a hedge is due when its leg has filled: after the first decision, with which the axis begins
    first = 0 if (mine["parent"] >= 0).any() else int(mine["due_session"].min())
    instrument = axis.instrument
    return Inputs(
        symbol=instrument.symbol,
        venue=instrument.mic,
        calendar=instrument.calendar,
        cls=instrument.cls,
        currency=instrument.currency,
        trade_days=axis.days,
        settle_days=axis.settle,
        first=first,
        last=len(axis.days),
    )


def _money(costs: CostSet, plan: Plan, currencies: Sequence[str]) -> Money:
    terms = costs.financing
    conversion = np.array([0.0 if c == plan.currency else costs.conversion_bps / 1e4 for c in currencies])
    rebate = np.nan if terms.rebate_spread is None else terms.rebate_spread
    rates = margin_rates(plan.margin)
    kept = rates or MarginRates(0.0, 0.0, 0.0)
    return Money(
        capital=plan.capital,
        conversion=conversion,
        interest=bool(terms.on),
        credit=terms.credit_spread,
        credit_floor=terms.credit_floor,
        debit=terms.debit_spread,
        rebate=rebate,
        participation=costs.participation,
        margin=rates is not None,
        initial=kept.initial,
        long_upkeep=kept.long,
        short_upkeep=kept.short,
        floor=kept.floor,
        cheap_under=kept.cheap_under,
        cheap_upkeep=kept.cheap,
        cheap_floor=kept.cheap_floor,
    )

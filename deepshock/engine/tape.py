"""The market of a run laid out over its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import FAR, INSTRUMENT, VALUE, Floats, Ints, Reason, Records, Tape
from deepshock.cost import DAY_COUNT, CostSet, policy_rates
from deepshock.engine.axes import Axis, Rows, Traded, axis_of, currencies_of, merge, value_rows
from deepshock.engine.bars import bars_of, borrow_rate, borrow_value, marks, ticks
from deepshock.engine.tables import add_tables
from deepshock.errors import MarketError
from deepshock.market import Instrument, Market
from deepshock.plan import MAINLAND, margin_rates
from deepshock.thesis import Margin

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class Layout:
    """The tape of a run, with the names of its axes."""

    tape: Tape
    axes: tuple[Axis, ...]
    currencies: tuple[str, ...]
    row_at: Ints  # (R,) UTC nanoseconds
    fx_known: Ints  # (C, R) since when the rate of each row is known
    fx_next: Floats  # (C, R) the rate that became known next

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What the axis I of the tape stands for."""
        return tuple(axis.instrument for axis in self.axes)

    @property
    def value_at(self) -> Ints:
        """Instants of the valuation rows, UTC nanoseconds."""
        rows: Ints = self.tape.value["row"]
        return self.row_at[rows]


@dataclass(frozen=True)
class Ground:
    """What a tape stands on: its sessions, rows and rates; whatever can be missing is found out here."""

    axes: tuple[Axis, ...]
    rows: tuple[Rows, ...]
    currencies: tuple[str, ...]
    row_at: Ints  # (R,) UTC nanoseconds
    value_row: Ints  # (K,)
    days: Ints  # (N,)
    fx: Floats  # (C, R)
    fx_known: Ints  # (C, R)
    fx_next: Floats  # (C, R)
    dollar: Floats  # (K,)
    policy: Floats  # (C, N)


def survey(
    market: Market, traded: Sequence[Traded], start_ns: int, base: str, costs: CostSet, margin: Margin
) -> Ground:
    """Find the sessions, rows and rates of what is traded.

    Parameters
    ----------
    market : Market
    traded : sequence of Traded
    start_ns : int
        Sessions that close after it, up to the end of the data.
    base : str
        Currency of the account.
    costs : CostSet
        Says whether there is interest.
    margin : Margin
        Says whether dollars have to be translated.

    Raises
    ------
    LawError, CostError, MarketError
        A settlement cycle, a policy rate or an exchange rate is missing.
    """
    axes = tuple(axis_of(market, one, start_ns) for one in traded)
    keys, rows = merge(axes)
    row_at = keys // 2
    row_day = row_at // DAY_NS
    currencies = currencies_of(base, (axis.instrument for axis in axes))
    fx, fx_known, fx_next = _rates(market, currencies, base, row_at)
    value_row = value_rows(axes, rows, row_day)
    days = np.arange(int(row_day[0]) - 1, max(int(row_day[-1]), *(int(axis.settle.max()) for axis in axes)) + 2)
    dollar = _dollar(market, traded, base, margin, row_at[value_row])
    policy = np.vstack([_policy(costs, currency, days) for currency in currencies])
    return Ground(axes, tuple(rows), currencies, row_at, value_row, days, fx, fx_known, fx_next, dollar, policy)


def lay_out(market: Market, ground: Ground, costs: CostSet) -> Layout:
    """Lay a market out over the rows of its ground."""
    axes, days, row_day = ground.axes, ground.days, ground.row_at // DAY_NS
    bar = bars_of(market, axes, ground.rows, row_day)
    value = np.zeros(len(ground.value_row), VALUE)
    value["row"], value["day"] = ground.value_row, row_day[ground.value_row]
    tape = Tape(
        bar=bar,
        instrument=_instruments(axes, ground.currencies),
        tick=ticks(axes, bar),
        row_day=row_day,
        row_twin=np.concatenate(([False], ground.row_at[1:] == ground.row_at[:-1])),
        fx=ground.fx,
        value=value,
        mark=np.vstack([marks(market, axis, ground.rows[i], ground.value_row) for i, axis in enumerate(axes)]),
        borrow_value=np.vstack([borrow_value(market, axis, days) for axis in axes]),
        borrow_rate=np.vstack([borrow_rate(market, axis, costs, days) for axis in axes]),
        dollar=ground.dollar,
        policy=ground.policy,
        day_count=np.array([float(DAY_COUNT.get(currency, 360)) for currency in ground.currencies]),
        day0=int(days[0]),
    )
    return Layout(add_tables(tape), axes, ground.currencies, ground.row_at, ground.fx_known, ground.fx_next)


def _rates(market: Market, currencies: Sequence[str], base: str, row_at: Ints) -> tuple[Floats, Ints, Floats]:
    found = [market.fx.rate(currency, base, row_at) for currency in currencies]
    rate, known, following = (np.ascontiguousarray(np.vstack(part)) for part in zip(*found, strict=True))
    return rate, known, following


def _instruments(axes: Sequence[Axis], currencies: Sequence[str]) -> Records:
    records = np.zeros(len(axes), INSTRUMENT)
    for record, axis in zip(records, axes, strict=True):
        record["n_sessions"] = len(axis.days)
        record["currency"] = currencies.index(axis.instrument.currency)
        record["final_session"] = FAR if axis.final is None else axis.final[0]
        record["final_reason"] = Reason.DELISTING if axis.final and axis.final[2] == "delisting" else Reason.MERGER
        record["resale"] = axis.instrument.mic in MAINLAND
    return records


def _policy(costs: CostSet, currency: str, days: Ints) -> Floats:
    """Return the policy rates; a run without interest needs none, so a currency without a table may still trade."""
    return policy_rates(currency, days) if costs.financing.on else np.zeros(len(days))


def _dollar(market: Market, traded: Sequence[Traded], base: str, margin: Margin, row_at: Ints) -> Floats:
    """Return base per US dollar on the given rows, where margin floors need it."""
    rates = margin_rates(margin)
    floors = rates is not None and rates.floor > 0.0
    if base == "USD" or not floors or not any(one.short for one in traded):
        return np.ones(len(row_at))
    try:
        return market.fx.rate("USD", base, row_at)[0]
    except MarketError as error:
        why = f"margin {margin.rule} has floors in US dollars for a share sold short, but "
        remedy = "add USD to the rates, or write margin: none, or rates of your own"
        raise MarketError(
            replace(fault, problem=why + fault.problem, remedy=remedy) for fault in error.faults
        ) from error

"""The market of a run laid out over its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import FAR, INSTRUMENT, VALUE, Floats, Ints, Reason, Records, Tape
from deepshock.cost import DAY_COUNT, CostSet
from deepshock.engine.axes import Axis
from deepshock.engine.bars import bars_of, borrow_rate, borrow_value, marks, ticks
from deepshock.engine.ground import Ground
from deepshock.engine.tables import add_tables
from deepshock.market import Instrument, Market
from deepshock.plan import MAINLAND


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


def lay_out(market: Market, ground: Ground, costs: CostSet, *, shortcuts: bool = True) -> Layout:
    """Lay a market out over the rows of its ground.

    Parameters
    ----------
    market : Market
    ground : Ground
    costs : CostSet
        What borrowing costs.
    shortcuts : bool
        See `add_tables`.
    """
    bar, rows = bars_of(market, ground), ground.value_row
    value = np.zeros(len(rows), VALUE)
    value["row"], value["day"] = rows, ground.row_day[rows]
    tape = Tape(
        bar=bar,
        instrument=_instruments(ground.axes, ground.currencies),
        tick=ticks(ground, bar),
        row_day=ground.row_day,
        row_twin=np.concatenate(([False], ground.row_at[1:] == ground.row_at[:-1])),
        fx=ground.fx,
        value=value,
        mark=marks(market, ground),
        borrow_value=borrow_value(market, ground),
        borrow_rate=borrow_rate(market, ground, costs),
        dollar=ground.dollar,
        policy=ground.policy,
        day_count=np.array([float(DAY_COUNT.get(currency, 360)) for currency in ground.currencies]),
        day0=int(ground.days[0]),
    )
    tape = add_tables(tape, ground.place, shortcuts=shortcuts)
    return Layout(tape, ground.axes, ground.currencies, ground.row_at, ground.fx_known, ground.fx_next)


def _instruments(axes: Sequence[Axis], currencies: Sequence[str]) -> Records:
    records = np.zeros(len(axes), INSTRUMENT)
    records["n_sessions"] = [len(axis.days) for axis in axes]
    records["currency"] = [currencies.index(axis.instrument.currency) for axis in axes]
    records["final_session"], records["final_reason"] = FAR, Reason.MERGER
    for record, axis in zip(records, axes, strict=True):
        if axis.final is not None:
            session, _, kind = axis.final
            record["final_session"] = session
            record["final_reason"] = Reason.DELISTING if kind == "delisting" else Reason.MERGER
    records["resale"] = [axis.instrument.mic in MAINLAND for axis in axes]
    return records

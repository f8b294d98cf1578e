"""What a run is charged: the cost rows of its instruments, its capital, its financing and margin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepshock.arrays import TERM, Ints, Money, Records, Terms
from deepshock.cost import CostSet, Inputs, TermRow
from deepshock.engine.axes import Axis
from deepshock.plan import MarginRates, margin_rates
from deepshock.thesis import Margin

BORROW, CONVERSION = "borrow", "FX conversion"
CALLED = {"least": "min", "most": "max"}  # what the fields of a record are called in a row


def terms_of(costs: CostSet, axes: Sequence[Axis], first: Ints) -> tuple[tuple[str, ...], Terms]:
    """Stack the cost rows of all instruments.

    Parameters
    ----------
    costs : CostSet
    axes : sequence of Axis
    first : ndarray of shape (I,), int64
        Of each, the first session in which it may trade.

    Returns
    -------
    items : tuple of str
        Names of the axis M; the last two are borrow and FX conversion.
    terms : Terms

    Raises
    ------
    LawError, CostError
        See ``CostSet.terms``.
    """
    parts = [costs.terms(_inputs(axis, int(session))) for axis, session in zip(axes, first, strict=True)]
    flat = [row for part in parts for row in part]
    names = dict.fromkeys([*costs.items(), *(row.item for row in flat)])
    items = (*(name for name in names if name not in (BORROW, CONVERSION)), BORROW, CONVERSION)
    return items, Terms(np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64), _records(flat, items))


def _records(rows: Sequence[TermRow], items: Sequence[str]) -> Records:
    """Write cost rows down as the kernel reads them."""
    records = np.zeros(len(rows), TERM)
    place = {name: m for m, name in enumerate(items)}
    records["item"] = [place[row.item] for row in rows]
    records["buy"] = [row.side != "sell" for row in rows]
    records["sell"] = [row.side != "buy" for row in rows]
    for name in TERM.names or ():
        if name not in ("item", "buy", "sell"):
            records[name] = [getattr(row, CALLED.get(name, name)) for row in rows]
    return records


def _inputs(axis: Axis, first: int) -> Inputs:
    """Return what the cost models may know of an instrument: its names and dates, no price."""
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


def money_of(capital: float, base: str, costs: CostSet, margin: Margin, currencies: Sequence[str]) -> Money:
    """Return the capital and the terms of financing as the kernel reads them."""
    terms = costs.financing
    rates = margin_rates(margin)
    kept = rates or MarginRates(0.0, 0.0, 0.0)
    return Money(
        capital=capital,
        conversion=np.array([0.0 if c == base else costs.conversion_bps / 1e4 for c in currencies]),
        interest=bool(terms.on),
        credit=terms.credit_spread,
        credit_floor=terms.credit_floor,
        debit=terms.debit_spread,
        rebate=np.nan if terms.rebate_spread is None else terms.rebate_spread,
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

"""vectorbt as a second opinion, and as a bridge to what its users know.

The only importer of vectorbt, and a lazy one: it takes two seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepshock.arrays import Component, Floats, Ints
from deepshock.errors import MissingDependency, PlanError
from deepshock.plan import nanoseconds
from deepshock.result import Result

SPARE_CASH = 1e3  # x capital: vectorbt refuses an order that cash cannot pay, a margin account does not


@dataclass(frozen=True)
class CrossCheck:
    """How far vectorbt's equity is from ours.

    Parameters
    ----------
    agrees : bool
        Whether the largest difference is under ``tolerance`` of the capital; True where nothing could be compared.
    largest : float
        Largest absolute difference over the valuation rows, as a fraction of the capital; nan where nothing could be
        compared.
    left_out : tuple of str
        What vectorbt's model has no word for, and was taken off ours before comparing, or why nothing was compared.
    """

    agrees: bool
    largest: float
    left_out: tuple[str, ...]

    def __str__(self) -> str:
        return f"largest difference {self.largest:.3g} of capital; left out: {', '.join(self.left_out) or 'nothing'}"


def _import() -> Any:
    try:
        import vectorbt
    except ImportError as error:
        raise MissingDependency(
            f"vectorbt cannot be imported ({error}); install it: pip install 'vectorbt>=1.2'"
        ) from error
    return vectorbt


def to_vectorbt(result: Result) -> Any:
    """Return the fills of a result as a ``vectorbt.Portfolio``.

    Prices are in base currency; each leg is a column, cash is shared, a fill's costs are its fixed fees. Interest,
    borrow, dividends and FX conversion of collateral have no place in it.

    Parameters
    ----------
    result : Result
        With at least one fill.

    Returns
    -------
    vectorbt.Portfolio
        Its initial cash is that of the account times 1,001: vectorbt fills no order that cash cannot pay.

    Raises
    ------
    MissingDependency
        vectorbt is not installed.
    PlanError
        The result has no fill, or one at a price of 0: vectorbt's prices are above that.
    """
    import pandas as pd

    if not result.ledger.fills:
        raise PlanError(f"{result.name} has no fill: there is nothing to hand to vectorbt")
    if worthless := _worthless(result):
        raise PlanError(f"{result.name} has a fill at a price of 0, which vectorbt refuses: {', '.join(worthless)}")
    vectorbt = _import()
    rows, close, size, price, fees = _orders(result)
    index = pd.DatetimeIndex(rows, tz="UTC")
    columns = pd.MultiIndex.from_arrays([range(close.shape[1]), list(result.ledger.legs)], names=["leg", "symbol"])

    def frame(values: Floats) -> Any:
        return pd.DataFrame(values, index=index, columns=columns)

    return vectorbt.Portfolio.from_orders(
        frame(close),
        frame(size),
        size_type="amount",
        price=frame(price),
        fixed_fees=frame(fees),
        fees=0.0,
        slippage=0.0,
        init_cash=result.plan.capital * (1.0 + SPARE_CASH),
        cash_sharing=True,
        group_by=True,
        raise_reject=True,
        allow_partial=False,
        freq="1D",
    )


def _orders(result: Result) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """Lay fills and marks out over the rows on which anything happened."""
    ledger = result.ledger
    filled = np.array([nanoseconds(fill.fill_at) for fill in ledger.fills], np.int64)
    rows = np.unique(np.concatenate([filled, ledger.value_at]))
    shape = (len(rows), len(ledger.legs))
    close, size, price, fees = (np.full(shape, value) for value in (np.nan, np.nan, np.nan, 0.0))
    close[np.searchsorted(rows, ledger.value_at)] = ledger.marks * ledger.fx
    for at, fill in zip(filled, ledger.fills, strict=True):
        row = int(np.searchsorted(rows, at))
        size[row, fill.leg], price[row, fill.leg] = fill.shares, fill.price * fill.fx
        fees[row, fill.leg] = sum(fill.costs.values())
        if np.isnan(close[row, fill.leg]):
            close[row, fill.leg] = fill.price * fill.fx
    return rows, _filled(close), size, price, fees


def _filled(close: Floats) -> Floats:
    """Carry marks forward, then backward: vectorbt wants a price on every row, and for legs that were never sent."""
    import pandas as pd

    return np.asarray(pd.DataFrame(close).ffill().bfill().fillna(1.0), dtype=np.float64)


def cross_check(result: Result, tolerance: float = 1e-9) -> CrossCheck:
    """Put the same fills through vectorbt and compare the equity on every valuation row.

    Parameters
    ----------
    result : Result
    tolerance : float
        Of the capital.

    Returns
    -------
    CrossCheck
        A short in a foreign currency is not compared: our proceeds stay in that currency as collateral, vectorbt's
        are in base cash at once. Nor is a fill at a price of 0, such as a delisting that pays nothing: vectorbt
        refuses it.
    """
    ledger = result.ledger
    if reasons := tuple(_beyond_it(result)):
        return CrossCheck(True, float("nan"), reasons)
    theirs = to_vectorbt(result).value().reindex(_index(ledger.value_at)).to_numpy(dtype=np.float64)
    theirs = theirs - result.plan.capital * SPARE_CASH
    ours, left_out = _without_carry(result)
    largest = float(np.abs(ours - theirs).max() / result.plan.capital)
    return CrossCheck(largest <= tolerance, largest, left_out)


def _beyond_it(result: Result) -> Iterator[str]:
    """Yield why vectorbt's model cannot hold a result."""
    if not result.ledger.fills:
        yield "no fill"
    legs = zip(result.plan.orders, result.ledger.fx.T, strict=True)
    if foreign := [order.symbol for order, fx in legs if order.side < 0 and np.any(fx != 1.0)]:
        yield f"short in a foreign currency: {', '.join(foreign)}"
    if worthless := _worthless(result):
        yield f"fill at a price of 0: {', '.join(worthless)}"


def _worthless(result: Result) -> list[str]:
    return [f"{fill.symbol} ({fill.reason})" for fill in result.ledger.fills if not fill.price > 0.0]


def _index(value_at: Ints) -> Any:
    import pandas as pd

    return pd.DatetimeIndex(value_at, tz="UTC")


def _without_carry(result: Result) -> tuple[Floats, tuple[str, ...]]:
    """Return our NAV less what vectorbt has no word for, and the names of that."""
    ledger = result.ledger
    rows = len(ledger.value_at)
    on_fills = np.zeros(rows)
    for fill in ledger.fills:
        on_fills[int(np.searchsorted(ledger.value_at, nanoseconds(fill.fill_at)))] += sum(fill.costs.values())
    carried = ledger.costs.sum(axis=(1, 2)) - on_fills
    parts = {
        "dividends": ledger.lines[..., Component.DIVIDEND].sum(axis=1),
        "short rebate": ledger.lines[..., Component.REBATE].sum(axis=1),
        "interest on cash": ledger.interest.sum(axis=1),
        "borrow and later FX conversion": -carried,
    }
    capital = result.plan.capital
    left_out = tuple(name for name, amounts in parts.items() if np.abs(amounts).max(initial=0.0) > 1e-12 * capital)
    return ledger.nav - np.cumsum(np.sum(list(parts.values()), axis=0)), left_out

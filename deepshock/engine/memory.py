"""The kernel's arrays behind one record, so that its functions hand over one address instead of fifty arrays.

Handing numba's arrays from function to function by value took most of the time of a run, and inlining everything
instead took a minute to compile. A ``RUN`` record holds where each array begins and how long its axes are:
``at.bars(x)`` is the array of bars of run ``x``. Whoever makes a record keeps the arrays alive while the kernel works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj

from deepshock.arrays import (
    ACCOUNT,
    BAR,
    BASKET,
    BRIEF,
    FILL,
    GAP,
    INSTRUMENT,
    ITEMS,
    LOT,
    ORDER,
    OUTCOME,
    PENDING,
    POSITION,
    RING,
    RULE,
    SLEEVE,
    TERM,
    THESIS,
    TICK,
    VALUE,
    WAIT,
    WAIT_FOR,
    Accruals,
    Book,
    Money,
    Orders,
    Records,
    State,
    Tape,
    Terms,
)

_make_array: Any = arrayobj.make_array
_populate_array: Any = arrayobj.populate_array

REAL, WHOLE, FLAG = np.float64, np.int64, np.bool_
UNREAD: tuple[Any, str] = (None, "")  # what has gone into the tables of engine/accruals.py, and the kernel reads there

# What each array holds and its axes: the place in Tape, Orders and so on is that of the same order.
TAPE = {
    "bars": (BAR, "IS"), "instruments": (INSTRUMENT, "I"), "ticks": (TICK, "LO"), "row_day": (WHOLE, "R"),
    "row_twin": (FLAG, "R"), "fx_rates": (REAL, "CR"), "value_rows": (VALUE, "K"), "marks": (REAL, "IK"),
    "borrow_value": (REAL, "IN"), "borrow_rate": (REAL, "IN"), "dollars": UNREAD, "policy": (REAL, "CN"),
    "day_count": (REAL, "C"), "day0": None, "worth": (REAL, "IK"), "value_fx": (REAL, "CK"), "splits": UNREAD,
    "closed": (WHOLE, "IK"), "briefs": (BRIEF, "SI"), "lows": (REAL, "IS"), "highs": (REAL, "IS"),
    "foregone": (REAL, "K"),
}  # fmt: skip
ORDERS = {
    "orders": (ORDER, "J"), "theses": (THESIS, "G"), "rules": (RULE, "P"), "picks": (WHOLE, "Q"),
}  # fmt: skip
TERMS = {
    "term_start": (WHOLE, "H"), "term_rows": (TERM, "T"),
}  # fmt: skip
ACCRUALS = {
    "credit": (REAL, "K"), "debit": (REAL, "K"), "growth": (REAL, "K"), "spreads": (REAL, "3B"),
    "same_sign": (WHOLE, "K"),
    "rebates": (REAL, "UV"), "fees": (REAL, "UV"), "own_fees": (REAL, "UV"), "exchanges": (REAL, "UV"),
    "short_flows": (REAL, "UV"), "short_settled": (REAL, "UV"), "short_needs": (REAL, "UV"),
}  # fmt: skip
STATE = {
    "positions": (POSITION, "X"), "outcomes": (OUTCOME, "X"), "sleeves": (SLEEVE, "G"), "accounts": (ACCOUNT, "1"),
    "queue": (WHOLE, "X"), "active": (WHOLE, "X"), "paid": (REAL, "M"), "flows": (REAL, "K"), "longs": (REAL, "K"),
    "shorts": (REAL, "K"), "needs": (REAL, "K"), "sleeve_flows": (REAL, "GK"), "sleeve_worth": (REAL, "GK"),
    "settling": (REAL, "N"), "ring": (REAL, "X2D"), "pending": (PENDING, "2W"), "waits": (WAIT, "2"),
    "baskets": (BASKET, "X"), "lots": (LOT, "X"), "lot_rates": (REAL, "X2E"), "saved_positions": (POSITION, "X"),
    "saved_outcomes": (OUTCOME, "X"), "saved_paid": (REAL, "M"), "saved_settling": (REAL, "N"),
    "saved_ring": (REAL, "X2D"),
}  # fmt: skip
BOOK = {
    "book_outcomes": (OUTCOME, "J"), "fills": (FILL, "F"), "fill_costs": (REAL, "FM"), "nav": (REAL, "K"),
    "lines": (REAL, "KJ4"), "line_costs": (REAL, "KJM"), "interest": (REAL, "K2"), "gaps": (REAL, "KJ"),
    "cash": (REAL, "KY"), "margins": (REAL, "K2"), "sizes": (WHOLE, "3"),
}  # fmt: skip
MONEY = (
    *("capital", "conversion", "pays_interest", "credit_spread", "credit_floor", "debit_spread", "rebate_spread"),
    *("participation", "has_margin", "initial", "long_upkeep"),
)
"""Fields of Money in their order, as the kernel calls them; the rest of them are in the tables of accruals."""
VIEWS: dict[str, tuple[Any, str]] = {
    name: spec
    for part in (TAPE, ORDERS, TERMS, ACCRUALS, STATE, BOOK, {"conversion": (REAL, "C")})
    for name, spec in part.items()
    if spec is not None and spec is not UNREAD
}
FIXED = {"1": 1, "2": 2, "3": 3, "4": 4, "D": RING, "W": WAIT_FOR, "E": ITEMS}
AXES = sorted({axis for _, axes in VIEWS.values() for axis in axes})
_LAYOUT = hashlib.sha256(repr([(name, str(spec)) for name, spec in VIEWS.items()]).encode()).hexdigest()[:12]

RUN = np.dtype(
    [
        *((name, np.int64) for name in VIEWS),
        *((f"n_{axis}", np.int64) for axis in AXES),
        *(
            (name, np.bool_ if name in ("pays_interest", "has_margin") else np.float64)
            for name in MONEY
            if name != "conversion"
        ),
        ("day0", np.int64),
        *((f"gap{n}", np.int64) for n in range(GAP // 8)),  # between the records of two threads
        (f"layout_{_LAYOUT}", np.int64),  # another layout is another type, and so compiled anew
    ],
    align=True,
)
"""Where everything of one run is."""


def _view(name: str) -> Any:
    """Return a function of a RUN record, for compiled code, that is the array of this name."""
    dtype, axes = VIEWS[name]
    item = numba.from_dtype(np.dtype(dtype))
    array = types.Array(item, len(axes), "C")
    fields = RUN.fields
    assert fields is not None
    where, dims = fields[name][1], [fields[f"n_{axis}"][1] for axis in axes]

    @intrinsic
    def view(typing_context: Any, run: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            word = context.get_value_type(types.int64)
            base = builder.bitcast(args[0], cgutils.voidptr_t)

            def load(offset: int) -> Any:
                place = builder.gep(base, [cgutils.intp_t(offset)])
                return builder.load(builder.bitcast(place, word.as_pointer()))

            made = _make_array(array)(context, builder)
            size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(item)))
            shape = [load(offset) for offset in dims]
            strides: list[Any] = []
            step = size
            for length in reversed(shape):
                strides.insert(0, step)
                step = builder.mul(step, length)
            data = builder.inttoptr(load(where), made.data.type)
            _populate_array(made, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
            return made._getvalue()

        return array(run), codegen

    return view


for _name in VIEWS:
    globals()[_name] = _view(_name)


def __getattr__(name: str) -> Any:
    """Tell type checkers that the views are there; whatever is not is an error as in any module."""
    raise AttributeError(f"no array of a run is called {name!r}")


def _put(runs: Records, name: str, array: Any, stacked: bool) -> None:
    """Write where an array is, and its axes; of stacked ones each run has its own."""
    dtype, axes = VIEWS[name]
    assert array.dtype == np.dtype(dtype), f"{name}: {array.dtype} instead of {dtype}"
    assert (array[0] if stacked else array).flags.c_contiguous, f"{name} is not contiguous"
    shape = array.shape[1:] if stacked else array.shape
    assert len(shape) == len(axes), f"{name}: {shape} does not have the axes {axes}"
    step = array.strides[0] if stacked else 0
    runs[name] = array.ctypes.data + step * np.arange(len(runs))
    for axis, length in zip(axes, shape, strict=True):
        runs[f"n_{axis}"] = length


def _put_all(runs: Records, parts: dict[str, Any], arrays: Sequence[Any], stacked: bool = False) -> None:
    for (name, spec), array in zip(parts.items(), arrays, strict=True):
        if spec is None:
            runs[name] = array
        elif spec is not UNREAD:
            _put(runs, name, array, stacked)


def bind(
    tape: Tape,
    terms: Terms,
    money: Money,
    accruals: Accruals,
    orders: Orders,
    states: State,
    book: Book | None = None,
    n_runs: int = 1,
) -> Records:
    """Return the RUN records of runs on one tape.

    Parameters
    ----------
    tape, terms, money, accruals, orders : Tape, Terms, Money, Accruals, Orders
        Shared by all.
    states : State
        Every array with the runs as an axis before its own.
    book : Book, optional
        Of a single run.
    n_runs : int

    Returns
    -------
    ndarray of shape (n_runs,), RUN
        Of use as long as all that was given is alive.
    """
    runs = np.zeros(n_runs, RUN)
    for axis, length in FIXED.items():
        if axis in AXES:
            runs[f"n_{axis}"] = length
    _put_all(runs, TAPE, tape)
    _put_all(runs, ORDERS, orders)
    _put_all(runs, TERMS, terms)
    _put_all(runs, ACCRUALS, accruals)
    _put_all(runs, STATE, states, stacked=True)
    for name, value in zip(MONEY, money, strict=False):
        if name == "conversion":
            _put(runs, name, value, stacked=False)
        else:
            runs[name] = value
    if book is not None:
        _put_all(runs, BOOK, book)
    return runs

"""The limit: kernels that do one workload each and nothing else.

Hand-written for the arithmetic of E, B and P. They know no costs but two rates, no interest, no second venue, no halts,
no lots; they visit only the rows on which a position is held, and keep nothing but three sums. What a general engine
takes beside them is the price of being general.

Each comes in two forms with the same figures. In the plain one a row asks whether it is a new peak, as one would write
it. The tight one asks nothing: a branch that the data decide at random costs more than the division that it saves.
Without it B took two thirds of the time and P a third, on the machine where it was measured.

Each fills ``out`` of shape (n_variants, 3): total return, Sharpe ratio over all rows (252 a year), maximum drawdown.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, prange

from deepshock.arrays import Floats, Ints

YEAR = 252.0


@njit(cache=True, error_model="numpy", inline="always")
def _drawdown(worth: float, peak: float, worst: float, tight: bool) -> tuple[float, float]:
    """Return the peak and the maximum drawdown with one more row."""
    if tight:
        peak = max(peak, worth)
        return peak, min(worst, worth / peak - 1.0)
    if worth > peak:
        return worth, worst
    if worth / peak - 1.0 < worst:
        return peak, worth / peak - 1.0
    return peak, worst


@njit(cache=True, error_model="numpy", inline="always")
def _row(worth: float, before: float, peak: float, worst: float, total: float, squares: float,
         tight: bool) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Return the worth, the peak, the drawdown and the sums of returns and of their squares with one more row."""
    r = worth / before - 1.0
    peak, worst = _drawdown(worth, peak, worst, tight)
    return worth, peak, worst, total + r, squares + r * r


@njit(cache=True, error_model="numpy", inline="always")
def _metrics(out: Any, v: int, n_rows: int, cash: float, end: float, total: float, squares: float, low: float) -> None:
    """Write the three figures; rows without a position count as returns of nil."""
    mean = total / n_rows
    variance = (squares - n_rows * mean * mean) / (n_rows - 1)
    out[v, 0] = end / cash - 1.0
    out[v, 1] = mean / math.sqrt(variance) * math.sqrt(YEAR)
    out[v, 2] = low


@njit(cache=True, error_model="numpy", inline="always")
def _leaves(price_open: float, high: float, low: float, close: float, stop: float, target: float,
            due: bool, stop_first: bool) -> float:  # fmt: skip
    """Return the price at which a long position leaves in this bar, nan if it stays.

    The open comes first, then the stop, then the target. ``stop_first`` is the order of vectorbt, which asks whether
    the low reached the stop before it asks whether the bar opened beyond the target.
    """
    if price_open <= stop:
        return price_open
    if price_open >= target and not (stop_first and low <= stop):
        return price_open
    if low <= stop:
        return stop
    if high >= target:
        return target
    return close if due else math.nan


@njit(parallel=True, cache=True, error_model="numpy")
def events(bars: Any, rows: Ints, lag: Ints, hold: Ints, stop: Floats, target: Floats, fee: float, slip: float,
           cash: float, stop_first: bool, tight: bool, out: Floats) -> None:  # fmt: skip
    """Workload E: all cash into one instrument at the close ``lag`` rows after each event, out at the first exit.

    Parameters
    ----------
    bars : tuple of ndarray of shape (n_rows,)
        Open, high, low, close.
    rows : ndarray of shape (n_events,)
        Far enough apart for one trade to end before the next begins.
    lag, hold, stop, target : ndarray of shape (n_variants,)
    """
    open_, high, low, close = bars
    n_rows, n_events = close.shape[0], rows.shape[0]
    paid, kept = (1.0 + fee) * (1.0 + slip), (1.0 - fee) * (1.0 - slip)
    for v in prange(lag.shape[0]):
        before, peak, worst, total, squares = cash, cash, 0.0, 0.0, 0.0
        for e in range(n_events):
            i = rows[e] + lag[v]
            last = i + hold[v]
            entry = close[i]
            shares = before / (paid * entry)
            stop_at, target_at = entry * (1.0 - stop[v]), entry * (1.0 + target[v])
            worth = shares * entry
            r = worth / before - 1.0
            total += r
            squares += r * r
            before = worth
            worst = min(worst, worth / peak - 1.0)
            out_at = math.nan
            while math.isnan(out_at):
                i += 1
                out_at = _leaves(open_[i], high[i], low[i], close[i], stop_at, target_at, i == last, stop_first)
                worth = shares * close[i] if math.isnan(out_at) else shares * out_at * kept
                before, peak, worst, total, squares = _row(worth, before, peak, worst, total, squares, tight)
        _metrics(out, v, n_rows, cash, before, total, squares, worst)


@njit(parallel=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def books(close: Floats, rows: Ints, weights: Floats, which: Ints, lag: Ints, hold: Ints, gross: Floats, fee: float,
          slip: float, cash: float, tight: bool, out: Floats) -> None:  # fmt: skip
    """Workload B: many legs at once, sized on the cash of all, held for ``hold`` rows.

    Parameters
    ----------
    close : ndarray of shape (n_rows, n_legs)
    rows : ndarray of shape (n_events,)
    weights : ndarray of shape (n_sets, n_legs)
        Signed; of each, the absolute values sum to one.
    which, lag, hold, gross : ndarray of shape (n_variants,)
    """
    n_rows, n_legs = close.shape
    n_events = rows.shape[0]
    buys, sells = slip + fee + slip * fee, slip + fee - slip * fee
    for v in prange(lag.shape[0]):
        shares = np.empty(n_legs)
        before, peak, worst, total, squares = cash, cash, 0.0, 0.0, 0.0
        for e in range(n_events):
            first = rows[e] + lag[v]
            last = first + hold[v]
            free, size = before, gross[v] * before
            for a in range(n_legs):
                value = weights[which[v], a] * size
                shares[a] = value / close[first, a]
                free -= value + (value * buys if value > 0.0 else -value * sells)
            for i in range(first, last + 1):
                worth = free
                for a in range(n_legs):
                    worth += shares[a] * close[i, a]
                if i == last:
                    for a in range(n_legs):
                        value = shares[a] * close[i, a]
                        worth -= value * sells if value > 0.0 else -value * buys
                before, peak, worst, total, squares = _row(worth, before, peak, worst, total, squares, tight)
        _metrics(out, v, n_rows, cash, before, total, squares, worst)


@njit(parallel=True, cache=True, error_model="numpy")
def placebo(close: Floats, hold: int, fee: float, slip: float, cash: float, tight: bool, out: Floats) -> None:
    """Workload P: all cash into each instrument at each close, out ``hold`` rows later; what is open then is marked.

    Parameters
    ----------
    close : ndarray of shape (n_symbols, n_rows)
        Variant ``symbol * n_rows + row`` enters at that row.
    """
    n_symbols, n_rows = close.shape
    paid, kept = (1.0 + fee) * (1.0 + slip), (1.0 - fee) * (1.0 - slip)
    for v in prange(n_symbols * n_rows):
        prices = close[v // n_rows]
        first = v % n_rows
        last = first + hold
        shares = cash / (paid * prices[first])
        before, peak, worst, total, squares = cash, cash, 0.0, 0.0, 0.0
        for i in range(first, min(last, n_rows - 1) + 1):
            worth = shares * prices[i] * kept if i == last else shares * prices[i]
            before, peak, worst, total, squares = _row(worth, before, peak, worst, total, squares, tight)
        _metrics(out, v, n_rows, cash, before, total, squares, worst)

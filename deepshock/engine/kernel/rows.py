"""NAV and figures, row by row or over a quiet stretch."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel.words import SLACK, Flag, Run, Sums


@tight
def _account_nights(x: Run, book: Flag, k: int) -> float:
    """Pay the interest of the nights since the valuation row before on each night's free cash; return the sum."""
    acc, settling = at.accounts(x)[0], at.settling(x)
    today, credit, debit = at.value_rows(x)[k].day - x.day0, 0.0, 0.0
    if acc.night < 0:  # the first fill starts the interest
        acc.night = at.row_day(x)[acc.first_row] - x.day0
    night, settled = acc.night, acc.settled
    alike = k > 0 and night < today and night == at.value_rows(x)[k - 1].day - x.day0
    for n in range(night + 1, today):
        alike = alike and settling[n] == 0.0
    if alike:
        settled += settling[night]
        settling[night] = 0.0
        if settled > 0.0:
            credit = settled * at.credit(x)[k]
        else:
            debit = settled * at.debit(x)[k]
    else:
        for n in range(night, today):
            settled += settling[n]
            settling[n] = 0.0
            if settled > 0.0:
                rate = max(at.policy(x)[0, n] + x.credit_spread, x.credit_floor)
                credit += settled * rate / at.day_count(x)[0]
            else:
                debit += settled * (at.policy(x)[0, n] + x.debit_spread) / at.day_count(x)[0]
    acc.night = max(night, today)
    acc.settled = settled + credit + debit  # it counts from today
    acc.credit += credit
    acc.debit += debit
    if book is not None:
        at.interest(x)[k, 0] += credit
        at.interest(x)[k, 1] += debit
    return credit + debit


@inner
def _judge(x: Run, k: int, nav: float, interest: float, is_last: bool) -> bool:
    """Bring the theses' own NAVs to a valuation row; return whether one must stop, or the account is called."""
    strikes = False
    for g in range(at.theses(x).shape[0] if at.accounts(x)[0].stops else 0):
        at.sleeves(x)[g].nav += at.sleeve_flows(x)[g, k] + at.theses(x)[g].share * interest
        own = at.sleeves(x)[g].nav + at.sleeve_worth(x)[g, k]
        at.sleeves(x)[g].peak = max(at.sleeves(x)[g].peak, own)
        at.sleeves(x)[g].own = own
        drawdown = at.rules(x)[at.picks(x)[at.theses(x)[g].slot]].drawdown
        if not at.sleeves(x)[g].stopped and own / at.sleeves(x)[g].peak - 1.0 <= -drawdown:
            strikes = True
    short = at.needs(x)[k] > 0.0 and nav < at.needs(x)[k] * (1.0 - SLACK)
    return strikes or (x.has_margin and short and not is_last)


@inner
def _note(x: Run, k: int, nav: float, purse: float, value_fx: Any) -> None:
    """Write a valuation row of the account."""
    free = purse
    for c in range(value_fx.shape[0]):
        free -= at.cash(x)[k, 1 + c] * value_fx[c, k]
    at.nav(x)[k], at.cash(x)[k, 0], at.margins(x)[k, 0] = nav, free, at.needs(x)[k]


@inner
def make(x: Run, book: Flag, full: Flag, first: int, last: int, final: int, judged: bool) -> int:
    """Make NAV and figures of the valuation rows from ``first`` to ``last``; stop before a row that strikes.

    Return that row, -1 if none did. The last row of the run is ``final``.
    """
    acc = at.accounts(x)[0]
    k = first
    while k <= last:
        end, touched = last, acc.low <= k <= acc.high
        if touched:
            end = min(last, acc.high)
        elif k < acc.low:
            end = min(last, acc.low - 1)
        if not touched:
            if full is None:
                if book is None:  # nothing moves where nothing is held
                    k = end + 1
                    continue
            else:
                if book is None and not x.pays_interest:
                    k = end + 1
                    continue
                rest = end - 1 if end == final and acc.late != 0.0 else end
                if k <= rest and _is_quiet(x, k):
                    rest = min(rest, at.same_sign(x)[k])
                    _rest(x, book, k, rest)
                    k = rest + 1
                    continue
        k = _visit(x, book, full, k, end, final, judged, not touched)
        if k < 0:
            acc.n_obs += -k - 1 - first
            acc.last_value = max(acc.last_value, -k - 2)
            return -k - 1
    acc.n_obs += last + 1 - first
    acc.last_value = max(acc.last_value, last)
    return -1


@inner
def _is_quiet(x: Run, k: int) -> bool:
    """Return whether before a valuation row all that the account has is free cash that has settled.

    Where cash loses and theses have stops of their own, one of these may strike.
    """
    acc = at.accounts(x)[0]
    if k == 0 or not x.pays_interest or not acc.settled > 0.0 or acc.settle_end > acc.night:
        return False
    if acc.stops and at.credit(x)[k] < 0.0:
        return False
    return acc.night == at.value_rows(x)[k - 1].day - x.day0 and abs(acc.settled - acc.nav) <= SLACK * acc.nav


@inner
def _rest(x: Run, book: Flag, first: int, last: int) -> None:
    """Let quiet cash earn over some valuation rows, or lose over all of them; nothing else happens there."""
    acc, growth, spread = at.accounts(x)[0], at.growth(x), at.spreads(x)
    before = growth[first - 1]
    gained = acc.settled * (growth[last] / before - 1.0)
    if book is not None:
        so_far = 0.0
        for k in range(first, last + 1):
            now = acc.settled * (growth[k] / before - 1.0)
            at.interest(x)[k, 0] += now - so_far
            so_far = now
            _note(x, k, acc.nav + now, acc.purse + now, at.value_fx(x))
    lowest = acc.nav + (gained if gained < 0.0 else acc.settled * at.credit(x)[first])
    acc.max_drawdown = min(acc.max_drawdown, lowest / acc.peak - 1.0)
    acc.total += spread[0, last + 1] - spread[0, first]
    acc.squares += spread[1, last + 1] - spread[1, first]
    acc.falls += spread[2, last + 1] - spread[2, first]
    acc.settled += gained
    acc.purse += gained
    acc.nav += gained
    acc.peak = max(acc.peak, acc.nav)
    acc.credit += gained
    acc.night = at.value_rows(x)[last].day - x.day0
    for g in range(at.theses(x).shape[0] if acc.stops else 0):
        at.sleeves(x)[g].nav += at.theses(x)[g].share * gained
        at.sleeves(x)[g].own = at.sleeves(x)[g].nav
        at.sleeves(x)[g].peak = max(at.sleeves(x)[g].peak, at.sleeves(x)[g].own)


@tight
def sums_of(x: Run) -> Sums:
    """Return what the figures are made of: total, squares, falls, exposure, deepest drawdown, and the peak of NAV."""
    acc = at.accounts(x)[0]
    return acc.total, acc.squares, acc.falls, acc.exposure, acc.max_drawdown, acc.peak


@tight
def keep_sums(x: Run, sums: Sums) -> None:
    """Write the sums back."""
    acc = at.accounts(x)[0]
    acc.total, acc.squares, acc.falls, acc.exposure, acc.max_drawdown, acc.peak = sums


@tight
def count_row(
    sums: Sums, nav: float, prev: float, held: float, foregone: float, inverse: float, of_peak: float
) -> tuple[Sums, float, float]:
    """Add a valuation row to the sums; return them, and one over its NAV and over the peak.

    One division a row, and no branch that the data decide: these took most of the time of a short trade.
    """
    total, squares, falls, exposure, deepest, peak = sums
    change = (nav - prev) * inverse - foregone
    fall = change if change < 0.0 else 0.0
    total += change
    squares += change * change
    falls += fall * fall
    inverse = 1.0 / nav
    exposure += held * inverse
    of_peak = inverse if nav > peak else of_peak
    peak = nav if nav > peak else peak
    depth = (nav - peak) * of_peak
    deepest = depth if depth < deepest else deepest
    return (total, squares, falls, exposure, deepest, peak), inverse, of_peak


@inner
def _visit(x: Run, book: Flag, full: Flag, first: int, last: int, final: int, judged: bool, until_quiet: bool) -> int:
    """Make NAV and figures of valuation rows one by one, as far as ``last`` or until all is quiet.

    Return the row after the last one that was made; -1 less a row that strikes.
    """
    acc = at.accounts(x)[0]
    purse, prev, sums, k = acc.purse, acc.nav, sums_of(x), first
    inverse, of_peak, struck = 1.0 / prev, 1.0 / acc.peak, False
    while k <= last:
        interest, row = 0.0, np.uintp(k)  # numba then spends nothing on negative indices
        if full is not None:
            if x.pays_interest:
                interest = _account_nights(x, book, k)
        purse += interest
        long, short = at.longs(x)[row], at.shorts(x)[row]
        nav = purse + at.flows(x)[row] + (long - short)
        if full is not None:
            if judged and (acc.stops or at.needs(x)[k] > 0.0):
                if _judge(x, k, nav, interest, k == at.value_rows(x).shape[0] - 1):
                    acc.judged, struck = nav, True
                    break
        purse += at.flows(x)[row]
        if full is not None:
            if k == final:
                nav += acc.late
                purse += acc.late
        if book is not None:
            _note(x, k, nav, purse, at.value_fx(x))
        if full is not None:
            if not until_quiet:
                _wipe(x, k)
        at.flows(x)[row] = at.longs(x)[row] = at.shorts(x)[row] = 0.0
        foregone = 0.0
        if full is not None:
            foregone = at.foregone(x)[row]
        sums, inverse, of_peak = count_row(sums, nav, prev, long + short, foregone, inverse, of_peak)
        prev = nav
        k += 1
        if full is not None:
            if until_quiet and acc.settle_end <= acc.night:
                break
    acc.purse, acc.nav = purse, prev
    keep_sums(x, sums)
    return -1 - k if struck else k


@inner
def _wipe(x: Run, k: int) -> None:
    """Leave a valuation row as it was found."""
    at.needs(x)[k] = 0.0
    if at.accounts(x)[0].stops:
        for g in range(at.sleeve_worth(x).shape[0]):
            at.sleeve_worth(x)[g, k] = at.sleeve_flows(x)[g, k] = 0.0


@inner
def wipe_rows(x: Run, first: int, last: int) -> None:
    """Leave valuation rows as they were found."""
    for k in range(first, last + 1):
        at.flows(x)[k] = at.longs(x)[k] = at.shorts(x)[k] = 0.0
        _wipe(x, k)

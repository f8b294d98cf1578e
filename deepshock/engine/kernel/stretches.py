"""A run: stretch by stretch, from one decision to the next."""

from __future__ import annotations

from deepshock.arrays import FAR, RING, Floats
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, merged
from deepshock.engine.kernel import alone, baskets, margin, rows, sending, stops, sums, tally, walks
from deepshock.engine.kernel.words import NO, ZERO, Flag, Run


@inner
def _copy_ring(source: Floats, to: Floats, j: int) -> None:
    for place in range(RING):
        to[j, 0, place], to[j, 1, place] = source[j, 0, place], source[j, 1, place]


@inner
def _save(x: Run) -> None:
    """Keep what a stretch may change, to take it back."""
    acc = at.accounts(x)[0]
    for m in range(at.paid(x).shape[0]):
        at.saved_paid(x)[m] = at.paid(x)[m]
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0:
                at.saved_positions(x)[y], at.saved_outcomes(x)[y] = at.positions(x)[y], at.outcomes(x)[y]
                if not at.positions(x)[y].fresh:  # whose ring is empty
                    _copy_ring(at.ring(x), at.saved_ring(x), y)
    acc.saved_settle_end = acc.settle_end
    for n in range(max(acc.night, 0), acc.settle_end):
        at.saved_settling(x)[n] = at.settling(x)[n]


@inner
def _take_back(x: Run, book: Flag, first: int, last: int) -> None:
    """Bring back what was saved, and wipe the rows of the stretch."""
    acc = at.accounts(x)[0]
    for m in range(at.paid(x).shape[0]):
        at.paid(x)[m] = at.saved_paid(x)[m]
    for a in range(acc.n_active):
        for y in (at.active(x)[a], at.orders(x)[at.active(x)[a]].child):
            if y >= 0:
                at.positions(x)[y], at.outcomes(x)[y] = at.saved_positions(x)[y], at.saved_outcomes(x)[y]
                if at.positions(x)[y].fresh:
                    at.ring(x)[y, :, :] = 0.0
                else:
                    _copy_ring(at.saved_ring(x), at.ring(x), y)
    for n in range(max(acc.night, 0), acc.settle_end):
        at.settling(x)[n] = at.saved_settling(x)[n] if n < acc.saved_settle_end else 0.0
    acc.settle_end = acc.saved_settle_end
    acc.n_fills, acc.late = acc.saved_fills, 0.0
    rows.wipe_rows(x, first, last)
    if book is not None:
        at.lines(x)[first : last + 1] = 0.0
        at.line_costs(x)[first : last + 1] = 0.0
        at.gaps(x)[first : last + 1] = 0.0
        at.cash(x)[first : last + 1, 1:] = 0.0
        at.fill_costs(x)[acc.n_fills :] = 0.0


@inner
def _trade_at_once(x: Run, book: Flag, full: Flag, swift: Flag, first: int, last: int) -> None:
    """Trade what was sent in one go, or send it to be walked leg by leg.

    A function of its own, as is the next: only in these, and not in one that is merged, does numba drop a branch whose
    flag is None before it compiles what stands there.
    """
    if swift is not None:
        if full is None:
            acc = at.accounts(x)[0]
            if acc.basket >= 0:
                if acc.n_sent - acc.basket == 1:
                    traded = alone.trade_alone(x, at.queue(x)[acc.basket], last)
                else:
                    traded = baskets.trade_basket(x, last)
                if not traded:
                    sending.send_batch(x, book, full, acc.basket, acc.n_sent, first - 1, acc.nav)
                acc.basket = -1


@inner
def _add_what_waits(x: Run, full: Flag, swift: Flag) -> None:
    """Add the values of plain trades that still wait."""
    if swift is not None:
        if full is None:
            for side in range(2):
                if at.waits(x)[side].n > 0:
                    sums.add_waiting(x, side)


@merged
def _stretch(x: Run, book: Flag, full: Flag, swift: Flag, first: int, last: int, judged: bool) -> int:
    """Live from one valuation row to another; return the row that struck, -1 if none did, a far one at the end."""
    acc = at.accounts(x)[0]
    n_values = at.value_rows(x).shape[0]
    acc.low, acc.high = n_values, -1
    acc.n_leapt, acc.leapt = 0, -1
    _trade_at_once(x, book, full, swift, first, last)
    for a in range(acc.n_active):
        walks.walk(x, book, full, swift, at.active(x)[a], last)
    _add_what_waits(x, full, swift)
    end, final = last, n_values - 1
    if acc.n_sent == acc.n_queue:
        done = acc.leapt if acc.n_leapt == acc.n_active else tally.finished_by(x, full)
        if done != FAR:
            end = min(last, max(done, acc.first_value, first))
            final = end
    if acc.n_fills == 0:
        return FAR if end == final else -1
    if full is not None:
        tally.pay_nights(x, book, full, end, end == final)
    start = max(first, acc.first_value)
    if start <= end:
        struck = rows.make(x, book, full, start, end, final, judged)
        if struck >= 0:
            return struck
    tally.compact(x, full, end == final)
    return FAR if end == final else -1


@merged
def _strike(x: Run, book: Flag, full: Flag, swift: Flag, first: int, last: int, k: int) -> bool:
    """Walk a stretch again up to a row at which theses stop or the account is called, and let them; True at the end."""
    acc = at.accounts(x)[0]
    _take_back(x, book, first, last)
    for a in range(acc.n_active):
        walks.walk(x, book, full, swift, at.active(x)[a], k)
    stops.stop_theses(x, full, k)
    if x.has_margin:
        margin.call(x, book, full, k)
    over = k == at.value_rows(x).shape[0] - 1
    if acc.n_sent == acc.n_queue and tally.finished_by(x, full) <= k:
        over = True
    tally.pay_nights(x, book, full, k, over)
    rows.wipe_rows(x, first, k - 1)
    for n in range(max(acc.saved_night, 0), acc.night):
        at.settling(x)[n] = 0.0  # these nights are paid
    acc.low = acc.high = k
    acc.n_leapt = -1
    rows.make(x, book, full, k, k, k if over else FAR, NO)
    tally.compact(x, full, over)
    return over


@merged
def run(x: Run, book: Flag, full: Flag, swift: Flag) -> None:
    """Run one account through the market."""
    acc = at.accounts(x)[0]
    sending.begin(x, book, full)
    judged = False
    if full is not None:
        acc.stops = stops.has_stops(x)
        judged = x.has_margin or acc.stops
    k, n_values = ZERO - 1, at.value_rows(x).shape[0]
    while True:
        if acc.n_sent < acc.n_queue:
            sending.send(x, book, full, swift, k)
        if k == n_values - 1:
            break
        last = n_values - 1
        if acc.n_sent < acc.n_queue:
            last = at.orders(x)[at.queue(x)[acc.n_sent]].decided_value
        if full is not None:
            if judged:
                acc.saved_fills, acc.saved_night = acc.n_fills, acc.night
                _save(x)
        struck = _stretch(x, book, full, swift, k + 1, last, judged)
        if struck == FAR:
            break
        if full is not None:
            if struck >= 0:
                if _strike(x, book, full, swift, k + 1, last, struck):
                    break
                last = struck
        k = last
    if full is not None:
        if x.pays_interest:
            for n in range(max(acc.night, 0), acc.settle_end):
                at.settling(x)[n] = 0.0

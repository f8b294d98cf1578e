"""Over the sessions in which a position is only held."""

from __future__ import annotations

import math

import numpy as np

from deepshock.arrays import Floats
from deepshock.engine import memory as at
from deepshock.engine.compiled import inner, tight
from deepshock.engine.kernel import auctions
from deepshock.engine.kernel.words import CLOSE_KIND, OPEN_KIND, Run


@inner
def jump(x: Run, j: int, last: int) -> None:
    """Jump over sessions in which a position is only held: no exit due, no level touched, nothing out of the way."""
    p = at.positions(x)[j]
    o = at.orders(x)[j]
    i, s = o.instrument, p.session
    if s >= at.instruments(x)[i].n_sessions:
        return
    leaves = p.exit_session
    stop_at = min(at.bars(x)[i, s].rough, at.bars(x)[i, s].pays, at.closed(x)[i, last])
    if leaves >= 0:
        stop_at = min(stop_at, leaves)
    rule = auctions.rule_of(x, j)
    if o.parent >= 0 or (math.isnan(rule.stop) and math.isnan(rule.target) and math.isnan(rule.trailing)):
        s = max(s, stop_at)
    elif p.shares > 0.0:
        levels = p.stop, p.target, rule.trailing, p.best
        s, _, _, p.best = seek_long(at.lows(x)[i], at.highs(x)[i], s, stop_at, *levels)
    else:
        levels = p.stop, p.target, rule.trailing, p.best
        s, _, _, p.best = seek_short(at.lows(x)[i], at.highs(x)[i], s, stop_at, *levels)
    if s > p.session:
        p.session, p.kind = s, OPEN_KIND
    # the open of a session out of which nothing sticks does nothing either, unless an exit is due at it
    n = at.instruments(x)[i].n_sessions
    if p.kind == OPEN_KIND and s < n and at.bars(x)[i, s].rough > s and at.bars(x)[i, s].pays > s:
        at_open = leaves >= 0 and 2 * leaves + p.exit_kind <= 2 * s + OPEN_KIND
        if not at_open and at.bars(x)[i, s].open_value <= last:
            p.kind = CLOSE_KIND


@tight
def seek_long(
    lows: Floats, highs: Floats, q: int, end: int, stop: float, target: float, trail: float, best: float
) -> tuple[int, float, bool, float]:
    """Return the first session before ``end`` in which a long touches a level, its stop then, and whether one does.

    Last comes its best price, which counts where the stop trails.
    """
    if math.isnan(trail):
        while q < end:
            if lows[np.uintp(q)] <= stop or highs[np.uintp(q)] >= target:
                return q, stop, True, best
            q += 1
        return q, stop, False, best
    fixed = stop
    while q < end:
        level = best * (1.0 - trail)
        stop = level if math.isnan(fixed) or level > fixed else fixed
        if lows[np.uintp(q)] <= stop or highs[np.uintp(q)] >= target:
            return q, stop, True, best
        best = max(best, highs[np.uintp(q)])
        q += 1
    return q, stop, False, best


@tight
def seek_short(
    lows: Floats, highs: Floats, q: int, end: int, stop: float, target: float, trail: float, best: float
) -> tuple[int, float, bool, float]:
    """Return the same of a short."""
    if math.isnan(trail):
        while q < end:
            if highs[np.uintp(q)] >= stop or lows[np.uintp(q)] <= target:
                return q, stop, True, best
            q += 1
        return q, stop, False, best
    fixed = stop
    while q < end:
        level = best * (1.0 + trail)
        stop = level if math.isnan(fixed) or level < fixed else fixed
        if highs[np.uintp(q)] >= stop or lows[np.uintp(q)] <= target:
            return q, stop, True, best
        best = min(best, lows[np.uintp(q)])
        q += 1
    return q, stop, False, best

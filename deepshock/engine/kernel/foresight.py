"""What a plain trade will do, read off the bars."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deepshock.engine import memory as at
from deepshock.engine.compiled import tight
from deepshock.engine.kernel import jumps
from deepshock.engine.kernel.words import CLOSE_KIND, OPEN_KIND, Run


@tight
def has_levels(rule: Any) -> bool:
    """Return whether a rule has a stop, a target or a trailing stop."""
    return not (math.isnan(rule.stop) and math.isnan(rule.target) and math.isnan(rule.trailing))


@tight
def enters(first: Any, o: Any, s: int, price: float, buy: bool, rough: int) -> bool:
    """Return whether a session's auction plainly fills an entry; ``first`` is its brief."""
    if rough <= s or price >= first.upper or price <= first.lower:
        return False
    return buy or (first.easy and not o.unlendable)


@tight
def _scheduled(o: Any, rule: Any, s: int, kind: int) -> tuple[int, int]:
    """Return session and kind of the exit that an order entered at an auction has planned; -1 none, -2 not after it."""
    leaves, leaves_kind = o.exit_session, o.exit_kind
    if leaves >= 0 and 2 * s + kind >= 2 * leaves + leaves_kind:
        return -2, CLOSE_KIND
    if rule.hold >= 0 and (leaves < 0 or 2 * (s + rule.hold) + CLOSE_KIND <= 2 * leaves + leaves_kind):
        leaves, leaves_kind = s + rule.hold, CLOSE_KIND
    if leaves >= 0 and 2 * leaves + leaves_kind <= 2 * s + kind:
        return -2, CLOSE_KIND
    return leaves, leaves_kind


@tight
def foresee(
    x: Run, o: Any, rule: Any, s: int, kind: int, price: float, average: float, buy: bool, reach: int
) -> tuple[int, int, float]:
    """Return session, kind and price at which an order plainly leaves before session ``reach``; -1 if it does not.

    ``price`` is that of its entry, ``average`` what its levels hang on.
    """
    i, bars = np.uintp(o.instrument), at.briefs(x)
    q, leaves_kind = _scheduled(o, rule, s, kind)
    paid = 0.0
    if q == -2 or (not has_levels(rule) and (q < 0 or q >= reach)):
        return -1, CLOSE_KIND, paid
    if has_levels(rule):
        leaves = q
        end = reach if leaves < 0 else min(reach, leaves if leaves_kind == OPEN_KIND else leaves + 1)
        side = 1.0 if buy else -1.0
        stop, target = average * (1.0 - side * rule.stop), average * (1.0 + side * rule.target)
        seek_from, lows, highs = (s if kind == OPEN_KIND else s + 1), at.lows(x)[i], at.highs(x)[i]
        if buy:
            q, stop, touched, _ = jumps.seek_long(lows, highs, seek_from, end, stop, target, rule.trailing, price)
        else:
            q, stop, touched, _ = jumps.seek_short(lows, highs, seek_from, end, stop, target, rule.trailing, price)
        if touched:
            first, worst = bars[np.uintp(q), i].open, (lows[np.uintp(q)] if buy else highs[np.uintp(q)])
            paid = stop if side * worst <= side * stop else target
            if q > s and (side * first <= side * stop or side * first >= side * target):
                paid = first
            leaves_kind = CLOSE_KIND
        elif leaves < 0 or leaves >= reach:
            return -1, CLOSE_KIND, paid
        else:
            q = leaves
    exit_ = bars[np.uintp(q), i]
    if paid == 0.0:
        paid = exit_.open if leaves_kind == OPEN_KIND else exit_.close
    if (q == s and at.instruments(x)[i].resale) or paid >= exit_.upper or paid <= exit_.lower:
        return -1, CLOSE_KIND, paid
    return q, leaves_kind, paid

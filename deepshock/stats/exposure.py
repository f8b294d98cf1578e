"""What a result was exposed to beside what its thesis asks for: legs that open apart, sides and hedges that lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deepshock.arrays import Reason
from deepshock.engine import Fill, Ledger
from deepshock.plan import HEDGE, Plan

FORCED = (Reason.MARGIN_CALL, Reason.RECALL, Reason.MERGER, Reason.DELISTING)


def legs_apart(plan: Plan, ledger: Ledger) -> Iterator[str]:
    """Show the exposure between the first fills of legs that open at different instants."""
    entries = [fill for fill in ledger.fills if fill.kind is Reason.ENTRY]
    first = {fill.leg: fill.fill_at for fill in reversed(entries)}
    times = sorted(set(first.values()))
    if plan.is_book or len(times) < 2:
        return
    parts = []
    for at in times[:-1]:
        held = [fill.shares * fill.price * fill.fx / plan.capital for fill in entries if fill.fill_at <= at]
        parts.append(f"{sum(map(abs, held)):.0%} gross and {sum(held):+.0%} net from {at:%Y-%m-%d %H:%MZ}")
    yield f"legs fill at different instants: {'; '.join(parts)}; all from {times[-1]:%Y-%m-%d %H:%MZ}"


def one_sided(plan: Plan, ledger: Ledger) -> Iterator[str]:
    """Show what stays one-sided when an order of a neutral thesis does not fill, or only in part."""
    for group, member in enumerate(plan.members):
        left = [u for u in ledger.unfilled if plan.orders[u.leg].group == group]
        opened = [f for f in ledger.fills if f.opens and plan.orders[f.leg].group == group]
        if member.thesis.neutral == "none" or not left or not opened:
            continue
        none, partly = ([u.symbol for u in left if (u.part < 1.0) is part] for part in (False, True))
        said = [f"{', '.join(none)} did not fill"] if none else []
        said += [f"{', '.join(partly)} filled only in part"] if partly else []
        net = sum(f.shares * f.price * f.fx for f in opened)
        measure = ", in money and not in beta" if member.thesis.neutral == "beta" else ""
        yield (
            f"{member.thesis.name} asks for neutral: {member.thesis.neutral}, but {' and '.join(said)}: "
            f"{net / plan.capital:+.1%} of the capital stays unhedged{measure}"
        )


def hedges_gone(plan: Plan, ledger: Ledger) -> Iterator[str]:
    """Name the legs whose hedge was taken from them while they stayed open."""
    last = {fill.leg: n for n, fill in enumerate(ledger.fills) if plan.orders[fill.leg].role == HEDGE}
    for leg, n in last.items():
        fill, parent = ledger.fills[n], plan.orders[leg].parent
        until = [f for f in ledger.fills if f.fill_at <= fill.fill_at]
        if fill.kind in FORCED and is_open(parent, until):
            yield (
                f"{ledger.legs[parent]} is no longer hedged from {fill.fill_at:%Y-%m-%d %H:%MZ} on: "
                f"its hedge {fill.symbol} was closed by a {fill.reason}"
            )


def is_open(leg: int, fills: Sequence[Fill]) -> bool:
    """Return whether some fills leave a leg a position, float noise aside."""
    shares = [fill.shares for fill in fills if fill.leg == leg]
    return abs(sum(shares)) > 1e-9 * max(map(abs, shares), default=0.0)

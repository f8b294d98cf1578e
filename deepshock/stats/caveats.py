"""What the reader of a result must be told: warnings, and whether what would have proved the thesis wrong came true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Reason
from deepshock.engine import Assembly, Ledger
from deepshock.plan import Plan, day_number, instant
from deepshock.stats.exposure import hedges_gone, is_open, legs_apart, one_sided
from deepshock.stats.in_the_price import PriceSplit
from deepshock.stats.performance import Performance

if TYPE_CHECKING:
    from deepshock.market import Market

STALE_FX_HOURS, FX_STEP = 24.0, 0.0050
DAY_NS, LOOK_BACK_DAYS = 86_400_000_000_000, 35
LIQUIDATED = "LIQUIDATED"  # the first word of the warnings that are margin calls
GONE_DAYS = 10  # without a bar, though the data go on


@dataclass(frozen=True)
class Check:
    """What became of one ``wrong if``: ``fired``, ``did not fire`` or ``for a human``."""

    text: str
    state: str


def check_wrong_if(plan: Plan, made: Performance) -> tuple[Check, ...]:
    """Hold the result against each ``wrong if`` that a machine can check; the rest is marked for a human."""
    if plan.is_book:  # each condition is about its own thesis, which is run by itself for that
        return ()
    checks = []
    for condition in plan.members[0].thesis.wrong_if:
        value = {"drawdown": -made.max_drawdown, "return": made.net_return}.get(condition.kind)
        fired = value is not None and condition.holds(value)
        state = "for a human" if value is None else "fired" if fired else "did not fire"
        checks.append(Check(condition.text, state))
    return tuple(checks)


def warn(
    plan: Plan, ledger: Ledger, assembly: Assembly | None, splits: Sequence[PriceSplit], market: Market
) -> tuple[str, ...]:
    """Gather all that weakens a result, in the order in which it matters, each thing once."""
    if not plan.runnable:
        return ()
    found = [
        *_margin(plan, ledger),
        *_end(plan, ledger, market),
        *_untraded(plan, ledger),
        *plan.warnings,
        *_late(ledger),
        *legs_apart(plan, ledger),
        *one_sided(plan, ledger),
        *hedges_gone(plan, ledger),
    ]
    if assembly is not None:
        found += [*_fx(ledger, assembly), *_unknown(ledger, assembly)]
    found += [f"{s.symbol}: the price before the news is not of its latest session" for s in splits if s.stale]
    if any(order.side < 0 and not order.refused for order in plan.orders):
        found += market.lending.notes
    found += [note for note in market.delivery if note.partition(":")[0] not in market.symbols()]
    found += [note for symbol in plan.symbols for note in market.warnings(symbol, _window(plan, ledger, market))]
    return tuple(dict.fromkeys(found))


def parted(warnings: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what warnings say of margin calls, without their first word, and all other warnings."""
    first = f"{LIQUIDATED}: "
    calls = tuple(warning.removeprefix(first) for warning in warnings if warning.startswith(first))
    return calls, tuple(warning for warning in warnings if not warning.startswith(first))


def _window(plan: Plan, ledger: Ledger, market: Market) -> tuple[int, int]:
    """Return the label dates whose bars a run reads: those of sigma and volume, some 20 sessions back, to its end."""
    last = int(ledger.value_at[-1]) // DAY_NS if ledger.value_at.size else day_number(market.end)
    return day_number(plan.known_at.date()) - LOOK_BACK_DAYS, last


def _margin(plan: Plan, ledger: Ledger) -> Iterator[str]:
    """Name margin calls before all else, then the orders that initial margin cut."""
    for call in ledger.margin_calls:
        closed = f"had to close {', '.join(call.closed)}" if call.closed else "had to close nothing more"
        yield (
            f"{LIQUIDATED}: margin call at {call.at:%Y-%m-%d %H:%MZ}, equity {call.equity:,.0f} {plan.currency} under "
            f"{call.required:,.0f} of maintenance margin; it {closed}"
        )
    cut: dict[float, list[str]] = {}
    for order, scale in zip(plan.orders, ledger.scales, strict=True):
        if scale < 1.0:
            cut.setdefault(float(scale), []).append(order.symbol)
    for scale, symbols in cut.items():
        yield f"initial margin ({plan.margin.rule}) left {scale:.1%} of the orders for {', '.join(symbols)}"


def _end(plan: Plan, ledger: Ledger, market: Market) -> Iterator[str]:
    if not ledger.open_at_end:
        return
    yield f"positions are open at the end of the data ({market.end}) and are marked there"
    open_legs = [leg for leg in range(len(ledger.legs)) if is_open(leg, ledger.fills)]
    for symbol in dict.fromkeys(ledger.legs[leg] for leg in open_legs):
        sessions = market.sessions(market.instrument(symbol).calendar)
        last = int(np.flatnonzero(np.isfinite(market.series(symbol).close))[-1])
        ended = sessions.days[last]
        if ended < day_number(market.end) - GONE_DAYS:
            yield (
                f"{symbol} has no bars after {instant(int(ended) * DAY_NS):%Y-%m-%d} while it is held; "
                f"if it was delisted or taken over, say so in an actions file"
            )


def _untraded(plan: Plan, ledger: Ledger) -> Iterator[str]:
    """Name what did not trade, or not all of it: a neutral thesis with one side is another trade."""
    for order in ledger.unfilled:
        whose = f"{order.thesis}: " if plan.is_book else ""
        yield f"{'traded in part' if order.part < 1.0 else 'not traded'}: {whose}{order.symbol} {order.reason}"
    entries = [fill for fill in ledger.fills if fill.kind is Reason.ENTRY]
    for group, member in enumerate(plan.members):
        sides = {plan.orders[fill.leg].side for fill in entries if plan.orders[fill.leg].group == group}
        if member.thesis.neutral != "none" and len(sides) == 1:
            only = "long" if 1 in sides else "short"
            yield f"{member.thesis.name} asks for neutral: {member.thesis.neutral}, but only its {only} side traded"


def _late(ledger: Ledger) -> Iterator[str]:
    """Exits that waited: for an entry the fill's note says it, an exit on a hole in the data is a warning."""
    for fill in ledger.fills:
        if not fill.opens and fill.note:
            yield f"{fill.symbol}: its exit filled at {fill.fill_at:%Y-%m-%d %H:%MZ}, {fill.note}"


def _fx(ledger: Ledger, assembly: Assembly) -> Iterator[str]:
    """Name the currencies whose rate at a fill was old, or far from the next one."""
    old: dict[str, float] = {}
    far: dict[str, float] = {}
    for fill in ledger.fills:
        if fill.fx_age_h > STALE_FX_HOURS and fill.fx != 1.0:
            old[fill.currency] = max(old.get(fill.currency, 0.0), fill.fx_age_h)
        c = assembly.currencies.index(fill.currency)
        step = abs(float(assembly.fx_next[c, fill.row]) / fill.fx - 1.0)
        if step > FX_STEP:
            far[fill.currency] = max(far.get(fill.currency, 0.0), step)
    for currency, age in old.items():
        yield f"the {currency} rate of a fill was {age:.0f} hours old"
    for currency, step in far.items():
        yield f"the {currency} rate of a fill was {step * 1e4:.0f} bps from the next one"


def _unknown(ledger: Ledger, assembly: Assembly) -> Iterator[str]:
    """Name the instruments of which a cost could not be known, and fills too large for it to be believed."""
    place = {instrument.symbol: i for i, instrument in enumerate(assembly.instruments)}
    for fill in ledger.fills:
        i, s = place[fill.symbol], fill.session
        if np.isnan(assembly.tape.bar["sigma"][i, s]):
            yield f"{fill.symbol}: fewer than 20 returns before a fill: no impact is charged, nor the spread's floor"
        elif np.isnan(assembly.tape.bar["volume"][i, s]):
            yield f"{fill.symbol}: volume before a fill is not known: no impact is charged, participation is not capped"

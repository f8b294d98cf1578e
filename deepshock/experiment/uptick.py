"""What Rule 201 does to a thesis that sells US shares short: the same thesis under each of its three settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import Reason
from deepshock.market import under_rule_201
from deepshock.pipeline import conclude
from deepshock.plan import CLOSE, LEG, PlannedOrder, Settings, auction, build, nanoseconds
from deepshock.result import Result
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

RULE = "Rule 201"
WORDS = {
    "passive": "offered one tick above the last price while restricted",
    "wait": "not sold while restricted; the hold counts from its own fill",
    "ignore": "sold as if nothing were restricted",
}
SAME_EXIT = "not sold while restricted; each leg leaves where passive has its scheduled exit"


def applies(result: Result, market: Market) -> bool:
    """Return whether a result sends short sales to which Rule 201 may apply."""
    shorts = (order.symbol for order in result.plan.orders if order.side < 0 and not order.refused)
    return any(under_rule_201(market.instrument(symbol)) for symbol in shorts)


def uptick_settings(
    thesis: Thesis, market: Market, base: Result, settings: Settings
) -> Iterator[tuple[str, str, Result]]:
    """Yield (name, plain words, result) under each setting; ``wait`` twice, the second time with passive's exits.

    Parameters
    ----------
    thesis : Thesis
    market : Market
    base : Result
        Of the thesis as it stands, not run again.
    settings : Settings
        With which it was run.
    """
    made: dict[str, Result] = {}
    for word, what in WORDS.items():
        if word == thesis.uptick:
            made[word] = base
        else:
            made[word] = conclude(build(thesis.vary({"uptick": word}), market, settings), market)
        ran = ", as run" if word == thesis.uptick else ""
        yield f"uptick: {word}{ran}", what, made[word]
    yield "uptick: wait, exit of passive", SAME_EXIT, _with_exits(made["wait"], made["passive"], market)


def _with_exits(result: Result, other: Result, market: Market) -> Result:
    """Run a plan again with each leg's scheduled exit where another run of the same orders has it."""
    orders = tuple(_with_exit(j, order, other, market) for j, order in enumerate(result.plan.orders))
    return conclude(replace(result.plan, orders=orders), market)


def _with_exit(j: int, order: PlannedOrder, other: Result, market: Market) -> PlannedOrder:
    """Put the close at which the other run's hold ends before the end of the order's own, which fills no earlier."""
    entries = [fill for fill in other.ledger.fills if fill.leg == j and fill.kind is Reason.ENTRY]
    if order.role != LEG or order.hold is None or not entries:
        return order
    sessions = market.sessions(market.instrument(order.symbol).calendar)
    entered = int(np.searchsorted(sessions.closes, nanoseconds(entries[0].fill_at)))
    ends = auction(sessions, entered + order.hold, CLOSE)
    if ends is None or (order.exit is not None and (order.exit.at, -order.exit.kind) < (ends.at, -ends.kind)):
        return order
    return replace(order, exit=ends, exit_word=f"hold {order.hold} sessions of passive", exit_known=None)

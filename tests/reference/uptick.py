"""Rule 201 of the SEC (rules, section 15), from what an auction can know of daily bars."""

from __future__ import annotations

from .auctions import Row
from .bars import Instrument
from .ticks import TICK_TOLERANCE, snapped, tick_of

FALL = 0.9
# Nine tenths of a price on the tick is a fraction that no float holds.
FALL_TOLERANCE = 1e-12


def traded_on_tick(one: Instrument, index: int, price: float) -> tuple[float, float]:
    """Return an adjusted price in the traded prices of a session, on its tick if it is within 1e-4, and that tick."""
    traded = price * one.later_splits[index]
    tick = tick_of(one.venue.calendar, one.cls, one.venue.sessions[index].day, traded)
    return snapped(traded, tick), tick


def triggered(one: Instrument, index: int) -> bool:
    """Say whether a session has fallen by a tenth from the last known close before it."""
    if index < 0 or one.halted(index):
        return False
    bar, before = one.bars[index], one.previous_close(index)
    if before is None:
        return False
    low = bar.low
    if low is None:
        low = bar.close if bar.open is None else min(bar.open, bar.close)
    fallen, _ = traded_on_tick(one, index, low)
    reference, _ = traded_on_tick(one, index, before)
    return fallen <= FALL * reference * (1 + FALL_TOLERANCE)


def restricted(one: Instrument, index: int, kind: str) -> bool:
    """Say whether an auction is restricted: by the session before, a close by its own session as well."""
    if one.venue.calendar != "XNYS":
        return False
    return triggered(one, index - 1) or (kind == "close" and triggered(one, index))


def offer(one: Instrument, index: int, row: Row) -> float | None:
    """Return one tick above the last auction price before a row, in the traded prices of its session."""
    earlier = [price for at, price in one.prints if at < row]
    if not earlier:
        return None
    price, tick = traded_on_tick(one, index, earlier[-1])
    return price + tick


def auction_meets_offer(one: Instrument, index: int, row: Row) -> bool:
    """Say whether an auction's price is at or above the offer."""
    price, asked = one.auction_price(index, row[1]), offer(one, index, row)
    return price is not None and asked is not None and price * one.later_splits[index] >= asked - TICK_TOLERANCE


def session_meets_offer(one: Instrument, index: int) -> float | None:
    """Return the offer made at the open, adjusted, if the session has traded above it; None otherwise."""
    bar, asked = one.bars[index], offer(one, index, one.venue.row(index, "open"))
    if asked is None or bar.high is None or bar.high * one.later_splits[index] <= asked + TICK_TOLERANCE:
        return None
    return asked / one.later_splits[index]

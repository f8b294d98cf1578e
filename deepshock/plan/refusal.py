"""What keeps an order from being sent at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from deepshock.arrays import FAR, Flags, Ints
from deepshock.plan.timeline import CLOSE, NS, day_number, instant

if TYPE_CHECKING:
    from deepshock.market import Instrument, Market

MAINLAND = ("XSHG", "XSHE")
DAY_NS = 86_400 * NS
NEVER_NS = 1 << 62  # an instant that never comes


class Refusal(IntEnum):
    """Why an order is not sent."""

    NONE = 0  # it is sent
    NEVER = 1  # no order of its side in its instrument is
    ENDED = 2  # the instrument was delisted or taken over before the decision
    LATE = 3  # its auction lies after the data
    EARLY = 4  # its auction lies before the data


@dataclass(frozen=True, slots=True)
class Gate:
    """Which orders of one side in one instrument are sent, whenever they are decided.

    Parameters
    ----------
    never : str
        Why none is, as words that follow its symbol; empty if some are.
    ends_ns : int
        The open at which the instrument is delisted or taken over, UTC nanoseconds.
    first, last : int
        Sessions ``first <= due < last`` have their auction within the data.
    """

    never: str
    ends_ns: int = NEVER_NS
    first: int = 0
    last: int = FAR

    @classmethod
    def of(cls, market: Market, instrument: Instrument, side: int, tier: str, kind: int | None) -> Gate:
        """Return the gate of orders.

        Parameters
        ----------
        market : Market
        instrument : Instrument
        side : int
            +1 buys to open, -1 sells short.
        tier : str
            Of borrow, by the thesis's own word.
        kind : int or None
            ``OPEN`` or ``CLOSE``, at which they are due; None for hedges, which are due when their leg has filled.
        """
        if not instrument.tradable:
            what = {"fx": "an FX rate"}.get(
                instrument.cls, f"{'an' if instrument.cls[0] in 'aeiou' else 'a'} {instrument.cls}"
            )
            return cls(f"is {what}, not a tradable instrument")
        if side < 0 and instrument.mic in MAINLAND:
            return cls("is an A share, which an offshore trader cannot in practice sell short")
        sessions = market.sessions(instrument.calendar)
        if side < 0 and tier == "none" and not market.lending.lends(instrument.symbol, sessions.days).any():
            return cls("cannot be borrowed (borrow: none)")
        final = market.actions.final(instrument.symbol, sessions.days)
        ends = NEVER_NS if final is None else int(sessions.opens[final[0]])
        if kind is None:
            return cls("", ends)
        auctions = sessions.closes if kind == CLOSE else sessions.opens
        first, last = auctions.searchsorted((day_number(market.start) * DAY_NS, (day_number(market.end) + 1) * DAY_NS))
        return cls("", ends, int(first), int(last))

    def refusal(self, due: int, decided_ns: int) -> Refusal:
        """Return why an order is refused that is due in a session of its venue, lag included."""
        never, ends, first, last = (np.array(part) for part in (bool(self.never), self.ends_ns, self.first, self.last))
        return Refusal(int(refusals(never, ends, first, last, np.array(due), np.array(decided_ns))))

    def words(self, refusal: Refusal, market: Market) -> str:
        """Return a refusal as words that follow a symbol, empty for none."""
        if refusal is Refusal.NONE:
            return ""
        return {
            Refusal.NEVER: self.never,
            Refusal.ENDED: f"was delisted or taken over on {instant(self.ends_ns):%Y-%m-%d}, before the decision",
            Refusal.LATE: f"had no auction: the data end on {market.end}",
            Refusal.EARLY: f"came before the data begin on {market.start}",
        }[refusal]


def refusals(never: Flags, ends_ns: Ints, first: Ints, last: Ints, due: Ints, decided_ns: Ints) -> Ints:
    """Return the `Refusal` of each of many orders; all arrays of one shape, with the fields of their gates."""
    late = np.where(due >= last, Refusal.LATE, np.where(due < first, Refusal.EARLY, Refusal.NONE))
    return np.where(never, Refusal.NEVER, np.where(ends_ns <= decided_ns, Refusal.ENDED, late))

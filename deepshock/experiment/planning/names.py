"""Numbers for what orders name, so that arrays can hold it, and what is known of each by number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deepshock.engine.orders import SMALLEST_CRYPTO
from deepshock.market import Market
from deepshock.plan import Gate

TIERS = ("general", "special", "none")

# What an order needs to be moved in time: its gate, its venue and kind of auction, when it is decided.
ROW = np.dtype(
    [
        *((name, np.int64) for name in ("ends", "first", "last")),  # as of a Gate
        *((name, np.int64) for name in ("gate", "venue", "clock")),  # numbers of `Names`; clock -1 for a hedge
        ("tier", np.int64),
        ("never", np.bool_),
        ("lag", np.int64),
        *((name, np.int64) for name in ("decided", "floor")),  # UTC ns: as planned, and no earlier than this
    ]
)


class Line(NamedTuple):
    """What holds of every leg of one side in one instrument."""

    symbol: int
    lot: float
    calendar: str  # empty where it cannot be traded
    row: tuple[int | bool, ...]  # fields of a ROW, in their order, up to the lag


class Names:
    """Numbers for symbols, venues, kinds of auction and gates, in the order in which they are met."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.symbols: dict[str, int] = {}
        self.venues: dict[str, int] = {}
        self.clocks: dict[tuple[str, int], int] = {}
        self.gates: list[Gate] = []
        self._gates: dict[Gate, int] = {}
        self._lines: dict[tuple[str, int, str, int], Line] = {}

    def symbol(self, symbol: str) -> int:
        """Return the number of a symbol."""
        return self.symbols.setdefault(symbol, len(self.symbols))

    def venue(self, calendar: str) -> int:
        """Return the number of a calendar."""
        return self.venues.setdefault(calendar, len(self.venues))

    def clock(self, calendar: str, kind: int) -> int:
        """Return the number of the opens, or closes, of a calendar."""
        return self.clocks.setdefault((calendar, kind), len(self.clocks))

    def line(self, symbol: str, side: int, tier: str, kind: int) -> Line:
        """Return what holds of legs that are due at opens or closes.

        Parameters
        ----------
        symbol : str
            One that the market has.
        side : int
        tier : str
            Of borrow.
        kind : int
        """
        key = (symbol, side, tier, kind)
        found = self._lines.get(key)
        if found is None:
            instrument = self.market.instrument(symbol)
            gate = Gate.of(self.market, instrument, side, tier, kind)
            calendar = instrument.calendar if instrument.tradable else ""
            row = self.row(symbol, gate, tier, None if gate.never else kind)
            found = Line(self.symbol(symbol), instrument.lot or SMALLEST_CRYPTO, calendar, row)
            self._lines[key] = found
        return found

    def row(self, symbol: str, gate: Gate, tier: str, kind: int | None) -> tuple[int | bool, ...]:
        """Return the fields of a ROW up to the lag; of an order that waits for no auction of its own, kind is None."""
        calendar = self.market.instrument(symbol).calendar
        clock = -1 if kind is None else self.clock(calendar, kind)
        number = self._gates.setdefault(gate, len(self.gates))
        if number == len(self.gates):
            self.gates.append(gate)
        numbers = (number, self.venue(calendar), clock, TIERS.index(tier))
        return (gate.ends_ns, gate.first, gate.last, *numbers, bool(gate.never))

"""Numbers for what orders name, so that arrays can hold it."""

from __future__ import annotations

from deepshock.market import Market
from deepshock.plan import LEG, Gate, PlannedOrder


class Names:
    """Numbers for symbols, venues, and kinds of auction, in the order in which they are met."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.symbols: dict[str, int] = {}
        self.venues: dict[str, int] = {}
        self.clocks: dict[tuple[str, int], int] = {}
        self._gates: dict[tuple[str, int, str, int], Gate] = {}

    def symbol(self, symbol: str) -> int:
        """Return the number of a symbol."""
        return self.symbols.setdefault(symbol, len(self.symbols))

    def venue(self, calendar: str) -> int:
        """Return the number of a calendar."""
        return self.venues.setdefault(calendar, len(self.venues))

    def clock(self, calendar: str, kind: int) -> int:
        """Return the number of the opens, or closes, of a calendar."""
        return self.clocks.setdefault((calendar, kind), len(self.clocks))

    def gate(self, order: PlannedOrder, kind: int) -> Gate:
        """Return the gate of an order that is due at opens or closes; a hedge stands as it was planned."""
        if order.role != LEG:
            return Gate(order.refused)
        key = (order.symbol, order.side, order.tier, kind)
        if key not in self._gates:
            self._gates[key] = Gate.of(self.market, self.market.instrument(order.symbol), *key[1:])
        return self._gates[key]

"""The exchange rate known at an instant (rules, section 9)."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

import pandas as pd


class Rates:
    """Rates by the instant from which they are known.

    Parameters
    ----------
    frame : DataFrame with columns known_at, currency, base, rate
        ``rate`` units of ``base`` for one unit of ``currency``, known from ``known_at`` (aware) on.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.known: dict[tuple[str, str], list[datetime]] = {}
        self.rates: dict[tuple[str, str], list[float]] = {}
        for one in frame.sort_values("known_at").to_dict("records"):
            pair = (one["currency"], one["base"])
            self.known.setdefault(pair, []).append(pd.Timestamp(one["known_at"]).tz_convert("UTC").to_pydatetime())
            self.rates.setdefault(pair, []).append(float(one["rate"]))

    def at(self, currency: str, base: str, instant: datetime) -> float:
        """Return base per unit of currency as last known: as quoted, else inverted, else crossed by division."""
        if currency == base:
            return 1.0
        if (currency, base) in self.known:
            return self._last(currency, base, instant)
        if (base, currency) in self.known:
            return 1.0 / self._last(base, currency, instant)
        for pivot in sorted({quote for _, quote in self.known} | {unit for unit, _ in self.known}):
            if pivot not in (currency, base) and self._quoted(currency, pivot) and self._quoted(base, pivot):
                return self.at(currency, pivot, instant) / self.at(base, pivot, instant)
        raise LookupError(f"no rate from {currency} to {base}")

    def _quoted(self, one: str, other: str) -> bool:
        return (one, other) in self.known or (other, one) in self.known

    def _last(self, currency: str, base: str, instant: datetime) -> float:
        place = bisect_right(self.known[currency, base], instant)
        if not place:
            raise LookupError(f"no rate from {currency} to {base} is known at {instant}")
        return self.rates[currency, base][place - 1]

"""Exchange rates and when each was known: the only importer of `currency_converter`.

The European Central Bank fixes its reference rates at 14:15 Frankfurt time and publishes them at about 16:00. A rate of
date D is therefore known from 16:00 Frankfurt time of D. `currency_converter` carries the bank's own file, daily from
1999.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from deepshock.errors import Fault, MarketError, suggest
from deepshock.market.calendar import Floats, Instants
from deepshock.market.own_rates import quotes_from
from deepshock.market.quote import Quote, cross, quote_of

_HUNDREDTHS = {"GBX": "GBP", "GBp": "GBP", "ZAc": "ZAR", "ILA": "ILS"}
_WOBBLE = 0.05


@dataclass(frozen=True, eq=False)
class FxTable:
    """Dated exchange rates.

    Parameters
    ----------
    name : str
        Where they come from.
    """

    name: str
    _quotes: Mapping[tuple[str, str], Quote] | None = field(repr=False)  # None: the bank's, read when asked for
    _derived: dict[tuple[str, str], Quote] = field(default_factory=dict, repr=False)

    @classmethod
    def ecb(cls) -> FxTable:
        """Return the European Central Bank's reference rates; a run in one currency never reads them."""
        return cls("the European Central Bank's rates", None)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, name: str = "your own rates") -> FxTable:
        """Take a user's own rates in place of the bank's.

        Parameters
        ----------
        frame : DataFrame
            ``known_at`` (instants with a zone), ``currency``, ``base``, ``rate`` (base per unit of the currency).
        name : str
            For messages.

        Raises
        ------
        MarketError
            With everything that is wrong with the frame.
        """
        return cls(name, quotes_from(frame, name))

    @property
    def quotes(self) -> Mapping[tuple[str, str], Quote]:
        """Each pair (currency, base) as published. Inverses, and crosses over one common currency, are derived."""
        return _ecb() if self._quotes is None else self._quotes

    def currencies(self) -> tuple[str, ...]:
        """Return every currency for which there is a rate."""
        return tuple(sorted({currency for pair in self.quotes for currency in pair}))

    def rate(self, currency: str, base: str, instants: Instants) -> tuple[Floats, Instants, Floats]:
        """Return the last rate known at each instant.

        Parameters
        ----------
        currency, base : str
            ISO codes.
        instants : ndarray of shape (n,), int64
            Nanoseconds UTC.

        Returns
        -------
        rate : ndarray of shape (n,), float64
            Base per unit of the currency; 1 where they are the same.
        known_at : ndarray of shape (n,), int64
            When that rate was made known; the instant itself where they are the same.
        next_rate : ndarray of shape (n,), float64
            The rate that replaced it later, for judging how stale it was; NaN if none did. Never for trading.

        Raises
        ------
        MarketError
            There is no such pair, or an instant lies before its first rate.
        """
        instants = np.asarray(instants, dtype=np.int64)
        if currency == base:
            return np.ones(instants.shape), instants.copy(), np.ones(instants.shape)
        steps = self._steps(currency, base)
        at = np.searchsorted(steps.stamps, instants, side="right") - 1
        if np.any(at < 0):
            early, first = (pd.Timestamp(int(ns), tz="UTC") for ns in (instants.min(), steps.stamps[0]))
            problem = f"no rate is known at {early}: {self.name} start at {first}"
            raise MarketError(Fault(f"{currency} in {base}", problem, "give your own rates, or start later"))
        return steps.rates[at], steps.known_at[at], np.append(steps.rates, np.nan)[at + 1]

    def scrambled(self, after_ns: int, seed: int) -> FxTable:
        """Return the same table with every rate that is known only after an instant moved by some 5 %."""
        rng = np.random.default_rng([abs(int(seed)), 1])
        quotes = {}
        for pair, quote in self.quotes.items():
            moved = quote.rates * np.exp(rng.normal(0, _WOBBLE, quote.rates.size))
            quotes[pair] = quote._replace(rates=np.where(quote.stamps > after_ns, moved, quote.rates))
        return FxTable(self.name, quotes)

    def _steps(self, currency: str, base: str) -> Quote:
        """Return the steps of a pair: as published, inverted, or crossed."""
        pair = (currency, base)
        if pair not in self._derived:
            found = self._one(currency, base) or next(self._crosses(currency, base), None)
            if found is None:
                raise MarketError(self._unknown(currency, base))
            self._derived[pair] = found
        return self._derived[pair]

    def _one(self, currency: str, base: str) -> Quote | None:
        if (currency, base) in self.quotes:
            return self.quotes[currency, base]
        inverse = self.quotes.get((base, currency))
        return inverse._replace(rates=1 / inverse.rates) if inverse else None

    def _crosses(self, currency: str, base: str) -> Iterator[Quote]:
        for common in self.currencies():
            second = self._one(common, base)
            if second is None:
                continue
            if (common, currency) in self.quotes:
                yield cross(self.quotes[common, currency], second, inverse=True)
            elif (currency, common) in self.quotes:
                yield cross(self.quotes[currency, common], second, inverse=False)

    def _unknown(self, currency: str, base: str) -> Fault:
        known = self.currencies()
        absent = next((code for code in (currency, base) if code not in known), "")
        problem = f"{self.name} have no rate for {absent}" if absent else f"no rate of {self.name} connects the two"
        whole = _HUNDREDTHS.get(absent)
        hint = f"give prices in {whole}" if whole else suggest(absent, known) or "give your own rates"
        return Fault(f"{currency} in {base}", problem, f"{hint}; known are {', '.join(known)}")


@cache
def _ecb() -> dict[tuple[str, str], Quote]:
    """Read the bank's file as `currency_converter` ships it: units of each currency per euro."""
    from currency_converter import CURRENCY_FILE

    frame = pd.read_csv(CURRENCY_FILE, index_col=0, na_values=["N/A"])
    days = pd.DatetimeIndex(pd.to_datetime(frame.index, format="%Y-%m-%d"))
    published = (days + pd.Timedelta(hours=16)).tz_localize("Europe/Berlin").tz_convert(None)
    known = published.to_numpy("datetime64[ns]").astype(np.int64)
    rates = {str(code): frame[code].to_numpy(np.float64) for code in frame.columns if frame[code].notna().any()}
    return {("EUR", code): quote_of(known, values, np.isfinite(values)) for code, values in rates.items()}

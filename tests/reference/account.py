"""One account: free cash, holdings with their collateral, a line for each cause of change (rules, sections 8 to 10).

The value of the account comes from balances; the lines are kept beside it and never feed it. That both agree is a test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from .auctions import Row
from .bars import Instrument
from .cash import DAYS_OF_YEAR, Balance, policy_rate, settlement
from .costs import CostSheet
from .fx import Rates

Line = tuple[datetime, str, str, int, str, float]
CEILING_TOLERANCE = 1e-9


@dataclass
class Holding:
    """A position from its first to its last fill.

    Attributes
    ----------
    shares : float
        Signed adjusted shares; 0 once closed.
    sold_shares : float
        The shares that a short has borrowed, adjusted; they are lent until the cover settles.
    price, fx : float
        The last point of its life: a fill or a valuation row.
    collateral : Balance
        In the currency of the instrument; only a short has any.
    """

    thesis: str
    leg: int
    instrument: Instrument
    sheet: CostSheet
    withholding: float
    borrow_rate: float
    shares: float = 0.0
    sold_shares: float = 0.0
    price: float = 0.0
    fx: float = 1.0
    collateral: Balance = field(default_factory=Balance)
    sale_settles: date | None = None
    cover_settles: date | None = None


class Account:
    """Everything that is owned and owed, in one base currency."""

    def __init__(self, base: str, capital: float, rates: Rates, sheet: CostSheet) -> None:
        self.base = base
        self.capital = capital
        self.rates = rates
        self.sheet = sheet
        self.free = Balance(capital)
        self.holdings: list[Holding] = []
        self.lines: list[Line] = []
        self.booked: dict[str, float] = {}
        self.unbooked: dict[tuple[str, str, int, str], float] = {}

    # Trades

    def open(self, one: Holding, row: Row, index: int, price: float, shares: float) -> tuple[float, dict[str, float]]:
        """Book the first fill of a holding; return its exchange rate and its costs in base currency."""
        self.holdings.append(one)
        fx = self.fx(one, row)
        one.shares, one.price, one.fx = shares, price, fx
        settles = settlement(one.instrument.venue, index, row[0])
        value = abs(shares) * price
        if shares > 0:
            self.free.add(settles, -value * fx)
            exchanged = value
        else:
            # The proceeds of a sale stay in its currency: nothing is exchanged.
            one.collateral.add(settles, value)
            one.sale_settles, one.sold_shares = settles, abs(shares)
            exchanged = 0.0
        return fx, self._pay(one, index, price, shares, settles, exchanged, fx)

    def close(self, one: Holding, row: Row, index: int, price: float) -> tuple[float, dict[str, float]]:
        """Book the last fill of a holding; return its exchange rate and its costs in base currency."""
        fx = self.fx(one, row)
        self._move(one, price, fx)
        settles = settlement(one.instrument.venue, index, row[0])
        value = abs(one.shares) * price
        shares = -one.shares
        one.shares = 0.0
        if shares < 0:
            self.free.add(settles, value * fx)
            exchanged = value
        else:
            held = one.collateral.total()
            one.collateral.add(settles, -held)
            self.free.add(settles, (held - value) * fx)
            one.cover_settles = settles
            exchanged = abs(held - value)
        return fx, self._pay(one, index, price, shares, settles, exchanged, fx)

    def _pay(
        self, one: Holding, index: int, price: float, shares: float, settles: date, exchanged: float, fx: float
    ) -> dict[str, float]:
        """Charge a fill's costs to free cash, from the settlement of the trade."""
        local = one.sheet.of_fill(one.instrument, index, price, shares, settles)
        costs = {item: amount * fx for item, amount in local.items()}
        costs["conversion"] = self._conversion(one, exchanged, fx)
        for item, amount in costs.items():
            self.free.add(settles, -amount)
            self._line(one, item, -amount)
        return costs

    def _conversion(self, one: Holding, amount: float, fx: float) -> float:
        """Return the charge in base currency for exchanging a local amount."""
        return 0.0 if one.instrument.currency == self.base else one.sheet.conversion * abs(amount) * fx

    def dividend(self, one: Holding, row: Row, per_share: float) -> None:
        """Pay a dividend to a long, net of withholding, or collect it in full from a short."""
        fx = self.fx(one, row)
        amount = one.shares * per_share
        if amount > 0:
            amount *= 1 - one.withholding
        charge = self._conversion(one, amount, fx)
        self.free.add(row[0].date(), amount * fx)
        self.free.add(row[0].date(), -charge)
        self._line(one, "dividends", amount * fx)
        self._line(one, "conversion", -charge)

    # Valuation rows

    def mark(self, row: Row) -> None:
        """Bring every open holding to its last price and rate, and a short's collateral to its value."""
        for one in self.holdings:
            if not one.shares:
                continue
            price = one.instrument.last_price(row)
            fx = self.fx(one, row)
            self._move(one, price, fx)
            if one.shares < 0:
                difference = abs(one.shares) * price - one.collateral.total()
                counts = max(row[0].date(), one.sale_settles)
                charge = self._conversion(one, difference, fx)
                one.collateral.add(counts, difference)
                self.free.add(counts, -difference * fx)
                self.free.add(counts, -charge)
                self._line(one, "conversion", -charge)

    def value(self, row: Row) -> float:
        """Return the value of the account from its balances."""
        held = [(one.shares * one.price + one.collateral.total()) * self.fx(one, row) for one in self.holdings]
        return self.free.total() + math.fsum(held)

    def interest(self, row: Row, nights: Iterable[date]) -> None:
        """Book the interest of past nights on free cash."""
        if not self.sheet.interest:
            return
        amounts = {"credit": 0.0, "debit": 0.0}
        for night in nights:
            balance = self.free.of_night(night)
            policy = policy_rate(self.base, night)
            if balance > 0:
                rate = policy + self.sheet.figure("financing.credit")
                if self.sheet.has("financing.credit-floor"):
                    rate = max(rate, self.sheet.figure("financing.credit-floor"))
                amounts["credit"] += balance * rate / DAYS_OF_YEAR[self.base]
            else:
                rate = policy + self.sheet.figure("financing.debit")
                amounts["debit"] += balance * rate / DAYS_OF_YEAR[self.base]
        for item, amount in amounts.items():
            self.free.add(row[0].date(), amount)
            key = ("", "", -1, item)
            self.unbooked[key] = self.unbooked.get(key, 0.0) + amount

    def lending(self, row: Row, nights: Iterable[date]) -> None:
        """Book borrow and rebate of past nights, and of those to come once the run is over."""
        nights = list(nights)
        for one in self.holdings:
            if one.sale_settles is None:
                continue
            lent = [
                night
                for night in nights
                if one.sale_settles <= night and (one.cover_settles is None or night < one.cover_settles)
            ]
            fx = self.fx(one, row)
            borrow = sum(self._borrow_of_night(one, night, row) for night in lent) * fx
            self.free.add(row[0].date(), -borrow)
            self._line(one, "borrow", -borrow)
            if one.sheet.interest and one.sheet.has("financing.rebate"):
                rebate = sum(self._rebate_of_night(one, night) for night in lent) * fx
                self.free.add(row[0].date(), rebate)
                self._line(one, "rebate", rebate)

    def _borrow_of_night(self, one: Holding, night: date, row: Row) -> float:
        """Return the borrow fee of one date on the last close before it, of those known on the row that books it."""
        instrument = one.instrument
        index, close = [
            (index, bar.close)
            for index, bar in sorted(instrument.bars.items())
            if instrument.venue.sessions[index].day < night and instrument.venue.row(index, "close") <= row
        ][-1]
        factor = instrument.later_splits[index]
        per_share = close * factor
        if instrument.venue.calendar == "XNYS":
            per_share = math.ceil(1.02 * per_share - CEILING_TOLERANCE)
        return per_share * one.sold_shares / factor * one.borrow_rate / 360

    def _rebate_of_night(self, one: Holding, night: date) -> float:
        currency = one.instrument.currency
        rate = policy_rate(currency, night) + one.sheet.figure("financing.rebate")
        return one.collateral.of_night(night) * rate / DAYS_OF_YEAR[currency]

    # Lines

    def fx(self, one: Holding, row: Row) -> float:
        """Return base per unit of the holding's currency, as known on a row."""
        return self.rates.at(one.instrument.currency, self.base, row[0])

    def _move(self, one: Holding, price: float, fx: float) -> None:
        """Split the change since the last point of a holding's life into price and FX."""
        exposed = one.shares * price + one.collateral.total()
        self._line(one, "price", one.shares * (price - one.price) * one.fx)
        self._line(one, "FX", exposed * (fx - one.fx))
        one.price, one.fx = price, fx

    def _line(self, one: Holding, item: str, amount: float) -> None:
        key = (one.thesis, one.instrument.symbol, one.leg, item)
        self.unbooked[key] = self.unbooked.get(key, 0.0) + amount

    def book_lines(self, row: Row) -> None:
        """Put what has come together since the last valuation row under this one."""
        for key, amount in self.unbooked.items():
            self.lines.append((row[0], *key, amount))
            self.booked[key[0]] = self.booked.get(key[0], 0.0) + amount
        self.unbooked.clear()

"""One account: free cash, holdings with their collateral, a line for each cause of change (rules, sections 8 to 10).

The value of the account comes from balances; the lines are kept beside it and never feed it. That both agree is a test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime

from .auctions import Row
from .cash import DAYS_OF_YEAR, Balance, policy_rate, settlement
from .costs import CostSheet
from .fx import Rates
from .holding import Holding

Line = tuple[datetime, str, str, int, str, float]
CEILING_TOLERANCE = 1e-9


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

    def trade(
        self, one: Holding, row: Row, index: int, price: float, shares: float, *, taxed: bool = True
    ) -> tuple[float, dict[str, float]]:
        """Book a fill of signed shares; return its exchange rate and its costs in base currency.

        It opens the holding, adds to it or takes from it, but never turns it. ``taxed=False`` leaves the FX conversion
        as the only cost.
        """
        if one not in self.holdings:
            self.holdings.append(one)
        fx = self.fx(one, row)
        self._move(one, price, fx)
        settles = settlement(one.instrument.venue, index, row[0])
        short = shares < 0 if not one.shares else one.shares < 0
        exchange = self._exchange_of_short if short else self._exchange_of_long
        exchanged = exchange(one, price, shares, settles, fx)
        one.shares += shares
        local = one.sheet.of_fill(one.instrument, index, price, shares, settles) if taxed else {}
        return fx, self._pay(one, local, settles, exchanged, fx)

    def _exchange_of_long(self, one: Holding, price: float, shares: float, settles: date, fx: float) -> float:
        """Pay for a purchase from free cash, or take in a sale; return the local amount that is exchanged."""
        self.free.add(settles, -shares * price * fx)
        return abs(shares) * price

    def _exchange_of_short(self, one: Holding, price: float, shares: float, settles: date, fx: float) -> float:
        """Keep the proceeds of a sale as collateral, pay a cover from its part; return what is exchanged, local."""
        value = abs(shares) * price
        one.loans.append((settles, -shares))
        if shares < 0:
            one.collateral.add(settles, value)
            return 0.0
        held = one.collateral.total() * abs(shares / one.shares)
        one.collateral.add(settles, -held)
        self.free.add(settles, (held - value) * fx)
        return held - value

    def _pay(
        self, one: Holding, local: dict[str, float], settles: date, exchanged: float, fx: float
    ) -> dict[str, float]:
        """Charge a fill's costs to free cash, from the settlement of the trade."""
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
                counts = max(row[0].date(), one.last_loan())
                charge = self._conversion(one, difference, fx)
                one.collateral.add(counts, difference)
                self.free.add(counts, -difference * fx)
                self.free.add(counts, -charge)
                self._line(one, "conversion", -charge)

    def value(self, row: Row) -> float:
        """Return the value of the account from its balances."""
        held = [(one.shares * one.price + one.collateral.total()) * self.fx(one, row) for one in self.holdings]
        return self.free.total() + math.fsum(held)

    def cash(self) -> dict[str, float]:
        """Return free cash as ``free``, and the collateral of shorts under each currency, local."""
        amounts = {"free": self.free.total()}
        for one in self.holdings:
            had = amounts.get(one.instrument.currency, 0.0)
            amounts[one.instrument.currency] = had + one.collateral.total()
        return amounts

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

    def lending(self, row: Row, nights: Iterable[date], *, after_the_end: bool = False) -> None:
        """Book borrow and rebate of nights.

        ``after_the_end`` is for nights that the run does not see any more: they concern what is closed and unsettled.
        """
        nights = list(nights)
        for one in self.holdings:
            borrow = rebate = 0.0
            for night in nights if one.loans and not (after_the_end and one.shares) else []:
                lent = one.borrowed(night)
                # More than the noise of shares that were added up and taken off again.
                if lent > 1e-9 * max(shares for _, shares in one.loans):
                    borrow += self._borrow_of_night(one, night, row, lent)
                    rebate += self._rebate_of_night(one, night)
            fx = self.fx(one, row)
            self.free.add(row[0].date(), (rebate - borrow) * fx)
            self._line(one, "borrow", -borrow * fx)
            self._line(one, "rebate", rebate * fx)

    def _borrow_of_night(self, one: Holding, night: date, row: Row, lent: float) -> float:
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
        return per_share * lent / factor * one.fee(night) / 360

    def _rebate_of_night(self, one: Holding, night: date) -> float:
        """Return what the collateral of a date earns."""
        if not one.sheet.interest or not one.sheet.has("financing.rebate"):
            return 0.0
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

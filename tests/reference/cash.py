"""Dated money (rules, section 9): settlement, policy rates, and balances of nights."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from .auctions import Venue
from .costs import schedule

DAYS_OF_YEAR = {"USD": 360, "EUR": 360, "CNY": 360, "JPY": 360, "GBP": 365, "HKD": 365}


def settlement(venue: Venue, index: int, fill_at: datetime) -> date:
    """Return the date from which the money of a trade counts.

    So many sessions of the venue after that of the trade; on the UTC date of the fill where there is no cycle.
    """
    trades = venue.sessions[index].day
    for row in schedule("settlement.csv"):
        if venue.calendar in row["calendar"].split("|") and row["from"] <= trades.isoformat() <= (row["to"] or "9999"):
            lag = int(row["lag"])
            return venue.sessions[index + lag].day if lag else fill_at.date()
    raise LookupError(f"no settlement cycle of {venue.calendar} on {trades}")


@cache
def policy_rate(currency: str, night: date) -> float:
    """Return the policy rate of a currency in the night from a date to the next."""
    steps = [row for row in schedule("policy_rates.csv") if row["currency"] == currency]
    in_force = [row for row in steps if date.fromisoformat(row["from"]) <= night]
    if not in_force:
        raise LookupError(f"no policy rate of {currency} on {night}")
    return float(max(in_force, key=lambda row: row["from"])["rate"])


def nightly(currency: str, night: date) -> float:
    """Return the policy rate for one night, by the currency's day count."""
    return policy_rate(currency, night) / DAYS_OF_YEAR[currency]


class Balance:
    """An amount that changes by flows, each with the date from which it counts for interest."""

    def __init__(self, opening: float = 0.0) -> None:
        self.opening = opening
        self.flows: list[tuple[date, float]] = []

    def add(self, counts_from: date, amount: float) -> None:
        """Book a flow."""
        self.flows.append((counts_from, amount))

    def total(self) -> float:
        """Return the balance with every flow, whatever its date."""
        return self.opening + sum(amount for _, amount in self.flows)

    def of_night(self, night: date) -> float:
        """Return the balance of a night: what counts by its date."""
        return self.opening + sum(amount for counts, amount in self.flows if counts <= night)

"""Who may sell short what, on which dates and at what fee, and who asks for it back (rules, section 15)."""

from __future__ import annotations

from datetime import date

import pandas as pd

from .bars import Instrument, as_day, number, records
from .costs import CostSheet


class Lending:
    """The tables of lenders and of Hong Kong's exchange.

    Parameters
    ----------
    borrow : DataFrame, optional
        symbol, from, to, tier, rate; both dates included, no ``to`` for no end, no ``rate`` for that of the tier.
    recalls : DataFrame, optional
        symbol, date.
    designated : DataFrame, optional
        symbol, from, to. Without it everything in Hong Kong may be sold short.
    """

    def __init__(
        self, borrow: pd.DataFrame | None, recalls: pd.DataFrame | None, designated: pd.DataFrame | None
    ) -> None:
        self.borrow = records(borrow)
        self.recalls = records(recalls)
        self.designated = None if designated is None else records(designated)

    def can_help(self, symbol: str) -> bool:
        """Say whether the table lends a symbol on any date."""
        return any(one["symbol"] == symbol and one["tier"] != "none" for one in self.borrow)

    def row_of(self, symbol: str, day: date) -> dict | None:
        """Return the row of the borrow table that covers a date."""
        return next((one for one in self.borrow if one["symbol"] == symbol and covers(one, day)), None)

    def refusal(self, one: Instrument, index: int, word: str) -> str:
        """Return why a session allows no short sale; ``word`` is the thesis's own tier for dates without a row."""
        day = one.venue.sessions[index].day
        row = self.row_of(one.symbol, day)
        if (row["tier"] if row else word) == "none":
            return "not to be borrowed"
        if one.venue.calendar != "XHKG" or self.designated is None:
            return ""
        named = any(row["symbol"] == one.symbol and covers(row, day) for row in self.designated)
        return "" if named else "not designated"

    def yearly(self, symbol: str, day: date, word: str, sheet: CostSheet) -> float:
        """Return the fee of a date, a year: the row's own, else that of its tier; ``none`` costs as a special."""
        rates = {tier: sheet.figure(f"borrow.{tier}") for tier in ("general", "special")}
        rates["none"] = rates["special"]
        if not rates["general"] and not rates["special"]:
            return 0.0
        row = self.row_of(symbol, day)
        if row is None:
            return rates[word]
        own = number(row["rate"])
        return rates[row["tier"]] if own is None else own

    def recalled(self, one: Instrument, index: int) -> bool:
        """Say whether a recall belongs to a session: its date, or the session is the first after its date."""
        dates = [as_day(recall["date"]) for recall in self.recalls if recall["symbol"] == one.symbol]
        return any(one.venue.first_on_or_after(day) == index for day in dates)


def covers(row: dict, day: date) -> bool:
    """Say whether a row with ``from`` and ``to`` holds on a date, both included."""
    return as_day(row["from"]) <= day and (pd.isna(row["to"]) or row["to"] == "" or day <= as_day(row["to"]))

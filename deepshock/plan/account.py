"""The account that trades: capital, what trading costs, the margin that is kept, and what a caller sets over it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepshock.cost import DAY_COUNT, CostSet, cost_set
from deepshock.errors import CostError, Fault, PlanError, UsageError
from deepshock.thesis import Book, Margin, Thesis


@dataclass(frozen=True)
class Settings:
    """What a caller may set over a thesis: who is believed first, the capital, the costs.

    Parameters
    ----------
    source : str or None
        Id of the source that sets ``known``; None for the thesis's own.
    capital : float or None
        In the thesis's currency.
    costs : CostSet or None
        Replaces the thesis's choice.
    """

    source: str | None = None
    capital: float | None = None
    costs: CostSet | None = None

    def __post_init__(self) -> None:
        if self.capital is not None and not 0.0 < self.capital < math.inf:
            raise UsageError(Fault("capital", f"{self.capital} is not an amount", "give a positive number"))

    def source_of(self, item: Thesis | Book, thesis: Thesis) -> str | None:
        """Return the source that sets when a thesis of an account is known; in a book only for those that have it."""
        return self.source if isinstance(item, Thesis) or self.source in thesis.all_sources() else None


@dataclass(frozen=True)
class Account:
    """What trades the theses: the capital in its currency, what trading costs, and the margin that is kept."""

    capital: float
    currency: str
    costs: CostSet
    margin: Margin


def account_of(item: Thesis | Book, settings: Settings) -> Account:
    """Return the account that a thesis or book asks for.

    Raises
    ------
    PlanError
        Its currency has no policy rate.
    CostError
        See ``costs_of``.
    """
    if faults := _currency_faults(item):
        raise PlanError(faults)
    costs = settings.costs or costs_of(item)
    margin = item.margin if isinstance(item, Thesis) else item.account_margin()
    return Account(settings.capital or item.capital.amount, item.capital.currency, costs, margin)


def costs_of(item: Thesis | Book) -> CostSet:
    """Return the costs that a thesis or book asks for; what is wrong with them is told at its place in the file.

    A book without costs takes those on which its members agree.

    Raises
    ------
    CostError
        See ``deepshock.cost.cost_set``.
    """
    if isinstance(item, Thesis):
        choice, folder, place = item.costs, item.folder, item.place("costs")
    else:
        choice, folder = item.account_costs()
        place = f"{item.file or item.name} costs"
    try:
        return cost_set(choice.preset, choice.overrides, beside=folder)
    except CostError as error:
        raise CostError(
            Fault(place if f.where in ("", "costs") else f"{place}: {f.where}", f.problem, f.remedy)
            for f in error.faults
        ) from error


def account_faults(item: Thesis | Book) -> tuple[Fault, ...]:
    """Return what is wrong with the costs and the currency of an account, without a market."""
    faults = _currency_faults(item) + (item.account_faults() if isinstance(item, Book) else ())
    try:
        costs_of(item)
    except CostError as error:
        faults += error.faults
    return faults


def _currency_faults(item: Thesis | Book) -> tuple[Fault, ...]:
    """Refuse a currency without policy rate: what the capital could have earned is part of every result."""
    currency = item.capital.currency
    if currency in DAY_COUNT:
        return ()
    place = item.place("capital") if isinstance(item, Thesis) else f"{item.file or item.name} capital"
    return (Fault(place, f"no policy rate of {currency} is on file", f"known are {', '.join(DAY_COUNT)}"),)


def fee_of(costs: CostSet, tier: str) -> float:
    """Return the borrow fee of a tier; what a thesis calls none and a file lends on some days is dear on the others."""
    return costs.borrow.get("special" if tier == "none" else tier, 0.0)

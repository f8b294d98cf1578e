"""A position from its first to its last fill, and what it has borrowed (rules, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from .bars import Instrument
from .cash import Balance
from .costs import CostSheet


@dataclass(eq=False)
class Holding:
    """A position from its first to its last fill.

    Attributes
    ----------
    fee : callable
        Date -> the borrow fee of that date, a year.
    shares : float
        Signed adjusted shares; 0 once closed.
    loans : list of (date, shares)
        What a short borrows, and gives back as negative numbers, each from the settlement of its fill; adjusted.
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
    fee: Callable[[date], float]
    shares: float = 0.0
    price: float = 0.0
    fx: float = 1.0
    collateral: Balance = field(default_factory=Balance)
    loans: list[tuple[date, float]] = field(default_factory=list)

    def last_loan(self) -> date:
        """Return when the last sale of a short settles."""
        return max(settles for settles, shares in self.loans if shares > 0)

    def last_return(self) -> date | None:
        """Return when the last cover of a short settles; None without one."""
        return max((settles for settles, shares in self.loans if shares < 0), default=None)

    def borrowed(self, night: date) -> float:
        """Return the adjusted shares that are borrowed on a date."""
        if not self.shares and night >= self.last_return():
            return 0.0
        return sum(shares for settles, shares in self.loans if settles <= night)

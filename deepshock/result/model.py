"""A result: plan, ledger and statistics of one run, and the ways to look at them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deepshock.engine import Ledger
from deepshock.plan import Plan, instant
from deepshock.stats import Check, Performance, PriceSplit

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market
    from deepshock.report.view import ThesisView


@dataclass(frozen=True)
class Sensitivity:
    """The same thesis with something else than what was fixed before any result was seen; counts as a trial.

    Parameters
    ----------
    name : str
        Its name in the thesis, or what was changed.
    what : str
        In plain words.
    known_at : datetime or None
    last_exit : datetime or None
    net_return, excess_return : float
        nan where it could not run.
    reason : str
        Why it could not run.
    missed : float
        What had gone by before it was known, over its legs; see ``Result.missed``.
    warnings : tuple of str
        Those that the thesis itself does not have.
    group : str
        ``Rule 201`` for the settings of ``uptick``, empty for all others.
    """

    name: str
    what: str
    known_at: datetime | None
    last_exit: datetime | None
    net_return: float
    excess_return: float
    reason: str = ""
    missed: float = math.nan
    warnings: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class VenueSession:
    """One session of a venue of the run; between two of them the venue is closed."""

    venue: str
    open_at: datetime
    close_at: datetime


@dataclass(frozen=True)
class Result:
    """One run, complete.

    Parameters
    ----------
    plan : Plan
        What was sent to which auction, and why.
    ledger : Ledger
        What happened.
    performance : Performance
    splits : tuple of PriceSplit
        Missed, gap and tradable of each leg.
    simulated : bool
        Whether the prices are simulated.
    checks : tuple of Check
        The ``wrong if`` of the thesis.
    warnings : tuple of str
    benchmark_return : float
        Of the price of the thesis's benchmark over the same rows, in its own currency; nan without one, and for a book.
    timeline : tuple of VenueSession
        Sessions of the run's venues around the news and the fills.
    sensitivities : tuple of Sensitivity
        Empty unless asked for: see ``deepshock.sensitivities``.
    market : Market or None
        What it was run on; ``deepshock.attribution`` looks the benchmark up in it.

    Examples
    --------
    >>> import deepshock as ds
    >>> thesis = ds.load("strategies/hard-assets.yaml")  # doctest: +SKIP
    >>> result = ds.run(thesis, ds.Market.load("sample"))  # doctest: +SKIP
    >>> result.performance.net_return, result.fills()  # doctest: +SKIP
    """

    plan: Plan
    ledger: Ledger
    performance: Performance
    splits: tuple[PriceSplit, ...]
    simulated: bool
    checks: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = ()
    benchmark_return: float = math.nan
    timeline: tuple[VenueSession, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    market: Market | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Name of the thesis or book."""
        return self.plan.name

    @property
    def missed(self) -> float:
        """Missed over the legs, weighted by their share of gross; nan without legs that trade."""
        return self._weighted("missed")

    @property
    def gap(self) -> float:
        """Gap over the legs that filled, weighted by their share of gross."""
        return self._weighted("gap")

    @property
    def tradable(self) -> float:
        """Tradable over the legs that filled, weighted by their share of gross."""
        return self._weighted("tradable")

    @property
    def benchmark(self) -> str:
        """Symbol of the thesis's benchmark; empty without one, and for a book."""
        return "" if self.plan.is_book else self.plan.members[0].thesis.benchmark or ""

    def _weighted(self, part: str) -> float:
        parts = [(abs(self.plan.orders[s.leg].size), float(getattr(s, part))) for s in self.splits]
        known = [(weight, value) for weight, value in parts if not math.isnan(value)]
        total = sum(weight for weight, _ in known)
        return sum(weight * value for weight, value in known) / total if total else math.nan

    @property
    def runnable(self) -> bool:
        """Whether anything of it could run."""
        return self.plan.runnable

    def equity(self) -> pd.Series:
        """Return the NAV in base currency, indexed by valuation row (UTC), the row before the first fill included."""
        import pandas as pd

        times, values = zip(*self.equity_points(), strict=True) if self.ledger.nav.size else ((), ())
        return pd.Series(
            list(values), index=pd.DatetimeIndex(list(times), name="at", tz="UTC"), name="nav", dtype=float
        )

    def equity_points(self) -> tuple[tuple[datetime, float], ...]:
        """Return the NAV as pairs (valuation row, base currency), from the capital on the row before the first fill."""
        if not self.ledger.nav.size:
            return ()
        rows = [(instant(int(at)), float(nav)) for at, nav in zip(self.ledger.value_at, self.ledger.nav, strict=True)]
        return ((instant(self.ledger.start_at), self.ledger.capital), *rows)

    def fills(self) -> pd.DataFrame:
        """Return the fills as a table, one row each, in the order of their auctions."""
        import pandas as pd

        rows = [
            {
                "symbol": f.symbol,
                "thesis": f.thesis,
                "side": f.side,
                "reason": f.reason,
                "note": f.note,
                "decided_at": f.decided_at,
                "fill_at": f.fill_at,
                "shares": f.shares,
                "price": f.price,
                "currency": f.currency,
                "fx": f.fx,
                "fx_age_h": f.fx_age_h,
                "costs": sum(f.costs.values()),
            }
            for f in self.ledger.fills
        ]
        return pd.DataFrame(rows)

    @property
    def liquidated(self) -> bool:
        """Whether a margin call closed positions, or should have."""
        return bool(self.ledger.margin_calls)

    def cash(self) -> pd.DataFrame:
        """Return the balances of each valuation row (UTC).

        Returns
        -------
        DataFrame
            ``free`` cash in base currency, and one column ``collateral CUR`` for each currency, in that currency.
        """
        import pandas as pd

        ledger = self.ledger
        names = ["free", *(f"collateral {currency}" for currency in ledger.currencies)]
        index = pd.DatetimeIndex(ledger.value_at.astype("datetime64[ns]"), tz="UTC", name="at")
        return pd.DataFrame(ledger.cash, index=index, columns=names)

    def lines(self) -> pd.DataFrame:
        """Return the ledger's lines: at, leg (-1: account), thesis, symbol, item, amount; they sum to NAV's change."""
        return self.ledger.frame()

    def document(self) -> dict[str, Any]:
        """Return the result as plain values for JSON: instants are ISO 8601 in UTC, what is not known is None."""
        from deepshock.result.document import document

        return document(self)

    def view(self) -> ThesisView:
        """Return what the reports show of it."""
        from deepshock.result.view import view

        return view(self)

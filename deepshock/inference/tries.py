"""How many variants of an idea were tried, and what that leaves of its Sharpe ratio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.cost import accrued
from deepshock.errors import DeepshockError
from deepshock.experiment import variations
from deepshock.inference.decay import source_of
from deepshock.pipeline import conclude
from deepshock.plan import Settings, build, nanoseconds
from deepshock.stats.selected import Selection
from deepshock.stats.selection import selection

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.registry import Count
    from deepshock.result import Result

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, eq=False)
class Tries:
    """What was tried.

    Parameters
    ----------
    count : Count
        Of the registry, on these data.
    total : int
        The tries that the figures allow for: those counted, and no fewer than the columns of ``figures``.
    columns : tuple of str
        The variants whose returns are known: the idea itself, then its declared alternatives that traded.
    figures : Selection or None
        None where nothing was traded.
    """

    count: Count
    total: int
    columns: tuple[str, ...]
    figures: Selection | None

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        figures: Mapping[str, Any] = self.figures.document() if self.figures else {}
        return {"count": self.count.document(), "total": self.total, "columns": list(self.columns), **figures}


def tries_of(result: Result, market: Market, count: Count, *, n_resamples: int = 1000, seed: int = 0) -> Tries:
    """Judge the Sharpe ratio of a result by the number of tries.

    Parameters
    ----------
    result : Result
    market : Market
    count : Count
        Of the registry.
    n_resamples, seed : int
        Of SPA and StepM.

    Notes
    -----
    The trials whose returns are known are the thesis and its declared alternatives, run once more and not counted anew.
    Tries beyond these are taken for independent of each other and of the rest, which is the careful error: it raises
    what chance may be expected to show.
    """
    if not result.ledger.fills:
        return Tries(count, count.total, (), None)
    named = {"as it is": result, **_alternatives(result, market)}
    _, values = trials([*named.values()])
    total = max(count.total, len(named))
    record = over_cash(result)
    made = selection(values, 0, record=record, n_trials=total, n_resamples=n_resamples, seed=seed)
    return Tries(count, total, tuple(named), made)


def _alternatives(result: Result, market: Market) -> dict[str, Result]:
    """Run the declared alternatives of a thesis again; those that are refused, or do not trade, are no trials."""
    plan = result.plan
    if plan.is_book:
        return {}
    thesis, source = plan.members[0].thesis, source_of(result)
    settings, found = Settings(source, plan.capital, plan.costs), {}
    for name, _, change in variations(thesis, source):
        try:
            made = conclude(build(thesis.vary(change), market, settings), market)
        except DeepshockError:
            continue
        if made.ledger.fills:
            found[name] = made
    return found


def over_cash(result: Result) -> Floats:
    """Return what each valuation row made over the policy rate, as the Sharpe ratio counts it.

    Returns
    -------
    ndarray of shape (n_obs,)
        From the first fill to the last exit, as fractions of the NAV before; over nothing where costs have no interest.
    """
    ledger = result.ledger
    before = np.concatenate([[ledger.capital], ledger.nav[:-1]])
    made = (ledger.nav - before) / before
    if not result.plan.costs.financing.on:
        return np.asarray(made)
    days = np.append(nanoseconds(ledger.fills[0].fill_at), ledger.value_at) // DAY_NS
    return np.asarray(made - accrued(result.plan.currency, days[:-1], days[1:]))


def trials(results: list[Result]) -> tuple[Ints, Floats]:
    """Return the rows of several runs and their returns over cash on them, zero while nothing is held.

    Returns
    -------
    at : ndarray of shape (n_obs,), int64
        UTC nanoseconds.
    values : ndarray of shape (n_obs, n_results)
    """
    at = np.unique(np.concatenate([result.ledger.value_at for result in results]))
    values = np.zeros((len(at), len(results)))
    for column, result in enumerate(results):
        values[np.searchsorted(at, result.ledger.value_at), column] = over_cash(result)
    return at, values

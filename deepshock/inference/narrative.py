"""Narrative or beta: how much of a result the benchmark made, and what is left of it where beta is hedged away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from deepshock.errors import DeepshockError, Fault, UsageError
from deepshock.inference import alpha as alphas
from deepshock.inference.alpha import Alpha, Split, alpha_of, split_of
from deepshock.inference.betas import LegBeta, NetBeta, betas
from deepshock.inference.betas import document as betas_document
from deepshock.inference.funds import tradable_for
from deepshock.pipeline import conclude
from deepshock.plan import Settings, build

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result


@dataclass(frozen=True)
class Made:
    """What one run made; money in base currency, returns as fractions of the capital.

    Parameters
    ----------
    net_pnl, net_return, excess_pnl, excess_return, max_drawdown : float
        As of `Performance`.
    costs : float
        All that was paid, positive.
    scale : float
        What initial margin left of the orders, 1 for all: beside a run that it left whole, one that it cut is smaller.
    notes : tuple of str
        Warnings that the result as run does not have.
    """

    net_pnl: float
    net_return: float
    excess_pnl: float
    excess_return: float
    max_drawdown: float
    costs: float
    scale: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Narrative:
    """What the benchmark has to do with a result.

    Parameters
    ----------
    thesis, benchmark : str
    legs : tuple of LegBeta
    net : NetBeta
    raw : Made or None
        As run, without a hedge: where the thesis has one of its own, it is run without.
    hedged : Made or None
        The same plan with beta hedged leg by leg through ``via``, sized before the entry and charged like any trade.
    via : str
    hedged_reason : str
        Why there is no hedged run, else empty.
    split : Split or None
        Of the raw run.
    alpha : Alpha or None
        Of the raw run.
    reason : str
        Why there is nothing, else empty.
    """

    thesis: str
    benchmark: str
    legs: tuple[LegBeta, ...] = ()
    net: NetBeta | None = None
    raw: Made | None = None
    hedged: Made | None = None
    via: str = ""
    hedged_reason: str = ""
    split: Split | None = None
    alpha: Alpha | None = field(default=None, repr=False)
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        return {
            "thesis": self.thesis,
            "benchmark": self.benchmark or None,
            "betas": betas_document(self.legs, self.net) if self.net else None,
            "raw": {**vars(self.raw)} if self.raw else None,
            "hedged": {**vars(self.hedged)} if self.hedged else None,
            "via": self.via or None,
            "hedged_reason": self.hedged_reason or None,
            "split": alphas.split_document(self.split) if self.split else None,
            "alpha": alphas.document(self.alpha) if self.alpha else None,
            "reason": self.reason or None,
        }


def narrative(
    result: Result,
    market: Market,
    *,
    benchmark: str | None = None,
    via: str | None = None,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Narrative:
    """Tell narrative from beta in the result of one thesis.

    Parameters
    ----------
    result : Result
        Of a thesis. Its source, capital and costs hold for the runs made here, none of which counts as a try.
    market : Market
        That it was run on.
    benchmark : str, optional
        Instead of the thesis's own.
    via : str, optional
        What the hedge trades; by default the benchmark, or its fund (`deepshock.inference.funds.FUNDS`).
    level, n_resamples, seed
        Of the interval of alpha, as of `deepshock.stats.resample.bootstrap_interval`.

    Returns
    -------
    Narrative
        What cannot be computed says why.

    Raises
    ------
    UsageError
        The result is of a book.
    MarketError
        The market does not have the benchmark.

    Notes
    -----
    The rules are in docs/rules.md, "Narrative or beta".
    """
    if result.plan.is_book:
        raise UsageError(Fault(result.name, "is a book", "ask for each of its theses, run by itself"))
    symbol = benchmark or result.benchmark
    found = Narrative(result.name, symbol)
    if not symbol:
        return replace(found, reason="the thesis names no benchmark")
    market.instrument(symbol)
    if not result.ledger.fills:
        return replace(found, reason=result.plan.reason or "nothing was filled")
    raw = _raw(result, market, symbol)
    legs, net = betas(market, raw.plan, symbol)
    found = replace(found, legs=legs, net=net, raw=_made(raw, result), split=split_of(raw))
    found = replace(found, alpha=alpha_of(raw, market, level=level, n_resamples=n_resamples, seed=seed))
    chosen, why = (via, "") if via else tradable_for(market, symbol)
    return _hedged(replace(found, via=chosen, hedged_reason=why), result, market)


def _raw(result: Result, market: Market, benchmark: str) -> Result:
    """Return the result without a hedge and beside this benchmark: itself, if that is what it is."""
    if result.plan.members[0].thesis.hedge is None and benchmark == result.benchmark:
        return replace(result, market=market)
    return _run(result, market, {"benchmark": benchmark, "hedge": None})


def _hedged(found: Narrative, result: Result, market: Market) -> Narrative:
    """Add the hedged run, or why there is none."""
    if found.hedged_reason:
        return found
    words = {"benchmark": found.benchmark, "hedge": {"beta to": found.benchmark, "via": found.via}}
    try:
        run = _run(result, market, words)
    except DeepshockError as error:
        return replace(found, hedged_reason="; ".join(fault.problem for fault in error.faults))
    hedges = {order.parent for order in run.plan.orders if order.parent >= 0 and not order.refused}
    if not hedges:
        return replace(found, hedged_reason="no leg can be hedged: " + "; ".join(run.plan.warnings))
    return replace(found, hedged=_made(run, result))


def _run(result: Result, market: Market, words: Mapping[str, Any]) -> Result:
    """Run the thesis of a result with other words, on its terms; it is no try."""
    plan = result.plan
    member = plan.members[0]
    thesis = member.thesis.vary(words)
    return conclude(build(thesis, market, Settings(member.source or None, plan.capital, plan.costs)), market)


def _made(run: Result, result: Result) -> Made:
    made = run.performance
    return Made(
        made.net_pnl,
        made.net_return,
        made.excess_pnl,
        made.excess_return,
        made.max_drawdown,
        float(run.ledger.costs.sum()),
        float(run.ledger.scales.min()),
        tuple(said for said in run.warnings if said not in result.warnings),
    )

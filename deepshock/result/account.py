"""The account of a run in sums: what initial margin cut, what was held in each currency, where the result came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deepshock.engine import Unfilled
from deepshock.plan import instant, margin_rates
from deepshock.result.model import Result
from deepshock.stats import attribution

ACCOUNT = -1  # leg of what belongs to no leg


@dataclass(frozen=True)
class Sums:
    """What one leg, or the account, added to NAV over the whole run.

    Parameters
    ----------
    leg : int
        Index of the order in the plan, -1 for the account.
    thesis, symbol : str
    lines : dict of str to float
        By the columns of ``deepshock.attribution``: base currency, signed, nan where it is not known. ``total`` is
        the sum of all but the four parts of ``price``.
    """

    leg: int
    thesis: str
    symbol: str
    lines: dict[str, float]


@dataclass(frozen=True)
class Cut:
    """An order of which initial margin left only a part.

    Parameters
    ----------
    leg : int
    thesis, symbol : str
    left : float
        What may be sent of it, 0 for nothing.
    """

    leg: int
    thesis: str
    symbol: str
    left: float


def sums(result: Result) -> tuple[Sums, ...]:
    """Return the attribution summed over all valuation rows: legs and hedges, then the account; empty without a row.

    A part of ``price`` that is not known on one row is not known in the sum.
    """
    ledger = result.ledger
    if not ledger.value_at.size:
        return ()
    frame = attribution(result)
    width = len(ledger.legs) + 1
    table = frame.to_numpy().reshape(len(ledger.value_at), width, -1).sum(axis=0)
    found = []
    for (_, leg, thesis, symbol), row in zip(frame.index[:width], table, strict=True):
        lines = {name: float(value) for name, value in zip(frame.columns, row, strict=True)}
        found.append(Sums(int(leg), thesis, symbol, lines))
    return tuple(found)


def cuts(result: Result) -> tuple[Cut, ...]:
    """Return the orders that initial margin cut, in the order of the plan."""
    ledger = result.ledger
    parts = enumerate(zip(ledger.theses, ledger.legs, ledger.scales, strict=True))
    return tuple(Cut(j, thesis, symbol, float(left)) for j, (thesis, symbol, left) in parts if left < 1.0)


def initial_margin(result: Result) -> float | None:
    """Return the rate of initial margin, of the value; None where no margin is kept."""
    rates = margin_rates(result.plan.margin)
    return None if rates is None else rates.initial


def requirement(result: Result) -> Iterator[tuple[datetime, float]]:
    """Yield what maintenance margin requires on each valuation row, base currency; nothing where no margin is kept."""
    if result.plan.margin.rule != "none":
        for at, required in zip(result.ledger.value_at, result.ledger.margin[:, 0], strict=True):
            yield instant(int(at)), float(required)


def collateral_in(result: Result) -> tuple[str, ...]:
    """Return the currencies in which collateral of shorts was held, the base currency first."""
    ledger = result.ledger
    return tuple(c for j, c in enumerate(ledger.currencies, start=1) if ledger.cash[:, j].any())


def balances(result: Result) -> Iterator[tuple[datetime, tuple[float, ...]]]:
    """Yield free cash and the collateral in each of ``collateral_in``, on each valuation row, in its own currency."""
    ledger = result.ledger
    columns = [0, *(1 + ledger.currencies.index(currency) for currency in collateral_in(result))]
    for at, row in zip(ledger.value_at, ledger.cash[:, columns], strict=True):
        yield instant(int(at)), tuple(map(float, row))


def not_filled(result: Result, left: Unfilled) -> float:
    """Return the notional that an order did not fill, base currency; nan for one that filled nothing at all."""
    if left.part >= 1.0:
        return float("nan")
    filled = sum(abs(f.shares) * f.price * f.fx for f in result.ledger.fills if f.opens and f.leg == left.leg)
    return filled * left.part / (1.0 - left.part)


def exposure(result: Result) -> tuple[float, float]:
    """Return gross and net of all entries, hedges included, at their fills, over the capital."""
    values = [f.shares * f.price * f.fx / result.plan.capital for f in result.ledger.fills if f.opens]
    return sum(map(abs, values)), sum(values)

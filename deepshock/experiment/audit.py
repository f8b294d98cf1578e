"""The theorem, as a function.

Replace everything after an instant by anything: nothing that was decided or booked up to it may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from deepshock.pipeline import run
from deepshock.plan import nanoseconds
from deepshock.result import Result
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

Runner = Callable[[Thesis, "Market"], Result]


@dataclass(frozen=True)
class Leak:
    """Something that changed although only its future did.

    Parameters
    ----------
    at : datetime
        Everything known later than this was scrambled.
    what : str
        The order, fill or ledger row that changed, with both values.
    """

    at: datetime
    what: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%SZ}: {self.what}"


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    name : str
        Of the thesis or book.
    cuts : tuple of datetime
        The instants after which the future was scrambled, one run each and seed.
    leaks : tuple of Leak
        Empty if the past stood still.
    """

    name: str
    cuts: tuple[datetime, ...]
    leaks: tuple[Leak, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing leaked."""
        return not self.leaks


def audit(
    thesis: Thesis | Book, market: Market, *, seeds: tuple[int, ...] = (1,), runner: Runner | None = None
) -> Audit:
    """Run a thesis again with everything after each of its decisions and fills scrambled.

    Orders decided, fills booked and ledger rows valued up to the cut must be identical to the bit. Scrambled are bars
    (an open counts as known at its open; high, low, close and volume at the close), dividends and FX rates; splits
    are not, because the prices are stated in them.

    Parameters
    ----------
    thesis : Thesis or Book
    market : Market
    seeds : tuple of int
        One scrambling each.
    runner : callable, optional
        Maps (thesis, market) to a Result; default ``deepshock.run``, which then counts no try. Pass your own to audit
        a rule of your own.

    Returns
    -------
    Audit

    Examples
    --------
    >>> import deepshock as ds
    >>> market = ds.Market.load("sample", symbols=["GLD"])
    >>> gold = ds.Thesis(
    ...     name="gold", source={"published": "2025-01-28T00:00Z", "publisher": "me"}, long={"GLD": 1}
    ... )
    >>> ds.audit(gold, market).passed
    True
    """
    go: Callable[..., Result] = runner or partial(run, registry=False)
    base = go(thesis, market)
    cuts = _cuts(base)
    leaks = [
        Leak(at, what)
        for at in cuts
        for seed in seeds
        for what in _differences(base, go(thesis, market.scrambled(nanoseconds(at), seed)), at)
    ]
    return Audit(base.name, cuts, tuple(dict.fromkeys(leaks)))


def _cuts(base: Result) -> tuple[datetime, ...]:
    """Return every instant at which something was decided or filled."""
    orders = {order.decided_at for order in base.plan.orders}
    fills = {at for fill in base.ledger.fills for at in (fill.decided_at, fill.fill_at)}
    return tuple(sorted(orders | fills))


def _differences(base: Result, other: Result, at: datetime) -> Iterator[str]:
    """Yield what differs between two results up to an instant."""
    for mine, theirs in zip(base.plan.orders, other.plan.orders, strict=True):
        if mine.decided_at <= at and repr(mine) != repr(theirs):
            yield f"the order in {mine.symbol} was {mine}, and is {theirs}"
    mine_fills = [repr(fill) for fill in base.ledger.fills if fill.fill_at <= at]
    their_fills = [repr(fill) for fill in other.ledger.fills if fill.fill_at <= at]
    for fill in mine_fills:
        if fill not in their_fills:
            yield f"a fill is gone or changed: {fill}"
    for fill in their_fills:
        if fill not in mine_fills:
            yield f"a fill appeared: {fill}"
    yield from _line_differences(base, other, nanoseconds(at))


def _line_differences(base: Result, other: Result, ns: int) -> Iterator[str]:
    mine, theirs = base.ledger, other.ledger
    rows = int(np.searchsorted(mine.value_at, ns, side="right"))
    if rows != int(np.searchsorted(theirs.value_at, ns, side="right")):
        yield "the number of valuation rows changed"
        return
    for name in ("nav", "lines", "costs", "interest", "gap", "cash", "margin"):
        a, b = getattr(mine, name)[:rows], getattr(theirs, name)[:rows]
        if a.tobytes() != b.tobytes():
            yield f"the ledger's {name} changed"

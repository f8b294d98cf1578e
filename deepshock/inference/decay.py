"""How an idea decays: entered later, read elsewhere, and without each of its legs in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from deepshock.errors import DeepshockError
from deepshock.pipeline import conclude
from deepshock.plan import Settings, build, build_book
from deepshock.result.document import iso
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

LATEST = 20


@dataclass(frozen=True)
class Variant:
    """The same idea, otherwise.

    Parameters
    ----------
    name : str
        How many sessions late, which source, or what was left out.
    known_at, first_fill : datetime or None
        UTC.
    missed, gap, tradable : float
        Over P0, weighted by the legs' shares of gross; see `Result`.
    net_return, excess_return : float
        Over the capital, after every cost; nan where `reason` says why.
    reason : str
        Why it did not trade, else empty.
    """

    name: str
    known_at: datetime | None = None
    first_fill: datetime | None = None
    missed: float = math.nan
    gap: float = math.nan
    tradable: float = math.nan
    net_return: float = math.nan
    excess_return: float = math.nan
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Decay:
    """What is left of an idea that is had later, read elsewhere or cut down.

    None of this counts as a try: a variant that is chosen is then run as a thesis, and counted.

    Parameters
    ----------
    late : tuple of Variant
        Entered 0, 1, 2 ... sessions after it is due.
    sources : tuple of Variant
        As known from each source that it cites.
    without : tuple of Variant
        Without each leg in turn; of a book without each thesis.
    """

    late: tuple[Variant, ...]
    sources: tuple[Variant, ...]
    without: tuple[Variant, ...]

    @property
    def half_life(self) -> int | None:
        """The first lag at which less than half of the excess return is left; None if it never halves, or is none."""
        known = [v.excess_return for v in self.late]
        if not known or not known[0] > 0.0:
            return None
        return next((lag for lag, made in enumerate(known) if made < known[0] / 2.0), None)

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        parts = {name: [v.document() for v in getattr(self, name)] for name in ("late", "sources", "without")}
        return {**parts, "half_life": self.half_life}


def decay(result: Result, market: Market, *, latest: int = LATEST) -> Decay:
    """Run an idea later, from each of its sources, and without each of its legs.

    Parameters
    ----------
    result : Result
        Its thesis or book, source, capital and costs are those of every variant.
    market : Market
    latest : int
        The last lag, in sessions.
    """
    plan = result.plan
    item = item_of(result)
    settings = Settings(source_of(result), plan.capital, plan.costs)
    base = [member.thesis.enter.lag for member in plan.members]
    late = [_made(_words(n), partial(_lagging, item, base, n), market, settings) for n in range(latest + 1)]
    sources = [
        _made(name, lambda: item, market, Settings(name, plan.capital, plan.costs))
        for name in cited(plan_theses(result))
    ]
    without = [
        _made(name, change, market, settings) if change else Variant(name, reason="nothing would be left on its side")
        for name, change in _without(item)
    ]
    return Decay(tuple(late), tuple(sources), tuple(without))


def item_of(result: Result) -> Thesis | Book:
    """Return what was run, a thesis or a book of the same theses and shares."""
    plan = result.plan
    if not plan.is_book:
        return plan.members[0].thesis
    return _book(result.name, [(member.thesis, member.share) for member in plan.members], result)


def source_of(result: Result) -> str | None:
    """Return the source that the caller of a run believed instead of the thesis's own; None where there was none."""
    own = {member.source for member in result.plan.members if member.source != (member.thesis.source.from_ or "")}
    return next(iter(own)) if own else None


def plan_theses(result: Result) -> tuple[Thesis, ...]:
    """Return the thesis that was run, or those of the book."""
    return tuple(member.thesis for member in result.plan.members)


def cited(theses: tuple[Thesis, ...]) -> tuple[str, ...]:
    """Return the sources that theses cite, for and against, each once."""
    found = [c.from_ for t in theses for c in (t.source, *t.corroborated_by, *t.counter)]
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _book(name: str, members: list[tuple[Thesis, float]], result: Result) -> Book:
    plan = result.plan
    return Book.of(name, members, margin=plan.margin, capital=f"{plan.capital!r} {plan.currency}", costs="none")


def _lagging(item: Thesis | Book, base: list[int], lag: int) -> Thesis | Book:
    if isinstance(item, Thesis):
        return item.vary({"enter.lag": base[0] + lag})
    members = [(t.vary({"enter.lag": own + lag}), share) for (t, share), own in zip(item.members, base, strict=True)]
    return Book.of(item.name, members, margin=item.margin, capital=item.capital, costs=item.costs)


def _without(item: Thesis | Book) -> Iterator[tuple[str, Callable[[], Thesis | Book] | None]]:
    """Yield each part of an idea, and what makes the rest of it; None where there can be no rest."""
    if isinstance(item, Thesis):
        legs = item.legs()
        for leg in legs:
            side = next(word for word in ("long", "short", "versus") if leg.symbol in getattr(item, word))
            change = {f"{side}.{leg.symbol}": None}
            left = [other.side for other in legs if other is not leg]
            possible = leg.side in left or (left and item.neutral == "none")
            yield leg.symbol, partial(item.vary, change) if possible else None
        return
    words: dict[str, Any] = {"margin": item.margin, "capital": item.capital, "costs": item.costs}
    for left_out, _ in item.members:
        rest = [(thesis, share) for thesis, share in item.members if thesis is not left_out]
        yield left_out.name, partial(Book.of, item.name, rest, **words) if rest else None


def _words(lag: int) -> str:
    return f"{lag} session{'' if lag == 1 else 's'} later" if lag else "as it is"


def _made(name: str, item: Callable[[], Thesis | Book], market: Market, settings: Settings) -> Variant:
    """Run a variant; one that is refused, or does not trade, says why."""
    try:
        given = item()
        plan = (build_book if isinstance(given, Book) else build)(given, market, settings)  # type: ignore[arg-type]
        result = conclude(plan, market)
    except DeepshockError as error:
        return Variant(name, reason="; ".join(fault.problem for fault in error.faults))
    made = result.performance
    if not result.ledger.fills:
        reason = plan.reason or "; ".join(f"{u.symbol} {u.reason}" for u in result.ledger.unfilled)
        return Variant(name, plan.known_at, missed=result.missed, reason=reason or "nothing filled")
    return Variant(
        name,
        plan.known_at,
        made.first_fill,
        result.missed,
        result.gap,
        result.tradable,
        made.net_return,
        made.excess_return,
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value

"""The figures that a text gives of prices, held against the bars as of the instant of each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deepshock.inference.told import Told, WholeDay, told_by_bars
from deepshock.plan import nanoseconds
from deepshock.result.document import iso, number
from deepshock.thesis import Book, Change, Figure, Source, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

MATCHES, CONFLICTS, CANNOT_TELL = "matches", "conflicts", "cannot tell"
_NOISE = 1e-9  # of a change, for prices that were stored as floats
Items = Thesis | Book | Iterable[Thesis | Book] | Mapping[str, Source]


@dataclass(frozen=True)
class Checked:
    """A figure beside the bars.

    Parameters
    ----------
    source : str
        Who says so: the id of the source.
    figure : Figure
        What it says.
    at : datetime or None
        As of when, UTC.
    is_before : bool
        Whether it was taken some time before that instant rather than at it.
    verdict : {"matches", "conflicts", "cannot tell"}
    reason : str
        What the verdict rests on.
    previous : float
        The close from which the change is counted, local currency; nan where there is none.
    low, high : float
        Between which the bars put the change at that instant, fractions; equal where they tell it exactly, nan where
        they say nothing.
    later : WholeDay or None
        The session of that instant once it was over. It came later, and no verdict rests on it.
    """

    source: str
    figure: Figure
    at: datetime | None
    is_before: bool
    verdict: str
    reason: str
    previous: float = math.nan
    low: float = math.nan
    high: float = math.nan
    later: WholeDay | None = None

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        return {
            "source": self.source,
            "symbol": self.figure.symbol,
            "change": str(self.figure.change),
            "of": self.figure.of,
            "what": self.figure.what,
            "at": iso(self.at),
            "before": self.is_before,
            "verdict": self.verdict,
            "reason": self.reason,
            "previous": number(self.previous),
            "low": number(self.low),
            "high": None if math.isinf(self.high) else number(self.high),  # open above
            "later": _later(self.later),
        }


def _later(day: WholeDay | None) -> dict[str, Any] | None:
    if day is None:
        return None
    changes = {name: number(getattr(day, name)) for name in ("open", "high", "low", "close")}
    return {"day": day.day.isoformat(), **changes}


def check_figures(items: Items, market: Market) -> tuple[Checked, ...]:
    """Hold each figure of some sources against the bars, as of its own instant.

    Parameters
    ----------
    items : Thesis, Book, iterable of them, or mapping of str to Source
        Of theses, the sources that they cite: the one that they rest on, what corroborates it, what speaks against it.
    market : Market
        A figure of an instrument that it does not have cannot be told; `figure_symbols` names all of them. On a
        simulated market the verdicts are about simulated prices.

    Returns
    -------
    tuple of Checked
        By source, in the order in which they are cited and written.
    """
    sources = _sources(items)
    return tuple(_check(name, source, figure, market) for name, source in sources.items() for figure in source.figures)


def figure_symbols(items: Items) -> tuple[str, ...]:
    """Return the instruments of which the sources give figures, each once."""
    sources = _sources(items)
    return tuple(dict.fromkeys(figure.symbol for source in sources.values() for figure in source.figures))


def _sources(items: Items) -> Mapping[str, Source]:
    """Return sources by id; where two theses have different ones of one id, the later one with its thesis's name."""
    if isinstance(items, Mapping):
        return items
    found: dict[str, Source] = {}
    for thesis, name, source in _cited(items):
        if found.setdefault(name, source) != source:
            found[f"{thesis}: {name}"] = source
    return found


def _cited(items: Thesis | Book | Iterable[Thesis | Book]) -> Iterator[tuple[str, str, Source]]:
    """Yield (thesis, id, source) of all that theses cite; one that is written in place goes by its publisher."""
    for item in [items] if isinstance(items, Thesis | Book) else items:
        for thesis in (thesis for thesis, _ in item.members) if isinstance(item, Book) else (item,):
            for citation in (thesis.source, *thesis.corroborated_by, *thesis.counter):
                inline = citation.inline()
                if inline is not None:
                    yield thesis.name, inline.publisher or "written here", inline
                elif citation.from_ is not None:
                    yield thesis.name, citation.from_, thesis.find_source(citation.from_)


def _check(name: str, source: Source, figure: Figure, market: Market) -> Checked:
    dated = source.instant_of(figure)
    if dated is None:
        why = "its source has a date and no time of day, and it has no instant of its own"
        return Checked(name, figure, None, False, CANNOT_TELL, why)
    at, is_before = dated
    told = told_by_bars(market, figure.symbol, figure.of, nanoseconds(at) - is_before)
    verdict = _verdict(figure.change, told)
    known = told.low > -1.0 or told.high < math.inf
    low, high = (told.low, told.high) if known else (math.nan, math.nan)
    return Checked(name, figure, at, is_before, verdict, _reason(told), told.previous, low, high, told.later)


def _verdict(change: Change, told: Told) -> str:
    """Compare the changes that a text may mean with those that the bars allow."""
    least, most = change.bounds()
    if told.high < least - _NOISE or told.low > most + _NOISE:
        return CONFLICTS
    return MATCHES if told.low >= least - _NOISE and told.high <= most + _NOISE else CANNOT_TELL


def _reason(told: Told) -> str:
    """Say what bars tell, with the numbers."""
    if told.low == told.high:
        return f"{told.how}: {told.low:+.2%}"
    if told.low > -1.0 and told.high < math.inf:
        return f"{told.how}: {told.low:+.2%} to {told.high:+.2%}"
    if told.low > -1.0:
        return f"{told.how}: {told.low:+.2%} or more"
    return f"{told.how}: {told.high:+.2%} or less" if told.high < math.inf else told.how

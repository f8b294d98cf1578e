"""What makes two sweeps the same: thesis, market, settings and grid; and which costs their variants may pay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deepshock.cost import CostSet, VenueLaw, cost_set, law_venue
from deepshock.errors import DeepshockError, Fault
from deepshock.experiment.grid import Grid
from deepshock.experiment.places import places
from deepshock.experiment.vary import varied
from deepshock.market.fingerprint import fingerprint
from deepshock.plan import Settings, costs_of
from deepshock.thesis import Book, Thesis

if TYPE_CHECKING:
    from deepshock.market import Market

LAST = ("borrow", "FX conversion")
_WHOLE = ("costs", "costs.preset")


def manifest_of(item: Thesis | Book, market: Market, settings: Settings, grid: Grid) -> dict[str, Any]:
    """Return what identifies a sweep, as values for JSON: the rows of equal ones are equal.

    Parameters
    ----------
    item : Thesis or Book
    market : Market
    settings : Settings
    grid : Grid
    """
    return {
        "name": item.name,
        "thesis": _hash(_said(item), *map(repr, _chosen(item, grid))),
        "market": fingerprint(market),
        "settings": {
            "source": settings.source,
            "capital": settings.capital,
            "costs": None if settings.costs is None else _hash(repr(settings.costs)),
        },
        "grid": grid.document(),
    }


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _said(item: Thesis | Book) -> str:
    """Return all that a thesis or book says, what it includes from other files too."""
    if isinstance(item, Thesis):
        return f"{item.to_yaml()}\n{item.all_sources()!r}\n{item.all_events()!r}"
    account = (item.name, item.capital, item.account_costs()[0], item.account_margin())
    return "\n".join([repr(account), *(f"{share!r} {_said(thesis)}" for thesis, share in item.members)])


def over_settings(item: Thesis | Book, grid: Grid, settings: Settings) -> list[Fault]:
    """Return the paths that are varied in vain, because a setting prevails over them."""
    given = {"source": settings.source, "capital": settings.capital, "costs": settings.costs}
    return [
        Fault(f"over {path!r}", f"{word} is given for all variants", f"leave {word} out, or do not vary it")
        for path in grid.paths
        for word in given
        if given[word] is not None and _varies(item, path, word)
    ]


def _varies(item: Thesis | Book, path: str, word: str) -> bool:
    """Say whether a path leads to a word of a thesis, or within it; one that does not hold it cannot."""
    return word in path and any(place.path.partition(".")[0].strip() == word for place in places(item, path))


def cost_names(item: Thesis | Book, market: Market, settings: Settings, grid: Grid) -> tuple[str, ...]:
    """Return every cost that a variant may pay, in the order of the ledger.

    Taxes and fees are those of the venues on which the market has instruments.
    """
    if settings.costs is not None:
        sets = [settings.costs]
    else:
        sets = list(_chosen(item, grid))
        if any(_varies(item, path, "costs") for path in grid.paths):
            sets.append(cost_set("retail"))  # it has every line that an override can switch on
    here = {law_venue(market.instrument(symbol).mic) for symbol in market.symbols()}
    names = [name for costs in sets for name in costs.items() if _is_due(name, costs, here)]
    once = dict.fromkeys(names)
    return (*(name for name in once if name not in LAST), *(name for name in LAST if name in once))


def _chosen(item: Thesis | Book, grid: Grid) -> Iterator[CostSet]:
    """Yield the costs of a thesis or book, and those that replace them as a whole; faulty ones fail in their rows."""
    with suppress(DeepshockError):
        yield costs_of(item)
    for axis in grid.axes:
        for column, path in enumerate(axis.paths):
            if "costs" in path and any(place.path in _WHOLE for place in places(item, path)):
                for values in axis.values:
                    with suppress(DeepshockError):
                        yield costs_of(varied(item, {path: values[column]}))


def _is_due(name: str, costs: CostSet, venues: set[str]) -> bool:
    """Say whether a cost can be due: anything but a tax or fee of other venues."""
    rows = [row for model in costs.models if isinstance(model, VenueLaw) for row in model.rows if row.item == name]
    return not rows or any(row.venue in venues for row in rows)

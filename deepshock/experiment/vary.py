"""One variant of a thesis or a book: its changes by dotted path, each where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deepshock.experiment.places import Place, places
from deepshock.thesis import Book, CostChoice, Thesis


def varied(item: Thesis | Book, change: Mapping[str, object]) -> Thesis | Book:
    """Return a thesis or book with some of its words changed, validated anew.

    Parameters
    ----------
    item : Thesis or Book
    change : mapping of str to object
        As of `Grid.change`: of a book, ``NAME.path`` is one thesis's, ``path`` that of every thesis that has it, and
        capital, costs and margin are the account's.

    Raises
    ------
    ThesisError
        The thesis refuses it.
    """
    where = spread(item, change)
    of = {name: {place: change[path] for place, path in mine.items()} for name, mine in where.items()}
    if isinstance(item, Thesis):
        return item.vary(of[""]) if of else item
    members = [(thesis.vary(of[thesis.name]) if thesis.name in of else thesis, share) for thesis, share in item.members]
    return Book.of(item.name, members, **_account(item, of.get("", {})))


def spread(item: Thesis | Book, paths: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what the paths of changes lead to, in the order in which they are made.

    Parameters
    ----------
    item : Thesis or Book
    paths : iterable of str

    Returns
    -------
    dict of str to dict
        Of each thesis of a book by name, and under the empty name of a thesis by itself and of a book's account: the
        path within it, as `Thesis.vary` takes it, to the path of the change that sets it. ``NAME.path`` prevails over
        ``path``, and a path within another comes after it.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted(paths, key=len):
        for place in (Place("", path),) if isinstance(item, Thesis) else places(item, path):
            found.setdefault(place.thesis, {})[place.path] = path
    return {name: dict(sorted(mine.items(), key=lambda change: len(change[0]))) for name, mine in found.items()}


def _account(book: Book, change: Mapping[str, object]) -> dict[str, object]:
    """Return capital, costs and margin of a book, changed; a thesis that has them carries the paths."""
    costs, folder = book.account_costs()
    if costs.is_file():  # what is built here has no folder of its own
        costs = CostChoice(preset=str((folder / costs.preset).resolve()), overrides=costs.overrides)
    first = book.members[0][0]
    shell = first.model_copy(update={"capital": book.capital, "costs": costs, "margin": book.account_margin()})
    shell = shell.vary(change) if change else shell
    return {"capital": shell.capital, "costs": shell.costs, "margin": shell.margin}

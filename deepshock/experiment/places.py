"""Where a path of a sweep leads: in a thesis, or in a book and the theses in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from deepshock.cost import list_settings
from deepshock.errors import Fault, suggest
from deepshock.plan import costs_of
from deepshock.thesis import Book, Thesis
from deepshock.thesis.path import Keys, split
from deepshock.thesis.scalar import UnreadableError, shown
from deepshock.thesis.vocabulary import inner_model, vocabulary

ACCOUNT = ("capital", "costs", "margin")
"""Words that are the account's: in a book, the book's own and not one thesis's."""
_DECLARED = ("sources", "events")
_EVERY_MARKET = "half-spread.bps"


class Place(NamedTuple):
    """What a path changes.

    Parameters
    ----------
    thesis : str
        Name of the thesis in a book; empty for a thesis by itself, and for what is the account's.
    path : str
        As `Thesis.vary` takes it.
    """

    thesis: str
    path: str


def check_paths(item: Thesis | Book, paths: Iterable[str]) -> list[Fault]:
    """Return what is wrong with the paths of a sweep, all of it."""
    faults = []
    for path in paths:
        try:
            places(item, path)
        except UnreadableError as wrong:
            faults.append(Fault("over", wrong.problem, wrong.remedy))
    return faults


def places(item: Thesis | Book, path: str) -> tuple[Place, ...]:
    """Return what a path changes.

    Parameters
    ----------
    item : Thesis or Book
    path : str
        Of a thesis: as `Thesis.vary` takes it. Of a book: the same, for every thesis in it that has what the path names
        (a symbol, a source, an event); ``NAME.path`` for one of them. Capital, costs and margin are the book's.

    Raises
    ------
    UnreadableError
        The path leads nowhere; names the nearest that does.
    """
    if isinstance(item, Thesis):
        _check(item, item, path)
        return (Place("", path),)
    names = {thesis.name: thesis for thesis, _ in item.members}
    try:
        return _of_all(item, names, path)
    except UnreadableError as wrong:
        one = max((name for name in names if path.startswith(f"{name}.")), key=len, default=None)
        if one is None:
            head, _, rest = path.partition(".")
            near = suggest(head, tuple(names), most=1) if rest and head not in vocabulary(Thesis) else ""
            raise UnreadableError(wrong.problem, near.replace("?", f".{rest}?") or wrong.remedy) from None
    try:
        return (_of_one(item, names[one], path.removeprefix(f"{one}.")),)
    except UnreadableError as wrong:
        raise UnreadableError(wrong.problem, wrong.remedy.replace("did you mean ", f"did you mean {one}.")) from None


def _of_all(book: Book, names: dict[str, Thesis], path: str) -> tuple[Place, ...]:
    """Return what a path changes that names no thesis."""
    first = next(iter(names.values()))
    keys = _check(first, book, path, declared=False)
    if keys[0] in ACCOUNT:
        return (Place("", path),)
    if len(keys) == 1 or not inner_model(vocabulary(Thesis)[keys[0]])[1]:  # every thesis has what goes through no name
        return tuple(Place(name, path) for name in names)
    found = [name for name, thesis in names.items() if _has(thesis, split(path, Thesis, _tree(thesis)))]
    if not found:
        known = dict.fromkeys(f"{keys[0]}.{name}" for thesis in names.values() for name in _named(thesis, keys[0]))
        near = suggest(".".join(keys[:2]), tuple(known), most=1) or f"write for example {first.name}.{path}"
        raise UnreadableError(f"{shown(path)}: no thesis of the book has {keys[1]!r} under '{keys[0]}'", near)
    return tuple(Place(name, path) for name in found)


def _of_one(book: Book, thesis: Thesis, path: str) -> Place:
    """Return what a path changes that names a thesis of a book."""
    keys = _check(thesis, book, path)
    if keys[0] in ACCOUNT:
        problem = f"'{thesis.name}.{path}': in a book, '{keys[0]}' is the account's"
        raise UnreadableError(problem, f"write {path}")
    return Place(thesis.name, path)


def _check(thesis: Thesis, account: Thesis | Book, path: str, *, declared: bool = True) -> Keys:
    """Return the keys of a path; what it names has to be declared, in costs as in sources and events."""
    keys = split(path, Thesis, _tree(thesis))
    if declared and keys[0] in _DECLARED and not _has(thesis, keys):
        known = [f"{keys[0]}.{name}" for name in _named(thesis, keys[0])]
        near = suggest(".".join(keys[:2]), known, most=1) or f"declared are: {', '.join(known) or 'none'}"
        raise UnreadableError(f"{shown(path)}: the thesis declares no {keys[0][:-1]} {keys[1]!r}", near)
    figure = keys[-1] if keys[0] == "costs" and len(keys) > 1 else "preset"
    if figure not in ("preset", "overrides"):
        figures = (_EVERY_MARKET, *(setting.path for setting in list_settings(costs_of(account))))
        if figure not in figures:
            near = suggest(path, [f"costs.{name}" for name in figures], most=1)
            raise UnreadableError(f"{shown(path)}: no such cost setting", near or f"known are {', '.join(figures)}")
    return keys


def _tree(thesis: Thesis) -> dict[str, object]:
    """Return the words of a thesis with the names of all that is included."""
    return {**thesis.tree(), **{word: dict.fromkeys(_named(thesis, word)) for word in _DECLARED}}


def _named(thesis: Thesis, word: str) -> tuple[str, ...]:
    """Return the names under a word: sources, events, symbols of legs."""
    if word == "borrow":
        return tuple(dict.fromkeys((*thesis.borrow, *(leg.symbol for leg in thesis.legs() if leg.side < 0))))
    if word in _DECLARED:
        return tuple(thesis.all_sources() if word == "sources" else thesis.all_events())
    return tuple(getattr(thesis, word.replace(" ", "_")))


def _has(thesis: Thesis, keys: Keys) -> bool:
    """Say whether a thesis has the name that a path goes through; true where it goes through none."""
    keyed = inner_model(vocabulary(Thesis)[keys[0]])[1]
    return not keyed or len(keys) == 1 or keys[1] in _named(thesis, keys[0])

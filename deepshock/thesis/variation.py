"""Many variations of one thesis: each is what `Thesis.vary` returns, but no word is read twice.

What a word means hangs on its text alone, so words that are not changed keep what the thesis has, and texts that have
been read are remembered. What has to hold between the words is checked of every variation, as ever. Wherever anything
is unusual or wrong, `Thesis.vary` itself decides, and says what it always says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from deepshock.errors import ThesisError
from deepshock.thesis.dump import as_tree
from deepshock.thesis.model import Thesis
from deepshock.thesis.path import Keys, put, split
from deepshock.thesis.scalar import UnreadableError
from deepshock.thesis.sheet import Tree
from deepshock.thesis.vocabulary import inner_model, vocabulary
from deepshock.thesis.words import inside

KEPT = 10_000  # texts of words that are remembered
_FROM_FILES = ("include", "sources", "events")  # words that look into included files


class Variations:
    """Variations of one thesis.

    Parameters
    ----------
    thesis : Thesis

    Examples
    --------
    >>> thesis = Thesis(name="gold", source={"published": "2025-01-28T00:00Z"}, long={"GLD": 1})
    >>> Variations(thesis).vary({"exit.hold": 5}) == thesis.vary({"exit.hold": 5})
    True
    """

    def __init__(self, thesis: Thesis) -> None:
        self._thesis = thesis
        self._keys: dict[str, Keys | None] = {}
        self._read: dict[tuple[str, str], Any] = {}

    @cached_property
    def _checked(self) -> Thesis | None:
        """The thesis as it is, read from its own text; None where it is refused."""
        try:
            return self._thesis.vary({})
        except ThesisError:
            return None

    @cached_property
    def _tree(self) -> Tree:
        """The words that it was read from; changed ones are put into copies."""
        return {} if self._checked is None else self._checked.tree()

    def vary(self, changes: Mapping[str, Any]) -> Thesis:
        """Return the thesis with some words changed, checked; see `Thesis.vary`.

        Raises
        ------
        ThesisError
            As of `Thesis.vary`.
        """
        tree = self._changed(changes)
        found = None if tree is None else self._built(*tree)
        return self._thesis.vary(changes) if found is None else found

    def _changed(self, changes: Mapping[str, Any]) -> tuple[Tree, set[str]] | None:
        """Return the tree after the changes, and the words that they are in; None where `Thesis.vary` has to look."""
        if self._checked is None:
            return None
        tree, heads = self._tree, set[str]()
        for dotted, value in changes.items():
            keys = self._split(dotted)
            # names within a word may only be there since another change
            if keys is None or (keys[0] in heads and inner_model(vocabulary(Thesis)[keys[0]])[1]):
                return None
            heads.add(keys[0])
            try:
                tree = put(tree, keys, None if value is None else as_tree(value), Thesis)
            except UnreadableError:
                return None
        return tree, heads

    def _split(self, dotted: str) -> Keys | None:
        """Return a path taken apart; None for one that does more than to change its own word."""
        if dotted not in self._keys:
            try:
                keys = split(dotted, Thesis, self._tree)
            except UnreadableError:
                keys = ()
            usual = keys and keys[0] not in _FROM_FILES and keys not in (("source", "from"), ("source", "quote"))
            self._keys[dotted] = keys if usual else None
        return self._keys[dotted]

    def _built(self, tree: Tree, heads: set[str]) -> Thesis | None:
        """Return the thesis of a tree; None where something is wrong with it, or a word is no longer there."""
        assert self._checked is not None
        words = {}
        for head in heads:
            if head not in tree or (head in Thesis.may_be_none and tree[head] in (None, "none")):
                return None
            name, reader = _readers()[head]
            key = (head, repr(tree[head]))
            if key not in self._read:
                try:
                    with inside():
                        found = reader.validate_python(tree[head], by_alias=True, by_name=False)
                except (ValidationError, UnreadableError, ThesisError):
                    return None
                if len(self._read) >= KEPT:
                    self._read.clear()
                self._read[key] = found
            words[name] = self._read[key]
        return self._checked.with_read(words, tree)


@lru_cache(maxsize=1)
def _readers() -> dict[str, tuple[str, TypeAdapter[Any]]]:
    """Return for every word its name in Python, and what reads it by itself."""
    hints = get_type_hints(Thesis, include_extras=True)
    return {field.alias or name: (name, TypeAdapter(hints[name])) for name, field in Thesis.model_fields.items()}

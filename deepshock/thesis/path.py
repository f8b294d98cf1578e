"""Dotted paths, such as ``exit.hold`` or ``costs.half-spread.bps``, and what they change in a tree.

Paths are the words of the YAML. Spaces, hyphens and underscores between the parts of a word are the same; a key may
itself hold dots and spaces (``long.0700.HK``, ``events.npc opens.at``), so what is already there is matched first, the
longest key first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deepshock.errors import suggest
from deepshock.thesis.account import CostChoice
from deepshock.thesis.scalar import UnreadableError, shown
from deepshock.thesis.sheet import Tree
from deepshock.thesis.vocabulary import inner_model, vocabulary
from deepshock.thesis.words import Words

Keys = tuple[str, ...]


def _plain(word: str) -> str:
    return word.replace("_", " ").replace("-", " ").strip()


def split(dotted: str, model: type[Words], tree: Any) -> Keys:
    """Take a dotted path apart into keys.

    Parameters
    ----------
    dotted : str
        The path.
    model : type
        The model whose words it starts from.
    tree : Any
        The tree that it will change, for the names that are there.

    Raises
    ------
    UnreadableError
        Where a part is no word at its place; names the nearest words.
    """
    keys: list[str] = []
    rest, here, keyed = dotted.strip(), model, False
    inner: type[Words] | None = model
    while rest:
        if keyed:
            key = _key(rest, tree, inner)
        elif inner is None:
            raise UnreadableError(
                f"{shown(dotted)}: '{'.'.join(keys)}' has no words within", f"did you mean {'.'.join(keys)}?"
            )
        elif issubclass(inner, CostChoice) and rest != "preset":
            key = rest
        else:
            here = inner
            key = _word(rest, here, keys, dotted)
        rest = _after(rest, key)
        if keyed:
            keyed = False
        elif inner is not None:
            inner, keyed = inner_model(vocabulary(here).get(key)) if key in vocabulary(here) else (None, False)
        keys.append(key)
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    if not keys:
        raise UnreadableError("an empty path", "write for example exit.hold.")
    return tuple(keys)


def _after(rest: str, key: str) -> str:
    """Drop a key and the dot after it; the key may be spelled with other separators of the same length."""
    return rest[len(key) :].removeprefix(".")


def _word(rest: str, model: type[Words], above: list[str], dotted: str) -> str:
    """Return the word that a path starts with."""
    head = _plain(rest.partition(".")[0])
    for word in vocabulary(model):
        if _plain(word) == head:
            return word
    known = [".".join([*above, word]) for word in vocabulary(model)]
    near = suggest(".".join([*above, head]), known, most=1) or suggest(dotted, known, most=1)
    raise UnreadableError(
        f"{shown(dotted)} is not a path: there is no word {head!r} there",
        f"{near or 'allowed are: ' + ', '.join(known) + '.'}",
    )


def _key(rest: str, tree: Any, inner: type[Words] | None) -> str:
    """Return the key that a path starts with: the longest one that is there, else all but a known word at the end."""
    there = [str(key) for key in (tree if isinstance(tree, Mapping | list) else ())]
    found = [key for key in there if _plain(rest) == _plain(key) or _plain(rest).startswith(_plain(key) + ".")]
    if found:
        return max(found, key=len)
    for word in vocabulary(inner) if inner else ():
        if _plain(rest).endswith("." + _plain(word)):
            return rest[: -len(word) - 1]
    return rest


def put(tree: Any, keys: Keys, value: Any, model: type[Words] | None, keyed: bool = False) -> Tree:
    """Return a tree with one value replaced; the tree itself is left alone. None removes the key."""
    node: Tree = dict(tree) if isinstance(tree, Mapping) else {}
    key, rest = keys[0], keys[1:]
    if not rest:
        if value is None:
            node.pop(key, None)
        else:
            node[key] = value
        return node
    inner, inner_keyed = (model, False) if keyed else inner_model(vocabulary(model)[key]) if model else (None, False)
    below = node.get(key, {})
    if inner_keyed and isinstance(below, list):
        below = dict.fromkeys(below, "1")
    elif inner is not None and not isinstance(below, Mapping):
        below = inner.expand(below)
    node[key] = put(below, rest, value, inner, inner_keyed)
    return node

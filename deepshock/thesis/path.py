"""Dotted paths, such as ``exit.hold`` or ``costs.half-spread.bps``, and what they change in a tree.

Paths are the words of the YAML. Spaces, hyphens and underscores between the parts of a word are the same; a key may
itself hold dots and spaces (``long.0700.HK``, ``events.npc opens.at``), so what is already there is matched first, the
longest key first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from deepshock.errors import suggest
from deepshock.thesis.account import CostChoice
from deepshock.thesis.scalar import UnreadableError, shown
from deepshock.thesis.sheet import Tree
from deepshock.thesis.vocabulary import inner_model, vocabulary
from deepshock.thesis.words import Words

Keys = tuple[str, ...]
Model = type[BaseModel]


def split(dotted: str, model: Model, tree: Any) -> Keys:
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
    rest, keyed = dotted.strip(), False
    here: Model | None = model
    while rest:
        if keyed:
            key, keyed = _key(rest, tree, here), False
        elif here is None:
            whole = ".".join(keys)
            raise UnreadableError(f"{shown(dotted)}: '{whole}' has no words within", f"did you mean {whole}?")
        else:
            key = _word(rest, here, keys, dotted)
            here, keyed = inner_model(vocabulary(here).get(key))
        keys.append(key)
        # Another spelling of a key has the same length.
        rest = rest[len(key) :].removeprefix(".").strip()
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    if not keys:
        raise UnreadableError("an empty path", "write for example exit.hold.")
    return tuple(keys)


def _plain(word: str) -> str:
    return word.replace("_", " ").replace("-", " ").strip()


def _word(rest: str, model: Model, above: list[str], dotted: str) -> str:
    """Return the word that a path starts with; of costs, all that is left is the name of a figure."""
    head = _plain(rest.partition(".")[0])
    for word in vocabulary(model):
        if _plain(word) == head:
            return word
    if issubclass(model, CostChoice):
        return rest
    known = [".".join([*above, word]) for word in vocabulary(model)]
    near = suggest(".".join([*above, head]), known, most=1) or suggest(dotted, known, most=1)
    problem = f"{shown(dotted)} is not a path: there is no word {head!r} there"
    raise UnreadableError(problem, near or f"allowed are: {', '.join(known)}.")


def _key(rest: str, tree: Any, inner: Model | None) -> str:
    """Return the key that a path starts with: the longest one that is there, else all but a known word at the end."""
    there = [str(key) for key in (tree if isinstance(tree, Mapping | list) else ())]
    found = [key for key in there if _plain(rest) == _plain(key) or _plain(rest).startswith(_plain(key) + ".")]
    if found:
        return max(found, key=len)
    for word in vocabulary(inner) if inner else ():
        if _plain(rest).endswith("." + _plain(word)):
            return rest[: -len(word) - 1]
    return rest


def put(tree: Any, keys: Keys, value: Any, model: Model | None, keyed: bool = False) -> Tree:
    """Return a tree with one value replaced; the tree itself is left alone.

    Parameters
    ----------
    tree : Any
        A mapping; anything else is taken for an empty one.
    keys : tuple of str
        From `split`.
    value : Any
        Text, list or mapping; None removes the key.
    model : type or None
        The model that the tree stands for, or that stands behind its keys.
    keyed : bool
        Which of the two.
    """
    node: Tree = dict(tree) if isinstance(tree, Mapping) else {}
    key, rest = keys[0], keys[1:]
    if rest:
        inner, inner_keyed = (model, False) if keyed or model is None else inner_model(vocabulary(model)[key])
        node[key] = put(_opened(node.get(key), inner, inner_keyed), rest, value, inner, inner_keyed)
    elif value is None:
        node.pop(key, None)
    else:
        node[key] = value
    return node


def _opened(node: Any, model: Model | None, keyed: bool) -> Any:
    """Return a short form as the mapping that it stands for."""
    if keyed:
        return dict.fromkeys(node, "1") if isinstance(node, list) else node
    return model.expand(node) if model and issubclass(model, Words) and isinstance(node, str) else node

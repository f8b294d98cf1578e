"""From pydantic's errors to findings, all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deepshock.errors import suggest
from deepshock.thesis.scalar import UnreadableError, shown
from deepshock.thesis.sheet import Finding, Steps, Tree
from deepshock.thesis.vocabulary import model_at, vocabulary

M = TypeVar("M", bound=BaseModel)


def findings(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Translate pydantic's errors into findings."""
    # A default that depends on a faulty word is no fault of its own.
    details = [detail for detail in error.errors(include_url=False) if detail["type"] != "default_factory_not_called"]
    return [_finding(detail, model) for detail in details]


def _finding(detail: ErrorDetails, model: type[BaseModel]) -> Finding:
    path = tuple(part for part in detail["loc"] if part not in ("[key]", "overrides"))
    wrong = detail.get("ctx", {}).get("error")
    if isinstance(wrong, UnreadableError):
        return Finding((*path, *filter(None, [wrong.at])), wrong.problem, wrong.remedy)
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return Finding(path, "is missing", _example(path, model))
    if kind == "extra_forbidden":
        known = tuple(vocabulary(model_at(path[:-1], model)))
        remedy = suggest(str(path[-1]), known) or f"allowed are: {', '.join(known)}."
        return Finding(path, f"unknown word {shown(path[-1])}", remedy)
    if value == "":
        return Finding(path, "is empty", "give a value, or remove the word.")
    if kind in ("model_type", "dict_type", "mapping_type", "model_attributes_type"):
        return Finding(
            path, f"{shown(value)} is not a mapping", "write 'word: value' lines under it, or {word: value}."
        )
    if kind in ("tuple_type", "list_type"):
        return Finding(path, f"{shown(value)} is not a list", "write [one, another].")
    return Finding(path, f"{shown(value)} is refused: {detail['msg']}")


def _example(path: Steps, model: type[BaseModel]) -> str:
    owner = model_at(path[:-1], model)
    for name, field in owner.model_fields.items():
        if (field.alias or name) == path[-1] and field.examples:
            return f"write for example '{path[-1]}: {field.examples[0]}'."
    return f"write '{path[-1]}: ...'."


def attempt(
    read: Callable[[Tree], M], tree: Tree, model: type[BaseModel], stand_ins: Tree
) -> tuple[M | None, list[Finding], frozenset[Steps]]:
    """Read a tree; where parts of it are wrong, read what is left, so that its faults are found as well.

    Parameters
    ----------
    read : callable
        From a tree to a model; raises pydantic's ValidationError.
    tree : dict
        What was written.
    model : type
        The model, for its vocabulary.
    stand_ins : dict
        Values for required words that are missing or wrong.

    Returns
    -------
    tuple of (model or None, findings, paths that were left out)
    """
    found: list[Finding] = []
    broken: set[Steps] = set()
    for _ in range(5):
        try:
            return read(tree), found, frozenset(broken)
        except ValidationError as error:
            found = found or findings(error, model)
            for detail in error.errors(include_url=False, include_input=False):
                top = str(detail["loc"][0]) if detail["loc"] else ""
                broken.add(detail["loc"])
                missing = detail["type"] == "missing" and len(detail["loc"]) == 1
                tree = {**tree, top: stand_ins.get(top, "")} if missing else _without(tree, detail["loc"])
    return None, found, frozenset(broken)


def _without(tree: Any, path: Steps) -> Any:
    """Return a tree without the innermost node of a path that it has; the tree itself is left alone."""
    if not path or not isinstance(tree, dict):
        return tree
    key, rest = path[0], path[1:]
    key = key if key in tree else str(key).replace(" ", "_") if str(key).replace(" ", "_") in tree else f"{key}_"
    if key not in tree:
        return _without(tree, rest) if path[0] == "overrides" else tree
    slim = dict(tree)
    inner = _without(slim[key], rest) if rest else slim[key]
    if inner is slim[key]:
        del slim[key]
    else:
        slim[key] = inner
    return slim

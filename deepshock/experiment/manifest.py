"""What the folder of a sweep says of itself, and how two sweeps differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from deepshock.errors import Fault, UsageError
from deepshock.experiment.durable import is_temporary, said
from deepshock.thesis.scalar import shown

MANIFEST = "_manifest.json"  # readers of a folder of Parquet files pass over what begins so
ANOTHER = "choose another folder"
_OWN = ("deepshock", "n_variants", "chunk", "columns")


def as_manifest(given: Mapping[str, Any], n_variants: int, chunk: int, version: str) -> dict[str, Any]:
    """Return a manifest as JSON will give it back.

    Raises
    ------
    UsageError
        A number that is none, no columns, a value that JSON does not have.
    """
    faults = [
        Fault(name, f"{shown(number)} is no number of rows", "give a whole number from 1")
        for name, number in (("n_variants", n_variants), ("chunk", chunk))
        if not isinstance(number, Integral) or int(number) < 1
    ]
    if not isinstance(given.get("columns"), Mapping) or not given["columns"]:
        remedy = "give names with pandas dtypes, such as {'net_return': 'float64'}"
        faults.append(Fault("columns", f"{shown(given.get('columns'))} names no columns", remedy))
    if faults:
        raise UsageError(faults)
    try:
        whole = {**given, "deepshock": version, "n_variants": int(n_variants), "chunk": int(chunk)}
        found: dict[str, Any] = json.loads(json.dumps(whole, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise UsageError(Fault("manifest", str(error), "give values that JSON has")) from error
    return found


def new_folder(path: Path) -> None:
    """Make a folder, if it is not there, and see that nobody else's things are in it.

    Raises
    ------
    UsageError
        It is not empty, or cannot be made.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(Fault(str(path), "is not a folder", "give the name of a folder"))
    if not path.absolute().parent.is_dir():
        problem = f"there is no folder {path.absolute().parent}"
        raise UsageError(Fault(str(path), problem, "create it, or choose another"))
    with said(path, "written"):
        path.mkdir(exist_ok=True)
        others = sorted(entry.name for entry in path.iterdir() if not is_temporary(entry.name))
    if others and MANIFEST not in others:
        some = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        raise UsageError(Fault(str(path), f"holds {some}, and no sweep", "choose an empty folder, or a new one"))


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest in a folder.

    Raises
    ------
    UsageError
        There is none, or it cannot be read.
    """
    if not (path / MANIFEST).is_file():
        problem = f"holds no sweep: there is no {MANIFEST}" if path.is_dir() else "there is no such folder"
        raise UsageError(Fault(str(path), problem, "give the folder that a sweep was written to"))
    with said(path / MANIFEST, "read"):
        content = (path / MANIFEST).read_bytes()
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or any(name not in found for name in _OWN):
        raise UsageError(Fault(str(path / MANIFEST), "is no manifest of a sweep", ANOTHER))
    return found


def differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Say what is not the same in two manifests, one sentence for each entry.

    Examples
    --------
    >>> differences({"thesis": "ab12", "chunk": 10}, {"thesis": "cd34", "chunk": 10})
    ['thesis was ab12 and is cd34']
    """
    return [_told(name, there.get(name), wanted.get(name)) for name in _unequal(there, wanted)]


def _unequal(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys((*there, *wanted)) if there.get(name) != wanted.get(name)]


def _told(name: str, there: Any, wanted: Any) -> str:
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        parts = _unequal(_by_path(there), _by_path(wanted)) or ["in another order"]
        return f"{name} is not the same: {', '.join(parts)}"
    return f"{name} was {_short(there)} and is {_short(wanted)}"


def _by_path(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a grid with an entry for each axis, and anything else as it is."""
    axes = words.get("axes")
    if not isinstance(axes, list):
        return dict(words)
    return {"sample": words.get("sample"), **{" with ".join(axis["paths"]): axis["values"] for axis in axes}}


def _short(value: object) -> str:
    text = "not there" if value is None else str(value)
    return text if len(text) <= 24 else f"{text[:12]}..."

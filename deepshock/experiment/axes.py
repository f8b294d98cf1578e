"""One axis of a sweep: a parameter, or several that move together, and the values they take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepshock.errors import Fault
from deepshock.thesis.dump import as_tree
from deepshock.thesis.scalar import UnreadableError, shown

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Paths = tuple[str, ...]
Values = tuple[object, ...]
_PLAIN = (float, str, int, bool, type(None))


@dataclass(frozen=True)
class Axis:
    """A parameter and its values.

    Parameters
    ----------
    paths : tuple of str
        Dotted paths. Several are tied: they move together.
    values : tuple of tuple
        One tuple for each position on the axis, with a value for each path.

    Examples
    --------
    >>> Axis(("exit.hold",), ((5,), (None,))).texts
    (('5',), ('none',))
    """

    paths: Paths
    values: tuple[Values, ...]

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def texts(self) -> tuple[Paths, ...]:
        """The values as a thesis would write them."""
        return tuple(tuple("none" if tree is None else _on_one_line(tree) for tree in each) for each in self.trees)

    @cached_property
    def trees(self) -> tuple[Values, ...]:
        """The values as texts, lists and mappings, as the YAML would hold them; None removes a word."""
        return tuple(tuple(None if value is None else as_tree(value) for value in each) for each in self.values)

    @cached_property
    def positions(self) -> dict[Paths, int]:
        """Where on the axis each of `texts` stands."""
        return {text: position for position, text in enumerate(self.texts)}

    @cached_property
    def levels(self) -> tuple[tuple[pd.Index, Ints], ...]:
        """Of each path, its labels, each once, and where among them each position of the axis stands."""
        return tuple(self._level(column) for column in range(len(self.paths)))

    def _level(self, column: int) -> tuple[pd.Index, Ints]:
        """Return a level of an index.

        Labels are the values themselves unless pandas would confuse them (True and 1) or change them (a large whole
        number beside fractions); then they are all text.
        """
        import pandas as pd

        texts = [text[column] for text in self.texts]
        values = dict(zip(reversed(texts), (value[column] for value in reversed(self.values)), strict=True))
        place = {text: n for n, text in enumerate(dict.fromkeys(texts))}
        labels = [label(values[text], text) for text in place]
        level = pd.Index(labels)
        if labels != list(place) and (not level.is_unique or [written(value) for value in level] != list(place)):
            level = pd.Index(list(place))
        return level, np.array([place[text] for text in texts], np.int64)

    def position(self, labels: Mapping[str, object], faults: list[Fault]) -> int:
        """Return where on the axis labels or values, one for each path, stand; 0 and a fault where they do not."""
        missing = [path for path in self.paths if path not in labels]
        where = f"variant {', '.join(missing or self.paths)}"
        if missing:
            faults.append(Fault(where, "is not given", "give a value for every path"))
            return 0
        try:
            texts = tuple(written(labels[path]) for path in self.paths)
        except UnreadableError as wrong:
            faults.append(Fault(where, wrong.problem, wrong.remedy))
            return 0
        if texts not in self.positions:
            some = "; ".join(", ".join(text) for text in self.texts[:10]) + (" ..." if len(self) > 10 else "")
            faults.append(Fault(where, f"{', '.join(texts)} is not varied", f"there is {some}"))
        return self.positions.get(texts, 0)


def read_axis(key: object, given: object, faults: list[Fault]) -> Axis | None:
    """Read one entry of ``over``; what is wrong with it joins the faults, and there is no axis."""
    paths = tuple(part.strip() if isinstance(part, str) else "" for part in (key if isinstance(key, tuple) else (key,)))
    where = f"over {shown(key)}"
    if not paths or not all(paths):
        remedy = "write for example exit.hold, or (enter.lag, exit.hold) as a tuple of two"
        faults.append(Fault(where, "is no path and no tuple of paths", remedy))
        return None
    try:
        values = _sequence(given)
        rows = tuple(_tied(value, len(paths)) for value in values) if isinstance(key, tuple) else [(v,) for v in values]
        axis = Axis(paths, tuple(tuple(map(plain, row)) for row in rows))
        _distinct(axis)
    except UnreadableError as wrong:
        faults.append(Fault(where, wrong.problem, wrong.remedy))
        return None
    return axis


def _sequence(given: object) -> Sequence[object]:
    """Return what was given as a list of values; arrays, and what pandas has of that kind, know ``tolist``."""
    if isinstance(given, np.ndarray) and given.ndim and given.dtype.kind in "mM":
        listed: object = list(given)  # the list of such an array would hold bare numbers
    else:
        listed = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(listed, str | bytes | bytearray) or not isinstance(listed, Sequence):
        remedy = f"write [{listed!r}]" if isinstance(listed, str | float | int) else "give a list, a range or an array"
        raise UnreadableError(f"{shown(given)} is no list of values", remedy)
    if not listed:
        raise UnreadableError("has no values", "give at least one, or leave the path out")
    return listed


def _tied(value: object, n_paths: int) -> Values:
    """Return the values of tied paths at one position."""
    if not isinstance(value, tuple | list) or len(value) != n_paths:
        raise UnreadableError(f"{shown(value)} is no tuple of {n_paths} values", "give one value for each tied path")
    return tuple(value)


def _distinct(axis: Axis) -> None:
    """Refuse a value that stands twice: its variants would be counted as trials that they are not."""
    twice = [text for position, text in enumerate(axis.texts) if axis.positions[text] != position]
    if twice:
        raise UnreadableError(f"{', '.join(twice[0])} stands twice", "give every value once")


def plain(value: object) -> object:
    """Return a value as Python's own type: numpy's scalars are what they hold.

    Raises
    ------
    UnreadableError
        Where a thesis could not write it, or it is a time without a zone.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.datetime64 | np.timedelta64):
        value = _moment(value)
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(word): plain(inner) for word, inner in value.items()}
    if isinstance(value, datetime) and value.tzinfo is None:
        raise UnreadableError(f"{shown(value)} has no time zone", "give it one, for example tzinfo=UTC")
    if not isinstance(value, datetime):  # any other instant can be written
        as_tree(value)
    return value


def _moment(value: np.datetime64 | np.timedelta64) -> object:
    """Return numpy's date or length of time as Python's; nanoseconds would come back as a bare number, NaT as None."""
    unit = "[D]" if np.datetime_data(value)[0] == "D" and isinstance(value, np.datetime64) else "[us]"
    found: object = value.astype(f"{'M8' if isinstance(value, np.datetime64) else 'm8'}{unit}").item()
    if not isinstance(found, date | timedelta):
        raise UnreadableError(f"{shown(value)} is no date and no length of time", "give None to remove a word")
    return found


def written(value: object) -> str:
    """Return a value as the text that a thesis would hold: ``none``, ``8%``, ``[a, b]``, ``{via: SPY}``."""
    return _on_one_line(as_tree(plain(value)))


def _on_one_line(tree: object) -> str:
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{word}: {_on_one_line(inner)}" for word, inner in tree.items()) + "}"
    return "[" + ", ".join(map(_on_one_line, tree)) + "]" if isinstance(tree, list) else str(tree)


def label(value: object, text: str) -> object:
    """Return what stands for a value in an index: a number, a flag or a text itself, anything else as it is written."""
    if type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value)):
        return value
    return text

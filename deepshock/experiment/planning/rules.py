"""The rules of all variants as RULE records, read value by value and combined by array code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError

from deepshock.arrays import RULE, Flags, Floats, Ints, Records
from deepshock.engine.orders import rules_of
from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.digits import Digits
from deepshock.experiment.planning.roles import RULES, Change, Member, axes_of
from deepshock.thesis import Enter, Exit, Thesis
from deepshock.thesis.number import Gross
from deepshock.thesis.path import Keys
from deepshock.thesis.rule import DEFAULT_HOLD
from deepshock.thesis.scalar import UnreadableError

LEVELS = ("stop", "target", "trailing", "drawdown")
_DATED = ("before", "on", "date")
_GROSS: TypeAdapter[float] = TypeAdapter(Gross)
KEPT = 20_000  # combinations of which all records are kept at hand
ABSENT = -1.0  # a hold that is not given


class Base(NamedTuple):
    """What a thesis says where the grid says nothing."""

    rule: bytes  # a RULE record; nil in what the grid sets, -1 for a hold that is not given
    dated: bool  # whether an exit on a date, or by an event, stands beside


@dataclass(frozen=True)
class Column:
    """The values of one field along one axis.

    Parameters
    ----------
    axis : int
    field : str
    values : ndarray of shape (n_positions,)
        nan for no level, `ABSENT` for no hold.
    good : ndarray of shape (n_positions,), bool
        Whether the word takes the value.
    """

    axis: int
    field: str
    values: Floats
    good: Flags


def read_column(change: Change, grid: Grid) -> Column:
    """Read all values of a rule's word, each once, as a thesis would."""
    values = [row[change.column] for row in grid.axes[change.axis].trees]
    found = [_read(change.keys, value) for value in values]
    good = np.array([one is not None for one in found])
    return Column(change.axis, RULES[change.keys], np.array([0.0 if one is None else one for one in found]), good)


def _read(keys: Keys, value: object) -> float | None:
    """Return the value of a rule's word, or of its absence; None where the word does not take it."""
    word = keys[-1]
    try:
        given = {} if value is None else {word: value}
        if keys == ("gross",):
            return _GROSS.validate_python(given.get(word, 1.0))
        words = Enter.model_validate(given) if keys[0] == "enter" else Exit.model_validate(given)
    except (DeepshockError, ValidationError, UnreadableError):
        return None
    if word == "hold":
        return float(getattr(words, word)) if word in words.model_fields_set else ABSENT
    found = getattr(words, word)
    return np.nan if found is None else float(found)


class Rules:
    """The rules of one thesis under all variants.

    Parameters
    ----------
    member : Member
    columns : sequence of Column
        Of its rules, in the order of its changes.
    grid : Grid
    """

    def __init__(self, member: Member, columns: Sequence[Column], grid: Grid) -> None:
        self.columns = {column.field: column for column in columns}
        self.digits = Digits.on((column.axis for column in columns), grid)
        self.fixed = not any(change.keys[0] in ("enter", "exit", "gross") for change in member.designs)
        self._own = axes_of((*member.designs, *member.times))
        self._tables: dict[Base, Records] = {}
        self._last: tuple[Enter | None, Exit | None, float, Base | None] = (None, None, 0.0, None)

    def good(self, axis: int) -> Flags | None:
        """Return which positions of an axis every word takes, None where it takes all."""
        found = [column.good for column in self.columns.values() if column.axis == axis]
        every = np.logical_and.reduce(found) if found else np.array(True)
        return None if every.all() else every

    def bold(self, axis: int) -> Flags | None:
        """Return at which positions of an axis a target is 100 % or more, which no short takes; None where nowhere."""
        column = self.columns.get("target")
        if column is None or column.axis != axis or axis in self._own:
            return None
        found = column.good & (column.values >= 1.0)
        return found if found.any() else None

    @cached_property
    def calm(self) -> dict[int, int]:
        """A position of each axis that nothing but rules depends on, at which the rules refuse no design."""
        found = {}
        for axis, size in zip(self.digits.axes, self.digits.sizes, strict=True):
            if axis not in self._own:
                good, bold = self.good(axis), self.bold(axis)
                fine = np.ones(size, np.bool_) if good is None else good
                calm = fine if bold is None else fine & ~bold
                found[axis] = int(np.argmax(calm if calm.any() else fine))
        return found

    def lags(self) -> Column | None:
        """Return the lags that are varied."""
        return self.columns.get("lag")

    def base(self, thesis: Thesis) -> Base:
        """Return what a thesis says itself; variations of it share what is not varied."""
        enter, exits, gross, base = self._last
        if base is None or thesis.enter is not enter or thesis.exit is not exits or thesis.gross != gross:
            base = self._read_base(thesis)
            self._last = (thesis.enter, thesis.exit, thesis.gross, base)
        return base

    def _read_base(self, thesis: Thesis) -> Base:
        rule = rules_of([thesis])
        if "hold" not in thesis.exit.model_fields_set:
            rule["hold"] = int(ABSENT)
        for field in self.columns:
            rule[field] = 0
        return Base(rule.tobytes(), any(getattr(thesis.exit, word) is not None for word in _DATED))

    def table(self, base: Base) -> Records:
        """Return the records of all combinations."""
        if base not in self._tables:
            n = self.digits.size
            self._tables[base] = self.records(base, self.digits.positions(np.arange(n)), n)
        return self._tables[base]

    def records(self, base: Base, positions: Mapping[int, Ints], n: int) -> Records:
        """Return the records of some combinations, given by their positions on each axis, ndarrays of shape (n,)."""
        rule = np.frombuffer(bytearray(base.rule) * n, RULE)
        for field, column in self.columns.items():
            rule[field] = column.values.take(positions[column.axis])
        absent = rule["hold"] < 0
        if absent.any():
            exits = np.isfinite([rule[level] for level in LEVELS]).any(axis=0) | base.dated
            rule["hold"] = np.where(absent & ~exits, DEFAULT_HOLD, rule["hold"])
        return rule


def all_rules(members: Sequence[Member], grid: Grid) -> list[Rules]:
    """Return the rules of each thesis; what one path sets in several is read once."""
    changes = {(c.axis, c.column): c for member in members for c in member.rules}
    columns = {at: read_column(change, grid) for at, change in changes.items()}
    return [Rules(member, [columns[c.axis, c.column] for c in member.rules], grid) for member in members]

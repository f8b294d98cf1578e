"""From a tree of words back to YAML, and from Python values to the text that stands for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from numbers import Integral, Real
from typing import Any

import yaml
from pydantic import BaseModel

from deepshock.thesis.account import Money
from deepshock.thesis.figure import Change
from deepshock.thesis.instant import write_length, write_when
from deepshock.thesis.month_day import MonthDay
from deepshock.thesis.number import write_weight
from deepshock.thesis.rule import Condition
from deepshock.thesis.scalar import UnreadableError, shown, write_flag
from deepshock.thesis.sheet import Tree


class _Plain(yaml.SafeDumper):
    """Writes every scalar as text, which is how it is read: quotes stand only where YAML's own signs ask for them."""

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self.yaml_implicit_resolvers = {}

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out twice rather than as an alias."""
        return True


def to_text(tree: Tree) -> str:
    """Write a tree as YAML: words in their order, short lists and mappings on one line."""
    return str(yaml.dump(tree, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120))


def words_of(model: BaseModel, *, unset: bool = False) -> Any:
    """Return what was given to a model as text; with ``unset`` its defaults as well.

    A mapping of words, or one text where the model has a short form that says it all.
    """
    return model.model_dump(mode="json", by_alias=True, exclude_unset=not unset, exclude_none=True)


def as_tree(value: Any) -> Any:
    """Return a value as the text, list or mapping that a YAML file would hold.

    Raises
    ------
    UnreadableError
        Where the value has no such form.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return write_flag(value)
    if isinstance(value, float):  # before the kinds of number, which take long to ask for
        return write_weight(value) if math.isfinite(value) else str(value)
    if isinstance(value, int | Integral):
        return str(int(value))
    if isinstance(value, Real):
        return write_weight(float(value)) if math.isfinite(value) else str(value)
    if isinstance(value, datetime) and value.tzinfo is None:  # else it would be read in the zone of this machine
        raise UnreadableError(f"{shown(value)} has no zone", "give an aware datetime, such as one with tzinfo=UTC.")
    if isinstance(value, date):
        return write_when(value)
    if isinstance(value, timedelta):
        return write_length(value)
    if isinstance(value, Mapping):
        return {str(key): as_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_tree(item) for item in value]
    if isinstance(value, BaseModel):
        return words_of(value)
    if isinstance(value, Money | MonthDay | Change):
        return str(value)
    if isinstance(value, Condition):
        return value.text
    if value is None:
        return "none"
    raise UnreadableError(f"{shown(value)} cannot be written", "give text, a number, a date, a list or a mapping.")

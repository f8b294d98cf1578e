"""What is bought and sold, and in which proportion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    WrapSerializer,
    model_serializer,
)

from deepshock.thesis.number import PERCENT_SCHEMA, Weight
from deepshock.thesis.scalar import Flag, Symbol, UnreadableError, shown
from deepshock.thesis.words import Words

SIDES = ("long", "short", "versus")


class Leg(Words):
    """One leg: its weight, and whether the source named it. YAML also takes the bare weight."""

    short_form = PERCENT_SCHEMA

    weight: Weight = Field(
        1.0, description="A part (parts are scaled to sum to one) or a percentage (they must sum to 100%)."
    )
    proxy: Flag | None = Field(
        None,
        description="True where we chose the instrument and the source named none; default: the thesis's own.",
    )

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read a bare weight."""
        return value if isinstance(value, Mapping | Leg) or value == "" else {"weight": value}

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        """Write a leg that is nothing but its weight as that weight."""
        words = handler(self)
        return words["weight"] if set(words) == {"weight"} else words


@dataclass(frozen=True, slots=True)
class LegSpec:
    """A leg as the plan sees it.

    Parameters
    ----------
    symbol : str
        The instrument.
    side : {1, -1}
        Bought or sold short.
    part : float
        Its weight as written, positive: a part or a fraction, to be scaled; 1.0 unless `weighting` is ``given``.
    proxy : bool
        Whether we chose it, rather than the source.
    group : {"long", "short"}
        Its side in words.
    """

    symbol: str
    side: int
    part: float
    proxy: bool
    group: Literal["long", "short"]


def _read_legs(value: Any) -> Any:
    """Read a list of symbols as legs of weight 1."""
    if not isinstance(value, list | tuple):
        return value
    twice = sorted({shown(symbol) for symbol in value if value.count(symbol) > 1})
    if twice:
        remedy = "name each instrument once; give weights as {NVDA: 2, AMD: 1}."
        raise UnreadableError(f"{', '.join(twice)} stands twice in the list", remedy)
    return {symbol: Leg() for symbol in value} if all(isinstance(symbol, str) for symbol in value) else value


_LEGS_SCHEMA = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/Leg"}, "minProperties": 1},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    ]
}


def _write_legs(legs: Mapping[str, Leg], handler: SerializerFunctionWrapHandler) -> Any:
    """Write legs of which nothing is given as the list of their symbols."""
    words = handler(legs)
    return words if any(words.values()) else list(words)


Legs = Annotated[
    Mapping[Symbol, Leg],
    BeforeValidator(_read_legs),
    WrapSerializer(_write_legs, when_used="json"),
    WithJsonSchema(_LEGS_SCHEMA),
]

"""A figure that a source gives of a price, so that it can be held against the bars of that instant."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from deepshock.thesis.instant import Instant
from deepshock.thesis.scalar import Line, Scalar, Symbol, UnreadableError, choice, shown
from deepshock.thesis.words import Words

_PERCENT = r"([+-]?)([0-9]{1,4}(?:\.[0-9]{1,6})?)\s*%"
_MOVE = re.compile(rf"{_PERCENT}(\s+or more)?", re.ASCII)
_DIRECTIONS = ("higher", "lower")
_EXAMPLE = "write for example -10%, '-2.5% or more', higher or lower."
_TINY = math.ulp(0.0)  # the least that is not nothing

Measure = Annotated[Literal["last", "open", "high", "low", "close"], choice("last", "open", "high", "low", "close")]


@dataclass(frozen=True, slots=True)
class Change:
    """What a text says of a price against the close before.

    Parameters
    ----------
    percent : str
        The percentage with its sign and as many digits as the text gives, ``-10`` or ``+1.20``; empty beside ``higher``
        and ``lower``.
    says : {"", "or more", "higher", "lower"}
        The percentage as it is, a bound, or a direction alone.
    """

    percent: str
    says: Literal["", "or more", "higher", "lower"] = ""

    def bounds(self) -> tuple[float, float]:
        """Return the least and the largest change that the text may mean, both included, as fractions.

        A figure is rounded to the digits with which it is written: half a unit of the last one belongs to it.
        """
        if self.says == "higher":
            return _TINY, math.inf
        if self.says == "lower":
            return -1.0, -_TINY
        number = Decimal(self.percent)
        half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
        low, high = (float(edge.scaleb(-2)) for edge in (number - half, number + half))
        if self.says == "or more":
            return (-1.0, high) if number < 0 else (low, math.inf)
        return low, high

    def __str__(self) -> str:
        return f"{self.percent}%{f' {self.says}' if self.says else ''}" if self.percent else self.says


def read_change(value: object) -> Change:
    """Read ``-10%``, ``-2.5% or more``, ``higher`` or ``lower``; a number without its percent sign is refused.

    Raises
    ------
    UnreadableError
    """
    text = str(value).strip() if isinstance(value, str | Change) else ""
    if text in _DIRECTIONS:
        return Change("", "higher" if text == "higher" else "lower")
    match = _MOVE.fullmatch(text)
    if match is None:
        raise UnreadableError(f"{shown(value)} is no change of a price", _EXAMPLE)
    sign, digits, bound = match.groups()
    percent = f"{sign or '+'}{digits}"
    if Decimal(percent) <= -100:
        raise UnreadableError(f"{shown(value)} is out of range", "a price cannot fall by 100% or more.")
    if bound and not Decimal(percent):
        raise UnreadableError(f"{shown(value)} says nothing", _EXAMPLE)
    return Change(percent, "or more" if bound else "")


_CHANGE_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": r"^[+-]?[0-9]{1,4}(\.[0-9]{1,6})?\s*%(\s+or more)?$"},
        {"enum": list(_DIRECTIONS)},
    ]
}
Move = Annotated[Change, Scalar(read_change, str, _CHANGE_SCHEMA)]


class Figure(Words):
    """What a source says about a price. YAML also takes the symbol and the change: ``NVDA -10%``."""

    short_form: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"^\S+\s+\S.*$"}

    symbol: Symbol = Field(description="The instrument.", examples=["NVDA"])
    change: Move = Field(
        description="Against the close of the venue's session before, with the digits of the text: '-10%', "
        "'-2.5% or more', higher or lower.",
        examples=["-10%"],
    )
    of: Measure = Field("last", description="Which price it is: the last one at that instant, or one of the session.")
    at: Instant | None = Field(
        None,
        description="The instant of the price; default: when the source came out, by its earliest reading; of a bare "
        "date, some time before its `seen by`.",
        examples=["2025-01-27T10:00Z"],
    )
    before: Instant | None = Field(
        None, description="Instead of `at`: the instant before which it was taken, where the text says no more."
    )
    what: Line | None = Field(None, description="What the text says, or calls the instrument.")

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read a symbol and a change."""
        if not isinstance(value, str) or not value:
            return value
        words = value.split(None, 1)
        if len(words) < 2:
            remedy = "write for example NVDA -10%, or {symbol: META, change: lower, of: open}."
            raise UnreadableError(f"{shown(value)} is not a symbol and a change", remedy)
        return dict(zip(("symbol", "change"), words, strict=True))

    def checked(self) -> Self:
        """Refuse two instants."""
        if self.at is not None and self.before is not None:
            raise UnreadableError("stands beside 'at'", "keep one of them.", "before")
        return self

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        """Write a figure that is nothing but a symbol and a change as these two."""
        words = handler(self)
        return f"{words['symbol']} {words['change']}" if set(words) == {"symbol", "change"} else words

    def __str__(self) -> str:
        return f"{self.symbol}{'' if self.of == 'last' else f' ({self.of})'} {self.change}"

"""Numbers as a desk writes them: parts, percentages, sessions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Annotated, Any

from deepshock.thesis.scalar import Scalar, UnreadableError, shown

NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NUMBER_PATTERN = r"^[+-]?([0-9][0-9_]*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


class Percent(float):
    """A fraction that was written as a percentage: ``25%`` is ``Percent(0.25)``."""

    __slots__ = ()


def read_number(value: object) -> float:
    """Read a finite number; underscores may group its digits."""
    if isinstance(value, str):
        number = float(value.replace("_", "")) if NUMBER.fullmatch(value.strip()) else math.nan
    else:
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number):
        raise UnreadableError(f"{shown(value)} is not a finite number", "write for example 0.5, 1e-4 or 1_000.")
    return number


def write_number(value: float) -> str:
    """Write the shortest text that reads back as the same number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def read_percent(value: object) -> float:
    """Read ``8%`` or the fraction 0.08. Decimal arithmetic, so that ``0.1%`` is the float 0.001 itself."""
    if isinstance(value, str) and value.strip().endswith("%"):
        text = value.strip()[:-1].strip()
        read_number(text)
        return Percent(Decimal(text.replace("_", "")).scaleb(-2))
    return read_number(value)


def write_percent(value: float) -> str:
    """Write a fraction as a percentage."""
    return f"{Decimal(repr(float(value))).scaleb(2).normalize():f}%"


def write_weight(value: float) -> str:
    """Write a weight the way it was given, as a percentage or as a part."""
    return write_percent(value) if isinstance(value, Percent) else write_number(value)


def between(low: float, high: float, example: str, *, ends: str = "()") -> Callable[[object], float]:
    """Return a reader of percentages, or fractions, in a range; ``ends`` are its brackets, ``[`` and ``]`` closed."""
    bounds = ("from" if ends[0] == "[" else "above", "up to" if ends[1] == "]" else "below")
    allowed = (
        f"allowed is {bounds[0]} {write_percent(low)} and {bounds[1]} {write_percent(high)}, for example {example}."
    )

    def read(value: object) -> float:
        number = read_percent(value)
        if low < number < high or (number == low and ends[0] == "[") or (number == high and ends[1] == "]"):
            return number
        raise UnreadableError(f"{shown(value)} is out of range", allowed)

    return read


def read_weight(value: object) -> float:
    """Read a weight above nothing: a part or a percentage."""
    number = read_percent(value)
    if not 0 < number <= 1e6:
        raise UnreadableError(f"{shown(value)} is out of range", "allowed is above 0, for example 1 or 25%.")
    return number


def read_count(least: int, most: int, example: str) -> Callable[[object], int]:
    """Return a reader of whole numbers of sessions: ``20``, ``20 sessions``, ``1 session``."""

    def read(value: object) -> int:
        if isinstance(value, str):
            match = re.fullmatch(r"([+-]?[\d_]+)(\s+sessions?)?", value.strip(), re.ASCII)
            number = float(match[1].replace("_", "") or "nan") if match else math.nan
        else:
            number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
        if not (math.isfinite(number) and number == int(number) and least <= number <= most):
            raise UnreadableError(
                f"{shown(value)} is not a whole number from {least} to {most}", f"write for example {example}."
            )
        return int(number)

    return read


def write_sessions(value: int) -> str:
    """Write a number of sessions."""
    return f"{value} session{'' if value == 1 else 's'}"


def _number_or(pattern: str) -> dict[str, Any]:
    """JSON Schema of a number that editors may see as a number or as text."""
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern}]}


NUMBER_SCHEMA = _number_or(NUMBER_PATTERN + "$")
PERCENT_SCHEMA = _number_or(NUMBER_PATTERN + r"\s*%?$")
_SESSIONS_SCHEMA = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^[0-9_]+(\s+sessions?)?$"}]}

Weight = Annotated[float, Scalar(read_weight, write_weight, PERCENT_SCHEMA)]
Fall = Annotated[float, Scalar(between(0, 1, "8%"), write_percent, PERCENT_SCHEMA)]
Rise = Annotated[float, Scalar(between(0, 100, "20%"), write_percent, PERCENT_SCHEMA)]
Gross = Annotated[float, Scalar(between(0, 10, "100%", ends="(]"), write_percent, PERCENT_SCHEMA)]
Share = Annotated[float, Scalar(between(0, 1, "15%", ends="[)"), write_percent, PERCENT_SCHEMA)]
Rate = Annotated[float, Scalar(between(0, 2, "50%", ends="[]"), write_percent, PERCENT_SCHEMA)]
Hold = Annotated[int, Scalar(read_count(1, 10_000, "20 sessions"), write_sessions, _SESSIONS_SCHEMA)]
Within = Annotated[int, Scalar(read_count(1, 1_000, "5 sessions"), write_sessions, _SESSIONS_SCHEMA)]
Lag = Annotated[int, Scalar(read_count(0, 1_000, "1"), str, _SESSIONS_SCHEMA)]

"""What a sweep varies, read from the command line: ``exit.hold=5,10,20``, ``enter.lag=0:10``, tied paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import yaml

from deepshock.errors import Fault, UsageError
from deepshock.thesis.scalar import UnreadableError, shown

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(_NUMBER)
_RANGE = re.compile(rf"(?P<first>{_NUMBER}%?)\s*:\s*(?P<last>{_NUMBER}%?)(?:\s*:\s*(?P<step>{_NUMBER}%?))?")
_OPEN, _CLOSE, _QUOTES = "[{", "]}", "'\""
MOST = 1_000_000  # values of one range
EXAMPLE = "write for example 'exit.hold=5,10,20', 'enter.lag=0:10' or 'exit.stop,exit.target=5%|10%,10%|20%'"


def read_over(given: Iterable[str]) -> dict[str | tuple[str, ...], list[object]]:
    """Read what is varied, as ``deepshock.sweep`` takes it.

    Parameters
    ----------
    given : iterable of str
        ``PATH=VALUE,VALUE,...``. A value is a word or a number as a thesis has it, ``none`` to remove the word, or a
        range ``FIRST:LAST`` or ``FIRST:LAST:STEP`` of numbers or percentages, the last one included. Commas within
        brackets or quotes belong to a value. Several paths, with a comma between them, are tied: each position then
        has a value for each of them, with ``|`` between.

    Raises
    ------
    UsageError
        With everything that cannot be read.

    Examples
    --------
    >>> read_over(["enter.lag=0:3", "exit.stop,exit.target=none|none,5%|10%"])
    {'enter.lag': [0, 1, 2, 3], ('exit.stop', 'exit.target'): [(None, None), ('5%', '10%')]}
    """
    found: dict[str | tuple[str, ...], list[object]] = {}
    faults = []
    for text in given:
        try:
            key, values = _axis(text)
            if key in found:
                raise UnreadableError(f"{shown(key)} stands twice", "give all its values at one place")
            found[key] = values
        except UnreadableError as wrong:
            faults.append(Fault(f"--over {text!r}", wrong.problem, wrong.remedy))
    if faults:
        raise UsageError(faults)
    return found


def _axis(text: str) -> tuple[str | tuple[str, ...], list[object]]:
    """Read one axis.

    Raises
    ------
    UnreadableError
        It has no paths or no values, or one that cannot be read.
    """
    left, equals, right = text.partition("=")
    paths = tuple(path.strip() for path in left.split(","))
    if not equals or not all(paths):
        raise UnreadableError("names no values of a path" if not equals else "names no path", EXAMPLE)
    positions = _apart(right, ",")
    if not all(positions):
        raise UnreadableError("has an empty place among its values", "leave out the comma, or write none")
    if len(paths) == 1:
        return paths[0], [value for position in positions for value in _values(position)]
    return paths, [_tied(position, len(paths)) for position in positions]


def _tied(position: str, n: int) -> tuple[object, ...]:
    parts = _apart(position, "|")
    if len(parts) != n or not all(parts):
        raise UnreadableError(
            f"{position!r} is not {n} values", f"give one for each of the {n} tied paths, with | between"
        )
    return tuple(_value(part) for part in parts)


def _apart(text: str, sign: str) -> list[str]:
    """Split a text at a sign, but not within brackets or quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES and not parts[-1].strip():
            quote = letter
        depth += (letter in _OPEN) - (letter in _CLOSE) if not quote else 0
        if letter == sign and depth <= 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _values(text: str) -> list[object]:
    """Return the values of a range, or the one value that a text is."""
    bounds = _RANGE.fullmatch(text)
    if bounds is None:
        return [_value(text)]
    given = [bounds["first"], bounds["last"], *([bounds["step"]] if bounds["step"] else [])]
    percent = {part.endswith("%") for part in given}
    if len(percent) > 1:
        raise UnreadableError(f"{text!r} mixes percentages and numbers", "write for example 1%:10%:1%")
    first, last, *rest = (Decimal(part.rstrip("%")) for part in given)
    step = rest[0] if rest else Decimal(1 if last >= first else -1)
    if step == 0 or (last - first) / step < 0:
        raise UnreadableError(f"{text!r} never arrives", f"write for example {last}:{first}" if step else "give a step")
    n = int((last - first) / step) + 1
    if n > MOST:
        raise UnreadableError(f"{text!r} is {n:,} values", f"give a larger step: {MOST:,} values at most")
    sign = "%" if percent.pop() else ""
    return [_value(f"{first + place * step:f}{sign}") for place in range(n)]


def _value(text: str) -> object:
    """Return what a thesis takes for a text: a number as such, what is in brackets or quotes as YAML has it."""
    if text == "none":
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if text[0] not in _OPEN + _QUOTES:
        return text
    try:
        found: object = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError:
        raise UnreadableError(f"{text!r} cannot be read", "close every bracket and quote") from None
    return found

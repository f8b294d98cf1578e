"""How one written value is read: every scalar is text first, then parsed by the type of its field.

YAML would turn ``ON`` into true, ``0700`` into 448 and ``16:30`` into 990. Here nothing is guessed from how a value
looks: a `Scalar` says how its field reads text (and plain Python values, for theses built in Python), how it writes the
value back, and what an editor may expect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic_core import CoreSchema, core_schema

from deepshock.errors import suggest


class UnreadableError(ValueError):
    """A value that cannot be read.

    Parameters
    ----------
    problem : str
        What was given and why it is refused.
    remedy : str
        What to write instead.
    at : str
        The word that it is about, where several are read together.
    """

    def __init__(self, problem: str, remedy: str = "", at: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.at = at


def shown(value: object) -> str:
    """Quote a value for a message, shortened to 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True, eq=False)
class Scalar:
    """How a field reads, writes and describes its one value. Stands in ``Annotated[type, Scalar(...)]``.

    Parameters
    ----------
    read : callable
        From text, or from a Python value, to the field's value; raises `UnreadableError`.
    write : callable
        Back to the canonical text; ``read(write(value)) == value``.
    schema : mapping
        JSON Schema of what may be written.
    """

    read: Callable[[Any], object]
    write: Callable[[Any], str] = str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def _read(self, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise UnreadableError("is empty", "give a value, or remove the word.")
        return self.read(value)

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        """Validate with `read`; write text in JSON mode, leave the value as it is otherwise."""
        writer = core_schema.plain_serializer_function_ser_schema(self.write, when_used="json")
        return core_schema.no_info_plain_validator_function(self._read, serialization=writer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: object) -> dict[str, Any]:
        """Return the JSON Schema."""
        return dict(self.schema)


def read_flag(value: object) -> bool:
    """Read ``true`` or ``false``, and nothing else: ``ON`` is a symbol."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise UnreadableError(f"{shown(value)} is neither true nor false", "write true or false.")


def write_flag(value: bool) -> str:
    """Write a flag."""
    return "true" if value else "false"


def choice(*words: str) -> Scalar:
    """Return the scalar that is one of some words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value.strip() in words:
            return value.strip()
        near = suggest(value, words, most=1) if isinstance(value, str) else ""
        raise UnreadableError(
            f"{shown(value)} is not allowed", f"{near + ' ' if near else ''}allowed is {', '.join(words)}."
        )

    return Scalar(read, schema={"enum": list(words)})


def read_text(value: object) -> str:
    """Read prose: any text that is not blank, stripped, every kind of line break as a line feed."""
    if not isinstance(value, str) or not value.strip():
        raise UnreadableError(f"{shown(value)} is not text", "write some text.")
    if not _is_writable(value):
        raise UnreadableError(f"{shown(value)} contains characters that cannot be written", "write plain text.")
    return "\n".join(value.strip().splitlines())


def _is_writable(text: str) -> bool:
    """Say whether a text can stand in a file: no half characters, and no control characters but white space."""
    return not any("\ud800" <= letter <= "\udfff" or (letter < " " and letter not in "\t\n\r") for letter in text)


def read_line(value: object) -> str:
    """Read one plain line."""
    text = read_text(value)
    if len(text.splitlines()) > 1 or len(text) > 200:
        raise UnreadableError(f"{shown(value)} is not one line of at most 200 characters", "write a note for more.")
    return text


def read_quote(value: object) -> str:
    """Read a verbatim quote of at most 25 words: a pointer to a source, not a copy of it."""
    text = read_text(value)
    n_words = len(text.split())
    if n_words > 25:
        raise UnreadableError(f"the quote has {n_words} words", "quote at most 25 words.")
    return text


def matching(pattern: str, kind: str, example: str) -> Scalar:
    """Return the scalar whose text matches a pattern."""
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value.strip()) and _is_writable(value):
            return value.strip()
        raise UnreadableError(f"{shown(value)} is not {kind}", f"write for example {example}.")

    return Scalar(read, schema={"type": "string", "pattern": f"^({pattern})$"})


Flag = Annotated[bool, Scalar(read_flag, write_flag, {"enum": [True, False, "true", "false"]})]
Text = Annotated[str, Scalar(read_text)]
Line = Annotated[str, Scalar(read_line)]
Quote = Annotated[str, Scalar(read_quote)]
Slug = Annotated[
    str, matching(r"[a-z0-9][a-z0-9-]{0,63}", "a slug of small letters, digits and hyphens", "buy-china-before-npc")
]
Symbol = Annotated[str, matching(r"[A-Za-z0-9^][A-Za-z0-9.^=_/:&-]{0,31}", "a symbol", "0700.HK")]
Name = Annotated[str, matching(r"[^\s\x00-\x1f][^\x00-\x1f]{0,79}", "a name", "npc opens")]

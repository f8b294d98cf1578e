"""The base of everything that a person writes: frozen models whose faults read like sentences.

A model is built from YAML words or from Python names. Whoever builds one gets all of its faults at once, as a
`ThesisError`; pydantic's own error never leaves this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema

from deepshock.errors import Fault, ThesisError
from deepshock.thesis.findings import findings
from deepshock.thesis.scalar import UnreadableError
from deepshock.thesis.sheet import Sheet

_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextmanager
def inside() -> Iterator[None]:
    """Leave errors of models built in here to whoever builds the whole."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


class Words(BaseModel):
    """A frozen model that knows its YAML words, refuses all others, and raises `ThesisError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    # The JSON Schema of the short form that `expand` reads, where there is one.
    short_form: ClassVar[Mapping[str, Any] | None] = None
    # Words for which ``none`` says that the word is not there.
    may_be_none: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Return the mapping that a short form stands for; anything else as it is."""
        return value

    def checked(self) -> Self:
        """Return the model, if its words go together; raises `UnreadableError` where they do not."""
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if _inside.get():
            return handler(present(cls.expand(value), cls.may_be_none)).checked()
        with inside():
            try:
                return handler(present(cls.expand(value), cls.may_be_none)).checked()
            except ValidationError as error:
                raise ThesisError(Sheet().faults(findings(error, cls))) from None
            except UnreadableError as error:
                raise ThesisError(Fault(error.at, error.problem, error.remedy)) from None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Allow the short form, and ``none`` where a word may say it."""
        full = dict(handler.resolve_ref_schema(handler(schema)))
        words = dict(full["properties"])
        for word in cls.may_be_none:
            told = words[word].get("description", "")
            words[word] = {"anyOf": [words[word], {"enum": ["none"]}], "description": told}
        full["properties"] = words
        return {"anyOf": [dict(cls.short_form), full]} if cls.short_form else full


def present(value: Any, may_be_none: Sequence[str]) -> Any:
    """Return a mapping without those words that say ``none``; anything else as it is."""
    if not isinstance(value, Mapping) or not may_be_none:
        return value
    return {word: item for word, item in value.items() if word not in may_be_none or item not in (None, "none")}

"""Which words a model has, and which model stands behind a word."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from deepshock.thesis.sheet import Steps


@lru_cache(maxsize=256)
def vocabulary(model: type[BaseModel]) -> dict[str, Any]:
    """Return the words of a model with their annotations."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def inner_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model within an annotation, and whether it stands behind a key (``Mapping[str, Leg]``)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated or origin is Union or origin is types.UnionType or origin is tuple:
        for argument in arguments[:1] if origin is Annotated else arguments:
            found, keyed = inner_model(argument)
            if found or keyed:
                return found, keyed
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return inner_model(arguments[1])[0], True
    return None, False


def model_at(path: Steps, model: type[BaseModel]) -> type[BaseModel]:
    """Return the model that a path leads to."""
    keyed = False
    for part in path:
        if keyed or isinstance(part, int):
            keyed = False
            continue
        found, keyed = inner_model(vocabulary(model).get(str(part)))
        model = found or model
    return model

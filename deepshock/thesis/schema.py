"""A JSON Schema of the YAML words, for editors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from deepshock.thesis.book import Book
from deepshock.thesis.leg import Leg
from deepshock.thesis.model import Thesis
from deepshock.thesis.rule import Enter
from deepshock.thesis.scalar import Scalar
from deepshock.thesis.shared import Shared


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a thesis, a book or a file of shared sources.

    Words are those of the YAML. Values may be typed, as an editor's YAML 1.2 reader sees them, or text, as deepshock
    reads them.
    """
    models = (Thesis, Book, Shared, Leg)
    _, schema = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions = {name: _tidy(definition) for name, definition in schema["$defs"].items()}
    for model, definition in ((Thesis, definitions["Thesis"]), (Enter, definitions["Enter"]["anyOf"][1])):
        for word, text in _defaults(model).items():
            definition["properties"][word]["default"] = text
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deepshock thesis, book or shared sources",
        "type": "object",
        "if": {"required": ["thesis"]},
        "then": {"$ref": "#/$defs/Thesis"},
        "else": {"if": {"required": ["book"]}, "then": {"$ref": "#/$defs/Book"}, "else": {"$ref": "#/$defs/Shared"}},
        "$defs": definitions,
    }


def _defaults(model: type[BaseModel]) -> dict[str, str]:
    """Return the defaults of a model's scalars, as they would be written."""
    return {
        field.alias or name: scalar.write(field.default)
        for name, field in model.model_fields.items()
        for scalar in field.metadata
        if isinstance(scalar, Scalar) and field.default is not None and not field.is_required()
    }


def _tidy(node: Any) -> Any:
    """Keep what an editor shows: no null, no Python defaults, no generated titles, the first paragraph of a text."""
    if isinstance(node, list):
        return [_tidy(item) for item in node if item != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    slim = {key: _tidy(value) for key, value in node.items() if key not in ("default", "title", "properties")}
    if "properties" in node:
        slim["properties"] = {word: _tidy(value) for word, value in node["properties"].items()}
    if "description" in slim:
        slim["description"] = slim["description"].partition("\n\n")[0].replace("``", "'").replace("`", "'")
    only = slim.get("anyOf", ())
    return {**slim.pop("anyOf")[0], **slim} if len(only) == 1 else slim

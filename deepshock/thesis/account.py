"""The account that trades the thesis: capital, costs and margin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import CoreSchema

from deepshock.thesis.number import NUMBER_SCHEMA, Rate, read_number, write_number
from deepshock.thesis.scalar import Name, Scalar, UnreadableError, choice, matching, shown
from deepshock.thesis.words import Words


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency (ISO 4217)."""

    amount: float = 1_000_000.0
    currency: str = "USD"

    def __str__(self) -> str:
        whole = self.amount == int(self.amount)
        return f"{int(self.amount):_} {self.currency}" if whole else f"{self.amount!r} {self.currency}"


def read_money(value: object) -> Money:
    """Read ``1_000_000 USD``."""
    if isinstance(value, Money):
        value = str(value)
    match = re.fullmatch(r"(\S+)\s+([A-Z]{3})", value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UnreadableError(f"{shown(value)} is not an amount and a currency", "write for example 1_000_000 USD.")
    amount = read_number(match[1])
    if not 0 < amount <= 1e15:
        raise UnreadableError(f"{shown(value)} is out of range", "allowed is above 0, for example 1_000_000 USD.")
    return Money(amount, match[2])


Capital = Annotated[Money, Scalar(read_money, str, {"type": "string", "pattern": r"^[0-9_.eE+-]+\s+[A-Z]{3}$"})]
Tier = Annotated[Literal["general", "special", "none"], choice("general", "special", "none")]
Preset = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9-]*|[^\s\x00-\x1f]+\.(yaml|yml|csv)",
        "a preset or a cost file",
        "institutional, or my_costs.yaml",
    ),
]


def read_figure(value: object) -> float | str:
    """Read a figure of a cost setting: a number; ``8%``, ``on``, ``off`` and ``none`` stay text, for the costs."""
    text = ("on" if value else "off") if isinstance(value, bool) else value.strip() if isinstance(value, str) else ""
    if text in ("on", "off", "none") or text.endswith("%"):
        if text.endswith("%"):
            read_number(text[:-1].strip())
        return text
    return read_number(value)


def _write_figure(value: float | str) -> str:
    return value if isinstance(value, str) else write_number(value)


FIGURE_SCHEMA = {
    "anyOf": [*NUMBER_SCHEMA["anyOf"], {"enum": ["on", "off", "none"]}, {"type": "string", "pattern": "%$"}]
}
Figure = Annotated[float | str, Scalar(read_figure, _write_figure, FIGURE_SCHEMA)]


class Margin(Words):
    """What margin the account keeps: ``reg-t``, ``none``, or rates of one's own as {initial: 50%, maintenance: 25%}."""

    short_form: ClassVar[Mapping[str, Any]] = {"enum": ["reg-t", "none"]}

    rule: Annotated[Literal["reg-t", "none", "own"], choice("reg-t", "none", "own")] = Field(
        "own", description="Which rule applies."
    )
    initial: Rate | None = Field(None, description="Of the value, at entry.", examples=["50%"])
    maintenance: Rate | None = Field(None, description="Of the value, on each valuation row.", examples=["25%"])

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read the name of a rule."""
        if isinstance(value, str) and value:
            if value not in ("reg-t", "none"):
                raise UnreadableError(
                    f"{shown(value)} is not a margin rule", "write reg-t, none or {initial: 50%, maintenance: 25%}."
                )
            return {"rule": value}
        return value

    def checked(self) -> Self:
        """Refuse half a rule of one's own, and rates beside a named one."""
        rates = (self.initial, self.maintenance)
        if self.rule == "own" and None in rates:
            raise UnreadableError("needs both rates", "write {initial: 50%, maintenance: 25%}.")
        if self.rule != "own" and rates != (None, None):
            raise UnreadableError(f"'{self.rule}' has its own rates", "remove 'rule', or the rates.")
        return self

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        words = handler(self)
        words.pop("rule", None)
        return words if self.rule == "own" else self.rule


class CostChoice(Words):
    """A cost preset or cost file, and single figures that differ from it: ``{preset: retail, half-spread.bps: 2}``."""

    preset: Preset = Field(
        "institutional", description="none, institutional, retail, or a file.", examples=["institutional"]
    )
    overrides: Mapping[Name, Figure] = Field(
        default_factory=dict, description="Figures by dotted name, such as half-spread.bps."
    )

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read the name of a preset, and gather the words that are figures."""
        if isinstance(value, str) and value:
            return {"preset": value}
        if not isinstance(value, Mapping):
            return value
        named = value.get("overrides")
        named = named if isinstance(named, Mapping) else {}
        figures = {
            word: figure for word, figure in value.items() if word != "preset" and not (named and word == "overrides")
        }
        return {**{word: value[word] for word in value if word == "preset"}, "overrides": {**named, **figures}}

    def is_file(self) -> bool:
        """Say whether the preset is a file, relative to the thesis's own folder."""
        return self.preset.endswith((".yaml", ".yml", ".csv"))

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        words = handler(self)
        overrides = words.pop("overrides", {})
        return {**words, **overrides} if overrides else self.preset

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Allow the short form; figures stand beside ``preset``."""
        full = super().__get_pydantic_json_schema__(schema, handler)
        preset = full["properties"]["preset"]
        return {"anyOf": [preset, {**full, "properties": {"preset": preset}, "additionalProperties": FIGURE_SCHEMA}]}

"""The vocabulary of a thesis: every word that may be written, its type, its default and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from deepshock.thesis.account import Capital, CostChoice, Margin, Money, Tier
from deepshock.thesis.dump import as_tree
from deepshock.thesis.event import Event
from deepshock.thesis.instant import Instant, When
from deepshock.thesis.leg import Legs
from deepshock.thesis.naive import NaiveRule
from deepshock.thesis.number import Gross, Share
from deepshock.thesis.rule import Enter, Exit, Hedge, WrongIf
from deepshock.thesis.scalar import Flag, Line, Name, Slug, Symbol, Text, choice
from deepshock.thesis.source import Citation, Counter, Source
from deepshock.thesis.words import Words

_ANYTHING = {"anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array"}, {"type": "object"}]}
_CHANGES_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": _ANYTHING, "minProperties": 1},
}
Changes = Annotated[Mapping[str, Mapping[str, Any]], BeforeValidator(as_tree), WithJsonSchema(_CHANGES_SCHEMA)]
Trust = Annotated[Literal["fact", "claim"], choice("fact", "claim")]
Weighting = Annotated[Literal["given", "equal", "inverse-vol"], choice("given", "equal", "inverse-vol")]
Neutral = Annotated[Literal["none", "dollar", "beta"], choice("none", "dollar", "beta")]
Uptick = Annotated[Literal["ignore", "wait", "passive"], choice("ignore", "wait", "passive")]


class ThesisWords(Words):
    """The words of a thesis, each checked by itself. `Thesis` adds what holds between them."""

    may_be_none = ("news", "hedge", "benchmark", "rival")

    name: Slug = Field(alias="thesis", description="A slug.", examples=["buy-china-before-npc"])
    title: Line | None = Field(None, description="The thesis in one plain line.")
    include: Line | None = Field(
        None, description="A file of shared sources and events, relative to this one.", examples=["deepseek.yaml"]
    )
    sources: Mapping[Name, Source] = Field(default_factory=dict, description="Who said it, by id.")
    events: Mapping[Name, Event] = Field(default_factory=dict, description="Facts with dates, by name.")
    source: Citation = Field(description="What the thesis rests on; sets `known`.", examples=["{from: forexlive}"])
    corroborated_by: tuple[Citation, ...] = Field(
        (), alias="corroborated by", description="Who else says so; never sets `known`."
    )
    counter: tuple[Counter, ...] = Field((), description="What speaks against it.")
    news: Instant | None = Field(
        None, description="When the market could first know; default: when the source is known."
    )
    claims: Mapping[Name, When] = Field(
        default_factory=dict, description="What the source says about dates; traded on only with `trust: claim`."
    )
    trust: Trust = Field("fact", description="Whether rules use events or what the source claims.")
    long: Legs = Field(default_factory=dict, description="What is bought: symbol to weight.")
    short: Legs = Field(default_factory=dict, description="What is sold short: symbol to weight.")
    versus: Legs = Field(default_factory=dict, description="The other side of `long`, or of `short`.")
    proxy: Flag = Field(
        False,
        description="True where we chose the instruments and the source did not name them; a leg's own `proxy` wins.",
    )
    weighting: Weighting = Field(
        "given", description="How weights come about; beside the other two the written ones must not differ."
    )
    neutral: Neutral = Field("none", description="What the two sides balance.")
    gross: Gross = Field(1.0, description="Both sides together, of the NAV at decision.")
    enter: Enter = Field(default_factory=Enter, description="When to get in.")
    exit: Exit = Field(default_factory=Exit, description="When to get out: the first to fire.")
    hedge: Hedge | None = Field(None, description="What beta is hedged with.")
    wrong_if: tuple[WrongIf, ...] = Field(
        (),
        alias="wrong if",
        description="What would prove it wrong: 'drawdown > 8%', 'net return < -5%', or a sentence for a human.",
    )
    uptick: Uptick = Field("passive", description="How shorts meet Rule 201.")
    margin: Margin = Field(
        default_factory=lambda: Margin(rule="reg-t"),
        description="The margin that is kept; in a book with `margin`, that holds instead.",
    )
    borrow: Mapping[Symbol, Tier] = Field(default_factory=dict, description="Borrow tier by symbol; default general.")
    costs: CostChoice = Field(
        default_factory=CostChoice, description="What trading costs; in a book with `costs`, those hold instead."
    )
    capital: Capital = Field(
        Money(),
        description="What the account starts with; in a book, the book's own holds instead.",
        examples=["1_000_000 USD"],
    )
    fractional: Flag = Field(False, description="Whether any fraction of a share can be traded.")
    benchmark: Symbol | None = Field(None, description="What it is compared with.", examples=["^GSPC"])
    withholding: Share = Field(0.0, description="Tax withheld from dividends received.")
    alternatives: Changes = Field(
        default_factory=dict,
        description="Variants fixed beforehand: name to {dotted path: value}; each counts as a trial.",
    )
    rival: NaiveRule | None = Field(
        None, description="The naive rule that needs no article: in and out on the same days of every year."
    )
    contradicts: tuple[Slug, ...] = Field((), description="Theses that believe the opposite.")
    note: Text | None = Field(None, description="Anything else.")

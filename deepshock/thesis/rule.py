"""When the thesis gets in and out, what it is hedged with, and what would prove it wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from deepshock.thesis.instant import Day
from deepshock.thesis.number import Fall, Hold, Lag, Rise, Within, read_percent
from deepshock.thesis.scalar import Name, Scalar, Symbol, UnreadableError, choice, read_line, shown
from deepshock.thesis.words import Words

DEFAULT_HOLD = 20

Auction = Annotated[Literal["open", "close"], choice("open", "close")]
EventName = Annotated[Name, Field(description="The name of a declared event.")]


class Enter(Words):
    """When to get in. YAML also takes ``enter: next open`` and ``enter: next close``."""

    short_form: ClassVar[Mapping[str, Any]] = {"enum": ["next open", "next close"]}
    may_be_none = ("on",)

    at: Auction = Field(
        "open", description="The auction: the first one strictly after `known` on each leg's own venue."
    )
    lag: Lag = Field(0, description="Sessions to wait beyond the one that is due.")
    within: Within = Field(
        5, description="Sessions, the due one included, after which an order that did not fill expires."
    )
    on: EventName | None = Field(None, description="Not before this event.")

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read ``next open`` and ``next close``."""
        if not isinstance(value, str) or not value:
            return value
        words = value.split()
        if len(words) != 2 or words[0] != "next":
            raise UnreadableError(
                f"{shown(value)} is not an entry", "write 'next open', 'next close' or {at: open, lag: 1}."
            )
        return {"at": words[1]}


def _default_hold(given: dict[str, Any]) -> int | None:
    return None if any(value is not None for value in given.values()) else DEFAULT_HOLD


class Exit(Words):
    """When to get out: the first to fire. With nothing given at all, after 20 sessions."""

    may_be_none = ("before", "on", "date", "stop", "target", "trailing", "drawdown", "hold")

    before: EventName | None = Field(None, description="At the last close strictly before this event.")
    on: EventName | None = Field(
        None, description="At the first auction strictly after this event; for a bare date the close of that session."
    )
    date: Day | None = Field(None, description="At the close of the last session on or before this date.")
    stop: Fall | None = Field(None, description="Per leg: loss from the fill price at which it closes, such as 8%.")
    target: Rise | None = Field(None, description="Per leg: gain from the fill price at which it closes.")
    trailing: Fall | None = Field(None, description="Per leg: fall from the best price since entry at which it closes.")
    drawdown: Fall | None = Field(
        None, description="For the thesis: fall of its NAV from its maximum at which all legs close."
    )
    # Last, because its default depends on the others.
    hold: Hold | None = Field(
        default_factory=_default_hold,
        description="Sessions after that of the fill, to the close.",
        examples=["20 sessions"],
    )


class Hedge(Words):
    """Trade an instrument against each fill, sized by beta."""

    beta_to: Symbol = Field(alias="beta to", description="The index that beta is measured to.", examples=["^HSI"])
    via: Symbol = Field(description="The instrument that is traded.", examples=["FXI"])


@dataclass(frozen=True)
class Condition:
    """Something that would prove the thesis wrong.

    Parameters
    ----------
    text : str
        As written.
    kind : {"drawdown", "return", "human"}
        Whether the result can be checked for it, or a person has to judge.
    op : {">", "<", ">=", "<=", ""}
        The comparison; empty for a human's.
    level : float
        The fraction it is compared with; 0.0 for a human's.
    """

    text: str
    kind: Literal["drawdown", "return", "human"] = "human"
    op: str = ""
    level: float = 0.0

    def holds(self, value: float) -> bool:
        """Say whether a drawdown (positive) or a net return, as a fraction, meets it; False for a human's."""
        tests = {">": value > self.level, "<": value < self.level, ">=": value >= self.level, "<=": value <= self.level}
        return tests.get(self.op, False)


_MEASURED = re.compile(r"(drawdown|net return)\s*(>=|<=|>|<)\s*(.*)")


def read_condition(value: object) -> Condition:
    """Read ``drawdown > 8%``, ``net return < -5%``, or a sentence for a human."""
    if isinstance(value, Condition):
        value = value.text
    text = read_line(value)
    match = _MEASURED.fullmatch(text)
    if match is None:
        return Condition(text)
    measure, op, level = match.groups()
    if not level.endswith("%"):
        raise UnreadableError(f"{shown(text)} compares with no percentage", f"write for example '{measure} {op} 8%'.")
    return Condition(text, "drawdown" if measure == "drawdown" else "return", op, float(read_percent(level)))


WrongIf = Annotated[Condition, Scalar(read_condition, lambda condition: condition.text)]

"""The naive rule that a thesis has to beat: the calendar alone, without an article."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field

from deepshock.thesis.leg import Legs
from deepshock.thesis.month_day import DayOfYear
from deepshock.thesis.scalar import Line, UnreadableError
from deepshock.thesis.words import Words


class NaiveRule(Words):
    """A rule that needs no article: in and out on the same days of every year.

    Examples
    --------
    >>> NaiveRule(**{"from": "15 December", "until": "10 January"}).span(2024)
    (datetime.date(2024, 12, 15), datetime.date(2025, 1, 10))
    """

    what: Line | None = Field(None, description="The rule in one plain line.")
    from_: DayOfYear = Field(
        alias="from",
        description="In at the close of the last session on or before this day, on each leg's own venue.",
        examples=["31 January"],
    )
    until: DayOfYear = Field(
        description="Out at the last close before this day; one that is not after `from` is of the next year.",
        examples=["5 March"],
    )
    long: Legs = Field(
        default_factory=dict, description="What it buys; with neither side given, the legs of the thesis."
    )
    short: Legs = Field(default_factory=dict, description="What it sells short.")

    def checked(self) -> Self:
        """Refuse a rule that is never in."""
        if self.from_ == self.until:
            raise UnreadableError("is the day on which the rule begins", "choose another day.", "until")
        return self

    @property
    def has_legs(self) -> bool:
        """Whether it trades legs of its own."""
        return bool(self.long or self.short)

    def span(self, year: int) -> tuple[date, date]:
        """Return the day from which it is in, in that year, and the day before which it is out."""
        return self.from_.on(year), self.until.on(year + (self.until < self.from_))

    def __str__(self) -> str:
        return f"from the last close up to {self.from_} to the last one before {self.until}, every year"

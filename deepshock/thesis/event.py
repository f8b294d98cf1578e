"""Something with a date that a rule may refer to, and when that date was known."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from deepshock.thesis.instant import Known, When, start_of
from deepshock.thesis.scalar import Line, Text
from deepshock.thesis.words import Words


class Event(Words):
    """A fact: what happens when, and since when that could be known.

    A rule may use an event only after it is known; an event without `known` is shown, and no rule may use it.

    Examples
    --------
    >>> Event(at="2025-03-05T01:00Z", known="2024-12-25T01:44Z").instant()
    datetime.datetime(2025, 3, 5, 1, 0, tzinfo=datetime.timezone.utc)
    """

    at: When = Field(
        description="An instant with a zone, or a bare date: the session of that date on each leg's own venue.",
        examples=["2025-03-05T01:00Z"],
    )
    known: Known | None = Field(
        None,
        description="When `at` was announced; a bare date counts at 12:00 UTC of the next day.",
        examples=["2024-12-25T01:44Z"],
    )
    what: Text | None = Field(None, description="What happens.")
    source: Line | None = Field(None, description="Who says so.")

    def instant(self) -> datetime:
        """Return `at` in UTC; a bare date is its 00:00 UTC."""
        return start_of(self.at)

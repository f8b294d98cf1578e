"""Who said it, and when it could be known.

A source is known at ``published + latency``. What is uncertain about ``published`` is resolved against the reader: of
several plausible zones the latest instant counts, and a bare date counts when it has ended everywhere on earth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from deepshock.thesis.figure import Figure
from deepshock.thesis.instant import (
    Instant,
    Length,
    check_year,
    end_of,
    find_zone,
    no_zone,
    read_stamp,
    read_when,
    resolve,
    write_when,
)
from deepshock.thesis.scalar import Line, Quote, Scalar, Text, UnreadableError
from deepshock.thesis.words import Words


def _read_published(value: object) -> str:
    """Keep the text of a date or a time that can be read; Python's own dates become text."""
    if isinstance(value, date):
        return write_when(read_when(value))
    text = str(value).strip()
    stamp = read_stamp(text)
    if stamp.zone:
        resolve(stamp, stamp.zone)
    return text


def _read_zone(value: object) -> str:
    name = str(value).strip()
    find_zone(name)
    return name


Published = Annotated[str, Scalar(_read_published)]
_PUBLISHED = (
    "When: an instant with a zone, a local stamp beside `zones`, or a bare date (known at 12:00 UTC of the next day)."
)
Zone = Annotated[str, Scalar(_read_zone)]


class _Described(Words):
    """The words that a source may have, wherever it is written."""

    publisher: Line | None = Field(None, description="Who published it.", examples=["forexlive"])
    author: Line | None = Field(None, description="Who wrote it.")
    title: Line | None = Field(None, description="Its headline.")
    published: Published | None = Field(None, description=_PUBLISHED, examples=["2025-01-27T10:57:07Z"])
    zones: tuple[Zone, ...] = Field(
        (), description="The plausible zones of a stamp without one; the latest instant counts."
    )
    seen_by: Instant | None = Field(
        None, alias="seen by", description="An instant by which the text proves that it was out."
    )
    latency: Length = Field(timedelta(0), description="From publication to being able to act; added last.")
    figures: tuple[Figure, ...] = Field(
        (), description="What it says about prices, to be held against the bars.", examples=["[NVDA -10%]"]
    )
    note: Text | None = Field(None, description="Anything else.")

    def checked(self) -> Self:
        """Refuse a time that cannot be placed."""
        if self.published is not None:
            self._resolve(self.published)
        elif self.zones or self.seen_by:
            at = "zones" if self.zones else "seen by"
            raise UnreadableError("says when, beside no 'published'", "write 'published: ...'.", at)
        return self

    def _resolve(self, published: str) -> dict[str, datetime]:
        """Return the instant of each reading of the stamp, before latency."""
        stamp = read_stamp(published)
        if self.zones and (stamp.zone or stamp.clock is None):
            remedy = "remove them: they are for a time of day without a zone."
            raise UnreadableError(f"are given, but '{published}' needs none", remedy, "zones")
        if stamp.clock is not None and not (stamp.zone or self.zones):
            raise no_zone(published, "published")
        if stamp.clock is None:
            found = {"as published": end_of(stamp.day)}
            # The date begins first where clocks are 14 hours ahead of UTC.
            earliest = datetime.combine(stamp.day, time(), UTC) - timedelta(hours=14)
        else:
            zones = {zone: zone for zone in self.zones} or {"as published": stamp.zone or "Z"}
            found = {reading: resolve(stamp, zone) for reading, zone in zones.items()}
            earliest = min(found.values())
        if self.seen_by is None:
            return found
        if self.seen_by < earliest:
            problem = f"{write_when(self.seen_by)} is before it can have been published ({published})"
            raise UnreadableError(problem, "correct one of the two.", "seen by")
        return {reading: min(instant, self.seen_by) for reading, instant in found.items()}


class Source(_Described):
    """A text that the thesis rests on.

    Examples
    --------
    >>> Source(published="2025-01-27 19:00", zones=["UTC", "America/New_York"]).known()
    datetime.datetime(2025, 1, 28, 0, 0, tzinfo=datetime.timezone.utc)
    """

    published: Published = Field(description=_PUBLISHED, examples=["2025-01-27T10:57:07Z"])

    def readings(self) -> dict[str, datetime]:
        """Return when it was known (UTC) under each plausible zone; where there is no doubt, "as published" alone."""
        return {reading: instant + self.latency for reading, instant in self._resolve(self.published).items()}

    def known(self) -> datetime:
        """Return when it could be known at the latest, in UTC."""
        return max(self.readings().values())

    def instant_of(self, figure: Figure) -> tuple[datetime, bool] | None:
        """Return the instant of a figure (UTC), and whether it was taken before it rather than at it.

        What the figure says itself; else when the source came out, latency aside: by its earliest reading, and for a
        bare date some time before its `seen by`. None where a bare date is all that is known.
        """
        told = figure.at or figure.before
        if told is not None:
            return told, figure.at is None
        if read_stamp(self.published).clock is None:
            return (self.seen_by, True) if self.seen_by else None
        return min(self._resolve(self.published).values()), False

    def known_if(self, published: object) -> datetime:
        """Return when it would be known had it been published at another time, its other words being what they are.

        Parameters
        ----------
        published : datetime or str
            An instant, or what the word would say.

        Raises
        ------
        UnreadableError
            The source would be refused.
        """
        if isinstance(published, datetime) and not self.zones and self.seen_by is None:
            instant = published.astimezone(UTC)  # as it would be written, and read
            check_year(instant)
            return instant + self.latency
        said = write_when(published) if isinstance(published, datetime) else published
        return max(self._resolve(_read_published(said)).values()) + self.latency


class Citation(_Described):
    """A pointer to a declared source (``from``), or a source written in place, with at most 25 words of it."""

    short_form: ClassVar[Mapping[str, Any]] = {"type": "string"}

    from_: Line | None = Field(None, alias="from", description="The id of a declared source.", examples=["forexlive"])
    quote: Quote | None = Field(None, description="At most 25 words, verbatim.")

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read plain text as the id of a source."""
        return {"from": value} if isinstance(value, str) and value else value

    def checked(self) -> Self:
        """Refuse a citation of nobody, or of two."""
        super().checked()
        described = self.model_fields_set - {"from_", "quote", "note"}
        if self.from_ is not None and described:
            raise UnreadableError(
                "names a source with 'from' and describes one as well", "declare it under 'sources', or remove 'from'."
            )
        if self.from_ is None and self.published is None:
            self._check_nameless()
        return self

    def _check_nameless(self) -> None:
        raise UnreadableError(
            "names no source", "write 'from: ID' of a declared source, or its 'published: ...' in place."
        )

    def inline(self) -> Source | None:
        """Return the source that is written in place, if there is one."""
        if self.published is None:
            return None
        given = {name: getattr(self, name) for name in self.model_fields_set - {"from_", "quote"}}
        return Source(**given)


class Counter(Citation):
    """What speaks against the thesis: a citation, or an argument in plain text."""

    @classmethod
    def expand(cls, value: Any) -> Any:
        """Read plain text as an argument of one's own."""
        return {"note": value} if isinstance(value, str) and value else value

    def _check_nameless(self) -> None:
        if self.note is None:
            raise UnreadableError(
                "says nothing", "write the argument as plain text, or cite it with {from: ID, quote: ...}."
            )

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        """Write an argument of one's own as the plain text that it is."""
        words = handler(self)
        return words["note"] if set(words) == {"note"} else words

"""What is wrong between the words of a thesis, when each of them is right by itself.

Each check yields findings and raises nothing. A part that could not be read is absent here, so a check that needs it
keeps silent instead of reporting a second fault for the same mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from deepshock.errors import suggest
from deepshock.thesis.check_legs import check_legs
from deepshock.thesis.event import Event
from deepshock.thesis.instant import write_when
from deepshock.thesis.leg import SIDES
from deepshock.thesis.rule import Exit
from deepshock.thesis.shared import Surroundings
from deepshock.thesis.sheet import Finding, Steps

if TYPE_CHECKING:
    from deepshock.thesis.model import Thesis

# Words of a source that do not move the instant at which it is known.
_DESCRIBING = frozenset({"publisher", "author", "title", "quote", "note", "figures"})


@dataclass(frozen=True)
class Reading:
    """A thesis under examination.

    Parameters
    ----------
    thesis : Thesis
        What could be read.
    around : Surroundings
        What it includes.
    names : frozenset of str
        Sources and events that it declares itself, faulty ones included.
    broken : frozenset of tuple
        Paths that could not be read.
    """

    thesis: Thesis
    around: Surroundings
    names: frozenset[str]
    broken: frozenset[Steps]

    def is_broken(self, *words: str) -> bool:
        """Say whether anything under these words could not be read."""
        return any(path and path[0] in words for path in self.broken)

    def may_be_declared(self, name: str) -> bool:
        """Say whether a source or event is declared, or might be in a file that could not be read."""
        return name in self.names or name in self.around.names or not self.around.complete or self._may_be_claimed(name)

    def _may_be_claimed(self, name: str) -> bool:
        """Say whether a faulty word leaves open if a claim takes the place of an event."""
        return ("claims", name) in self.broken or (("trust",) in self.broken and name in self.thesis.claims)

    def known(self) -> datetime | None:
        """Return when the thesis is known; None where its source could not be read in full."""
        name = self.thesis.source.from_
        places = (("source",), ("sources", name)) if name else (("source",),)
        if any(path[: len(place)] == place and not _DESCRIBING & {*path} for path in self.broken for place in places):
            return None
        return self.thesis.known() if name is None or name in self.thesis.all_sources() else None

    def event(self, name: str | None) -> Event | None:
        """Return an event by name; None where there is none that could be read in full."""
        if name is None or self._may_be_claimed(name) or any(path[:2] == ("events", name) for path in self.broken):
            return None
        is_claim = self.thesis.trust == "claim" and name in self.thesis.claims
        return None if is_claim and self.known() is None else self.thesis.all_events().get(name)


def cross_check(reading: Reading) -> Iterator[Finding]:
    """Yield everything that is wrong between the words."""
    yield from _check_citations(reading)
    yield from _check_event_names(reading)
    yield from _check_entry(reading)
    yield from _check_exit(reading)
    if not reading.is_broken(*SIDES):
        yield from check_legs(reading.thesis, reading.is_broken("benchmark"))
    yield from _check_rival(reading)
    if reading.thesis.name in reading.thesis.contradicts:
        yield Finding(("contradicts",), "the thesis contradicts itself", "remove its own name.")


def _check_rival(reading: Reading) -> Iterator[Finding]:
    """Legs that the naive rule has of its own go together."""
    thesis, rule = reading.thesis, reading.thesis.rival
    if rule is None or not rule.has_legs or reading.is_broken("rival"):
        return
    words = {"long": rule.long, "short": rule.short, "versus": {}, "neutral": "none", "weighting": "given"}
    alone = thesis.model_copy(update={**words, "exit": Exit(), "hedge": None, "borrow": {}})
    yield from (finding._replace(path=("rival", *finding.path)) for finding in check_legs(alone, False))


def _check_citations(reading: Reading) -> Iterator[Finding]:
    """Every source that is cited has to be declared."""
    thesis, known = reading.thesis, tuple(reading.thesis.all_sources())
    cited: list[tuple[Steps, str | None]] = [(("source",), thesis.source.from_)]
    cited += [(("corroborated by", n), citation.from_) for n, citation in enumerate(thesis.corroborated_by)]
    cited += [(("counter", n), citation.from_) for n, citation in enumerate(thesis.counter)]
    for path, name in cited:
        if name is not None and not reading.may_be_declared(name):
            yield Finding((*path, "from"), f"unknown source {name!r}", _nearest(name, known, "sources"))


def _check_event_names(reading: Reading) -> Iterator[Finding]:
    """Every event that a rule uses has to be declared, with the time since when it is known."""
    thesis, known = reading.thesis, tuple(reading.thesis.all_events())
    for path, name in _used_events(thesis):
        if name in known:
            event = reading.event(name)
            if event and event.known is None:
                yield Finding(
                    path,
                    f"{name!r} has no 'known', so no rule may use it",
                    f"write since when its date could be known under 'events: {name}: known'.",
                )
        elif not reading.may_be_declared(name):
            hint = " A claim is not an event, unless 'trust: claim'." if name in thesis.claims else ""
            yield Finding(path, f"unknown event {name!r}", _nearest(name, known, "events") + hint)


def _used_events(thesis: Thesis) -> list[tuple[Steps, str]]:
    uses = (
        (("enter", "on"), thesis.enter.on),
        (("exit", "before"), thesis.exit.before),
        (("exit", "on"), thesis.exit.on),
    )
    return [(path, name) for path, name in uses if name is not None]


def _nearest(name: str, known: tuple[str, ...], block: str) -> str:
    return suggest(name, known) or (f"declared are: {', '.join(known)}." if known else f"declare it under '{block}'.")


def _check_entry(reading: Reading) -> Iterator[Finding]:
    """An entry waits for an event that is still to come when the thesis is known, and whose date is known by then."""
    name = reading.thesis.enter.on
    event = reading.event(name)
    if event is None:
        return
    known, path = reading.known(), ("enter", "on")
    if known and event.instant() < known:
        problem = f"{name!r} is at {write_when(event.at)}, before the thesis is known ({write_when(known)})"
        yield Finding(path, f"{problem}: an entry before known", "remove 'on', or name a later event.")
    elif event.known and event.known > event.instant():
        yield _unknown_by_then(path, name, event.at, event.known)


def _start(reading: Reading) -> datetime | None:
    """Return the instant before which no entry can fill."""
    known, event = reading.known(), reading.event(reading.thesis.enter.on)
    return max(known, event.instant()) if known and event else known


def _check_exit(reading: Reading) -> Iterator[Finding]:
    """A dated exit lies after the earliest entry, and its date is known before it comes."""
    rule = reading.thesis.exit
    if rule.before is None and rule.on is None and rule.date is None:
        return
    start = _start(reading)
    for word, name in (("before", rule.before), ("on", rule.on)):
        event = reading.event(name)
        if event is None:
            continue
        if start and event.instant() <= start:
            yield _too_early(("exit", word), f"{name!r} is at {write_when(event.at)}", start)
        # `before` acts ahead of the event; `on` acts after it, so being told at the very instant is enough.
        elif event.known and (event.known > event.instant() or (word == "before" and event.known == event.instant())):
            yield _unknown_by_then(("exit", word), name, event.at, event.known)
    if start and rule.date and datetime.combine(rule.date + timedelta(days=1), time(), UTC) <= start:
        yield _too_early(("exit", "date"), f"{rule.date} is over", start)


def _too_early(path: Steps, what: str, start: datetime) -> Finding:
    return Finding(
        path,
        f"{what}, but no entry is possible before {write_when(start)}: an exit before the entry",
        "choose a later one.",
    )


def _unknown_by_then(path: Steps, name: str | None, at: date, known: date) -> Finding:
    problem = f"{name!r} at {write_when(at)} is known only from {write_when(known)}: used before it was known"
    return Finding(path, problem, "correct 'known', or use a rule that needs no such date.")

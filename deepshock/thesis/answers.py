"""What a thesis answers about itself: its legs, its sources and events, when it is known, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import PrivateAttr

from deepshock.errors import Fault, ThesisError, suggest
from deepshock.thesis.dump import as_tree, to_text, words_of
from deepshock.thesis.event import Event
from deepshock.thesis.instant import write_length, write_when
from deepshock.thesis.leg import SIDES, LegSpec
from deepshock.thesis.rule import Condition, Enter, Exit
from deepshock.thesis.shared import Surroundings
from deepshock.thesis.sheet import Finding, Sheet, Steps, Tree
from deepshock.thesis.source import Source
from deepshock.thesis.written import ThesisWords

T = TypeVar("T")
# What the absence of a word means, where its type cannot say it.
_ABSENT = {
    "hedge": "none",
    "benchmark": "none",
    "borrow": "general",
    **{f"enter.{word}": "none" for word in Enter.may_be_none},
    **{f"exit.{word}": "none" for word in Exit.may_be_none},
}
# Words that describe and decide nothing, so that their absence needs no saying.
_TEXTS = ("source", "sources", "events", "claims", "corroborated by", "counter")


class Answers(ThesisWords):
    """The questions that the plan, the report and a reader ask of a thesis."""

    _sheet: Sheet = PrivateAttr(default_factory=Sheet)
    _around: Surroundings = PrivateAttr(default_factory=Surroundings)
    _tree: Tree = PrivateAttr(default_factory=dict)  # its words as text, once they have been asked for
    _legs: tuple[LegSpec, ...] = PrivateAttr(())  # so are they

    @property
    def file(self) -> Path | None:
        """The file that it was read from."""
        return self._sheet.file

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self._sheet.folder

    def place(self, word: str) -> str:
        """Return where a word or a symbol was written, for messages: ``buy_china.yaml:7 long.0700.HK``.

        Parameters
        ----------
        word : str
            A dotted path, or a symbol, of which the first place counts.
        """
        symbols: list[tuple[Steps, str]] = [
            ((side, place if isinstance(self._sheet.tree.get(side), list) else symbol), symbol)
            for side in SIDES
            for place, symbol in enumerate(getattr(self, side))
        ]
        symbols += (
            [(("hedge", "via"), self.hedge.via), (("hedge", "beta to"), self.hedge.beta_to)] if self.hedge else []
        )
        symbols += [(("benchmark",), self.benchmark)] if self.benchmark else []
        path: Steps = next((path for path, symbol in symbols if symbol == word), tuple(word.split(".")))
        where = self._sheet.fault(Finding(path, "")).where
        return where if self._sheet.name else f"{self.name} {where}"

    def legs(self) -> tuple[LegSpec, ...]:
        """Return the legs in written order: long, short, then `versus` on the side opposite to the one given."""
        if not self._legs:
            self._legs = tuple(self._specs())
        return self._legs

    def _specs(self) -> Iterator[LegSpec]:
        sides = ((self.long, 1), (self.short, -1), (self.versus, -1 if self.long else 1))
        return (
            LegSpec(
                symbol,
                side,
                float(leg.weight) if self.weighting == "given" else 1.0,
                self.proxy if leg.proxy is None else leg.proxy,
                "long" if side > 0 else "short",
            )
            for legs, side in sides
            for symbol, leg in legs.items()
        )

    def symbols(self) -> tuple[str, ...]:
        """Return every instrument that may be traded: the legs, then that of the hedge; each once."""
        hedge = (self.hedge.via,) if self.hedge else ()
        return tuple(dict.fromkeys((*(leg.symbol for leg in self.legs()), *hedge)))

    def all_sources(self) -> dict[str, Source]:
        """Return own and included sources by id; an own one hides an included one."""
        return {**self._around.sources, **self.sources}

    def all_events(self) -> dict[str, Event]:
        """Return the events that rules may name; with ``trust: claim`` a claim takes the place of the fact."""
        facts = {**self._around.events, **self.events}
        return (
            {**facts, **{name: self._claimed(name, facts.get(name)) for name in self.claims}}
            if self.trust == "claim"
            else facts
        )

    def _claimed(self, name: str, fact: Event | None) -> Event:
        """Return what the source claims, known when the source is; a bare date keeps the fact's time of day."""
        at, source = self.claims[name], self._cited()
        if fact and isinstance(fact.at, datetime) and not isinstance(at, datetime):
            at = datetime.combine(at, fact.at.timetz())
        # While a faulty thesis is examined, its source may be one that is not there.
        known = source.known() if source else None
        return Event(at=at, known=known, what=fact.what if fact else None, source=self.source.from_)

    def _cited(self) -> Source | None:
        return self.source.inline() or self.all_sources().get(str(self.source.from_))

    def find_source(self, name: str) -> Source:
        """Return a declared source.

        Raises
        ------
        ThesisError
            Where there is none of that id; names the nearest.
        """
        return self._find(name, self.all_sources(), "source")

    def find_event(self, name: str) -> Event:
        """Return an event that a rule may name.

        Raises
        ------
        ThesisError
            Where there is none of that name; names the nearest.
        """
        return self._find(name, self.all_events(), "event")

    def _find(self, name: str, known: Mapping[str, T], kind: str) -> T:
        if name in known:
            return known[name]
        remedy = suggest(name, tuple(known)) or f"declared are: {', '.join(known) or 'none'}."
        raise ThesisError(Fault(self.name, f"unknown {kind} {name!r}", remedy))

    def cited(self) -> Source:
        """Return the source that sets `known`."""
        return self._cited() or self.find_source(str(self.source.from_))

    def known(self, source_id: str | None = None) -> datetime:
        """Return when the thesis is known, in UTC: when its source is, or another source of that id."""
        return (self.cited() if source_id is None else self.find_source(source_id)).known()

    def human_checks(self) -> tuple[str, ...]:
        """Return the conditions of `wrong if` that only a person can judge."""
        return tuple(condition.text for condition in self.wrong_if if condition.kind == "human")

    def measured_checks(self) -> tuple[Condition, ...]:
        """Return the conditions of `wrong if` that a result can be checked for."""
        return tuple(condition for condition in self.wrong_if if condition.kind != "human")

    def defaults(self) -> dict[str, str]:
        """Return what was left out, with what then holds: dotted word to text."""
        told = {*self.tree(), *_flat(self.tree()), *_flat(words_of(self))}
        every = {**_ABSENT, "news": f"when the source is known, {write_when(self.known())}", **self._easily_borrowed()}
        if "latency" not in self.cited().model_fields_set:
            every["source.latency"] = write_length(self.cited().latency)
        every |= _flat({word: value for word, value in words_of(self, unset=True).items() if word not in _TEXTS})
        return {word: text for word, text in every.items() if word not in told}

    def _easily_borrowed(self) -> dict[str, str]:
        """Return the shorts that a written `borrow` leaves out; with none written, one word says it for all."""
        shorts = [leg.symbol for leg in self.legs() if leg.side < 0]
        return {f"borrow.{symbol}": "general" for symbol in shorts} if self.borrow else {}

    def tree(self) -> Tree:
        """Return the words that were given, as text: the author's own spelling where there is one."""
        if not self._tree:
            self._tree = self._sheet.tree or words_of(self)
        tree: Tree = as_tree(self._tree)  # a copy: nobody who changes it changes the thesis
        return tree

    def to_yaml(self) -> str:
        """Write the words that were given as YAML; reading it gives an equal thesis."""
        return to_text(self.tree())


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Return the texts of a tree by dotted word."""
    flat: dict[str, str] = {}
    for word, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{word}.")
        elif isinstance(value, str):
            flat[f"{above}{word}"] = value
    return flat

"""What each path of a grid does to a plan: sets a rule, moves an instant, changes the design or the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from deepshock.experiment.grid import Grid
from deepshock.experiment.places import ACCOUNT
from deepshock.experiment.vary import spread, varied
from deepshock.plan import Settings, shares_of
from deepshock.thesis import Book, Citation, Thesis
from deepshock.thesis.path import Keys, split
from deepshock.thesis.sheet import Tree
from deepshock.thesis.variation import Variations
from deepshock.thesis.vocabulary import inner_model, vocabulary

RULES: dict[Keys, str] = {
    **{("enter", word): word for word in ("lag", "within")},
    **{("exit", word): word for word in ("hold", "stop", "target", "trailing", "drawdown")},
    ("gross",): "gross",
}
"""Words that are nothing but a field of a RULE record."""
TIMING = ("published", "zones", "seen by", "latency")
"""Words of a source that say nothing but when it is known."""


@dataclass(frozen=True)
class Change:
    """One path of a grid as it leads into one thesis, or the account.

    Parameters
    ----------
    axis, column : int
        Where its values stand in the grid.
    path : str
        As `Thesis.vary` takes it.
    keys : tuple of str
        The path taken apart.
    """

    axis: int
    column: int
    path: str
    keys: Keys


@dataclass(frozen=True)
class Member:
    """A thesis of the account, and what the grid changes in it.

    Parameters
    ----------
    thesis : Thesis
        As it is, nothing changed.
    share : float
        Of the account's NAV.
    source : str or None
        Id of the source that a caller believes instead of the thesis's own.
    rules, times, designs : tuple of Change
        A change that has no better role belongs to the design.
    """

    thesis: Thesis
    share: float
    source: str | None
    rules: tuple[Change, ...]
    times: tuple[Change, ...]
    designs: tuple[Change, ...]

    @cached_property
    def tree(self) -> Tree:
        """Its words as text."""
        return self.thesis.tree()

    @cached_property
    def variations(self) -> Variations:
        """The same thesis, to be changed."""
        return Variations(self.thesis)

    @property
    def timed(self) -> str | None:
        """Id of the declared source that sets when it is known; None where that source is written in place."""
        return self.source or self.thesis.source.from_

    def known(self, thesis: Thesis) -> datetime:
        """Return when a variant of the thesis is known, UTC; what is cited in place is resolved once."""
        if self.source is not None or thesis.source.published is None:
            return thesis.known(self.source)
        if thesis.source not in self._known:
            self._known[thesis.source] = thesis.known()
        return self._known[thesis.source]

    @cached_property
    def _known(self) -> dict[Citation, datetime]:
        return {}

    def at(self, positions: Mapping[int, int], grid: Grid) -> Thesis:
        """Return the thesis with its changes at some positions of the axes, checked; those not named stay as they are.

        Raises
        ------
        ThesisError
            It refuses them.
        """
        mine = [change for change in self._changes if change.axis in positions]
        made = {c.path: grid.axes[c.axis].trees[positions[c.axis]][c.column] for c in mine}
        return self.variations.vary(made) if made else self.thesis

    @cached_property
    def _changes(self) -> list[Change]:
        """All changes, those within another after it."""
        return sorted((*self.designs, *self.times, *self.rules), key=lambda change: len(change.path))


@dataclass(frozen=True)
class Roles:
    """What a grid changes.

    Parameters
    ----------
    item : Thesis or Book
    members : tuple of Member
        In the order of the book; one for a thesis by itself.
    account : tuple of Change
    """

    item: Thesis | Book
    members: tuple[Member, ...]
    account: tuple[Change, ...]

    @classmethod
    def of(cls, item: Thesis | Book, settings: Settings, grid: Grid) -> Roles:
        """Give every path of a grid its role; the grid has been checked."""
        where = {path: (n, k) for n, axis in enumerate(grid.axes) for k, path in enumerate(axis.paths)}
        led = spread(item, grid.paths)
        members, account, alike = [], [], dict[str, Keys]()
        for thesis, share in shares_of(varied(item, {})):
            mine = led.get("" if isinstance(item, Thesis) else thesis.name, {})
            changes = [Change(*where[path], at, _split(at, thesis, alike)) for at, path in mine.items()]
            if isinstance(item, Thesis):
                account = [change for change in changes if change.keys[0] in ACCOUNT]
                changes = [change for change in changes if change.keys[0] not in ACCOUNT]
            members.append(_member(thesis, share, settings.source_of(item, thesis), changes))
        if isinstance(item, Book):
            account = [Change(*where[path], at, (at,)) for at, path in led.get("", {}).items()]
        return cls(item, tuple(members), tuple(account))


def _split(path: str, thesis: Thesis, alike: dict[str, Keys]) -> Keys:
    """Return a path taken apart; one that leads through no name is taken apart once for all theses."""
    if path in alike:
        return alike[path]
    names = {"sources": dict.fromkeys(thesis.all_sources()), "events": dict.fromkeys(thesis.all_events())}
    keys = split(path, Thesis, {**thesis.tree(), **names})
    if len(keys) == 1 or not inner_model(vocabulary(Thesis)[keys[0]])[1]:
        alike[path] = keys
    return keys


def _member(thesis: Thesis, share: float, source: str | None, changes: list[Change]) -> Member:
    rules = tuple(change for change in changes if change.keys in RULES)
    rest = [change for change in changes if change.keys not in RULES]
    times = _times(thesis, source or thesis.source.from_, changes, rest)
    return Member(thesis, share, source, rules, times, tuple(change for change in rest if change not in times))


def _times(thesis: Thesis, source: str | None, changes: list[Change], rest: list[Change]) -> tuple[Change, ...]:
    """Return the changes that only move when a thesis is known.

    None where something else touches its sources, or moves along with one of them: those are designs.
    """
    prefix = ("sources", source) if source else ("source",)
    timing = [change for change in rest if change.keys[:-1] == prefix and change.keys[-1] in TIMING]
    others = [change for change in changes if change not in timing]
    touched = any(change.keys[0] in ("source", "sources", "include") for change in others)
    tied = axes_of(timing) & axes_of(others)
    missing = source is not None and source not in thesis.all_sources()
    return () if touched or tied or missing else tuple(timing)


def axes_of(changes: Iterable[Change]) -> set[int]:
    """Return the axes on which some changes stand."""
    return {change.axis for change in changes}

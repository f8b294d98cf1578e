"""Theses of a book that say the same but for their names and sources: what is found out about one holds for all.

The changes that count here touch neither name nor source, nor anything that is checked together with these: a thesis
refuses them exactly if another one does that says the same. What differs in their orders is when they are decided.
"""

from __future__ import annotations

from collections.abc import Sequence

from deepshock.errors import ThesisError
from deepshock.experiment.planning.roles import Member

SIZES = frozenset({"long", "short", "versus", "proxy", "weighting", "neutral", "gross", "uptick", "borrow"})
"""Words of which the checks of sources, events and names read nothing."""
_OWN = ("thesis", "source")


def leads_of(members: Sequence[Member]) -> tuple[int, ...]:
    """Return for each thesis the first one that says the same; a thesis without any is its own."""
    found: list[int] = []
    said: dict[tuple[object, ...], int] = {}
    for g, member in enumerate(members):
        lead = g
        if _may_have_kin(member):
            lead = said.setdefault(_rest(member), g)
            lead = lead if lead == g or _is_right(member, members[lead]) else g
        found.append(lead)
    return tuple(found)


def _may_have_kin(member: Member) -> bool:
    """Say whether the changes of a thesis are such that they are refused or not whatever its name and source are."""
    plain = {change.keys[0] for change in member.designs} <= SIZES and not member.times
    return bool(member.designs) and plain and member.source is None and member.thesis.include is None


def _rest(member: Member) -> tuple[object, ...]:
    """Return all but name and source that a thesis says, and what is changed in it."""
    words = [(word, repr(said)) for word, said in member.tree.items() if word not in _OWN]
    around = (repr(member.thesis.all_sources()), repr(member.thesis.all_events()))
    return (*words, *around, member.designs, member.rules)


def _is_right(member: Member, lead: Member) -> bool:
    """Say whether name and source of a thesis go with all that it has in common with another."""
    try:
        lead.variations.vary({word: member.tree[word] for word in _OWN})
    except ThesisError:
        return False
    return True

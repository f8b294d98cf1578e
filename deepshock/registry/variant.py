"""What makes two tries the same: what trades and how, and not how it is told."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from deepshock.cost import CostSet, VenueLaw, built_in_law
from deepshock.registry.spread import UNKNOWN, Sharpes
from deepshock.registry.trial import Trial
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.plan import Plan
    from deepshock.stats import Performance
    from deepshock.thesis import Margin

SAID = frozenset(
    {
        *("name", "title", "note", "counter", "corroborated_by", "contradicts", "wrong_if", "alternatives"),
        *("proxy", "news", "rival"),
    }
)
"""Words of a thesis that trade nothing: `news` only says how much had gone by before it was known."""
RESOLVED = frozenset(
    {
        *("include", "source", "sources", "events", "claims", "trust"),  # the instants that they come to
        *("long", "short", "versus"),  # legs
        *("costs", "margin", "capital"),  # the account's
        "benchmark",  # which is used by `neutral: beta` alone
    }
)
"""Words in whose place stands what they mean, so that two ways to say it are one."""
DIGITS = 12  # of a share of all weights: parts of 1 and 2 are parts of 2 and 4

_DATES = {"at", "known"}
UNTRADED = SAID | RESOLVED
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

Member = tuple[Thesis, datetime, float]


def trial_of(kind: str, plan: Plan, market: Market, made: Performance) -> Trial:
    """Return what is written down of a single run.

    Parameters
    ----------
    kind : str
    plan : Plan
    market : Market
    made : Performance
        Its annual Sharpe ratio is taken back to one observation; the standard error says how many make a year.
    """
    members = [(member.thesis, member.known_at, member.share) for member in plan.members]
    known = math.isfinite(made.sharpe)
    sharpes = Sharpes(1, made.sharpe / (made.sharpe_se * math.sqrt(made.n_obs))) if known else UNKNOWN
    variant = digest(members, plan.costs, plan.margin, plan.currency)
    return Trial(kind, plan.name, market.name, market.simulated, variant, n_obs=made.n_obs, sharpes=sharpes)


def digest(members: Iterable[Member], costs: CostSet, margin: Margin, currency: str, varied: Any = None) -> str:
    """Return 32 hexadecimal digits for what trades and how; how much money does is no part of it.

    Parameters
    ----------
    members : iterable of (Thesis, datetime, float)
        Each with when it is known and its share of the account.
    costs : CostSet
    margin : Margin
    currency : str
        Of the account.
    varied : object, optional
        Of a sweep, its axes as values for JSON.
    """
    traded = sorted(_json([_words(thesis, known), round(share, DIGITS)]) for thesis, known, share in members)
    return _hash(_json([traded, _costs(costs), [margin.rule, margin.initial, margin.maintenance], currency, varied]))


def _words(thesis: Thesis, known: datetime) -> dict[str, Any]:
    """Return what of a thesis trades, without what is as usual: a word of a later version changes no digest."""
    found, usual = _dumped(thesis, thesis.model_fields_set - UNTRADED), _usual()
    found = {word: value for word, value in found.items() if value != usual.get(word)}
    legs = thesis.legs()
    whole = math.fsum(leg.part for leg in legs)
    found["legs"] = " ".join(sorted(f"{leg.symbol} {leg.side * leg.part / whole:+.{DIGITS}f}" for leg in legs))
    found["known"] = known.isoformat()
    named = {thesis.enter.on, thesis.exit.before, thesis.exit.on} - {None}
    if named:
        events = thesis.all_events()
        found["events"] = {str(name): events[str(name)].model_dump(mode="json", include=_DATES) for name in named}
    if thesis.neutral == "beta":
        found["benchmark"] = thesis.benchmark
    return found


def _dumped(thesis: Thesis, words: set[str]) -> dict[str, Any]:
    return thesis.model_dump(mode="json", include=words, exclude_none=True)


@lru_cache(maxsize=1)
def _usual() -> dict[str, Any]:
    plain = Thesis(name="usual", source={"published": "2025-01-28T00:00Z"}, long={"USUAL": 1})
    return _dumped(plain, set(Thesis.model_fields) - UNTRADED)


def _costs(costs: CostSet) -> str:
    try:
        return _remembered(costs)
    except TypeError:  # lists in the place of tuples, which cannot be remembered
        return _charged(costs)


def _charged(costs: CostSet) -> str:
    """Return a digest of what costs say, but for their name and the law of deepshock, which grows with its versions."""
    ours = frozenset(built_in_law())
    models = (
        replace(model, rows=tuple(row for row in model.rows if row not in ours))
        if isinstance(model, VenueLaw)
        else model
        for model in costs.models
    )
    return _hash(repr(replace(costs, name="", models=tuple(models))))


_remembered = lru_cache(maxsize=64)(_charged)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]

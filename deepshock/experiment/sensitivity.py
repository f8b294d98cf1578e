"""The same thesis, read otherwise: the claim's date, another plausible zone, and its declared alternatives.

None of these may replace the result: they stand beside it, and each counts as a trial.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from deepshock.cost import CostSet, as_cost_set
from deepshock.errors import DeepshockError
from deepshock.experiment.uptick import RULE, applies, uptick_settings
from deepshock.pipeline import attempt, run
from deepshock.plan import Settings, build
from deepshock.registry import SENSITIVITY, Choice, Registry
from deepshock.result import Result, Sensitivity
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from pathlib import Path

    from deepshock.market import Market

Change = Mapping[str, object]


def variations(thesis: Thesis, source: str | None = None) -> Iterator[tuple[str, str, Change]]:
    """Yield (name, plain words, changes by dotted path) of every sensitivity of a thesis."""
    for event in dict.fromkeys((thesis.exit.before, thesis.exit.on, thesis.enter.on)):
        if event is not None and event in thesis.claims and thesis.trust != "claim":
            yield f"the claim: {event}", f"{event} on {thesis.claims[event]}, as the source claims", {"trust": "claim"}
    cited = source or thesis.source.from_
    if cited is not None:
        readings = thesis.find_source(cited).readings()
        latest = max(readings.values())
        for zone, at in readings.items():
            if at != latest:
                yield f"read as {zone}", f"known {at:%Y-%m-%d %H:%MZ}", {f"sources.{cited}.zones": [zone]}
    for name, change in thesis.alternatives.items():
        yield name, ", ".join(f"{path}: {_written(value)}" for path, value in change.items()), change


def _written(value: object) -> str:
    """Write a value as the thesis has it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{word}: {_written(inner)}" for word, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


def sensitivities(
    thesis: Thesis,
    market: Market,
    *,
    source: str | None = None,
    capital: float | None = None,
    costs: str | Path | CostSet | None = None,
    base: Result | None = None,
    registry: Choice = None,
) -> tuple[Sensitivity, ...]:
    """Run every declared alternative of a thesis, and those that follow from its claims and zones.

    Parameters
    ----------
    thesis : Thesis
    market : Market
    source, capital, costs
        As of ``deepshock.run``, the same for every one of them.
    base : Result, optional
        The result that they stand beside, if there is one already.
    registry
        As of ``deepshock.run``. Each counts as a try, but for the settings of Rule 201, among which nobody chooses.

    Returns
    -------
    tuple of Sensitivity
        One that cannot run carries the reason; it is not left out.
    """
    settings, counter = Settings(source, capital, as_cost_set(costs)), Registry.of(registry)
    base = base or run(thesis, market, source=source, capital=capital, costs=settings.costs, registry=counter)
    told = set(base.warnings)
    found = []
    if applies(base, market):
        found += [
            replace(_read(name, what, result, told), group=RULE)
            for name, what, result in uptick_settings(thesis, market, base, settings)
        ]
    for name, what, change in variations(thesis, source):
        try:
            result = attempt(build(thesis.vary(change), market, settings), market, SENSITIVITY, counter)
            found.append(_read(name, what, result, told))
        except DeepshockError as error:
            found.append(Sensitivity(name, what, None, None, math.nan, math.nan, "; ".join(map(str, error.faults))))
    return tuple(found)


def _read(name: str, what: str, result: Result, told: set[str]) -> Sensitivity:
    made = result.performance
    if not result.ledger.fills:
        reason = result.plan.reason or "; ".join(f"{u.symbol} {u.reason}" for u in result.ledger.unfilled)
        return Sensitivity(name, what, result.plan.known_at, None, math.nan, math.nan, reason)
    return Sensitivity(
        name,
        what,
        result.plan.known_at,
        made.last_exit,
        made.net_return,
        made.excess_return,
        missed=result.missed,
        warnings=tuple(warning for warning in result.warnings if warning not in told),
    )

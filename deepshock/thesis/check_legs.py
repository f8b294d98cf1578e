"""What is wrong between the legs of a thesis: their sides, their weights, what they borrow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from deepshock.errors import suggest
from deepshock.thesis.leg import SIDES, Leg
from deepshock.thesis.number import Percent, write_weight
from deepshock.thesis.sheet import Finding

if TYPE_CHECKING:
    from deepshock.thesis.model import Thesis


def check_legs(thesis: Thesis, benchmark_is_broken: bool) -> Iterator[Finding]:
    """Yield everything that is wrong between the legs, or between them and the words about all of them."""
    yield from _check_sides(thesis)
    yield from _check_neutral(thesis, benchmark_is_broken)
    yield from _check_weights(thesis)
    yield from _check_borrow(thesis)


def _check_sides(thesis: Thesis) -> Iterator[Finding]:
    """There is something to trade, on the sides that the words say, and nothing on both."""
    if not (thesis.long or thesis.short):
        word = "versus" if thesis.versus else ""
        yield Finding((word,), "no leg: neither 'long' nor 'short' is given", "write for example 'short: {NVDA: 1}'.")
    if thesis.versus and thesis.long and thesis.short:
        yield Finding(
            ("versus",), "stands beside both 'long' and 'short'", "put its legs under the side that they are on."
        )
    seen: dict[str, str] = {}
    for word, legs in _written(thesis).items():
        for symbol in legs:
            if symbol in seen:
                yield Finding((word, symbol), f"stands under '{seen[symbol]}' as well", "keep it on one side.")
            seen.setdefault(symbol, word)
    if thesis.exit.target is not None and thesis.exit.target >= 1 and any(leg.side < 0 for leg in thesis.legs()):
        yield Finding(("exit", "target"), "a short cannot gain 100% or more", "choose a lower target.")


def _written(thesis: Thesis) -> dict[str, Mapping[str, Leg]]:
    return {word: legs for word in SIDES if (legs := getattr(thesis, word))}


def _check_neutral(thesis: Thesis, benchmark_is_broken: bool) -> Iterator[Finding]:
    """A neutral thesis has two sides, and an index if it needs one."""
    if thesis.neutral != "none" and len({leg.side for leg in thesis.legs()}) == 1:
        yield Finding(
            ("neutral",), f"'{thesis.neutral}' needs a long and a short side", "add 'versus: {SPY: 1}', or write none."
        )
    if thesis.neutral == "beta" and not thesis.benchmark and not benchmark_is_broken:
        yield Finding(("neutral",), "'beta' has no index to measure beta to", "write for example 'benchmark: ^GSPC'.")


def _check_weights(thesis: Thesis) -> Iterator[Finding]:
    """Percentages add up, and are not mixed with parts; weights that would not be read do not differ."""
    if thesis.weighting != "given":
        yield from _check_unread_weights(thesis)
        return
    legs = {(word, symbol): leg.weight for word, side in _written(thesis).items() for symbol, leg in side.items()}
    if len({isinstance(weight, Percent) for weight in legs.values()}) == 2:
        parts = [path for path, weight in legs.items() if not isinstance(weight, Percent)]
        yield Finding(
            parts[0], "a part stands beside percentages", "write all weights as parts, or all as percentages."
        )
        return
    for words in _balanced(thesis):
        weights = [weight for (word, _), weight in legs.items() if word in words and isinstance(weight, Percent)]
        if weights and not math.isclose(total := math.fsum(weights), 1, abs_tol=1e-9):
            first = next(word for word in words if word in _written(thesis))
            over = "all legs" if thesis.neutral == "none" else "each side"
            yield Finding(
                (first,),
                f"the weights sum to {100 * total:.10g}%",
                f"percentages must sum to 100% over {over}; or write parts, such as 1.",
            )


def _balanced(thesis: Thesis) -> list[tuple[str, ...]]:
    """Return the sides whose weights are scaled together."""
    return [SIDES] if thesis.neutral == "none" else [(word,) for word in SIDES]


def _check_unread_weights(thesis: Thesis) -> Iterator[Finding]:
    """Weights that differ say something, which `weighting` would pass over."""
    for words in _balanced(thesis):
        legs = [leg for word in words for leg in _written(thesis).get(word, {}).items()]
        other = next((leg for leg in legs if not math.isclose(leg[1].weight, legs[0][1].weight)), None)
        if other:
            weights = " and ".join(f"{write_weight(leg.weight)} for {symbol}" for symbol, leg in (legs[0], other))
            problem = f"'{thesis.weighting}' does not read weights, and they differ: {weights}"
            yield Finding(("weighting",), problem, "remove the weights, or write weighting: given.")
            return


def _check_borrow(thesis: Thesis) -> Iterator[Finding]:
    """A borrow tier belongs to something that the thesis trades."""
    for symbol in thesis.borrow:
        if symbol not in thesis.symbols():
            yield Finding(
                ("borrow", symbol),
                "is not a leg of this thesis",
                suggest(symbol, thesis.symbols()) or f"legs are: {', '.join(thesis.symbols())}.",
            )

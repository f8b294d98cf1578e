"""Placebo in space: the same trade at the same time in names that the narrative is not about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats
from deepshock.inference.placebo.dates import dates_of
from deepshock.inference.placebo.form import Form, form_of
from deepshock.inference.placebo.matched import Pool, pool
from deepshock.inference.placebo.model import SPACE, Placebo, ranked
from deepshock.inference.placebo.runs import Progress, not_in_this_form, outcomes, rows
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

BASKETS = 200
ATTEMPTS = 20  # draws for each basket that is wanted: some are drawn twice, and of few names some are none
SIDES = ("long", "short", "versus")
NO_PAST = "no outcome is scaled by that of its own past: nothing of it ran at a date before the news"
Basket = tuple[str, ...]


def placebo_in_space(
    result: Result,
    market: Market,
    *,
    form: Form | None = None,
    baskets: int = BASKETS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Placebo:
    """Run a thesis with other names in the place of its legs, each drawn from the leg and those nearest to it.

    Names are matched on beta to the thesis's benchmark, volatility and size of trading, as known at the decision; see
    `matched.pool`. Sides, weights, rules and costs stay.

    Parameters
    ----------
    result : Result
        Of a thesis with a benchmark.
    market : Market
        With other instruments than the legs; the more, the better they match.
    form : Form, optional
    baskets : int
        How many different ones to draw at most.
    seed : int
        The same seed draws the same baskets.
    progress : callable, optional

    Returns
    -------
    Placebo
        Its p-value asks how often names that look alike did at least as much. Names that look alike may be part of the
        same story: it says whether the legs were special, not whether the story was true.
    """
    if why := _impossible(result):
        return Placebo(SPACE, reason=why)
    form = form or form_of(result, market)
    thesis = form.theses[0]
    legs = [leg.symbol for leg in thesis.legs()]
    hedge = [thesis.hedge.via, thesis.hedge.beta_to] if thesis.hedge else []
    found = pool(market, legs, [*hedge, str(thesis.benchmark)], str(thesis.benchmark), form.decided[0])
    if isinstance(found, str):
        return Placebo(SPACE, notes=form.notes, reason=found)
    drawn = draw(found, legs, thesis, baskets, seed)
    if not drawn:
        return Placebo(SPACE, notes=form.notes, reason=f"the neighbours make no basket of {len(legs)} different names")
    made = _run(form, result, market, [tuple(legs), *drawn], progress)
    return _placebo(form, found, drawn, *made)


def _impossible(result: Result) -> str:
    if not result.ledger.fills:
        return "nothing was traded"
    if result.plan.is_book:
        return "of a book: each of its theses has its own"
    return "" if result.plan.members[0].thesis.benchmark else "the thesis names no benchmark to match betas to"


def draw(found: Pool, legs: list[str], thesis: Thesis, most: int, seed: int) -> list[Basket]:
    """Draw different baskets: for each leg itself or one of its neighbours, no name twice, and not the legs again.

    Returns
    -------
    list of tuple of str
        The name in the place of each leg. All that there are, where they are no more than ``most``.
    """
    near = [[other.symbol for other in found.nearest[leg]] for leg in legs]
    weight = {leg.symbol: (leg.side, leg.part) for leg in thesis.legs()}
    kept: dict[frozenset[tuple[str, tuple[int, float]]], Basket] = {}
    itself = frozenset(weight.items())

    def keep(names: Basket) -> None:
        chosen = frozenset((n, weight[leg]) for n, leg in zip(names, legs, strict=True))
        if len(set(names)) == len(names) and chosen != itself:
            kept.setdefault(chosen, names)

    if math.prod(map(len, near)) <= 4 * most:
        for names in product(*near):
            keep(names)
        every = list(kept.values())
        chosen = np.random.default_rng(seed).permutation(len(every))[:most]
        return [every[n] for n in sorted(chosen.tolist())]
    rng = np.random.default_rng(seed)
    for _ in range(ATTEMPTS * most):
        if (others := _drawn(near, rng)) is not None:
            keep(others)
        if len(kept) == most:
            break
    return list(kept.values())


def _drawn(near: list[list[str]], rng: np.random.Generator) -> Basket | None:
    """Draw a neighbour for each leg, in a random order, out of those that are left; None where none is."""
    found: dict[int, str] = {}
    for j in rng.permutation(len(near)).tolist():
        left = [name for name in near[j] if name not in found.values()]
        if not left:
            return None
        found[j] = left[int(rng.integers(len(left)))]
    return tuple(found[j] for j in range(len(near)))


def words(thesis: Thesis, legs: list[str], names: Basket) -> dict[str, Any]:
    """Return the words of a thesis that hold its legs, with other names in their place, borrowed like the legs."""
    instead, tree = dict(zip(legs, names, strict=True)), thesis.tree()
    found: dict[str, Any] = {}
    for side in SIDES:
        if isinstance(said := tree.get(side), Mapping):
            found[side] = {instead[symbol]: weight for symbol, weight in said.items()}
        elif said is not None:
            found[side] = [instead[symbol] for symbol in ([said] if isinstance(said, str) else said)]
    if thesis.borrow:
        found["borrow"] = {instead.get(symbol, symbol): tier for symbol, tier in thesis.borrow.items()}
    return found


def _run(
    form: Form, result: Result, market: Market, baskets: list[Basket], progress: Progress | None
) -> tuple[Floats, Floats, dict[str, int], str]:
    """Return what each basket made at the event, the root mean square of its own past, and why others could not run.

    The first is the thesis itself; last comes why that could not, empty if it could.
    """
    thesis = form.theses[0]
    legs = [leg.symbol for leg in thesis.legs()]
    said = [words(thesis, legs, names) for names in baskets]
    paths = tuple(said[0])
    past = dates_of(form, result, market).decided
    at = [form.decided[0], *(decided[0] for decided in past)]
    axis = [tuple(one[path] for path in paths) for one in said]
    over = {paths: axis, form.paths[0]: at} if len(paths) > 1 else {paths[0]: [v[0] for v in axis], form.paths[0]: at}
    made = rows(form, market, over, progress)
    values, ran, refused = outcomes(made.iloc[:: len(at)])
    whole, alive, _ = outcomes(made)
    there = alive.reshape(len(baskets), len(at))[:, 1:]
    squares = np.where(there, whole.reshape(len(baskets), len(at))[:, 1:], 0.0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.sqrt(squares.sum(axis=1) / there.sum(axis=1))
    return np.where(ran, values, np.nan), usual, refused, "" if ran[0] else not_in_this_form(made)


def _placebo(
    form: Form, found: Pool, drawn: list[Basket], values: Floats, usual: Floats, refused: dict[str, int], why: str
) -> Placebo:
    ran = np.isfinite(values)
    if why:
        return Placebo(SPACE, notes=form.notes, reason=why)
    if not ran[1:].any():
        return Placebo(SPACE, float(values[0]), refused=refused, notes=form.notes, reason="no basket could be run")
    p, p_min = ranked(float(values[0]), values[1:][ran[1:]])
    scaled = values / usual
    sound = ran & np.isfinite(scaled)
    compared = bool(sound[0] and sound[1:].any())
    k = int(ran[1:].sum())
    return Placebo(
        SPACE,
        float(values[0]),
        p,
        p_min,
        k,
        p,
        k,
        ranked(float(scaled[0]), scaled[1:][sound[1:]])[0] if compared else math.nan,
        values=values[1:][ran[1:]],
        labels=tuple(" ".join(names) for names, there in zip(drawn, ran[1:], strict=True) if there),
        chosen=np.ones(k, np.bool_),
        refused=refused,
        notes=(*form.notes, *_matched(found, drawn), *([] if compared else [NO_PAST])),
    )


def _matched(found: Pool, drawn: list[Basket]) -> tuple[str, ...]:
    """Say how alike the neighbours are, and how many names the baskets share."""
    names = {name for basket in drawn for name in basket}
    away = found.differences()
    return (
        f"{len(drawn)} baskets of {len(names)} names, the legs among them, out of {found.candidates} others",
        f"beside the legs, the neighbours' beta differs by {away['beta']:+.2f} on average; their volatility is "
        f"{away['volatility']:.2f} times, their trading {away['size of trading']:.2f} times as large (medians)",
    )

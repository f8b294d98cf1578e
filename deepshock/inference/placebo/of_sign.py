"""Placebo of sign: the same legs at the same time, with other sides."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.inference.placebo.form import Form, form_of
from deepshock.inference.placebo.model import SIGN, Placebo, ranked
from deepshock.inference.placebo.runs import Progress, not_in_this_form, outcomes, rows
from deepshock.thesis import Thesis

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

MOST_LEGS = 10
"""Up to here all 2^n - 1 other choices of sides are run; of more legs, as many are drawn."""


def placebo_of_sign(
    result: Result, market: Market, *, form: Form | None = None, seed: int = 0, progress: Progress | None = None
) -> Placebo:
    """Run a thesis with all other choices of sides.

    Parameters
    ----------
    result : Result
    market : Market
    form : Form, optional
    seed : int
        Of the draw, where there are more than `MOST_LEGS` legs.
    progress : callable, optional

    Returns
    -------
    Placebo
        p is one-sided: the share of choices that made at least as much. A choice that cannot be sold short, or leaves
        a neutral thesis without one of its sides, is not run.
    """
    if not result.ledger.fills:
        return Placebo(SIGN, reason="nothing was traded")
    if result.plan.is_book:
        return Placebo(SIGN, reason="of a book: each of its theses has its own")
    form = form or form_of(result, market)
    thesis = form.theses[0]
    legs = [leg.symbol for leg in thesis.legs()]
    signs = _signs(thesis, seed)
    if len(signs) == 1:
        return Placebo(SIGN, notes=form.notes, reason="no other choice of sides keeps the thesis neutral")
    flat = _flat(thesis)
    settled = Form(flat, form.decided, form.holds, form.settings, form.on, form.notes)
    weights = {leg.symbol: leg.part for leg in thesis.legs()}
    axis = [_words(legs, chosen, weights) for chosen in signs]
    over = {("long", "short"): axis, form.paths[0]: [form.decided[0]]}
    made = rows(settled, market, over, progress)
    values, ran, refused = outcomes(made)
    if not ran[0]:
        return Placebo(SIGN, notes=form.notes, reason=not_in_this_form(made))
    others, there = values[1:], ran[1:]
    if not there.any():
        return Placebo(SIGN, float(values[0]), refused=refused, notes=form.notes, reason="no other sides could be run")
    p, p_min = ranked(float(values[0]), others[there], one_sided=True)
    k = int(there.sum())
    labels = tuple(_label(legs, chosen) for chosen, ran_ in zip(signs[1:], there, strict=True) if ran_)
    return Placebo(
        SIGN,
        float(values[0]),
        p,
        p_min,
        k,
        p,
        k,
        values=others[there],
        labels=labels,
        chosen=np.ones(k, np.bool_),
        refused=refused,
        notes=form.notes,
    )


def _signs(thesis: Thesis, seed: int) -> list[tuple[int, ...]]:
    """Return choices of sides, the thesis's own first."""
    own = tuple(leg.side for leg in thesis.legs())
    n = len(own)
    if n <= MOST_LEGS:
        every = [*product((1, -1), repeat=n)]
    else:
        drawn = np.random.default_rng(seed).choice((1, -1), size=(2**MOST_LEGS - 1, n))
        every = [tuple(signs) for signs in drawn.tolist()]
    others = [s for s in dict.fromkeys(every) if s != own and (thesis.neutral == "none" or len(set(s)) == 2)]
    return [own, *others]


def _flat(thesis: Thesis) -> Thesis:
    """Return a thesis whose other side, if it has one, is called long or short, and whose weights are parts."""
    sides = _words(
        [leg.symbol for leg in thesis.legs()],
        tuple(leg.side for leg in thesis.legs()),
        {leg.symbol: leg.part for leg in thesis.legs()},
    )
    return thesis.vary({"long": sides[0], "short": sides[1], "versus": None})


def _words(legs: list[str], signs: tuple[int, ...], weights: dict[str, float]) -> tuple[Any, Any]:
    """Return the words ``long`` and ``short`` of a choice of sides."""
    sides = [{s: weights[s] for s, sign in zip(legs, signs, strict=True) if sign == side} for side in (1, -1)]
    return sides[0] or None, sides[1] or None


def _label(legs: list[str], signs: tuple[int, ...]) -> str:
    return " ".join(f"{'+' if sign > 0 else '-'}{leg}" for leg, sign in zip(legs, signs, strict=True))

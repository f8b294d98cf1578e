"""Placebo in time: the whole trade at every admissible date before the event, each planned with what was known then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepshock.inference.placebo.dates import dates_of, labels
from deepshock.inference.placebo.form import Form, form_of
from deepshock.inference.placebo.model import TIME, Placebo, ranked
from deepshock.inference.placebo.runs import Progress, not_in_this_form, outcomes, rows

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.result import Result

SAME = 1e-9  # of the capital


def placebo_in_time(
    result: Result, market: Market, *, form: Form | None = None, progress: Progress | None = None
) -> Placebo:
    """Run a thesis at every date before its news at which it could have been decided.

    Weights, hedge ratios, lots, stops and fills are found anew at each date, from what was known then; an exit at an
    event becomes the same number of sessions; venue law is that of the event.

    Parameters
    ----------
    result : Result
    market : Market
        It has to begin long before the news: 20 sessions of holding take about 12 years of past for a p-value of 1 %.
    form : Form, optional
        If there is one already.
    progress : callable, optional
        As of ``deepshock.sweep``.

    Returns
    -------
    Placebo
        Its headline is of the dates whose holding periods do not overlap, taken from the last one backwards. Placebos
        that overlap share most of their returns: seven hundred of them in three years are no more evidence than the
        dozen that three years hold.
    """
    if not result.ledger.fills:
        return Placebo(TIME, reason="nothing was traded")
    form = form or form_of(result, market)
    dates = dates_of(form, result, market)
    if not len(dates):
        return Placebo(TIME, notes=form.notes, reason=_none(result, market))
    made = rows(form, market, {_axis(form): _values(form, dates.decided)}, progress)
    whole, there, refused = outcomes(made)
    if not there[0]:
        return Placebo(TIME, notes=form.notes, reason=not_in_this_form(made))
    statistic, values, ran = float(whole[0]), whole[1:], there[1:]
    chosen = dates.apart(ran)
    if not ran.any():
        return Placebo(TIME, statistic, refused=refused, notes=form.notes, reason="no placebo could be run")
    p, p_min = ranked(statistic, values[chosen])
    p_all, _ = ranked(statistic, values[ran])
    names = tuple(label for label, there in zip(labels(dates), ran, strict=True) if there)
    return Placebo(
        TIME,
        statistic,
        p,
        p_min,
        int(chosen.sum()),
        p_all,
        int(ran.sum()),
        values=values[ran],
        labels=names,
        chosen=chosen[ran],
        refused=refused,
        notes=(*form.notes, *_differs(result, statistic)),
    )


def _axis(form: Form) -> tuple[str, ...] | str:
    return form.paths if len(form.paths) > 1 else form.paths[0]


def _values(form: Form, decided: tuple[tuple[object, ...], ...]) -> list[object]:
    """Return what the words of the axis say: the thesis itself comes first."""
    every: list[tuple[object, ...]] = [form.decided, *decided]
    return [*every] if len(form.paths) > 1 else [at[0] for at in every]


def _differs(result: Result, statistic: float) -> tuple[str, ...]:
    """Say where the form makes something else than the run."""
    made = result.performance.excess_return
    if np.isclose(made, statistic, rtol=0.0, atol=SAME):
        return ()
    return (f"in this form the thesis makes {statistic:+.2%} rather than {made:+.2%}, and is ranked with that",)


def _none(result: Result, market: Market) -> str:
    news = min(member.news for member in result.plan.members)
    return f"no such holding period lies between the first bars ({market.start}) and the news ({news:%Y-%m-%d})"

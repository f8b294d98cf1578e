"""Variants that may run together: one account, the same venues, and a tape that serves them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Flags, Ints
from deepshock.experiment.planning.cases import Cases
from deepshock.experiment.planning.digits import Distinct
from deepshock.experiment.planning.fit import Fit
from deepshock.experiment.planning.needs import Need
from deepshock.experiment.planning.tapes import Laid, Tapes
from deepshock.plan import Account


@dataclass(frozen=True, eq=False)
class Group:
    """Variants that may run together.

    Parameters
    ----------
    places : ndarray of shape (n,), int64
        Of the variants in their chunk, ascending.
    cases : Cases
        Their templates.
    template : ndarray of shape (n,), int64
        Which of these each variant has.
    account : Account
    laid : Laid or str
        Their tape, or why there is none.
    venues : int
        As bits.
    """

    places: Ints
    cases: Cases
    template: Ints
    account: Account
    laid: Laid | str
    venues: int


def groups_of(
    cases: Cases,
    of: Ints,
    accounts: Sequence[tuple[int, Account | str | None]],
    account: Ints,
    tapes: Tapes,
    whole: Callable[[int], Need | None],
) -> Iterator[Group]:
    """Yield the groups of some variants.

    Parameters
    ----------
    cases : Cases
    of : ndarray of shape (n,), int64
        The template of each variant; -1 for one that can't run.
    accounts : sequence of tuple
        Number and account.
    account : ndarray of shape (n,), int64
        Which of these each variant has.
    tapes : Tapes
    whole : callable
        What all variants of the sweep need on some venues, if that is known.
    """
    going, venues = np.flatnonzero(of >= 0), cases.venues
    if not len(going):
        return
    same = bool((venues == venues[0]).all())
    known, kind = (venues[:1], np.zeros(1, np.int64)) if same else np.unique(venues, return_inverse=True)
    key = (0 if same else kind[of[going]] * len(accounts)) + account[going]
    distinct = Distinct.of(key, len(known) * len(accounts))
    for n, value in enumerate(distinct.values.tolist()):
        places = going if len(distinct.values) == 1 else going[distinct.place == n]
        number, chosen = accounts[value % len(accounts)]
        assert isinstance(chosen, Account), "variants of an account that can't be had are stopped"
        mask = int(known[value // len(accounts)])
        used = np.zeros(len(cases), np.bool_)
        used[of[places]] = True
        some, template = _narrowed(cases, used, of[places])
        for part, laid in Fit(tapes, chosen, number, mask, some).tried(whole(mask)):
            fits = np.zeros(len(some), np.bool_)
            fits[part] = True
            inside = fits[template]
            yield Group(places[inside], *_narrowed(some, fits, template[inside]), chosen, laid, mask)


def _narrowed(cases: Cases, chosen: Flags, template: Ints) -> tuple[Cases, Ints]:
    """Return some of the templates, and the numbers that variants have among them."""
    if chosen.all():
        return cases, template
    return cases.some(chosen), (np.cumsum(chosen) - 1)[template]

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
        Their templates; of no meaning where there is no tape, as are their numbers.
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
    accounts: Sequence[Account | str | None],
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
    accounts : sequence
        As of `Accounts.get`.
    account : ndarray of shape (n,), int64
        Which of these each variant has.
    tapes : Tapes
    whole : callable
        What all variants of the sweep need on some venues, if that is known.
    """
    going, venues = np.flatnonzero(of >= 0), cases.venues
    if not len(going):
        return
    known = venues[:1] if bool((venues == venues[0]).all()) else np.unique(venues)
    kind = np.searchsorted(known, venues)[of[going]] if len(known) > 1 else 0
    distinct = Distinct.of(kind * len(accounts) + account[going], len(known) * len(accounts))
    for value, part in distinct.groups():
        places = going[part]
        chosen = accounts[value % len(accounts)]
        assert isinstance(chosen, Account), "variants of an account that can't be had are stopped"
        mask = int(known[value // len(accounts)])
        used = np.zeros(len(cases), np.bool_)
        used[of[places]] = True
        some, template = _narrowed(cases, used, of[places])
        fitted = Fit(tapes, chosen, mask, some).tried(whole(mask))
        fits = np.empty(len(some), np.int64)
        for n, (those, _) in enumerate(fitted):
            fits[those] = n
        for n, inside in Distinct.of(fits[template], len(fitted)).groups():
            laid = fitted[n][1]
            few = (some, template) if isinstance(laid, str) else _narrowed(some, fits == n, template[inside])
            yield Group(places[inside], *few, chosen, laid, mask)


def _narrowed(cases: Cases, chosen: Flags, template: Ints) -> tuple[Cases, Ints]:
    """Return some of the templates, and the numbers that variants have among them."""
    if chosen.all():
        return cases, template
    return cases.some(chosen), (np.cumsum(chosen) - 1)[template]

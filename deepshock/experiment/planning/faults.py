"""Which variants can't be, and what a thesis, an account or a plan says against them: as it would to each alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from deepshock.arrays import Ints
from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.accounts import Accounts
from deepshock.experiment.planning.chunk import Chunk
from deepshock.experiment.planning.pieces import said
from deepshock.experiment.planning.roles import Roles, axes_of
from deepshock.experiment.planning.rules import Rules
from deepshock.experiment.planning.structure import Framed
from deepshock.experiment.vary import varied
from deepshock.plan import Account


class Faults:
    """What can be wrong with the variants of a sweep.

    Parameters
    ----------
    roles : Roles
    rules : sequence of Rules
        Of each thesis.
    accounts : Accounts
    grid : Grid
    """

    def __init__(self, roles: Roles, rules: Sequence[Rules], accounts: Accounts, grid: Grid) -> None:
        self._roles, self._rules, self._accounts, self._grid = roles, rules, accounts, grid
        others = {*axes_of(roles.account), *(a for m in roles.members for a in axes_of((*m.designs, *m.times)))}
        self._calm = {axis: at for one in rules for axis, at in one.calm.items() if axis not in others}

    def stop(
        self, chunk: Chunk, accounts: Sequence[Account | str | None], account: Ints, framed: Framed, spot: Ints
    ) -> None:
        """Stop what can't be: first what a thesis refuses, then accounts, then plans, as one run would.

        Parameters
        ----------
        chunk : Chunk
        accounts : sequence
            As of `Accounts.get`.
        account : ndarray of shape (n,), int64
            Which of these each variant has.
        framed : Framed
        spot : ndarray of shape (n,), int64
            Where each variant stands among the framed combinations.
        """
        self._refuse_rules(chunk, framed, spot)
        for axes, which in framed.refused.items():
            chunk.refuse(axes, which[spot])
        chunk.refuse(self._accounts.digits.axes, np.array([one is None for one in accounts])[account])
        chunk.explain(self._why)
        for n, one in enumerate(accounts):
            if isinstance(one, str):
                chunk.stop(chunk.alive & (account == n), one)
        chunk.stop_each(framed.error[spot], framed.errors)

    def _refuse_rules(self, chunk: Chunk, framed: Framed, spot: Ints) -> None:
        """Note values that a word does not take, and targets that the legs of a design do not."""
        for g, rules in enumerate(self._rules):
            for axis in rules.digits.axes:
                good, bold = rules.good(axis), rules.bold(axis)
                if good is not None:
                    chunk.refuse((axis,), ~good[chunk.codes[:, axis]])
                if bold is not None and (g, axis) in framed.bold:
                    blamed = {axis, *axes_of(self._roles.members[g].designs)}
                    chunk.refuse(tuple(sorted(blamed)), framed.bold[g, axis][spot] & bold[chunk.codes[:, axis]])

    def _why(self, positions: Mapping[int, int], variant: int) -> str:
        """Return what is said against positions of some axes; if need be, against all of a variant's."""
        of_all = dict(enumerate(self._grid.codes(variant, variant + 1)[0].tolist()))
        for chosen in ({**self._calm, **positions}, of_all):
            axes = [(self._grid.axes[axis], at) for axis, at in chosen.items()]
            change = {path: v for axis, at in axes for path, v in zip(axis.paths, axis.values[at], strict=True)}
            try:
                varied(self._roles.item, change)
            except DeepshockError as error:
                return said(error)
        raise AssertionError(f"variant {variant} was refused, and is not by itself")

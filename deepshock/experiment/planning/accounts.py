"""The accounts of all variants: capital, costs and margin, each built once."""

from __future__ import annotations

from dataclasses import replace

from deepshock.cost import CostSet
from deepshock.errors import DeepshockError, ThesisError
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.digits import Digits
from deepshock.experiment.planning.pieces import said
from deepshock.experiment.planning.roles import Roles, axes_of
from deepshock.experiment.vary import varied
from deepshock.plan import Account, Settings, account_of


class Accounts:
    """The accounts of a sweep; those with the same costs have one object for them.

    Parameters
    ----------
    roles : Roles
    settings : Settings
    grid : Grid
    """

    def __init__(self, roles: Roles, settings: Settings, grid: Grid) -> None:
        self.digits = Digits.on(axes_of(roles.account), grid)
        self._roles, self._settings, self._grid = roles, settings, grid
        self._known: dict[int, Account | str | None] = {}
        self._costs: dict[tuple[int, ...], CostSet] = {}

    def get(self, number: int) -> Account | str | None:
        """Return an account; what is wrong with it where it can't be had; None where its words are refused."""
        if number not in self._known:
            self._known[number] = self._build(number)
        return self._known[number]

    def _build(self, number: int) -> Account | str | None:
        positions = self.digits.position(number)
        changes = self._roles.account
        made = {one.path: self._grid.axes[one.axis].values[positions[one.axis]][one.column] for one in changes}
        try:
            item = varied(self._roles.item, dict(sorted(made.items(), key=lambda change: len(change[0]))))
        except ThesisError:
            return None
        try:
            found = account_of(item, self._settings)
        except DeepshockError as error:
            return said(error)
        key = tuple(positions[change.axis] for change in changes if change.keys[0].partition(".")[0] == "costs")
        return replace(found, costs=self._costs.setdefault(key, found.costs))

"""The tapes and cost rows that batches of variants share, each laid out once if it can be."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import FAR, Ints, Terms
from deepshock.engine.axes import Axis, Traded
from deepshock.engine.charges import terms_of
from deepshock.engine.ground import Ground, survey
from deepshock.engine.tape import Layout, lay_out
from deepshock.errors import DeepshockError
from deepshock.experiment.planning.names import Names
from deepshock.experiment.planning.needs import Need
from deepshock.plan import Account


@dataclass(frozen=True, eq=False)
class Laid:
    """A tape, and what trading on it costs.

    Parameters
    ----------
    need : Need
        What it was laid out for.
    layout : Layout
    at : ndarray of shape (n_symbols,), int64
        Where each symbol stands on the tape, -1 for one that does not.
    items : tuple of str
    terms : Terms
    """

    need: Need
    layout: Layout
    at: Ints
    items: tuple[str, ...]
    terms: Terms

    def stands(self, n_symbols: int) -> Ints:
        """Return where each symbol stands, those included that were met later."""
        return np.append(self.at, np.full(max(n_symbols - len(self.at), 0), -1))


class Tapes:
    """The tapes of a sweep.

    Parameters
    ----------
    names : Names
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._layouts: dict[Hashable, tuple[Need, Layout, Ints]] = {}
        self._laid: dict[Hashable, Laid] = {}
        self._hopeless: set[Hashable] = set()

    @property
    def n_symbols(self) -> int:
        """How many symbols have been met."""
        return len(self._names.symbols)

    def lay(self, account: Account, venues: int, need: Need, whole: Need | None) -> Laid:
        """Return a tape that serves some variants, and perhaps others that are still to come.

        Parameters
        ----------
        account : Account
        venues : int
            Which venues the variants trade on; their instruments are on no other.
        need : Need
        whole : Need or None
            What all variants of the sweep on these venues need, if that is known.

        Raises
        ------
        DeepshockError
            A rate, a settlement cycle or a law is missing that one of the variants needs.
        """
        # whose costs are equal has the same object for them, see `Accounts`
        key = (account.currency, id(account.costs), account.margin, venues)
        kept = self._laid.get(key)
        if kept is not None and kept.need.covers(need):
            return kept
        if key not in self._hopeless:
            wider = need if whole is None else need.joined(whole)
            try:
                self._laid[key] = self.exactly(account, venues, wider if kept is None else wider.joined(kept.need))
            except DeepshockError:
                self._hopeless.add(key)
            else:
                return self._laid[key]
        return self.exactly(account, venues, need)

    def exactly(self, account: Account, venues: int, need: Need) -> Laid:
        """Return a tape for what is needed; for more only if there is one.

        Raises
        ------
        DeepshockError
            As of `lay`.
        """
        costs = account.costs
        key = (account.currency, costs.financing.on, costs.borrow, account.margin, venues)
        kept = self._layouts.get(key)
        if kept is not None and kept[0].covers(need):
            _, layout, at = kept
            return Laid(need, layout, at, *terms_of(costs, layout.axes, _first(need, layout.axes, at)))
        chosen = np.flatnonzero(need.first < FAR)
        ground, at, items, terms = self.probe(account, need, chosen)
        layout = lay_out(self._names.market, ground, costs)
        self._layouts[key] = (need, layout, at)
        return Laid(need, layout, at, items, terms)

    def probe(self, account: Account, need: Need, order: Ints) -> tuple[Ground, Ints, tuple[str, ...], Terms]:
        """Look for all that a tape and its costs hang on.

        Parameters
        ----------
        account : Account
        need : Need
        order : ndarray of int64
            Numbers of the symbols that are needed, in the order in which what is missing is looked for.

        Raises
        ------
        DeepshockError
            As of `lay`.
        """
        costs, symbols = account.costs, list(self._names.symbols)
        traded = [Traded(symbols[n], bool(need.short[n]), bool(need.restricted[n])) for n in order.tolist()]
        ground = survey(self._names.market, traded, need.start_ns, account.currency, costs, account.margin)
        at = np.full(len(symbols), -1)
        at[order] = np.arange(len(order))
        return ground, at, *terms_of(costs, ground.axes, _first(need, ground.axes, at))


def _first(need: Need, axes: Sequence[Axis], at: Ints) -> Ints:
    """Return the first session of each axis of a tape in which it may trade; beyond the last where it never does."""
    first = np.full(len(axes), FAR)
    known = min(len(at), len(need.first))
    on = np.flatnonzero(at[:known] >= 0)
    first[at[on]] = need.first[on]
    begins, sessions = np.array([(axis.first, len(axis.days)) for axis in axes]).T
    return np.asarray(np.minimum(np.maximum(first - begins, 0), sessions))

"""Plans of many variants at once, in batches that the engine can run: equal to planning each by itself, to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deepshock.arrays import THESIS, Ints, Orders, Records, Variants
from deepshock.engine.assemble import Assembly
from deepshock.engine.charges import money_of
from deepshock.experiment.grid import Grid
from deepshock.experiment.planning.accounts import Accounts
from deepshock.experiment.planning.cases import Cases
from deepshock.experiment.planning.chunk import Chunk
from deepshock.experiment.planning.digits import Distinct
from deepshock.experiment.planning.faults import Faults
from deepshock.experiment.planning.foresight import Foresight
from deepshock.experiment.planning.grouping import Group, groups_of
from deepshock.experiment.planning.names import TIERS
from deepshock.experiment.planning.roles import Roles
from deepshock.experiment.planning.rules import all_rules
from deepshock.experiment.planning.slots import Slots
from deepshock.experiment.planning.structure import Framed, Structure
from deepshock.experiment.planning.tapes import Laid, Tapes
from deepshock.experiment.planning.templates import Lags, templates_of
from deepshock.experiment.planning.unsent import unsent
from deepshock.market import Market
from deepshock.plan import Account, Settings, fee_of
from deepshock.thesis import Book, Thesis


@dataclass(frozen=True, eq=False)
class Batch:
    """Variants that share a tape, costs and account; or that can't run, for the same reason.

    Parameters
    ----------
    numbers : ndarray of shape (n,), int64
        Of the variants in the grid, ascending.
    reason : str
        Why they can't run; all that follows is then None, nil or False. Empty if they can.
    assembly : Assembly or None
        Its orders are those of the first variant.
    variants : Variants or None
    capital : float
        In ``currency``, the base of the account.
    currency : str
    interest : bool
        Whether cash earns or pays anything.
    always_open : bool
        Whether all venues are 24/7.
    """

    numbers: Ints
    reason: str = ""
    assembly: Assembly | None = None
    variants: Variants | None = None
    capital: float = 0.0
    currency: str = ""
    interest: bool = False
    always_open: bool = False


class _Looked(NamedTuple):
    """What has been found out about a range of variants."""

    chunk: Chunk
    framed: Framed
    spot: Ints  # where each variant stands among the framed combinations
    accounts: Sequence[Account | str | None]  # as of `Accounts.get`
    account: Ints  # which of these each variant has


class Planner:
    """Plans the variants of a sweep. What it has found it keeps; a copy in another process finds it anew.

    Parameters
    ----------
    item : Thesis or Book
    market : Market
    settings : Settings
        Source, capital and costs that all variants share.
    grid : Grid
        Checked: its paths lead somewhere in the item.
    """

    def __init__(self, item: Thesis | Book, market: Market, settings: Settings, grid: Grid) -> None:
        self._given = (item, market, settings, grid)
        self._grid = grid
        self._roles = Roles.of(item, settings, grid)
        rules = all_rules(self._roles.members, grid)
        self._slots = Slots(rules, [member.thesis for member in self._roles.members])
        self._lags = Lags(rules, grid)
        self._structure = Structure(self._roles, rules, grid, market)
        self._accounts = Accounts(self._roles, settings, grid)
        self._faults = Faults(self._roles, rules, self._accounts, grid)
        self._tapes = Tapes(self._structure.names)
        self._foresight = Foresight(self._structure, self._lags, grid)

    def __reduce__(self) -> tuple[type[Planner], tuple[Thesis | Book, Market, Settings, Grid]]:
        return Planner, self._given

    def batches(self, start: int, stop: int) -> list[Batch]:
        """Plan variants ``start`` up to ``stop`` (excluded): each is in exactly one batch."""
        chunk = Chunk(self._grid, start, stop)
        if not len(chunk):
            return []
        numbers = Distinct.of(self._accounts.digits.numbers(chunk.codes), self._accounts.digits.size)
        accounts = [self._accounts.get(number) for number in numbers.values.tolist()]
        combined = Distinct.of(self._structure.digits.numbers(chunk.codes), self._structure.digits.size)
        framed = self._structure.frames(chunk.codes[combined.first])
        self._faults.stop(chunk, accounts, numbers.place, framed, combined.place)
        looked = _Looked(chunk, framed, combined.place, accounts, numbers.place)
        made = self._made(looked, exact=False)
        made = self._made(looked, exact=True) if made is None else made
        return [*(made or []), *(Batch(those, reason) for those, reason in chunk.stopped())]

    def _made(self, looked: _Looked, *, exact: bool) -> list[Batch] | None:
        """Return the batches of the variants that can run; None if something is missing that hangs on their lags."""
        chunk, names = looked.chunk, self._structure.names
        found = templates_of(chunk, looked.framed, looked.spot, self._structure, self._lags, exact=exact)
        if found is None:
            return []
        cases, of = found
        is_book = isinstance(self._roles.item, Book)
        why, reasons = unsent(cases, names, is_book=is_book)
        chunk.stop_each(np.where(of >= 0, why[of], -1), reasons)
        of = np.where(chunk.alive, of, -1)
        rule, pick = self._rules_of(chunk, cases, of)
        batches = []
        groups = groups_of(cases, of, looked.accounts, looked.account, self._tapes, self._foresight.within)
        for group in groups:
            if not isinstance(group.laid, str):
                variants = self._variants(group, group.laid, rule, pick[group.places])
                batches.append(self._batch(group, group.laid, chunk.numbers[group.places], variants))
            elif exact or self._lags.digits.size == 1:
                chunk.stop(group.places, group.laid)
            else:
                return None
        return batches

    def _rules_of(self, chunk: Chunk, cases: Cases, of: Ints) -> tuple[Records, Ints]:
        """Return the rules of all variants, and which each uses."""
        bases = []
        for g in self._slots.first:
            known = list(dict.fromkeys(frame.bases[g] for frame in cases.pool.frames))
            numbers = np.array([known.index(frame.bases[g]) for frame in cases.pool.frames])
            bases.append((known, numbers[cases.frame[of]] if len(known) > 1 else numbers[:1]))
        return self._slots.lay(chunk.codes, bases)

    def _variants(self, group: Group, laid: Laid, rule: Records, pick: Ints) -> Variants:
        """Put the templates of a group on its tape."""
        cases = group.cases
        fees = np.array([fee_of(group.account.costs, tier) for tier in TIERS])
        leg = cases.legs(fees, laid.stands(len(self._structure.names.symbols)), laid.layout)
        theses = np.zeros(len(self._roles.members), THESIS)
        theses["share"] = [member.share for member in self._roles.members]
        theses["slot"] = self._slots.of
        return Variants(leg, cases.start, theses, rule, group.template, pick)

    def _batch(self, group: Group, laid: Laid, numbers: Ints, variants: Variants) -> Batch:
        account, layout = group.account, laid.layout
        first = slice(*variants.start[variants.template[0] :][:2])
        assembly = Assembly(
            layout.tape,
            Orders(variants.leg[first], variants.thesis, variants.rule, variants.pick[0]),
            laid.terms,
            money_of(account.capital, account.currency, account.costs, account.margin, layout.currencies),
            layout.instruments,
            layout.currencies,
            laid.items,
            layout.row_at,
            layout.fx_known,
            layout.fx_next,
        )
        open_ = group.venues == 1 << self._structure.names.venue("24/7")
        interest = bool(account.costs.financing.on)
        return Batch(numbers, "", assembly, variants, account.capital, account.currency, interest, open_)

"""All that a run is charged, as one frozen object."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from deepshock.cost.models import Commission, HalfSpread, Model, VenueLaw
from deepshock.cost.terms import Inputs, TermRow
from deepshock.cost.venues import Venues
from deepshock.errors import CostError, Fault, LawError, suggest

BORROW = "borrow"
CONVERSION = "FX conversion"
INTEREST = "interest"
TAXES = "taxes"
PARTICIPATION = 0.02
"""What one fill takes of the usual day's volume at most: an assumption, the same under every preset."""
WORDS = ("commission", "half-spread", "slippage", "impact", TAXES, BORROW, "conversion", CONVERSION, INTEREST)


@dataclass(frozen=True)
class Tiers(Mapping[str, float]):
    """Borrow fee by tier, annual rates as fractions; a mapping that can be hashed.

    Examples
    --------
    >>> Tiers((("general", 0.003), ("special", 0.05)))["special"]
    0.05
    """

    rates: tuple[tuple[str, float], ...] = (("general", 0.0), ("special", 0.0))

    def __getitem__(self, tier: str) -> float:
        return dict(self.rates)[tier]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self.rates))

    def __len__(self) -> int:
        return len(self.rates)

    def off(self) -> Tiers:
        """Return the same tiers, all free."""
        return Tiers(tuple((tier, 0.0) for tier, _ in self.rates))


@dataclass(frozen=True, slots=True)
class Financing:
    """What cash earns and costs, as spreads over the policy rate of its currency (fractions a year).

    Parameters
    ----------
    on : bool
        No interest at all if False.
    credit_spread : float
        On free cash above zero.
    credit_floor : float
        The credit rate (not its spread) is never below this; ``-inf`` for no floor.
    debit_spread : float
        On borrowed cash.
    rebate_spread : float or None
        On the collateral of shorts, in its own currency; None pays no rebate.

    Examples
    --------
    >>> Financing(on=True, credit_spread=-0.015, credit_floor=0.0).rebate_spread is None
    True
    """

    on: bool = False
    credit_spread: float = 0.0
    credit_floor: float = -math.inf
    debit_spread: float = 0.0
    rebate_spread: float | None = None


@dataclass(frozen=True)
class CostSet:
    """Every cost of a run, and what its cash earns.

    Parameters
    ----------
    name : str
        What a report calls it.
    models : tuple of Model
        Costs of a fill, in the order of the ledger's lines.
    borrow : Tiers
        Fee on shorts by tier (``general``, ``special``), fractions a year over 360.
    conversion_bps : float
        Of each amount exchanged between a leg's currency and the base.
    financing : Financing
        Interest.
    participation : float
        Fraction of the usual day's volume (the median of the last 20 known ones, before the fill's session) that one
        fill may take, above 0 and up to 1; ``inf`` for no cap. It is a limit and no cost, so it stays whatever is
        taken out.

    Raises
    ------
    CostError
        A participation that is no such number.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from deepshock.cost import Slippage, cost_set
    >>> costs = cost_set("none")
    >>> replace(costs, models=(Slippage(bps=4.0),)).items()
    ('slippage',)
    """

    name: str
    models: tuple[Model, ...] = ()
    borrow: Tiers = Tiers()
    conversion_bps: float = 0.0
    financing: Financing = Financing()
    participation: float = PARTICIPATION

    def __post_init__(self) -> None:
        if not (0.0 < self.participation <= 1.0 or self.participation == math.inf):
            problem = f"participation {self.participation} is no part of a day's volume"
            raise CostError(Fault(self.name, problem, "give a number above 0 and up to 1, or inf for no cap"))

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return the kernel's rows for one instrument, in the order of the models; none where it cannot trade.

        Raises
        ------
        CostError
            The instrument's calendar belongs to no market for which commission or half-spread is known.
        LawError
            No dated row of venue law covers a session of the window.
        """
        if inputs.first == inputs.last:
            return ()
        faults = self._market_faults(inputs)
        kind: type[CostError] = CostError if faults else LawError
        rows: list[TermRow] = []
        for model in self.models:
            try:
                rows += model.terms(inputs)
            except LawError as error:
                faults += [replace(fault, where=f"{inputs.symbol}: {fault.where}") for fault in error.faults]
        if faults:
            raise kind(faults)
        return tuple(rows)

    def items(self) -> tuple[str, ...]:
        """Return the lines that can be charged, in the fixed order of the ledger.

        Returns
        -------
        tuple of str
            Commission, half-spread, slippage, impact, each tax and fee of any venue, borrow, FX conversion; those that
            are off are left out. Interest is no cost and not among them.
        """
        names = [name for model in self.models for name in _lines(model)]
        names += [BORROW] * any(self.borrow.values()) + [CONVERSION] * bool(self.conversion_bps)
        return tuple(dict.fromkeys(names))

    def only(self, item: str) -> CostSet:
        """Return a set with every other cost and all interest off.

        Parameters
        ----------
        item : str
            A line of `items`, ``taxes`` for all venue law, ``conversion`` for FX conversion, or ``interest``.

        Raises
        ------
        CostError
            No such item.
        """
        names = self._named(item)
        return self._select(f"{self.name}, only {item}", lambda name: name in names)

    def without(self, item: str) -> CostSet:
        """Return the set with one cost, or all interest, off; items as in `only`.

        Raises
        ------
        CostError
            No such item.
        """
        names = self._named(item)
        return self._select(f"{self.name} without {item}", lambda name: name not in names)

    def as_of(self, on: date) -> CostSet:
        """Return the set with the venue law of one trade date in every session: what a placebo at other dates needs."""
        models = tuple(replace(model, on=on) if isinstance(model, VenueLaw) else model for model in self.models)
        return replace(self, name=f"{self.name}, law of {on}", models=models)

    def _named(self, item: str) -> frozenset[str]:
        """Return the names of the lines that a word stands for."""
        laws = [model for model in self.models if isinstance(model, VenueLaw)] or [VenueLaw()]
        taxes = tuple(dict.fromkeys(row.item for law in laws for row in law.rows))
        known = tuple(dict.fromkeys((*WORDS, *taxes, *(model.item for model in self.models))))
        if item not in known:
            hint = suggest(item, known) or f"known are {', '.join(known)}"
            raise CostError(Fault("costs", f"no cost is called {item!r}", hint))
        return frozenset(taxes) if item == TAXES else frozenset({CONVERSION if item == "conversion" else item})

    def _select(self, name: str, keep: Callable[[str], bool]) -> CostSet:
        narrowed = (model.narrow(keep) if isinstance(model, VenueLaw) else model for model in self.models)
        return CostSet(
            name,
            tuple(model for model in narrowed if (model.items() if isinstance(model, VenueLaw) else keep(model.item))),
            self.borrow if keep(BORROW) else self.borrow.off(),
            self.conversion_bps if keep(CONVERSION) else 0.0,
            self.financing if keep(INTEREST) else Financing(),
            self.participation,
        )

    def _market_faults(self, inputs: Inputs) -> list[Fault]:
        """Return the items that are given market by market, and not for the market of this instrument."""
        markets: dict[str, list[Venues | None]] = {}
        for model in self.models:
            if isinstance(model, Commission | HalfSpread):
                markets.setdefault(model.item, []).append(model.venues)
        faults = []
        for item, known in markets.items():
            named = [venues for venues in known if venues is not None]
            if len(named) == len(known) and not any(inputs.calendar in venues.calendars for venues in named):
                said = ", ".join(f"{venues.name} ({', '.join(venues.calendars)})" for venues in named)
                faults.append(
                    Fault(
                        f"{inputs.symbol}: {item} of {self.name!r}",
                        f"calendar {inputs.calendar!r} belongs to no market; there are {said}",
                        f"in a cost file write markets: {{{inputs.calendar}: NAME}} and {item}.NAME.bps, "
                        f"or in Python add a model without venues",
                    )
                )
        return faults


def _lines(model: Model) -> tuple[str, ...]:
    return model.items() if isinstance(model, VenueLaw) else (model.item,)

"""What a fill costs, as small frozen models that turn into rows for the kernel.

A model has an item (its line in the ledger) and one method::

    terms(inputs) -> tuple[TermRow, ...]

Anything with these two can be added to a `CostSet`. Two models of one class are two rows, and each is attributed on its
own. Notation: ``v`` absolute value of the fill in local currency, ``n`` traded shares, ``s`` adjusted shares, ``sigma``
daily volatility and ``V`` typical daily volume, both known before the fill's session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from deepshock.cost.taxes import VenueLaw
from deepshock.cost.terms import Inputs, TermRow
from deepshock.cost.venues import Venues

__all__ = ["Commission", "HalfSpread", "Impact", "Model", "Slippage", "VenueLaw"]

_BPS = 1e-4


class Model(Protocol):
    """A cost of a fill."""

    @property
    def item(self) -> str:
        """The line of the ledger."""
        ...

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return the rows that bind an instrument over the window of `inputs`; none where it costs nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Commission:
    """What the broker takes.

    ``amount = max(per_share n + bps 1e-4 v, minimum)``, in local currency, not rounded.

    Parameters
    ----------
    venues : Venues, optional
        The market that it is for; everywhere by default.
    bps : float
        Of the value.
    per_share : float
        Local currency per traded (not adjusted) share.
    minimum : float
        Local currency a trade.
    item : str
        The line of the ledger.

    Notes
    -----
    Brokers' tariffs differ and change; the figures of the presets are assumptions and are reported as such.

    Examples
    --------
    600 shares at 0.0035 USD, at least 0.35 USD: 600 x 0.0035 = 2.10 USD.

    >>> Commission(per_share=0.0035, minimum=0.35)
    Commission(venues=None, bps=0.0, per_share=0.0035, minimum=0.35, item='commission')
    """

    venues: Venues | None = None
    bps: float = 0.0
    per_share: float = 0.0
    minimum: float = 0.0
    item: str = "commission"

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row on both sides, in this market only."""
        if not (self.bps or self.per_share or self.minimum):
            return ()
        row = TermRow(
            self.item,
            "both",
            inputs.first,
            inputs.last,
            of_value=self.bps * _BPS,
            per_share=self.per_share,
            min=self.minimum,
        )
        return _in(self.venues, inputs, row)


@dataclass(frozen=True, slots=True)
class HalfSpread:
    """Half of the distance between bid and offer, paid on every fill.

    ``amount = max(bps 1e-4 v, ticks tick n, sigmas sigma v)``, in local currency, not rounded.

    Parameters
    ----------
    venues : Venues, optional
        The market that it is for; everywhere by default.
    bps : float
        Of the value: the assumption for a calm day.
    ticks : float
        Floor in ticks a share. Half a tick: a quoted spread is at least one tick wide.
    sigmas : float
        Floor as a fraction of daily volatility: spreads widen when prices move.
    item : str
        The line of the ledger.

    Notes
    -----
    An unknown sigma leaves its floor out (the run warns). The floors keep a cheap or wild instrument from trading
    at the spread of a large quiet one; 0.01 sigma is our assumption, about 3 bps on a day with 3 % volatility.

    Examples
    --------
    100 shares at 20 USD, tick 0.01, sigma 4 %: max(1 bp = 0.20, half a tick = 0.50, 0.01 x 4 % = 0.80) = 0.80 USD.

    >>> HalfSpread(bps=1.0).ticks
    0.5
    """

    venues: Venues | None = None
    bps: float = 0.0
    ticks: float = 0.5
    sigmas: float = 0.01
    item: str = "half-spread"

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row on both sides, in this market only."""
        if not (self.bps or self.ticks or self.sigmas):
            return ()
        row = TermRow(
            self.item,
            "both",
            inputs.first,
            inputs.last,
            of_value=self.bps * _BPS,
            of_tick=self.ticks,
            of_sigma=self.sigmas,
        )
        return _in(self.venues, inputs, row)


@dataclass(frozen=True, slots=True)
class Slippage:
    """What is lost between the decision and the fill, over and above spread and impact.

    ``amount = bps 1e-4 v``, in local currency, not rounded.

    Parameters
    ----------
    bps : float
        Of the value; an assumption.
    item : str
        The line of the ledger.

    Examples
    --------
    A fill of 50,000 USD at 2 bps costs 10 USD.

    >>> Slippage(bps=2.0).item
    'slippage'
    """

    bps: float
    item: str = "slippage"

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row on both sides."""
        if not self.bps:
            return ()
        return (TermRow(self.item, "both", inputs.first, inputs.last, of_value=self.bps * _BPS),)


@dataclass(frozen=True, slots=True)
class Impact:
    """How far an order moves the price against itself: the square-root law.

    ``amount = y sigma v sqrt(s / V)``, in local currency, not rounded.

    Parameters
    ----------
    y : float
        Factor, of the order of one.
    item : str
        The line of the ledger.

    Notes
    -----
    With sigma or V unknown the amount is nil and the run warns. For orders worked over a day, Almgren, Thum, Hauptmann
    and Li (2005), *Direct estimation of equity market impact*, find an exponent of 0.6 for the temporary part.

    Examples
    --------
    y = 0.7, sigma = 3 %, an order of 1 % of V: 0.7 x 0.03 x sqrt(0.01) = 21 bps of the value.

    >>> Impact(y=0.7).item
    'impact'
    """

    y: float
    item: str = "impact"

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row on both sides."""
        return (TermRow(self.item, "both", inputs.first, inputs.last, impact=self.y),) if self.y else ()


def _in(venues: Venues | None, inputs: Inputs, row: TermRow) -> tuple[TermRow, ...]:
    return (row,) if venues is None or inputs.calendar in venues.calendars else ()

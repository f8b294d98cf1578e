"""What margin an account has to keep: Regulation T and FINRA 4210, or rates of a thesis's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deepshock.thesis import Margin


@dataclass(frozen=True)
class MarginRates:
    """Rates of margin as fractions of the value of a position, and floors in US dollars a traded share.

    Parameters
    ----------
    initial : float
        Of longs and of shorts (on top of the proceeds), at the decision of an entry.
    long, short : float
        Maintenance.
    floor : float
        The least that maintenance asks of a share sold short.
    cheap_under : float
        Price from which down a share is cheap.
    cheap, cheap_floor : float
        In place of ``short`` and ``floor`` for a cheap share.
    source : str
    """

    initial: float
    long: float
    short: float
    floor: float = 0.0
    cheap_under: float = 0.0
    cheap: float = 0.0
    cheap_floor: float = 0.0
    source: str = "the thesis"


REG_T = MarginRates(
    initial=0.50, long=0.25, short=0.30, floor=5.0, cheap_under=5.0, cheap=1.0, cheap_floor=2.5,
    source="initial: 12 CFR 220.12 (Regulation T); maintenance: FINRA Rule 4210(c)",
)  # fmt: skip


def margin_rates(margin: Margin) -> MarginRates | None:
    """Return the rates of a margin rule; None for ``none``."""
    if margin.rule == "none":
        return None
    if margin.rule == "reg-t":
        return REG_T
    assert margin.initial is not None, "a rule of one's own is refused without both rates"
    assert margin.maintenance is not None, "a rule of one's own is refused without both rates"
    return MarginRates(margin.initial, margin.maintenance, margin.maintenance)


def margin_lines(margin: Margin) -> Iterator[str]:
    """Yield what margin the account keeps, in plain English."""
    rates = margin_rates(margin)
    if rates is None:
        yield "none: no order is cut for it, and nothing is called"
        return
    yield f"initial: {rates.initial:.0%} of the value of longs and of shorts, at the decision; less cuts the orders"
    floors = f"the greater of {rates.short:.0%} and {rates.floor:g} USD a share"
    cheap = f"under {rates.cheap_under:g} USD a share the greater of {rates.cheap:.0%} and {rates.cheap_floor:.2f} USD"
    shorts = f"{floors}, {cheap}" if rates.floor else f"{rates.short:.0%}"
    yield f"maintenance, on each valuation row: longs {rates.long:.0%} of the value; shorts {shorts}"
    yield "equity under it is a margin call: the positions with the largest requirement close at their next auctions"
    yield f"source: {rates.source}"

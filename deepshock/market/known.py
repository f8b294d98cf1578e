"""What is known of each session before its auctions: how much its trade usually is and swings, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

from deepshock.market.calendar import Floats
from deepshock.market.instruments import Instrument
from deepshock.market.limits import price_limits
from deepshock.market.series import Series
from deepshock.market.short_sale import offers
from deepshock.market.trailing import shares_traded, sigma, typical_volume


@dataclass(frozen=True, eq=False)
class Known:
    """Arrays over the sessions of one instrument, read-only.

    Parameters
    ----------
    sigma, volume : ndarray of shape (n_sessions,), float64
        See `sigma` and `typical_volume`; nan where unknown.
    upper, lower : ndarray of shape (n_sessions,), float64
        Price limits less their tolerance, see `price_limits`; local currency per adjusted share.
    offer_open, offer_close : ndarray of shape (n_sessions,), float64
        What Rule 201 leaves of a short sale, see `offers`.
    """

    sigma: Floats
    volume: Floats
    upper: Floats
    lower: Floats
    offer_open: Floats
    offer_close: Floats

    def __post_init__(self) -> None:
        for values in vars(self).values():
            values.flags.writeable = False


def known_of(series: Series, instrument: Instrument) -> Known:
    """Derive what is known of each session from the sessions before it (an offer at a close, also from its own)."""
    return Known(
        sigma(series.close),
        typical_volume(shares_traded(series, instrument)),
        *price_limits(series, instrument),
        *offers(series, instrument),
    )

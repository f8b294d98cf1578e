"""What is known of each session before its auctions: how much its trade usually is and swings, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.market.calendar import Floats, Instants, Sessions
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
    auction_at : ndarray of shape (2 n_sessions,), int64
        When each session opens and closes, nanoseconds UTC: the open of session s is 2 s.
    auction_price : ndarray of shape (2 n_sessions,), float64
        Local currency; nan where an auction made none. No auction opens a halted session.
    priced : ndarray, int64
        Which auctions made a price.
    """

    sigma: Floats
    volume: Floats
    upper: Floats
    lower: Floats
    offer_open: Floats
    offer_close: Floats
    auction_at: Instants
    auction_price: Floats
    priced: Instants

    def __post_init__(self) -> None:
        for values in vars(self).values():
            values.flags.writeable = False


def known_of(series: Series, instrument: Instrument, sessions: Sessions) -> Known:
    """Derive what is known of each session from the sessions before it (an offer at a close, also from its own)."""
    opens = np.where(series.halted, np.nan, series.open)
    prices = np.column_stack([opens, series.close]).ravel()
    return Known(
        sigma(series.close),
        typical_volume(shares_traded(series, instrument)),
        *price_limits(series, instrument),
        *offers(series, instrument),
        np.column_stack([sessions.opens, sessions.closes]).ravel(),
        prices,
        np.flatnonzero(np.isfinite(prices)),
    )

"""What could be known and traded: bars, sessions, exchange rates, and what a venue's auctions refuse."""

from deepshock.market.calendar import Sessions
from deepshock.market.fx import FxTable
from deepshock.market.instruments import Instrument
from deepshock.market.limits import price_limits
from deepshock.market.panel import Market
from deepshock.market.provider import Bars, Provider
from deepshock.market.series import Series
from deepshock.market.sources import provider_of
from deepshock.market.ticks import Ladder, ladders_for, tick_sizes
from deepshock.market.trailing import shares_traded, sigma, typical_volume

__all__ = [
    "Bars",
    "FxTable",
    "Instrument",
    "Ladder",
    "Market",
    "Provider",
    "Series",
    "Sessions",
    "ladders_for",
    "price_limits",
    "provider_of",
    "shares_traded",
    "sigma",
    "tick_sizes",
    "typical_volume",
]

"""What could be known and traded: bars, sessions, exchange rates, borrow, and what a venue's auctions refuse."""

from deepshock.market.actions import Actions
from deepshock.market.calendar import Sessions, day_of, sessions, zone_of
from deepshock.market.fx import FxTable
from deepshock.market.hazard import Hazard
from deepshock.market.instruments import Instrument
from deepshock.market.lending import TIERS, Lending
from deepshock.market.limits import price_limits
from deepshock.market.panel import Market
from deepshock.market.provider import Bars, Lender, Provider
from deepshock.market.series import Series
from deepshock.market.short_sale import offers, under_rule_201
from deepshock.market.sources import provider_of
from deepshock.market.ticks import Ladder, ladders_for, tick_sizes
from deepshock.market.trailing import shares_traded, sigma, typical_volume
from deepshock.market.venues import calendar_of

__all__ = [
    "TIERS",
    "Actions",
    "Bars",
    "FxTable",
    "Hazard",
    "Instrument",
    "Ladder",
    "Lender",
    "Lending",
    "Market",
    "Provider",
    "Series",
    "Sessions",
    "calendar_of",
    "day_of",
    "ladders_for",
    "offers",
    "price_limits",
    "provider_of",
    "sessions",
    "shares_traded",
    "sigma",
    "tick_sizes",
    "typical_volume",
    "under_rule_201",
    "zone_of",
]

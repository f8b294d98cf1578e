"""What trades when: the timeline of auctions, and the plan of orders on it."""

from deepshock.plan.build import MAINLAND, Settings, account_faults, build, build_book, costs_of
from deepshock.plan.explain import explain
from deepshock.plan.margin import MarginRates, margin_rates
from deepshock.plan.plan import HEDGE, LEG, Plan, PlannedOrder, PlannedThesis
from deepshock.plan.ratios import Beta, beta, volatility
from deepshock.plan.settlement import settlement_date
from deepshock.plan.timeline import CLOSE, OPEN, Auction, auction, day_number, instant, nanoseconds

__all__ = [
    "CLOSE",
    "HEDGE",
    "LEG",
    "MAINLAND",
    "OPEN",
    "Auction",
    "Beta",
    "MarginRates",
    "Plan",
    "PlannedOrder",
    "PlannedThesis",
    "Settings",
    "account_faults",
    "auction",
    "beta",
    "build",
    "build_book",
    "costs_of",
    "day_number",
    "explain",
    "instant",
    "margin_rates",
    "nanoseconds",
    "settlement_date",
    "volatility",
]

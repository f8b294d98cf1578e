"""What trades when: the timeline of auctions, and the plan of orders on it."""

from deepshock.plan.account import Account, Settings, account_faults, account_of, costs_of, fee_of
from deepshock.plan.build import (
    build,
    build_book,
    dated_exit,
    decided_at,
    no_tradable_leg,
    plan_member,
    require_symbols,
    rests_on_prices,
    shares_of,
)
from deepshock.plan.explain import explain
from deepshock.plan.margin import MarginRates, margin_rates
from deepshock.plan.plan import HEDGE, LEG, NOTHING_RUNS, Plan, PlannedOrder, PlannedThesis
from deepshock.plan.ratios import BETA_LEAST, Beta, Pair, Swings, beta, volatility
from deepshock.plan.refusal import MAINLAND, Gate, Refusal, refusals
from deepshock.plan.settlement import settlement_date
from deepshock.plan.sizes import units_by, units_of
from deepshock.plan.timeline import (
    CLOSE,
    OPEN,
    Auction,
    auction,
    day_number,
    first_sessions_after,
    instant,
    nanoseconds,
)

__all__ = [
    "BETA_LEAST",
    "CLOSE",
    "HEDGE",
    "LEG",
    "MAINLAND",
    "NOTHING_RUNS",
    "OPEN",
    "Account",
    "Auction",
    "Beta",
    "Gate",
    "MarginRates",
    "Pair",
    "Plan",
    "PlannedOrder",
    "PlannedThesis",
    "Refusal",
    "Settings",
    "Swings",
    "account_faults",
    "account_of",
    "auction",
    "beta",
    "build",
    "build_book",
    "costs_of",
    "dated_exit",
    "day_number",
    "decided_at",
    "explain",
    "fee_of",
    "first_sessions_after",
    "instant",
    "margin_rates",
    "nanoseconds",
    "no_tradable_leg",
    "plan_member",
    "refusals",
    "require_symbols",
    "rests_on_prices",
    "settlement_date",
    "shares_of",
    "units_by",
    "units_of",
    "volatility",
]

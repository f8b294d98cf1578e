"""Ticks (rules, section 5): the ladders of the venues, and rounding to a tick."""

from __future__ import annotations

import math
from datetime import date

from .auctions import NONSTOP

HALF_UP_TOLERANCE = 1e-9
TICK_TOLERANCE = 1e-4

# Where each band of traded prices begins, and its tick, from the top down. An edge belongs to the band above it, but in
# Hong Kong, whose schedule says "over 10.00 to 20.00", to the band below.
US = [(1.0, 0.01), (0.0, 0.0001)]
CENTS = [(0.0, 0.01)]
MAINLAND_FUNDS = [(0.0, 0.001)]
HONG_KONG = [
    (5_000.0, 5.0), (2_000.0, 2.0), (1_000.0, 1.0), (500.0, 0.5), (200.0, 0.2), (100.0, 0.1), (20.0, 0.05),
    (10.0, 0.02), (0.5, 0.01), (0.25, 0.005), (0.0, 0.001),
]  # fmt: skip
# First phase of the exchange's reduction of minimum spreads, 4 August 2025.
HONG_KONG_2025 = [
    (5_000.0, 5.0), (2_000.0, 2.0), (1_000.0, 1.0), (500.0, 0.5), (200.0, 0.2), (100.0, 0.1), (50.0, 0.05),
    (20.0, 0.02), (0.5, 0.01), (0.25, 0.005), (0.0, 0.001),
]  # fmt: skip
# The exchange's own schedule for funds, since 1 June 2020.
HONG_KONG_FUNDS = [
    (2_000.0, 1.0), (1_000.0, 0.5), (500.0, 0.2), (200.0, 0.1), (100.0, 0.05), (20.0, 0.02), (10.0, 0.01), (5.0, 0.005),
    (1.0, 0.002), (0.0, 0.001),
]  # fmt: skip
# Commission Delegated Regulation (EU) 2017/588 (RTS 11), annex, the second most liquid class of shares.
EUROPE = [
    (10_000.0, 5.0), (5_000.0, 2.0), (2_000.0, 1.0), (1_000.0, 0.5), (500.0, 0.2), (200.0, 0.1), (100.0, 0.05),
    (50.0, 0.02), (20.0, 0.01), (10.0, 0.005), (5.0, 0.002), (2.0, 0.001), (1.0, 0.0005), (0.5, 0.0002), (0.0, 0.0001),
]  # fmt: skip


def tick_of(calendar: str, cls: str, day: date, traded: float) -> float:
    """Return the tick of a traded price at a venue on a day; within 1e-4 of an edge a price counts as the edge."""
    if calendar == "XHKG":
        bands = HONG_KONG_2025 if day >= date(2025, 8, 4) else HONG_KONG
        bands = HONG_KONG_FUNDS if cls == "etf" else bands
        return next((tick for edge, tick in bands if traded > edge + TICK_TOLERANCE), bands[-1][1])
    bands = {"XNYS": US, "XSHG": CENTS, NONSTOP: CENTS}.get(calendar, EUROPE)
    if calendar == "XSHG" and cls == "etf":
        bands = MAINLAND_FUNDS
    return next(tick for edge, tick in bands if traded + TICK_TOLERANCE >= edge)


def round_half_up(value: float, unit: float) -> float:
    """Round to a multiple of a unit, a half upward; the quotient may lack 1e-9 of a half."""
    return math.floor(value / unit + 0.5 + HALF_UP_TOLERANCE) * unit


def snapped(traded: float, tick: float) -> float:
    """Return the multiple of the tick that lies within 1e-4 of a traded price, else the price itself."""
    nearest = round(traded / tick) * tick
    return nearest if abs(nearest - traded) <= TICK_TOLERANCE else traded

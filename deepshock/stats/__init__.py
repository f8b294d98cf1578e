"""What it means: performance, attribution, what was in the price, and what the reader must be told."""

from deepshock.stats.attribution import attribution, unexplained
from deepshock.stats.caveats import LIQUIDATED, Check, check_wrong_if, parted, warn
from deepshock.stats.in_the_price import PriceSplit, benchmark_return, last_price, price_splits
from deepshock.stats.performance import Performance, performance

__all__ = [
    "LIQUIDATED",
    "Check",
    "Performance",
    "PriceSplit",
    "attribution",
    "benchmark_return",
    "check_wrong_if",
    "last_price",
    "parted",
    "performance",
    "price_splits",
    "unexplained",
    "warn",
]

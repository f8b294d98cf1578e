"""How many variants of a thesis were tried on a market: what one must know to judge the best of them."""

from deepshock.registry.count import Count
from deepshock.registry.spread import UNKNOWN, Sharpes, pooled
from deepshock.registry.store import VARIABLE, Choice, Registry, tries
from deepshock.registry.trial import RUN, SENSITIVITY, SWEEP, Trial
from deepshock.registry.variant import digest, trial_of

__all__ = [
    "RUN",
    "SENSITIVITY",
    "SWEEP",
    "UNKNOWN",
    "VARIABLE",
    "Choice",
    "Count",
    "Registry",
    "Sharpes",
    "Trial",
    "digest",
    "pooled",
    "trial_of",
    "tries",
]

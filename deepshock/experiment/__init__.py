"""Many runs: theses side by side, sensitivities and capacity of one, the audit of its causality."""

from deepshock.experiment.audit import Audit, Leak, audit
from deepshock.experiment.batch import compare, market_for, symbols_of, theses_of
from deepshock.experiment.capacity import Capacity, CapacityPoint, capacity
from deepshock.experiment.sensitivity import sensitivities, variations

__all__ = [
    "Audit",
    "Capacity",
    "CapacityPoint",
    "Leak",
    "audit",
    "capacity",
    "compare",
    "market_for",
    "sensitivities",
    "symbols_of",
    "theses_of",
    "variations",
]

"""Many runs: theses side by side, sweeps, sensitivities and capacity of one, the audit of its causality."""

from deepshock.experiment.audit import Audit, Leak, audit
from deepshock.experiment.batch import compare, market_for, symbols_of, theses_of
from deepshock.experiment.best import Best
from deepshock.experiment.capacity import Capacity, CapacityPoint, capacity
from deepshock.experiment.overview import Overview, overview
from deepshock.experiment.pace import Pace
from deepshock.experiment.paths import Paths, paths
from deepshock.experiment.sensitivity import sensitivities, variations
from deepshock.experiment.sweep import sweep
from deepshock.experiment.swept import Sweep

__all__ = [
    "Audit",
    "Best",
    "Capacity",
    "CapacityPoint",
    "Leak",
    "Overview",
    "Pace",
    "Paths",
    "Sweep",
    "audit",
    "capacity",
    "compare",
    "market_for",
    "overview",
    "paths",
    "sensitivities",
    "sweep",
    "symbols_of",
    "theses_of",
    "variations",
]

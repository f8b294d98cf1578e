"""deepshock: backtests of narrative-driven trades.

    thesis + market -> plan -> arrays -> kernel -> ledger -> statistics -> result

Names are imported when they are first used, so that ``import deepshock`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deepshock.version import __version__ as __version__

if TYPE_CHECKING:
    from deepshock.cost import CostSet, cost_set, law
    from deepshock.errors import (
        CostError,
        DeepshockError,
        LawError,
        MarketError,
        MissingDependency,
        PlanError,
        ThesisError,
        UsageError,
    )
    from deepshock.experiment.audit import audit
    from deepshock.experiment.batch import compare, market_for
    from deepshock.experiment.capacity import capacity
    from deepshock.experiment.sensitivity import sensitivities
    from deepshock.experiment.sweep import sweep
    from deepshock.experiment.swept import Sweep
    from deepshock.inference import Evidence, contradictions, evidence
    from deepshock.market import Actions, Hazard, Lending, Market
    from deepshock.pipeline import run
    from deepshock.plan import explain
    from deepshock.registry import Registry, tries
    from deepshock.result import Result
    from deepshock.stats.attribution import attribution
    from deepshock.stats.event_study import EventStudy, event_study
    from deepshock.thesis import Book, Event, Thesis, load, load_many

_HOME = {
    "cost": ("CostSet", "cost_set", "law"),
    "errors": (
        "CostError",
        "DeepshockError",
        "LawError",
        "MarketError",
        "MissingDependency",
        "PlanError",
        "ThesisError",
        "UsageError",
    ),
    "experiment": ("Sweep", "audit", "capacity", "compare", "market_for", "sensitivities", "sweep"),
    "inference": ("Evidence", "contradictions", "evidence"),
    "market": ("Actions", "Hazard", "Lending", "Market"),
    "pipeline": ("run",),
    "plan": ("explain",),
    "registry": ("Registry", "tries"),
    "result": ("Result",),
    "stats": ("attribution",),
    "stats.event_study": ("EventStudy", "event_study"),
    "thesis": ("Book", "Event", "Thesis", "load", "load_many"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Actions",
    "Book",
    "CostError",
    "CostSet",
    "DeepshockError",
    "Event",
    "EventStudy",
    "Evidence",
    "Hazard",
    "LawError",
    "Lending",
    "Market",
    "MarketError",
    "MissingDependency",
    "PlanError",
    "Registry",
    "Result",
    "Sweep",
    "Thesis",
    "ThesisError",
    "UsageError",
    "attribution",
    "audit",
    "capacity",
    "compare",
    "contradictions",
    "cost_set",
    "event_study",
    "evidence",
    "explain",
    "law",
    "load",
    "load_many",
    "market_for",
    "run",
    "sensitivities",
    "sweep",
    "tries",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _WHERE:
        raise AttributeError(f"module 'deepshock' has no attribute {name!r}")
    value = getattr(import_module(f"deepshock.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

"""What can go wrong, as a tree.

DeepshockError          anything that deepshock raises on purpose; carries its faults
├── ThesisError         a thesis or book is wrong: the author can mend it
├── MarketError         the data are wrong or lack what the run needs
├── CostError           a cost setting is wrong
│   └── LawError        no dated row of venue law covers a trade
├── PlanError           thesis and market are each fine, but do not fit together
├── StatisticsError     what is given to a statistic cannot carry it
├── UsageError          a call or a command line that cannot be understood
└── MissingDependency   an optional package is needed; says what to install
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    where : str
        File and line, or the parameter: ``"buy_china.yaml:7 source.published"``.
    problem : str
        What was given and why it is refused.
    remedy : str
        What is allowed, or what to do. May be empty.
    """

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{head}; {self.remedy}" if self.remedy else head


class DeepshockError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    faults : str, Fault or iterable of Fault
        Everything that is wrong, not only the first thing.
    """

    def __init__(self, faults: str | Fault | Iterable[Fault]) -> None:
        if isinstance(faults, str):
            faults = Fault("", faults)
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ThesisError(DeepshockError):
    """Raised when a thesis or a book is wrong."""


class MarketError(DeepshockError):
    """Raised when data are wrong, or lack what a run needs."""


class CostError(DeepshockError):
    """Raised when a cost setting is wrong."""


class LawError(CostError):
    """Raised when no dated row of venue law covers a trade; names the nearest rows."""


class PlanError(DeepshockError):
    """Raised when a thesis and a market do not fit together."""


class StatisticsError(DeepshockError):
    """Raised when observations, or figures made of them, cannot carry a statistic: too few, without variance, nan."""


class UsageError(DeepshockError):
    """Raised when a call or a command line cannot be understood."""


class MissingDependency(DeepshockError):
    """Raised when an optional package is not installed; says what to install."""


def suggest(word: str, known: Sequence[str], most: int = 3) -> str:
    """Return ``did you mean ...?`` for a word that is not among the known ones, or an empty string."""
    close = difflib.get_close_matches(word, known, n=most, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""

"""How far a sweep is, how fast it goes, and how long it will still take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

TELL_EVERY = 0.1  # seconds


@dataclass(frozen=True)
class Pace:
    """What the ``progress`` of a sweep is called with.

    Parameters
    ----------
    done, total : int
        Variants.
    resumed : int
        Of those that are done, how many were there when the sweep went on.
    seconds : float
        Since then.
    """

    done: int
    total: int
    resumed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Variants a second; nan before the first one."""
        made = self.done - self.resumed
        return made / self.seconds if made and self.seconds > 0.0 else math.nan

    @property
    def left(self) -> float:
        """Seconds that it will still take at that rate; nan before the first variant."""
        return (self.total - self.done) / self.rate

    def text(self) -> str:
        """Return rate and time left in words: ``12,345 a second, 2 min left``."""
        if not math.isfinite(self.left):
            return ""
        left = self.left
        unit, size = ("h", 3600.0) if left >= 5400.0 else ("min", 60.0) if left >= 90.0 else ("s", 1.0)
        return f"{self.rate:,.0f} a second, {left / size:.0f} {unit} left"


class Teller:
    """Counts what is done and tells it, but not more often than anybody can read.

    Parameters
    ----------
    total, done : int
        Variants.
    progress : callable or None
        Called with a `Pace`.
    """

    def __init__(self, total: int, done: int, progress: Callable[[Pace], object] | None) -> None:
        self._total, self._done, self._resumed, self._progress = total, done, done, progress
        self._began, self._told = time.perf_counter(), -math.inf

    def __call__(self, more: int) -> None:
        """Count some more variants."""
        self._done += more
        now = time.perf_counter()
        if self._progress and (self._done == self._total or now - self._told >= TELL_EVERY):
            self._told = now
            self._progress(Pace(self._done, self._total, self._resumed, now - self._began))

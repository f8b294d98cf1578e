"""What `scaling.py` measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One size along one axis.

    Parameters
    ----------
    axis : str
        ``variants``, ``legs`` or ``rows``.
    n : int
    variants : int
    seconds : float
        Median of the sweeps.
    peak_mb : float
    bytes_on_disk : int
        0 where nothing was streamed.
    """

    axis: str
    n: int
    variants: int
    seconds: float
    peak_mb: float
    bytes_on_disk: int

    @property
    def microseconds_each(self) -> float:
        """Time of a variant."""
        return 1e6 * self.seconds / self.variants

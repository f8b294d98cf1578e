"""What a placebo says: the outcomes of trades without a narrative, and where the thesis stands among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepshock.arrays import Flags, Floats

TIME, SPACE, SIGN = "time", "space", "sign"
RATE = 0.05


@dataclass(frozen=True, eq=False)
class Placebo:
    """A thesis among its placebos.

    Parameters
    ----------
    kind : str
        ``time``, ``space`` or ``sign``.
    statistic : float
        What the thesis made, as its placebos are measured: excess return, over the capital.
    p : float
        (1 + those at least as extreme) / (1 + ``k``), nan where `reason` says why. In time and space those with an
        absolute value at least as large count; of sign those that made at least as much.
    p_min : float
        1 / (1 + ``k``): no p-value of so few placebos can be smaller.
    k : int
        Placebos that count for ``p``; in time those whose holding periods do not overlap.
    p_all, k_all : float, int
        Of all placebos, overlapping ones in time included: a finer grid than so few independent ones have, so that
        ``p_all`` is found very small too often (docs/benchmarks.md).
    p_scaled : float
        In space: of each basket's outcome over the root mean square of its own placebos in time, which does not mind
        that the neighbours are calmer or wilder than the legs; nan elsewhere.
    values : ndarray of shape (k_all,), float64
        Excess return of each placebo, over the capital.
    labels : tuple of str
        Of each placebo: the date on which it is decided, its names, its sides.
    chosen : ndarray of shape (k_all,), bool
        Which count for ``p``.
    refused : mapping of str to int
        Why others could not be run, and how many.
    notes : tuple of str
        What was assumed.
    reason : str
        Why there is none, else empty.
    """

    kind: str
    statistic: float = math.nan
    p: float = math.nan
    p_min: float = math.nan
    k: int = 0
    p_all: float = math.nan
    k_all: int = 0
    p_scaled: float = math.nan
    values: Floats = field(default_factory=lambda: np.zeros(0))
    labels: tuple[str, ...] = ()
    chosen: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))
    refused: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def variance_multiple(self) -> float:
        """How many times the usual variance the event may have had for the thesis to be unusual still.

        A placebo date is an ordinary date, and an event is not: what is unusual beside ordinary dates may be usual for
        days of such variance. With returns scaled by sqrt(m), the thesis is beyond 95 % of its placebos as long as
        m < (abs(s) / q)^2, q the 95 % quantile of the absolute values of the placebos. Below 1 it is not unusual at
        all; nan where that cannot be told.
        """
        if self.reason or self.k_all < 1 / RATE - 1:
            return math.nan
        usual = float(np.quantile(np.abs(self.values), 1.0 - RATE, method="higher"))
        return (abs(self.statistic) / usual) ** 2 if usual > 0.0 else math.nan

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is None."""
        known = {name: _known(getattr(self, name)) for name in ("statistic", "p", "p_min", "p_all", "p_scaled")}
        counts = {"k": self.k, "k_all": self.k_all, "refused": dict(self.refused)}
        return {
            **known,
            **counts,
            "variance_multiple": _known(self.variance_multiple),
            "quantiles": quantiles(self.values),
            "notes": list(self.notes),
            "reason": self.reason or None,
        }


def ranked(statistic: float, values: Floats, *, one_sided: bool = False) -> tuple[float, float]:
    """Return the p-value of a statistic among placebos, and the smallest that it could have been.

    p = (1 + #{abs(s_k) >= abs(s)}) / (1 + K): the thesis itself is one of the 1 + K outcomes that were equally likely,
    so that p is never zero (Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 9, 2010).

    Parameters
    ----------
    statistic : float
    values : ndarray of shape (K,)
    one_sided : bool
        Whether those count that are as large, rather than those whose absolute value is.
    """
    extreme = values >= statistic if one_sided else np.abs(values) >= abs(statistic)
    return (1 + int(extreme.sum())) / (1 + len(values)), 1.0 / (1 + len(values))


def quantiles(values: Floats) -> dict[str, float]:
    """Return the 5, 25, 50, 75 and 95 % quantiles of placebos by name; nothing where there are none."""
    levels = (5, 25, 50, 75, 95)
    return {f"{q}%": float(np.quantile(values, q / 100)) for q in levels} if len(values) else {}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

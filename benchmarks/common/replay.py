"""Whether variants of a sweep are what they are by themselves, to the bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.experiment import Sweep

SAME = ("net_return", "max_drawdown", "sharpe")
REPLAYED = 5


def replay(swept: Sweep, frame: pd.DataFrame) -> int:
    """Run some variants by themselves, drawn at random; return how many.

    Raises
    ------
    SystemExit
        Figures of one are not those of its row.
    """
    n = min(REPLAYED, len(frame))
    for variant in np.random.default_rng(0).choice(len(frame), n, replace=False).tolist():
        row = frame.iloc[variant]
        if row["reason"]:
            continue
        made = swept.replay(variant).performance
        apart = [name for name in SAME if not _same(getattr(made, name), float(row[name]))]
        if apart:
            raise SystemExit(f"error: variant {variant} by itself has another {', '.join(apart)}")
    return n


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))

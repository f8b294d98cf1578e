"""A sweep at a glance: how its figures are spread, and how each parameter moves them. It names no variant."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.experiment.grid import Grid
from deepshock.experiment.swept import Sweep

SPREAD = ("net_return", "sharpe", "max_drawdown")
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST = 5_000_000  # rows that are held at a time; of a larger sweep, so many are drawn


@dataclass(frozen=True)
class Overview:
    """What a sweep came to.

    Parameters
    ----------
    name : str
    variants, traded : int
        How many there are, and how many filled anything.
    called : int
        How many of these met a margin call.
    positive : float
        Share of those that traded whose net return is above nil; nan if none did.
    quantiles : mapping of str to tuple of float
        Of ``net_return``, ``sharpe`` and ``max_drawdown`` over those that traded, at 5, 25, 50, 75 and 95 %; nan where
        none has one.
    medians : mapping of str to tuple of (str, int, float)
        For each parameter (tied paths joined by ``with``): each value, how many variants with it traded, and their
        median net return.
    reasons : tuple of (str, int)
        Why others did not trade, the most frequent first.
    drawn : int
        How many rows were looked at, if not all of them.
    """

    name: str
    variants: int
    traded: int
    called: int
    positive: float
    quantiles: Mapping[str, tuple[float, ...]]
    medians: Mapping[str, tuple[tuple[str, int, float], ...]]
    reasons: tuple[tuple[str, int], ...]
    drawn: int

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        levels = [f"{level:.0%}" for level in LEVELS]
        return {
            "name": self.name,
            "variants": self.variants,
            "traded": self.traded,
            "margin_called": self.called,
            "positive": _known(self.positive),
            "quantiles": {
                name: dict(zip(levels, map(_known, values), strict=True)) for name, values in self.quantiles.items()
            },
            "medians": {
                axis: [{"value": label, "traded": n, "net_return": _known(middle)} for label, n, middle in lines]
                for axis, lines in self.medians.items()
            },
            "reasons": [{"reason": text, "variants": n} for text, n in self.reasons],
            "rows_drawn": self.drawn or None,
        }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def overview(made: Sweep) -> Overview:
    """Look a sweep over, part by part.

    Parameters
    ----------
    made : Sweep
        In memory or in a folder; of a folder only the columns that are needed are read.
    """
    reasons: Counter[str] = Counter()
    kept: list[tuple[Floats, Ints]] = []
    called = 0
    chance = np.random.default_rng(0)
    for part in made.scan([*SPREAD, "margin_calls", "reason"], labelled=False):
        reasons.update({str(text): int(n) for text, n in part["reason"].value_counts().items()})
        rows = (part["reason"] == "").to_numpy()
        called += int((part["margin_calls"].to_numpy()[rows] > 0).sum())
        if len(made) > MOST:
            rows = rows & (chance.random(len(part)) < MOST / len(made))
        start, stop = int(part.index[0]), int(part.index[-1]) + 1
        kept.append((part[list(SPREAD)].to_numpy()[rows], made.grid.codes(start, stop)[rows]))
    traded = reasons.pop("", 0)
    values, codes = (np.concatenate(pair) for pair in zip(*kept, strict=True))
    return Overview(
        made.item.name,
        len(made),
        traded,
        called,
        float((values[:, 0] > 0.0).mean()) if len(values) else math.nan,
        {name: _spread(values[:, column]) for column, name in enumerate(SPREAD)},
        _medians(made.grid, codes, values[:, 0]),
        tuple(reasons.most_common()),
        len(values) if len(made) > MOST else 0,
    )


def _spread(values: Floats) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    return tuple(map(float, np.quantile(known, LEVELS))) if known.size else (math.nan,) * len(LEVELS)


def _medians(grid: Grid, codes: Ints, net: Floats) -> dict[str, tuple[tuple[str, int, float], ...]]:
    """Return the median net return at each value of each axis, over all values of the others."""
    import pandas as pd

    found = {}
    for column, axis in enumerate(grid.axes):
        groups = pd.Series(net).groupby(codes[:, column])
        middle = groups.median().reindex(range(len(axis))).to_numpy()
        counts = groups.size().reindex(range(len(axis)), fill_value=0)
        lines = zip(axis.texts, counts, middle, strict=True)
        found[" with ".join(axis.paths)] = tuple((", ".join(text), int(n), float(value)) for text, n, value in lines)
    return found

"""How a sweep is counted: every variant of it that traded is a try, and is so once, however often the sweep is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.storage import Folder
from deepshock.experiment.swept import Sweep
from deepshock.experiment.vary import varied
from deepshock.plan import account_of, shares_of
from deepshock.registry import SWEEP, UNKNOWN, Registry, Sharpes, Trial, digest, pooled

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.arrays import Floats

_READ = ("sharpe", "sharpe_se", "n_obs", "fills")


def count_sweep(made: Sweep, registry: Registry) -> None:
    """Write down how many variants of a sweep traded, and how their Sharpe ratios are spread.

    Parameters
    ----------
    made : Sweep
        One that was interrupted counts with the parts that are in its folder.
    registry : Registry
    """
    if registry.on:
        with suppress(DeepshockError):  # a part, or a cost file, that is gone: whoever asks for the rows is told
            _count(made, registry)


def _count(made: Sweep, registry: Registry) -> None:
    traded, first, parts = 0, -1, list[Sharpes]()
    for part in _parts(made):
        ran = part["fills"].to_numpy() > 0
        if first < 0 and ran.any():
            first = int(part.index[int(ran.argmax())])
        traded += int(ran.sum())
        parts.append(_sharpes(part))
    if traded:
        words = (made.item.name, made.market.name, made.market.simulated, _digest(made, first))
        registry.record(Trial(SWEEP, *words, variants=traded, sharpes=pooled(parts)))


def _parts(made: Sweep) -> Iterator[pd.DataFrame]:
    """Yield the rows that are there."""
    if isinstance(made.made, Folder):
        yield from made.made.scan(_READ, partial=True)
    else:
        yield made.made


def _sharpes(part: pd.DataFrame) -> Sharpes:
    """Return the ratios of some rows per observation; a year's, and their standard error says how many make a year."""
    annual, error, n = (part[name].to_numpy() for name in _READ[:3])
    known = np.isfinite(annual)
    ratios: Floats = annual[known] / (error[known] * np.sqrt(n[known]))
    if not ratios.size:
        return UNKNOWN
    return Sharpes(len(ratios), float(ratios.mean()), float(ratios.var(ddof=1)) if len(ratios) > 1 else np.nan)


def _digest(made: Sweep, first: int) -> str:
    """Return the digest of a sweep: that of one of its variants, and what is varied.

    The variant is the first one of the axes in their own order, so that what the thesis itself says of a word that is
    varied is no part of it; where that one cannot be, it is the first that traded.
    """
    axes = _axes(made.grid)
    change = {path: value for paths, values in axes for path, value in zip(paths, values[0], strict=True)}
    sample = made.grid.document()["sample"]
    try:
        return _digest_of(made, change, [axes, sample])
    except DeepshockError:
        return _digest_of(made, made.grid.change(first), [axes, sample])


def _digest_of(made: Sweep, change: dict[str, Any], varies: Any) -> str:
    item, settings = varied(made.item, dict(sorted(change.items(), key=lambda one: len(one[0])))), made.settings
    members = [(thesis, thesis.known(settings.source_of(item, thesis)), share) for thesis, share in shares_of(item)]
    account = account_of(item, settings)
    return digest(members, account.costs, account.margin, account.currency, varies)


def _axes(grid: Grid) -> list[tuple[tuple[str, ...], list[Any]]]:
    """Return paths and values of each axis as a thesis would write them; where all are combined, in one order."""
    axes = [(axis.paths, [list(each) for each in axis.trees]) for axis in grid.axes]
    if grid.chosen is not None:  # what was drawn goes by the numbers of the variants
        return axes
    return sorted((paths, sorted(values, key=json.dumps)) for paths, values in axes)

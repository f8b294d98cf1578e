"""Which of the other libraries are there, and what each of them can do of a workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from common.workloads import Baskets, Events, Placebo, Workload
from deepshock.arrays import Flags, Floats, Ints

SAMPLE_SEED = 1


@dataclass(frozen=True)
class OneByOne:
    """A library that runs one variant at a time: it is asked for a sample.

    Parameters
    ----------
    name : str
    run : callable
        Takes plain arrays and variant numbers; returns the total returns, or all three figures in columns.
    """

    name: str
    run: Callable[[object, Ints], Floats]


def one_by_one(work: Workload) -> list[OneByOne]:
    """Return those that are installed and know the workload: stops inside a bar are not bt's, nor baskets the other's.

    backtesting.py takes E and P, bt takes B and P.
    """
    kinds = {
        "backtesting": ("backtesting.py", {Events: "events", Placebo: "placebo"}),
        "bt": ("bt", {Baskets: "baskets", Placebo: "placebo"}),
    }
    found = []
    for package, (name, functions) in kinds.items():
        if type(work.plain) in functions and find_spec(package):
            module = import_module(f"peers.with_{package}")
            found.append(OneByOne(name, getattr(module, functions[type(work.plain)])))
    return found


def sample(work: Workload, n: int, unlike: Flags) -> Ints:
    """Draw variants for a library that runs them one by one.

    Parameters
    ----------
    work : Workload
    n : int
    unlike : ndarray of shape (n_variants,), bool
        Variants not to draw: those on which libraries differ by design.

    Notes
    -----
    Of P, entries at the first and the last row are not drawn: backtesting.py trades at neither.
    """
    allowed = ~unlike
    if isinstance(work.plain, Placebo):
        allowed &= ~np.isin(np.arange(len(allowed)) % work.n_rows, (0, work.n_rows - 1))
    drawn = np.flatnonzero(allowed)
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(drawn, min(n, len(drawn)), replace=False))

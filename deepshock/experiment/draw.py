"""A random sample of a product that may be far larger than memory."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from deepshock.errors import Fault
from deepshock.thesis.scalar import shown

Ints = NDArray[np.int64]


def check_draw(sample: object, seed: object, size: int | None, faults: list[Fault]) -> None:
    """Check what a random sample asks for; a size of None is not known."""
    if sample is None:
        return
    if not isinstance(sample, Integral) or isinstance(sample, bool) or int(sample) < 1:
        faults.append(Fault("sample", f"{shown(sample)} is no number of variants", "give a whole number from 1"))
    elif size is not None and int(sample) > size:
        problem = f"{int(sample):,} variants cannot be drawn from {size:,}"
        faults.append(Fault("sample", problem, f"give at most {size:,}, or leave it out for all"))
    if not isinstance(seed, Integral) or isinstance(seed, bool) or int(seed) < 0:
        faults.append(Fault("seed", f"{shown(seed)} is no seed", "give a whole number from 0"))


def draw(size: int, n: int, seed: int) -> Ints:
    """Draw distinct numbers below a size, ascending.

    The first n that differ of independent draws; of more than half, those that stay. Neither touches more than twice
    what is asked for, unlike ``Generator.choice``, which lists the whole product once a twentieth of it is wanted.
    """
    rng = np.random.default_rng(seed)
    wanted = min(n, size - n)
    drawn = np.empty(0, np.int64)
    while len(drawn) < wanted:
        more = rng.integers(0, size, wanted - len(drawn) + 16, np.int64)
        pool = np.concatenate([drawn, more])
        drawn = pool[np.sort(np.unique(pool, return_index=True)[1])]
    drawn = np.sort(drawn[:wanted])
    if wanted < n:
        stays = np.ones(size, np.bool_)
        stays[drawn] = False
        drawn = np.flatnonzero(stays).astype(np.int64)
    drawn.setflags(write=False)
    return drawn

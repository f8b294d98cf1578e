"""Seeded prices and weights, with numpy alone: a process that is timed from its start draws them too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRICES_SEED, WEIGHTS_SEED = 7, 3


def draw_prices(n_symbols: int, n_sessions: int = 1000) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw open, high, low and close of instruments that move on their own: a random walk, 2 % a session.

    Returns
    -------
    tuple of ndarray of shape (n_sessions, n_symbols)
        The same for the same shape.
    """
    rng, shape = np.random.default_rng(PRICES_SEED), (n_sessions, n_symbols)
    close = 100.0 * np.exp(np.cumsum(rng.normal(2e-4, 0.02, shape), axis=0))
    before = np.vstack([np.full(n_symbols, 100.0), close[:-1]])
    open_ = before * np.exp(rng.normal(0.0, 0.004, shape))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.006, shape)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.006, shape)))
    return open_, high, low, close


def draw_weights(n_legs: int, n_sets: int = 10) -> Floats:
    """Draw signed weights: a third of the legs is short with half of the gross, the others are long with a quarter.

    Returns
    -------
    ndarray of shape (n_sets, n_legs)
        The absolute values of each set sum to one.
    """
    rng = np.random.default_rng(WEIGHTS_SEED)
    weights = np.empty((n_sets, n_legs))
    for drawn in weights:
        drawn[:] = rng.uniform(0.5, 1.5, n_legs)
        for legs, part in zip(np.array_split(rng.permutation(n_legs), 3), (-0.5, 0.25, 0.25), strict=True):
            drawn[legs] *= part / drawn[legs].sum()
    return weights

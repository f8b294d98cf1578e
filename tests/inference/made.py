"""A simulated panel with known betas: shares of New York, Frankfurt and Hong Kong, an index, and a fund on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from market.made_up import frame

import deepshock as ds

FIRST, LAST = "2023-06-01", "2025-04-30"
BETAS = {"AAA": 1.5, "BBB": 0.8, "CCC": 1.2, "DDD": 0.5, "EEE": 2.0, "FFF": 1.0}
VENUES = {"EEE": "DE", "FFF": "HK"}
INDEX, FUND = "IDX", "SPY"  # the index is told to be one by its class; the fund is the S&P's by name alone
DAYS = [day.date().isoformat() for day in pd.bdate_range(FIRST, LAST)]


def moves(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return what the market did overnight and in the day, each weekday."""
    draw = np.random.default_rng(seed)
    return 0.004 * draw.standard_normal(len(DAYS)), 0.008 * draw.standard_normal(len(DAYS))


def bars(symbol: str, beta: float, noise: float = 0.01, seed: int = 1, **columns: Any) -> pd.DataFrame:
    """Return a name that follows the market at every auction, beside noise of its own; opens follow the night."""
    night, day = moves()
    draw = np.random.default_rng([seed, *map(ord, symbol)])
    own = noise * draw.standard_normal((2, len(DAYS))) * np.array([[0.4], [0.9]])
    steps = 1.0 + np.stack([beta * night + own[0], beta * day + own[1]], axis=1)
    prices = 100.0 * np.cumprod(steps.ravel()).reshape(-1, 2)
    opened, closed = prices.T
    high, low = 1.001 * np.maximum(opened, closed), 0.999 * np.minimum(opened, closed)
    made = {"open": opened, "high": high, "low": low, "volume": 1e9, "class": "stock"}
    return frame(symbol, DAYS, list(closed), VENUES.get(symbol, "US"), **made | columns)


def index(symbol: str = INDEX, **columns: Any) -> pd.DataFrame:
    """Return the market itself, which nobody can trade."""
    return bars(symbol, 1.0, 0.0, **{"class": "index", "price_basis": "index"} | columns)


def panel(**changed: pd.DataFrame) -> pd.DataFrame:
    """Return all of them, some of them changed."""
    made = {name: bars(name, beta) for name, beta in BETAS.items()}
    made |= {INDEX: index(), FUND: bars(FUND, 1.0, 0.0, **{"class": "etf"})} | changed
    return pd.concat(made.values(), ignore_index=True)


def market(**changed: pd.DataFrame) -> ds.Market:
    return ds.Market.load(panel(**changed))


def thesis(**words: Any) -> ds.Thesis:
    told = {
        "name": "made-up",
        "source": {"publisher": "Wire", "published": "2025-01-28T00:00Z"},
        "news": "2025-01-27T00:00Z",
        "long": {"AAA": 1, "BBB": 1, "CCC": 1},
        "benchmark": INDEX,
        "fractional": True,
        "exit": {"hold": 20},
    }
    return ds.Thesis(**{word: value for word, value in {**told, **words}.items() if value is not None})

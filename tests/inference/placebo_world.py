"""A simulated market of a year for placebos: four venues and a coin, one factor, holes, and a share that lists late."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from market.made_up import frame, weekdays

import deepshock as ds

FIRST, DAYS = "2024-03-04", 252
KNOWN = "2025-01-07T15:12Z"  # while New York trades, and Hong Kong and Frankfurt do not
INDEX, FUND, COIN = "^QIX", "QETF", "QBT-USD"
SHARES = {
    **{"AAA": ("US", 1.2), "BBB": ("US", 0.8), "CCC": ("US", 1.6), "DDD": ("US", 0.5), "EEE": ("US", 1.1)},
    **{"FFF": ("US", 0.9), "0001.HK": ("HK", 0.7), "0002.HK": ("HK", 1.3), "DDE.DE": ("DE", 1.0)},
    **{"300998.SZ": ("CN", 0.6), "LATE": ("US", 1.0), "HOLE": ("US", 1.4)},
    **{"0003.HK": ("HK", 1.1)},  # whose lot nobody can pay for: an order in it never fills
}
LATE_FROM, LOTS = 130, {"0003.HK": 1e9, "QBT-USD": 0.0}


def thesis(name: str = "made-up", **words: Any) -> ds.Thesis:
    """Return a thesis on it; a word that is None is left out."""
    told: dict[str, Any] = {"source": {"publisher": "Wire", "published": KNOWN}, "benchmark": INDEX}
    told |= {"long": {"AAA": 2, "BBB": 1}, "exit": {"hold": 6}, **words}
    return ds.Thesis(name=name, **{word: value for word, value in told.items() if value is not None})


@cache
def market() -> ds.Market:
    return ds.Market.load(bars())


def bars(*, seed: int = 3) -> pd.DataFrame:
    """Return the bars of all."""
    days, rng = weekdays(FIRST, DAYS), np.random.default_rng(seed)
    factor = rng.normal(0.0, 0.009, DAYS)
    made = [_share(symbol, venue, beta, days, factor) for symbol, (venue, beta) in SHARES.items()]
    made.append(_bars(FUND, days, 50.0 * np.exp(np.cumsum(factor + _noise(FUND, DAYS, 0.001))), "US", "etf"))
    level = 4000.0 * np.exp(np.cumsum(factor))
    made.append(_bars(INDEX, days, level, "US", "index", price_basis="index", volume=np.nan))
    every = [(date.fromisoformat(FIRST) + timedelta(n)).isoformat() for n in range(DAYS * 7 // 5)]
    coin = 60_000.0 * np.exp(np.cumsum(_noise(COIN, len(every), 0.03)))
    made.append(_bars(COIN, every, coin, "24", "crypto", price_basis="raw", volume=1e12))
    return pd.concat(made, ignore_index=True)


def _share(symbol: str, venue: str, beta: float, days: list[str], factor: np.ndarray) -> pd.DataFrame:
    closes = 30.0 * (1.0 + len(symbol)) * np.exp(np.cumsum(beta * factor + _noise(symbol, DAYS, 0.012 * beta)))
    made = _bars(symbol, days, closes, venue, "stock")
    if symbol == "LATE":
        return made.iloc[LATE_FROM:]
    if symbol == "HOLE":
        made.loc[[40, 41, 90, 177], "volume"] = 0.0
        return made.drop(index=[60, 61, 62, 120, 150, 199])
    return made


def _bars(symbol: str, days: list[str], closes: np.ndarray, venue: str, cls: str, **columns: Any) -> pd.DataFrame:
    gap = np.exp(_noise(f"{symbol} night", len(days), 0.004))
    opens = np.concatenate([closes[:1], closes[:-1]]) * gap
    wick = 1.0 + np.abs(_noise(f"{symbol} wick", len(days), 0.006))
    volume = np.round(2e6 * np.exp(_noise(f"{symbol} volume", len(days), 0.4))) * (1.0 + crc32(symbol.encode()) % 5)
    made = {"open": opens, "high": np.maximum(opens, closes) * wick, "low": np.minimum(opens, closes) / wick}
    rest = {"volume": volume, "class": cls, "lot": LOTS.get(symbol, 1.0)}
    return frame(symbol, days, list(closes), venue, **made | rest | columns)


def _noise(name: str, n: int, scale: float) -> np.ndarray:
    return np.random.default_rng(crc32(name.encode())).normal(0.0, scale, n)

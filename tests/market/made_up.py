"""Small made-up frames of bars, none of them at a neutral value."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

EPOCH = date(1970, 1, 1)

VENUES = {
    "US": ("XNAS", "USD"),
    "HK": ("XHKG", "HKD"),
    "CN": ("XSHE", "CNY"),
    "DE": ("XETR", "EUR"),
    "24": ("24x7", "USD"),
}


def day(text: str) -> int:
    """Days since 1970-01-01."""
    return (date.fromisoformat(text) - EPOCH).days


def ns(text: str) -> int:
    """Nanoseconds UTC of an instant."""
    return int(pd.Timestamp(text).value)


def frame(symbol: str, dates: list[str], closes: list[float], venue: str = "US", **columns: object) -> pd.DataFrame:
    """Bars with an open 1 % under and a range 2 % around the close, volumes from 1000 up."""
    mic, currency = VENUES[venue]
    close = np.array(closes, dtype=np.float64)
    made = {
        **{"date": dates, "symbol": symbol, "currency": currency, "mic": mic, "price_basis": "split_adj"},
        **{"open": close * 0.99, "high": close * 1.02, "low": close * 0.98, "close": close},
        **{"volume": 1000.0 + np.arange(close.size), "dividend": 0.0, "split": 0.0},
    }
    return pd.DataFrame({**made, **columns})


def weekdays(first: str, n: int) -> list[str]:
    """ISO dates of n days from Monday to Friday."""
    start = date.fromisoformat(first)
    found: list[str] = []
    while len(found) < n:
        if start.weekday() < 5:
            found.append(start.isoformat())
        start += timedelta(days=1)
    return found


def walk(n: int, seed: int = 1, level: float = 37.0) -> list[float]:
    """Closes of a random walk."""
    return list(level * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, n))))

"""Words and bars for cases that are worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from math import nan

import pandas as pd

from deepshock.thesis import Thesis

from .auctions import all_sessions

# Institutional costs of which only law, conversion, borrow and interest are left.
BARE = {
    "preset": "institutional",
    "commission.bps": "0",
    "commission.us.per-share": "0",
    "half-spread.bps": "0",
    "half-spread.ticks": "0",
    "half-spread.sigma": "0",
    "slippage.bps": "0",
    "impact.y": "0",
}
NO_RATES = pd.DataFrame({"known_at": [], "currency": [], "base": [], "rate": []})


def thesis(**words: object) -> Thesis:
    """Build a thesis from words, known at ``published``."""
    words = {"thesis": "by-hand", "uptick": "ignore", "margin": "none", **words}
    words["source"] = {"publisher": "a paper", "published": words.pop("published")}
    return Thesis.model_validate({name.replace("_", " "): word for name, word in words.items()})


def bars(symbol: str, mic: str, currency: str, days: dict[str, tuple], **more: object) -> list[dict]:
    """Write bars as {day: (open, high, low, close)}, or (close,) for a bar that has no more than that."""
    rows = []
    for day, prices in days.items():
        opened, high, low, close = prices if len(prices) == 4 else (nan, nan, nan, *prices)
        rows.append(
            {
                "date": pd.Timestamp(day),
                "symbol": symbol,
                "open": opened,
                "high": high,
                "low": low,
                "close": close,
                "volume": 1e7,
                "dividend": 0.0,
                "split": 1.0,
                "currency": currency,
                "mic": mic,
                "price_basis": "split_adj",
                "class": "stock",
                "lot": 1,
                "limit_pct": 0.0,
                **more,
            }
        )
    return rows


def quiet(calendar: str, until: str, price: float, n: int = 21) -> dict[str, tuple]:
    """Return days before a day on which nothing happens: enough to know a typical volume, with a sigma of nil."""
    days = [one.day for one in all_sessions(calendar) if one.day < date.fromisoformat(until)]
    return {str(day): (price, price, price, price) for day in days[-n:]}


def instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def rates(currency: str, base: str, steps: dict[str, float]) -> pd.DataFrame:
    """Write exchange rates as {instant: rate}."""
    known = [instant(one) for one in steps]
    return pd.DataFrame({"known_at": known, "currency": currency, "base": base, "rate": list(steps.values())})


def total(outcome: object, item: str) -> float:
    """Sum the lines of an item."""
    return sum(line[-1] for line in outcome.lines if line[-2] == item)

"""What a fill costs (rules, section 8): the presets and the venues' law, read anew from their schedules."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from .auctions import NONSTOP
from .bars import Instrument

SCHEDULES = Path(__file__).parents[2] / "deepshock" / "cost" / "schedules"
MARKET_OF_CALENDAR = {
    "XNYS": "us",
    "XHKG": "hong-kong",
    "XETR": "europe",
    "XAMS": "europe",
    "XPAR": "europe",
    "XLON": "europe",
    "XSHG": "mainland",
    NONSTOP: "crypto",
}
HALF_UP_TOLERANCE = 1e-9
PARTICIPATION = 0.02


@cache
def schedule(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a schedule as they are written."""
    with (SCHEDULES / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


class CostSheet:
    """The figures of one preset with a thesis's own on top.

    Parameters
    ----------
    preset : str
        ``none``, ``institutional`` or ``retail``.
    overrides : mapping of str to float
        By the paths of ``presets.csv``; a path without its market (``half-spread.bps``) holds for every market.

    Attributes
    ----------
    participation : float
        Of the typical volume, what one fill may take; infinite where there is no cap.
    """

    def __init__(self, preset: str, overrides: Mapping[str, float | str]) -> None:
        overrides = dict(overrides)
        self.participation = share_of_volume(overrides.pop("participation", PARTICIPATION))
        self.preset = preset
        self.text = {row["path"]: row[preset] for row in schedule("presets.csv")}
        for path, value in overrides.items():
            hits = [one for one in self.text if path in (one, without_market(one))]
            if not hits:
                raise KeyError(f"no such cost: {path}")
            self.text.update({one: repr(float(value)) for one in hits})
        self.taxed = self.text["taxes"] == "on"
        self.interest = self.text["interest"] == "on"
        self.conversion = self.figure("conversion.bps") * 1e-4

    def figure(self, path: str) -> float:
        """Return a figure, 0 where the preset has none."""
        return 0.0 if self.text.get(path, "none") == "none" else float(self.text[path])

    def has(self, path: str) -> bool:
        """Say whether the preset has the item at all."""
        return self.text[path] != "none"

    def of_fill(self, one: Instrument, index: int, price: float, shares: float, settles: date) -> dict[str, float]:
        """Return what a fill of signed adjusted shares costs, by item, in local currency."""
        market = MARKET_OF_CALENDAR[one.venue.calendar]
        factor = one.later_splits[index]
        value, traded = abs(shares) * price, abs(shares) / factor
        sigma, volume = one.sigma(index), one.typical_volume(index)
        minimum = self.figure(f"commission.{market}.minimum")
        commission = self.figure(f"commission.{market}.bps") * 1e-4 * value
        commission += self.figure(f"commission.{market}.per-share") * traded
        half_spread = max(
            self.figure(f"half-spread.{market}.bps") * 1e-4 * value,
            self.figure("half-spread.ticks") * one.tick(index, price) * traded,
            self.figure("half-spread.sigma") * (sigma or 0.0) * value,
        )
        impact = 0.0
        if sigma and volume:
            impact = self.figure("impact.y") * sigma * value * math.sqrt(abs(shares) / volume)
        costs = {
            "commission": max(commission, minimum),
            "half-spread": half_spread,
            "slippage": self.figure("slippage.bps") * 1e-4 * value,
            "impact": impact,
        }
        if self.taxed:
            trades = one.venue.sessions[index].day
            for row in law_rows(one.mic, one.venue.calendar, one.cls, trades, settles):
                if row["side"] in ("both", "buy" if shares > 0 else "sell"):
                    costs[row["item"]] = law_amount(row, value, traded)
        return costs


def share_of_volume(written: float | str) -> float:
    """Return a participation as a number: ``2%``, ``0.05``, or ``none`` for no cap."""
    if isinstance(written, str) and written.endswith("%"):
        return float(written[:-1]) / 100
    return math.inf if written == "none" else float(written)


def without_market(path: str) -> str:
    """Return a path of the presets without its market: ``half-spread.us.bps`` is ``half-spread.bps``."""
    words = path.split(".")
    return ".".join(words[:1] + words[2:]) if len(words) == 3 else path


def law_rows(mic: str, calendar: str, cls: str, trades: date, settles: date) -> list[dict[str, str]]:
    """Return the rows of venue law in force for a trade, one for each item."""
    venue = {"XNYS": "US", NONSTOP: NONSTOP}.get(calendar, mic)
    found = []
    for row in schedule("law.csv"):
        if venue not in row["venue"].split("|") or not {"any", cls} & set(row["class"].split("|")):
            continue
        day = trades if row["basis"] == "trade" else settles
        if date.fromisoformat(row["from"]) <= day and (not row["to"] or day <= date.fromisoformat(row["to"])):
            found.append(row)
    if not found:
        raise LookupError(f"no law of {venue} for {cls} on {trades}")
    return found


def law_amount(row: dict[str, str], value: float, traded: float) -> float:
    """Return a tax or fee in local currency: rate, bounds, then rounding."""
    amount = float(row["rate"]) * {"of value": value, "per share": traded, "per trade": 1.0}[row["unit"]]
    if row["min"]:
        amount = max(amount, float(row["min"]))
    if row["max"]:
        amount = min(amount, float(row["max"]))
    way, _, unit = (row["rounding"] or "to local 0.01").rpartition(" ")
    quotient = amount / float(unit)
    if way.startswith("up to"):
        return math.ceil(quotient - HALF_UP_TOLERANCE) * float(unit)
    return math.floor(quotient + 0.5 + HALF_UP_TOLERANCE) * float(unit)

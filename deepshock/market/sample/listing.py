"""The instruments of the simulated world, as ``world.csv`` describes them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

from deepshock.market.calendar import Floats, Sessions, day_number, sessions
from deepshock.market.instruments import Instrument, describe, table
from deepshock.market.sample.factors import NAMES
from deepshock.market.venues import ROUND_THE_CLOCK

FIRST, LAST = date(2023, 6, 1), date(2025, 6, 30)

_VIX_HOURS = "XNYS"  # no auction makes the VIX; its value is of New York's session


@dataclass(frozen=True, eq=False)
class Listing:
    """One instrument of the sample.

    Parameters
    ----------
    instrument : Instrument
        From deepshock's table.
    basis : str
        What its prices are, as in `Bars`.
    calendar : str
        Whose sessions it keeps.
    follows : str
        Index whose path it takes, or empty.
    first : int
        First session with a bar, days since 1970-01-01.
    level : float
        Price on the eve of that session, split-adjusted local currency.
    idio : float
        Annual volatility of its own.
    drift : float
        Annual, of its own.
    pull : float
        Share of the distance to ``log(level)`` that each night takes back.
    loads : ndarray of shape (n_factors,)
        Sensitivities to the factors.
    volume : float
        A typical day, adjusted shares (crypto: quote currency); 0 for none.
    dividend : float
        Local currency per adjusted share and payment.
    months : frozenset of int
        Months in which it is paid.
    split : float
        New shares per old one; 0 for none.
    split_day : int
        Its ex-date, days since 1970-01-01.
    """

    instrument: Instrument
    basis: str
    calendar: str
    follows: str
    first: int
    level: float
    idio: float
    drift: float
    pull: float
    loads: Floats
    volume: float
    dividend: float
    months: frozenset[int]
    split: float
    split_day: int

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.instrument.symbol

    @property
    def sleeps(self) -> bool:
        """Whether its venue closes between two sessions."""
        return self.calendar != ROUND_THE_CLOCK

    @property
    def per_session(self) -> float:
        """A session, with the night before it, in years."""
        return 1 / (252 if self.sleeps else 365)


@cache
def listings() -> Mapping[str, Listing]:
    """Return every instrument of the sample by symbol, in the order of the file."""
    return {row["symbol"]: _read(row) for row in rows("world.csv")}


@cache
def hours(calendar: str) -> Sessions:
    """Return all sessions of the sample on one calendar."""
    return sessions(calendar, FIRST, LAST)


def rows(name: str) -> list[dict[str, str]]:
    """Read a table of this package; lines that start with ``#`` are comments."""
    text = files("deepshock.market.sample").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _read(row: Mapping[str, str]) -> Listing:
    facts = table()[row["symbol"]]
    basis = {"index": "index", "crypto": "raw"}.get(facts["class"], "split_adj")
    instrument = describe(row["symbol"], {"mic": facts["mic"], "currency": facts["currency"]}, basis)
    if isinstance(instrument, str):
        raise ValueError(f"world.csv {row['symbol']}: {instrument}")

    def number(name: str) -> float:
        return float(row[name] or 0)

    return Listing(
        instrument=instrument,
        basis=basis,
        calendar=instrument.calendar or _VIX_HOURS,
        follows=row["follows"],
        first=day_number(date.fromisoformat(row["first"]) if row["first"] else FIRST),
        level=number("level"),
        idio=number("idio"),
        drift=number("drift"),
        pull=number("pull"),
        loads=np.array([number(name) for name in NAMES]),
        volume=number("volume"),
        dividend=number("dividend"),
        months=frozenset(int(month) for month in row["months"].split()),
        split=number("split"),
        split_day=day_number(date.fromisoformat(row["split_date"])) if row["split_date"] else 0,
    )

"""What each symbol is: its venue, currency, class, lot and daily limit.

Facts about known symbols stand in ``instruments.csv``; those of any other symbol come from the columns of the user's
own data. What neither says is derived by the rules of the venue or, where there is no rule, refused or assumed with a
note.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from deepshock.market.venues import CALENDARS, ROUND_THE_CLOCK, UNTRADED

TRADABLE = ("stock", "etf", "crypto")
CLASSES = (*TRADABLE, "index", "rate", "yield", "fx", "future")

_BASIS_CLASS = {"index": "index", "yield_pct": "yield", "rate_pct": "rate", "fx": "fx"}
_TWENTY_PER_CENT = re.compile(r"(30[01]|68[89]|58[89])\d{3}(\D|$)")  # ChiNext, STAR, and funds on STAR indices
_HK_LOT = 100


@dataclass(frozen=True)
class Instrument:
    """One line that data are about.

    Parameters
    ----------
    symbol, name : str
    mic : str
        Venue code as in the data, ``XNAS``.
    calendar : str
        Name in `exchange_calendars`, ``XNYS``; ``"24/7"``; empty where no auction makes the price.
    currency : str
        Of the prices.
    cls : str
        One of ``stock``, ``etf``, ``crypto``, ``index``, ``rate``, ``yield``, ``fx``, ``future``.
    lot : int
        Smallest quantity in traded shares; 0 for 1e-8 (crypto).
    limit_pct : float
        Daily price limit as a fraction of the previous close; 0 for none.
    sector : str
        Industry group of a stock, asset of a fund; may be empty.
    tradable : bool
        False for everything that nobody can buy at that price: indices, rates, yields, reference FX and continuous
        futures (whose rolls would be booked as profit).
    band : int
        Liquidity band of the European tick table (RTS 11), 1 to 6; 0 if not known or not European.
    tick : float
        Tick size where the user's data state one; 0 for the venue's ladder.
    notes : tuple of str
        What was assumed about it.
    """

    symbol: str
    name: str
    mic: str
    calendar: str
    currency: str
    cls: str
    lot: int
    limit_pct: float
    sector: str
    tradable: bool
    band: int = 0
    tick: float = 0.0
    notes: tuple[str, ...] = ()


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Return the rows of ``instruments.csv`` by symbol."""
    text = files("deepshock.market").joinpath("instruments.csv").read_text(encoding="utf-8")
    return {row["symbol"]: row for row in csv.DictReader(text.splitlines())}


def class_of_basis(basis: str) -> str:
    """Return the class that a price basis implies, or an empty string: ``index_close_only`` -> ``index``."""
    return next((cls for stem, cls in _BASIS_CLASS.items() if basis == stem or basis.startswith(f"{stem}_")), "")


def limit_of(symbol: str, calendar: str, cls: str) -> float:
    """Return the daily price limit by rule, as a fraction; 0 where there is none.

    Mainland China: 20 % on ChiNext (from 24 August 2020) and STAR and for the funds on STAR indices, 10 % elsewhere.
    A name under special treatment (5 %) says so in the data's ``limit_pct`` column.
    """
    if calendar != "XSHG" or cls not in ("stock", "etf"):
        return 0.0
    return 0.2 if _TWENTY_PER_CENT.match(symbol) else 0.1


def describe(symbol: str, given: Mapping[str, str], basis: str) -> Instrument | str:
    """Put together what is known about a symbol.

    Parameters
    ----------
    symbol : str
    given : mapping of str to str
        What the data say, checked to be constant and well formed: ``mic`` and ``currency``, and any of ``class``,
        ``lot``, ``limit_pct``, ``tick``, ``name``, ``sector``. These win over the table.
    basis : str
        A price basis of the symbol's bars; index, yield, rate and FX bases imply a class.

    Returns
    -------
    Instrument or str
        A text says why the symbol cannot be described.

    Notes
    -----
    The table's row is about one listing. Data of the same symbol on another calendar or in another currency are
    about something else, so they have to state its class.
    """
    mic, currency = given["mic"], given["currency"]
    calendar = CALENDARS[mic]
    row = table().get(symbol, {})
    same = bool(row) and CALENDARS[row["mic"]] == calendar and row["currency"] == currency
    cls = given.get("class") or (row["class"] if same else "") or class_of_basis(basis)
    if row and not same and not given.get("class"):
        known = f"{row['name']}, on {row['mic']} in {row['currency']}"
        return f"is on {mic} in {currency}, but the one that deepshock knows is {known}"
    if not cls:
        return f"its class is not known (price basis {basis!r})"
    if cls not in CLASSES:
        return f"its class is {cls!r}"
    facts = {**(row if same else {}), **{key: value for key, value in given.items() if value}}
    lot, notes = _lot(symbol, facts, calendar, cls, stated=bool(given.get("lot")))
    return Instrument(
        symbol=symbol,
        name=facts.get("name", "") or symbol,
        mic=mic,
        calendar=calendar,
        currency=currency,
        cls=cls,
        lot=lot,
        limit_pct=float(given["limit_pct"]) if given.get("limit_pct") else limit_of(symbol, calendar, cls),
        sector=facts.get("sector", ""),
        tradable=cls in TRADABLE and calendar not in UNTRADED,
        band=int(facts.get("band") or 0),
        tick=float(given.get("tick") or 0.0),
        notes=notes,
    )


def _lot(
    symbol: str, facts: Mapping[str, str], calendar: str, cls: str, *, stated: bool
) -> tuple[int, tuple[str, ...]]:
    """Return the lot in traded shares, and a note if it is an assumption."""
    if facts.get("lot"):
        guess = not stated and facts.get("lot_source") == "assumed"
        lot = int(float(facts["lot"]))
    else:
        by_venue = {ROUND_THE_CLOCK: 0, "XSHG": 100, "XHKG": _HK_LOT}
        lot, guess = by_venue.get(calendar, 1), calendar == "XHKG" and cls in TRADABLE
    note = f"{symbol}: board lot assumed to be {lot}; state it in a 'lot' column"
    return lot, (note,) if guess else ()

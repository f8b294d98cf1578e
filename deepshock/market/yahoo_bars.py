"""What Yahoo's answers mean: from yfinance's table of one symbol to the long table of `Bars`.

Yahoo's ``Close`` (yfinance with ``auto_adjust=False``) knows of splits but not of dividends, which is the basis
``split_adj``; volumes are adjusted shares, and crypto's are in quote currency. Three of its habits are translated:

- It writes half sessions of some venues (Hong Kong, 28 January 2025) as a flat bar without volume, whose close is real:
  that bar is delivered with its close alone. On a whole session such a bar is what a halt looks like, and stays.
- yfinance fills volumes that Yahoo does not know with 0. A bar with a range has traded, so its volume is delivered as
  unknown.
- Prices in hundredths of a currency (London's pence) are delivered in the currency.

The rest is delivered as it comes: Yahoo's prices are 32-bit floats, and bars on days without a session are the market's
to drop.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from deepshock.market.calendar import DAY_NS, Days, Flags, day_of, sessions
from deepshock.market.instruments import TRADABLE, table
from deepshock.market.provider import FLOWS, REQUIRED
from deepshock.market.venues import CALENDARS, NO_AUCTIONS, ROUND_THE_CLOCK

COLUMNS = (*REQUIRED, *FLOWS, "class")

_DELAY_NS = 30 * 60 * 1_000_000_000
"""How long after a close its bar may change: Yahoo's quotes lag by up to 20 minutes, closing auctions by some more."""

_AROUND = 14  # days before and after the bars, in which there surely is a whole session

_VENUES = {
    **dict.fromkeys(("NMS", "NGM", "NCM", "NIM"), "XNAS"),
    **dict.fromkeys(("NYQ", "SNP", "DJI"), "XNYS"),
    **dict.fromkeys(("CBOE", "CXI"), "XCBO"),
    **{"PCX": "ARCX", "ASE": "XASE", "BTS": "BATS", "CCC": "24x7", "CCY": "OTC_FX"},
    **{"CME": "XCME", "CMX": "XCEC", "CBT": "XCBT", "NYM": "XNYM", "TOR": "XTSE"},
    **{"HKG": "XHKG", "SHH": "XSHG", "SHZ": "XSHE", "JPX": "XTKS", "KSC": "XKRX", "TAI": "XTAI", "ASX": "XASX"},
    "SES": "XSES",
    **{"GER": "XETR", "FRA": "XFRA", "AMS": "XAMS", "PAR": "XPAR", "BRU": "XBRU", "LIS": "XLIS", "LSE": "XLON"},
    **{"MIL": "XMIL", "MCE": "XMAD", "VIE": "XWBO", "EBS": "XSWX", "STO": "XSTO", "CPH": "XCSE", "HEL": "XHEL"},
    "OSL": "XOSL",
}
"""Yahoo's ``exchangeName`` -> venue code of the data."""

_CLASSES = {
    **{"EQUITY": "stock", "ETF": "etf", "CRYPTOCURRENCY": "crypto"},
    **{"INDEX": "index", "CURRENCY": "fx", "FUTURE": "future"},
}
"""Yahoo's ``instrumentType`` -> class."""

_BASES = {
    **{"stock": "split_adj", "etf": "split_adj", "crypto": "raw", "future": "raw", "index": "index"},
    **{"yield": "yield_pct", "rate": "rate_pct", "fx": "fx_yahoo_close_is_start_of_day"},
}
"""Class -> price basis."""

_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}

_NAMES = {
    **{"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"},
    **{"Dividends": "dividend", "Stock Splits": "split"},
}


class NotDeliveredError(Exception):
    """Raised when a symbol's bars did not come or cannot be used; says why, and in ``remedy`` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


def translate(
    symbol: str, found: pd.DataFrame, said: Mapping[str, Any], now: datetime
) -> tuple[pd.DataFrame, list[str]]:
    """Return the long table of one symbol, and what there is to say about it.

    Parameters
    ----------
    symbol : str
    found : DataFrame
        yfinance's: unadjusted prices with actions, indexed by the midnight of each session date on the venue.
    said : mapping
        Yahoo's metadata: ``currency``, ``exchangeName``, ``instrumentType``.
    now : datetime
        Aware; later ends of sessions are left out.

    Raises
    ------
    NotDeliveredError
        Nothing is left, or nothing is known about venue or class.
    """
    mic, identity, unit = _identify(symbol, said)
    frame = found.rename(columns=_NAMES).reindex(columns=list(_NAMES.values())).astype("float64")
    frame = frame.reset_index(drop=True)
    frame[["open", "high", "low", "close", "dividend"]] *= unit
    dates = pd.DatetimeIndex(found.index).tz_localize(None).normalize()
    days = dates.to_numpy("datetime64[D]").astype(np.int64)
    ended, short = _sessions_of(CALENDARS[mic], days, now)
    priced = frame["close"].notna().to_numpy()
    if not np.any(ended & priced):
        raise NotDeliveredError("no bars of sessions that have ended", "ask for other dates")
    if identity["price_basis"] == "split_adj":
        _unknown_as_nan(frame, short)
    notes = _notes(symbol, frame, dates, ended, priced)
    if "Capital Gains" in found and found["Capital Gains"].any():
        notes.append(f"{symbol}: Yahoo lists capital gains too, which are not delivered as dividends")
    frame = frame.assign(date=dates, symbol=symbol, mic=mic, **identity)
    return frame.loc[ended & priced, list(COLUMNS)], notes


def _identify(symbol: str, said: Mapping[str, Any]) -> tuple[str, dict[str, str | None], float]:
    """Return the venue, the columns that describe the symbol, and the worth of Yahoo's price unit in its currency.

    deepshock's own table comes first. Only a symbol that it does not have is given a class by Yahoo's word.
    """
    facts = table().get(symbol, {})
    quoted, exchange, kind = (str(said.get(key) or "") for key in ("currency", "exchangeName", "instrumentType"))
    mic, cls = facts.get("mic") or _VENUES.get(exchange, ""), facts.get("class") or _CLASSES.get(kind, "")
    if not mic or not cls:
        what = f"{kind or 'something'} on {exchange or 'no exchange'}"
        raise NotDeliveredError(f"Yahoo calls it {what}, which deepshock cannot place", "bring its bars in a file")
    listed = facts and cls not in TRADABLE  # an index or a cross rate has no currency that Yahoo would state better
    currency = facts["currency"] if listed else _HUNDREDTHS.get(quoted, quoted)
    identity = {"currency": currency, "price_basis": _BASES[cls], "class": None if facts else cls}
    return mic, identity, 0.01 if not listed and quoted in _HUNDREDTHS else 1.0


def _sessions_of(calendar: str, days: Days, now: datetime) -> tuple[Flags, Flags]:
    """Return whether each date's session has ended, and whether it was a short one.

    A date without a session has ended when it has ended everywhere on earth.
    """
    ends = (days + 1) * DAY_NS + DAY_NS // 2
    short = np.zeros(days.size, dtype=np.bool_)
    if days.size:
        known = sessions(calendar, day_of(days.min() - _AROUND), day_of(days.max() + _AROUND))
        met, row = np.isin(days, known.days), np.searchsorted(known.days, days)
        ends[met] = known.closes[row[met]]
        if calendar not in (NO_AUCTIONS, ROUND_THE_CLOCK):
            length = known.closes - known.opens
            short[met] = length[row[met]] < np.max(length)
    return ends + _DELAY_NS <= int(now.timestamp()) * 1_000_000_000, short


def _unknown_as_nan(frame: pd.DataFrame, short: Flags) -> None:
    """Replace what Yahoo and yfinance made up; in place."""
    idle = (frame["volume"] == 0).to_numpy()
    flat = (frame["high"] == frame["low"]).to_numpy()
    frame.loc[idle & flat & short, ["open", "high", "low", "volume"]] = np.nan
    frame.loc[idle & ~flat, "volume"] = np.nan


def _notes(symbol: str, frame: pd.DataFrame, dates: pd.DatetimeIndex, ended: Flags, priced: Flags) -> list[str]:
    """Return what was left out, and what should be looked at."""
    notes = []
    if not priced.all():
        lost = " (with a dividend or split)" if frame.loc[~priced, ["dividend", "split"]].any(axis=None) else ""
        notes.append(f"{symbol}: no close on {_listed(dates[~priced])}, left out{lost}")
    if not ended.all():
        notes.append(f"{symbol}: the session of {_listed(dates[~ended])} had not ended, left out")
    if symbol.endswith(".HK") and frame["dividend"].any():
        notes.append(f"{symbol}: Yahoo gives some dividends of Hong Kong shares in the currency of their declaration")
    return notes


def _listed(dates: pd.DatetimeIndex) -> str:
    """Return the first three dates, and how many more there are."""
    more = f" and {len(dates) - 3} more" if len(dates) > 3 else ""
    return ", ".join(dates[:3].strftime("%Y-%m-%d")) + more

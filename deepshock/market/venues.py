"""Which calendar each venue code of the data keeps, and whether shares of it can be bought and sold here.

Codes are ISO 10383 market identifiers, beside a few of data vendors: ``24x7`` for crypto, ``OTC_FX`` and ``FRED`` for
series that no auction makes. Calendar names are those of `exchange_calendars`.

A venue stands here only if what is listed on it can be traded to the end, that is if its settlement cycle is known
(``cost/schedules/settlement.csv``), or if nothing on it is ever traded here: indices, rates, cross rates and futures.
"""

from __future__ import annotations

NO_AUCTIONS = ""
"""The calendar of series that are not made by auctions: one value per date, never tradable."""

ROUND_THE_CLOCK = "24/7"

FUTURES = "CMES"
"""The calendar of futures exchanges, whose continuous contracts are shown and never traded."""

_OWN = (
    *("XNYS", "XTSE", "XHKG", "XSHG", "XTKS", "XKRX", "XTAI", "XASX", "XSES", "XLON", "XETR", "XFRA", "XAMS", "XPAR"),
    *("XBRU", "XLIS", "XMIL", "XMAD", "XDUB", "XWBO", "XSWX", "XSTO", "XHEL", "XCSE", "XOSL"),
)

CALENDARS: dict[str, str] = {
    **{mic: mic for mic in _OWN},
    **dict.fromkeys(("XNAS", "ARCX", "XASE", "BATS"), "XNYS"),
    **dict.fromkeys(("XCME", "XCEC", "XCBT", "XNYM"), FUTURES),
    "XSHE": "XSHG",
    "24x7": ROUND_THE_CLOCK,
    ROUND_THE_CLOCK: ROUND_THE_CLOCK,
    **dict.fromkeys(("OTC_FX", "FRED", "XCBO"), NO_AUCTIONS),
}
"""Venue code of the data -> name of its calendar."""

UNTRADED = (FUTURES, NO_AUCTIONS)
"""Calendars on which nothing is traded here."""


def calendar_of(mic: str) -> str:
    """Return the calendar of a venue code, empty where there is none."""
    return CALENDARS.get(mic, NO_AUCTIONS)

"""Which calendar each venue code of the data keeps.

Codes are ISO 10383 market identifiers, beside a few of data vendors: ``24x7`` for crypto, ``OTC_FX`` and ``FRED`` for
series that no auction makes. Calendar names are those of `exchange_calendars`.
"""

from __future__ import annotations

NO_AUCTIONS = ""
"""The calendar of series that are not made by auctions: one value per date, never tradable."""

ROUND_THE_CLOCK = "24/7"

_OWN = (
    *("ASEX", "AIXK", "BVMF", "XAMS", "XASX", "XBKK", "XBOG", "XBOM", "XBRU", "XBUD", "XBUE", "XCSE", "XDUB", "XDUS"),
    *("XETR", "XFRA", "XHAM", "XHEL", "XHKG", "XICE", "XIDX", "XIST", "XJSE", "XKAR", "XKLS", "XKRX", "XLIM", "XLIS"),
    *("XLIT", "XLJU", "XLON", "XLUX", "XMAD", "XMEX", "XMIL", "XMOS", "XNYS", "XNZE", "XOSL", "XPAR", "XPHS", "XPRA"),
    *("XRIS", "XSAU", "XSES", "XSGO", "XSHG", "XSTO", "XSTU", "XSWX", "XTAE", "XTAI", "XTAL", "XTKS", "XTSE", "XWAR"),
    *("XWBO", "XZAG"),
)

CALENDARS: dict[str, str] = {
    **{mic: mic for mic in _OWN},
    **dict.fromkeys(("XNAS", "ARCX", "XASE", "BATS"), "XNYS"),
    **dict.fromkeys(("XCME", "XCEC", "XCBT", "XNYM"), "CMES"),
    "XSHE": "XSHG",
    "24x7": ROUND_THE_CLOCK,
    ROUND_THE_CLOCK: ROUND_THE_CLOCK,
    **dict.fromkeys(("OTC_FX", "FRED", "XCBO"), NO_AUCTIONS),
}
"""Venue code of the data -> name of its calendar."""

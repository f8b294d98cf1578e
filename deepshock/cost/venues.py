"""Which venues share a schedule: by law (the country's fees) and by preset (the market's habits)."""

from __future__ import annotations

from dataclasses import dataclass

# One set of federal fees binds every US exchange; the data's 24x7 is the law table's 24/7.
_LAW_VENUES = {
    "XNYS": "US",
    "XNAS": "US",
    "ARCX": "US",
    "XASE": "US",
    "BATS": "US",
    "24x7": "24/7",
}


def law_venue(venue: str) -> str:
    """Return the name under which the law table keeps a venue.

    Parameters
    ----------
    venue : str
        A market identifier as in the data (``XNAS``, ``24x7``), or already a name of the law table.

    Returns
    -------
    str
        ``US``, ``24/7``, or the venue itself.

    Examples
    --------
    >>> law_venue("XNAS"), law_venue("XHKG")
    ('US', 'XHKG')
    """
    return _LAW_VENUES.get(venue, venue)


def names_of(venue: str) -> tuple[str, ...]:
    """Return every identifier that the law table keeps under one name: ``US`` and its exchanges; else the name."""
    return (venue, *(mic for mic, name in _LAW_VENUES.items() if name == venue))


@dataclass(frozen=True, slots=True)
class Venues:
    """A market with assumptions of its own: commission and half-spread are given per market.

    Parameters
    ----------
    name : str
        The word in override paths: ``hong-kong`` in ``half-spread.hong-kong.bps``.
    title : str
        What a report says.
    calendars : tuple of str
        The `exchange_calendars` names that belong to it.
    """

    name: str
    title: str
    calendars: tuple[str, ...]


PRESET_VENUES = (
    Venues("us", "US", ("XNYS",)),
    Venues("hong-kong", "Hong Kong", ("XHKG",)),
    Venues("europe", "Europe", ("XETR", "XAMS", "XPAR", "XLON")),
    Venues("mainland", "mainland China", ("XSHG",)),
    Venues("crypto", "crypto", ("24/7",)),
)

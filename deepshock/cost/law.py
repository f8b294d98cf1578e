"""Venue law by date: which taxes and fees bind a trade.

A date on which an item has no row is an error, never the latest row: half of the bugs of cost models are a fee applied
before it began or after it was changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from deepshock.cost.law_faults import no_class, no_row, no_venue, unknown_items, wrong_days
from deepshock.cost.law_file import built_in_law, read_law
from deepshock.cost.law_rows import LawRow, overlay, trim
from deepshock.cost.schedules import day_number
from deepshock.cost.terms import Days, check_axis
from deepshock.cost.venues import law_venue
from deepshock.errors import LawError

__all__ = ["LawRow", "LawSpan", "applicable", "built_in_law", "law", "law_classes", "overlay", "read_law", "rows_over"]

_ANY = ("stock", "etf")  # the classes that rows of class `any` bind


class LawSpan(NamedTuple):
    """A row of law and the sessions ``first <= k < last`` that it binds."""

    row: LawRow
    first: int
    last: int


def law(
    venue: str,
    cls: str,
    on: date,
    *,
    settles: date | None = None,
    items: Collection[str] | None = None,
    rows: Sequence[LawRow] | None = None,
) -> tuple[LawRow, ...]:
    """Return all rows in force for one trade.

    Parameters
    ----------
    venue : str
        Market identifier as in the data (``XNAS``), or a name of the law table (``US``).
    cls : str
        ``stock``, ``etf``, ``crypto``.
    on : date
        Trade date.
    settles : date, optional
        Settlement date, for the rows that go by it. Without it the trade counts as settled on the same day.
    items : collection of str, optional
        Look at these items only.
    rows : sequence of LawRow, optional
        The law; the built-in one by default.

    Returns
    -------
    tuple of LawRow
        In file order, rows of rate zero included.

    Raises
    ------
    LawError
        An item has rows for this venue and class but none for this date (the nearest are named), there are no rows at
        all for the venue and class, no item of any venue is called so, or what was given are no dates of a trade.

    Examples
    --------
    >>> [row.rate for row in law("XSHE", "stock", date(2025, 2, 7), items=["stamp duty"])]
    [0.0005]
    """
    table = built_in_law() if rows is None else rows
    items = (items,) if isinstance(items, str) else items
    faults = [*wrong_days(on, settles), *unknown_items(items or (), table)]
    if faults:
        raise LawError(faults)
    days = np.array([day_number(on)], dtype=np.int64)
    settle_days = np.array([day_number(settles or on)], dtype=np.int64)
    return tuple(span.row for span in rows_over(venue, cls, days, settle_days, items=items, rows=table))


def rows_over(
    venue: str,
    cls: str,
    trade_days: Days,
    settle_days: Days,
    *,
    first: int = 0,
    last: int | None = None,
    items: Collection[str] | None = None,
    rows: Sequence[LawRow] | None = None,
) -> tuple[LawSpan, ...]:
    """Return the rows in force over a range of sessions, each with the sessions that it binds.

    Parameters
    ----------
    venue, cls, items, rows
        As for `law`.
    trade_days, settle_days : ndarray of shape (n_sessions,), int64
        Date of each session, and of the settlement of a trade in it, days since 1970-01-01, not falling.
    first, last : int, optional
        The sessions ``first <= k < last`` that need law; all of them by default.

    Returns
    -------
    tuple of LawSpan
        In file order, clipped to the range, none of them empty.

    Raises
    ------
    LawError
        As for `law`, with one fault per item.
    CostError
        The arrays are no axis, or the range leaves it.
    """
    last = trade_days.size if last is None else last
    check_axis(trade_days, settle_days, first, last, f"law {venue} {cls}")
    covered: dict[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    groups: dict[tuple[str, str], list[LawRow]] = {}
    spans = []
    for row in applicable(venue, cls, built_in_law() if rows is None else rows):
        if items is not None and row.item not in items:
            continue
        days = trade_days if row.basis == "trade" else settle_days
        start = max(int(days.searchsorted(day_number(row.first), side="left")), first)
        end = min(int(days.searchsorted(day_number(row.last or date.max), side="right")), last)
        key = (row.item, row.side)
        if key not in covered:
            covered[key], groups[key] = np.zeros(last - first, dtype=np.bool_), []
        groups[key].append(row)
        if start < end:
            covered[key][start - first : end - first] = True
            spans.append(LawSpan(row, start, end))
    gaps = {key: first + int(np.argmin(bound)) for key, bound in covered.items() if not bound.all()}
    if gaps:
        raise LawError([no_row(cls, groups[key], trade_days[k], settle_days[k]) for key, k in gaps.items()])
    return tuple(spans)


def law_classes(venue: str, rows: Sequence[LawRow] | None = None) -> tuple[str, ...]:
    """Return the classes of instrument for which a venue has law, by name; empty for an unknown venue."""
    name = law_venue(venue)
    here = [row for row in (built_in_law() if rows is None else rows) if row.venue == name]
    return tuple(sorted({word for row in here for word in (_ANY if row.cls == "any" else (row.cls,))}))


def applicable(venue: str, cls: str, rows: Sequence[LawRow]) -> list[LawRow]:
    """Return the rows of all dates that bind a class at a venue; a row of the very class beats one of ``any``.

    Raises
    ------
    LawError
        There is none; names the classes that the venue has and their items, or the venues.
    """
    name = law_venue(venue)
    here = [row for row in rows if row.venue == name]
    own = [row for row in here if row.cls == cls]
    kept = []
    for row in here:
        if row.cls == cls and cls != "any":
            kept.append(row)
        elif row.cls == "any" and cls in _ANY:
            kept.extend(trim(row, [other for other in own if (other.item, other.side) == (row.item, row.side)]))
    if kept:
        return kept
    raise LawError(no_class(name, cls, law_classes(venue, rows), here) if here else no_venue(venue, rows))

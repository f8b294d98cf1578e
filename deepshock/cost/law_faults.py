"""What is wrong with a question to the law table: what was asked, the nearest that is there, what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from deepshock.cost.law_rows import LawRow
from deepshock.cost.schedules import EPOCH
from deepshock.cost.venues import names_of
from deepshock.errors import Fault, suggest

_OWN_ROWS = "give rows of your own in a cost file (law: rows.csv)"


def no_venue(venue: str, rows: Sequence[LawRow]) -> Fault:
    """Say which venues there are, and which of them may have been meant."""
    there = {row.venue: names_of(row.venue) for row in rows}
    told = [f"{name} ({', '.join(others)})" if others else name for name, (_, *others) in there.items()]
    near = suggest(str(venue).upper(), [name for names in there.values() for name in names])
    problem = f"no rows for venue {venue!r}; there are {', '.join(told) or 'none at all'}"
    return Fault("law", problem, f"{near} take one of these, or {_OWN_ROWS}".strip())


def no_class(venue: str, cls: str, classes: Sequence[str], rows: Sequence[LawRow]) -> Fault:
    """Say which classes a venue has, and what its rows are about."""
    items = ", ".join(dict.fromkeys(row.item for row in rows))
    problem = f"no rows for class {cls!r}; it has {', '.join(classes)}: {items}"
    near = suggest(str(cls).lower(), classes)
    return Fault(f"law {venue}", problem, f"{near} take one of these, or {_OWN_ROWS}".strip())


def no_row(cls: str, rows: Sequence[LawRow], trade_day: int, settle_day: int) -> Fault:
    """Say which date an item lacks, and which of its rows come nearest.

    Parameters
    ----------
    cls : str
        The class that was asked for.
    rows : sequence of LawRow
        All rows of the item that bind it.
    trade_day, settle_day : int
        Days since 1970-01-01.
    """
    row = rows[0]
    traded, settled = (EPOCH + timedelta(days=int(day)) for day in (trade_day, settle_day))
    on = traded if row.basis == "trade" else settled
    before = sorted((other for other in rows if other.last is not None and other.last < on), key=lambda o: o.first)[-1:]
    after = sorted((other for other in rows if other.first > on), key=lambda o: o.first)[:1]
    said = " and ".join(f"{other.amount()} {other.span()} ({other.confidence})" for other in (*before, *after))
    settles = f" that settles on {settled}" if row.basis == "settle" else ""
    problem = f"no row covers a trade on {traded}{settles}; nearest: {said}"
    bounds = [f"up to {other.last}" for other in before] + [f"from {other.first}" for other in after]
    remedy = f"take a {row.basis} date {' or '.join(bounds)}, or {_OWN_ROWS}"
    return Fault(f"law {row.venue} {cls} {row.item!r}", problem, remedy)


def wrong_days(on: date, settles: date | None) -> Iterator[Fault]:
    """Yield what is wrong with the dates of a trade; an instant is refused because its date depends on the zone."""
    days = {"on": on} if settles is None else {"on": on, "settles": settles}
    wrong = {name: day for name, day in days.items() if not isinstance(day, date) or isinstance(day, datetime)}
    for name, day in wrong.items():
        yield Fault("law", f"{name} {day!r} is no date", "give a datetime.date, such as date(2025, 1, 28)")
    if settles is not None and not wrong and settles < on:
        yield Fault("law", f"settles {settles} is before the trade on {on}", "give the later date, or leave it out")


def unknown_items(items: Collection[str], rows: Sequence[LawRow]) -> Iterator[Fault]:
    """Yield the items that no venue knows; one that only another venue knows is not due here, and no mistake."""
    known = tuple(dict.fromkeys(row.item for row in rows))
    for item in items:
        if known and item not in known:
            yield Fault("law", f"no item is called {item!r}", suggest(item, known) or f"known are {', '.join(known)}")

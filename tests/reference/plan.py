"""What a thesis asks for: weights, betas, due auctions and dated exits (rules, sections 3, 4 and 11)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any

from .auctions import Row, Venue
from .bars import Instrument

Thesis = Any
When = datetime | date


@dataclass(frozen=True)
class DatedExit:
    """A scheduled exit that is known before the entry: its row, its kind, and when the rule became usable."""

    row: Row
    kind: str
    usable: datetime | None


def start_of(thesis: Thesis) -> datetime:
    """Return when a thesis may act: when it is known, or at the instant of its entry event if that is later."""
    known = thesis.known()
    if thesis.enter.on is None:
        return known
    when = time_of_event(thesis, thesis.enter.on)
    return max(known, when if isinstance(when, datetime) else datetime.combine(when, time(), UTC))


def time_of_event(thesis: Thesis, name: str) -> When:
    """Return the time of an event; where a thesis trusts claims, it is the thesis that puts the claim in its place."""
    return thesis.find_event(name).at


# Weights


def weights(thesis: Thesis, market: dict[str, Instrument]) -> list[float]:
    """Return the share of the gross that each leg gets, positive, in the order of ``thesis.legs()``."""
    legs = thesis.legs()
    if thesis.weighting == "equal":
        parts = [1.0 for _ in legs]
    elif thesis.weighting == "inverse-vol":
        parts = [1 / volatility(market[leg.symbol], start_of(thesis)) for leg in legs]
    else:
        parts = [float(leg.part) for leg in legs]
    sides = [leg.side for leg in legs]
    if thesis.neutral == "none":
        return [part / sum(parts) for part in parts]
    total = {side: sum(part for part, s in zip(parts, sides, strict=True) if s == side) for side in (1, -1)}
    within = [part / total[side] for part, side in zip(parts, sides, strict=True)]
    half = {1: 0.5, -1: 0.5}
    if thesis.neutral == "beta":
        betas = [beta(market[leg.symbol], market[thesis.benchmark], start_of(thesis)) for leg in legs]
        if all(one is not None for one in betas):
            of_side = {
                side: sum(w * b for w, b, s in zip(within, betas, sides, strict=True) if s == side) for side in (1, -1)
            }
            # Weight x beta is equal on both sides, and the two weights sum to one.
            half = {side: of_side[-side] / (of_side[1] + of_side[-1]) for side in (1, -1)}
    return [part * half[side] for part, side in zip(within, sides, strict=True)]


def closes_known_before(instrument: Instrument, instant: datetime) -> dict[date, float]:
    """Return closes by session date, of closing auctions strictly before an instant."""
    sessions = instrument.venue.sessions
    return {
        sessions[index].day: bar.close
        for index, bar in sorted(instrument.bars.items())
        if sessions[index].close < instant
    }


def volatility(instrument: Instrument, decided: datetime) -> float:
    """Return the standard deviation of the last 60 log returns that end before a decision."""
    closes = list(closes_known_before(instrument, decided).values())[-61:]
    return stdev(math.log(b / a) for a, b in pairwise(closes))


def beta(instrument: Instrument, benchmark: Instrument, decided: datetime) -> float | None:
    """Return the least-squares slope on the last 250 daily returns before a decision; None with fewer than 120."""
    own, index = closes_known_before(instrument, decided), closes_known_before(benchmark, decided)
    days = sorted(own.keys() & index.keys())[-251:]
    y = [own[b] / own[a] - 1 for a, b in pairwise(days)]
    x = [index[b] / index[a] - 1 for a, b in pairwise(days)]
    if len(y) < 120:
        return None
    mean_x, mean_y = fmean(x), fmean(y)
    covariance = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / math.fsum((a - mean_x) ** 2 for a in x)


# Auctions


def due_session(thesis: Thesis, venue: Venue) -> int | None:
    """Return the session in which an entry is due first, or None beyond the calendar."""
    first = venue.first_after(start_of(thesis), thesis.enter.at)
    return None if first is None else first + thesis.enter.lag


def dated_exits(thesis: Thesis, venue: Venue) -> list[DatedExit]:
    """Return the exits of a leg that are set by dates and events, in the order before, on, date."""
    found = []
    for kind in ("before", "on"):
        name = getattr(thesis.exit, kind)
        if name is not None:
            row = (row_before if kind == "before" else row_on)(venue, time_of_event(thesis, name))
            if row is not None:
                found.append(DatedExit(row, kind, thesis.find_event(name).known))
    if thesis.exit.date is not None:
        on_or_before = [index for index, one in enumerate(venue.sessions) if one.day <= thesis.exit.date]
        if on_or_before:
            found.append(DatedExit(venue.row(on_or_before[-1], "close"), "date", None))
    return found


def row_before(venue: Venue, when: When) -> Row | None:
    """Return the last close strictly before an event; of a bare date, before its session's open."""
    if not isinstance(when, datetime):
        index = venue.first_on_or_after(when)
        if index is None:
            return None
        when = venue.sessions[index].open
        return venue.row(index - 1, "close") if index else None
    earlier = [index for index, one in enumerate(venue.sessions) if one.close < when]
    return venue.row(earlier[-1], "close") if earlier else None


def row_on(venue: Venue, when: When) -> Row | None:
    """Return the first auction strictly after an event; of a bare date, the close of its session or of the next one."""
    if not isinstance(when, datetime):
        index = venue.first_on_or_after(when)
        return None if index is None else venue.row(index, "close")
    rows = [(venue.row(index, kind)) for index in range(len(venue.sessions)) for kind in ("open", "close")]
    return next((row for row in rows if row[0] > when), None)

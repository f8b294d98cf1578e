"""What one row of venue law says, and laying a user's rows over ours."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from deepshock.cost.terms import Side
from deepshock.errors import CostError, Fault

ROUNDING = r"none|(up )?to [A-Z]{3} \d+(\.\d+)?"
_DEFAULT_STEP = 0.01  # a tax without a stated rounding is rounded half up to a hundredth
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LawRow:
    """One tax or fee of one venue, over the dates on which it was in force.

    Parameters
    ----------
    venue : str
        Name in the law table: ``US``, ``XHKG``, ``24/7``.
    item : str
        The line of the ledger: ``stamp duty``.
    cls : str
        Class of instrument: ``stock``, ``etf``, ``crypto``; ``any`` means stock and etf.
    side : {"buy", "sell", "both"}
        The fills that pay it.
    rate : float
        In `unit`. Zero says that nothing is due, which is knowledge too.
    unit : {"of value", "per share", "per trade"}
        Fraction of the value, or local currency a traded share, or local currency a fill.
    min, max : float
        Bounds of the amount in local currency, applied before the rounding.
    rounding : str
        ``up to HKD 1``, ``to HKD 0.01`` (half up), ``none``, or empty: half up to 0.01.
    basis : {"trade", "settle"}
        The date that decides.
    first, last : date
        Both included; `last` is None while the row is in force.
    confidence : {"high", "medium", "low"}
        How sure we are.
    source : str
        Where the row comes from.
    """

    venue: str
    item: str
    cls: str
    side: Side
    rate: float
    unit: Literal["of value", "per share", "per trade"]
    min: float
    max: float
    rounding: str
    basis: Literal["trade", "settle"]
    first: date
    last: date | None
    confidence: Literal["high", "medium", "low"]
    source: str

    @property
    def round_to(self) -> float:
        """Step of the rounding in local currency; 0 rounds nothing."""
        step = re.search(r"[\d.]+$", self.rounding)
        return float(step[0]) if step else 0.0 if self.rounding else _DEFAULT_STEP

    @property
    def round_up(self) -> bool:
        """Whether the rounding goes up to the next step; half up otherwise."""
        return self.rounding.startswith("up ")

    def span(self) -> str:
        """Return the dates of the row: ``from 2023-11-17`` or ``2021-08-01 to 2023-11-16``."""
        return f"{self.first} to {self.last}" if self.last else f"from {self.first}"

    def amount(self) -> str:
        """Return what is due in words: ``0.1 % of value, rounded up to HKD 1`` or ``nothing``."""
        if not self.rate:
            return "nothing"
        rate = {
            "of value": f"{self.rate * 100:.6g} % of value",
            "per share": f"{self.rate:.6g} a share",
            "per trade": f"{self.rate:.6g} a trade",
        }[self.unit]
        least = f", at least {self.min:g}" if self.min else ""
        most = f", at most {self.max:g}" if self.max < math.inf else ""
        rounding = {"none": "", "": ", rounded to 0.01"}.get(self.rounding, f", rounded {self.rounding}")
        return rate + least + most + rounding

    def describe(self) -> str:
        """Say the row in plain English, with its dates, source and confidence."""
        side = {"both": "both sides", "buy": "buys", "sell": "sells"}[self.side]
        law = f"by {self.basis} date {self.span()}; confidence {self.confidence}: {self.source}"
        return f"{self.item} ({self.venue}, {self.cls}, {side}): {self.amount()}, {law}"


def overlay(base: Sequence[LawRow], extra: Sequence[LawRow], where: str = "law") -> tuple[LawRow, ...]:
    """Lay rows over others: where they overlap in date, the extra row of a venue, item, class and side wins.

    Parameters
    ----------
    base : sequence of LawRow
        Usually the built-in law.
    extra : sequence of LawRow
        A user's rows.
    where : str
        Their file, for messages.

    Returns
    -------
    tuple of LawRow
        Items in the order of `base`, new items last; what `extra` leaves of a base row stays.

    Raises
    ------
    CostError
        An extra row goes by another date (trade or settle) than the row beside it.
    """
    kept = [piece for row in base for piece in trim(row, [other for other in extra if _key(other) == _key(row)])]
    rows = [*kept, *extra]
    order = list(dict.fromkeys(row.item for row in (*base, *extra)))
    rows.sort(key=lambda row: order.index(row.item))
    problems = contradictions(rows)
    if problems:
        raise CostError([Fault(where, problem, "give the basis of the built-in row") for problem in problems])
    return tuple(rows)


def trim(row: LawRow, others: Iterable[LawRow]) -> list[LawRow]:
    """Return what is left of `row` once the dates of `others` are cut out: no, one or several rows."""
    pieces = [row]
    for other in others:
        pieces = [part for piece in pieces for part in _cut(piece, other.first, other.last or date.max)]
    return pieces


def contradictions(rows: Iterable[LawRow]) -> list[str]:
    """Return a sentence for each two rows that overlap, and each item whose rows disagree on the deciding date."""
    problems = []
    by_key: dict[tuple[str, str, str, str], list[LawRow]] = {}
    bases: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        by_key.setdefault(_key(row), []).append(row)
        bases.setdefault((row.venue, row.item, row.side), set()).add(row.basis)
    for (venue, item, cls, side), group in by_key.items():
        group.sort(key=lambda row: row.first)
        for left, right in pairwise(group):
            if left.last is None or left.last >= right.first:
                problems.append(f"{item!r} ({venue}, {cls}, {side}) has two rows: {left.span()} and {right.span()}")
    for (venue, item, side), basis in bases.items():
        if len(basis) > 1:
            problems.append(f"{item!r} ({venue}, {side}) goes by trade date in one row and by settle date in another")
    return problems


def _key(row: LawRow) -> tuple[str, str, str, str]:
    return row.venue, row.item, row.cls, row.side


def _cut(row: LawRow, first: date, last: date) -> list[LawRow]:
    end = row.last or date.max
    if last < row.first or first > end:
        return [row]
    before = [replace(row, last=first - _DAY)] if row.first < first else []
    return [*before, replace(row, first=last + _DAY)] if last < end else before

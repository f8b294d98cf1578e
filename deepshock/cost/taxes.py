"""Venue law as a cost model: stamp duties, levies and exchange fees, each on a line of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from deepshock.cost.law import LawRow, LawSpan, built_in_law, rows_over
from deepshock.cost.schedules import day_number
from deepshock.cost.terms import Days, Inputs, TermRow


@dataclass(frozen=True, slots=True)
class VenueLaw:
    """Taxes and fees of the venue, by date.

    ``amount = min(max(rate x (v | n | 1), min), max)``, rounded as the law says (half up to 0.01 where it does not).

    Parameters
    ----------
    rows : tuple of LawRow
        The law; the built-in one by default.
    kept : tuple of str, optional
        Items to apply, and to demand rows for; all by default.
    on : date, optional
        Apply the law of this trade date in every session. A placebo at other dates needs it, and says so.
    item : str
        Name of the whole; each row is booked on its own item.

    Notes
    -----
    Every row has its source in ``schedules/law.csv``. Law is demanded for the sessions in which the run may trade and
    for no other; rows with a rate of zero satisfy it and cost nothing.

    Examples
    --------
    Hong Kong stock, 300 shares at 388 HKD on 28 January 2025: stamp duty 0.1 % of 116,400 = 116.40, up to HKD 117.

    >>> VenueLaw().items()[:2]
    ('stamp duty', 'SFC transaction levy')
    """

    rows: tuple[LawRow, ...] = field(default_factory=built_in_law)
    kept: tuple[str, ...] | None = None
    on: date | None = None
    item: str = "taxes"

    def items(self) -> tuple[str, ...]:
        """Return the items that can cost something, in file order."""
        due = dict.fromkeys(row.item for row in self.rows if row.rate)
        return tuple(item for item in due if self.kept is None or item in self.kept)

    def narrow(self, keep: Callable[[str], bool]) -> VenueLaw:
        """Return the law of those items only for which `keep` is true; no rows are demanded for the others."""
        names = dict.fromkeys(row.item for row in self.rows)
        kept = tuple(name for name in names if keep(name) and (self.kept is None or name in self.kept))
        return replace(self, kept=kept)

    def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
        """Return one row per row of law that binds the instrument within the window.

        Raises
        ------
        LawError
            A session of the window lacks a row of some item.
        """
        trade_days, settle_days = inputs.trade_days, inputs.settle_days
        if self.on is not None:
            trade_days, settle_days = self._frozen(inputs)
        spans = rows_over(
            inputs.venue,
            inputs.cls,
            trade_days,
            settle_days,
            first=inputs.first,
            last=inputs.last,
            items=self.kept,
            rows=self.rows,
        )
        return tuple(_term(span) for span in spans if span.row.rate)

    def _frozen(self, inputs: Inputs) -> tuple[Days, Days]:
        """Return the day arrays of a world in which every session is the first one on or after `on`."""
        assert self.on is not None
        day = day_number(self.on)
        k = int(np.searchsorted(inputs.trade_days, day))
        settles = int(inputs.settle_days[k]) if k < inputs.trade_days.size else day
        shape = inputs.trade_days.shape
        return np.full(shape, day, dtype=np.int64), np.full(shape, settles, dtype=np.int64)


def _term(span: LawSpan) -> TermRow:
    row = span.row
    return TermRow(
        row.item,
        row.side,
        span.first,
        span.last,
        of_value=row.rate if row.unit == "of value" else 0.0,
        per_share=row.rate if row.unit == "per share" else 0.0,
        fixed=row.rate if row.unit == "per trade" else 0.0,
        min=row.min,
        max=row.max,
        round_to=row.round_to,
        round_up=row.round_up,
    )

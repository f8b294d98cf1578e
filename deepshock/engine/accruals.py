"""What nights earn and cost between valuation rows, one share or one unit at a time, looked up by every run.

Where nothing settles in between, the interest of several nights is one product; and a short whose sale has settled
brings in the same on each row, times its shares.
"""

from __future__ import annotations

import numpy as np

from deepshock.arrays import ORDER, Accruals, Floats, Ints, Money, Records, Tape

YEAR = 360.0  # days, of borrow
SHORT = ("rebate", "fee", "own_fee", "exchange", "flow", "settled", "need")


def accruals(tape: Tape, money: Money, leg: Records) -> Accruals:
    """Return what follows from a tape and the terms of financing.

    Parameters
    ----------
    tape : Tape
        With its tables.
    money : Money
    leg : ndarray of ORDER
        Of all runs on the tape: what none of them sells short has zeros in the tables of shorts.
    """
    nights = _Nights(tape)
    earned, owed = nights.none, nights.none
    if money.interest:
        credit = np.maximum(tape.policy[0] + money.credit, money.credit_floor)
        earned, owed = (nights.sum(each / tape.day_count[0]) for each in (credit, tape.policy[0] + money.debit))
    over = earned - tape.foregone
    spread = np.zeros((3, len(over) + 1))
    np.cumsum([over, over**2, np.minimum(over, 0.0) ** 2], axis=1, out=spread[:, 1:])
    return Accruals(
        credit=earned,
        debit=owed,
        growth=np.asarray(np.cumprod(1.0 + earned)),
        spread=spread,
        same_sign=_same_sign(earned),
        **_tables_of_shorts(tape, money, nights, np.unique(leg["instrument"][leg["unit"] < 0.0])),
    )


def no_shorts(tape: Tape, money: Money) -> Accruals:
    """Return the same for runs whose shorts cost and earn nothing: the tables of shorts are empty."""
    return accruals(tape, money, np.zeros(0, ORDER))


def _same_sign(values: Floats) -> Ints:
    """Return the last place of the stretch of equal signs in which each value lies."""
    falls = values < 0.0
    ends = np.append(np.flatnonzero(falls[1:] != falls[:-1]), len(values) - 1)
    return np.asarray(ends[np.searchsorted(ends, np.arange(len(values)))])


class _Nights:
    """The nights before each valuation row; before the first one there are none that are known."""

    def __init__(self, tape: Tape) -> None:
        self._days = tape.value["day"] - tape.day0
        self.none = np.zeros(len(self._days))

    def sum(self, nightly: Floats) -> Floats:
        """Return sums over nights, ndarray of shape (..., K), of what is given for each day, (..., N)."""
        found = np.zeros((*nightly.shape[:-1], len(self._days)))
        if len(self._days) > 1:
            found[..., 1:] = np.add.reduceat(nightly[..., : self._days[-1]], self._days[:-1], axis=-1)
        return found


def _tables_of_shorts(tape: Tape, money: Money, nights: _Nights, those: Ints) -> dict[str, Floats]:
    """Return what a share brings in that was sold short before the last row, all of base currency and shape (I, K)."""
    if not len(those):
        return dict.fromkeys(SHORT, np.empty((0, 0)))
    currency, mark, file = tape.instrument["currency"][those], tape.mark[those], tape.borrow_rate[those]
    fx, lent = tape.value_fx[currency], tape.borrow_value[those]
    before, known = (np.hstack([np.full((len(those), 1), np.nan), each[:, :-1]]) for each in (mark, fx))
    unknown = np.isnan(file)
    fee, rebate = np.zeros_like(mark), np.zeros_like(mark)
    if not unknown.all():
        fee = fx * nights.sum(np.where(unknown | (file <= 0.0), 0.0, lent * file / YEAR))
    own = fx * nights.sum(np.where(unknown, lent / YEAR, 0.0))
    if money.interest and not np.isnan(money.rebate):
        rebate = fx * before * nights.sum((tape.policy + money.rebate) / tape.day_count[:, None])[currency]
    change = (mark - before) * fx
    exchange = money.conversion[currency][:, None] * np.abs(change)
    flow, settled = rebate - fee + before * (fx - known) - exchange, rebate - fee - change - exchange
    found = rebate, fee, own, exchange, flow, settled, _need(tape, money, those)
    return {name: _spread_out(each, those, len(tape.mark)) for name, each in zip(SHORT, found, strict=True)}


def _spread_out(rows: Floats, those: Ints, n: int) -> Floats:
    """Put rows where they belong among ``n``; a row that does not know its price has nothing."""
    whole = np.zeros((n, rows.shape[1]))
    whole[those] = np.nan_to_num(rows)
    return whole


def _need(tape: Tape, money: Money, those: Ints) -> Floats:
    """Return the maintenance margin of a share sold short."""
    worth = tape.worth[those]
    if not money.margin:
        return np.zeros_like(worth)
    dollars = tape.dollar / tape.split[those]
    ordinary = np.maximum(money.short_upkeep * worth, money.floor * dollars)
    cheap = np.maximum(money.cheap_upkeep * worth, money.cheap_floor * dollars)
    return np.where(worth >= money.cheap_under * dollars, ordinary, cheap)

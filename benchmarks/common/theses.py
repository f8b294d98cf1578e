"""The theses of the workloads: known after the close before an event's row, in at the close of that row.

An account that trades at each of several events is a book with a thesis for each and equal shares: all of them take
part in every variant. A weight is then ``n_events`` times what the thesis shall use of the whole account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import deepshock as ds
from common.bars import Bars
from common.prices import Floats, draw_weights
from common.setting import CASH, HOLD, SINGLE_AT
from deepshock.arrays import Ints


def thesis(name: str, bars: Bars, row: int, words: Mapping[str, Any], *, all_on: bool = False) -> ds.Thesis:
    """Return a thesis that enters at the close of a row, or ``enter.lag`` sessions later."""
    return ds.Thesis.model_validate(
        {
            "thesis": name,
            "source": {"publisher": "the benchmark", "published": written(bars.known_before(row))},
            "enter": {"at": "close"},
            "exit": {"hold": HOLD},
            "capital": f"{int(CASH)} USD",
            "costs": "none",  # the run is given others
            "margin": "reg-t" if all_on else "none",
            "fractional": True,
            "uptick": "ignore",  # no peer knows Rule 201
            **words,
        }
    )


def account(name: str, bars: Bars, rows: Ints, words: Mapping[str, Any], *, all_on: bool = False) -> ds.Book:
    """Return a book with a thesis for each event."""
    theses = [thesis(f"{name}-{number}", bars, int(row), words, all_on=all_on) for number, row in enumerate(rows)]
    return ds.Book.of(name, theses, capital=theses[0].capital, costs=theses[0].costs, margin=theses[0].margin)


def single(bars: Bars) -> ds.Thesis:
    """Return S: a thesis of as many legs as there are symbols, one event."""
    long, short = sides(bars.symbols, draw_weights(len(bars.symbols))[0])
    return thesis("single", bars, SINGLE_AT, {"long": long, "short": short})


def sides(symbols: Sequence[str], signed: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Return what is long and what is short."""
    long = {symbol: float(weight) for symbol, weight in zip(symbols, signed, strict=True) if weight > 0.0}
    return long, {symbol: float(-weight) for symbol, weight in zip(symbols, signed, strict=True) if weight < 0.0}


def written(at: datetime) -> str:
    """Write an instant as a thesis does."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")

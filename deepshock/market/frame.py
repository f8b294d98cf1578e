"""Bars from a DataFrame that is already in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from deepshock.market.provider import Bars


@dataclass(frozen=True, eq=False)
class FrameProvider:
    """A long table of bars in memory, with the columns of `Bars.frame`.

    Parameters
    ----------
    frame : DataFrame
        Never written to.
    name : str
        Used in messages.
    """

    frame: pd.DataFrame
    name: str = "DataFrame"

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Return the bars of some symbols; see `Provider.bars`."""
        frame = self.frame
        if list(frame.columns).count("symbol") != 1:
            return Bars(frame, self.name)
        text = frame["symbol"].astype(str)
        known = tuple(sorted(text.unique()))
        return Bars(frame if symbols is None else frame[text.isin(list(symbols))], self.name, known_symbols=known)

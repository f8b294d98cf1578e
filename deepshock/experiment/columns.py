"""The columns of a sweep: their names and types, and texts that many rows share, by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pandas.api.extensions import ExtensionArray

Codes = NDArray[np.int32]

MEASURES = (
    *("net_return", "gross_return", "excess_return", "sharpe", "sharpe_se", "sortino", "volatility", "max_drawdown"),
    *("exposure", "turnover", "hit_rate", "worst_leg_return"),
)
COUNTS = {"n_obs": "n_obs", "fills": "n_fills", "margin_calls": "n_calls"}
"""Columns of whole numbers, with the kernel's names for them."""
COST = "cost: "
NOTHING_FILLED = "nothing filled: replay the variant to see why"


def columns(costs: Iterable[str]) -> dict[str, str]:
    """Return the columns of a sweep, with their pandas dtypes.

    Parameters
    ----------
    costs : iterable of str
        Names of the costs that any of its variants may pay.
    """
    *before, last = MEASURES
    return {
        **dict.fromkeys(before, "float64"),
        "worst_leg": "str",
        last: "float64",
        **dict.fromkeys(COUNTS, "int64"),
        "open_at_end": "bool",
        "reason": "str",
        **{COST + name: "float64" for name in costs},
    }


class Words:
    """Texts by number; the first one is empty."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers = {"": 0}

    def number(self, text: str) -> int:
        """Return the number of a text, a new one if it has none yet."""
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return self._numbers[text]

    def numbers(self, texts: Iterable[str]) -> Codes:
        """Return the numbers of some texts."""
        return np.array([self.number(text) for text in texts], np.int32)


def texts(words: Sequence[str], codes: NDArray[np.integer]) -> ExtensionArray:
    """Return the text of each code, as pandas holds texts.

    Examples
    --------
    >>> list(texts(["", "NVDA"], np.array([1, 0, 1])))
    ['NVDA', '', 'NVDA']
    """
    import pandas as pd

    return pd.array(list(words), dtype="str").take(codes)

"""What prices are: which bars of a symbol are on one basis and can be used together.

Prices that know only of splits (or of nothing that happened) are one basis: shares are adjusted shares. Prices that
were also adjusted for dividends are not what anybody could trade at; forward-adjusted A-share prices (``qfq``) are
used with a warning where they share one as-of date, dividend-adjusted ones (``div_adj``) not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from deepshock.market.calendar import Flags
from deepshock.market.instruments import class_of_basis

SHARES, FORWARD, ADJUSTED, REFERENCE = "shares", "forward-adjusted", "dividend-adjusted", "reference"

_SHARES = re.compile(r"split_adj(_regrid|_close_only)?|close_only(_regrid)?|raw|as_delivered\w*")
_QFQ = re.compile(r"qfq_asof_(\d{4}(?:-\d\d){0,2})")
_DIV = re.compile(r"div_adj\w*(-\d\d)*")

ALLOWED = (
    "split_adj, split_adj_regrid, split_adj_close_only, close_only, close_only_regrid, raw, as_delivered*, "
    "qfq_asof_DATE, div_adj_asof_DATE, index, index_close_only, yield_pct, rate_pct, fx_*"
)


def family(basis: str) -> str:
    """Return the kind of prices that a basis names; empty if it is not known."""
    if _SHARES.fullmatch(basis):
        return SHARES
    if _QFQ.fullmatch(basis):
        return FORWARD
    if _DIV.fullmatch(basis):
        return ADJUSTED
    return REFERENCE if class_of_basis(basis) else ""


def usable(symbol: str, labels: Sequence[str], codes: npt.NDArray[np.int64]) -> tuple[Flags, tuple[str, ...], str]:
    """Decide which bars of a symbol can be used together.

    Parameters
    ----------
    symbol : str
    labels : sequence of str
        The price bases that occur in the data.
    codes : ndarray of shape (n_bars,), int64
        Of each bar of the run's window, its basis as an index into ``labels``; all known.

    Returns
    -------
    keep : ndarray of shape (n_bars,), bool
        False for bars that are as if missing.
    warnings : tuple of str
    fault : str
        Why the bars cannot be put on one basis; empty if they can.
    """
    used = {int(code): family(labels[code]) for code in np.unique(codes)}
    kinds = set(used.values()) - {ADJUSTED}
    keep = ~np.isin(codes, [code for code, kind in used.items() if kind == ADJUSTED])
    warnings = (
        [] if keep.all() else [f"{symbol}: {np.sum(~keep)} of {keep.size} bars are dividend-adjusted: as if missing"]
    )
    if len(kinds) > 1:
        names = ", ".join(sorted(labels[code] for code in used))
        return keep, tuple(warnings), f"its bars are on bases that do not go together: {names}"
    if FORWARD in kinds:
        latest = max((labels[code], code) for code, kind in used.items() if kind == FORWARD)
        old = keep & (codes != latest[1])
        keep &= ~old
        warnings.append(f"{symbol}: prices are forward-adjusted ({latest[0]}): dividends are in them, not paid again")
        if old.any():
            warnings.append(f"{symbol}: {old.sum()} of {codes.size} bars have an older as-of date: as if missing")
    if any(labels[code].startswith("as_delivered") for code in used):
        warnings.append(f"{symbol}: prices are as delivered, and it is not known what they are adjusted for")
    return keep, tuple(warnings), ""

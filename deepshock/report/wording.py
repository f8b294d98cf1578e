"""How numbers and instants are written: one spelling for the terminal, the charts and the page."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime

from deepshock.report.view import ThesisView

NOT_KNOWN = "n/a"
WHAT_IS_GAP = (
    "Gap: between the last price before a session and its open, while held; tradable: the rest. "
    "Beta: what the benchmark's moves made, at the beta known at the decision; alpha: the rest."
)
FEWEST_OBSERVATIONS = 20  # below that a Sharpe ratio is not shown (docs/rules.md, section 11)


def percent(value: float, digits: int = 2) -> str:
    """Write a fraction as a signed percentage: ``0.0123`` is ``+1.23%``, ``nan`` is ``n/a``."""
    if not math.isfinite(value):
        return NOT_KNOWN
    value = _tidy(100 * value, digits)
    return f"{value:+,.{digits}f}%" if value else f"{value:.{digits}f}%"


def share(value: float) -> str:
    """Write a part of a whole as a percentage without a sign: ``0.703`` is ``70.3%``."""
    return percent(value, 1).removeprefix("+")


def p_value(value: float) -> str:
    """Write a p-value with three decimals: ``0.0698`` is ``0.070``; what they cannot show is ``<0.001``."""
    if not math.isfinite(value):
        return NOT_KNOWN
    return "<0.001" if 0.0 < value < 0.0005 else f"{value:.3f}"


def money(value: float, digits: int = 0, *, sign: bool = True) -> str:
    """Write an amount with thousands separators; ``sign`` puts a plus before a gain."""
    if not math.isfinite(value):
        return NOT_KNOWN
    value = _tidy(value, digits)
    return f"{value:+,.{digits}f}" if sign and value else f"{value:,.{digits}f}"


def quantity(value: float, most: int = 8) -> str:
    """Write a price, a rate or a number of shares with all the digits that it has, up to ``most`` decimals."""
    if not math.isfinite(value):
        return NOT_KNOWN
    text = f"{_tidy(value, most):,.{most}f}".rstrip("0").rstrip(".")
    return text or "0"


def price(value: float) -> str:
    """Write a price: two decimals at least, four at most."""
    text = quantity(value, 4)
    if text == NOT_KNOWN:
        return text
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


def instant(at: datetime | None, absent: str = "") -> str:
    """Write an instant in UTC to the minute, with seconds only where it has them."""
    if at is None:
        return absent
    at = at.astimezone(UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S" if at.second else "%Y-%m-%d %H:%M")


def sharpe(view: ThesisView) -> str:
    """Write ``ratio ± standard error (n)``; ``n/a (n)`` under 20 observations."""
    if view.n_obs < FEWEST_OBSERVATIONS or not math.isfinite(view.sharpe):
        return f"{NOT_KNOWN} ({view.n_obs})"
    error = f"{view.sharpe_se:.1f}" if math.isfinite(view.sharpe_se) else NOT_KNOWN
    return f"{_tidy(view.sharpe, 1):+.1f} ± {error} ({view.n_obs})"


def account(view: ThesisView) -> str:
    """Write the capital with its currency: ``1,000,000 USD``."""
    return f"{money(view.capital, sign=False)} {view.currency}"


def clean(text: str) -> str:
    """Take out control characters: a quote must not be able to move the cursor of a terminal or break a page."""
    kept = (" " if char in "\t\n\r" else char for char in text)
    return "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cs")).strip()


def _tidy(value: float, digits: int) -> float:
    """Round, and turn a negative zero into zero."""
    return round(value, digits) + 0.0

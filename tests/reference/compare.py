"""An engine's result against the reference, figure by figure, to 1e-12 of the capital.

Every difference is collected, so that a failing world shows its pattern and not only its first symptom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from .outcome import Reference

TOLERANCE = 1e-12
RATIO_TOLERANCE = 1e-9
MOST_SHOWN = 25
# The rules date no decision of a hedge; it only has to come before its fill.
UNDATED = {"hedge", "hedge exit"}
# A result tells its reasons in full (``hold 9 sessions``, ``before npc opens``); what matters is the kind.
KINDS = ("hedge exit", "entry", "hold", "before", "on", "date", "stop", "target", "trailing", "drawdown", "hedge")
KINDS += ("recall", "margin call", "merger", "delisting")
# The words of a result for items that the reference calls otherwise.
ITEMS = {"fx": "FX", "FX conversion": "conversion", "credit interest": "credit", "debit interest": "debit"}
ITEMS |= {"short rebate": "rebate", "dividend": "dividends"}


def assert_agrees(result: Any, reference: Reference, capital: float) -> None:
    """Raise AssertionError with every figure in which a result and a reference differ.

    Parameters
    ----------
    result : Result
        With ``document()``, the JSON document of a run; ``lines()``, a frame of at, leg, symbol, item, amount; and a
        ``ledger`` with ``cash`` (rows x free cash and ``currencies``, local) and ``margin`` (rows x requirement, call).
    reference : Reference
    capital : float
        What tolerances of money are relative to.
    """
    documents = theses_of(result.document())
    differ = Differences(capital)
    compare_fills(
        [{"thesis": one["name"], **fill} for one in documents for fill in one["fills"]], reference.fills, differ
    )
    compare_unfilled([row for one in documents for row in one["unfilled"]], reference, differ)
    compare_lines(result.lines(), reference, differ)
    compare_legs([leg for one in documents for leg in one["legs"]], reference.legs, differ)
    compare_cash(result.ledger.currencies, result.ledger.cash, reference, differ)
    compare_margin(result.ledger.margin, reference, differ)
    if len(documents) == 1:
        compare_nav(documents[0]["equity"], reference, differ)
        compare_totals(documents[0], reference, differ)
    differ.tell()


def theses_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the documents of the theses in a document: itself, or those under ``theses``."""
    if "fills" in document:
        return [document]
    inner = document["theses"]
    return list(inner.values() if isinstance(inner, Mapping) else inner)


class Differences:
    """What differs, in words."""

    def __init__(self, capital: float) -> None:
        self.capital = capital
        self.found: list[str] = []

    def money(self, where: str, got: float, expected: float) -> None:
        """Note two amounts that differ by more than the tolerance."""
        self.number(where, got, expected, TOLERANCE * self.capital)

    def number(self, where: str, got: float | None, expected: float | None, tolerance: float) -> None:
        """Note two numbers that differ; None equals None only."""
        if (got is None) != (expected is None):
            self.found.append(f"{where}: {got} instead of {expected}")
        elif got is not None and expected is not None and not abs(got - expected) <= tolerance:
            self.found.append(f"{where}: {got!r} instead of {expected!r} (by {got - expected:.3g})")

    def same(self, where: str, got: object, expected: object) -> bool:
        """Note two things that are not equal."""
        if got != expected:
            self.found.append(f"{where}: {got} instead of {expected}")
        return got == expected

    def tell(self) -> None:
        """Fail if anything was noted."""
        more = len(self.found) - MOST_SHOWN
        shown = self.found[:MOST_SHOWN] + ([f"... and {more} more"] if more > 0 else [])
        assert not self.found, "\n".join(["the engine differs from the reference:", *shown])


def compare_fills(got: list[dict[str, Any]], expected: list[dict[str, Any]], differ: Differences) -> None:
    """Compare what was traded, when, why and at what cost."""

    def key(fill: Mapping[str, Any]) -> tuple[Any, ...]:
        return instant(fill["fill_at"]), fill["thesis"], fill["symbol"], kind_of(fill["reason"]), fill["shares"]

    theirs, ours = sorted(got, key=key), sorted(expected, key=key)
    if not differ.same("fills", [told(one) for one in theirs], [told(one) for one in ours]):
        return
    for one, other in zip(theirs, ours, strict=True):
        where = told(other)
        decided_at = instant(one["decided_at"])
        if other["reason"] in UNDATED:
            if decided_at > other["fill_at"]:
                differ.found.append(f"{where}: decided at {decided_at}, after the fill")
        else:
            differ.same(f"{where} decided_at", decided_at, other["decided_at"])
        differ.same(f"{where} currency", one["currency"], other["currency"])
        for figure in ("price", "fx"):
            differ.number(f"{where} {figure}", one[figure], other[figure], TOLERANCE * other[figure])
        value_of_share = other["price"] * other["fx"]
        differ.money(f"{where} value", one["shares"] * value_of_share, other["shares"] * value_of_share)
        compare_amounts(where, one["costs"], other["costs"], differ)


def compare_amounts(where: str, got: Mapping[str, float], expected: Mapping[str, float], differ: Differences) -> None:
    """Compare amounts by item; one that is absent is nil."""
    theirs = {ITEMS.get(item, item): amount for item, amount in got.items()}
    for item in sorted(theirs.keys() | expected.keys()):
        differ.money(f"{where} {item}", theirs.get(item, 0.0), expected.get(item, 0.0))


def kind_of(reason: str) -> str:
    """Return the kind of a reason."""
    return next((kind for kind in KINDS if reason == kind or reason.startswith(f"{kind} ")), reason)


def told(fill: Mapping[str, Any]) -> str:
    """Say which fill it is."""
    return f"{fill['symbol']} {kind_of(fill['reason'])} {fill['side']} {instant(fill['fill_at']):%Y-%m-%dT%H:%M}Z"


def compare_unfilled(got: Iterable[Mapping[str, Any]], reference: Reference, differ: Differences) -> None:
    """Compare the instruments whose orders did not fill, or not altogether, and by how much."""
    theirs = sorted((row["symbol"], row["part"]) for row in got)
    ours = sorted((symbol, part) for symbol, _, part in reference.unfilled)
    if differ.same("unfilled", [symbol for symbol, _ in theirs], [symbol for symbol, _ in ours]):
        for (symbol, part), (_, expected) in zip(theirs, ours, strict=True):
            differ.number(f"unfilled part of {symbol}", part, expected, RATIO_TOLERANCE)


def compare_cash(currencies: Sequence[str], got: Any, reference: Reference, differ: Differences) -> None:
    """Compare free cash and collateral of every valuation row from the first fill on; what is absent is nil."""
    theirs = [dict(zip(["free", *currencies], map(float, row), strict=True)) for row in got]
    if differ.same("rows of cash", len(theirs), len(reference.cash)):
        for one, (at, other) in zip(theirs, reference.cash, strict=True):
            for currency in sorted(one.keys() | other.keys()):
                where = f"cash {at:%Y-%m-%dT%H:%M}Z {currency}"
                expected = other.get(currency, 0.0)
                # An amount of a small currency is larger than the capital that it is a part of.
                scale = max(differ.capital, abs(expected))
                differ.number(where, one.get(currency, 0.0), expected, TOLERANCE * scale)


def compare_margin(got: Any, reference: Reference, differ: Differences) -> None:
    """Compare requirement and call of every valuation row from the first fill on."""
    theirs = [(float(requirement), bool(called)) for requirement, called in got]
    if differ.same("rows of margin", len(theirs), len(reference.margin)):
        for (requirement, called), (at, expected, call) in zip(theirs, reference.margin, strict=True):
            differ.money(f"requirement {at:%Y-%m-%dT%H:%M}Z", requirement, expected)
            differ.same(f"margin call {at:%Y-%m-%dT%H:%M}Z", called, call)


def compare_nav(got: Iterable[Any], reference: Reference, differ: Differences) -> None:
    """Compare the account on every valuation row."""
    if not reference.fills:
        return
    theirs = [(instant(at), value) for at, value in got]
    if differ.same("valuation rows", [at for at, _ in theirs], [at for at, _ in reference.nav]):
        for (at, value), (_, expected) in zip(theirs, reference.nav, strict=True):
            differ.money(f"NAV {at:%Y-%m-%dT%H:%M}Z", value, expected)


def compare_lines(got: pd.DataFrame, reference: Reference, differ: Differences) -> None:
    """Compare every cause of every change, summed by row, symbol and item."""
    theirs: dict[tuple[datetime, str, str], float] = defaultdict(float)
    ours: dict[tuple[datetime, str, str], float] = defaultdict(float)
    for row in got.to_dict("records"):
        symbol = "" if pd.isna(row["symbol"]) else row["symbol"]
        theirs[instant(row["at"]), symbol, ITEMS.get(row["item"], row["item"])] += row["amount"]
    for at, _, symbol, _, item, amount in reference.lines:
        ours[at, symbol, item] += amount
    for key in sorted(theirs.keys() | ours.keys()):
        at, symbol, item = key
        differ.money(f"line {at:%Y-%m-%dT%H:%M}Z {symbol} {item}", theirs.get(key, 0.0), ours.get(key, 0.0))


def compare_legs(got: list[dict[str, Any]], expected: list[dict[str, Any]], differ: Differences) -> None:
    """Compare missed, gap and tradable, leg by leg in written order."""
    if differ.same("legs", [leg["symbol"] for leg in got], [leg["symbol"] for leg in expected]):
        for one, other in zip(got, expected, strict=True):
            for part in ("missed", "gap", "tradable"):
                differ.number(f"{other['symbol']} {part}", one[part], other[part], TOLERANCE)


def compare_totals(got: Mapping[str, Any], reference: Reference, differ: Differences) -> None:
    """Compare the figures of the whole run."""
    compare_amounts("costs", got["costs"], reference.costs, differ)
    compare_amounts("interest", got["interest"], reference.interest, differ)
    differ.money("gross P&L", got["gross_pnl"], reference.gross)
    differ.money("net P&L", got["net_pnl"], reference.net)
    differ.number("net return", got["net_return"], reference.net / reference.capital, TOLERANCE)
    differ.number("excess return", got["excess_return"], reference.excess / reference.capital, TOLERANCE)
    differ.number("maximum drawdown", got["max_drawdown"], reference.max_drawdown, TOLERANCE)
    if reference.fills:
        differ.same("n_obs", got["n_obs"], reference.n_obs)
        differ.number("sharpe", got["sharpe"], reference.sharpe, RATIO_TOLERANCE)
        if reference.sharpe is not None:
            differ.number("sharpe_se", got["sharpe_se"], reference.sharpe_se, RATIO_TOLERANCE)


def instant(value: Any) -> datetime:
    """Read an ISO 8601 text or a timestamp as an aware UTC instant."""
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

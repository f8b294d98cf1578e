"""The orders of a plan, and the rules of its theses, as records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from deepshock.arrays import ORDER, RULE, THESIS, Ints, Orders, Records, Uptick
from deepshock.engine.tape import Layout
from deepshock.market import Market
from deepshock.plan import Plan, PlannedOrder, PlannedThesis, nanoseconds
from deepshock.thesis import Thesis

SMALLEST_CRYPTO = 1e-8
UPTICK = {"passive": Uptick.PASSIVE, "wait": Uptick.WAIT, "ignore": Uptick.IGNORE}


class Draft(NamedTuple):
    """Orders as they stand on the calendars of their venues, before a run is laid out."""

    leg: Records  # (J,) ORDER; instrument is an index into ``symbols``, sessions are the market's own
    decided: Ints  # (J,) UTC nanoseconds
    symbols: tuple[str, ...]


def draft(orders: Sequence[PlannedOrder], members: Sequence[PlannedThesis], market: Market) -> Draft:
    """Write orders down as records.

    Parameters
    ----------
    orders : sequence of PlannedOrder
        Legs before hedges.
    members : sequence of PlannedThesis
    market : Market
    """
    symbols = tuple(dict.fromkeys(order.symbol for order in orders))
    place = {symbol: n for n, symbol in enumerate(symbols)}
    legs = np.zeros(len(orders), ORDER)
    legs["instrument"] = [place[order.symbol] for order in orders]
    lots = {symbol: market.instrument(symbol).lot or SMALLEST_CRYPTO for symbol in symbols}
    legs["lot"] = [0.0 if order.fractional else lots[order.symbol] for order in orders]
    _write(legs, orders, [member.thesis.enter.lag for member in members])
    legs["child"] = -1
    hedges = np.flatnonzero(legs["parent"] >= 0)
    legs["child"][legs["parent"][hedges]] = hedges
    decided = np.array([nanoseconds(order.decided_at) for order in orders], np.int64)
    legs["batch"] = np.unique(decided, return_inverse=True)[1]
    legs["rank"] = ranks([(order.symbol, members[order.group].thesis.name) for order in orders])
    return Draft(legs, decided, symbols)


def ranks(names: Sequence[tuple[str, str]]) -> Ints:
    """Return the place of each order by symbol, then thesis, then number."""
    found = np.empty(len(names), np.int64)
    found[sorted(range(len(names)), key=lambda j: (names[j], j))] = np.arange(len(names))
    return found


def _write(legs: Records, orders: Sequence[PlannedOrder], lags: Sequence[int]) -> None:
    """Write what orders say by themselves; ``lags`` are those of their theses."""
    for name, said in (("thesis", "group"), ("borrow_rate", "borrow")):
        legs[name] = [getattr(order, said) for order in orders]
    for name in ("unit", "parent", "withholding"):
        legs[name] = [getattr(order, name) for order in orders]
    legs["refused"] = [bool(order.refused) for order in orders]
    legs["unlendable"] = [order.tier == "none" for order in orders]
    legs["uptick"] = [UPTICK[order.uptick] for order in orders]
    legs["exit_session"] = -1
    for leg, order in zip(legs, orders, strict=True):
        if order.due is not None:
            leg["due_session"], leg["due_kind"] = order.due.session - lags[order.group], order.due.kind
        if order.exit is not None:
            leg["exit_session"], leg["exit_kind"] = order.exit.session, order.exit.kind


def place(leg: Records, decided: Ints, at: Ints, layout: Layout) -> None:
    """Move orders, in place, from the calendars of their venues to the sessions and rows of a run.

    Parameters
    ----------
    leg : ndarray of ORDER
        As of a `Draft`.
    decided : ndarray of int64
        UTC nanoseconds.
    at : ndarray of int64
        Where each symbol stands in the run, -1 for one that it does not trade; its orders are refused.
    layout : Layout
    """
    instrument, sent = at[leg["instrument"]], ~leg["refused"]
    first = np.array([axis.first for axis in layout.axes], np.int64)[instrument]
    leg["instrument"] = np.maximum(instrument, 0)
    leg["due_session"] = np.where(sent & (leg["parent"] < 0), leg["due_session"] - first, 0)
    leg["exit_session"] = np.where(sent & (leg["exit_session"] >= 0), leg["exit_session"] - first, -1)
    leg["decided_value"] = np.searchsorted(layout.value_at, decided, side="right") - 1


def first_sessions(leg: Records, lag: Ints, n_instruments: int) -> Ints:
    """Return the first session in which each instrument may trade.

    Parameters
    ----------
    leg : ndarray of shape (J,), ORDER
        On the sessions of a run.
    lag : ndarray of shape (J,), int64
        Sessions that each waits beyond the due one.
    n_instruments : int
    """
    # a hedge is due when its leg has filled: after the first decision, with which the axis begins
    due = np.where(leg["parent"] >= 0, 0, leg["due_session"] + lag)
    found = np.full(n_instruments, np.iinfo(np.int64).max)
    sent = ~leg["refused"]
    np.minimum.at(found, leg["instrument"][sent], due[sent])
    return found


def rules_of(theses: Sequence[Thesis]) -> Records:
    """Return what each thesis says of all its legs, as RULE records."""
    rules = np.zeros(len(theses), RULE)
    for rule, thesis in zip(rules, theses, strict=True):
        rule["lag"], rule["within"], rule["gross"] = thesis.enter.lag, thesis.enter.within, thesis.gross
        rule["hold"] = -1 if thesis.exit.hold is None else thesis.exit.hold
        for word in ("stop", "target", "trailing", "drawdown"):
            level = getattr(thesis.exit, word)
            rule[word] = math.nan if level is None else level
    return rules


def orders_of(plan: Plan, market: Market, layout: Layout) -> Orders:
    """Lay the orders of a plan out on the sessions of a run."""
    leg, decided, symbols = draft(plan.orders, plan.members, market)
    stands = {instrument.symbol: i for i, instrument in enumerate(layout.instruments)}
    place(leg, decided, np.array([stands.get(symbol, -1) for symbol in symbols], np.int64), layout)
    theses = np.zeros(len(plan.members), THESIS)
    theses["share"] = [member.share for member in plan.members]
    theses["slot"] = pick = np.arange(len(plan.members), dtype=np.int64)
    return Orders(leg, theses, rules_of([member.thesis for member in plan.members]), pick)

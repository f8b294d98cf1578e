"""What a variant is when it is planned by itself, in terms that do not depend on the tape that it runs on."""

from __future__ import annotations

from typing import Any

import numpy as np

import deepshock as ds
from deepshock.arrays import Orders
from deepshock.engine.assemble import Assembly, assemble
from deepshock.errors import DeepshockError
from deepshock.experiment.grid import Grid
from deepshock.experiment.variants import Batch, Planner
from deepshock.experiment.vary import varied
from deepshock.plan import Plan, Settings, build, build_book

KEPT = (
    *("thesis", "lot", "unit", "parent", "child", "batch", "rank", "uptick", "borrow_rate", "withholding"),
    *("refused", "unlendable"),
)
PRICES = (
    *("open", "high", "low", "close", "upper", "lower", "final", "dividend", "later_splits", "sigma", "volume"),
    *("settle_open", "settle_close", "halted"),
)
SHORT = ("lendable", "recalled")  # read of a short sale alone
RESTRICTED = ("offer_open", "offer_close")  # read of one that heeds Rule 201


def alone(item: Any, market: ds.Market, settings: Settings, change: dict[str, Any]) -> tuple[Plan, Assembly] | str:
    """Return the plan and the arrays of one variant, or why it can't run."""
    try:
        one = varied(item, change)
        plan = (build_book if isinstance(one, ds.Book) else build)(one, market, settings)
        return (plan, assemble(plan, market)) if plan.runnable else plan.reason
    except DeepshockError as error:
        return "; ".join(map(str, error.faults))


def orders_of(orders: Orders, assembly: Assembly) -> list[dict[str, Any]]:
    """Return what orders are: instruments by name, auctions and decisions by instant."""
    tape, found = assembly.tape, []
    for leg in orders.leg:
        thesis = orders.thesis[leg["thesis"]]
        rule = orders.rule[orders.pick[thesis["slot"]]]
        told = {name: leg[name].item() for name in KEPT}
        told |= {"rule": str(rule), "share": thesis["share"].item()}
        if not leg["refused"]:
            told["symbol"] = assembly.instruments[leg["instrument"]].symbol
            at = leg["decided_value"]
            told["decided"] = assembly.row_at[tape.value["row"][at]] if at >= 0 else None
            is_leg = leg["parent"] < 0
            told["due"] = auction(assembly, leg, leg["due_session"] + rule["lag"], leg["due_kind"]) if is_leg else None
            dated = leg["exit_session"] >= 0
            told["exit"] = auction(assembly, leg, leg["exit_session"], leg["exit_kind"]) if dated else None
        found.append(told)
    return found


def auction(assembly: Assembly, leg: np.void, session: int, kind: int) -> tuple[int, int]:
    """Return the instant and kind of an auction; beyond the data how many sessions beyond, and -1."""
    n = int(assembly.tape.instrument["n_sessions"][leg["instrument"]])
    if session >= n:
        return int(session) - n, -1
    row = assembly.tape.bar["close_row" if kind else "open_row"][leg["instrument"], session]
    return int(assembly.row_at[row]), int(kind)


def same_market(mine: Assembly, its: Assembly, plan: Plan) -> None:
    """Compare what two tapes say of the instruments and rows that a plan needs; the second tape may have more."""
    shorts = [order for order in plan.orders if order.side < 0 and not order.refused]
    read = {name: [order.symbol for order in shorts] for name in SHORT}
    read |= {name: [order.symbol for order in shorts if order.uptick != "ignore"] for name in RESTRICTED}
    rows = mine.row_at[mine.tape.value["row"]]
    more = len(its.tape.value) - len(rows)
    assert np.array_equal(rows, its.row_at[its.tape.value["row"]][more:])
    for i, instrument in enumerate(mine.instruments):
        j = its.instruments.index(instrument)
        n, m = int(mine.tape.instrument["n_sessions"][i]), int(its.tape.instrument["n_sessions"][j])
        for name in (*PRICES, *(name for name, symbols in read.items() if instrument.symbol in symbols)):
            bars = mine.tape.bar[name][i, :n], its.tape.bar[name][j, m - n : m]
            first = name == "recalled"  # a recall on a date before the tape's first session belongs to none
            assert np.array_equal(bars[0][first:], bars[1][first:], equal_nan=bars[0].dtype.kind == "f"), name
        assert np.array_equal(mine.tape.mark[i], its.tape.mark[j, more:], equal_nan=True)
        assert rows_of(mine, i, 0) == rows_of(its, j, m - n)
    for c, currency in enumerate(mine.currencies):
        d, days = its.currencies.index(currency), mine.tape.policy.shape[1]
        start = mine.tape.day0 - its.tape.day0
        assert np.array_equal(mine.tape.policy[c], its.tape.policy[d, start : start + days])
        assert mine.money.conversion[c] == its.money.conversion[d]
    assert mine.currencies[0] == its.currencies[0]
    assert mine.items == its.items
    assert repr(mine.money._replace(conversion=None)) == repr(its.money._replace(conversion=None))


def rows_of(assembly: Assembly, i: int, before: int) -> list[tuple[Any, ...]]:
    """Return the cost rows of an instrument that bind in its last session, with all they say."""
    terms, n = assembly.terms, int(assembly.tape.instrument["n_sessions"][i])
    mine = terms.row[terms.start[i] : terms.start[i + 1]]
    names = [name for name in mine.dtype.names or () if name not in ("first", "last")]
    return [tuple(row[name].item() for name in names) for row in mine if row["first"] < n <= row["last"]]


def check(item: Any, market: ds.Market, over: Any, settings: Settings | None = None, **more: Any) -> list[Batch]:
    """Compare every variant of a grid with itself planned alone; return the batches."""
    settings, chunk = settings or Settings(), more.pop("chunk", None)
    grid = Grid.of(over, **more)
    grid.check(item)
    planner, n = Planner(item, market, settings, grid), len(grid)
    starts = range(0, n, chunk or n)
    batches = [batch for start in starts for batch in planner.batches(start, min(n, start + (chunk or n)))]
    assert sorted(number for batch in batches for number in batch.numbers.tolist()) == list(range(n))
    for batch in batches:
        assert (np.diff(batch.numbers) > 0).all()
        for place, number in enumerate(batch.numbers.tolist()):
            same(batch, place, alone(item, market, settings, grid.change(number)))
    return batches


def same(batch: Batch, place: int, expected: tuple[Plan, Assembly] | str) -> None:
    """Compare one variant of a batch with what it is alone."""
    if isinstance(expected, str):
        assert batch.reason == expected
        return
    plan, assembly = expected
    assert not batch.reason
    assert batch.assembly is not None
    assert batch.variants is not None
    leg, start, theses, rule, template, pick = batch.variants
    t = template[place]
    orders = Orders(leg[start[t] : start[t + 1]], theses, rule, pick[place])
    assert orders_of(orders, batch.assembly) == orders_of(assembly.orders, assembly)
    same_market(assembly, batch.assembly, plan)
    assert (batch.capital, batch.currency) == (plan.capital, plan.currency)
    assert batch.interest == plan.costs.financing.on
    assert batch.always_open == ({instrument.calendar for instrument in assembly.instruments} == {"24/7"})

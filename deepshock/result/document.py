"""A result as plain values: what ``--json`` writes. Every key is described in docs/json.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deepshock.engine import Fill, MarginCall
from deepshock.plan import HEDGE, Plan
from deepshock.result import account
from deepshock.result.model import Result, Sensitivity
from deepshock.stats import PriceSplit


def document(result: Result) -> dict[str, Any]:
    """Return the result as plain values for JSON: instants are ISO 8601 in UTC, what is not known is None."""
    ledger, made = result.ledger, result.performance
    pnl = ledger.leg_pnl()
    return {
        "name": result.name,
        "simulated": result.simulated,
        "runnable": result.runnable,
        "reason": result.plan.reason or None,
        "is_book": result.plan.is_book,
        "known_at": iso(result.plan.known_at),
        "missed": number(result.missed),
        "gap": number(result.gap),
        "tradable": number(result.tradable),
        "capital": result.plan.capital,
        "currency": result.plan.currency,
        "cost_set": result.plan.costs.name,
        "liquidated": result.liquidated,
        "margin_calls": [_call(call) for call in ledger.margin_calls],
        "margin": {
            "rule": result.plan.margin.rule,
            "initial": account.initial_margin(result),
            "maintenance": result.plan.margin.maintenance,
        },
        "cut": [{"symbol": cut.symbol, "thesis": cut.thesis, "left": cut.left} for cut in account.cuts(result)],
        "fills": [_fill(fill) for fill in ledger.fills],
        "unfilled": [
            {
                "symbol": u.symbol,
                "thesis": u.thesis,
                "decided_at": iso(u.decided_at),
                "reason": u.reason,
                "part": u.part,
            }
            for u in ledger.unfilled
        ],
        "equity": [[iso(at), nav] for at, nav in result.equity_points()],
        "requirement": [[iso(at), required] for at, required in account.requirement(result)],
        "cash": {
            "currencies": list(account.collateral_in(result)),
            "rows": [[iso(at), *amounts] for at, amounts in account.balances(result)],
        },
        "gross_pnl": made.gross_pnl,
        "net_pnl": made.net_pnl,
        "net_return": made.net_return,
        "excess_return": made.excess_return,
        "costs": dict(ledger.costs_by_name),
        "interest": dict(ledger.interest_by_name),
        "legs": [_leg(split, result.plan, float(pnl[split.leg])) for split in result.splits],
        "hedges": [
            {
                "symbol": order.symbol,
                "of": result.plan.orders[order.parent].symbol,
                "beta": order.beta,
                "pnl": float(pnl[j]),
            }
            for j, order in enumerate(result.plan.orders)
            if order.role == HEDGE and not order.refused
        ],
        "attribution": [_attributed(found) for found in account.sums(result)],
        "max_drawdown": made.max_drawdown,
        "sharpe": number(made.sharpe),
        "sharpe_se": number(made.sharpe_se),
        "n_obs": made.n_obs,
        "benchmark": {"symbol": result.benchmark, "return": number(result.benchmark_return)}
        if result.benchmark
        else None,
        "contradicts": [] if result.plan.is_book else list(result.plan.members[0].thesis.contradicts),
        "note": None if result.plan.is_book else result.plan.members[0].thesis.note,
        "open_at_end": ledger.open_at_end,
        "wrong_if": [{"text": check.text, "state": check.state} for check in result.checks],
        "sensitivities": [_sensitivity(s) for s in result.sensitivities],
        "warnings": list(result.warnings),
    }


def iso(at: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC with a Z."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def number(value: float) -> float | None:
    """Return a float, or None where it is not known: JSON has no nan, and nobody wants to read -0.0 there."""
    return None if math.isnan(value) else value + 0.0


def _fill(fill: Fill) -> dict[str, Any]:
    return {
        "symbol": fill.symbol,
        "thesis": fill.thesis,
        "side": fill.side,
        "reason": fill.reason,
        "note": fill.note,
        "decided_at": iso(fill.decided_at),
        "fill_at": iso(fill.fill_at),
        "shares": fill.shares,
        "price": fill.price,
        "currency": fill.currency,
        "fx": fill.fx,
        "fx_age_h": fill.fx_age_h,
        "costs": dict(fill.costs),
    }


def _call(call: MarginCall) -> dict[str, Any]:
    return {"at": iso(call.at), "equity": call.equity, "required": call.required, "closed": list(call.closed)}


def _attributed(found: account.Sums) -> dict[str, Any]:
    lines = {name: number(amount) for name, amount in found.lines.items()}
    return {"leg": found.leg, "thesis": found.thesis, "symbol": found.symbol, **lines}


def _leg(split: PriceSplit, plan: Plan, pnl: float) -> dict[str, Any]:
    order = plan.orders[split.leg]
    return {
        "symbol": split.symbol,
        "thesis": plan.members[order.group].thesis.name,
        "side": "long" if split.side > 0 else "short",
        "proxy": order.proxy,
        "missed": number(split.missed),
        "gap": number(split.gap),
        "tradable": number(split.tradable),
        "pnl": pnl,
    }


def _sensitivity(found: Sensitivity) -> Mapping[str, Any]:
    return {
        "name": found.name,
        "what": found.what,
        "known_at": iso(found.known_at),
        "last_exit": iso(found.last_exit),
        "net_return": number(found.net_return),
        "excess_return": number(found.excess_return),
        "missed": number(found.missed),
        "reason": found.reason or None,
        "warnings": list(found.warnings),
        "group": found.group or None,
    }

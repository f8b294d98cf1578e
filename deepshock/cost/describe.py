"""The assumptions of a cost set in plain English, and every path that changes one."""

from __future__ import annotations

import math

from deepshock.cost.costset import BORROW, CONVERSION, INTEREST, CostSet, Financing
from deepshock.cost.models import Commission, HalfSpread, Impact, Model, Slippage, VenueLaw
from deepshock.cost.settings import Setting, preset_settings
from deepshock.cost.venues import PRESET_VENUES, Venues

LIMIT = "participation"


def list_settings(costs: CostSet) -> tuple[Setting, ...]:
    """Return every figure that can be changed by path, with its value in this set.

    Parameters
    ----------
    costs : CostSet
        Any; a model that no preset knows has no path and is not listed.

    Returns
    -------
    tuple of Setting
        In the order of ``presets.csv``; `Setting.said` writes value and unit.

    Examples
    --------
    >>> from deepshock.cost import cost_set
    >>> list_settings(cost_set("none", {"impact.y": 1}))[17].said()
    '1 sigma x sqrt(Q / V)'
    """
    values = _values(costs)
    known = preset_settings("none", _markets(costs))
    return tuple(Setting(path, values.get(path, blank.value), blank.unit, blank.note) for path, blank in known.items())


def describe(costs: CostSet) -> tuple[str, ...]:
    """Say what is charged, one sentence per assumption.

    Parameters
    ----------
    costs : CostSet
        Any.

    Returns
    -------
    tuple of str
        Lines that begin with the item; the last says how much of a day's volume one fill takes. Taxes and fees are
        named here and dated per instrument by `LawRow.describe`.

    Examples
    --------
    >>> from deepshock.cost import cost_set
    >>> describe(cost_set("none", {"participation": "none"}))
    ('costs: none of any kind', 'interest: none', 'participation: no cap on what one fill takes (assumed)')
    """
    lines = [f"{item}: {said}" for item, said in _model_lines(costs).items()]
    if any(costs.borrow.values()):
        tiers = ", ".join(f"{_percent(rate)} a year {tier}" for tier, rate in costs.borrow.items())
        lines.append(f"{BORROW}: {tiers}, on shorts, over 360 days (assumed)")
    if costs.conversion_bps:
        lines.append(f"{CONVERSION}: {costs.conversion_bps:g} bps of each amount exchanged with the base (assumed)")
    lines = lines or ["costs: none of any kind"]
    return (*lines, f"{INTEREST}: {_interest(costs.financing)}", f"{LIMIT}: {_limit(costs.participation)} (assumed)")


def _model_lines(costs: CostSet) -> dict[str, str]:
    """Return one sentence per item; the markets of an item share theirs."""
    lines: dict[str, list[str]] = {}
    for model in costs.models:
        lines.setdefault(model.item, []).append(_sentence(model))
    joined = {item: "; ".join(parts) for item, parts in lines.items()}
    for model in costs.models:
        if isinstance(model, HalfSpread) and (model.ticks or model.sigmas):
            floors = f"; nowhere less than {model.ticks:g} ticks or {model.sigmas:g} of daily sigma"
            joined[model.item] = joined[model.item].removesuffix(floors) + floors
    law = {model.item for model in costs.models if isinstance(model, VenueLaw)}
    return {item: said if item in law else f"{said} (assumed)" for item, said in joined.items()}


def _sentence(model: Model) -> str:
    match model:
        case Commission():
            parts = [f"{model.bps:g} bps"] * bool(model.bps) + [f"{model.per_share:g} a share"] * bool(model.per_share)
            parts += [f"at least {model.minimum:g} a trade"] * bool(model.minimum)
            return f"{_title(model.venues)} {', '.join(parts) or 'nothing'}"
        case HalfSpread():
            return f"{_title(model.venues)} {model.bps:g} bps"
        case Slippage():
            return f"{model.bps:g} bps of value on top of the half-spread"
        case Impact():
            return f"{model.y:g} x sigma x sqrt(Q / V) of the value, Q shares of a typical daily volume V"
        case VenueLaw():
            when = f"the law of {model.on} at every date" if model.on else "dated venue law"
            return f"{when}: {', '.join(model.items())}"
        case _:
            return repr(model)


def _interest(financing: Financing) -> str:
    if not financing.on:
        return "none"
    floor = f", never below {_percent(financing.credit_floor)}" if financing.credit_floor > -math.inf else ""
    rebate = "none" if financing.rebate_spread is None else _over(financing.rebate_spread)
    credit, debit = _over(financing.credit_spread), _over(financing.debit_spread)
    return f"free cash {credit}{floor}; borrowed cash {debit}; collateral of shorts {rebate} (spreads assumed)"


def _limit(participation: float) -> str:
    if participation == math.inf:
        return "no cap on what one fill takes"
    return f"one fill takes at most {participation * 100:g} % of the usual day's volume, the median of 20 sessions"


def _over(spread: float) -> str:
    return f"policy rate {'-' if spread < 0 else '+'} {_percent(abs(spread))}"


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f} %"


def _title(venues: Venues | None) -> str:
    return venues.title if venues else "everywhere"


def _values(costs: CostSet) -> dict[str, float | None]:
    """Return the figures of a set by path."""
    financing, part = costs.financing, costs.participation
    values: dict[str, float | None] = {f"borrow.{tier}": rate for tier, rate in costs.borrow.items()}
    values["conversion.bps"] = costs.conversion_bps
    values[LIMIT] = None if part == math.inf else part
    values["interest"] = float(financing.on)
    values["financing.credit"], values["financing.debit"] = financing.credit_spread, financing.debit_spread
    values["financing.credit-floor"] = financing.credit_floor if financing.credit_floor > -math.inf else None
    values["financing.rebate"] = financing.rebate_spread
    for model in costs.models:
        match model:
            case Commission(venues=Venues(name=name)):
                values[f"commission.{name}.bps"] = model.bps
                values[f"commission.{name}.per-share"] = model.per_share
                values[f"commission.{name}.minimum"] = model.minimum
            case HalfSpread(venues=Venues(name=name)):
                values[f"half-spread.{name}.bps"] = model.bps
                values["half-spread.ticks"], values["half-spread.sigma"] = model.ticks, model.sigmas
            case Slippage():
                values["slippage.bps"] = model.bps
            case Impact():
                values["impact.y"] = model.y
            case VenueLaw():
                values["taxes"] = 1.0
            case _:
                pass  # a model of the user's own has no path
    return values


def _markets(costs: CostSet) -> tuple[Venues, ...]:
    own = (model.venues for model in costs.models if isinstance(model, Commission | HalfSpread) and model.venues)
    return tuple(dict.fromkeys((*PRESET_VENUES, *own)))

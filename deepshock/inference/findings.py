"""From the parts of the evidence to the figures that a verdict rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from deepshock.inference.narrative import Narrative
from deepshock.inference.placebo import Placebo
from deepshock.inference.rival import Rival
from deepshock.inference.study import OWN_PAST, Study
from deepshock.inference.tries import Tries
from deepshock.inference.verdict import Findings

if TYPE_CHECKING:
    from deepshock.result import Result

FIRED, HUMAN = "fired", "for a human"


def findings_of(
    result: Result,
    in_time: Placebo,
    in_space: Placebo,
    of_sign: Placebo,
    studies: tuple[Study, ...],
    narrative: Narrative,
    rival: Rival | None,
    tries: Tries,
    confounders: tuple[str, ...],
) -> Findings:
    """Return the figures of a verdict; the parameters are those of `Evidence`."""
    plan, ledger = result.plan, result.ledger
    traded = bool(ledger.fills)
    idle = plan.reason or "; ".join(f"{u.symbol} {u.reason}" for u in ledger.unfilled)
    return Findings(
        news=min(member.news for member in plan.members),
        known=plan.known_at,
        traded=traded,
        idle=idle or "nothing filled",
        **_made(result),
        p=in_time.p,
        p_min=in_time.p_min,
        p_overlapping=in_time.p_all,
        placebos=in_time.k,
        overlapping=in_time.k_all,
        no_placebo=in_time.reason,
        in_space=in_space.p,
        of_sign=of_sign.p,
        multiple=in_time.variance_multiple,
        **_studied(studies, is_book=plan.is_book),
        **_explained(narrative),
        **_beside(rival),
        **_tried(tries),
        confounders=confounders,
        fired=tuple(check.text for check in result.checks if check.state == FIRED),
        human=tuple(check.text for check in result.checks if check.state == HUMAN),
        open_at_end=ledger.open_at_end,
        liquidated=result.liquidated,
    )


def _made(result: Result) -> dict[str, Any]:
    made = result.performance
    return {
        "missed": result.missed,
        "gap": result.gap,
        "tradable": result.tradable,
        "net": made.net_return,
        "excess": made.excess_return,
        "costs": sum(result.ledger.costs_by_name.values()) / result.plan.capital,
    }


def _studied(studies: tuple[Study, ...], *, is_book: bool) -> dict[str, Any]:
    """Return the headline of the study of what was held."""
    if is_book:
        return {"no_test": "of a book, each thesis has its own"}
    held = next((study for study in studies if study.kind == "held"), None)
    if held is None or held.headline is None:
        return {"no_test": held.reason if held else "nothing was held"}
    head = held.headline
    robust = head.test != OWN_PAST
    return {"test": head.test, "test_p": head.p_value, "caar": held.caar, "robust": robust, "no_test": head.reason}


def _explained(found: Narrative) -> dict[str, Any]:
    """Return how much was beta."""
    if found.reason or found.net is None:
        return {"no_beta": found.reason}
    known: dict[str, Any] = {"benchmark": found.benchmark, "no_beta": found.net.reason}
    known |= {"beta": found.net.beta, "beta_se": found.net.se, "via": found.via, "no_hedge": found.hedged_reason}
    if found.hedged is not None:
        known |= {"hedged": found.hedged.excess_return, "scale": found.hedged.scale}
    if found.split is not None and found.raw is not None and found.raw.excess_return:
        capital = found.raw.excess_pnl / found.raw.excess_return
        known["by_beta"] = found.split.beta / capital
    if found.alpha is not None:
        known |= {"alpha": found.alpha.mean, "alpha_low": found.alpha.low, "alpha_high": found.alpha.high}
    return known


def _beside(found: Rival | None) -> dict[str, Any]:
    """Return what the naive rule made; in a year that does not count it made nothing that is known."""
    if found is None or found.event is None:
        return {}
    known = {"rival": found.what, "rival_usual": found.mean_excess_return, "rival_years": len(found.before)}
    return known if found.event.reason else {**known, "rival_made": found.event.excess_return}


def _tried(found: Tries) -> dict[str, Any]:
    """Return what the number of tries leaves of the Sharpe ratio."""
    made = found.figures
    if made is None:
        return {"tries": found.total}
    hopeless = math.isnan(made.min_trl) and made.sharpe <= 0.0
    return {
        "tries": found.total,
        "n_obs": made.n_obs,
        "psr": made.psr,
        "dsr": made.dsr,
        "min_trl": math.inf if hopeless else made.min_trl,
        "no_sharpe": made.reasons.get("psr", ""),
        "no_dsr": made.reasons.get("dsr", ""),
    }

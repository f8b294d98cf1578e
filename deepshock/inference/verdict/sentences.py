"""The sentences of a verdict, each from its figures alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from deepshock.inference.verdict.findings import Findings
from deepshock.report.wording import percent

LEVEL, CONFIDENT = 0.05, 0.95
MOST_NAMED = 6
WHOLE = 0.9995


def sentences(found: Findings) -> Iterator[str]:
    """Yield the sentences that have something to say, in their order."""
    if not found.traded:
        yield f"Nothing was traded: {found.idle}."
        return
    parts = (_missed, _made, _unusual, _study, _elsewhere, _variance, _beta, _rival, _tries, _cannot, _around, _wrong)
    yield from filter(None, (part(found) for part in parts))


def brief(found: Findings) -> str:
    """Return the one sentence on whether it was unusual; why nothing was traded, if nothing was."""
    return _unusual(found) if found.traded else next(sentences(found))


def _missed(f: Findings) -> str:
    said = (
        f"From the news ({_at(f.news)}) until it was known ({_at(f.known)}) {percent(f.missed)} were missed, "
        f"{percent(f.gap)} went by to the first fill, and {percent(f.tradable)} could be traded"
    )
    before = f.missed + f.gap
    late = before > 0.0 and before > f.tradable
    return f"{said}{': most of the move was gone by then' if late else ''}."


def _made(f: Findings) -> str:
    how = "a margin call closed it; " if f.liquidated else ""
    end = ", and it is still open at the end of the data" if f.open_at_end else ""
    return f"{how}It made {percent(f.excess)} over cash ({percent(f.net)} net, after {percent(f.costs)} of costs){end}."


def _unusual(f: Findings) -> str:
    if math.isnan(f.p):
        return f"How unusual that is cannot be told: {f.no_placebo or 'there are no placebos'}."
    dates = f"{f.placebos:,} earlier date{_s(f.placebos)} whose holding periods do not overlap"
    word = "is unusual" if f.p <= LEVEL else "is not unusual"
    if f.p_min > LEVEL:
        word = "may or may not be unusual"
    return (
        f"Beside {dates} this {word}: p = {f.p:.3f}, and could not have been under {f.p_min:.3f} "
        f"({f.p_overlapping:.3f} of all {f.overlapping:,}, which overlap)."
    )


def _study(f: Findings) -> str:
    if f.no_test:
        return f"No event study can confirm or deny it: {f.no_test}."
    if math.isnan(f.test_p):
        return ""
    agree = (f.test_p <= LEVEL) == (f.p <= LEVEL)
    means = "finds the same" if agree else "does not agree"
    if math.isnan(f.p) or f.p_min > LEVEL:
        means = "calls it unusual" if f.test_p <= LEVEL else "does not call it unusual"
    if f.robust:
        variance = "which allows for a larger variance of the event"
    else:
        variance = "which with so few names takes the variance of the event for the usual one"
    return f"The event study, {variance}, {means}: {f.test} p = {f.test_p:.3f}, mean abnormal return {percent(f.caar)}."


def _elsewhere(f: Findings) -> str:
    parts = []
    if not math.isnan(f.in_space):
        word = "few" if f.in_space <= LEVEL else "many"
        parts.append(f"beside names that look alike, {word} of which did as much, p = {f.in_space:.3f}")
    if not math.isnan(f.of_sign):
        parts.append(f"beside the same names with other sides, p = {f.of_sign:.3f}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _variance(f: Findings) -> str:
    if math.isnan(f.multiple) or f.multiple < 1.0:
        return ""
    return f"If the event had more than {f.multiple:.1f} times the usual variance, it would not be unusual."


def _beta(f: Findings) -> str:
    if f.no_beta or math.isnan(f.beta):
        return f"How much was beta cannot be told: {f.no_beta}." if f.no_beta else ""
    said = f"Its beta to {f.benchmark} was {f.beta:+.2f} (standard error {f.beta_se:.2f})"
    if not math.isnan(f.by_beta):
        said += f", which made {percent(f.by_beta)}"
    if not math.isnan(f.hedged):
        left = f" (margin left {f.scale:.0%} of its orders)" if f.scale < WHOLE else ""
        said += f"; hedged with {f.via} it made {percent(f.hedged)}{left}"
    elif f.no_hedge:
        said += f"; it cannot be hedged: {f.no_hedge}"
    if not math.isnan(f.alpha_low):
        sure = "" if f.alpha_low > 0.0 or f.alpha_high < 0.0 else ", which holds nil"
        interval = f"{percent(f.alpha_low)} to {percent(f.alpha_high)}"
        said += f"; alpha was {percent(f.alpha)} an observation ({interval} at 95 %{sure})"
    return f"{said}."


def _rival(f: Findings) -> str:
    if not f.rival or math.isnan(f.rival_made):
        return ""
    than = "as much or more" if f.rival_made >= f.excess else "less"
    usual = ""
    if f.rival_years and not math.isnan(f.rival_usual):
        usual = f", and {percent(f.rival_usual)} on average in {f.rival_years} other year{_s(f.rival_years)}"
    return f"The naive rule ({f.rival}) made {than} that year: {percent(f.rival_made)}{usual}."


def _tries(f: Findings) -> str:
    count = f"{f.tries:,} variant{_s(f.tries)} of it {'was' if f.tries == 1 else 'were'} tried on these data"
    if math.isnan(f.psr):
        return f"{count[:1].upper()}{count[1:]}; {f.no_sharpe or 'its Sharpe ratio is not known'}."
    said = f"{count}: the probability of a Sharpe ratio above nil is {f.psr:.2f} for one"
    if not math.isnan(f.dsr):
        word = "stays" if f.dsr > CONFIDENT else "does not stay"
        said += f", {f.dsr:.2f} after all of them, so that it {word} significant"
    elif f.no_dsr:
        said += f", and cannot be deflated: {f.no_dsr}"
    return f"{said[:1].upper()}{said[1:]}."


def _cannot(f: Findings) -> str:
    """Say what cannot be concluded, and why; that one event is one observation always."""
    why = []
    if f.p_min > LEVEL:
        why.append(f"{f.placebos} placebo date{_s(f.placebos)} cannot give a p under {f.p_min:.2f}")
    if math.isinf(f.min_trl):
        why.append("no record is long enough for a Sharpe ratio that is not above nil")
    elif f.min_trl > f.n_obs:
        why.append(f"a Sharpe ratio like this needs {math.ceil(f.min_trl):,} observations, and there are {f.n_obs}")
    more = f"; {'; '.join(why)}" if why else ""
    return f"What cannot be concluded: that it would work again, because one event is one observation{more}."


def _around(f: Findings) -> str:
    if not f.confounders:
        return ""
    named = ", ".join(f.confounders[:MOST_NAMED])
    more = len(f.confounders) - MOST_NAMED
    return f"Also between the news and the exit: {named}{f' and {more} more' if more > 0 else ''}."


def _wrong(f: Findings) -> str:
    said = [f"it called itself wrong if {', or if '.join(f.fired)}, and that came true"] if f.fired else []
    said += [f"a person has to judge: {'; '.join(f.human)}"] if f.human else []
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _at(at: datetime | None) -> str:
    return "unknown" if at is None else f"{at:%Y-%m-%d %H:%MZ}"


def _s(n: int) -> str:
    return "" if n == 1 else "s"

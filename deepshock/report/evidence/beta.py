"""Was it beta: of each leg and of all, the run without and with a hedge, and where the excess came from."""

from __future__ import annotations

import math
from collections.abc import Iterator

from deepshock.report.evidence.sheet import Line, Sheet, figures, simple
from deepshock.report.evidence.view import AlphaView, MadeView, NarrativeView
from deepshock.report.tables import Column
from deepshock.report.wording import money, percent, share

ALL = "all"


def betas(found: NarrativeView) -> Sheet:
    """Lay out the beta of each leg, as known at its decision, and of all together."""
    rows = (*found.legs, found.net) if found.net else found.legs
    columns = (
        figures(rows, "weight", lambda leg: "" if math.isnan(leg.weight) else percent(leg.weight, 1)),
        figures(rows, "beta", lambda leg: money(leg.beta, 2)),
        Column("± se", tuple(money(leg.se, 2, sign=False) for leg in rows)),
        Column("returns", tuple(f"{leg.n:,}" if leg.n else "" for leg in rows)),
    )
    below = [(leg.symbol, text) for leg in rows for text in (leg.note, leg.reason) if text]
    if found.reason:
        below.append(("not known", found.reason))
    key = Column("leg", tuple(leg.symbol for leg in rows))
    return simple(f"Beta to {found.benchmark}" if found.benchmark else "Narrative or beta", key, columns, below)


def runs(found: NarrativeView, currency: str) -> Sheet:
    """Lay out the run without a hedge beside the one whose beta is hedged away."""
    made = [("without a hedge", found.raw), (f"beta hedged with {found.via}", found.hedged)]
    rows = [(name, run) for name, run in made if run]
    columns = (
        figures(rows, "net", lambda row: percent(row[1].net_return)),
        figures(rows, "excess", lambda row: percent(row[1].excess_return)),
        figures(rows, "max DD", lambda row: percent(row[1].max_drawdown)),
        Column(f"costs {currency}", tuple(money(run.costs, sign=False) for _, run in rows)),
    )
    below = [("no hedge", found.hedged_reason)] if found.hedged_reason else []
    below += [line for name, run in rows for line in _remarks(name, run)]
    return simple("Narrative or beta", Column("run", tuple(name for name, _ in rows)), columns, below)


def _remarks(name: str, run: MadeView) -> Iterator[Line]:
    if run.scale < 1.0 and not any("initial margin" in note for note in run.notes):
        yield name, f"initial margin left {share(run.scale)} of the orders, so that it is smaller"
    yield from ((name, note) for note in run.notes)


def split(found: NarrativeView, capital: float, currency: str) -> Sheet:
    """Lay out the excess P&L in parts: what the benchmark made, what prices did beyond it, and the rest."""
    rows = found.split
    columns = (
        figures(rows, currency, lambda row: money(row[1])),
        figures(rows, "of capital", lambda row: percent(row[1] / capital)),
    )
    below = [("beta and the rest of the price", found.split_reason)] if found.split_reason else []
    below += [("alpha", _alpha(found.alpha))] if found.alpha else []
    return simple("Where the excess came from", Column("part", tuple(name for name, _ in rows)), columns, below)


def _alpha(found: AlphaView) -> str:
    if math.isnan(found.mean):
        return f"not known: {found.reason}"
    between = f"{percent(found.low)} to {percent(found.high)} at {found.level:.0%}"
    return f"{percent(found.mean)} an observation beyond beta ({between}, {found.n_obs:,} observations)"

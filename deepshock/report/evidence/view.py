"""What a report shows of evidence: plain frozen values, filled by ``deepshock.inference``.

As in ``deepshock.report.view``: instants are aware UTC datetimes, returns are fractions of the capital, ``nan`` means
not known, and then a ``reason`` stands beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepshock.stats.selected import Selection


@dataclass(frozen=True)
class VerdictView:
    """What the figures say: a word, all sentences, and the one on whether it was unusual."""

    word: str
    sentences: tuple[str, ...]
    brief: str


@dataclass(frozen=True)
class PlaceboView:
    """A thesis among trades without its narrative; outcomes are excess returns."""

    kind: str  # in time, in space, of sign
    statistic: float
    p: float
    p_min: float
    k: int  # those that count for p: in time, those that do not overlap
    p_all: float
    k_all: int
    p_scaled: float  # in space, each over its own past
    values: tuple[float, ...]
    labels: tuple[str, ...]
    chosen: tuple[bool, ...]  # which count for p
    refused: tuple[tuple[str, int], ...]  # why others could not be run, and how many
    multiple: float = math.nan  # of the usual variance, up to which the thesis is unusual
    reason: str = ""


@dataclass(frozen=True)
class VariantView:
    """The same idea later, from another source, or without a leg."""

    name: str
    known_at: datetime | None
    first_fill: datetime | None
    missed: float
    gap: float
    tradable: float
    net_return: float
    excess_return: float
    reason: str = ""


@dataclass(frozen=True)
class OutcomeView:
    """One test of an event study; ``assumes`` are triples of words, whether it holds (None: unknown) and why."""

    name: str
    statistic: float
    p: float
    least_p: float  # that so many names could give
    holds: bool | None
    assumes: tuple[tuple[str, bool | None, str], ...]
    reason: str = ""


@dataclass(frozen=True)
class NameView:
    """One name of an event study: its abnormal return over the window, signed by side."""

    symbol: str
    side: str
    beta: float
    car: float
    se: float  # of the CAR, from the estimation window
    model: str
    reason: str = ""


@dataclass(frozen=True)
class StudyView:
    """An event study of one window of a thesis, the headline first among the tests."""

    thesis: str
    kind: str  # news, held
    words: str
    benchmark: str
    window: tuple[date, ...]
    caar: float
    headline: str
    tests: tuple[OutcomeView, ...]
    names: tuple[NameView, ...]
    reason: str = ""


@dataclass(frozen=True)
class BetaView:
    """Beta of a leg, or of all together."""

    symbol: str
    weight: float
    beta: float
    se: float
    n: int
    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class MadeView:
    """What one run made; costs in account currency."""

    net_return: float
    excess_return: float
    max_drawdown: float
    costs: float
    scale: float  # what initial margin left of the orders
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlphaView:
    """The mean return of an observation beyond beta, with its interval."""

    mean: float
    low: float
    high: float
    level: float
    n_obs: int
    reason: str = ""


@dataclass(frozen=True)
class NarrativeView:
    """How much of a result was beta."""

    benchmark: str
    legs: tuple[BetaView, ...] = ()
    net: BetaView | None = None
    raw: MadeView | None = None
    hedged: MadeView | None = None
    via: str = ""
    hedged_reason: str = ""
    split: tuple[tuple[str, float], ...] = ()  # parts of the excess P&L and their sum, account currency
    split_reason: str = ""  # why beta and the rest are not told apart
    alpha: AlphaView | None = None
    reason: str = ""


@dataclass(frozen=True)
class YearView:
    """The naive rule in one year; ``when`` is before, event or later."""

    year: int
    when: str
    first_fill: datetime | None
    last_exit: datetime | None
    net_return: float
    excess_return: float
    reason: str = ""


@dataclass(frozen=True)
class RivalView:
    """A thesis beside its naive rule."""

    what: str
    rule: str
    years: tuple[YearView, ...]
    n_before: int
    mean_net_return: float  # over the years before the event
    mean_excess_return: float
    less_rival: float


@dataclass(frozen=True)
class TriedView:
    """How often an idea was tried on these data, and what that leaves of its Sharpe ratio."""

    total: int
    runs: int  # of these, as counted
    sensitivities: int
    sweep_variants: int
    columns: tuple[str, ...]  # the variants whose returns are known
    figures: Selection | None  # None where nothing was traded


@dataclass(frozen=True)
class EvidenceView:
    """All evidence on one thesis or book."""

    verdict: VerdictView
    placebos: tuple[PlaceboView, ...]  # in time, in space, of sign
    late: tuple[VariantView, ...]  # 0, 1, 2 ... sessions late
    sources: tuple[VariantView, ...]
    without: tuple[VariantView, ...]
    half_life: int | None
    studies: tuple[StudyView, ...]
    narrative: NarrativeView
    rival: RivalView | None
    tried: TriedView
    confounders: tuple[str, ...]
    notes: tuple[str, ...]  # what was assumed

    @property
    def in_time(self) -> PlaceboView:
        """The placebo in time."""
        return self.placebos[0]

    @property
    def held(self) -> OutcomeView | None:
        """The headline of the event study of what was held; None where there is none, or several."""
        found = [study for study in self.studies if study.kind == "held"]
        return found[0].tests[0] if len(found) == 1 and found[0].tests else None

    @property
    def dsr(self) -> float:
        """The deflated Sharpe ratio."""
        return self.tried.figures.dsr if self.tried.figures else math.nan


@dataclass(frozen=True)
class AdjustedView:
    """The p-value of a thesis, adjusted for the theses that were looked at with it."""

    name: str
    p: float
    bh: float
    holm: float


@dataclass(frozen=True)
class SharedView:
    """An instrument that two theses hold on opposite sides."""

    symbol: str
    sides: tuple[str, str]
    first: datetime
    last: datetime
    sessions: int


@dataclass(frozen=True)
class ContradictionView:
    """Two theses that oppose each other."""

    names: tuple[str, str]
    shared: tuple[SharedView, ...]
    declared: bool
    excess: tuple[float, float]
    book: float  # of the two as one account
    reason: str = ""


@dataclass(frozen=True)
class FigureView:
    """What a text says of a price, beside the bars of its instant."""

    source: str
    symbol: str
    says: str
    at: datetime | None
    is_before: bool  # some time before that instant
    verdict: str  # matches, conflicts, cannot tell
    reason: str
    later: str  # what the session came to once it was over; empty if nothing came later


@dataclass(frozen=True)
class AcrossView:
    """What is to be said of several theses together."""

    adjusted: tuple[AdjustedView, ...] = ()
    contradictions: tuple[ContradictionView, ...] = ()
    figures: tuple[FigureView, ...] = ()

    def of(self, name: str) -> AdjustedView | None:
        """Return the adjusted p-value of a thesis; None for one that has none, and for a book."""
        return next((found for found in self.adjusted if found.name == name), None)

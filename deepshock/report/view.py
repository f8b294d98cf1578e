"""What a report shows: plain frozen values, filled by ``deepshock.result`` and read by the text and HTML reports.

Instants are aware UTC datetimes; money is in the account's currency; returns are fractions of capital; ``nan`` means
not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from deepshock.report.evidence.view import AcrossView, EvidenceView

if TYPE_CHECKING:
    from deepshock.stats.selected import Selection


@dataclass(frozen=True)
class SourceView:
    """Where a belief comes from, and since when it could be acted on."""

    name: str
    publisher: str
    author: str
    quote: str
    stamp: str  # as published, with its zones
    known_at: datetime | None
    note: str = ""  # words of the thesis's own author, never in quotation marks


@dataclass(frozen=True)
class FillView:
    """One fill. ``note`` says why it is not where it was due, empty if it is."""

    symbol: str
    side: str  # buy or sell
    reason: str
    note: str
    decided_at: datetime
    fill_at: datetime
    shares: float
    price: float
    currency: str
    fx: float
    fx_age_h: float
    costs: Mapping[str, float]
    venue: str = ""  # as in SessionView; where empty, the timeline takes the one that opens or closes at ``fill_at``


@dataclass(frozen=True)
class UnfilledView:
    """An order that never filled, or the part of one that did not."""

    symbol: str
    decided_at: datetime
    reason: str
    part: float = 1.0  # of what was sent
    amount: float = float("nan")  # base currency; nan for an order that never filled


@dataclass(frozen=True)
class LegView:
    """One leg: what was missed, what went by to the first fill, what could be traded; signed by side, over P0."""

    symbol: str
    side: str  # long or short
    proxy: bool
    missed: float
    gap: float
    tradable: float
    pnl: float  # net of its own costs, base currency


@dataclass(frozen=True)
class CutView:
    """An order of which initial margin left only a part."""

    symbol: str
    left: float


@dataclass(frozen=True)
class AttributionView:
    """Where the result of one leg came from, or of the account: base currency, signed, so costs are negative.

    ``price`` is the sum of ``gap`` and ``tradable``, and of ``beta`` and ``alpha``; ``total`` is the sum of price, FX,
    dividends, costs and interest.
    """

    symbol: str
    price: float
    gap: float
    tradable: float
    beta: float  # nan where it is not known, as is alpha
    alpha: float
    fx: float
    dividends: float
    costs: Mapping[str, float]
    interest: float
    total: float


@dataclass(frozen=True)
class CashView:
    """Balances on the valuation rows: free cash, then the collateral of shorts in each currency, in that currency."""

    currencies: tuple[str, ...]
    rows: tuple[tuple[datetime, tuple[float, ...]], ...]


@dataclass(frozen=True)
class SessionView:
    """One session of a venue; what lies between two of them is closed."""

    venue: str
    open_at: datetime
    close_at: datetime


@dataclass(frozen=True)
class ClaimView:
    """What the source says beside what is so."""

    name: str
    claimed: str
    fact: str  # empty where no fact is on file


@dataclass(frozen=True)
class CheckView:
    """A ``wrong if``: its words and what became of it."""

    text: str
    state: str  # "fired", "did not fire" or "for a human"


@dataclass(frozen=True)
class SensitivityView:
    """The same thesis with something else than what was fixed beforehand."""

    name: str
    what: str
    net_return: float
    excess_return: float
    last_exit: datetime | None
    reason: str = ""  # why it could not run, empty if it did
    missed: float = float("nan")
    warnings: tuple[str, ...] = ()  # those that the thesis itself does not have


@dataclass(frozen=True)
class ThesisView:
    """All that is shown of one thesis, or of a book (``legs`` then carry their thesis's name in front)."""

    name: str
    title: str
    simulated: bool
    runnable: bool
    reason: str  # why it can't run
    source: SourceView
    corroboration: tuple[SourceView, ...]
    counter: tuple[SourceView, ...]
    claims: tuple[ClaimView, ...]
    news: datetime
    known_at: datetime
    capital: float
    currency: str
    is_book: bool = False
    first_fill: datetime | None = None
    last_exit: datetime | None = None
    open_at_end: bool = False
    fills: tuple[FillView, ...] = ()
    unfilled: tuple[UnfilledView, ...] = ()
    equity: tuple[tuple[datetime, float], ...] = ()
    events: tuple[tuple[datetime, str], ...] = ()
    sessions: tuple[SessionView, ...] = ()
    gross_pnl: float = 0.0
    net_pnl: float = 0.0
    net_return: float = 0.0
    excess_return: float = 0.0
    costs: Mapping[str, float] = field(default_factory=dict)
    interest: Mapping[str, float] = field(default_factory=dict)
    legs: tuple[LegView, ...] = ()
    missed: float = float("nan")  # over the legs, by weight
    gap: float = float("nan")
    tradable: float = float("nan")
    max_drawdown: float = 0.0
    sharpe: float = float("nan")
    sharpe_se: float = float("nan")
    n_obs: int = 0
    benchmark: str = ""  # symbol
    benchmark_return: float = float("nan")  # of its price over the same rows, in its own currency
    note: str = ""
    contradicts: tuple[str, ...] = ()
    checks: tuple[CheckView, ...] = ()
    sensitivities: tuple[SensitivityView, ...] = ()
    uptick: tuple[SensitivityView, ...] = ()  # the settings of Rule 201; the name is the setting
    margin_calls: tuple[str, ...] = ()  # each in words
    margin_rule: str = ""
    cut: tuple[CutView, ...] = ()  # by initial margin
    exposure: tuple[float, float] = (0.0, 0.0)  # gross and net of all entries, over the capital
    attribution: tuple[AttributionView, ...] = ()  # legs, hedges, the account
    cash: CashView = CashView((), ())
    warnings: tuple[str, ...] = ()
    evidence: EvidenceView | None = None  # where it was asked for

    @property
    def liquidated(self) -> bool:
        """Whether a margin call closed positions, or should have."""
        return bool(self.margin_calls)


@dataclass(frozen=True)
class CapacityView:
    """How the edge of a thesis shrinks with capital.

    Each point is capital, net return, excess return, cost of impact over the capital, and what filled of the entries.
    """

    name: str
    currency: str
    edge: float
    points: tuple[tuple[float, float, float, float, float], ...]
    half: float  # capital at which half of the edge is left, nan if not known
    gone: float
    reason: str  # why one of them is not known
    simulated: bool = False


@dataclass(frozen=True)
class BestView:
    """The best of many variants, with what says how far it can be told from the luckiest."""

    name: str
    simulated: bool
    by: str  # the column that it is the best by
    variant: int
    label: Mapping[str, str]  # value by path
    year: int  # observations
    figures: Selection
    net_return: float
    excess_return: float
    sharpe: float  # a year
    sharpe_se: float


@dataclass(frozen=True)
class SweepView:
    """How the figures of many variants are spread, and how each parameter moves them."""

    version: str
    provider: str
    simulated: bool
    first: str  # first and last date of the data
    last: str
    name: str
    variants: int
    traded: int
    called: int  # of those that traded, how many met a margin call
    positive: float  # of those that traded, the share whose net return is above nil
    levels: tuple[float, ...]
    quantiles: Mapping[str, tuple[float, ...]]  # net_return, sharpe and max_drawdown, at these levels
    medians: Mapping[str, tuple[tuple[str, int, float], ...]]  # by parameter: value, how many traded, net return
    reasons: tuple[tuple[str, int], ...]  # why others did not trade, and how many
    drawn: int  # how many rows were looked at, 0 for all
    made: int  # variants that were run now, and in how many seconds
    seconds: float
    best: BestView
    folder: str = ""


@dataclass(frozen=True)
class TriesView:
    """How many variants of a thesis or book were tried on a market, and their Sharpe ratios per observation."""

    name: str
    market: str
    simulated: bool
    runs: int
    sensitivities: int
    sweep_variants: int
    total: int
    n_sharpes: int
    mean: float  # nan where none is known
    variance: float  # nan where fewer than two are


@dataclass(frozen=True)
class ReportView:
    """A whole report."""

    version: str
    command: str
    provider: str
    simulated: bool
    first: str  # first and last date of the data
    last: str
    costs: str  # the name of the cost set
    theses: tuple[ThesisView, ...]
    notes: tuple[str, ...] = ()
    across: AcrossView | None = None  # what evidence says of the theses together, where it was asked for

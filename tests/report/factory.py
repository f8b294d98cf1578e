"""A report with all that can go wrong on a page: long names, holes, hostile words, no fills, many fills."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import UTC, datetime, timedelta

from deepshock.report.view import (
    AttributionView,
    CashView,
    CheckView,
    ClaimView,
    CutView,
    FillView,
    LegView,
    ReportView,
    SensitivityView,
    SessionView,
    SourceView,
    ThesisView,
    UnfilledView,
)

HOSTILE = "</script><script>alert('x')</script> & <b>bold</b> [red]markup[/red] \x1b[31m"
NEWS = datetime(2025, 1, 27, tzinfo=UTC)
KNOWN = datetime(2025, 1, 28, tzinfo=UTC)
HOURS = {"XNYS": ((14, 30), (21, 0)), "XHKG": ((1, 30), (8, 0)), "XETR": ((8, 0), (16, 30))}
HONG_KONG_CLOSED = {29, 30, 31}
LEGS: dict[str, tuple[str, ...]] = {
    "short-ai-chips": ("-NVDA", "-AVGO", "-AMD", "-QCOM", "-ASML"),
    "short-ai-power": ("-VST", "-ENR.DE"),
    "long-meta-ai-user": ("META", "-MSFT", "-GOOGL", "-AMZN"),
    "buy-china-before-npc": ("0700.HK", "9988.HK", "3690.HK", "1810.HK", "9618.HK", "0981.HK"),
    "hard-assets": ("GLD", "SLV", "GDX"),
    "cheap-ai-disinflation-with-a-very-long-name-indeed": ("TLT", "-SHY"),
    "concentration-unwinds": ("RSP", "-SPY"),
    "calm-down": ("NVDA", "VST", "ENR.DE"),
    "megacap-capex-loses": ("AAPL", "-MSFT", "-GOOGL", "-AMZN"),
    "bitcoin-overreacted": ("BTC-USD",),
}
SHARED_WARNING = "the FX rate was older than 24 hours at a fill"


def venue_of(symbol: str) -> str:
    return {"HK": "XHKG", "DE": "XETR"}.get(symbol.rpartition(".")[2], "24/7" if "-" in symbol[1:] else "XNYS")


def sessions(venues: set[str]) -> tuple[SessionView, ...]:
    found = []
    for day in range(50):
        date = datetime(2025, 1, 20, tzinfo=UTC) + timedelta(days=day)
        for venue in sorted(venues):
            if venue == "24/7":
                found.append(SessionView(venue, date, date + timedelta(days=1)))
                continue
            closed = date.weekday() > 4 or (venue == "XHKG" and date.month == 1 and date.day in HONG_KONG_CLOSED)
            if not closed:
                opens, closes = HOURS[venue]
                found.append(
                    SessionView(venue, date.replace(hour=opens[0], minute=opens[1]), date.replace(hour=closes[0]))
                )
    return tuple(found)


def source(name: str, quote: str) -> SourceView:
    return SourceView(
        name, f"{name.title()} & Co.", "Adam Button", quote, "2025-01-27 19:00, UTC or America/New_York", KNOWN
    )


def thesis(name: str, symbols: tuple[str, ...], *, simulated: bool, number: int) -> ThesisView:
    rng = random.Random(name)
    held = sessions({venue_of(symbol) for symbol in symbols})
    fills, legs = [], []
    for symbol in symbols:
        short, bare = symbol.startswith("-"), symbol.removeprefix("-")
        venue = venue_of(symbol)
        mine = [s for s in held if s.venue == venue and s.open_at >= KNOWN]
        price = rng.uniform(5, 700)
        entry = FillView(
            bare,
            "sell" if short else "buy",
            "entry",
            "",
            KNOWN,
            mine[0].open_at,
            1234.0,
            price,
            "HKD" if venue == "XHKG" else "USD",
            0.12837 if venue == "XHKG" else 1.0,
            9.5,
            {"commission": 12.345, "half-spread": 45.6, "impact": 7.0},
            venue,
        )
        leave = FillView(
            bare,
            "buy" if short else "sell",
            "hold 20 sessions",
            "carried: no price at the close" if number % 3 == 0 else "",
            entry.fill_at,
            mine[19].close_at,
            1234.0,
            price * rng.uniform(0.8, 1.2),
            entry.currency,
            entry.fx,
            31.0,
            {"commission": 12.0, "half-spread": 44.0, "taxes": 3.21},
        )
        fills += [entry, leave]
        legs.append(
            LegView(
                bare,
                "short" if short else "long",
                number % 2 == 0,
                rng.gauss(0.08, 0.05),
                rng.gauss(0.02, 0.01),
                rng.gauss(0, 0.1),
                rng.gauss(0, 20_000),
            )
        )
    marks = sorted({s.close_at for s in held if KNOWN <= s.close_at <= max(f.fill_at for f in fills)})
    nav, equity = 1_000_000.0, []
    for at in marks:
        nav *= 1 + rng.gauss(0.0005, 0.012)
        equity.append((at, nav))
    costs = {
        "commission": 486.9,
        "half-spread": 1_792.25,
        "impact": 310.4,
        "taxes": 64.2,
        "borrow": 512.77,
        "conversion": 40.0,
    }
    interest = {"credit": 3_120.5, "debit": -12.25, "rebate": 2_004.1}
    net = nav - 1_000_000
    return ThesisView(
        name,
        f"What {name.replace('-', ' ')} is about",
        simulated,
        True,
        "",
        source("forexlive", f"Thesis {number}: China scored a win. Buy China."),
        (source("bloomberg", "AI trades slumped elsewhere as investors rethought assumptions"),),
        (source("xtb", "you can have temporary surpluses in these things that are tough to predict"),),
        (
            ClaimView("npc opens", "2025-03-07", "2025-03-05 01:00 UTC, known 2024-12-25 01:44"),
            ClaimView("V3 debut", "2025-01-10", ""),
        ),
        NEWS,
        KNOWN,
        1_000_000.0,
        "USD",
        first_fill=min(f.fill_at for f in fills),
        last_exit=max(f.fill_at for f in fills),
        open_at_end=name == "hard-assets",
        fills=tuple(sorted(fills, key=lambda f: f.fill_at)),
        equity=tuple(equity),
        sessions=held,
        events=(
            (KNOWN, "known"),
            (min(f.fill_at for f in fills), "first fill"),
            (datetime(2025, 1, 29, 19, tzinfo=UTC), "FOMC"),
            (datetime(2025, 1, 29, 21, 5, tzinfo=UTC), "earnings of META, MSFT"),
            (datetime(2025, 3, 5, 1, tzinfo=UTC), "NPC opens"),
            (max(f.fill_at for f in fills), "last exit"),
        ),
        gross_pnl=net + sum(costs.values()) - sum(interest.values()),
        net_pnl=net,
        net_return=net / 1e6,
        excess_return=net / 1e6 - 0.0035,
        costs=costs,
        interest=interest,
        legs=tuple(legs),
        missed=sum(leg.missed for leg in legs) / len(legs),
        gap=sum(leg.gap for leg in legs) / len(legs),
        tradable=sum(leg.tradable for leg in legs) / len(legs),
        max_drawdown=-abs(rng.gauss(0.06, 0.02)),
        sharpe=rng.gauss(0, 3),
        sharpe_se=3.549,
        n_obs=len(equity) - 1,
        checks=(CheckView("drawdown > 8%", "did not fire"), CheckView("capex guidance is raised", "for a human")),
        sensitivities=(
            SensitivityView(
                "hold 5",
                "exit.hold = 5 sessions",
                net / 1e6 + 0.01,
                net / 1e6 + 0.009,
                KNOWN + timedelta(days=7, hours=21),
            ),
            SensitivityView(
                "beta hedge",
                "hedge = {beta to: ^GSPC, via: SPY}",
                math.nan,
                math.nan,
                None,
                "beta needs 120 returns before the decision, there are 64",
            ),
        ),
        warnings=(
            SHARED_WARNING,
            f"{symbols[0].removeprefix('-')}: FX rate is {20 + number} hours old at the fill of 2025-01-28",
        ),
    )


def accounted(view: ThesisView) -> ThesisView:
    """Return a view with all that can be said of an account: a margin call, cuts, a part fill, cash, attribution."""

    def leg(
        symbol: str, gap: float, tradable: float, beta: float, fx: float, costs: dict[str, float]
    ) -> AttributionView:
        price, dividends, interest = gap + tradable, -7.0, 11.0
        total = price + fx + dividends + sum(costs.values()) + interest
        return AttributionView(symbol, price, gap, tradable, beta, price - beta, fx, dividends, costs, interest, total)

    return dataclasses.replace(
        view,
        margin_calls=(f"margin call, it had to close NVDA, AMD {HOSTILE}",),
        margin_rule="reg-t",
        cut=(CutView("NVDA", 0.703), CutView("AMD", 0.703)),
        exposure=(0.9, -0.9),
        unfilled=(UnfilledView("AMD", KNOWN, f"did not fill 25.0% of its order {HOSTILE}", 0.25, 50_000.0),),
        uptick=(
            SensitivityView("passive, as run", "offered", 0.01, 0.009, KNOWN + timedelta(days=30)),
            SensitivityView("wait", "not sold", 0.02, 0.019, KNOWN + timedelta(days=31), warnings=(HOSTILE,)),
            SensitivityView("ignore", "sold", math.nan, math.nan, None, f"nothing traded {HOSTILE}"),
        ),
        attribution=(
            leg("NVDA", -3_000.0, 12_345.0, 2_222.0, 0.0, {"commission": -10.0}),
            leg("0700.HK", 4_321.0, -1_234.0, math.nan, -55.0, {"commission": -20.0, "impact": -4.0}),
            leg("account", 0.0, 0.0, 0.0, 0.0, {}),
        ),
        cash=CashView(
            ("USD", "HKD"), tuple((KNOWN + timedelta(days=n), (1e6 - n, 2e5 + n, 3e6 + n)) for n in range(30))
        ),
    )


def report(*, simulated: bool = True) -> ReportView:
    views = [thesis(name, legs, simulated=simulated, number=i) for i, (name, legs) in enumerate(LEGS.items())]
    stopped = ThesisView(
        "fade-the-fear",
        "",
        simulated,
        False,
        "no tradable instrument: ^VIX is an index",
        source("xtb", HOSTILE),
        (),
        (),
        (),
        NEWS,
        KNOWN,
        1e6,
        "USD",
    )
    unfilled = ThesisView(
        "china-ai-adopters",
        f"Merit {HOSTILE}",
        simulated,
        True,
        "",
        source("bloomberg", HOSTILE),
        (),
        (),
        (),
        NEWS,
        KNOWN,
        1e6,
        "USD",
        unfilled=(UnfilledView("300766.SZ", KNOWN, f"locked at its limit for 5 sessions {HOSTILE}"),),
        sessions=sessions({"XHKG"}),
        legs=(LegView("300766.SZ", "long", False, 0.2, math.nan, math.nan, 0.0),),
        warnings=(f"nothing filled {HOSTILE}",),
    )
    book = views[3]
    return ReportView(
        "0.1.0",
        "backtest run strategies",
        "sample" if simulated else "panel.parquet",
        simulated,
        "2024-01-02",
        "2025-03-14",
        "institutional",
        (
            *views,
            stopped,
            unfilled,
            ThesisView(**{**vars(book), "name": "book-of-both", "title": "Two that disagree", "is_book": True}),
        ),
        ("XYZ has no volume: sigma terms are nil",),
    )

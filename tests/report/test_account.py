"""What a result says of its account: liquidation, cuts, partial fills, Rule 201, attribution, cash; worked by hand."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

import deepshock as ds
from deepshock.report import arrange, figures, wording
from deepshock.report.html import render
from deepshock.report.text import comparison, detail
from deepshock.result import report_of

from . import factory

CLOSED = {date(2025, 1, 1), date(2025, 1, 9), date(2025, 1, 20), date(2025, 2, 17)}
FREE = {"preset": "none", "participation": "2%"}


def market(closes: list[float], volume: float = 1e6, first: str = "2025-02-03", **more: Any) -> ds.Market:
    """Return bars of one New York stock with open = close and a range of one dollar around it, on its sessions."""
    days = (date.fromisoformat(first) + timedelta(days=n) for n in range(2 * len(closes) + 9))
    kept = [day for day in days if day.weekday() < 5 and day not in CLOSED][: len(closes)]
    frame = pd.DataFrame({"date": kept, "close": closes, "volume": volume})
    frame = frame.assign(
        symbol="QQX", open=frame["close"], high=frame["close"] + 1, low=frame["close"] - 1, dividend=0.0, split=0.0,
        currency="USD", mic="XNYS", price_basis="split_adj", **{"class": "stock"},
    )  # fmt: skip
    return ds.Market.load(frame, **more)


def thesis(**words: Any) -> ds.Thesis:
    source = {"publisher": "me", "published": "2025-02-03T22:00Z"}
    return ds.Thesis(**{"name": "corner", "source": source, "short": {"QQX": 1}, "costs": FREE, **words})


def printed(renderable: Any, width: int = 160) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(renderable)
    return stream.getvalue()


@pytest.fixture(scope="module")
def called() -> ds.Result:
    """Return a short of twice the capital, entered at 100 on the 4th and called at 120 on the 5th, bought at 121.

    20,000 shares: equity 1,000,000 - 20 x 20,000 = 600,000; 30 % of 2,400,000 = 720,000 is required.
    """
    return ds.run(thesis(gross="200%"), market([100, 100, 120, 121, 121, 121]))


def test_the_document_says_what_was_called(called: ds.Result) -> None:
    found = called.document()
    assert found["liquidated"] is True
    call = {"at": "2025-02-05T21:00:00Z", "equity": 600_000.0, "required": 720_000.0, "closed": ["QQX"]}
    assert found["margin_calls"] == [call]
    assert found["margin"] == {"rule": "reg-t", "initial": 0.5, "maintenance": None}
    assert found["cut"] == []
    days = [f"2025-02-0{day}T21:00:00Z" for day in (4, 5, 6)]
    assert found["requirement"] == [list(row) for row in zip(days, (600_000.0, 720_000.0, 0.0), strict=True)]
    rows = zip(days, (1e6, 6e5, 5.8e5), (2e6, 2.4e6, 0.0), strict=True)
    assert found["cash"] == {"currencies": ["USD"], "rows": [list(row) for row in rows]}
    assert found["warnings"][0].startswith("LIQUIDATED: margin call at 2025-02-05 21:00Z")


def test_attribution_sums_to_the_result_and_what_is_not_known_is_null(called: ds.Result) -> None:
    """Every move came between a close and the next open: 20 and 1 on 20,000 shares."""
    leg, account = called.document()["attribution"]
    assert (leg["leg"], leg["symbol"], account["leg"], account["symbol"]) == (0, "QQX", -1, "account")
    assert (leg["price"], leg["gap"], leg["tradable"], leg["total"]) == (-420_000.0, -420_000.0, 0.0, -420_000.0)
    assert (leg["beta"], leg["alpha"]) == (None, None)
    assert leg["total"] + account["total"] == called.performance.net_pnl


def test_a_liquidated_run_says_so_first(called: ds.Result) -> None:
    said = "margin call at 2025-02-05 21:00Z, equity 600,000 USD under 720,000 of maintenance margin; it"
    view = called.view()
    assert view.margin_calls == (called.warnings[0].removeprefix("LIQUIDATED: "),)
    assert view.margin_calls[0].startswith(said)
    assert view.warnings == called.warnings[1:]
    text = printed(detail(view))
    assert text.index("LIQUIDATED") < text.index(said) < text.index("Already in the price")
    assert text.count("LIQUIDATED") == 1
    report = report_of([called], called.market, version="0", command="c")  # type: ignore[arg-type]
    text = printed(comparison(report))
    assert text.index("LIQUIDATED  corner: margin call") < text.index("ranked by excess")
    assert re.search(r"^corner +LIQUIDATED +-420,000", text, re.MULTILINE)
    page = render(report)
    assert page.index('class="liquidated"') < page.index("Already in the price")
    assert page.count(said) == 2
    assert '<span class="tag fired">liquidated</span>' in page


def test_other_runs_do_not_say_it() -> None:
    quiet = ds.run(thesis(), market([100, 100, 120, 121, 121, 121]))
    assert (quiet.liquidated, quiet.document()["margin_calls"]) == (False, [])
    assert "LIQUIDATED" not in printed(detail(quiet.view()))
    none = ds.run(thesis(margin="none", gross="400%"), market([100] * 6)).document()
    assert (none["margin"], none["requirement"]) == ({"rule": "none", "initial": None, "maintenance": None}, [])
    own = ds.run(thesis(margin={"initial": "60%", "maintenance": "40%"}), market([100] * 6)).document()
    assert own["margin"] == {"rule": "own", "initial": 0.6, "maintenance": 0.4}


def test_orders_cut_by_initial_margin_are_listed() -> None:
    """Four times the capital needs two of margin where one is there."""
    result = ds.run(thesis(gross="400%", margin={"initial": "50%", "maintenance": "1%"}), market([100] * 6))
    assert result.document()["cut"] == [{"symbol": "QQX", "thesis": "corner", "left": 0.5}]
    assert "Cut by initial margin (own)\n  QQX: 50.0% of the order was left" in printed(detail(result.view()))


def test_a_part_fill_says_what_is_missing_and_what_is_held() -> None:
    """2 % of 50,000 shares is 1,000 a session, for five sessions; 10,000 were to be sold at 100."""
    result = ds.run(thesis(exit={"hold": 20}), market([100] * 50, volume=50_000.0, first="2024-12-27"))
    (left,) = result.document()["unfilled"]
    assert left["part"] == 0.5
    view = result.view()
    assert (view.unfilled[0].part, view.unfilled[0].amount, view.exposure) == (0.5, 500_000.0, (0.5, -0.5))
    text = " ".join(printed(detail(view)).split())
    assert "QQX: did not fill 50.0% of its order (over the participation cap): 500,000 USD" in text
    assert "what filled: 50.0% of the capital gross, -50.0% net" in text


@pytest.fixture(scope="module")
def restricted() -> ds.Result:
    """Return a short after a fall from 100 to 88: the open of the 5th is restricted, and offered at 88.01."""
    short = thesis(source={"publisher": "me", "published": "2025-02-04T22:00Z"}, exit={"hold": 1})
    return ds.compare([short], market([100, 88, 88, 86, 80, 80, 80, 80]))[0]


def test_rule_201_stands_apart_from_the_other_sensitivities(restricted: ds.Result) -> None:
    found = restricted.document()["sensitivities"]
    assert [(s["name"], s["group"]) for s in found] == [
        ("uptick: passive, as run", "Rule 201"),
        ("uptick: wait", "Rule 201"),
        ("uptick: ignore", "Rule 201"),
        ("uptick: wait, exit of passive", "Rule 201"),
    ]
    view = restricted.view()
    assert view.sensitivities == ()
    assert [s.name for s in view.uptick] == ["passive, as run", "wait", "ignore", "wait, exit of passive"]
    assert [fill.price for fill in restricted.ledger.fills] == [88.01, 86.0]
    assert arrange.is_restricted(view)
    text = printed(detail(view))
    assert re.search(r"What Rule 201 does to it\s+setting +net +excess +last exit", text)
    assert re.search(r"passive, as run +\+2\.28%", text)  # (88.01 - 86) / 88.01 on 11,362 shares
    assert "Sensitivities" not in text
    report = report_of([restricted], restricted.market, version="0", command="c")  # type: ignore[arg-type]
    assert "Excess return under Rule 201, * as run" in printed(comparison(report))
    page = render(report)
    assert "What Rule 201 does to it" in page
    assert "<h3>Sensitivities</h3>" not in page


def test_where_rule_201_changes_nothing_one_line_says_so() -> None:
    result = ds.compare([thesis(exit={"hold": 1})], market([100] * 8))[0]
    report = report_of([result], result.market, version="0", command="c")  # type: ignore[arg-type]
    text = printed(comparison(report))
    assert "Rule 201 changes nothing for corner." in text
    assert "Excess return under Rule 201" not in text


def test_explain_states_the_terms_of_a_short(restricted: ds.Result) -> None:
    thesis_ = restricted.plan.members[0].thesis
    assert isinstance(restricted.market, ds.Market)
    text = " ".join(ds.explain(thesis_, restricted.market).split())
    assert "the open of Wed 05 Feb 2025 is restricted: offered at 88.01 USD or more" in text
    assert "borrow general at 0.00% a year (the default)" in text
    assert "MARGIN (reg-t) initial: 50% of the value of longs and of shorts" in text
    assert "at most 2 % of the usual day's volume" in text
    borrow = pd.DataFrame({"symbol": ["QQX"], "from": ["2025-02-05"], "tier": ["special"], "rate": ["12%"]})
    recalls = pd.DataFrame({"symbol": ["QQX"], "date": ["2025-02-06"]})
    lending = ds.Lending.load(borrow, recalls, hazard=ds.Hazard(0.5, 7))
    actions = pd.DataFrame({"symbol": ["QQX"], "date": ["2025-02-10"], "kind": ["merger"], "cash": [90.0]})
    told = market([100, 88, 88, 86, 80, 80, 80, 80], lending=lending, actions=actions)
    short = thesis_.vary({"costs": "institutional", "uptick": "wait", "margin": "none"})
    text = " ".join(ds.explain(short, told).split())
    assert "uptick wait: while restricted it waits; the open of Wed 05 Feb 2025 is restricted" in text
    assert "offered at" not in text
    assert "borrow special at 12.00% a year (borrow file on Wed 05 Feb 2025)" in text
    assert "recalled during Thu 06 Feb 2025 (recalls file)" in text
    assert "recalls are simulated at 0.5 recalls a year, seed 7" in text
    assert "merger at the open of Mon 10 Feb 2025, for 90 USD a share" in text
    assert "MARGIN (none)" in text


def test_explain_says_when_a_thesis_s_own_word_keeps_a_short_from_being_sent() -> None:
    def told(first: str) -> str:
        rows = pd.DataFrame({"symbol": ["QQX"], "from": [first], "tier": ["general"]})
        short = thesis(borrow={"QQX": "none"}, costs="institutional")
        lent = market([100] * 8, lending=ds.Lending.load(rows))
        return " ".join(ds.explain(short, lent).split())

    without = "cannot be borrowed on Tue 04 Feb 2025 (the thesis's word; the borrow file has no row for it): the order"
    assert f"{without} waits" in told("2025-02-06")
    special = ds.cost_set("institutional").borrow["special"]
    others = f"on dates without a row, it cannot be borrowed (the thesis's word), and what is open pays {special:.2%}"
    assert f"(borrow file on Tue 04 Feb 2025, the rate from the costs); {others} a year" in told("2025-02-04")
    assert "borrow none" not in told("2025-02-06") + told("2025-02-04")


def test_explain_knows_a_close_of_its_own_session_only_afterwards() -> None:
    """The 4th falls by 12 %, the 5th and the 6th rest: the close of the 4th is restricted by its own low."""

    def told(day: int, enter: str) -> str:
        source = {"publisher": "me", "published": f"2025-02-0{day - 1}T22:00Z"}
        short = thesis(source=source, enter=enter)
        return " ".join(ds.explain(short, market([100, 88, 88, 88, 88, 88, 88])).split())

    assert "the open of Tue 04 Feb 2025 is not restricted" in told(4, "next open")
    assert "the close of Tue 04 Feb 2025 as it turned out was restricted: offered at 88.01 USD" in told(4, "next close")
    assert "the close of Wed 05 Feb 2025 is restricted: offered at 88.01 USD" in told(5, "next close")
    assert "the close of Thu 06 Feb 2025 as it turned out was not restricted" in told(6, "next close")


def test_a_document_writes_no_negative_zero() -> None:
    """Nothing moves between the news and the decision: a short has missed nothing."""
    text = json.dumps(ds.compare([thesis(exit={"hold": 2})], market([100] * 8))[0].document())
    assert '"missed": 0.0' in text
    assert "-0.0" not in re.findall(r"-?[0-9.e+-]+", text)


# Views that hold everything at once


@pytest.fixture(scope="module")
def full() -> Any:
    return factory.accounted(factory.report().theses[0])


@pytest.mark.parametrize("width", [70, 120, 200])
def test_detail_shows_attribution_and_cash_at_any_width(full: Any, width: int) -> None:
    text = printed(detail(full), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for leg in full.attribution:
        for amount in (leg.price, leg.gap, leg.tradable, leg.fx, leg.interest, leg.total):
            assert wording.money(amount) in text
    for currency in full.cash.currencies:
        assert f"collateral {currency}" in text
    assert "8 of 30 valuation rows" in text


def test_a_cost_is_summed_and_named(full: Any) -> None:
    whole = arrange.summed(full.attribution)
    assert whole.costs == {"commission": -30.0, "impact": -4.0}
    assert math.isnan(whole.beta)
    assert whole.total == sum(leg.total for leg in full.attribution)
    assert whole.price + whole.fx + whole.dividends + sum(whole.costs.values()) + whole.interest == whole.total


def test_the_chart_of_attribution_stacks_the_components(full: Any) -> None:
    drawn = figures.attribution(full)
    stacked = [math.fsum(trace.x[row] for trace in drawn.data) for row in range(len(full.attribution))]
    assert stacked == pytest.approx([leg.total for leg in full.attribution])
    assert drawn.layout.barmode == "relative"


def test_the_page_holds_all_of_it_with_captions(full: Any) -> None:
    page = render(dataclasses.replace(factory.report(), theses=(full,)))
    assert page.count("<caption>") == page.count("<table")
    assert all("SIMULATED data" in caption for caption in re.findall(r"<caption>(.*?)</caption>", page, re.S))
    for words in ("Where it came from", "Cash by currency", "Costs of each leg", "Initial margin (reg-t) cut orders"):
        assert words in page


def test_samples_keep_both_ends() -> None:
    assert arrange.sampled(range(30), 8) == [0, 4, 8, 12, 17, 21, 25, 29]
    assert arrange.sampled([1, 2], 8) == [1, 2]

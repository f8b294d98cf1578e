"""The terminal report loses nothing at any width and says what it rests on."""

import dataclasses
import io
import re
from datetime import timedelta

import pytest
from rich.console import Console

from deepshock.report import arrange, wording
from deepshock.report.text import comparison, detail

from . import factory

NUMBER = re.compile(r"[+-]\d[\d,]*\.\d\d%|[+-]\d{1,3}(?:,\d{3})+")


def printed(renderable, width):
    stream = io.StringIO()
    Console(file=stream, width=width).print(renderable)
    return stream.getvalue()


@pytest.fixture(scope="module")
def report():
    return factory.report()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_nothing_is_cut_off_and_nothing_is_too_wide(report, width):
    text = printed(comparison(report), width)
    assert "…" not in text
    assert "\x1b" not in text, "no escape codes where there is no terminal, not even from a quote"
    assert max(map(len, text.splitlines())) <= width
    squeezed = re.sub(r"\s+", "", text)
    for thesis in report.theses:
        if thesis.runnable:
            for value in (thesis.excess_return, thesis.net_return, thesis.max_drawdown, thesis.missed):
                assert wording.percent(value) in squeezed
            for value in (thesis.gross_pnl, thesis.net_pnl, arrange.total(thesis.costs)):
                assert wording.money(value).removeprefix("+") in squeezed
    for symbol in ("buy-china-before-npc", "concentration-unwinds"):
        assert symbol in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_width_shows_the_same_numbers(report, width):
    assert set(NUMBER.findall(printed(comparison(report), width))) == set(
        NUMBER.findall(printed(comparison(report), 300))
    )


def test_a_given_width_counts_up_to_that_of_the_console(report):
    assert printed(comparison(report, 80), 200) != printed(comparison(report), 200)
    assert max(map(len, printed(comparison(report, 80), 200).splitlines())) <= 200
    assert max(map(len, printed(comparison(report, 200), 80).splitlines())) <= 80


def test_ranked_by_excess_with_the_unknown_last_and_the_stopped_below(report):
    first, *rest = report.theses
    holed = dataclasses.replace(report, theses=(dataclasses.replace(first, excess_return=float("nan")), *rest))
    ran = arrange.ranked(holed)
    known = [thesis.excess_return for thesis in ran[:-1]]
    assert known == sorted(known, reverse=True)
    assert ran[-1].name == first.name
    text = printed(comparison(holed), 120)
    assert text.index("bitcoin-overreacted") < text.index("Not runnable") < text.index("^VIX is an index")


def test_simulated_is_said_in_heading_titles_and_caption():
    text = printed(comparison(factory.report()), 120)
    assert text.splitlines()[0].count("SIMULATED data") == 1
    assert text.count("(SIMULATED data)") == 3  # two tables of results, one of sensitivities
    assert "\nSIMULATED data. net =" in text
    assert "SIMULATED" in printed(detail(factory.report().theses[0]), 100)
    real = printed(comparison(factory.report(simulated=False)), 120)
    assert "SIMULATED" not in real
    assert "panel.parquet" in real


def test_one_simulated_thesis_makes_the_whole_report_simulated():
    real = factory.report(simulated=False)
    mixed = dataclasses.replace(real, theses=(dataclasses.replace(real.theses[0], simulated=True), *real.theses[1:]))
    assert "SIMULATED" in printed(comparison(mixed), 120).splitlines()[0]


def test_a_shared_warning_is_written_once(report):
    text = printed(comparison(report), 200)
    assert text.count(factory.SHARED_WARNING) == 1
    assert text.count("hours old at the fill of") == 1
    assert "and 9 alike" in text


def test_similar_warnings_stay_apart_when_asked(report):
    groups = arrange.warned(report.theses, merge=False)
    assert len({group.text for group in groups}) == len(groups) == 12  # one shared, ten with a symbol each, one alone


def test_a_ratio_of_few_observations_is_not_shown(report):
    view = dataclasses.replace(report.theses[0], sharpe=1.23, sharpe_se=3.6, n_obs=19)
    assert wording.sharpe(view) == "n/a (19)"
    assert wording.sharpe(dataclasses.replace(view, n_obs=20)) == "+1.2 ± 3.6 (20)"


def test_open_at_the_end_and_no_fill_are_said(report):
    text = printed(comparison(report), 120)
    assert re.search(r"hard-assets .* open at end", text)
    assert re.search(r"china-ai-adopters .* no fill", text)
    assert "Open at the end of the data, and marked there: hard-assets." in " ".join(text.split())


def test_mixed_currencies_stand_with_their_amounts(report):
    first, *rest = report.theses
    text = printed(
        comparison(dataclasses.replace(report, theses=(dataclasses.replace(first, currency="EUR"), *rest))), 200
    )
    assert re.search(r"short-ai-chips .* 3,207 EUR", text)
    assert re.search(r"calm-down .* 3,207 USD", text)


@pytest.mark.parametrize("width", [80, 130])
def test_detail_shows_every_fill_cost_and_reason(report, width):
    view = report.theses[3]
    text = printed(detail(view), width)
    assert max(map(len, text.splitlines())) <= width
    for fill in view.fills:
        assert wording.price(fill.price) in text
    for name, amount in view.costs.items():
        assert re.search(rf"{name} +{re.escape(wording.money(-amount, 2))}", text)
    assert text.count("carried: no price at the close") == 1
    assert "beta needs 120 returns" in text
    assert "for a human" in text


def test_detail_of_what_did_not_run_or_fill(report):
    by_name = {thesis.name: thesis for thesis in report.theses}
    assert "no tradable instrument" in printed(detail(by_name["fade-the-fear"]), 80)
    text = printed(detail(by_name["china-ai-adopters"]), 80)
    assert "locked at its limit" in text
    assert "Unfilled" in text


def test_markup_in_a_name_is_only_words(report):
    view = dataclasses.replace(report.theses[0], name="a-[bold]b", title="[link=x]y")
    assert "a-[bold]b" in printed(detail(view), 100)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0123, "+1.23%"),
        (-0.5, "-50.00%"),
        (0.0, "0.00%"),
        (-1e-9, "0.00%"),
        (12.5, "+1,250.00%"),
        (float("nan"), "n/a"),
    ],
)
def test_percent(value, expected):
    assert wording.percent(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(1234567.4, "+1,234,567"), (-0.4, "0"), (float("inf"), "n/a")])
def test_money(value, expected):
    assert wording.money(value) == expected


def test_price_quantity_instant():
    assert [wording.price(p) for p in (121.8, 36.39, 0.12345)] == ["121.80", "36.39", "0.1235"]
    assert wording.quantity(0.00000001) == "0.00000001"
    assert wording.quantity(1_000.0) == "1,000"
    assert wording.instant(factory.KNOWN + timedelta(seconds=7)) == "2025-01-28 00:00:07"
    assert wording.instant(None, "none") == "none"

"""Evidence is shown whole at any width, figures with what they rest on, and reasons where there are none."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re

import numpy as np
import pytest
from rich.console import Console

from deepshock.report.evidence import across, beta, chance, charts, decay, study
from deepshock.report.evidence.sheet import Sheet
from deepshock.report.evidence.text import beside, sheets
from deepshock.report.html import render
from deepshock.report.text import comparison, detail
from deepshock.report.wording import p_value, percent

from . import factory, proof
from .test_html import Page
from .test_text import NUMBER, printed

NAN = math.nan


def line(sheet: Sheet, name: str) -> list[str]:
    """Return the cells of a row."""
    return [text for _, text in dict(sheet.rows)[name]]


def words(text: str) -> str:
    return " ".join(text.split())


# What is said first


@pytest.mark.parametrize("view", [proof.thesis(), factory.report().theses[0]], ids=["with evidence", "without"])
def test_what_was_in_the_price_is_the_first_line_of_a_result(view):
    told = f"Already in the price: missed {percent(view.missed)}, gap {percent(view.gap)}"
    lines = printed(detail(view), 200).splitlines()
    assert lines[0].startswith(view.name)
    assert lines[2].strip().startswith(told)  # below name and title
    page = render(dataclasses.replace(factory.report(), theses=(view,)))
    article = page[page.index('<article id="thesis-1"') :]
    assert article.index("Already in the price") < article.index("<dl") < article.index("What is believed")


def test_of_what_cannot_run_the_first_line_says_why():
    stopped = next(view for view in factory.report().theses if not view.runnable)
    assert printed(detail(stopped), 200).splitlines()[1].strip() == f"Not runnable: {stopped.reason}"


def test_the_verdict_comes_before_its_tables_with_its_word_in_bold():
    view = proof.thesis()
    text = printed(detail(view), 100)
    places = [text.index(said) for said in ("Already in", "Verdict", "Cannot be told. It made", "Source", "Placebos:")]
    assert places == sorted(places)
    segments = Console(width=100).render(detail(view))
    bold = "".join(found.text for found in segments if found.style and found.style.bold)
    assert "Cannot be told." in bold
    assert "It made" not in bold


# Tables of one thesis


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_nothing_is_cut_off_and_nothing_is_too_wide(width):
    view, report = proof.thesis(), proof.report()
    for shown in (detail(view), comparison(report), beside(report)):
        text = printed(shown, width)
        assert "…" not in text
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= width
        assert set(NUMBER.findall(text)) == set(NUMBER.findall(printed(shown, 400)))


def test_every_table_of_simulated_data_says_so():
    text = printed(detail(proof.thesis()), 120)
    titles = [text for text in text.splitlines() if text.strip().endswith("(SIMULATED data)")]
    assert len(titles) >= len(list(sheets(proof.thesis(), proof.evidence())))
    assert "SIMULATED" not in printed(detail(proof.thesis(simulated=False)), 120)


def test_placebos_stand_with_the_least_p_and_how_they_are_spread():
    view = proof.evidence()
    sheet, time = chance.placebos(view), view.in_time
    counted = [value for value, chosen in zip(time.values, time.chosen, strict=True) if chosen]
    spread = [percent(float(np.quantile(counted, q))) for q in (0.05, 0.5, 0.95)]
    assert line(sheet, "in time") == [p_value(time.p), p_value(1 / 11), "10", *spread]
    spread = [percent(float(np.quantile(time.values, q))) for q in (0.05, 0.5, 0.95)]
    assert line(sheet, "in time, overlapping") == [p_value(time.p_all), p_value(1 / 201), "200", *spread]
    assert line(sheet, "in space, over its past")[:3] == ["0.012", p_value(1 / 81), "80"]
    below = dict(sheet.below)
    assert "up to 1.3 times" in below["variance of the event"]
    assert below["none of sign"] == "no other choice of sides keeps the thesis neutral"
    assert below["in time, 3 could not be run"].startswith("no borrow")


def test_nothing_is_said_of_the_variance_where_the_thesis_is_not_unusual():
    view = proof.evidence(placebos=(proof.placebo(multiple=0.9),))
    assert "variance of the event" not in dict(chance.placebos(view).below)


def test_lags_share_their_columns_out_evenly():
    sheet = decay.late(proof.evidence())
    assert line(sheet, "excess")[:2] == ["+6.4%", "+6.0%"]
    assert line(sheet, "first fill")[:2] == ["01-28", "01-29"]
    assert ("20 late", "the data end") in sheet.below
    assert ("", "half of the excess return is gone 9 sessions late") in sheet.below
    stream = io.StringIO()
    Console(file=stream, width=80).print(*sheet.laid(80))
    heads = [row.split()[1:] for row in stream.getvalue().splitlines() if row.startswith("sessions")]
    assert [n for head in heads for n in head] == [str(n) for n in range(21)]
    assert len({len(head) for head in heads}) <= 2
    assert max(map(len, heads)) - min(map(len, heads)) < len(heads)


def test_sources_and_legs_stand_with_what_they_make_or_why_they_do_not():
    view = proof.evidence()
    assert line(decay.sources(view), "xtb")[-1] == "+7.12%"
    assert [name for name, _ in decay.sources(view).rows] == ["forexlive", "xtb"]
    assert dict(decay.sources(view).below)["blog"].startswith("no time")
    assert line(decay.without(view), "NVDA")[-2:] == ["+5.12%", "-1.31 pp"]


def test_the_headline_comes_first_and_assumptions_say_whether_they_hold_in_each_window():
    sheet = study.tests(proof.evidence().studies)
    assert [name for name, _ in sheet.rows] == ["adjusted BMP t *", "Patell Z"]
    assert line(sheet, "Patell Z") == ["-4.57", "<0.001", "no", "-4.57", "<0.001", "no", "1, 2"]
    below = dict(sheet.below)
    assert below["1"] == "abnormal returns are normal: cannot be checked (one event cannot show it)"
    assert "while it was held it does not hold (CD 15.1); while it was missed it does not hold (CD 1.1)" in below["2"]
    assert below["BMP t by side"] == "the book has one side"
    summary = study.summary(proof.evidence().studies)
    assert line(summary, "while it was held") == ["2025-01-27 to 02-25", "+3.92%", "adjusted BMP t", "0.043"]
    assert line(study.names(proof.evidence().studies), "NVDA")[2:] == ["+10.86%", "2.30%", "+10.86%", "2.30%"]


def test_a_book_has_a_line_for_each_study_of_each_thesis():
    other = dataclasses.replace(proof.study("held", ""), thesis="u", benchmark="^GSPC")
    sheet = study.summary((*proof.evidence().studies, other))
    assert [name for name, _ in sheet.rows] == ["t", "t", "u"]
    book = dataclasses.replace(proof.thesis(), is_book=True)
    assert "Tests while" not in printed(detail(book), 160)


def test_beta_is_told_from_the_rest_or_why_not():
    found = proof.narrative()
    assert line(beta.betas(found), "all together") == ["", "-1.84", "0.07", ""]
    assert line(beta.runs(found, "USD"), "beta hedged with QQQ") == ["+3.12%", "+2.76%", "-1.02%", "1,708"]
    assert ("beta hedged with QQQ", "initial margin left 81.9% of the orders, so that it is smaller") in beta.runs(
        found, "USD"
    ).below
    assert line(beta.split(found, 1e6, "USD"), "beyond beta") == ["+51,655", "+5.17%"]
    assert dict(beta.split(found, 1e6, "USD").below)["alpha"] == (
        "+0.31% an observation beyond beta (-0.06% to +0.61% at 95%, 21 observations)"
    )
    bare = dataclasses.replace(found, hedged=None, hedged_reason="no fund", split_reason="the beta of X is not known")
    assert ("no hedge", "no fund") in beta.runs(bare, "USD").below
    assert ("beta and the rest of the price", "the beta of X is not known") in beta.split(bare, 1e6, "USD").below


def test_the_naive_rule_stands_by_year_and_what_does_not_count_says_why():
    sheet = chance.rival(proof.rival())
    assert line(sheet, "2025")[-2:] == ["+7.89%", "+7.65%"]
    assert ("2024 does not count", "still open when the data end") in sheet.below
    assert ("mean of 1 year before it", "+4.56% net, +4.12% excess") in sheet.below
    assert ("the thesis less the rule, same year", "-1.22 pp") in sheet.below


def test_tries_stand_with_what_they_leave_of_the_sharpe_ratio():
    sheet = chance.tries(proof.evidence().tried)
    cells = {name: [text for _, text in row] for name, row in sheet.rows}
    assert cells["tries"] == [
        "9", "variants of it on these data; counted: 2 run by itself, 6 as sensitivities, 1 swept"
    ]  # fmt: skip
    assert cells["PSR"][0] == "87.6%"
    assert cells["MinTRL"] == ["47", "observations that it takes to say so; there are 21"]
    assert cells["deflated Sharpe ratio"][0] == "64.2%"
    assert cells["PBO"][0] == "n/a"
    assert cells["PBO"][1].startswith("fewer than two trials that differ")
    assert cells["SPA p-value"][0] == "<0.001"


def test_of_what_did_not_trade_there_are_reasons_and_no_empty_tables():
    view = dataclasses.replace(proof.thesis(), evidence=proof.silent())
    text = words(printed(detail(view), 120))
    assert "Not traded. Nothing was traded: no leg." in text
    assert text.count("nothing was traded") == 3
    assert text.count("the thesis names no benchmark") == 2
    assert not re.search(r"\bnan\b", text)


# Several theses


def test_each_thesis_has_a_line_and_a_sentence():
    report = proof.report()
    sheet = across.evidence(report.theses, report.across)
    assert line(sheet, "short-ai-chips")[2:] == [
        "0.091 (10, 0.091)", "0.182", "0.909", "0.043", "-1.84", "+2.76% *", "9", "64.2%", "cannot be told"
    ]  # fmt: skip
    assert line(sheet, "book-of-both")[3:5] == ["", ""]  # a book adjusts nothing
    assert line(sheet, "china-ai-adopters")[2:] == ["n/a", "", "", "n/a", "n/a", "n/a", "1", "n/a", "not traded"]
    text = words(printed(comparison(report), 160))
    assert "short-ai-chips: Cannot be told. Beside 10 earlier dates" in text
    assert across.HOW_TO_SEE_ALL in text
    assert "Verdicts (SIMULATED data)" in text
    plain = words(printed(comparison(factory.report()), 160))
    assert "Verdicts" not in plain


def test_who_opposes_whom_and_what_sources_say():
    report = proof.report()
    sheet = across.contradictions(report.across.contradictions)
    assert [text for _, text in sheet.rows[0][1]] == ["calm-down", "NVDA", "-1.14%", "+4.81%", "+1.87%"]
    assert [text for _, text in sheet.rows[1][1]] == ["absent", "declared only", "-1.14%", "n/a", "n/a"]
    assert dict(sheet.below)["short-ai-chips and calm-down, NVDA"].endswith("21 sessions")
    every = across.told(report.across.figures, simulated=False, whole=True)
    assert [name for name, _ in every.rows] == ["xtb NVDA", "forexlive META"]
    assert line(every, "xtb NVDA")[1:] == [
        "before 2025-01-28 00:00", "cannot tell", "it is before the open (later: close -16.97%)"
    ]  # fmt: skip
    some = across.told(report.across.figures, simulated=True, whole=False)
    assert [name for name, _ in some.rows] == ["forexlive META"]
    assert [text for _, text in some.below] == [
        f"Daily bars cannot tell 1 more. {across.HOW_TO_SEE_ALL}",
        across.SIMULATED,
    ]


# Charts


@pytest.mark.parametrize("seed", range(20))
def test_bins_are_round_hold_all_and_begin_at_nil(seed):
    draw = np.random.default_rng(seed)
    values = (draw.normal(size=draw.integers(1, 500)) * 10.0 ** draw.integers(-5, 3)).tolist()
    also = (float(draw.normal()), 0.0)
    starts, width, shares = charts.histogram(values, also)
    assert sum(shares) == pytest.approx(1.0)
    assert starts[0] <= min(*values, *also)
    assert max(*values, *also) < starts[-1] + width * (1 + 1e-9)
    assert len(starts) <= charts.BINS + 2
    assert any(f"{width:e}".startswith(digits) for digits in ("1.000000", "2.000000", "2.500000", "5.000000"))
    for start, share in zip(starts, shares, strict=True):
        assert share == sum(math.floor(value / width) == round(start / width) for value in values) / len(values)


def test_placebos_of_one_value_can_be_drawn():
    starts, width, shares = charts.histogram([0.0, 0.0], (0.0,))
    assert (len(starts), sum(shares)) == (1, 1.0)
    assert width > 0.0


def test_the_chart_of_placebos_marks_the_thesis_and_the_dates_that_count():
    view = proof.thesis()
    drawn = charts.placebos(view)
    bars, rug, far, own = drawn.data
    assert {trace.type for trace in drawn.data} <= {"bar", "scatter"}  # all that plotly's basic bundle has
    assert sum(bars.y) == pytest.approx(1.0)
    time = view.evidence.in_time
    assert list(rug.x) == [value for value, chosen in zip(time.values, time.chosen, strict=True) if chosen]
    assert (set(own.x), set(far.x)) == ({time.statistic}, {-time.statistic})
    assert "p = 0.091, K = 10" in drawn.layout.meta["alt"]
    assert "SIMULATED data" in drawn.layout.title.text


def test_the_chart_of_decay_has_a_point_for_each_session_and_each_place_of_sources():
    view = proof.thesis()
    line, sources = charts.decay(view).data
    assert list(line.y) == [variant.excess_return for variant in view.evidence.late if not variant.reason]
    assert [names for names, _ in sources.customdata] == ["xtb", "forexlive"]
    same = dataclasses.replace(view.evidence, sources=(view.evidence.sources[0],) * 2)
    (both,) = charts.decay(dataclasses.replace(view, evidence=same)).data[1].customdata
    assert both[0] == "forexlive, forexlive"


# The page


@pytest.fixture(scope="module")
def text():
    return render(proof.report())


def test_the_page_has_a_section_for_each_thesis_and_a_table_of_all(text):
    page = Page(text)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.named("a")} <= set(ids)
    assert sum(name.endswith("-evidence") for name in ids) == 12 + 1  # eleven theses that ran, the book, and the table
    assert len(page.named("caption")) == len(page.named("table"))
    placed = {attrs["data-chart"] for _, attrs in page.tags if "data-chart" in attrs}
    drawn = json.loads(page.scripts[0])["charts"]
    assert placed == set(drawn)
    assert sum(name.endswith("-placebos") for name in drawn) == sum(name.endswith("-decay") for name in drawn) == 11


def test_the_page_says_what_the_terminal_says(text):
    page = words("".join(Page(text).words)).replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    view = proof.thesis()
    for sheet in sheets(view, view.evidence):
        for name, cells in sheet.rows:
            for said in (name, *(cell for _, cell in cells), *(text for _, text in sheet.below)):
                assert words(said.replace("\x1b", "")) in page
    assert "Cannot be told. It made +6.43% over cash." in page


def test_hostile_words_stay_words(text):
    page = Page(text)
    assert len(page.scripts) == 3
    assert all("alert('x')" not in script for script in page.scripts[1:])
    assert "\x1b" not in text
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)


def test_simulated_is_said_on_every_table_and_chart_of_the_page(text):
    assert all("SIMULATED data" in caption for caption in re.findall(r"<caption>(.*?)</caption>", text, re.DOTALL))
    assert all("SIMULATED data" in alt for alt in re.findall(r'role="img" aria-label="([^"]*)"', text))
    assert "SIMULATED" not in render(proof.report(simulated=False)).split("<script>")[0]


def test_a_page_without_evidence_has_none_of_it():
    plain = render(factory.report())
    assert "-evidence" not in plain.split("<script>")[0]

"""Charts hold what the view holds, in traces that the basic bundle can draw."""

import dataclasses
from datetime import datetime

import pytest

from deepshock.report import figures, theme
from deepshock.report.figures import _labels

from . import factory


@pytest.fixture(scope="module")
def report():
    return factory.report()


def every_figure(report):
    yield figures.comparison(report)
    for view in report.theses:
        for draw in (figures.timeline, figures.nav, figures.waterfall, figures.parts):
            yield draw(view)


def test_only_traces_of_the_basic_bundle_and_colours_with_a_twin(report):
    for figure in every_figure(report):
        assert {trace.type for trace in figure.data} <= {"scatter", "bar"}
        text = figure.to_json()
        used = {text[i : i + 7] for i in range(len(text) - 7) if text[i] == "#" and text[i + 1 : i + 7].isalnum()}
        assert used <= set(theme.DARK)


def test_every_chart_says_simulated_and_describes_itself(report):
    for figure in every_figure(report):
        assert "SIMULATED data" in figure.layout.title.text
        assert figure.layout.meta["alt"].endswith("SIMULATED data.")
    for figure in every_figure(factory.report(simulated=False)):
        assert "SIMULATED" not in figure.to_json()


def test_the_waterfall_ends_where_it_should(report):
    for view in report.theses:
        bars = figures.waterfall(view).data[0]
        level = bars.x[0]
        for base, step in zip(bars.base[1:-1], bars.x[1:-1], strict=True):
            assert base == pytest.approx(level)
            level += step
        assert level == pytest.approx(bars.x[-1]) == pytest.approx(view.net_pnl)


def test_the_timeline_draws_each_fill_once_at_its_instant_and_venue(report):
    view = report.theses[7]  # NVDA, VST in New York; ENR.DE on Xetra
    drawn = figures.timeline(view)
    venues = list(drawn.layout.yaxis.ticktext)
    found = [
        (trace.name, x, venues[round(y)])
        for trace in drawn.data
        if trace.type == "scatter"
        for x, y in zip(trace.x, trace.y, strict=True)
        if x is not None
    ]
    assert sorted(found) == [
        ("buy", "2025-01-28T08:00:00", "XETR"),
        ("buy", "2025-01-28T14:30:00", "XNYS"),
        ("sell", "2025-02-24T16:00:00", "XETR"),
        ("sell", "2025-02-24T21:00:00", "XNYS"),
    ]


def test_a_fill_without_a_venue_finds_the_one_that_opens_then(report):
    view = report.theses[7]
    bare = dataclasses.replace(view, fills=tuple(dataclasses.replace(fill, venue="") for fill in view.fills))
    assert figures.timeline(bare).to_json() == figures.timeline(view).to_json()


def test_closed_days_are_shaded_and_nights_are_not(report):
    drawn = figures.timeline(report.theses[3])  # Hong Kong, closed from 29 January to 2 February
    spans = {
        base: x
        for trace in drawn.data
        if trace.name == "no session"
        for base, x in zip(trace.base, trace.x, strict=True)
    }
    assert (
        spans["2025-01-28T08:00:00"] == (datetime(2025, 2, 3, 1, 30) - datetime(2025, 1, 28, 8)).total_seconds() * 1000
    )
    assert min(spans.values()) >= 30 * 3_600_000


def test_labels_never_touch():
    start, end = datetime(2025, 1, 28), datetime(2025, 2, 28)
    events = [(datetime(2025, 2, day), f"event number {day}") for day in range(1, 28)]
    lanes: dict[int, float] = {}
    width = theme_width(events[0][1])
    for when, text, anchor, lane in _labels(events, start, end):
        x = figures.NARROW * ((when - start) / (end - start))
        left = x - theme_width(text) if anchor == "right" else x
        assert left >= lanes.get(lane, -width) - 1e-9
        lanes[lane] = left + theme_width(text)


def theme_width(text):
    return figures.LETTER * len(text) + 8


def test_words_for_labels_are_escaped_and_whole():
    assert theme.plain(factory.HOSTILE).count("<") == 0
    name = "cheap-ai-disinflation-with-a-very-long-name-indeed"
    assert theme.wrapped(name).replace("<br>", "") == name


def test_empty_views_draw(report):
    empty = dataclasses.replace(report.theses[-3], sessions=(), legs=())
    for draw in (figures.timeline, figures.nav, figures.waterfall, figures.parts):
        assert draw(empty).layout.height > 0

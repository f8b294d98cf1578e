"""The naive rule of a thesis and the figures of a source: what their words mean, and how they are read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

import deepshock as ds
from deepshock.experiment.batch import symbols_of
from deepshock.thesis import Change, Figure, MonthDay, NaiveRule, Source, Thesis, loads
from deepshock.thesis.month_day import read_month_day

WORDS = "thesis: t\nsource: {published: 2025-01-28T00:00Z}\nlong: {GLD: 1}\n"


def test_every_day_that_each_year_has_can_be_written_and_read() -> None:
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    for day in days:
        read = read_month_day(f"{day.day} {day:%B}")
        assert read == MonthDay(day.month, day.day) == read_month_day(str(read)) == read_month_day(read)
        assert (read.on(2025), read.on(2024)) == (day, day.replace(year=2024))
    assert sorted(MonthDay(day.month, day.day) for day in days) == [MonthDay(day.month, day.day) for day in days]


def test_a_rule_that_ends_before_it_begins_ends_in_the_next_year() -> None:
    rule = NaiveRule(**{"from": "15 December", "until": "10 January"})
    assert rule.span(2024) == (date(2024, 12, 15), date(2025, 1, 10))
    assert NaiveRule(**{"from": "31 January", "until": "5 March"}).span(2025) == (date(2025, 1, 31), date(2025, 3, 5))


def test_a_rival_is_a_word_like_any_other() -> None:
    thesis = loads(WORDS + "rival: {from: 31 January, until: 5 March}\n")
    assert isinstance(thesis, Thesis)
    assert thesis.vary({"rival.until": "15 March"}).rival == NaiveRule(**{"from": "31 January", "until": "15 March"})
    assert thesis.vary({"rival.from": MonthDay(2, 1)}).tree()["rival"] == {"from": "1 February", "until": "5 March"}
    assert thesis.vary({"rival": None}).rival is None
    assert loads(WORDS + "rival: none\n").rival is None
    built = Thesis(name="t", source={"published": "2025-01-28T00:00Z"}, long={"GLD": 1}, rival=thesis.rival)
    assert built.to_yaml().endswith("rival: {from: 31 January, until: 5 March}\n")
    assert loads(built.to_yaml()) == built


def test_figures_are_written_as_short_as_they_can_be() -> None:
    source = Source(
        published="2025-01-28T00:00Z",
        figures=["NVDA -10%", {"symbol": "META", "change": "lower", "of": "open"}, {"symbol": "X", "change": "2.50 %"}],
    )
    thesis = Thesis(name="t", sources={"a": source}, source="a", long={"GLD": 1})
    written = thesis.to_yaml()
    assert "    figures:\n    - NVDA -10%\n    - {symbol: META, change: lower, of: open}\n    - X +2.50%\n" in written
    assert loads(thesis.to_yaml()) == thesis
    assert [str(figure) for figure in source.figures] == ["NVDA -10%", "META (open) lower", "X +2.50%"]
    assert Figure(symbol="X", change=Change("+2.50")) == source.figures[2]
    # 2.5 % and 2.50 % are two figures: they are rounded differently.
    assert Figure(symbol="X", change="2.5%") != source.figures[2]


def test_a_figure_moves_no_knowledge() -> None:
    plain = {"published": "2025-01-27 19:00", "zones": ["UTC", "America/New_York"]}
    told = Source(**plain, figures=[{"symbol": "X", "change": "1%", "at": "2025-01-20T00:00Z"}])
    assert told.known() == Source(**plain).known() == datetime(2025, 1, 28, tzinfo=UTC)


def test_explain_reads_both_back() -> None:
    thesis = loads(
        "thesis: t\nsource:\n  published: 2025-01-28T00:00Z\n  figures:\n    - NVDA -10%\n    - GLD higher\n"
        "    - {symbol: META, change: lower, of: open, before: 2025-01-27T15:00Z}\nlong: {GLD: 1}\n"
        "rival: {what: gold in February, from: 31 January, until: 5 March, short: [SLV]}\n"
    )
    told = ds.explain(thesis, ds.Market.load("sample", symbols=["GLD"]))
    assert "  its figures at Tue 28 Jan 2025 00:00Z: NVDA -10%, GLD higher\n" in told
    assert "  its figures before Mon 27 Jan 2025 15:00Z: META (open) lower\n" in told
    rule = "from the last close up to 31 January to the last one before 5 March, every year: short SLV"
    assert f"RIVAL\n  gold in February\n  {rule}\n" in told


def test_what_a_rival_trades_is_loaded_with_its_thesis() -> None:
    thesis = loads(WORDS + "rival: {from: 31 January, until: 5 March, short: [SLV]}\n")
    assert symbols_of([thesis]) == ("GLD", "SLV")
    assert symbols_of([thesis], alternatives=False) == ("GLD",)


@pytest.mark.parametrize("change", [-0.1, 5, True, None, "10", "-10 percent", "１0%", ""])
def test_a_change_needs_its_percent_sign(change: object) -> None:
    with pytest.raises(ds.ThesisError, match="change"):
        Figure(symbol="X", change=change)

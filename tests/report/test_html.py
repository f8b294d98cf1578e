"""The page is one file, runs nothing but its own scripts and loads nothing."""

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from deepshock.errors import UsageError
from deepshock.report import bundle
from deepshock.report.html import render, write

from . import factory


class Page(HTMLParser):
    """Collects elements with their attributes, scripts with their text, and the words shown."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.words, self.inside = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts[-1] += data
        elif self.inside != "style":
            self.words.append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def text():
    return render(factory.report())


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_hostile_words_stay_words(text, page):
    assert len(page.scripts) == 3
    assert all("alert('x')" not in script for script in page.scripts[1:])
    assert "</script><script>alert('x')</script> & <b>bold</b>" in "".join(page.words)
    assert "\x1b" not in text
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)


def test_hostile_words_cannot_leave_the_json(text):
    view = dataclasses.replace(factory.report().theses[0], name="x</script><script>alert(1)</script>")
    hostile = Page(render(dataclasses.replace(factory.report(), theses=(view,))))
    assert len(hostile.scripts) == 3
    assert "<" not in hostile.scripts[0]
    title = json.loads(hostile.scripts[0])["charts"]["thesis-1-nav"]["layout"]["title"]["text"]
    assert "&lt;script&gt;" in title


def test_nothing_is_requested_from_anywhere(text, page):
    for tag, attrs in page.tags:
        assert tag not in {"link", "iframe", "object", "embed", "img", "base", "form"}
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            assert attrs.get(name, "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "showSendToCloud: false" in page.scripts[2]


def test_the_policy_allows_the_two_scripts_and_no_other(page):
    policy = next(a["content"] for a in page.named("meta") if a.get("http-equiv") == "Content-Security-Policy")
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts[1:]]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src ([^;]*)", policy)[1] == " ".join(f"'sha256-{digest}'" for digest in digests)


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.named("a")} <= set(ids)


def test_charts_have_words_and_tables_have_captions(text, page):
    charts = json.loads(page.scripts[0])["charts"]
    places = [attrs for _, attrs in page.tags if "data-chart" in attrs]
    assert {place["data-chart"] for place in places} == set(charts)
    assert all(place["role"] == "img" and len(place["aria-label"]) > 20 for place in places)
    assert len(page.named("caption")) == len(page.named("table"))


def test_what_a_reader_needs_is_there(page):
    words = " ".join("".join(page.words).split())
    for needed in (
        "not runnable: no tradable instrument",
        "open at end",
        "no fill",
        "locked at its limit",
        "2025-03-07",
        "no fact on file",
        "you can have temporary surpluses",
        "beta needs 120 returns",
        "for a human",
        "1,000,000 USD each",
        "institutional",
    ):
        assert needed in words
    assert words.count("…") == 0


def test_simulated_is_said_wherever_it_counts(text, page):
    assert "<title>SIMULATED data: " in text
    assert 'class="banner"' in text
    captions = re.findall(r"<caption>(.*?)</caption>", text, re.S)
    assert all("SIMULATED data" in caption for caption in captions)
    assert "SIMULATED" not in render(factory.report(simulated=False))


def test_equal_views_give_equal_pages(text):
    assert render(factory.report()) == text


def test_written_whole_and_over_an_older_one(tmp_path, text):
    target = tmp_path / "report.html"
    target.write_text("old")
    assert write(factory.report(), target) == target
    assert target.read_text("utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_failed_write_leaves_the_older_one(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write(factory.report(), target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_wrong_path_is_explained(tmp_path):
    with pytest.raises(UsageError, match=r"no folder .*missing"):
        write(factory.report(), tmp_path / "missing" / "report.html")
    with pytest.raises(UsageError, match="is a folder"):
        write(factory.report(), tmp_path)


def test_the_script_is_the_installed_plotlys_own():
    assert "Plotly, Inc." in bundle.plotly_js()[:200]
    assert "</script" not in bundle.plotly_js()


def test_an_empty_report_is_a_page():
    empty = dataclasses.replace(factory.report(), theses=(), notes=())
    assert "Comparison" in render(empty)


def test_cells_have_no_classes_but_those_of_the_style_sheet(page):
    known = {"", "n", "loss", "key", "more", "wrap", "muted"}
    assert {word for tag, attrs in page.tags if tag == "td" for word in attrs.get("class", "").split()} <= known


def test_mixed_currencies_stand_with_their_amounts():
    report = factory.report()
    first, *rest = report.theses
    mixed = render(dataclasses.replace(report, theses=(dataclasses.replace(first, currency="EUR"), *rest)))
    assert re.search(r'<td class="n[^"]*">[^<]* EUR</td>', mixed.partition("Contents")[0])

"""The examples run as they stand, and what they print comes from the run."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

import deepshock as ds

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
STRATEGIES = EXAMPLES.parent / "strategies"


def printed(script: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str) -> str:
    """Run an example the way a reader would, and return what it printed."""
    monkeypatch.setattr(sys, "argv", [script, *args])
    runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    return capsys.readouterr().out


def section(text: str, title: str) -> list[str]:
    """Return the lines under a heading, up to the next empty line."""
    blocks = (block.strip("\n").splitlines() for block in text.split("\n\n"))
    return next(lines[1:] for lines in blocks if lines and lines[0].startswith(title))


def amounts(lines: list[str]) -> dict[str, float]:
    """Read lines of a name and an amount."""
    pairs = (line.strip().rsplit(maxsplit=1) for line in lines)
    return {name: float(amount.replace(",", "")) for name, amount in pairs}


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a book of three of the twelve, so that the example runs in a moment."""
    folder = tmp_path_factory.mktemp("strategies")
    for name in ("deepseek", "buy-china-before-npc", "hard-assets", "fade-the-fear"):
        (folder / f"{name}.yaml").write_text((STRATEGIES / f"{name}.yaml").read_text("utf-8"), "utf-8")
    book = folder / "book.yaml"
    book.write_text("book: small\ntheses: [buy-china-before-npc, hard-assets, fade-the-fear]\ncosts: retail\n", "utf-8")
    return book


@pytest.fixture
def articles(
    small_book: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ds.Result]:
    """Return what the example prints of the small book, and the same run made here."""
    main = runpy.run_path(str(EXAMPLES / "articles_book.py"), run_name="articles_book")["main"]
    monkeypatch.setitem(main.__globals__, "BOOK", small_book)
    monkeypatch.setattr(sys, "argv", ["articles_book.py"])
    main()
    book = ds.load(small_book)
    assert isinstance(book, ds.Book)
    return capsys.readouterr().out, ds.run(book, ds.market_for([book]))


def test_the_book_says_wherever_it_has_figures_that_they_are_simulated(articles: tuple[str, ds.Result]) -> None:
    headings = [line for line in articles[0].splitlines() if line and not line.startswith(" ")]
    assert len(headings) == 8
    assert all(line.endswith("(SIMULATED data)") for line in headings)


def test_the_weeks_end_on_the_last_nav_and_the_theses_add_up_to_it(articles: tuple[str, ds.Result]) -> None:
    text, result = articles
    *_, last, _ = section(text, "NAV in USD")[-1].split()
    assert float(last.replace(",", "")) == pytest.approx(result.ledger.nav[-1], abs=0.5)
    made = amounts(section(text, "Net P&L by thesis"))
    assert set(made) == {"buy-china-before-npc", "hard-assets", "interest on the cash they share", "together"}
    assert made.pop("together") == pytest.approx(result.ledger.net_pnl, abs=0.5)
    assert sum(made.values()) == pytest.approx(result.ledger.net_pnl, abs=2.0)


def test_every_cost_is_shown_by_name(articles: tuple[str, ds.Result]) -> None:
    text, result = articles
    costs = amounts(section(text, "Costs by name"))
    together = costs.pop("together")
    assert costs == pytest.approx(result.ledger.costs_by_name, abs=0.005)
    assert "retail" in text
    assert together == pytest.approx(sum(result.ledger.costs_by_name.values()), abs=0.005)


def test_what_never_filled_has_its_reason(articles: tuple[str, ds.Result]) -> None:
    assert section(articles[0], "Legs that never filled") == [
        "  fade-the-fear: ^VIX is an index, not a tradable instrument"
    ]


def test_the_sensitivities_hold_the_date_that_the_article_claims(articles: tuple[str, ds.Result]) -> None:
    lines = section(articles[0], "buy-china-before-npc by itself")
    as_written, claimed = lines[:2]
    assert as_written.endswith("2025-03-04 08:00Z")  # the last close in Hong Kong before the congress
    assert claimed.startswith("  the claim: npc opens")
    assert claimed.endswith("2025-03-06 08:00Z")
    thesis = ds.load(STRATEGIES / "buy-china-before-npc.yaml")
    assert isinstance(thesis, ds.Thesis)
    assert [name for name in thesis.alternatives if not any(line.startswith(f"  {name}  ") for line in lines)] == []


def test_the_audit_of_the_book_example_found_nothing(articles: tuple[str, ds.Result]) -> None:
    assert section(articles[0], "Audit of buy-china-before-npc")[0].endswith("0 leaks")


@pytest.mark.real_data
def test_on_real_bars_the_book_says_which_legs_came_late_and_why(
    panel_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed("articles_book.py", capsys, monkeypatch, "--data", str(panel_path))
    assert "SIMULATED" not in text
    late = "\n".join(section(text, "Legs that filled late"))
    assert "buy-china-before-npc: 0700.HK" in late  # the half day of 28 January has a close and no open
    assert "entry, 2025-01-28 04:00Z: due 2025-01-28 01:30Z (open), carried: no price" in late
    assert "entry, 2025-02-07 01:30Z: due 2025-02-05 01:30Z (open), carried: locked at its price limit" in late


def test_a_thesis_of_ones_own_runs_under_three_presets_and_is_saved(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed("own_thesis.py", capsys, monkeypatch)
    saved = ds.Thesis.from_yaml(text.split("As a file\n")[1])
    market = ds.market_for([saved])
    assert ds.explain(saved, market).splitlines()[0] == text.splitlines()[0]
    presets = section(text, "Under three presets of costs")[1:]
    assert [line.split()[0] for line in presets] == ["none", "institutional", "retail"]
    for line in presets:
        preset, gross, costs, interest, net, *_ = line.split()
        result = ds.run(saved, market, costs=preset)
        assert float(net.replace(",", "")) == pytest.approx(result.ledger.net_pnl, abs=0.5)
        parts = (float(part.replace(",", "")) for part in (gross, costs, interest))
        assert sum(parts) == pytest.approx(result.ledger.net_pnl, abs=2.0)
    assert "hedge" in text
    assert "0 leaks" in text
    assert text.count("enter.lag ") == 6
    assert all("(SIMULATED data)" in line for line in text.splitlines() if re.match("Under|Fills|Entered|Audit", line))


def test_the_own_thesis_is_known_a_quarter_of_an_hour_after_its_source(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 08:30 in New York is 13:30Z in February; the latency of 15 minutes makes it 13:45Z, before the open of 14:30Z.
    text = printed("own_thesis.py", capsys, monkeypatch)
    assert "known Tue 11 Feb 2025 13:45Z" in text
    assert "2025-02-11 14:30  buy" in text


@pytest.mark.parametrize("script", ["articles_book.py", "own_thesis.py"])
def test_a_source_that_is_not_there_is_one_line_and_exit_status_1(
    script: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"absent\.parquet"):
        printed(script, capsys, monkeypatch, "--data", "absent.parquet")

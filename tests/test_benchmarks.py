"""The comparison of strategies: its rivals are what they say, decided in time, and its table and CSV hold the runs."""

from __future__ import annotations

import csv
import importlib.util
import math
import runpy
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import deepshock as ds
from deepshock.plan import day_number, nanoseconds

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "compare_strategies.py"
STRATEGIES = SCRIPT.parents[1] / "strategies"
SUBSET = ("hard-assets", "short-ai-chips", "long-meta-ai-user", "fade-the-fear")
NANOSECONDS_OF_A_DAY = 86_400 * 10**9
FIRST_AND_LAST = (("2025-01-28", "open"), ("2025-02-26", "close"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return some of the strategies and a book of two of them, so that the tests are quick."""
    found = tmp_path_factory.mktemp("strategies")
    for name in ("deepseek", *SUBSET):
        (found / f"{name}.yaml").write_text((STRATEGIES / f"{name}.yaml").read_text("utf-8"), "utf-8")
    (found / "book.yaml").write_text("book: two\ntheses: {short-ai-chips: 3, fade-the-fear: 1}\n", "utf-8")
    return found


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """Return the benchmark as a module."""
    spec = importlib.util.spec_from_file_location("compare_strategies", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare_strategies"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def theses(folder: Path) -> dict[str, ds.Thesis]:
    return {item.name: item for item in ds.load_many(folder) if isinstance(item, ds.Thesis)}


@pytest.fixture(scope="module")
def market(theses: dict[str, ds.Thesis], bench: ModuleType) -> ds.Market:
    found: ds.Market = ds.market_for([*theses.values(), *map(bench.held, theses.values())])
    return found


def run(monkeypatch: pytest.MonkeyPatch, *args: str, width: int = 160) -> None:
    """Run the benchmark from its command line."""
    monkeypatch.setattr(sys, "argv", [SCRIPT.name, *args])
    monkeypatch.setenv("COLUMNS", str(width))
    runpy.run_path(str(SCRIPT), run_name="__main__")


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["thesis"]: row for row in csv.DictReader(file)}


def sides(thesis: ds.Thesis) -> dict[str, int]:
    return {leg.symbol: leg.side for leg in thesis.legs()}


@pytest.mark.parametrize("width", [100, 160])
def test_the_table_has_a_row_for_each_thesis_at_any_width(
    width: int, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "--strategies", str(folder), width=width)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    titles = [line for line in lines if line.startswith(("The thesis", "The naive", "Buy-and-hold"))]
    assert titles
    assert all(line.rstrip().endswith("(SIMULATED data)") for line in titles)
    ran = ("two", "hard-assets", "short-ai-chips", "long-meta-ai-user")
    starts = [line.split()[0] for line in lines if line.split()]
    assert all(starts.count(name) == len(titles) for name in ran)
    assert "  fade-the-fear: no tradable leg: ^VIX is an index, not a tradable instrument" in lines
    text = " ".join(lines)
    assert f"compare_strategies.py --strategies {folder}" in text
    assert f"deepshock {ds.__version__}, Python" in text
    assert "numba" in text


def test_the_csv_holds_the_runs_and_says_that_they_are_simulated(
    folder: Path, theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run(monkeypatch, "--strategies", str(folder), "--csv", str(tmp_path / "out.csv"), "--costs", "retail")
    rows = rows_of(tmp_path / "out.csv")
    assert set(rows) == {*SUBSET, "two"}
    assert all(row["simulated"] == "True" and row["costs"] == "retail" for row in rows.values())
    chips = theses["short-ai-chips"]
    for column, thesis in (("", chips), ("naive_", bench.naive(chips, market)), ("hold_", bench.held(chips))):
        made = ds.run(thesis, market, costs="retail").performance
        assert float(rows[chips.name][f"{column}net_return"]) == pytest.approx(made.net_return, abs=1e-12)
        assert float(rows[chips.name][f"{column}excess_return"]) == pytest.approx(made.excess_return, abs=1e-12)
    apart = float(rows[chips.name]["excess_return"]) - float(rows[chips.name]["naive_excess_return"])
    assert float(rows[chips.name]["excess_less_naive"]) == pytest.approx(apart, abs=1e-12)
    idle = rows["fade-the-fear"]
    assert idle["net_return"] == idle["naive_net_return"] == idle["excess_less_hold"] == ""
    assert "not a tradable instrument" in idle["not_traded"]


def test_buy_and_hold_is_the_hand_calculation(
    theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market
) -> None:
    # Known 2025-01-28T00:00Z, so bought at New York's open of that day; 20 sessions later is 26 February (no session
    # on 17 February). A million buys whole shares only. Dividends go to whoever held before their ex-date.
    thesis = theses["hard-assets"].vary({"long": {"GLD": 1}})
    series = market.series("SPY")
    start = int(np.flatnonzero(series.days == day_number(date(2025, 1, 28)))[0])
    end = int(np.flatnonzero(series.days == day_number(date(2025, 2, 26)))[0])
    assert end - start == 20
    shares = math.floor(1_000_000 / series.open[start])
    by_hand = shares * (series.close[end] - series.open[start] + series.dividend[start + 1 : end + 1].sum())
    (match,) = bench.matches([thesis], market, costs="none")
    assert match.held.plan.symbols == ("SPY",)
    assert match.held.ledger.net_pnl == pytest.approx(by_hand, abs=1e-9 * 1_000_000)
    assert bench.excess(match.own) - bench.excess(match.held) == pytest.approx(
        (match.own.ledger.net_pnl - by_hand) / 1_000_000, abs=1e-9
    )


def test_buy_and_hold_goes_through_stops_and_takes_the_whole_capital(
    theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market
) -> None:
    chips = theses["short-ai-chips"]
    plain = bench.held(chips)
    stopped = bench.held(chips.vary({"exit.stop": "1%", "exit.drawdown": "1%", "gross": "50%"}))
    assert ds.run(stopped, market).ledger.net_pnl == ds.run(plain, market).ledger.net_pnl
    for_ever = ds.run(bench.held(chips.vary({"exit": {"stop": "1%"}})), market)
    assert for_ever.ledger.open_at_end


@pytest.mark.parametrize(
    ("benchmark", "fund"), [("^NDX", "QQQ"), ("^GSPC", "SPY"), ("^GDAXI", "SPY"), ("GLD", "GLD"), (None, "SPY")]
)
def test_the_fund_is_that_of_the_benchmark(
    benchmark: str | None, fund: str, theses: dict[str, ds.Thesis], bench: ModuleType
) -> None:
    assert bench.held(theses["hard-assets"].vary({"benchmark": benchmark})).symbols() == (fund,)


def test_the_naive_rule_follows_the_last_20_sessions_before_the_thesis_is_known(
    theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market
) -> None:
    for name in SUBSET[:3]:
        thesis, expected = theses[name], {}
        for symbol in sides(thesis):
            sessions = market.sessions(market.instrument(symbol).calendar)
            before = market.series(symbol).close[sessions.closes < nanoseconds(thesis.known())]
            before = before[~np.isnan(before)]
            expected[symbol] = 1 if before[-1] > before[-21] else -1
        assert sides(bench.naive(thesis, market)) == expected


def test_the_naive_rule_keeps_sizes_and_everything_but_the_sides(
    theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market
) -> None:
    for name in SUBSET[:3]:
        thesis = theses[name].vary({"gross": "130%", "enter.lag": 1})
        naive = bench.naive(thesis, market)
        own, other = ds.run(thesis, market), ds.run(naive, market)
        sizes = {order.symbol: abs(order.size) for order in own.plan.orders}
        assert {order.symbol: abs(order.size) for order in other.plan.orders} == pytest.approx(sizes, abs=1e-15)
        assert {f.fill_at for f in own.ledger.fills} == {f.fill_at for f in other.ledger.fills}
        again = ds.run(bench.naive(naive, market), market)  # which agrees with itself
        assert again.ledger.net_pnl == pytest.approx(other.ledger.net_pnl, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_naive_rule_decides_the_same_whatever_comes_after(
    seed: int, theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market
) -> None:
    within_a_session = {"publisher": "somebody", "published": "2025-01-28T15:00Z"}  # whose close is not known yet
    for name in SUBSET[:3]:
        for thesis in (theses[name], theses[name].vary({"source": within_a_session})):
            other = market.scrambled(nanoseconds(thesis.known()), seed)
            assert bench.naive(thesis, other) == bench.naive(thesis, market)


def test_the_audit_passes_the_naive_rule_and_catches_one_that_peeks(
    theses: dict[str, ds.Thesis], bench: ModuleType, market: ds.Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(thesis: ds.Thesis, prices: ds.Market) -> ds.Result:
        return ds.run(bench.naive(thesis, prices), prices)

    chips = theses["short-ai-chips"]
    assert ds.audit(chips, market, runner=follow).passed
    # The same rule with its clock 60 days fast: it takes the sides of prices that are not there yet.
    fast = 60 * NANOSECONDS_OF_A_DAY
    monkeypatch.setattr(bench, "nanoseconds", lambda at: nanoseconds(at) + fast)
    assert not ds.audit(chips, market, seeds=(1, 2, 3), runner=follow).passed


def test_in_a_book_what_cannot_run_leaves_its_share_idle(folder: Path, bench: ModuleType, market: ds.Market) -> None:
    book = ds.load(folder / "book.yaml")
    (match,) = bench.matches([book], market, costs="none")
    funds = [fill for fill in match.held.ledger.fills if fill.opens]
    assert [fill.symbol for fill in funds] == ["QQQ"]
    assert funds[0].shares == math.floor(750_000 / funds[0].price)  # three parts of four; the fourth shorts an index
    assert {fill.thesis for fill in match.naive.ledger.fills} == {"short-ai-chips-naive"}


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("--data", "absent.parquet"), 1, "absent.parquet"),
        (("--costs", "cheap"), 1, "cheap"),
        (("--strategies", "absent"), 1, "absent"),
        (("--csv", "absent/out.csv"), 2, "--csv"),
    ],
)
def test_errors_are_lines_and_an_exit_status(
    args: Sequence[str], status: int, said: str, folder: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "--strategies", str(folder), *args)
    assert stopped.value.code == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert said in line


@pytest.mark.real_data
def test_on_real_bars_the_rivals_are_those_of_the_file(
    panel_path: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    run(monkeypatch, "--strategies", str(folder), "--data", str(panel_path), "--costs", "none", "--csv", str(out))
    assert "SIMULATED" not in capsys.readouterr().out
    rows = rows_of(out)
    assert {row["simulated"] for row in rows.values()} == {"False"}
    panel = pd.read_parquet(panel_path, columns=["date", "symbol", "open", "close"])
    panel["date"] = panel["date"].astype(str).str[:10]
    bars = {symbol: frame.set_index("date") for symbol, frame in panel.groupby("symbol")}
    chips = rows["short-ai-chips"]
    # Known 2025-01-28T00:00Z: New York's close of 27 January is the last one before it, and the 21st from the end the
    # one 20 sessions earlier.
    for column, up in (("naive_long", True), ("naive_short", False)):
        for symbol in chips[column].split():
            closes = bars[symbol].loc[:"2025-01-27", "close"]
            assert bool(closes.iloc[-1] > closes.iloc[-21]) is up
    assert len((chips["naive_long"] + " " + chips["naive_short"]).split()) == 5
    # QQQ pays nothing between the open of 28 January and the close of 26 February 2025.
    bought, sold = (float(str(bars["QQQ"].at[day, word])) for day, word in FIRST_AND_LAST)
    by_hand = math.floor(1_000_000 / bought) * (sold - bought) / 1_000_000
    assert float(chips["hold_net_return"]) == pytest.approx(by_hand, abs=1e-9)


def test_the_speed_against_a_commit_compares_equal_runs_and_says_what_came_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = runpy.run_path(str(SCRIPT.with_name("against_commit.py")))
    here = SCRIPT.parents[1]
    now, then = script["compare"]([here, here], STRATEGIES / "hard-assets.yaml", "sample", 1, 2)
    made = ds.run(thesis := ds.load(STRATEGIES / "hard-assets.yaml"), ds.market_for(thesis, "sample"))
    assert now.net_return == then.net_return == made.performance.net_return
    assert 0.0 < now.kernel < now.run
    told = script["table"](script["Measured"](2e-3, 1e-4, 0.1), script["Measured"](4e-3, 1e-4, 0.1), "fa099d2")
    assert told.splitlines()[1].split() == ["ds.run", "2.000", "4.000", "0.50"]
    with pytest.raises(SystemExit, match=r"error: .*nonsense|error: .*not a"):
        script["checkout"]("nonsense", here)

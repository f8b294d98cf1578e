"""On real bars every test is that of the reference: holes, names that begin late, venues in other time zones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reference.event_study import Name, every_test, measure

from deepshock.stats.event_study import EventStudy, Normal, Window, event_study

pytestmark = pytest.mark.real_data

EVENT = "2025-01-27"
LATE = Normal("dimson", lags=1, leads=0)
AMERICANS = {"NVDA": -1, "AVGO": -1, "VST": -1, "GEV": -1, "ARM": -1, "META": 1, "MSFT": 1}  # GEV begins in March 2024
ASIANS = {"0700.HK": 1, "9988.HK": 1, "3690.HK": -1}
GERMAN = {"ENR.DE": -1}  # begins in October 2024, and has no bar on 24 January
BOOKS = {
    "one": {"VST": -1},
    "a pair": {"NVDA": -1, "META": 1},
    "one side": dict.fromkeys(AMERICANS, -1),
    "two sides": AMERICANS,
    "venues": AMERICANS | ASIANS | GERMAN,
}


@pytest.fixture(scope="module")
def closes(panel_path: Path) -> pd.DataFrame:
    """Return closes on the sessions of the S&P 500; nothing is filled in."""
    names = [*AMERICANS, *ASIANS, *GERMAN, "^GSPC"]
    bars = pd.read_parquet(panel_path, columns=["date", "symbol", "close"], filters=[("symbol", "in", names)])
    found = bars.assign(symbol=bars["symbol"].astype(str)).pivot(index="date", columns="symbol", values="close")
    return found.loc[found["^GSPC"].notna()].loc[:"2025-03-31"].astype(float)


def study(returns: pd.DataFrame, market: pd.Series, book: dict[str, int], days: range, **words: object) -> EventStudy:
    model = {name: LATE if name in ASIANS | GERMAN else "market" for name in book}
    window = Window(days[0], days[-1])
    return event_study(returns[list(book)], market, EVENT, window=window, model=model, sides=book, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [range(0, 1), range(-1, 2), range(0, 20)], ids=["a day", "three days", "a hold"])
@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
@pytest.mark.parametrize("kind", ["simple", "log"])
def test_every_test_is_that_of_the_reference(
    closes: pd.DataFrame, book: dict[str, int], days: range, kind: str
) -> None:
    returns = closes.pct_change(fill_method=None)
    returns = np.log1p(returns) if kind == "log" else returns
    market, event = returns["^GSPC"], returns.index.get_loc(EVENT)
    found = study(returns, market, book, days, kind=kind, floor=False)
    places = [event + day for day in days]
    slow = {
        name: measure(returns[name], market, slice(event - 260, event - 10), places, side, int(name not in AMERICANS))
        for name, side in book.items()
    }
    names = {name: one for name, one in slow.items() if isinstance(one, Name)}
    for name, line in found.names.iterrows():
        if name not in names:
            assert line["reason"].startswith(slow[name]), name
            continue
        one = names[name]
        assert (line["reason"], line["df"], line["car"], line["scar"]) == (
            "", one.df, pytest.approx(one.car), pytest.approx(one.scar),
        )  # fmt: skip
    parameters = 3 if set(names) - set(AMERICANS) else 2
    expected = every_test(list(names.values()), parameters)
    silent = found.table.index[found.table["reason"] == ""]
    assert set(silent) == set(expected)
    for test, (statistic, p) in expected.items():
        assert found.table.loc[test, "statistic"] == pytest.approx(statistic, rel=1e-8), test
        assert found.table.loc[test, "p_value"] == pytest.approx(p, rel=1e-6, abs=1e-15), test


def test_who_is_left_out_of_the_ragged_panel(closes: pd.DataFrame) -> None:
    returns = closes.pct_change(fill_method=None)
    names = study(returns, returns["^GSPC"], BOOKS["venues"], range(0, 1)).names
    assert names.loc["ENR.DE", "reason"] == "too few sessions: known on 33 of the estimation window, 60 are needed"
    assert names.loc["GEV", "n"] < 250 == names.loc["NVDA", "n"]
    assert (names.loc[list(ASIANS), "n"] < 235).all()  # Hong Kong's holidays cost the sessions on both sides of them
    held = study(returns, returns["^GSPC"], BOOKS["venues"], range(0, 20)).names
    assert held.loc["0700.HK", "reason"].startswith("missing on ")  # the new year


def test_the_book_against_its_past_is_one_regression_of_the_book(closes: pd.DataFrame) -> None:
    """Where all names are known throughout, the portfolio t is statsmodels' forecast error of the book's own return."""
    sm = pytest.importorskip("statsmodels.api")
    returns = closes.pct_change(fill_method=None)
    book = {"NVDA": -1, "AVGO": -1, "VST": -1, "META": 1, "MSFT": 1}
    event, days = returns.index.get_loc(EVENT), range(0, 20)
    made = (returns[list(book)] * pd.Series(book)).mean(axis=1)
    x = sm.add_constant(returns["^GSPC"])
    fitted = sm.OLS(made.iloc[event - 260 : event - 10], x.iloc[event - 260 : event - 10]).fit()
    later = x.iloc[event : event + 20]
    together = fitted.get_prediction(later.sum().to_frame().T)
    t = (made.iloc[event : event + 20] - fitted.predict(later)).sum()
    t /= np.sqrt(20 * fitted.mse_resid + together.se_mean[0] ** 2)
    assert study(returns, returns["^GSPC"], book, days).table.loc["portfolio t", "statistic"] == pytest.approx(t)


def test_what_is_quoted_holds_its_size_at_random_dates(panel_path: Path) -> None:
    """Nothing happened to names and dates that are drawn: one test in twenty refuses, fat tails and all."""
    columns = ["date", "symbol", "close", "mic"]
    bars = pd.read_parquet(panel_path, columns=columns).astype({"symbol": str, "mic": str})
    shares = bars[bars["mic"].isin(["XNAS", "XNYS"]) & ~bars["symbol"].str.contains(r"[\^=]")]
    closes = shares.pivot(index="date", columns="symbol", values="close").astype(float).loc[:"2024-12-31"]
    index = bars[bars["symbol"] == "^GSPC"].set_index("date")["close"].astype(float)
    returns = closes.dropna(axis=1).pct_change(fill_method=None)
    market, draw = index.reindex(closes.index).pct_change(fill_method=None), np.random.default_rng(7)
    quoted = {(1,): "portfolio t", (1,) * 5: "adjusted BMP t", (1, -1, -1, -1): "adjusted BMP t by side"}
    for sides, test in quoted.items():
        refused = 0
        for _ in range(200):
            names = draw.choice(returns.columns, len(sides), replace=False)
            event, book = returns.index[draw.integers(265, len(returns) - 21)], dict(zip(names, sides, strict=True))
            found = event_study(returns[names], market, event, window=Window(0, 20), sides=book)
            refused += found.table.loc[test, "p_value"] < 0.05
        assert 1 <= refused <= 22, test  # of 200 at 5 %: 10, with a standard deviation of 3

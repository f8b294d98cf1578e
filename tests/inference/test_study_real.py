"""On real bars the studies of the theses are those of the reference, on returns put together by pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from reference.event_study import Name, every_test, measure

import deepshock as ds
from deepshock.inference.study import Study, studies

pytestmark = pytest.mark.real_data

STRATEGIES = Path(__file__).parents[2] / "strategies"
Bars = dict[str, pd.DataFrame]
# What is expected to be measured: thesis, first and last session held, prices at which each leg got in (None: at a
# close, so that the first session is whole), and the test that is quoted.
CASES = {
    "short-ai-chips": ("2025-01-28", "2025-02-26", "open", "adjusted BMP t"),
    "hard-assets": ("2025-01-28", "2025-02-26", "open", "adjusted BMP t"),
    "long-meta-ai-user": ("2025-01-28", "2025-02-26", "open", "adjusted BMP t by side"),
    "cheap-ai-disinflation": ("2025-01-28", "2025-02-26", "open", "portfolio t"),
    "buy-china-before-npc": ("2025-02-03", "2025-03-04", None, "adjusted BMP t"),
}


@pytest.fixture(scope="module")
def theses() -> dict[str, ds.Thesis]:
    return {item.name: item for item in ds.load_many(STRATEGIES) if isinstance(item, ds.Thesis)}


@pytest.fixture(scope="module")
def market(theses: dict[str, ds.Thesis], panel_path: Path) -> ds.Market:
    return ds.market_for(list(theses.values()), panel_path)


@pytest.fixture(scope="module")
def bars(panel_path: Path) -> Bars:
    """Return opens, closes and dividends by date and symbol, as they are in the file."""
    columns = ["date", "symbol", "open", "close", "dividend"]
    frame = pd.read_parquet(panel_path, columns=columns).astype({"symbol": str})
    frame = frame[frame["date"].between("2023-06-01", "2025-04-30")]
    return {name: frame.pivot(index="date", columns="symbol", values=name).astype(float) for name in columns[2:]}


def expected(bars: Bars, item: ds.Thesis, first: str, last: str, entry: str | None) -> tuple[dict[str, Name], int, int]:
    """Return what the reference measures of each leg from one session to another, close to close but for the first."""
    axis = bars["close"][item.benchmark].dropna().index
    closes, opens, paid = (bars[name].loc[axis] for name in ("close", "open", "dividend"))
    made = (closes + paid.fillna(0.0)) / closes.shift() - 1.0
    event, start, end = (axis.get_loc(day) for day in ("2025-01-27", first, last))
    if entry == "open":
        made.iloc[start] = closes.iloc[start] / opens.iloc[start] - 1.0
    estimation, days = slice(event - 260, event - 10), range(start, end + 1)
    names = {
        leg.symbol: measure(made[leg.symbol], made[item.benchmark], estimation, days, leg.side, 0)
        for leg in item.legs()
    }
    assert all(isinstance(one, Name) for one in names.values())
    return names, start, end  # type: ignore[return-value]


def agree(study: Study, names: dict[str, Name], parameters: int = 2) -> None:
    assert study.names is not None
    for symbol, one in names.items():
        line = study.names.loc[symbol]
        assert (line["days"], line["df"]) == (one.days, one.df), symbol
        assert (line["car"], line["se"], line["scar"]) == pytest.approx((one.car, one.se, one.scar)), symbol
    wanted = every_test(list(names.values()), parameters)
    silent = study.table.index[study.table["reason"] == ""]
    assert set(silent) == set(wanted)
    for test, (statistic, p) in wanted.items():
        if test.startswith("adjusted") and "side" not in test and wanted_floor(names):
            continue  # ours takes a negative mean correlation for none
        assert study.table.loc[test, "statistic"] == pytest.approx(statistic, rel=1e-8), test
        assert study.table.loc[test, "p_value"] == pytest.approx(p, rel=1e-6, abs=1e-15), test


def wanted_floor(names: dict[str, Name]) -> bool:
    return len({one.side for one in names.values()}) == 2


@pytest.mark.parametrize("name", CASES)
def test_both_studies_are_those_of_the_reference(
    name: str, theses: dict[str, ds.Thesis], market: ds.Market, bars: Bars
) -> None:
    first, last, entry, headline = CASES[name]
    news, held = studies(ds.run(theses[name], market), market)
    agree(news, expected(bars, theses[name], "2025-01-27", "2025-01-27", None)[0])
    agree(held, expected(bars, theses[name], first, last, entry)[0])
    assert [str(day) for day in held.window] == [first, last]
    assert (news.headline.test, held.headline.test) == (headline, headline)  # type: ignore[union-attr]


def test_a_share_of_the_mainland_answers_to_hong_kong_a_session_late(
    theses: dict[str, ds.Thesis], market: ds.Market, bars: Bars
) -> None:
    """Bought at the open of 7 February, whose first lag is nil: what Hong Kong did before is in that price."""
    symbol, benchmark = "300766.SZ", "^HSTECH"
    mainland = set(pd.to_datetime(market.sessions("XSHG").days, unit="D"))
    axis = [day for day in bars["close"][benchmark].dropna().index if day in mainland]
    closes = bars["close"].loc[axis, [symbol, benchmark]]
    made = closes.pct_change(fill_method=None)
    event, start, end = (made.index.get_loc(day) for day in ("2025-01-27", "2025-02-07", "2025-03-07"))
    hong_kong = bars["close"][benchmark].dropna().index
    normal = hong_kong[hong_kong.get_loc("2025-01-27") - 260 : hong_kong.get_loc("2025-01-27") - 10]
    estimation = slice(made.index.get_loc(normal[0]), made.index.get_loc(normal[-1]) + 1)
    news, held = studies(ds.run(theses["china-ai-adopters"], market), market)
    one = measure(made[symbol], made[benchmark], estimation, [event], 1, 1)
    assert isinstance(one, Name)
    assert (news.caar, news.headline.statistic) == pytest.approx((one.car, one.scar))  # type: ignore[union-attr]
    made.iloc[estimation.stop : start, 1] = 0.0
    made.iloc[start, 0] = closes[symbol].iloc[start] / 36.39 - 1.0
    one = measure(made[symbol], made[benchmark], estimation, range(start, end + 1), 1, 1)
    assert isinstance(one, Name)
    assert (held.caar, held.headline.statistic) == pytest.approx((one.car, one.scar))  # type: ignore[union-attr]
    assert "^HSTECH has no price of its open at the fill" in held.names["because"].iloc[0]  # type: ignore[index]


def test_what_is_said_of_the_twelve(theses: dict[str, ds.Thesis], market: ds.Market) -> None:
    found = {name: studies(ds.run(item, market), market) for name, item in theses.items()}
    for news, held in found.values():
        for study in (news, held):
            assert (study.headline is None) == bool(study.reason)
            assert study.headline is None or not study.headline.reason
    assert [one.reason for one in found["fade-the-fear"]] == ["it has no leg that can be traded", "nothing was filled"]
    assert found["bitcoin-overreacted"][0].reason == "no session of ^NDX that a name shares lies in it"
    for name in ("short-ai-power", "calm-down"):  # Siemens Energy begins in October 2024
        assert any(note.startswith("ENR.DE is left out: too few sessions") for note in found[name][1].notes)
    # What the market knew before the article was out is in the news, and nothing of it in the hold.
    chips = found["short-ai-chips"]
    assert chips[0].names.loc["NVDA", "car"] > 0.10  # type: ignore[union-attr]
    assert chips[1].headline.p_value > 0.5  # type: ignore[union-attr]

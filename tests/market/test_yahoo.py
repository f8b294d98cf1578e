"""Yahoo's bars, through yfinance's own code.

Below yfinance stands a web without a network: its answers have the shape of Yahoo's, and numbers made up here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yfinance
from curl_cffi import requests

from deepshock.errors import MarketError, MissingDependency
from deepshock.market.panel import Market
from deepshock.market.yahoo import Retry, YahooProvider

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # yfinance's, on pandas 3.1

NEW_YORK, HONG_KONG = "America/New_York", "Asia/Hong_Kong"
LONG_AFTER = datetime(2025, 6, 1, tzinfo=UTC)
DELISTED = {"code": "Not Found", "description": "No data found, symbol may be delisted"}

CHART, SUMMARY, QUOTE = "/v8/finance/chart", "/v10/finance/quoteSummary", "/v7/finance"

Answer = tuple[int, Any] | Exception
"""Status and body (text, or what becomes JSON), or what the transport raises."""


@dataclass
class Web:
    """Answers the requests of yfinance, and keeps them.

    ``prices[symbol]`` are the answers to requests for prices, one after the other, the last one again and again;
    ``zones[symbol]`` those to the request for the time zone that yfinance makes first.
    """

    prices: dict[str, list[Answer]] = field(default_factory=dict)
    zones: dict[str, list[Answer]] = field(default_factory=dict)
    crumb: Answer = (200, "crumb-of-the-test")
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def request(self, _session: object, method: str, url: str, **options: Any) -> requests.Response:
        parts, params = urlsplit(url), dict(options.get("params") or {})
        self.asked.append((parts.path, params))
        if parts.netloc in ("fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com"):
            return _response(url, 404, "<html></html>")
        if parts.path.endswith("/getcrumb"):
            return _reply(url, self.crumb)
        assert (method, parts.path.rsplit("/", 1)[0]) in {("GET", CHART), ("GET", SUMMARY), ("GET", QUOTE)}
        symbol = parts.path.rsplit("/", 1)[-1]
        if "/chart/" not in parts.path:
            return _response(url, 404, json.dumps({"quoteSummary": {"result": None, "error": DELISTED}}))
        queue = (self.zones if params.get("range") == "1d" else self.prices).get(symbol)
        if queue is None and symbol in self.prices:
            queue = self.prices[symbol][-1:]
        if not queue:
            return _reply(url, (404, {"chart": {"result": None, "error": DELISTED}}))
        return _reply(url, queue.pop(0) if len(queue) > 1 else queue[0])

    def charts(self, symbol: str) -> list[dict[str, Any]]:
        """Return the parameters of the requests for a symbol's prices."""
        return [params for path, params in self.asked if path.endswith(f"/chart/{symbol}") and "period2" in params]


def _reply(url: str, answer: Answer) -> requests.Response:
    if isinstance(answer, Exception):
        raise answer
    status, body = answer
    return _response(url, status, body if isinstance(body, str) else json.dumps(body))


def _response(url: str, status: int, text: str) -> requests.Response:
    response = requests.Response()
    response.url, response.status_code, response.ok, response.content = url, status, status < 400, text.encode()
    return response


def chart(
    symbol: str,
    days: Sequence[str],
    *,
    opens_at: str = "09:30",
    zone: str = NEW_YORK,
    close: Sequence[float | None] = (10.0,),
    spread: float = 0.5,
    volume: Sequence[int | None] = (1_000,),
    dividends: dict[str, float] | None = None,
    splits: dict[str, tuple[int, int]] | None = None,
    **meta: Any,
) -> Answer:
    """Return a chart as Yahoo gives it: stamps are the opens of the sessions, closes of splits are adjusted already."""

    def stamp(day: str) -> int:
        return int(datetime.fromisoformat(f"{day}T{opens_at}").replace(tzinfo=ZoneInfo(zone)).timestamp())

    closes = [close[i % len(close)] for i in range(len(days))]
    volumes = [volume[i % len(volume)] for i in range(len(days))]
    quote = {
        "open": [None if price is None else price - spread / 5 for price in closes],
        "high": [None if price is None else price + spread for price in closes],
        "low": [None if price is None else price - spread for price in closes],
        "close": closes,
        "volume": volumes,
    }
    events: dict[str, Any] = {}
    if dividends:
        paid = {str(stamp(day)): {"amount": amount, "date": stamp(day)} for day, amount in dividends.items()}
        events["dividends"] = paid
    if splits:
        ratios = {
            str(stamp(day)): {"date": stamp(day), "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
            for day, (new, old) in splits.items()
        }
        events["splits"] = ratios
    words = {"currency": "USD", "exchangeName": "NMS", "instrumentType": "EQUITY", "symbol": symbol} | meta
    words |= {"exchangeTimezoneName": zone, "timezone": "EST", "priceHint": 2, "validRanges": ["1d", "5d", "max"]}
    body = {"meta": words, "timestamp": [stamp(day) for day in days], "indicators": {"quote": [quote]}}
    body["indicators"]["adjclose"] = [{"adjclose": [None if price is None else price / 2 for price in closes]}]
    return 200, {"chart": {"result": [body | ({"events": events} if events else {})], "error": None}}


HK = {"zone": HONG_KONG, "currency": "HKD", "exchangeName": "HKG"}
TWO_DAYS = ["2025-01-24", "2025-01-27"]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    """Put a web in place of curl, and give yfinance nothing to remember: no files, no cookies, no cached answers."""
    from yfinance import base, cache, data

    made = Web()
    monkeypatch.setattr(requests.Session, "request", lambda *args, **options: made.request(*args, **options))
    monkeypatch.setattr(cache._TzCacheManager, "_tz_cache", cache._TzCacheDummy())
    monkeypatch.setattr(cache._CookieCacheManager, "_Cookie_cache", cache._CookieCacheDummy())
    monkeypatch.setattr(data.SingletonMeta, "_instances", {})
    monkeypatch.setattr(base, "_tz_info_fetch_ctr", 0)
    data.YfData.cache_get.cache_clear()
    yfinance.config.debug.hide_exceptions = True
    return made


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def yahoo(waits: list[float]) -> YahooProvider:
    return YahooProvider(retry=Retry(sleep=waits.append, draw=lambda: 0.5), now=lambda: LONG_AFTER)


def fetch(yahoo: YahooProvider, *symbols: str) -> Any:
    return yahoo.bars(symbols, date(2025, 1, 20), date(2025, 1, 31))


def test_bars_come_in_the_long_format_on_one_basis(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {
        "NVDA": [
            chart("NVDA", TWO_DAYS, close=[12.5, 11.0], dividends={"2025-01-27": 0.25}, splits={"2025-01-24": (10, 1)})
        ],
        "ENR.DE": [
            chart("ENR.DE", TWO_DAYS, opens_at="09:00", zone="Europe/Berlin", currency="EUR", exchangeName="GER")
        ],
        "BTC-USD": [
            chart(
                "BTC-USD",
                ["2025-01-26"],
                opens_at="00:00",
                zone="UTC",
                exchangeName="CCC",
                instrumentType="CRYPTOCURRENCY",
            )
        ],
        "^GSPC": [chart("^GSPC", TWO_DAYS, volume=[0], exchangeName="SNP", instrumentType="INDEX")],
    }
    bars = fetch(yahoo, "NVDA", "ENR.DE", "BTC-USD", "^GSPC")
    assert (bars.name, bars.simulated, bars.notes) == ("yahoo", False, ())
    frame = bars.frame.set_index(["symbol", "date"])
    nvda = frame.loc["NVDA"]
    assert [str(day.date()) for day in nvda.index] == TWO_DAYS
    # the close is Yahoo's close, not its adjusted one (half of it in this web)
    assert nvda["close"].tolist() == [12.5, 11.0]
    assert (nvda["open"].iloc[0], nvda["high"].iloc[0], nvda["low"].iloc[0]) == (12.4, 13.0, 12.0)
    assert nvda["dividend"].tolist() == [0.0, 0.25]
    assert nvda["split"].tolist() == [10.0, 0.0]
    described = frame.groupby("symbol")[["currency", "mic", "price_basis"]].first()
    assert described.loc["NVDA"].tolist() == ["USD", "XNAS", "split_adj"]
    assert described.loc["ENR.DE"].tolist() == ["EUR", "XETR", "split_adj"]
    assert described.loc["BTC-USD"].tolist() == ["USD", "24x7", "raw"]
    assert described.loc["^GSPC"].tolist() == ["USD", "XNYS", "index"]
    assert frame.loc["^GSPC", "volume"].tolist() == [0.0, 0.0]


def test_both_ends_of_the_range_are_included(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"NVDA": [chart("NVDA", ["2025-01-27"])]}
    yahoo.bars(["NVDA"], date(2025, 1, 24), date(2025, 1, 27))
    (asked,) = web.charts("NVDA")
    midnight = [datetime(2025, 1, day, tzinfo=ZoneInfo(NEW_YORK)).timestamp() for day in (24, 28)]
    assert [asked["period1"], asked["period2"]] == midnight
    assert (asked["interval"], asked["events"], asked["crumb"]) == (
        "1d",
        "div,splits,capitalGains",
        "crumb-of-the-test",
    )
    yahoo.bars(["NVDA"], None, date(2025, 1, 27))
    assert web.charts("NVDA")[-1]["period1"] < 0  # "as far back as Yahoo goes"


RATE_LIMIT: Answer = (429, "Too Many Requests")
PASSING: dict[str, list[Answer]] = {
    # yfinance asks a second time, with another cookie, before it calls 429 a rate limit
    "rate limit": [RATE_LIMIT, RATE_LIMIT],
    "timeout": [requests.exceptions.Timeout("Operation timed out after 20001 milliseconds")],
    "lost connection": [requests.exceptions.ConnectionError("Connection closed abruptly")],
    "5xx page": [(503, "<html>Service Unavailable</html>")],
    "5xx in JSON": [(500, {"chart": {"result": None, "error": {"code": "Internal Server Error", "description": "?"}}})],
    "a page that is no data": [(200, "<html>Please wait</html>")],
    "Yahoo is down": [(200, "Will be right back...")],
}


@pytest.mark.parametrize("where", ["zones", "prices"])
@pytest.mark.parametrize("trouble", PASSING)
def test_what_may_pass_is_tried_again(
    web: Web, yahoo: YahooProvider, waits: list[float], trouble: str, where: str
) -> None:
    good = chart("NVDA", TWO_DAYS)
    web.prices = {"NVDA": [good]}
    getattr(web, where)["NVDA"] = [*PASSING[trouble], *PASSING[trouble], good]
    bars = fetch(yahoo, "NVDA")
    assert len(bars.frame) == 2
    assert bars.notes == ()
    # 1 s x 2^k x (0.5 + 0.5 x 0.5)
    assert waits == [0.75, 1.5]


@pytest.mark.parametrize("trouble", ["rate limit", "timeout", "5xx page"])
def test_attempts_are_bounded_and_the_failure_is_named(
    web: Web, yahoo: YahooProvider, waits: list[float], trouble: str
) -> None:
    web.prices = {"NVDA": PASSING[trouble][:1], "AMD": [chart("AMD", TWO_DAYS)]}
    web.zones = {"NVDA": [chart("NVDA", TWO_DAYS)]}
    bars = fetch(yahoo, "NVDA", "AMD")
    assert set(bars.frame["symbol"]) == {"AMD"}
    assert waits == [0.75, 1.5, 3.0]
    (note,) = bars.notes
    reason = {"rate limit": "too many requests", "timeout": "Timeout", "5xx page": "HTTP 503"}[trouble]
    assert note.startswith(f"NVDA: not delivered by Yahoo: {reason}")
    assert note.endswith(", 4 times; try again later")


def test_waits_grow_up_to_a_bound_and_are_drawn() -> None:
    waited: list[float] = []
    draws = iter([0.0, 0.999, 0.5, 0.5, 0.5])
    retry = Retry(first_s=2.0, longest_s=12.0, sleep=waited.append, draw=lambda: next(draws))
    for failed in (1, 2, 3, 4, 5):
        retry.wait(failed)
    # halves to wholes of 2, 4, 8 and then 12 seconds
    assert waited == pytest.approx([1.0, 3.998, 6.0, 9.0, 9.0])
    with pytest.raises(MarketError, match=r"retry.attempts: is 0; allow at least 1"):
        Retry(attempts=0)


@pytest.mark.parametrize("earlier", [0, 5])
def test_a_missing_symbol_is_named_and_not_asked_for_again(
    web: Web, yahoo: YahooProvider, waits: list[float], monkeypatch: pytest.MonkeyPatch, earlier: int
) -> None:
    monkeypatch.setattr("yfinance.base._tz_info_fetch_ctr", earlier)  # from the third on yfinance looks less far
    web.prices = {"AMD": [chart("AMD", TWO_DAYS)]}
    bars = fetch(yahoo, "NVDIA", "AMD")
    assert set(bars.frame["symbol"]) == {"AMD"}
    (note,) = bars.notes
    assert note.startswith("NVDIA: not delivered by Yahoo: no such symbol")
    assert waits == []


def test_empty_answers_are_named(web: Web, yahoo: YahooProvider, waits: list[float]) -> None:
    status, empty = chart("FXI", [])
    del empty["chart"]["result"][0]["timestamp"]
    empty["chart"]["result"][0]["indicators"] = {"quote": [{}], "adjclose": [{}]}
    web.prices = {"FXI": [(status, empty)], "GLD": [(200, {"chart": {"result": [], "error": None}})]}
    web.prices["SLV"] = [
        (400, {"chart": {"result": None, "error": {"code": "Bad Request", "description": "Data doesn't exist"}}})
    ]
    web.zones = {symbol: [chart(symbol, TWO_DAYS)] for symbol in ("FXI", "GLD", "SLV")}
    with pytest.raises(MarketError) as caught:
        fetch(yahoo, "FXI", "GLD", "SLV")
    assert [fault.where for fault in caught.value.faults] == ["FXI", "GLD", "SLV"]
    assert all("no bars in that range" in fault.problem for fault in caught.value.faults)
    assert "Data doesn't exist" in caught.value.faults[2].problem
    assert waits == []


def test_an_answer_of_another_shape_is_named_and_not_asked_for_again(
    web: Web, yahoo: YahooProvider, waits: list[float]
) -> None:
    status, odd = chart("AMD", TWO_DAYS)
    del odd["chart"]["result"][0]["timestamp"]
    web.prices = {"AMD": [(status, odd)]}
    web.zones = {"AMD": [chart("AMD", TWO_DAYS)]}
    with pytest.raises(MarketError, match="AMD: not delivered by Yahoo: KeyError"):
        fetch(yahoo, "AMD")
    assert waits == []


def test_half_a_batch_is_delivered_and_the_rest_named(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {
        "NVDA": [chart("NVDA", TWO_DAYS)],
        "AMD": [RATE_LIMIT],
        "AVGO": [chart("AVGO", TWO_DAYS)],
        "VFIAX": [chart("VFIAX", TWO_DAYS, instrumentType="MUTUALFUND", exchangeName="NAS")],
    }
    web.zones = {"AMD": [chart("AMD", TWO_DAYS)]}
    bars = fetch(yahoo, "NVDA", "AMD", "GONE", "AVGO", "VFIAX", "NVDA")
    assert bars.frame["symbol"].tolist() == ["NVDA"] * 2 + ["AVGO"] * 2
    assert [note.split(":")[0] for note in bars.notes] == ["AMD", "GONE", "VFIAX"]
    assert "MUTUALFUND on NAS" in bars.notes[2]
    assert [f"{symbol}: {reason}" for symbol, reason in bars.undelivered.items()] == list(bars.notes)


def test_a_market_says_of_a_symbol_why_yahoo_did_not_deliver_it(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"NVDA": [chart("NVDA", TWO_DAYS)]}
    with pytest.raises(MarketError) as caught:
        Market.load(yahoo, symbols=["NVDA", "GONE"])
    (fault,) = caught.value.faults
    assert fault.where == "yahoo GONE"
    assert fault.problem.startswith("not delivered by Yahoo: no such symbol")
    assert str(fault).endswith("; see under which symbol Yahoo has it")


def test_all_failed_is_an_error_that_names_each(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"AMD": [requests.exceptions.Timeout("slow")]}
    web.zones = {"AMD": [chart("AMD", TWO_DAYS)]}
    with pytest.raises(MarketError) as caught:
        fetch(yahoo, "AMD", "GONE")
    assert [fault.where for fault in caught.value.faults] == ["AMD", "GONE"]


def test_rows_without_a_close_are_left_out_and_named(web: Web, yahoo: YahooProvider) -> None:
    days = ["2025-01-22", "2025-01-23", "2025-01-24", "2025-01-27"]
    web.prices = {"NVDA": [chart("NVDA", days, close=[12.0, None, 12.5, None], volume=[5, None, 6, 7])]}
    bars = fetch(yahoo, "NVDA")
    assert bars.frame["close"].tolist() == [12.0, 12.5]
    # of the 23rd nothing at all is left, so yfinance drops it; the 27th has a volume
    assert bars.notes == ("NVDA: no close on 2025-01-27, left out",)


def test_a_dividend_on_a_day_without_a_bar_is_not_lost_silently(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"NVDA": [chart("NVDA", ["2025-01-24"], dividends={"2025-01-28": 0.25})]}
    bars = fetch(yahoo, "NVDA")
    assert bars.notes == ("NVDA: no close on 2025-01-28, left out (with a dividend or split)",)


@pytest.mark.parametrize(("hour", "minute", "complete"), [(20, 59, False), (21, 29, False), (21, 30, True)])
def test_todays_unfinished_session_is_cut(web: Web, hour: int, minute: int, complete: bool) -> None:
    """New York closes at 21:00Z on 27 January; half an hour later the bar counts as final."""
    now = datetime(2025, 1, 27, hour, minute, tzinfo=UTC)
    web.prices = {"NVDA": [chart("NVDA", TWO_DAYS)]}
    bars = YahooProvider(now=lambda: now).bars(["NVDA"], date(2025, 1, 20), None)
    assert len(bars.frame) == 1 + complete
    assert bars.notes == (() if complete else ("NVDA: the session of 2025-01-27 had not ended, left out",))


def test_a_round_the_clock_session_ends_at_midnight(web: Web) -> None:
    days = ["2025-01-26", "2025-01-27"]
    kind = {"exchangeName": "CCC", "instrumentType": "CRYPTOCURRENCY"}
    web.prices = {"BTC-USD": [chart("BTC-USD", days, opens_at="00:00", zone="UTC", **kind)]}
    bars = YahooProvider(now=lambda: datetime(2025, 1, 27, 23, 59, tzinfo=UTC)).bars(
        ["BTC-USD"], date(2025, 1, 20), None
    )
    assert len(bars.frame) == 1


def test_a_half_session_without_volume_is_close_only_and_a_whole_one_a_halt(web: Web, yahoo: YahooProvider) -> None:
    """Hong Kong closed at 04:00Z on 28 January 2025; the 27th was a whole session."""
    days = ["2025-01-24", "2025-01-27", "2025-01-28"]
    web.prices = {"0700.HK": [chart("0700.HK", days, close=[400.0], spread=0.0, volume=[9, 0, 0], **HK)]}
    frame = fetch(yahoo, "0700.HK").frame.set_index("date")
    assert frame.loc["2025-01-27", ["open", "high", "low", "close", "volume"]].tolist() == [400.0] * 4 + [0.0]
    half = frame.loc["2025-01-28"]
    assert half["close"] == 400.0
    assert half[["open", "high", "low", "volume"]].isna().all()
    web.prices = {"9988.HK": [chart("9988.HK", ["2025-01-28"], spread=0.0, volume=[0], **HK)]}
    assert np.isnan(fetch(yahoo, "9988.HK").frame["open"]).all()  # known although no whole session is in the answer


def test_an_unknown_volume_is_not_a_halt(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"NVDA": [chart("NVDA", TWO_DAYS, volume=[None, 7])]}
    volume = fetch(yahoo, "NVDA").frame["volume"]
    assert np.isnan(volume.iloc[0])
    assert volume.iloc[1] == 7


def test_pence_become_pounds(web: Web, yahoo: YahooProvider) -> None:
    london = {"zone": "Europe/London", "opens_at": "08:00", "currency": "GBp", "exchangeName": "LSE"}
    web.prices = {"VOD.L": [chart("VOD.L", TWO_DAYS, close=[70.0, 71.0], dividends={"2025-01-27": 4.0}, **london)]}
    frame = fetch(yahoo, "VOD.L").frame
    assert frame["close"].tolist() == pytest.approx([0.70, 0.71])
    assert frame["dividend"].tolist() == pytest.approx([0.0, 0.04])
    assert frame[["currency", "mic", "class"]].iloc[0].tolist() == ["GBP", "XLON", "stock"]


def test_dividends_in_hong_kong_come_with_a_warning(web: Web, yahoo: YahooProvider) -> None:
    web.prices = {"9988.HK": [chart("9988.HK", TWO_DAYS, dividends={"2025-01-27": 1.0}, **HK)]}
    assert fetch(yahoo, "9988.HK").notes == (
        "9988.HK: Yahoo gives some dividends of Hong Kong shares in the currency of their declaration",
    )


def test_a_rate_limited_crumb_does_not_matter(web: Web, yahoo: YahooProvider, waits: list[float]) -> None:
    web.crumb = RATE_LIMIT
    web.prices = {"NVDA": [chart("NVDA", TWO_DAYS)]}
    assert len(fetch(yahoo, "NVDA").frame) == 2
    assert waits == []


def test_yfinances_own_settings_are_put_back(web: Web, yahoo: YahooProvider) -> None:
    for before in (True, False):
        yfinance.config.debug.hide_exceptions = before
        with pytest.raises(MarketError):
            fetch(yahoo, "GONE")
        assert yfinance.config.debug.hide_exceptions is before


def test_a_market_can_be_loaded(web: Web, yahoo: YahooProvider) -> None:
    day_by_day = [f"2025-01-{day}" for day in (20, 21, 22, 23, 24, 27, 28)]
    web.prices = {
        "NVDA": [chart("NVDA", day_by_day[1:], splits={"2025-01-24": (10, 1)}, close=[12.0, 12.1])],
        "0700.HK": [chart("0700.HK", day_by_day, close=[400.0], spread=0.0, volume=[9] * 6 + [0], **HK)],
        "SAP.DE": [
            chart("SAP.DE", day_by_day, zone="Europe/Berlin", opens_at="09:00", currency="EUR", exchangeName="GER")
        ],
    }
    market = Market.load(yahoo, symbols=["NVDA", "0700.HK", "SAP.DE"], start="2025-01-20")
    assert (market.name, market.simulated) == ("yahoo", False)
    nvda = market.series("NVDA")
    at = {str(np.datetime64(int(day), "D")): k for k, day in enumerate(market.sessions("XNYS").days)}
    assert nvda.later_splits[at["2025-01-23"]] == 10.0
    assert nvda.later_splits[at["2025-01-24"]] == 1.0
    tencent = market.series("0700.HK")
    hk = market.sessions("XHKG").days.tolist().index(np.datetime64("2025-01-28").astype(int))
    assert tencent.close[hk] == 400.0
    assert not tencent.halted[hk]
    assert market.instrument("SAP.DE").cls == "stock"


def test_nothing_named_is_refused(yahoo: YahooProvider) -> None:
    with pytest.raises(MarketError, match="symbols: none are named, and Yahoo has no list of all; give a list"):
        yahoo.bars(None, None, None)


def test_without_yfinance_the_error_says_what_to_install(yahoo: YahooProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(MissingDependency, match=r"yfinance is not installed; pip install 'deepshock\[yahoo\]'"):
        yahoo.bars(["NVDA"], None, None)


def test_yfinance_is_imported_only_when_asked() -> None:
    code = "import sys, deepshock.market.yahoo; sys.exit('yfinance' in sys.modules or 'curl_cffi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

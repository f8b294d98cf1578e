"""Bars from Yahoo Finance, through yfinance (``pip install 'deepshock[yahoo]'``).

This is the only importer of yfinance, and imports it when bars are asked for. Here symbols are fetched, again where a
failure may pass; `deepshock.market.yahoo_bars` says what the answers mean.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from deepshock.errors import Fault, MarketError, MissingDependency
from deepshock.market.provider import Bars
from deepshock.market.yahoo_bars import COLUMNS, NotDeliveredError, translate


@dataclass(frozen=True, slots=True)
class Retry:
    """How often, and after how long, a request that failed for a passing reason is made again.

    The wait after the n-th attempt is ``first_s`` x 2^(n - 1), at most ``longest_s``, times a random number between a
    half and one, so that many clients do not come back at the same moment.

    Parameters
    ----------
    attempts : int
        For one symbol, the first included; at least 1.
    first_s, longest_s : float
        Seconds.
    sleep : callable
        Waits for so many seconds.
    draw : callable
        Returns a random number in [0, 1).
    """

    attempts: int = 4
    first_s: float = 1.0
    longest_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise MarketError(Fault("retry.attempts", f"is {self.attempts}", "allow at least 1"))

    def wait(self, failed: int) -> None:
        """Wait after the ``failed``-th attempt."""
        self.sleep(min(self.longest_s, self.first_s * 2.0 ** (failed - 1)) * (0.5 + 0.5 * self.draw()))


@dataclass(frozen=True)
class YahooProvider:
    """Daily bars from Yahoo Finance, under Yahoo's symbols.

    Parameters
    ----------
    retry : Retry
        For rate limits, timeouts, lost connections and answers of 5xx. A symbol that Yahoo does not have is not asked
        for again.
    timeout_s : float
        Of one request.
    now : callable
        Returns the present as an aware datetime; a session that had not ended half an hour before it is left out.

    Notes
    -----
    Symbols are asked for one by one (``Ticker.history``), not as a batch: ``yfinance.download`` makes of every failure
    a line in its log and an empty column, in which a rate limit looks like a symbol that does not exist.

    yfinance keeps one session for the whole process: the one that is made here serves its later calls too. It differs
    from its own in that a server's failure to give prices is an error at once.
    """

    retry: Retry = field(default_factory=Retry)
    timeout_s: float = 20.0
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        """Download the bars of some symbols; see `Provider.bars`.

        Parameters
        ----------
        symbols : sequence of str
            None is refused: Yahoo has no list of all.
        start, end : date or None
            First and last session date, both included; without a start, as far back as Yahoo goes.

        Returns
        -------
        Bars
            Of the symbols that came; ``undelivered`` and the notes name each one that did not, and why.

        Raises
        ------
        MarketError
            None of the symbols came: each with its reason.
        MissingDependency
            yfinance is not installed.
        """
        if symbols is None:
            remedy = "give a list: symbols=['NVDA', '0700.HK']"
            raise MarketError(Fault("symbols", "none are named, and Yahoo has no list of all", remedy))
        yfinance, session = _load()
        frames, faults, notes = [], [], []
        with _errors_raised(yfinance):
            for symbol in dict.fromkeys(symbols):
                try:
                    frame, said = translate(symbol, *self._fetch(yfinance, session, symbol, start, end), self.now())
                except NotDeliveredError as error:
                    faults.append(Fault(symbol, f"not delivered by Yahoo: {error}", error.remedy))
                    continue
                frames.append(frame)
                notes += said
        if faults and not frames:
            raise MarketError(faults)
        frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
        undelivered = {fault.where: f"{fault.problem}; {fault.remedy}" for fault in faults}
        return Bars(frame, "yahoo", notes=(*map(str, faults), *notes), undelivered=undelivered)

    def _fetch(
        self, yfinance: Any, session: object, symbol: str, start: date | None, end: date | None
    ) -> tuple[pd.DataFrame, Mapping[str, Any]]:
        """Return yfinance's table of a symbol and Yahoo's words about it, after as many attempts as it takes."""
        span: dict[str, object] = {"start": start} if start else {"period": "max"}
        if end:
            span["end"] = end + timedelta(days=1)
        failed = 0
        while True:
            try:
                ticker = yfinance.Ticker(symbol, session=session)
                found = ticker.history(interval="1d", auto_adjust=False, actions=True, timeout=self.timeout_s, **span)
                return found, ticker.get_history_metadata()
            except Exception as error:  # yfinance passes on whatever its transport raises
                reason, passes = _judge(error, yfinance.exceptions)
                failed += 1
                if not passes:
                    raise NotDeliveredError(reason, "see under which symbol Yahoo has it") from error
                if failed == self.retry.attempts:
                    raise NotDeliveredError(f"{reason}, {failed} times", "try again later") from error
            self.retry.wait(failed)


def _load() -> tuple[Any, object]:
    """Import yfinance, and return it with a session for it.

    The session looks like a browser, as yfinance's own does, and raises where prices are asked for and an answer of 5xx
    or a page comes. yfinance would take it for a missing symbol, and keep it in a cache in which every further attempt
    finds it.
    """
    try:
        import yfinance
        from curl_cffi import requests
    except ImportError as error:
        remedy = "pip install 'deepshock[yahoo]'"
        raise MissingDependency(Fault("yahoo", f"{error.name or 'yfinance'} is not installed", remedy)) from error

    def request(self: Any, *args: Any, **kwargs: Any) -> Any:
        response: Any = requests.Session.request(self, *args, **kwargs)
        if "/finance/chart/" in str(response.url):
            if response.status_code >= 500:
                response.raise_for_status()
            if response.status_code == 200 and not response.content.lstrip().startswith(b"{"):
                raise OSError("a page came instead of prices")
        return response

    return yfinance, type("Session", (requests.Session,), {"request": request})(impersonate="chrome")


@contextmanager
def _errors_raised(yfinance: Any) -> Iterator[None]:
    """Have yfinance raise its errors, which it otherwise logs while it returns an empty table."""
    debug = yfinance.config.debug
    before = debug.hide_exceptions
    debug.hide_exceptions = False
    try:
        yield
    finally:
        debug.hide_exceptions = before


def _judge(error: Exception, known: Any) -> tuple[str, bool]:
    """Return what went wrong, and whether it may pass.

    What passes: rate limits; timeouts and lost connections, which are OSErrors in both HTTP libraries that yfinance can
    use; 5xx; a page that is no data. What does not: a symbol without data, other answers of 4xx, an unexpected shape.
    """
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, known.YFRateLimitError) or status == 429:
        return "too many requests", True
    if isinstance(error, known.YFTickerMissingError):
        return f"no such symbol, or no bars in that range ({error.rationale})", False
    if status:
        return "no such symbol" if status == 404 else f"HTTP {status}", status >= 500
    passes = isinstance(error, (OSError, json.JSONDecodeError, known.YFDataException))
    return f"{type(error).__name__}: {error}".splitlines()[0], passes

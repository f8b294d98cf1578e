"""What daily bars tell of a price at an instant: the range in which its change from the close before must lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from deepshock.errors import MarketError
from deepshock.market import day_of, zone_of
from deepshock.plan import day_number, instant

if TYPE_CHECKING:
    from deepshock.market import Instrument, Market

ROUND_THE_CLOCK, NO_AUCTIONS = "24/7", ""
UNKNOWN = (-1.0, math.inf)


class Phase(Enum):
    """Where an instant lies on the clock of a venue."""

    EARLY = "before the open"  # on the label date of a session that has not opened yet
    OPENING = "at the open"
    WITHIN = "within the session"
    OVER = "after the close"


@dataclass(frozen=True)
class WholeDay:
    """What a session came to, which nobody knew at the instant of the figure: changes from the close before it.

    Parameters
    ----------
    day : date
        Label date.
    open, high, low, close : float
        Fractions; nan where the bar does not have them.
    """

    day: date
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True)
class Told:
    """What bars tell of a price at an instant.

    Parameters
    ----------
    low, high : float
        Between which the change must lie, both included; -1 and inf where nothing is known.
    how : str
        What it rests on, or why nothing can be told.
    previous : float
        The close from which the change is counted, local currency; nan where there is none.
    later : WholeDay or None
        The session of the instant once it was over, if it was not over then.
    """

    low: float
    high: float
    how: str
    previous: float = math.nan
    later: WholeDay | None = None


def told_by_bars(market: Market, symbol: str, of: str, at: int) -> Told:
    """Tell what is known of a price.

    Parameters
    ----------
    market : Market
    symbol : str
    of : {"last", "open", "high", "low", "close"}
    at : int
        Nanoseconds UTC. What lies after it is not looked at, except for the range of the session in which it lies, from
        which nothing more is taken than that every price of the session lies within it.
    """
    try:
        bars = _Bars(market, market.instrument(symbol))
    except MarketError as error:
        return _nothing(f"{symbol} {error.faults[0].problem}")
    if bars.timeless:
        return bars.timeless_at(at)
    session, phase = bars.place(at)
    if session < 0:
        return _nothing(f"the data begin on {market.start}")
    if bars.calendar == ROUND_THE_CLOCK and phase is not Phase.OVER:
        return bars.around_the_clock(session, of)
    return bars.at(session, phase, of)


def _nothing(why: str, previous: float = math.nan, later: WholeDay | None = None) -> Told:
    return Told(*UNKNOWN, why, previous, later)


class _Bars:
    """The bars of one instrument on the sessions of its venue."""

    def __init__(self, market: Market, instrument: Instrument) -> None:
        self.calendar = instrument.calendar
        self.is_future = instrument.cls == "future"
        self.timeless = self.is_future or self.calendar == NO_AUCTIONS
        self.sessions, self.series = market.sessions(self.calendar), market.series(instrument.symbol)

    def place(self, at: int) -> tuple[int, Phase]:
        """Return the session to which an instant belongs, and where it lies; -1 before the first."""
        sessions = self.sessions
        latest = int(np.searchsorted(sessions.opens, at, side="right")) - 1
        if latest >= 0 and at == sessions.opens[latest] and self.calendar != ROUND_THE_CLOCK:
            return latest, Phase.OPENING
        if latest >= 0 and at < sessions.closes[latest] and at != sessions.opens[latest]:
            return latest, Phase.WITHIN
        over = latest if latest < 0 or at >= sessions.closes[latest] else latest - 1
        following = over + 1
        today = instant(at).astimezone(zone_of(self.calendar)).date()
        if self.calendar != ROUND_THE_CLOCK and following < len(sessions) and self.day(following) <= today:
            return following, Phase.EARLY
        return over, Phase.OVER

    def day(self, session: int) -> date:
        """Return the label date of a session."""
        return day_of(int(self.sessions.days[session]))

    def at(self, session: int, phase: Phase, of: str) -> Told:
        """Tell a price of a venue that opens and closes."""
        if of == "close" and phase is not Phase.OVER:
            return self._in(session - 1, Phase.OVER, of)  # the last session that is over
        return self._in(session, phase, of)

    def _in(self, session: int, phase: Phase, of: str) -> Told:
        previous = self._previous(session)
        if math.isnan(previous):
            return _nothing(self._why_no_previous(session))
        later = None if phase is Phase.OVER else self.whole_day(session, previous)
        if phase is Phase.EARLY:
            opens = f"{instant(int(self.sessions.opens[session])):%H:%MZ}"
            return _nothing(f"it is before the open of {self.day(session)} ({opens})", previous, later)
        if math.isnan(self.series.close[session]):
            return _nothing(f"no bar of {self.day(session)}", previous)
        low, high, how = self._range(session, phase, of)
        return Told(low / previous - 1.0, high / previous - 1.0, f"{how} of {self.day(session)}", previous, later)

    def _previous(self, session: int) -> float:
        """Return the close of the venue's session before, nan where there is none."""
        return float(self.series.close[session - 1]) if session > 0 else math.nan

    def _why_no_previous(self, session: int) -> str:
        return f"no bar of {self.day(session - 1)}, the session before" if session > 0 else "no session before"

    def _range(self, session: int, phase: Phase, of: str) -> tuple[float, float, str]:
        """Return between which prices one lay, and what says so; bars without high and low leave it open."""
        series = self.series
        opened, high, low, close = (float(v[session]) for v in (series.open, series.high, series.low, series.close))
        if of == "open" or phase is Phase.OPENING:
            return (0.0, math.inf, "no open in the bar") if math.isnan(opened) else (opened, opened, "the open")
        if phase is Phase.OVER:
            exact = {"high": high, "low": low}.get(of, close)
            if not math.isnan(exact):
                return exact, exact, f"the {'close' if of == 'last' else of}"
            seen = [price for price in (opened, close) if not math.isnan(price)]
            edges = (max(seen), math.inf) if of == "high" else (0.0, min(seen))
            return (*edges, f"no {of} in the bar, only the close")
        if math.isnan(low):
            return 0.0, math.inf, "no high and low in the bar"
        if low == high:
            return low, high, "the only price"
        if of == "high" and not math.isnan(opened):
            return opened, high, "between the open and the high"
        if of == "low" and not math.isnan(opened):
            return low, opened, "between the open and the low"
        return low, high, "between the low and the high"

    def around_the_clock(self, session: int, of: str) -> Told:
        """Tell a price of a venue that never closes: such changes are quoted over 24 hours, as well as since 00:00Z."""
        if of != "last":
            return _nothing(f"a market that never closes has no session whose {of} a text could mean")
        previous = self._previous(session)
        if math.isnan(previous):
            return _nothing(self._why_no_previous(session))
        now, before = ((float(self.series.low[s]), float(self.series.high[s])) for s in (session, session - 1))
        later = self.whole_day(session, previous)
        if any(map(math.isnan, (*now, *before))):
            return _nothing("its bars have no high and low", previous, later)
        how = f"over 24 hours, between the ranges of {self.day(session - 1)} and {self.day(session)}"
        return Told(now[0] / before[1] - 1.0, now[1] / before[0] - 1.0, how, previous, later)

    def timeless_at(self, at: int) -> Told:
        """Tell why nothing can be told of what no auction makes, and what its whole day came to."""
        today = instant(at).astimezone(UTC).date()
        session = int(np.searchsorted(self.sessions.days, day_number(today)))
        why = (
            "a continuous future trades around the clock, and its bars do not say when"
            if self.is_future
            else "no auction makes it, and its bars do not say when"
        )
        if not 0 < session < len(self.sessions) or self.day(session) != today:
            return _nothing(why)
        known = self.series.close[:session][np.isfinite(self.series.close[:session])]
        previous = float(known[-1]) if known.size else math.nan
        return _nothing(why, previous, self.whole_day(session, previous))

    def whole_day(self, session: int, previous: float) -> WholeDay | None:
        """Return what a session came to, None where it has no bar."""
        series = self.series
        if not math.isfinite(previous) or math.isnan(series.close[session]):
            return None
        parts = (float(v[session]) / previous - 1.0 for v in (series.open, series.high, series.low, series.close))
        return WholeDay(self.day(session), *parts)

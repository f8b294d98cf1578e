"""The market of a run: what was traded, when, and what was known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from deepshock.errors import Fault, MarketError, suggest
from deepshock.market import quality
from deepshock.market.actions import Actions
from deepshock.market.calendar import Sessions, day_number, day_of, sessions
from deepshock.market.fx import FxTable
from deepshock.market.instruments import Instrument
from deepshock.market.known import Known, known_of
from deepshock.market.lending import Lending
from deepshock.market.load import tracks_of
from deepshock.market.scramble import scramble
from deepshock.market.series import Series, Track, align
from deepshock.market.sheet import Table
from deepshock.market.sources import Source, lending_of, provider_of

BEFORE, AFTER = timedelta(days=10), timedelta(days=60)
"""How far sessions reach beyond the bars: an order may be due, or settle, after the last one."""


@dataclass(frozen=True, eq=False)
class Market:
    """Bars of some symbols, the sessions of their venues, and exchange rates. Build it with `Market.load`.

    Parameters
    ----------
    name : str
        Of the source.
    simulated : bool
        True for bars that no market ever printed; whatever shows a result has to say so.
    start, end : date
        Label dates of the first and the last bar.
    fx : FxTable
    lending : Lending
        Borrow, recalls and designated securities by date.
    actions : Actions
        Mergers and delistings.
    """

    name: str
    simulated: bool
    start: date
    end: date
    fx: FxTable
    lending: Lending
    actions: Actions
    _tracks: dict[str, Track] = field(repr=False)
    _known: tuple[str, ...] = field(repr=False)
    _notes: tuple[str, ...] = field(repr=False)
    _scrambles: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    _aligned: dict[str, tuple[Series, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    _series: dict[str, Series] = field(default_factory=dict, repr=False)
    _sessions: dict[str, Sessions] = field(default_factory=dict, repr=False)
    _derived: dict[str, Known] = field(default_factory=dict, repr=False)
    _odd: dict[str, quality.Odd] = field(default_factory=dict, repr=False)

    @classmethod
    def load(
        cls,
        source: Source = "sample",
        *,
        symbols: Sequence[str] | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        fx: pd.DataFrame | FxTable | None = None,
        lending: Lending | None = None,
        actions: Actions | Table | None = None,
    ) -> Market:
        """Load bars, check them, and refuse them with every fault at once.

        Parameters
        ----------
        source : str, Path, DataFrame or Provider
            ``"sample"`` (simulated), ``"yahoo"``, a ``.parquet`` or ``.csv`` file, a long table, or anything with a
            method ``bars``.
        symbols : sequence of str, optional
            Those that the run needs; all of the source by default. Only their rows are read and checked.
        start, end : date or str, optional
            Window of label dates, both included. Splits after ``end`` still count, because prices are adjusted for
            them.
        fx : DataFrame or FxTable, optional
            Replaces the European Central Bank's rates, see `FxTable.from_frame`.
        lending : Lending, optional
            See `Lending.load`; by default what the provider has, or nothing. It may be about more symbols than are
            loaded.
        actions : Actions, str, Path or DataFrame, optional
            See `Actions.load`.

        Raises
        ------
        MarketError
            The source or a table cannot be read, or its rows cannot be used.

        Examples
        --------
        >>> market = Market.load("bars.parquet", symbols=["NVDA", "0700.HK"])  # doctest: +SKIP
        """
        if isinstance(symbols, str):
            raise MarketError(Fault("symbols", f"{symbols!r} is one text", f"give a list: [{symbols!r}]"))
        wanted = None if symbols is None else tuple(dict.fromkeys(symbols))
        first, last = _day("start", start), _day("end", end)
        if first and last and first > last:
            raise MarketError(Fault("start", f"{first} is after the end {last}", "give an earlier start"))
        ends = Actions() if actions is None else actions if isinstance(actions, Actions) else Actions.load(actions)
        provider = provider_of(source)
        bars = provider.bars(wanted, first, None)
        loaded = tracks_of(bars, wanted, day_number(first or date.min), day_number(last or date.max))
        start_day = day_of(min(track.days[0] for track in loaded.tracks.values()))
        end_day = day_of(max(track.days[-1] for track in loaded.tracks.values()))
        lent = lending_of(provider, lending, tuple(loaded.tracks), start_day, end_day)
        known = {*loaded.tracks, *bars.known_symbols}
        strange = quality.strangers((*lent.tables, (ends.name, ends.symbols())), known, bars.name)
        return cls(
            name=bars.name,
            simulated=bars.simulated,
            start=start_day,
            end=end_day,
            fx=FxTable.from_frame(fx) if isinstance(fx, pd.DataFrame) else fx or FxTable.ecb(),
            lending=lent,
            actions=ends,
            _tracks=loaded.tracks,
            _known=bars.known_symbols,
            _notes=bars.notes + loaded.notes + strange,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that is odd about the data, by symbol; lays all of them onto their sessions."""
        own = (warning for symbol in self._tracks for warning in self.warnings(symbol))
        return tuple(dict.fromkeys([*self.delivery, *own]))

    @property
    def delivery(self) -> tuple[str, ...]:
        """What the source as a whole lacks or failed to deliver, and what is not known of the calendars."""
        calendars = (self.sessions(track.instrument.calendar).note for track in self._tracks.values())
        return tuple(dict.fromkeys([*self._notes, *filter(None, calendars)]))

    def symbols(self) -> tuple[str, ...]:
        """Return the loaded symbols, in the order asked for."""
        return tuple(self._tracks)

    def instrument(self, symbol: str) -> Instrument:
        """Return what a symbol is.

        Raises
        ------
        MarketError
            It is not loaded; says whether the source has it.
        """
        return self._track(symbol).instrument

    def sessions(self, calendar: str) -> Sessions:
        """Return the sessions of a calendar, from 10 days before the first bar to 60 days after the last one."""
        if calendar not in self._sessions:
            self._sessions[calendar] = sessions(calendar, self.start - BEFORE, self.end + AFTER)
        return self._sessions[calendar]

    def series(self, symbol: str) -> Series:
        """Return a symbol's bars on the sessions of its calendar; arrays are read-only."""
        if symbol not in self._series:
            track, found = self._track(symbol), self._on_sessions(symbol)[0]
            axis = self.sessions(track.instrument.calendar)
            for after_ns, seed in self._scrambles:
                found = scramble(track, axis, found, after_ns, seed, day_number(self.end))
                found = self._until_the_end(symbol, axis, found)
            self._series[symbol] = found
        return self._series[symbol]

    def known(self, symbol: str) -> Known:
        """Return what is known of each session of a symbol before its auctions; derived once."""
        if symbol not in self._derived:
            instrument = self.instrument(symbol)
            self._derived[symbol] = known_of(self.series(symbol), instrument, self.sessions(instrument.calendar))
        return self._derived[symbol]

    def warnings(self, symbol: str, window: tuple[int, int] | None = None) -> tuple[str, ...]:
        """Return what is odd about a symbol's data.

        Parameters
        ----------
        symbol : str
        window : tuple of int, optional
            First and last label date (days since 1970) that matter to a run; all by default.
        """
        track, (series, found) = self._track(symbol), self._on_sessions(symbol)
        if symbol not in self._odd:
            self._odd[symbol] = quality.odd_values(track.instrument, series)
        days = self.sessions(track.instrument.calendar).days
        return track.warnings + found + quality.value_warnings(symbol, days, self._odd[symbol], window)

    def quality(self) -> pd.DataFrame:
        """Return one line of facts about each symbol's data, see `deepshock.market.quality.table`."""
        lines = []
        for symbol, track in self._tracks.items():
            axis, series = self.sessions(track.instrument.calendar), self._on_sessions(symbol)[0]
            lines.append((track, axis, series, self.warnings(symbol)))
        return quality.table(lines)

    def scrambled(self, after_ns: int, seed: int) -> Market:
        """Return a market with the same past and another future.

        Every value that is known only after the instant is replaced by another plausible one, bars come and go, and
        so do exchange rates; what is known at the instant stays bit by bit. A result that changes up to the instant
        has read the future.

        Parameters
        ----------
        after_ns : int
            Nanoseconds UTC; what is known at this instant is kept.
        seed : int
        """
        changed = (*self._scrambles, (int(after_ns), int(seed)))
        return replace(self, fx=self.fx.scrambled(after_ns, seed), _scrambles=changed, _series={}, _derived={})

    def _track(self, symbol: str) -> Track:
        if symbol in self._tracks:
            return self._tracks[symbol]
        if symbol in self._known:
            problem, remedy = "is in the data but was not loaded", "name it in symbols=[...]"
        else:
            near = suggest(symbol, sorted({*self._tracks, *self._known}))
            problem, remedy = "is not in the data", near or f"loaded are {', '.join(self._tracks)}"
        raise MarketError(Fault(f"{self.name} {symbol}", problem, remedy))

    def _until_the_end(self, symbol: str, axis: Sessions, series: Series) -> Series:
        """Return a series without the bars from a delisting or merger on."""
        final = self.actions.final(symbol, axis.days)
        return series if final is None else series.ended(final[0])

    def _on_sessions(self, symbol: str) -> tuple[Series, tuple[str, ...]]:
        """Return the unscrambled series and what was noticed on the way."""
        if symbol not in self._aligned:
            track = self._track(symbol)
            axis = self.sessions(track.instrument.calendar)
            series, said = align(track, axis)
            self._aligned[symbol] = self._until_the_end(symbol, axis, series), said
        return self._aligned[symbol]


def _day(name: str, given: Any) -> date | None:
    """Read a date parameter: None, a date, or its ISO text."""
    if given is None:
        return None
    try:
        return pd.Timestamp(given).date() if not isinstance(given, str) else date.fromisoformat(given)
    except (ValueError, TypeError) as error:
        raise MarketError(Fault(name, f"{given!r} is no date", "write 2025-01-27")) from error

"""The log moves of each instrument: the factors, its own news, and the figures of 27 January."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from deepshock.market.calendar import DAY_NS, Floats
from deepshock.market.sample.factors import FACTORS, World, draw_world, stream
from deepshock.market.sample.figures import EVENT_DAY, Pin, pins, session_of_event
from deepshock.market.sample.listing import Listing, hours, listings

_NIGHT = 0.4  # share of an instrument's own variance that falls between two sessions
_FREEDOM = 5  # degrees of freedom of its own moves (Student t)
_WILDEST = 3.0  # largest multiplier of a session's own volatility

_CLOSE_HK, _OPEN_NY, _CLOSE_NY = (EVENT_DAY * DAY_NS + int(hour * DAY_NS / 24) for hour in (8.0, 14.5, 21.0))


@dataclass(frozen=True, eq=False)
class Path:
    """What moves one instrument, session by session.

    Parameters
    ----------
    night, day : ndarray of shape (n_sessions,)
        Log moves from the previous close to the open, and from the open to the close.
    width : ndarray of shape (n_sessions,)
        Volatility from the open to the close.
    draws : ndarray of shape (n_sessions, 12)
        The instrument's standard normals, drawn session by session. Column 0 moves the night and 1 the day, 2 and 3 set
        the high, 4 and 5 the low, 6 the volume; the others say how wild the session's own news are, which makes a
        Student t of its night and its day.
    """

    night: Floats
    day: Floats
    width: Floats
    draws: Floats


@cache
def path_of(symbol: str) -> Path:
    """Return the moves of one instrument; they are the same whatever else is asked for."""
    listing = listings()[symbol]
    path = _drawn(listing, world())
    if listing.pull:
        path.night[:] = _pulled(listing, path)
    for pin in pins().get(symbol, ()):
        _pin_move(path, pin, session_of_event(symbol))
    return path


@cache
def world() -> World:
    """Return the factors, moved on 27 January to what New York's pinned prices tell about them.

    Notes
    -----
    Without this the pinned names would fall alone. The factors' moves in two windows, from Hong Kong's close to New
    York's open and from there to New York's close, are taken as normal with the variances of their clocks, an
    instrument's own move as noise; the mean of the factors' moves given the pinned prices replaces what was drawn, in
    proportion to each factor's clock. Asia's session of that day is over by then and knows nothing of it.
    """
    drawn = draw_world()
    edges = drawn.row(np.array([_CLOSE_HK, _OPEN_NY, _CLOSE_NY]))
    starts, spans = drawn.clock[edges[:2]], np.diff(drawn.clock[edges], axis=0)
    loads, misses, noise = _evidence(drawn)
    weighted = loads * spans.ravel()
    shift = weighted.T @ np.linalg.solve(weighted @ loads.T + np.diag(noise), misses)
    path = drawn.path.copy()
    for start, span, moves in zip(starts, spans, np.split(shift, 2), strict=True):
        path += np.clip((drawn.clock - start) / span, 0.0, 1.0) * moves
    return World(path, drawn.clock, drawn.storm)


def _evidence(drawn: World) -> tuple[Floats, Floats, Floats]:
    """Return what New York's pinned opens and closes say about the factors.

    Returns
    -------
    loads : ndarray of shape (n_pins, 2 * n_factors)
        Sensitivity of each pinned move to the factors before and after New York's open.
    misses : ndarray of shape (n_pins,)
        What the factors as drawn leave to explain.
    noise : ndarray of shape (n_pins,)
        Variance of the instrument's own move.
    """
    found: list[tuple[Floats, float, float]] = []
    nothing = np.zeros(len(FACTORS))
    for symbol, mine in pins().items():
        listing = listings()[symbol]
        if listing.calendar != "XNYS" or listing.follows or listing.pull:
            continue
        moves = {pin.field: float(np.log1p(pin.move)) for pin in mine if pin.says == "at"}
        night, day = (move[session_of_event(symbol)] for move in _common(listing, drawn)[:2])
        b, own = listing.loads, listing.idio**2 * listing.per_session
        if "open" in moves:
            found.append((np.concatenate([b, nothing]), moves["open"] - night, _NIGHT * own))
        if "open" in moves and "close" in moves:
            rest = moves["close"] - moves["open"]
            found.append((np.concatenate([nothing, b]), rest - day, (1 - _NIGHT) * own))
        elif "close" in moves:
            found.append((np.concatenate([b, b]), moves["close"] - night - day, own))
    loads, misses, noise = zip(*found, strict=True)
    return np.array(loads), np.array(misses), np.array(noise)


def _drawn(listing: Listing, factors: World) -> Path:
    """Return the moves as drawn, without pins."""
    night, day, variance = _common(listing, factors)
    draws = stream(listing.symbol).standard_normal((len(night), 7 + _FREEDOM))
    wild = np.minimum(np.sqrt((_FREEDOM - 2) / np.sum(draws[:, 7:] ** 2, axis=1)), _WILDEST)
    own = listing.idio * np.sqrt(listing.per_session) * wild * factors.storm_on(hours(listing.calendar).days)
    asleep = _NIGHT if listing.sleeps else 0.0
    night = night + own * np.sqrt(asleep) * draws[:, 0] + listing.drift * listing.per_session
    day = day + own * np.sqrt(1 - asleep) * draws[:, 1]
    return Path(night, day, np.sqrt(variance + own**2 * (1 - asleep)), draws)


def _common(listing: Listing, factors: World) -> tuple[Floats, Floats, Floats]:
    """Return what the factors, or the index that it follows, do to an instrument: night, day, variance of the day."""
    if listing.follows:
        index = path_of(listing.follows)
        return index.night, index.day, index.width**2
    times = hours(listing.calendar)
    opens, closes = factors.row(times.opens), factors.row(times.closes)
    before = np.concatenate([opens[:1], closes[:-1]])
    night = (factors.path[opens] - factors.path[before]) @ listing.loads
    day = (factors.path[closes] - factors.path[opens]) @ listing.loads
    return night, day, (factors.clock[closes] - factors.clock[opens]) @ listing.loads**2


def _pulled(listing: Listing, path: Path) -> Floats:
    """Return the nights of an instrument that returns to its level, as the VIX does and a price does not."""
    nights, away = [], 0.0
    for night, day in zip(path.night.tolist(), path.day.tolist(), strict=True):
        nights.append(night - listing.pull * away)
        away += nights[-1] + day
    return np.array(nights)


def _pin_move(path: Path, pin: Pin, k: int) -> None:
    """Move the open or the close of session ``k`` to where it is pinned; in place, the open before the close."""
    if pin.field not in ("open", "close"):
        return
    so_far = path.night[k] if pin.field == "open" else path.night[k] + path.day[k]
    if pin.says == "side":
        there = np.copysign(so_far, pin.move)
    else:
        beyond = 2.0 if pin.says == "limit" else 1.0  # the limit itself is for the rounding to find
        there = np.log1p(pin.move * beyond)
    path.night[k], path.day[k] = (there, path.day[k]) if pin.field == "open" else (path.night[k], there - path.night[k])

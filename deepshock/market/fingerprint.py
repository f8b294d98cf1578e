"""A hash of all that a market says: two that give equal hashes give equal results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from deepshock.market.panel import Market


def fingerprint(market: Market) -> str:
    """Return a SHA-256 over a market, in hexadecimal.

    It covers bars and sessions of every loaded symbol, what each is, exchange rates, borrow, recalls, designated
    securities, mergers and delistings. Where all that came from is not part of it: a file may have moved.

    Parameters
    ----------
    market : Market
    """
    digest = hashlib.sha256(f"{market.simulated} {market.start} {market.end}".encode())
    for symbol in sorted(market.symbols()):
        instrument = market.instrument(symbol)
        _add(digest, (symbol, instrument, market.series(symbol), market.sessions(instrument.calendar)))
    lending = {name: value for name, value in vars(market.lending).items() if name != "tables"}
    actions = {name: value for name, value in vars(market.actions).items() if name != "name"}
    _add(digest, (market.fx.quotes, lending, actions))
    return digest.hexdigest()


def _add(digest: Any, value: Any) -> None:
    """Feed a value to a digest: arrays by their bytes, what holds values value by value, all else as it is shown."""
    digest.update(type(value).__name__.encode())
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).view(np.uint8).data if value.size else b"")
    elif is_dataclass(value):
        _add(digest, {field.name: getattr(value, field.name) for field in fields(value)})
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            _add(digest, (key, value[key]))
    elif isinstance(value, list | tuple | np.ndarray):
        for inner in value:
            _add(digest, inner)
    else:
        digest.update(f"{value!r};".encode())

"""More instruments than theses need, as far as a source has them: what cannot be used is left out, and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from deepshock.errors import MarketError

if TYPE_CHECKING:
    from deepshock.market import Bars, Market
    from deepshock.market.provider import Provider

MOST_NAMED = 5
Load = Callable[["Bars", Sequence[str]], "Market"]


def everything(provider: Provider, wanted: Sequence[str], start: date | None) -> Bars:
    """Return the bars of all instruments of a source; of those wanted, and a note, where it has no list of all."""
    try:
        return provider.bars(None, start, None)
    except MarketError as error:
        bars = provider.bars(wanted, start, None)  # whatever else is wrong with the source is told by this
        why = "; ".join(fault.problem for fault in error.faults)
    note = f"not all instruments of {bars.name} are loaded ({why}): placebos in space have only those of the theses"
    return replace(bars, notes=(*bars.notes, note))


def loaded(load: Load, bars: Bars, own: Sequence[str], more: Sequence[str]) -> Market:
    """Load what theses need, and of the rest what can be used.

    Parameters
    ----------
    load : callable
        Makes a market of bars and symbols.
    bars : Bars
    own, more : sequence of str
        Symbols that are needed, and others.

    Raises
    ------
    MarketError
        What is needed cannot be used.
    """
    try:
        return load(bars, [*own, *more])
    except MarketError:
        if not more:
            raise
    kept = [symbol for symbol in more if _is_sound(load, bars, symbol)]
    left = [symbol for symbol in more if symbol not in kept]
    return load(replace(bars, notes=(*bars.notes, *_left_out(bars.name, left))), [*own, *kept])


def _is_sound(load: Load, bars: Bars, symbol: str) -> bool:
    """Tell whether a symbol could be loaded by itself."""
    try:
        load(replace(bars, frame=bars.frame[bars.frame["symbol"] == symbol]), [symbol])
    except MarketError:
        return False
    return True


def _left_out(name: str, left: Sequence[str]) -> list[str]:
    named = ", ".join(left[:MOST_NAMED])
    others = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    return [f"{name}: {named}{others}, which no thesis needs, cannot be used and are left out"] if left else []

"""What commands read: theses, the market that they need, and the command line itself.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from deepshock.errors import Fault, MarketError
from deepshock.options import MarketOptions, hazard_of

if TYPE_CHECKING:
    import typer

    from deepshock.market import Lending, Market
    from deepshock.thesis import Book, Thesis

T = TypeVar("T")


def load_items(paths: Sequence[Path] | None) -> Sequence[Thesis | Book]:
    """Load theses and books, each file once; without any, those that come with deepshock."""
    from deepshock.thesis import load_many

    if not paths:
        from deepshock.thesis import packaged_strategies

        paths = [packaged_strategies()]
    once = {os.path.realpath(path): path for path in reversed(paths)}
    return load_many([*reversed(once.values())])


def load_market(
    items: Sequence[Thesis | Book],
    where: MarketOptions,
    over: Mapping[Any, Any] | None = None,
    *,
    universe: bool = False,
    also: Sequence[str] = (),
) -> Market:
    """Load what theses need, and the tables beside the bars; these are read first, and refused together.

    Parameters
    ----------
    items : sequence of Thesis or Book
    where : MarketOptions
    over, universe, also
        As of ``deepshock.market_for``.
    """
    from deepshock.experiment import market_for
    from deepshock.market import Actions

    faults: list[Fault] = []
    lending = _read(lambda: _lending(where), faults)
    actions = _read(lambda: Actions.load(where.actions) if where.actions else None, faults)
    if faults:
        raise MarketError(faults)
    how: dict[str, Any] = {"start": where.start, "end": where.end, "lending": lending, "actions": actions}
    return market_for(items, where.data, **how, over=over, universe=universe, also=also)


def _read(table: Callable[[], T], faults: list[Fault]) -> T | None:
    """Read a table, or gather what is wrong with it."""
    try:
        return table()
    except MarketError as error:
        faults.extend(error.faults)
        return None


def _lending(where: MarketOptions) -> Lending | None:
    """Return what the options say about lending; None leaves it to the source of the bars."""
    from deepshock.market import Hazard, Lending

    if not any((where.borrow, where.recalls, where.designated, where.recall_hazard)):
        return None
    chosen = hazard_of(where.recall_hazard) if where.recall_hazard else None
    return Lending.load(where.borrow, where.recalls, where.designated, Hazard(*chosen) if chosen else None)


def typed(ctx: typer.Context) -> str:
    """Return the command line as one could type it again."""
    return shlex.join(["python", "-m", "deepshock.backtest", *(ctx.obj or sys.argv[1:])])

"""Abnormal returns of the legs of a thesis, each by the model of its venue, on the sessions of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Ints
from deepshock.errors import StatisticsError
from deepshock.inference.returns import Held, Paired, model_of, paired, without_open
from deepshock.market import day_of
from deepshock.stats.event_study.abnormal import Abnormal
from deepshock.stats.event_study.inputs import Inputs
from deepshock.stats.event_study.join import Alone, join
from deepshock.stats.event_study.measure import measure
from deepshock.stats.event_study.models import Normal
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.study import of_window
from deepshock.stats.event_study.windows import Rows, Window

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market


@dataclass(frozen=True)
class Estimation:
    """Which sessions say what is normal.

    Parameters
    ----------
    length : int
        Sessions of the benchmark's venue.
    end : int
        The last of them, counted from the session of the news, which is 0.
    least : int
        Fewest on which a leg and the benchmark must both be known; a leg that has fewer is left out.

    Raises
    ------
    UsageError
        If the event lies inside them, or they are fewer than the least.
    """

    length: int = 250
    end: int = -11
    least: int = 60

    def __post_init__(self) -> None:
        self.window(1)

    def window(self, days: int) -> Window:
        """Return it beside an event window of some sessions."""
        return Window(0, days - 1, self.length, self.end, self.least)


@dataclass(frozen=True)
class Leg:
    """One name.

    Parameters
    ----------
    symbol : str
    side : int
        +1 long, -1 short.
    held : Held
        When it counts.
    """

    symbol: str
    side: int
    held: Held


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of the legs.

    Parameters
    ----------
    names : DataFrame
        A line for each leg: ``side``, ``model`` and ``because``, why it is that one; ``days``, the sessions of the
        event window that it has; ``n`` and ``df`` of the estimation, ``alpha``, ``beta``, ``sigma`` of a session,
        ``se``, ``car``, ``scar``, ``bhar``; ``reason``, why it is left out, empty for those that count.
    sample : Sample or None
        What the tests are given; None where nothing can be measured.
    window : tuple of date
        First and last session of the event window; empty where there is none.
    reason : str
        Why nothing can be measured, else empty.
    """

    names: pd.DataFrame
    sample: Sample | None
    window: tuple[date, ...] = ()
    reason: str = ""


@dataclass(frozen=True, eq=False)
class _Part:
    """A leg that was measured, with the labels of its sessions in the estimation and the event window."""

    abnormal: Abnormal
    sessions: Ints
    days: Ints


def measured(
    market: Market, benchmark: str, legs: Sequence[Leg], news: int, estimation: Estimation, kind: str
) -> Measured:
    """Measure what was not normal.

    Parameters
    ----------
    market : Market
    benchmark : str
        Its sessions are the axis.
    legs : sequence of Leg
    news : int
        UTC nanoseconds; the estimation window is counted from the first session that closes after it.
    estimation : Estimation
    kind : str
        ``simple`` or ``log``.
    """
    axis = market.sessions(market.instrument(benchmark).calendar)
    stop = max(int(np.searchsorted(axis.closes, news, side="right")) + estimation.end + 1, 0)
    normal = slice(max(stop - estimation.length, 0), stop)
    if stop < estimation.least:
        said = f"{benchmark} has {stop} sessions up to the end of the estimation window, {estimation.least} are needed"
        return _nothing(legs, said)
    normal_to = int(axis.days[stop - 1])
    pairs = [paired(market, leg.symbol, benchmark, leg.held, normal_to, kind) for leg in legs]
    made = [
        _alone(market, benchmark, leg, pair, axis.days[normal], estimation, kind)
        for leg, pair in zip(legs, pairs, strict=True)
    ]
    names = _frame(legs, [line for line, _ in made])
    parts = [part for _, part in made if part]
    if parts:
        return _together(names, parts, axis.days, normal)
    if not any(pair.held.any() for pair in pairs):
        return Measured(names, None, reason=f"no session of {benchmark} that a name shares lies in it")
    told = (f"{name} {reason}" for name, reason in names["reason"].items())
    return Measured(names, None, reason=f"no name can be measured: {'; '.join(told)}")


def _together(names: pd.DataFrame, parts: Sequence[_Part], axis: Ints, normal: slice) -> Measured:
    """Put the legs that were measured on the axis of the benchmark, from the first session that one has to the last."""
    labels = np.concatenate([part.days for part in parts])
    first, last = (int(place) for place in np.searchsorted(axis, (labels.min(), labels.max())))
    days, sessions = axis[first : last + 1], axis[normal]
    alone = [
        Alone(part.abnormal, np.searchsorted(sessions, part.sessions), np.searchsorted(days, part.days))
        for part in parts
    ]
    made = join(alone, len(sessions), len(days))
    for column, values in of_window(made).items():
        names.loc[names["reason"] == "", column] = values
    window = (day_of(days[0]), day_of(days[-1]))
    return Measured(names[[*names.columns.drop("reason"), "reason"]], Sample(made), window)


def _alone(
    market: Market, benchmark: str, leg: Leg, pair: Paired, normal: Ints, estimation: Estimation, kind: str
) -> tuple[dict[str, Any], _Part | None]:
    """Measure one leg on the sessions that its venue shares with the benchmark's."""
    import pandas as pd

    model, because = model_of(market, leg.symbol, benchmark)
    if leg.held.prices and without_open(market, benchmark, leg.held.start):
        because += f"; {benchmark} has no price of its open at the fill, and counts from the close before"
    own = np.flatnonzero(pair.held)
    line = {"side": leg.side, "model": str(model), "because": because, "days": own.size}
    if not own.size:
        return line | {"reason": f"its venue has no session in it that {benchmark} has too"}, None
    edges = np.searchsorted(pair.days, normal[0]), np.searchsorted(pair.days, normal[-1], side="right")
    rows = Rows(int(own[0]), slice(int(edges[0]), int(edges[1])), slice(int(own[0]), int(own[-1]) + 1))
    try:
        made, frame = measure(_inputs(leg, pair, model, pd.Index(pair.days)), rows, estimation.window(own.size), kind)
    except StatisticsError as error:
        return line | {"reason": error.faults[0].problem}, None
    line |= {str(key): value for key, value in frame.iloc[0].items() if key not in line}
    return line, _Part(made, pair.days[rows.estimation], pair.days[rows.days])


def _inputs(leg: Leg, pair: Paired, model: Normal, axis: pd.Index[Any]) -> Inputs:
    n = len(pair.days)
    return Inputs(
        axis, (leg.symbol,), pair.leg[:, None], pair.benchmark, np.zeros(n), np.empty((n, 0)), (),
        np.array([float(leg.side)]), (model,),
    )  # fmt: skip


def _nothing(legs: Sequence[Leg], reason: str) -> Measured:
    return Measured(_frame(legs, [{"side": leg.side, "reason": reason} for leg in legs]), None, (), reason)


def _frame(legs: Sequence[Leg], lines: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(lines), index=pd.Index([leg.symbol for leg in legs], name="name"))

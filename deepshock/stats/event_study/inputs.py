"""From frames to arrays: what a study is given, checked, on one session axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats
from deepshock.errors import Fault, UsageError, suggest
from deepshock.stats.event_study.abnormal import LOG, SIMPLE
from deepshock.stats.event_study.models import Normal

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Inputs:
    """Returns and what explains them, row by row on the axis of the returns.

    Parameters
    ----------
    axis : Index
        Session labels.
    names : tuple of str
    returns : ndarray of shape (n_sessions, n_names)
        nan where missing.
    market, risk_free : ndarray of shape (n_sessions,)
        nan where missing; without one the market is nan and the risk-free rate 0.
    factors : ndarray of shape (n_sessions, n_factors)
    factor_names : tuple of str
    sides : ndarray of shape (n_names,)
        +1.0 or -1.0.
    models : tuple of Normal
        Of each name.
    """

    axis: pd.Index[Any]
    names: tuple[str, ...]
    returns: Floats
    market: Floats
    risk_free: Floats
    factors: Floats
    factor_names: tuple[str, ...]
    sides: Floats
    models: tuple[Normal, ...]


def read(
    returns: pd.DataFrame,
    market: pd.Series[float] | None,
    factors: pd.DataFrame | None,
    risk_free: pd.Series[float] | None,
    model: str | Normal | Mapping[str, str | Normal],
    sides: Mapping[str, int] | pd.Series[int] | None,
    kind: str,
) -> Inputs:
    """Check what a study is given, and lay it out; see `event_study` for the parameters.

    Raises
    ------
    UsageError
        All that is wrong at once.
    """
    names = tuple(str(name) for name in returns.columns)
    models = {name: _model(chosen) for name, chosen in _each(model, names).items()}
    given = {"returns": returns, "market": market, "factors": factors, "risk_free": risk_free}
    faults = [
        *_bad_axis(returns),
        *(fault for where, frame in given.items() if frame is not None for fault in _bad_values(where, frame, kind)),
        *_bad_words(kind, names, sides, model),
        *_lacking(models, given),
    ]
    if faults:
        raise UsageError(faults)
    n = len(returns)
    return Inputs(
        returns.index, names, _array(returns),
        np.full(n, np.nan) if market is None else _array(_on(returns, market)),
        np.zeros(n) if risk_free is None else _array(_on(returns, risk_free)),
        np.empty((n, 0)) if factors is None else _array(_on(returns, factors)),
        () if factors is None else tuple(str(name) for name in factors.columns),
        np.array([float(1 if sides is None else sides[name]) for name in names]),
        tuple(models[name] for name in names),
    )  # fmt: skip


def _model(chosen: str | Normal) -> Normal:
    return chosen if isinstance(chosen, Normal) else Normal(chosen)


def _each(model: str | Normal | Mapping[str, str | Normal], names: tuple[str, ...]) -> dict[str, str | Normal]:
    if isinstance(model, Mapping):
        return {name: model[name] for name in names if name in model}
    return dict.fromkeys(names, model)


def _array(frame: pd.DataFrame | pd.Series[float]) -> Floats:
    return np.ascontiguousarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))


def _on(returns: pd.DataFrame, frame: Any) -> Any:
    return frame.reindex(returns.index)


def _bad_axis(returns: pd.DataFrame) -> Iterator[Fault]:
    if returns.empty:
        yield Fault("returns", "there are none", "give a frame of sessions by names")
    if not returns.index.is_monotonic_increasing or not returns.index.is_unique:
        yield Fault("returns", "the sessions do not rise", "sort them, each once")
    if not returns.columns.is_unique:
        twice = returns.columns[returns.columns.duplicated()][0]
        yield Fault("returns", f"{twice} stands there twice", "give each name one column")


def _bad_values(where: str, frame: pd.DataFrame | pd.Series[float], kind: str) -> Iterator[Fault]:
    try:
        values = _array(frame)
    except (TypeError, ValueError) as error:
        yield Fault(where, f"not numbers ({error})", "give fractions a session, nan where missing")
        return
    if np.isinf(values).any():
        yield Fault(where, "there are infinite values", "leave missing what is not known")
    if where == "returns" and kind == SIMPLE and (values < -1.0).any():
        yield Fault(
            where, f"a simple return of {np.nanmin(values):g} loses more than all", "give fractions, not percent"
        )
    if not frame.index.is_unique:
        yield Fault(where, "a session stands there twice", "give each one row")


def _bad_words(kind: str, names: tuple[str, ...], sides: Any, model: object) -> Iterator[Fault]:
    if kind not in (SIMPLE, LOG):
        yield Fault("kind", f"{kind!r} is no kind of return", f"there are {SIMPLE} and {LOG}")
    for where, given in (("sides", sides), ("model", model if isinstance(model, Mapping) else None)):
        if given is None:
            continue
        for name in names:
            if name not in given:
                yield Fault(where, f"{name} has none", "give one to every name")
        for name in given.keys():  # noqa: SIM118 - a Series iterates its values
            if name not in names:
                yield Fault(where, f"there are no returns of {name}", suggest(str(name), names))
    for name in names if sides is not None else ():
        if name in sides and sides[name] not in (1, -1):
            yield Fault("sides", f"{name} is {sides[name]!r}", "give 1 for long, -1 for short")


def _lacking(models: Mapping[str, Normal], given: Mapping[str, Any]) -> Iterator[Fault]:
    axis = given["returns"].index
    for needed in dict.fromkeys(model.needs for model in models.values()):
        if needed and given[needed] is None:
            users = dict.fromkeys(str(model.kind) for model in models.values() if model.needs == needed)
            yield Fault(needed, f"the model {', '.join(users)} needs it", "give it on the sessions of the returns")
    for where, frame in given.items():
        if frame is not None and frame.index.is_unique and not frame.index.isin(axis).any() and len(axis):
            yield Fault(where, "shares no session with the returns", f"theirs are like {axis[0]!r}")

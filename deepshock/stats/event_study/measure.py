"""From a session axis to abnormal returns: each name by its own model, and why some names are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.errors import Fault, StatisticsError, UsageError
from deepshock.stats.event_study.abnormal import Abnormal
from deepshock.stats.event_study.fits import Fit, fit, forecast_covariance
from deepshock.stats.event_study.inputs import Inputs
from deepshock.stats.event_study.models import ADJUSTED, FACTORS, MEAN, SCHOLES_WILLIAMS, Design, Normal, design
from deepshock.stats.event_study.thin import around, scholes_williams
from deepshock.stats.event_study.windows import Rows, Window

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Part:
    """What was found of the names of one model.

    Parameters
    ----------
    names : list of int
        Their places in the returns.
    fit : Fit
    expected : ndarray of shape (n_days, n_names)
    covariance : ndarray of shape (n_names, n_days, n_days)
        Of forecast errors, over the residual variance.
    lines : list of dict
        What is said of each.
    """

    names: list[int]
    fit: Fit
    expected: Floats
    covariance: Floats
    lines: list[dict[str, Any]]


def measure(given: Inputs, rows: Rows, window: Window, kind: str) -> tuple[Abnormal, pd.DataFrame]:
    """Return the abnormal returns of the names that can be measured, and a line for each name.

    Raises
    ------
    UsageError
        If a model's leads reach from the estimation window into the event window.
    StatisticsError
        If what explains returns is missing in the event window, or no name can be measured.
    """
    import pandas as pd

    parts = [_part(model, given, rows, window) for model in dict.fromkeys(given.models)]
    places = [name for part in parts for name in part.names]
    lines = dict(zip(places, (line for part in parts for line in part.lines), strict=True))
    frame = pd.DataFrame([lines[name] for name in sorted(lines)], index=pd.Index(given.names, name="name"))
    known = np.flatnonzero(frame["reason"] == "")
    if not known.size:
        raise StatisticsError([Fault(name, lines[k]["reason"]) for k, name in enumerate(given.names)])
    taken = np.argsort(places)[known]
    sides, n, df = given.sides[known], *(np.concatenate(all_)[taken] for all_ in _counts(parts))
    return Abnormal(
        kind,
        sides,
        given.returns[rows.days][:, known],
        np.hstack([part.expected for part in parts])[:, taken],
        np.hstack([part.fit.residual for part in parts])[:, taken] * sides,
        np.concatenate([part.fit.sigma for part in parts])[taken],
        df,
        int((n - df).max()),
        np.concatenate([part.covariance for part in parts])[taken],
    ), frame


def _counts(parts: list[Part]) -> tuple[list[Ints], list[Ints]]:
    return [part.fit.n for part in parts], [part.fit.df for part in parts]


def _part(model: Normal, given: Inputs, rows: Rows, window: Window) -> Part:
    names = [k for k, one in enumerate(given.models) if one == model]
    laid = design(model, given.market - given.risk_free, given.factors)
    _check(model, laid, given, rows, window)
    made, later = _fitted(model, laid, given, rows, names, window.least), laid.columns[rows.days]
    expected = (given.risk_free + laid.offset)[rows.days, None] + later @ made.coef
    lines = [_line(model, made, place, given, name) for place, name in enumerate(names)]
    for line, actual in zip(lines, given.returns[rows.days][:, names].T, strict=True):
        if (lacking := int(np.isnan(actual).sum())) and not line["reason"]:
            line["reason"] = f"missing on {lacking} of the {len(actual)} sessions of the event window"
    return Part(names, made, expected, forecast_covariance(later, made.inverse), lines)


def _check(model: Normal, laid: Design, given: Inputs, rows: Rows, window: Window) -> None:
    if window.end + (model.leads or 0) >= window.first:
        problem = f"with {model.leads} leads the estimation window reaches into the event window"
        raise UsageError(
            Fault("model", problem, f"its last session is {window.end:+d}: end earlier, or give fewer leads")
        )
    blank = ~(laid.known & np.isfinite(given.risk_free))[rows.days]
    if blank.any():
        day = window.days[int(np.flatnonzero(blank)[0])]
        problem = f"what explains returns is missing at {day:+d} of the event window (model {model})"
        raise StatisticsError(Fault(model.needs or "risk_free", problem, "it must be known on all its sessions"))


def _fitted(model: Normal, laid: Design, given: Inputs, rows: Rows, names: list[int], least: int) -> Fit:
    rest = given.risk_free + laid.offset
    returns = given.returns[rows.estimation][:, names] - rest[rows.estimation, None]
    if model.kind == SCHOLES_WILLIAMS:
        return scholes_williams(returns, around(given.market - given.risk_free, model)[rows.estimation], least)
    return fit(returns, laid.columns[rows.estimation], least)


def _line(model: Normal, made: Fit, place: int, given: Inputs, name: int) -> dict[str, Any]:
    """Return what was estimated of a name; the beta of Dimson is the sum of its slopes."""
    coef: Floats = made.coef[:, place]
    line: dict[str, Any] = {"side": int(given.sides[name]), "model": str(model), "n": int(made.n[place])}
    line["df"] = int(made.df[place])
    if model.kind == FACTORS:
        line |= {"alpha": coef[0], **{f"beta {f}": b for f, b in zip(given.factor_names, coef[1:], strict=True)}}
    elif model.kind not in (MEAN, ADJUSTED):
        line |= {"alpha": coef[0], "beta": coef[1:].sum()}
    elif model.kind == MEAN:
        line["alpha"] = coef[0]
    return line | {"sigma": made.sigma[place], "reason": made.why[place]}

"""What is normal: which model, and what explains a return in it on each session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Floats
from deepshock.errors import Fault, UsageError, suggest

MEAN, ADJUSTED, MARKET, FACTORS = "mean", "market-adjusted", "market", "factors"
SCHOLES_WILLIAMS, DIMSON = "scholes-williams", "dimson"
KINDS = (MEAN, ADJUSTED, MARKET, FACTORS, SCHOLES_WILLIAMS, DIMSON)
THIN = (SCHOLES_WILLIAMS, DIMSON)


@dataclass(frozen=True)
class Normal:
    """A model of normal returns.

    Parameters
    ----------
    kind : str
        ``mean``: R = mu + e (Brown and Warner 1980).
        ``market-adjusted``: R = R_m + e, nothing estimated.
        ``market``: R = alpha + beta R_m + e (MacKinlay 1997).
        ``factors``: R - R_f = alpha + b F + e, F the columns of a factor frame (Fama and French 1993).
        ``scholes-williams``: the market model with the beta of Scholes and Williams (1977), see `thin`.
        ``dimson``: R = alpha + sum over k of b_k R_m(t - k) + e (Dimson 1979), see `thin`.
    lags, leads : int, optional
        Of the last two: how many earlier and later sessions of the market count, 1 and 1 unless told. A share whose
        venue closes before its benchmark's answers to it a session late: lags 1, leads 0.

    Raises
    ------
    UsageError
        If the kind is unknown, or lags are given to a model that has none.
    """

    kind: str = MARKET
    lags: int | None = None
    leads: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            hint = suggest(str(self.kind), KINDS) or f"there are {', '.join(KINDS)}"
            raise UsageError(Fault("model", f"{self.kind!r} is no model of normal returns", hint))
        for name in ("lags", "leads"):
            given = getattr(self, name)
            if given is not None and self.kind not in THIN:
                raise UsageError(Fault("model", f"{self.kind} has no {name}", f"those with {name}: {', '.join(THIN)}"))
            if given is not None and given < 0:
                raise UsageError(Fault("model", f"{name} is {given}", "give 0 or more"))
            if given is None:
                object.__setattr__(self, name, 1 if self.kind in THIN else 0)

    def __str__(self) -> str:
        return f"{self.kind}, lags {self.lags}, leads {self.leads}" if self.kind in THIN else self.kind

    @property
    def shifts(self) -> range:
        """How far the market is moved: from -leads to +lags; +1 is the session before."""
        return range(-(self.leads or 0), (self.lags or 0) + 1)

    @property
    def needs(self) -> str | None:
        """The data without which the model means nothing: ``market``, ``factors`` or None."""
        return {MEAN: None, FACTORS: "factors"}.get(self.kind, "market")


@dataclass(frozen=True)
class Design:
    """What explains returns on each session of an axis.

    Parameters
    ----------
    offset : ndarray of shape (n_sessions,)
        Taken as it is, with no coefficient.
    columns : ndarray of shape (n_sessions, n_parameters)
        Regressors; nan where unknown.
    """

    offset: Floats
    columns: Floats

    @property
    def known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Of shape (n_sessions,): whether everything is known there."""
        return np.asarray(np.isfinite(self.offset) & np.isfinite(self.columns).all(axis=1))


def design(model: Normal, market: Floats, factors: Floats) -> Design:
    """Lay out what explains a return.

    Parameters
    ----------
    model : Normal
    market : ndarray of shape (n_sessions,)
        Returns of the market; ignored where the model has none.
    factors : ndarray of shape (n_sessions, n_factors)
        Likewise.
    """
    one, none = np.ones((len(market), 1)), np.zeros(len(market))
    if model.kind == ADJUSTED:
        return Design(market, np.empty((len(market), 0)))
    if model.kind == MEAN:
        return Design(none, one)
    if model.kind == FACTORS:
        return Design(none, np.hstack([one, factors]))
    shifts = model.shifts if model.kind == DIMSON else range(1)
    return Design(none, np.column_stack([one, *(moved(market, k) for k in shifts)]))


def moved(values: Floats, k: int) -> Floats:
    """Return values of k sessions before (after, where k is negative); nan beyond the ends."""
    found = np.full(len(values), np.nan)
    if abs(k) >= len(values):
        return found
    found[max(k, 0) : len(values) + min(k, 0)] = values[max(-k, 0) : len(values) - max(k, 0)]
    return found

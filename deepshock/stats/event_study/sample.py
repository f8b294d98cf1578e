"""What the tests are given: the abnormal returns of a window, and what their estimation window says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepshock.arrays import Floats, Ints
from deepshock.stats.event_study.abnormal import Abnormal
from deepshock.stats.event_study.correlation import Correlation, correlation
from deepshock.stats.event_study.ranks import ranks, usual_share


@dataclass(frozen=True, eq=False)
class Sample:
    """Names, signed by side, over one event window.

    Parameters
    ----------
    abnormal : Abnormal
    floor : bool
        Whether a negative mean correlation counts as none in the two tests of Kolari and Pynnonen.
    """

    abnormal: Abnormal
    floor: bool = True

    @property
    def n(self) -> int:
        """Names."""
        return len(self.abnormal.sides)

    @property
    def days(self) -> int:
        """Sessions of the event window."""
        return len(self.abnormal.actual)

    @property
    def df(self) -> Ints:
        """Of shape (n_names,): degrees of freedom of each residual variance."""
        return self.abnormal.df

    @property
    def residual(self) -> Floats:
        """Of shape (n_sessions, n_names): of the estimation window."""
        return self.abnormal.residual

    @cached_property
    def car(self) -> Floats:
        """Of shape (n_names,): `Abnormal.car`."""
        return self.abnormal.car

    @cached_property
    def scar(self) -> Floats:
        """Of shape (n_names,): `Abnormal.scar`."""
        return self.abnormal.scar

    @cached_property
    def whole(self) -> Floats:
        """Residuals of the sessions on which every name is known."""
        return self.residual[np.isfinite(self.residual).all(axis=1)]

    @cached_property
    def correlation(self) -> Correlation:
        """Of the residuals, signed by side."""
        return correlation(self.residual)

    @cached_property
    def unsigned(self) -> Correlation:
        """Of the residuals of the names as they are, long or short."""
        return correlation(self.residual * self.abnormal.sides)

    @property
    def shared(self) -> float:
        """The mean correlation as the tests of Kolari and Pynnonen take it."""
        return max(self.correlation.mean, 0.0) if self.floor else self.correlation.mean

    @cached_property
    def ranked(self) -> Floats:
        """Of shape (n_sessions + n_days, n_names): ranks over both windows; nan where missing."""
        known, own = np.isfinite(self.residual).any(axis=1), self.abnormal.covariance
        there = np.diagonal(own, axis1=1, axis2=2).T > 0.0
        return ranks(np.vstack([self.residual[known], np.where(there, self.abnormal.ar, np.nan)]))

    @cached_property
    def share(self) -> float:
        """Share of positive residuals."""
        return float(usual_share(self.residual))

"""What was not normal: abnormal returns of a window by name, summed, compounded and standardised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepshock.arrays import Floats, Ints

SIMPLE, LOG = "simple", "log"


@dataclass(frozen=True, eq=False)
class Abnormal:
    """Abnormal returns of the names that can be measured, signed by side: positive is good for the book.

    Parameters
    ----------
    kind : str
        ``simple`` or ``log``: what the returns are.
    sides : ndarray of shape (n_names,)
        +1.0 long, -1.0 short.
    actual, expected : ndarray of shape (n_days, n_names)
        Returns of the event window, and those that the model expects; not signed.
    residual : ndarray of shape (n_sessions, n_names)
        Of the estimation window, signed; nan on sessions that a name did not use.
    sigma : ndarray of shape (n_names,)
        Residual standard deviation of a session.
    df : ndarray of shape (n_names,)
        Its degrees of freedom.
    parameters : int
        Most that a name's model has.
    covariance : ndarray of shape (n_names, n_days, n_days)
        Of a name's forecast errors, over sigma squared; see `forecast_covariance`.
    """

    kind: str
    sides: Floats
    actual: Floats
    expected: Floats
    residual: Floats
    sigma: Floats
    df: Ints
    parameters: int
    covariance: Floats

    @property
    def ar(self) -> Floats:
        """Of shape (n_days, n_names): return less what was expected."""
        return np.asarray(self.sides * (self.actual - self.expected))

    @property
    def car(self) -> Floats:
        """Of shape (n_names,): the sum over the window."""
        return np.asarray(self.ar.sum(axis=0))

    @property
    def spread(self) -> Floats:
        """Of shape (n_names,): variance of a CAR over sigma squared, 1'(I + X*(X'X)^-1 X*')1."""
        return np.asarray(self.covariance.sum(axis=(1, 2)))

    @property
    def scar(self) -> Floats:
        """Of shape (n_names,): CAR over its standard error, which holds the error of the estimates.

        A t with ``df`` degrees of freedom where returns are normal (Patell 1976; Campbell, Lo and MacKinlay 1997,
        section 4.4.3); its variance is then df / (df - 2).
        """
        return np.asarray(self.car / (self.sigma * np.sqrt(self.spread)))

    @property
    def sar(self) -> Floats:
        """Of shape (n_days, n_names): abnormal returns over their own standard errors, by Patell's correction."""
        return np.asarray(self.ar / (self.sigma * np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2).T)))

    @property
    def bhar(self) -> Floats:
        """Of shape (n_names,): what holding made less what it was expected to make (Barber and Lyon 1997).

        prod(1 + R) - prod(1 + E[R]), and exp(sum R) - exp(sum E[R]) of log returns; then signed.
        """
        if self.kind == LOG:
            made = np.exp(self.actual.sum(axis=0)) - np.exp(self.expected.sum(axis=0))
        else:
            made = np.prod(1.0 + self.actual, axis=0) - np.prod(1.0 + self.expected, axis=0)
        return np.asarray(self.sides * made)

    @property
    def aar(self) -> Floats:
        """Of shape (n_days,): mean of the names, each of equal weight."""
        return np.asarray(self.ar.mean(axis=1))

    @property
    def caar(self) -> Floats:
        """Of shape (n_days,): the mean, summed from the first day on."""
        return np.asarray(self.aar.cumsum())

    def over(self, first: int, stop: int) -> Abnormal:
        """Return days first..stop-1 of the event window alone, counted from its first."""
        days = slice(first, stop)
        return replace(
            self, actual=self.actual[days], expected=self.expected[days], covariance=self.covariance[:, days, days]
        )

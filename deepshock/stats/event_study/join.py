"""Names that were measured each by itself, on sessions of their own, put on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepshock.arrays import Ints
from deepshock.stats.event_study.abnormal import Abnormal


@dataclass(frozen=True, eq=False)
class Alone:
    """The abnormal returns of one name, and where its sessions lie on the common axis.

    Parameters
    ----------
    abnormal : Abnormal
        Of this name alone.
    sessions : ndarray of shape (n_own_sessions,), int64
        Places of its sessions in the common estimation window.
    days : ndarray of shape (n_own_days,), int64
        Places of its sessions in the common event window.
    """

    abnormal: Abnormal
    sessions: Ints
    days: Ints


def join(parts: Sequence[Alone], n_sessions: int, n_days: int) -> Abnormal:
    """Put names on one axis.

    Parameters
    ----------
    parts : sequence of Alone
        One or more, all of one kind of return.
    n_sessions, n_days : int
        Of the common estimation and event windows.

    Returns
    -------
    Abnormal
        A session of the event window that a name does not have counts for nothing there: its abnormal return and
        everything of its forecast error are nil, so that its CAR, and the standard error of that, are of its own
        sessions. Ranks leave it out (`Sample.ranked`). The book's own past is held against the mean length of the
        names' windows: exact where they are equal, else too careful where names move together, and not careful enough
        where they hedge each other.
    """
    n = len(parts)
    actual, expected = np.zeros((n_days, n)), np.zeros((n_days, n))
    residual, covariance = np.full((n_sessions, n), np.nan), np.zeros((n, n_days, n_days))
    for name, part in enumerate(parts):
        one = part.abnormal
        actual[part.days, name], expected[part.days, name] = one.actual[:, 0], one.expected[:, 0]
        residual[part.sessions, name] = one.residual[:, 0]
        covariance[name][np.ix_(part.days, part.days)] = one.covariance[0]
    return Abnormal(
        parts[0].abnormal.kind,
        np.concatenate([part.abnormal.sides for part in parts]),
        actual,
        expected,
        residual,
        np.concatenate([part.abnormal.sigma for part in parts]),
        np.concatenate([part.abnormal.df for part in parts]),
        max(part.abnormal.parameters for part in parts),
        covariance,
    )

"""One call: returns, an event date, and what it did to the names beyond what is normal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.errors import Fault, UsageError
from deepshock.stats.event_study.abnormal import SIMPLE, Abnormal
from deepshock.stats.event_study.correlation import Correlation
from deepshock.stats.event_study.inputs import read
from deepshock.stats.event_study.measure import measure
from deepshock.stats.event_study.models import MARKET, Normal
from deepshock.stats.event_study.outcome import Outcome
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.table import outcomes, table
from deepshock.stats.event_study.windows import Window, place

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class EventStudy:
    """What an event did. Everything abnormal is signed by side: positive is good for the book.

    Parameters
    ----------
    event : label
        The event's session.
    window : Window
        As asked for; `sessions` is how many the estimation window has.
    kind : str
        ``simple`` or ``log``: what returns, abnormal returns and their sums are.
    sessions : int
    names : DataFrame
        One line for each name given: ``side``, ``model``, ``n`` sessions used and their ``df``, what was estimated
        (``alpha``, ``beta``, one column for each factor; absent where the model has none), ``sigma`` of a session,
        ``se`` of the CAR, ``car``, ``scar``, ``bhar``; ``reason`` is why a name is left out of everything, and empty
        for those that count.
    outcomes : tuple of Outcome
        The tests of the whole event window.
    sample : Sample
        What they were given.
    """

    event: object
    window: Window
    kind: str
    sessions: int
    names: pd.DataFrame = field(repr=False)
    outcomes: tuple[Outcome, ...] = field(repr=False)
    sample: Sample = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """The tests of the event window, a line each; see `deepshock.stats.event_study.table.table`."""
        return table(self.outcomes)

    @property
    def correlation(self) -> Correlation:
        """Of the residuals, signed by side."""
        return self.sample.correlation

    @property
    def days(self) -> pd.DataFrame:
        """A line for each session of the event window: ``aar``, ``caar``, then the abnormal return of each name."""
        import pandas as pd

        made, known = self._abnormal, self.names.index[self.names["reason"] == ""]
        index = pd.Index(self.window.days, name="day")
        frame = pd.DataFrame(made.ar, index=index, columns=known)
        frame.insert(0, "aar", made.aar)
        frame.insert(1, "caar", made.caar)
        return frame

    @property
    def caar(self) -> float:
        """Mean CAR of the names."""
        return float(self._abnormal.caar[-1])

    def over(self, first: int, last: int) -> EventStudy:
        """Return the study of a part of the event window, with the same estimates.

        Raises
        ------
        UsageError
            If the part is not inside the window.
        """
        if not self.window.first <= first <= last <= self.window.last:
            problem = f"{first:+d}..{last:+d} is no part of {self.window.first:+d}..{self.window.last:+d}"
            raise UsageError(Fault("over", problem, "give first <= last inside the event window"))
        part = self._abnormal.over(first - self.window.first, last - self.window.first + 1)
        sample = replace(self.sample, abnormal=part)
        window = replace(self.window, first=first, last=last)
        return replace(self, window=window, names=_renamed(self.names, part), outcomes=outcomes(sample), sample=sample)

    @property
    def _abnormal(self) -> Abnormal:
        return self.sample.abnormal


def _renamed(names: pd.DataFrame, made: Abnormal) -> pd.DataFrame:
    """Return the lines of the names with what is of another window."""
    found = names.copy()
    known = found["reason"] == ""
    for column, values in of_window(made).items():
        found.loc[known, column] = values
    return found


def of_window(made: Abnormal) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return what the lines of the names say of an event window."""
    return {"se": made.sigma * np.sqrt(made.spread), "car": made.car, "scar": made.scar, "bhar": made.bhar}


def event_study(
    returns: pd.DataFrame,
    market: pd.Series[float] | None,
    event: object,
    *,
    window: Window | None = None,
    model: str | Normal | Mapping[str, str | Normal] = MARKET,
    factors: pd.DataFrame | None = None,
    risk_free: pd.Series[float] | None = None,
    sides: Mapping[str, int] | pd.Series[int] | None = None,
    kind: str = SIMPLE,
    floor: bool = True,
) -> EventStudy:
    """Measure and test what one event did to several names.

    Parameters
    ----------
    returns : DataFrame of shape (n_sessions, n_names)
        Fractions a session, nan where missing; the index rises. Its sessions are the axis, on which everything else is
        looked up. A label is not an instant: for a name whose venue closes before its benchmark's, take ``dimson``
        with a lag.
    market : Series or None
        Returns of the benchmark. None for models that need none.
    event : label
        The session of the event, one of the axis.
    window : Window, optional
        250 sessions that end 11 before the event, and the event's session, unless told.
    model : str, Normal or mapping of name to either
        What is normal; one for all names, or one for each.
    factors : DataFrame, optional
        Of the model ``factors``, a column for each, in excess of the risk-free rate where they have to be.
    risk_free : Series, optional
        Fraction a session, taken off the returns and the market but not off the factors.
    sides : mapping of name to 1 or -1, optional
        Long or short; long unless told. Abnormal returns are signed by it before anything is averaged.
    kind : str
        ``simple`` or ``log``: what the returns are. Nothing is converted.
    floor : bool
        Whether the two tests of Kolari and Pynnonen take a negative mean correlation for none, which can only make
        them more careful.

    Returns
    -------
    EventStudy

    Raises
    ------
    UsageError
        If the call cannot be understood: windows, models, names, the event's session.
    StatisticsError
        If too few sessions are there, the market is missing in the event window, or no name can be measured.

    Notes
    -----
    Missing values. Nothing is filled in. A name counts on the sessions of the estimation window where it and what
    explains it are known, and is left out, with its reason, if these are fewer than ``window.least``, if it lacks any
    session of the event window, or if its model explains it without rest. The market must be known throughout the event
    window. Correlations, and the book's own past, are of the sessions that have all names.

    Tests are two-sided, each name of equal weight. The formula and the paper of each stand in `parametric` and `ranks`.

    Examples
    --------
    >>> names, market = returns[["NVDA", "AVGO", "VRT"]], returns["SPY"]  # doctest: +SKIP
    >>> study = event_study(names, market, "2025-01-27", window=Window(0, 4))  # doctest: +SKIP
    >>> study.table.loc["adjusted BMP t", ["statistic", "p_value", "holds"]]  # doctest: +SKIP
    """
    given = read(returns, market, factors, risk_free, model, sides, kind)
    window = Window() if window is None else window
    rows = place(given.axis, event, window)
    made, names = measure(given, rows, window, kind)
    sample = Sample(made, floor)
    for column, values in of_window(made).items():
        names.loc[names["reason"] == "", column] = values
    label = given.axis[rows.event]
    sessions = rows.estimation.stop - rows.estimation.start
    columns = [*(column for column in names.columns if column != "reason"), "reason"]
    return EventStudy(label, window, kind, sessions, names[columns], outcomes(sample), sample)

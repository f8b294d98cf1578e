"""The best of many trials, with all that says what it is worth; a figure that cannot be had has a reason."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from deepshock.arrays import Floats
from deepshock.errors import Fault, StatisticsError
from deepshock.stats.hurdle import Hurdle, hurdle
from deepshock.stats.observed import flat, matrix, series
from deepshock.stats.overfitting import overfitting
from deepshock.stats.performance import LEAST_OBSERVATIONS
from deepshock.stats.selected import CONFIDENCE, Selection
from deepshock.stats.sharpe import SharpeEstimate, estimate_sharpe, minimum_track_record, probabilistic_sharpe
from deepshock.stats.superiority import superiority

T = TypeVar("T")

MOST_BLOCKS, LEAST_BLOCK = 16, 5  # of CSCV; rows of one: a week
ALIKE = 1e-9  # of standardised returns: within it two trials are one, whatever their size


def selection(
    trials: ArrayLike,
    chosen: int,
    *,
    record: ArrayLike | None = None,
    n_trials: int | None = None,
    drawn_from: int | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Selection:
    """Return what the best of many trials is worth.

    Parameters
    ----------
    trials : array_like of shape (n_obs, n_columns)
        Returns over the policy rate, of the same times in all columns, oldest first; zero while nothing is held.
    chosen : int
        Column of the trial that was chosen, for whatever was best about it.
    record : array_like of shape (n_own,), optional
        Its returns from its first fill to its last exit, as its Sharpe ratio counts them; its column by default.
    n_trials, drawn_from : int, optional
        As of `hurdle`: all tries, and of how many the other columns are an even sample; by default the columns are all
        that were tried.
    n_resamples, seed : int
        As of `superiority`.

    Returns
    -------
    Selection

    Raises
    ------
    StatisticsError
        What is given is no matrix, or has values that are not finite; there are fewer tries than trials, or none is
        chosen.

    Notes
    -----
    PSR and MinTRL are of the trial's own record. The deflated ratio is over the rows of all trials, so that a short
    record is worth its t-statistic and no more, and a trial that never varies is a try like others, which PBO may
    choose and SPA leaves out. PBO has the largest even number of blocks, 16 at most, that leaves each five rows.

    Beside an even sample the chosen trial stands alone: it is the best of all that were not drawn too, so that among
    the few it would always win, out of sample as well. PBO, SPA and the dispersion are then of the others, and whether
    StepM would find it is not known; the deflated ratio allows for all.
    """
    values = matrix("trials", trials, least=1, idle=True)
    drawn_from = values.shape[1] if drawn_from is None else drawn_from
    n_trials = drawn_from if n_trials is None else n_trials
    if not 0 <= chosen < values.shape[1] <= drawn_from <= n_trials:
        problem = f"column {chosen} of {values.shape[1]}, drawn from {drawn_from}, of {n_trials} tries"
        raise StatisticsError(Fault("chosen", problem, "choose one of the columns, and count all that were tried"))
    own = values[:, chosen] if record is None else series("record", record, least=1, idle=True)
    sampled = values.shape[1] < drawn_from
    even = np.delete(values, chosen, axis=1) if sampled else values
    why, of_all = _Reasons(), ("effective", "variance", "hurdle")
    bar = why.unless(lambda: hurdle(_enough(even), n_trials=n_trials, drawn_from=drawn_from), *of_all)
    if bar is not None and math.isnan(bar.variance):
        why["variance"] = "one trial alone has none"
    halved = why.unless(lambda: _overfitting(even), "pbo")
    tested = why.unless(lambda: _superior(even, n_resamples, seed), "spa")
    superior = tested[1] if tested else ()
    return Selection(
        n_obs=len(own),
        n_rows=len(values),
        n_columns=even.shape[1],
        drawn_from=drawn_from,
        n_trials=n_trials,
        sharpe=why.number(lambda: _estimate(own).sharpe, "sharpe"),
        psr=why.number(lambda: probabilistic_sharpe(_estimate(own)), "psr"),
        min_trl=why.number(lambda: _track_record(own), "min_trl"),
        effective=bar.effective if bar else math.nan,
        variance=bar.variance if bar else math.nan,
        hurdle=bar.ratio if bar else math.nan,
        dsr=why.number(lambda: _deflated(own, values[:, chosen], bar, why), "dsr"),
        pbo=halved[0] if halved else math.nan,
        n_blocks=halved[1] if halved else 0,
        spa=tested[0] if tested else math.nan,
        n_superior=len(superior),
        is_superior=None if sampled or tested is None else chosen in superior,
        reasons=why,
    )


class _Reasons(dict[str, str]):
    """Why figures are not known."""

    def unless(self, make: Callable[[], T], *names: str) -> T | None:
        """Return what is made; where that cannot be, keep the reason for some figures and return None."""
        try:
            return make()
        except StatisticsError as error:
            self.update(dict.fromkeys(names, "; ".join(fault.problem for fault in error.faults)))
            return None

    def number(self, make: Callable[[], float], name: str) -> float:
        """Return a figure, nan where it cannot be had."""
        made = self.unless(make, name)
        return math.nan if made is None else made


def _refuse(problem: str) -> StatisticsError:
    return StatisticsError(Fault("", problem))


def _enough(values: Floats) -> Floats:
    """Return values; refuse those that are too few for any figure."""
    if values.ndim > 1 and not values.shape[1]:
        raise _refuse("there is no other trial in the sample")
    if len(values) < LEAST_OBSERVATIONS:
        raise _refuse(f"{len(values)} observation{'s' if len(values) > 1 else ''}, and it takes {LEAST_OBSERVATIONS}")
    return values


def _estimate(own: Floats) -> SharpeEstimate:
    if flat(_enough(own)[:, None])[0]:
        raise _refuse("its returns are the same throughout")
    return estimate_sharpe(own)


def _track_record(own: Floats) -> float:
    estimate = _estimate(own)
    if estimate.sharpe <= 0.0:
        raise _refuse("its Sharpe ratio is not above zero: no record, however long, can show that it is")
    return minimum_track_record(estimate, confidence=CONFIDENCE)


def _deflated(own: Floats, column: Floats, bar: Hurdle | None, why: _Reasons) -> float:
    """Return the deflated ratio over the rows of all trials; a record that is too short by itself stays so."""
    _estimate(own)
    if bar is None:
        raise _refuse(why["hurdle"])
    return probabilistic_sharpe(_estimate(column), bar.ratio)


def _overfitting(values: Floats) -> tuple[float, int]:
    """Return PBO, and into how many blocks the times were cut."""
    still = flat(_enough(values))
    unit = values[:, ~still]
    unit = (unit - unit.mean(axis=0)) / unit.std(axis=0)
    if not unit.shape[1] or not (still.any() or (np.ptp(unit, axis=1) > ALIKE).any()):
        raise _refuse("fewer than two trials that differ")
    n_blocks = min(len(values) // (2 * LEAST_BLOCK) * 2, MOST_BLOCKS)
    return overfitting(values, n_blocks).probability, n_blocks


def _superior(values: Floats, n_resamples: int, seed: int) -> tuple[float, tuple[int, ...]]:
    """Return the p-value of SPA, and the columns that StepM finds; what never varies is left out."""
    moving = np.flatnonzero(~flat(_enough(values)))
    if not len(moving):
        raise _refuse("no trial varies")
    found = superiority(values[:, moving], level=1.0 - CONFIDENCE, n_resamples=n_resamples, seed=seed)
    return found.consistent, tuple(moving[list(found.superior)].tolist())

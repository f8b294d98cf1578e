"""Of nothing nothing is computed, and no statistic answers with a nan: the error says what there is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import DeepshockError
from deepshock.stats.event_study import event_study
from deepshock.stats.overfitting import overfitting
from deepshock.stats.resample import block_length, bootstrap_interval
from deepshock.stats.sharpe import SharpeEstimate, deflated_sharpe, estimate_sharpe, expected_maximum_sharpe
from deepshock.stats.superiority import superiority
from deepshock.stats.trials import benjamini_hochberg, effective_trials, holm

NO_TRIALS = np.empty((60, 0))
FLAT = np.full((60, 3), 0.01)
SHARPE = SharpeEstimate(0.1, 100)
AXIS = pd.bdate_range("2024-01-01", periods=300)
MARKET = pd.Series(np.random.default_rng(0).normal(0.0, 0.01, 300), AXIS)
NAMES = pd.DataFrame(0.0, AXIS, ["A", "B"])


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: effective_trials(NO_TRIALS), "trials: there is no trial in it"),
        (lambda: superiority(NO_TRIALS), "trials: there is no trial in it"),
        (lambda: overfitting(NO_TRIALS, 4), "trials: there is no trial in it"),
        (lambda: deflated_sharpe(SHARPE, 0, 0.01), "n_trials: 0 is no number of trials"),
        (lambda: expected_maximum_sharpe(0, 0.01), "n_trials: 0 is no number of trials"),
        (lambda: holm([]), "p_values: their shape is"),
        (lambda: benjamini_hochberg([]), "p_values: their shape is"),
        (lambda: estimate_sharpe([]), "returns: 0 observations are too few"),
        (lambda: bootstrap_interval([], np.mean), "returns: 0 observations are too few"),
        (lambda: block_length([]), "returns: 0 observations are too few"),
        (lambda: event_study(NAMES.iloc[:, :0], MARKET, AXIS[280]), "returns: there are none"),
    ],
)
def test_nothing_is_refused(compute: Callable[[], object], said: str) -> None:
    with pytest.raises(DeepshockError, match=f"^{said}"):
        compute()


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: effective_trials(FLAT), "columns 0, 1, 2 is the same throughout"),
        (lambda: superiority(FLAT), "columns 0, 1, 2 is the same throughout"),
        (lambda: overfitting(FLAT, 4), "columns 0, 1, 2 is the same, but not zero"),
        (lambda: estimate_sharpe(FLAT[:, 0]), "is the same throughout"),
        (lambda: bootstrap_interval(FLAT[:, 0], np.mean), "is the same throughout"),
        (lambda: block_length(FLAT), "columns 0, 1, 2 is the same throughout"),
        (lambda: event_study(NAMES, MARKET, AXIS[280]), "A: constant: nothing is left unexplained"),
        (lambda: event_study(NAMES + 0.5, MARKET, AXIS[280], model="mean"), "A: constant: nothing is left unexplained"),
        (lambda: event_study(NAMES, 0.0 * MARKET, AXIS[280]), "A: collinear: what explains it does not vary enough"),
    ],
)
def test_what_never_moves_is_refused(compute: Callable[[], object], said: str) -> None:
    with pytest.raises(DeepshockError, match=said):
        compute()

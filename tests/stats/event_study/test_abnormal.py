"""Abnormal returns by hand: sums, compounding, sides, standard errors."""

from __future__ import annotations

from dataclasses import replace
from math import exp, sqrt

import numpy as np
import pandas as pd
import pytest

from deepshock.stats.event_study import Window, event_study
from deepshock.stats.event_study.abnormal import Abnormal

# Two names, two days: A makes 10 % and -5 % where 2 % and 1 % were expected, B (short) -4 % and 1 % where 1 % and 0.
HAND = Abnormal(
    kind="simple",
    sides=np.array([1.0, -1.0]),
    actual=np.array([[0.10, -0.04], [-0.05, 0.01]]),
    expected=np.array([[0.02, 0.01], [0.01, 0.00]]),
    residual=np.zeros((4, 2)),
    sigma=np.array([0.02, 0.01]),
    df=np.array([8, 8]),
    parameters=2,
    covariance=np.array([[[1.1, 0.1], [0.1, 1.2]], [[1.3, 0.0], [0.0, 1.0]]]),
)


def test_abnormal_returns_are_signed_and_summed() -> None:
    assert HAND.ar == pytest.approx(np.array([[0.08, 0.05], [-0.06, -0.01]]))
    assert HAND.car == pytest.approx([0.02, 0.04])
    assert HAND.aar == pytest.approx([0.065, -0.035])
    assert HAND.caar == pytest.approx([0.065, 0.03])


def test_standard_errors_hold_the_whole_covariance() -> None:
    assert HAND.spread == pytest.approx([2.5, 2.3])
    assert HAND.scar == pytest.approx([0.02 / (0.02 * sqrt(2.5)), 0.04 / (0.01 * sqrt(2.3))])
    assert HAND.sar[0] == pytest.approx([0.08 / (0.02 * sqrt(1.1)), 0.05 / (0.01 * sqrt(1.3))])
    assert HAND.sar[1] == pytest.approx([-0.06 / (0.02 * sqrt(1.2)), -0.01 / 0.01])


def test_holding_compounds() -> None:
    assert HAND.bhar == pytest.approx([1.10 * 0.95 - 1.02 * 1.01, -(0.96 * 1.01 - 1.01)])
    log = replace(HAND, kind="log")
    assert log.bhar == pytest.approx([exp(0.05) - exp(0.03), -(exp(-0.03) - exp(0.01))])
    assert log.car == pytest.approx(HAND.car)


def test_a_part_of_the_window_keeps_the_estimates() -> None:
    part = HAND.over(1, 2)
    assert part.car == pytest.approx([-0.06, -0.01])
    assert part.scar == pytest.approx(HAND.sar[1])
    assert part.bhar == pytest.approx([-0.06, -0.01])


def test_one_name_by_hand() -> None:
    """Ten sessions of +-1 % say nothing but noise: sigma^2 = 10 x 0.0001 / 9. Then 3 % and, a session on, 1 %."""
    r = pd.Series([0.01, -0.01] * 5 + [0.5] * 10 + [0.03, 0.01], name="A")
    found = event_study(r.to_frame(), None, 20, window=Window(0, 1, least=10), model="mean")
    line = found.names.loc["A"]
    assert (line["n"], line["df"], line["alpha"]) == (10, 9, pytest.approx(0.0))
    assert line["sigma"] == pytest.approx(sqrt(0.001 / 9))
    assert line["car"] == pytest.approx(0.04)
    # the variance of a sum of two: 2 for the returns, and (1 + 1)^2 / 10 for the mean that both share
    assert line["se"] == pytest.approx(sqrt(0.001 / 9 * 2.4))
    assert line["scar"] == pytest.approx(0.04 / sqrt(0.001 / 9 * 2.4))
    assert line["bhar"] == pytest.approx(1.03 * 1.01 - 1.0)
    assert found.table.loc["Patell Z", "statistic"] == pytest.approx(line["scar"] / sqrt(9 / 7))
    day = found.over(0, 0).names.loc["A"]
    assert day["scar"] == pytest.approx(0.03 / sqrt(0.001 / 9 * 1.1))

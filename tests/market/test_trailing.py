"""Sigma and the usual volume equal a plain loop, and know nothing of their own session."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median, stdev

import numpy as np
import pytest

from deepshock.market import Market, shares_traded, sigma, typical_volume

from .made_up import frame, walk, weekdays


def loop_sigma(close: np.ndarray) -> list[float]:
    found = []
    for t in range(len(close)):
        known = [value for value in close[:t] if not math.isnan(value)]
        returns = [math.log(b / a) for a, b in pairwise(known)][-20:]
        found.append(stdev(returns) if len(returns) == 20 else math.nan)
    return found


def loop_volume(volume: np.ndarray) -> list[float]:
    found = []
    for t in range(len(volume)):
        known = [value for value in volume[:t] if not math.isnan(value)][-20:]
        found.append(median(known) if len(known) == 20 else math.nan)
    return found


@pytest.mark.parametrize("n", [0, 1, 20, 21, 22, 80])
@pytest.mark.parametrize("holes", [0.0, 0.3, 1.0])
def test_trailing_figures_equal_a_plain_loop(n: int, holes: float) -> None:
    rng = np.random.default_rng(n)
    values = np.where(rng.random(n) < holes, np.nan, np.exp(rng.normal(3, 0.3, n)))
    np.testing.assert_allclose(sigma(values), loop_sigma(values), rtol=1e-12)
    np.testing.assert_allclose(typical_volume(values), loop_volume(values), rtol=1e-12)


def test_a_session_does_not_see_itself_or_what_follows() -> None:
    close = np.array(walk(60))
    changed = close.copy()
    changed[40:] *= 2
    assert sigma(close)[:41].tobytes() == sigma(changed)[:41].tobytes()
    assert typical_volume(close)[:41].tobytes() == typical_volume(changed)[:41].tobytes()
    assert sigma(close)[41] != sigma(changed)[41]


def test_crypto_volume_is_in_the_quote_currency() -> None:
    days = weekdays("2025-01-13", 3)
    market = Market.load(frame("BTC-USD", days, [100.0, 50.0, 25.0], "24", volume=1000.0))
    shares = shares_traded(market.series("BTC-USD"), market.instrument("BTC-USD"))
    assert shares[np.isfinite(shares)].tolist() == [10.0, 20.0, 40.0]
    nvidia = Market.load(frame("NVDA", days, [100.0, 50.0, 25.0], volume=1000.0))
    assert set(shares_traded(nvidia.series("NVDA"), nvidia.instrument("NVDA"))) >= {1000.0}

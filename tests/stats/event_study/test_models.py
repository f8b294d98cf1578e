"""Models of normal returns agree with least squares done elsewhere, and with formulas done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepshock.errors import UsageError
from deepshock.stats.event_study.fits import fit, forecast_covariance
from deepshock.stats.event_study.models import Normal, design, moved
from deepshock.stats.event_study.thin import around, scholes_williams

DRAW = np.random.default_rng(5)
MARKET = 0.001 + 0.01 * DRAW.normal(size=120)
FACTORS = 0.01 * DRAW.normal(size=(120, 3))
RETURNS = 0.002 + np.outer(MARKET, [0.5, 1.5]) + FACTORS @ np.array([[0.2, 0.1], [0.3, -1.0], [0.0, 0.4]])
RETURNS = RETURNS + 0.01 * DRAW.normal(size=RETURNS.shape)
HOLES = RETURNS.copy()
HOLES[3:60:5, 1] = np.nan


@pytest.mark.parametrize("kind", ["mean", "market", "factors", "dimson"])
@pytest.mark.parametrize("returns", [RETURNS, HOLES], ids=["whole", "holes"])
def test_fits_and_forecasts_are_those_of_statsmodels(kind: str, returns: np.ndarray) -> None:
    api = pytest.importorskip("statsmodels.api")
    columns = design(Normal(kind), MARKET, FACTORS).columns
    made = fit(returns[:100], columns[:100])
    later = columns[101:106]
    covariance = forecast_covariance(later, made.inverse)
    for name in range(2):
        rows = np.isfinite(returns[:100, name]) & np.isfinite(columns[:100]).all(axis=1)
        theirs = api.OLS(returns[:100][rows, name], columns[:100][rows]).fit()
        assert made.coef[:, name] == pytest.approx(theirs.params, rel=1e-9)
        assert made.sigma[name] ** 2 == pytest.approx(theirs.mse_resid)
        assert (made.n[name], made.df[name]) == (theirs.nobs, theirs.df_resid)
        assert made.residual[rows, name] == pytest.approx(theirs.resid)
        assert np.isnan(made.residual[~rows, name]).all()
        assert made.sigma[name] ** 2 * made.inverse[name] == pytest.approx(theirs.cov_params())
        forecast = theirs.get_prediction(later)
        ours = made.sigma[name] ** 2 * covariance[name]
        assert np.sqrt(np.diag(ours)) == pytest.approx(forecast.se_obs)
        together = theirs.get_prediction(later.sum(axis=0, keepdims=True))  # of the sum of the five days
        assert ours.sum() == pytest.approx(5 * theirs.mse_resid + together.se_mean[0] ** 2)
    assert made.why == ("", "")


def test_the_variance_of_a_day_is_patells() -> None:
    columns = design(Normal("market"), MARKET, FACTORS).columns
    made = fit(RETURNS[:100], columns[:100])
    mean, squares = MARKET[:100].mean(), ((MARKET[:100] - MARKET[:100].mean()) ** 2).sum()
    for t in (100, 110):
        patell = 1.0 + 1.0 / 100 + (MARKET[t] - mean) ** 2 / squares
        assert forecast_covariance(columns[t : t + 1], made.inverse)[:, 0, 0] == pytest.approx(patell)


def test_a_model_that_estimates_nothing_has_the_mean_square_and_no_error_of_estimates() -> None:
    laid = design(Normal("market-adjusted"), MARKET, FACTORS)
    made = fit(RETURNS - laid.offset[:, None], laid.columns)
    assert made.df.tolist() == [120, 120]
    assert made.sigma**2 == pytest.approx(((RETURNS - MARKET[:, None]) ** 2).mean(axis=0))
    assert forecast_covariance(laid.columns[:3], made.inverse) == pytest.approx(np.array([np.eye(3)] * 2))


def test_dimson_takes_sessions_of_the_market_around_each() -> None:
    columns = design(Normal("dimson", lags=2, leads=1), MARKET, FACTORS).columns
    assert columns[50].tolist() == [1.0, MARKET[51], MARKET[50], MARKET[49], MARKET[48]]
    assert np.isnan(columns[[0, 1, -1]]).any(axis=1).all()
    assert np.isfinite(columns[2:-1]).all()
    assert moved(np.arange(3.0), 5).tolist() == pytest.approx([np.nan] * 3, nan_ok=True)


def slow_scholes_williams(y: np.ndarray, m: np.ndarray, shifts: list[int]) -> float:
    rows = range(max(0, *shifts), len(y) + min(0, *shifts))
    now = [m[t] for t in rows]
    above, below = 0.0, 1.0
    for k in shifts:
        x = [m[t - k] for t in rows]
        above += np.polyfit(x, [y[t] for t in rows], 1)[0]
        below += np.corrcoef(now, x)[0, 1] if k else 0.0
    return above / below


@pytest.mark.parametrize(("lags", "leads"), [(1, 1), (2, 2), (1, 0), (0, 0)])
def test_scholes_and_williams_is_the_slopes_over_the_markets_own_correlation(lags: int, leads: int) -> None:
    model = Normal("scholes-williams", lags=lags, leads=leads)
    made = scholes_williams(RETURNS, around(MARKET, model))
    for name in range(2):
        beta = slow_scholes_williams(RETURNS[:, name], MARKET, list(model.shifts))
        assert made.coef[1, name] == pytest.approx(beta)
    used = slice(lags, 120 - leads)
    assert made.n.tolist() == [120 - lags - leads] * 2
    assert made.coef[0] == pytest.approx(RETURNS[used].mean(axis=0) - made.coef[1] * MARKET[used].mean())
    rest = RETURNS - made.coef[0] - np.outer(MARKET, made.coef[1])
    assert made.residual[used] == pytest.approx(rest[used])
    assert made.sigma**2 == pytest.approx((rest[used] ** 2).sum(axis=0) / made.df)
    if not lags and not leads:
        assert made.coef == pytest.approx(fit(RETURNS, design(Normal("market"), MARKET, FACTORS).columns).coef)


def test_thin_betas_find_what_a_late_close_hides() -> None:
    """A share that answers half today and half tomorrow has a beta of one, and least squares say one half."""
    draw = np.random.default_rng(8)
    market = 0.01 * draw.normal(size=20_000)
    late = 0.5 * market + 0.5 * moved(market, 1)
    late = (late + 0.002 * draw.normal(size=late.shape))[:, None]
    late[0] = 0.0
    columns = design(Normal("market"), market, FACTORS).columns
    assert fit(late, columns).coef[1, 0] == pytest.approx(0.5, abs=0.02)
    model = Normal("scholes-williams")
    assert scholes_williams(late, around(market, model)).coef[1, 0] == pytest.approx(1.0, abs=0.02)
    lagged = design(Normal("dimson", lags=1, leads=0), market, FACTORS).columns
    assert fit(late, lagged).coef[1:, 0] == pytest.approx([0.5, 0.5], abs=0.02)


def test_a_name_that_cannot_be_fitted_says_why() -> None:
    y = np.column_stack([RETURNS[:, 0], np.where(np.arange(120) < 50, RETURNS[:, 0], np.nan), 2.0 * MARKET, 0 * MARKET])
    made = fit(y, design(Normal("market"), MARKET, FACTORS).columns, least=60)
    assert made.why[0] == ""
    assert made.why[1] == "too few sessions: known on 50 of the estimation window, 60 are needed"
    assert made.why[2].startswith("constant: nothing is left unexplained")
    assert made.why[3].startswith("constant")
    flat = fit(RETURNS, design(Normal("market"), np.full(120, 0.01), FACTORS).columns)
    assert flat.why[0].startswith("collinear: what explains it does not vary enough over its 120 sessions")


def test_a_market_that_turns_back_each_session_has_no_scholes_williams_beta() -> None:
    model, market = Normal("scholes-williams"), np.tile([0.01, -0.01], 60)
    made = scholes_williams(RETURNS, around(market, model))
    assert made.why[0] == "the market's own correlation over sessions leaves no Scholes-Williams beta"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"kind": "markt"}, "'markt' is no model of normal returns; did you mean market"),
        ({"kind": "??"}, "there are mean, market-adjusted, market, factors, scholes-williams, dimson"),
        ({"kind": "market", "lags": 1}, "market has no lags; those with lags: scholes-williams, dimson"),
        ({"kind": "dimson", "leads": -1}, "leads is -1; give 0 or more"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Normal(**words)


def test_a_model_says_its_lengths() -> None:
    assert [str(Normal()), str(Normal("dimson", lags=2, leads=0))] == ["market", "dimson, lags 2, leads 0"]

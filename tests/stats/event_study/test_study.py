"""One call: what it takes, what it leaves out and says so, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepshock.errors import StatisticsError, UsageError
from deepshock.stats.event_study import EventStudy, Normal, Window, event_study
from stats.event_study import made

AXIS = made.axis()
EVENT = AXIS[made.EVENT]
RETURNS, MARKET = made.world(seed=1)
WINDOW = Window(0, 2)


def study(returns: pd.DataFrame = RETURNS, market: pd.Series | None = MARKET, **words: Any) -> EventStudy:
    return event_study(returns, market, EVENT, **{"window": WINDOW} | words)


def test_nothing_is_absent_without_a_reason() -> None:
    for names, sides in product(("A", "AB", "ABC", made.NAMES), (None, made.SIDES)):
        for returns in (RETURNS[list(names)], made.ragged(RETURNS)[list(names)]):
            found = study(returns, sides=None if sides is None else {name: sides[name] for name in names})
            table = found.table
            silent = table["reason"] == ""
            assert table.loc[silent, ["statistic", "p_value", "least_p"]].notna().all(axis=None)
            assert table.loc[~silent, ["statistic", "p_value", "least_p", "holds"]].isna().all(axis=None)
            assert table["assumes"].str.len().min() > 10
            assert found.names.loc[found.names["reason"] == "", ["car", "scar", "bhar", "sigma"]].notna().all(axis=None)


def test_a_single_name_has_its_own_past_and_no_cross_section() -> None:
    table = study(RETURNS[["A"]]).table
    assert table.index[table["reason"] == ""].tolist() == [
        "portfolio t", "Corrado-Zivney rank Z", "Corrado rank Z", "Patell Z",
    ]  # fmt: skip
    assert table.loc["BMP t", "reason"] == "fewer than two names have no cross-section"
    assert table.loc["adjusted Patell Z", "reason"] == "fewer than two names have no correlation"
    alone = study(RETURNS[["A"]], window=Window()).table.loc["Corrado rank Z"]
    assert alone["least_p"] > 0.05  # the rank of one name on one session cannot be significant
    assert not alone["holds"]
    assert "it is worth 1.0 independent ranks: does not hold" in alone["evidence"]


def test_names_that_cannot_be_measured_are_left_out_with_the_reason() -> None:
    returns = RETURNS.copy()
    returns.iloc[:250, 0] = np.nan
    returns.loc[EVENT, "B"] = np.nan
    returns["C"] = 1.5 * MARKET
    found = study(returns)
    assert found.names["reason"].tolist() == [
        "too few sessions: known on 40 of the estimation window, 60 are needed",
        "missing on 1 of the 3 sessions of the event window",
        "constant: nothing is left unexplained in the estimation window",
        "", "", "", "",
    ]  # fmt: skip
    assert found.table["n"].unique().tolist() == [4]
    assert found.days.columns.tolist() == ["aar", "caar", "D", "E", "F", "G"]
    rest = study(returns[list("DEFG")])
    pd.testing.assert_frame_equal(found.table, rest.table)


def test_no_name_at_all_is_an_error_that_names_each() -> None:
    returns = RETURNS[["A", "B"]].copy()
    returns.loc[EVENT, "A"] = np.nan
    returns["B"] = 0.0
    with pytest.raises(StatisticsError, match=r"A: missing on 1 of the 3(.|\n)*B: constant"):
        study(returns)


def test_equal_abnormal_returns_have_no_spread() -> None:
    returns = RETURNS[["A", "B"]].assign(B=RETURNS["A"])
    table = study(returns).table
    assert table.loc["cross-sectional t", "reason"] == "constant: the abnormal returns of all names are equal"
    assert table.loc["adjusted BMP t", "reason"].startswith("constant")
    assert table.loc["adjusted Patell Z", "reason"] == "the residuals of all names are the same"
    assert table.loc["adjusted BMP t by side", "reason"] == "the book has one side: see adjusted BMP t"
    table = study(returns.assign(C=RETURNS["C"], D=RETURNS["C"]), sides={"A": 1, "B": 1, "C": -1, "D": -1}).table
    assert table.loc["adjusted BMP t by side", "reason"].endswith("all names of a side are equal")
    twins = returns.assign(C=RETURNS["C"], D=RETURNS["C"])
    twins.loc[EVENT, "B"] += 0.01
    table = study(twins, sides={"A": 1, "B": 1, "C": -1, "D": -1}).table
    assert table.loc["adjusted BMP t by side", "reason"] == "the residuals of all names of a side are the same"
    table = study(returns, sides={"A": 1, "B": -1}, floor=False).table
    assert table.loc["adjusted BMP t by side", "reason"] == "fewer than three names have no spread on either side"
    for test in ("portfolio t", "adjusted Patell Z", "Corrado rank Z"):
        assert "cancel each other out" in table.loc[test, "reason"]


def test_names_without_a_common_session_have_no_correlation() -> None:
    returns = RETURNS[["A", "B"]].copy()
    returns.iloc[40:165, 0] = np.nan
    returns.iloc[165:290, 1] = np.nan
    table = study(returns).table
    for test in ("adjusted BMP t", "adjusted Patell Z", "portfolio t"):
        assert table.loc[test, "reason"] == "only 0 sessions have all names, 30 are needed"
    assert table.loc["Corrado rank Z", "reason"].endswith("see Corrado-Zivney")
    assert table.loc["Corrado-Zivney rank Z", "reason"] == ""
    assert pd.isna(table.loc["sign", "statistic"]) == bool(table.loc["sign", "reason"])


def test_sides_turn_returns_before_the_cross_section() -> None:
    turned = RETURNS * pd.Series(made.SIDES)
    signed, plain = study(sides=made.SIDES), study(turned)
    assert signed.names["car"].tolist() == pytest.approx(plain.names["car"].tolist())
    columns = ["statistic", "p_value"]
    both = [table.drop("adjusted BMP t by side")[columns].to_numpy() for table in (signed.table, plain.table)]
    assert both[0] == pytest.approx(both[1])
    assert signed.caar == pytest.approx(signed.days["aar"].sum())
    back = study(sides=pd.Series(made.SIDES))
    pd.testing.assert_frame_equal(back.table, signed.table)


def test_holding_is_signed_but_not_compounded_the_other_way() -> None:
    short = study(sides=dict.fromkeys(made.NAMES, -1))
    assert short.names["bhar"].tolist() == pytest.approx((-study().names["bhar"]).tolist())


def test_the_floor_takes_a_negative_correlation_for_none() -> None:
    sides = dict(zip(made.NAMES, (1, -1, 1, -1, 1, -1, 1), strict=True))
    free, floored = study(sides=sides, floor=False), study(sides=sides)
    assert free.correlation.mean < 0.0
    for test, plain in (("adjusted Patell Z", "Patell Z"), ("adjusted BMP t", "BMP t")):
        assert floored.table.loc[test, "statistic"] == floored.table.loc[plain, "statistic"]
        assert abs(free.table.loc[test, "statistic"]) > abs(floored.table.loc[test, "statistic"])


def test_a_shared_shock_is_seen_by_what_assumes_independence() -> None:
    table = study(made.world(shared=0.9)[0], made.world(shared=0.9)[1]).table
    for test in ("Patell Z", "BMP t", "cross-sectional t", "sign", "generalised sign Z", "Wilcoxon signed rank"):
        assert not table.loc[test, "holds"]
        assert "mean residual correlation 0." in table.loc[test, "evidence"]
    apart = study(made.world(seed=2, shared=0.0)[0], made.world(seed=2, shared=0.0)[1]).table
    assert "CD" in apart.loc["sign", "evidence"]
    assert apart.loc["sign", "holds"]


def test_a_book_long_and_short_in_names_that_move_together_is_not_what_kolari_and_pynnonen_had() -> None:
    line = study(sides=made.SIDES).table.loc["adjusted BMP t"]
    assert not line["holds"]
    assert "long and short in names whose mean residual correlation is 0." in line["evidence"]
    assert "one event cannot show it: not checked" in study().table.loc["adjusted BMP t", "evidence"]


def test_an_event_that_raises_variances_is_seen() -> None:
    returns = RETURNS.copy()
    returns.loc[EVENT] += np.array([0.2, -0.2, 0.3, -0.3, 0.2, -0.2, 0.1])
    line = study(returns).table.loc["Patell Z"]
    assert not line["holds"]
    assert "x the usual, p 0: does not hold" in line["evidence"] or "e-" in line["evidence"]


def test_fat_tails_crooked_signs_and_drifting_sessions_are_seen() -> None:
    draw = np.random.default_rng(4)
    noise = draw.normal(size=(made.SESSIONS, 5))
    plain = study(pd.DataFrame(0.01 * noise, AXIS, list("ABCDE"))).table
    assert "refuses 0 of 5 names: holds" in plain.loc["BMP t", "evidence"]
    crooked = study(pd.DataFrame(0.01 * np.exp(noise), AXIS, list("ABCDE")).clip(-1.0)).table
    assert "refuses 5 of 5 names: does not hold" in crooked.loc["BMP t", "evidence"]
    assert "of the residuals are positive: does not hold" in crooked.loc["sign", "evidence"]
    trailing = pd.DataFrame(0.01 * noise, AXIS, list("ABCDE")).rolling(3, min_periods=1).mean()
    assert "autocorrelation 0.6" in study(trailing).table.loc["Patell Z", "evidence"]
    assert "the event window is one session: holds" in study(window=Window()).table.loc["Patell Z", "evidence"]


def test_each_name_may_have_its_own_model() -> None:
    late = Normal("dimson", lags=1, leads=0)
    model = {name: late if name in "CD" else "market" for name in made.NAMES}
    mixed, market, dimson = study(model=model), study(), study(model=late)
    for name in made.NAMES:
        theirs = (dimson if name in "CD" else market).names.loc[name]
        assert (
            mixed.names.loc[name, ["model", "n", "df", "car"]].tolist() == theirs[["model", "n", "df", "car"]].tolist()
        )
    assert mixed.table.loc["portfolio t", "df"] == 250 - 3


def test_factors_are_in_excess_of_the_risk_free_rate() -> None:
    api = pytest.importorskip("statsmodels.api")
    draw = np.random.default_rng(3)
    rate = pd.Series(0.0001 + 0.00002 * draw.normal(size=made.SESSIONS), AXIS)
    factors = pd.DataFrame({"Mkt-RF": MARKET - rate, "SMB": 0.01 * draw.normal(size=made.SESSIONS)}, AXIS)
    found = study(market=None, model="factors", factors=factors, risk_free=rate)
    rows, days = slice(40, 290), slice(300, 303)
    fitted = api.OLS(RETURNS["B"].iloc[rows] - rate.iloc[rows], api.add_constant(factors.iloc[rows])).fit()
    expected = fitted.predict(api.add_constant(factors).iloc[days]) + rate.iloc[days]
    line = found.names.loc["B"]
    assert line[["alpha", "beta Mkt-RF", "beta SMB"]].tolist() == pytest.approx(fitted.params.tolist())
    assert found.days["B"].tolist() == pytest.approx((RETURNS["B"].iloc[days] - expected).tolist())
    one = study(model="market", risk_free=rate)
    same = study(market=None, model="factors", factors=factors[["Mkt-RF"]], risk_free=rate)
    assert one.names["scar"].tolist() == pytest.approx(same.names["scar"].tolist())


@pytest.mark.parametrize("model", ["mean", "market-adjusted", "market", "scholes-williams", "dimson"])
def test_every_model_gives_a_study(model: str) -> None:
    found = study(model=model, window=Window(0, 0), sides=made.SIDES)
    assert found.table["reason"].eq("").all()
    found = study(model=model, window=Window(0, 0))
    if model == "mean":
        mean = RETURNS.iloc[40:290].mean()
        assert found.names["car"].tolist() == pytest.approx((RETURNS.loc[EVENT] - mean).tolist())
    if model == "market-adjusted":
        assert found.names["car"].tolist() == pytest.approx((RETURNS.loc[EVENT] - MARKET[EVENT]).tolist())
        assert found.names["df"].unique().tolist() == [250]


def test_a_part_of_the_window_is_the_study_of_that_part() -> None:
    part, direct = study(window=Window(-2, 3)).over(0, 1), study(window=Window(0, 1))
    pd.testing.assert_frame_equal(part.table, direct.table)
    pd.testing.assert_frame_equal(part.names, direct.names)
    pd.testing.assert_frame_equal(part.days, direct.days)
    with pytest.raises(UsageError, match=r"\+0\.\.\+5 is no part of -2\.\.\+3"):
        study(window=Window(-2, 3)).over(0, 5)


def test_nothing_after_the_event_window_is_read() -> None:
    later = RETURNS.copy()
    later.iloc[made.EVENT + 3 :] = 9.0
    between = later.copy()
    between.iloc[290:300] = -0.9
    for changed in (later, between):
        pd.testing.assert_frame_equal(study(changed).table, study().table)


def test_what_is_given_is_left_as_it_was() -> None:
    returns, market = RETURNS.copy(), MARKET.copy()
    study(returns, market, sides=made.SIDES)
    pd.testing.assert_frame_equal(returns, RETURNS)
    pd.testing.assert_series_equal(market, MARKET)


def test_a_study_says_what_it_is() -> None:
    found = study(kind="log")
    assert (found.event, found.kind, found.sessions, found.window) == (EVENT, "log", 250, WINDOW)
    assert "log" in repr(found)
    assert found.caar == pytest.approx(found.days["caar"].iloc[-1])
    assert found.names["car"].tolist() == study().names["car"].tolist()
    assert found.names["bhar"].tolist() != study().names["bhar"].tolist()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": "logs"}, "kind: 'logs' is no kind of return; there are simple and log"),
    ({"sides": {**made.SIDES, "A": 2}}, "sides: A is 2; give 1 for long, -1 for short"),
    ({"sides": {"A": 1}}, r"sides: B has none(.|\n)*sides: G has none"),
    ({"sides": {**made.SIDES, "AA": 1}}, "sides: there are no returns of AA"),
    ({"model": {"A": "market"}}, "model: B has none"),
    ({"model": "factors"}, "factors: the model factors needs it"),
    ({"market": None}, "market: the model market needs it"),
    ({"market": MARKET.tz_localize("UTC")}, "market: shares no session with the returns"),
    ({"market": MARKET.replace(MARKET.iloc[5], np.inf)}, "market: there are infinite values"),
    ({"market": pd.concat([MARKET, MARKET])}, "market: a session stands there twice"),
    ({"returns": 100 * RETURNS}, "returns: a simple return of .* give fractions, not percent"),
    ({"returns": RETURNS.iloc[::-1]}, "returns: the sessions do not rise"),
    ({"returns": pd.concat([RETURNS, RETURNS[["B"]]], axis=1)}, "returns: B stands there twice"),
    ({"returns": RETURNS.astype(str) + "x"}, "returns: not numbers"),
    ({"returns": RETURNS.iloc[:0]}, "returns: there are none"),
    ({"model": Normal("dimson", leads=11)}, "with 11 leads the estimation window reaches into the event window"),
    ({"kind": "x", "market": None}, r"kind: 'x'(.|\n)*market: the model"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_a_call_that_cannot_be_understood_is_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        study(**words)


@pytest.mark.parametrize(
    ("model", "row", "said"),
    [
        ("market", 301, r"market: what explains returns is missing at \+1 of the event window \(model market\)"),
        ("scholes-williams", 300, r"missing at \+0"),
        (Normal("dimson", lags=1, leads=0), 299, r"missing at \+0 .*dimson, lags 1, leads 0"),
    ],
)
def test_a_market_that_is_missing_in_the_event_window_is_an_error(model: Any, row: int, said: str) -> None:
    market = MARKET.copy()
    market.iloc[row] = np.nan
    with pytest.raises(StatisticsError, match=said):
        study(market=market, model=model)


def test_a_market_that_is_missing_elsewhere_costs_its_sessions() -> None:
    market = MARKET.drop(AXIS[100:110])
    assert study(market=market).names["n"].unique().tolist() == [240]
    assert study(market=market, window=replace(WINDOW, least=245, length=250), model="mean").names["n"].eq(250).all()
    with pytest.raises(StatisticsError, match="known on 240 of the estimation window, 245 are needed"):
        study(market=market, window=replace(WINDOW, least=245))

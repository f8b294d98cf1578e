"""Taxes and fees to the cent, each amount worked by hand beside it."""

from __future__ import annotations

import math

import pytest

from deepshock.cost import CostSet, TermRow, VenueLaw, cost_set
from deepshock.errors import CostError, LawError

from .paper import amount, charge, inputs, on

LAW = CostSet("law only", (VenueLaw(),))


def test_hong_kong_stock_300_shares_at_388():
    who = inputs("XHKG", "stock", "2025-01-28", ["2025-02-04"])
    value = 388 * 300
    assert value == 116_400
    assert charge(LAW, who, "buy", 388, 300) == pytest.approx(
        {
            "stamp duty": 117.0,  # 116.40, up to the dollar
            "SFC transaction levy": 3.14,  # 3.1428
            "AFRC transaction levy": 0.17,  # 0.1746
            "HKEX trading fee": 6.58,  # 6.5766
            "CCASS settlement fee": 2.33,  # 2.328
        }
    )


def test_a_round_trip_in_stock_and_in_an_etf_differs_by_the_stamp_duty_alone():
    trip = {}
    for cls in ("stock", "etf"):
        who = inputs("XHKG", cls, ["2025-01-28", "2025-03-04"], ["2025-02-04", "2025-03-06"])
        buy = charge(cost_set("institutional"), who, "buy", 388.0, 300, session=0, sigma=0.021, volume=2e7)
        sell = charge(cost_set("institutional"), who, "sell", 512.5, 300, session=1, sigma=0.034, volume=3e7)
        trip[cls] = (buy, sell)
    # 116.40 up to 117 on the buy; 512.5 x 300 = 153,750, 153.75 up to 154 on the sell
    for side, duty in ((0, 117.0), (1, 154.0)):
        stock, etf = trip["stock"][side], trip["etf"][side]
        assert stock.pop("stamp duty") == duty
        assert stock == etf
        assert "commission" in etf


def test_a_duty_that_is_whole_already_is_not_rounded_up_once_more():
    # 0.001 x 117,000 = 117 exactly on paper, 117.00000000000001 in binary for some values
    who = inputs("XHKG", "stock", "2025-01-28")
    for price in (1.17, 11.7, 39.0, 117.0, 1170.0):
        assert charge(LAW, who, "buy", price, round(117_000 / price))["stamp duty"] == 117.0
    assert charge(LAW, who, "buy", 117_001, 1)["stamp duty"] == 118.0


def test_the_hong_kong_tariff_came_on_top_until_the_end_of_2022():
    assert charge(LAW, inputs("XHKG", "etf", "2022-12-30"), "buy", 10.0, 1000)["HKEX trading tariff"] == 0.5
    assert "HKEX trading tariff" not in charge(LAW, inputs("XHKG", "etf", "2023-01-03"), "buy", 10.0, 1000)


@pytest.mark.parametrize(
    ("value", "paid"),
    [
        (50_000, 2.00),  # 1.00, at least 2
        (100_000, 2.00),
        (116_400, 2.33),
        (5_000_000, 100.00),
        (9_000_000, 100.00),  # 180, at most 100
    ],
)
def test_ccass_had_a_least_and_a_most_until_june_2025(value, paid):
    # Wednesday 25 June 2025 settles on Friday the 27th, Thursday on Monday the 30th: the new tariff has no bounds.
    who = inputs("XHKG", "etf", ["2025-06-25", "2025-06-26"], ["2025-06-27", "2025-06-30"])
    assert charge(LAW, who, "buy", 1.0, value, session=0)["CCASS settlement fee"] == pytest.approx(paid)
    new = charge(LAW, who, "buy", 1.0, value, session=1)["CCASS settlement fee"]
    assert new == pytest.approx(round(value * 0.000042, 2))


def test_the_french_tax_goes_by_settlement():
    # T+2: Thursday 27 March 2025 settles on Monday the 31st at 0.3 %, Friday the 28th on 1 April at 0.4 %.
    who = inputs("XPAR", "stock", ["2025-03-27", "2025-03-28"], ["2025-03-31", "2025-04-01"])
    assert charge(LAW, who, "buy", 625.3, 17, session=0) == {
        "financial transaction tax": pytest.approx(31.89)
    }  # 31.8903
    assert charge(LAW, who, "buy", 625.3, 17, session=1) == {
        "financial transaction tax": pytest.approx(42.52)
    }  # 42.5204
    assert charge(LAW, who, "sell", 625.3, 17, session=0) == {}


def test_the_sec_fee_goes_up_to_the_cent_on_sales_only():
    who = inputs("XNAS", "stock", "2025-01-28")
    # 1,000 NVDA at 121.81: 121,810 x 0.0000278 = 3.386318; FINRA 1,000 x 0.000166 = 0.166
    sold = charge(LAW, who, "sell", 121.81, 1000)
    assert sold == pytest.approx({"SEC section 31 fee": 3.39, "FINRA trading activity fee": 0.17})
    assert charge(LAW, who, "buy", 121.81, 1000) == {}
    assert charge(LAW, who, "sell", 121.81, 1)["SEC section 31 fee"] == pytest.approx(0.01)  # 0.0034


def test_finras_fee_has_a_cap():
    who = inputs("ARCX", "etf", "2025-01-28")
    at_cap = charge(LAW, who, "sell", 50.0, 50_000)["FINRA trading activity fee"]
    assert at_cap == pytest.approx(8.30)  # 50,000 x 0.000166 = 8.30
    assert charge(LAW, who, "sell", 50.0, 49_000)["FINRA trading activity fee"] == pytest.approx(8.14)  # 8.134
    assert charge(LAW, who, "sell", 50.0, 60_000)["FINRA trading activity fee"] == pytest.approx(8.30)  # 9.96
    later = inputs("ARCX", "etf", "2026-01-02")
    assert charge(LAW, later, "sell", 50.0, 60_000)["FINRA trading activity fee"] == pytest.approx(9.79)  # 11.70


@pytest.mark.parametrize(
    ("year", "cap"), [("2021", 5.95), ("2022", 6.49), ("2023", 7.27), ("2024", 8.30), ("2025", 8.30), ("2026", 9.79)]
)
def test_finras_cap_by_year(year, cap):
    (fee,) = [row for row in LAW.terms(inputs("XNYS", "stock", f"{year}-07-01")) if row.item.startswith("FINRA")]
    assert (fee.max, fee.min, fee.round_to, fee.round_up) == (cap, 0.0, 0.01, True)


def test_nothing_is_due_to_the_sec_while_its_rate_is_zero():
    assert set(charge(LAW, inputs("XNYS", "stock", "2025-06-02"), "sell", 100.0, 100)) == {"FINRA trading activity fee"}


def test_a_mainland_sale_pays_the_duty_and_a_purchase_does_not():
    who = inputs("XSHE", "stock", "2025-02-07")
    # 300 shares at 36.39 = 10,917: duty 5.4585, handling 0.3723, CSRC 0.2183, transfer 0.1092
    fees = {"handling fee": 0.37, "CSRC levy": 0.22, "transfer fee": 0.11}
    assert charge(LAW, who, "buy", 36.39, 300) == pytest.approx(fees)
    assert charge(LAW, who, "sell", 36.39, 300) == pytest.approx(fees | {"stamp duty": 5.46})


def test_london_taxes_purchases_by_half_a_percent_to_the_penny():
    who = inputs("XLON", "stock", "2025-01-28")
    assert charge(LAW, who, "buy", 12.35, 777) == pytest.approx({"stamp duty reserve tax": 47.98})  # 47.979750
    assert charge(LAW, who, "sell", 12.35, 777) == {}


@pytest.mark.parametrize(("venue", "cls"), [("XETR", "stock"), ("XAMS", "etf"), ("24x7", "crypto")])
def test_where_nothing_is_levied_there_is_no_row(venue, cls):
    assert LAW.terms(inputs(venue, cls, "2025-01-28")) == ()


class TestWindow:
    def test_rows_change_between_the_sessions_and_end_with_the_window(self):
        who = inputs("XNAS", "stock", ["2024-05-20", "2024-05-21", "2024-05-22", "2024-05-23"], window=(1, 3))
        assert [(row.item, row.first, row.last, row.of_value) for row in LAW.only("SEC section 31 fee").terms(who)] == [
            ("SEC section 31 fee", 1, 2, 0.0000080),
            ("SEC section 31 fee", 2, 3, 0.0000278),
        ]

    def test_no_law_is_demanded_where_no_trade_can_happen(self):
        sessions = ["2019-12-31", "2021-01-04", "2021-01-05"]
        LAW.terms(inputs("XNAS", "stock", sessions, window=(1, 3)))
        with pytest.raises(LawError, match="2019-12-31"):
            LAW.terms(inputs("XNAS", "stock", sessions, window=(0, 3)))

    def test_a_run_that_cannot_trade_needs_no_law_at_all(self):
        assert cost_set("retail").terms(inputs("XTKS", "stock", "2025-01-28", window=(1, 1))) == ()

    def test_every_row_of_every_model_is_clipped(self):
        who = inputs("XHKG", "stock", ["2025-01-27", "2025-01-28", "2025-02-03", "2025-02-04"], window=(1, 3))
        assert {(row.first, row.last) for row in cost_set("retail").terms(who)} == {(1, 3)}


class TestAsOf:
    def test_a_placebo_pays_the_law_of_the_event_at_every_date(self):
        sessions, settles = ["2019-01-02", "2022-03-01", "2025-06-26"], ["2019-01-04", "2022-03-03", "2025-06-30"]
        who = inputs("XHKG", "stock", sessions, settles)
        frozen = LAW.as_of(on("2025-06-26"))
        paid = [charge(frozen, who, "buy", 388, 300, session=k) for k in range(3)]
        assert paid[0] == paid[1] == paid[2]
        # The event's trade settles on 30 June 2025, so its CCASS fee is the new one: 116,400 x 0.000042 = 4.8888
        assert paid[0]["CCASS settlement fee"] == pytest.approx(4.89)

    def test_it_says_so(self):
        assert "2025-01-28" in cost_set("retail").as_of(on("2025-01-28")).name


class TestRounding:
    @pytest.mark.parametrize(
        ("paid", "step", "up", "rounded"),
        [
            (116.4, 1.0, True, 117.0),
            (117.0, 1.0, True, 117.0),
            (0.07, 0.01, True, 0.07),  # 0.07 / 0.01 is 7.000000000000001
            (0.0701, 0.01, True, 0.08),
            (0.285, 0.01, False, 0.29),  # 0.285 / 0.01 is 28.499999999999996
            (0.2849, 0.01, False, 0.28),
            (1.005, 0.01, False, 1.01),
        ],
    )
    def test_the_quotient_has_a_tolerance(self, paid, step, up, rounded):
        row = TermRow("fee", "both", 0, 1, fixed=paid, round_to=step, round_up=up)
        assert amount(row, 1.0, 1) == pytest.approx(rounded, abs=1e-12)

    def test_a_tax_without_a_stated_rounding_is_half_up_to_a_hundredth(self):
        (row,) = [one for one in LAW.terms(inputs("XHKG", "etf", "2022-12-30")) if one.item == "HKEX trading tariff"]
        assert (row.round_to, row.round_up) == (0.01, False)

    def test_only_the_stamp_duty_goes_up_to_the_dollar(self):
        rows = {row.item: row for row in LAW.terms(inputs("XHKG", "stock", "2025-01-28"))}
        assert (rows["stamp duty"].round_to, rows["stamp duty"].round_up) == (1.0, True)
        others = {(row.round_to, row.round_up) for item, row in rows.items() if item != "stamp duty"}
        assert others == {(0.01, False)}

    def test_what_is_no_tax_is_not_rounded(self):
        who = inputs("24x7", "crypto", "2025-01-28")
        assert {row.round_to for row in cost_set("retail").terms(who)} == {0.0}


def test_bounds_come_before_the_rounding():
    row = TermRow("fee", "both", 0, 1, of_value=0.001, max=8.305, round_to=0.01, round_up=True)
    assert amount(row, 100.0, 1e6) == pytest.approx(8.31)
    assert TermRow("fee", "both", 0, 1).max == math.inf


@pytest.mark.parametrize(
    ("trades", "settles", "window", "said"),
    [
        (["2025-01-28", "2025-01-27"], ["2025-01-28", "2025-01-29"], (0, 2), "trade_days falls"),
        (["2025-01-27", "2025-01-28"], ["2025-01-29"], (0, 2), "not one axis"),
        (["2025-01-27", "2025-01-28"], ["2025-01-29", "2025-01-28"], (0, 2), "settle_days falls"),
        (["2025-01-27"], ["2025-01-28"], (0, 2), r"window \[0, 2\) leaves the 1 sessions"),
        (["2025-01-27"], ["2025-01-28"], (1, 0), "leaves"),
    ],
)
def test_inputs_that_are_no_axis_are_refused_when_built(trades, settles, window, said):
    with pytest.raises(CostError, match=said):
        inputs("XNAS", "stock", trades, settles, window)

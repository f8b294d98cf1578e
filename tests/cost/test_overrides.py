"""Changing one figure in the desk's words, from a thesis, a sweep or a cost file."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from deepshock.cost import cost_set, describe, list_settings
from deepshock.errors import CostError
from deepshock.plan import costs_of
from deepshock.thesis import Thesis

from .paper import charge, inputs

HEADER = "venue,item,class,side,rate,unit,min,max,rounding,basis,from,to,confidence,source\n"


def values(costs) -> dict[str, float | None]:
    return {one.path: one.value for one in list_settings(costs)}


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("commission.us.per-share", 0.005, 0.005),
        ("commission.us.minimum", 1, 1.0),
        ("commission.hong-kong.bps", 4, 4.0),
        ("commission.crypto.bps", "10", 10.0),
        ("half-spread.us.bps", 0, 0.0),
        ("half-spread.ticks", 1, 1.0),
        ("slippage.bps", "1e-1", 0.1),
        ("impact.y", 1.2, 1.2),
        ("borrow.general", 0.02, 0.02),
        ("borrow.special", "8%", 0.08),
        ("conversion.bps", 5, 5.0),
        ("financing.credit", "-1 %", -0.01),
        ("financing.credit-floor", 0, 0.0),
        ("financing.debit", 0.03, 0.03),
        ("financing.rebate", "none", None),
        ("financing.rebate", -0.0025, -0.0025),
        ("interest", "off", 0.0),
        ("taxes", False, 0.0),
        ("taxes", 0.0, 0.0),
        ("participation", 0.05, 0.05),
        ("participation", "5%", 0.05),
        ("participation", "7.5 %", 0.075),
        ("participation", 1, 1.0),
        ("participation", "100%", 1.0),
        ("participation", "none", None),
    ],
)
def test_one_path_changes_one_figure(path, given, value):
    before, after = values(cost_set()), values(cost_set("institutional", {path: given}))
    assert after[path] == (pytest.approx(value) if value is not None else None)
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {path} <= (
        {name for name in before if name.startswith("financing.")} if path == "interest" else set()
    )


@pytest.mark.parametrize("given", [3, "3", 3.0])
@pytest.mark.parametrize("path", ["borrow.special", "financing.debit"])
def test_a_rate_above_1_needs_its_percent_sign(path, given):
    with pytest.raises(CostError, match="3% if 3 % a year is meant, 300% if it is 300 %"):
        cost_set("institutional", {path: given})
    assert values(cost_set("institutional", {path: "300%"}))[path] == 3.0


def test_every_path_that_is_listed_can_be_set():
    for one in list_settings(cost_set()):
        given = "off" if one.unit == "on or off" else 0.0123
        assert values(cost_set("institutional", {one.path: given}))[one.path] == (0.0 if given == "off" else 0.0123)


def test_a_half_spread_without_a_market_is_set_in_all():
    found = {
        path: value for path, value in values(cost_set("retail", {"half-spread.bps": 2})).items() if "half" in path
    }
    markets = ("us", "hong-kong", "europe", "mainland", "crypto")
    assert found == {f"half-spread.{market}.bps": 2.0 for market in markets} | {
        "half-spread.ticks": 0.5,
        "half-spread.sigma": 0.01,
    }


@pytest.mark.parametrize("order", [1, -1])
def test_a_market_beats_all_markets_in_whatever_order(order):
    given = dict([("half-spread.bps", 2), ("half-spread.hong-kong.bps", 7)][::order])
    found = values(cost_set("retail", given))
    assert (found["half-spread.hong-kong.bps"], found["half-spread.us.bps"]) == (7.0, 2.0)


def test_the_name_says_what_was_changed():
    assert cost_set("retail", {"half-spread.bps": 2.0}).name == "retail with half-spread.bps 2"


def test_all_faults_come_at_once_each_with_what_is_allowed():
    with pytest.raises(CostError) as caught:
        cost_set("retial", {
            "half_spread.bps": 2, "slippage.bps": -1, "borrow.special": 800, "financing.rebate": "x", "taxes": "maybe",
            "impact.y": "5%", "conversion.bps": 20_000, "borrow.general": "none", "commission.us.minimum": True,
            "half-spread.ticks": "nan",
        })  # fmt: skip
    said = [str(fault) for fault in caught.value.faults]
    assert len(said) == 11
    for words in (
        "no preset is called 'retial'; did you mean retail?",
        "costs.half_spread.bps: no such cost setting; did you mean half-spread.bps",
        "costs.slippage.bps: -1 is negative",
        "800 is more than 1,000 % a year; write 0.05 or 5%",
        "'x' is no number",
        "'maybe' is neither on nor off",
        "'5%' is a percentage",
        "20000 is the whole value or more",
        "'none' is no number; write 0",
        "True is no finite number",
        "'nan' is no finite number",
    ):
        assert any(words in one for one in said), (words, said)


def test_a_word_that_is_like_no_other_is_answered_with_the_list():
    with pytest.raises(CostError, match=r"known are half-spread\.bps, commission\.us\.per-share"):
        cost_set("none", {"zzz": 1})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (0, "0 lets nothing fill"),
        ("0%", "'0%' lets nothing fill"),
        (2, "2 is more than the whole volume"),
        ("101%", "'101%' is more than the whole volume"),
        (-0.02, "-0.02 is negative"),
        ("inf", "'inf' is no finite number"),
        ("nan", "'nan' is no finite number"),
        ("all", "'all' is no number"),
        (True, "True is no finite number"),
        ("", "'' is no number"),
    ],
)
def test_what_is_no_participation_is_told_what_one_is(given, problem):
    with pytest.raises(CostError) as caught:
        cost_set("retail", {"participation": given})
    remedy = "write a part above 0 and up to 1, such as 0.02 or 2%, or none for no cap"
    assert str(caught.value) == f"costs.participation: {problem}; {remedy}"


@pytest.mark.parametrize(
    ("given", "part"), [("2%", 0.02), ("7.5%", 0.075), (0.05, 0.05), ("1", 1.0), ("none", math.inf)]
)
def test_a_thesis_may_set_what_one_fill_takes(given, part):
    thesis = Thesis(name="t", source={"published": "2025-01-27"}, long=["X"], costs="retail")
    varied = thesis.vary({"costs.participation": given})
    assert costs_of(varied).participation == part
    again = Thesis.from_yaml(varied.to_yaml())
    assert again == varied
    assert costs_of(again).participation == part


def test_a_thesis_is_told_where_its_participation_is_wrong():
    thesis = Thesis(name="t", source={"published": "2025-01-27"}, long=["X"], costs={"participation": 2})
    with pytest.raises(
        CostError, match=r"t costs: costs\.participation: 2.* is more than the whole volume; write a part"
    ):
        costs_of(thesis)


def test_a_spread_on_interest_that_is_off_is_no_silent_nothing():
    with pytest.raises(CostError, match=r"financing\.debit: has no effect while interest is off; add interest: on"):
        cost_set("none", {"financing.debit": 0.01})
    assert cost_set("none", {"financing.debit": 0.01, "interest": "on"}).financing.debit_spread == 0.01


class TestCostFile:
    def write(self, folder: Path, text: str, law: str = "") -> Path:
        if law:
            (folder / "law.csv").write_text(HEADER + law)
        path = folder / "desk.yaml"
        path.write_text(text)
        return path

    def faults(self, path: Path) -> list[str]:
        with pytest.raises(CostError) as caught:
            cost_set(path)
        return [str(fault).replace(str(path.parent), "") for fault in caught.value.faults]

    def test_starts_from_a_preset_and_changes_it(self, tmp_path):
        path = self.write(tmp_path, "preset: retail\nhalf-spread.bps: 2\nborrow.special: 8%\ninterest: off\n")
        costs = cost_set("desk.yaml", {"half-spread.us.bps": 1}, beside=tmp_path)
        found = values(costs)
        assert (found["half-spread.hong-kong.bps"], found["half-spread.us.bps"]) == (2.0, 1.0)
        assert (found["slippage.bps"], found["borrow.special"], found["interest"]) == (2.0, 0.08, 0.0)
        assert costs.name == "desk.yaml (retail) with half-spread.us.bps 1"
        assert cost_set(path).name == "desk.yaml (retail)"

    @pytest.mark.parametrize(("text", "part"), [("5%", 0.05), ("0.1", 0.1), ("none", math.inf)])
    def test_may_set_what_one_fill_takes(self, tmp_path, text, part):
        path = self.write(tmp_path, f"preset: retail\nparticipation: {text}\n")
        assert cost_set(path).participation == part
        assert cost_set(path, {"participation": 0.5}).participation == 0.5

    def test_starts_from_institutional_where_it_names_none(self, tmp_path):
        assert values(cost_set(self.write(tmp_path, "impact.y: 1\n")))["slippage.bps"] == 1.0

    def test_what_is_given_in_the_call_is_laid_over_the_files_markets(self, tmp_path):
        path = self.write(tmp_path, "half-spread.hong-kong.bps: 9\n")
        assert values(cost_set(path, {"half-spread.bps": 2}))["half-spread.hong-kong.bps"] == 2.0

    def test_its_law_wins_where_dates_overlap(self, tmp_path):
        law = "XHKG,stamp duty,stock,both,0.002,of value,,,up to HKD 1,trade,2025-01-28,2025-01-28,low,a what-if\n"
        costs = cost_set(self.write(tmp_path, "law: law.csv\n", law))
        who = inputs("XHKG", "stock", ["2025-01-27", "2025-01-28", "2025-02-03"])
        duties = [charge(costs, who, "buy", 388, 300, session=k)["stamp duty"] for k in range(3)]
        assert duties == [117.0, 233.0, 117.0]  # 232.80, up to the dollar

    def test_a_market_that_no_preset_knows(self, tmp_path):
        law = "XTKS,none,any,both,0,of value,,,,trade,2020-01-01,,medium,no tax on the trade\n"
        text = "markets: {XTKS: japan}\ncommission.japan.bps: 3\ncommission.japan.minimum: 100\n"
        text += "half-spread.japan.bps: 4\nlaw: law.csv\n"
        costs = cost_set(self.write(tmp_path, text, law))
        paid = charge(costs, inputs("XTKS", "stock", "2025-01-28"), "buy", 2_000.0, 300)
        assert paid == pytest.approx({"commission": 180.0, "half-spread": 240.0, "slippage": 60.0, "impact": 0.0})
        assert any("japan 3 bps, at least 100 a trade" in line for line in describe(costs))
        assert values(costs)["half-spread.japan.bps"] == 4.0

    def test_a_calendar_can_be_moved_to_a_market_of_its_own(self, tmp_path):
        text = "markets: {XLON: london}\ncommission.london.bps: 1\nhalf-spread.bps: 2\n"
        costs = cost_set(self.write(tmp_path, text))
        assert charge(costs, inputs("XLON", "stock", "2025-01-28"), "buy", 100.0, 100)["commission"] == 1.0
        assert charge(costs, inputs("XETR", "stock", "2025-01-28"), "buy", 100.0, 100)["commission"] == 2.0

    def test_a_market_without_figures_is_not_free(self, tmp_path):
        found = self.faults(self.write(tmp_path, "markets: {XTKS: japan}\n"))
        assert found == [
            "/desk.yaml:1 markets japan: has no commission; write commission.japan.bps; 0 is allowed",
            "/desk.yaml:1 markets japan: has no half-spread; write half-spread.japan.bps; 0 is allowed",
        ]

    def test_all_its_faults_come_at_once_with_their_lines(self, tmp_path):
        text = "preset: instituional\nhalf-spred.bps: 2\nslippage.bps: fast\nslippage.bps: 2\n"
        text += "law: none.csv\nmarkets: japan\nimpact: {y: 1}\n"
        found = self.faults(self.write(tmp_path, text))
        starts = [
            "/desk.yaml:1 preset: 'instituional' is none; did you mean institutional?",
            "/desk.yaml:2 half-spred.bps: no such cost setting; did you mean half-spread.bps",
            "/desk.yaml:3 slippage.bps: 'fast' is no number; the unit is bps of value",
            "/desk.yaml:4 slippage.bps: is given twice",
            "/none.csv: cannot be read",
            "/desk.yaml:6 markets: is no mapping of calendar to market",
            "/desk.yaml:7 impact: one value was expected",
        ]
        assert len(found) == len(starts)
        for start in starts:
            assert any(one.startswith(start) for one in found), (start, found)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "is no mapping of words"),
            ("- retail\n", "is no mapping of words"),
            ("preset: [retail\n", "/desk.yaml:2: not YAML"),
            ("preset: retail\n---\npreset: none\n", "not YAML"),
            ("? [a]\n: 1\n", "a word was expected"),
            ("[" * 20_000, "nested too deeply"),
            ("# " + "x" * 300_000, "larger than 256 KB"),
        ],
    )
    def test_what_is_no_cost_file_at_all_says_so(self, tmp_path, text, said):
        assert said in self.faults(self.write(tmp_path, text))[0]

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(CostError, match="cannot be read"):
            cost_set(tmp_path / "nowhere.yaml")

    def test_a_table_is_no_cost_file(self):
        with pytest.raises(CostError, match=r"write a .yaml cost file with the line law: my.csv"):
            cost_set("my.csv")

    def test_law_without_taxes_would_be_lost(self, tmp_path):
        law = "XHKG,levy,any,both,0.002,of value,,,,trade,2025-01-28,,low,a what-if\n"
        path = self.write(tmp_path, "preset: none\nlaw: law.csv\n", law)
        assert "has no effect while taxes are off; add taxes: on" in self.faults(path)[0]
        path.write_text("preset: none\ntaxes: on\nlaw: law.csv\n")
        assert "levy" in cost_set(path).items()
        assert cost_set(path, {"taxes": "off"}).items() == ()


class TestLawFile:
    def faults(self, folder: Path, law: str, header: str = HEADER) -> list[str]:
        (folder / "law.csv").write_text(header + law)
        (folder / "desk.yaml").write_text("law: law.csv\n")
        with pytest.raises(CostError) as caught:
            cost_set(folder / "desk.yaml")
        return [str(fault).replace(str(folder), "") for fault in caught.value.faults]

    def test_every_wrong_cell_is_named_with_its_line_and_column(self, tmp_path):
        good = "XHKG,levy,any,both,0.002,of value,,,,trade,2025-01-28,,low,a what-if\n"
        bad = "Hongkong,,stok,long,-1,of worth,x,,to the cent,day,28.1.2025,soon,sure,\n"
        found = self.faults(tmp_path, good + "\n" + bad)
        columns = {one.split(":")[1].split(" ", 1)[1] for one in found}
        assert all(one.startswith("/law.csv:4 ") for one in found)
        assert columns == {
            "venue", "item", "class", "side", "rate", "unit", "min", "rounding", "basis", "from", "to", "confidence",
            "source",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (
                "XHKG,levy,any,both,0.1,of value,,,,trade,2025-02-01,2025-01-01,low,x",
                "law.csv:2 to: 2025-01-01 is before",
            ),
            ("XHKG,levy,any,both,0.1,of value,5,2,,trade,2025-02-01,,low,x", "max: 2 is less than the minimum 5"),
            ("XHKG,levy,any,both,0,of value,5,,,trade,2025-02-01,,low,x", "write a flat fee as 'per trade'"),
            ("XHKG,borrow,any,both,0.1,of value,,,,trade,2025-02-01,,low,x", "is the name of another cost"),
            ("XHKG,levy,any,both,0.1,of value,,,,trade,2025-02-01,,low", "law.csv:2: 13 cells; write 14"),
            (
                "XHKG,CCASS settlement fee,any,both,0.1,of value,,,,trade,2025-02-01,,low,x",
                "give the basis of the built-in row",
            ),
        ],
    )
    def test_cells_that_cannot_both_be_meant(self, tmp_path, row, said):
        assert said in "\n".join(self.faults(tmp_path, row + "\n"))

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ({"rate": "0.1%"}, "rate: '0.1%' is not understood; write a number that is not negative: 0.001 for 0.1 %"),
            ({"rate": "5"}, "rate: 5 of value is the whole value or more; write 0.001 for 0.1 %"),
            ({"venue": "xhkg"}, "venue: 'xhkg' is not understood; write a market identifier, such as XHKG, US or 24/7"),
            ({"cls": "Stock"}, "class: 'Stock' is not understood; write any, stock, etf, crypto or future"),
            ({"rounding": "up to 1"}, "rounding: 'up to 1' is not understood; write none, to HKD 0.01, or up to HKD 1"),
            ({"rounding": "to HKD 0.00"}, "rounding: 'to HKD 0.00' is no step; write none, or a step above 0"),
            ({"first": "28/01/2025"}, "from: '28/01/2025' is not understood; write for example 2025-01-28"),
            ({"first": ""}, "from: the cell is empty; write for example 2025-01-28"),
        ],
    )
    def test_a_wrong_cell_is_told_what_may_stand_in_it(self, tmp_path, cells, said):
        good = {"venue": "XHKG", "cls": "any", "rate": "0.1", "rounding": "", "first": "2025-01-01"}
        row = "{venue},levy,{cls},both,{rate},of value,,,{rounding},trade,{first},,low,x\n".format(**{**good, **cells})
        (found,) = self.faults(tmp_path, row)
        assert found.startswith(f"/law.csv:2 {said}")

    def test_a_file_without_rows_says_nothing_and_is_refused(self, tmp_path):
        assert self.faults(tmp_path, "\n") == [
            "/law.csv: holds no row; write at least one, or remove law: from the cost file"
        ]

    def test_another_basis_is_a_fault_of_the_file(self, tmp_path):
        row = "XHKG,stamp duty,stock,both,0.1,of value,,,,settle,2025-02-01,,low,x\n"
        (found,) = self.faults(tmp_path, row)
        assert found.startswith("/law.csv: 'stamp duty' (XHKG, both) goes by trade date in one row")

    def test_rows_that_overlap_are_refused(self, tmp_path):
        row = "XHKG,levy,any,both,0.1,of value,,,,trade,{},,low,x\n"
        (said,) = self.faults(tmp_path, row.format("2025-01-01") + row.format("2025-06-01"))
        assert "'levy' (XHKG, any, both) has two rows: from 2025-01-01 and from 2025-06-01" in said

    def test_wrong_columns_are_refused(self, tmp_path):
        (said,) = self.faults(tmp_path, "", HEADER.replace("basis", "base"))
        assert said.startswith("/law.csv:1: the columns are venue")
        assert "write venue,item,class,side" in said

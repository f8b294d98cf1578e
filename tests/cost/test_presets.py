"""The presets: their figures as stated, what is charged where, and taking single costs out."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from deepshock.cost import (
    Commission,
    CostSet,
    Financing,
    HalfSpread,
    Impact,
    Inputs,
    Slippage,
    TermRow,
    Tiers,
    VenueLaw,
    cost_set,
    describe,
    list_settings,
)
from deepshock.errors import CostError

from .paper import charge, inputs, on

US = inputs("XNAS", "stock", "2025-01-28")
MARKETS = {
    "us": US,
    "hong-kong": inputs("XHKG", "stock", "2025-01-28"),
    "europe": inputs("XETR", "stock", "2025-01-28"),
    "mainland": inputs("XSHE", "stock", "2025-02-07"),
    "crypto": inputs("24x7", "crypto", "2025-01-28"),
}


class TestFigures:
    """1,000 shares at 100 (value 100,000), each figure worked from the stated assumptions."""

    @pytest.mark.parametrize(
        ("preset", "market", "commission", "half_spread", "slippage"),
        [
            ("institutional", "us", 2.00, 10.0, 10.0),
            ("institutional", "hong-kong", 20.0, 30.0, 10.0),
            ("institutional", "europe", 20.0, 30.0, 10.0),
            ("institutional", "mainland", 30.0, 50.0, 10.0),
            ("institutional", "crypto", 50.0, 20.0, 10.0),
            ("retail", "us", 3.50, 15.0, 20.0),
            ("retail", "hong-kong", 80.0, 50.0, 20.0),
            ("retail", "europe", 50.0, 50.0, 20.0),
            ("retail", "mainland", 30.0, 80.0, 20.0),
            ("retail", "crypto", 250.0, 50.0, 20.0),
        ],
    )
    def test_of_a_fill(self, preset, market, commission, half_spread, slippage):
        paid = charge(cost_set(preset), MARKETS[market], "buy", 100.0, 1000)
        assert paid["commission"] == pytest.approx(commission)
        assert paid["half-spread"] == pytest.approx(half_spread)
        assert paid["slippage"] == pytest.approx(slippage)
        assert paid["impact"] == 0.0

    @pytest.mark.parametrize(("market", "least"), [("us", 0.35), ("hong-kong", 18), ("europe", 3), ("mainland", 5)])
    def test_of_a_small_retail_trade_are_the_minimum(self, market, least):
        assert charge(cost_set("retail"), MARKETS[market], "buy", 1.0, 3)["commission"] == least

    def test_of_a_small_institutional_trade_have_no_minimum(self):
        assert charge(cost_set(), US, "buy", 1.0, 3)["commission"] == pytest.approx(0.006)

    def test_of_impact_are_the_square_root_of_the_part_of_the_volume(self):
        # 0.7 x 3 % x 100,000 x sqrt(1,000 / 100,000) = 210
        paid = charge(cost_set(), US, "buy", 100.0, 1000, sigma=0.03, volume=100_000)
        assert paid["impact"] == pytest.approx(210.0)
        # after a 4 for 1 split the same trade is 4,000 adjusted shares of an adjusted volume
        split = charge(cost_set(), US, "buy", 100.0, 1000, sigma=0.03, volume=400_000, splits=4.0)
        assert split["impact"] == pytest.approx(210.0)

    def test_of_the_half_spread_have_two_floors(self):
        half_spread = cost_set().only("half-spread")
        # 1 bp of 20,000 is 2; half a tick on 1,000 shares is 5; 0.01 x 4 % x 20,000 is 8
        assert charge(half_spread, US, "sell", 20.0, 1000)["half-spread"] == pytest.approx(5.0)
        assert charge(half_spread, US, "sell", 20.0, 1000, sigma=0.04)["half-spread"] == pytest.approx(8.0)
        assert charge(half_spread, US, "sell", 200.0, 1000)["half-spread"] == pytest.approx(20.0)

    @pytest.mark.parametrize(
        ("preset", "general", "special", "conversion"),
        [("none", 0.0, 0.0, 0.0), ("institutional", 0.003, 0.05, 0.5), ("retail", 0.01, 0.10, 3.0)],
    )
    def test_of_borrow_and_conversion(self, preset, general, special, conversion):
        costs = cost_set(preset)
        assert dict(costs.borrow) == {"general": general, "special": special}
        assert costs.conversion_bps == conversion

    def test_of_interest(self):
        assert cost_set("none").financing == Financing(on=False)
        assert cost_set("institutional").financing == Financing(True, -0.005, -math.inf, 0.0075, 0.0)
        assert cost_set("retail").financing == Financing(True, -0.015, 0.0, 0.015, None)


class TestNone:
    def test_charges_nothing_anywhere_and_needs_no_law(self):
        costs = cost_set("none")
        assert costs.models == costs.items() == ()
        assert costs.terms(inputs("XTKS", "future", "1990-01-02")) == ()

    def test_with_one_figure_charges_that_alone_and_has_no_floors(self):
        costs = cost_set("none", {"half-spread.bps": 2})
        assert costs.items() == ("half-spread",)
        (row,) = costs.terms(US)
        assert row == TermRow("half-spread", "both", 0, 1, of_value=2e-4)

    def test_a_market_without_a_figure_of_its_own_costs_nothing(self):
        costs = cost_set("none", {"commission.us.per-share": 0.01})
        assert len(costs.terms(US)) == 1
        assert costs.terms(MARKETS["hong-kong"]) == ()


def test_an_unknown_market_is_an_error_and_never_the_nearest_one():
    with pytest.raises(CostError) as caught:
        cost_set().terms(inputs("XTKS", "stock", "2025-01-28"))
    assert len(caught.value.faults) == 3  # commission, half-spread and law
    said = str(caught.value)
    for words in (
        "'XTKS'",
        "us (XNYS)",
        "europe (XETR, XAMS, XPAR, XLON)",
        "markets: {XTKS: NAME}",
        "commission.NAME.bps",
    ):
        assert words in said


def test_a_model_without_venues_serves_any_market():
    own = CostSet("own", (Commission(bps=3.0, minimum=100.0), HalfSpread(bps=4.0), Slippage(1.0), Impact(0.7)))
    paid = charge(own, inputs("XTKS", "stock", "2025-01-28"), "buy", 2_000.0, 100)
    assert paid["commission"] == 100.0  # 3 bps of 200,000 is 60
    assert paid["half-spread"] == pytest.approx(80.0)


def test_two_models_of_one_class_are_two_rows():
    costs = CostSet("two", (Slippage(1.0), Slippage(2.0, item="delay")))
    assert costs.items() == ("slippage", "delay")
    assert [(row.item, row.of_value) for row in costs.terms(US)] == [
        ("slippage", pytest.approx(1e-4)),
        ("delay", pytest.approx(2e-4)),
    ]


def test_anything_with_an_item_and_terms_is_a_model():
    class Ticket:
        item = "ticket"

        def terms(self, inputs: Inputs) -> tuple[TermRow, ...]:
            return (TermRow(self.item, "both", inputs.first, inputs.last, fixed=1.0),)

    costs = replace(cost_set("none"), models=(Ticket(),))
    assert charge(costs, US, "buy", 10.0, 1) == {"ticket": 1.0}
    assert costs.without("ticket").models == ()
    assert costs.only("commission").models == ()


LAW_ITEMS = (
    "stamp duty", "SFC transaction levy", "AFRC transaction levy", "HKEX trading fee", "HKEX trading tariff",
    "CCASS settlement fee", "SEC section 31 fee", "FINRA trading activity fee", "handling fee", "CSRC levy",
    "transfer fee", "stamp duty reserve tax", "financial transaction tax",
)  # fmt: skip


class TestItems:
    def test_come_in_the_order_of_the_ledger(self):
        first, last = ("commission", "half-spread", "slippage", "impact"), ("borrow", "FX conversion")
        assert cost_set("retail").items() == cost_set().items() == (*first, *LAW_ITEMS, *last)

    def test_bind_every_row_of_every_market(self):
        for who in MARKETS.values():
            assert {row.item for row in cost_set().terms(who)} <= set(cost_set().items())


class TestOnlyAndWithout:
    @pytest.mark.parametrize("item", ["commission", "half-spread", "slippage", "impact", "stamp duty"])
    def test_only_one_cost_of_a_fill(self, item):
        alone = cost_set("retail").only(item)
        assert alone.items() == (item,)
        assert not alone.financing.on
        assert alone.conversion_bps == 0.0
        assert dict(alone.borrow) == {"general": 0.0, "special": 0.0}
        assert {row.item for row in alone.terms(MARKETS["hong-kong"])} == {item}

    def test_only_taxes_keeps_all_of_the_law(self):
        assert cost_set().only("taxes").items() == LAW_ITEMS

    def test_only_one_tax_asks_for_no_law_of_another(self):
        assert cost_set().only("stamp duty").terms(inputs("XHKG", "stock", "2021-01-04"))
        assert cost_set().only("SFC transaction levy").terms(inputs("XHKG", "stock", "2016-01-04"))
        assert cost_set().only("stamp duty").terms(US) == ()

    def test_only_what_is_charged_between_fills(self):
        assert cost_set().only("borrow").items() == ("borrow",)
        assert cost_set().only("borrow").borrow["special"] == 0.05
        assert cost_set().only("FX conversion").items() == ("FX conversion",)
        assert cost_set().only("conversion").items() == ("FX conversion",)
        interest = cost_set().only("interest")
        assert interest.items() == ()
        assert interest.financing == cost_set().financing

    @pytest.mark.parametrize("item", ["commission", "half-spread", "slippage", "impact", "stamp duty", "borrow"])
    def test_without_leaves_the_rest(self, item):
        full = cost_set("retail")
        rest = full.without(item)
        assert rest.items() == tuple(name for name in full.items() if name != item)
        assert rest.financing == full.financing

    def test_without_interest_conversion_or_taxes(self):
        assert cost_set().without("interest").items() == cost_set().items()
        assert not cost_set().without("interest").financing.on
        assert "FX conversion" not in cost_set().without("conversion").items()
        assert cost_set().without("taxes").terms(inputs("XNAS", "stock", "1999-01-04"))

    def test_the_parts_of_a_fill_add_up_to_the_whole(self):
        costs, who = cost_set("retail"), MARKETS["hong-kong"]
        state = {"sigma": 0.03, "volume": 1e6}
        whole = charge(costs, who, "buy", 388.0, 300, **state)
        parts = [charge(costs.only(item), who, "buy", 388.0, 300, **state) for item in whole]
        assert {item: paid for part in parts for item, paid in part.items()} == whole

    def test_nothing_is_brought_back(self):
        assert cost_set().without("stamp duty").only("stamp duty").items() == ()
        assert cost_set("none").only("commission").items() == ()

    def test_an_unknown_item_is_refused_with_a_suggestion(self):
        for act in (cost_set().only, cost_set().without):
            with pytest.raises(CostError, match=r"no cost is called 'stampduty'; did you mean stamp duty\?"):
                act("stampduty")


class TestParticipation:
    """The most that one fill takes of the usual day's volume: a limit beside the costs, not one of them."""

    @pytest.mark.parametrize("preset", ["none", "institutional", "retail"])
    def test_is_two_percent_under_every_preset_and_by_hand(self, preset):
        assert cost_set(preset).participation == CostSet("own").participation == 0.02

    def test_is_said_to_be_an_assumption(self):
        (note,) = [one.note for one in list_settings(cost_set()) if one.path == "participation"]
        assert note.startswith("an assumption")

    @pytest.mark.parametrize("part", [0.37, "none"])
    def test_survives_whatever_is_taken_out(self, part):
        costs = cost_set("retail", {"participation": part})
        kept = math.inf if part == "none" else 0.37
        for item in ("commission", "taxes", "stamp duty", "borrow", "interest"):
            assert costs.only(item).participation == costs.without(item).participation == kept
        assert costs.as_of(on("2025-01-28")).participation == kept

    def test_is_no_cost(self):
        assert cost_set("none", {"participation": 0.5}).items() == ()
        with pytest.raises(CostError, match="no cost is called 'participation'"):
            cost_set().without("participation")

    @pytest.mark.parametrize("part", [0.0, -0.02, 1.0001, math.nan, -math.inf])
    def test_by_hand_is_a_part_of_the_volume_or_infinite(self, part):
        assert CostSet("own", participation=math.inf).participation == math.inf
        assert CostSet("own", participation=1.0).participation == 1.0
        with pytest.raises(CostError, match=r"own: participation .* give a number above 0 and up to 1, or inf"):
            CostSet("own", participation=part)


class TestFrozen:
    def test_equal_choices_are_equal_and_hash_alike(self):
        assert cost_set("retail", {"slippage.bps": 3}) == cost_set("retail", {"slippage.bps": 3})
        assert len({cost_set(), cost_set(), cost_set("retail")}) == 2

    def test_nothing_can_be_set(self):
        with pytest.raises(FrozenInstanceError):
            cost_set().conversion_bps = 1.0
        with pytest.raises(TypeError):
            cost_set().borrow["general"] = 1.0

    def test_it_travels_to_another_process(self):
        costs = cost_set("retail", {"half-spread.bps": 2}).without("stamp duty")
        assert pickle.loads(pickle.dumps(costs)) == costs


class TestDescribe:
    def test_says_every_assumption_once(self):
        lines = describe(cost_set("retail"))
        assert [line.split(":")[0] for line in lines] == [
            "commission", "half-spread", "slippage", "impact", "taxes", "borrow", "FX conversion", "interest",
            "participation",
        ]  # fmt: skip
        text = "\n".join(lines)
        for words in (
            "US 0.0035 a share, at least 0.35 a trade", "Hong Kong 8 bps, at least 18 a trade", "crypto 25 bps",
            "nowhere less than 0.5 ticks or 0.01 of daily sigma", "2 bps of value", "0.7 x sigma x sqrt(Q / V)",
            "1.00 % a year general, 10.00 % a year special", "3 bps of each amount exchanged",
            "free cash policy rate - 1.50 %, never below 0.00 %", "borrowed cash policy rate + 1.50 %",
            "collateral of shorts none", "one fill takes at most 2 % of the usual day's volume",
        ):  # fmt: skip
            assert words in text

    def test_marks_assumptions_and_leaves_law_unmarked(self):
        assumed = {line.split(":")[0]: "assumed" in line for line in describe(cost_set())}
        assert assumed.pop("taxes") is False
        assert all(assumed.values())

    def test_says_when_there_is_nothing(self):
        first, second, third = describe(cost_set("none"))
        assert (first, second) == ("costs: none of any kind", "interest: none")
        assert third.startswith("participation: one fill takes at most 2 % of the usual day's volume")
        free = describe(cost_set("none", {"participation": "none"}))
        assert free[2] == "participation: no cap on what one fill takes (assumed)"

    def test_says_which_law_a_placebo_applies(self):
        frozen = CostSet("x", (VenueLaw(),)).as_of(on("2025-01-28"))
        assert "the law of 2025-01-28 at every date" in describe(frozen)[0]


class TestListSettings:
    @pytest.mark.parametrize("preset", ["none", "institutional", "retail"])
    def test_gives_back_what_was_built(self, preset):
        values = {one.path: one.value for one in list_settings(cost_set(preset))}
        if preset == "none":
            assert values.pop("participation") == 0.02
            assert not any(values.values())
            return
        assert cost_set("none", values) == replace(cost_set(preset), name=cost_set("none", values).name)

    def test_says_value_and_unit(self):
        said = {one.path: one.said() for one in list_settings(cost_set("retail"))}
        assert said["commission.us.per-share"] == "0.0035 USD a share"
        assert said["half-spread.hong-kong.bps"] == "5 bps of value"
        assert said["borrow.general"] == "1.00 % a year"
        assert said["financing.rebate"] == "none"
        assert said["taxes"] == "on"
        assert said["participation"] == "2 % of the usual day's volume"
        free = {one.path: one.said() for one in list_settings(cost_set("retail", {"participation": "none"}))}
        assert free["participation"] == "none"

    def test_follows_what_is_taken_out(self):
        said = {one.path: one.value for one in list_settings(cost_set("retail").only("slippage"))}
        assert (said.pop("slippage.bps"), said.pop("participation")) == (2.0, 0.02)
        assert not any(said.values())


def test_tiers_are_a_mapping():
    assert dict(Tiers()) == {"general": 0.0, "special": 0.0}
    assert len(Tiers()) == 2
    with pytest.raises(KeyError):
        Tiers()["hard"]

"""Venue law binds by date: what holds the day before a change, and what on the day itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepshock.cost import LawRow, built_in_law, law, law_venue, rows_over
from deepshock.cost.law_rows import overlay, trim
from deepshock.errors import CostError, LawError

from .paper import days, on

# Typed from the sources, not read from law.csv: venue, class, item, side, the first day of the new rate, the rate on
# the day before (None: no law is known) and on the day itself.
TRADE = [
    ("XHKG", "stock", "stamp duty", "both", "2021-01-01", None, 0.0010),
    ("XHKG", "stock", "stamp duty", "both", "2021-08-01", 0.0010, 0.0013),
    ("XHKG", "stock", "stamp duty", "both", "2023-11-17", 0.0013, 0.0010),
    ("XHKG", "etf", "stamp duty", "both", "2015-02-13", None, 0.0),
    ("XHKG", "any", "SFC transaction levy", "both", "2014-11-01", None, 0.000027),
    ("XHKG", "any", "AFRC transaction levy", "both", "2021-01-01", None, 0.0),
    ("XHKG", "any", "AFRC transaction levy", "both", "2022-01-01", 0.0, 0.0000015),
    ("XHKG", "any", "HKEX trading fee", "both", "2021-01-01", None, 0.000050),
    ("XHKG", "any", "HKEX trading fee", "both", "2023-01-01", 0.000050, 0.0000565),
    ("XHKG", "any", "HKEX trading tariff", "both", "2021-01-01", None, 0.50),
    ("XHKG", "any", "HKEX trading tariff", "both", "2023-01-01", 0.50, 0.0),
    ("US", "any", "SEC section 31 fee", "sell", "2020-02-18", None, 0.0000221),
    ("US", "any", "SEC section 31 fee", "sell", "2021-02-25", 0.0000221, 0.0000051),
    ("US", "any", "SEC section 31 fee", "sell", "2022-05-14", 0.0000051, 0.0000229),
    ("US", "any", "SEC section 31 fee", "sell", "2023-02-27", 0.0000229, 0.0000080),
    ("US", "any", "SEC section 31 fee", "sell", "2024-05-22", 0.0000080, 0.0000278),
    ("US", "any", "SEC section 31 fee", "sell", "2025-05-14", 0.0000278, 0.0),
    ("US", "any", "SEC section 31 fee", "sell", "2026-04-04", 0.0, 0.0000206),
    ("US", "any", "FINRA trading activity fee", "sell", "2021-01-01", None, 0.000119),
    ("US", "any", "FINRA trading activity fee", "sell", "2022-01-01", 0.000119, 0.000130),
    ("US", "any", "FINRA trading activity fee", "sell", "2023-01-01", 0.000130, 0.000145),
    ("US", "any", "FINRA trading activity fee", "sell", "2024-01-01", 0.000145, 0.000166),
    ("US", "any", "FINRA trading activity fee", "sell", "2026-01-01", 0.000166, 0.000195),
    *(
        (venue, *rest)
        for venue in ("XSHG", "XSHE")
        for rest in (
            ("stock", "stamp duty", "sell", "2008-09-19", None, 0.0010),
            ("stock", "stamp duty", "sell", "2023-08-28", 0.0010, 0.0005),
            ("etf", "stamp duty", "sell", "2008-09-19", None, 0.0),
            ("stock", "handling fee", "both", "2015-08-01", None, 0.0000487),
            ("stock", "handling fee", "both", "2023-08-28", 0.0000487, 0.0000341),
            ("etf", "handling fee", "both", "2021-01-01", None, 0.00004),
            ("stock", "CSRC levy", "both", "2012-09-01", None, 0.00002),
            ("etf", "CSRC levy", "both", "2012-09-01", None, 0.0),
            ("stock", "transfer fee", "both", "2015-08-01", None, 0.00002),
            ("stock", "transfer fee", "both", "2022-04-29", 0.00002, 0.00001),
            ("etf", "transfer fee", "both", "2015-08-01", None, 0.0),
        )
    ),
    ("XLON", "stock", "stamp duty reserve tax", "buy", "1986-10-27", None, 0.005),
    ("XETR", "any", "transfer tax", "both", "2021-01-01", None, 0.0),
    ("XAMS", "any", "transfer tax", "both", "2021-01-01", None, 0.0),
    ("24/7", "crypto", "none", "both", "2010-01-01", None, 0.0),
]
SETTLE = [
    ("XHKG", "any", "CCASS settlement fee", "both", "2021-01-01", None, 0.00002),
    ("XHKG", "any", "CCASS settlement fee", "both", "2025-06-30", 0.00002, 0.000042),
    ("XPAR", "stock", "financial transaction tax", "buy", "2017-01-01", None, 0.003),
    ("XPAR", "stock", "financial transaction tax", "buy", "2025-04-01", 0.003, 0.004),
]


def rates(venue: str, cls: str, item: str, trade: date, settles: date) -> list[tuple[str, float]]:
    found = law(venue, cls, trade, settles=settles, items=[item])
    return [(row.side, row.rate) for row in found]


@pytest.mark.parametrize(("venue", "cls", "item", "side", "day", "before", "after"), TRADE)
def test_a_change_by_trade_date_counts_from_its_day(venue, cls, item, side, day, before, after):
    # A settlement long after must not matter.
    first, far = on(day), timedelta(days=400)
    for kind in ("stock", "etf") if cls == "any" else (cls,):
        assert rates(venue, kind, item, first, first) == rates(venue, kind, item, first, first + far) == [(side, after)]
        eve = first - timedelta(days=1)
        if before is None:
            with pytest.raises(LawError, match=item):
                rates(venue, kind, item, eve, first + far)
        else:
            assert rates(venue, kind, item, eve, first + far) == [(side, before)]


@pytest.mark.parametrize(("venue", "cls", "item", "side", "day", "before", "after"), SETTLE)
def test_a_change_by_settlement_date_counts_from_the_trade_that_settles_on_it(
    venue, cls, item, side, day, before, after
):
    first, far = on(day), timedelta(days=400)
    for kind in ("stock", "etf") if cls == "any" else (cls,):
        assert rates(venue, kind, item, first - far, first) == [(side, after)]
        eve = first - timedelta(days=1)
        if before is None:
            with pytest.raises(LawError, match=f"settles on {eve}"):
                rates(venue, kind, item, eve, eve)
        else:
            assert (
                rates(venue, kind, item, eve, eve)
                == rates(venue, kind, item, eve - timedelta(days=8), eve)
                == [(side, before)]
            )


def test_no_dated_boundary_of_the_law_is_left_untested():
    typed = {(venue, cls, item, side, on(day)) for venue, cls, item, side, day, *_ in TRADE + SETTLE}
    assert {(row.venue, row.cls, row.item, row.side, row.first) for row in built_in_law()} == typed
    # Every end is followed by a beginning, so that the beginnings are all the boundaries there are.
    ends = {
        (row.venue, row.cls, row.item, row.side, row.last + timedelta(days=1)) for row in built_in_law() if row.last
    }
    assert ends <= typed


def test_the_law_of_a_trade_comes_whole_and_in_order():
    # 0700.HK on 28 January 2025, before the Lunar New Year: it settles on 4 February.
    found = law("XHKG", "stock", on("2025-01-28"), settles=on("2025-02-04"))
    assert [(row.item, row.rate) for row in found] == [
        ("stamp duty", 0.0010),
        ("SFC transaction levy", 0.000027),
        ("AFRC transaction levy", 0.0000015),
        ("HKEX trading fee", 0.0000565),
        ("HKEX trading tariff", 0.0),
        ("CCASS settlement fee", 0.00002),
    ]


def test_without_a_settlement_date_a_trade_settles_on_its_day():
    (row,) = law("XPAR", "stock", on("2025-03-31"))
    assert row.rate == 0.003
    (row,) = law("XPAR", "stock", on("2025-04-01"))
    assert row.rate == 0.004


@pytest.mark.parametrize("mic", ["XNYS", "XNAS", "ARCX", "XASE", "BATS", "US"])
def test_every_us_exchange_is_under_one_law(mic):
    assert law_venue(mic) == "US"
    assert law(mic, "etf", on("2025-01-28")) == law("US", "stock", on("2025-01-28"))


def test_the_datas_name_for_a_venue_that_never_closes_is_understood():
    assert law("24x7", "crypto", on("2025-01-28"))[0].venue == "24/7"


class TestLawError:
    def test_names_the_item_the_date_and_the_nearest_row(self):
        with pytest.raises(LawError) as caught:
            law("XNAS", "stock", on("2020-06-01"))
        (fault,) = caught.value.faults  # the SEC fee is known on that day, FINRA's is not
        assert "FINRA trading activity fee" in fault.where
        assert "2020-06-01" in fault.problem
        assert "2021-01-01 to 2021-12-31" in fault.problem
        assert "cost file" in fault.remedy

    def test_names_both_neighbours_of_a_gap(self):
        rows = [row for row in built_in_law() if row.first != on("2021-02-25")]
        with pytest.raises(LawError) as caught:
            law("US", "stock", on("2021-06-01"), items=["SEC section 31 fee"], rows=rows)
        said = str(caught.value)
        assert "2020-02-18 to 2021-02-24" in said
        assert "2022-05-14 to 2023-02-26" in said
        assert "2023-02-27" not in said

    def test_reports_every_item_that_lacks_a_row(self):
        with pytest.raises(LawError) as caught:
            law("XHKG", "stock", on("2020-12-31"))
        assert len(caught.value.faults) == 5  # all but the SFC's levy, which is known since 2014

    def test_names_the_classes_that_a_venue_has(self):
        with pytest.raises(LawError, match=r"XSHG: no rows for class 'crypto'; it has etf, stock"):
            law("XSHG", "crypto", on("2025-01-28"))

    def test_any_class_means_stock_and_etf_and_no_other(self):
        with pytest.raises(LawError, match="US: no rows for class 'future'; it has etf, stock"):
            law("XNYS", "future", on("2025-01-28"))

    def test_names_the_venues_that_exist(self):
        with pytest.raises(
            LawError,
            match=r"venue 'XTKS'; there are XHKG, US \(XNYS, XNAS, ARCX, XASE, BATS\), XSHG, XSHE, XLON, XPAR, XETR, "
            r"XAMS, 24/7 \(24x7\); take one of these, or give rows of your own in a cost file",
        ):
            law("XTKS", "stock", on("2025-01-28"))

    @pytest.mark.parametrize(
        ("venue", "meant"), [("xhkg", "XHKG"), ("XKHG", "XHKG"), ("us", "US"), ("NYSE", "XNYS"), ("XNSA", "XNAS")]
    )
    def test_of_a_misspelt_venue_says_which_may_be_meant(self, venue, meant):
        with pytest.raises(
            LawError, match=rf"did you mean [A-Z or]*{meant}[A-Z or]*\? take one of these, or give rows"
        ):
            law(venue, "stock", on("2025-01-28"))

    @pytest.mark.parametrize(("cls", "meant"), [("stok", "stock"), ("Stock", "stock"), ("ETF", "etf")])
    def test_of_a_misspelt_class_says_which_may_be_meant(self, cls, meant):
        with pytest.raises(LawError, match=rf"it has etf, stock: stamp duty, SFC .* did you mean {meant}\?"):
            law("XHKG", cls, on("2025-01-28"))

    def test_any_is_no_class_of_an_instrument(self):
        # It would find the rows of class `any` and leave the stamp duty out.
        with pytest.raises(LawError, match="no rows for class 'any'; it has etf, stock: stamp duty"):
            law("XHKG", "any", on("2025-01-28"))

    @pytest.mark.parametrize(
        ("venue", "day", "said"),
        [
            ("XPAR", "2016-06-01", "take a settle date from 2017-01-01, or give rows of your own in a cost file"),
            ("XLON", "1986-10-26", "take a trade date from 1986-10-27, or give rows"),
        ],
    )
    def test_of_a_date_before_any_row_says_from_when_there_is_one(self, venue, day, said):
        with pytest.raises(LawError, match=said):
            law(venue, "stock", on(day))

    def test_of_an_end_and_of_a_gap_says_which_dates_there_are(self):
        for rows, said in (
            ([row("2021-01-01", "2021-12-31")], "take a trade date up to 2021-12-31, or give"),
            (
                [row("2021-01-01", "2021-12-31"), row("2023-01-01", None)],
                "up to 2021-12-31 or from 2023-01-01, or give",
            ),
        ):
            with pytest.raises(LawError, match=said):
                law("XHKG", "stock", on("2022-06-01"), rows=rows)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"on": "2025-01-28"}, "law: on '2025-01-28' is no date; give a datetime.date"),
            ({"on": datetime(2025, 1, 28, tzinfo=UTC)}, "is no date"),
            ({"on": on("2025-01-28"), "settles": "2025-02-04"}, "settles '2025-02-04' is no date"),
            (
                {"on": on("2025-01-28"), "settles": on("2025-01-27")},
                "settles 2025-01-27 is before the trade on 2025-01",
            ),
            ({"on": on("2025-01-28"), "items": ["stampduty"]}, "item is called 'stampduty'; did you mean stamp duty"),
            ({"on": on("2025-01-28"), "items": "xyz"}, "no item is called 'xyz'; known are stamp duty, SFC"),
        ],
    )
    def test_of_what_is_no_trade_says_what_to_give(self, given, said):
        with pytest.raises(LawError, match=said):
            law("XHKG", "stock", **given)

    def test_one_item_may_be_asked_for_by_its_name(self):
        # Not by a part of it: "stamp duty" stands within "stamp duty reserve tax".
        assert [found.rate for found in law("XHKG", "stock", on("2025-01-28"), items="stamp duty")] == [0.0010]
        assert law("XHKG", "stock", on("2025-01-28"), items="stamp duty reserve tax") == ()

    def test_is_raised_for_the_window_only(self):
        sessions = days("2020-12-30", "2020-12-31", "2021-01-04", "2021-01-05")
        spans = rows_over("XNYS", "stock", sessions, sessions, first=2)
        assert {(span.first, span.last) for span in spans} == {(2, 4)}
        with pytest.raises(LawError, match="2020-12-31"):
            rows_over("XNYS", "stock", sessions, sessions, first=1)


@given(
    gaps=st.lists(st.integers(1, 9), min_size=3, max_size=60),
    start=st.integers(18_628, 20_900),  # 2021 to 2027
    lag=st.integers(0, 4),
    cut=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    where=st.sampled_from([("XHKG", "stock"), ("XHKG", "etf"), ("XNAS", "etf"), ("XSHE", "stock"), ("XPAR", "stock")]),
)
def test_a_range_of_sessions_is_what_its_days_are_one_by_one(gaps, start, lag, cut, where):
    sessions = start + np.cumsum(np.array(gaps, dtype=np.int64))
    settles = sessions + lag
    first, last = sorted(min(place, len(gaps)) for place in cut)
    epoch = date(1970, 1, 1)
    spans = rows_over(*where, sessions, settles, first=first, last=last)
    for k in range(len(gaps)):
        bound = [span.row for span in spans if span.first <= k < span.last]
        if not first <= k < last:
            assert bound == []
            continue
        traded, settled = (epoch + timedelta(days=int(number)) for number in (sessions[k], settles[k]))
        slow = [
            row
            for row in built_in_law()
            if row.venue == law_venue(where[0])
            and row.cls in (where[1], "any")
            and row.first <= (traded if row.basis == "trade" else settled) <= (row.last or date.max)
        ]
        assert bound == slow


def row(first: str, last: str | None, rate: float = 0.01, **words) -> LawRow:
    fields = {
        "venue": "XHKG",
        "item": "levy",
        "cls": "any",
        "side": "both",
        "unit": "of value",
        "min": 0.0,
        "max": 1e9,
        "rounding": "",
        "basis": "trade",
        "confidence": "high",
        "source": "a test",
    } | words
    return LawRow(rate=rate, first=on(first), last=on(last) if last else None, **fields)


def spans(rows) -> list[tuple[float, str]]:
    return [(one.rate, one.span()) for one in rows]


class TestOverlay:
    def test_an_extra_row_takes_its_dates_and_leaves_the_rest(self):
        merged = overlay([row("2020-01-01", None)], [row("2021-01-01", "2021-12-31", 0.02)])
        assert spans(merged) == [
            (0.01, "2020-01-01 to 2020-12-31"),
            (0.01, "from 2022-01-01"),
            (0.02, "2021-01-01 to 2021-12-31"),
        ]

    def test_an_extra_row_may_cover_several(self):
        base = [row("2020-01-01", "2020-06-30"), row("2020-07-01", None, 0.02)]
        assert spans(overlay(base, [row("2019-01-01", None, 0.03)])) == [(0.03, "from 2019-01-01")]

    def test_another_side_class_or_venue_is_another_rule(self):
        base = [row("2020-01-01", None)]
        for words in ({"side": "sell"}, {"cls": "etf"}, {"venue": "US"}, {"item": "other"}):
            assert overlay(base, [row("2020-01-01", None, 0.02, **words)])[0] == base[0]

    def test_another_basis_is_refused_because_dates_would_fall_between(self):
        with pytest.raises(CostError, match="by trade date in one row and by settle date in another"):
            overlay([row("2020-01-01", None)], [row("2021-01-01", None, basis="settle")])

    def test_items_keep_their_place_and_new_ones_come_last(self):
        base = [row("2020-01-01", None, item="a"), row("2020-01-01", None, item="b")]
        merged = overlay(base, [row("2019-01-01", None, item="c"), row("2019-01-01", None, item="a")])
        assert [one.item for one in merged] == ["a", "b", "c"]

    def test_a_row_cut_away_is_gone(self):
        assert trim(row("2020-01-01", "2020-12-31"), [row("2020-01-01", "2020-12-31")]) == []


def test_a_row_of_the_very_class_beats_one_of_any_class_on_its_dates():
    rows = [row("2020-01-01", None), row("2021-01-01", "2021-12-31", 0.0, cls="etf")]
    for day, etf in (("2020-12-31", 0.01), ("2021-01-01", 0.0), ("2021-12-31", 0.0), ("2022-01-01", 0.01)):
        assert [one.rate for one in law("XHKG", "etf", on(day), rows=rows)] == [etf]
        assert [one.rate for one in law("XHKG", "stock", on(day), rows=rows)] == [0.01]

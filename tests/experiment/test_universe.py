"""More instruments than a thesis needs: they change no result, and those that cannot be used are left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from terminal import bars, write_thesis

import deepshock as ds
from deepshock.errors import Fault
from deepshock.market import Bars


@pytest.fixture(scope="module")
def thesis(tmp_path_factory: pytest.TempPathFactory) -> ds.Thesis:
    found = ds.load(write_thesis(tmp_path_factory.mktemp("desk")))
    assert isinstance(found, ds.Thesis)
    return found


def frame(*symbols: str) -> pd.DataFrame:
    return bars("AAA", "BBB", *symbols)


def test_a_universe_is_all_that_the_source_has_and_changes_no_result(thesis: ds.Thesis) -> None:
    own = ds.market_for(thesis, frame("CCC", "DDD"))
    whole = ds.market_for(thesis, frame("CCC", "DDD"), universe=True)
    assert (own.symbols(), whole.symbols()) == (("AAA", "BBB"), ("AAA", "BBB", "CCC", "DDD"))
    assert own.delivery == whole.delivery
    assert ds.run(thesis, own).document() == ds.run(thesis, whole).document()


def test_what_else_is_named_is_loaded_as_far_as_it_is_there(thesis: ds.Thesis) -> None:
    found = ds.market_for(thesis, frame("CCC", "DDD"), also=("DDD", "^NONE"))
    assert found.symbols() == ("AAA", "BBB", "DDD")


def test_what_no_thesis_needs_and_cannot_be_used_is_left_out_and_named(thesis: ds.Thesis) -> None:
    bad = frame("CCC", "DDD", "EEE")
    bad.loc[bad["symbol"] == "DDD", "close"] = -1.0
    bad.loc[bad["symbol"] == "EEE", "mic"] = "NOWHERE"
    found = ds.market_for(thesis, bad, universe=True)
    assert found.symbols() == ("AAA", "BBB", "CCC")
    (note,) = [note for note in found.delivery if "left out" in note]
    assert note.endswith("DDD, EEE, which no thesis needs, cannot be used and are left out")
    with pytest.raises(ds.MarketError):
        ds.Market.load(bad)


def test_many_are_not_all_named(thesis: ds.Thesis) -> None:
    names = tuple(f"X{n}" for n in range(8))
    bad = frame(*names)
    bad.loc[bad["symbol"].isin(names), "close"] = np.nan
    (note,) = [note for note in ds.market_for(thesis, bad, universe=True).delivery if "left out" in note]
    assert "X0, X1, X2, X3, X4 and 3 more" in note


def test_what_a_thesis_needs_is_not_left_out(thesis: ds.Thesis) -> None:
    bad = frame("CCC")
    bad.loc[bad["symbol"] == "BBB", "close"] = -1.0
    with pytest.raises(ds.MarketError) as raised:
        ds.market_for(thesis, bad, universe=True)
    assert "BBB" in str(raised.value)
    with pytest.raises(ds.PlanError, match="BBB is not in"):
        ds.market_for(thesis, frame("CCC").query("symbol != 'BBB'"), universe=True)


class Unlisted:
    """A source that delivers what it is asked for, and has no list of all, as Yahoo."""

    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        if symbols is None:
            raise ds.MarketError(Fault("symbols", "none are named, and Vendor has no list of all"))
        made = frame("CCC", "DDD")
        return Bars(made[made["symbol"].isin(list(symbols))], "vendor")


def test_a_source_without_a_list_of_all_gives_what_is_asked_for_and_says_so(thesis: ds.Thesis) -> None:
    found = ds.market_for(thesis, Unlisted(), universe=True, also=("CCC",))
    assert found.symbols() == ("AAA", "BBB", "CCC")
    (note,) = [note for note in found.delivery if "not all instruments" in note]
    assert "of vendor are loaded (none are named, and Vendor has no list of all)" in note
    assert not any("not all" in note for note in ds.market_for(thesis, Unlisted()).delivery)


class Broken:
    def bars(self, symbols: Sequence[str] | None, start: date | None, end: date | None) -> Bars:
        raise ds.MarketError(Fault("vendor", "cannot be reached"))


def test_a_source_that_cannot_be_read_is_refused_as_ever(thesis: ds.Thesis) -> None:
    with pytest.raises(ds.MarketError, match="cannot be reached"):
        ds.market_for(thesis, Broken(), universe=True)

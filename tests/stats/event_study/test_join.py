"""Names measured one by one make the sample of all at once, and a session that a name lacks counts for nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deepshock.stats.event_study import Window, event_study
from deepshock.stats.event_study.join import Alone, join
from deepshock.stats.event_study.sample import Sample
from deepshock.stats.event_study.table import outcomes, table
from stats.event_study import made

RETURNS, MARKET = made.world(seed=2)
EVENT = made.axis()[made.EVENT]
SESSIONS = np.arange(250)


def alone(name: str, first: int, last: int, side: int) -> Alone:
    """Return a name over a part of the window 0..4."""
    found = event_study(RETURNS[[name]], MARKET, EVENT, window=Window(first, last), sides={name: side})
    return Alone(found.sample.abnormal, SESSIONS, np.arange(first, last + 1))


def test_names_with_all_sessions_make_the_study_of_all() -> None:
    whole = event_study(RETURNS, MARKET, EVENT, window=Window(0, 4), sides=made.SIDES)
    sample = Sample(join([alone(name, 0, 4, side) for name, side in made.SIDES.items()], 250, 5))
    pd.testing.assert_frame_equal(table(outcomes(sample)), whole.table)
    assert sample.abnormal.caar == pytest.approx(whole.sample.abnormal.caar)


def test_a_name_counts_over_its_own_sessions() -> None:
    parts = [alone("A", 0, 4, 1), alone("B", 2, 4, 1), alone("C", 0, 2, -1)]
    made_ = join(parts, 250, 5)
    for place, part in enumerate(parts):
        one = part.abnormal
        for figure in ("car", "scar", "bhar", "spread", "sigma", "df"):
            assert getattr(made_, figure)[place] == pytest.approx(getattr(one, figure)[0]), figure
    assert made_.ar[:2, 1].tolist() == [0.0, 0.0]
    assert made_.ar[3:, 2].tolist() == [0.0, 0.0]
    # The mean of the book is of all names, the idle ones too: equal parts of one capital.
    assert made_.aar[0] == pytest.approx((made_.ar[0, 0] + made_.ar[0, 2]) / 3)
    ranked = Sample(made_).ranked
    assert np.isnan(ranked[250:, 1]).tolist() == [True, True, False, False, False]
    found = table(outcomes(Sample(made_)))
    assert found.loc["Corrado rank Z", "reason"] == "names are missing on some sessions: see Corrado-Zivney"
    assert found.loc[["Corrado-Zivney rank Z", "adjusted BMP t by side", "portfolio t"], "reason"].eq("").all()


def test_a_session_that_no_name_has_is_none_of_the_days_of_the_ranks() -> None:
    """Two names on days 0, 1 and 3, 4 of five: the statistic of the same names on four days."""
    first, second = alone("A", 0, 1, 1), alone("B", 0, 1, 1)
    gap = join([Alone(one.abnormal, SESSIONS, np.array([0, 2])) for one in (first, second)], 250, 3)
    plain = join([first, second], 250, 2)
    holes, without = (table(outcomes(Sample(one))).loc["Corrado-Zivney rank Z"] for one in (gap, plain))
    assert holes["statistic"] == pytest.approx(without["statistic"])
    assert np.isfinite(holes["p_value"])


def test_sessions_of_the_estimation_window_keep_their_places() -> None:
    """A venue that lacks every other session of the benchmark's: its residuals lie between gaps."""
    one = alone("A", 0, 0, 1)
    half = Alone(replace(one.abnormal, residual=one.abnormal.residual[::2]), SESSIONS[::2], one.days)
    found = join([one, half], 250, 1).residual
    assert found[::2, 1] == pytest.approx(one.abnormal.residual[::2, 0])
    assert np.isnan(found[1::2, 1]).all()

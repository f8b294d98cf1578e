"""The words of a verdict follow from its figures, by the rules of docs/rules.md."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deepshock.inference.verdict import WORDS, Findings, verdict

BEST = Findings(
    news=datetime(2025, 1, 27, tzinfo=UTC),
    known=datetime(2025, 1, 28, tzinfo=UTC),
    missed=0.01,
    gap=0.02,
    tradable=0.1,
    net=0.09,
    excess=0.085,
    costs=0.003,
    p=0.02,
    p_min=0.01,
    p_overlapping=0.015,
    placebos=99,
    overlapping=900,
    in_space=0.04,
    of_sign=0.5,
    multiple=1.7,
    test="adjusted BMP t",
    test_p=0.03,
    caar=0.07,
    benchmark="^NDX",
    beta=0.4,
    beta_se=0.1,
    by_beta=0.01,
    hedged=0.07,
    via="QQQ",
    alpha=0.003,
    alpha_low=0.001,
    alpha_high=0.005,
    rival="long every spring",
    rival_made=0.01,
    rival_usual=0.002,
    rival_years=3,
    tries=8,
    n_obs=60,
    psr=0.99,
    dsr=0.97,
    min_trl=40.0,
)
NAN = math.nan


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "unusual and confirmed"),
        ({"traded": False, "idle": "no tradable leg"}, "not traded"),
        ({"excess": 0.0}, "lost money"),
        ({"excess": -0.1, "p": NAN}, "lost money"),
        ({"p": NAN, "p_min": NAN}, "cannot be told"),
        ({"p": 0.5, "p_min": 0.0501}, "cannot be told"),
        ({"p": 0.05, "p_min": 0.05}, "unusual and confirmed"),
        ({"p": 0.0501}, "not unusual"),
        ({"test_p": NAN, "no_test": "fewer than two names"}, "unusual, not confirmed"),
        ({"test_p": 0.0501}, "unusual, not confirmed"),
        ({"caar": -0.07}, "unusual, not confirmed"),
        ({"robust": False}, "unusual, not confirmed"),
        ({"hedged": 0.0424}, "unusual, but mostly beta"),
        ({"hedged": 0.0425}, "unusual and confirmed"),
        ({"hedged": 0.03, "scale": 0.7}, "unusual and confirmed"),
        ({"hedged": NAN, "no_hedge": "no fund"}, "unusual and confirmed"),
        ({"rival_made": 0.085}, "unusual, but no article was needed"),
        ({"rival": "", "rival_made": NAN}, "unusual and confirmed"),
        ({"dsr": 0.95}, "unusual, but not after 8 tries"),
        ({"dsr": NAN, "no_dsr": "too few"}, "unusual, but not after 8 tries"),
        ({"dsr": 0.5, "tries": 1}, "unusual and confirmed"),
    ],
)
def test_the_word_is_the_first_rule_that_holds(change: dict[str, object], word: str) -> None:
    assert verdict(replace(BEST, **change)).word == word


def test_every_word_can_be_said() -> None:
    changes = [{"traded": False}, {"excess": -0.1}, {"p_min": 0.2}, {"p": 0.9}, {"test_p": 0.9}, {"hedged": 0.0}]
    changes += [{"rival_made": 1.0}, {"dsr": 0.1}, {}]
    said = {verdict(replace(BEST, **change)).word.replace("8 tries", "{} tries") for change in changes}
    assert said == set(WORDS)


def test_the_sentences_carry_the_figures_in_their_order() -> None:
    text = verdict(BEST).text
    parts = [
        "Unusual and confirmed.",
        "+1.00% were missed, +2.00% went by to the first fill, and +10.00% could be traded.",
        "It made +8.50% over cash (+9.00% net, after +0.30% of costs).",
        "Beside 99 earlier dates whose holding periods do not overlap this is unusual: p = 0.020, "
        "and could not have been under 0.010 (0.015 of all 900, which overlap).",
        "finds the same: adjusted BMP t p = 0.030, mean abnormal return +7.00%.",
        "Beside names that look alike, few of which did as much, p = 0.040; beside the same names with other sides, "
        "p = 0.500.",
        "If the event had more than 1.7 times the usual variance, it would not be unusual.",
        "Its beta to ^NDX was +0.40 (standard error 0.10), which made +1.00%; hedged with QQQ it made +7.00%",
        "The naive rule (long every spring) made less that year: +1.00%, and +0.20% on average in 3 other years.",
        "8 variants of it were tried on these data: the probability of a Sharpe ratio above nil is 0.99 for one, "
        "0.97 after all of them, so that it stays significant.",
        "What cannot be concluded: that it would work again, because one event is one observation.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_what_cannot_be_concluded_says_why() -> None:
    said = verdict(replace(BEST, placebos=12, p_min=1 / 13, min_trl=141.2, n_obs=20)).text
    assert "12 placebo dates cannot give a p under 0.08" in said
    assert "needs 142 observations, and there are 20" in said
    assert "may or may not be unusual" in said
    assert "not above nil" in verdict(replace(BEST, min_trl=math.inf)).text


def test_most_of_a_move_is_gone_only_if_more_was_gone_than_left() -> None:
    gone = "most of the move was gone by then"
    assert gone in verdict(replace(BEST, missed=0.1, gap=0.05, tradable=0.1)).text
    assert gone not in verdict(BEST).text
    assert gone not in verdict(replace(BEST, missed=-0.1, gap=0.0, tradable=-0.2)).text


def test_a_study_that_disagrees_is_said_to() -> None:
    assert "does not agree" in verdict(replace(BEST, test_p=0.4)).text
    assert "finds the same" in verdict(replace(BEST, p=0.4, test_p=0.4)).text
    assert (
        "takes the variance of the event for the usual one, finds the same" in verdict(replace(BEST, robust=False)).text
    )
    assert (
        "with QQQ it made +3.00% (margin left 70% of its orders)" in verdict(replace(BEST, hedged=0.03, scale=0.7)).text
    )
    assert "calls it unusual" in verdict(replace(BEST, p_min=0.2)).text
    assert "No event study can confirm or deny it: one name." in verdict(replace(BEST, no_test="one name")).text


def test_what_else_happened_and_which_condition_fired_come_last() -> None:
    found = replace(
        BEST, confounders=("fed decision", "results"), fired=("drawdown > 8%",), human=("guidance is raised",)
    )
    assert verdict(found).text.endswith(
        "Also between the news and the exit: fed decision, results. It called itself wrong if drawdown > 8%, and that "
        "came true; a person has to judge: guidance is raised."
    )
    assert "and 2 more" in verdict(replace(BEST, confounders=tuple("abcdefgh"))).text


def test_nothing_is_said_of_what_is_not_known() -> None:
    bare = Findings(excess=0.01, net=0.01, costs=0.0, missed=0.0, gap=0.0, tradable=0.01, no_sharpe="5 observations")
    text = verdict(bare).text
    assert "nan" not in text
    assert text.startswith("Cannot be told. From the news (unknown)")

"""What a verdict is given: figures, and why some of them could not be had."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Findings:
    """The figures of one thesis or book. What is not known is nan, or an empty string.

    Parameters
    ----------
    news, known : datetime or None
        UTC.
    traded : bool
    idle : str
        Why nothing was traded.
    missed, gap, tradable : float
        Over P0, weighted by the legs' shares of gross.
    net, excess, costs : float
        Over the capital: after costs and interest, over the policy rate, and all costs (positive).
    p, p_min, p_overlapping : float
        Of the placebo in time.
    placebos, overlapping : int
        How many there are, that do not overlap and in all.
    no_placebo : str
    in_space, of_sign : float
        p-values of the other placebos.
    multiple : float
        Event variance, in times of the usual, up to which the outcome is unusual.
    test : str
        The test of the event study that headlines.
    test_p, caar : float
        Its p-value, and the mean cumulative abnormal return of what was held.
    robust : bool
        Whether the test estimates the event's own variance; with one name, or one against one, none can.
    no_test : str
    benchmark : str
    beta, beta_se : float
        Of the book, net, to the benchmark.
    by_beta : float
        What the benchmark's moves made, over the capital.
    no_beta : str
    hedged, via : float, str
        Excess return with a beta hedge, over the capital, and what it was hedged with.
    scale : float
        What initial margin left of the hedged orders; 1 for all.
    no_hedge : str
    alpha, alpha_low, alpha_high : float
        Mean return per observation beyond beta, with its 95 % bootstrap interval.
    rival : str
        What the naive rule does; empty where the thesis declares none.
    rival_made, rival_usual : float
        Its excess return in the event's own year, and its mean over the others, over the capital.
    rival_years : int
        How many others there are.
    tries : int
        Counted on this market, this one included.
    n_obs : int
    psr, dsr, min_trl : float
        Probabilities, and observations.
    no_sharpe, no_dsr : str
    confounders : tuple of str
        Declared events between the news and the last exit.
    fired, human : tuple of str
        Conditions of ``wrong if`` that came true, and those that a person has to judge.
    open_at_end, liquidated : bool
    """

    news: datetime | None = None
    known: datetime | None = None
    traded: bool = True
    idle: str = ""
    missed: float = math.nan
    gap: float = math.nan
    tradable: float = math.nan
    net: float = math.nan
    excess: float = math.nan
    costs: float = math.nan
    p: float = math.nan
    p_min: float = math.nan
    p_overlapping: float = math.nan
    placebos: int = 0
    overlapping: int = 0
    no_placebo: str = ""
    in_space: float = math.nan
    of_sign: float = math.nan
    multiple: float = math.nan
    test: str = ""
    test_p: float = math.nan
    caar: float = math.nan
    robust: bool = True
    no_test: str = ""
    benchmark: str = ""
    beta: float = math.nan
    beta_se: float = math.nan
    by_beta: float = math.nan
    no_beta: str = ""
    hedged: float = math.nan
    via: str = ""
    scale: float = 1.0
    no_hedge: str = ""
    alpha: float = math.nan
    alpha_low: float = math.nan
    alpha_high: float = math.nan
    rival: str = ""
    rival_made: float = math.nan
    rival_usual: float = math.nan
    rival_years: int = 0
    tries: int = 1
    n_obs: int = 0
    psr: float = math.nan
    dsr: float = math.nan
    min_trl: float = math.nan
    no_sharpe: str = ""
    no_dsr: str = ""
    confounders: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    human: tuple[str, ...] = ()
    open_at_end: bool = False
    liquidated: bool = False

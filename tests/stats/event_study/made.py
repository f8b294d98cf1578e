"""Panels made up for event studies, and a slow event study in plain loops, written from the papers' formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from statistics import correlation, fmean, stdev

import numpy as np
import pandas as pd

SESSIONS, EVENT = 330, 300
NAMES = "ABCDEFG"
SIDES = dict(zip(NAMES, (1, 1, -1, 1, -1, 1, 1), strict=True))


def axis(n: int = SESSIONS) -> pd.DatetimeIndex:
    return pd.bdate_range("2024-01-01", periods=n)


def world(seed: int = 0, names: str = NAMES, shared: float = 0.6) -> tuple[pd.DataFrame, pd.Series]:
    """Return returns that share a shock beyond the market, fat-tailed, each with its own alpha, beta and variance."""
    draw = np.random.default_rng(seed)
    market = pd.Series(0.0004 + 0.01 * draw.standard_t(5, SESSIONS), axis())
    common = 0.01 * draw.standard_t(5, SESSIONS)
    own = {
        name: 0.0003 * k
        + (0.7 + 0.15 * k) * market
        + shared * common
        + (0.006 + 0.002 * k) * draw.standard_t(5, SESSIONS)
        for k, name in enumerate(names)
    }
    return pd.DataFrame(own), market


def ragged(returns: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with holes in the estimation window: scattered, a late start, none."""
    made = returns.copy()
    made.iloc[60:200:7, 0] = np.nan
    made.iloc[:120, 3] = np.nan
    made.iloc[250, :] = np.nan
    return made


@dataclass
class Slow:
    """What the slow study found, name by name, signed by side."""

    car: list[float]
    scar: list[float]
    df: list[int]
    residual: list[list[float]]
    ar: list[list[float]]
    spread: list[float]


def slow(returns: pd.DataFrame, market: pd.Series, sides: Mapping[str, int], days: Sequence[int]) -> Slow:
    """Fit the market model of each name over -260..-11 by its textbook formulas, and look at some days."""
    rows, found = range(EVENT - 260, EVENT - 10), Slow([], [], [], [], [], [])
    m = market.tolist()
    for name in returns:
        r, side = returns[name].tolist(), sides[name]
        used = [t for t in rows if not isnan(r[t])]
        mean_m, mean_r = fmean(m[t] for t in used), fmean(r[t] for t in used)
        squares = sum((m[t] - mean_m) ** 2 for t in used)
        beta = sum((m[t] - mean_m) * (r[t] - mean_r) for t in used) / squares
        alpha = mean_r - beta * mean_m
        residual = [r[t] - alpha - beta * m[t] for t in rows]
        variance = sum(e * e for e in residual if not isnan(e)) / (len(used) - 2)
        ar = [r[EVENT + d] - alpha - beta * m[EVENT + d] for d in days]
        drift = sum(m[EVENT + d] - mean_m for d in days)
        spread = len(days) + len(days) ** 2 / len(used) + drift**2 / squares
        found.car.append(side * sum(ar))
        found.scar.append(side * sum(ar) / sqrt(variance * spread))
        found.df.append(len(used) - 2)
        found.residual.append([side * e for e in residual])
        found.ar.append([side * a for a in ar])
        found.spread.append(spread)
    return found


def whole_rows(study: Slow) -> list[int]:
    return [t for t in range(250) if not any(isnan(one[t]) for one in study.residual)]


def mean_correlation(study: Slow) -> float:
    rows, names = whole_rows(study), range(len(study.residual))
    taken = [[study.residual[i][t] for t in rows] for i in names]
    return fmean(correlation(taken[i], taken[j]) for i in names for j in names if i < j)


def t_of(values: Sequence[float]) -> float:
    return fmean(values) / (stdev(values) / sqrt(len(values)))


def own_correlation(study: Slow, names: Sequence[int]) -> float:
    rows = whole_rows(study)
    taken = [[study.residual[i][t] for t in rows] for i in names]
    return fmean(correlation(a, b) for i, a in enumerate(taken) for b in taken[:i])


def by_side(study: Slow, sides: Sequence[int]) -> float:
    """Return the adjusted BMP t whose variance is taken about the mean of each side."""
    n, squares, below = len(sides), 0.0, 0.0
    for side in (1, -1):
        names = [i for i in range(n) if sides[i] == side]
        mean = fmean(study.scar[i] for i in names)
        squares += sum((study.scar[i] - mean) ** 2 for i in names)
        below += (len(names) - 1) * (1 - own_correlation(study, names))
    return fmean(study.scar) / sqrt(squares / below * (1 + (n - 1) * mean_correlation(study)) / n)


def statistics(study: Slow) -> dict[str, float]:
    """Return each statistic by its own formula."""
    n, r, days = len(study.car), mean_correlation(study), len(study.ar[0])
    rows = whole_rows(study)
    book = [fmean(one[t] for one in study.residual) for t in rows]
    patell = sum(study.scar) / sqrt(sum(d / (d - 2) for d in study.df))
    usual = fmean(sum(e > 0 for e in one) / sum(not isnan(e) for e in one) for one in study.residual)
    up = sum(c > 0 for c in study.car)
    return {
        "cross-sectional t": t_of(study.car),
        "BMP t": t_of(study.scar),
        "adjusted BMP t": t_of(study.scar) * sqrt((1 - r) / (1 + (n - 1) * r)),
        "Patell Z": patell,
        "adjusted Patell Z": patell / sqrt(1 + (n - 1) * r),
        "portfolio t": fmean(study.car) / sqrt(sum(p * p for p in book) / (len(rows) - 2) * fmean(study.spread)),
        "Corrado-Zivney rank Z": rank_statistic(study, days),
        "sign": up,
        "generalised sign Z": (up - n * usual) / sqrt(n * usual * (1 - usual)),
    }


def rank_statistic(study: Slow, days: int) -> float:
    """Return Corrado and Zivney's statistic, ranks counted one by one."""
    panels = [residual + ar for residual, ar in zip(study.residual, study.ar, strict=True)]
    u: list[list[float | None]] = []
    for panel in panels:
        known = [e for e in panel if not isnan(e)]
        u.append([
            None if isnan(e) else (1 + sum(o < e for o in known) + (sum(o == e for o in known) - 1) / 2)
            / (1 + len(known)) - 0.5
            for e in panel
        ])  # fmt: skip
    together = []
    for t in range(len(panels[0])):
        there = [one[t] for one in u if one[t] is not None]
        if there:
            together.append(sum(there) / sqrt(len(there)))
    scale = sqrt(fmean(value * value for value in together))
    return sum(together[-days:]) / (sqrt(days) * scale)

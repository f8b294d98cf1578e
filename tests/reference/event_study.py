"""An event study in plain loops over names and sessions: the papers' formulas, fits by statsmodels, tails by scipy.

It takes a frame of returns on the sessions of the benchmark, as it would be made in a spreadsheet, and knows nothing of
the library but the names of its tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import isnan, sqrt
from statistics import fmean

import numpy as np
import pandas as pd
from scipy import stats

Result = dict[str, tuple[float, float]]


@dataclass
class Name:
    """One name, signed by side: what it did beyond normal, and its own past."""

    side: int
    residual: list[float]  # of each session of the estimation window, nan where it has none
    ar: list[float]  # of each session of the event window, nan where it was not held
    se: float
    df: int
    days: int

    @property
    def car(self) -> float:
        return sum(a for a in self.ar if not isnan(a))

    @property
    def scar(self) -> float:
        return self.car / self.se


def columns(market: pd.Series, lags: int) -> pd.DataFrame:
    """Return a constant, the market of a session, and that of so many sessions before."""
    return pd.DataFrame({"one": 1.0, **{f"m{k}": market.shift(k) for k in range(lags + 1)}})


def measure(
    returns: pd.Series, market: pd.Series, estimation: slice, days: Sequence[int], side: int, lags: int
) -> Name | str:
    """Fit one name by statsmodels, and say what was not normal; or why that cannot be done.

    ``estimation`` and ``days`` are places on the index of ``returns`` and ``market``.
    """
    import statsmodels.api as sm

    x = columns(market, lags)
    known = returns.notna() & x.notna().all(axis=1)
    used = [t for t in range(estimation.start, estimation.stop) if known.iloc[t]]
    if len(used) < 60:
        return "too few sessions"
    if not all(known.iloc[t] for t in days):
        return "missing"
    fitted = sm.OLS(returns.iloc[used], x.iloc[used]).fit()
    later = x.iloc[list(days)]
    ar = (returns.iloc[list(days)] - fitted.predict(later)).tolist()
    # A sum of T forecasts: T variances of a session, and the variance of the estimated mean of the sum.
    together = fitted.get_prediction(later.sum().to_frame().T)
    se = sqrt(len(days) * fitted.mse_resid + float(together.se_mean[0]) ** 2)
    residual = [float(fitted.resid.get(returns.index[t], np.nan)) for t in range(estimation.start, estimation.stop)]
    return Name(side, [side * e for e in residual], [side * a for a in ar], se, int(fitted.df_resid), len(days))


def whole(names: Sequence[Name]) -> list[list[float]]:
    """Return the residuals of the sessions that all names have, session by session."""
    rows = zip(*(name.residual for name in names), strict=True)
    return [list(row) for row in rows if not any(isnan(e) for e in row)]


def mean_correlation(rows: Sequence[Sequence[float]], places: Sequence[int]) -> float:
    """Return the mean of the correlations of all pairs."""
    found = [
        float(stats.pearsonr([row[i] for row in rows], [row[j] for row in rows]).statistic)
        for i, j in combinations(places, 2)
    ]
    return fmean(found) if found else 0.0


def normal(z: float) -> tuple[float, float]:
    return z, 2.0 * float(stats.norm.sf(abs(z)))


def student(t: float, df: int) -> tuple[float, float]:
    return t, 2.0 * float(stats.t.sf(abs(t), df))


def every_test(names: Sequence[Name], parameters: int) -> Result:
    """Return statistic and p-value of every test that so many names allow."""
    n, rows = len(names), whole(names)
    found = {"portfolio t": student(own_past(names, rows, parameters), len(rows) - parameters)}
    z = sum(one.scar for one in names) / sqrt(sum(one.df / (one.df - 2) for one in names))
    found |= {"Patell Z": normal(z), "Corrado-Zivney rank Z": normal(corrado_zivney(names))}
    if all(not isnan(e) for one in names for e in [*one.residual, *one.ar]):
        found["Corrado rank Z"] = normal(corrado(names))
    if n == 1:
        return found
    r = mean_correlation(rows, range(n))
    car, scar = [one.car for one in names], [one.scar for one in names]
    plain, bmp = stats.ttest_1samp(car, 0.0), stats.ttest_1samp(scar, 0.0)
    found |= {
        "cross-sectional t": (float(plain.statistic), float(plain.pvalue)),
        "BMP t": (float(bmp.statistic), float(bmp.pvalue)),
        "adjusted BMP t": student(float(bmp.statistic) * sqrt((1 - r) / (1 + (n - 1) * r)), n - 1),
        "adjusted Patell Z": normal(z / sqrt(1 + (n - 1) * r)),
        "sign": signs(car),
        "generalised sign Z": normal(generalised_sign(names)),
        "Wilcoxon signed rank": wilcoxon(car),
    }
    if len({one.side for one in names}) == 2 and n > 2:
        found["adjusted BMP t by side"] = student(by_side(names, rows, r), n - 2)
    return found


def own_past(names: Sequence[Name], rows: Sequence[Sequence[float]], parameters: int) -> float:
    """Brown and Warner 1980: the book's abnormal return over the deviation that the book's own residuals had.

    The variance of a sum of T sessions is that of one, times the mean over the names of the variance of a name's CAR
    over that of its session: T, and the error of the estimates.
    """
    variance = sum(fmean(row) ** 2 for row in rows) / (len(rows) - parameters)
    longer = fmean(one.se**2 / session_variance(one) for one in names)
    return fmean(one.car for one in names) / sqrt(variance * longer)


def session_variance(one: Name) -> float:
    return sum(e * e for e in one.residual if not isnan(e)) / one.df


def by_side(names: Sequence[Name], rows: Sequence[Sequence[float]], r: float) -> float:
    """The adjusted BMP t with the spread of SCARs taken within each side."""
    n, squares, below = len(names), 0.0, 0.0
    for side in (1, -1):
        places = [i for i in range(n) if names[i].side == side]
        mean = fmean(names[i].scar for i in places)
        squares += sum((names[i].scar - mean) ** 2 for i in places)
        below += (len(places) - 1) * (1.0 - mean_correlation(rows, places))
    return fmean(one.scar for one in names) / sqrt(squares / below * (1 + (n - 1) * r) / n)


def panel(names: Sequence[Name]) -> list[list[float]]:
    """Return every name's abnormal returns: the estimation window, then the event; sessions that none has left out."""
    past = [t for t in range(len(names[0].residual)) if any(not isnan(one.residual[t]) for one in names)]
    return [[one.residual[t] for t in past] + one.ar for one in names]


def corrado(names: Sequence[Name]) -> float:
    """Corrado 1989, as Cowan 1992 sums it over days."""
    ranks = [stats.rankdata(one) for one in panel(names)]
    sessions = len(ranks[0])
    k = [fmean(float(rank[t]) for rank in ranks) - (sessions + 1) / 2 for t in range(sessions)]
    days = len(names[0].ar)
    return sum(k[-days:]) / (sqrt(days) * sqrt(fmean(value**2 for value in k)))


def corrado_zivney(names: Sequence[Name]) -> float:
    """Corrado and Zivney 1992: U = K / (1 + M) - 1/2, where names have sessions of their own."""
    u = []
    for one in panel(names):
        known = [e for e in one if not isnan(e)]
        ranks = iter(stats.rankdata(known))
        u.append([None if isnan(e) else float(next(ranks)) / (1 + len(known)) - 0.5 for e in one])
    there = [[one[t] for one in u if one[t] is not None] for t in range(len(u[0]))]
    values = [sum(row) / sqrt(len(row)) if row else None for row in there]
    event = [value for value in values[-len(names[0].ar) :] if value is not None]
    scale = sqrt(fmean(value**2 for value in values if value is not None))
    return sum(event) / (sqrt(len(event)) * scale)


def signs(car: Sequence[float]) -> tuple[float, float]:
    up, n = sum(c > 0 for c in car), sum(c != 0 for c in car)
    return up, float(stats.binomtest(up, n, 0.5).pvalue)


def generalised_sign(names: Sequence[Name]) -> float:
    """Cowan 1992."""
    shares = [[e > 0 for e in one.residual if not isnan(e)] for one in names]
    p, n = fmean(fmean(share) for share in shares), len(names)
    return (sum(one.car > 0 for one in names) - n * p) / sqrt(n * p * (1 - p))


def wilcoxon(car: Sequence[float]) -> tuple[float, float]:
    """Wilcoxon 1945, over all ways to set the signs."""
    ranks = [float(rank) for rank in stats.rankdata([abs(c) for c in car])]

    def lesser(up: Sequence[bool]) -> float:
        above = sum(rank for rank, is_up in zip(ranks, up, strict=True) if is_up)
        return min(above, sum(ranks) - above)

    observed = lesser([c > 0 for c in car])
    ways = list(product((True, False), repeat=len(car)))
    return observed, sum(lesser(way) <= observed + 1e-9 for way in ways) / len(ways)

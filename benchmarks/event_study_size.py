"""How often each test of an event study finds an event where there is none.

    python benchmarks/event_study_size.py
    python benchmarks/event_study_size.py --rounds 5 --shocks t --json event_study_size.json

One event date, 1 to 30 names, 250 sessions of estimation that end 11 before the event (the sessions between do nothing
and are not drawn). Returns are alpha + beta x market + residual; residuals of any two names have the same correlation,
names have betas of 0.6 to 1.4 and residual deviations of 1 to 3 % a session. On the event's session all residuals are
drawn with a variance 1, 2 or 4 times the usual and a mean of nil: whatever is found is not there. Books are long all
names, long every other and short the rest, or long the first and short the rest. Shocks are normal, or a t with 4
degrees of freedom. A round is 500 such events; all books, variances and tests see the same ones. A test should be at
5 %, give or take its standard error.

*no floor*: Kolari and Pynnonen's correction with a negative mean correlation taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common import options, report
from common.report import Sheet
from deepshock.arrays import Floats
from deepshock.stats.event_study import parametric, ranks
from deepshock.stats.event_study.correlation import mean_correlation, own_correlations
from deepshock.stats.event_study.fits import fit, forecast_covariance
from deepshock.stats.event_study.tails import even, two_sided

EVENTS, SESSIONS, LEVEL = 500, 250, 0.05
NAMES, CORRELATIONS, VARIANCES = (1, 2, 4, 6, 12, 30), (0.0, 0.3, 0.6, 0.9), (1, 2, 4)
SHOWN = (1, 4)  # variances in the tables; the others are in the JSON
BOOKS = ("long", "long and short", "long one, short the rest")
SMALL_EVENTS, SMALL_NAMES, SMALL_CORRELATIONS = 40, (1, 6), (0.0, 0.6)
SHOCKS, BOTH = ("normal", "t"), "both"

TESTS = (
    "adjusted BMP t", "adjusted BMP t by side", "adjusted BMP t, no floor", "portfolio t", "adjusted Patell Z",
    "adjusted Patell Z, no floor", "Corrado rank Z", "BMP t", "Patell Z", "cross-sectional t", "generalised sign Z",
    "sign", "Wilcoxon signed rank",
)  # fmt: skip


def books(n: int) -> dict[str, Floats]:
    """Return the sides of each book that so many names can make."""
    rest = np.where(np.arange(n) == 0, 1.0, -1.0)
    every = dict(zip(BOOKS, (np.ones(n), np.resize([1.0, -1.0], n), rest), strict=True))
    return {book: every[book] for book in BOOKS[: min(n, len(BOOKS))]}


def residuals(events: int, n: int, correlation: float, shocks: str, draw: np.random.Generator) -> Floats:
    """Draw residuals of unit variance, of shape (sessions + 1, events, n); the last session is the event's."""
    shape = (SESSIONS + 1, events)

    def drawn(*size: int) -> Floats:
        if shocks == "normal":
            return draw.standard_normal(size)
        return draw.standard_t(4, size) / sqrt(2.0)  # the variance of a t with 4 degrees of freedom is 2

    return np.asarray(sqrt(correlation) * drawn(*shape, 1) + sqrt(1.0 - correlation) * drawn(*shape, n))


def refused(
    events: int, n: int, correlation: float, shocks: str, draw: np.random.Generator
) -> Iterator[tuple[tuple[str, int, str], NDArray[np.bool_]]]:
    """Yield (book, variance, test), and whether it refuses each event."""
    noise = residuals(events, n, correlation, shocks, draw)
    market = 0.0004 + 0.01 * draw.standard_normal(SESSIONS + 1)
    scale, columns = np.linspace(0.01, 0.03, n), np.column_stack([np.ones(SESSIONS + 1), market])
    returns = market[:, None, None] * np.linspace(0.6, 1.4, n) + scale * noise
    made = fit(returns[:-1].reshape(SESSIONS, -1), columns[:-1])
    residual = np.ascontiguousarray(made.residual.reshape(SESSIONS, events, n).swapaxes(0, 1))
    spread = forecast_covariance(columns[-1:], made.inverse).reshape(events, n)
    sigma = made.sigma.reshape(events, n)
    usual = returns[-1] - (columns[-1] @ made.coef).reshape(events, n)
    for variance in VARIANCES:
        car = usual + (sqrt(variance) - 1.0) * scale * noise[-1]
        ranked = ranks.ranks(np.concatenate([residual, car[:, None]], axis=1))
        for book, sides in books(n).items():
            turned = np.where(sides > 0.0, ranked, SESSIONS + 2.0 - ranked)
            p = p_values(sides * car, sides * residual, sigma, spread, turned, sides)
            yield from (((book, variance, test), values < LEVEL) for test, values in p.items())


def p_values(
    car: Floats, residual: Floats, sigma: Floats, spread: Floats, ranked: Floats, sides: Floats
) -> dict[str, Floats]:
    """Return the p-values of all tests that there are, of shape (events,) each; everything is signed by side."""
    n, scar = len(sides), car / (sigma * np.sqrt(spread))
    patell = parametric.patell(scar, np.full(n, SESSIONS - 2))
    own_past = {
        "portfolio t": two_sided(parametric.portfolio(car, residual, spread, 2), SESSIONS - 2),
        "Corrado rank Z": two_sided(ranks.corrado(ranked, 1), None),
        "Patell Z": two_sided(patell, None),
    }
    if n == 1:
        return own_past
    shared = mean_correlation(residual)
    floored, bmp = np.maximum(shared, 0.0), parametric.bmp(scar)
    p = {
        "adjusted BMP t": two_sided(parametric.adjusted_bmp(bmp, floored, n), n - 1),
        "adjusted BMP t, no floor": two_sided(parametric.adjusted_bmp(bmp, shared, n), n - 1),
        "adjusted Patell Z": two_sided(parametric.adjusted_patell(patell, floored, n), None),
        "adjusted Patell Z, no floor": two_sided(parametric.adjusted_patell(patell, shared, n), None),
        "BMP t": two_sided(bmp, n - 1),
        "cross-sectional t": two_sided(parametric.cross_sectional(car), n - 1),
        "generalised sign Z": two_sided(ranks.generalised_sign(car, ranks.usual_share(residual)), None),
        "sign": even(*ranks.positive(car)),
        "Wilcoxon signed rank": ranks.wilcoxon(car)[1],
    }
    if np.ptp(sides) and n > 2:
        own = own_correlations(residual, sides)
        p["adjusted BMP t by side"] = two_sided(parametric.adjusted_bmp_by_side(scar, sides, own, shared), n - 2)
    return {test: (p | own_past)[test] for test in TESTS if test in p or test in own_past}


def measure(
    names: tuple[int, ...], correlations: tuple[float, ...], rounds: int, events: int, shocks: str
) -> list[Any]:
    """Return a line for each design: how many events each test refused, of ``rounds`` x ``events``."""
    lines: dict[tuple[int, float, str, int], Any] = {}
    for n, correlation, number in product(names, correlations, range(rounds)):
        if n == 1 and correlation:
            continue  # one name has none
        draw = np.random.default_rng([n, round(100 * correlation), number])
        for (book, variance, test), values in refused(events, n, correlation, shocks, draw):
            design = {"shocks": shocks, "names": n, "correlation": correlation, "book": book, "variance": variance}
            counts = lines.setdefault((n, correlation, book, variance), design | {"refused": {}})["refused"]
            counts[test] = counts.get(test, 0) + int(values.sum())
    return list(lines.values())


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table for each kind of shocks and book: a line a test, a column for each number of names."""
    lines, found = results["lines"], []
    correlations = sorted({line["correlation"] for line in lines})
    se = 100 * sqrt(LEVEL * (1.0 - LEVEL) / results["events"])
    notes = (
        f"percent of {results['events']:,} events, at 5 %: the least and the most over residual correlations of "
        f"{', '.join(f'{r:g}' for r in correlations)}; a test that holds is 5 % with a standard error of {se:.1f}",
        "columns: names x variance of the event over the usual",
    )
    for shocks, book in product(*(dict.fromkeys(line[key] for line in lines) for key in ("shocks", "book"))):
        here = [line for line in lines if (line["shocks"], line["book"]) == (shocks, book)]
        designs = sorted({(line["names"], line["variance"]) for line in here if line["variance"] in SHOWN})
        tests = {test for line in here for test in line["refused"]}
        rows = [
            [test, *(_cell(here, test, *design, results["events"]) for design in designs)]
            for test in TESTS
            if test in tests
        ]
        columns = ("", *(f"{n} x{variance}" for n, variance in designs))
        found.append(Sheet(f"Refused, {book}, {shocks} shocks", columns, rows, notes))
    return found


def _cell(lines: Iterable[Mapping[str, Any]], test: str, n: int, variance: int, events: int) -> str:
    """Write the least and the most over the correlations, in percent; empty where there is no such test."""
    here = [line["refused"] for line in lines if (line["names"], line["variance"]) == (n, variance)]
    found = [100 * refused[test] / events for refused in here if test in refused]
    ends = dict.fromkeys(f"{rate:.{int(rate < 10)}f}" for rate in (min(found), max(found))) if found else ()
    return "-".join(ends)


def main() -> None:
    """Draw events that did nothing, and count."""
    parser = options.parser(__doc__, rounds=20, of=f"each of {EVENTS} events")
    parser.add_argument("--shocks", choices=(*SHOCKS, BOTH), default=BOTH, help="t has 4 degrees of freedom")
    given = parser.parse_args()
    report.heading()
    events = SMALL_EVENTS if given.small else EVENTS
    names, correlations = (SMALL_NAMES, SMALL_CORRELATIONS) if given.small else (NAMES, CORRELATIONS)
    wanted = SHOCKS if given.shocks == BOTH else (given.shocks,)
    lines = [line for shocks in wanted for line in measure(names, correlations, given.rounds, events, shocks)]
    results = {"events": given.rounds * events, "lines": lines}
    report.publish("event_study_size", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

"""How often each test of an event study finds an event where there is none.

    python benchmarks/event_study_size.py
    python benchmarks/event_study_size.py --rounds 20 --shocks t --json event_study_size.json

One event date, 6, 12 or 30 names, 250 sessions of estimation that end 11 before the event (the sessions between do
nothing and are not drawn). Returns are alpha + beta x market + residual; residuals of any two names have the same
correlation, names have betas of 0.6 to 1.4 and residual deviations of 1 to 3 % a session. On the event's session all
residuals are drawn with a variance 1, 2 or 4 times the usual and a mean of nil: whatever is found is not there. Books
are long all names, or long every other and short the rest. A round is 500 such events; all books, variances and tests
see the same ones. A test should be at 5 %, give or take its standard error.

*no floor*: Kolari and Pynnonen's correction with a negative mean correlation taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
NAMES, CORRELATIONS, VARIANCES = (6, 12, 30), (0.0, 0.3, 0.6, 0.9), (1, 2, 4)
BOOKS = ("long", "long and short")
SMALL_EVENTS, SMALL_NAMES, SMALL_CORRELATIONS = 40, (6,), (0.0, 0.6)
SHOCKS = ("normal", "t")


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
        for book in BOOKS:
            sides = np.ones(n) if book == "long" else np.resize([1.0, -1.0], n)
            turned = ranked if book == "long" else np.where(sides > 0.0, ranked, SESSIONS + 2.0 - ranked)
            p = p_values(sides * car, sides * residual, sigma, spread, turned, sides)
            yield from (((book, variance, test), values < LEVEL) for test, values in p.items())


def p_values(
    car: Floats, residual: Floats, sigma: Floats, spread: Floats, ranked: Floats, sides: Floats
) -> dict[str, Floats]:
    """Return the p-values of all tests, of shape (events,) each; everything is signed by side."""
    n, scar = len(sides), car / (sigma * np.sqrt(spread))
    shared = mean_correlation(residual)
    floored = np.maximum(shared, 0.0)
    patell, bmp = parametric.patell(scar, np.full(n, SESSIONS - 2)), parametric.bmp(scar)
    p = {
        "adjusted BMP t": two_sided(parametric.adjusted_bmp(bmp, floored, n), n - 1),
        "adjusted BMP t, no floor": two_sided(parametric.adjusted_bmp(bmp, shared, n), n - 1),
        "portfolio t": two_sided(parametric.portfolio(car, residual, spread, 2), SESSIONS - 2),
        "adjusted Patell Z": two_sided(parametric.adjusted_patell(patell, floored, n), None),
        "adjusted Patell Z, no floor": two_sided(parametric.adjusted_patell(patell, shared, n), None),
        "Corrado rank Z": two_sided(ranks.corrado(ranked, 1), None),
        "BMP t": two_sided(bmp, n - 1),
        "Patell Z": two_sided(patell, None),
        "cross-sectional t": two_sided(parametric.cross_sectional(car), n - 1),
        "generalised sign Z": two_sided(ranks.generalised_sign(car, ranks.usual_share(residual)), None),
        "sign": even(*ranks.positive(car)),
        "Wilcoxon signed rank": ranks.wilcoxon(car)[1],
    }
    if np.ptp(sides):
        own = own_correlations(residual, sides)
        p["adjusted BMP t by side"] = two_sided(parametric.adjusted_bmp_by_side(scar, sides, own, shared), n - 2)
    return p


def measure(
    names: tuple[int, ...], correlations: tuple[float, ...], rounds: int, events: int, shocks: str
) -> list[Any]:
    """Return a line for each test of each design: how often it refused, and the standard error of that."""
    lines = []
    for n, correlation in product(names, correlations):
        found: dict[tuple[str, int, str], int] = {}
        for number in range(rounds):
            draw = np.random.default_rng([n, round(100 * correlation), number])
            for key, values in refused(events, n, correlation, shocks, draw):
                found[key] = found.get(key, 0) + int(values.sum())
        for (book, variance, test), count in found.items():
            rate = count / (rounds * events)
            se = sqrt(rate * (1.0 - rate) / (rounds * events))
            line = {"names": n, "correlation": correlation, "variance": variance, "book": book, "test": test}
            lines.append(line | {"rate": rate, "se": se})
    return lines


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table for each book and number of names."""
    lines = results["lines"]
    names, books = (list(dict.fromkeys(line[key] for line in lines)) for key in ("names", "book"))
    designs = list(dict.fromkeys((line["correlation"], line["variance"]) for line in lines))
    designs.sort()
    found = []
    for book, n in product(books, names):
        here = [line for line in lines if (line["book"], line["names"]) == (book, n)]
        cells = {(line["test"], line["correlation"], line["variance"]): line for line in here}
        rows = [
            [test, *(_cell(cells[test, *design]) for design in designs)]
            for test in dict.fromkeys(line["test"] for line in here)
        ]
        columns = ("", *(f"r{correlation:g} x{variance}" for correlation, variance in designs))
        notes = (
            f"percent of {results['events']:,} events, at 5 % (± standard error); {results['shocks']} shocks",
            "r: correlation of the residuals, x: variance of the event",
        )
        found.append(Sheet(f"Refused, {n} names, {book}", columns, rows, notes))
    return found


def _cell(line: Mapping[str, Any]) -> str:
    return f"{100 * line['rate']:.1f}±{100 * line['se']:.1f}".replace("±0.", "±.")  # twelve of them in 140 columns


def main() -> None:
    """Draw events that did nothing, and count."""
    parser = options.parser(__doc__, rounds=20, of=f"each of {EVENTS} events")
    parser.add_argument("--shocks", choices=SHOCKS, default="normal", help="t has 4 degrees of freedom")
    given = parser.parse_args()
    report.heading()
    events = SMALL_EVENTS if given.small else EVENTS
    names, correlations = (SMALL_NAMES, SMALL_CORRELATIONS) if given.small else (NAMES, CORRELATIONS)
    lines = measure(names, correlations, given.rounds, events, given.shocks)
    results = {"events": given.rounds * events, "shocks": given.shocks, "lines": lines}
    report.publish("event_study_size", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

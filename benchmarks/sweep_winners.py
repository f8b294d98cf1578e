"""How often the best of a sweep looks good where nothing is, by each figure that stands beside it.

    python benchmarks/sweep_winners.py
    python benchmarks/sweep_winners.py --rounds 20 --json sweep_winners.json

Worlds are random walks of closes, 2 % a session, without any drift; of several instruments each two have a correlation
of 0.3. Shocks are normal, or, as fat tails, a t with 4 degrees of freedom. In each world a thesis is swept over the
instrument that it buys, its lag, hold and stop, without costs or interest, and the best variant is looked up twice: by
excess return and by Sharpe ratio. A position comes from one event, so a winner's returns are those of the days on which
it was held, and holds are long for a ratio to say anything. Closes are all that there is: a stop fills at a price that
nobody knew, and the returns of every variant are a fair game. What is found good is found by luck; a deflated ratio
above 95 %, and SPA below 5 %, should come up in one world of twenty at most. Then one instrument drifts, with the
annual Sharpe ratio that is given, and good is what should be found.

*as usual*: the deflated ratio with the effective number and with the dispersion found, which allows for the likeness of
trials twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

import deepshock as ds
from common import options, report, theses
from common.bars import Bars
from common.report import Sheet
from deepshock.arrays import Floats
from deepshock.experiment import Paths, paths
from deepshock.experiment.drawn import drawn
from deepshock.stats.performance import LEAST_OBSERVATIONS
from deepshock.stats.selected import Selection
from deepshock.stats.sharpe import deflated_sharpe, estimate_sharpe, probabilistic_sharpe

SEED, SIGMA, CORRELATION, YEAR, EVENT = 24, 0.02, 0.3, 252, 2  # the event's row
GOOD = 0.95


@dataclass(frozen=True)
class Design:
    """What is swept.

    Parameters
    ----------
    name : str
    instruments : int
    lags, holds : sequence of int
        Sessions.
    stops : sequence of float or None
    fat : bool
        Whether shocks have fat tails.
    each : int
        Worlds of a round: more where a world is cheap, and its share near 5 %.
    """

    name: str
    instruments: int
    lags: Sequence[int]
    holds: Sequence[int]
    stops: Sequence[float | None]
    fat: bool = False
    each: int = 1

    @property
    def sessions(self) -> int:
        """As many as the longest trade needs."""
        return EVENT + max(self.lags) + max(self.holds) + 3

    def over(self, symbols: Sequence[str]) -> dict[Any, Sequence[Any]]:
        """Return the axes of the sweep."""
        long = [{symbol: 1} for symbol in symbols]
        return {"long": long, "enter.lag": self.lags, "exit.hold": self.holds, "exit.stop": self.stops}


DESIGNS = (
    Design("eight instruments", 8, range(0, 76, 25), (50, 150, 250), (None, 0.1)),
    Design("eight, fat tails", 8, range(0, 76, 25), (50, 150, 250), (None, 0.1), fat=True),
    Design("one instrument", 1, range(0, 91, 10), (20, 60, 120, 250), (None, 0.05, 0.15)),
    Design("one, 60 sessions", 1, range(10), (10, 20, 30, 48), (None, 0.05, 0.1), each=2),
    Design("one, much alike", 1, range(10), (210, 220, 230, 240, 250), (None, 0.3), each=4),
    Design("a few alternatives", 1, (0,), (200, 250), (None, 0.3), each=5),
)
EDGES = (2.0, 4.0)  # a year, of the first design and of the last
SMALL = (Design("three instruments", 3, (0, 5), (20, 30), (None, 0.1)),)
ALL = ("PSR > 95 %", "DSR > 95 %", "as usual", "StepM", "SPA < 5 %", "PBO < 5 %", "PBO")
BY_RETURN, BY_RATIO = "by excess return", "by Sharpe ratio"
GOOD_IF = {BY_RETURN: ("psr", "dsr", "usual", "step", "spa", "low_pbo"), BY_RATIO: ("psr", "dsr", "usual")}


def world(design: Design, edge: float, draw: np.random.Generator) -> Bars:
    """Draw the closes of a world: arithmetic returns without drift, but for what the first instrument is given."""
    shape = design.sessions, design.instruments

    def drawn(*size: int) -> Floats:
        if design.fat:
            return np.asarray(draw.standard_t(4, size) / sqrt(2.0))  # the variance of that t is 2
        return np.asarray(draw.standard_normal(size))

    noise = sqrt(CORRELATION) * drawn(shape[0], 1) + sqrt(1.0 - CORRELATION) * drawn(*shape)
    returns = np.clip(SIGMA * noise, -0.5, 0.5)
    returns[:, 0] += SIGMA * edge / sqrt(YEAR)
    absent = np.full(shape, np.nan)
    return Bars(absent, absent, absent, np.asarray(100.0 * np.cumprod(1.0 + returns, axis=0), np.float64))


def winners(design: Design, bars: Bars) -> dict[str, dict[str, float]]:
    """Return what stands beside the best by each column: as 1 or 0 what looks good, and what is averaged."""
    thesis = theses.thesis("winner", bars, EVENT, {"long": {bars.symbols[0]: 1}})
    made = ds.sweep(thesis, bars.market(), design.over(bars.symbols), executor="serial")
    walked, best = paths(made), made.best()
    found = best.figures
    looks_good = {"step": bool(found.is_superior), "spa": found.spa < 1.0 - GOOD, "low_pbo": found.pbo < 1.0 - GOOD}
    sizes = {"variants": found.n_trials, "effective": found.effective, "rows": found.n_rows, "pbo": found.pbo}
    other = drawn(made, "sharpe", len(made), 0).best
    by_return, by_ratio = (_alone(walked, column, found) for column in (best.number, other))
    assert by_return["dsr"] == float(found.dsr > GOOD)
    return {BY_RETURN: {**by_return, **looks_good, **sizes}, BY_RATIO: {**by_ratio, **sizes}}


def _alone(walked: Paths, column: int, found: Selection) -> dict[str, float]:
    """Return what can be said of one trial, given the others: whether its ratio looks good, and how long it was."""
    record = walked.record(column)
    if len(record) < LEAST_OBSERVATIONS:
        return {"n_obs": len(record), "psr": 0.0, "dsr": 0.0, "usual": 0.0}
    estimate = estimate_sharpe(walked.values[:, column])
    probabilities = {
        "psr": probabilistic_sharpe(estimate_sharpe(record)),
        "dsr": probabilistic_sharpe(estimate, found.hurdle),
        "usual": deflated_sharpe(estimate, found.effective, found.variance).probability,
    }
    return {"n_obs": len(record), **{name: float(value > GOOD) for name, value in probabilities.items()}}


def measure(cases: Sequence[tuple[Design, float]], rounds: int) -> list[dict[str, Any]]:
    """Return a line for each case and column to choose by: means over the worlds."""
    lines = []
    for design, edge in cases:
        found: dict[str, list[dict[str, float]]] = {BY_RETURN: [], BY_RATIO: []}
        for number in range(rounds * design.each):
            draw = np.random.default_rng([SEED, number, len(design.lags), len(design.holds), round(10 * edge)])
            for by, one in winners(design, world(design, edge, draw)).items():
                found[by].append(one)
        for by, ones in found.items():
            means = {name: float(np.mean([one[name] for one in ones])) for name in ones[0]}
            lines.append({"design": design.name, "edge": edge, "by": by, "worlds": len(ones), **means})
    return lines


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table of worlds without an edge and one of worlds with, for each column to choose by."""
    found = []
    notes = (
        "percent of the worlds (± standard error)",
        "PBO, what variants are worth, rows, and observations of the winner are means",
    )
    for by, names in GOOD_IF.items():
        heads = ("", "worlds", "variants", "worth", "rows", "held", *(ALL if by == BY_RETURN else ALL[: len(names)]))
        for there, title in ((False, "Nothing is there"), (True, "One instrument drifts")):
            lines = [line for line in results["lines"] if line["by"] == by and bool(line["edge"]) is there]
            found.append(Sheet(f"{title}, the best {by}", heads, [_row(line, names) for line in lines], notes))
    return found


def _row(line: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    edge = f", Sharpe {line['edge']:g}" if line["edge"] else ""
    sizes = [f"{line[name]:,.0f}" for name in ("worlds", "variants", "effective", "rows", "n_obs")]
    pbo = [f"{100 * line['pbo']:.0f}"] if line["by"] == BY_RETURN else []
    return [line["design"] + edge, *sizes, *(_share(line[name], line["worlds"]) for name in names), *pbo]


def _share(rate: float, worlds: int) -> str:
    return f"{100 * rate:.1f}±{100 * sqrt(rate * (1.0 - rate) / worlds):.1f}"


def main() -> None:
    """Draw worlds, sweep, and count."""
    parser = options.parser(__doc__, rounds=200, of="worlds of a design, of the cheap ones a few times as many")
    given = parser.parse_args()
    report.heading()
    designs = SMALL if given.small else DESIGNS
    cases = [(design, 0.0) for design in designs]
    cases += [(design, edge) for design in dict.fromkeys((designs[0], designs[-1])) for edge in EDGES]
    results = {"rounds": given.rounds, "lines": measure(cases, given.rounds)}
    report.publish("sweep_winners", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

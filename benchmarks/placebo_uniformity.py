"""Whether the p-values of placebos are uniform where there is nothing, and how often they find what is there.

    python benchmarks/placebo_uniformity.py
    python benchmarks/placebo_uniformity.py --rounds 100 --only normal --json placebo_uniformity.json

A world has an index and 16 names that move with it, with betas of 0.6 to 1.4 and deviations of their own of 1 to 2 % a
session, no drift and no costs. A thesis of five of them, each long or short by a toss, holds for 20 sessions from an
event on a session that is drawn; nothing happens there. Returns are normal; or, *fat and clustered*, shocks have a t
with 4 degrees of freedom, and the variances of the index and of each name follow a GARCH(1, 1) of their own. In space
there are worlds of 60 names as well, in which baskets have fewer names in common.

A p-value of K placebos is one of 1/(1+K) .. 1. Where the thesis and its placebos are exchangeable each is equally
likely, and p less a uniform draw within its step is uniform on (0, 1): that is held against the uniform distribution by
Kolmogorov and Smirnov. The shares of p at or below 5 % and 1 % take p as it is, and stand beside what K allows, the
mean of floor(0.05 (1+K)) / (1+K). Then the legs drift, each on its side, for as long as they are held: by 1, 2 and 3
standard deviations of what such a trade makes. What is before the event stays, and so do the placebos in time; a basket
that holds some of the legs drifts with them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from math import floor, sqrt
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy import stats

import deepshock as ds
from common import options, report, theses
from common.bars import Bars
from common.report import Sheet
from common.setting import HOLD
from deepshock.arrays import Floats
from deepshock.inference.placebo.in_space import placebo_in_space
from deepshock.inference.placebo.in_time import placebo_in_time
from deepshock.inference.placebo.model import Placebo, ranked
from deepshock.inference.placebo.of_sign import placebo_of_sign

LEGS, BASKETS, SESSIONS, EARLIEST = 5, 19, 660, 480
SMALL_WORLDS, LEVELS = 2, (0.05, 0.01)
INDEX_SIGMA, OWN_SIGMA, BETAS = 0.01, (0.01, 0.02), (0.6, 1.4)
ALPHA, PERSISTENCE, MOST = 0.08, 0.9, 5.0  # of a GARCH(1, 1); beyond MOST deviations a shock raises it no further
EDGES, SIDES = (1, 2, 3), {"long": 1, "short": -1}
TIME, OVERLAPPING, SPACE, SCALED, SIGN = "time", "overlapping", "space", "scaled", "sign"
KINDS = {
    TIME: "in time, apart",
    OVERLAPPING: "in time, overlapping",
    SPACE: "in space",
    SCALED: "in space, scaled",
    SIGN: "of sign",
}
Found = dict[str, tuple[float, int]]  # by kind: p and the number of placebos


@dataclass(frozen=True)
class Design:
    """What is drawn.

    Parameters
    ----------
    title : str
    names : int
        Beside the index.
    clustered : bool
        Whether shocks have fat tails and variances cluster.
    kinds : tuple of str
        Of placebos; those in space alone go without an edge.
    """

    title: str
    names: int
    clustered: bool = False
    kinds: tuple[str, ...] = tuple(KINDS)


DESIGNS = {
    "normal": Design("normal returns", 16),
    "clustered": Design("fat and clustered returns", 16, clustered=True),
    "many": Design("normal returns, 60 names", 60, kinds=(SPACE, SCALED)),
}


class World:
    """A market, and a thesis on it at an event that is none.

    Parameters
    ----------
    design : Design
    number : int
        The seed.
    """

    def __init__(self, design: Design, number: int) -> None:
        names, draw = design.names, np.random.default_rng([number, design.names, design.clustered])
        shape = SESSIONS, 1 + names
        shocks = _clustered(draw, shape) if design.clustered else draw.standard_normal(shape)
        self._design = design
        self._beta = draw.permutation(np.linspace(*BETAS, names))
        self._sigma = draw.permutation(np.linspace(*OWN_SIGMA, names))
        index = INDEX_SIGMA * shocks[:, :1]
        self._moves = np.hstack([index, index * self._beta + self._sigma * shocks[:, 1:]])
        self._legs = draw.choice(names, LEGS, replace=False)
        self._sides = draw.choice((1, -1), LEGS)
        self._row = int(draw.integers(EARLIEST, SESSIONS - HOLD - 2))
        self.ties = draw.random(len(KINDS))

    @property
    def deviation(self) -> float:
        """Standard deviation of what the thesis makes in ``HOLD`` sessions."""
        weights = self._sides / LEGS
        shared = float(weights @ self._beta[self._legs]) * INDEX_SIGMA
        return sqrt(HOLD * (shared**2 + float(((weights * self._sigma[self._legs]) ** 2).sum())))

    def run(self, edge: int = 0, *, past: bool = True) -> tuple[ds.Result, ds.Market]:
        """Run the thesis.

        Parameters
        ----------
        edge : int
            Drift of the trade, in deviations.
        past : bool
            False says that the market knew it all from the first session on: then no date is before it, and placebos
            in space, which are the same, are not scaled.
        """
        moves, legs = self._moves.copy(), 1 + self._legs
        moves[self._row + 1 : self._row + 1 + HOLD, legs] += edge * self.deviation / HOLD * self._sides
        absent = np.full(moves.shape, np.nan)
        bars = Bars(absent, absent, absent, np.asarray(100.0 * np.exp(np.cumsum(moves, axis=0)), np.float64))
        sides = ((word, [bars.symbols[n] for n in legs[self._sides == side]]) for word, side in SIDES.items())
        words: dict[str, Any] = {"benchmark": bars.symbols[0], "enter": {"at": "close", "within": 1}}
        words |= {word: names for word, names in sides if names}
        words |= {} if past else {"news": theses.written(bars.known_before(0))}
        market = bars.market()
        return ds.run(theses.thesis("nothing", bars, self._row, words), market, registry=False), market

    def p_values(self) -> list[Found]:
        """Return the p-values where nothing is, and with each edge."""
        result, market = self.run()
        space = _told(placebo_in_space(result, market, baskets=BASKETS))
        of_names: Found = {SPACE: (space.p, space.k), SCALED: (space.p_scaled, space.k)}
        if TIME not in self._design.kinds:
            return [of_names]
        time, sign = _told(placebo_in_time(result, market)), _told(placebo_of_sign(result, market))
        of_dates: Found = {TIME: (time.p, time.k), OVERLAPPING: (time.p_all, time.k_all)}
        found: list[Found] = [{**of_dates, **of_names, SIGN: (sign.p, sign.k)}]
        for edge in EDGES:
            result, market = self.run(edge, past=False)
            sign = _told(placebo_of_sign(result, market))
            space = _told(placebo_in_space(result, market, baskets=BASKETS))
            before = {TIME: time.values[time.chosen], OVERLAPPING: time.values}
            made = {kind: (ranked(sign.statistic, values)[0], len(values)) for kind, values in before.items()}
            found.append({**made, SPACE: (space.p, space.k), SIGN: (sign.p, sign.k)})
        return found


def _clustered(draw: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw shocks of unit variance with fat tails, whose variances cluster."""
    drawn = draw.standard_t(4, shape) / sqrt(2.0)  # the variance of that t is 2
    found, variance = np.empty_like(drawn), np.ones(shape[1])
    least = _least()
    for row, shock in enumerate(drawn):
        found[row] = np.sqrt(variance) * shock
        variance = least + variance * (ALPHA * np.clip(shock, -MOST, MOST) ** 2 + PERSISTENCE)
    return found


@cache
def _least() -> float:
    """Return the constant with which the mean of the variance is one."""
    capped = stats.t(4).expect(lambda value: min(value**2 / 2.0, MOST**2))
    return 1.0 - PERSISTENCE - ALPHA * float(capped)


def _told(made: Placebo) -> Placebo:
    if made.reason:
        raise SystemExit(f"error: no placebo {made.kind}: {made.reason}")
    return made


def world(design: str, number: int) -> dict[str, Any]:
    """Return what is found in one world: p-values by edge, and a draw for each kind that breaks ties."""
    one = World(DESIGNS[design], number)
    return {"found": one.p_values(), "ties": one.ties.tolist()}


def measure(design: str, worlds: int, workers: int) -> dict[str, Any]:
    """Return the figures of one design."""
    numbers = range(worlds)
    if workers == 1:
        made = [world(design, number) for number in numbers]
    else:
        os.environ["NUMBA_NUM_THREADS"] = "1"  # of each process; they are as many as there are cores
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            made = list(pool.map(world, repeat(design), numbers, chunksize=5))
    lines = [line(kind, place, made) for place, kind in enumerate(KINDS) if kind in DESIGNS[design].kinds]
    return {"design": design, "worlds": worlds, "lines": lines}


def line(kind: str, place: int, made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of one kind of placebo."""
    p, k = np.array([one["found"][0][kind] for one in made]).T
    spread = p - np.array([one["ties"][place] for one in made]) / (1.0 + k)
    against = stats.kstest(spread, "uniform")
    edges = range(1, len(made[0]["found"])) if kind != SCALED else ()
    power = [_share([one["found"][edge][kind][0] for one in made]) for edge in edges]
    return {
        "kind": kind,
        "k": float(k.mean()),
        "distance": float(against.statistic),
        "ks_p": float(against.pvalue),
        "shares": [_share(p, level) for level in LEVELS],
        "allowed": [float(np.mean([floor(level * (1.0 + n) + 1e-9) / (1.0 + n) for n in k])) for level in LEVELS],
        "power": power,
    }


def _share(p: Sequence[float] | Floats, level: float = LEVELS[0]) -> float:
    return float((np.asarray(p) <= level + 1e-12).mean())


def sheets(results: Mapping[str, Any]) -> list[Sheet]:
    """Return a table for each design: a line a placebo."""
    found = []
    for one in results["designs"]:
        worlds, edges = one["worlds"], EDGES if any(figures["power"] for figures in one["lines"]) else ()
        levels = (head for level in LEVELS for head in (f"p <= {100 * level:.0f} %", "allowed"))
        heads = ("", "K", "KS distance", "KS p", *levels, *(f"edge {edge}" for edge in edges))
        notes = (
            f"{worlds:,} simulated worlds; KS of p less a uniform draw within its step; percent of worlds with p at or "
            "below a level (± standard error), and what K allows",
            *["edge: percent with p at or below 5 % where the trade drifts by so many of its standard deviations"][
                : len(edges)
            ],
        )
        rows = [_row(figures, worlds, len(edges)) for figures in one["lines"]]
        found.append(Sheet(f"Placebos where nothing is, {DESIGNS[one['design']].title}", heads, rows, notes))
    return found


def _row(figures: Mapping[str, Any], worlds: int, n_edges: int) -> list[str]:
    pairs = zip(figures["shares"], figures["allowed"], strict=True)
    levels = [cell for share, allowed in pairs for cell in (_percent(share, worlds), f"{100 * allowed:.1f}")]
    power = [f"{100 * rate:.0f}" for rate in figures["power"]] or [""] * n_edges
    return [
        KINDS[figures["kind"]], f"{figures['k']:.0f}", f"{figures['distance']:.3f}", f"{figures['ks_p']:.2g}",
        *levels, *power,
    ]  # fmt: skip


def _percent(share: float, worlds: int) -> str:
    return f"{100 * share:.1f}±{100 * sqrt(share * (1.0 - share) / worlds):.1f}"


def main() -> None:
    """Draw worlds, and count."""
    parser = options.parser(__doc__, rounds=500, of="worlds of each design")
    names = ", ".join(DESIGNS)
    parser.add_argument("--only", type=options.some_of(DESIGNS), default=[*DESIGNS], help=f"some of {names}")
    given = parser.parse_args()
    report.heading()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    worlds, workers = (min(given.rounds, SMALL_WORLDS), 1) if given.small else (given.rounds, cores)
    results = {"simulated": True, "designs": [measure(design, worlds, workers) for design in given.only]}
    report.publish("placebo_uniformity", results, sheets(results), given.json)


if __name__ == "__main__":
    main()

"""deepshock on a workload: the engine on arrays that are planned, and the user's whole call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

import deepshock as ds
from common.workloads import Workload
from deepshock.arrays import Floats, Records
from deepshock.engine import run_variants
from deepshock.experiment.variants import Batch, Planner
from deepshock.plan import Settings

if TYPE_CHECKING:
    import pandas as pd

YEAR = 252.0
LEAST = 20  # observations under which a sweep gives no ratio


def plan(work: Workload) -> list[Batch]:
    """Plan all variants of a workload.

    Raises
    ------
    SystemExit
        Some of them cannot run: a benchmark on refused variants would measure nothing.
    """
    batches = Planner(work.item, work.market, Settings(costs=work.costs), work.grid).batches(0, len(work.grid))
    reasons = [batch.reason for batch in batches if batch.reason]
    if reasons:
        raise SystemExit(f"error: variants of {work.name} cannot run: {reasons[0]}")
    return batches


def run(batches: Sequence[Batch], *, parallel: bool = True) -> list[Records]:
    """Run planned variants; return the engine's figures of each batch."""
    found = []
    for batch in batches:
        assembly = batch.assembly
        assert assembly is not None
        assert batch.variants is not None
        arrays = assembly.tape, assembly.terms, assembly.money, batch.variants, len(assembly.items)
        found.append(run_variants(*arrays, parallel=parallel)[0])
    return found


def figures(batches: Sequence[Batch], ran: Sequence[Records], n_rows: int) -> Floats:
    """Return what a peer returns, in the order of the variants: array of shape (n_variants, 3)."""
    made = np.empty((sum(len(batch.numbers) for batch in batches), 3))
    for batch, one in zip(batches, ran, strict=True):
        sharpe = over_all_rows(one["n_obs"], one["mean"], one["std"], n_rows)
        made[batch.numbers] = np.column_stack([one["net"] / batch.capital, sharpe, one["max_drawdown"]])
    return made


def sweep(work: Workload) -> pd.DataFrame:
    """Do what a user does: from the thesis to the labelled frame."""
    return ds.sweep(work.item, work.market, work.over, sample=work.sample, costs=work.costs).frame


def figures_of_frame(frame: pd.DataFrame, n_rows: int) -> Floats:
    """Return the same from a sweep's frame; nan for the ratio where a sweep gives none."""
    std = frame["volatility"].to_numpy() / np.sqrt(YEAR)
    mean = frame["sharpe"].to_numpy() * std / np.sqrt(YEAR)
    sharpe = over_all_rows(frame["n_obs"].to_numpy(), mean, std, n_rows)
    return np.column_stack([frame["net_return"], sharpe, frame["max_drawdown"]])


def over_all_rows(n_obs: Floats, mean: Floats, std: Floats, n_rows: int) -> Floats:
    """Return the Sharpe ratio over all rows of the data, from that between the first fill and the last exit.

    Rows outside have returns of nil: they change neither the sum of the returns nor that of their squares.
    """
    deviations = (n_obs - 1.0) * np.where(n_obs > 1, std, 0.0) ** 2
    total = n_obs * mean
    squares = deviations + n_obs * mean**2
    average = total / n_rows
    return np.asarray(average / np.sqrt((squares - n_rows * average**2) / (n_rows - 1.0)) * np.sqrt(YEAR))

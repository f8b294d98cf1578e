"""Placebos through the kernel: a sweep whose rows are outcomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from deepshock.arrays import Flags, Floats
from deepshock.experiment import Pace, sweep
from deepshock.inference.placebo.form import Form

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.market import Market

STATISTIC = "excess_return"
OPEN, OTHERS = "open at the end of the data", "other reasons"
MOST_REASONS = 5
Progress = Callable[[Pace], object]

_OWN = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}Z)?|[-+]?\d+\.\d+|\bnan\b")  # what differs from date to date


def rows(form: Form, market: Market, over: Mapping[Any, Any], progress: Progress | None = None) -> pd.DataFrame:
    """Run a form with some words varied; see `deepshock.sweep` for the columns. Nothing of it is counted as a try."""
    settings = form.settings
    made = sweep(
        form.item, market, over, capital=settings.capital, costs=settings.costs, progress=progress, registry=False
    )
    return made.rows


def outcomes(made: pd.DataFrame) -> tuple[Floats, Flags, dict[str, int]]:
    """Return what each placebo made, which of them ran to their end, and why the others did not.

    Reasons that differ in nothing but dates and figures are one; those beyond the most frequent are counted together.
    """
    values, reasons = made[STATISTIC].to_numpy(np.float64), _reasons(made)
    ran = (reasons == "").to_numpy(np.bool_) & np.isfinite(values)
    counts = Counter(_OWN.sub("...", reason) for reason in reasons[~ran].tolist())
    told = dict(counts.most_common(MOST_REASONS if len(counts) > MOST_REASONS + 1 else None))
    left = counts.total() - sum(told.values())
    return values, ran, {**told, **({OTHERS: left} if left else {})}


def not_in_this_form(made: pd.DataFrame) -> str:
    """Say why the first row, which is the thesis itself, is no outcome."""
    return f"the thesis itself does not run in this form: {_reasons(made).iloc[0]}"


def _reasons(made: pd.DataFrame) -> pd.Series[str]:
    """Return why each row is no outcome, empty where it is one."""
    said = made["reason"].astype(str)
    return said.where(~made["open_at_end"].to_numpy(np.bool_) | (said != ""), OPEN)

"""An event study as plain values for JSON; what is not known is None."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from deepshock.stats.event_study.outcome import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from deepshock.inference.study import Study


def document(study: Study) -> dict[str, Any]:
    """Return a study with all of its tests and names."""
    return {
        "thesis": study.thesis,
        "kind": study.kind,
        "benchmark": study.benchmark or None,
        "words": study.words,
        "window": [day.isoformat() for day in study.window] or None,
        "caar": plain(study.caar),
        "headline": study.headline.test if study.headline else None,
        "tests": [_test(one) for one in study.outcomes],
        "names": [] if study.names is None else _lines(study.names),
        "notes": list(study.notes),
        "reason": study.reason or None,
    }


def plain(value: Any) -> Any:
    """Return a value as JSON has it: None for nan and for an empty text."""
    value = getattr(value, "item", lambda: value)()
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value


def _test(one: Outcome) -> dict[str, Any]:
    return {
        "test": one.test,
        "statistic": plain(one.statistic),
        "p_value": plain(one.p_value),
        "distribution": one.distribution,
        "df": one.df,
        "n": one.n,
        "least_p": plain(one.least_p),
        "holds": one.holds,
        "assumes": [{"words": each.words, "holds": each.holds, "why": each.why} for each in one.assumes],
        "reason": one.reason or None,
    }


def _lines(names: pd.DataFrame) -> list[dict[str, Any]]:
    counts = {"side", "days", "n", "df"}
    found = [{str(key): plain(value) for key, value in line.items()} for line in names.reset_index().to_dict("records")]
    return [{k: int(v) if k in counts and v is not None else v for k, v in line.items()} for line in found]

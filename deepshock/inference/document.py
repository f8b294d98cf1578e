"""The evidence as plain values for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepshock.inference.evidence import Evidence


def document(found: Evidence) -> dict[str, Any]:
    """Return evidence as plain values; every key is described in docs/json.md."""
    result, figures = found.result, found.tries.figures
    known = figures.document() if figures else {}
    return {
        "verdict": found.verdict.document(),
        "already_in_price": {
            **{part: _plain(getattr(result, part)) for part in ("missed", "gap", "tradable")},
            "decay": found.decay.document(),
        },
        "placebo": {
            **found.in_time.document(),
            "space": found.in_space.document(),
            "sign": found.of_sign.document(),
        },
        "event_study": [study.document() for study in found.studies],
        "beta": _beta(found),
        "narrative": found.narrative.document(),
        "rival": found.rival.document() if found.rival else None,
        **{name: known.get(name) for name in ("psr", "min_trl", "dsr", "pbo", "spa")},
        "tries": found.tries.document(),
        "confounders": list(found.confounders),
    }


def _beta(found: Evidence) -> list[dict[str, Any]]:
    """Return the beta of each leg, a line each."""
    fields = ("symbol", "weight", "beta", "se", "n", "note", "reason")
    return [{name: _plain(getattr(leg, name)) for name in fields} for leg in found.narrative.legs]


def _plain(value: Any) -> Any:
    return None if value == "" or (isinstance(value, float) and not math.isfinite(value)) else value

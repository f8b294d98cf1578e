"""What is written down of a try: one line of JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deepshock.registry.spread import UNKNOWN, Sharpes

RUN, SENSITIVITY, SWEEP = "run", "sensitivity", "sweep"
KINDS = (RUN, SENSITIVITY, SWEEP)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Trial:
    """One run, or one sweep, of a thesis or book on a market.

    Parameters
    ----------
    kind : {"run", "sensitivity", "sweep"}
    name : str
        Of the thesis or book.
    market : str
        Name of the source of the bars.
    simulated : bool
        Whether it is simulated.
    variant : str
        Digest of what trades and how; of a sweep, of what is common to its variants and of what is varied.
    variants : int
        Of a sweep, how many filled anything.
    n_obs : int
        Observations of a single run, 0 for a sweep.
    sharpes : Sharpes
        Those that are known.
    at : str
        When, UTC.

    Examples
    --------
    >>> one = Trial(RUN, "gold", "bars.parquet", False, "9f2c", n_obs=21, sharpes=Sharpes(1, 0.25))
    >>> Trial.read(one.line()).sharpes.mean
    0.25
    """

    kind: str
    name: str
    market: str
    simulated: bool
    variant: str
    variants: int = 1
    n_obs: int = 0
    sharpes: Sharpes = UNKNOWN
    at: str = field(default_factory=_now)

    def line(self) -> bytes:
        """Return it as a line of JSON, without its end."""
        ratios = (self.sharpes.n, _known(self.sharpes.mean), _known(self.sharpes.variance))
        words = {name: getattr(self, name) for name in _FIELDS} | dict(zip(_RATIOS, ratios, strict=True))
        return json.dumps(words, allow_nan=False).encode("ascii")

    @classmethod
    def read(cls, line: bytes) -> Trial | None:
        """Return what a line says, keys that it may have besides left aside; None where it is no such line."""
        try:
            words = json.loads(line)
            known = {name: words[name] for name in _FIELDS}
            n, mean, variance = (words[name] for name in _RATIOS)
            read = cls(
                **known, sharpes=Sharpes(n, *(math.nan if value is None else value for value in (mean, variance)))
            )
            return read if _is_sound(read) else None
        except (ValueError, TypeError, KeyError, RecursionError):
            return None


_FIELDS = tuple(name for name in Trial.__dataclass_fields__ if name != "sharpes")
_RATIOS = ("n_sharpes", "sharpe_mean", "sharpe_variance")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _is_sound(read: Trial) -> bool:
    """Say whether what was read can be counted: a line that was damaged may still be JSON."""
    texts: tuple[Any, ...] = (read.name, read.market, read.variant, read.at)
    counts: tuple[Any, ...] = (read.variants, read.n_obs, read.sharpes.n)
    return (
        read.kind in KINDS
        and all(type(text) is str for text in texts)
        and type(read.simulated) is bool
        and all(type(count) is int and count >= 0 for count in counts)
        and read.sharpes.n <= read.variants > 0
        and (read.kind == SWEEP or read.variants == 1)
        and (read.sharpes.n < 1 or _is_number(read.sharpes.mean))
        and (read.sharpes.n < 2 or (_is_number(read.sharpes.variance) and read.sharpes.variance >= 0.0))
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)

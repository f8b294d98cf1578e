"""How many tries there were: each variant once, and what their Sharpe ratios came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deepshock.registry.spread import UNKNOWN, Sharpes, pooled
from deepshock.registry.trial import RUN, SWEEP, Trial


@dataclass(frozen=True)
class Count:
    """Tries of one thesis or book on one market.

    Parameters
    ----------
    name : str
    market : str
        Name of the source of the bars: two files of one name are one market.
    simulated : bool
    runs : int
        Distinct variants that were run by themselves.
    sensitivities : int
        Distinct variants that were run as sensitivities alone.
    sweep_variants : int
        Variants of sweeps that filled anything. Sweeps that overlap, and a variant of one that was also run by itself,
        count as the sum: the number is at most too high, which is the careful error.
    sharpes : Sharpes
        The Sharpe ratios per observation that are known, of all of these together.
    where : str
        The file that it was read from.
    note : str
        What the number may lack, empty if nothing.
    """

    name: str
    market: str
    simulated: bool
    runs: int = 0
    sensitivities: int = 0
    sweep_variants: int = 0
    sharpes: Sharpes = UNKNOWN
    where: str = ""
    note: str = ""

    @property
    def total(self) -> int:
        """All tries."""
        return self.runs + self.sensitivities + self.sweep_variants

    @property
    def n_sharpes(self) -> int:
        """How many Sharpe ratios are known."""
        return self.sharpes.n

    @property
    def sharpe_mean(self) -> float:
        """Their mean, per observation; nan where none is known."""
        return self.sharpes.mean

    @property
    def sharpe_variance(self) -> float:
        """Their variance, per observation, as `deepshock.stats.sharpe.deflated_sharpe` takes it; nan under two."""
        return self.sharpes.variance

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON; what is not known is None."""
        n, mean, variance = self.sharpes
        return {
            "name": self.name,
            "market": self.market,
            "simulated": self.simulated,
            "runs": self.runs,
            "sensitivities": self.sensitivities,
            "sweep_variants": self.sweep_variants,
            "total": self.total,
            "sharpes": {"n": n, "mean": mean if n else None, "variance": variance if n > 1 else None},
        }


def counted(name: str, market: str, simulated: bool, trials: Sequence[Trial], where: str, note: str) -> Count:
    """Count the tries of one thesis or book on one market.

    Parameters
    ----------
    name, market : str
    simulated : bool
    trials : sequence of Trial
        All of them, and no others.
    where, note : str
        As of `Count`.
    """
    fullest = _fullest(trials)
    ran = {trial.variant for trial in trials if trial.kind == RUN}
    swept = [trial for trial in fullest if trial.kind == SWEEP]
    return Count(
        name,
        market,
        simulated,
        len(ran),
        len(fullest) - len(swept) - len(ran),
        sum(trial.variants for trial in swept),
        pooled(trial.sharpes for trial in fullest),
        where,
        note,
    )


def _fullest(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return one line for each digest: the one with most in it, of equals the last.

    An interrupted sweep stands there with a part of what it has when it is resumed, and a run on data that have grown
    since has more observations.
    """
    found: dict[str, Trial] = {}
    for trial in trials:
        held = found.get(trial.variant)
        if held is None or _fullness(trial) >= _fullness(held):
            found[trial.variant] = trial
    return tuple(found.values())


def _fullness(trial: Trial) -> tuple[int, int, int]:
    return trial.variants, trial.sharpes.n, trial.n_obs

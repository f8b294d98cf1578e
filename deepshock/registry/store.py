"""The registry: where tries are written down and counted."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from deepshock.errors import Fault, UsageError
from deepshock.registry import lines
from deepshock.registry.count import Count, counted
from deepshock.registry.trial import Trial

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.thesis import Book, Thesis

VARIABLE = "DEEPSHOCK_REGISTRY"
OFF = "off"
Key = tuple[str, str, bool]  # what is counted together: thesis or book, market, whether that is simulated

_written: set[tuple[object, ...]] = set()  # what this process has written: a variant that it runs again is no new line
_kept: dict[Path, list[Trial]] = {}  # by file, what could not be written yet
_refused: dict[Path, str] = {}  # and why
_one_at_a_time = Lock()


class Registry:
    """A file in which each variant that was run on a thesis and market is written down, to be counted.

    It only grows, a line of JSON for each; several processes may write to it at once, and what one leaves unfinished
    when it is killed costs at most its own line. Nothing that happens to the file stops a run: what cannot be written
    is counted in memory, and tried again with the next.

    Parameters
    ----------
    path : str or Path, optional
        The file, or ``off`` for a registry that counts nothing. By default what the environment variable
        ``DEEPSHOCK_REGISTRY`` says, which is one of both, or else ``trials.jsonl`` in the user's folder of states (on
        Linux ``~/.local/state/deepshock``).

    Examples
    --------
    >>> import deepshock as ds
    >>> Registry("off").tries("gold", ds.Market.load("sample", symbols=["GLD"])).note
    'the registry is off, and counts nothing'
    """

    def __init__(self, path: str | Path | None = None) -> None:
        word = os.environ.get(VARIABLE, "") if path is None else str(path)
        self.path = None if word == OFF else Path(word).absolute() if word else _default()

    @classmethod
    def of(cls, given: Choice) -> Registry:
        """Return the registry that a caller names: one, a file, ``off`` or False; None for the default.

        Raises
        ------
        UsageError
            It is none of these.
        """
        if isinstance(given, Registry):
            return given
        if given is False:
            return cls(OFF)
        if given is None or (isinstance(given, str | Path) and str(given)):
            return cls(given)
        raise UsageError(Fault("registry", f"{given!r} is no file", "give a path, 'off', or None for the default"))

    def __repr__(self) -> str:
        return f"<Registry {self.where}>"

    @property
    def on(self) -> bool:
        """Whether it counts."""
        return self.path is not None

    @property
    def where(self) -> str:
        """The file, or ``off``."""
        return OFF if self.path is None else str(self.path)

    def record(self, trial: Trial) -> None:
        """Write a try down; one that this process has written already is not written again."""
        if self.path is None:
            return
        key = (self.path, trial.kind, trial.name, trial.market, trial.simulated, trial.variant, trial.variants)
        with _one_at_a_time:
            if key in _written:
                return
            _written.add(key)
            waiting = _kept.setdefault(self.path, [])
            waiting.append(trial)
            try:
                while waiting:
                    lines.append(self.path, waiting[0].line())
                    del waiting[0]
            except OSError as error:
                _refused[self.path] = error.strerror or str(error)

    def read(self) -> tuple[tuple[Trial, ...], str]:
        """Return every try that is written down or kept in memory, and what they may lack; empty if nothing."""
        if self.path is None:
            return (), "the registry is off, and counts nothing"
        notes = []
        try:
            found = [Trial.read(line) for line in lines.read(self.path)]
        except OSError as error:
            found = []
            notes.append(f"{self.path} cannot be read: {error.strerror or error}")
        if bad := found.count(None):
            notes.append(f"{bad:,} line{'s' if bad > 1 else ''} of {self.path} cannot be read, and are not counted")
        kept = tuple(_kept.get(self.path, ()))
        if kept:
            why = f"{self.path} cannot be written: {_refused[self.path]}"
            notes.append(f"{len(kept):,} counted in the memory of this process alone, because {why}")
        return (*(trial for trial in found if trial is not None), *kept), "; ".join(notes)

    def tries(self, item: str | Thesis | Book, market: Market) -> Count:
        """Return how often a thesis or book was tried on a market; see `deepshock.tries`."""
        trials, note = self.read()
        key = (item if isinstance(item, str) else item.name, market.name, market.simulated)
        return counted(*key, [trial for trial in trials if _of(trial) == key], self.where, note)

    def counts(self) -> tuple[tuple[Count, ...], str]:
        """Return the count of each thesis or book and market, by name, and what they may lack; empty if nothing."""
        trials, note = self.read()
        mine: dict[Key, list[Trial]] = {}
        for trial in trials:
            mine.setdefault(_of(trial), []).append(trial)
        return tuple(counted(*key, mine[key], self.where, note) for key in sorted(mine)), note


Choice = Registry | str | Path | Literal[False] | None
"""What a caller may name as a registry; see `Registry.of`."""


def tries(item: str | Thesis | Book, market: Market, *, registry: Choice = None) -> Count:
    """Return how many variants of a thesis or book were tried on a market, each once.

    Parameters
    ----------
    item : str, Thesis or Book
        It, or its name; variants of it have the same name.
    market : Market
        Known by the name of its source, and by whether that is simulated.
    registry : Registry, str, Path or False, optional
        Where they were counted, as of `Registry`; default the user's own.

    Returns
    -------
    Count
        Also where nothing can be read: its note then says so.

    Notes
    -----
    What counts as a try, and what does not: docs/rules.md, section 20.
    """
    return Registry.of(registry).tries(item, market)


def _of(trial: Trial) -> Key:
    return trial.name, trial.market, trial.simulated


def _default() -> Path:
    """Return the user's own file; a relative path where there is no home."""
    from platformdirs import user_state_path

    return user_state_path("deepshock", appauthor=False) / "trials.jsonl"

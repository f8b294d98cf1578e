"""A YAML file as text: words to strings, lists and mappings, and the line of each.

A sheet knows nothing of theses. `Sheet.fault` says where something was written, so that a later fault can point at its
line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from deepshock.errors import Fault

Tree = dict[str, Any]
Steps = tuple[str | int, ...]


class Finding(NamedTuple):
    """A fault whose place is still a path in the tree."""

    path: Steps
    problem: str
    remedy: str = ""


@dataclass(frozen=True)
class Sheet:
    """One file, read.

    Parameters
    ----------
    name : str
        How messages call it; empty for what was built in Python.
    tree : dict
        Words to strings, lists and dicts.
    lines : mapping
        Path in the tree to line, counted from 1.
    file : Path, optional
        Where it lies; None for text that came from elsewhere.
    folder : Path
        Where relative paths start.
    findings : tuple of Finding
        Faults of form: duplicate keys, aliases, tags.
    """

    name: str = ""
    tree: Tree = field(default_factory=dict)
    lines: Mapping[Steps, int] = field(default_factory=dict)
    file: Path | None = None
    folder: Path = Path()
    findings: tuple[Finding, ...] = ()

    def line(self, path: Steps) -> int:
        """Return the line of the innermost node of a path that was written; 1 where none was."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, finding: Finding) -> Fault:
        """Give a finding its place: ``file.yaml:7 exit.hold``."""
        dotted = ""
        for part in filter(lambda part: part != "", finding.path):
            dotted += f"[{part}]" if isinstance(part, int) else f".{part}" if dotted else part
        place = f"{self.name}:{self.line(finding.path)}" if self.name else ""
        return Fault(" ".join(filter(None, (place, dotted))), finding.problem, finding.remedy)

    def faults(self, findings: Iterable[Finding]) -> list[Fault]:
        """Give findings their places, in the order of the file."""
        every = [*self.findings, *findings]
        if self.name:
            every.sort(key=lambda finding: self.line(finding.path))
        return list(dict.fromkeys(map(self.fault, every)))


def identity(path: str | os.PathLike[str]) -> Path:
    """Return the one path that identifies a file; a loop of links, or a name that no file can have, is its own."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        return Path(path)


def display(path: str | os.PathLike[str]) -> str:
    """Return a path as messages show it: as the user wrote it, tidied."""
    return os.path.normpath(os.fspath(path))

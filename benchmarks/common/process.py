"""A function in a process of its own, with the peak of that process's memory.

    alone("vs_vectorbt", "use", who="deepshock", what="E")

What it returns has to be plain values: they come back as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1]
_MARK = "\x1e"  # before the answer: what else the child prints is not part of it


@dataclass(frozen=True)
class Alone:
    """What a process of its own came to.

    Parameters
    ----------
    value : object
        What the function returned.
    peak_mb : float
        Most memory that was resident at one time, imports included.
    """

    value: Any
    peak_mb: float


def alone(module: str, function: str, environment: Mapping[str, str] | None = None, **words: Any) -> Alone:
    """Call a function of a module of the benchmarks in a new process.

    Raises
    ------
    SystemExit
        It failed; with the last line of what it said.
    """
    command = [sys.executable, "-m", "common.process", module, function, json.dumps(words)]
    done = run(command, environment)
    found = json.loads(done.rpartition(_MARK)[2])
    return Alone(found["value"], found["peak_mb"])


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command from the folder of the benchmarks; return what it printed.

    Raises
    ------
    SystemExit
        It failed.
    """
    paths = os.pathsep.join(filter(None, (str(FOLDER), str(FOLDER.parent), os.environ.get("PYTHONPATH"))))
    around = {**os.environ, "PYTHONPATH": paths, **(environment or {})}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=around, cwd=FOLDER)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()
        raise SystemExit(f"error: {' '.join(command[1:4])} failed: {said[-1]}")
    return done.stdout


def peak_mb() -> float:
    """Return the peak of this process's resident memory.

    Notes
    -----
    Linux keeps it for each address space. ``ru_maxrss``, which other systems have, starts with that of the process
    that was forked: a small child of a large parent would be large.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Be the child."""
    module, function, words = sys.argv[1:]
    value = getattr(import_module(module), function)(**json.loads(words))
    print(_MARK + json.dumps({"value": value, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()

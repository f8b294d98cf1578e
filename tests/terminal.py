"""The command line as tests use it: in this process where that is enough, in one of its own where it is not."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest
from market.made_up import frame, walk, weekdays

from deepshock.backtest import main

ROOT = Path(__file__).resolve().parents[1]
STRATEGIES = ROOT / "strategies"

# What makes typer and rich take a pipe for a terminal.
FORCING = ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE")

# Three lines; what a test adds begins in line 4. Known before New York opens on Tuesday 28 January.
THESIS = """\
thesis: {name}
source: {{publisher: Wire, published: 2025-01-28T00:00Z}}
long: {{AAA: 1, BBB: 3}}
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """Return the lines of standard error, each of which has to be an error that was meant."""
        assert self.err == "".join(f"{line}\n" for line in self.err.splitlines())
        lines = self.err.splitlines()
        assert all(line.startswith("error: ") for line in lines), self.err
        return [line.removeprefix("error: ") for line in lines]


def call(*args: str | Path) -> Ran:
    """Run a command in this process."""
    out, err, given = io.StringIO(), io.StringIO(), [str(arg) for arg in args]
    typed = patch.object(sys, "argv", ["deepshock", *given])
    plain = patch.dict(
        os.environ, {name: value for name, value in os.environ.items() if name not in FORCING}, clear=True
    )
    with redirect_stdout(out), redirect_stderr(err), typed, plain, pytest.raises(SystemExit) as left:
        main()
    status = left.value.code
    assert isinstance(status, int)
    return Ran(status, out.getvalue(), err.getvalue())


def refused(*args: str | Path, status: int = 1) -> list[str]:
    """Run a command that has to fail, and print nothing but why; return its errors."""
    ran = call(*args)
    assert (ran.status, ran.out) == (status, "")
    return ran.errors


def process(*args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, **more: Any) -> Ran:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "deepshock.backtest", *map(str, args)]
    environment = environ(env or {})
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    ran = subprocess.run(command, cwd=cwd, env=environment, text=True, timeout=120, check=False, **streams)
    assert "Traceback" not in (ran.stderr or "")
    return Ran(ran.returncode, ran.stdout or "", ran.stderr or "")


def environ(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment with the checkout importable from any folder, and without what changes the output."""
    dropped = (*FORCING, "COLUMNS", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, **(more or {})}


def heed_interrupts() -> None:
    """Let a process that is about to start heed SIGINT, which a shell makes its background jobs ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def bars(*symbols: str, first: str = "2024-12-02", n: int = 100) -> pd.DataFrame:
    """Return daily bars of made-up American shares, all columns given."""
    made = []
    for seed, symbol in enumerate(symbols or ("AAA", "BBB")):
        closes = walk(n, seed + 1, 41.0 + 7.0 * seed)
        made.append(frame(symbol, weekdays(first, n), closes, adj_close=closes, **{"class": "stock"}))
    return pd.concat(made, ignore_index=True)


def write_thesis(folder: Path, name: str = "t", more: str = "") -> Path:
    """Write a good thesis, and what a test adds to it."""
    file = folder / f"{name}.yaml"
    file.write_text(THESIS.format(name=name) + more, encoding="utf-8")
    return file

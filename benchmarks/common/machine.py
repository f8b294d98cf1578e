"""Where a figure was measured: the machine, the versions, the command."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import deepshock

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("numpy", "numba", "llvmlite", "pandas", "pyarrow", "exchange_calendars"),
    *("vectorbt", "vectorbt-rust", "backtesting", "bt", "dask", "distributed"),
)


def command() -> str:
    """Return the command line as one could type it again; of a path that only this machine has, the name."""
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *map(_anywhere, sys.argv[1:])])


def versions() -> dict[str, str]:
    """Return the versions of all that a figure depends on, and the commit where there is one."""
    found = {"deepshock": deepshock.__version__, "commit": _commit(), "Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {name: text for name, text in found.items() if text}


def machine() -> dict[str, object]:
    """Return processor, cores that this process may use, memory and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: dict[str, object] = {"processor": _processor(), "cores": cores, "system": platform.platform()}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_gb"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return found


def told() -> str:
    """Return all of it in two lines."""
    here, packages = machine(), versions()
    first = f"{here['processor']}, {here['cores']} cores, {here.get('memory_gb', '?')} GB, {here['system']}"
    return f"{first}\n{', '.join(f'{name} {text}' for name, text in packages.items())}"


def _anywhere(word: str) -> str:
    """Return a word of a command line without the folders of an absolute path."""
    option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return f"{option}{equals}{Path(value).name}" if Path(value).is_absolute() else word


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _commit() -> str:
    """Return the commit of the checkout, with a + where files differ from it; empty outside one."""
    told = [
        subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
        for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain"))
    ]
    if any(one.returncode for one in told):
        return ""
    return told[0].stdout.strip() + ("+" if told[1].stdout.strip() else "")

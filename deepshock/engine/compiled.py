"""How the kernel is compiled, where compiled code is kept, and what the user is told of the wait."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba.core import event

from deepshock.version import __version__

SOURCES = ("engine/kernel/*.py", "engine/memory.py", "engine/compiled.py", "arrays.py")
"""What compiled code depends on; numba by itself looks at the file of the function alone."""

# The kernel allocates nothing, so numba need not count references: counting them on each call took nine tenths of the
# time of a run.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
INSIDE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # these took a third of the time
_njit: Any = numba.njit


def folder() -> Path | None:
    """Return where compiled code is kept, made if need be; None where no such folder can be written.

    It is a user's own, not the installation's, which may be read-only; its name changes with everything that compiled
    code depends on. ``NUMBA_CACHE_DIR`` prevails over it.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return None  # numba heeds it by itself
    root = Path(__file__).parent.parent
    files = (file for name in SOURCES for file in sorted(root.glob(name)))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    name = f"{__version__}-numba{numba.__version__}-python{sys.version_info[0]}.{sys.version_info[1]}-{digest}"
    try:
        found = Path(platformdirs.user_cache_dir("deepshock", appauthor=False)) / "compiled" / name
        found.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=found):
            return found
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None


@contextmanager
def _kept_in(place: Path | None) -> Iterator[None]:
    """Let numba keep what is declared within in a folder; in its own way where there is none."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(place) if place else before
    try:
        yield
    finally:
        config.CACHE_DIR = before


_FOLDER = folder()


def small(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function that Python calls, kept on disk where any folder can hold it; else in memory."""
    try:
        with _kept_in(_FOLDER):
            return _njit(cache=True, **{**OPTIONS, **options})(function)
    except RuntimeError:  # "no locator available": nowhere to write
        return _njit(**{**OPTIONS, **options})(function)


def entry(function: Callable[..., Any], **options: Any) -> Any:
    """Compile a function that Python calls, and whose compilation takes long enough to say so."""
    made = small(function, **options)
    _Wait.entries.add(made)
    return made


def threaded(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls and whose ``prange`` loops share threads; it may count references."""
    return entry(function, _nrt=True, parallel=True)


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function that only the kernel calls."""
    return _njit(**INSIDE, **OPTIONS)(function)


def tight(function: Callable[..., Any]) -> Any:
    """Compile a function into the loop that calls it."""
    return _njit(forceinline=True, **INSIDE, **OPTIONS)(function)


def merged(function: Callable[..., Any]) -> Any:
    """Let a function that is called from one place be compiled as a part of it: each level links and optimises all."""
    return _njit(inline="always", **INSIDE, **OPTIONS)(function)


class _Wait(event.Listener):
    """Tells whoever sits at a terminal that the first run compiles, and how long it took."""

    entries: set[Any] = set()  # noqa: RUF012

    def on_start(self, event: Any) -> None:
        if event.data["dispatcher"] in self.entries and sys.stderr.isatty():
            self._since = time.monotonic()
            sys.stderr.write("deepshock compiles its engine, once for this machine (some 20 seconds) ...")
            sys.stderr.flush()

    def on_end(self, event: Any) -> None:
        if event.data["dispatcher"] in self.entries and sys.stderr.isatty():
            sys.stderr.write(f" done in {time.monotonic() - self._since:.0f} s\n")


_register: Any = event.register
_register("numba:compile", _Wait())

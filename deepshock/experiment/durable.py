"""Files that are whole or not there: written under a temporary name, brought to the disk, then renamed.

A process may die at any moment, of ``kill -9`` or of a power cut. A file under its own name is then complete, and what
the process left under temporary names is known by them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from deepshock.errors import Fault, UsageError

_LEFTOVER = re.compile(r"\.(?P<name>.+)\.(?P<host>[^.]+)\.(?P<pid>\d+)\.[0-9a-f]{32}\.tmp")
_DAY = 86_400.0  # seconds; nobody writes one file for longer


def room(path: str | Path, n_bytes: int) -> None:
    """Refuse what will not fit on the disk, before anything is written.

    Parameters
    ----------
    path : path
        Where it will be; need not be there yet.
    n_bytes : int
        How much it will be.

    Raises
    ------
    UsageError
        There is less room than that.
    """
    here = Path(path).absolute()
    while not here.exists() and here != here.parent:
        here = here.parent
    with said(here, "read"):
        free = shutil.disk_usage(here).free
    if n_bytes > free:
        problem = f"needs {gigabytes(n_bytes)} and the disk has {gigabytes(free)} free"
        raise UsageError(Fault(str(path), problem, "vary less, draw a sample, make room, or choose another disk"))


def gigabytes(n_bytes: int) -> str:
    """Write a size."""
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e8 else f"{n_bytes / 1e6:,.1f} MB"


def write_whole(target: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all; one that is there is replaced at once. The last of several writers prevails.

    Parameters
    ----------
    target : Path
    fill : callable
        Writes the content to the stream that it is given.

    Raises
    ------
    UsageError
        The file cannot be written.
    """
    part = target.with_name(f".{target.name}.{_host()}.{os.getpid()}.{uuid.uuid4().hex}.tmp")
    with said(target, "written"):
        try:
            with part.open("xb") as stream:
                fill(stream)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        _sync(target.parent)


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows does that by itself, and cannot open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_temporary(name: str) -> bool:
    """Say whether a name is one that `write_whole` writes under."""
    return _LEFTOVER.fullmatch(name) is not None


def clear_leftovers(folder: Path) -> None:
    """Delete what dead writers left in a folder; what cannot be deleted is left alone, since nobody reads it."""
    for entry in sorted(folder.iterdir()):
        match = _LEFTOVER.fullmatch(entry.name)
        with contextlib.suppress(OSError):
            if match and _is_dead(match["host"], int(match["pid"]), entry):
                entry.unlink()


def _is_dead(host: str, pid: int, part: Path) -> bool:
    """Say whether a writer is gone: its process, or its day, where the process is out of sight or its number in use."""
    if time.time() - part.stat().st_mtime > _DAY:
        return True
    if host != _host() or os.name != "posix":  # elsewhere than on POSIX, signal 0 ends a process
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "unnamed"


@contextlib.contextmanager
def said(path: Path, what: str) -> Iterator[None]:
    """Turn the system's errors into ours, which say what to do.

    Raises
    ------
    UsageError
        For any OSError within.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "make room, or choose a place that you may write to" if what != "read" else "choose another folder"
        raise UsageError(Fault(str(path), f"cannot be {what}: {reason}", remedy)) from error

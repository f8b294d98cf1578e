"""How much memory there is, as far as the system says; a sweep that will not fit is refused before it starts."""

from __future__ import annotations

import os
import re
from pathlib import Path

from deepshock.errors import Fault, UsageError
from deepshock.experiment.durable import gigabytes

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Return the bytes that can still be used, those of a container if this is one; None where nobody says."""
    found = [size for size in (_of_system(), _of_container()) if size is not None]
    return min(found, default=None)


def _of_system() -> int | None:
    try:
        available = re.search(r"^MemAvailable:\s+(\d+) kB$", _MEMINFO.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        available = None
    if available:
        return int(available[1]) * 1024
    try:  # where the system does not say what is available, all there is bounds it
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _of_container() -> int | None:
    try:
        most, used = ((_CGROUP / f"memory.{name}").read_text(encoding="ascii").strip() for name in ("max", "current"))
        return max(int(most) - int(used), 0)
    except (OSError, ValueError):  # there is none, or it has no limit
        return None


def room_in_memory(n_rows: int, n_bytes: int, remedy: str) -> None:
    """Refuse a table that will not fit into memory.

    Parameters
    ----------
    n_rows : int
    n_bytes : int
        Of all of it.
    remedy : str
        What to do instead.

    Raises
    ------
    UsageError
        There is less memory than that.
    """
    free = free_memory()
    if free is not None and n_bytes > free:
        problem = f"{n_rows:,} of them need {gigabytes(n_bytes)} of memory and {gigabytes(free)} are free"
        raise UsageError(Fault("variants", problem, remedy))

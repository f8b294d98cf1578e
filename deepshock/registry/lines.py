"""A file that only grows: a line for each record, from several processes at once, any of which may die at any moment.

A record is one write to a file that is opened for appending, so that nobody overwrites anybody. What a dead process or
a full disk left without its end is a line of its own, because who comes next begins a new one; a lock keeps two from
looking at the end of the file at the same time.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 1.0  # seconds; a lock is held for some 30 microseconds, so who holds it longer has been stopped
PAUSE = 0.0005  # seconds between two tries to get it
_BINARY = getattr(os, "O_BINARY", 0)  # Windows else writes two characters for the end of a line

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # Windows locks bytes, and nobody can read those that are locked: one beyond the end is as good

    def _lock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _unlock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


def append(path: Path, line: bytes) -> None:
    """Add a line to a file; the file and its folder are made if need be.

    Parameters
    ----------
    path : Path
    line : bytes
        Without its end.

    Raises
    ------
    OSError
        It could not be written, or not all of it.
    """
    with _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as handle, _alone(handle):
        whole = b"\n" * _is_torn(handle) + line + b"\n"
        if os.write(handle, whole) < len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def read(path: Path) -> list[bytes]:
    """Return the lines of a file that are not empty, the last one also where it has no end; none without a file.

    Raises
    ------
    OSError
        It is there and cannot be read.
    """
    try:
        with _opened(path, os.O_RDONLY) as handle, _alone(handle), open(handle, "rb", closefd=False) as stream:
            content = stream.read()
    except FileNotFoundError:
        return []
    return [line for line in content.split(b"\n") if line.strip()]


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """Open a file, to write with its folder."""
    if not path.is_absolute():
        raise FileNotFoundError(errno.ENOENT, "there is no home folder", str(path))
    try:
        handle = os.open(path, flags | _BINARY, 0o666)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, flags | _BINARY, 0o666)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _alone(handle: int) -> Iterator[None]:
    """Keep others out for a moment.

    Where that cannot be had it goes on without: two records are never mixed, because each is one write at the end. It
    is only the line of a process that died which may then be taken for a whole one, or the other way round.
    """
    held = _wait(handle)
    try:
        yield
    finally:
        if held:
            _unlock(handle)


def _wait(handle: int) -> bool:
    """Return whether the file is locked now."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):  # somebody else has it; Windows says the second
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE)
        except OSError:  # a file system without locks
            return False
        else:
            return True


def _is_torn(handle: int) -> bool:
    """Say whether the last line has no end."""
    if not os.fstat(handle).st_size:
        return False
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) != b"\n"

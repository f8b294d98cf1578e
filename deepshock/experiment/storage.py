"""A sweep on disk: a folder of Parquet parts and a manifest, that survives ``kill -9``.

Rows are known by their place: row ``i`` of part ``k`` is variant ``k * chunk + i``. The manifest is written once,
before any part; a part that is there is whole. Whatever is missing can be written again by whoever comes next, and two
who write the same part leave one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepshock.errors import Fault, UsageError, suggest
from deepshock.experiment.durable import clear_leftovers, room, said, write_whole
from deepshock.experiment.manifest import ANOTHER, MANIFEST, as_manifest, differences, new_folder, read_manifest
from deepshock.experiment.part import is_whole, read_part, write_part
from deepshock.version import __version__

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Folder", "room"]


@dataclass(frozen=True)
class Folder:
    """The folder of one sweep. `Folder.create` and `Folder.open` build one; it may be sent to other processes.

    Parameters
    ----------
    path : Path
    manifest : mapping
        Plain values: ``deepshock`` (version), ``n_variants``, ``chunk``, ``columns`` (name to pandas dtype), and what
        else identifies the sweep.
    """

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def create(
        cls, path: str | Path, manifest: Mapping[str, Any], n_variants: int, chunk: int, *, resume: bool = False
    ) -> Folder:
        """Begin a sweep in a new or empty folder, or go on with the same sweep.

        Parameters
        ----------
        path : path
            The folder above it has to be there.
        manifest : mapping
            What identifies the sweep, as values for JSON: ``thesis`` and ``market`` (hashes), ``grid`` (its document),
            and ``columns``, which maps the names of a part's columns to their pandas dtypes.
        n_variants, chunk : int
            How many rows there will be, and in one part.
        resume : bool
            Whether to go on where the folder holds this sweep. An empty one is begun either way.

        Raises
        ------
        UsageError
            The folder holds anything else, or another sweep (says what differs), or cannot be written.
        """
        target = Path(path)
        wanted = as_manifest(manifest, n_variants, chunk, __version__)
        new_folder(target)
        if not (target / MANIFEST).exists():
            write_whole(target / MANIFEST, lambda stream: stream.write(json.dumps(wanted, indent=1).encode("ascii")))
            resume = True  # another process may have begun a sweep at the same moment: the one that is read counts
        folder = cls.open(target)
        found = differences(folder.manifest, wanted)
        if found and resume:
            raise UsageError([Fault(str(target), f"holds another sweep: {one}", ANOTHER) for one in found])
        if not resume:
            done = f"{folder.n_chunks - len(folder.missing()):,} of {folder.n_chunks:,} parts done"
            remedy = ANOTHER if found else f"go on with resume=True (--resume), or {ANOTHER}"
            raise UsageError(Fault(str(target), f"holds {'another' if found else 'this'} sweep, {done}", remedy))
        return folder

    @classmethod
    def open(cls, path: str | Path) -> Folder:
        """Open the folder of a sweep, and delete what dead writers left in it.

        Raises
        ------
        UsageError
            There is no sweep, or its manifest cannot be read.
        """
        target = Path(path)
        folder = cls(target, read_manifest(target))
        with said(target, "read"):
            clear_leftovers(target)
        return folder

    @property
    def n_variants(self) -> int:
        """How many rows the whole sweep has."""
        return int(self.manifest["n_variants"])

    @property
    def n_chunks(self) -> int:
        """How many parts the whole sweep has."""
        return -(-self.n_variants // int(self.manifest["chunk"]))

    @property
    def columns(self) -> dict[str, str]:
        """Columns of a part, with their pandas dtypes."""
        return dict(self.manifest["columns"])

    def bounds(self, chunk: int) -> tuple[int, int]:
        """Return the first variant of a chunk, and the one after its last."""
        if not 0 <= chunk < self.n_chunks:
            raise UsageError(Fault("chunk", f"{chunk} is not there", f"there are {self.n_chunks:,}, from 0"))
        size = int(self.manifest["chunk"])
        return chunk * size, min((chunk + 1) * size, self.n_variants)

    def part(self, chunk: int) -> Path:
        """Return where the part of a chunk is, or will be."""
        return self.path / f"part-{chunk:06d}.parquet"

    def missing(self) -> tuple[int, ...]:
        """Return the chunks whose parts are not there, or not whole, or not of this sweep."""
        with said(self.path, "read"):
            there = {entry.name for entry in self.path.iterdir()}
        return tuple(k for k in range(self.n_chunks) if self.part(k).name not in there or not self._is_whole(k))

    def _is_whole(self, chunk: int) -> bool:
        start, stop = self.bounds(chunk)
        return is_whole(self.part(chunk), stop - start, self._mark(chunk))

    def _mark(self, chunk: int) -> bytes:
        """Return what a part says of itself, so that one of another sweep, or of another place, is not taken for it."""
        return f"{self._digest} {chunk}".encode("ascii")

    @cached_property
    def _digest(self) -> str:
        text = json.dumps(self.manifest, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def write(self, chunk: int, frame: pd.DataFrame) -> None:
        """Write the part of a chunk; one that is there is replaced.

        Parameters
        ----------
        chunk : int
        frame : DataFrame
            One row for each variant of the chunk, in order, with the columns of the manifest. Its index is not kept.

        Raises
        ------
        UsageError
            Rows or columns are not those of the chunk, or the part cannot be written; nothing is there then.
        """
        start, stop = self.bounds(chunk)
        if len(frame) != stop - start or list(frame.columns) != list(self.columns):
            problem = f"{len(frame)} rows of {', '.join(map(str, frame.columns))}"
            raise UsageError(Fault(f"chunk {chunk}", problem, f"give {stop - start} of {', '.join(self.columns)}"))
        write_part(self.part(chunk), frame.astype(self.columns), self._mark(chunk))

    def scan(self, columns: Sequence[str] | None = None, *, partial: bool = False) -> Iterator[pd.DataFrame]:
        """Yield one frame for each part, in the order of variants, indexed by their numbers.

        Parameters
        ----------
        columns : sequence of str, optional
            All by default.
        partial : bool
            Whether to leave out what is missing, rather than refuse.

        Raises
        ------
        UsageError
            Parts are missing, or one cannot be read.
        """
        names = list(self.columns if columns is None else columns)
        unknown = [name for name in names if name not in self.columns]
        if unknown:
            allowed = f"there are {', '.join(self.columns)}"
            raise UsageError(
                Fault("columns", f"no {name!r}", suggest(name, tuple(self.columns)) or allowed) for name in unknown
            )
        missing = self.missing()
        if missing and not partial:
            problem = f"{len(missing):,} of {self.n_chunks:,} parts are missing"
            raise UsageError(Fault(str(self.path), problem, "resume the sweep, or read with partial=True"))
        for chunk in sorted(set(range(self.n_chunks)) - set(missing)):
            yield self.read_chunk(chunk, names)

    def read_chunk(self, chunk: int, columns: list[str]) -> pd.DataFrame:
        """Return the rows of one part, indexed by the numbers of the variants."""
        import pandas as pd

        frame = read_part(self.part(chunk), columns).astype({name: self.columns[name] for name in columns})
        return frame.set_axis(pd.RangeIndex(*self.bounds(chunk), name="variant"))

    def read(self, columns: Sequence[str] | None = None, *, partial: bool = False) -> pd.DataFrame:
        """Return all rows, in the order of variants, indexed by their numbers; see `scan`."""
        import pandas as pd

        frames = list(self.scan(columns, partial=partial))
        if not frames:
            names = self.columns if columns is None else columns
            empty = {name: pd.Series(dtype=self.columns[name]) for name in names}
            return pd.DataFrame(empty, index=pd.RangeIndex(0, name="variant"))
        return pd.concat(frames)

"""One Parquet part of a sweep; the only place here that knows the file format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from deepshock.errors import Fault, UsageError
from deepshock.experiment.durable import write_whole

if TYPE_CHECKING:
    import pandas as pd

_KEY = b"deepshock"


def write_part(path: Path, frame: pd.DataFrame, mark: bytes) -> None:
    """Write a part whole or not at all, with a checksum of each page.

    Parameters
    ----------
    path : Path
    frame : DataFrame
        Its index is not kept.
    mark : bytes
        What the part says of itself.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: mark})

    def fill(stream: BinaryIO) -> None:
        pq.write_table(table, stream, write_page_checksum=True)

    write_whole(path, fill)


def is_whole(path: Path, n_rows: int, mark: bytes) -> bool:
    """Say whether a part has its footer, its rows and its mark."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return False
    return bool(footer.num_rows == n_rows and (footer.metadata or {}).get(_KEY) == mark)


def read_part(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a part.

    Raises
    ------
    UsageError
        It cannot be read, or a page is not what was written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            frame: pd.DataFrame = file.read(columns=list(columns)).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise UsageError(Fault(str(path), f"cannot be read: {error}", "delete it and resume the sweep")) from error
    return frame

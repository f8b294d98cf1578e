"""Dated facts about costs, each with its source and how sure we are of it.

===================  ==========================================================  =============================
file                 what it holds                                               read by
===================  ==========================================================  =============================
law.csv              taxes and fees by venue, class, side and date               `deepshock.cost.law`
settlement.csv       sessions from trade to settlement, by calendar and date     `deepshock.cost.settlement`
policy_rates.csv     overnight policy rates as dated steps                       `deepshock.cost.rates`
presets.csv          our assumptions under ``none``, ``institutional``,          `deepshock.cost.settings`
                     ``retail``: not facts, and every report says so
===================  ==========================================================  =============================

``from`` and ``to`` are both included; an empty ``to`` is open. ``|`` separates alternatives. A user's own law file has
the columns of ``law.csv``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from deepshock.errors import CostError, Fault

EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to `day`, the unit of every day array in deepshock."""
    return (day - EPOCH).days


@cache
def read(name: str) -> tuple[dict[str, str], ...]:
    """Read one of the files of this folder.

    Parameters
    ----------
    name : str
        ``"law.csv"``, for example.

    Returns
    -------
    tuple of dict
        One mapping of column to text per row, in file order.
    """
    text = text_of(name)
    header = next(csv.reader(io.StringIO(text)))
    return tuple(cells for _, cells in table(text, header, name))


def text_of(name: str) -> str:
    """Return the text of one of the files of this folder, also from inside a zipped package."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def table(text: str, columns: Sequence[str], where: str) -> list[tuple[str, dict[str, str]]]:
    """Split CSV text into rows that know their line.

    Parameters
    ----------
    text : str
        The file, with a header line.
    columns : sequence of str
        The columns that it must have, in any order; others are refused, so that a misspelt one is not lost.
    where : str
        Name of the file for messages.

    Returns
    -------
    list of (str, dict)
        ``("law.csv:2", {"venue": "XHKG", ...})``, every cell stripped. Blank lines are passed over.

    Raises
    ------
    CostError
        Wrong columns, or rows that are too short or too long; all of them at once.
    """
    reader = csv.reader(io.StringIO(text), skipinitialspace=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(columns):
            wrong = ", ".join(header) or "nothing"
            raise CostError(Fault(f"{where}:1", f"the columns are {wrong}", f"write {','.join(columns)}"))
        rows = [(f"{where}:{reader.line_num}", cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise CostError(Fault(f"{where}:{reader.line_num}", f"not CSV: {error}")) from error
    faults = [
        Fault(line, f"{len(cells)} cells", f"write {len(header)}: {', '.join(header)}; quote a cell that holds a comma")
        for line, cells in rows
        if len(cells) != len(header)
    ]
    if faults:
        raise CostError(faults)
    return [(line, dict(zip(header, (cell.strip() for cell in cells), strict=True))) for line, cells in rows]

"""Reading rows of venue law from CSV: ours, and a user's own."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from deepshock.cost.law_rows import ROUNDING, LawRow, contradictions
from deepshock.cost.schedules import table, text_of
from deepshock.cost.venues import law_venue
from deepshock.errors import CostError, Fault

# An item of this name would be mistaken for another line of the ledger, or for a word of `CostSet.only`.
RESERVED = (
    "commission",
    "half-spread",
    "slippage",
    "impact",
    "taxes",
    "borrow",
    "conversion",
    "FX conversion",
    "interest",
)

_Day = Annotated[date, BeforeValidator(lambda text: date.fromisoformat(text))]
_Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
_Venue = r"US|24/7|24x7|[A-Z0-9]{4}"


class _Cells(BaseModel):
    """The columns of a law file, one line of it; an empty cell is left to its default."""

    venue: str = Field(pattern=rf"^({_Venue})(\|({_Venue}))*$")
    item: str
    cls: Literal["any", "stock", "etf", "crypto", "future"] = Field(alias="class")
    side: Literal["buy", "sell", "both"]
    rate: _Amount
    unit: Literal["of value", "per share", "per trade"]
    min: _Amount = 0.0
    max: _Amount = math.inf
    rounding: str = Field("", pattern=rf"^({ROUNDING})?$")
    basis: Literal["trade", "settle"]
    first: _Day = Field(alias="from")
    last: _Day | None = Field(None, alias="to")
    confidence: Literal["high", "medium", "low"]
    source: str

    def rows(self) -> list[LawRow]:
        """Return one row per alternative venue."""
        fields = self.model_dump(exclude={"venue"})
        return [LawRow(venue=venue, **fields) for venue in dict.fromkeys(map(law_venue, self.venue.split("|")))]

    def quarrels(self) -> list[tuple[str, str, str]]:
        """Return (column, problem, remedy) for each pair of cells that cannot both be meant."""
        checks = [
            (self.item in RESERVED, "item", f"{self.item!r} is the name of another cost", "choose another name"),
            (self.last is not None and self.last < self.first, "to", f"{self.last} is before {self.first}", ""),
            (
                self.unit == "of value" and self.rate >= 1,
                "rate",
                f"{self.rate:g} of value is the whole value or more",
                "write 0.001 for 0.1 %",
            ),
            (
                bool(self.rounding) and self.rounding != "none" and not float(self.rounding.rpartition(" ")[2]),
                "rounding",
                f"{self.rounding!r} is no step",
                "write none, or a step above 0",
            ),
            (self.max < self.min, "max", f"{self.max:g} is less than the minimum {self.min:g}", ""),
            (
                not self.rate and self.min > 0,
                "min",
                f"{self.min:g} with a rate of 0",
                "write a flat fee as 'per trade'",
            ),
        ]
        return [(column, problem, remedy) for wrong, column, problem, remedy in checks if wrong]


_NUMBER = "write a number that is not negative, or leave it empty"
_DAY = "write for example 2025-01-28"
# What may be written in each column, in the words of a person.
_ALLOWED = {
    "item": "write the name of its line in the ledger",
    "venue": "write a market identifier, such as XHKG, US or 24/7; | separates several",
    "class": "write any, stock, etf, crypto or future",
    "side": "write buy, sell or both",
    "rate": "write a number that is not negative: 0.001 for 0.1 %",
    "unit": "write of value, per share or per trade",
    "min": _NUMBER,
    "max": _NUMBER,
    "rounding": "write none, to HKD 0.01, or up to HKD 1; empty is half up to 0.01",
    "basis": "write trade or settle",
    "from": _DAY,
    "to": f"{_DAY}, or leave it empty",
    "confidence": "write high, medium or low",
    "source": "write where it comes from",
}
_COLUMNS = tuple(field.alias or name for name, field in _Cells.model_fields.items())


@cache
def built_in_law() -> tuple[LawRow, ...]:
    """Return the rows of ``schedules/law.csv``, one per venue, in file order."""
    return read_law(text_of("law.csv"), "law.csv")


def read_law(text: str, where: str) -> tuple[LawRow, ...]:
    """Read law rows from CSV text.

    Parameters
    ----------
    text : str
        A file with the columns of ``schedules/law.csv``.
    where : str
        Its name for messages.

    Returns
    -------
    tuple of LawRow
        Alternatives (``XSHG|XSHE``) become rows of their own.

    Raises
    ------
    CostError
        Every faulty cell with its line and column, and rows that contradict each other.
    """
    faults: list[Fault] = []
    rows: list[LawRow] = []
    for line, cells in table(text, _COLUMNS, where):
        try:
            parsed = _Cells.model_validate({column: cell for column, cell in cells.items() if cell})
        except ValidationError as error:
            faults.extend(_faults(line, error))
            continue
        faults.extend(Fault(f"{line} {column}", problem, remedy) for column, problem, remedy in parsed.quarrels())
        rows.extend(parsed.rows())
    faults.extend(Fault(where, problem, "mend one of them") for problem in contradictions(rows))
    if not rows and not faults:
        faults.append(Fault(where, "holds no row", "write at least one, or remove law: from the cost file"))
    if faults:
        raise CostError(faults)
    return tuple(rows)


def _faults(line: str, error: ValidationError) -> list[Fault]:
    faults = []
    for detail in error.errors(include_url=False):
        column = str(detail["loc"][0])
        given = "the cell is empty" if detail["type"] == "missing" else f"{detail['input']!r} is not understood"
        faults.append(Fault(f"{line} {column}", given, _ALLOWED[column]))
    return faults

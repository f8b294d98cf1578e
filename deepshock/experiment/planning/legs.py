"""The legs of a thesis as records: what `plan_member` and `draft` make of them one by one, for all of them at once."""

from __future__ import annotations

import numpy as np

from deepshock.arrays import ORDER, Records
from deepshock.engine.orders import UPTICK, ranks
from deepshock.experiment.planning.names import ROW, TIERS, Line, Names
from deepshock.experiment.planning.roles import Member
from deepshock.plan import CLOSE, OPEN, dated_exit, decided_at, nanoseconds, require_symbols, units_of
from deepshock.thesis import Thesis


def kind_of(thesis: Thesis) -> int:
    """Return the kind of auction that a thesis enters at."""
    return CLOSE if thesis.enter.at == "close" else OPEN


def legs_of(thesis: Thesis, member: Member, names: Names) -> tuple[Records, Records]:
    """Lay out the legs of a thesis without hedge.

    Parameters
    ----------
    thesis : Thesis
    member : Member
        Of which it is a variant.
    names : Names

    Returns
    -------
    leg : ndarray of ORDER
        On the calendars of the venues; instrument is the number of a symbol. What hangs on instants and lags, and
        the fee of a short, is still to come.
    row : ndarray of ROW
        But for the floor.

    Raises
    ------
    PlanError, ThesisError
        See ``plan_member``.
    """
    require_symbols(thesis, names.market)
    decided = decided_at(thesis, member.known(thesis))
    units = units_of(thesis, names.market, decided, [])
    specs, kind = thesis.legs(), kind_of(thesis)
    lines = [names.line(one.symbol, one.side, thesis.borrow.get(one.symbol, "general"), kind) for one in specs]
    row = np.array([(*line.row, 0, 0, 0) for line in lines], ROW)
    row["decided"], row["lag"] = nanoseconds(decided), thesis.enter.lag
    leg = np.zeros(len(specs), ORDER)
    leg["instrument"] = [line.symbol for line in lines]
    leg["unit"] = units
    if not thesis.fractional:
        leg["lot"] = [line.lot for line in lines]
    leg["due_kind"] = kind
    leg["parent"] = leg["child"] = -1
    leg["rank"] = ranks([(one.symbol, thesis.name) for one in specs])
    leg["uptick"] = UPTICK[thesis.uptick]
    leg["withholding"] = thesis.withholding
    leg["unlendable"] = row["tier"] == TIERS.index("none")
    _write_exits(leg, thesis, lines, names)
    return leg, row


def _write_exits(leg: Records, thesis: Thesis, lines: list[Line], names: Names) -> None:
    """Write the dated exits, which hang on nothing but the venue."""
    leg["exit_session"] = -1
    if thesis.exit.before is None and thesis.exit.on is None and thesis.exit.date is None:
        return
    for calendar in {line.calendar for line in lines if line.calendar}:
        found = dated_exit(thesis, names.market.sessions(calendar))
        if found is not None:
            mine = np.array([line.calendar == calendar for line in lines])
            leg["exit_session"][mine], leg["exit_kind"][mine] = found[0].session, found[0].kind

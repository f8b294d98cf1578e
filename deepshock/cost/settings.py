"""The figures of a preset by dotted path, and changing them in the desk's words.

A path names one figure: ``half-spread.hong-kong.bps``. ``half-spread.bps`` sets it in every market. What each path
means, and its value under each preset, stands in ``schedules/presets.csv``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from deepshock.cost.schedules import read
from deepshock.cost.venues import PRESET_VENUES, Venues
from deepshock.errors import Fault, suggest

PRESETS = ("none", "institutional", "retail")
SWITCH = "on or off"
_SWITCHES = {"on": 1.0, "off": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
_MAY_BE_NONE = ("financing.credit-floor", "financing.rebate", "participation")
_EVERYWHERE = "half-spread.bps"  # stands for the half-spread of every market


@dataclass(frozen=True, slots=True)
class Setting:
    """One figure of a cost set.

    Parameters
    ----------
    path : str
        ``commission.us.per-share``.
    value : float or None
        In `unit`; a switch is 1 or 0; None says that there is none (no rebate, no floor).
    unit : str
        ``bps of value``, ``USD a share``, ``a year``, ``of the usual day's volume`` ...
    note : str
        What it is, and whether it is an assumption.

    Examples
    --------
    >>> Setting("participation", 0.02, "of the usual day's volume").said()
    "2 % of the usual day's volume"
    """

    path: str
    value: float | None
    unit: str
    note: str = ""

    def said(self) -> str:
        """Return the value and its unit: ``3 bps of value``, ``off``, ``none``, ``0.50 % a year``, ``2 % of ...``."""
        if self.value is None:
            return "none"
        if self.unit == SWITCH:
            return "on" if self.value else "off"
        if _is_rate(self.unit):
            return f"{self.value * 100:.2f} % {self.unit}"
        return f"{self.value * 100:g} % {self.unit}" if _is_part(self.unit) else f"{self.value:g} {self.unit}"

    def allowed(self) -> str:
        """Return what may be written, for messages."""
        if _is_part(self.unit):
            return "write a part above 0 and up to 1, such as 0.02 or 2%, or none for no cap"
        return f"the unit is {self.unit}"


class Given(NamedTuple):
    """What somebody wrote: where, which path, which value."""

    where: str
    path: str
    value: object


def preset_settings(preset: str, venues: Sequence[Venues] = PRESET_VENUES) -> dict[str, Setting]:
    """Return all figures of a preset by path, in the order of ``presets.csv``.

    Parameters
    ----------
    preset : {"none", "institutional", "retail"}
        Which column.
    venues : sequence of Venues
        Markets; those that no preset knows get figures of zero.
    """
    table = dict(_preset(preset))
    for market in venues:
        if market.name not in {known.name for known in PRESET_VENUES}:
            table.update((setting.path, setting) for setting in _blank(market))
    return table


def override(table: dict[str, Setting], given: Iterable[Given]) -> tuple[dict[str, Setting], list[Fault]]:
    """Change figures by path.

    Parameters
    ----------
    table : dict of str to Setting
        What there is.
    given : iterable of Given
        What to change. A figure for one market beats one for all markets, in whatever order they come.

    Returns
    -------
    dict of str to Setting
        A new table.
    list of Fault
        Everything that was not understood.
    """
    changed, faults = dict(table), []
    by_width = sorted(given, key=lambda one: one.path != _EVERYWHERE)
    for one in by_width:
        paths = _paths(one.path, table)
        if not paths:
            faults.append(_unknown(one, table))
        for path in paths:
            try:
                changed[path] = replace(table[path], value=_value(table[path], one.value))
            except ValueError as error:
                faults.append(Fault(f"{one.where}{one.path}", f"{one.value!r} {error}", table[path].allowed()))
                break
    if not changed["interest"].value:
        faults.extend(
            Fault(f"{one.where}{one.path}", "has no effect while interest is off", "add interest: on")
            for one in by_width
            if one.path.startswith("financing.") and one.path in table
        )
    return changed, faults


def _paths(path: str, table: dict[str, Setting]) -> list[str]:
    if path == _EVERYWHERE:
        return [known for known in table if known.startswith("half-spread.") and known.endswith(".bps")]
    return [path] if path in table else []


def _unknown(one: Given, table: dict[str, Setting]) -> Fault:
    known = [_EVERYWHERE, *table]
    hint = suggest(one.path, known) or f"known are {', '.join(known)}"
    return Fault(f"{one.where}{one.path}", "no such cost setting", hint)


def _value(setting: Setting, given: object) -> float | None:
    """Return what was given as a figure of this setting, or raise ValueError with the rest of a sentence about it."""
    text = str(given).strip().lower()
    if setting.unit == SWITCH:
        text = text.removesuffix(".0")
        if text not in _SWITCHES:
            raise ValueError("is neither on nor off")
        return _SWITCHES[text]
    if text in ("none", "null", "~"):
        if setting.path not in _MAY_BE_NONE:
            raise ValueError("is no number; write 0")
        return None
    may_be_percent = _is_rate(setting.unit) or _is_part(setting.unit)
    number = math.nan if isinstance(given, bool) else _parse(text, percent=may_be_percent)
    _check_range(setting, number)
    if _is_rate(setting.unit) and abs(number) > 1 and not text.endswith("%"):
        readings = f"write {number:g}% if {number:g} % a year is meant, {100 * number:g}% if it is {100 * number:g} %"
        raise ValueError(f"is above 1 without a percent sign; {readings}")
    return number


def _parse(text: str, *, percent: bool) -> float:
    if text.endswith("%") and not percent:
        raise ValueError("is a percentage")
    try:
        return float(text.removesuffix("%")) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError("is no number") from None


def _check_range(setting: Setting, number: float) -> None:
    if not math.isfinite(number):
        raise ValueError("is no finite number")
    if number < 0 and not setting.path.startswith("financing."):
        raise ValueError("is negative")
    if "bps" in setting.unit and number >= 10_000:
        raise ValueError("is the whole value or more")
    if _is_rate(setting.unit) and abs(number) > 10:
        raise ValueError("is more than 1,000 % a year; write 0.05 or 5% for five percent")
    if _is_part(setting.unit) and number == 0:
        raise ValueError("lets nothing fill")
    if _is_part(setting.unit) and number > 1:
        raise ValueError("is more than the whole volume")


def _is_rate(unit: str) -> bool:
    return unit.startswith("a year")


def _is_part(unit: str) -> bool:
    return unit.endswith("volume")


@cache
def _preset(preset: str) -> dict[str, Setting]:
    return {row["path"]: _setting(row, preset) for row in read("presets.csv")}


def _setting(row: dict[str, str], preset: str) -> Setting:
    blank = Setting(row["path"], None, row["unit"], row["note"])
    return replace(blank, value=_value(blank, row[preset]))


def _blank(market: Venues) -> list[Setting]:
    note = "a market of your own"
    return [
        Setting(f"commission.{market.name}.bps", 0.0, "bps of value", note),
        Setting(f"commission.{market.name}.per-share", 0.0, "local currency a share", note),
        Setting(f"commission.{market.name}.minimum", 0.0, "local currency a trade", note),
        Setting(f"half-spread.{market.name}.bps", 0.0, "bps of value", note),
    ]
